"""Shapes that generation gets wrong: each bends, doubles or loses part of a picture inside a soft region.

A mark takes a picture, a region (H×W, 0–1), a strength (0–1) and a seed, and gives the picture spoilt in the region.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from evaluator.types import Plane, Rgb

Mark = Callable[[Rgb, Plane, float, np.random.Generator], Rgb]


def field(shape: tuple[int, int], grain: float, seed: np.random.Generator) -> Plane:
    """Return a smooth random field of about unit spread, whose hills are about `grain` pixels wide."""
    rows, columns = (max(2, round(side / grain) + 2) for side in shape)
    small = seed.standard_normal((rows, columns), np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def mixed(picture: Rgb, other: Rgb, region: Plane) -> Rgb:
    """Return the other picture inside the region, the picture outside."""
    cover = region[..., None]
    return np.asarray(np.round(picture * (1 - cover) + other * cover), np.uint8)


def melt(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Displaced by random smooth fields of one to three scales, up to 5 % of the longer side."""
    shape = region.shape
    side = max(shape)
    dx, dy = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for _ in range(int(seed.integers(1, 4))):
        grain = side * np.exp(seed.uniform(np.log(0.015), np.log(0.2)))
        reach = min(0.05 * side, 0.45 * grain) * (0.15 + 0.85 * strength)
        dx += reach * field(shape, grain, seed)
        dy += reach * field(shape, grain, seed)
    return _moved(picture, dx * region, dy * region)


def sag(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Runs down like wax: columns slide by up to 10 % of the longer side, unevenly."""
    shape = region.shape
    side = max(shape)
    columns = field((1, shape[1]), side * seed.uniform(0.02, 0.08), seed)[0]
    reach = side * (0.01 + 0.09 * strength) * np.clip(columns + 0.3, 0, 2) / 1.3
    return _moved(picture, 0 * region, -reach[None] * region)


def twirl(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Turned about the region's middle, by up to 120° there and less outwards."""
    across, down = _offsets(region)
    angle = np.radians(120) * (0.1 + 0.9 * strength) * (1 if seed.integers(2) else -1) * region**2
    turned_x = across * np.cos(angle) - down * np.sin(angle)
    turned_y = across * np.sin(angle) + down * np.cos(angle)
    return _moved(picture, turned_x - across, turned_y - down)


def swell(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Bulges or shrinks about the region's middle, so that one side no longer answers the other."""
    across, down = _offsets(region)
    factor = (0.12 + 0.55 * strength) * (1 if seed.integers(2) else -1) * region
    uneven = seed.uniform(0.2, 1.0, 2)
    return _moved(picture, -factor * across * uneven[0], -factor * down * uneven[1])


def wobble(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Straight edges waver: waves of 2–10 % of the longer side, up to 1.6 % of it high, in a random direction."""
    shape = region.shape
    side = max(shape)
    down, across = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn = seed.uniform(0, np.pi)
    along = across * np.cos(turn) + down * np.sin(turn)
    wave = np.sin(2 * np.pi * along / (side * seed.uniform(0.02, 0.1)) + 1.5 * field(shape, 0.15 * side, seed))
    reach = side * (0.002 + 0.014 * strength) * wave * region
    return _moved(picture, -reach * np.sin(turn), reach * np.cos(turn))


def double(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """A part of the picture appears once more beside itself, perhaps mirrored or turned, its edge blended."""
    reach = np.sqrt(region.sum()) * seed.uniform(0.5, 1.3)
    turn = seed.uniform(0, 2 * np.pi)
    x, y = _middle(region)
    matrix = cv2.getRotationMatrix2D((x, y), seed.uniform(-25, 25), seed.uniform(0.8, 1.2))
    matrix[:, 2] += reach * np.array([np.cos(turn), np.sin(turn)])
    if seed.integers(2):
        matrix = matrix @ np.array([[-1, 0, 2 * x], [0, 1, 0], [0, 0, 1]])
    size = (picture.shape[1], picture.shape[0])
    other = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return mixed(picture, np.asarray(other, np.uint8), region * min(1.0, 0.35 + strength))


def lose(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Part is gone: what lies around the region closes over it."""
    scale = min(1.0, 160 / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(region, (small.shape[1], small.shape[0])) > 0.25
    filled = cv2.inpaint(small, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    size = (picture.shape[1], picture.shape[0])
    other = np.asarray(cv2.resize(filled, size, interpolation=cv2.INTER_CUBIC), np.float32)
    grained = np.clip(other + seed.normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)
    return mixed(picture, grained, np.clip(1.6 * region, 0, 1) * min(1.0, 0.3 + strength))


def dissolve(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """What has an edge loses it: pixels scatter to their neighbours, and the surroundings seep in."""
    shape = region.shape
    reach = max(shape) * (0.004 + 0.03 * strength)
    grain = seed.uniform(1.0, 4.0)
    scattered = _moved(picture, reach * field(shape, grain, seed) * region, reach * field(shape, grain, seed) * region)
    seeped = np.asarray(cv2.blur(picture, (int(2 * reach) | 1, int(2 * reach) | 1)), np.uint8)
    holes = np.clip(field(shape, 4 * grain, seed) + 0.2, 0, 1) * strength
    return mixed(scattered, seeped, np.asarray(holes * region, np.float32))


SHAPES: dict[str, Mark] = {
    "melt": melt,
    "sag": sag,
    "twirl": twirl,
    "swell": swell,
    "wobble": wobble,
    "double": double,
    "lose": lose,
    "dissolve": dissolve,
}
"""Marks of a shape that is no longer believable."""


def _moved(picture: Rgb, dx: Plane, dy: Plane) -> Rgb:
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    return np.asarray(
        cv2.remap(
            picture,
            np.asarray(across + dx, np.float32),
            np.asarray(down + dy, np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        ),
        np.uint8,
    )


def _middle(region: Plane) -> tuple[float, float]:
    whole = max(float(region.sum()), 1e-6)
    x = float((region.sum(axis=0) * np.arange(region.shape[1])).sum()) / whole
    y = float((region.sum(axis=1) * np.arange(region.shape[0])).sum()) / whole
    return x, y


def _offsets(region: Plane) -> tuple[Plane, Plane]:
    x, y = _middle(region)
    down, across = np.mgrid[: region.shape[0], : region.shape[1]].astype(np.float32)
    return np.asarray(across - x, np.float32), np.asarray(down - y, np.float32)
