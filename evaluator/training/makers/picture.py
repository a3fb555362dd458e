"""What makers share: choosing a source, bringing it to a web picture's size, and the wear that any picture may show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.sources import Source, listing
from evaluator.types import Plane, Rgb

MIRRORED = ("studio_products", "people", "rated_photos", "stock")
"""Sets that show next to no print and may be mirrored."""
FAINT, LEAK = 14, 0.12
"""Levels below white, and the share of a subject's rim, from which its outline is in doubt."""
MIDDLE = 0.8
"""Share of a picture's sides that its subject is taken to fill where nothing tells its outline."""
One = TypeVar("One")

SKIN_AND_HAIR = (19, 41)
"""Labels of the people's maps that are not clothes."""


def generator(family: str, held: bool, number: int, seed: int) -> np.random.Generator:
    """Return the randomness of a family's sample; the same for the same arguments."""
    return np.random.default_rng([crc32(family.encode()), int(held), number, seed])


@cache
def sources(set: str, folder: Path, held: bool) -> tuple[Source, ...]:
    """Return a set's sources of one side of the split; none where the set's folder is not there."""
    try:
        return tuple(listing(set, folder, kept=held))
    except FileNotFoundError:
        return ()


def chosen(shares: dict[str, float], data: Path, scenes: Path, held: bool, seed: np.random.Generator) -> Source | None:
    """Return a source: its set drawn by the shares (of those sets that have any), then any of the set."""
    found = {set: sources(set, scenes if set == "scenes" else data, held) for set in shares}
    return drawn(shares, found, seed)


def drawn(shares: Mapping[str, float], pools: Mapping[str, Sequence[One]], seed: np.random.Generator) -> One | None:
    """Return one of the pools' members: its pool drawn by the shares, then any of it; None where all are empty."""
    names = [set for set in shares if pools[set]]
    if not names:
        return None
    weights = np.array([shares[set] for set in names])
    pool = pools[names[int(seed.choice(len(names), p=weights / weights.sum()))]]
    return pool[int(seed.integers(len(pool)))]


@lru_cache(maxsize=16)
def opened(source: Source) -> tuple[Rgb, Plane | None]:
    """Return a source's picture (RGB) and, where its set tells, the subject's mask (0–1) at the same size.

    Both are kept for the next samples of the same source and must not be written to.
    """
    picture = read(source.path)
    return picture, mask_of(source, picture)


def read(file: Path) -> Rgb:
    """Return a file's picture as it is stored: RGB, not turned."""
    return np.ascontiguousarray(np.asarray(cv2.imread(str(file), cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def mask_of(source: Source, picture: Rgb) -> Plane | None:
    """Return the subject's mask as its set tells it: from the white backdrop, the labels, or the render."""
    if source.set in ("studio_products", "packshots"):
        return white_matte(picture)
    if source.set == "people" and source.label:
        labels = np.asarray(cv2.imread(str(source.label), cv2.IMREAD_UNCHANGED), np.uint8)
        return _plane(labels > 0, picture)
    if source.set == "scenes":
        name = source.path.name.replace("-picture.webp", "-mask.png")
        mask = cv2.imread(str(source.path.with_name(name)), cv2.IMREAD_GRAYSCALE)
        return None if mask is None else _plane(mask.astype(np.float32) / 255, picture)
    return None


def clothes_of(source: Source, picture: Rgb) -> Plane | None:
    """Return where a person of the `people` set is dressed (0–1): neither skin nor hair."""
    labels = cv2.imread(str(source.label), cv2.IMREAD_UNCHANGED)
    return None if labels is None else _plane((labels > 0) & ~np.isin(labels, SKIN_AND_HAIR), picture)


def white_matte(picture: Rgb) -> Plane | None:
    """Return the subject's soft matte (H×W, 0–1) on a white backdrop; None where the backdrop is not white.

    The backdrop is what hangs together with the frame and is white up to soft grey shadows; holes that are as
    purely white, such as between arm and body, belong to it. The edge runs over the last levels before white.
    """
    depth = 255 - picture.min(axis=2).astype(np.float32)
    near = (depth < 10).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outer = np.zeros(count, bool)
    outer[np.unique(frame[frame > 0])] = True
    areas = stats[:, cv2.CC_STAT_AREA]
    for hole in np.flatnonzero(~outer & (areas > 4e-4 * near.size) & (areas < 0.16 * near.size)):
        x, y, w, h = stats[hole, :4]
        inside = labels[y : y + h, x : x + w] == hole
        # A large hole must be whiter: it could be a white shirt.
        level = 2 if areas[hole] < 0.06 * near.size else 0
        outer[hole] = hole > 0 and float(np.median(depth[y : y + h, x : x + w][inside])) <= level
    backdrop = outer[labels] & (near > 0)
    if backdrop.mean() < 0.05:
        return None
    solid = cv2.morphologyEx((~backdrop).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    large = stats[:, cv2.CC_STAT_AREA] > 8e-4 * near.size
    large[0] = False
    solid = large[labels].astype(np.uint8)
    if not solid.any() or _leaks(solid, depth):
        return None
    inner = cv2.erode(solid, np.ones((3, 3), np.uint8)).astype(np.float32)
    edge = np.clip((depth - 4) / 40, 0, 1) * solid
    return np.asarray(cv2.GaussianBlur(np.maximum(inner, edge), (0, 0), 0.6), np.float32)


def _leaks(solid: npt.NDArray[np.uint8], depth: Plane) -> bool:
    """Return whether much of the subject's rim is all but white, so that the white may have eaten into it."""
    rim = (solid > 0) & (cv2.erode(solid, np.ones((9, 9), np.uint8)) == 0)
    return float((depth[rim] < FAINT).mean()) > LEAK


def framed(
    picture: Rgb, mask: Plane | None, sides: tuple[int, int], least: float, mirror: bool, seed: np.random.Generator
) -> tuple[Rgb, Plane | None]:
    """Return a random cut of at least `least` of each side, its longer side within `sides` pixels.

    With `mirror` every other cut is turned left to right, which print would not survive. Nothing is enlarged by
    more than a third: a small source stays below the range that was asked for.
    """
    height, width = picture.shape[:2]
    share = seed.uniform(least, 1.0, 2)
    rows, columns = max(16, round(height * share[0])), max(16, round(width * share[1]))
    top, left = int(seed.integers(height - rows + 1)), int(seed.integers(width - columns + 1))
    window = np.s_[top : top + rows, left : left + columns]
    longer = min(int(seed.integers(sides[0], sides[1] + 1)), round(1.34 * max(rows, columns)))
    scale = longer / max(rows, columns)
    size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
    turned = -1 if seed.integers(2) and mirror else 1
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cut = np.asarray(cv2.resize(np.ascontiguousarray(picture[window]), size, interpolation=how), np.uint8)
    small = None
    if mask is not None:
        plane = cv2.resize(np.ascontiguousarray(mask[window]), size, interpolation=cv2.INTER_AREA)
        small = np.ascontiguousarray(np.clip(plane, 0, 1)[:, ::turned], np.float32)
    return np.ascontiguousarray(cut[:, ::turned]), small


def whole(
    shares: dict[str, float], data: Path, scenes: Path, held: bool, sides: tuple[int, int], seed: np.random.Generator
) -> tuple[Source, Rgb, Plane] | None:
    """Return a source, its whole picture within `sides` pixels and the subject's mask; None where no mask is told.

    The outlines of clothes and containers photographed at home are not told: they are taken to fill the middle.
    """
    source = chosen(shares, data, scenes, held, seed)
    if source is None:
        return None
    picture, mask = opened(source)
    if mask is None and source.kind in ("clothing", "containers"):
        mask = _middle(picture)
    picture, mask = framed(picture, mask, sides, 1.0, source.set in MIRRORED, seed)
    return None if mask is None else (source, picture, mask)


def _middle(picture: Rgb) -> Plane:
    height, width = picture.shape[:2]
    top, left = (round((1 - MIDDLE) / 2 * side) for side in (height, width))
    mask = np.zeros((height, width), np.float32)
    mask[top : height - top, left : width - left] = 1
    return mask


def worn(picture: Rgb, seed: np.random.Generator) -> tuple[Rgb, float]:
    """Return a picture as it may come from the web, and how far that wore it (0–1).

    Perhaps a little scaled down and up, softened, grainy, toned; then JPEG 70–98. Its size and content stay.
    """
    height, width = picture.shape[:2]
    wear = 0.0
    if seed.random() < 0.2:
        factor = seed.uniform(0.7, 0.95)
        small = cv2.resize(picture, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        wear += 0.3 * (1 - factor)
    if seed.random() < 0.25:
        sigma = seed.uniform(0.3, 0.8)
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
        wear += 0.1 * sigma
    if seed.random() < 0.3:
        tone = np.arange(256) / 255
        curve = seed.uniform(0.93, 1.05) * tone[:, None] ** seed.uniform(0.88, 1.14) * seed.uniform(0.97, 1.03, (1, 3))
        table = np.clip(255 * curve, 0, 255).astype(np.uint8)[:, None]
        picture = np.asarray(cv2.LUT(picture, table), np.uint8)
    if seed.random() < 0.3:
        sigma = seed.uniform(0.5, 3.5)
        grain = seed.standard_normal(picture.shape, np.float32) * np.float32(sigma)
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
        wear += 0.05 * sigma
    quality = int(seed.integers(70, 99))
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    picture = np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
    return picture, min(1.0, wear + (98 - quality) / 140)


def _plane(flags: npt.NDArray[np.bool_] | Plane, picture: Rgb) -> Plane:
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.resize(flags.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
