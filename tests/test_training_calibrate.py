"""Calibration: what the network feels of pictures is spread as people spread their ratings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")

from evaluator.calibration import Scale
from evaluator.training.calibrate import scale


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
