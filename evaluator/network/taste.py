"""How much people like a picture: a network by itself, since one that learns faults forgets what appeals."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from evaluator.network.backbone import LITE, LITE_CHANNELS, POOLED, Backbone

FEATURES = POOLED + 2 * sum(LITE_CHANNELS)


class Liking(NamedTuple):
    """How people like pictures, B each, 1–5: their `appeal` as thumbnails, and how `pleasing` as generated ones."""

    appeal: Tensor
    pleasing: Tensor


class Taste(nn.Module):
    """A backbone, and lines through its pooled features and the means and spreads of its strides."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone(LITE)
        self.appeal = nn.Linear(FEATURES, 1)
        self.pleasing = nn.Linear(FEATURES, 1)

    def forward(self, x: Tensor) -> Liking:
        """Return how B×3×H×W pictures are liked, RGB in −1…1, sides multiples of 32."""
        seen = self.features(x)
        return Liking(self.appeal(seen)[:, 0], self.pleasing(seen)[:, 0])

    def features(self, x: Tensor) -> Tensor:
        """Return B×FEATURES."""
        taps, pooled = self.backbone(x)
        flat = [tap.flatten(2).float() for tap in taps]
        spreads = [((each - each.mean(2, keepdim=True)).pow(2).mean(2) + 1e-6).sqrt() for each in flat]
        return torch.cat([pooled.float(), *(each.mean(2) for each in flat), *spreads], 1)
