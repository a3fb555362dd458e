"""Geometry shared by the makers: moving, bending, covering and filling parts of a picture without a seam.

Layers are a picture with its subject's mask as a fourth channel (H×W×4 uint8), so that whatever moves a pixel moves its
mask with it. A cover is a plane of 0–1 at the same size. Points are (x, y) in pixels, angles radians.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.types import Plane

Layers = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


def capsule(shape: tuple[int, ...], points: Points, radius: float, edge: float = 1.0) -> Plane:
    """Return the cover of a line through points, or a disc about one, `radius` to each side; its edge σ is `edge`."""
    drawn = np.zeros(shape[:2], np.uint8)
    points = points if len(points) > 1 else np.vstack([points, points + 0.1])
    line = [np.round(points * 8).astype(np.int32)]
    cv2.polylines(drawn, line, False, 255, max(1, round(2 * radius)), cv2.LINE_AA, 3)
    return soften(np.asarray(drawn, np.float32) / np.float32(255), edge)


def area(shape: tuple[int, ...], points: Points, edge: float = 1.0) -> Plane:
    """Return the cover of the convex hull of points, its edge softened by σ = `edge`."""
    drawn = np.zeros(shape[:2], np.uint8)
    hull = cv2.convexHull(np.asarray(points, np.float32))
    cv2.fillConvexPoly(drawn, np.round(hull * 8).astype(np.int32), 255, cv2.LINE_AA, 3)
    return soften(np.asarray(drawn, np.float32) / np.float32(255), edge)


def soften(cover: Plane, edge: float) -> Plane:
    """Return a cover blurred by a Gaussian of σ `edge` pixels."""
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), edge), np.float32) if edge > 0.2 else cover


def lay(base: Layers, top: npt.NDArray[np.generic], cover: Plane) -> Layers:
    """Return `top` (0–255) laid over `base` by a cover."""
    alpha = cover[..., None]
    return np.asarray(np.round(base * (1 - alpha) + np.asarray(top, np.float32) * alpha).clip(0, 255), np.uint8)


def bend(layers: Layers, dx: Plane, dy: Plane) -> Layers:
    """Return layers in which each pixel is fetched from (x + dx, y + dy), held within the picture."""
    height, width = layers.shape[:2]
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    # The nearer the edge, the less may move towards it: nothing mirrored or smeared comes in from beyond.
    across = x + np.clip(dx, -0.9 * x, 0.9 * (width - 1 - x))
    down = y + np.clip(dy, -0.9 * y, 0.9 * (height - 1 - y))
    fetched = cv2.remap(layers, across.astype(np.float32), down.astype(np.float32), cv2.INTER_CUBIC)
    return np.asarray(fetched, np.uint8)


def away(shape: tuple[int, ...], centre: npt.ArrayLike) -> tuple[Plane, Plane]:
    """Return every pixel's distance from a centre along x and along y, as two planes."""
    x, y = np.asarray(centre, np.float32)
    across = np.arange(shape[1], dtype=np.float32)[None, :] - x
    down = np.arange(shape[0], dtype=np.float32)[:, None] - y
    return np.broadcast_to(across, shape[:2]), np.broadcast_to(down, shape[:2])


def fade(ratio: Plane) -> Plane:
    """Return 1 where a ratio is 0, falling smoothly to 0 where it is 1 and beyond."""
    inside = np.clip(1 - np.abs(ratio), 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)


def swell(
    layers: Layers,
    centre: npt.ArrayLike,
    radius: npt.ArrayLike,
    factor: float = 1.0,
    angle: float = 0.0,
    shift: npt.ArrayLike = (0.0, 0.0),
) -> Layers:
    """Return layers whose ellipse about a centre is scaled, turned and shifted, fading out at `radius` (x, y).

    The shift is kept below what would fold the picture over itself.
    """
    dx, dy = away(layers.shape, centre)
    rx, ry = np.broadcast_to(np.asarray(radius, np.float64), 2)
    distance = np.sqrt((dx / rx) ** 2 + (dy / ry) ** 2).astype(np.float32)
    # Flat in the middle, so that the part itself keeps its shape and only its surroundings give way.
    weight = fade(np.clip((distance - 0.35) / 0.65, 0, 1))
    moved = np.asarray(shift, np.float64)
    moved = moved * min(1.0, 0.42 * min(rx, ry) / max(1e-6, float(np.hypot(*moved))))
    cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
    x, y = dx - np.float32(moved[0]), dy - np.float32(moved[1])
    back_x, back_y = cos * x + sin * y, -sin * x + cos * y
    return bend(layers, weight * (back_x - dx), weight * (back_y - dy))


def stretch(layers: Layers, base: Points, tip: Points, factor: float, width: float, beyond: float = 0.7) -> Layers:
    """Return layers in which the bone from base to tip is `factor` as long; what follows makes way.

    The change fades out `width` pixels to the sides, and `beyond` bone lengths after the tip.
    """
    bone = tip - base
    length = max(1.0, float(np.hypot(*bone)))
    ux, uy = bone / length
    dx, dy = away(layers.shape, base)
    along, side = (dx * ux + dy * uy) / length, (dy * ux - dx * uy) / width
    end = max(1.0, factor) + beyond
    source = np.interp(along, [0, factor, end], [0, 1, end]).astype(np.float32)
    outside = (along < 0) | (along > end)
    weight = np.where(outside, 0, fade(np.clip((np.abs(side) - 0.5) / 0.5, 0, 1)))
    amount = ((source - along) * length * weight).astype(np.float32)
    return bend(layers, amount * np.float32(ux), amount * np.float32(uy))


def ripple(shape: tuple[int, ...], cell: float, rng: np.random.Generator) -> Plane:
    """Return smooth noise of about unit spread whose bumps are `cell` pixels wide."""
    rows, columns = (max(2, round(side / max(cell, 1)) + 2) for side in shape[:2])
    coarse = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def melt(layers: Layers, cover: Plane, amount: float, cell: float, rng: np.random.Generator) -> Layers:
    """Return layers pushed about at random by some `amount` pixels within a cover."""
    dx, dy = (amount * cover * ripple(layers.shape, cell, rng) for _ in range(2))
    return bend(layers, dx, dy)


def copied(
    layers: Layers,
    cover: Plane,
    centre: npt.ArrayLike,
    angle: float = 0.0,
    scale: float = 1.0,
    shift: npt.ArrayLike = (0.0, 0.0),
    mirror: npt.ArrayLike | None = None,
) -> tuple[Layers, Plane]:
    """Return layers and cover turned and scaled about a centre, then shifted; `mirror` is the axis to mirror on."""
    x, y = np.asarray(centre, np.float64)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    if mirror is not None:
        axis = np.asarray(mirror, np.float64) / max(1e-6, float(np.hypot(*np.asarray(mirror))))
        turn = turn @ (2 * np.outer(axis, axis) - np.eye(2))
    offset = np.array([x, y]) + np.asarray(shift) - turn @ np.array([x, y])
    matrix = np.column_stack([turn, offset])
    size = (layers.shape[1], layers.shape[0])
    placed = cv2.warpAffine(layers, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    laid = cv2.warpAffine(np.ascontiguousarray(cover), matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(placed, np.uint8), np.asarray(laid, np.float32)


def fill(layers: Layers, hole: Plane, rng: np.random.Generator, avoid: Plane | None = None) -> Layers:
    """Return layers with a hole filled from its surroundings (push and pull over a pyramid), with their texture.

    Pixels that `avoid` covers lend no colour, so that a removed finger gives way to what lies behind the hand.
    """
    rows, columns = np.flatnonzero(hole.max(1) > 0.02), np.flatnonzero(hole.max(0) > 0.02)
    if not len(rows) or not len(columns):
        return layers
    margin = 8 + max(np.ptp(rows), np.ptp(columns)) // 2
    part = np.s_[max(0, rows[0] - margin) : rows[-1] + margin, max(0, columns[0] - margin) : columns[-1] + margin]
    inside, cover = layers[part].astype(np.float32), hole[part]
    known = (cover < 0.05).astype(np.float32)
    if avoid is not None and float((known * (avoid[part] < 0.1)).mean()) > 0.08:
        known *= avoid[part] < 0.1
    smooth = _pulled(inside * known[..., None], known)
    smooth[..., :3] += _grain(inside[..., :3], known, cover, rng)
    filled = layers.copy()
    filled[part] = lay(layers[part], smooth, cover)
    return filled


def _grain(
    inside: npt.NDArray[np.float32], known: Plane, cover: Plane, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return fine texture for a hole, taken from beside it where there is enough that is known, else noise."""
    fine = (inside - cv2.GaussianBlur(inside, (0, 0), 3.0)) * known[..., None]
    height, width = known.shape
    turns = rng.uniform(0, 2 * np.pi) + np.arange(6) * np.pi / 3
    reach = 0.3 * min(height, width)
    shifts = [(int(reach * np.sin(turn)), int(reach * np.cos(turn))) for turn in turns]
    lent = [float((np.roll(known, shift, (0, 1)) * cover).sum()) for shift in shifts]
    if max(lent) > 0.6 * float(cover.sum()):
        return np.asarray(np.roll(fine, shifts[int(np.argmax(lent))], (0, 1)), np.float32)
    spread = min(6.0, 1.2 * float(np.median(np.abs(fine[known > 0])))) if known.any() else 0.0
    return np.asarray(spread * rng.standard_normal((height, width, 1)), np.float32)


def _pulled(weighted: npt.NDArray[np.float32], known: Plane) -> npt.NDArray[np.float32]:
    height, width = known.shape
    if min(height, width) < 4:
        mean = weighted.sum((0, 1)) / max(1e-6, float(known.sum()))
        return np.broadcast_to(mean, weighted.shape).astype(np.float32)
    own = weighted / np.maximum(known, 1e-6)[..., None]
    if known.min() > 0.5:
        return np.asarray(own, np.float32)
    coarse = _pulled(np.asarray(cv2.pyrDown(weighted)), np.asarray(cv2.pyrDown(known)))
    lower = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    # What lies nearest counts most: a cell that is known in part needs little from the coarser ones.
    trust = np.clip(4 * known, 0, 1)[..., None]
    for _ in range(3):
        lower = cv2.GaussianBlur(own * trust + lower * (1 - trust), (5, 5), 0)
    return np.asarray(own * trust + lower * (1 - trust), np.float32)


def scramble(layers: Layers, cover: Plane, size: float, count: int, rng: np.random.Generator) -> Layers:
    """Return layers in which `count` soft discs of a cover, `size` pixels in radius, have changed places."""
    rows, columns = np.nonzero(cover > 0.6)
    if len(rows) < 2:
        return layers
    spots = np.column_stack([columns, rows]).astype(np.float64)[rng.integers(0, len(rows), (count, 2))]
    result = layers
    for source, target in spots:
        disc = capsule(layers.shape, np.array([source, source + 0.1]), size * rng.uniform(0.6, 1.3), size * 0.22)
        placed, laid = copied(layers, disc, source, rng.normal(0, 0.7), rng.uniform(0.8, 1.25), target - source)
        result = lay(result, placed, laid * np.clip(cover * 1.5, 0, 1))
    return result


def altered(before: Layers, after: Layers, part: float) -> Plane:
    """Return where a picture was altered (0–1): plain differences, closed over gaps of a sixth of `part` pixels."""
    change = difference(before, after)
    marked = (np.asarray(cv2.GaussianBlur(change, (0, 0), 1.0)) > 0.035).astype(np.uint8)
    reach = int(np.clip(part / 6, 3, 25)) | 1
    closed = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return soften(np.asarray(opened, np.float32), 0.8)


def difference(before: Layers, after: Layers) -> Plane:
    """Return the greatest difference of the three colours at each pixel, 0–1."""
    return np.asarray(cv2.absdiff(before, after)[..., :3].max(axis=2), np.float32) / np.float32(255)


def joined(covers: Sequence[Plane]) -> Plane:
    """Return the union of covers."""
    return np.asarray(np.maximum.reduce(list(covers)), np.float32)
