from __future__ import annotations

import cv2
import numpy as np
import pytest
from conftest import Pixels, as_photo
from skimage.color import rgb2lab

from evaluator.view import halved, shrink, view


def test_a_picture_is_never_enlarged(picture: Pixels) -> None:
    seen = view(as_photo(picture))
    assert seen.shape == seen.luma.shape == seen.native.shape == (64, 48)
    assert np.array_equal(seen.rgb, picture)
    assert seen.side == 64


@pytest.mark.parametrize(
    ("size", "work", "detail"),
    [((1600, 1200), (512, 384), (1024, 768)), ((600, 900), (341, 512), (600, 900)), ((3, 2000), (1, 512), (2, 1024))],
)
def test_longer_sides_at_the_measuring_sizes(
    size: tuple[int, int], work: tuple[int, int], detail: tuple[int, int]
) -> None:
    seen = view(as_photo(np.full((*size, 3), 90, np.uint8)))
    assert (seen.shape, seen.luma.shape, seen.side) == (work, detail, max(size))


def test_lab_agrees_with_scikit_image(picture: Pixels) -> None:
    lab = view(as_photo(picture)).lab
    assert lab.dtype == np.float32
    assert np.abs(lab - rgb2lab(picture)).max() < 0.5


def test_luma_is_rec_601(picture: Pixels) -> None:
    expected = picture @ np.array([0.299, 0.587, 0.114])
    assert np.abs(view(as_photo(picture)).luma - expected).max() <= 0.51


def test_the_untouched_centre_starts_on_the_block_grid(rng: np.random.Generator) -> None:
    rgb = np.repeat(rng.integers(0, 256, (1093, 1100, 1), np.uint8), 3, axis=2)
    native = view(as_photo(rgb)).native
    # Half of what is too much is 34 and 38 pixels; the last multiples of eight before these are 32.
    assert native.shape == (1024, 1024)
    assert np.array_equal(native, rgb[32:1056, 32:1056, 0])


def test_shrinking_averages_over_areas(rng: np.random.Generator) -> None:
    rgb = rng.integers(0, 256, (64, 96, 3), np.uint8)
    means = rgb.reshape(16, 4, 24, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrink(rgb, 24).astype(float) - means).max() <= 0.51
    assert shrink(rgb, 96) is rgb


@pytest.mark.parametrize("height", [681, 682, 683])
def test_half_of_an_odd_height_shows_the_same(rng: np.random.Generator, height: int) -> None:
    rgb = cv2.resize(rng.integers(90, 160, (9, 12, 3), np.uint8), (1024, height), interpolation=cv2.INTER_CUBIC)
    work, expected = view(as_photo(rgb)).rgb, shrink(rgb, 512)
    assert work.shape == expected.shape
    assert np.abs(work.astype(float) - expected).max() <= 2


@pytest.mark.parametrize("height", [64, 65, 67])
def test_halving_takes_the_mean_of_four(rng: np.random.Generator, height: int) -> None:
    rgb = rng.integers(0, 256, (height, 97, 3), np.uint8)
    means = rgb[: height // 2 * 2, :96].reshape(height // 2, 2, 48, 2, 3).mean(axis=(1, 3))
    half = halved(rgb)
    assert half.shape == (round(height / 2), 48, 3)
    assert np.abs(half[: height // 2].astype(float) - means).max() <= 0.5
