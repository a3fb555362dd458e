from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from evaluator.calibration import load_calibration
from evaluator.network.model import Network
from evaluator.network.reading import FRAMING, THERE, load_reading
from evaluator.network.weights import (
    CARD,
    FOLDER,
    WeightsMissing,
    WeightsWrong,
    fill,
    load,
    pack,
    read_card,
    save,
)
from evaluator.pair.reward import load_reward


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    save(Network(), folder, "a test", 7)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    for file in saved.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_what_is_saved_is_loaded(folder: Path) -> None:
    network, card = load(folder)
    torch.manual_seed(0)
    first = next(Network().parameters())
    torch.testing.assert_close(next(network.parameters()), first, rtol=1e-3, atol=1e-3)
    assert card.steps == 7
    assert card.bytes == (folder / card.file).stat().st_size
    assert not network.training


def test_what_may_be_coarse_is_kept_in_eight_bits_a_row_by_its_own_scale(tmp_path: Path) -> None:
    layer = torch.nn.Linear(400, 3)
    with torch.no_grad():
        layer.weight[1] *= 100
    whole, coarse = pack(layer)[0], pack(layer, coarse=True)[0]
    assert len(coarse) < 0.7 * len(whole)
    other = torch.nn.Linear(400, 3)
    fill(other, coarse, tmp_path)
    off = (other.weight - layer.weight).abs().amax(1) / layer.weight.abs().amax(1)
    assert bool((off <= 0.51 / 127).all())
    torch.testing.assert_close(other.bias, layer.bias, rtol=1e-3, atol=1e-4)
    assert pack(other, coarse=True)[0] == coarse


def test_a_missing_card_and_a_missing_file_are_named(folder: Path) -> None:
    (folder / "network.safetensors").unlink()
    with pytest.raises(WeightsMissing, match=r"network\.safetensors"):
        load(folder)
    (folder / CARD).unlink()
    with pytest.raises(WeightsMissing, match=r"network\.json"):
        load(folder)


def test_one_changed_byte_is_noticed(folder: Path) -> None:
    file = folder / "network.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(WeightsWrong, match="SHA-256"):
        load(folder)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    from hashlib import sha256

    from safetensors.torch import save as packed

    data = packed({"weight": torch.zeros(3)})
    (folder / "network.safetensors").write_bytes(data)
    card = json.loads((folder / CARD).read_text()) | {"sha256": sha256(data).hexdigest()}
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(WeightsWrong, match="Missing key"):
        load(folder)


def test_a_card_that_is_no_card_is_refused(folder: Path) -> None:
    (folder / CARD).write_text('{"file": 1}')
    with pytest.raises(WeightsWrong, match="card"):
        read_card(folder)


def test_a_card_cannot_point_out_of_its_folder(folder: Path) -> None:
    card = json.loads((folder / CARD).read_text()) | {"file": "../../network.safetensors"}
    (folder / CARD).write_text(json.dumps(card))
    assert load(folder)[1].steps == 7


def test_the_embedded_weights_are_those_of_their_card() -> None:
    network, card = load(FOLDER)
    assert card.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert sum(file.stat().st_size for file in FOLDER.glob("*.safetensors")) < 20_000_000


def test_whatever_was_fitted_on_the_weights_was_fitted_on_these() -> None:
    card, reward = read_card(), load_reward()
    readings = [load_reading(FOLDER, name) for name in (*THERE.values(), *FRAMING.values())]
    assert reward is not None and reward.network == card.sha256
    assert [reading is not None and reading.network == card.sha256 for reading in readings] == [True] * 7
    assert load_calibration().network == card.sha256[:12]
