"""Whether there is anything in the picture at all."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt


def structure(lab: npt.NDArray[np.float32]) -> float:
    """Return the spread (root mean square ΔE from the mean) that is left when the picture is shrunk to 24×24.

    0 for one colour, under 3 for noise, over 6 for nearly every photograph.
    """
    small = cv2.resize(lab, (24, 24), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    return float(np.sqrt(((small - small.mean(0)) ** 2).sum(1).mean()))
