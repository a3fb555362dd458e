"""Precision and recall of probabilities at a base rate other than the sample's, and the thresholds they allow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

PRECISION, RECALL = 0.964, 0.60
"""What a judge must hold that replaces people (HFPC, arXiv 2412.17504)."""

Numbers = npt.NDArray[np.float64]
Yes = npt.NDArray[np.bool_]


def area(said: Numbers, good: Yes) -> float:
    """Return the area under the ROC curve: how often a good one lies over one that is not; NaN without both."""
    count, ranks = int(good.sum()), rankdata(said)
    if not 0 < count < len(good):
        return float("nan")
    return float((ranks[good].sum() - count * (count + 1) / 2) / (count * (len(good) - count)))


def weights(good: Yes, rate: float) -> Numbers:
    """Return a weight for each pair, by which good ones are a share `rate` of all; they sum to 1."""
    return np.asarray(np.where(good, rate / max(1, good.sum()), (1 - rate) / max(1, (~good).sum())))


def thresholds(chance: Numbers, good: Yes, share: Numbers) -> tuple[float, float]:
    """Return from where on a pair is accepted, and up to where refused, each with the precision asked for.

    Both what was counted and what the probabilities themselves expect must hold it: a few pairs prove little.
    """
    accept, refuse = 1.0, 0.0
    order = np.argsort(-chance, kind="stable")
    for sequence, right, sure in ((order, good, chance), (order[::-1], ~good, 1 - chance)):
        mass = np.cumsum(share[sequence])
        counted = np.cumsum((share * right)[sequence]) / mass
        expected = np.cumsum((share * sure)[sequence]) / mass
        held = np.flatnonzero((counted >= PRECISION) & (expected >= PRECISION))
        if held.size and right is good:
            accept = float(chance[sequence[held[-1]]])
        elif held.size:
            refuse = float(chance[sequence[held[-1]]])
    return accept, min(refuse, accept)


def promising(chance: Numbers, good: Yes, precision: float) -> float:
    """Return from where on pairs are good with a precision among as many good ones as others; 1 if nowhere."""
    share = weights(good, 0.5)
    order = np.argsort(-chance, kind="stable")
    counted = np.cumsum((share * good)[order]) / np.cumsum(share[order])
    held = np.flatnonzero(counted >= precision)
    return float(chance[order[held[-1]]]) if held.size else 1.0


def figures(
    chance: Numbers, good: Yes, passed: Yes, stopped: Yes, groups: npt.NDArray[np.intp], rate: float
) -> dict[str, float]:
    """Return the figures of some pairs at a base rate: by the curve, and at the thresholds that are set."""
    share = weights(good, rate)
    order = np.argsort(-chance, kind="stable")
    hits, mass = np.cumsum((share * good)[order]), np.cumsum(share[order])
    precision, recall = hits / mass, hits / rate
    reached = int(np.argmax(recall >= RECALL))
    enough = np.flatnonzero(precision >= PRECISION)
    misses = np.cumsum((share * ~good)[order[::-1]]) / np.cumsum(share[order[::-1]])
    safe = np.flatnonzero(misses >= PRECISION)
    above = float(mass[enough[-1]]) if enough.size else 0.0
    below = float(np.cumsum(share[order[::-1]])[safe[-1]]) if safe.size else 0.0
    accepted = float(share[passed].sum())
    ordered = [
        (np.sign(chance[one] - chance[other]) + 1) / 2
        for group in np.unique(groups)
        for own in [np.flatnonzero(groups == group)]
        for one in own[good[own]]
        for other in own[~good[own]]
    ]
    return {
        "auc": area(chance, good),
        "precision_at_recall": float(precision[reached]),
        "recall_at_precision": float(recall[enough[-1]]) if enough.size else 0.0,
        "no_human": min(1.0, above + below),
        "preferred": float(np.mean(ordered)) if ordered else float("nan"),
        "precision_set": float((share * good)[passed].sum()) / accepted if accepted else float("nan"),
        "recall_set": float((share * good)[passed].sum()) / rate,
        "no_human_set": accepted + float(share[stopped].sum()),
        "refused_right": float((share * ~good)[stopped].sum() / max(share[stopped].sum(), 1e-12)),
    }
