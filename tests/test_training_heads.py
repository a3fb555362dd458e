"""Heads in closed form: what the network's view tells is learnt, and every other head is left alone."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")
pytest.importorskip("onnx", reason="onnx is for training alone (evaluator/training/requirements.txt)")

from evaluator.network.heads import CRITERIA
from evaluator.network.weights import load, save
from evaluator.training import fit_heads
from evaluator.training.sample import Sample, write


def test_a_head_that_says_nothing_learns_what_can_be_seen(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_heads, "HEADS", ("scene_fit",))
    network, row = load()[0], CRITERIA.index("scene_fit")
    with torch.no_grad():
        network.criteria.weight[row] = 0
    save(network, tmp_path / "before", "a test", 0)
    folder = tmp_path / "samples/train/fusion"
    folder.mkdir(parents=True)
    for number in range(30):
        light = number / 29
        picture = np.clip(rng.normal(40 + 180 * light, 4, (128, 128, 3)), 0, 255).astype(np.uint8)
        write(Sample(picture, f"thing {number}", criteria={"scene_fit": 1 + 4 * light}), folder / f"{number:06d}.npz")
    wanted = {"samples": tmp_path / "samples", "weights": tmp_path / "before", "out": tmp_path / "after"}
    assert fit_heads.run(Namespace(**wanted)) == 0
    before, after = load(tmp_path / "before")[0], load(tmp_path / "after")[0]
    changed = [
        id
        for id, old, new in zip(CRITERIA, before.criteria.weight, after.criteria.weight, strict=True)
        if not torch.equal(old, new)
    ]
    assert changed == ["scene_fit"]
    torch.testing.assert_close(before.backbone.stem.conv.weight, after.backbone.stem.conv.weight)
    with torch.inference_mode():
        grey = (torch.tensor([50.0, 210.0])[:, None, None, None].expand(2, 3, 256, 256) - 127) / 127.5
        dark, light = after(grey).criteria[:, row].tolist()
    assert dark + 1 < light


def test_without_samples_it_is_said(tmp_path: Path) -> None:
    save(load()[0], tmp_path, "a test", 0)
    with pytest.raises(FileNotFoundError, match="no samples of fusion, artefact, body"):
        fit_heads.run(Namespace(samples=tmp_path, weights=tmp_path, out=tmp_path))
