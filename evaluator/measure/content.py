"""Whether there is anything in the picture at all."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

CELLS = 24
NOISE = 4.0
"""How many times the variance that noise would leave is taken off: noise that was saved as JPEG is a little coarser."""
FEWEST = 16
"""Fewest pixels to a cell for that; fewer do not tell noise from shapes."""


def structure(lab: npt.NDArray[np.float32]) -> float:
    """Return the spread (root mean square ΔE) that is left when the picture is shrunk to 24×24, beyond noise's own.

    Noise without shapes keeps its variance divided by the pixels that are averaged; a picture keeps most of its own.
    0 for one colour and for pure noise, over 6 for nearly every photograph.
    """
    small = cv2.resize(lab, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    cell = lab.shape[0] * lab.shape[1] / CELLS**2
    left = _variance(small) - (NOISE * _variance(lab) / cell if cell >= FEWEST else 0.0)
    return float(np.sqrt(max(0.0, left)))


def _variance(lab: npt.NDArray[np.float32]) -> float:
    _, spread = cv2.meanStdDev(lab)
    return float((spread**2).sum())
