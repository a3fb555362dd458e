from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import scipy.ndimage
from conftest import Pixels, drawn, painted

from evaluator.measure import CRITERIA
from evaluator.measure.composition import principal_axis
from evaluator.training import defects
from evaluator.training.defects import LADDERS

STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
SIZE = (160, 200)
BALL = drawn(SIZE, (70, 30, 140, 130))


@pytest.fixture
def photo(rng: np.random.Generator) -> Pixels:
    """A product in a soft scene with a little grain."""
    scene = scipy.ndimage.zoom(rng.uniform(80, 200, (4, 5, 3)), (40, 40, 1), order=3)
    return painted(scene + rng.normal(0, 2, scene.shape), BALL, (40, 80, 160))


def spoilt(picture: Pixels, kind: str, strength: float, seed: int = 7) -> Pixels:
    return LADDERS[kind][0](picture, strength, np.random.default_rng(seed))


def away(one: Pixels, other: Pixels) -> float:
    """Return the distance between two pictures: of their pixels, or of their areas where they differ in size."""
    if one.shape != other.shape:
        return 1000 * abs(1 - one.size / other.size)
    return float(np.sqrt(((one.astype(float) - other) ** 2).mean()))


@pytest.mark.parametrize("kind", LADDERS)
def test_no_strength_leaves_the_picture_as_it_is(photo: Pixels, kind: str) -> None:
    same = spoilt(photo, kind, 0.0)
    assert same.dtype == np.uint8
    if kind == "jpeg":  # quality 90
        assert away(same, photo) < 4
    else:
        assert np.array_equal(same, photo)


@pytest.mark.parametrize("kind", LADDERS)
def test_strength_grows_the_distance(photo: Pixels, kind: str) -> None:
    distances = [away(spoilt(photo, kind, strength), photo) for strength in (0.0, *STRENGTHS)]
    assert all(less < more for less, more in pairwise(distances))


@pytest.mark.parametrize("kind", LADDERS)
def test_a_seed_gives_the_same_fault_again(photo: Pixels, kind: str) -> None:
    before = photo.copy()
    assert np.array_equal(spoilt(photo, kind, 0.7), spoilt(photo, kind, 0.7))
    assert np.array_equal(photo, before)


@pytest.mark.parametrize(
    "kind", ["noise", "motion", "cast", "crop", "text", "tilt", "watermark", "border", "collage", "clutter"]
)
def test_seeds_differ(photo: Pixels, kind: str) -> None:
    results = [spoilt(photo, kind, 0.7, seed) for seed in range(6)]
    assert len({result.tobytes() for result in results}) > 1


def test_every_ladder_leads_to_a_criterion() -> None:
    assert {criterion for _, criterion in LADDERS.values()} <= set(CRITERIA)


def test_blur_is_a_gaussian_of_the_longer_side() -> None:
    point = np.zeros((101, 101, 3), np.uint8)
    point[:, 50:] = 200
    soft = spoilt(point, "blur", 1.0)[50, :, 0].astype(float)
    rise = np.diff(soft) / 200
    centre = (rise * np.arange(100)).sum()
    assert np.sqrt((rise * (np.arange(100) - centre) ** 2).sum()) == pytest.approx(0.012 * 101, rel=0.1)


def test_noise_has_its_standard_deviation() -> None:
    grey = np.full((120, 120, 3), 128, np.uint8)
    assert spoilt(grey, "noise", 0.5).std() == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize(("kind", "stops"), [("dark", -3.5), ("bright", 3.0)])
def test_exposure_is_in_stops_of_linear_light(kind: str, stops: float) -> None:
    grey = np.full((4, 4, 3), 60, np.uint8)
    linear = ((60 / 255 + 0.055) / 1.055) ** 2.4 * 2**stops
    expected = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    assert spoilt(grey, kind, 1.0) == pytest.approx(np.full((4, 4, 3), 255 * expected), abs=0.51)


def test_a_cast_tints_grey_and_never_brightens() -> None:
    grey = np.full((4, 4, 3), 150, np.uint8)
    tinted = spoilt(grey, "cast", 0.5)[0, 0].astype(int)
    assert np.ptp(tinted) > 20
    assert tinted.max() <= 150


def test_a_crop_takes_up_to_three_fifths_of_one_side(photo: Pixels) -> None:
    sizes = {spoilt(photo, "crop", 1.0, seed).shape[:2] for seed in range(12)}
    assert sizes == {(64, 200), (160, 80)}
    left = {spoilt(photo, "crop", 1.0, seed).tobytes() for seed in range(12)}
    parts = [photo[:64], photo[-64:], photo[:, :80], photo[:, -80:]]
    assert left == {part.tobytes() for part in parts}


def test_enlargement_keeps_the_size_and_the_mean(photo: Pixels) -> None:
    coarse = spoilt(photo, "upscale", 1.0)
    assert coarse.shape == photo.shape
    assert coarse.mean() == pytest.approx(photo.mean(), abs=1)


def test_a_tilt_turns_by_its_angle_and_shows_no_edge() -> None:
    bar = painted((200, 200, 200), drawn((300, 300), (90, 140, 210, 160), "rectangle"), (20, 20, 20))
    for seed in range(3):
        turned = spoilt(bar, "tilt", 1.0, seed)
        angle, _ = principal_axis((turned[..., 0] < 110).astype(np.float32))
        assert abs(np.degrees(angle)) == pytest.approx(15, abs=0.5)
        assert turned[0].min() == turned[:, 0].min() == 200
        assert turned.shape[0] == pytest.approx(300 / (np.cos(np.pi / 12) + np.sin(np.pi / 12)), abs=1)


def test_tilt_goes_either_way(photo: Pixels) -> None:
    assert len({defects.tilt(photo, 0.5, np.random.default_rng(seed)).tobytes() for seed in range(8)}) == 2


def test_motion_smears_along_one_line_as_far_as_it_says() -> None:
    point = np.zeros((101, 101, 3), np.uint8)
    point[50, 50] = 255
    smeared = spoilt(point, "motion", 1.0)[..., 0].astype(float)
    rows, columns = np.nonzero(smeared > 1)
    spread = np.linalg.svd(np.cov(np.stack([rows, columns]) - 50.0), compute_uv=False)
    assert spread[0] > 3 * spread[1]
    assert np.hypot(rows - 50, columns - 50).max() == pytest.approx(0.025 * 101, abs=1)


def test_bands_leave_few_levels(photo: Pixels) -> None:
    assert len(np.unique(spoilt(photo, "bands", 1.0))) <= 7


def test_flat_halves_the_contrast(photo: Pixels) -> None:
    assert spoilt(photo, "flat", 0.5).std() == pytest.approx((1 - 0.425) * photo.std(), rel=0.02)


def test_gaudy_keeps_greys_and_widens_colours(photo: Pixels) -> None:
    grey = np.full((20, 20, 3), 90, np.uint8)
    assert np.array_equal(spoilt(grey, "gaudy", 1.0), grey)
    assert np.ptp(spoilt(photo, "gaudy", 0.5).astype(int), axis=2).mean() > 1.3 * np.ptp(photo, axis=2).mean()


def test_a_border_stays_at_the_border(photo: Pixels) -> None:
    framed = spoilt(photo, "border", 1.0)
    width = round(0.09 * 160)
    assert np.array_equal(
        framed[width + 1 : -width - 1, width + 1 : -width - 1], photo[width + 1 : -width - 1, width + 1 : -width - 1]
    )
    assert len(np.unique(framed[:width].reshape(-1, 3), axis=0)) == 1


def test_clutter_leaves_the_middle(photo: Pixels) -> None:
    assert np.array_equal(spoilt(photo, "clutter", 1.0)[72:88, 90:110], photo[72:88, 90:110])
