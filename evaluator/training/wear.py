"""Fits how far wear alone moves what the network says: sound held-out pictures, worn in steps, against themselves.

Noise, blur, light and casts make a network doubt fusion, hands and faces that nobody touched. How much they do so, a
point of what the measures see of them, is what a picture so worn is forgiven (non-negative least squares).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from evaluator.calibration import WORN, worn
from evaluator.findings import NEEDS
from evaluator.look import odds_nearby
from evaluator.network.heads import ATTRIBUTES, CRITERIA, LIMBS
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
SOUND = 2.5
"""Answer of a head from which on there is something to take from it."""
LEAST = 0.05
"""Coefficients under which there is none."""

Judge = Callable[[Rgb], tuple[Report, Glance, tuple[Closeup, ...]]]
"""Judges a picture and hands on what the networks saw of it, at the first look and from nearby."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wear:
    """What a point of each criterion's shortfall adds to an attribute's raw log-odds, and takes from a head's 5.

    `near` is the same of log-odds from nearby.
    """

    attributes: Mapping[str, Mapping[str, float]]
    near: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, Mapping[str, float]]


def fit(pictures: Sequence[Rgb], judge: Judge, presence: Mapping[str, float]) -> Wear:
    """Return what wear does to what is said of sound pictures; `presence` is from where on a thing is there."""
    steps: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in (*ATTRIBUTES, *CRITERIA)}
    nearby: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in LIMBS}
    for number, clean in enumerate(progress(pictures, len(pictures), "wearing")):
        report, glance, closeups = judge(clean)
        before = _worn(report)
        alarms = {name: odds_nearby(closeups, name) for name in LIMBS}
        applies = {a for a in ATTRIBUTES if a not in NEEDS or glance.presence[NEEDS[a]] >= presence[NEEDS[a]]}
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
                for name in (id for id in CRITERIA if glance.criteria[id] >= SOUND):
                    over, fell = glance.criteria[name] - 1, glance.criteria[name] - seen.criteria[name]
                    steps[name].append((step, 4 * fell / over))
    # A head that is about wear itself is given nothing back.
    heads = {name: {} if name in WORN else solved(steps[name]) for name in CRITERIA}
    near = {name: solved(rows) for name, rows in nearby.items()}
    return Wear({name: solved(steps[name]) for name in ATTRIBUTES}, near, heads)


def solved(steps: Sequence[tuple[Numbers, float]]) -> dict[str, float]:
    """Return the coefficients, by criterion, that explain the steps best; none is below 0."""
    from scipy.optimize import nnls

    if not steps:
        return {}
    rows, moved = (np.array(each, float) for each in zip(*steps, strict=True))
    found, _ = nnls(np.vstack([rows, RIDGE * np.eye(len(WORN))]), np.concatenate([moved, np.zeros(len(WORN))]))
    return {name: float(by) for name, by in zip(WORN, found, strict=True) if by >= LEAST}


def _worn(report: Report) -> Numbers:
    found = shortfalls(report.criteria, WORN, load())
    return np.array([worn(found.get(id, 0.0)) for id in WORN])
