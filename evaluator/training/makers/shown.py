"""How a product is shown: on white, or in a scene, in tune with it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.backdrop import Backdrop, photograph, room, set_plate
from evaluator.training.makers.cutout import Cutout
from evaluator.training.makers.grade import tuned
from evaluator.training.makers.stage import Stage, mirrored, place, shade_of
from evaluator.types import Plane

SIDES = (384, 512)
"""Longer side in pixels of the pictures made here."""


def on_white(subject: Cutout, side: int, scale: float, foot: tuple[float, float]) -> Stage:
    """Return the product at a scale before plain white in a square picture, its foot at a point in pixels."""
    blank = np.full((side, side, 3), 0.995, np.float32)
    backdrop = Backdrop(blank, "plain", None, (0, 0, 1, 1), (0.3, 0.7, 0.4), 0.5, np.ones(3, np.float32))
    colour, alpha = place(subject, backdrop, scale * len(subject.alpha), foot)
    return Stage(colour, alpha, blank, np.ones_like(blank), foot, backdrop.light, subject.object)


def backdrop_for(subject: Cutout, data: Path, scenes: Path, held: bool, seed: np.random.Generator) -> Backdrop | None:
    """Return somewhere for the product to stand: a rendered set, a drawn room, or a photograph out of focus."""
    side, kind = int(seed.integers(SIDES[0], SIDES[1] + 1)), seed.random()
    if kind < 0.6:
        found = set_plate(scenes, held, side, seed)
        if found is not None:
            return found
    if kind > 0.85:
        return photograph(data, ("rated_photos", "people"), held, side, float(seed.uniform(0.006, 0.03)), seed)
    return room((side, round(side * seed.uniform(0.8, 1.25))), True, seed)


def composed(subject: Cutout, backdrop: Backdrop, seed: np.random.Generator, share: float = 0.0) -> Stage | None:
    """Return the product in tune with its place, standing there with its shadow; None where there is no ground.

    `share` is how much of the room that the place offers it fills; 0 draws it from 0.7 to 1.
    """
    if backdrop.stand is None:
        return None
    high, wide = backdrop.picture.shape[:2]
    left, top, right, bottom = backdrop.box
    base = float(seed.uniform(backdrop.stand[1], max(bottom, backdrop.stand[1]))) * high
    rows, columns = subject.alpha.shape
    fill = share or float(seed.uniform(0.7, 1.0))
    tall = fill * min((base - top * high), (right - left) * wide * rows / columns, 1.4 * rows)
    half = 0.5 * tall * columns / rows
    foot = (float(np.clip(backdrop.stand[0] * wide, half, wide - half)), base)
    colour, alpha = place(subject, backdrop, tall, foot)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.45), np.float32)
    colour = tuned(colour, alpha, backdrop, seed)
    shade, ground = shade_of(alpha, foot, backdrop, seed), backdrop.picture
    if backdrop.reflectivity > 0.3:
        ground = mirrored(ground, alpha, colour, foot, 0.35 * backdrop.reflectivity)
    name = f"{subject.object}+{backdrop.object}"
    return Stage(colour, alpha, ground, shade, foot, backdrop.light, name)


def presented(
    shown: Cutout,
    kind: str,
    frame: tuple[int, float, tuple[float, float]],
    data: Path,
    scenes: Path,
    held: bool,
    draw: np.random.Generator,
) -> tuple[Stage, str] | None:
    """Return the product in a scene (seven new pictures in ten), moved on white, or where it was, and its name."""
    side, scale, foot = frame
    where = 0.8 if kind == "shift" else 1.0 if kind in ("same", "light", "jpeg", "resize") else draw.random()
    if kind == "backdrop" or where < 0.7:
        backdrop = backdrop_for(shown, data, scenes, held, draw)
        stage = composed(shown, backdrop, draw) if backdrop else None
        return (stage, backdrop.object) if stage and backdrop else None
    if where < 0.85:
        smaller = scale * float(draw.uniform(0.6, 1.0))
        high, wide = smaller * shown.alpha.shape[0], smaller * shown.alpha.shape[1]
        across, down = max(0.0, side - wide), max(0.0, side - high)
        at = (wide / 2 + across * draw.uniform(0.1, 0.9), high + down * draw.uniform(0.1, 0.9))
        return on_white(shown, side, smaller, at), "plain"
    return on_white(shown, side, scale, foot), "same"


def laid(where: Plane, shown: Cutout, stage: Stage) -> Plane:
    """Return a plane of the product's own size where the product lies in a stage."""
    assert stage.foot is not None
    seen, own = _box(stage.alpha), _box(shown.alpha)
    scale = (seen[2] - seen[0]) / max(1, own[2] - own[0])
    move = np.array([[scale, 0, seen[1] - scale * own[1]], [0, scale, seen[0] - scale * own[0]]], np.float32)
    return np.asarray(cv2.warpAffine(where, move, stage.alpha.shape[::-1], flags=cv2.INTER_LINEAR), np.float32)


def _box(alpha: Plane) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])
