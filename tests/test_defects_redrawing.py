"""Pictures drawn anew by a learned decoder, and the samples that are made of them."""

from __future__ import annotations

from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from evaluator.decode import decode
from evaluator.training import judge_redrawn
from evaluator.training.defects import redrawing
from evaluator.training.defects.redrawing import FACTOR, HOLDER, NETWORKS, enlarged, redrawn
from evaluator.training.judge_redrawn import flagged
from evaluator.training.makers import redrawn as maker
from evaluator.types import Rgb, Tag

HELD = bool(find_spec("ncnn") and find_spec(HOLDER))
needs_decoder = pytest.mark.skipif(not HELD, reason="ncnn and its networks are for training alone")
HERO = Path(__file__).parents[1] / "styles/library/zen-garden/hero-2.webp"


@pytest.fixture(scope="module")
def picture() -> Rgb:
    return np.asarray(cv2.resize(decode(HERO).rgb, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


def likeness(one: Rgb, other: Rgb) -> float:
    """How alike two pictures are (structural similarity)."""
    return float(structural_similarity(one, other, channel_axis=2))


@needs_decoder
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_enlarges_and_keeps_what_is_shown(picture: Rgb, name: str) -> None:
    small = np.asarray(cv2.resize(picture, (48, 64), interpolation=cv2.INTER_AREA), np.uint8)
    large = enlarged(small, name)
    assert large.shape == (64 * FACTOR, 48 * FACTOR, 3)
    again = cv2.resize(large, (48, 64), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(again - small).mean() < 8


@needs_decoder
def test_the_stronger_the_less_is_left_and_the_same_seed_draws_the_same(picture: Rgb) -> None:
    def left(strength: float) -> float:
        seeds = [np.random.default_rng(seed) for seed in range(4)]
        return float(np.mean([likeness(redrawn(picture, strength, seed), picture) for seed in seeds]))

    ladder = [left(strength) for strength in (0.0, 0.5, 1.0)]
    assert ladder[0] > ladder[1] > ladder[2]
    twice = [redrawn(picture, 0.6, np.random.default_rng(9)) for _ in range(2)]
    assert np.array_equal(*twice)
    assert twice[0].shape == picture.shape and twice[0].dtype == np.uint8


@needs_decoder
def test_nothing_of_it_is_torn(picture: Rgb) -> None:
    """A network that reads memory it was not given draws black and glaring patches."""
    for seed in range(6):
        drawn = redrawn(picture, 0.1, np.random.default_rng(seed))
        assert likeness(drawn, picture) > 0.7


@needs_decoder
def test_a_picture_drawn_anew_stands_beside_what_it_was_made_from(tmp_path: Path, picture: Rgb) -> None:
    folder = tmp_path / "packshots"
    folder.mkdir()
    for number in range(8):
        cv2.imwrite(str(folder / f"{number}.jpg"), np.roll(picture, 17 * number, 1)[..., ::-1])
    nowhere = tmp_path / "nowhere"
    found = 0
    for number in range(0, 8, 2):
        drawn, clean = (maker.make(tmp_path, nowhere, nowhere, False, each, 0) for each in (number, number + 1))
        if drawn is None or clean is None:
            continue
        found += 1
        assert (drawn.step, clean.step, drawn.ladder) == (1, 0, clean.ladder)
        assert set(drawn.criteria) == {"shape_fidelity", "material_realism"}
        assert all(score < 5 for score in drawn.criteria.values())
        assert set(clean.criteria.values()) == {5.0}
    assert found


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrawing, "find_spec", lambda name: None)
    redrawing._network.cache_clear()
    with pytest.raises(FileNotFoundError, match=r"install evaluator/training/requirements\.txt"):
        redrawing._network("realesrgan-x4plus")


def test_pictures_as_they_are_are_scored_and_their_flags_counted(
    tmp_path: Path, picture: Rgb, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    asked = Namespace(pictures=tmp_path, untouched=True)
    with pytest.raises(FileNotFoundError, match="there are no pictures in"):
        judge_redrawn.run(asked)
    cv2.imwrite(str(tmp_path / "candle.jpg"), picture[..., ::-1])
    assert judge_redrawn.run(asked) == 0
    told = capsys.readouterr().out
    assert "0 of 1" in told  # fusion, which is judged before any scene
    assert "0 of 0" in told  # hands, which nobody shows
    assert "SRCC" not in told


def test_flags_are_counted_among_what_was_judged() -> None:
    tags = [Tag(0.9, True, 0.9, (), "", ""), Tag(0.2, False, 0.8, (), "", ""), Tag(None, None, None, (), "", "")]
    assert flagged(tags) == "1 of 2"
