"""Marks of generation all over a picture: read from its embedding, felt by what they are about and by the total."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from evaluator import Evaluator
from evaluator.calibration import load_calibration
from evaluator.decode import decode
from evaluator.network.eyes import Eyes
from evaluator.network.heads import GENERATED
from evaluator.opinion import MARKS, READ, REDRAWN
from evaluator.training.defects.decoders import DECODERS
from evaluator.training.defects.shapes import SHAPES
from evaluator.training.defects.surfaces import SURFACES
from evaluator.training.fit_presence import MARKED, truth
from evaluator.training.sample import Sample
from evaluator.types import Rgb

LIBRARY = Path(__file__).parents[1] / "styles/library"
OF_ALL = SHAPES | SURFACES | DECODERS
KINDS = ("melt", "dissolve", "astray", "collapse", "scramble", "sag")


def marked(picture: Rgb, kind: str, strength: float = 0.9) -> Rgb:
    """Return a picture with a mark of one kind on all of it."""
    return OF_ALL[kind](picture, np.ones(picture.shape[:2], np.float32), strength, np.random.default_rng(4))


@pytest.fixture(scope="module")
def heroes() -> list[Rgb]:
    folders = [folder for folder in sorted(LIBRARY.iterdir()) if (folder / "hero-1.webp").is_file()][::9]
    return [decode(folder / "hero-1.webp").rgb for folder in folders]


def test_pictures_as_they_are_show_none(heroes: list[Rgb]) -> None:
    eyes, calibration = Eyes(), load_calibration()
    assert not any(calibration.present(READ, eyes.glance(hero).sees(READ)) for hero in heroes)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_marked_all_over_looks_more_like_it_than_what_is_not(heroes: list[Rgb], kind: str) -> None:
    eyes = Eyes()
    assert all(eyes.glance(marked(hero, kind)).sees(READ) > eyes.glance(hero).sees(READ) for hero in heroes)


def test_pictures_as_they_are_do_not_look_drawn_anew(heroes: list[Rgb]) -> None:
    eyes, calibration = Eyes(), load_calibration()
    assert not any(calibration.present(REDRAWN, eyes.glance(hero).sees(REDRAWN)) for hero in heroes)


@pytest.mark.skipif(not find_spec("ncnn"), reason="ncnn and its networks are for training alone")
def test_what_a_decoder_drew_looks_it_the_more_the_less_it_was_given(heroes: list[Rgb]) -> None:
    from evaluator.training.defects.redrawing import redrawn

    eyes, rows = Eyes(), []
    for hero in heroes:
        drawn = [redrawn(hero, strength, np.random.default_rng(1)) for strength in (0.2, 1.0)]
        rows.append([eyes.glance(each).sees(REDRAWN) for each in (hero, *drawn)])
    assert all(clean < min(drawn) for clean, *drawn in rows)
    clean, little, much = np.mean(rows, 0)
    assert clean < little < much


def test_a_picture_that_melts_loses_its_total_and_says_by_what() -> None:
    picture, judge = decode(LIBRARY / "zen-garden/hero-2.webp").rgb, Evaluator()
    clean, spoilt = judge.score(picture), judge.score(marked(picture, "melt", 1.0))
    assert spoilt.score < clean.score - 1
    for id in GENERATED:
        assert MARKS not in clean.criteria[id].measures
        assert spoilt.criteria[id].measures[MARKS] > load_calibration().presence[READ]
        assert (spoilt.criteria[id].score or 5) < 3
        assert "marks of generation all over the picture" in spoilt.criteria[id].reason
        assert "生成痕迹" in spoilt.criteria[id].reason_zh


@pytest.mark.parametrize(
    ("criteria", "tags", "known"),
    [
        ({}, {}, False),
        ({"shape_fidelity": 5.0, "material_realism": 5.0}, {}, False),
        ({"material_realism": 5 - 4 * MARKED}, {}, True),
        ({"shape_fidelity": 4.9}, {}, None),
        ({"exposure": 1.0}, {}, False),
        ({}, {"fusion": 0.0}, None),
    ],
)
def test_what_is_known_of_a_sample(criteria: dict[str, float], tags: dict[str, float], known: bool | None) -> None:
    assert truth(Sample(np.zeros((32, 32, 3), np.uint8), "any", criteria=criteria, tags=tags), READ) is known


@pytest.mark.parametrize(("rating", "known"), [(4.5, False), (3.0, None), (1.0, None)])
def test_what_a_generator_made_shows_no_marks_where_it_is_liked(rating: float, known: bool | None) -> None:
    sample = Sample(np.zeros((32, 32, 3), np.uint8), "any", ratings={"pleasing": (rating, 0.5)})
    assert truth(sample, READ) is known
