from __future__ import annotations

import numpy as np
import pytest

from evaluator.measure.quantile import quantile


@pytest.mark.parametrize("share", [0, 0.02, 0.3, 0.5, 0.985, 1])
@pytest.mark.parametrize("shape", [(1,), (2,), (101,), (40, 30)])
def test_the_value_at_a_rank_is_the_nearest_one(rng: np.random.Generator, share: float, shape: tuple[int, ...]) -> None:
    values = rng.normal(size=shape).astype(np.float32)
    before = values.copy()
    assert quantile(values, share) == np.quantile(values, share, method="nearest")
    assert np.array_equal(values, before)


def test_every_second_pixel_of_a_plane_will_do(rng: np.random.Generator) -> None:
    plane = rng.normal(size=(60, 80, 3)).astype(np.float32)
    assert quantile(plane[::2, ::2, 0], 0.5) == pytest.approx(np.median(plane[::2, ::2, 0]), abs=0.01)


def test_nothing_has_no_rank() -> None:
    with pytest.raises(IndexError):
        quantile(np.zeros(0, np.float32), 0.5)


@pytest.mark.parametrize("share", [0, 0.04, 0.25, 0.5, 0.98, 1])
def test_many_values_have_the_same_ranks(rng: np.random.Generator, share: float) -> None:
    noise = rng.normal(size=20_000)
    paper = np.where(rng.random(20_000) < 0.6, 100, 50 + 9 * noise)
    nearly_none = np.where(rng.random(20_000) < 0.6, 1e-6 * noise, 30 + noise)
    lit = np.where(noise < 0, 0, noise)
    for plane in (noise, paper, nearly_none, lit, 1e6 + noise, 1e-9 * noise, np.full(20_000, 7)):
        values = plane.astype(np.float32)
        assert quantile(values, share) == np.quantile(values, share, method="nearest")
