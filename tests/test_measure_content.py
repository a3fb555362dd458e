from __future__ import annotations

import numpy as np
import pytest
from conftest import drawn, painted
from skimage.color import rgb2lab

from evaluator.measure.content import structure


def test_structure_of_one_colour_is_nought() -> None:
    assert structure(np.full((60, 80, 3), 50, np.float32)) == pytest.approx(0, abs=1e-4)


def test_structure_of_two_halves_is_half_their_difference() -> None:
    lab = np.zeros((48, 96, 3), np.float32)
    lab[:, :48] = (50, 0, 0)
    lab[:, 48:] = (50, 30, 40)
    assert structure(lab) == pytest.approx(25)
    assert structure(lab[:, ::-1].copy()) == pytest.approx(25)


def test_structure_tells_noise_from_products(rng: np.random.Generator) -> None:
    grain = (128 + rng.normal(0, 40, (512, 512, 3))).clip(0, 255).astype(np.uint8)
    product = painted((255, 255, 255), drawn((240, 240), (80, 60, 160, 200)), (40, 80, 160))
    noise, thing = (structure(rgb2lab(rgb).astype(np.float32)) for rgb in (grain, product))
    assert noise < 3 < 6 < thing


@pytest.mark.parametrize("shape", [(200, 260), (512, 384)])
def test_the_strongest_noise_has_no_structure_and_a_picture_under_noise_keeps_its_own(
    rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    noise = rng.integers(0, 256, (*shape, 3)).astype(np.float64)
    assert structure(rgb2lab(noise / 255).astype(np.float32)) < 1
    halves = np.repeat([60.0, 190.0], shape[1] // 2)[None, :, None]
    plain = structure(rgb2lab(np.broadcast_to(halves, noise.shape) / 255).astype(np.float32))
    noisy = structure(rgb2lab((0.7 * halves + 0.3 * noise) / 255).astype(np.float32))
    assert noisy > 0.6 * plain > 10
