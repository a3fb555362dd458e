from __future__ import annotations

import cv2
import numpy as np
import pytest
import scipy.ndimage
from conftest import Pixels, as_photo, as_subject, drawn, painted
from PIL import Image, ImageDraw, ImageFont
from skimage.color import rgb2lab
from skimage.measure import regionprops

from evaluator.measure import composition, read
from evaluator.measure.reading import Measure
from evaluator.standard import load
from evaluator.types import Plane
from evaluator.view import View, view

SIZE = (180, 240)
WALL, BLUE = (215, 210, 205), (40, 80, 160)
BALL = drawn(SIZE, (60, 40, 140, 150))
NOWHERE = np.zeros(SIZE, np.float32)


def ball() -> View:
    return view(as_photo(painted(WALL, BALL, BLUE)))


def turned(degrees: float, length: float = 120, breadth: float = 30) -> Plane:
    """Return the mask of a bar turned clockwise as the eye sees it."""
    angle = np.radians(degrees)
    along = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    aside = np.array([-np.sin(angle), np.cos(angle)]) * breadth / 2
    corners = [(120, 90) + a * along + b * aside for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    return drawn(SIZE, tuple(float(value) for corner in corners for value in corner), "polygon")


def grid(degrees: float) -> Plane:
    """Return a lattice of dark lines turned clockwise."""
    upright = np.full((240, 240), 200, np.uint8)
    for at in range(20, 230, 40):
        upright[at : at + 6] = upright[:, at : at + 6] = 40
    image = Image.fromarray(upright).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=200)
    return np.asarray(image, np.float32)


@pytest.mark.parametrize("mask", [BALL, turned(20), drawn(SIZE, (0, 0, 90, 60), "rectangle")])
def test_the_box_agrees_with_scikit_image(mask: Plane) -> None:
    top, left, bottom, right = regionprops((mask > 0.5).astype(int))[0].bbox  # type: ignore[no-untyped-call]
    box = composition.bounding_box(mask)
    assert box is not None and box.label == "subject"
    found = (box.x * 240, box.y * 180, (box.x + box.width) * 240, (box.y + box.height) * 180)
    # A row with fewer pixels than a hundredth of the frame is left out: the tips of round and turned shapes.
    assert found == pytest.approx((left, top, right, bottom), abs=1.01)


def test_the_box_leaves_crumbs_out() -> None:
    crumbs = BALL.copy()
    crumbs[5, 5] = crumbs[170, 230] = 1
    assert composition.bounding_box(crumbs) == composition.bounding_box(BALL)
    assert composition.bounding_box(NOWHERE) is None


def test_the_centroid_agrees_with_scipy(rng: np.random.Generator) -> None:
    mask = rng.uniform(0, 1, SIZE).astype(np.float32) ** 3
    mask[:90] *= 0.5
    y, x = scipy.ndimage.center_of_mass(mask)
    assert composition.centroid(mask) == pytest.approx(((x + 0.5) / 240, (y + 0.5) / 180), abs=1e-5)
    assert composition.centroid(NOWHERE) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.5, 0.5), 0),
        ((0.4, 0.5), 1 / 15 + 0.03),
        ((1 / 3, 0.5), 0.03),
        ((0.5, 2 / 3), 0.015),
        ((0.1, 0.5), 1 / 3 - 0.1 + 0.03),
        ((0.5, 0.9), (0.9 - 2 / 3 + 0.03) / 2),
        ((1 / 3, 1 / 3), np.hypot(0.03, 0.015)),
    ],
)
def test_placement_is_the_distance_to_the_middle_or_a_third(point: tuple[float, float], expected: float) -> None:
    assert composition.placement(*point) == pytest.approx(expected)
    assert composition.placement(1 - point[0], point[1]) == pytest.approx(expected)


@pytest.mark.parametrize("degrees", [-40, -12, -3, 0, 2, 7, 20, 40])
def test_the_tilt_of_a_turned_lattice(degrees: float) -> None:
    angle, plain = composition.tilt(grid(degrees), np.zeros((240, 240), np.float32))
    assert angle == pytest.approx(degrees, abs=0.7)
    assert plain == 1


@pytest.mark.parametrize("degrees", [-30, -8, 0, 15])
def test_the_subject_tells_the_tilt_where_no_lines_do(degrees: float) -> None:
    even = np.full(SIZE, 120, np.float32)
    angle, plain = composition.tilt(even, turned(degrees))
    assert angle == pytest.approx(degrees, abs=0.5)
    assert 0 < plain < 1
    assert composition.tilt(even, turned(degrees), sure=0) == (0, 0)


def test_a_mirrored_picture_tilts_the_other_way() -> None:
    angle, plain = composition.tilt(grid(12), np.zeros((240, 240), np.float32))
    mirrored = composition.tilt(grid(12)[:, ::-1].copy(), np.zeros((240, 240), np.float32))
    assert mirrored == pytest.approx((-angle, plain), abs=0.05)


@pytest.mark.parametrize("degrees", [-60, -20, 0, 35, 80])
def test_the_axis_agrees_with_scikit_image(degrees: float) -> None:
    mask = turned(degrees)
    region = regionprops((mask > 0.5).astype(int))[0]  # type: ignore[no-untyped-call]
    angle, elongation = composition.principal_axis(mask)
    # Theirs runs from the rows' axis, against the clock; ours from the columns', with it.
    apart = np.degrees(angle - (np.pi / 2 - region.orientation))
    assert (apart + 90) % 180 - 90 == pytest.approx(0, abs=0.5)
    longer, shorter = region.axis_major_length**2, region.axis_minor_length**2
    assert elongation == pytest.approx((longer - shorter) / (longer + shorter), abs=0.01)


def test_a_round_or_absent_subject_has_no_axis() -> None:
    assert composition.principal_axis(drawn(SIZE, (60, 40, 140, 120)))[1] == pytest.approx(0, abs=0.01)
    assert composition.principal_axis(NOWHERE) == (0, 0)


def test_side_weights() -> None:
    weight = np.ones((4, 6), np.float32)
    assert composition.side_weights(weight) == 0
    weight[:, :3] = 3
    assert composition.side_weights(weight) == pytest.approx(0.5)
    assert composition.side_weights(weight[:, ::-1]) == pytest.approx(0.5)
    odd = np.array([[1, 9, 1]], np.float32)
    assert composition.side_weights(odd) == 0
    assert composition.side_weights(np.zeros((4, 6), np.float32)) == 0


def test_contrast_is_the_colour_difference() -> None:
    lab = rgb2lab(painted(WALL, BALL, BLUE)).astype(np.float32)
    colours = rgb2lab(np.array([[WALL, BLUE]], np.uint8))[0]
    expected = np.linalg.norm(colours[0] - colours[1])
    assert composition.contrast_with_background(lab, BALL) == pytest.approx(expected, rel=1e-3)
    assert composition.contrast_with_background(lab, NOWHERE) == 0


def test_a_subject_that_stands_out_is_prominent() -> None:
    bold = composition.prominence(ball(), as_subject(BALL))
    faint = composition.prominence(
        view(as_photo(painted(WALL, BALL, (205, 200, 195)))), as_subject(BALL, confidence=0.475)
    )
    assert bold.values["saliency_gain"] > 1
    assert bold.values["subject_contrast"] > 5 * faint.values["subject_contrast"] > 0
    assert [bold.confidence, faint.confidence] == pytest.approx([1, 0.5])
    # The wrong place is not prominent.
    assert composition.prominence(ball(), as_subject(1 - BALL)).values["saliency_gain"] < -1


def test_a_subject_that_is_the_whole_picture_gains_nothing() -> None:
    whole = composition.prominence(ball(), as_subject(np.ones(SIZE)))
    assert whole.values == {"saliency_gain": 0, "subject_contrast": 0}


def test_frame_fill_of_a_box() -> None:
    reading = composition.frame_fill(ball(), as_subject(drawn(SIZE, (60, 45, 120, 135), "rectangle")))
    assert reading.values == pytest.approx({"extent": 0.5, "area": 0.125})
    assert len(reading.boxes) == 1
    box = reading.boxes[0]
    assert (box.x, box.y, box.width, box.height) == pytest.approx((0.25, 0.25, 0.25, 0.5))


def test_balance_knows_where_the_subject_is() -> None:
    known = composition.balance(ball(), as_subject(BALL, confidence=0.475)).values
    assert (known["centre_x"], known["centre_y"]) == composition.centroid(BALL)
    assert known["placement"] == pytest.approx(0.5 * composition.placement(*composition.centroid(BALL)))
    assert set(composition.balance(ball(), as_subject(BALL, confidence=0)).values) == {
        "tilt",
        "angle",
        "side_gap",
    }


def test_mirroring_keeps_balance_fill_and_prominence() -> None:
    mirrored = view(as_photo(painted(WALL, BALL, BLUE)[:, ::-1].copy()))
    for measure in (composition.prominence, composition.frame_fill, composition.balance):
        one = dict(measure(ball(), as_subject(BALL)).values)
        other = dict(measure(mirrored, as_subject(BALL[:, ::-1])).values)
        for values in (one, other):
            values.pop("angle", None)
        if "centre_x" in other:
            other["centre_x"] = 1 - other["centre_x"]
        assert other == pytest.approx(one, abs=0.03)


@pytest.mark.parametrize("measure", [composition.prominence, composition.frame_fill])
def test_no_subject_no_reading(measure: Measure) -> None:
    assert measure(ball(), as_subject(BALL, confidence=0.3)).absent == "subject"


def test_an_empty_mask_fills_nothing() -> None:
    assert composition.frame_fill(ball(), as_subject(NOWHERE)).absent == "subject"


def labelled(at: tuple[int, int]) -> tuple[Pixels, Plane]:
    """Return a picture of a large tin with words somewhere, and the tin's mask."""
    mask = drawn((320, 320), (40, 110, 280, 300))
    image = Image.fromarray(painted((240, 240, 240), mask, (230, 200, 90)))
    ImageDraw.Draw(image).text(at, "ORGANIC TEA", font=ImageFont.load_default(size=26), fill=(20, 20, 20))
    return np.array(image), mask


def lit(picture: Pixels, mask: Plane) -> Pixels:
    """Return a picture whose subject has light from one side and grain, as a lens would show it."""
    shade = np.linspace(0.7, 1.15, picture.shape[1])[None, :, None]
    grain = np.random.default_rng(0).normal(0, 5, picture.shape)
    shown = np.clip(picture.astype(float) * shade + 25 + grain, 0, 255)
    return np.where(mask[..., None] > 0.5, shown, picture).astype(np.uint8)


def test_words_of_one_flat_colour_are_laid_over_even_where_they_lie_on_the_product() -> None:
    flat, mask = labelled((70, 190))
    ground, _ = labelled((70, 400))
    words = flat != ground
    laid = np.where(words, flat, lit(ground, mask)).astype(np.uint8)
    (box,) = composition.overlay_freedom(view(as_photo(laid)), as_subject(mask)).boxes
    assert 0.5 < box.y + box.height / 2 < 0.7
    assert composition.flat_share(view(as_photo(laid)).lab, box) > composition.FLAT
    assert composition.flat_share(view(as_photo(lit(flat, mask))).lab, box) < composition.FLAT


def test_words_over_the_picture_count_and_the_products_own_do_not() -> None:
    flat, mask = labelled((70, 190))
    print_on = lit(flat, mask)
    words_over, _ = labelled((70, 40))
    own = composition.overlay_freedom(view(as_photo(print_on)), as_subject(mask))
    unknown = composition.overlay_freedom(view(as_photo(print_on)), as_subject(mask, confidence=0.4))
    over = composition.overlay_freedom(view(as_photo(words_over)), as_subject(mask))
    assert own.values == {"text_area": 0, "border": 0, "separators": 0}
    assert own.boxes == ()
    for reading in (unknown, over):
        area = sum(box.width * box.height for box in reading.boxes)
        assert reading.values["text_area"] == pytest.approx(100 * area)
        assert area > 0.02


def test_a_ground_is_bare_where_the_product_alone_has_lines() -> None:
    alone, mask = labelled((70, 190))
    over, _ = labelled((70, 40))
    faint = np.where(over < 200, np.uint8(228), over)  # twelve levels under the ground
    assert composition.bare(alone, as_subject(mask))
    assert not composition.bare(alone, as_subject(mask, confidence=0.4))
    assert not composition.bare(over, as_subject(mask))
    assert not composition.bare(faint, as_subject(mask))


def test_a_strip_across_the_frame_leaves_no_bare_ground() -> None:
    strip = drawn((320, 320), (0, 200, 320, 260), "rectangle")
    assert not composition.bare(painted((240, 240, 240), strip, BLUE), as_subject(strip))


def test_a_calm_picture_is_free_of_overlays() -> None:
    dusk = np.linspace(90, 160, 180)[:, None, None] * np.ones((1, 240, 3))
    reading = composition.overlay_freedom(view(as_photo(dusk.astype(np.uint8))), as_subject(NOWHERE))
    assert reading.values == {"text_area": 0, "border": 0, "separators": 0}


def test_a_frame_around_the_picture_counts() -> None:
    framed = cv2.copyMakeBorder(painted(WALL, BALL, BLUE), 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    reading = composition.overlay_freedom(view(as_photo(framed)), as_subject(np.zeros(framed.shape[:2])))
    assert reading.values["border"] == pytest.approx(100 * (1 - 180 * 240 / (204 * 264)), abs=1.5)


def test_every_criterion_of_the_standard_is_read() -> None:
    readings = read(ball(), as_subject(BALL))
    assert set(readings) == {criterion.id for criterion in load().criteria}
    for reading in readings.values():
        assert (reading.absent is None) == bool(reading.values)
        assert all(np.isfinite(value) for value in reading.values.values())
