"""Marks of generation: each stays in its region, is the same for the same seed, and grows with its strength."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from conftest import drawn
from test_makers_photo import scene

from evaluator.training.defects.decoders import DECODERS
from evaluator.training.defects.shapes import SHAPES, Mark
from evaluator.training.defects.surfaces import SURFACES

MARKS = SHAPES | SURFACES | DECODERS


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_stays_in_its_region(rng: np.random.Generator, name: str) -> None:
    mark: Mark = MARKS[name]
    frame = scene(rng)
    region = np.clip(scipy.ndimage.gaussian_filter(drawn((160, 128), (30, 40, 90, 110)), 3), 0, 1)
    region = np.where(region < 0.02, 0, region).astype(np.float32)
    before = frame.copy()
    once, again = (mark(frame, region, 0.8, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(frame, before)
    assert np.array_equal(once, again)
    assert np.array_equal(once[region == 0], frame[region == 0])
    assert np.abs(once.astype(int) - frame)[region > 0.5].mean() > 2


@pytest.mark.parametrize("name", sorted(set(MARKS) - {"scribble", "repeat", "scramble", "twirl"}))
def test_a_stronger_mark_changes_more(rng: np.random.Generator, name: str) -> None:
    frame, region = scene(rng), drawn((160, 128), (30, 40, 90, 110))
    weak, strong = (
        np.mean(
            [
                np.abs(MARKS[name](frame, region, s, np.random.default_rng(k)).astype(int) - frame).mean()
                for k in range(4)
            ]
        )
        for s in (0.05, 1.0)
    )
    assert strong > 1.1 * weak
