"""Zones fitted on twins: a fault that only one zone shows is found again, and the network stays as it is."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("onnx", reason="onnx is for training alone (evaluator/training/requirements.txt)")

from evaluator.network.heads import ATTRIBUTES
from evaluator.network.model import Network
from evaluator.network.weights import load, save
from evaluator.training import fit_zones
from evaluator.training.fit_zones import Twins, area_of, fill, said
from evaluator.training.sample import Sample, write


@pytest.fixture(scope="module")
def network() -> Network:
    return load()[0]


def test_what_only_one_zone_tells_is_learnt(network: Network, rng: np.random.Generator) -> None:
    before = {name: each.clone() for name, each in network.state_dict().items()}
    width = network.zones.first["face"].in_features
    rows = rng.normal(0, 1, (2, 400, width)).astype(np.float32)
    rows[0, :, :60] += 0.8
    odds = rng.normal(0, 1, (400, 2)).astype(np.float32)
    others = rng.normal(0, 1, (50, width)).astype(np.float32), np.zeros(50, np.float32)
    found = Twins(rows[0, :300], rows[1, :300], odds[:300], *others)
    fill(network, "face", found)
    unseen = Twins(rows[0, 300:], rows[1, 300:], odds[300:], *others)
    assert area_of(unseen.odds) < 0.65
    assert area_of(unseen.odds + said(network, "face", unseen)) > 0.85
    changed = {name for name, each in network.state_dict().items() if not torch.equal(each, before[name])}
    assert changed and all(name.startswith("zones.") and "face" in name for name in changed)
    network.load_state_dict(before)


def test_twins_are_read_from_samples_and_the_worse_comes_first(
    network: Network, tmp_path: Path, rng: np.random.Generator
) -> None:
    folder = tmp_path / "train/face"
    folder.mkdir(parents=True)
    for number in range(6):
        picture = np.full((96, 96, 3), 200 if number % 2 else 40, np.uint8)
        severity = {0: 0.0, 1: 0.6, 2: 0.0, 3: 0.1, 4: 0.8, 5: 0.0}[number]
        write(Sample(picture, f"face {number // 2}", tags={"face": severity}), folder / f"{number:06d}.npz")
    found = fit_zones.twins(network, "face", tmp_path)
    assert found.odds.shape == (4, 2)  # two pairs, each worn as well; a fault of 0.1 is no fault and no sound picture
    assert found.worse.shape == found.better.shape == (4, network.zones.first["face"].in_features)
    # The first pair's worse picture is the light one, the second's the dark one.
    np.testing.assert_allclose(found.worse[0], found.better[2], atol=1e-3)
    assert not np.allclose(found.worse[0], found.worse[1], atol=1e-2)
    assert not np.allclose(found.worse[0], found.better[0], atol=0.1)


def test_without_twins_it_is_said(tmp_path: Path, network: Network) -> None:
    save(network, tmp_path, "a test", 0)
    with pytest.raises(FileNotFoundError, match=f"no twins of {ATTRIBUTES[0]}"):
        fit_zones.run(Namespace(samples=tmp_path, weights=tmp_path, out=tmp_path, threads=1, attributes=["fusion"]))
