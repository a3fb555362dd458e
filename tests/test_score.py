"""From readings to the total: each formula against SciPy or a closed form, and sums that hold for any readings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pmean

from evaluator.findings import no_tags
from evaluator.measure.reading import Reading
from evaluator.opinion import DRAWN, MARKS, Opinion
from evaluator.score import combine, derive, judge, severity, shortfalls, subscore, total, verdict
from evaluator.standard import STANDARD_FILE, Curve, load
from evaluator.types import Box, Criterion, Tag

STANDARD = load()
GENERAL, AMAZON = STANDARD.profile("general"), STANDARD.profile("amazon")
CURVES = [pytest.param(curve, id=f"{curve.criterion}-{curve.measure}") for curve in STANDARD.curves]


def random_readings(rng: np.random.Generator, odds: float = 0.8) -> dict[str, Reading]:
    """Readings with values all over their curves, some absent, each with a confidence of its own."""
    readings = {}
    for rule in STANDARD.criteria:
        curves = STANDARD.curves_of(rule.id)
        if not curves or rng.random() > odds:
            readings[rule.id] = Reading(absent="subject" if curves else "network", confidence=0.0)
            continue
        values = {curve.measure: float(rng.uniform(curve.points[0][0], curve.points[-1][0])) for curve in curves}
        if rule.id == "frame_fill":
            values = {"extent": float(rng.uniform(0.02, 1.0))}
        readings[rule.id] = Reading(values, confidence=float(rng.uniform(0.01, 1)))
    return readings


def flagged(*ids: str) -> dict[str, Tag]:
    tags = no_tags(STANDARD)
    return tags | {id: replace(tags[id], probability=0.9, flag=True, confidence=0.9) for id in ids}


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_holds_its_ends_and_passes_through_its_points(curve: Curve) -> None:
    first, last = curve.points[0], curve.points[-1]
    assert subscore(curve, first[0] - 1e6) == pytest.approx(first[1])
    assert subscore(curve, last[0] + 1e6) == pytest.approx(last[1])
    for x, y in curve.points:
        assert subscore(curve, x) == pytest.approx(y)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_never_turns_back(curve: Curve) -> None:
    xs = np.linspace(curve.points[0][0] - 1, curve.points[-1][0] + 1, 500)
    steps = np.diff([subscore(curve, float(x)) for x in xs])
    rises = curve.points[-1][1] > curve.points[0][1]
    assert (steps >= -1e-12).all() if rises else (steps <= 1e-12).all()


def test_between_points_a_linear_curve_halves_the_difference_and_a_log_curve_the_ratio() -> None:
    curve = STANDARD.curves_of("sharpness")[0]
    (x0, y0), (x1, y1) = curve.points[1:3]
    assert curve.scale == "log"
    assert subscore(curve, math.sqrt(x0 * x1)) == pytest.approx((y0 + y1) / 2)
    linear = curve.model_copy(update={"scale": "linear"})
    assert subscore(linear, (x0 + x1) / 2) == pytest.approx((y0 + y1) / 2)
    assert subscore(curve, 0.0) == subscore(curve, -3.0) == curve.points[0][1]


@pytest.mark.parametrize("exponent", [-5.0, -1.0, -0.3, 2.0])
def test_scores_join_as_scipys_power_mean(rng: np.random.Generator, exponent: float) -> None:
    for count in (1, 2, 7):
        scores, weights = rng.uniform(1, 5, count), rng.uniform(0.1, 3, count)
        assert combine(list(scores), list(weights), exponent) == pytest.approx(pmean(scores, exponent, weights=weights))


def test_a_negative_exponent_leans_to_the_worst(rng: np.random.Generator) -> None:
    for _ in range(50):
        scores = list(rng.uniform(1, 5, 4))
        joined = combine(scores, [1.0] * 4, STANDARD.exponent)
        assert min(scores) - 1e-9 <= joined <= np.mean(scores) + 1e-9


@pytest.mark.parametrize(
    ("extent", "shortfall"),
    [(0.85, 0.0), (0.90, 0.0), (0.98, 0.0), (0.425, 1.0), (0.2125, 2.0), (1.0, 3 * math.log2(1 / 0.98))],
)
def test_amazon_asks_for_85_percent_of_the_frame(extent: float, shortfall: float) -> None:
    fill = derive({"frame_fill": Reading({"extent": extent})}, AMAZON)["frame_fill"]
    assert fill["shortfall"] == pytest.approx(shortfall)
    assert (fill["low"], fill["high"]) == AMAZON.fill


def test_an_empty_box_has_a_shortfall_all_the_same() -> None:
    assert math.isfinite(derive({"frame_fill": Reading({"extent": 0.0})}, AMAZON)["frame_fill"]["shortfall"])


def test_only_a_channel_that_asks_for_white_counts_what_is_not() -> None:
    reading = {"background_order": Reading({"clutter": 0.0, "entropy": 0.0, "white_share": 0.3})}
    assert derive(reading, AMAZON)["background_order"]["not_white"] == pytest.approx(0.7)
    assert "not_white" not in derive(reading, GENERAL)["background_order"]
    scores = [judge(reading, STANDARD, profile)["background_order"].score for profile in (AMAZON, GENERAL)]
    assert scores[0] < scores[1] == pytest.approx(5.0)
    assert "not_white" not in reading["background_order"].values


@pytest.mark.parametrize(("asked", "share"), [(500, 1.0), (1000, 1.0), (2000, 0.5), (1, 1.0)])
def test_a_channel_that_asks_for_more_pixels_lowers_the_resolution(asked: int, share: float) -> None:
    reading = {"sharpness": Reading({"edge_width": 0.5, "effective_side": 800.0})}
    derived = derive(reading, GENERAL.model_copy(update={"minimum_side": asked}))
    assert derived["sharpness"]["effective_side"] == pytest.approx(800 * share)


def test_weights_are_shares_that_follow_the_standard_and_the_confidence(rng: np.random.Generator) -> None:
    for _ in range(30):
        readings = random_readings(rng)
        criteria = judge(readings, STANDARD, GENERAL)
        assert list(criteria) == [rule.id for rule in STANDARD.criteria]
        assert sum(c.weight for c in criteria.values()) == pytest.approx(1)
        asked = {id: STANDARD.criterion(id).weight * readings[id].confidence for id in criteria}
        whole = sum(asked.values())
        for id, c in criteria.items():
            assert c.weight == pytest.approx(asked[id] / whole)
            assert c.score is None or 1 <= c.score <= 5


def test_a_changed_weight_in_the_file_changes_the_share(tmp_path: Path) -> None:
    path = tmp_path / "standard.toml"
    text = STANDARD_FILE.read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            'id = "sharpness"\ngroup = "texture"\nweight = 8', 'id = "sharpness"\ngroup = "texture"\nweight = 21'
        ),
        encoding="utf-8",
    )
    readings = {
        "sharpness": Reading({"edge_width": 0.5, "effective_side": 800.0}),
        "exposure": Reading({"middle": 50.0}),
    }
    assert judge(readings, STANDARD, GENERAL)["sharpness"].weight == pytest.approx(8 / 15)
    assert judge(readings, load(path), GENERAL)["sharpness"].weight == pytest.approx(21 / 28)


def test_what_cannot_be_judged_has_no_score_no_weight_and_a_reason(rng: np.random.Generator) -> None:
    criteria = judge(random_readings(rng, odds=0.5), STANDARD, GENERAL)
    absent = [c for c in criteria.values() if c.score is None]
    assert len(absent) > 6
    for c in absent:
        assert (c.weight, c.confidence, c.subscores, c.measures) == (0.0, 0.0, {}, {})
        assert c.reason in {wording.en for wording in STANDARD.absences.values()}
        assert c.reason_zh in {wording.zh for wording in STANDARD.absences.values()}


def test_a_criterion_that_nobody_read_needs_the_network() -> None:
    criteria = judge({}, STANDARD, GENERAL)
    assert {c.reason for c in criteria.values()} == {STANDARD.absences["network"].en}
    assert {c.weight for c in criteria.values()} == {0.0}


@pytest.mark.parametrize("reading", [Reading({"middle": 50.0}, confidence=0.0), Reading({"mood": 3.0})])
def test_a_reading_without_confidence_or_curve_is_not_scored(reading: Reading) -> None:
    exposure = judge({"exposure": reading}, STANDARD, GENERAL)["exposure"]
    assert exposure.score is None
    assert exposure.reason == STANDARD.absences["subject"].en


def test_a_reason_gives_the_level_and_the_figures_worst_first() -> None:
    reading = Reading({"lightest": 96.0, "middle": 99.5, "clipped_lights": 12.0})
    exposure = judge({"exposure": reading}, STANDARD, GENERAL)["exposure"]
    assert exposure.reason == (
        "a little dark, bright or flat: middle tone L* 100, 12.0 % of lights clipped, lightest tone L* 96"
    )
    assert exposure.reason_zh == "略暗、略亮或略平：中间调 L* 100，亮部溢出 12.0%，最亮 L* 96"
    assert exposure.subscores == pytest.approx({"lightest": 5.0, "middle": 1.6, "clipped_lights": 2.9})
    weights = [c.weight for c in STANDARD.curves_of("exposure") if c.measure in reading.values]
    scores = list(exposure.subscores.values())
    assert exposure.score == pytest.approx(pmean(scores, STANDARD.exponent, weights=weights))


def criteria_of(scores: Mapping[str, float]) -> dict[str, Criterion]:
    """Criteria with these scores and equal weights, the others not applicable."""
    none = Criterion(None, 0.0, "", "", confidence=0.0)
    given = {id: Criterion(score, 1 / len(scores), "", "") for id, score in scores.items()}
    return {rule.id: given.get(rule.id, none) for rule in STANDARD.criteria}


def test_severity_is_the_mean_power_of_the_shortfalls() -> None:
    criteria = criteria_of({"exposure": 3.0, "sharpness": 4.0, "balance": 5.0, "scale": 1.0})
    assert severity(criteria, 1.0) == pytest.approx(3.25)
    assert severity(criteria, 4.0) == pytest.approx(5 - ((2**4 + 1 + 0 + 4**4) / 4) ** 0.25)
    assert severity(criteria, 200.0) == pytest.approx(1.0, abs=0.05)
    assert severity(criteria_of({"scale": 2.2}), 4.0) == pytest.approx(2.2)


def test_severity_lies_between_the_worst_and_the_mean(rng: np.random.Generator) -> None:
    for _ in range(50):
        criteria = judge(random_readings(rng), STANDARD, GENERAL)
        scored = [c for c in criteria.values() if c.score is not None]
        mean = sum(c.weight * c.score for c in scored if c.score is not None)
        worst = min(c.score for c in scored if c.score is not None)
        assert worst - 1e-9 <= severity(criteria, STANDARD.total.order) <= mean + 1e-9


def test_the_parts_add_up_to_the_total(rng: np.random.Generator) -> None:
    for number in range(300):
        criteria = judge(random_readings(rng, odds=rng.uniform(0.1, 1)), STANDARD, GENERAL)
        tags = flagged("fusion") if number % 3 == 0 else no_tags(STANDARD)
        summed = total(criteria, tags, STANDARD, empty=number % 5 == 0)
        assert round(sum(part.adds for part in summed.parts), 2) == summed.score
        assert round(sum(round(part.adds, 4) for part in summed.parts), 2) == summed.score
        assert 1 <= summed.score <= 5
        assert 0 <= summed.confidence <= 1
        for part in summed.parts:
            if part.value is not None and part.weight is not None:
                assert part.value * part.weight == pytest.approx(part.adds, abs=1e-4)


def test_the_total_joins_the_mean_and_the_severity() -> None:
    criteria = criteria_of({"exposure": 3.0, "sharpness": 4.6})
    summed = total(criteria, no_tags(STANDARD), STANDARD, empty=False)
    part = STANDARD.total.severity
    expected = (1 - part) * 3.8 + part * severity(criteria, STANDARD.total.order)
    assert summed.score == pytest.approx(expected, abs=0.006)
    assert [each.id for each in summed.parts] == ["exposure", "sharpness", "severity"]


@pytest.mark.parametrize(("ids", "cap"), [(("fusion",), 3.0), (("hand",), 2.5), (("fusion", "face"), 2.5)])
def test_a_flag_caps_the_total_as_a_part_of_its_own(ids: tuple[str, ...], cap: float) -> None:
    criteria = criteria_of({"exposure": 4.8, "sharpness": 4.9})
    free = total(criteria, no_tags(STANDARD), STANDARD, empty=False)
    capped = total(criteria, flagged(*ids), STANDARD, empty=False)
    assert capped.score == cap
    assert capped.parts[:-1] == free.parts
    assert capped.parts[-1].id == "cap"
    assert capped.parts[-1].adds == pytest.approx(cap - sum(part.adds for part in free.parts))


def test_a_doubt_lets_the_cap_down_without_a_jump() -> None:
    criteria = criteria_of({"exposure": 4.8, "sharpness": 4.9})
    tags = no_tags(STANDARD)
    reached = []
    for alarm in np.linspace(0, 1, 41):
        doubted = replace(tags["hand"], probability=0.8, flag=False, doubt=True, alarm=float(alarm))
        reached.append(total(criteria, tags | {"hand": doubted}, STANDARD, empty=False).score)
    assert reached[0] == total(criteria, tags, STANDARD, empty=False).score
    assert reached[-1] == total(criteria, flagged("hand"), STANDARD, empty=False).score
    steps = -np.diff(reached)
    assert steps.min() >= 0 and steps.max() < 0.2


def test_a_cap_over_the_total_takes_nothing() -> None:
    criteria = criteria_of({"exposure": 2.0})
    capped, free = (total(criteria, tags, STANDARD, empty=False) for tags in (flagged("fusion"), no_tags(STANDARD)))
    assert (capped.score, capped.parts) == (free.score, free.parts)


def test_an_empty_picture_is_capped() -> None:
    criteria = criteria_of({"exposure": 5.0})
    assert total(criteria, no_tags(STANDARD), STANDARD, empty=True).score == STANDARD.total.empty_cap <= 2


def test_a_picture_of_which_nothing_was_judged_scores_the_least_and_is_trusted_not_at_all() -> None:
    criteria = judge({}, STANDARD, GENERAL)
    summed = total(criteria, no_tags(STANDARD), STANDARD, empty=False)
    assert summed.score == 1.0
    assert summed.confidence == 0.0


def test_confidence_is_the_weighted_confidence_of_what_was_judged() -> None:
    criteria = judge(
        {
            "exposure": Reading({"middle": 50.0}, confidence=0.4),
            "balance": Reading({"tilt": 0.0}, confidence=1.0),
        },
        STANDARD,
        GENERAL,
    )
    summed = total(criteria, no_tags(STANDARD), STANDARD, empty=False)
    assert summed.confidence == pytest.approx((7 * 0.4 + 4) / 11)


@pytest.mark.parametrize(
    ("score", "confidence", "flags", "expected"),
    [
        (3.5, 0.5, (), "good"),
        (3.49, 0.9, (), "reject"),
        (5.0, 0.49, (), "review"),
        (1.0, 0.49, (), "review"),
        (5.0, 1.0, ("fusion",), "reject"),
        (5.0, 0.1, ("hand",), "reject"),
    ],
)
def test_the_verdict_follows_the_thresholds(
    score: float, confidence: float, flags: tuple[str, ...], expected: str
) -> None:
    assert verdict(score, confidence, flagged(*flags), STANDARD) == expected


MEASURED = {"exposure": Reading({"middle": 50.0, "lightest": 60.0}, confidence=0.8)}


def test_measure_and_network_are_joined_by_the_networks_weight() -> None:
    alone = judge(MEASURED, STANDARD, GENERAL)["exposure"]
    both = judge(MEASURED, STANDARD, GENERAL, {"exposure": Opinion(1.5, 0.25, 0.4, {"head": 1.5})})["exposure"]
    assert alone.score is not None and both.score is not None
    assert alone.sources == {"measure": alone.score}
    assert both.sources == {"measure": pytest.approx(alone.score), "network": 1.5}
    assert both.score == pytest.approx(0.75 * alone.score + 0.25 * 1.5)
    assert both.confidence == pytest.approx(0.75 * 0.8 + 0.25 * 0.4)
    assert both.measures == {"middle": 50.0, "lightest": 60.0, "head": 1.5}
    assert both.subscores == alone.subscores
    assert both.reason.endswith(f"; measured {alone.score:.1f}, network 1.5")
    assert both.reason_zh.endswith(f"；测量 {alone.score:.1f}，网络 1.5")
    assert "network" not in alone.reason


def test_what_has_no_measure_is_the_networks_alone() -> None:
    readings = {"scale": Reading(absent="network", confidence=0.0)}
    where = Box(0.1, 0.1, 0.2, 0.2, "hand")
    scale = judge(readings, STANDARD, GENERAL, {"scale": Opinion(2.2, 1.0, 0.5, {}, (where,))})["scale"]
    assert (scale.score, scale.confidence, scale.weight) == (2.2, 0.5, 1.0)
    assert scale.sources == {"network": 2.2}
    assert scale.boxes == (where,)
    assert scale.reason == "a little too large or too small: network 2.2"
    assert scale.reason_zh == "略大或略小：网络 2.2"


def test_marks_of_generation_are_told_in_words_of_both_languages() -> None:
    readings = {"material_realism": Reading(absent="network", confidence=0.0)}
    marked = Opinion(1.5, 1.0, 0.8, {"head": 4.0, MARKS: 0.93})
    found = judge(readings, STANDARD, GENERAL, {"material_realism": marked})["material_realism"]
    assert found.reason.endswith(": marks of generation all over the picture, 93% sure; network 1.5")
    assert found.reason_zh.endswith("：整幅画面带有生成痕迹（把握 93%）；网络 1.5")


def test_that_a_picture_was_drawn_anew_is_told_in_words_of_both_languages() -> None:
    readings = {"material_realism": Reading(absent="network", confidence=0.0)}
    drawn = Opinion(1.5, 1.0, 0.8, {"head": 4.0, DRAWN: 0.61})
    found = judge(readings, STANDARD, GENERAL, {"material_realism": drawn})["material_realism"]
    said = ": it looks drawn anew from too few pixels, its detail made up: severity 61%; network 1.5"
    assert found.reason.endswith(said)
    assert found.reason_zh.endswith("：画面像由过少的像素重新绘制而成，细节并不真实（程度 61%）；网络 1.5")


@pytest.mark.parametrize("weight", [0.0, 0.3])
def test_a_network_that_is_not_trusted_leaves_the_measure_as_it_is(weight: float) -> None:
    trust = 0.0 if weight else 0.7
    heard = judge(MEASURED, STANDARD, GENERAL, {"exposure": Opinion(1.0, weight, trust)})
    assert heard == judge(MEASURED, STANDARD, GENERAL)


def test_what_the_measure_cannot_see_the_network_does_not_guess() -> None:
    readings = {"prominence": Reading(absent="subject", confidence=0.0)}
    prominence = judge(readings, STANDARD, GENERAL, {"prominence": Opinion(4.0, 0.3, 0.7)})["prominence"]
    assert prominence.score is None
    assert prominence.reason == STANDARD.absences["subject"].en


def test_what_the_network_sees_to_be_beside_the_point_is_not_judged() -> None:
    readings = {"grounding": Reading({"contact_shadow": 3.0})}
    grounding = judge(readings, STANDARD, GENERAL, {"grounding": Opinion(absent="flat_lay")})["grounding"]
    assert (grounding.score, grounding.weight, grounding.sources) == (None, 0.0, {})
    assert grounding.reason == STANDARD.absences["flat_lay"].en


def test_the_impression_is_a_visible_part_of_the_total(rng: np.random.Generator) -> None:
    share = STANDARD.total.impression
    for _ in range(50):
        criteria = judge(random_readings(rng, odds=rng.uniform(0.3, 1)), STANDARD, GENERAL)
        impression = float(rng.uniform(1, 5))
        alone = total(criteria, no_tags(STANDARD), STANDARD, empty=False)
        both = total(criteria, no_tags(STANDARD), STANDARD, False, impression)
        assert round(sum(part.adds for part in both.parts), 2) == both.score
        assert both.score == pytest.approx((1 - share) * alone.score + share * impression, abs=0.011)
        (part,) = [part for part in both.parts if part.id == "impression"]
        assert (part.value, part.weight) == (impression, share)
        assert "impression" not in [part.id for part in alone.parts]


@pytest.mark.parametrize(("score", "expected"), [(4.0, "review"), (3.0, "reject")])
def test_a_picture_without_a_subject_is_never_good_by_itself(score: float, expected: str) -> None:
    assert verdict(score, 0.9, no_tags(STANDARD), STANDARD, subject=False) == expected


@pytest.mark.parametrize(("score", "expected"), [(4.0, "review"), (3.0, "reject")])
def test_a_picture_marked_by_its_generation_is_never_good_by_itself(score: float, expected: str) -> None:
    assert verdict(score, 0.9, no_tags(STANDARD), STANDARD, marked=True) == expected


@pytest.mark.parametrize(("score", "expected"), [(4.0, "review"), (3.0, "reject")])
def test_a_doubt_asks_for_a_look_where_it_would_decide(score: float, expected: str) -> None:
    tags = no_tags(STANDARD)
    tags["hand"] = replace(tags["hand"], probability=0.8, flag=False, doubt=True, confidence=0.8)
    assert verdict(score, 0.9, tags, STANDARD) == expected


def test_a_shortfall_is_that_of_the_measures_asked_for() -> None:
    rule = STANDARD.curves_of("sharpness")
    reading = Reading({"edge_width": 1.8, "effective_side": 80.0})
    judged = judge({"sharpness": reading}, STANDARD, STANDARD.profile("general"))
    edge = next(curve for curve in rule if curve.measure == "edge_width")
    asked = {"soft": ("sharpness", ("edge_width",)), "exposure": ("exposure", ("lightest",))}
    found = shortfalls(judged, asked, STANDARD)
    assert found == {"soft": pytest.approx(5 - subscore(edge, 1.8))}
    both = shortfalls(judged, {"sharpness": ("sharpness", ("edge_width", "effective_side"))}, STANDARD)
    assert both["sharpness"] > found["soft"]
