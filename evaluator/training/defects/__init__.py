"""Faults to train and to check by: each a seeded function from a clean picture and a strength to a spoilt one.

Pictures are RGB uint8, H×W×3; a strength runs over 0–1, 0 leaving the picture as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluator.training.defects.capture import (
    bands,
    blur,
    bright,
    cast,
    crisp,
    crop,
    dark,
    flat,
    gaudy,
    jpeg,
    motion,
    noise,
    tilt,
    upscale,
)
from evaluator.training.defects.overlays import border, clutter, collage, text, watermark
from evaluator.types import Rgb

Fault = Callable[[Rgb, float, np.random.Generator], Rgb]

LADDERS: dict[str, tuple[Fault, str]] = {
    "blur": (blur, "sharpness"),
    "motion": (motion, "sharpness"),
    "upscale": (upscale, "sharpness"),
    "noise": (noise, "artefact_cleanliness"),
    "jpeg": (jpeg, "artefact_cleanliness"),
    "bands": (bands, "artefact_cleanliness"),
    "crisp": (crisp, "artefact_cleanliness"),
    "dark": (dark, "exposure"),
    "bright": (bright, "exposure"),
    "flat": (flat, "exposure"),
    "cast": (cast, "colour_harmony"),
    "gaudy": (gaudy, "colour_harmony"),
    "crop": (crop, "completeness"),
    "tilt": (tilt, "balance"),
    "text": (text, "overlay_freedom"),
    "watermark": (watermark, "overlay_freedom"),
    "border": (border, "overlay_freedom"),
    "collage": (collage, "overlay_freedom"),
    "clutter": (clutter, "background_order"),
}
"""Each kind of fault with the criterion that is meant to see it."""


def one_of(kinds: Sequence[str], most: float, picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return a picture with a fault of one of some kinds, at up to `most` of its strength (0–1)."""
    fault, _ = LADDERS[str(seed.choice(kinds))]
    return np.ascontiguousarray(fault(picture, float(seed.uniform(0, most)), seed))
