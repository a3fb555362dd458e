"""MobileNetV2 (Sandler et al., CVPR 2018) and EfficientNet-Lite0 (Tan, Le, ICML 2019; without squeezing), unnormed.

The batch norms of the ImageNet networks that training starts from are folded into the convolutions, which then carry
their own bias and learn whole; a pass is a third cheaper. Padding is TensorFlow's "same".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Row(NamedTuple):
    """What a stage is: how much it expands, its channels, blocks and first stride, and the size of its filters."""

    expansion: int
    channels: int
    blocks: int
    stride: int
    size: int = 3


STAGES = (
    Row(1, 16, 1, 1),
    Row(6, 24, 2, 2),
    Row(6, 32, 3, 2),
    Row(6, 64, 4, 2),
    Row(6, 96, 3, 1),
    Row(6, 160, 3, 2),
    Row(6, 320, 1, 1),
)
"""MobileNetV2."""
LITE = (
    Row(1, 16, 1, 1),
    Row(6, 24, 2, 2),
    Row(6, 40, 2, 2, 5),
    Row(6, 80, 3, 2),
    Row(6, 112, 3, 1, 5),
    Row(6, 192, 4, 2, 5),
    Row(6, 320, 1, 1),
)
"""EfficientNet-Lite0."""
TAPS = (1, 2, 4, 6)
"""Stages whose results are handed on: strides 4, 8, 16 and 32."""
CHANNELS, LITE_CHANNELS = (tuple(rows[tap].channels for tap in TAPS) for rows in (STAGES, LITE))
POOLED = 1280


def before_and_after(size: int) -> tuple[int, int]:
    """Return by how much even sides are padded for filters of a size with a stride of 2."""
    return (size - 2) // 2, (size - 1) // 2


class Convolution(nn.Module):
    """A convolution with "same" padding for even sides, and ReLU6 unless it is linear."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1, linear: bool = False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2 if stride == 1 else 0, groups=groups)
        self.stride, self.linear, self.strided = stride, linear, stride == 2 and groups > 1
        self.around = 2 * before_and_after(size)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve B×C×H×W; a stride of 2 halves even sides."""
        if self.stride == 2:
            x = functional.pad(x, self.around)
        if self.strided and torch.is_grad_enabled():
            # On processors the gradient of this one operation is three times slower in half precision.
            with torch.autocast(x.device.type, enabled=False):
                x = self.conv(x.float())
        else:
            x = self.conv(x)
        return x if self.linear else functional.relu6(x, inplace=not torch.is_grad_enabled())


class Block(nn.Module):
    """An inverted residual: expand, filter each channel, project."""

    def __init__(self, inputs: int, row: Row, stride: int):
        super().__init__()
        hidden, outputs = inputs * row.expansion, row.channels
        steps = [Convolution(inputs, hidden, 1)] if row.expansion > 1 else []
        steps.append(Convolution(hidden, hidden, row.size, stride, groups=hidden))
        steps.append(Convolution(hidden, outputs, 1, linear=True))
        self.steps = nn.Sequential(*steps)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return B×C'×H'×W'."""
        y: Tensor = self.steps(x)
        return x + y if self.residual else y


def stage(inputs: int, row: Row) -> nn.Sequential:
    """Return the blocks of a stage, the first of which has its stride."""
    return nn.Sequential(Block(inputs, row, row.stride), *(Block(row.channels, row, 1) for _ in range(row.blocks - 1)))


class Trunk(nn.Module):
    """A stem and some stages, of rows as in STAGES; the results of some (`taps`, the last among them) are handed on."""

    def __init__(self, rows: Sequence[Row], taps: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, 3, 2)
        inputs = [32, *(row.channels for row in rows)]
        self.stages = nn.ModuleList(stage(before, row) for before, row in zip(inputs, rows, strict=False))
        self.taps = taps

    def seen(self, x: Tensor) -> list[Tensor]:
        """Return what is tapped of B×3×H×W pictures, RGB in −1…1."""
        x, found = self.stem(x), []
        for number, each in enumerate(self.stages):
            x = each(x)
            if number in self.taps:
                found.append(x)
        return found


class Backbone(Trunk):
    """From B×3×H×W in −1…1, sides multiples of 32, to features at strides 4, 8, 16, 32 and B×1280 pooled ones."""

    def __init__(self, rows: Sequence[Row] = STAGES) -> None:
        super().__init__(rows, TAPS)
        self.head = Convolution(rows[-1].channels, POOLED, 1)

    def forward(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the tapped features and the pooled head."""
        taps = self.seen(x)
        return taps, self.head(taps[-1]).mean((2, 3))
