"""Faults of standing: no shadow or a wrong one, floating, sinking, the wrong size, another perspective."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.cutout import greatest
from evaluator.training.makers.grade import WHOLE
from evaluator.training.makers.stage import Stage, moved
from evaluator.types import Plane


def _foot(stage: Stage) -> tuple[float, float]:
    assert stage.foot is not None  # these faults are only chosen for subjects that stand
    return stage.foot


def contact(stage: Stage, above: float, below: float) -> Plane:
    """Return the zone about the foot, soft-edged: from so far above to so far below it, in heights of the subject."""
    foot, tall = _foot(stage), stage.height
    low = stage.alpha * (np.arange(len(stage.alpha))[:, None] > foot[1] - 0.2 * tall)
    columns = np.flatnonzero((low > 0.5).any(0))
    left, right = (columns[0], columns[-1]) if len(columns) else (foot[0] - 3, foot[0] + 3)
    zone = np.zeros_like(stage.alpha)
    top, bottom = max(0, round(foot[1] - above * tall)), max(0, round(foot[1] + below * tall) + 1)
    zone[top:bottom, max(0, int(left) - 2) : int(right) + 3] = 1
    return np.asarray(np.clip(1.2 * cv2.GaussianBlur(zone, (0, 0), max(1.0, 0.02 * tall)), 0, 1), np.float32)


def _shaded(shade: Plane) -> Plane:
    """Return where a shade darkens, 0–1."""
    return np.asarray(np.clip(3 * cv2.GaussianBlur(greatest(1 - shade), (0, 0), 1.5), 0, 1), np.float32)


def no_shadow(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The shade is missing, all of it or most, or only where the subject touches."""
    weight = np.full_like(stage.alpha, 0.35 + 0.65 * severity)
    if seed.random() < 0.3:
        weight = weight * contact(stage, 0.1, 0.12)
    shade = stage.shade + weight[..., None] * (1 - stage.shade)
    where = np.clip(_shaded(stage.shade) * weight * (1 - stage.alpha) + contact(stage, 0.04, 0.06), 0, 1)
    return replace(stage, shade=shade.astype(np.float32)), where.astype(np.float32)


def wrong_shadow(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The shade falls to the wrong side, lies apart from the subject, is too dark and hard, or has a colour."""
    foot, size, kind = _foot(stage), stage.alpha.shape[::-1], seed.integers(4)
    shade = stage.shade
    lit = (1.0, 1.0, 1.0)
    if kind == 0:
        flip = np.array([[-1, 0, 2 * foot[0]], [0, 1, 0]], np.float32)
        shade = cv2.warpAffine(shade, flip, size, borderMode=cv2.BORDER_CONSTANT, borderValue=lit)
        shade = np.asarray(np.maximum(shade, 0) ** (0.8 + 1.2 * severity), np.float32)
    elif kind == 1:
        reach = stage.height * (0.03 + 0.16 * severity)
        turn = seed.uniform(0, 2 * np.pi)
        by = np.array([[1, 0, reach * np.cos(turn)], [0, 1, 0.5 * reach * np.sin(turn) + 0.3 * reach]], np.float32)
        shade = cv2.warpAffine(shade, by, size, borderMode=cv2.BORDER_CONSTANT, borderValue=lit)
    elif kind == 2:
        dark = greatest(1 - shade)
        hard = np.clip((dark - max(0.08, 0.35 * float(dark.max()))) * 12, 0, 1)
        hard = cv2.GaussianBlur(hard, (0, 0), 0.8)[..., None]
        shade = shade * (1 - hard * (0.25 + 0.6 * severity))
    else:
        colour = seed.uniform(0, 1, 3).astype(np.float32)
        shade = np.clip(1 - (1 - shade) * (1 + 0.8 * severity) * (1 - 0.8 * colour), 0.02, 1)
    changed = replace(stage, shade=np.asarray(shade, np.float32))
    seen = np.maximum(_shaded(changed.shade), _shaded(stage.shade)) * (1 - stage.alpha)
    off = np.clip(4 * cv2.GaussianBlur(greatest(np.abs(changed.shade - stage.shade)), (0, 0), 2), 0, 1)
    return changed, np.asarray(np.clip(seen * off, 0, 1), np.float32)


def floating(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject hovers above its ground; its shade stays below, or is gone.

    It never goes along: a subject that goes up together with its shade stands further back, and is no fault.
    """
    lift = 0.015 + 0.2 * severity * seed.uniform(0.5, 1)
    raised = moved(stage, _shift(0, -lift * stage.height), False)
    if seed.random() > 0.65:
        raised = replace(raised, shade=np.ones_like(stage.shade))
    return raised, contact(stage, lift + 0.05, 0.05)


def sinking(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject goes down into its ground with a straight cut, or stands before the ground's edge."""
    drop = 0.02 + 0.22 * severity
    lower = moved(stage, _shift(0, drop * stage.height), False)
    foot = _foot(stage)
    if seed.random() < 0.65:
        kept = (np.arange(len(stage.alpha))[:, None] < foot[1]).astype(np.float32)
        return replace(lower, alpha=lower.alpha * kept), contact(stage, 0.08, 0.05)
    return lower, contact(stage, 0.06, drop)


def wrong_size(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject far too small or too large for its place, down to a quarter or up to three times."""
    foot = _foot(stage)
    # It may fill the picture but not cover it: beyond that nobody could tell its size.
    most = np.log2(1.15 * len(stage.alpha) / stage.height)
    grows = most > 0.4 and seed.random() < 0.45
    factor = 2 ** (min(0.4 + 1.2 * severity, most) if grows else -0.4 - 1.6 * severity)
    by = np.array([[factor, 0, foot[0] * (1 - factor)], [0, factor, foot[1] * (1 - factor)]], np.float32)
    changed = moved(stage, by, True)
    return changed, np.asarray(WHOLE * changed.alpha, np.float32)


def wrong_view(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject leans, is sheared, or is squeezed against its place."""
    foot, way = _foot(stage), float(seed.choice([-1, 1]))
    kind = seed.integers(3)
    if kind == 0:
        turn = way * np.deg2rad(4 + 24 * severity)
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    elif kind == 1:
        turned = np.array([[1, way * (0.08 + 0.5 * severity)], [0, 1]])
    else:
        squeeze = 2 ** (way * (0.2 + 0.7 * severity))
        turned = np.array([[squeeze, 0], [0, 1 / max(squeeze, 1)]])
    shift = np.array(foot) - turned @ np.array(foot)
    changed = moved(stage, np.column_stack([turned, shift]).astype(np.float32), False)
    return changed, np.clip(np.maximum(WHOLE * changed.alpha, contact(stage, 0.05, 0.04)), 0, 1)


def _shift(right: float, down: float) -> npt.NDArray[np.float32]:
    return np.array([[1, 0, right], [0, 1, down]], np.float32)
