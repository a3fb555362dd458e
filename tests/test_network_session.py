from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from evaluator.network import session
from evaluator.network.close import Close, Closeness
from evaluator.network.heads import LIKED
from evaluator.network.model import Network, Sight
from evaluator.network.session import open_session
from evaluator.network.siamese import PLANES, Pairing, Siamese
from evaluator.network.taste import Liking, Taste
from evaluator.network.weights import CLOSE, SIAMESE, TASTE, WeightsMissing, WeightsWrong, keep, load, pack, save


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
    for name, found in zip(Sight._fields, opened.run(Sight._fields, picture.numpy()), strict=True):
        wanted = getattr(expected, name).numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4, err_msg=name)
        assert wanted.std() > 0


def test_the_taste_is_asked_for_all_that_it_gives() -> None:
    assert Liking._fields == LIKED


@pytest.mark.parametrize(
    ("network", "name", "gives", "size"),
    [
        pytest.param(Taste, TASTE, Liking._fields, (224, 160), id="the taste"),
        pytest.param(Close, CLOSE, Closeness._fields, (160, 160), id="from nearby"),
        pytest.param(Siamese, SIAMESE, Pairing._fields, (288, 288), id="of two pictures"),
    ],
)
def test_the_graph_of_another_network_is_that_of_the_code(
    network: Callable[[], torch.nn.Module],
    name: str,
    gives: tuple[str, ...],
    size: tuple[int, int],
    tmp_path: Path,
) -> None:
    torch.manual_seed(1)
    made = network().eval()
    picture = torch.rand(2, PLANES if name == SIAMESE else 3, *size) * 2 - 1
    for parameter in made.parameters():
        parameter.data *= 1.5
        if not parameter.any():  # what begins as nothing has a say too
            parameter.data.normal_(0, 0.1)
    keep(*pack(made), tmp_path, name, "a test", 0)
    found = open_session(tmp_path, name)[0].run(gives, picture.numpy())
    with torch.inference_mode():
        wanted = made.half().float()(picture)
    for each, expected in zip(found, wanted if len(gives) > 1 else (wanted,), strict=True):
        np.testing.assert_allclose(each, expected.numpy(), rtol=1e-3, atol=1e-4)
        assert expected.std() > 1e-6


def test_threads_share_a_session() -> None:
    opened, rng = open_session()[0], np.random.default_rng(3)
    pictures = [rng.uniform(-1, 1, (1, 3, 96, 32 * wide)).astype(np.float32) for wide in (3, 4, 5, 3, 4, 5)]
    alone = [opened.run(("tags",), picture)[0] for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda picture: opened.run(("tags",), picture)[0], pictures))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    keep(*pack(torch.nn.Linear(2, 2)), tmp_path, "network.json", "a test", 0)
    with pytest.raises(WeightsWrong, match=r"network\.safetensors"):
        open_session(tmp_path)
    other = Network()
    other.tags = torch.nn.Linear(256, 7)
    save(other, tmp_path, "a test", 0)
    with pytest.raises(WeightsWrong, match="dimensions"):
        open_session(tmp_path)


def test_a_tensor_that_the_graph_has_not_is_refused_and_one_that_lacks(folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load as unpacked
    from safetensors.numpy import save as packed

    tensors = unpacked((folder / "network.safetensors").read_bytes())
    lacking = {name: tensor for name, tensor in tensors.items() if name != "tags.bias"}
    for wrong in (tensors | {"../../astray": np.zeros(2, np.float16)}, lacking):
        keep(packed(wrong), 2, tmp_path, "network.json", "a test", 0)
        with pytest.raises(WeightsWrong, match=r"network\.safetensors"):
            open_session(tmp_path)


def test_a_missing_graph_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "GRAPHS", tmp_path)
    with pytest.raises(WeightsMissing, match=r"network\.onnx"):
        open_session(folder)
