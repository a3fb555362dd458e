"""The embedded weights: their card, their checksum, and loading them; never a network with random weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evaluator.errors import EvaluatorError

if TYPE_CHECKING:
    from torch.nn import Module

    from evaluator.network.model import Network

FOLDER = Path(__file__).with_name("weights")
CARD, TASTE, CLOSE, SIAMESE = "network.json", "taste.json", "close.json", "siamese.json"
"""The cards of the network, and of what tells how much people like a picture, looks from nearby, and compares two."""
SCALES = ".scales"
"""What is added to the name of a tensor kept in eight bits for that of its scales, one a row."""
MOST = 127
"""What the largest value of a row becomes in eight bits."""

Values = npt.NDArray[np.floating]


class WeightsMissing(EvaluatorError):
    """The network's weights, or their card, are not where they belong."""

    en = "The network's weights are not at {path} ({why}); install the package again, or fetch the repository whole."
    zh = "在 {path} 找不到神经网络权重（{why}）；请重新安装软件包，或完整获取代码仓库。"


class WeightsWrong(EvaluatorError):
    """The file of weights is not the one that its card describes."""

    en = "The network's weights at {path} are not those of their card ({why}); fetch the file again."
    zh = "{path} 处的神经网络权重与其说明卡不符（{why}）；请重新获取该文件。"


@dataclass(frozen=True, slots=True)
class Card:
    """What a file of weights is: its name, SHA-256, size in bytes, parameters, and the command that made it.

    What it was trained on and how well it does stands in CARD.md.
    """

    file: str
    sha256: str
    bytes: int
    parameters: int
    made_by: str
    steps: int


def read_card(folder: Path = FOLDER, name: str = CARD) -> Card:
    """Return the card of the weights in a folder. Raises WeightsMissing or WeightsWrong."""
    path = folder / name
    try:
        return Card(**json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise WeightsMissing(path=path, why=error.strerror) from None
    except (ValueError, TypeError) as error:
        raise WeightsWrong(path=path, why=f"the card cannot be read: {error}") from None


def read_checked(folder: Path, name: str = CARD) -> tuple[bytes, Card, Path]:
    """Return the file that a card names, once its checksum holds, with the card and the file's path.

    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum differs.
    """
    card = read_card(folder, name)
    path = folder / Path(card.file).name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=path, why=error.strerror) from None
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise WeightsWrong(path=path, why=f"SHA-256 is {found[:12]}…, expected {card.sha256[:12]}…")
    return data, card, path


def keep(data: bytes, parameters: int, folder: Path, name: str, made_by: str, steps: int) -> Card:
    """Write packed tensors beside a card of the given name; return the card."""
    file = Path(name).with_suffix(".safetensors").name
    card = Card(file, hashlib.sha256(data).hexdigest(), len(data), parameters, made_by, steps)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(data)
    (folder / name).write_text(json.dumps(asdict(card), indent=1) + "\n", "utf-8")
    return card


def fill(module: Module, data: bytes, path: Path) -> None:
    """Give a module the weights packed in `data`. Raises WeightsWrong where they are another module's."""
    import torch
    from safetensors import SafetensorError

    try:
        module.load_state_dict({name: torch.from_numpy(values).float() for name, values in unpacked(data).items()})
    except (RuntimeError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[:200]) from None


def pack(module: Module, coarse: bool = False) -> tuple[bytes, int]:
    """Return a module's weights in half precision, packed, and how many parameters they are.

    Where they may be `coarse`, tensors of several rows are kept in eight bits, with a scale a row.
    """
    from safetensors.numpy import save as packed

    tensors: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in module.state_dict().items():
        values = tensor.detach().cpu().float().numpy()
        if coarse and values.ndim > 1 and len(values) > 1:
            scales = np.abs(values).max(tuple(range(1, values.ndim)), keepdims=True) / MOST + np.finfo(np.float32).tiny
            tensors[name], tensors[name + SCALES] = np.rint(values / scales).astype(np.int8), scales
        else:
            tensors[name] = values.astype(np.float16)
    return packed(tensors), sum(parameter.numel() for parameter in module.parameters())


def unpacked(data: bytes) -> dict[str, Values]:
    """Return packed tensors, those in eight bits times their scales. Raises SafetensorError where they are none."""
    from safetensors.numpy import load as read

    tensors = read(data)
    scales = {name.removesuffix(SCALES): tensors.pop(name) for name in list(tensors) if name.endswith(SCALES)}
    return {name: values * scales[name] if name in scales else values for name, values in tensors.items()}


def load(folder: Path = FOLDER) -> tuple[Network, Card]:
    """Return the network with its weights, ready to look, and their card.

    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    from evaluator.network.model import Network

    data, card, path = read_checked(folder)
    network = Network()
    fill(network, data, path)
    return network.eval(), card


def save(network: Network, folder: Path, made_by: str, steps: int) -> Card:
    """Write the network's weights in half precision with their card; return the card."""
    return keep(*pack(network), folder, CARD, made_by, steps)
