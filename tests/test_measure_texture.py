from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
import scipy.fft
import scipy.ndimage
from conftest import as_photo, as_subject, drawn, painted
from PIL import Image

from evaluator.measure import texture
from evaluator.types import Plane
from evaluator.view import Levels, view


def step(sigma: float) -> Plane:
    edge = np.full((128, 128), 20.0)
    edge[:, 64:] = 220
    return np.asarray(scipy.ndimage.gaussian_filter(edge, sigma), np.float32)


@pytest.fixture
def natural(rng: np.random.Generator) -> Levels:
    """A smooth picture with a little grain, in whole levels."""
    smooth = scipy.ndimage.zoom(rng.uniform(60, 200, (9, 12)), 20, order=3)
    return np.asarray(np.round(smooth + rng.normal(0, 1.5, smooth.shape)).clip(0, 255), np.uint8)


def compressed(plane: Levels, quality: int) -> Levels:
    stream = io.BytesIO()
    Image.fromarray(plane).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream), np.uint8)


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("turned", [False, True])
def test_the_width_of_a_blurred_step_is_its_blur(sigma: float, turned: bool) -> None:
    edge = step(sigma).T.copy() if turned else step(sigma)
    # The pixel grid and the Sobel kernel have a width of their own: two boxes of 2 and 1 pixels.
    expected = np.sqrt(sigma**2 + 2**2 / 12 + 1 / 12)
    assert np.median(texture.edge_widths(edge)) == pytest.approx(expected, rel=0.03)
    assert np.median(texture.edge_widths(edge)) == pytest.approx(sigma, rel=0.12)


def test_a_hard_step_is_as_sharp_as_can_be() -> None:
    assert np.median(texture.edge_widths(step(0.01))) < 0.8


def test_edges_are_read_in_the_region_alone() -> None:
    both = np.concatenate([step(1.0), step(4.0)])
    lower = np.zeros(both.shape, bool)
    lower[140:] = True
    assert np.median(texture.edge_widths(both, lower)) == pytest.approx(4, rel=0.05)
    assert texture.edge_widths(both, np.zeros_like(lower)).size == 0


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0, 10.0])
def test_noise_is_its_standard_deviation(rng: np.random.Generator, sigma: float) -> None:
    noisy = np.round(128 + rng.normal(0, sigma, (256, 256))).clip(0, 255).astype(np.uint8)
    # After Donoho: the spread of the diagonal Haar coefficients, whose median would be rounded like the levels.
    cells = noisy.astype(float)
    diagonal = (cells[::2, ::2] - cells[1::2, ::2] - cells[::2, 1::2] + cells[1::2, 1::2]) / 2
    assert texture.noise_sigma(noisy) == pytest.approx(sigma, rel=0.1)
    assert texture.noise_sigma(noisy) == pytest.approx(diagonal.std(), rel=0.1)


def test_noise_is_not_read_from_texture_or_clipped_areas(rng: np.random.Generator) -> None:
    noisy = np.round(128 + rng.normal(0, 4, (256, 256))).astype(np.uint8)
    plain = texture.noise_sigma(noisy)
    noisy[:96] = rng.uniform(0, 255, (96, 256))
    noisy[96:128] = 255
    assert texture.noise_sigma(noisy) == pytest.approx(plain, rel=0.15)


def test_noise_of_clean_and_of_tiny_pictures_is_nought() -> None:
    assert texture.noise_sigma(np.full((64, 64), 90, np.uint8)) == 0
    assert texture.noise_sigma(np.full((64, 64), 255, np.uint8)) == 0
    assert texture.noise_sigma(np.full((12, 64), 90, np.uint8)) == 0


@pytest.mark.parametrize("corner", [(0, 0), (3, 5)])
def test_blocks_rise_as_the_quality_falls_wherever_the_crop(natural: Levels, corner: tuple[int, int]) -> None:
    top, left = corner
    found = [texture.blockiness(compressed(natural, quality)[top:, left:]) for quality in (90, 75, 50, 30, 15, 5)]
    assert found == sorted(found)
    assert found[-1] > 20 * texture.blockiness(natural)


def test_blocks_of_a_drawn_grid_are_their_step_over_the_rest(rng: np.random.Generator) -> None:
    # Steps of 4 levels on the grid and of 2 beside it: (4 − 2) / (2 + 0.25), in both directions.
    line = np.cumsum(np.where(np.arange(160) % 8 == 0, 4, 2) * np.where(np.arange(160) % 2, 1, -1))
    assert texture.blockiness((100 + line[:, None] + line).astype(np.uint8)) == pytest.approx(2 / 2.25)


def test_clean_pictures_have_no_blocks(natural: Levels) -> None:
    assert texture.blockiness(np.full((64, 64), 90, np.uint8)) == 0
    assert texture.blockiness(natural) < 0.05
    assert texture.blockiness(natural[:20]) == 0


def test_the_transform_is_the_orthonormal_dct(rng: np.random.Generator) -> None:
    block = rng.uniform(0, 255, (8, 8))
    ours = texture._DCT @ block @ texture._DCT.T
    assert ours == pytest.approx(scipy.fft.dctn(block, norm="ortho"), abs=1e-3)


def test_detail_is_lost_to_compression(natural: Levels) -> None:
    found = [texture.lost_detail(compressed(natural, quality)) for quality in (95, 30, 15, 5)]
    assert found == sorted(found)
    assert texture.lost_detail(natural) == 0
    assert found[-1] > 0.9


def test_detail_is_not_missed_where_there_is_nothing_to_see(natural: Levels) -> None:
    assert texture.lost_detail(natural[:24]) == 0
    assert texture.lost_detail(np.full((64, 64), 90, np.uint8)) == 0


@pytest.mark.parametrize("turned", [False, True])
def test_posterised_gradients_band_and_smooth_ones_do_not(turned: bool) -> None:
    ramp = np.tile(np.linspace(40, 200, 400), (200, 1))
    smooth, bands = np.round(ramp), np.round(ramp / 6) * 6
    if turned:
        smooth, bands = smooth.T, bands.T
    assert texture.banding(smooth.astype(np.uint8)) == 0
    assert texture.banding(bands.astype(np.uint8)) > 0.03
    assert texture.banding(np.full((64, 64), 90, np.uint8)) == 0


def test_banding_is_steps_over_still_area() -> None:
    plane = np.tile(np.repeat([100.0, 106.0], 20), (40, 1)).astype(np.uint8)
    # Across: of 33 places in the middle of seven steps one is the jump, and the 26 that do not have it about
    # them are still; along: none jumps.
    assert texture.banding(plane) == pytest.approx(40 / (40 * 26 + 0.02 * plane.size) / 2)


BOX = drawn((240, 320), (110, 60, 210, 200), "rectangle")


def box(sigma: float) -> npt.NDArray[np.uint8]:
    rgb = painted((230, 230, 230), BOX, (40, 80, 160))
    return np.asarray(scipy.ndimage.gaussian_filter(rgb, (sigma, sigma, 0)), np.uint8)


def test_sharpness_is_read_from_the_subject() -> None:
    rgb = box(3.0)
    rgb[:, :40:8] = 0  # sharp stripes that are not the subject's
    known = texture.sharpness(view(as_photo(rgb)), as_subject(BOX)).values
    unknown = texture.sharpness(view(as_photo(rgb)), as_subject(BOX, confidence=0.2)).values
    assert known["edge_width"] == pytest.approx(3, rel=0.1)
    assert unknown["edge_width"] < 1.5
    assert known["effective_side"] == pytest.approx(320 * 0.75 / known["edge_width"])


def test_a_subject_without_edges_leaves_the_whole_picture_to_read() -> None:
    nowhere = as_subject(np.zeros((240, 320)))
    assert texture.sharpness(view(as_photo(box(3.0))), nowhere).values["edge_width"] == pytest.approx(3, rel=0.1)


def test_nothing_sharp_or_unsharp_in_a_blank_picture() -> None:
    reading = texture.sharpness(view(as_photo(np.full((64, 64, 3), 200, np.uint8))), as_subject(np.zeros((64, 64))))
    assert reading.absent == "blank"
    assert not reading.values


def test_artefacts_are_four_measures(natural: Levels) -> None:
    seen = view(as_photo(np.repeat(natural[..., None], 3, axis=2)))
    assert texture.artefact_cleanliness(seen, as_subject(np.zeros(seen.shape))).values == {
        "noise": texture.noise_sigma(seen.luma),
        "blockiness": texture.blockiness(natural),
        "lost_detail": texture.lost_detail(natural),
        "banding": texture.banding(natural),
    }


def test_materials_need_the_network() -> None:
    seen = view(as_photo(box(1.0)))
    assert texture.material_realism(seen, as_subject(np.zeros(seen.shape))).absent == "network"
