"""Fits how far wear alone moves what the network says: sound held-out pictures, worn in steps, against themselves.

Noise, blur, light and casts make a network doubt fusion, hands and faces that nobody touched. How much they do so, a
point of what the measures see of them, is what a picture so worn is forgiven (non-negative least squares). What a head
says of a criterion each of them draws to an answer of its own: noise down, say, and the dark to the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from evaluator.calibration import FAULTS_WORN, HEADS_WORN, OF_WEAR, WORN, Pull, worn
from evaluator.findings import NEEDS
from evaluator.look import odds_nearby
from evaluator.network.heads import ATTRIBUTES, CRITERIA, NEARBY
from evaluator.pipeline import BLURRED
from evaluator.score import shortfalls
from evaluator.standard import load
from evaluator.table import progress
from evaluator.training.defects import LADDERS
from evaluator.types import Closeup, Glance, Report, Rgb

KINDS = ("noise", "jpeg", "blur", "upscale", "bright", "dark", "flat", "cast", "gaudy", "crisp")
STRENGTHS = (0.2, 0.4, 0.6)
"""What the pictures are worn by, and how far."""
RIDGE = 2.0
"""Root of the weight of the squared coefficients."""
LEAST, LEAST_SHARE = 0.05, 0.0125
"""Coefficients of log-odds, and shares of an answer, under which there are none."""
ENDS = 1.0, 5.0
"""The least and greatest answer: what is drawn to both is drawn to one between."""

Judge = Callable[[Rgb], tuple[Report, Glance, tuple[Closeup, ...]]]
"""Judges a picture and hands on what the networks saw of it, at the first look and from nearby."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wear:
    """What a point of each kind of wear adds to an attribute's raw log-odds, and where it draws heads.

    `near` is the same of log-odds from nearby.
    """

    attributes: Mapping[str, Mapping[str, float]]
    near: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, Mapping[str, Pull]]


def fit(pictures: Sequence[Rgb], judge: Judge, presence: Mapping[str, float]) -> Wear:
    """Return what wear does to what is said of sound pictures; `presence` is from where on a thing is there."""
    steps: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in ATTRIBUTES}
    answers: dict[str, list[tuple[Numbers, float, float]]] = {name: [] for name in CRITERIA}
    nearby: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in NEARBY}
    for number, clean in enumerate(progress(pictures, len(pictures), "wearing")):
        report, glance, closeups = judge(clean)
        before = _worn(report)
        alarms = {name: odds_nearby(closeups, name) for name in NEARBY}
        applies = {a for a in ATTRIBUTES if a not in NEEDS or glance.sees(NEEDS[a]) >= presence[NEEDS[a]]}
        for kind in KINDS:
            for strength in STRENGTHS:
                spoilt = LADDERS[kind][0](clean, strength, np.random.default_rng(number))
                report, seen, closeups = judge(np.ascontiguousarray(spoilt))
                if report.criteria["sharpness"].measures.get("edge_width", inf) >= BLURRED:
                    continue
                step = _worn(report) - before
                for name, said in alarms.items():
                    now = odds_nearby(closeups, name)
                    if said is not None and now is not None and name in applies:
                        nearby[name].append((step, now - said))
                for name in applies:
                    steps[name].append((step, seen.logits[name] - glance.logits[name]))
                for name in CRITERIA:
                    answers[name].append((step, glance.criteria[name], seen.criteria[name]))
    # A head that is about wear itself is given nothing back.
    heads = {name: {} if name in OF_WEAR else drawn(answers[name]) for name in CRITERIA}
    near = {name: solved(rows) for name, rows in nearby.items()}
    return Wear({name: solved(steps[name]) for name in ATTRIBUTES}, near, heads)


def solved(steps: Sequence[tuple[Numbers, float]]) -> dict[str, float]:
    """Return the coefficients, by kind of wear, that explain the steps best; none is below 0."""
    if not steps:
        return {}
    rows, moved = (np.array(each, float) for each in zip(*steps, strict=True))
    found = _explained(rows[:, _columns(FAULTS_WORN)], moved)
    return {name: float(by) for name, by in zip(FAULTS_WORN, found, strict=True) if by >= LEAST}


def drawn(answers: Sequence[tuple[Numbers, float, float]]) -> dict[str, Pull]:
    """Return the pulls, by kind of wear, that explain answers before and after each step best."""
    if not answers:
        return {}
    rows, before, after = (np.array(each, float) for each in zip(*answers, strict=True))
    rows = rows[:, _columns(HEADS_WORN)]
    found = _explained(np.hstack([rows * (before - end)[:, None] for end in ENDS]), before - after)
    sides = zip(HEADS_WORN, *np.split(found, 2), strict=True)
    shares = {name: (float(low), float(high)) for name, low, high in sides if low + high >= LEAST_SHARE}
    span = ENDS[1] - ENDS[0]
    return {name: Pull(share=a + b, to=ENDS[0] + span * (b / (a + b))) for name, (a, b) in shares.items()}


def _columns(kinds: Sequence[str]) -> list[int]:
    return [list(WORN).index(name) for name in kinds]


def _explained(rows: Numbers, moved: Numbers) -> Numbers:
    """Return the non-negative coefficients of the columns of n rows that explain best how far each moved."""
    from scipy.optimize import nnls

    count = rows.shape[1]
    found, _ = nnls(np.vstack([rows, RIDGE * np.eye(count)]), np.concatenate([moved, np.zeros(count)]))
    return np.asarray(found, float)


def _worn(report: Report) -> Numbers:
    found = shortfalls(report.criteria, WORN, load())
    return np.array([worn(found.get(name, 0.0)) for name in WORN])
