"""Boosted trees as arrays: walked as a single tree would be, kept on disk, and grown as the library grows them."""

from __future__ import annotations

import numpy as np
import pytest

from evaluator.pair.trees import KEPT, NO_TREES, Trees, packed, unpacked
from evaluator.training.grow import ENOUGH, grown


def two() -> Trees:
    """Return x₁ ≤ 0 ? 1 : (x₀ ≤ 2 ? −1 : 4), and a tree of one leaf of 0.5; 0.25 is added to all."""
    return Trees(
        number=np.array([1, 0, 0, 0, 0, 0]),
        limit=np.array([0.0, 0.0, 2.0, 0.0, 0.0, 0.0]),
        left=np.array([1, 1, 3, 3, 4, 5]),
        right=np.array([2, 1, 4, 3, 4, 5]),
        value=np.array([0.0, 1.0, 0.0, -1.0, 4.0, 0.5]),
        roots=np.array([0, 5]),
        base=0.25,
    )


def test_leaves_add_up_over_the_trees() -> None:
    rows = np.array([[9.0, -1.0], [9.0, 0.0], [2.0, 0.1], [2.1, 0.1]])
    assert two().logits(rows) == pytest.approx([1.75, 1.75, -0.25, 4.75])


def test_no_trees_say_nothing() -> None:
    assert NO_TREES.logits(np.ones((3, 2))).tolist() == [0, 0, 0]


def test_trees_come_back_from_their_arrays() -> None:
    kept = packed(two())
    assert {name: array.dtype for name, array in kept.items()} == {name: np.dtype(kind) for name, kind in KEPT.items()}
    rows = np.random.default_rng(0).normal(0, 2, (50, 2))
    np.testing.assert_array_equal(unpacked(kept, 0.25).logits(rows), two().logits(rows))


def test_few_rows_or_one_kind_grow_nothing(rng: np.random.Generator) -> None:
    rows = rng.normal(0, 1, (ENOUGH, 3))
    good = rows[:, 0] > 0
    assert grown(rows[:-1], good[:-1], np.ones(ENOUGH - 1)) is NO_TREES
    assert grown(rows, np.ones(ENOUGH, bool), np.ones(ENOUGH)) is NO_TREES


def test_what_is_grown_is_what_the_library_says(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason="scikit-learn is for training alone")
    kept = []

    class Watched(ensemble.GradientBoostingClassifier):  # type: ignore[misc,name-defined]
        def fit(self, *given: object, **named: object) -> Watched:
            kept.append(self)
            fitted: Watched = super().fit(*given, **named)
            return fitted

    monkeypatch.setattr(ensemble, "GradientBoostingClassifier", Watched)
    monkeypatch.setattr("evaluator.training.grow.COUNT", 150)
    rows = rng.normal(0, 1, (400, 6))
    good = rows[:, 0] * rows[:, 1] + 0.3 * rng.normal(0, 1, 400) > 0
    weight, new = rng.uniform(0.5, 2, 400), rng.normal(0, 1, (200, 6))
    found = grown(rows, good, weight)
    np.testing.assert_allclose(found.logits(new), kept[0].decision_function(new), atol=1e-6)
    twice = grown(rows, good, weight, 2)
    one, other = (each.decision_function(new) for each in kept[1:])
    assert not np.allclose(one, other)
    np.testing.assert_allclose(twice.logits(new), (one + other) / 2, atol=1e-6)
    assert ((found.logits(new) > 0) == (new[:, 0] * new[:, 1] > 0)).mean() > 0.6
