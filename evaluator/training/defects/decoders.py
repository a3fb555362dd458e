"""What a generator makes of a whole picture: too few pixels, too little texture, parts that do not belong together.

Marks as in `shapes`: each takes a picture, a region (H×W, 0–1), a strength (0–1) and a seed.
"""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.training.defects.shapes import Mark, field, mixed
from evaluator.types import Plane, Rgb


def coarse(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Made 1.5 to 8 times too small, its edges sharpened and its pixels wavering, then enlarged."""
    height, width = picture.shape[:2]
    factor = float(1.5 * (8 / 1.5) ** (strength * seed.uniform(0.6, 1)))
    size = (max(16, round(width / factor)), max(16, round(height / factor)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    soft = cv2.GaussianBlur(small, (0, 0), 1.0)
    gain = seed.uniform(0.3, 1.8)
    small = np.asarray(cv2.addWeighted(small, 1 + gain, soft, -gain, 0), np.uint8)
    waver = [field(small.shape[:2], seed.uniform(1.5, 4), seed) * 0.5 * strength for _ in range(2)]
    down, across = np.mgrid[: size[1], : size[0]].astype(np.float32)
    moved = cv2.remap(small, across + waver[0], down + waver[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    how = cv2.INTER_CUBIC if seed.integers(2) else cv2.INTER_LANCZOS4
    return mixed(picture, np.asarray(cv2.resize(moved, (width, height), interpolation=how), np.uint8), region)


def plastic(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Surfaces are smooth and shine like wax between edges that stay."""
    reach = max(picture.shape) * (0.004 + 0.03 * strength)
    smooth = cv2.edgePreservingFilter(picture, flags=1, sigma_s=reach, sigma_r=0.15 + 0.35 * strength)
    wide = cv2.GaussianBlur(smooth, (0, 0), 2 * reach)
    shine = seed.uniform(0, 0.6) * strength
    return mixed(picture, np.asarray(cv2.addWeighted(smooth, 1 + shine, wide, -shine, 0), np.uint8), region)


def astray(picture: Rgb, region: Plane, strength: float, seed: np.random.Generator) -> Rgb:
    """Parts of 3 to 12 % of the longer side lie where others belong, and blend into each other."""
    height, width = region.shape
    side = max(height, width)
    cell = side * seed.uniform(0.03, 0.12)
    # A smooth field in steps: within a part all pixels move alike.
    steps = [np.round(1.5 * field((height, width), 2 * cell, seed)) for _ in range(2)]
    reach = side * (0.008 + 0.05 * strength)
    moves = [cv2.GaussianBlur(np.asarray(step * reach, np.float32), (0, 0), max(0.8, 0.06 * cell)) for step in steps]
    down, across = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(picture, across + moves[0], down + moves[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return mixed(picture, np.asarray(moved, np.uint8), region)


DECODERS: dict[str, Mark] = {"coarse": coarse, "plastic": plastic, "astray": astray}
"""Marks that only a picture as a whole shows."""
