"""A quadratic surface over a picture: what smooth light and shading are made of."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt


@lru_cache(maxsize=2)
def quadratic(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return the terms of a quadratic surface at each pixel, H×W×6; not to be written to."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    terms.flags.writeable = False
    return terms
