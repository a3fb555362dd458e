"""How much of a subject the frame left: read from embeddings, and how far the shipped reading knows it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from evaluator.decode import decode
from evaluator.network.eyes import Eyes
from evaluator.network.reading import WHOLENESS, load_reading
from evaluator.network.weights import FOLDER
from evaluator.training import fit_wholeness
from evaluator.training.fit_wholeness import Cuts, fitted, ranks
from evaluator.training.sample import Sample, write

LIBRARY = Path(__file__).parents[1] / "styles/library"


def cuts(rng: np.random.Generator, count: int, first: int = 0) -> Cuts:
    """Return ladders of five steps whose embeddings move along one direction as the score falls."""
    way = np.random.default_rng(1).normal(size=256)
    rows, scores, objects, ladders = [], [], [], []
    for number in range(first, first + count):
        start = rng.normal(size=256)
        for step in range(5):
            row = start - 0.6 * step * way / np.linalg.norm(way) + rng.normal(0, 0.02, 256)
            rows.append(row / np.linalg.norm(row))
            scores.append(5.0 - 0.8 * step)
            objects.append(f"object {number}")
            ladders.append(f"cut/{number}")
    return Cuts(np.array(rows), np.array(scores), np.array(objects), np.array(ladders))


def test_a_line_orders_ladders_of_objects_it_has_not_seen(rng: np.random.Generator) -> None:
    weight, offset, ridge = fitted(cuts(rng, 40))
    fresh = cuts(rng, 20, 100)
    said = fresh.embeddings @ weight + offset
    assert ridge in fit_wholeness.RIDGES
    assert np.mean(ranks(said, fresh)) > 0.9
    assert said.mean() == pytest.approx(fresh.scores.mean(), abs=0.5)


def test_pictures_on_no_ladder_are_not_ordered(rng: np.random.Generator) -> None:
    alone = cuts(rng, 2)
    assert ranks(alone.scores, Cuts(alone.embeddings, alone.scores, alone.objects, np.array([""] * 10))) == []


def test_it_is_learnt_from_pictures(tmp_path: Path, rng: np.random.Generator) -> None:
    hero = decode(LIBRARY / "pure-white/hero-1.webp").rgb
    for side, count in (("train", 8), ("held", 12)):
        (tmp_path / side / "cut").mkdir(parents=True)
        for number in range(count):
            for step in range(4):
                shown = np.ascontiguousarray(hero[: len(hero) - step * len(hero) // 5, number:])
                sample = Sample(
                    shown, f"{side} {number}", criteria={"completeness": 5.0 - step}, ladder=f"{number}", step=step
                )
                write(sample, tmp_path / side / "cut" / f"{4 * number + step:06d}.npz")
    asked = Namespace(samples=tmp_path, weights=FOLDER, out=tmp_path / "out")
    assert fit_wholeness.run(asked) == 0
    found, eyes = load_reading(tmp_path / "out", WHOLENESS), Eyes()
    assert found is not None and found.network == eyes.card.sha256
    whole, half = (found.value(eyes.glance(each).embedding) for each in (hero, hero[: len(hero) // 2]))
    assert whole > half + 0.5
    with pytest.raises(FileNotFoundError, match="`make` the family `cut`"):
        fit_wholeness.run(Namespace(**{**vars(asked), "samples": tmp_path / "nowhere"}))


def test_the_shipped_reading_falls_as_a_product_is_cut_and_no_closer_look_asks_it() -> None:
    eyes, hero = Eyes(), decode(LIBRARY / "pure-white/hero-1.webp").rgb
    steps = [eyes.glance(hero[: round(len(hero) * share)]).criteria["completeness"] for share in (1.0, 0.7, 0.5)]
    assert steps[0] > steps[1] > steps[2]
    assert all(1 <= step <= 5 for step in steps)
    bare = load_reading(FOLDER, WHOLENESS)
    assert bare is not None
    near = eyes.glance(hero, near=True)
    assert near.criteria["completeness"] != pytest.approx(bare.value(near.embedding), abs=1e-3)
