from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.ndimage
from conftest import Pixels, as_photo, as_subject, drawn, painted
from skimage.color import rgb2lab

from evaluator.measure import environment
from evaluator.types import Plane
from evaluator.view import view

SIZE = (200, 240)
BALL = drawn(SIZE, (60, 40, 180, 160))
WALL, GREEN = (180, 190, 200), (60, 90, 60)


def lab_of(rgb: Pixels) -> npt.NDArray[np.float32]:
    return np.asarray(rgb2lab(rgb), np.float32)


def halo(width: float, colour: tuple[int, int, int]) -> Pixels:
    around = drawn(SIZE, (60 - width, 40 - width, 180 + width, 160 + width))
    return painted(painted(WALL, around, colour), BALL, GREEN)


@pytest.mark.parametrize(("inner", "outer"), [(0, 5), (1, 3), (5, 11)])
def test_a_ring_is_a_band_of_distances(inner: int, outer: int) -> None:
    distance = scipy.ndimage.distance_transform_edt(BALL <= 0.5)
    expected = (distance > inner) & (distance <= outer)
    found = environment.ring(BALL, inner, outer)
    assert not (found & (BALL > 0.5)).any()
    assert (found & expected).sum() / (found | expected).sum() > 0.85


def test_a_blended_edge_has_no_fringe() -> None:
    assert environment.fringe(lab_of(painted(WALL, BALL, GREEN)), BALL) < 0.5


def test_a_halo_is_as_far_off_as_its_colour() -> None:
    colours = [lab_of(np.array([[colour]], np.uint8))[0, 0] for colour in (WALL, GREEN, (255, 60, 255))]
    wall, line, point = colours[0], colours[1] - colours[0], colours[2] - colours[0]
    along = np.clip(point @ line / (line @ line), 0, 1)
    expected = float(np.linalg.norm(wall + point - (wall + along * line)))
    assert environment.fringe(lab_of(halo(4, (255, 60, 255))), BALL) == pytest.approx(expected, rel=0.03)
    assert environment.fringe(lab_of(halo(4, (255, 255, 255))), BALL) > 10


def test_grain_is_no_fringe(rng: np.random.Generator) -> None:
    for picture, least, most in ((painted(WALL, BALL, GREEN), 0.0, 4.0), (halo(4, (255, 60, 255)), 15.0, np.inf)):
        grainy = np.clip(picture + rng.normal(0, 24, picture.shape), 0, 255).astype(np.uint8)
        assert least <= environment.fringe(lab_of(grainy), BALL) <= most


def test_a_fringe_is_the_same_mirrored() -> None:
    lab = lab_of(halo(3, (255, 200, 80)))
    mirrored = environment.fringe(lab[:, ::-1].copy(), BALL[:, ::-1].copy())
    assert mirrored == pytest.approx(environment.fringe(lab, BALL), rel=0.02)


def test_a_fringe_needs_both_sides_of_the_edge() -> None:
    lab = lab_of(halo(4, (255, 60, 255)))
    assert environment.fringe(lab, np.zeros(SIZE, np.float32)) == 0
    apart = np.zeros(SIZE, np.float32)
    apart[:, :100] = apart[:, 103:107] = 1  # the gap lies inside, the surroundings beyond a sliver
    assert environment.fringe(lab, apart) == 0


@pytest.mark.parametrize(("inside", "outside", "expected"), [(8, 8, 0.0), (8, 2, 1.6), (2, 8, 1.6)])
def test_grain_inside_against_outside(rng: np.random.Generator, inside: float, outside: float, expected: float) -> None:
    spread = np.where(BALL > 0.5, inside, outside)
    luma = (120 + spread * rng.normal(size=SIZE)).astype(np.float32)
    # Two octaves of noise, less what the floor of 0.35 levels takes.
    assert environment.grain_gap(luma, BALL) == pytest.approx(expected, abs=0.25)


def test_grain_needs_both_sides() -> None:
    assert environment.grain_gap(np.full(SIZE, 9, np.float32), np.zeros(SIZE, np.float32)) == 0


def test_clutter_grows_with_what_stands_about(rng: np.random.Generator) -> None:
    def clutter(things: int) -> tuple[float, float]:
        room = np.full((*SIZE, 3), 190.0)
        for _ in range(things):
            x, y = rng.uniform(0, 220), rng.uniform(0, 180)
            room = painted(room, drawn(SIZE, (x, y, x + 24, y + 24)), rng.uniform(0, 255, 3)).astype(float)
        return environment.clutter(lab_of(painted(room, BALL, GREEN)), 1 - BALL)

    edges, entropies = zip(*(clutter(things) for things in (0, 5, 30)), strict=True)
    assert edges[0] < 0.05 and entropies[0] < 0.2
    assert edges[0] < edges[1] < edges[2]
    assert entropies[0] < entropies[1] < entropies[2]


def test_entropy_of_bands_is_their_number_of_bits() -> None:
    lab = np.zeros((192, 192, 3), np.float32)
    lab[..., 0] = 95
    lab[..., 1] = np.repeat([-45, -15, 15, 45], 48)
    density, entropy = environment.clutter(lab, np.ones((192, 192), np.float32))
    assert entropy == pytest.approx(2, abs=0.35)  # a little more, since the bands run into each other
    # Three edges, each some four pixels wide once blurred, and what the sigmoid lets through elsewhere.
    assert 3 * 2 / 192 < density < 3 * 6 / 192 + 1 / (1 + np.exp(2.2 / 0.5))


def test_underexposure_does_not_pass_for_order(rng: np.random.Generator) -> None:
    lab = scipy.ndimage.zoom(rng.uniform((30, -40, -40), (95, 40, 40), (12, 12, 3)), (16, 16, 1), order=0)
    everywhere = np.ones(lab.shape[:2], np.float32)
    light = environment.clutter(lab.astype(np.float32), everywhere)
    dark = environment.clutter((0.4 * lab).astype(np.float32), everywhere)
    assert dark == pytest.approx(light, rel=1e-3)


def test_no_clutter_where_there_is_no_background(rng: np.random.Generator) -> None:
    lab = lab_of(rng.integers(0, 256, (*SIZE, 3), np.uint8))
    assert environment.clutter(lab, np.zeros(SIZE, np.float32)) == (0, 0)


def test_the_share_of_pure_white() -> None:
    lab = np.zeros((20, 40, 3), np.float32)
    lab[..., 0] = 99.5
    lab[:, :10, 0] = 98  # a quarter is grey, a quarter tinted
    lab[:, 10:20, 1] = 3
    outside = np.ones((20, 40), np.float32)
    assert environment.white_share(lab, outside) == pytest.approx(0.5)
    outside[:, 20:] = 0
    assert environment.white_share(lab, outside) == 0
    assert environment.white_share(lab, np.zeros_like(outside)) == 0


def standing(shadow: float, tone: int = 0) -> Plane:
    """Return the lightness of a ball on a floor of L* 80, its foot in a shadow of some depth."""
    under = scipy.ndimage.gaussian_filter(drawn(SIZE, (50, 150, 190, 172)), 3)
    floor = painted((198, 198, 198), shadow * under, (tone, tone, tone))
    return lab_of(painted(floor, BALL, GREEN))[..., 0]


def test_a_drawn_contact_shadow_is_measured() -> None:
    depths = [environment.contact_shadow(standing(shadow), BALL) for shadow in (0, 0.2, 0.5, 0.8)]
    assert depths[0] == pytest.approx(0, abs=0.1)
    assert depths == sorted(depths) and depths[1] > 5
    assert environment.contact_shadow(standing(0.5, tone=255), BALL) < -3


def test_a_contact_shadow_is_a_difference_of_lightness() -> None:
    light = np.full(SIZE, 80, np.float32)
    box = np.zeros(SIZE, np.float32)
    box[50:150, 60:180] = 1
    light[150:154] = 55
    assert environment.contact_shadow(light, box) == pytest.approx(25)
    assert environment.contact_shadow(light[:, ::-1].copy(), box[:, ::-1].copy()) == pytest.approx(25)


@pytest.mark.parametrize("rows", [slice(0, 0), slice(20, 25), slice(100, 200)])
def test_no_contact_shadow_without_ground_or_height(rows: slice) -> None:
    mask = np.zeros(SIZE, np.float32)
    mask[rows] = 1
    assert environment.contact_shadow(standing(0.5), mask) == 0


def test_fusion_and_grounding_of_a_subject_in_a_scene() -> None:
    rgb = halo(4, (255, 60, 255))
    seen, subject = view(as_photo(rgb)), as_subject(BALL, confidence=0.475)
    fusion, ground = environment.subject_fusion(seen, subject), environment.grounding(seen, subject)
    assert fusion.values["fringe"] == environment.fringe(seen.lab, BALL)
    assert fusion.values["grain_gap"] == pytest.approx(0, abs=0.1)
    assert ground.values["contact_shadow"] == environment.contact_shadow(seen.lab[..., 0], BALL)
    assert fusion.confidence == ground.confidence == pytest.approx(0.35 * 0.5)


def test_order_is_read_outside_the_subject(rng: np.random.Generator) -> None:
    noisy = rng.integers(0, 256, (*SIZE, 3)).astype(np.float64)
    seen = view(as_photo(painted((255, 255, 255), BALL, noisy)))
    known = environment.background_order(seen, as_subject(BALL)).values
    unknown = environment.background_order(seen, as_subject(BALL, confidence=0)).values
    assert known["white_share"] == pytest.approx(1, abs=0.01)
    assert known["clutter"] < 0.1 < unknown["clutter"]
    assert known["entropy"] < unknown["entropy"]


@pytest.mark.parametrize(
    ("id", "on_white", "in_scene"),
    [
        ("scene_fit", "plain_backdrop", "network"),
        ("scale", "no_reference", "network"),
        ("subject_fusion", "plain_backdrop", "subject"),
        ("grounding", "plain_backdrop", "subject"),
    ],
)
def test_why_there_is_nothing_to_judge(id: str, on_white: str, in_scene: str) -> None:
    seen = view(as_photo(painted(WALL, BALL, GREEN)))
    white = environment.CRITERIA[id](seen, as_subject(BALL, plain=1, white=1))
    unsure = environment.CRITERIA[id](seen, as_subject(BALL, confidence=0.1))
    assert (white.absent, unsure.absent) == (on_white, in_scene)
    assert white.confidence == unsure.confidence == 0


def test_a_foot_that_the_frame_cuts_stands_on_nothing() -> None:
    seen = view(as_photo(painted(WALL, BALL, GREEN)))
    lowered = np.roll(BALL, 40, axis=0)
    assert environment.grounding(seen, as_subject(lowered)).absent == "foot_cut"
