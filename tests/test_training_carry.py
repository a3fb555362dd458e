"""Readings and the reward go over to a network whose zones alone differ, and to no other."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

import pytest
import torch

from evaluator.network.reading import load_reading
from evaluator.network.weights import FOLDER, load, read_card, save
from evaluator.pair.reward import FITTED, load_reward
from evaluator.training import carry


def changed(folder: Path, *names: str) -> Path:
    """Write weights of which the tensors so named differ from the shipped ones."""
    network, _ = load()
    known = network.state_dict()
    with torch.no_grad():
        for name in names:
            known[name] += 0.25
    save(network, folder, "a test", 0)
    return folder


@pytest.fixture
def reward(tmp_path: Path) -> Path:
    return Path(shutil.copy(FITTED, tmp_path / "reward.safetensors"))


def test_what_hears_none_of_the_zones_that_differ_is_signed_anew(
    tmp_path: Path, reward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = changed(tmp_path / "after", "zones.first.body.weight", "zones.mean_hand")
    assert carry.differing(FOLDER, after) == {"body", "hand"}
    assert carry.run(Namespace(before=FOLDER, weights=after, reward=reward)) == 0
    carried, known = (load_reading(folder, "person.json") for folder in (after, FOLDER))
    assert carried and known
    assert carried.network == read_card(after).sha256 != known.network
    assert (carried.weight == known.weight).all() and carried.offset == known.offset
    moved, before = load_reward(reward), load_reward()
    assert moved and before
    assert moved.network == read_card(after).sha256 and moved.names == before.names
    assert "the reward: carried over" in capsys.readouterr().out


def test_a_reward_that_hears_the_zones_is_left_as_it_is(
    tmp_path: Path, reward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = reward.read_bytes()
    after = changed(tmp_path / "after", "zones.last.fusion.bias")
    assert carry.run(Namespace(before=FOLDER, weights=after, reward=reward)) == 0
    assert reward.read_bytes() == before and "fusion" in capsys.readouterr().out
    assert load_reading(after, "person.json")


def test_another_network_takes_nothing_over(tmp_path: Path, reward: Path) -> None:
    after = changed(tmp_path / "after", "embedding.bias")
    with pytest.raises(ValueError, match=r"embedding\.bias"):
        carry.run(Namespace(before=FOLDER, weights=after, reward=reward))
    assert not (after / "person.json").exists()
