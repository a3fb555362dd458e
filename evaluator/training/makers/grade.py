"""Light and colour of a subject: brought into tune with its place, or out of tune with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import Backdrop
from evaluator.training.makers.stage import Stage, to_bytes
from evaluator.types import Plane

WHOLE, CRISP = 0.6, 0.85
"""Values of the map where the whole subject is out of tune: without one place that shows it, and where any does."""
GREY = np.array([0.2126, 0.7152, 0.0722], np.float32)


def tuned(subject: Plane, alpha: Plane, backdrop: Backdrop, seed: np.random.Generator) -> Plane:
    """Return the subject's colours in the light of its place: tint, exposure, blacks, the light's side and grain."""
    ambient = np.maximum(backdrop.ambient, 0.02)
    level = float(ambient @ GREY)
    tint = np.clip(ambient / level, 0.5, 1.8) ** seed.uniform(0.18, 0.32)
    body = alpha > 0.5
    own = float((subject[body] @ GREY).mean()) if body.any() else 0.5
    wanted = 0.55 * own + 0.45 * np.clip(level, 0.12, 0.75)
    gain = float(np.clip((wanted / max(own, 0.05)) ** 0.55, 0.6, 1.12))
    colour = subject * gain * (tint / float(tint @ GREY))
    black = 0.1 * np.percentile(backdrop.picture[::8, ::8], 3, axis=(0, 1)).astype(np.float32)
    colour = black + (1 - black) * colour
    colour = colour * _ramp(alpha, backdrop.light[0] * seed.uniform(0.08, 0.18))[..., None]
    high = backdrop.picture[..., 1]
    rough = float(np.median(np.abs(high - cv2.medianBlur(high, 3)))) * 1.2
    if rough > 0.002:
        colour = colour + np.float32(rough) * seed.standard_normal((*alpha.shape, 1), np.float32)
    wrap = seed.uniform(0.1, 0.35) * np.clip(1 - cv2.GaussianBlur(alpha, (0, 0), 2.0), 0, 1)[..., None]
    near = cv2.resize(cv2.resize(backdrop.picture, (24, 24), interpolation=cv2.INTER_AREA), alpha.shape[::-1])
    return np.asarray(np.clip(colour + wrap * (near - colour), 0, 1), np.float32)


def _ramp(alpha: Plane, slope: float) -> Plane:
    """Return a smooth gain across the subject: 1 + slope at its right edge, 1 − slope at its left, nearly so below."""
    columns, rows = (np.flatnonzero((alpha > 0.5).any(axis)) for axis in (0, 1))
    if not len(columns):
        return np.ones_like(alpha)
    across = (np.arange(alpha.shape[1]) - columns.mean()) / max(np.ptp(columns) / 2, 1)
    down = (np.arange(alpha.shape[0]) - rows[0]) / max(np.ptp(rows), 1)
    gain = (1 + slope * np.clip(across, -1, 1))[None] * (1 + 0.04 - 0.1 * np.clip(down, 0, 1) ** 2)[:, None]
    return np.asarray(np.clip(gain, 0.05, 3), np.float32)


def _whole(stage: Stage, subject: npt.NDArray[np.floating], value: float = WHOLE) -> tuple[Stage, Plane]:
    changed = replace(stage, subject=np.clip(subject, 0, 1).astype(np.float32))
    return changed, np.asarray(value * stage.alpha, np.float32)


def white_balance(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """A cast on the subject alone, mostly between warm and cold."""
    turn = seed.choice([0.0, np.pi]) + seed.normal(0, 0.35) if seed.random() < 0.7 else seed.uniform(0, 2 * np.pi)
    stops = (0.12 + 0.6 * severity) * np.cos(turn + np.array([0, 2, 4]) * np.pi / 3)
    stops = stops - stops.mean()
    return _whole(stage, stage.subject * (2.0**stops).astype(np.float32))


def exposure(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject lighter or darker than its place, by the power and the gain of a curve."""
    way = seed.choice([-1, 1])
    gain, power = 2 ** (way * (0.12 + 0.55 * severity)), 2 ** (-way * (0.1 + 0.6 * severity) * seed.random())
    return _whole(stage, gain * np.maximum(stage.subject, 1e-3) ** power)


def contrast(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject flatter or harsher, or greyer or gaudier, than its place."""
    subject = stage.subject
    if seed.random() < 0.5:
        factor = 2 ** (seed.choice([-1, 1]) * (0.25 + 0.9 * severity))
        return _whole(stage, 0.5 + (subject - 0.5) * factor + seed.uniform(-0.1, 0.15) * severity)
    grey = (subject @ GREY)[..., None]
    factor = (1 - 0.2 - 0.7 * severity) if seed.random() < 0.5 else 1.25 + 1.1 * severity
    return _whole(stage, grey + (subject - grey) * factor)


def light_side(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """The subject lit from the side away from the light of its place."""
    side = stage.light[0] if stage.light and abs(stage.light[0]) > 0.1 else float(seed.choice([-1, 1]))
    slope = -np.sign(side) * (0.15 + 0.65 * severity)
    gain = _ramp(stage.alpha, float(slope))[..., None]
    return _whole(stage, np.maximum(stage.subject, 1e-4) * gain)


def texture(stage: Stage, severity: float, seed: np.random.Generator) -> tuple[Stage, Plane]:
    """Grain, softness, sharpening or JPEG blocks on the subject alone."""
    kind, subject = seed.integers(4), stage.subject
    if kind == 0:
        subject = np.asarray(cv2.GaussianBlur(subject, (0, 0), 0.8 + 2.8 * severity), np.float32)
    elif kind == 1:
        grain = seed.standard_normal(subject.shape, np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), 0.7) * 1.8 if seed.random() < 0.5 else grain
        subject = subject + np.float32(0.03 + 0.1 * severity) * grain
    elif kind == 2:
        subject = subject + (1 + 4 * severity) * (subject - cv2.GaussianBlur(subject, (0, 0), 1.2))
    else:
        quality = int(32 - 26 * severity)
        _, data = cv2.imencode(".jpg", to_bytes(subject), [cv2.IMWRITE_JPEG_QUALITY, quality])
        subject = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32) / np.float32(255)
    return _whole(stage, subject, CRISP)
