"""Hands and faces that a learned decoder drew from too little, as generators do, and sound ones beside them.

What a generator decodes a small face or hand from is a handful of numbers. Here it is a handful of pixels, whose shapes
waver, out of which networks for super-resolution draw one anew.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.training.defects.redrawing import FACTOR, any_network, enlarged, enlarged_to, wavering
from evaluator.training.makers import face, hand
from evaluator.training.makers.people import extent, harmless
from evaluator.training.makers.warp import Layers, Points, lay, soften
from evaluator.training.sample import Sample
from evaluator.types import Plane

SIDES = (46.0, 14.0)
"""Longer side in pixels from which a part with room about it is drawn anew, at a strength of 0 and of 1."""
WAVER = (0.2, 1.5)
"""Most pixels by which its shapes waver before that, at a strength of 0 and of 1."""
ROOM = (0.15, 0.45)
"""Room about the part on each side, as a share of its longer side."""
LEAST = 16
"""Pixels on a side under which a part is left as it is."""
PLENTY = (0.8, 1.6)
"""Share of its own size from which a part is drawn anew that stays sound, and ENOUGH pixels that that must have."""
ENOUGH = 72.0
REPLACED = 0.4
"""How often a part that stays sound is drawn anew like that."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a sample: of four numbers a spoilt face, a sound one, a spoilt hand and a sound one."""
    if number // 2 % 2:
        return hand.made("melted", _hand, _left, data, parts, held, number, seed)
    return face.made("melted", _face, _left, data, parts, held, number, seed)


def _face(layers: Layers, found: face.Face, strength: float, seed: np.random.Generator) -> tuple[Layers, float]:
    return melted(layers, found.points, found.cover, strength, seed), 1.0


def _hand(layers: Layers, found: hand.Hand, strength: float, seed: np.random.Generator, armed: bool) -> Layers:
    return melted(layers, found.points, found.cover, strength, seed)


def _left(layers: Layers, part: Points, avoid: Plane, seed: np.random.Generator) -> Layers:
    """Return layers handled as faults are, or with the part drawn anew from as much as there was: sound."""
    side = extent(part) * seed.uniform(*PLENTY)
    if side < ENOUGH or seed.random() > REPLACED:
        return harmless(layers, part, avoid, seed)
    return _replaced(layers, part, avoid, side, 0.0, seed)


def melted(layers: Layers, part: Points, cover: Plane, strength: float, seed: np.random.Generator) -> Layers:
    """Return layers whose part, at some points and under a cover (0–1), is drawn anew from too little.

    Raises FileNotFoundError where the networks are missing.
    """
    side = SIDES[0] * (SIDES[1] / SIDES[0]) ** strength * seed.uniform(0.85, 1.2)
    waver = (WAVER[0] + (WAVER[1] - WAVER[0]) * strength) * seed.uniform(0.3, 1)
    return _replaced(layers, part, cover, side, waver, seed)


def _replaced(
    layers: Layers, part: Points, cover: Plane, side: float, waver: float, seed: np.random.Generator
) -> Layers:
    """Return layers with a part drawn anew from `side` pixels, its shapes wavering by up to `waver` of them."""
    low, high, size = part[:, :2].min(0), part[:, :2].max(0), extent(part)
    room = size * seed.uniform(*ROOM)
    left, top = np.maximum(0, low - room).astype(int)
    right, bottom = np.minimum(layers.shape[1::-1], high + room).astype(int)
    width, height = int(right - left), int(bottom - top)
    if min(width, height) < LEAST:
        return layers
    scale = min(1.0, side / max(width, height))
    small = (max(8, round(width * scale)), max(8, round(height * scale)))
    place = np.s_[top:bottom, left:right]
    few = cv2.resize(np.ascontiguousarray(layers[place][..., :3]), small, interpolation=cv2.INTER_AREA)
    if waver:
        few = wavering(few, waver, side * seed.uniform(0.1, 0.3), seed)
    name, few = any_network(side, seed), np.asarray(few, np.uint8)
    while FACTOR**2 * few.shape[1] <= width:
        few = enlarged(few, name)
    anew = layers.copy()
    anew[place][..., :3] = enlarged_to(few, (width, height), name)
    reach = max(3, int(0.8 * room)) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    laid = soften(cv2.dilate(np.asarray(cover > 0.3, np.float32), brush), max(1.0, size / 25))
    inside = np.zeros(layers.shape[:2], np.float32)
    inside[top + 1 : bottom - 1, left + 1 : right - 1] = 1
    return lay(layers, anew, np.minimum(laid, soften(inside, 1.0)))
