"""What a place is for, read from embeddings: fitted on kinds of products and places, true of pairs never seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from evaluator.pair.company import NO_COMPANY, Company
from evaluator.training.fit_company import fitted

KINDS = ("food", "watch", "sport")
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    category: str
    suited: tuple[str, ...] | None


def embedded(directions: Numbers, kinds: list[int], rng: np.random.Generator) -> Numbers:
    """Return embeddings (N×256, unit length) near the direction of each kind."""
    found = directions[kinds] + rng.normal(0, 0.6 / 16, (len(kinds), 256))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def cases(rng: np.random.Generator, count: int) -> tuple[list[Case], Numbers, Numbers, npt.NDArray[np.bool_]]:
    """Return pairs of a product and a place for one kind, their embeddings, and whether they go together."""
    directions = np.linalg.qr(np.random.default_rng(7).normal(size=(256, 6)))[0].T
    sold, meant = rng.integers(3, size=count).tolist(), rng.integers(3, size=count).tolist()
    rows = [Case(KINDS[one], (KINDS[other],)) for one, other in zip(sold, meant, strict=True)]
    return rows, embedded(directions[:3], sold, rng), embedded(directions[3:], meant, rng), np.equal(sold, meant)


def test_kinds_of_products_and_of_places_are_told_and_brought_together(rng: np.random.Generator) -> None:
    company = fitted(*cases(rng, 200)[:3])
    _, original, generated, together = cases(rng, 100)
    suits = company.suits(original, generated)
    assert suits.shape == (100,) and (suits >= 0).all() and (suits <= 1).all()
    assert suits[together].min() > suits[~together].max()


def test_a_pair_that_was_never_shown_together_is_judged_by_its_kinds(rng: np.random.Generator) -> None:
    rows, original, generated, _ = cases(rng, 400)
    shown = np.array([(row.category, row.suited) != ("watch", ("watch",)) for row in rows])
    company = fitted([row for row, there in zip(rows, shown, strict=True) if there], original[shown], generated[shown])
    suits = company.suits(original, generated)
    others = np.array([row.category == "watch" and row.suited != ("watch",) for row in rows])
    assert np.median(suits[~shown]) > np.quantile(suits[others], 0.95)


def test_a_place_for_anything_suits_everything_and_kin_are_left_open(rng: np.random.Generator) -> None:
    rows = [Case("food", None), Case("watch", None), Case("food", ()), Case("watch", ())] * 20
    embeddings = rng.normal(size=(4, 256)) / 16
    shown = np.tile(embeddings, (20, 1))
    suits = fitted(rows, shown, shown).suits(embeddings, embeddings)
    assert suits[:2].min() > 0.8 and suits[2:].max() < 0.2
    # A jeweller's place says nothing of watches: as often there as not, and neither is held against the other.
    kin = [Case("watch", ("jewellery",)), Case("food", ("food",)), Case("jewellery", ("jewellery",))] * 20
    assert np.isfinite(fitted(kin, shown[:60], shown[:60]).suits(embeddings, embeddings)).all()


@pytest.mark.parametrize("rows", [[], [Case("", None)] * 5, [Case("food", None)] * 5])
def test_without_two_kinds_nothing_is_told(rows: list[Case], rng: np.random.Generator) -> None:
    embeddings = rng.normal(size=(len(rows), 256))
    assert fitted(rows, embeddings, embeddings) is NO_COMPANY
    assert NO_COMPANY.suits(embeddings, embeddings).tolist() == [0.0] * len(rows)


def test_chances_of_kinds_sum_to_one(rng: np.random.Generator) -> None:
    always = Company(np.zeros((257, 4)), np.vstack([np.zeros((256, 4)), np.full((1, 4), 30.0)]))
    assert always.suits(rng.normal(size=(3, 256)), rng.normal(size=(3, 256))) == pytest.approx([1.0] * 3)
