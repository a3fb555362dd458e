"""The siamese network learns on pictures laid over each other: what is known of them, how they are shown, a change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_pair_makers import product

from evaluator.network.siamese import PLANES, Siamese
from evaluator.network.weights import FOLDER
from evaluator.training import fit_siamese, learning, overlays
from evaluator.training.fit_siamese import batch, drawn, judged
from evaluator.training.learning import learn, started
from evaluator.training.makers.backdrop import room
from evaluator.training.makers.candidates import Candidate, Candidates
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout
from evaluator.training.makers.shown import composed, laid, on_white
from evaluator.training.makers.stage import blend, to_bytes
from evaluator.training.overlays import OUT_OF_PLACE, REGION, Overlays, Shown, made, read
from evaluator.types import Plane, Rgb

WHITE = to_bytes(blend(on_white(product(), 320, 1.7, (160.0, 300.0))))


def in_a_room(subject: Cutout, seed: int, where: Plane | None = None) -> tuple[Rgb, Plane]:
    """Return the subject in a room, and a plane of its size laid where it stands."""
    rng = np.random.default_rng(seed)
    stage = composed(subject, room((320, 320), True, rng), rng, share=0.8)
    assert stage is not None
    return to_bytes(blend(stage)), laid(subject.alpha if where is None else where, subject, stage)


def recoloured() -> tuple[Cutout, Plane]:
    return CHANGES["recolour"](product(), 1.0, np.random.default_rng(2))


def two() -> Overlays:
    """Return the product as it is and with another colour, in rooms."""
    same, body = in_a_room(product(), 4)
    other, where = in_a_room(*((changed := recoloured())[0], 4), changed[1])
    shown = [
        Shown(same, 0.0, 0.0, 0.0, 3.0, "sound", np.zeros_like(body)),
        Shown(other, 1.0, 0.5, 1.0, 1.0, "halo+recolour", where),
    ]
    found = overlays.laid(WHITE, shown, "box")
    assert found is not None
    return found


def test_a_generated_picture_is_laid_over_its_original_with_what_was_changed() -> None:
    found = two()
    side = found.mask.shape[1]
    assert found.original.shape == found.generated.shape == (2, side, side, 3)
    body = found.mask[0] > 128
    apart = np.abs(found.original[0].astype(int) - found.generated[0]).mean(2)
    assert np.median(apart[body]) < 40 < np.median(apart[~body])
    assert found.region[0].max() == 0 < 0.5 < found.region[1].max()
    coarse = body[::REGION, ::REGION]
    assert found.region[1][~coarse].mean() < 0.2 * found.region[1][coarse].mean()
    assert found.changed.tolist() == [0, 1] and found.kinds == ("sound", "halo+recolour")


def test_what_was_mirrored_is_turned_and_left_open() -> None:
    flipped, where = in_a_room(*CHANGES["mirror"](product(), 1.0, np.random.default_rng(0))[:1], 5)
    found = overlays.laid(WHITE, [Shown(flipped, 1.0, 1.0, np.nan, np.nan, "mirror", where)], "box")
    assert found is not None
    assert np.isnan(found.changed[0])
    body = found.mask[0] > 128
    apart = np.abs(found.original[0].astype(int) - found.generated[0]).mean(2)
    assert np.median(apart[body]) < 40


def test_an_original_without_a_product_gives_nothing() -> None:
    blank = np.full((320, 320, 3), 255, np.uint8)
    assert overlays.laid(blank, [Shown(WHITE, 0.0, 0.0, 0.0, 3.0, "sound", None)], "none") is None


def test_candidates_are_made_once_and_what_their_place_is_for_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def make(data: Path, scenes: Path, held: bool, number: int, seed: int) -> Candidates | None:
        asked.append((number, seed))
        picture, _ = in_a_room(product(), number)
        shown = (
            Candidate(picture, True, False, 3, "sound", 0.0),
            Candidate(picture, False, False, 2, OUT_OF_PLACE, 1.0),
            Candidate(picture, False, True, 1, "halo+added", 1.0),
        )
        return None if number == 1 else Candidates(WHITE, "box", "gifts", shown)

    monkeypatch.setattr(overlays, "make_candidates", make)
    for _ in range(2):
        files = list(made(tmp_path, tmp_path, tmp_path, False, "candidates", range(3)))
        assert [file.stem for file in files] == ["000000", "000002"]
    assert asked == [(0, 1), (1, 1), (2, 1)]
    found = read(files[0])
    np.testing.assert_array_equal(found.wrong, [0, np.nan, 1])
    assert found.changed.tolist() == [0, 0, 1] and found.rank.tolist() == [3, 2, 1]
    assert np.isnan(found.region[2]).all() and found.region[:2].max() == 0
    assert found.object == "box" and found.kinds[1] == OUT_OF_PLACE


def test_pictures_of_one_original_are_shown_alike_but_for_what_was_changed() -> None:
    inputs, tags, shares, regions, ranks, groups = batch([two()], np.random.default_rng(3))
    assert inputs.shape == (2, PLANES, 288, 288)
    torch.testing.assert_close(inputs[0, :3], inputs[1, :3])
    torch.testing.assert_close(inputs[0, 6], inputs[1, 6])
    assert inputs[:, 6:].min() >= 0 and inputs[:, 6:].max() <= 1
    assert tags.tolist() == [[0, 0], [1, 1]] and shares[1, 0] == 0.5
    assert ranks.tolist() == [3, 1] and groups.tolist() == [0, 0]
    moved = torch.nn.functional.avg_pool2d(inputs[:1, 6:7], REGION)[0, 0]
    assert (regions[1, 0] * moved).sum() > 0.7 * regions[1].sum() > 0


def test_a_plain_change_is_learnt_in_a_few_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_siamese, "PAIRS", 0)
    for name, value in (("WARM", 1), ("SAVED", 10), ("STEADY", 0.5)):
        monkeypatch.setattr(learning, name, value)
    torch.manual_seed(0)
    pair = two()
    # A square of another colour on the product, which nothing else has.
    pair.generated[:] = pair.generated[:1]
    pair.generated[1, 120:170, 120:170] = (220, 30, 200)
    file = tmp_path / "000000.npz"
    names = ("original", "mask", "generated", "within", "region", "changed", "strength", "wrong", "rank")
    np.savez(file, kinds=pair.kinds, object=pair.object, **{name: getattr(pair, name) for name in names})
    network = started(Siamese(), FOLDER)
    frozen = next(network.stem.parameters()).clone()
    learnt = learn(network, drawn({"pairs": [], "candidates": [file]}, 0), 8, 0, tmp_path)
    torch.testing.assert_close(next(learnt.stem.parameters()), frozen)
    lines = judged(learnt, iter([pair]))
    assert lines[0] == "changed: AUC 1.000 (1)" and "wrong: AUC 1.000 (1)" in lines
    assert [line for line in lines if line.startswith("wrong (halo): AUC 1.000")]


def test_kinds_that_are_open_are_not_learnt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluator.training.makers.pairs import Pair

    picture, body = in_a_room(product(), 3)
    pair = Pair(WHITE, picture, True, "unrelated", 0.0, body, body, body, "box", "room")
    monkeypatch.setattr(overlays, "make_pair", lambda *_: pair)
    assert not list(made(tmp_path, tmp_path, tmp_path, True, "pairs", range(1)))
    monkeypatch.setattr(overlays, "make_pair", lambda *_: replace(pair, kind="recolour", strength=0.5))
    (file,) = made(tmp_path, tmp_path, tmp_path, True, "pairs", range(1, 2))
    found = read(file)
    assert found.strength.tolist() == [0.5] and np.isnan(found.wrong[0])
