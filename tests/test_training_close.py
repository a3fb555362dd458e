"""Looking from nearby is learnt on cuts of twins: what they show, how they are shown, and that a fault is learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import drawn, painted
from test_look import BLUE, GREEN, GREY, FakeEyes, scene

from evaluator.network.close import Close
from evaluator.network.eyes import CLOSE_SIDE
from evaluator.network.heads import NEARBY
from evaluator.network.weights import CLOSE, keep, pack
from evaluator.training import fit_close, learning
from evaluator.training.blend import go_back
from evaluator.training.closeups import MAP_SIDE, SIDE, Closeups, _severity, closeups
from evaluator.training.fit_close import drawn as draws
from evaluator.training.fit_close import judged, shown
from evaluator.training.learning import gone_on, learn, started
from evaluator.training.makers.grade import WHOLE
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
    found = closeups(FakeEyes(), tmp_path, "limbs", ("hand",))
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
    first = closeups(eyes, tmp_path, "limbs", ("hand",))
    looks = len(eyes.shown)
    again = closeups(eyes, tmp_path, "limbs", ("hand",))
    assert len(eyes.shown) == looks > 0
    np.testing.assert_array_equal(first.pictures, again.pictures)


def test_a_cut_without_the_fault_is_sound_and_one_with_a_little_of_it_unknown() -> None:
    assert _severity("hand", 0.7, 0.0) == 0
    assert np.isnan(_severity("hand", 0.7, 0.15))
    assert np.isnan(_severity("hand", 0.1, 0.9))
    assert _severity("hand", 0.7, 0.9) == 0.7
    assert _severity("hand", 0.0, 0.0) == 0
    assert np.isnan(_severity("fusion", 0.7, WHOLE))  # a piece of a rim tells nothing of a subject out of tune


def test_pieces_of_rims_are_cut_where_the_spoilt_picture_has_them(tmp_path: Path) -> None:
    fusion, masks = tmp_path / "fusion", tmp_path / "masks"
    for folder in (fusion, masks):
        folder.mkdir()
    sound = painted(GREY, drawn((400, 400), (120, 80, 280, 260)), (200, 40, 40))
    spoilt = sound.copy()
    spoilt[240:280, 260:300] = BLUE
    plane = (np.abs(spoilt.astype(int) - BLUE).max(2) < 30).astype(np.float32)
    none = np.zeros_like(plane)
    write(Sample(sound, "a", maps={"fusion": none}, tags={"fusion": 0.0}), fusion / "000000.npz")
    write(Sample(spoilt, "a", maps={"fusion": plane}, tags={"fusion": 0.8}), fusion / "000001.npz")
    write(Sample(sound, "b", presence={"plain_backdrop": 1.0}), masks / "000000.npz")  # to which fusion does not apply
    write(Sample(sound, "c", presence={"plain_backdrop": 0.0}), masks / "000001.npz")
    found = closeups(FakeEyes(scene=True), tmp_path, "rims", ("fusion", "masks"))
    at = NEARBY.index("fusion")
    assert np.isnan(found.severity[:, :at]).all() and np.isnan(found.presence).all()
    pairs, counts = np.unique(found.pairs, return_counts=True)
    assert sorted(set(counts)) == [1, 2]  # the last picture has no twin
    shows = found.severity[:, at] > 0
    assert shows.any() and (found.maps[shows, at].max((1, 2)) > 200).all()
    assert all(shows[found.pairs == pair].sum() <= 1 for pair in pairs)
    assert (found.severity[np.isin(found.pairs, pairs[counts == 1]), at] == 0).all()


def test_hands_as_they_are_are_sound_and_what_is_none_is_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "located"
    folder.mkdir()
    picture = scene(500, (150, 100, 270, 220))
    there = (np.abs(picture.astype(int) - GREEN).max(2) < 30).astype(np.float32)
    seen = Sample(picture, "a", maps={"hand_at": there}, tags={"hand": 0.0}, presence={"hand": 1.0})
    nobody = Sample(picture, "b", presence={"person": 0.0})
    elsewhere = Sample(picture, "c", maps={"hand_at": np.roll(there, 250, 1)}, tags={"hand": 0.0})
    for number, sample in enumerate((seen, nobody, elsewhere)):
        write(sample, folder / f"{number:06d}.npz")
    found = closeups(FakeEyes(), tmp_path, "alone", ("located",))
    assert found.pairs.tolist() == [0, 1]  # of the third nothing is known
    assert found.presence[:, 0].tolist() == [1, 0]
    assert found.severity[0, 0] == 0 and np.isnan(found.severity[1]).all() and not found.maps.any()


def test_samples_without_hands_or_faces_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    write(Sample(scene(400, (0, 0, 0, 0)), "none", tags={"hand": 0.0}), tmp_path / "hand/000000.npz")
    with pytest.raises(FileNotFoundError, match="shows anything to look at"):
        closeups(FakeEyes(), tmp_path, "limbs", ("hand",))


@pytest.fixture
def found(rng: np.random.Generator) -> Closeups:
    """Cuts of hands that are plainly spoilt, and of sound ones."""
    spoilt = np.arange(24) % 2 == 0
    maps = np.zeros((24, len(NEARBY), MAP_SIDE, MAP_SIDE), np.uint8)
    maps[spoilt, 0, 20:33, 20:33] = 255
    severity = np.full((24, len(NEARBY)), np.nan, np.float32)
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


def test_of_a_fault_beyond_what_is_shown_nothing_is_known(found: Closeups) -> None:
    maps = np.zeros_like(found.maps)
    maps[::2, 0, 0, 0] = 255  # in the corner, which most frames leave out
    rng = np.random.default_rng(0)
    told = [shown(replace(found, maps=maps), [np.array([0, 1])], rng)[2] for _ in range(6)]
    assert any(bool(each[0, 0].isnan()) for each in told)
    assert all(each[1, 0] == 0 for each in told)


def test_a_plain_fault_is_learnt_in_a_few_steps_and_a_stopped_run_goes_on(
    found: Closeups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_close, "PAIRS", {"limbs": 3})
    monkeypatch.setattr(learning, "WARM", 1)
    monkeypatch.setattr(learning, "SAVED", 10)
    monkeypatch.setattr(learning, "STEADY", 0.5)
    torch.manual_seed(0)
    raw = started(Close(), fit_close.FOLDER)
    frozen = next(raw.stem.parameters()).clone()
    close = learn(raw, draws({"limbs": found}, 0), 20, 0, tmp_path)
    figure, count = judged(close, found)["hand"]
    assert count == 24
    assert figure > 0.95
    torch.testing.assert_close(next(close.stem.parameters()), frozen)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == 20
    again = learn(started(Close(), fit_close.FOLDER), draws({"limbs": found}, 0), 20, 0, tmp_path)
    assert judged(again, found)["hand"][0] == figure


def test_training_goes_on_from_weights_that_are_kept(tmp_path: Path) -> None:
    torch.manual_seed(1)
    kept, other = Close(), Close()
    keep(*pack(kept), tmp_path, CLOSE, "so", 1)
    assert gone_on(other, None, CLOSE, "now") == "now"
    assert gone_on(other, tmp_path, CLOSE, "now") == "so; then now"
    torch.testing.assert_close(other.tags.weight, kept.tags.weight, atol=1e-3, rtol=1e-2)
    later = Close()
    new = later.tags.weight.clone()
    go_back(later, other, 1.0)
    assert torch.equal(later.tags.weight, new)
    go_back(later, other, 0.5)
    torch.testing.assert_close(later.tags.weight, (new + other.tags.weight) / 2)
