"""Advice: its order and gains, the figures in both languages, and that following it helps."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest
from conftest import as_photo
from test_pipeline import still_life

from evaluator import advise as module
from evaluator.advise import ADVISERS, GOOD_ENOUGH, MOST, advise, crop_box, gain, light_of, stops
from evaluator.findings import no_tags
from evaluator.measure.light import neutral_cast
from evaluator.measure.reading import Reading
from evaluator.opinion import Opinion
from evaluator.pipeline import Evaluator
from evaluator.score import judge, total
from evaluator.standard import load
from evaluator.types import Advice, Box, Criterion
from evaluator.view import view

STANDARD = load()
SIZE = (1600, 1200)
FINE = {
    "exposure": {"lightest": 96, "darkest": 5, "middle": 60, "range": 85, "clipped_lights": 0, "clipped_shadows": 0,
                 "pure_white": 0},
    "colour_harmony": {"cast": 0, "cast_a": 0, "cast_b": 0, "illuminant": 0, "harmony": 0, "hues": 1},
    "balance": {"tilt": 0, "angle": 0, "side_gap": 0, "placement": 0, "centre_x": 0.5, "centre_y": 0.5},
    "sharpness": {"edge_width": 0.5, "effective_side": 1024},
    "artefact_cleanliness": {"noise": 0.3, "blockiness": 0, "lost_detail": 0, "banding": 0},
    "overlay_freedom": {"text_area": 0, "border": 0, "separators": 0},
    "background_order": {"clutter": 0, "entropy": 0, "white_share": 1},
    "prominence": {"saliency_gain": 3, "subject_contrast": 55},
    "subject_fusion": {"fringe": 0, "grain_gap": 0},
    "light_coherence": {"opposed_light": 0, "warmth_gap": 0},
    "completeness": {"cut": 0, "cut_top": 0, "cut_bottom": 0, "cut_left": 0, "cut_right": 0},
    "grounding": {"contact_shadow": 16},
    "frame_fill": {"extent": 0.85},
}  # fmt: skip
SUBJECT = Box(0.4, 0.3, 0.2, 0.3, "subject")
LINES = (Box(0.1, 0.1, 0.2, 0.05, "text"), Box(0.25, 0.5, 0.5, 0.1, "text"))


def criteria_with(id: str, changes: Mapping[str, float], profile: str = "general") -> dict[str, Criterion]:
    """Criteria that are all fine but for one, whose measures are changed."""
    readings = {
        each: Reading(
            {name: float(value) for name, value in (values | changes if each == id else values).items()},
            boxes={"frame_fill": (SUBJECT,), "overlay_freedom": LINES}.get(each, ()),
        )
        for each, values in FINE.items()
    }
    return judge(readings, STANDARD, STANDARD.profile(profile))


def advice_on(id: str, changes: Mapping[str, float], profile: str = "general", size: tuple[int, int] = SIZE) -> Advice:
    """The one advice that follows from one weak criterion."""
    (advice,) = advise(criteria_with(id, changes, profile), STANDARD, STANDARD.profile(profile), size)
    assert advice.criterion == id
    return advice


def test_what_is_fine_needs_no_advice() -> None:
    criteria = criteria_with("exposure", {})
    assert min(c.score for c in criteria.values() if c.score is not None) >= GOOD_ENOUGH
    assert advise(criteria, STANDARD, STANDARD.profile("general"), SIZE) == ()


def test_every_criterion_that_has_a_curve_has_its_adviser() -> None:
    assert set(ADVISERS) == {curve.criterion for curve in STANDARD.curves} == set(FINE)


CASES = [
    ("exposure", {"lightest": 50, "range": 50}, "exposure", ("2.3", "50", "96"), {"stops": 2.289}),
    ("exposure", {"lightest": 3, "range": 3}, "exposure", ("3.0",), {"stops": 3.0}),
    ("exposure", {"range": 10, "lightest": 100, "darkest": 12}, "tones", ("10", "50"), {"range": 10}),
    ("exposure", {"range": 10, "lightest": 90, "darkest": 12}, "exposure", ("0.2", "90"), {"stops": 0.238}),
    ("exposure", {"clipped_shadows": 60}, "shadows", ("60",), {"clipped": 60}),
    ("exposure", {"clipped_lights": 40, "middle": 90}, "exposure", ("2.0", "40.0"), {"stops": -2}),
    ("exposure", {"lightest": 40, "clipped_lights": 6}, "exposure", ("6.0",), {"stops": -0.327}),
    ("exposure", {"darkest": 70}, "exposure", ("0.2", "70"), {"stops": -0.237}),
    ("exposure", {"pure_white": 100}, "exposure", (), {"stops": -0.237}),
    ("colour_harmony", {"cast": 25, "cast_a": 20, "cast_b": -15}, "white_balance", ("25", "-20", "+15"),
     {"a": -20, "b": 15}),
    ("colour_harmony", {"illuminant": 40}, "palette", ("40",), {"degrees": 40}),
    ("colour_harmony", {"harmony": 40, "hues": 9}, "palette", ("9",), {"hues": 9}),
    ("balance", {"tilt": 8, "angle": 8}, "straighten", ("8.0",), {"degrees": 8}),
    ("balance", {"tilt": 25, "angle": -25}, "", ("25",), {"turn": 25}),
    ("balance", {"placement": 0.4, "centre_x": 0.9, "centre_y": 0.6}, "recentre", ("40",), {"x": -0.4, "y": -0.1}),
    ("balance", {"placement": 0.4, "centre_x": 0.2}, "recentre", ("30",), {"x": 0.3}),
    ("balance", {"placement": 0.4, "centre_y": 0.2}, "recentre", ("30",), {"y": 0.3}),
    ("balance", {"placement": 0.4, "centre_y": 0.9}, "recentre", ("40",), {"y": -0.4}),
    ("balance", {"side_gap": 0.9}, "", ("90",), {"share": 0.9}),
    ("sharpness", {"edge_width": 4, "effective_side": 200}, "sharpen", ("4.0", "200"), {"edge_width": 4}),
    ("sharpness", {"edge_width": 1.2, "effective_side": 300}, "resolution", ("300", "1000"),
     {"side": 300, "wanted": 1000}),
    ("artefact_cleanliness", {"noise": 12}, "denoise", ("12",), {"sigma": 12}),
    ("artefact_cleanliness", {"banding": 0.4}, "deband", ("40.0",), {"banding": 0.4}),
    ("artefact_cleanliness", {"blockiness": 2}, "deblock", ("200",), {"blockiness": 2}),
    ("overlay_freedom", {"border": 20}, "crop", ("20",), {"border": 20}),
    ("overlay_freedom", {"separators": 2}, "", ("2",), {"separators": 2}),
    ("overlay_freedom", {"text_area": 6}, "inpaint", ("2", "6.0", "400", "600", "800", "120"),
     {"x": 0.25, "y": 0.5, "width": 0.5, "height": 0.1}),
    ("background_order", {"clutter": 0.5}, "calm_background", ("50",), {"clutter": 0.5}),
    ("prominence", {"subject_contrast": 6}, "contrast", ("6", "28"), {"delta_e": 6}),
    ("prominence", {"saliency_gain": -1}, "calm_background", ("0.5",), {"ratio": 0.5}),
    ("subject_fusion", {"fringe": 15}, "defringe", ("15",), {"fringe": 15}),
    ("subject_fusion", {"grain_gap": 6}, "grain", ("6.0",), {"gap": 6}),
    ("light_coherence", {"opposed_light": 0.8}, "match_light", ("80",), {"opposed": 0.8}),
    ("light_coherence", {"warmth_gap": 30}, "match_light", ("30",), {"warmth": 30}),
    ("completeness", {"cut": 2, "cut_top": 0.3}, "extend", ("5",), {"top": 0.3, "bottom": 0, "left": 0, "right": 0}),
    ("completeness", {"cut": 2}, "extend", ("5",), {}),
    ("grounding", {"contact_shadow": 1}, "shadow", ("1", "12"), {"lightness": 11}),
    ("frame_fill", {"extent": 0.2}, "crop", ("20", "70"), {"width": 0.3 / 0.705, "height": 0.3 / 0.705}),
]  # fmt: skip


@pytest.mark.parametrize(("id", "changes", "action", "figures", "values"), CASES)
def test_advice_names_the_fix_and_gives_its_figures_in_both_languages(
    id: str, changes: dict[str, float], action: str, figures: tuple[str, ...], values: dict[str, float]
) -> None:
    advice = advice_on(id, changes)
    assert advice.action == action
    assert {name: advice.values[name] for name in values} == pytest.approx(values, abs=0.005)
    for text in (advice.en, advice.zh):
        told = re.findall(r"[+-]?\d+(?:\.\d+)?", text)
        assert [figure for figure in figures if figure not in told] == []
    assert re.search("[\u4e00-\u9fff]", advice.zh)
    assert not re.search("[\u4e00-\u9fff{}]", advice.en)


@pytest.mark.parametrize(
    ("id", "changes"),
    [
        ("grounding", {"contact_shadow": -0.01}),
        ("grounding", {"contact_shadow": -0.0}),
        ("prominence", {"saliency_gain": -0.01}),
        ("colour_harmony", {"cast": 25, "cast_a": 0.2, "cast_b": -25}),
        ("colour_harmony", {"cast": 25, "cast_a": 25, "cast_b": 0.0}),
    ],
)
def test_a_figure_that_rounds_to_nothing_has_no_minus(id: str, changes: dict[str, float]) -> None:
    advice, criterion = advice_on(id, changes), criteria_with(id, changes)[id]
    told = (advice.en, advice.zh, criterion.reason, criterion.reason_zh)
    assert [text for text in told if re.search(r"[-−]0(?:\.0+)?(?![.\d])", text)] == []


def test_a_measure_that_may_be_negative_is_worded_without_a_negative_nothing() -> None:
    signed = [curve for curve in STANDARD.curves if curve.points[0][0] < 0]
    assert {"contact_shadow", "saliency_gain"} <= {curve.measure for curve in signed}
    said = [text.format(value=-1e-4) for curve in signed for text in (curve.label.en, curve.label.zh)]
    assert [text for text in said if "-" in text] == []


def test_the_cases_say_every_sentence_there_is() -> None:
    used = {each.value for each in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(each, ast.Constant)}
    sides = {f"{side}_side" for side in ("top", "bottom", "left", "right")}
    seen = {f"seen_{rule.id}" for rule in STANDARD.criteria}
    assert set(STANDARD.advice) - sides - seen <= used
    assert sides <= set(STANDARD.advice)


@pytest.mark.parametrize(
    ("profile", "id", "changes", "size", "action", "figures"),
    [
        ("amazon", "sharpness", {"edge_width": 2, "effective_side": 200}, (900, 800), "resolution", ("900", "1000")),
        ("amazon", "background_order", {"white_share": 0.4}, SIZE, "white_background", ("60%",)),
        ("amazon", "frame_fill", {"extent": 0.5}, SIZE, "crop", ("50%", "92%")),
        ("google", "frame_fill", {"extent": 1.0}, SIZE, "extend", ("11%", "90%", "100%")),
        ("google", "frame_fill", {"extent": 0.5}, SIZE, "crop", ("82%",)),
    ],
)
def test_advice_follows_the_channel(
    profile: str, id: str, changes: dict[str, float], size: tuple[int, int], action: str, figures: tuple[str, ...]
) -> None:
    advice = advice_on(id, changes, profile, size)
    assert advice.action == action
    for text in (advice.en, advice.zh):
        assert [figure for figure in figures if figure not in text] == []
    if action == "white_background":
        assert STANDARD.profile(profile).name.en in advice.en
        assert STANDARD.profile(profile).name.zh in advice.zh


@pytest.mark.parametrize(
    ("cast", "en", "zh"),
    [
        ((20, 0), "reddish", "偏红"),
        ((0, 20), "yellowish", "偏黄"),
        ((-20, 3), "greenish", "偏绿"),
        ((2, -20), "bluish", "偏蓝"),
    ],
)
def test_a_cast_is_named_by_its_hue(cast: tuple[float, float], en: str, zh: str) -> None:
    advice = advice_on("colour_harmony", {"cast": 20, "cast_a": cast[0], "cast_b": cast[1]})
    assert en in advice.en
    assert zh in advice.zh


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"cut_top": 0.3}, "at the top:", "在上方重拍"),
        ({"cut_left": 0.3, "cut_right": 0.1}, "at the left and right:", "在左侧、右侧重拍"),
        ({"cut_bottom": 0.3, "cut_left": 0.01}, "at the bottom:", "在下方重拍"),
        ({}, "at the edge:", "在边缘重拍"),
    ],
)
def test_a_cut_is_named_by_its_sides(changes: dict[str, float], en: str, zh: str) -> None:
    advice = advice_on("completeness", {"cut": 2, **changes})
    assert en in advice.en
    assert zh in advice.zh


@pytest.mark.parametrize(
    ("centre", "en", "zh"),
    [
        ((0.9, 0.5), "to the left", "向左"), ((0.1, 0.5), "to the right", "向右"),
        ((0.5, 0.9), "up", "向上"), ((0.5, 0.1), "down", "向下"),
    ],
)  # fmt: skip
def test_a_subject_is_moved_towards_the_middle(centre: tuple[float, float], en: str, zh: str) -> None:
    advice = advice_on("balance", {"placement": 0.4, "centre_x": centre[0], "centre_y": centre[1]})
    assert f"40% of the frame {en}, onto" in advice.en
    assert zh in advice.zh
    moved = np.add(centre, (advice.values["x"], advice.values["y"]))
    assert moved == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(
    ("turn", "head", "action"),
    [
        pytest.param(12, 2.0, "straighten", id="the network sees it too"),
        pytest.param(12, 4.2, "", id="the network sees none"),
        pytest.param(5, 4.2, "straighten", id="too little for the network"),
    ],
)
def test_what_the_network_takes_for_straight_is_not_turned_far(turn: float, head: float, action: str) -> None:
    advice = advice_on("balance", {"tilt": turn, "angle": turn, "head": head})
    assert advice.action == action
    assert ("Stand the subject upright" in advice.en) is (action == "")


@pytest.mark.parametrize(
    ("tilt", "side_gap", "figure"),
    [pytest.param(0.0, 0.9, "90%", id="uneven"), pytest.param(44.0, 0.0, "44°", id="far off the level")],
)
def test_without_a_subject_none_is_moved_nor_stood_upright(tilt: float, side_gap: float, figure: str) -> None:
    reading = Reading({"tilt": tilt, "angle": tilt, "side_gap": side_gap})
    criteria = judge({"balance": reading}, STANDARD, STANDARD.profile("general"))
    (advice,) = advise(criteria, STANDARD, STANDARD.profile("general"), SIZE)
    assert "subject" not in advice.en
    assert "主体" not in advice.zh
    assert figure in advice.en


def weak(rng: np.random.Generator) -> dict[str, Criterion]:
    """The criteria of readings that are all somewhat wrong, each for a reason of its own."""
    readings = {}
    for id, values in FINE.items():
        wrong = {name: value + float(rng.uniform(0.1, 0.9)) for name, value in values.items()}
        for curve in STANDARD.curves_of(id):
            xs = [x for x, _ in curve.points]
            if curve.measure in wrong:
                wrong[curve.measure] = float(rng.uniform(xs[0], xs[-1]))
        if id == "frame_fill":
            wrong = {"extent": float(rng.uniform(0.05, 1))}
        readings[id] = Reading(wrong, confidence=float(rng.uniform(0.2, 1)), boxes=(SUBJECT,))
    return judge(readings, STANDARD, STANDARD.profile("general"))


def test_advice_comes_the_greatest_gain_first_and_never_too_much(rng: np.random.Generator) -> None:
    for _ in range(40):
        criteria = weak(rng)
        advice = advise(criteria, STANDARD, STANDARD.profile("general"), SIZE)
        gains = [each.gain for each in advice]
        assert gains == sorted(gains, reverse=True)
        below = [id for id, c in criteria.items() if c.score is not None and c.score < GOOD_ENOUGH]
        assert len(advice) == min(MOST, len(below))
        assert {each.criterion for each in advice} <= set(below)
        left_out = [gain(id, criteria, STANDARD) for id in below if id not in {each.criterion for each in advice}]
        assert max(left_out, default=0.0) <= gains[-1]
        assert all(np.isfinite(value) for each in advice for value in each.values.values())


def test_a_gain_is_what_the_total_wins_when_the_criterion_comes_to_5(rng: np.random.Generator) -> None:
    tags = no_tags(STANDARD)

    def summed(criteria: Mapping[str, Criterion]) -> float:
        return sum(part.adds for part in total(criteria, tags, STANDARD, empty=False).parts)

    for _ in range(20):
        criteria = weak(rng)
        for each in advise(criteria, STANDARD, STANDARD.profile("general"), SIZE):
            better = {**criteria, each.criterion: replace(criteria[each.criterion], score=5.0)}
            assert each.gain == pytest.approx(summed(better) - summed(criteria), abs=0.002)
            assert 0 < each.gain <= 4


def test_the_impression_is_taken_to_win_its_share_too(rng: np.random.Generator) -> None:
    tags, share = no_tags(STANDARD), STANDARD.total.impression
    for _ in range(10):
        criteria, felt = weak(rng), float(rng.uniform(1, 5))
        alone, both = (total(criteria, tags, STANDARD, False, each) for each in (None, felt))
        for each in advise(criteria, STANDARD, STANDARD.profile("general"), SIZE, both):
            won = gain(each.criterion, criteria, STANDARD)
            of_what_lacks = won / (5 - alone.uncapped)
            wanted = (1 - share) * won + share * (5 - felt) * of_what_lacks
            assert each.gain == pytest.approx(wanted, abs=0.002)
            assert both.uncapped + each.gain <= 5


def seen_weak(id: str, score: float, boxes: tuple[Box, ...] = ()) -> Mapping[str, Criterion]:
    """Criteria that all measure well, one of which the network finds weak."""
    readings = {each: Reading({name: float(v) for name, v in values.items()}) for each, values in FINE.items()}
    readings["frame_fill"] = replace(readings["frame_fill"], boxes=(SUBJECT,))
    heads = {id: Opinion(score, 0.6, 0.7, {}, boxes)}
    return judge(readings, STANDARD, STANDARD.profile("general"), heads)


@pytest.mark.parametrize("id", [rule.id for rule in STANDARD.criteria])
def test_what_only_the_network_finds_weak_is_told_in_its_name(id: str) -> None:
    criteria = seen_weak(id, 1.6)
    (advice,) = advise(criteria, STANDARD, STANDARD.profile("general"), SIZE)
    assert (advice.criterion, advice.action) == (id, "")
    assert "network" in advice.en and "1.6" in advice.en
    assert "网络" in advice.zh and "1.6" in advice.zh
    assert not re.search("[{}]", advice.en + advice.zh)


def test_a_fault_that_is_seen_somewhere_is_repaired_there() -> None:
    criteria = seen_weak("hand_face_integrity", 1.2, (Box(0.25, 0.5, 0.1, 0.2, "hand"),))
    (advice,) = advise(criteria, STANDARD, STANDARD.profile("general"), SIZE)
    assert advice.action == "inpaint"
    assert (advice.values["x_px"], advice.values["height_px"]) == (400, 240)


def test_under_a_cap_only_what_lifts_it_gains() -> None:
    criteria = criteria_with("exposure", {"lightest": 50, "range": 50})
    criteria = {**criteria, "hand_face_integrity": Criterion(1.2, 0.1, "", "", sources={"network": 1.2})}
    tags = no_tags(STANDARD)
    tags["hand"] = replace(tags["hand"], probability=0.95, flag=True)
    summed = total(criteria, tags, STANDARD, empty=False)
    assert summed.score == 2.5 < summed.uncapped
    hand, light = advise(criteria, STANDARD, STANDARD.profile("general"), SIZE, summed)
    assert (hand.criterion, light.criterion) == ("hand_face_integrity", "exposure")
    assert light.gain == 0
    better = {**criteria, "hand_face_integrity": replace(criteria["hand_face_integrity"], score=5.0)}
    assert hand.gain == pytest.approx(total(better, no_tags(STANDARD), STANDARD, False).uncapped - 2.5, abs=0.002)


@pytest.mark.parametrize("lightness", [1.0, 8.0, 20.0, 50.0, 76.0, 100.0])
def test_luminance_follows_the_cie(lightness: float) -> None:
    lab = np.array([[[lightness, 0, 0]]], np.float32)
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2LRGB)
    assert light_of(lightness) == pytest.approx(float(rgb.mean()), rel=0.01)


def test_stops_are_the_ratio_of_the_luminances() -> None:
    assert stops(50, 76) == pytest.approx(3 * np.log2((76 + 16) / (50 + 16)))
    assert stops(50, 76) == pytest.approx(1.44, abs=0.005)
    assert stops(76, 50) == pytest.approx(-stops(50, 76))
    assert stops(60, 60) == 0
    assert stops(0, 0) == 0
    assert np.isfinite(stops(0, 96))


def test_raising_by_the_advised_stops_brings_the_lights_to_where_they_are_wanted() -> None:
    advice = advice_on("exposure", {"lightest": 55.0, "range": 55})
    assert light_of(55) * 2 ** advice.values["stops"] == pytest.approx(light_of(96), rel=1e-6)


def test_a_crop_box_holds_the_subject_at_the_wanted_size_in_its_middle() -> None:
    box = crop_box(Box(0.4, 0.4, 0.2, 0.3), 0.75)
    assert (box.width, box.height) == pytest.approx((0.4, 0.4))
    assert (box.x, box.y) == pytest.approx((0.3, 0.35))


def test_a_crop_box_stays_in_the_frame_and_holds_the_subject(rng: np.random.Generator) -> None:
    for _ in range(300):
        width, height = rng.uniform(0.005, 1, 2)
        subject = Box(float(rng.uniform(0, 1 - width)), float(rng.uniform(0, 1 - height)), float(width), float(height))
        wanted = float(rng.uniform(0.4, 1))
        box = crop_box(subject, wanted)
        assert min(box.x, box.y) >= 0
        assert max(box.x + box.width, box.y + box.height) <= 1 + 1e-12
        assert box.width == box.height == pytest.approx(min(1, max(0.05, max(width, height) / wanted)))
        assert box.x <= subject.x + 1e-12
        assert box.y <= subject.y + 1e-12
        assert box.x + box.width >= min(1, subject.x + width) - 1e-12
        assert box.y + box.height >= min(1, subject.y + height) - 1e-12


def turned(picture: np.ndarray, degrees: float, way: str) -> np.ndarray:
    """The picture turned about its middle; OpenCV turns anticlockwise for positive degrees."""
    height, width = picture.shape[:2]
    signed = degrees if way == "anticlockwise" else -degrees
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), signed, 1.0)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def told_turn(advice: tuple[Advice, ...]) -> tuple[float, str, str]:
    (one,) = (each for each in advice if each.action == "straighten")
    degrees, way = re.search(r"([\d.]+)° (\w+)", one.en).groups()  # type: ignore[union-attr]
    return float(degrees), way, one.zh


@pytest.mark.parametrize("way", ["clockwise", "anticlockwise"])
def test_turning_as_advised_levels_a_tilted_picture(way: str) -> None:
    evaluator = Evaluator()
    tilted = turned(still_life(), 8, way)
    report = evaluator.score(tilted)
    degrees, back, chinese = told_turn(report.advice)
    assert back != way
    assert degrees == pytest.approx(8, abs=2)
    assert {"clockwise": "顺时针", "anticlockwise": "逆时针"}[back] in chinese
    level = evaluator.score(turned(tilted, degrees, back))
    assert level.criteria["balance"].measures["tilt"] < 0.3 * report.criteria["balance"].measures["tilt"]


@pytest.mark.parametrize("gains", [(1.0, 0.8, 0.55), (0.6, 0.8, 1.0), (0.6, 1.0, 0.6)])
def test_shifting_as_advised_takes_the_cast_away(gains: tuple[float, ...]) -> None:
    report = Evaluator().score((still_life() * np.array(gains)).astype(np.uint8))
    (advice,) = (each for each in report.advice if each.action == "white_balance")
    lab = cv2.resize(
        view(as_photo((still_life() * np.array(gains)).astype(np.uint8))).lab, (96, 96), interpolation=cv2.INTER_AREA
    )
    before = np.hypot(*neutral_cast(lab))
    lab[..., 1:] += np.array([advice.values["a"], advice.values["b"]], np.float32)
    assert np.hypot(*neutral_cast(lab)) < 0.3 * before


def test_cropping_as_advised_fills_the_frame_as_the_channel_asks() -> None:
    small = np.full((400, 500, 3), 206, np.uint8)
    small[140:260, 220:280] = (40, 60, 150)
    evaluator = Evaluator("google", eyes=None)  # a flat square is no product to the network
    report = evaluator.score(small)
    (advice,) = (each for each in report.advice if each.action == "crop")
    x, y, width, height = (round(advice.values[f"{name}_px"]) for name in ("x", "y", "width", "height"))
    cropped = evaluator.score(np.ascontiguousarray(small[y : y + height, x : x + width]))
    before, after = (each.criteria["frame_fill"] for each in (report, cropped))
    assert after.score is not None
    assert before.score is not None
    assert before.score < 3.5
    assert after.score > 4.5
