"""Mends the subject's mask: what belongs to it is like what lies inside and unlike what lies outside.

The decoder tells each cell by itself. Here every cell is held against the mean of all that is taken for the subject
and of all that is not (after object-contextual representations, Yuan et al., ECCV 2020), at several reaches, and the
edge is drawn anew at the finer stride.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDE, THIN = 48, 24
"""Channels at strides 8 and 4."""
REACHES = (1, 2, 4)
"""Cells between the neighbours that a step looks at."""
LEAST = 1.0
"""Cells that inside and outside each weigh at least."""


class Outline(nn.Module):
    """A small network over the decoder's features and its mask; a new one changes nothing.

    `coarse` and `fine` are the channels of the features at strides 8 and 4.
    """

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.coarse = nn.Conv2d(coarse + 1, WIDE, 1)
        self.held = nn.Conv2d(3 * WIDE, WIDE, 1)
        self.depths = nn.ModuleList(
            [nn.Conv2d(WIDE, WIDE, 3, padding=reach, dilation=reach, groups=WIDE) for reach in REACHES]
        )
        self.acrosses = nn.ModuleList([nn.Conv2d(WIDE, WIDE, 1) for _ in REACHES])
        self.fine = nn.Conv2d(fine + 1, THIN, 1)
        self.lift = nn.Conv2d(WIDE, THIN, 1)
        self.depth = nn.Conv2d(THIN, THIN, 3, padding=1, groups=THIN)
        self.across = nn.Conv2d(THIN, THIN, 1)
        self.last = nn.Conv2d(THIN, 1, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(torch.as_tensor(self.last.bias))

    def forward(self, coarse: Tensor, fine: Tensor, mask: Tensor) -> Tensor:
        """Return B×1×H/4×W/4: what is added to the mask's log-odds.

        `coarse` and `fine` are features at strides 8 and 4, `mask` (stride 4) is still log-odds.
        """
        sure = mask.sigmoid()
        inside = functional.avg_pool2d(sure, 2)
        x = functional.relu(self.coarse(torch.cat([coarse, inside], 1)))
        x = functional.relu(self.held(torch.cat([x, x * _mean(x, inside), x * _mean(x, 1 - inside)], 1)))
        for depth, across in zip(self.depths, self.acrosses, strict=True):
            x = functional.relu(x + across(depth(x)))
        y = self.fine(torch.cat([fine, sure], 1))
        y = functional.relu(y + functional.interpolate(self.lift(x), size=y.shape[-2:], mode="nearest"))
        y = functional.relu(y + self.across(self.depth(y)))
        added: Tensor = self.last(y)
        return added


def _mean(x: Tensor, weight: Tensor) -> Tensor:
    """Return B×C×1×1: the mean of features under a weight (B×1×H×W)."""
    whole = weight.sum((2, 3), keepdim=True).clamp(min=LEAST)
    return (x * weight).sum((2, 3), keepdim=True) / whole
