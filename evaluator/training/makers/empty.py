"""Places with nothing in them to sell, and the same kind of place with a product, which may be very small.

An empty set, or a bare wall and floor. Where there is nothing the subject's mask is empty too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluator.training.makers.backdrop import Backdrop, room, set_plate
from evaluator.training.makers.masks import NOBODY
from evaluator.training.makers.pairs import subject_of
from evaluator.training.makers.picture import framed, generator, worn
from evaluator.training.makers.shown import composed
from evaluator.training.makers.stage import blend, to_bytes
from evaluator.training.sample import Sample

SETS = 0.75
"""Share of rendered sets; the rest are drawn rooms."""
SIDE = 480
FILLS = (0.12, 1.0)
"""How much of the room that the place offers a product fills."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return an empty place, cut by at most two fifths of its sides, for an even number; else one with a product.

    None where there are no sets or products, or where the product found no ground.
    """
    random = generator("empty", held, number, seed)
    shape = (SIDE, round(SIDE * random.uniform(0.7, 1.3)))
    drawn = random.random() < SETS
    place = set_plate(scenes, held, SIDE, random) if drawn else room(shape, random.random() < 0.7, random)
    if place is None:
        return None
    if number % 2:
        return _with_product(place, data, held, random)
    frame, _ = framed(to_bytes(place.picture), None, (288, SIDE), 0.6, True, random)
    nothing = np.zeros(frame.shape[:2], np.float32)
    presence = {**NOBODY, "scene": float(drawn)}
    return Sample(worn(frame, random)[0], place.object, mask=nothing, presence=presence)


def _with_product(place: Backdrop, data: Path, held: bool, random: np.random.Generator) -> Sample | None:
    subject = subject_of(data, held, random)
    if subject is None:
        return None
    stage = composed(subject, place, random, float(np.exp(random.uniform(*np.log(FILLS)))))
    if stage is None:
        return None
    frame, mask = framed(to_bytes(blend(stage)), stage.alpha, (288, SIDE), 1.0, False, random)
    return Sample(worn(frame, random)[0], subject.object, mask=mask)
