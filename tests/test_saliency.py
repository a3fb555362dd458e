from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.ndimage
from conftest import drawn, painted
from skimage.color import rgb2lab

from evaluator.saliency import frequency_tuned, saliency, spectral_residual


@pytest.mark.parametrize("seed", range(4))
def test_spectral_residual_peaks_at_the_odd_one_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.zeros((64, 64), np.float32)
    for row in range(4, 64, 8):
        for column in range(4, 64, 8):
            y, x = row + int(rng.integers(-1, 2)), column + int(rng.integers(-1, 2))
            picture[y - 2 : y + 3, x] = 100
    picture[33:40, 17:24] = 0
    picture[36, 18:23] = picture[34:39, 20] = 100  # one cross among the bars
    peak = np.unravel_index(spectral_residual(picture).argmax(), picture.shape)
    assert np.hypot(peak[0] - 36, peak[1] - 20) <= 2


def test_spectral_residual_follows_the_paper(rng: np.random.Generator) -> None:
    grey = scipy.ndimage.gaussian_filter(rng.uniform(0, 100, (64, 64)), 2).astype(np.float32)
    spectrum = scipy.fft.fft2(grey.astype(np.float64))
    log = np.log(np.abs(spectrum) + 1e-6)
    residual = log - scipy.ndimage.uniform_filter(log, 3, mode="mirror")
    back = np.abs(scipy.fft.ifft2(np.exp(residual) * spectrum / np.abs(spectrum))) ** 2
    expected = scipy.ndimage.gaussian_filter(back, 2.5, mode="mirror")
    expected = (expected - expected.min()) / np.ptp(expected)
    assert spectral_residual(grey) == pytest.approx(expected, abs=0.02)


def test_frequency_tuned_follows_the_paper() -> None:
    lab = rgb2lab(painted((200, 190, 180), drawn((60, 80), (30, 20, 50, 40)), (40, 80, 160))).astype(np.float32)
    binomial = np.array([1, 4, 6, 4, 1]) / 16
    smooth = lab.astype(np.float64)
    for axis in (0, 1):
        smooth = scipy.ndimage.convolve1d(smooth, binomial, axis=axis, mode="mirror")
    distance = np.sqrt(((smooth - lab.mean((0, 1))) ** 2).sum(2))
    expected = (distance - distance.min()) / np.ptp(distance)
    assert frequency_tuned(lab) == pytest.approx(expected, abs=0.01)


def test_the_mean_of_both_stays_within_its_range_and_finds_the_product() -> None:
    mask = drawn((60, 80), (30, 20, 50, 40))
    lab = rgb2lab(painted((200, 190, 180), mask, (40, 80, 160))).astype(np.float32)
    salient = saliency(lab)
    assert salient == pytest.approx((spectral_residual(lab[..., 0]) + frequency_tuned(lab)) / 2)
    assert salient.dtype == np.float32 and salient.shape == (60, 80)
    assert salient.min() >= 0 and salient.max() <= 1
    assert salient[mask > 0.5].mean() > 2 * salient[mask < 0.5].mean()


def test_nothing_stands_out_of_one_colour() -> None:
    assert not saliency(np.full((40, 50, 3), 60, np.float32)).any()
