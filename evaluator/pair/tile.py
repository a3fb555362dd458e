"""The product cut out of its picture, at one size: all comparison happens there."""

from __future__ import annotations

from functools import reduce
from typing import Protocol

import cv2
import numpy as np

from evaluator.mask import find_subject
from evaluator.measure.quantile import quantile
from evaluator.pair.types import Matrix, Tile
from evaluator.types import Flags, Glance, Photo, Plane, Rgb, Subject
from evaluator.view import View

PRODUCT = 192
"""Longer side in pixels of the product in its tile."""
ROOM = 0.25
"""Room about the product, as a share of its longer side, for parts that were added."""

PLAIN, SAME = 4.0, 7.0
"""Levels by which a plain backdrop varies, and by which a hole differs from it at most."""
HOLE = 30
"""Least area of a hole in pixels of the tile."""
MOST = 0.5
"""Least share of the mask that must be left: else the product itself has the backdrop's colour."""


class Masker(Protocol):
    """What finds the product in a picture; another model may take its place."""

    def mask(self, photo: Photo, view: View, glance: Glance | None) -> Subject:
        """Return the product's mask at working size, its confidence 0 where there is none."""
        ...


class EmbeddedMasker:
    """Finds the product by the file's alpha, a plain backdrop, or the network's mask, whichever is surest."""

    def mask(self, photo: Photo, view: View, glance: Glance | None) -> Subject:
        """Return the product's mask at working size, its confidence 0 where there is none."""
        if glance is None:
            return find_subject(photo, view)
        return find_subject(photo, view, glance.mask, glance.sees("vacant"))


def tile(rgb: Rgb, mask: Plane) -> Tile:
    """Cut the product out of a picture (H×W×3), its mask (h×w, 0–1) covering the whole of it."""
    rows, columns = (np.flatnonzero((mask > 0.5).any(axis)) for axis in (1, 0))
    ratio = rgb.shape[0] / mask.shape[0], rgb.shape[1] / mask.shape[1]
    top, bottom = rows[0] * ratio[0], (rows[-1] + 1) * ratio[0]
    left, right = columns[0] * ratio[1], (columns[-1] + 1) * ratio[1]
    detail = max(bottom - top, right - left) / PRODUCT
    side = round(PRODUCT * (1 + 2 * ROOM))
    centre = (left + right) / 2, (top + bottom) / 2
    half = side / 2
    placed = np.array([[detail, 0, centre[0] - detail * half], [0, detail, centre[1] - detail * half]])
    own = placed.copy()
    own[0] /= ratio[1]
    own[1] /= ratio[0]
    size = (side, side)
    laid = cv2.warpAffine(mask, own, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    cut = drawn(rgb, placed, side)
    return Tile(cut, pierced(cut, np.asarray(laid, np.float32)), placed, detail)


def pierced(cut: Rgb, mask: Plane) -> Plane:
    """Return a mask (S×S, 0–1) with its holes: flat spots within it of the very colour of a plain backdrop.

    Through a handle one sees the backdrop, and another one in another picture.
    """
    around = cut[mask < 0.05]
    if len(around) < 100:
        return mask
    backdrop = np.median(around, axis=0)
    off = reduce(np.maximum, (np.abs(plane - level) for plane, level in zip(cv2.split(cut), backdrop, strict=True)))
    if quantile(np.asarray(off[mask < 0.05], np.float32), 0.5) > PLAIN:
        return mask
    same = (off <= SAME) & (mask > 0.5)
    same = cv2.morphologyEx(same.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(same, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= HOLE
    large[0] = False
    holes = cv2.dilate(large[labels].astype(np.float32), np.ones((5, 5), np.uint8))
    left = np.asarray(mask * (1 - holes), np.float32)
    return left if float(left.sum()) > MOST * float(mask.sum()) else mask


def drawn(rgb: Rgb, placed: Matrix, side: int) -> Rgb:
    """Return what lies under a tile of `side` pixels that is placed on a picture; it is averaged where it shrinks."""
    scale = float(np.sqrt(abs(np.linalg.det(placed[:, :2]))))
    step = placed
    if scale > 1.3:
        factor = 1 / scale
        rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        step = placed * factor
        step[:, 2] += (factor - 1) / 2
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(rgb, step, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def framed(shape: tuple[int, ...], matrix: Matrix, size: tuple[int, int]) -> Flags:
    """Return which of the tile's pixels lie within the generated picture."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    u, v = (matrix[k, 0] * x + matrix[k, 1] * y + matrix[k, 2] for k in (0, 1))
    return np.asarray((u >= 0) & (v >= 0) & (u < size[1]) & (v < size[0]))


def alone(product: Tile) -> Rgb:
    """Return the product of a tile on white, S×S×3: whatever it stood before says nothing of another picture."""
    share = product.mask[..., None]
    return np.asarray(product.rgb * share + 255 * (1 - share), np.uint8)


def turned(product: Tile) -> Tile:
    """Return the tile mirrored left to right; its place is that of the mirrored pixels."""
    side = product.mask.shape[1]
    flip = np.array([[-1.0, 0, side - 1], [0, 1, 0], [0, 0, 1]])
    rgb, mask = np.ascontiguousarray(product.rgb[:, ::-1]), np.ascontiguousarray(product.mask[:, ::-1])
    return Tile(rgb, mask, (product.placed @ flip), product.detail)
