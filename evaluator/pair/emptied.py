"""A generated picture with its product gone, so that the network sees the place alone."""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.pair.types import Matrix
from evaluator.types import Plane, Rgb
from evaluator.view import shrink

SIDE = 576
"""Longest side in pixels of the picture that is emptied."""
ROOM = 7
"""Pixels across by which the hole is larger than the product."""
GRID = 96
"""Longer side in pixels of the picture from which the hole is filled."""
REACHES = ((3.0, 1.0), (8.0, 1e-2), (24.0, 1e-4))
"""Reaches in pixels of that grid of what fills the hole, each with its weight: what is near counts first."""


def emptied(rgb: Rgb, mask: Plane, matrix: Matrix) -> Rgb:
    """Return a picture (H×W×3), no longer than SIDE, in which the product is filled from what is around it.

    `mask` (S×S, 0–1) is the product's in the tile, from which `matrix` leads to the picture. The filling is blurred:
    normalised convolution, Knutsson and Westin, CVPR 1993.
    """
    small = shrink(rgb, SIDE)
    onto = np.diag([small.shape[1] / rgb.shape[1], small.shape[0] / rgb.shape[0]]) @ matrix
    laid = cv2.warpAffine(mask, onto, small.shape[1::-1], flags=cv2.INTER_LINEAR)
    hole = cv2.dilate((laid > 0.3).astype(np.uint8), np.ones((ROOM, ROOM), np.uint8)).astype(np.float32)
    scale = GRID / max(small.shape[:2])
    size = (max(1, round(small.shape[1] * scale)), max(1, round(small.shape[0] * scale)))
    kept = cv2.copyTo(small, (hole == 0).view(np.uint8)).astype(np.float32)
    values, weights = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (kept, 1 - hole))
    total, weight = np.zeros_like(values), np.zeros_like(weights)
    for reach, share in REACHES:
        total += share * cv2.GaussianBlur(values, (0, 0), reach)
        weight += share * cv2.GaussianBlur(weights, (0, 0), reach)
    filling = cv2.resize(
        total / np.maximum(weight, 1e-9)[..., None], small.shape[1::-1], interpolation=cv2.INTER_LINEAR
    )
    cover = np.maximum(cv2.GaussianBlur(hole, (0, 0), 1.5), hole)
    left, top, wide, high = cv2.boundingRect((cover > 0).view(np.uint8))
    place = np.s_[top : top + high, left : left + wide]
    share, gone = cover[place][..., None], small.copy()
    gone[place] = np.clip(small[place] * (1 - share) + filling[place] * share, 0, 255).astype(np.uint8)
    return gone
