"""Is there anything to sell in a picture? One linear reading of the network's embedding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluator.network.weights import read_checked

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


def pack_vacancy(vacancy: Vacancy) -> bytes:
    """Return a vacancy as tensors, packed."""
    from safetensors.numpy import save

    tensors = {"weight": vacancy.weight, "offset": np.array([vacancy.offset], np.float32)}
    return save(tensors, {"network": vacancy.network})


def load_vacancy(folder: Path) -> Vacancy | None:
    """Return the reading in a folder of weights; None where none was made.

    Raises WeightsMissing or WeightsWrong where its file is not the one that its card describes.
    """
    from safetensors import safe_open
    from safetensors.numpy import load

    if not (folder / CARD).is_file():
        return None
    data, _, path = read_checked(folder, CARD)
    tensors = load(data)
    with safe_open(path, "numpy") as file:
        network = file.metadata()["network"]
    return Vacancy(tensors["weight"], float(tensors["offset"][0]), network)
