"""A box in shares of the picture as cells of an array."""

from __future__ import annotations

import numpy as np
import pytest

from evaluator.types import Box


@pytest.mark.parametrize("side", [7, 100, 640, 1023])
def test_a_box_of_whole_pixels_comes_back_as_them(side: int, rng: np.random.Generator) -> None:
    for _ in range(300):
        (top, bottom), (left, right) = (np.sort(rng.choice(side + 1, 2, replace=False)).tolist() for _ in range(2))
        box = Box(left / side, top / side, (right - left) / side, (bottom - top) / side)
        assert box.cells((side, side, 3)) == (slice(top, bottom), slice(left, right))


def test_a_box_covers_a_cell_at_least_and_none_outside() -> None:
    for x, y in ((0.0, 0.0), (0.31, 0.62), (1.0, 1.0)):
        rows, columns = Box(x, y, 0.0, 0.0).cells((9, 5))
        assert np.ones((9, 5))[rows, columns].shape == (1, 1)
    assert Box(0.0, 0.0, 1.0, 1.0).cells((9, 5)) == (slice(0, 9), slice(0, 5))
