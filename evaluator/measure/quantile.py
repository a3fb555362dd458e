"""The value at a rank of many."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

MANY = 4096
"""Values from which on they are counted in cells before any are put in order."""
CELLS = 8192
"""Cells in which they are counted, from the least to the greatest."""
NARROW = 1e-3
"""Spread, as a share of the values' size, under which single precision has too few steps for the cells."""


def quantile(values: npt.NDArray[np.float32], share: float) -> float:
    """Return the value (of any shape's values) under which about a `share` (0–1) of them lie.

    It is one of the values, where NumPy's quantile stands between two. Many are counted first, so that only a few
    need be put in order: NumPy takes long over a picture's values, the more so the more of them are the same, as those
    of white paper are. Raises IndexError where there are none.
    """
    return _at(values, round(share * (values.size - 1)))


def _at(values: npt.NDArray[np.float32], rank: int) -> float:
    """Return the value at a rank."""
    if values.size >= MANY:
        flat = np.ascontiguousarray(values, np.float32).reshape(1, -1)
        low, high, _, _ = cv2.minMaxLoc(flat)
        if low == high:
            return low
        if high - low > NARROW * max(abs(low), abs(high)):
            return _counted(flat, low, high, rank)
    return float(np.partition(values, rank, axis=None)[rank])


def _counted(flat: npt.NDArray[np.float32], low: float, high: float, rank: int) -> float:
    """Return the value at a rank of values from `low` to `high`."""
    cell = (high - low) / CELLS
    counts = cv2.calcHist([flat], [0], None, [CELLS + 1], [low, high + cell]).ravel()
    place = int(np.searchsorted(np.cumsum(counts, dtype=np.float64), rank, side="right"))
    # A little more than the cell: its ends are rounded.
    least, most = np.float32(low + (place - 0.1) * cell), np.float32(low + (place + 1.1) * cell)
    inside = flat[(flat >= least) & (flat <= most)]
    return _at(inside, rank - int(np.count_nonzero(flat < least)))
