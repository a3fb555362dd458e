from __future__ import annotations

import numpy as np
import pytest

from evaluator.training.makers.backdrop import room
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout
from evaluator.training.makers.pairs import composed, on_white, relit
from evaluator.training.makers.stage import blend, to_bytes
from tests.conftest import drawn


def product() -> Cutout:
    """Return a box with stripes that lean, so that it is unlike its mirror image."""
    alpha = drawn((160, 120), (20, 15, 100, 150), "rectangle")
    y, x = np.mgrid[:160, :120].astype(np.float32)
    stripes = 0.5 + 0.4 * np.sign(np.sin((x + 0.6 * y) / 6))
    colour = np.stack([0.2 + 0.5 * stripes, 0.3 + 0.2 * x / 120, 0.7 - 0.4 * stripes], axis=-1)
    return Cutout(colour.astype(np.float32), alpha, "box", "gifts", False, (False, False), (0, 0))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_alters_its_region_and_repeats_itself(name: str) -> None:
    subject = product()
    changed, where = CHANGES[name](subject, 0.5, np.random.default_rng(4))
    again, there = CHANGES[name](subject, 0.5, np.random.default_rng(4))
    assert np.array_equal(changed.colour, again.colour) and np.array_equal(where, there)
    assert where.shape == changed.alpha.shape
    assert where.max() > 0.5 and where.min() >= 0
    assert changed.alpha.shape != subject.alpha.shape or not (
        np.allclose(changed.alpha, subject.alpha, atol=0.05) and np.allclose(changed.colour, subject.colour, atol=0.05)
    )


@pytest.mark.parametrize("name", ["recolour", "relabel", "erased", "texture"])
def test_outside_its_region_a_change_leaves_the_product_alone(name: str) -> None:
    subject = product()
    changed, where = CHANGES[name](subject, 1.0, np.random.default_rng(9))
    seen = [each.colour * each.alpha[..., None] for each in (subject, changed)]
    calm = where == 0
    assert np.abs(seen[0] - seen[1])[calm].max() < 1e-3


def test_a_stronger_change_of_colour_goes_further() -> None:
    subject = product()
    apart = [
        float(
            np.abs(CHANGES["recolour"](subject, strength, np.random.default_rng(2))[0].colour - subject.colour).mean()
        )
        for strength in (0.25, 1.0)
    ]
    assert apart[0] < apart[1]


def test_on_white_the_product_stands_where_it_was_put() -> None:
    stage = on_white(product(), 300, 1.5, (150.0, 270.0))
    rows, columns = np.nonzero(stage.alpha > 0.5)
    assert abs((columns.min() + columns.max()) / 2 - 150) < 3
    assert 250 < rows.max() <= 270
    assert to_bytes(blend(stage))[0, 0].min() >= 253


def test_in_a_scene_the_product_keeps_its_proportions() -> None:
    rng = np.random.default_rng(3)
    stage = composed(product(), room((400, 400), True, rng), rng, share=0.8)
    assert stage is not None
    rows, columns = np.nonzero(stage.alpha > 0.5)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(80 / 135, rel=0.05)


def test_another_light_changes_levels_not_places() -> None:
    picture = to_bytes(blend(on_white(product(), 200, 1.0, (100.0, 180.0))))
    other = relit(picture, np.random.default_rng(1))
    assert np.abs(other.astype(int) - picture).max() > 4
    inside = np.s_[60:150, 70:130]
    assert np.corrcoef(picture[inside].ravel(), other[inside].ravel())[0, 1] > 0.95
