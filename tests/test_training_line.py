import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")

from evaluator.training.line import Falls, Rated, chosen, line, no_falls

RNG = np.random.default_rng(5)


def rated(count: int = 200, noise: float = 0.1) -> Rated:
    """Pictures liked by their first feature; the second says nothing, as no rated picture differs in it."""
    features = RNG.normal(0, 1, (count, 6))
    features[:, 1] = RNG.normal(0, 0.5, count)
    return Rated(features, 3 + 0.5 * features[:, 0] + RNG.normal(0, noise, count), np.arange(count) // 2)


def fallen(count: int = 80) -> Falls:
    """Faults that show in the second feature alone."""
    drops = -RNG.uniform(0, 1.5, count)
    features = np.zeros((count, 6))
    features[:, 1] = -2 * drops
    return Falls(features, drops)


NONE = no_falls(6)


def test_line_follows_the_ratings() -> None:
    views = rated()
    weights, intercept = line(views, NONE, 100.0)
    assert weights[0] == pytest.approx(0.5, abs=0.2)
    assert views.features @ weights + intercept == pytest.approx(views.means, abs=0.8)
    assert float(np.mean(views.features @ weights + intercept)) == pytest.approx(float(views.means.mean()))


def test_line_lets_a_fault_lower_the_rating_that_people_never_rated() -> None:
    views, fault = rated(), np.array([0, 1.0, 0, 0, 0, 0])
    without, _ = line(views, NONE, 100.0)
    within, _ = line(views, fallen(), 100.0)
    assert abs(without @ fault) < 0.1 < 0.2 < -(within @ fault)
    assert within[0] == pytest.approx(without[0], abs=0.1)


def test_strength_is_chosen_by_pictures_left_out() -> None:
    strength, rank = chosen(rated(noise=0.2), NONE)
    assert strength < 30000.0
    assert 0.8 < rank < 1
    assert abs(chosen(Rated(RNG.normal(0, 1, (200, 6)), RNG.normal(0, 1, 200), np.arange(200)), NONE)[1]) < 0.3


def test_what_counts_little_hardly_moves_the_line() -> None:
    views, others = rated(), rated()
    upside_down = 6 - others.means
    both = np.concatenate([views.features, others.features]), np.concatenate([views.means, upside_down])
    pictures = np.arange(400)
    alike, _ = line(Rated(*both, pictures), NONE, 100.0)
    aside, _ = line(Rated(*both, pictures, np.repeat([1.0, 0.02], 200)), NONE, 100.0)
    assert abs(alike[0]) < 0.2
    assert aside[0] == pytest.approx(0.45, abs=0.1)


def test_strength_is_judged_by_those_that_count_most() -> None:
    views, noise = rated(), Rated(RNG.normal(0, 1, (200, 6)), RNG.normal(0, 1, 200), np.arange(200))
    both = [
        np.concatenate(each) for each in zip((views.features, views.means), (noise.features, noise.means), strict=True)
    ]
    pictures = np.arange(400)
    _, all_alike = chosen(Rated(*both, pictures), NONE)
    _, of_most = chosen(Rated(*both, pictures, np.repeat([1.0, 0.1], 200)), NONE)
    assert of_most > 0.8 > all_alike
