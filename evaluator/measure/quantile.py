"""The value at a rank of many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def quantile(values: npt.NDArray[np.float32], share: float) -> float:
    """Return the value (of any shape's values) under which about a `share` (0–1) of them lie.

    It is one of the values, where NumPy's quantile stands between two: selecting a single rank takes a third of the
    time, and among thousands there is nothing between. Raises IndexError where there are none.
    """
    rank = round(share * (values.size - 1))
    return float(np.partition(values, rank, axis=None)[rank])
