"""The text tower and its words: both languages meet, unseen words are read, weights are checked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluator.network.words import (
    LONGEST,
    PAD,
    START,
    Vocabulary,
    VocabularyBroken,
    load_vocabulary,
    parse_vocabulary,
)

KEPT = {
    "words": ["bag", "cherry", "blossom", "colour", "glass", "rose"],
    "chinese": {"包": "bag", "玫瑰": "rose", "玫瑰金": "rose gold", "樱花": "cherry blossom", "维c": "vitamin c"},
    "stop": {"en": ["a", "the"], "zh": ["的", "放在"]},
    "same": {"color": "colour", "tee": "t shirt"},
}


@pytest.fixture
def small() -> Vocabulary:
    return parse_vocabulary(json.dumps(KEPT).encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The glasses, a BAG!", ["glass", "bag"]),
        ("色 color/Colors", ["色", "colour", "colour"]),
        ("玫瑰金的包", ["rose", "gold", "bag"]),
        ("玫瑰，樱花", ["rose", "cherry", "blossom"]),
        ("樱花tee放在bags", ["cherry", "blossom", "t", "shirt", "bag"]),
        ("维C 维CD", ["vitamin", "c", "维", "cd"]),
        ("Woman's café", ["woman", "cafe"]),
        ("，。!", []),
    ],
)
def test_a_text_is_read_as_words(small: Vocabulary, text: str, words: list[str]) -> None:
    assert small.words(text) == words


def test_a_known_word_has_one_row_and_another_its_parts(small: Vocabulary) -> None:
    assert small.parts("bag") == [2]
    whole, *grams = small.parts("bags2")
    # The frame counts: <ba bag ags gs2 s2> and <bag bags ags2 gs2>.
    assert len(grams) == 5 + 4 and min(whole, *grams) >= 2 + len(KEPT["words"])
    assert len(set(small.parts("bag", hashed=True)) & set(grams)) >= 2
    assert len(small.parts("色")) == 1


def test_rows_are_padded_and_long_texts_cut(small: Vocabulary) -> None:
    rows = small.tokenize(["", "bag unknownword", "rose " * 99])
    assert rows.shape[:2] == (3, LONGEST) and rows.max() < small.size
    assert (rows[:, 0, 0] == START).all() and (rows[0, 1:] == PAD).all()
    assert (rows[2, 1:, 0] == small.parts("rose")[0]).all()


def test_a_broken_vocabulary_is_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyBroken, match="No such file"):
        load_vocabulary(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"words": []}')
    with pytest.raises(VocabularyBroken, match="chinese"):
        load_vocabulary(tmp_path / "bad.json")


def test_the_packaged_vocabulary_reads_both_languages_alike() -> None:
    vocabulary = load_vocabulary()
    for english, chinese in (
        ("perfume bottle on marble", "香水瓶 大理石"),
        ("red lipstick, silk, soft light", "红色口红，丝绸，柔光"),
        ("cherry blossom handbag", "樱花手提包"),
    ):
        assert set(vocabulary.words(chinese)) <= set(vocabulary.words(english)) | {"on"}
    assert all(word in vocabulary.rows for words in vocabulary.chinese.values() for word in words)


def test_the_packaged_vocabulary_knows_the_terms_as_they_stand_now() -> None:
    from evaluator.training.captions import build_vocabulary

    kept, again = load_vocabulary(), parse_vocabulary(build_vocabulary(["extraordinary"]))
    assert (again.chinese, again.same) == (kept.chinese, kept.same)
    assert "extraordinary" in again.rows and set(again.rows) - {"extraordinary"} <= set(kept.rows)


def test_captions_repeat_by_seed_and_say_the_same_in_both_languages() -> None:
    from evaluator.training.captions import phrases

    captions = phrases(60, 5)
    assert captions == phrases(60, 5) != phrases(60, 6)
    assert len({each.en for each in captions}) == 60
    vocabulary = load_vocabulary()
    shared = [
        len(set(vocabulary.words(each.zh)) & set(vocabulary.words(each.en))) / len(set(vocabulary.words(each.en)))
        for each in captions
    ]
    assert np.mean(shared) > 0.75


def test_the_tower_gives_unit_vectors_whatever_stands_beside() -> None:
    import torch

    from evaluator.network.text import DIMENSION, TextTower, tokenize

    torch.manual_seed(0)
    tower = TextTower().eval()
    texts = ["", "a rose on marble", "玫瑰", "qwertyuiop zxcv"]
    with torch.inference_mode():
        together, alone = tower(tokenize(texts)), torch.cat([tower(tokenize([text])) for text in texts])
    assert together.shape == (4, DIMENSION)
    torch.testing.assert_close(together.norm(dim=1), torch.ones(4))
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    assert sum(each.numel() for each in tower.parameters()) <= 4_000_000


def test_the_tower_learns_and_comes_back_from_its_file(tmp_path: Path) -> None:
    import torch

    from evaluator.network.text import TextTower, load_tower, save_tower, tokenize
    from evaluator.network.weights import WeightsMissing, WeightsWrong

    torch.manual_seed(0)
    tower, rows = TextTower(dropout=0.0), tokenize(["red rose", "glass bottle"])
    learner = torch.optim.Adam(tower.parameters(), lr=1e-2)
    for _ in range(12):
        said = tower(rows)
        loss = said[0] @ said[1]
        learner.zero_grad()
        loss.backward()
        learner.step()
    assert loss.item() < 0
    with pytest.raises(WeightsMissing):
        load_tower(tmp_path)
    card = save_tower(tower, tmp_path, "a test", 12)
    with torch.inference_mode():
        torch.testing.assert_close(load_tower(tmp_path)(rows), tower.eval()(rows), atol=5e-3, rtol=0)
    (tmp_path / card.file).write_bytes((tmp_path / card.file).read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsWrong, match="SHA-256"):
        load_tower(tmp_path)


def test_lessons_pull_the_tower_towards_the_teacher() -> None:
    from evaluator.training.captions import phrases
    from evaluator.training.judge_words import reader, spearman, top1
    from evaluator.training.teach_words import fit

    captions = phrases(32, 1)
    goal = np.random.default_rng(0).normal(size=(32, 384)).astype(np.float32)
    goal += 2 * np.repeat(goal[:4], 8, axis=0)
    goal /= np.linalg.norm(goal, axis=1, keepdims=True)
    read = reader(fit(captions, goal, steps=24, seed=0, batch=32))
    english, chinese = (read([getattr(each, language) for each in captions]) for language in ("en", "zh"))
    assert spearman(english, goal) > 0.5 and spearman(chinese, goal) > 0.5
    assert spearman(goal, goal) == 1.0
    assert top1(chinese, english) > 0.8 and top1(english[::-1], english) == 0.0


def test_the_packaged_tower_knows_what_is_alike_in_both_languages() -> None:
    import torch

    from evaluator.network.text import load_tower, tokenize

    texts = [
        "rose perfume on marble",
        "玫瑰香水放在大理石上",
        "fragrance with flowers",
        "运动鞋在篮球场",
        "gym sneakers",
    ]
    with torch.inference_mode():
        said = load_tower()(tokenize(texts))
    like = said @ said.T
    assert like[0, 1] > 0.9
    assert like[0, 2] > like[0, 3:].max() + 0.1 and like[3, 4] > like[3, :3].max() + 0.1
