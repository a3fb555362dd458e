"""The network as an encoder: through its lens, in both languages, and never by files that are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from evaluator.network.encoder import Lens, NetworkEncoder, known, load_encoder, load_lens, save_lens
from evaluator.network.text import TextTower, save_tower
from evaluator.network.weights import Card, WeightsMissing, WeightsWrong
from evaluator.types import Glance, Rgb

EMPTY = np.zeros((4, 4), np.float32)


class ColourEyes:
    """Sees the mean colour as the first three numbers of an embedding."""

    def __init__(self, sha256: str = "eyes-1") -> None:
        self.card = Card("", sha256, 0, 0, "", 0)

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        seen = np.zeros(256, np.float32)
        seen[:3] = rgb.reshape(-1, 3).mean(0) + 1
        return Glance(seen / np.linalg.norm(seen), EMPTY, {}, {}, {}, {}, (3.0, 0.5), 3.0, 3.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tower and a lens that swaps red and blue."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(3)
    save_tower(TextTower().eval(), folder, "test", 0)
    swap = np.eye(256, dtype=np.float32)
    swap[[0, 2]] = swap[[2, 0]]
    save_lens(Lens(swap, np.zeros(256, np.float32), (0.25, 0.75, 0.5, 0.625)), folder, "test", 0)
    return folder


def plain(*colour: int) -> Rgb:
    return np.full((8, 8, 3), colour, np.uint8)


def test_pictures_are_seen_through_the_lens(folder: Path) -> None:
    encoder = NetworkEncoder(ColourEyes(), folder)
    vectors = encoder.encode_pictures([plain(255, 0, 0), plain(0, 0, 255)])
    assert vectors.shape == (2, encoder.dimension) and vectors.dtype == np.float32
    assert vectors.argmax(1).tolist() == [2, 0]
    assert (encoder.unrelated, encoder.duplicate, *encoder.heard) == (0.25, 0.75, 0.5, 0.625)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_pictures([]).shape == (0, 256)


def test_both_languages_are_read_alike_and_nonsense_not_at_all(folder: Path) -> None:
    vectors = NetworkEncoder(ColourEyes(), folder).encode_words(["handbag", "手提包", "xqzt blorf", "，", "a shoe"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)
    assert not vectors[2:4].any()
    assert vectors[0] @ vectors[4] < 0.999
    assert NetworkEncoder(ColourEyes(), folder).encode_words([]).shape == (0, 256)


@pytest.mark.parametrize(("text", "found"), [("marble", True), ("大理石 xqzt", True), ("xqzt", False), ("", False)])
def test_a_text_is_known_by_any_of_its_words(text: str, found: bool) -> None:
    assert known(text) is found


def test_the_checksum_tells_weights_and_lenses_apart(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    first = NetworkEncoder(ColourEyes(), folder).checksum
    assert NetworkEncoder(ColourEyes(), tmp_path).checksum == first
    assert NetworkEncoder(ColourEyes("eyes-2"), folder).checksum != first
    save_lens(Lens(np.eye(256, dtype=np.float32), np.ones(256, np.float32)), tmp_path, "test", 0)
    assert NetworkEncoder(ColourEyes(), tmp_path).checksum != first


def test_a_lens_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    weight, bias = random.normal(size=(256, 256)).astype(np.float32), random.normal(size=256).astype(np.float32)
    lens = Lens(weight, bias, (0.2, 0.95, 0.3, 0.6))
    card = save_lens(lens, tmp_path, "test", 5)
    found, checksum = load_lens(tmp_path)
    assert (card.sha256, card.steps) == (checksum, 5)
    assert found.weight == pytest.approx(lens.weight, abs=2e-3)
    assert found.bias == pytest.approx(lens.bias, abs=2e-3)
    assert found.marks == pytest.approx(lens.marks, abs=1e-3)


def test_a_lens_that_is_missing_or_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"lens\.json"):
        NetworkEncoder(ColourEyes(), tmp_path)
    save_lens(Lens(np.eye(256, dtype=np.float32), np.zeros(256, np.float32)), tmp_path, "test", 0)
    file = tmp_path / "lens.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(WeightsWrong, match="SHA-256"):
        load_lens(tmp_path)
    save_lens(Lens(np.eye(3, dtype=np.float32), np.zeros(3, np.float32)), tmp_path, "test", 0)
    with pytest.raises(WeightsWrong, match="expected 256"):
        load_lens(tmp_path)
    (tmp_path / "lens.json").write_text(json.dumps({"file": "lens.safetensors"}))
    with pytest.raises(WeightsWrong, match="card"):
        load_lens(tmp_path)


def test_there_is_one_network() -> None:
    with pytest.raises(ValueError, match="no-such"):
        load_encoder("no-such")
