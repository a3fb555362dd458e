"""Fits how far wear alone moves what the network says: sound held-out pictures, worn in steps, against themselves.

Noise, blur, light and casts make a network doubt fusion, hands and faces that nobody touched. How much they do so, a
point of what the measures see of them, is what a picture so worn is forgiven (non-negative least squares). What a head
says of a criterion they draw to a middle, good answers down and bad ones up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
LEAST, LEAST_SHARE = 0.05, 0.0125
"""Coefficients of log-odds, and shares of an answer, under which there are none."""
MIDDLES = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
"""Answers that a head may be drawn to."""

Judge = Callable[[Rgb], tuple[Report, Glance, tuple[Closeup, ...]]]
"""Judges a picture and hands on what the networks saw of it, at the first look and from nearby."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """To which middle (1–5) a head's answers are drawn, and what share of its way a point of each shortfall draws."""

    middle: float = MIDDLES[0]
    wear: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wear:
    """What a point of each criterion's shortfall adds to an attribute's raw log-odds, and how it draws heads.

    `near` is the same of log-odds from nearby.
    """

    attributes: Mapping[str, Mapping[str, float]]
    near: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, Drawn]


def fit(pictures: Sequence[Rgb], judge: Judge, presence: Mapping[str, float]) -> Wear:
    """Return what wear does to what is said of sound pictures; `presence` is from where on a thing is there."""
    steps: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in ATTRIBUTES}
    answers: dict[str, list[tuple[Numbers, float, float]]] = {name: [] for name in CRITERIA}
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
                for name in CRITERIA:
                    answers[name].append((step, glance.criteria[name], seen.criteria[name]))
    # A head that is about wear itself is given nothing back.
    heads = {name: Drawn() if name in WORN else drawn(answers[name]) for name in CRITERIA}
    near = {name: solved(rows) for name, rows in nearby.items()}
    return Wear({name: solved(steps[name]) for name in ATTRIBUTES}, near, heads)


def solved(steps: Sequence[tuple[Numbers, float]]) -> dict[str, float]:
    """Return the coefficients, by criterion, that explain the steps best; none is below 0."""
    if not steps:
        return {}
    rows, moved = (np.array(each, float) for each in zip(*steps, strict=True))
    return _explained(rows, moved, LEAST)[0]


def drawn(answers: Sequence[tuple[Numbers, float, float]]) -> Drawn:
    """Return the middle, and the shares by criterion, that explain answers before and after each step best."""
    if not answers:
        return Drawn()
    rows, before, after = (np.array(each, float) for each in zip(*answers, strict=True))
    tried = [
        (*_explained(rows * (before - middle)[:, None], before - after, LEAST_SHARE), middle) for middle in MIDDLES
    ]
    found, _, middle = min(tried, key=lambda each: each[1])
    return Drawn(middle, found)


def _explained(rows: Numbers, moved: Numbers, least: float) -> tuple[dict[str, float], float]:
    """Return non-negative coefficients by criterion, from `least` on, and the root of the squared error."""
    from scipy.optimize import nnls

    found, error = nnls(np.vstack([rows, RIDGE * np.eye(len(WORN))]), np.concatenate([moved, np.zeros(len(WORN))]))
    return {name: float(by) for name, by in zip(WORN, found, strict=True) if by >= least}, float(error)


def _worn(report: Report) -> Numbers:
    found = shortfalls(report.criteria, WORN, load())
    return np.array([worn(found.get(id, 0.0)) for id in WORN])
