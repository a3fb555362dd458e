"""Locked-image tuning: words find their pictures, equal captions are equally right, language is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluator.network.encoder import Lens
from evaluator.network.text import TextTower
from evaluator.training.captioned import Seen, join
from evaluator.training.captions import phrases
from evaluator.training.tune_words import chance, contrastive, keeping, marks, read_texts, recalls, right, tune

THINGS = (("red shoe", "红色鞋子"), ("marble watch", "大理石手表"), ("blue perfume", "蓝色香水"), ("candle", "蜡烛"))
ITSELF = Lens(np.eye(256, dtype=np.float32), np.zeros(256, np.float32))


def seen(seed: int, each: int = 6) -> Seen:
    """Pictures of a few things, each near its thing's direction."""
    places = np.random.default_rng(0).normal(size=(len(THINGS), 256))
    vectors = np.repeat(places, each, 0) + 0.6 * np.random.default_rng(seed).normal(size=(len(THINGS) * each, 256))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Seen(unit.astype(np.float32), tuple(thing for thing in THINGS for _ in range(each)))


@pytest.fixture(scope="module")
def tower() -> TextTower:
    torch.manual_seed(0)
    return TextTower(dropout=0.0).eval()


def test_tuned_words_find_pictures_never_seen(tower: TextTower) -> None:
    tuned, lens = tune(seen(1), tower, phrases(8, 0), steps=16, seed=0)
    before, after = recalls(tower, ITSELF, seen(2)), recalls(tuned, lens, seen(2))
    for language in ("en", "zh"):
        assert after[language]["to_text_1"] > 0.9 > before[language]["to_text_1"]
        assert after[language]["to_picture_1"] == 1


def test_marks_part_styles_doubles_and_texts(tower: TextTower) -> None:
    styles = [seen(3).vectors[at : at + 6] for at in range(0, 24, 6)]
    unrelated, duplicate, faint, sure = marks(tower, ITSELF, styles, seen(3), 0)
    assert abs(unrelated) < 0.4 < duplicate < 1
    assert -1 < faint < sure < 1


def test_equal_captions_share_the_answer() -> None:
    table = right([frozenset({"a", "b"}), frozenset({"b"}), frozenset({"c"})])
    assert table.tolist() == [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]


def test_the_contrast_is_least_where_right_pairs_are_nearest() -> None:
    pictures, texts = torch.eye(3), torch.eye(3)
    answers, heat = torch.eye(3), torch.tensor(10.0)
    assert contrastive(pictures, texts, answers, heat) < 0.01
    assert contrastive(pictures, texts.flip(0), answers, heat) > 5


def test_a_tower_that_stayed_as_it_was_lost_only_what_its_languages_differ_by(tower: TextTower) -> None:
    captions = phrases(12, 1)
    said = read_texts(tower, [each.en for each in captions]).detach()
    same, moved = keeping(tower, captions, said), keeping(tower, captions, said.roll(1, 1).abs())
    other = read_texts(tower, [each.zh for each in captions])
    assert same.item() == pytest.approx(1 - (said * other).sum(1).mean().item(), abs=1e-4)
    assert moved > same


def test_texts_come_back_in_their_order(tower: TextTower) -> None:
    texts = ["a long sentence about a marble table with roses", "shoe", "red handbag on stairs", "钟", "candle"]
    alone = torch.cat([read_texts(tower, [text]) for text in texts])
    assert torch.allclose(read_texts(tower, texts), alone, atol=1e-5)


def test_chance_counts_what_drawing_without_putting_back_would_find() -> None:
    sure = np.array([[True, False, False, False], [True, True, False, False]])
    assert chance(sure, 1) == pytest.approx((1 / 4 + 2 / 4) / 2)
    assert chance(sure, 2) == pytest.approx((2 / 4 + 5 / 6) / 2)
    assert chance(sure, 10) == 1


def test_pictures_are_joined_with_their_captions() -> None:
    both = join(seen(1, 1), seen(2, 2))
    assert len(both.vectors) == len(both.captions) == 12
    assert both.captions[3:6] == (THINGS[3], THINGS[0], THINGS[0])
