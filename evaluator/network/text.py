"""The text tower: a small transformer that puts a text, English or Chinese, into the space of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network import weights
from evaluator.network.weights import FOLDER, Card, fill, keep, pack, read_checked
from evaluator.network.words import LONGEST, PAD, load_vocabulary

CARD = "text.json"
DIMENSION = 256
_TABLE, _WIDTH, _LAYERS, _HEADS = 128, 192, 2, 4


class TextTower(nn.Module):
    """Words' rows to unit vectors: a table, two transformer layers, and the mean over the words."""

    def __init__(self, rows: int | None = None, dropout: float = 0.1) -> None:
        """Make an untrained tower with a table of `rows` (default: what the packaged vocabulary asks for)."""
        super().__init__()
        self.table = nn.EmbeddingBag(rows or load_vocabulary().size, _TABLE, mode="mean", padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[PAD].zero_()
        self.widen = nn.Linear(_TABLE, _WIDTH)
        self.places = nn.Parameter(torch.randn(LONGEST, _WIDTH) * 0.02)
        layer = nn.TransformerEncoderLayer(
            _WIDTH, _HEADS, 2 * _WIDTH, dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, _LAYERS, nn.LayerNorm(_WIDTH), enable_nested_tensor=False)
        self.out = nn.Linear(_WIDTH, DIMENSION)

    def forward(self, rows: Tensor) -> Tensor:
        """Return n×256 unit vectors of words' rows (n×t×g, whole numbers, PAD where there is none)."""
        count, words, deep = rows.shape
        there = rows[:, :, 0] != PAD
        found = self.table(rows.reshape(count * words, deep)).reshape(count, words, -1)
        seen = self.layers(self.widen(found) + self.places[:words], src_key_padding_mask=~there)
        weights = there.unsqueeze(2).to(seen.dtype)
        return functional.normalize(self.out((seen * weights).sum(1) / weights.sum(1)), dim=1)


def tokenize(texts: Sequence[str]) -> Tensor:
    """Return the words' rows of texts as the tower takes them, n×t×g. Raises VocabularyBroken."""
    return torch.from_numpy(load_vocabulary().tokenize(texts))


def load_tower(folder: Path = FOLDER) -> TextTower:
    """Return the tower with its weights, ready to read.

    Raises WeightsMissing where a file is not there, WeightsWrong where its checksum or its tensors differ.
    """
    data, _, path = read_checked(folder, CARD)
    tower = TextTower()
    fill(tower, data, path)
    return tower.eval()


def read_card(folder: Path = FOLDER) -> Card:
    """Return the card of the tower's weights in a folder. Raises WeightsMissing or WeightsWrong."""
    return weights.read_card(folder, CARD)


def save_tower(tower: TextTower, folder: Path, made_by: str, steps: int) -> Card:
    """Write the tower's weights in half precision with their card; return the card."""
    return keep(*pack(tower), folder, CARD, made_by, steps)
