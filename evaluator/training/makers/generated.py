"""Pictures that show marks of generation all over, and the same pictures without: two numbers, one ladder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.defects.decoders import DECODERS
from evaluator.training.defects.shapes import SHAPES, field
from evaluator.training.defects.surfaces import SURFACES
from evaluator.training.makers.artefact import ABOUT, felt, good, told
from evaluator.training.makers.picture import MIRRORED, framed, generator, opened, worn
from evaluator.training.sample import Sample
from evaluator.types import Rgb

SHARES = {
    "rated_photos": 0.26, "amateur_products": 0.17, "studio_products": 0.13, "scenes": 0.13, "people": 0.12,
    "packshots": 0.04, "stock": 0.15,
}  # fmt: skip
"""How often each set is the source."""
LOCAL = ("double", "lose")
"""Marks that are none where they lie over everything: a mirror image, a blur."""
MARKS = {name: mark for name, mark in {**SHAPES, **SURFACES, **DECODERS}.items() if name not in LOCAL}
COUNTS = (0.5, 0.35, 0.15)
"""How often one, two or three marks come together."""
SIDES = (224, 448)
"""Longer side in pixels at which a picture is made; it is shown at up to LARGEST times that."""
LARGEST = 1.8
WHOLE = 0.65
"""How often the marks spare nothing."""


Spoil = Callable[[Rgb, np.random.Generator], "tuple[Rgb, float, list[str]]"]
"""Gives a picture marks: returns it, the strength (0–1) that was asked for, and the kinds of marks."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a marked picture for an even number, and for the odd one after it what it was made from."""
    return twin("generated", _marked, data, scenes, held, number, seed)


def twin(family: str, spoil: Spoil, data: Path, scenes: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a spoilt picture for an even number of a family, and for the odd one after it what it was made from."""
    pair = generator(family, held, number // 2, seed)
    source = good(SHARES, data, scenes, held, pair)
    if source is None:
        return None
    frame, _ = framed(opened(source)[0], None, SIDES, 0.65, source.set in MIRRORED, pair)
    larger, wear = float(pair.uniform(1, LARGEST)), int(pair.integers(2**32))
    severity, criteria = 0.0, dict.fromkeys(ABOUT, 5.0)
    if number % 2 == 0:
        marked, strength, kinds = spoil(frame, pair)
        _, severity = told(frame, marked, strength)
        if not severity:
            return None
        frame, criteria = marked, felt(kinds, severity)
    height, width = (round(larger * side) for side in frame.shape[:2])
    shown = np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    return Sample(
        worn(shown, np.random.default_rng(wear))[0],
        source.object,
        criteria=criteria,
        ladder=f"{family}/{source.object}/{number // 2}",
        step=int(severity > 0),
    )


def _marked(picture: Rgb, seed: np.random.Generator) -> tuple[Rgb, float, list[str]]:
    """Return a picture with marks of one to three kinds, one over the other, on all of it or on much."""
    count = 1 + int(seed.choice(len(COUNTS), p=COUNTS))
    kinds = [str(kind) for kind in seed.choice(sorted(MARKS), count, replace=False)]
    strength = float(seed.uniform(0.25, 1))
    shape = (picture.shape[0], picture.shape[1])
    region = np.ones(shape, np.float32)
    if seed.random() > WHOLE:
        hills = field(shape, max(shape) * seed.uniform(0.3, 0.8), seed)
        region = np.asarray(np.clip(0.5 + 2 * hills, 0, 1), np.float32)
    for kind in kinds:
        picture = MARKS[kind](picture, region, strength, seed)
    return picture, strength, kinds
