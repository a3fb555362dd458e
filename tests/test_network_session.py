from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from evaluator.network import session
from evaluator.network.model import Network, Sight
from evaluator.network.session import INPUT, open_session
from evaluator.network.taste import Taste
from evaluator.network.weights import TASTE, WeightsMissing, WeightsWrong, keep, load, pack, save


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    network = Network()
    # As large as trained ones, so that every result depends on the picture.
    for parameter in network.parameters():
        parameter.data *= 1.5
    save(network, folder, "a test", 3)
    return folder


@pytest.mark.parametrize("size", [(128, 128), (96, 256), (384, 160)])
def test_the_graph_is_the_network_of_the_code(folder: Path, size: tuple[int, int]) -> None:
    picture = torch.rand(2, 3, *size) * 2 - 1
    with torch.inference_mode():
        expected = load(folder)[0](picture)
    opened, card = open_session(folder)
    assert card.steps == 3
    for name, found in zip(Sight._fields, opened.run(list(Sight._fields), {INPUT: picture.numpy()}), strict=True):
        wanted = getattr(expected, name).numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4, err_msg=name)
        assert wanted.std() > 0


def test_the_graph_of_the_taste_is_that_of_the_code(tmp_path: Path) -> None:
    torch.manual_seed(1)
    taste, picture = Taste().eval(), torch.rand(2, 3, 224, 160) * 2 - 1
    for parameter in taste.parameters():
        parameter.data *= 1.5
    keep(*pack(taste), tmp_path, TASTE, "a test", 0)
    (found,) = open_session(tmp_path, TASTE)[0].run(("appeal",), {INPUT: picture.numpy()})
    with torch.inference_mode():
        wanted = taste.half().float()(picture).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)
    assert wanted.std() > 1e-6


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    keep(*pack(torch.nn.Linear(2, 2)), tmp_path, "network.json", "a test", 0)
    with pytest.raises(WeightsWrong, match=r"network\.safetensors"):
        open_session(tmp_path)
    other = Network()
    other.tags = torch.nn.Linear(256, 7)
    save(other, tmp_path, "a test", 0)
    with pytest.raises(WeightsWrong, match="dimensions"):
        open_session(tmp_path)


def test_a_missing_graph_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "GRAPHS", tmp_path)
    with pytest.raises(WeightsMissing, match=r"network\.onnx"):
        open_session(folder)
