"""Faults of a cut: fringes, leftovers, torn or melted edges, a subject that one sees through."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.stage import Stage
from evaluator.types import Plane


def unit(stage: Stage) -> float:
    """Return what a pixel of a picture of 320 pixels is here."""
    return float(max(stage.alpha.shape)) / 320


def ring(alpha: Plane, width: float) -> Plane:
    """Return where the boundary of a subject is: 1 at its edge, fading over `width` pixels to both sides."""
    near = cv2.GaussianBlur((alpha > 0.5).astype(np.float32), (0, 0), max(0.8, width))
    return np.asarray(np.clip(4.6 * near * (1 - near), 0, 1), np.float32)


def _grown(alpha: Plane, width: float) -> Plane:
    """Return the alpha grown (or, below zero, shrunk) by a width in pixels, parts of a pixel included."""
    size = 2 * int(np.ceil(abs(width))) + 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    far = cv2.dilate(alpha, brush) if width > 0 else cv2.erode(alpha, brush)
    share = abs(width) / max(np.ceil(abs(width)), 1)
    return np.asarray(alpha + np.float32(share) * (far - alpha), np.float32)


def _old_colour(seed: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return the colour of a background left behind: mostly white or dark, else any."""
    kind = seed.random()
    if kind < 0.45:
        return np.full(3, seed.uniform(0.88, 1.0), np.float32)
    if kind < 0.65:
        return np.full(3, seed.uniform(0.0, 0.12), np.float32)
    return seed.uniform(0, 1, 3).astype(np.float32)


def _painted(stage: Stage, weight: Plane, colour: npt.NDArray[np.float32]) -> Stage:
    """Return the stage with its lit ground painted over by a weight (H×W)."""
    part = weight[..., None]
    return replace(
        stage,
        ground=stage.ground + part * (colour - stage.ground),
        shade=stage.shade + part * (1 - stage.shade),
    )


def halo(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """A fringe about the subject: thin and crisp or wide and glowing; all around or on one side."""
    colour, one = _old_colour(seed), unit(stage)
    width = one * (seed.uniform(0.8, 1.4) + seed.uniform(0.5, 4.5) * severity)
    strength = seed.uniform(0.3, 0.5) + 0.5 * severity
    outer = _grown(stage.alpha, width)
    if seed.random() < 0.4:
        outer = cv2.GaussianBlur(outer, (0, 0), width) * 1.4
    outer = np.clip(strength * outer, 0, 1).astype(np.float32)
    sided = np.ones_like(outer)
    if seed.random() < 0.3:
        sided = np.clip(0.5 + 0.8 * smooth(outer.shape, 0.4 * max(outer.shape), seed), 0, 1)
    result = _painted(stage, outer * sided, colour)
    if seed.random() < 0.6:
        inner = np.clip(stage.alpha - _grown(stage.alpha, -width * seed.uniform(0.3, 0.8)), 0, 1) * strength * sided
        result = replace(result, subject=result.subject + inner[..., None] * (colour - result.subject))
    return result, ring(stage.alpha, width) * np.clip(sided * 2, 0, 1)


def residue(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """Islands of the old background beside the subject, or pieces bitten out of it."""
    one = unit(stage)
    field = smooth(stage.alpha.shape, one * seed.uniform(5, 22), seed)
    spots = np.clip((field - seed.uniform(0.1, 0.9) + 0.5 * severity) * 4, 0, 1).astype(np.float32)
    width = one * (2 + 14 * severity * seed.uniform(0.4, 1))
    if seed.random() < 0.55:
        band = _grown(stage.alpha, width)
        weight = band * spots * seed.uniform(0.5, 1)
        return _painted(stage, weight.astype(np.float32), _old_colour(seed)), _near(weight * (1 - stage.alpha), one)
    band = np.clip(stage.alpha - _grown(stage.alpha, -width * 0.8), 0, 1)
    bitten = (band * spots * seed.uniform(0.6, 1)).astype(np.float32)
    return replace(stage, alpha=stage.alpha * (1 - bitten)), _near(bitten, one)


def _near(where: Plane, one: float) -> Plane:
    return np.asarray(np.clip(2.5 * cv2.GaussianBlur(where.astype(np.float32), (0, 0), 1.5 * one), 0, 1), np.float32)


def jagged(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """Stairs along the edge, from a mask that was too small or had no soft edge."""
    high, wide = stage.alpha.shape
    step = unit(stage) * (1.6 + 6 * severity)
    small = cv2.resize(
        stage.alpha, (max(4, round(wide / step)), max(4, round(high / step))), interpolation=cv2.INTER_AREA
    )
    rough = cv2.resize((small > 0.5).astype(np.float32), (wide, high), interpolation=cv2.INTER_NEAREST)
    if seed.random() < 0.3:
        rough = cv2.GaussianBlur(rough, (0, 0), 0.3 * step)
    return replace(stage, alpha=rough.astype(np.float32)), ring(stage.alpha, step)


def feathered(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """An edge far too soft."""
    width = unit(stage) * (1.2 + 6.5 * severity)
    alpha = cv2.GaussianBlur(stage.alpha, (0, 0), width)
    return replace(stage, alpha=np.asarray(alpha, np.float32)), ring(stage.alpha, 1.3 * width)


def misfit(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """A mask too large, with a rim of the old background, too small, or pushed aside."""
    one, kind = unit(stage), seed.random()
    width = one * (1 + 5.5 * severity)
    if kind < 0.4:
        alpha = _grown(stage.alpha, width)
        rim = np.clip(alpha - stage.alpha, 0, 1)[..., None]
        subject = stage.subject * (1 - rim) + _old_colour(seed) * rim
        return replace(stage, alpha=alpha, subject=subject.astype(np.float32)), ring(stage.alpha, width)
    if kind < 0.7:
        return replace(stage, alpha=_grown(stage.alpha, -1.5 * width)), ring(stage.alpha, width)
    turn = seed.uniform(0, 2 * np.pi)
    by = np.array([[1, 0, width * np.cos(turn)], [0, 1, width * np.sin(turn)]], np.float32)
    alpha = np.asarray(cv2.warpAffine(stage.alpha, by, stage.alpha.shape[::-1]), np.float32)
    late = np.clip(alpha - stage.alpha, 0, 1)[..., None]
    subject = stage.subject * (1 - late) + _old_colour(seed) * late
    where = _near(np.abs(alpha - stage.alpha), one)
    return replace(stage, alpha=alpha, subject=subject.astype(np.float32)), where


def melted(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The boundary runs into the place, along all of it or a part: bent, smeared, the ground beside it broken."""
    one = unit(stage)
    width = one * (2.5 + 9 * severity)
    near = ring(stage.alpha, width)
    if seed.random() < 0.6:
        near = near * np.clip(0.4 + 0.9 * smooth(near.shape, 0.25 * max(near.shape), seed), 0, 1)
    reach = one * (2 + 9 * severity)
    grain = one * seed.uniform(7, 28)
    high, wide = near.shape
    across, down = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    right = np.asarray(across + reach * near * smooth(near.shape, grain, seed), np.float32)
    low = np.asarray(down + reach * near * smooth(near.shape, grain, seed), np.float32)
    alpha = np.asarray(cv2.remap(stage.alpha, right, low, cv2.INTER_LINEAR), np.float32)
    subject = np.asarray(cv2.remap(stage.subject, right, low, cv2.INTER_LINEAR), np.float32)
    ground = stage.ground
    if seed.random() < 0.5:
        bent = cv2.remap(ground, right, low, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        ground = np.asarray(bent, np.float32)
    part = (near * seed.uniform(0.3, 0.9))[..., None]
    alpha = alpha + part[..., 0] * (cv2.GaussianBlur(alpha, (0, 0), width * 0.6) - alpha)
    subject = subject + part * (cv2.GaussianBlur(subject, (0, 0), width * 0.5) - subject)
    alpha = np.asarray(np.clip(alpha, 0, 1), np.float32)
    return replace(stage, alpha=alpha, subject=np.asarray(subject, np.float32), ground=ground), near.astype(np.float32)


def see_through(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The place shows through the subject, all of it or a part."""
    lost = np.full_like(stage.alpha, 0.12 + 0.5 * severity)
    if seed.random() < 0.6:
        field = smooth(lost.shape, seed.uniform(0.15, 0.6) * max(lost.shape), seed)
        lost = lost * np.clip(0.5 + field, 0, 1.3)
    lost = np.clip(lost, 0, 0.9).astype(np.float32)
    return replace(stage, alpha=stage.alpha * (1 - lost)), np.clip(2 * lost * stage.alpha, 0, 1)
