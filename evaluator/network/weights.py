"""The embedded weights: their card, their checksum, and loading them; never a network with random weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import EvaluatorError

if TYPE_CHECKING:
    from torch.nn import Module

    from evaluator.network.model import Network

FOLDER = Path(__file__).with_name("weights")
CARD, TASTE, CLOSE, SIAMESE = "network.json", "taste.json", "close.json", "siamese.json"
"""The cards of the network, and of what tells how much people like a picture, looks from nearby, and compares two."""


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
    from safetensors import SafetensorError
    from safetensors.torch import load as unpacked

    try:
        module.load_state_dict({name: tensor.float() for name, tensor in unpacked(data).items()})
    except (RuntimeError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[:200]) from None


def pack(module: Module) -> tuple[bytes, int]:
    """Return a module's weights in half precision, packed, and how many parameters they are."""
    from safetensors.torch import save as packed

    tensors = {name: tensor.detach().half().contiguous() for name, tensor in module.state_dict().items()}
    return packed(tensors), sum(parameter.numel() for parameter in module.parameters())


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
