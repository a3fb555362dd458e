"""Looking from nearby is learnt on cuts of twins: what they show, how they are shown, and that a fault is learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from test_look import BLUE, FakeEyes, scene

from evaluator.network.close import Close
from evaluator.network.eyes import CLOSE_SIDE
from evaluator.training import fit_close, learning
from evaluator.training.closeups import MAP_SIDE, SIDE, Closeups, _severity, closeups
from evaluator.training.fit_close import drawn, judged, shown
from evaluator.training.learning import learn, started
from evaluator.training.sample import Sample, write


def twins(folder: Path, count: int, fault: int = 40) -> None:
    """Write pictures of green hands, of which each even one has a blue fault."""
    folder.mkdir(parents=True)
    for number in range(count):
        at = 150 + 10 * (number // 2)
        picture = scene(500, (at, 100, at + 120, 220), fault * (number % 2 == 0))
        plane = (np.abs(picture.astype(int) - BLUE).max(2) < 30).astype(np.float32)
        severity = 0.7 if number % 2 == 0 else 0.0
        sample = Sample(picture, f"hand {number // 2}", maps={"hand": plane}, tags={"hand": severity})
        write(sample, folder / f"{number:06d}.npz")


def test_twins_are_cut_at_one_place_and_known_by_what_they_show(tmp_path: Path) -> None:
    twins(tmp_path / "hand", 4)
    found = closeups(FakeEyes(), tmp_path, ("hand",))
    assert found.pictures.shape == (4, SIDE, SIDE, 3)
    assert found.pairs.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.severity[:, 0], [0.7, 0, 0.7, 0], atol=1e-6)
    assert np.isnan(found.severity[:, 1]).all()  # nothing is known of faces
    assert found.maps[0, 0].max() > 200 > found.maps[1, 0].max() == 0
    apart = np.abs(found.pictures[0].astype(int) - found.pictures[1]).max(2) > 60
    there = found.maps[0, 0].repeat(SIDE // MAP_SIDE, 0).repeat(SIDE // MAP_SIDE, 1) > 128
    assert (apart & there).sum() > 0.8 * apart.sum() > 0


def test_cuts_are_looked_at_once(tmp_path: Path) -> None:
    twins(tmp_path / "hand", 2)
    eyes = FakeEyes()
    first = closeups(eyes, tmp_path, ("hand",))
    looks = len(eyes.shown)
    again = closeups(eyes, tmp_path, ("hand",))
    assert len(eyes.shown) == looks > 0
    np.testing.assert_array_equal(first.pictures, again.pictures)


def test_a_cut_without_the_fault_is_sound_and_one_with_a_little_of_it_unknown() -> None:
    assert _severity(0.7, 0.0) == 0
    assert np.isnan(_severity(0.7, 0.15))
    assert np.isnan(_severity(0.1, 0.9))
    assert _severity(0.7, 0.9) == 0.7
    assert _severity(0.0, 0.0) == 0


def test_samples_without_hands_or_faces_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    write(Sample(scene(400, (0, 0, 0, 0)), "none", tags={"hand": 0.0}), tmp_path / "hand/000000.npz")
    with pytest.raises(FileNotFoundError, match="shows a hand or face"):
        closeups(FakeEyes(), tmp_path, ("hand",))


@pytest.fixture
def found(rng: np.random.Generator) -> Closeups:
    """Cuts of hands that are plainly spoilt, and of sound ones."""
    spoilt = np.arange(24) % 2 == 0
    maps = np.zeros((24, 2, MAP_SIDE, MAP_SIDE), np.uint8)
    maps[spoilt, 0, 20:33, 20:33] = 255
    severity = np.full((24, 2), np.nan, np.float32)
    severity[:, 0] = 0.8 * spoilt
    presence = np.tile(np.array([1.0, 0.0], np.float32), (24, 1))
    pictures = np.clip(rng.normal(150, 12, (12, SIDE, SIDE, 3)), 0, 255).astype(np.uint8).repeat(2, 0)
    pictures[spoilt, 80:130, 80:130] = (40, 60, 200)
    return Closeups(pictures, maps, severity, presence, np.arange(24) // 2)


def test_twins_are_shown_alike_but_for_the_fault(found: Closeups) -> None:
    pictures, maps, severity, presence, groups = shown(found, [np.array([0, 1])], np.random.default_rng(4))
    assert pictures.shape == (2, 3, CLOSE_SIDE, CLOSE_SIDE)
    apart = (pictures[0] - pictures[1]).abs().amax(0) > 0.3
    coarse = torch.nn.functional.avg_pool2d(apart[None].float(), 8)[0] > 0.5
    assert (coarse & (maps[0, 0] > 0.05)).sum() > 0.8 * coarse.sum() > 0
    assert maps[:, 1].isnan().all() and severity[:, 1].isnan().all()
    assert maps[1, 0].max() == 0
    assert groups.tolist() == [0, 0] and presence[:, 0].tolist() == [1, 1]


def test_a_plain_fault_is_learnt_in_a_few_steps_and_a_stopped_run_goes_on(
    found: Closeups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_close, "PAIRS", 3)
    monkeypatch.setattr(learning, "WARM", 1)
    monkeypatch.setattr(learning, "SAVED", 10)
    monkeypatch.setattr(learning, "STEADY", 0.5)
    torch.manual_seed(0)
    raw = started(Close(), fit_close.FOLDER)
    frozen = next(raw.stem.parameters()).clone()
    close = learn(raw, drawn(found, 0), 20, 0, tmp_path)
    figure, count = judged(close, found)["hand"]
    assert count == 24
    assert figure > 0.95
    torch.testing.assert_close(next(close.stem.parameters()), frozen)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == 20
    again = learn(started(Close(), fit_close.FOLDER), drawn(found, 0), 20, 0, tmp_path)
    assert judged(again, found)["hand"][0] == figure
