"""A logistic model whose weights may be held from falling below 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from evaluator.training.precision import Numbers


def logistic(
    steps: Numbers,
    wanted: Sequence[bool],
    share: Numbers,
    *,
    free: Sequence[bool] | None = None,
    ridge: float = 0.0,
    start: Sequence[float] | None = None,
) -> Numbers:
    """Return the weights (D) and the offset that tell rows (N×D) that are wanted from others, each by its share (N).

    Only weights that are `free` (D; none by default), and the offset, may lie below 0; `ridge` weighs their squares.
    """
    from scipy.optimize import minimize

    sign = np.where(wanted, 1.0, -1.0)

    def loss(at: Numbers) -> tuple[float, Numbers]:
        margin = sign * (steps @ at[:-1] + at[-1])
        pull = -sign * share * expit(-margin)
        cost = float(share @ np.logaddexp(0, -margin)) + 0.5 * ridge * float(at[:-1] @ at[:-1])
        return cost, np.append(steps.T @ pull + ridge * at[:-1], pull.sum())

    width = steps.shape[1]
    bounds = [(None if may else 0.0, None) for may in free or [False] * width]
    began = np.zeros(width + 1) if start is None else np.asarray(start, float)
    found = minimize(loss, began, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return np.asarray(found.x)
