"""A siamese network over an original and what was generated from it: is the product changed, is the background wrong?

Both are shown in the tile of the product, laid over each other (Bromley et al., NeurIPS 1993; for changes between two
pictures of one place Daudt et al., ICIP 2018).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.backbone import CHANNELS, STAGES, Trunk
from evaluator.network.heads import BESIDE

KEPT = 3
"""Stages of the backbone that both pictures go through."""
TAPS = (1, 2)
"""Stages whose results are compared: strides 4 and 8."""
WIDTH, HIDDEN = 64, 96
REACHES = (1, 2, 4, 8, 2, 1)
"""Dilations of the blocks that look around in what was compared."""
TOP = 24
"""So many of a map's cells, the highest, speak for the whole pair."""
PLANES = 8
"""Of an input: three of the original, three of the generated picture, the product's mask, and what lies within."""


class Pairing(NamedTuple):
    """What one pass gives for B pairs of S×S, as logits: `tags` B×2 by BESIDE, `maps` B×2×S/8×S/8."""

    tags: Tensor
    maps: Tensor


class Around(nn.Module):
    """A residual block: each channel filtered with a reach, then all mixed."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.depth = nn.Conv2d(WIDTH, WIDTH, 3, padding=reach, dilation=reach, groups=WIDTH)
        self.across = nn.Conv2d(WIDTH, WIDTH, 1)
        nn.init.zeros_(self.across.weight)  # a block begins as nothing

    def forward(self, x: Tensor) -> Tensor:
        """Return B×WIDTH×H×W."""
        # In bfloat16 the gradient of a reach of 4 and more reads memory that nothing was written to.
        with torch.autocast(x.device.type, enabled=False):
            y = functional.relu(self.depth(x.float()))
        y = self.across(y)
        return torch.add(x, y)


class Siamese(Trunk):
    """The first stages of a MobileNetV2 for both pictures, what differs between them, and what lies around that."""

    def __init__(self) -> None:
        super().__init__(STAGES[:KEPT], TAPS)
        fine, coarse = CHANNELS[:2]
        self.fine = nn.Conv2d(3 * fine + 2, WIDTH // 2, 1)
        self.down = nn.Conv2d(WIDTH // 2, WIDTH // 2, 3, 2, padding=1, groups=WIDTH // 2)
        self.joined = nn.Conv2d(4 * coarse + 2 + WIDTH // 2, WIDTH, 1)
        self.blocks = nn.Sequential(*(Around(reach) for reach in REACHES))
        self.maps = nn.Conv2d(WIDTH, len(BESIDE), 1)
        self.norm = nn.LayerNorm(3 * WIDTH)
        self.drop = nn.Dropout(0.2)
        self.hidden = nn.Linear(3 * WIDTH, HIDDEN)
        self.tags = nn.Linear(HIDDEN, len(BESIDE))
        self.peak = nn.Parameter(torch.ones(len(BESIDE)))

    def forward(self, x: Tensor) -> Pairing:
        """Look at B×8×S×S pairs (PLANES): both pictures' RGB in −1…1, mask and frame 0–1; S a multiple of 32."""
        one, other, planes = x[:, :3], x[:, 3:6], x[:, 6:]
        fine, coarse = zip(self.seen(one), self.seen(other), strict=True)
        at_fine, at_coarse = (functional.avg_pool2d(planes, size) for size in (4, 8))
        level = functional.relu(self.fine(torch.cat([*_apart(*fine, at_fine), fine[1], at_fine], 1)))
        level = functional.relu(self.down(level))
        parts = [*_apart(*coarse, at_coarse), *coarse, at_coarse, level]
        level = functional.relu(self.blocks(self.joined(torch.cat(parts, 1))))
        maps = self.maps(level)
        body = at_coarse[:, :1]
        pooled = [_mean(level, body), _mean(level, (1 - body) * at_coarse[:, 1:]), level.amax((2, 3))]
        hidden = functional.relu(self.hidden(self.drop(self.norm(torch.cat(pooled, 1).float()))))
        cells = maps.flatten(2)
        peak = cells.topk(TOP, dim=2).values.mean(2)
        return Pairing(self.tags(hidden) + self.peak * peak, maps)


def _apart(one: Tensor, other: Tensor, planes: Tensor) -> tuple[Tensor, Tensor]:
    """Return what differs, as it is and with what the whole product's mean differs taken out, as a light would."""
    gap = one - other
    mean = _mean(gap, planes[:, :1] * planes[:, 1:])
    return gap.abs(), (gap - mean[..., None, None]).abs()


def _mean(x: Tensor, weight: Tensor) -> Tensor:
    """Return the mean of B×C×H×W under a weight (B×1×H×W), B×C."""
    return (x * weight).sum((2, 3)) / weight.sum((2, 3)).clamp(min=1.0)
