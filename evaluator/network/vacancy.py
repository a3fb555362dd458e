"""Is there anything to sell in a picture? One linear reading of the network's embedding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluator.network.weights import Card, WeightsWrong, keep, read_checked

CARD = "vacancy.json"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A logistic reading, `weight` (256) and `offset`, of embeddings by the `network` with that SHA-256."""

    weight: npt.NDArray[np.float32]
    offset: float
    network: str

    def probability(self, embedding: npt.NDArray[np.float32]) -> float:
        """Return how likely (0–1) it is that a picture with this embedding (256, unit length) shows an empty place."""
        return float(1 / (1 + np.exp(-np.clip(embedding @ self.weight + self.offset, -30, 30))))


def save_vacancy(vacancy: Vacancy, folder: Path, made_by: str) -> Card:
    """Write a reading as a file of tensors with its card; return the card."""
    from safetensors.numpy import save

    network = np.frombuffer(bytes.fromhex(vacancy.network), np.uint8)
    data = save({"weight": vacancy.weight, "offset": np.array(vacancy.offset, np.float32), "network": network})
    return keep(data, vacancy.weight.size + 1, folder, CARD, made_by, 0)


def load_vacancy(folder: Path) -> Vacancy | None:
    """Return the reading in a folder of weights; None where none was made. Raises WeightsMissing, WeightsWrong."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not (folder / CARD).is_file():
        return None
    data, _, path = read_checked(folder, CARD)
    try:
        tensors = load(data)
        return Vacancy(tensors["weight"], float(tensors["offset"]), tensors["network"].tobytes().hex())
    except (KeyError, TypeError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=str(error)) from None
