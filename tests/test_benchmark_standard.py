"""The standard benchmark on made-up samples: which are drawn, how they are judged, and what the figures come to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from test_look import FakeEyes, scene

from evaluator.calibration import WORN, load_calibration
from evaluator.pipeline import Evaluator, Source
from evaluator.score import shortfalls
from evaluator.standard import load
from evaluator.training.benchmark import page, plots
from evaluator.training.benchmark.cases import (
    DIFFICULTIES,
    FAMILIES,
    Case,
    graded,
    paired,
    quota,
    severity_of,
    unrest,
)
from evaluator.training.benchmark.examiner import Examiner, Said, examiner
from evaluator.training.benchmark.outcomes import Outcome, figures_of, outcome, peak_inside
from evaluator.training.benchmark.robustness import CHANGES, of_nothing, summary
from evaluator.training.benchmark.standard import MOVED, Standard, judged
from evaluator.training.benchmark.statistics import Figure, auc, figure, grade, precision, recall
from evaluator.training.benchmark.untouched import false_alarms
from evaluator.training.sample import Sample

WANTED = dict.fromkeys(DIFFICULTIES, 3)


def made(number: int) -> Sample | None:
    """A hand whose fault is told by the picture's first pixel; every third pair gives nothing."""
    rng = np.random.default_rng(number // 2)
    severity = round(float(rng.uniform(0.05, 1)), 2) if number % 2 == 0 else 0.0
    if number % 6 == 4:
        return None
    picture = rng.integers(0, 200, (40, 60, 3)).astype(np.uint8)
    picture[0, 0] = round(100 * severity)
    where = np.zeros((40, 60), np.float32)
    where[10:20, 30:50] = severity > 0
    score = 5 - 4 * severity
    return Sample(
        picture, f"hand/{number // 2}", maps={"hand": where}, tags={"hand": severity},
        criteria={"hand_face_integrity": score, "scale": 5.0},
    )  # fmt: skip


def perfect(source: Source) -> Said:
    """Reads the answer off the first pixel."""
    severity = float(np.asarray(source)[0, 0, 0]) / 100
    plane = np.zeros((8, 12), np.float32)
    plane[3, 8] = 0.9
    return Said(
        5 - severity, {"hand_face_integrity": 5 - 4 * severity, "scale": None}, {}, {"hand": min(1.0, severity)},
        {"hand": severity > 0}, {"hand": plane},
    )  # fmt: skip


def constant(source: Source) -> Said:
    """Says the same of everything."""
    return Said(4.0, {"hand_face_integrity": 3.0, "scale": None}, {}, {"hand": 0.5}, {"hand": False}, {})


def run(examine: Examiner) -> list[Outcome]:
    return judged(paired("hand", made, WANTED), examine)[0]


def by_name(figures: list[Figure]) -> dict[tuple[str, str, str], Figure]:
    return {(each.subject, each.measure, each.among): each for each in figures}


def test_the_families_share_the_difficulties_evenly() -> None:
    quotas = [quota(family) for family in FAMILIES]
    for difficulty in DIFFICULTIES:
        assert sum(each[difficulty] for each in quotas) == 200
        assert {each[difficulty] for each in quotas} == {33, 34}


def test_pairs_come_until_each_difficulty_has_enough_and_are_the_same_each_time() -> None:
    found = list(paired("hand", made, WANTED))
    assert len(found) == 18
    for faulty, sound in zip(found[::2], found[1::2], strict=True):
        low, high = DIFFICULTIES[faulty.difficulty]
        assert low <= faulty.severity < high
        assert sound.severity == 0
        assert sound.sample.object == faulty.sample.object
    again = list(paired("hand", made, WANTED))
    assert [(each.number, each.difficulty) for each in again] == [(each.number, each.difficulty) for each in found]


def test_a_maker_that_gives_nothing_ends_the_search() -> None:
    assert list(paired("hand", lambda number: None, WANTED)) == []


def test_a_twin_that_says_nothing_of_the_family_takes_its_pair_along() -> None:
    def mute(number: int) -> Sample | None:
        sample = made(number)
        return replace(sample, tags={}) if sample is not None and number % 4 == 1 else sample

    assert {each.number // 2 % 2 for each in paired("hand", mute, WANTED)} == {1}


def test_the_severity_of_a_ladder_is_what_it_took_from_its_criterion() -> None:
    step = Sample(np.zeros((8, 8, 3), np.uint8), "a", criteria={"exposure": 3.0}, ladder="dark/a", step=2)
    assert severity_of(step, "photographic") == 0.5
    assert severity_of(replace(step, step=0), "photographic") == 0


def test_unrest_is_the_noise_and_the_calmest_are_easy(rng: np.random.Generator) -> None:
    sheets = [np.clip(rng.normal(128, spread, (200, 200, 1)), 0, 255) for spread in (12, 3, 6)]
    unrests = [unrest(np.repeat(sheet, 3, axis=2).astype(np.uint8)) for sheet in sheets]
    assert unrests == pytest.approx([12, 3, 6], rel=0.07)
    assert graded(unrests, {"easy": 1, "medium": 1, "hard": 1}) == ["hard", "easy", "medium"]


def test_a_perfect_judge_gets_everything_and_a_constant_one_nothing() -> None:
    best, worst = by_name(figures_of(run(perfect))), by_name(figures_of(run(constant)))
    for among in ("all", *DIFFICULTIES):
        assert best["hand_face_integrity", "SRCC", among].value == pytest.approx(1)
        assert best["hand_face_integrity", "MAE", among].value == pytest.approx(0, abs=1e-9)
        assert best["hand_face_integrity", "same grade", among].value == 1
        for measure in ("AUC", "precision", "recall", "peak inside"):
            assert best["hand", measure, among].value == 1
        assert worst["hand_face_integrity", "SRCC", among].value is None
        assert worst["hand", "AUC", among].value == 0.5
        assert worst["hand", "precision", among].value is None
        assert worst["hand", "recall", among].value == 0
        assert worst["hand", "AUC", among].base == 0.5
    peaks = worst["hand", "peak inside", "all"]
    assert (peaks.value, peaks.absent) == (None, peaks.pictures)


def test_what_was_not_judged_is_counted_and_counts_as_not_flagged() -> None:
    def shy(source: Source) -> Said:
        said = perfect(source)
        hidden = said.total < 4.5
        return replace(said, probabilities={"hand": None}, flags={"hand": None}) if hidden else said

    found = by_name(figures_of(run(shy)))
    plain = sum(each.tags["hand"] > 0.5 for each in run(shy))
    assert plain > 0
    assert (found["hand", "AUC", "all"].pictures, found["hand", "AUC", "all"].absent) == (18, plain)
    assert found["hand", "recall", "all"].value == pytest.approx((9 - plain) / 9)
    assert (found["scale", "SRCC", "all"].pictures, found["scale", "SRCC", "all"].absent) == (18, 18)


def test_area_precision_and_recall_are_those_of_a_library(rng: np.random.Generator) -> None:
    metrics = pytest.importorskip("sklearn.metrics")  # of the training environment
    truth = rng.integers(0, 2, 80).astype(float)
    answer = np.round(truth * 0.5 + rng.normal(0, 0.5, 80), 1)
    assert auc(np.column_stack([truth, answer])) == pytest.approx(metrics.roc_auc_score(truth, answer))
    precisions, recalls, _ = metrics.precision_recall_curve(truth, answer)
    ours = plots.curve(truth, answer)
    assert ours[0] == pytest.approx(recalls[-2::-1])
    assert ours[1] == pytest.approx(precisions[-2::-1])
    flagged = np.column_stack([truth, answer > 0.4])
    assert precision(flagged) == pytest.approx(truth[answer > 0.4].mean())
    assert recall(flagged) == pytest.approx((answer[truth == 1] > 0.4).mean())


def test_pictures_of_one_object_are_drawn_together(rng: np.random.Generator) -> None:
    one = rng.normal(0, 1, (40, 2)) @ np.array([[1, 0.7], [0, 0.7]])
    alone = figure("a", "PLCC", "all", one, [str(number) for number in range(40)])
    copied = figure("a", "PLCC", "all", np.repeat(one, 5, axis=0), [str(number // 5) for number in range(200)])
    taken_apart = figure("a", "PLCC", "all", np.repeat(one, 5, axis=0), [str(number) for number in range(200)])
    widths = [(each.high or 0) - (each.low or 0) for each in (alone, copied, taken_apart)]
    assert widths[1] == pytest.approx(widths[0], rel=0.2)
    assert widths[2] < 0.65 * widths[0]


def test_grades_round_halves_up() -> None:
    assert grade(np.array([1.0, 1.49, 1.5, 2.5, 4.51, 5.0])).tolist() == [1, 1, 2, 3, 5, 5]


def test_a_peak_is_inside_where_its_cell_touches_the_altered_region() -> None:
    truth = np.zeros((100, 150), np.float32)
    truth[40:60, 90:110] = 1
    for (row, column), inside in {(5, 9): True, (4, 10): True, (5, 12): False, (2, 9): False}.items():
        plane = np.zeros((10, 15), np.float32)
        plane[row, column] = 0.4
        assert peak_inside(plane, truth) is inside


def test_the_judge_says_the_whole_of_what_is_compared() -> None:
    picture = scene(200, (120, 20, 190, 90), 8)
    said, report = examiner(FakeEyes())(picture), Evaluator(eyes=FakeEyes()).score(picture)
    worn = load_calibration().worn(shortfalls(report.criteria, WORN, load()))
    assert said.flags["hand"] is True
    assert said.probabilities["hand"] == pytest.approx(worn.attributes["hand"].probability(5.0, 5.0))
    assert said.flags["artefact"] is False
    assert said.ratings == {"impression": 4.0, "technical": 4.0, "appeal": 4.0}
    assert said.criteria["sharpness"] is not None
    plane = cv2.resize(said.maps["hand"], (200, 200), interpolation=cv2.INTER_NEAREST)
    assert plane[51:59, 151:159].max() > 0.5
    blank = examiner(FakeEyes())(np.full((64, 64, 3), 255, np.uint8))
    assert blank.flags["hand"] is None
    assert blank.flags.get("artefact") is None


def test_the_changes_keep_a_picture_a_picture_and_nothing_is_blank() -> None:
    picture = scene(120, (70, 10, 110, 50))
    for change in CHANGES.values():
        changed = change(picture)
        assert changed.dtype == np.uint8
        assert changed.ndim == 3
        assert not np.array_equal(changed, picture)
    found = {row["picture"]: row for row in of_nothing(examiner(FakeEyes()))}
    assert set(found) == {"white", "grey", "black", "noise"}
    assert found["white"]["flags"] == "none"


def test_robustness_tells_how_far_totals_and_flags_move() -> None:
    _, changes = judged(paired("hand", made, WANTED), perfect)
    assert len(changes) == MOVED * len(CHANGES)
    rows = {row["change"]: row for row in summary(changes)}
    assert rows["flipped"]["pictures"] == MOVED
    assert rows["flipped"]["median change of the total"] > 0  # type: ignore[operator]
    assert {row["flags raised"] for row in summary(judged(paired("hand", made, WANTED), constant)[1])} == {0}


def test_false_alarms_are_the_share_that_is_flagged() -> None:
    said = [(str(number), Said(4.0, flags={"hand": number < 3, "face": None})) for number in range(100)]
    found = {each.subject: each for each in false_alarms(said)}
    assert found["hand"].value == pytest.approx(0.03)
    assert found["face"].value == 0
    assert found["hand"].pictures == 100
    assert found["face"].absent == 100


def test_the_page_holds_every_table_and_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    outcomes = run(perfect)
    _, changes = judged(paired("hand", made, WANTED), perfect)
    figures = figures_of(outcomes) + false_alarms([("a", constant(np.zeros(0, np.uint8)))])
    found = Standard(outcomes, figures, summary(changes), of_nothing(constant))
    page.write(tmp_path, "standard", "Intro.", page.standard_sections(found), page.draw_standard(found, tmp_path))
    text = (tmp_path / "standard.md").read_text(encoding="utf-8")
    assert "| hand | 18 | 0 | 0.50 | 1.00 (1.00–1.00) | 1.00 (1.00–1.00) | 1.00 (1.00–1.00) |" in text
    assert "| scale | 18 | 18 | – | – | – |" in text
    assert "| hand | 6 | 6 | 6 |" in text
    for plot in ("reliability", "precision-recall", "scores-over-labels"):
        assert f"({plot}.png)" in text
        assert (tmp_path / f"{plot}.png").stat().st_size > 2000


def test_an_outcome_keeps_no_picture() -> None:
    sample = made(0)
    assert sample is not None
    kept = outcome(Case("hand", 0, "easy", 0.8, sample), perfect(sample.picture))
    assert kept.said.maps == {}
    assert kept.peaks == {"hand": True}
    assert kept.areas["hand"] == pytest.approx(200 / 2400)
