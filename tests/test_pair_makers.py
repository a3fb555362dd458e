from __future__ import annotations

import numpy as np
import pytest

from evaluator.training.makers.backdrop import room
from evaluator.training.makers.benign import PICTURES, STAGES, turned
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout
from evaluator.training.makers.pairs import BENIGN, UNCERTAIN, is_change
from evaluator.training.makers.resurfaced import labelled, misspelt
from evaluator.training.makers.shown import composed, laid, on_white
from evaluator.training.makers.stage import Stage, blend, to_bytes
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


def on_stage() -> Stage:
    return on_white(product(), 200, 1.0, (100.0, 180.0))


@pytest.mark.parametrize("name", ["light", "graded", "blurred"])
def test_another_look_changes_levels_not_places(name: str) -> None:
    picture = to_bytes(blend(on_stage()))
    other = PICTURES[name](picture, np.random.default_rng(1))
    assert np.abs(other.astype(int) - picture).max() > 4
    inside = np.s_[60:150, 70:130]
    assert np.corrcoef(picture[inside].ravel(), other[inside].ravel())[0, 1] > 0.9


@pytest.mark.parametrize("name", ["lit", "shaded"])
def test_a_new_light_on_the_product_leaves_its_outline_and_the_ground_alone(name: str) -> None:
    stage = on_stage()
    other = STAGES[name](stage, np.random.default_rng(1))
    assert np.array_equal(other.alpha, stage.alpha) and np.array_equal(other.ground, stage.ground)
    body = stage.alpha > 0.9
    assert 0.02 < np.abs(other.subject - stage.subject)[body].max() < 0.6


@pytest.mark.parametrize("name", ["reflected", "defocused"])
def test_what_happens_to_the_ground_leaves_the_product_alone(name: str) -> None:
    checked = composed(product(), room((200, 200), True, np.random.default_rng(3)), np.random.default_rng(3))
    assert checked is not None
    other = STAGES[name](checked, np.random.default_rng(1))
    assert np.array_equal(other.subject, checked.subject) and np.array_equal(other.alpha, checked.alpha)
    assert np.abs(other.ground - checked.ground).max() > 0.01


def test_a_leaf_hides_a_part_of_the_foot_and_no_more() -> None:
    stage = on_stage()
    hidden = np.abs(STAGES["occluded"](stage, np.random.default_rng(1)).subject - stage.subject).max(axis=2) > 0.1
    body = stage.alpha > 0.5
    assert 0.005 < (hidden & body).sum() / body.sum() < 0.3
    assert not hidden[:90].any()


def test_a_turned_product_keeps_its_area_and_its_place_turns_along() -> None:
    subject = product()
    changed, where = turned(subject, subject.alpha, 8.0)
    assert changed.alpha.sum() == pytest.approx(subject.alpha.sum(), rel=0.02)
    assert np.allclose(where, changed.alpha, atol=1e-4)
    assert changed.alpha.shape > subject.alpha.shape


def test_the_same_seed_prints_the_same_label_with_another_word() -> None:
    one, there = labelled(product(), "OLIVA", np.random.default_rng(5))
    other, again = labelled(product(), "OLIZA", np.random.default_rng(5))
    assert there.max() == 1 and np.array_equal(there, again)
    apart = np.abs(one.colour - other.colour).max(axis=2) > 0.1
    assert 0 < apart.sum() < 0.3 * there.sum()
    assert not apart[there == 0].any()


def test_a_misspelt_word_has_its_length_and_so_many_wrong_letters() -> None:
    for strength, wrong in ((0.1, 1), (0.5, 3), (1.0, 6)):
        word = misspelt("NATURE", strength, np.random.default_rng(2))
        assert len(word) == 6 and sum(a != b for a, b in zip(word, "NATURE", strict=True)) == wrong


def test_a_region_lies_on_the_product_where_that_was_put() -> None:
    subject = product()
    where = np.zeros_like(subject.alpha)
    where[20:60] = subject.alpha[20:60]
    region = laid(where, subject, on_white(subject, 300, 1.5, (150.0, 270.0)))
    rows = np.flatnonzero((region > 0.5).any(1))
    assert abs(rows[0] - (270 - 1.5 * 140)) < 4 and abs(rows[-1] - (270 - 1.5 * 100)) < 4


def test_kinds_are_changes_or_not() -> None:
    assert not any(is_change(kind) for kind in (*BENIGN, *UNCERTAIN))
    assert all(is_change(kind) for kind in (*CHANGES, "reworded", "similar", "unrelated"))
