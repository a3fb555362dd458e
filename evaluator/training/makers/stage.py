"""A picture before it is put together: subject, ground and shade as layers, and what is known of their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import Backdrop
from evaluator.training.makers.cutout import Cutout
from evaluator.types import Plane, Rgb


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers of one size, all float32, 0–1: the subject's colours (H×W×3) and alpha (H×W), the ground (H×W×3), shade.

    `shade` (H×W×3) multiplies the ground: 1 where nothing darkens it. `foot` is where the subject stands, in pixels;
    None where its foot is not in the picture. `light` points to the light: right, up, towards the camera; None where
    it is not known. `object`, `presence`, `criteria` and `captions` are the sound picture's; `whole` is that picture
    where it was rendered or photographed as one, rather than put together.
    """

    subject: Plane
    alpha: Plane
    ground: Plane
    shade: Plane
    foot: tuple[float, float] | None
    light: tuple[float, float, float] | None
    object: str
    presence: Mapping[str, float] = field(default_factory=dict)
    criteria: Mapping[str, float] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    whole: Plane | None = None

    @property
    def height(self) -> float:
        """The subject's height in pixels."""
        rows = np.flatnonzero((self.alpha > 0.5).any(1))
        return float(rows[-1] - rows[0] + 1) if len(rows) else 1.0


def blend(stage: Stage) -> Plane:
    """Return the layers put together, H×W×3, 0–1."""
    alpha = stage.alpha[..., None]
    return np.asarray(np.clip(stage.ground * stage.shade, 0, 1) * (1 - alpha) + stage.subject * alpha, np.float32)


def to_bytes(picture: Plane) -> Rgb:
    """Return a picture of 0–1 as uint8."""
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255), np.uint8)


def place(cutout: Cutout, backdrop: Backdrop, height: float, foot: tuple[float, float]) -> tuple[Plane, Plane]:
    """Return a subject's colours and alpha on the backdrop's canvas: so high, its foot at a point, in pixels."""
    rows, columns = cutout.alpha.shape
    scale = height / rows
    size = (max(4, round(columns * scale)), max(4, round(height)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    colour, alpha = (cv2.resize(plane, size, interpolation=how) for plane in (cutout.colour, cutout.alpha))
    high, wide = backdrop.picture.shape[:2]
    shift = np.array([[1, 0, round(foot[0] - size[0] / 2)], [0, 1, round(foot[1]) - size[1]]], np.float32)
    moved = cv2.warpAffine(colour, shift, (wide, high), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpAffine(alpha, shift, (wide, high), flags=cv2.INTER_NEAREST)
    return np.clip(moved, 0, 1), np.clip(seen, 0, 1)


def moved(stage: Stage, by: npt.NDArray[np.float32], with_shade: bool) -> Stage:
    """Return the stage with its subject, and perhaps its shade, moved by a 2×3 matrix in pixels."""
    size = stage.alpha.shape[::-1]
    subject = cv2.warpAffine(stage.subject, by, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(stage.alpha, by, size, flags=cv2.INTER_LINEAR)
    shade = stage.shade
    if with_shade:
        shade = cv2.warpAffine(
            shade, by, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(1, 1, 1)
        )
    return replace(stage, subject=subject, alpha=alpha, shade=shade)


def shade_of(alpha: Plane, foot: tuple[float, float], backdrop: Backdrop, seed: np.random.Generator) -> Plane:
    """Return the shade (H×W×3) of a subject on the ground: dark where it touches, and cast away from the light.

    The cast shadow is the silhouette laid on the ground: a point so high falls as far aside as the light is low, and
    up the picture by what a camera looking slightly down sees of the depth. It softens and fades away from the foot.
    """
    base, (right, up, near) = foot[1], backdrop.light
    rows = np.flatnonzero((alpha > 0.5).any(1))
    tall = base - rows[0] if len(rows) else 1.0
    size = alpha.shape[::-1]
    tilt = seed.uniform(0.18, 0.28)
    aside, back = -right / max(up, 0.3), np.clip(tilt * near / max(up, 0.3), -0.12, 0.3)
    laid = np.array([[1, -aside, aside * base], [0, back, base * (1 - back)]], np.float32)
    if abs(back) < 0.06:
        laid[1] = (0, 0.06, base * 0.94)
    cast = cv2.warpAffine(alpha, laid, size, flags=cv2.INTER_AREA)
    soft = max(0.8, tall * (0.012 + 0.05 * backdrop.softness))
    away = np.abs(np.arange(size[1], dtype=np.float32) - base)[:, None] / max(tall * 0.5, 1)
    side = np.abs(np.arange(size[0], dtype=np.float32) - foot[0])[None] / max(tall * 1.1, 1)
    fade = np.exp(-(away + side) * (0.5 + backdrop.softness)).astype(np.float32)
    mix = np.clip(away + side * 0.6, 0, 1)
    cast = (1 - mix) * cv2.GaussianBlur(cast, (0, 0), soft) + mix * cv2.GaussianBlur(cast, (0, 0), soft * 3)
    low = alpha * (np.arange(size[1])[:, None] > base - 0.05 * tall)
    pressed = np.array([[1, 0, 0], [0, 0.3, base * 0.7 - 0.004 * tall]], np.float32)
    touch = cv2.warpAffine(low.astype(np.float32), pressed, size, flags=cv2.INTER_LINEAR)
    touch = np.maximum(touch, low)
    tight = cv2.GaussianBlur(touch, (0, 0), max(0.9, 0.016 * tall))
    wide = cv2.GaussianBlur(touch, (0, 0), sigmaX=max(2.0, 0.07 * tall), sigmaY=max(1.5, 0.035 * tall))
    deep = seed.uniform(0.4, 0.65) * (1 - 0.4 * backdrop.softness)
    near = seed.uniform(0.7, 0.95) * np.minimum(1, 1.3 * tight)
    around = seed.uniform(0.4, 0.65) * np.minimum(1, 1.4 * wide)
    dark = 1 - (1 - deep * cast * fade) * (1 - near) * (1 - around)
    tint = 0.75 + 0.25 * backdrop.ambient / max(float(backdrop.ambient.max()), 0.05)
    return np.asarray(1 - np.clip(dark, 0, 0.93)[..., None] * (1.35 - 0.35 * tint), np.float32)


def mirrored(ground: Plane, stage_alpha: Plane, subject: Plane, foot: tuple[float, float], strength: float) -> Plane:
    """Return the ground (H×W×3) with the subject's faint mirror image below its foot, fading within a sixth of it."""
    base = foot[1]
    flip = np.array([[1, 0, 0], [0, -1, 2 * base - 1]], np.float32)
    size = stage_alpha.shape[::-1]
    alpha, colour = (cv2.warpAffine(plane, flip, size, flags=cv2.INTER_LINEAR) for plane in (stage_alpha, subject))
    rows = np.flatnonzero((stage_alpha > 0.5).any(1))
    tall = max(1.0, base - rows[0]) if len(rows) else 1.0
    below = (np.arange(size[1], dtype=np.float32)[:, None] - base) / (tall / 6)
    weight = strength * cv2.blur(alpha, (3, 3)) * np.clip(1 - below, 0, 1) * (below >= 0)
    return np.asarray(ground + weight[..., None] * (cv2.blur(colour, (3, 3)) - ground), np.float32)
