"""An outline fitted on pictures whose mask is known: spots far off go, and the network stays as it is."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("onnx", reason="onnx is for training alone (evaluator/training/requirements.txt)")

from evaluator.network.eyes import shown
from evaluator.network.model import Network
from evaluator.network.outline import Outline
from evaluator.network.weights import load, save
from evaluator.training import fit_outline
from evaluator.training.fit_outline import GIVES, Seen, fill, seen, wrong
from evaluator.training.handed import handed
from evaluator.training.sample import Sample, write


def spotted(number: int, side: int = 24) -> Seen:
    """Return a subject in the middle, and a spot beside it that the mask takes for part of it but looks otherwise."""
    draw = torch.Generator().manual_seed(number)
    truth = torch.zeros(1, 1, side, side)
    truth[..., 6:16, 8:18] = 1
    spot = torch.zeros_like(truth)
    row, column = torch.randint(0, 4, (2,), generator=draw).tolist()
    spot[..., 18 + row // 2 : 22 + row // 2, column : column + 5] = 1
    mask = 4 * (2 * (truth + spot).clamp(max=1) - 1)
    looks = torch.cat([truth, spot, 1 - truth - spot], 1) + 0.1 * torch.randn(1, 3, side, side, generator=draw)
    coarse = torch.nn.functional.avg_pool2d(looks, 2)
    return Seen(tuple(each.half() for each in (coarse, looks, mask)), truth.half())


def test_what_looks_unlike_the_subject_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_outline, "EPOCHS", 12)
    torch.manual_seed(1)
    outline = Outline(3, 3)
    before, after = fill(outline, [spotted(number) for number in range(64)])
    assert after < 0.5 * before
    fresh = spotted(1000)
    given = [each.float() for each in fresh.given]
    with torch.inference_mode():
        mended = given[-1] + outline(*given)
    assert float(wrong(mended, fresh.truth.float())) < 0.5 * float(wrong(given[-1], fresh.truth.float()))


@pytest.fixture(scope="module")
def network() -> Network:
    return load()[0]


def test_what_is_seen_is_what_the_outline_is_given(network: Network, rng: np.random.Generator) -> None:
    picture = rng.integers(0, 255, (128, 160, 3), np.uint8)
    mask = np.zeros((96, 120), np.float32)
    mask[20:70, 30:90] = 1
    session = handed(network, network.outline, GIVES)
    found = seen(session, Sample(picture, "a box", mask=mask))
    assert found is not None and found.truth.shape == found.given[-1].shape
    assert float(found.truth.float().mean()) == pytest.approx(float(mask.mean()), abs=0.01)
    with torch.inference_mode():
        whole = network(torch.from_numpy(shown(picture))).mask
        again = found.given[-1].float() + network.outline(*(each.float() for each in found.given))
    torch.testing.assert_close(whole, again, atol=0.05, rtol=0)
    assert seen(session, Sample(picture, "unknown")) is None
    assert seen(session, Sample(picture, "nothing", mask=0 * mask)) is None


def test_weights_come_out_with_the_outline_alone_changed(
    network: Network, tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_outline, "RATE", 0.1)
    monkeypatch.setattr(fit_outline, "EPOCHS", 3)
    (tmp_path / "train/masks").mkdir(parents=True)
    mask = np.zeros((96, 96), np.float32)
    mask[20:70, 30:90] = 1
    for number in range(2):
        picture = rng.integers(0, 255, (96, 96, 3), np.uint8)
        write(Sample(picture, "a box", mask=mask), tmp_path / "train/masks" / f"{number:06d}.npz")
    save(network, tmp_path / "before", "a test", 0)
    asked = {"samples": tmp_path, "weights": tmp_path / "before", "out": tmp_path / "after", "threads": 1, "most": 9}
    assert fit_outline.run(Namespace(**asked)) == 0
    before, after = (load(tmp_path / name)[0].state_dict() for name in ("before", "after"))
    changed = {name for name, each in after.items() if not torch.equal(each, before[name])}
    assert changed and all(name.startswith("outline.") for name in changed)
    with pytest.raises(FileNotFoundError, match="has a mask"):
        fit_outline.run(Namespace(**asked | {"samples": tmp_path / "nowhere"}))
