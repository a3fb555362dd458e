"""The whole way from bytes to a report."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def still_life(height: int = 240, width: int = 300, seed: int = 0) -> Pixels:
    """A shaded jar with a striped label on a soft grey sheet, with its shadow; drawn at twice its size."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : 2 * height * 1j, -1 : 1 : 2 * width * 1j].astype(np.float32)
    light = 205 + 9 * x - 18 * y
    drawn = np.stack([light, light - 2, light - 6], -1)
    drawn *= 1 - 0.45 * np.exp(-((x - 0.06) ** 2 / 0.12 + (y - 0.62) ** 2 / 0.008))[..., None]
    jar = (np.abs(x) < 0.38) & (np.abs(y - 0.05) < 0.55) | (np.abs(x) < 0.25) & (np.abs(y + 0.55) < 0.12)
    shade = (1.12 - 4.7 * (x + 0.08) ** 2)[..., None]
    stripes = 1 - 0.55 * (np.floor(26 * y) % 3 == 0)[..., None]
    label = (np.abs(x) < 0.3) & (np.abs(y - 0.1) < 0.25)
    drawn[jar] = (rng.permuted([176.0, 62.0, 48.0]) * shade)[jar]
    drawn[label] = (np.array([238.0, 232.0, 214.0]) * np.minimum(shade, 1.05) * stripes)[label]
    small = cv2.resize(np.clip(drawn, 0, 255), (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small + rng.normal(0, 0.8, small.shape)), 0, 255).astype(np.uint8)
