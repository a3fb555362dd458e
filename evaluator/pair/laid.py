"""An original's product laid under a generated picture, pixel by pixel, in a tile in which it has one size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.pair.tile import drawn
from evaluator.pair.types import Registration, Tile
from evaluator.types import Flags, Plane, Rgb

Lab = npt.NDArray[np.float32]
LEVEL = 22.0
"""Reach in pixels of the tile of the mean that the ground's own level is."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Both pictures in the tile (S×S): L*a*b*, the product's mask, and distance from its outline, inside positive."""

    before: Lab
    after: Lab
    rgb: Rgb
    mask: Plane
    depth: Plane

    @property
    def core(self) -> Flags:
        """What lies well inside."""
        core = self.depth > 4
        return np.asarray(core if core.sum() > 80 else self.depth > 0)

    @property
    def around(self) -> Flags:
        """What lies well outside."""
        return np.asarray(self.depth < -6)


def lay(tile: Tile, found: Registration, generated: Rgb) -> Laid:
    """Lay a tile of the original, turned as the product was found, under the generated picture (H×W×3)."""
    seen = drawn(generated, found.matrix, tile.mask.shape[0])
    body = (tile.mask > 0.5).astype(np.uint8)
    inside, outside = (cv2.distanceTransform(part, cv2.DIST_L2, 5) for part in (body, 1 - body))
    return Laid(lab_of(tile.rgb), lab_of(seen), seen, tile.mask, np.asarray(inside - outside, np.float32))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around a product in the tile: its lightness (L* / 10), and by which share it is darker than its level.

    `outside` is 1 off the product and 0 on it; `weight`, how much of that lies within LEVEL.
    """

    light: Plane
    dark: Plane
    outside: Plane
    weight: Plane

    def level(self, plane: Plane) -> Plane:
        """Return the mean of a plane over what is around, within LEVEL of each pixel."""
        return np.asarray(cv2.GaussianBlur(plane * self.outside, (0, 0), LEVEL) / self.weight, np.float32)


def surroundings(laid: Laid) -> Surroundings:
    """Return what is around the product, against its own level."""
    light = np.asarray(np.maximum(laid.after[..., 0], 1) / np.float32(10), np.float32)
    outside = (laid.depth < -0.5).astype(np.float32)
    weight = np.asarray(np.maximum(cv2.GaussianBlur(outside, (0, 0), LEVEL), np.float32(1e-3)))
    found = Surroundings(light, light, outside, weight)
    level = found.level(light)
    dark = (level - light) / np.maximum(level, np.float32(0.5))
    return replace(found, dark=np.asarray(dark, np.float32))


def lab_of(rgb: Rgb) -> Lab:
    """Return a picture's L*a*b*."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)
