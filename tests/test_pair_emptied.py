"""A picture without its product: what is around it goes on, and nothing of it is left."""

from __future__ import annotations

import numpy as np
import pytest

from evaluator.pair.emptied import SIDE, emptied
from evaluator.types import Plane, Rgb

RED = (200, 30, 40)


def scene(high: int, wide: int) -> Rgb:
    """Return a wall that grows lighter downwards, with a red box in its middle."""
    wall = np.linspace(90, 210, high)[:, None, None] * np.ones((1, wide, 3))
    wall[high // 3 : 2 * high // 3, wide // 3 : 2 * wide // 3] = RED
    return np.asarray(wall, np.uint8)


def laid(high: int, wide: int) -> tuple[Plane, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return the box's mask in a tile of 60, and the matrix that leads from there to the picture."""
    mask = np.zeros((60, 60), np.float32)
    mask[20:40, 20:40] = 1
    return mask, np.array([[wide / 60, 0, 0], [0, high / 60, 0]])


@pytest.mark.parametrize(("high", "wide"), [(240, 300), (1200, 1500), (40, 60)])
def test_the_product_gives_way_to_what_is_around_it(high: int, wide: int) -> None:
    picture = scene(high, wide)
    gone = emptied(picture, *laid(high, wide))
    assert max(gone.shape[:2]) == min(SIDE, max(high, wide))
    rows, columns = (slice(size // 3, 2 * size // 3) for size in gone.shape[:2])
    inside = gone[rows, columns].astype(float)
    assert np.quantile(np.abs(inside[..., 0] - inside[..., 2]), 0.98) < 12, "no red is left"
    assert inside[: len(inside) // 4].mean() < inside[-(len(inside) // 4) :].mean(), "the wall goes on"
    corner = gone[: gone.shape[0] // 5, : gone.shape[1] // 5].astype(float)
    assert corner.mean() == pytest.approx(picture[: high // 5, : wide // 5].mean(), abs=2)


def test_a_product_that_fills_the_picture_leaves_nothing_and_does_no_harm() -> None:
    mask, _ = laid(60, 60)
    gone = emptied(scene(60, 60), np.ones_like(mask), np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert gone.shape == (60, 60, 3)
