"""Pictures that were turned, step by step, and others that lost as much of their rim and were not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.decode import decode
from evaluator.measure.composition import balance
from evaluator.score import combine, subscore
from evaluator.standard import load
from evaluator.training.defects.capture import MOST_TILT, filled, tilt
from evaluator.training.makers.picture import generator, whole, worn
from evaluator.training.sample import Sample
from evaluator.types import Plane, Rgb, Subject
from evaluator.view import view

STEPS = 6
"""Pictures of a group: the straight one, three turned ever further, two that lost their rim alone."""
TURNED = 3
SHARES = {"studio_products": 0.25, "people": 0.15, "scenes": 0.15, "packshots": 0.05, "amateur_products": 0.4}
"""How often each set is the source; of amateurs' products only those of whom one fills the picture give anything."""
SIDES = (420, 768)
FELT = 0.7
"""Exponent of the turn that an eye feels: a little is plain at once."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a step (`number` modulo six) of a group: straight, turned, or cut as if it had been turned.

    A straight picture begins at what the measures of its placement give it. None where the source tells no mask.
    """
    group, step = divmod(number, STEPS)
    random = generator("turned", held, group, seed)
    found = whole(SHARES, data, scenes, held, SIDES, random)
    if found is None or not (found[2] > 0.5).any():
        return None
    source, picture, mask = found
    base, strongest, draws = _placed(picture, mask), float(random.uniform(0.6, 1.0)), int(random.integers(2**32))
    if step <= TURNED:
        strength = strongest * step / TURNED
        shown = tilt(picture, strength, np.random.default_rng(draws))
        label, ladder = base - (base - 1) * strength**FELT, f"turned/{source.object}/{group}"
    else:
        strength = strongest * (step - 2) / TURNED
        shown, label, ladder = filled(_softened(picture), MOST_TILT * strength), base, ""
    wear = np.random.default_rng(draws)
    return Sample(worn(shown, wear)[0], source.object, criteria={"balance": label}, ladder=ladder, step=step)


def _placed(picture: Rgb, mask: Plane) -> float:
    """Return what the measures say of a straight picture's balance, 1–5."""
    seen = view(decode(picture))
    laid = np.asarray(cv2.resize(mask, seen.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    values = {**balance(seen, Subject(laid, 1.0, "alpha", 1.0, 0.0)).values, "tilt": 0.0}
    curves = [curve for curve in load().curves_of("balance") if curve.measure in values]
    scores = [subscore(curve, values[curve.measure]) for curve in curves]
    return combine(scores, [curve.weight for curve in curves], load().exponent)


def _softened(picture: Rgb) -> Rgb:
    """Return the picture moved by half a pixel, as soft as one that was turned."""
    by = np.array([[1, 0, 0.5], [0, 1, 0.5]])
    size = (picture.shape[1], picture.shape[0])
    moved = cv2.warpAffine(picture, by, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)
