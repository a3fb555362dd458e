"""Boosted trees over a pair's numbers: grown in training, kept as plain arrays, walked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

KEPT: Mapping[str, type[np.generic]] = MappingProxyType(
    {
        "number": np.int32,
        "limit": np.float64,
        "left": np.int32,
        "right": np.int32,
        "value": np.float32,
        "roots": np.int32,
    }
)
"""The arrays that a file keeps of trees, and of what kind."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees whose leaves add up to log-odds (Friedman, "Greedy function approximation", Annals of Statistics 2001).

    Each node has a `number` that it asks for, a `limit` up to which it goes `left` and over which `right`, and a
    `value`; a leaf leads to itself on both sides. `roots` are where the trees begin, `base` is added to all.
    """

    number: Places
    limit: Numbers
    left: Places
    right: Places
    value: Numbers
    roots: Places
    base: float

    def logits(self, rows: Numbers) -> Numbers:
        """Return the log-odds of rows of numbers (N×D)."""
        rows = rows.astype(np.float32)  # as they were grown; limits lie between such numbers
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        while True:
            asked = np.take_along_axis(rows, self.number[at], axis=1)
            below = np.where(asked <= self.limit[at], self.left[at], self.right[at])
            if np.array_equal(below, at):
                return np.asarray(self.base + self.value[at].sum(axis=1))
            at = below


def packed(trees: Trees) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of trees as a file keeps them."""
    return {name: np.ascontiguousarray(getattr(trees, name), kind) for name, kind in KEPT.items()}


def unpacked(arrays: Mapping[str, npt.NDArray[np.generic]], base: float) -> Trees:
    """Return trees from the arrays of a file."""
    number, left, right, roots = (np.asarray(arrays[name], np.int64) for name in ("number", "left", "right", "roots"))
    limit, value = (np.asarray(arrays[name], np.float64) for name in ("limit", "value"))
    return Trees(number, limit, left, right, value, roots, base)


NO_TREES = unpacked({name: np.zeros(0, kind) for name, kind in KEPT.items()}, 0.0)
"""Trees that say nothing."""
