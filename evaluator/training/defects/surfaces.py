"""Surfaces that generation gets wrong: texture, print and pixels, each spoilt inside a soft region (see shapes)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.defects.shapes import Mark, field, mixed
from evaluator.types import Plane, Rgb


def repeat(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """One patch is laid again and again over the region, edges blended."""
    height, width = region.shape
    side = max(6, round(max(region.shape) * seed.uniform(0.03, 0.11)))
    y, x = _inside(region, seed)
    top, left = min(max(0, y - side // 2), height - side), min(max(0, x - side // 2), width - side)
    patch = picture[top : top + side, left : left + side]
    if seed.integers(2):  # mirrored tiles have no seams
        patch = np.vstack([np.hstack([patch, patch[:, ::-1]]), np.hstack([patch[::-1], patch[::-1, ::-1]])])
    tiled = np.tile(patch, (height // patch.shape[0] + 2, width // patch.shape[1] + 2, 1))
    dy, dx = -top % patch.shape[0], -left % patch.shape[1]
    sheet = np.ascontiguousarray(tiled[dy : dy + height, dx : dx + width])
    # The tiles take up the light they are laid in.
    low = [cv2.blur(each, (2 * side + 1, 2 * side + 1)).astype(np.float32) for each in (picture, sheet)]
    lit = np.clip(sheet + seed.uniform(0.3, 1) * (low[0] - low[1]), 0, 255).astype(np.uint8)
    return mixed(picture, lit, region * (0.3 + 0.7 * strength))


def smear(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Print is dragged along one direction, over up to 6 % of the longer side, unevenly."""
    reach = max(1.5, max(region.shape) * (0.006 + 0.05 * strength))
    half = int(np.ceil(reach))
    angle = seed.choice([0, np.pi / 2, seed.uniform(0, np.pi)])
    line = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    ends = [(round(half + s * reach * np.cos(angle)), round(half + s * reach * np.sin(angle))) for s in (-1, 1)]
    cv2.line(line, ends[0], ends[1], 1.0)
    dragged = np.asarray(cv2.filter2D(picture, -1, line / line.sum(), borderType=cv2.BORDER_REFLECT), np.uint8)
    uneven = np.clip(0.75 + 0.4 * field(region.shape, 2.0 * reach, seed), 0, 1)
    return mixed(picture, dragged, np.asarray(region * uneven, np.float32))


def scramble(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Letters change places: small cells shift, flip and swap with a neighbour."""
    height, width = region.shape
    side = max(4, round(max(region.shape) * seed.uniform(0.012, 0.035)))
    tall = max(4, round(side * seed.uniform(0.8, 1.8)))
    out = picture.copy()
    rows, columns = np.arange(0, height - 2 * tall, tall), np.arange(0, width - 2 * side, side)
    for y in rows:
        for x in columns:
            if region[y + tall // 2, x + side // 2] < 0.3 or seed.random() > 0.25 + 0.7 * strength:
                continue
            oy = int(np.clip(y + seed.integers(-tall // 3, tall // 3 + 1), 0, height - tall))
            ox = int(np.clip(x + seed.integers(-1, 2) * side + seed.integers(-2, 3), 0, width - side))
            cell = picture[oy : oy + tall, ox : ox + side]
            turn = seed.integers(3)
            out[y : y + tall, x : x + side] = cell[:, ::-1] if turn == 0 else cell[::-1] if turn == 1 else cell
    soft = cv2.GaussianBlur(out, (0, 0), seed.uniform(0.4, 0.9))
    return mixed(picture, np.asarray(soft, np.uint8), region)


def scribble(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Letters that are none: rows of random strokes in an ink of the region over its own ground."""
    height, width = region.shape
    solid = region > 0.5
    pixels = picture[solid] if solid.any() else picture.reshape(-1, 3)
    order = np.argsort(pixels.sum(axis=1, dtype=np.int32))
    ground = pixels[order[len(order) // 2]].astype(np.float64)
    ink = pixels[order[int(len(order) * (0.02 if seed.integers(2) else 0.98))]].astype(np.float64)
    if np.abs(ink - ground).sum() < 90:
        ink = ground * 0.35 if ground.mean() > 110 else 255 - (255 - ground) * 0.35
    size = max(5, round(max(region.shape) * seed.uniform(0.015, 0.05)))
    cover = np.zeros((height, width), np.uint8)
    thick = max(1, round(size * seed.uniform(0.08, 0.2)))
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        return picture.copy()
    for y in range(rows[0], rows[-1] + 1, round(size * 1.5)):
        x = float(columns[0])
        while x < columns[-1]:
            wide = size * seed.uniform(0.4, 0.9)
            for _ in range(int(seed.integers(1, 4)) if seed.random() < 0.85 else 0):
                points = np.column_stack([x + seed.uniform(0, wide, 3), y + seed.uniform(0, size, 3)])
                cv2.polylines(cover, [np.round(points * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
            x += wide + size * 0.15
    soft = cv2.GaussianBlur(cover, (0, 0), seed.uniform(0.4, 1.0)).astype(np.float64)[..., None] / 255
    opacity = 0.2 + 0.8 * strength
    worn = cv2.blur(picture, (size | 1, size | 1)) if seed.integers(2) else picture
    other = np.clip(worn * (1 - opacity * soft) + ink * opacity * soft, 0, 255).astype(np.uint8)
    return mixed(picture, other, region)


def collapse(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Texture is gone and another grain is in its place."""
    if seed.integers(2):
        flat = cv2.GaussianBlur(picture, (0, 0), 0.6 + max(region.shape) * 0.012 * strength)
    else:
        flat = cv2.medianBlur(picture, 2 * round(1 + 5 * strength) + 1)
    grain = field(region.shape, seed.uniform(1.0, 3.0), seed)[..., None] * seed.uniform(0, 6)
    return mixed(picture, np.clip(flat + grain, 0, 255).astype(np.uint8), region)


def daub(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Detail turns to brush strokes: medians in turn with sharpening, as of a picture denoised too far."""
    other = picture
    width = 3 if strength < 0.4 else 5
    for _ in range(1 + round(2 * strength)):
        other = cv2.medianBlur(other, width)
        soft = cv2.GaussianBlur(other, (0, 0), seed.uniform(1.0, 2.5))
        other = cv2.addWeighted(other, 1.6 + strength, soft, -0.6 - strength, 0)
    return mixed(picture, np.asarray(other, np.uint8), region)


def grid(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """The checkerboard of a deconvolution: a pattern of 2–8 pixels on what has detail, or on all."""
    height, width = region.shape
    period = int(seed.choice([2, 2, 3, 4, 4, 8]))
    cell = seed.normal(0, 1, (period, period, 1 if seed.integers(2) else 3))
    cell = (cell - cell.mean(axis=(0, 1))) / max(cell.std(), 1e-6)
    sheet = np.tile(cell, (height // period + 1, width // period + 1, 1))[:height, :width]
    uneven = np.clip(0.6 + 0.5 * field(region.shape, max(region.shape) * 0.1, seed), 0, 1.5)
    if seed.integers(2):
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        detail = cv2.blur(np.abs(grey - cv2.blur(grey, (5, 5))), (7, 7))
        uneven = uneven * np.clip(detail / 6, 0, 1.5)
    gain = (2.0 + 24 * strength) * uneven[..., None] * sheet
    return mixed(picture, np.clip(picture + gain, 0, 255).astype(np.uint8), region)


def vocabulary(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Made of few patches, as a picture decoded from codes: each keeps its mean and takes the nearest of 8–200."""
    side = int(seed.choice([4, 6, 8, 8, 12]))
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if not len(rows):
        return picture.copy()
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    codes = round(200 * (8 / 200) ** strength)
    part = picture[window].astype(np.float32)
    # Two grids, half a patch apart, hide most of the seams.
    halves = [_coded(part, side, shift, codes, seed) for shift in (0, side // 2)]
    out = picture.copy()
    out[window] = np.clip((halves[0] + halves[1]) / 2, 0, 255).astype(np.uint8)
    return mixed(picture, out, region)


def bleed(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Colours leave their shapes: hue is blurred, shifted and richer while the light stays."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    reach = max(region.shape) * (0.008 + 0.05 * strength)
    hue = cv2.GaussianBlur(lab[..., 1:], (0, 0), reach).astype(np.float32)
    move = np.array([[1, 0, seed.uniform(-1, 1) * reach], [0, 1, seed.uniform(-1, 1) * reach]])
    hue = cv2.warpAffine(hue, move, (lab.shape[1], lab.shape[0]), borderMode=cv2.BORDER_REFLECT)
    rich = 128 + (hue - 128) * (1 + strength * seed.uniform(0, 0.8))
    spread = np.dstack([lab[..., :1], np.clip(rich, 0, 255).astype(np.uint8)])
    return mixed(picture, np.asarray(cv2.cvtColor(spread, cv2.COLOR_LAB2RGB), np.uint8), region)


def crunch(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Over-sharpened at two scales, local contrast torn open."""
    fine = cv2.GaussianBlur(picture, (0, 0), seed.uniform(0.7, 1.3)).astype(np.float32)
    wide = cv2.GaussianBlur(picture, (0, 0), seed.uniform(3, 8)).astype(np.float32)
    gain = (0.5 + 3.5 * strength) * (picture - fine) + 0.9 * strength * (picture - wide)
    return mixed(picture, np.clip(picture + gain, 0, 255).astype(np.uint8), region)


def ghost(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """The picture lies over itself, faint and shifted by up to 5 % of the longer side."""
    reach, turn = max(region.shape) * seed.uniform(0.01, 0.05), seed.uniform(0, 2 * np.pi)
    move = np.array([[1, 0, reach * np.cos(turn)], [0, 1, reach * np.sin(turn)]])
    size = (picture.shape[1], picture.shape[0])
    other = np.asarray(cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REFLECT), np.uint8)
    return mixed(picture, other, region * (0.12 + 0.45 * strength))


PRINT: dict[str, Mark] = {"smear": smear, "scramble": scramble, "scribble": scribble}
"""Marks of print that cannot be read; for places with print."""
SURFACES: dict[str, Mark] = {
    "repeat": repeat,
    "collapse": collapse,
    "daub": daub,
    "grid": grid,
    "vocabulary": vocabulary,
    "bleed": bleed,
    "crunch": crunch,
    "ghost": ghost,
    **PRINT,
}
"""Marks of a surface that is no longer believable."""


def _inside(region: Plane, seed: np.random.Generator) -> tuple[int, int]:
    rows, columns = np.nonzero(region > 0.5 * region.max())
    at = int(seed.integers(len(rows)))
    return int(rows[at]), int(columns[at])


def _coded(
    part: npt.NDArray[np.float32], side: int, shift: int, codes: int, seed: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return a part with each patch of a shifted grid replaced by the nearest of some patches of the same part."""
    height, width = part.shape[:2]
    below, beside = -(height + shift) % side, -(width + shift) % side
    padded = cv2.copyMakeBorder(part, shift, below, shift, beside, cv2.BORDER_REFLECT)
    down, across = padded.shape[0] // side, padded.shape[1] // side
    patches = padded.reshape(down, side, across, side, 3).swapaxes(1, 2).reshape(down * across, -1, 3)
    means = patches.mean(axis=1, keepdims=True)
    rest = (patches - means).reshape(len(patches), -1)
    book = rest[seed.integers(len(rest), size=codes)]
    distances = (book**2).sum(axis=1)[None] - 2 * rest @ book.T
    chosen = book[distances.argmin(axis=1)].reshape(patches.shape) + means
    joined = chosen.reshape(down, across, side, side, 3).swapaxes(1, 2).reshape(padded.shape)
    return np.asarray(joined[shift : shift + height, shift : shift + width], np.float32)
