"""Places with nothing in them to sell: an empty set, or a bare wall and floor. The subject's mask is empty too."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluator.training.makers.backdrop import room, set_plate
from evaluator.training.makers.masks import NOBODY
from evaluator.training.makers.picture import framed, generator, worn
from evaluator.training.makers.stage import to_bytes
from evaluator.training.sample import Sample

SETS = 0.75
"""Share of rendered sets; the rest are drawn rooms."""
SIDE = 480


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return an empty place, cut by at most two fifths of its sides; None where there are no sets."""
    random = generator("empty", held, number, seed)
    shape = (SIDE, round(SIDE * random.uniform(0.7, 1.3)))
    drawn = random.random() < SETS
    place = set_plate(scenes, held, SIDE, random) if drawn else room(shape, random.random() < 0.7, random)
    if place is None:
        return None
    frame, _ = framed(to_bytes(place.picture), None, (288, 480), 0.6, True, random)
    frame, _ = worn(frame, random)
    nothing = np.zeros(frame.shape[:2], np.float32)
    return Sample(frame, place.object, mask=nothing, presence={**NOBODY, "scene": float(drawn)})
