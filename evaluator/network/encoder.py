"""The embedded network as an encoder: pictures and words, English or Chinese, become unit vectors of one space."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from evaluator.network.weights import FOLDER, Card, WeightsWrong, keep, read_checked
from evaluator.network.words import load_vocabulary
from evaluator.types import Rgb

if TYPE_CHECKING:
    from evaluator.look import Looker
    from evaluator.network.text import TextTower

Vectors = npt.NDArray[np.float32]
"""n×256, one unit vector a row."""

DIMENSION = 256
LENS = "lens.json"


@dataclass(frozen=True, slots=True)
class Lens:
    """The linear map through which pictures are compared with words: `weight` 256×256, `bias` 256.

    `marks` are likenesses measured on the library through it: of two styles (the middle one), above which two pictures
    are of one style, of a text foreign to the field and its nearest style, and of a caption and its own.
    """

    weight: Vectors
    bias: Vectors
    marks: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    def through(self, vectors: Vectors) -> Vectors:
        """Return n×256 unit vectors of the network's embeddings (n×256)."""
        seen = vectors @ self.weight.T + self.bias
        return np.asarray(seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-12), np.float32)


class NetworkEncoder:
    """The embedded network beside its text tower, which is loaded at the first text; safe to share between threads.

    `unrelated` and `duplicate` are likenesses of pictures; `heard` those of a text and the nearest style: where it says
    nothing of it, and where it surely does.
    """

    name = "network"
    dimension = DIMENSION

    def __init__(self, eyes: Looker, folder: Path = FOLDER) -> None:
        """Take what looks, and the folder of the text tower and the lens. Raises WeightsMissing, WeightsWrong."""
        self._eyes, self._folder = eyes, folder
        self._lens, self._lens_sum = load_lens(folder)
        self.unrelated, self.duplicate, *ends = self._lens.marks
        self.heard = ends[0], ends[1]
        self._lock = threading.Lock()
        self._read: TextTower | None = None

    @cached_property
    def checksum(self) -> str:
        """A hash of the weights of both sides, the lens and the vocabulary. Raises WeightsMissing, WeightsWrong."""
        from evaluator.network.text import read_card

        parts = (self._eyes.card.sha256, self._lens_sum, read_card(self._folder).sha256, load_vocabulary().checksum)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        """Return a unit vector a picture (H×W×3 uint8), n×256. Raises WeightsMissing, WeightsWrong."""
        rows = [self._eyes.glance(each).embedding for each in pictures]
        return self._lens.through(np.stack(rows)) if rows else np.zeros((0, DIMENSION), np.float32)

    def encode_words(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector a text, n×256; all zeros where no word of it is known.

        Raises WeightsMissing, WeightsWrong.
        """
        import torch

        from evaluator.network.text import tokenize

        if not texts:
            return np.zeros((0, DIMENSION), np.float32)
        with torch.inference_mode():
            read = self._tower()(tokenize(texts)).numpy()
        return np.asarray(read * np.array([[known(text)] for text in texts], np.float32))

    def _tower(self) -> TextTower:
        with self._lock:
            if self._read is None:
                from evaluator.network.text import load_tower

                self._read = load_tower(self._folder)
            return self._read


def known(text: str) -> bool:
    """Return whether the vocabulary has any word of a text."""
    vocabulary = load_vocabulary()
    return any(word in vocabulary.rows for word in vocabulary.words(text))


def load_encoder(name: str = "network", eyes: Looker | None = None) -> NetworkEncoder:
    """Return the embedded network as an encoder; `eyes` are those that are loaded already, where there are any.

    Raises ValueError for another name, WeightsMissing or WeightsWrong where a file is not what it should be.
    """
    from evaluator.network.eyes import Eyes

    if name != NetworkEncoder.name:
        raise ValueError(f"there is no embedded network {name!r}; expected {NetworkEncoder.name!r}")
    encoder = NetworkEncoder(eyes or Eyes())
    # Read now: what is wrong with a file is then said before the first search.
    assert encoder.checksum
    return encoder


def load_lens(folder: Path = FOLDER) -> tuple[Lens, str]:
    """Return the lens of a folder and the SHA-256 of its file. Raises WeightsMissing, WeightsWrong."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    data, card, path = read_checked(folder, LENS)
    try:
        tensors = {name: tensor.astype(np.float32) for name, tensor in load(data).items()}
        low, double, faint, sure = map(float, tensors["marks"])
        lens = Lens(tensors["weight"], tensors["bias"], (low, double, faint, sure))
    except (KeyError, ValueError, SafetensorError) as error:
        raise WeightsWrong(path=path, why=str(error)) from None
    if (lens.weight.shape, lens.bias.shape) != ((DIMENSION, DIMENSION), (DIMENSION,)):
        raise WeightsWrong(path=path, why=f"it maps {lens.weight.shape} and {lens.bias.shape}, expected {DIMENSION}")
    return lens, card.sha256


def save_lens(lens: Lens, folder: Path, made_by: str, steps: int) -> Card:
    """Write a lens in half precision with its card; return the card."""
    from safetensors.numpy import save

    tensors = {"weight": lens.weight, "bias": lens.bias, "marks": np.array(lens.marks)}
    data = save({name: tensor.astype(np.float16) for name, tensor in tensors.items()})
    return keep(data, sum(tensor.size for tensor in tensors.values()), folder, LENS, made_by, steps)
