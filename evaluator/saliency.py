"""Where the eye goes first, from the pixels alone."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.types import Plane

SIDE = 64


def spectral_residual(grey: Plane) -> Plane:
    """Return the spectral-residual saliency of a grey picture, same shape, 0–1.

    Hou and Zhang, "Saliency detection: a spectral residual approach", CVPR 2007.
    """
    height, width = grey.shape
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + np.float32(1e-6))
    # The residual's exponential is the amplitude over that of its mean: the phase need not be taken out and put back.
    back = np.abs(np.fft.ifft2(spectrum * np.exp(-cv2.blur(log_amplitude, (3, 3))))) ** 2
    return _normalised(cv2.GaussianBlur(back.astype(np.float32), (0, 0), 2.5), (width, height))


def frequency_tuned(lab: npt.NDArray[np.float32]) -> Plane:
    """Return the distance of each blurred pixel from the mean colour, same height and width, 0–1.

    Achanta, Hemami, Estrada and Süsstrunk, "Frequency-tuned salient region detection", CVPR 2009.
    """
    small = cv2.GaussianBlur(lab, (5, 5), 0)
    off = cv2.subtract(small, cv2.mean(lab))
    distance = np.sqrt(cv2.transform(off * off, np.ones((1, 3))))
    return _normalised(distance, (lab.shape[1], lab.shape[0]))


def saliency(lab: npt.NDArray[np.float32]) -> Plane:
    """Return the mean of the two maps for an L*a*b* picture, same height and width, 0–1."""
    return np.asarray((spectral_residual(lab[..., 0]) + frequency_tuned(lab)) / 2, np.float32)


def _normalised(plane: Plane, size: tuple[int, int]) -> Plane:
    low, high = float(plane.min()), float(plane.max())
    if high - low < 1e-6:
        return np.zeros((size[1], size[0]), np.float32)
    plane = (plane - low) / (high - low)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)
