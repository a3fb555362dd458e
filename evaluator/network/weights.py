"""The embedded weights: their card, their checksum, and loading them; never a network with random weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import EvaluatorError

if TYPE_CHECKING:
    from evaluator.network.model import Network

FOLDER = Path(__file__).with_name("weights")
CARD = "network.json"


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


def read_card(folder: Path = FOLDER) -> Card:
    """Return the card of the weights in a folder. Raises WeightsMissing or WeightsWrong."""
    path = folder / CARD
    try:
        return Card(**json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise WeightsMissing(path=path, why=error.strerror) from None
    except (ValueError, TypeError) as error:
        raise WeightsWrong(path=path, why=f"the card cannot be read: {error}") from None


def load(folder: Path = FOLDER) -> tuple[Network, Card]:
    """Return the network with its weights, ready to look, and their card.

    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as tensors

    from evaluator.network.model import Network

    card = read_card(folder)
    path = folder / Path(card.file).name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=path, why=error.strerror) from None
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise WeightsWrong(path=path, why=f"SHA-256 is {found[:12]}…, expected {card.sha256[:12]}…")
    network = Network()
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in tensors(data).items()})
    except (RuntimeError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[:200]) from None
    return network.eval(), card


def save(network: Network, folder: Path, made_by: str, steps: int) -> Card:
    """Write the network's weights in half precision with their card; return the card."""
    from safetensors.torch import save as packed

    tensors = {name: tensor.detach().half().contiguous() for name, tensor in network.state_dict().items()}
    data = packed(tensors)
    folder.mkdir(parents=True, exist_ok=True)
    count = sum(tensor.numel() for tensor in tensors.values())
    card = Card("network.safetensors", hashlib.sha256(data).hexdigest(), len(data), count, made_by, steps)
    (folder / card.file).write_bytes(data)
    (folder / CARD).write_text(json.dumps(asdict(card), indent=1) + "\n", "utf-8")
    return card
