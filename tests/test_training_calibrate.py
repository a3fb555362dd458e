"""Calibration: what the network feels of pictures is spread as people spread their ratings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")

from evaluator.calibration import Attribute, Scale
from evaluator.training.calibrate import (
    BASE,
    FEWEST,
    LADDERS,
    LOOKED,
    PRECISION,
    attribute,
    head,
    let_through,
    scale,
    threshold,
)
from evaluator.training.shares import ALARMED, FALSE_FLAGS, OF_A_SET


@pytest.mark.parametrize(("mean", "spread"), [(2.8, 0.3), (3.4, 0.6)])
def test_impressions_get_the_mean_and_spread_of_peoples_ratings(
    mean: float, spread: float, rng: np.random.Generator
) -> None:
    given = np.clip(rng.normal(3.1, 0.8, 300), 1, 5)
    felt = mean + spread * (given - 3.1) + rng.normal(0, 0.1, 300)
    curve = Scale(**scale(np.stack([given, felt], axis=1)))
    brought = np.array([curve.brought(each) for each in felt])
    assert brought.mean() == pytest.approx(given.mean(), abs=0.01)
    assert brought.std() == pytest.approx(given.std(), abs=0.01)
    assert 1 < brought.min() < brought.max() < 5
    assert np.array_equal(np.argsort(brought), np.argsort(felt))


def rows_of_ladders(
    count: int, rng: np.random.Generator
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], list[str]]:
    """Return rows (label, measure, head) of ladders: the head falls with its label, though far off; the measure not."""
    rows, names = [], []
    for number in range(count):
        for step in range(4):
            label = 4.6 - 0.1 * step
            rows.append((label, label + rng.choice([-0.1, 0.1]), label - 1.5 + 0.002 * number))
            names.append(f"ladder {number}")
    return np.array(rows), names


def test_down_enough_ladders_the_share_of_a_head_follows_them_and_not_the_error(rng: np.random.Generator) -> None:
    rows, names = rows_of_ladders(LADDERS, rng)
    by_error, by_ladders = head(rows), head(rows, names)
    assert by_error["weight"] < by_ladders["weight"] <= 0.5
    assert by_ladders["trust"] == by_error["trust"] > 0.5
    few, some = rows_of_ladders(LADDERS - 1, rng)
    assert head(few, some) == head(few)


def test_a_head_without_labels_is_not_heard() -> None:
    assert head(np.zeros((0, 3))) == {"weight": 0.0, "trust": 0.0}


def looked(count: int, near: int, rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return truths, log-odds of a first look that tells little, and of one from nearby that tells all, of some."""
    truth = np.arange(count) % 2.0
    first = truth + rng.normal(0, 1.5, count)
    close = 6 * truth - 3 + rng.normal(0, 1, count)
    close[near:] = np.nan
    return np.stack([truth, first, close], axis=1)


def test_what_is_seen_from_nearby_is_weighed_with_the_first_look(rng: np.random.Generator) -> None:
    rows = looked(400, 300, rng)
    rule = Attribute(**attribute(rows))
    assert rule.near is not None
    assert rule.near.close > 1 > rule.near.first >= 0
    said = np.array([rule.probability(first, None if np.isnan(close) else close) for _, first, close in rows])
    near = slice(0, 300)
    assert ((said[near] > 0.5) == rows[near, 0]).mean() > 0.97
    assert ((said[300:] > 0.5) == rows[300:, 0]).mean() < 0.85
    flagged = said >= rule.flag
    assert rows[flagged, 0].mean() >= PRECISION
    assert flagged[rows[:, 0] == 0].mean() <= FALSE_FLAGS


def test_of_few_looks_from_nearby_nothing_is_learnt(rng: np.random.Generator) -> None:
    assert attribute(looked(400, LOOKED, rng)).get("near")
    assert "near" not in attribute(looked(400, LOOKED - 1, rng))


def test_where_both_are_as_likely_among_half_and_half_a_fault_is_as_likely_as_its_base_rate(
    rng: np.random.Generator,
) -> None:
    truth = np.repeat([0.0, 1.0], 500)
    logit = np.concatenate([-rng.gamma(2, 1, 500), rng.gamma(2, 1, 500)]) + rng.normal(0, 2, 1000)
    rule = Attribute(**attribute(np.stack([truth, logit, np.full(1000, np.nan)], 1)))
    assert rule.probability(0.0) == pytest.approx(BASE, abs=0.02)
    near = logit + rng.normal(0, 1, 1000)
    joined = Attribute(**attribute(np.stack([truth, logit, near], 1)))
    assert joined.near is not None
    assert joined.probability(0.0, 0.0) == pytest.approx(BASE, abs=0.02)


def test_a_thing_is_there_from_the_highest_level_that_parts_as_well_as_the_best(rng: np.random.Generator) -> None:
    there, others = rng.uniform(0.7, 1.0, 200), rng.uniform(0.0, 0.3, 200)
    rows = np.column_stack([np.repeat([1.0, 0.0], 200), np.concatenate([there, others])])
    level = threshold(rows)
    assert 0.68 <= level <= np.quantile(there, 0.02)
    assert np.mean(there >= level) > 0.98
    assert threshold(rows[:200]) == 0.5
    assert threshold(rows[190:200]) == 0.5


def test_what_is_there_decides_nothing_about_how_much_of_the_rest_is_let_through(rng: np.random.Generator) -> None:
    absent = [(0.0, float(p)) for p in rng.random(2000)]
    level = let_through(absent + [(1.0, 0.99)] * 50)
    assert np.mean([p > level for _, p in absent]) == pytest.approx(ALARMED, abs=0.001)
    assert let_through([(1.0, 0.5)]) == let_through([]) == 0.999


def test_a_set_whose_sound_pictures_look_spoilt_raises_the_flag_where_it_shows_enough(rng: np.random.Generator) -> None:
    unseen = np.nan
    easy = [(truth, 6 * truth - 3 + rng.normal(0, 1), unseen) for truth in (0.0, 1.0) for _ in range(2000)]
    for few in (FEWEST - 1, FEWEST):
        strange = [(0.0, 1.0 + rng.normal(0, 0.5), unseen) for _ in range(few)]
        rows, sets = np.array(easy + strange), ["home"] * len(easy) + ["away"] * few
        blind, sighted = attribute(rows), attribute(rows, sets)
        said = np.array([Attribute(**sighted).probability(logit) for _, logit, _ in strange])
        if few < FEWEST:
            assert sighted == blind
            assert (said >= blind["flag"]).mean() > OF_A_SET
        else:
            assert sighted["flag"] > blind["flag"]
            assert (said >= sighted["flag"]).mean() <= OF_A_SET
