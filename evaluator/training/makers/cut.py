"""Subjects cut by the frame, step by step, and pictures cut close to a subject that stays whole."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.measure.form import cut_share
from evaluator.score import subscore
from evaluator.standard import load
from evaluator.training.defects import LADDERS
from evaluator.training.makers.picture import generator, whole, worn
from evaluator.training.sample import Sample
from evaluator.types import Plane, Rgb

STEPS = 6
"""Pictures of a group: the whole one, four cuts, and one cut close."""
SHARES = {"studio_products": 0.25, "people": 0.1, "scenes": 0.1, "packshots": 0.05, "amateur_products": 0.5}
"""How often each set is the source; of amateurs' products only those of whom one fills the picture give anything."""
SIDES = (420, 768)
LEAST = 0.02
"""Least share of the picture that a subject fills."""
WORST, FELT = 0.6, 0.6
"""Share of the subject whose loss leaves nothing of the score, and the exponent of what an eye feels of less."""
CLOSE = 0.9
"""Most that is cut away of the room about a subject that stays whole."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a step (`number` modulo six) of a group: the whole, four cuts from one side, or one that takes no subject.

    A subject that the frame cuts from the beginning begins at what the measure gives it. None where the source tells
    no mask.
    """
    group, step = divmod(number, STEPS)
    random = generator("cut", held, group, seed)
    found = whole(SHARES, data, scenes, held, SIDES, random)
    if found is None or float(found[2].mean()) < LEAST:
        return None
    source, picture, mask = found
    base = _uncut(mask)
    strongest, draws = float(random.uniform(0.5, 1.0)), int(random.integers(2**32))
    if step == STEPS - 1:
        shown, label, ladder = _closer(picture, mask, random), base, ""
    else:
        strength = strongest * step / (STEPS - 2)
        shown, left = (_cut(plane, strength, draws) for plane in (picture, np.round(255 * mask).astype(np.uint8)))
        lost = max(0.0, 1 - float(left.sum()) / float(np.round(255 * mask).sum()))
        label, ladder = base - (base - 1) * min(1.0, lost / WORST) ** FELT, f"cut/{source.object}/{group}"
    wear = np.random.default_rng(draws)
    return Sample(worn(shown, wear)[0], source.object, criteria={"completeness": label}, ladder=ladder, step=step)


def _uncut(mask: Plane) -> float:
    """Return what the measure says of a subject that nothing more was cut from, 1–5."""
    (curve,) = load().curves_of("completeness")
    return subscore(curve, cut_share(mask))


def _cut(plane: Rgb, strength: float, draws: int) -> Rgb:
    return LADDERS["crop"][0](plane, strength, np.random.default_rng(draws))


def _closer(picture: Rgb, mask: Plane, random: np.random.Generator) -> Rgb:
    """Return the picture with room about the subject cut away, on each side another share of what there is."""
    left, top, wide, high = cv2.boundingRect((mask > 0.02).astype(np.uint8))
    height, width = mask.shape
    room = np.array([top, height - top - high, left, width - left - wide]) * random.uniform(0, CLOSE, 4)
    above, below, before, behind = (int(each) for each in room)
    return np.ascontiguousarray(picture[above : height - below, before : width - behind])
