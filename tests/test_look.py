"""Looking at hands, faces and rims from nearby, and what all looks together say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import Pixels, drawn, painted

from evaluator.calibration import Attribute, Near, load_calibration
from evaluator.look import MOST, PIECE, RIMS, SOFTNESS, Closer, Look, closer, first, odds_nearby, places, rims, spots
from evaluator.types import Box, Closeup, Glance, Plane, Rgb, Sameness

CALIBRATION = load_calibration()
INPUT, CLOSE_INPUT = 384, 160
RULE = Attribute(temperature=1.2, bias=1.9, flag=0.9, review=0.6, near=Near(first=0.5, close=1.0, bias=0.25))
WHOLE = Box(0, 0, 0.5, 0.5, "hand")
GREEN, BLUE, GREY = (40, 200, 60), (30, 30, 220), (150, 150, 150)


@dataclass(frozen=True)
class FakeCard:
    sha256: str = "ab" * 32


def like(rgb: Pixels, colour: tuple[int, int, int]) -> Plane:
    return (np.abs(rgb.astype(int) - colour).max(axis=2) < 70).astype(np.float32)


@dataclass
class FakeEyes:
    """Sees as the networks do, 384 × 384 pixels or a cut's 160: green is a hand, blue a fault, grey nothing.

    It stands before a plain backdrop unless there is a `scene`. `changes` replace what it says; `shown` keeps the sizes
    of what it was shown.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    scene: bool = False
    shown: list[tuple[int, ...]] = field(default_factory=list)
    card: FakeCard = FakeCard()
    weights: str = "abababababab"

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        self.shown.append(rgb.shape)
        scale = INPUT / (rgb.shape[0] * rgb.shape[1]) ** 0.5
        size = (max(32, round(scale * rgb.shape[1])), max(32, round(scale * rgb.shape[0])))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        coarse = (size[0] // 8, size[1] // 8)
        hand, fault = like(small, GREEN), like(small, BLUE)
        fault *= fault.sum() > 12
        none = np.zeros(coarse[::-1], np.float32)
        calm = dict.fromkeys(("fusion", "face", "body", "artefact"), -7.0)
        subject = cv2.resize(1 - like(small, GREY), (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_AREA)
        faults = cv2.resize(cv2.dilate(fault, np.ones((9, 9))), coarse, interpolation=cv2.INTER_AREA)
        seen = Glance(
            embedding=np.full(256, 1 / 16, np.float32),
            mask=subject,
            presence={"person": 0.0, "face": 0.0, "hand": float(hand.sum() > 60), "plain_backdrop": 1.0 - self.scene,
                      "flat_lay": 0.0, "scene": 1.0},
            criteria=dict.fromkeys(CALIBRATION.heads, 4.0),
            maps=dict.fromkeys(("fusion", "face", "body", "artefact"), none) | {"hand": faults},
            logits=calm | {"hand": 5.0 if fault.any() else -7.0},
            impression=(4.0, 0.5),
            technical=4.0,
            appeal=4.0,
            parts={"person": none, "face": none, "hand": cv2.resize(hand, coarse, interpolation=cv2.INTER_AREA)},
        )  # fmt: skip
        return replace(seen, **self.changes)

    def close(self, cuts: Sequence[Rgb], about: Sequence[str]) -> list[Closeup]:
        self.shown += [cut.shape for cut in cuts]
        return [self.rim(cut) if each == "fusion" else self.closeup(cut) for cut, each in zip(cuts, about, strict=True)]

    def rim(self, cut: Rgb) -> Closeup:
        where = cv2.resize(like(cut, BLUE), (20, 20), interpolation=cv2.INTER_AREA)
        return Closeup({"fusion": 1.0}, {"fusion": 15.0 if where.any() else -7.0}, {"fusion": where})

    def beside(self, original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> Sameness:
        self.shown.append(generated.shape)
        return Sameness(-4.0, -4.0, np.zeros((len(mask) // 8, len(mask) // 8), np.float32))

    def closeup(self, cut: Rgb) -> Closeup:
        small = cv2.resize(cut, (CLOSE_INPUT, CLOSE_INPUT), interpolation=cv2.INTER_AREA)
        hand, fault = like(small, GREEN), like(small, BLUE)
        where = cv2.resize(cv2.dilate(fault, np.ones((9, 9))), (20, 20), interpolation=cv2.INTER_AREA)
        return closeup(float(hand.sum() > 60), 5.0 if fault.sum() > 12 else -7.0, where)


def closeup(presence: float, logit: float, where: Plane | None = None) -> Closeup:
    """What is seen of a hand from nearby, beside which there is no face."""
    none = np.zeros((20, 20), np.float32)
    maps = {"hand": none if where is None else where, "face": none}
    return Closeup({"hand": presence, "face": 0.0}, {"hand": logit, "face": -7.0}, maps)


def scene(side: int, hand: tuple[int, int, int, int], fault: int = 0) -> Pixels:
    """A grey square with a red product, a green hand, and a blue fault of some pixels in the hand."""
    picture = painted(GREY, drawn((side, side), (0.1 * side, 0.4 * side, 0.5 * side, 0.9 * side)), (200, 40, 40))
    x0, y0, x1, y1 = hand
    picture[y0:y1, x0:x1] = GREEN
    x, y = (x0 + x1) // 2, (y0 + y1) // 2
    picture[y : y + fault, x : x + fault] = BLUE
    return picture


def looked(picture: Pixels, eyes: FakeEyes, native: Pixels | None = None) -> Look:
    return closer(eyes, first(eyes, picture), picture if native is None else native, CALIBRATION)


def test_a_fault_too_small_for_the_first_look_is_found_from_nearby() -> None:
    eyes = FakeEyes()
    picture = scene(2000, (1200, 600, 1440, 840), fault=16)
    seen = looked(picture, eyes)
    assert RULE.probability(seen.glance.logits["hand"]) < 0.1
    assert seen.probability("hand", RULE) > 0.9
    assert len(eyes.shown) == 2
    (near,) = seen.closer
    assert (eyes.shown[1][0], eyes.shown[1][1]) == pytest.approx((480, 480), rel=0.15)
    assert 0.6 < near.box.x + near.box.width / 2 < 0.72


def test_the_map_shows_what_was_found_from_nearby() -> None:
    seen = looked(scene(2000, (1200, 600, 1440, 840), fault=16), FakeEyes())
    assert seen.glance.maps["hand"].max() == 0
    plane = seen.map("hand")
    y, x = np.unravel_index(int(plane.argmax()), plane.shape)
    assert plane.max() == pytest.approx(0.5)  # the first look saw nothing there, and counts as much
    assert (x / plane.shape[1], y / plane.shape[0]) == pytest.approx((0.66, 0.36), abs=0.03)
    assert seen.map("fusion") is seen.glance.maps["fusion"]


@pytest.mark.parametrize("attribute", SOFTNESS)
def test_a_broad_hill_of_a_map_stands_over_a_single_higher_cell(attribute: str) -> None:
    glance = looked(scene(400, (0, 0, 0, 0)), FakeEyes()).glance
    plane = np.zeros((48, 48), np.float32)
    plane[10:20, 30:40], plane[40, 5] = 0.6, 0.8
    found = Look(replace(glance, maps={**glance.maps, attribute: plane})).map(attribute)
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    assert found.max() == pytest.approx(0.8) and 10 <= y < 20 and 30 <= x < 40


@pytest.mark.parametrize(
    ("side", "hand"),
    [
        pytest.param(2000, (0, 0, 0, 0), id="no hand"),
        pytest.param(900, (500, 300, 518, 318), id="a hand of a few pixels"),
    ],
)
def test_nothing_is_looked_at_where_there_is_nothing_to_see(side: int, hand: tuple[int, int, int, int]) -> None:
    eyes = FakeEyes()
    assert looked(scene(side, hand), eyes).closer == ()
    assert len(eyes.shown) == 1


def test_a_part_that_the_presence_denies_is_not_looked_at() -> None:
    glance = FakeEyes().glance(scene(2000, (1200, 600, 1440, 840)))
    assert len(places(glance, (2000, 2000), CALIBRATION)) == 1
    assert places(replace(glance, presence={**glance.presence, "hand": 0.2}), (2000, 2000), CALIBRATION) == []
    assert places(replace(glance, parts={}), (2000, 2000), CALIBRATION) == []


def test_many_hands_are_looked_at_three_times_and_neighbours_once() -> None:
    picture = scene(3000, (0, 0, 0, 0))
    for x in (100, 1000, 1900):
        for y in (100, 2200):
            picture[y : y + 300, x : x + 300] = GREEN
    eyes = FakeEyes()
    assert len(looked(picture, eyes).closer) == MOST
    close = scene(3000, (1000, 1000, 1300, 1300))
    close[1000:1300, 1400:1700] = GREEN
    assert len(looked(close, FakeEyes()).closer) == 1


def test_a_place_lies_in_the_frame_with_room_around_the_part() -> None:
    picture = scene(2000, (1760, 0, 2000, 240))
    glance = FakeEyes().glance(picture)
    (box,) = places(glance, picture.shape[:2], CALIBRATION)
    assert box.x + box.width == pytest.approx(1)
    assert box.y == 0
    assert box.width * 2000 > 400


@pytest.mark.parametrize(("presence", "logit"), [(1.0, 6.0), (0.5, 6.0), (1.0, -6.0), (0.0, 6.0)])
def test_both_looks_are_weighed_and_what_is_hardly_a_hand_says_little(presence: float, logit: float) -> None:
    glance = FakeEyes().glance(scene(400, (100, 100, 300, 300)))
    said = Look(glance, (Closer(WHOLE, closeup(presence, logit)),)).probability("hand", RULE)
    odds = 0.5 * (glance.logits["hand"] / 1.2 + 1.9) + presence * logit + 0.25
    assert said == pytest.approx(1 / (1 + np.exp(-odds)))


def test_of_several_looks_from_nearby_the_most_alarming_counts() -> None:
    glance = FakeEyes().glance(scene(400, (100, 100, 300, 300)))
    calm, alarmed = Closer(WHOLE, closeup(1.0, -6.0)), Closer(WHOLE, closeup(1.0, 6.0))
    both = Look(glance, (calm, alarmed)).probability("hand", RULE)
    assert both == Look(glance, (alarmed,)).probability("hand", RULE) > Look(glance, (calm,)).probability("hand", RULE)


def test_what_is_hardly_a_hand_does_not_speak_for_one_that_plainly_is() -> None:
    sound, fragment = closeup(1.0, -6.0), closeup(0.2, 3.0)
    assert odds_nearby([sound, fragment], "hand") == pytest.approx(0.2 * 3 - 2 * 0.8)
    assert odds_nearby([sound, closeup(0.0, 9.0)], "hand") == pytest.approx(-2)
    assert odds_nearby([fragment], "hand") == pytest.approx(0.6)


def test_what_is_not_looked_at_from_nearby_is_told_by_the_first_look_alone() -> None:
    glance = FakeEyes().glance(scene(400, (100, 100, 300, 300)))
    near = Look(glance, (Closer(WHOLE, closeup(1.0, 6.0)),))
    for look, attribute in ((Look(glance), "hand"), (near, "fusion"), (near, "body")):
        assert look.probability(attribute, RULE) == RULE.probability(glance.logits[attribute])


def test_a_thing_is_as_present_as_in_the_surest_look() -> None:
    glance = FakeEyes().glance(scene(400, (0, 0, 0, 0)))
    seen = Look(glance, (Closer(WHOLE, closeup(0.8, -7.0)),))
    assert seen.presence("hand") == pytest.approx(0.8)
    assert seen.presence("scene") == 1
    assert seen.presence("unicorn") == 0


def test_spots_come_the_plainest_first() -> None:
    plane = np.zeros((40, 80), np.float32)
    plane[4:8, 8:16] = 0.6
    plane[20:30, 40:60] = 0.9
    plane[35, 70] = 0.3
    found = spots(plane, 0.5, "hand")
    assert [box for _, box in found] == [Box(0.5, 0.5, 0.25, 0.25, "hand"), Box(0.1, 0.1, 0.1, 0.1, "hand")]
    assert [mass for mass, _ in found] == pytest.approx([180.0, 19.2])


def test_the_fake_is_shown_what_the_network_would_be() -> None:
    eyes = FakeEyes()
    small, native = scene(500, (0, 0, 0, 0)), scene(3000, (1500, 900, 1790, 1190))
    looked(small, eyes, native)
    assert eyes.shown == [small.shape]


@dataclass
class RightEyes(FakeEyes):
    """Sees the right half of a whole picture alone."""

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        half = rgb.copy()
        half[:, : rgb.shape[1] // 2] = GREY
        return super().glance(half, near)


@pytest.mark.parametrize("side", [100, 500])
def test_a_picture_and_its_mirror_image_are_seen_alike(side: int) -> None:
    large = np.full((1536, 1536, 3), GREY, np.uint8)
    large[600:760, 2 * side : 2 * side + 180] = GREEN
    large[660:700, 2 * side + 40 : 2 * side + 90] = BLUE
    small = np.ascontiguousarray(large[::2, ::2])
    one = looked(small, RightEyes(), large)
    other = looked(small[:, ::-1], RightEyes(), large[:, ::-1])
    assert one.closer
    assert one.glance.logits == other.glance.logits
    assert len(one.closer) == len(other.closer)
    np.testing.assert_array_equal(one.glance.mask, other.glance.mask[:, ::-1])
    np.testing.assert_array_equal(one.glance.maps["hand"], other.glance.maps["hand"][:, ::-1])
    for a, b in zip(one.closer, other.closer, strict=True):
        assert a.box.x == pytest.approx(1 - b.box.x - b.box.width)
        np.testing.assert_array_equal(a.closeup.maps["hand"], b.closeup.maps["hand"][:, ::-1])


def test_what_is_no_hand_from_nearby_is_none() -> None:
    seen = looked(scene(2000, (1200, 600, 1440, 840)), FakeEyes())
    (near,) = seen.closer
    assert near.box.label == "hand" and seen.presence("hand") == 1.0

    def taken(presence: float, label: str = "hand") -> float:
        box = replace(near.box, label=label)
        return Look(seen.glance, (Closer(box, closeup(presence, 5.0)),)).presence("hand")

    assert taken(0.2) == 0 and taken(0.5) == pytest.approx(0.5) and taken(0.7) == 1.0
    assert taken(0.2, "face") == 1.0  # where no hand was looked at, the first look stands
    assert seen.presence("person") == seen.glance.sees("person")


def test_the_rim_of_a_subject_in_a_scene_is_looked_at_piece_by_piece() -> None:
    picture = painted(GREY, drawn((800, 1000), (300, 200, 700, 640)), (200, 40, 40))
    assert looked(picture, FakeEyes()).closer == ()  # it stands before a plain backdrop
    seen = looked(picture, FakeEyes(scene=True))
    assert {each.box.label for each in seen.closer} == {"fusion"}
    assert len(seen.closer) == RIMS
    covered = np.zeros((800, 1000), bool)
    for each in seen.closer:
        assert each.box.width * 1000 == pytest.approx(PIECE * 800**0.5 * 1000**0.5, rel=0.05)
        covered[each.box.cells(covered.shape)] = True
    rim = drawn((800, 1000), (300, 200, 700, 640)) > drawn((800, 1000), (306, 206, 694, 634))
    assert covered[rim].mean() > 0.6


def test_a_fault_at_the_rim_is_told_from_nearby_and_shown_where_it_is() -> None:
    picture = painted(GREY, drawn((800, 800), (240, 160, 560, 520)), (200, 40, 40))
    rule = RULE.model_copy(update={"bias": 0.0})
    sound = looked(picture, FakeEyes(scene=True))
    box = sound.closer[0].box
    x, y = round(800 * (box.x + box.width / 2)), round(800 * (box.y + box.height / 2))
    picture[y - 20 : y + 20, x - 20 : x + 20] = BLUE
    spoilt = looked(picture, FakeEyes(scene=True))
    assert sound.probability("fusion", rule) < 0.1 < 0.5 < spoilt.probability("fusion", rule)
    plane = spoilt.map("fusion")
    row, column = np.unravel_index(int(plane.argmax()), plane.shape)
    assert (column / plane.shape[1], row / plane.shape[0]) == pytest.approx((x / 800, y / 800), abs=0.05)


def test_of_two_hands_the_worse_speaks_and_of_a_rim_its_pieces_together() -> None:
    hands = [closeup(1.0, -2.0), closeup(1.0, 4.0)]
    pieces = [Closeup({"fusion": 1.0}, {"fusion": odds}, {}) for odds in (-2.0, 4.0, 1.0)]
    assert odds_nearby([*hands, *pieces], "hand") == 4.0
    assert odds_nearby([*hands, *pieces], "fusion") == pytest.approx(1.0)
    assert odds_nearby(hands, "fusion") is None


def test_the_first_look_says_which_pieces_of_a_rim_come_first() -> None:
    glance = FakeEyes(scene=True).glance(painted(GREY, drawn((800, 800), (80, 80, 720, 720)), (200, 40, 40)))
    doubt = np.zeros((48, 48), np.float32)
    doubt[30:46, 30:46] = 1.0
    box = rims(replace(glance, maps={**glance.maps, "fusion": doubt}))[0]
    assert box.x + box.width / 2 > 0.6 and box.y + box.height / 2 > 0.6


def test_where_no_subject_is_found_there_is_no_rim() -> None:
    assert rims(FakeEyes(scene=True).glance(np.full((800, 800, 3), GREY, np.uint8))) == []
