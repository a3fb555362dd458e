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

from evaluator.calibration import MOST_WEAR, WORN
from evaluator.findings import NEEDS
from evaluator.network.heads import ATTRIBUTES, CRITERIA
from evaluator.pipeline import BLURRED
from evaluator.table import progress
from evaluator.training.defects import LADDERS
from evaluator.types import Glance, Report, Rgb

KINDS = ("noise", "jpeg", "blur", "upscale", "bright", "dark", "flat", "cast", "gaudy", "crisp")
STRENGTHS = (0.2, 0.4, 0.6)
"""What the pictures are worn by, and how far."""
RIDGE = 2.0
"""Root of the weight of the squared coefficients."""
LEAST = 0.05
"""Coefficients under which there is none."""

Judge = Callable[[Rgb], tuple[Report, Glance]]
"""Judges a picture and hands on what the network saw of it at its first look."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wear:
    """What a point of each criterion's shortfall adds to an attribute's raw log-odds, and takes from a head."""

    attributes: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, Mapping[str, float]]


def fit(pictures: Sequence[Rgb], judge: Judge, presence: Mapping[str, float]) -> Wear:
    """Return what wear does to what is said of sound pictures; `presence` is from where on a thing is there."""
    steps: dict[str, list[tuple[Numbers, float]]] = {name: [] for name in (*ATTRIBUTES, *CRITERIA)}
    for number, clean in enumerate(progress(pictures, len(pictures), "wearing")):
        report, glance = judge(clean)
        before = shortfalls(report)
        applies = {a for a in ATTRIBUTES if a not in NEEDS or glance.presence[NEEDS[a]] >= presence[NEEDS[a]]}
        for kind in KINDS:
            for strength in STRENGTHS:
                worn = LADDERS[kind][0](clean, strength, np.random.default_rng(number))
                report, seen = judge(np.ascontiguousarray(worn))
                if report.criteria["sharpness"].measures.get("edge_width", inf) >= BLURRED:
                    continue
                step = shortfalls(report) - before
                for name in applies:
                    steps[name].append((step, seen.logits[name] - glance.logits[name]))
                for name in CRITERIA:
                    steps[name].append((step, glance.criteria[name] - seen.criteria[name]))
    attributes = {name: solved(steps[name]) for name in ATTRIBUTES}
    return Wear(attributes, {name: solved(steps[name], without=name) for name in CRITERIA})


def shortfalls(report: Report) -> Numbers:
    """Return by how much the criteria that measure wear fall short of 5, by their measures alone."""
    said = (report.criteria[id].sources.get("measure", 5.0) for id in WORN)
    return np.asarray(np.clip(5 - np.array(list(said)), 0, MOST_WEAR), np.float64)


def solved(steps: Sequence[tuple[Numbers, float]], without: str = "") -> dict[str, float]:
    """Return the coefficients, by criterion, that explain the steps best; none is below 0, nor that of `without`."""
    from scipy.optimize import nnls

    names = [name for name in WORN if name != without]
    if not steps:
        return {}
    shortfall, moved = (np.array(each, float) for each in zip(*steps, strict=True))
    rows = shortfall[:, [WORN.index(name) for name in names]]
    found, _ = nnls(np.vstack([rows, RIDGE * np.eye(len(names))]), np.concatenate([moved, np.zeros(len(names))]))
    return {name: float(by) for name, by in zip(names, found, strict=True) if by >= LEAST}
