"""Fits which kinds of product a place is for, on embeddings of pictures that are known to be for some kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from evaluator.pair.company import NO_COMPANY, Company
from evaluator.training.makers.candidates import suits

RIDGE = 1e-5
"""Weight of the squared weights."""
STEPS = 200

Numbers = npt.NDArray[np.float64]


class Placed(Protocol):
    """A product of a category (empty where it is not known) in a place for some; None where any may stand there."""

    @property
    def category(self) -> str:
        """What is sold."""
        ...

    @property
    def suited(self) -> tuple[str, ...] | None:
        """What the place is for."""
        ...


def fitted(rows: Sequence[Placed], original: Numbers, place: Numbers) -> Company:
    """Return both readings, from the embeddings of originals and of places without their products (N×256 each).

    Rows without a category are left out; kindred categories of what a place is for are not counted against it.
    """
    told = [number for number, row in enumerate(rows) if row.category]
    chosen = [rows[number] for number in told]
    kinds = sorted({row.category for row in chosen})
    if len(kinds) < 2:
        return NO_COMPANY
    sold = np.array([[float(kind == row.category) for kind in kinds] for row in chosen])
    meant = np.array([[_meant(kind, row.suited) for kind in kinds] for row in chosen])
    return Company(_reading(original[told], sold), _reading(place[told], meant))


def _meant(kind: str, suited: tuple[str, ...] | None) -> float:
    """Return 1 where a place is for a kind, 0 where it is not, NaN where that is open."""
    suiting = True if suited is None else suits(kind, suited)
    return np.nan if suiting is None else float(suiting)


def _reading(embeddings: Numbers, truth: Numbers) -> Numbers:
    """Return a linear reading (257×K) of embeddings (N×256) by logistic regression; truth is N×K, NaN if open."""
    from scipy.optimize import minimize

    known = ~np.isnan(truth)
    yes, no = known & (truth > 0.5), known & (truth <= 0.5)
    share = yes / np.maximum(1, yes.sum(0)) + no / np.maximum(1, no.sum(0))
    sign = np.where(yes, 1.0, -1.0)
    shape = (embeddings.shape[1] + 1, truth.shape[1])

    def loss(at: Numbers) -> tuple[float, Numbers]:
        reading = at.reshape(shape)
        margin = sign * (embeddings @ reading[:-1] + reading[-1])
        pull = -sign * share * expit(-margin)
        slope = np.vstack([embeddings.T @ pull + RIDGE * reading[:-1], pull.sum(0)])
        cost = float((share * np.logaddexp(0, -margin)).sum()) + 0.5 * RIDGE * float((reading[:-1] ** 2).sum())
        return cost, slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x.reshape(shape))
