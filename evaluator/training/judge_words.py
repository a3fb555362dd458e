"""Measures what the text tower knows of language: against its teacher, and across its two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from evaluator.network.text import TextTower, tokenize
from evaluator.training.captions import Caption

Vectors = npt.NDArray[np.float32]
Reader = Callable[[Sequence[str]], Vectors]


def judge(tower: TextTower, teacher: Reader, held: Sequence[Caption], words: Sequence[str]) -> dict[str, object]:
    """Return the figures: `held` are captions, `words` single words, none of which were taught.

    Spearman compares the cosines of all pairs with the teacher's. Retrieval is top-1 of a caption's Chinese among
    all of them. The library's names and queries were written by people; nothing here is trained on them.
    """
    read = reader(tower)
    english, chinese = [each.en for each in held], [each.zh for each in held]
    names, queries, cards, right = _library()
    truth = teacher(english)
    asked = [text for text, _ in queries["en"]]
    return {
        "held_spearman_en": spearman(read(english), truth),
        "held_spearman_zh": spearman(read(chinese), truth),
        "held_en_to_zh_top1": top1(read(english), read(chinese)),
        "unseen_words_spearman": spearman(read(words), teacher(words)),
        "library_texts_spearman": spearman(read([*cards, *asked]), teacher([*cards, *asked])),
        "library_names_en_to_zh_top1": top1(read([en for en, _ in names]), read([zh for _, zh in names])),
        "library_queries_mrr": {
            **{language: _mrr(read, rows, cards, right) for language, rows in queries.items()},
            "teacher_en": _mrr(teacher, queries["en"], cards, right),
        },
    }


def reader(tower: TextTower) -> Reader:
    """Return what reads texts with a tower: n×256 unit vectors."""

    @torch.inference_mode()
    def read(texts: Sequence[str]) -> Vectors:
        parts = [tower(tokenize(texts[at : at + 256])).numpy() for at in range(0, len(texts), 256)]
        return np.concatenate(parts)

    return read


def spearman(found: Vectors, truth: Vectors) -> float:
    """Return the rank correlation of the cosines of all pairs of rows."""
    from scipy.stats import spearmanr

    pairs = np.triu_indices(len(found), 1)
    return round(float(spearmanr((found @ found.T)[pairs], (truth @ truth.T)[pairs]).statistic), 4)


def top1(asked: Vectors, kept: Vectors) -> float:
    """Return the share of rows whose nearest row of the other is their own."""
    return round(float(np.mean((asked @ kept.T).argmax(1) == np.arange(len(asked)))), 4)


def _mrr(read: Reader, queries: Sequence[tuple[str, Sequence[str]]], cards: Sequence[str], ids: Sequence[str]) -> float:
    likeness = read([text for text, _ in queries]) @ read(cards).T
    ranks = [
        min(1 + int((row > row[ids.index(each)]).sum()) for each in find)
        for row, (_, find) in zip(likeness, queries, strict=True)
    ]
    return round(float(np.mean(1 / np.array(ranks))), 4)


def _library() -> tuple[list[tuple[str, str]], Mapping[str, list[tuple[str, tuple[str, ...]]]], list[str], list[str]]:
    """Return the styles' names in both languages, queries with what they should find, texts of cards, and ids."""
    from styles.catalog import LIBRARY, Catalog
    from styles.eval import load_queries

    styles = [style.card for style in Catalog(None, LIBRARY).styles()]
    written, _ = load_queries()
    queries = {
        language: [(each.text, each.find) for each in written if each.language == language] for language in ("en", "zh")
    }
    texts = [f"{card.name.en}, {card.prompt}" for card in styles]
    return [(card.name.en, card.name.zh) for card in styles], queries, texts, [card.id for card in styles]
