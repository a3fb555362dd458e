from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from conftest import Pixels, as_photo, drawn, painted

from evaluator.mask import find_subject
from evaluator.types import Plane, Subject
from evaluator.view import view

SIZE = (240, 320)
WHITE, GREEN = (255, 255, 255), (90, 170, 110)
FALL = np.linspace(225, 150, 240)[:, None, None] * np.ones((1, 320, 3))
SHAPES = {
    "ball": drawn(SIZE, (110, 60, 210, 200)),
    "box": drawn(SIZE, (90, 90, 230, 190), "rectangle"),
    "bottle": drawn(SIZE, (150, 30, 175, 30, 175, 80, 200, 100, 200, 210, 125, 210, 125, 100, 150, 80), "polygon"),
}


def subject_of(rgb: Pixels, alpha: Pixels | None = None) -> Subject:
    photo = as_photo(rgb, alpha)
    return find_subject(photo, view(photo))


def overlap(one: Plane, other: Plane) -> float:
    """Return the intersection over union of two masks."""
    a, b = one > 0.5, other > 0.5
    return float((a & b).sum() / max((a | b).sum(), 1))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("backdrop", "colour"),
    [
        pytest.param(WHITE, (40, 80, 160), id="white"),
        pytest.param(WHITE, (10, 10, 10), id="black on white"),
        pytest.param(FALL, (170, 40, 40), id="grey that falls off"),
        pytest.param(GREEN, (230, 220, 60), id="green"),
        pytest.param((20, 30, 80), (230, 200, 180), id="navy"),
    ],
)
def test_products_are_cut_out(shape: str, backdrop: npt.ArrayLike, colour: tuple[int, int, int]) -> None:
    subject = subject_of(painted(backdrop, SHAPES[shape], colour))
    assert overlap(subject.mask, SHAPES[shape]) >= 0.9
    assert subject.confidence > 0.8
    assert subject.source == "backdrop"
    assert subject.plain > 0.95


def test_the_backdrop_is_described() -> None:
    ball = SHAPES["ball"]
    white, green = (subject_of(painted(colour, ball, (40, 80, 160))) for colour in (WHITE, GREEN))
    assert white.white == pytest.approx(1, abs=0.01)
    assert green.white == 0
    assert green.plain == pytest.approx(1, abs=0.01)


def test_a_large_picture_gets_its_mask_at_working_size() -> None:
    mask = drawn((600, 900), (300, 150, 600, 450))
    subject = subject_of(painted(GREEN, mask, (230, 220, 60)))
    assert subject.mask.shape == (341, 512)
    assert subject.mask.mean() == pytest.approx(mask.mean(), rel=0.05)


def test_alpha_is_taken_as_it_is() -> None:
    alpha = np.round(255 * SHAPES["ball"]).astype(np.uint8)
    # Nothing in the colours gives the shape away.
    subject = subject_of(np.full((*SIZE, 3), 255, np.uint8), alpha)
    assert (subject.source, subject.confidence, subject.plain) == ("alpha", 1.0, 1.0)
    assert subject.mask == pytest.approx(alpha / 255)


@pytest.mark.parametrize("level", [0, 255])
def test_an_alpha_that_says_nothing_is_passed_over(level: int) -> None:
    alpha = np.full(SIZE, level, np.uint8)
    subject = subject_of(painted(WHITE, SHAPES["ball"], (40, 80, 160)), alpha)
    assert subject.source == "backdrop"
    assert overlap(subject.mask, SHAPES["ball"]) >= 0.9


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_blank_picture_has_no_subject(colour: int) -> None:
    subject = subject_of(np.full((*SIZE, 3), colour, np.uint8))
    assert (subject.source, subject.confidence) == ("none", 0.0)
    assert not subject.mask.any() and subject.mask.shape == SIZE


def test_noise_is_no_subject(rng: np.random.Generator) -> None:
    assert subject_of(rng.integers(0, 256, (*SIZE, 3), np.uint8)).confidence < 0.3


def test_white_on_white_is_owned_up_to() -> None:
    subject = subject_of(painted(WHITE, SHAPES["ball"], (252, 252, 252)))
    assert (subject.source, subject.confidence) == ("none", 0.0)


def test_a_subject_on_a_patterned_ground_is_found_by_saliency(rng: np.random.Generator) -> None:
    pattern = np.kron(rng.integers(0, 90, (24, 32, 3)), np.ones((10, 10, 1)))
    subject = subject_of(painted(pattern, SHAPES["ball"], (250, 220, 40)))
    assert subject.source == "saliency"
    assert subject.confidence < 0.8
    assert overlap(subject.mask, SHAPES["ball"]) > 0.6


def test_a_subject_that_fills_the_frame_is_known_by_the_remains_of_the_backdrop() -> None:
    filling = drawn(SIZE, (-30, -24, 350, 264))
    subject = subject_of(painted(GREEN, filling, (200, 60, 60)))
    assert overlap(subject.mask, filling) > 0.9
    assert 0.3 < subject.confidence < 0.6


def test_crumbs_are_dropped_and_small_holes_filled() -> None:
    dotted = SHAPES["ball"].copy()
    dotted[20:26, 20:26] = 1
    holed = painted(painted(GREEN, dotted, (230, 220, 60)), drawn(SIZE, (145, 115, 175, 145)), GREEN)
    subject = subject_of(holed)
    assert subject.mask[20:26, 20:26].max() == 0
    assert subject.mask[115:145, 145:175].min() == 1


def test_a_side_that_is_all_subject_leaves_no_backdrop_to_call_plain() -> None:
    dark, light = painted(FALL, SHAPES["ball"], (170, 40, 40)), np.full((*SIZE, 3), 250, np.uint8)
    half = np.where(np.arange(320)[None, :, None] < 160, dark, light)
    assert subject_of(half).plain < subject_of(dark).plain


def test_mirrored_pictures_give_mirrored_masks() -> None:
    rgb = painted(FALL, SHAPES["bottle"], (170, 40, 40))
    straight, mirrored = subject_of(rgb), subject_of(np.ascontiguousarray(rgb[:, ::-1]))
    assert overlap(straight.mask, mirrored.mask[:, ::-1]) > 0.98
    assert mirrored.confidence == pytest.approx(straight.confidence, abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (2, 90), (90, 2), (9, 9)])
def test_tiny_pictures_do_no_harm(rng: np.random.Generator, size: tuple[int, int]) -> None:
    subject = subject_of(rng.integers(0, 256, (*size, 3), np.uint8))
    assert subject.mask.shape == size
    assert 0 <= subject.confidence <= 1


def test_two_threads_see_the_same(rng: np.random.Generator) -> None:
    # Patterned, so that GrabCut and its random start are in it.
    pattern = np.kron(rng.integers(0, 90, (24, 32, 3)), np.ones((10, 10, 1)))
    photos = [painted(pattern, mask, (250, 220, 40)) for mask in SHAPES.values()]
    alone = [subject_of(rgb).mask for rgb in photos]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(subject_of, photos * 3))
    assert all(np.array_equal(seen.mask, alone[i % 3]) for i, seen in enumerate(together))


def seen_in(rgb: Pixels, seen: Plane, alpha: Pixels | None = None) -> Subject:
    photo = as_photo(rgb, alpha)
    return find_subject(photo, view(photo), seen)


def coarse(mask: Plane) -> Plane:
    """Return a mask as the network would give it: small and soft."""
    return np.asarray(cv2.GaussianBlur(cv2.resize(mask, (96, 72), interpolation=cv2.INTER_AREA), (0, 0), 1.2))


def test_on_a_busy_ground_the_networks_mask_is_taken_and_drawn_to_the_edges(rng: np.random.Generator) -> None:
    pattern = np.kron(rng.integers(0, 90, (24, 32, 3)), np.ones((10, 10, 1)))
    truth = SHAPES["bottle"]
    soft = coarse(truth)
    subject = seen_in(painted(pattern, truth, (250, 220, 40)), soft)
    assert subject.source == "network"
    assert subject.confidence > 0.65
    larger = cv2.resize(soft, SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    assert overlap(subject.mask, truth) > max(0.9, overlap(larger, truth))
    edge = (truth > 0) & (cv2.erode(truth, np.ones((9, 9))) < 1)
    assert np.abs(subject.mask - truth)[edge].mean() < np.abs(larger - truth)[edge].mean()


def test_white_paper_and_alpha_say_more_than_a_network_that_misses_what_stands_out() -> None:
    wrong = coarse(drawn(SIZE, (10, 10, 80, 80)))
    white = seen_in(painted(WHITE, SHAPES["ball"], (40, 80, 160)), wrong)
    assert white.source == "backdrop"
    assert overlap(white.mask, SHAPES["ball"]) > 0.9
    alpha = np.round(255 * SHAPES["ball"]).astype(np.uint8)
    assert seen_in(np.full((*SIZE, 3), 255, np.uint8), wrong, alpha).source == "alpha"


def test_what_is_white_on_white_paper_is_the_networks_to_tell() -> None:
    ball = SHAPES["ball"]
    rows = np.flatnonzero(ball.any(1))
    lower = ball.copy()
    lower[: int(rows.mean())] = 0
    picture = painted(WHITE, lower, (40, 80, 160))  # the ball's upper half is as white as the paper
    assert overlap(subject_of(picture).mask, ball) < 0.7
    seen = seen_in(picture, coarse(ball))
    assert seen.source == "network" and overlap(seen.mask, ball) > 0.9
    unsure = seen_in(picture, np.asarray(0.3 + 0.4 * coarse(ball), np.float32))
    assert unsure.source == "backdrop"


def test_on_a_plain_coloured_ground_network_and_backdrop_must_agree() -> None:
    picture = painted(GREEN, SHAPES["ball"], (230, 220, 60))
    assert seen_in(picture, coarse(SHAPES["ball"])).source == "backdrop"
    elsewhere = seen_in(picture, coarse(drawn(SIZE, (10, 10, 80, 80))))
    assert elsewhere.source == "network"


@pytest.mark.parametrize(
    ("level", "right", "kept"),
    [
        pytest.param(0.8, 60, False, id="small and unsure"),
        pytest.param(1.0, 70, True, id="small and decided"),
        pytest.param(0.8, 150, True, id="unsure, but as large"),
    ],
)
def test_small_parts_of_which_the_network_is_unsure_are_left_out(
    rng: np.random.Generator, level: float, right: int, kept: bool
) -> None:
    pattern = np.kron(rng.integers(0, 90, (24, 32, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    whole, apart = drawn(SIZE, (180, 60, 300, 200), "rectangle"), drawn(SIZE, (10, 50, right, 160), "rectangle")
    seen = np.asarray(np.maximum(whole, level * apart), np.float32)
    subject = seen_in(pattern, seen)
    assert subject.source == "network"
    assert bool(subject.mask[80:120, 30:50].min() > 0.5) is kept
    assert subject.mask[90:170, 200:280].min() > 0.5


def test_a_network_that_sees_no_subject_finds_none(rng: np.random.Generator) -> None:
    noise = rng.integers(0, 256, (*SIZE, 3), np.uint8)
    subject = seen_in(noise, np.zeros((72, 96), np.float32))
    assert (subject.source, subject.confidence) == ("none", 0.0)
    assert seen_in(noise, np.full((72, 96), 0.55, np.float32)).confidence < 0.3


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_sheet_is_not_cut(level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cv2.grabCut", lambda *_: pytest.fail("GrabCut takes ten seconds over one colour"))
    photo = as_photo(np.full((200, 260, 3), level, np.uint8))
    subject = find_subject(photo, view(photo))
    assert (subject.source, subject.confidence) == ("none", 0.0)
