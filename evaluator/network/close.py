"""A network that looks at a hand, a face or a piece of a rim from nearby: whether it is spoilt, and where."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.backbone import STAGES, Trunk
from evaluator.network.heads import LIMBS, NEARBY

KEPT = 6
"""Stages of the backbone that it has, of seven, and BLOCKS of the last of them."""
BLOCKS = 2
TAPS = (2, 4, 5)
"""Stages whose results are read: strides 8, 16 and 32."""
CHANNELS = (32, 96, 160)
WIDTH, HIDDEN = 64, 128
TOP = 50
"""One in so many of a map's cells, the highest, speaks for the whole place."""


class Closeness(NamedTuple):
    """What one pass gives for B places of H×W, as logits: `tags` B×3, `maps` B×3×H/8×W/8, `presence` B×2."""

    tags: Tensor
    maps: Tensor
    presence: Tensor


class Close(Trunk):
    """Most of a MobileNetV2, a map at its stride of 8, and two heads over its pooled features."""

    def __init__(self) -> None:
        super().__init__([*STAGES[: KEPT - 1], STAGES[KEPT - 1]._replace(blocks=BLOCKS)], TAPS)
        self.laterals = nn.ModuleList(nn.Conv2d(channels, WIDTH, 1) for channels in CHANNELS)
        self.depth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.across = nn.Conv2d(WIDTH, WIDTH, 1)
        self.maps = nn.Conv2d(WIDTH, len(NEARBY), 1)
        seen = sum(CHANNELS) + CHANNELS[-1] + WIDTH
        self.norm = nn.LayerNorm(seen)
        self.drop = nn.Dropout(0.3)
        self.hidden = nn.Linear(seen, HIDDEN)
        self.tags = nn.Linear(HIDDEN, len(NEARBY))
        self.presence = nn.Linear(HIDDEN, len(LIMBS))
        self.peak = nn.Parameter(torch.ones(len(NEARBY)))

    def forward(self, x: Tensor) -> Closeness:
        """Look at B×3×H×W places, RGB in −1…1, sides multiples of 32."""
        taps = self.seen(x)
        level = self.laterals[0](taps[0])
        for lateral, tap in zip(list(self.laterals)[1:], taps[1:], strict=True):
            level = level + functional.interpolate(lateral(tap), size=level.shape[-2:], mode="nearest")
        level = functional.relu(level)
        level = functional.relu(level + self.across(self.depth(level)))
        maps = self.maps(level)
        flat = [each.flatten(2).float() for each in (*taps, level)]
        pooled = [each.mean(2) for each in flat] + [flat[2].amax(2)]
        hidden = functional.relu(self.hidden(self.drop(self.norm(torch.cat(pooled, 1)))))
        cells = maps.flatten(2)
        peak = cells.topk(max(4, (cells.shape[-1] + TOP // 2) // TOP), dim=2).values.mean(2)
        return Closeness(self.tags(hidden) + self.peak * peak, maps, self.presence(hidden))
