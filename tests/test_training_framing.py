"""How the frame lies about a subject: read from embeddings, and what the shipped readings know of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluator.decode import decode
from evaluator.network.eyes import Eyes
from evaluator.network.reading import FRAMING, load_reading
from evaluator.network.weights import FOLDER
from evaluator.training import fit_framing
from evaluator.training.benchmark.statistics import ladder_ranks
from evaluator.training.defects.capture import MOST_TILT, filled, tilt
from evaluator.training.fit_framing import Cuts, fitted
from evaluator.training.sample import Sample, write

LIBRARY = Path(__file__).parents[1] / "styles/library"
WORN_WAYS = np.stack([np.full(256, 1 / 16), np.resize([1.0, -1.0], 256) / 16])
"""The directions in which each kind of wear moves embeddings."""


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
    shifts = rng.normal(0, 0.01, (len(rows), 2, 256)) + rng.normal(0, 0.3, (len(rows), 2, 1)) * WORN_WAYS
    return Cuts(np.array(rows), shifts, np.array(scores), np.array(objects), np.array(ladders))


def test_a_line_orders_ladders_of_objects_it_has_not_seen(rng: np.random.Generator) -> None:
    weight, offset, ridge = fitted(cuts(rng, 40))
    fresh = cuts(rng, 20, 100)
    said = fresh.embeddings @ weight + offset
    assert ridge in fit_framing.RIDGES
    assert np.mean(ladder_ranks(said, fresh.scores, fresh.ladders.tolist())) > 0.9
    assert said.mean() == pytest.approx(fresh.scores.mean(), abs=0.5)
    assert np.abs(WORN_WAYS @ weight).max() < 0.05 * np.linalg.norm(weight)  # whatever wears a picture, its frame stays


def test_pictures_on_no_ladder_are_not_ordered(rng: np.random.Generator) -> None:
    alone = cuts(rng, 2)
    assert ladder_ranks(alone.scores, alone.scores, [""] * 10) == []


def test_it_is_learnt_from_pictures(tmp_path: Path, rng: np.random.Generator) -> None:
    hero = np.asarray(cv2.resize(decode(LIBRARY / "pure-white/hero-1.webp").rgb, (400, 400)), np.uint8)
    for side, count in (("train", 8), ("held", 6)):
        (tmp_path / side / "cut").mkdir(parents=True)
        for number in range(count):
            for step in range(4):
                shown = np.ascontiguousarray(hero[: len(hero) - step * len(hero) // 5, number:])
                sample = Sample(
                    shown, f"{side} {number}", criteria={"completeness": 5.0 - step}, ladder=f"{number}", step=step
                )
                write(sample, tmp_path / side / "cut" / f"{4 * number + step:06d}.npz")
    asked = Namespace(samples=tmp_path, weights=FOLDER, out=tmp_path / "out", criteria=("completeness",))
    assert fit_framing.run(asked) == 0
    found, eyes = load_reading(tmp_path / "out", FRAMING["completeness"]), Eyes()
    assert found is not None and found.network == eyes.card.sha256
    whole, half = (found.value(eyes.glance(each).embedding) for each in (hero, hero[: len(hero) // 2]))
    assert whole > half + 0.5
    with pytest.raises(FileNotFoundError, match="`make` the family `cut`"):
        fit_framing.run(Namespace(**{**vars(asked), "samples": tmp_path / "nowhere"}))


def test_the_shipped_readings_fall_as_a_product_is_cut_or_turned_and_no_closer_look_asks_them() -> None:
    eyes, hero = Eyes(), decode(LIBRARY / "zen-garden/hero-2.webp").rgb
    cut = [hero[: round(len(hero) * share)] for share in (1.0, 0.7, 0.5)]
    turned = [tilt(hero, strength, np.random.default_rng(3)) for strength in (0.0, 0.5, 1.0)]
    for id, steps in (("completeness", cut), ("balance", turned)):
        said = [eyes.glance(step).criteria[id] for step in steps]
        assert 5 >= said[0] > said[1] > said[2] >= 1
        bare = load_reading(FOLDER, FRAMING[id])
        assert bare is not None
        near = eyes.glance(hero, near=True)
        assert near.criteria[id] != pytest.approx(bare.value(near.embedding), abs=1e-3)


def test_what_loses_its_rim_without_being_turned_is_not_taken_for_turned() -> None:
    eyes, hero = Eyes(), decode(LIBRARY / "zen-garden/hero-2.webp").rgb
    straight, turned = filled(hero, MOST_TILT), tilt(hero, 1.0, np.random.default_rng(3))
    assert straight.shape == turned.shape
    said = [eyes.glance(each).criteria["balance"] for each in (hero, straight, turned)]
    assert said[0] - said[1] < 0.5 * (said[0] - said[2])
