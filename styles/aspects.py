"""A picture's look in a few numbers with names, so that a difference can be said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from styles.palette import oklab, shrink
from styles.types import Rgb

ASPECTS: Mapping[str, tuple[str, ...]] = {
    "palette": ("layout", "palette"),
    "tone": ("tone",),
    "texture": ("texture", "edges"),
    "light": ("light",),
}
"""The aspects of a look, and the blocks of the descriptor that each is told by."""

NAMES = {
    "palette": ("palette", "配色"),
    "tone": ("tone", "影调"),
    "texture": ("texture", "质感"),
    "light": ("light", "光线"),
}
"""What the aspects are called in English and Chinese."""

_SIDE = 48


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a look: its aspect, the least difference that shows, and what more and less are called."""

    aspect: str
    step: float
    more: tuple[str, str]
    less: tuple[str, str]


MEASURES: Mapping[str, Measure] = {
    "lightness": Measure("tone", 0.06, ("brighter", "更亮"), ("darker", "更暗")),
    "contrast": Measure("tone", 0.04, ("more contrast", "对比更强"), ("less contrast", "对比更弱")),
    "chroma": Measure("palette", 0.02, ("more colourful", "更鲜艳"), ("paler in colour", "更素淡")),
    "warmth": Measure("palette", 0.02, ("warmer", "更暖"), ("cooler", "更冷")),
    "detail": Measure("texture", 0.25, ("busier", "更繁复"), ("plainer", "更平整")),
    "side": Measure("light", 0.05, ("lit more from the right", "光更偏右"), ("lit more from the left", "光更偏左")),
    "height": Measure("light", 0.06, ("lighter at the top", "上方更亮"), ("lighter at the bottom", "下方更亮")),
}


def measure(picture: Rgb) -> dict[str, float]:
    """Return the measures of a picture (H×W×3 uint8), in OKLab units; `detail` is a decimal logarithm."""
    lab = oklab(shrink(picture, _SIDE))
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    down, across = np.gradient(light)
    half = _SIDE // 2
    return {
        "lightness": float(light.mean()),
        "contrast": float(light.std()),
        "chroma": float(np.hypot(a, b).mean()),
        "warmth": float((a + b).mean()),
        "detail": float(np.log10(np.hypot(down, across).mean() + 1e-4)),
        "side": float(light[:, half:].mean() - light[:, :half].mean()),
        "height": float(light[:half].mean() - light[half:].mean()),
    }
