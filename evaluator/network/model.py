"""The network: one pass gives embedding, subject mask, presence, parts, defect maps, criteria and ratings."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.backbone import CHANNELS, POOLED, Backbone
from evaluator.network.heads import ATTRIBUTES, CRITERIA, PARTS, PRESENCE, RATINGS
from evaluator.network.outline import Outline
from evaluator.network.zones import Pass, Zones, read

EMBEDDING = 256
WIDTH = 64
"""Channels of the decoder."""
TOP = 50
"""One in so many of a map's cells, the highest, speaks for the whole picture."""


class Sight(NamedTuple):
    """What one pass gives for B pictures of H×W; probabilities are still logits.

    `embedding` B×256, unit length; `mask` B×1×H/4×W/4; `maps` B×5×H/8×W/8; `parts` B×3×H/8×W/8; `tags` B×5;
    `presence` B×6; `criteria` B×19 (1–5); `ratings` B×2 (1–5); `spreads` B×2 (their standard deviation);
    `pooled` B×1280, the backbone's own view, for distillation.
    """

    embedding: Tensor
    mask: Tensor
    maps: Tensor
    parts: Tensor
    tags: Tensor
    presence: Tensor
    criteria: Tensor
    ratings: Tensor
    spreads: Tensor
    pooled: Tensor


class Mix(nn.Module):
    """A step of the decoder: the finer features join the coarser ones, then are filtered in depth and across."""

    def __init__(self, inputs: int):
        super().__init__()
        self.lateral = nn.Conv2d(inputs, WIDTH, 1)
        self.depth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.across = nn.Conv2d(WIDTH, WIDTH, 1)

    def forward(self, fine: Tensor, coarse: Tensor | None) -> Tensor:
        """Return features at the finer stride."""
        x = self.lateral(fine)
        if coarse is not None:
            x = x + functional.interpolate(coarse, size=x.shape[-2:], mode="nearest")
        x = functional.relu(x)
        return functional.relu(x + self.across(self.depth(x)))


class Network(nn.Module):
    """One backbone, a light decoder over its strides, and heads."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.mixes = nn.ModuleList([Mix(channels) for channels in CHANNELS])
        self.mask = nn.Conv2d(WIDTH, 1, 1)
        self.outline = Outline(2 * WIDTH, WIDTH + CHANNELS[0] + 3)
        self.detail = nn.Sequential(
            nn.Conv2d(2 * WIDTH, 2 * WIDTH, 1),
            nn.ReLU(),
            nn.Conv2d(2 * WIDTH, 2 * WIDTH, 3, padding=1, groups=2 * WIDTH),
        )
        self.maps = nn.Conv2d(2 * WIDTH, len(ATTRIBUTES), 1)
        self.parts = nn.Conv2d(2 * WIDTH, len(PARTS), 1)
        seen = POOLED + 2 * sum(CHANNELS[:3]) + 2 * WIDTH
        self.norm = nn.LayerNorm(seen)
        self.drop = nn.Dropout(0.15)
        self.hidden = nn.Linear(seen, EMBEDDING)
        self.embedding = nn.Linear(seen, EMBEDDING)
        self.tags = nn.Linear(EMBEDDING, len(ATTRIBUTES))
        self.peak = nn.Parameter(torch.ones(len(ATTRIBUTES)))
        self.presence = nn.Linear(EMBEDDING, len(PRESENCE))
        self.criteria = nn.Linear(EMBEDDING, len(CRITERIA))
        self.ratings = nn.Linear(seen, len(RATINGS))
        self.spreads = nn.Linear(EMBEDDING, len(RATINGS))
        self.zones = Zones()

    def forward(self, x: Tensor) -> Sight:
        """Look at B×3×H×W pictures, RGB in −1…1, sides multiples of 32."""
        taps, pooled = self.backbone(x)
        level: Tensor | None = None
        levels = []
        for tap, mix in zip(reversed(taps), reversed(self.mixes), strict=True):
            level = mix(tap, level)
            levels.append(level)
        fine, middle = levels[-1], levels[-2]
        detail = functional.relu(self.detail(torch.cat([middle, functional.avg_pool2d(fine, 2)], 1)))
        maps = self.maps(detail)
        seen = self.norm(_summary(taps, pooled, detail))
        hidden = functional.relu(self.hidden(self.drop(seen)))
        cells = maps.flatten(2)
        peak = cells.topk(max(4, (cells.shape[-1] + TOP // 2) // TOP), dim=2).values.mean(2)
        mask, parts, tags = self.mask(fine), self.parts(detail), self.tags(hidden) + self.peak * peak
        mask = mask + self.outline(detail, torch.cat([fine, taps[0], functional.avg_pool2d(x, 4)], 1), mask)
        return Sight(
            embedding=functional.normalize(self.embedding(seen), dim=1),
            mask=mask,
            maps=maps,
            parts=parts,
            tags=tags + self.zones(read(Pass(x, (taps[0], taps[1]), detail, mask, parts, maps, tags))),
            presence=self.presence(hidden),
            criteria=3 + self.criteria(hidden),
            ratings=3 + self.ratings(self.drop(seen)),
            spreads=functional.softplus(self.spreads(hidden)),
            pooled=pooled,
        )


def _summary(taps: list[Tensor], pooled: Tensor, detail: Tensor) -> Tensor:
    """Return B×features: the pooled head, mean and spread of the finer strides, mean of the decoder."""
    parts = [pooled]
    for tap in taps[:3]:
        flat = tap.flatten(2).float()
        parts += [flat.mean(2), (flat.var(2) + 1e-5).sqrt()]
    parts.append(detail.flatten(2).mean(2))
    return torch.cat([part.float() for part in parts], 1)
