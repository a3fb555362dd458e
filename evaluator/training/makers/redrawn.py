"""Pictures that a learned decoder drew from too little, and the same pictures as they were: two numbers, one ladder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluator.training.defects.redrawing import redrawn
from evaluator.training.makers.generated import twin
from evaluator.training.sample import Sample
from evaluator.types import Rgb

KINDS = ["astray", "plastic"]
"""Marks that it shows: of shapes, which waver, and of surfaces, which lose what they are made of."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a picture drawn anew for an even number, and for the odd one after it what it was made from."""
    return twin("redrawn", _redrawn, data, scenes, held, number, seed)


def _redrawn(picture: Rgb, seed: np.random.Generator) -> tuple[Rgb, float, list[str]]:
    strength = float(seed.uniform(0.05, 1))
    return redrawn(picture, strength, seed), strength, KINDS
