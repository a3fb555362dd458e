"""From fits to an order: fit times looks by a slider, and maximal marginal relevance for variety."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from styles.types import Vectors

Floats = npt.NDArray[np.float64]

NEUTRAL = 3.5
"""The aesthetic score that stands in where none is known at all."""


def scores(fits: Floats, aesthetics: Sequence[float | None], slider: float) -> Floats:
    """Return fit^(1−s) · looks^s, 0–1, where looks is the aesthetic score 1–5 brought to 0–1.

    A style that was not judged counts as the middle of those that were, so that it neither gains nor loses.
    """
    known = [each for each in aesthetics if each is not None]
    middle = float(np.median(known)) if known else NEUTRAL
    looks = (np.array([middle if each is None else each for each in aesthetics]) - 1) / 4
    return np.asarray(np.clip(fits, 0, 1) ** (1 - slider) * np.clip(looks, 0.01, 1) ** slider)


def choose(values: Floats, vectors: Vectors, k: int, variety: float, unrelated: float) -> list[int]:
    """Return the rows of the `k` to show, best first.

    They are chosen by maximal marginal relevance (Carbonell and Goldstein, 1998): each in turn is the one
    whose value, less `variety` times its likeness to those chosen, is highest. `unrelated` is the likeness
    of strangers.
    """
    left = list(np.argsort(-values, kind="stable"))
    if variety <= 0 or len(left) <= 1:
        return [int(i) for i in left[:k]]
    nearest = np.zeros(len(values))
    chosen: list[int] = []
    while left and len(chosen) < k:
        gains = (1 - variety) * values[left] - variety * nearest[left]
        best = int(left.pop(int(np.argmax(gains))))
        chosen.append(best)
        likeness = (vectors @ vectors[best] - unrelated) / max(1 - unrelated, 1e-6)
        nearest = np.maximum(nearest, np.clip(likeness, 0, 1))
    return sorted(chosen, key=lambda i: -values[i])
