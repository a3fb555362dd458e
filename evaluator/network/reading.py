"""Readings of the network's embedding, fitted after it: what is there, how it was made, how it is framed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from evaluator.network.weights import Card, WeightsWrong, keep, read_checked

THERE: Mapping[str, str] = MappingProxyType(
    {
        "vacant": "vacancy.json",
        "person": "person.json",
        "face": "face.json",
        "hand": "hand.json",
        "generated": "generated.json",
    }
)
"""Cards of the log-odds of what may be there: nothing to sell, a person, a face, a hand, marks of generation."""
SEVERITIES: Mapping[str, str] = MappingProxyType({"redrawn": "redrawn.json"})
"""Cards of how severe something is (0–1): that a picture looks drawn anew from too little."""
FRAMING: Mapping[str, str] = MappingProxyType({"completeness": "completeness.json", "balance": "balance.json"})
"""Cards of scores (1–5) of how the frame lies about a subject, by the criteria that they are of."""

SOFT = 0.3
"""Points from either end of a score within which it bends."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A line, `weight` (256) and `offset`, over embeddings by the `network` with that SHA-256.

    With a `layer` (H×257) the line (H) lies over what its rectified rows, each with its own offset last, make of them.
    """

    weight: npt.NDArray[np.float32]
    offset: float
    network: str
    layer: npt.NDArray[np.float32] | None = None

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        return self.weight.size + 1 + (0 if self.layer is None else self.layer.size)

    def value(self, embedding: npt.NDArray[np.float32]) -> float:
        """Return what is read from an embedding (256, unit length)."""
        if self.layer is not None:
            embedding = np.maximum(self.layer[:, :-1] @ embedding + self.layer[:, -1], 0)
        return float(embedding @ self.weight + self.offset)

    def score(self, embedding: npt.NDArray[np.float32]) -> float:
        """Return the value as a score that nears 1 and 5 and never reaches them, so that the order stays to the end."""
        above = 1 + SOFT * np.logaddexp(0, (self.value(embedding) - 1) / SOFT)
        return float(5 - SOFT * np.logaddexp(0, (5 - above) / SOFT))

    def severity(self, embedding: npt.NDArray[np.float32]) -> float:
        """Return the value as a severity (0–1)."""
        return min(max(self.value(embedding), 0.0), 1.0)

    def probability(self, embedding: npt.NDArray[np.float32]) -> float:
        """Return the value as a probability (0–1), where it is log-odds."""
        return float(1 / (1 + np.exp(-np.clip(self.value(embedding), -30, 30))))


def save_reading(reading: Reading, folder: Path, card: str, made_by: str) -> Card:
    """Write a reading as a file of tensors with its card, so named; return the card."""
    from safetensors.numpy import save

    network = np.frombuffer(bytes.fromhex(reading.network), np.uint8)
    tensors = {"weight": reading.weight, "offset": np.array(reading.offset, np.float32)}
    layer = {} if reading.layer is None else {"layer": reading.layer}
    data = save({**tensors, **layer, "network": network})
    return keep(data, reading.parameters, folder, card, made_by, 0)


def load_reading(folder: Path, card: str) -> Reading | None:
    """Return a reading in a folder of weights by its card; None where none was made.

    Raises WeightsMissing, WeightsWrong.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not (folder / card).is_file():
        return None
    data, _, path = read_checked(folder, card)
    try:
        tensors = load(data)
        network = tensors["network"].tobytes().hex()
        return Reading(tensors["weight"], float(tensors["offset"]), network, tensors.get("layer"))
    except (KeyError, TypeError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=str(error)) from None
