"""What is seen in each zone of a picture: inside the subject and along its rim, under its foot, far off, at its parts.

A pooled network can hardly tell what lies inside from what lies beside. Here every zone has a mean and a spread of its
own, from which a few small layers tell how grain, light or shape differ from one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.heads import ATTRIBUTES, PARTS

ZONES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fusion": ("core", "inner", "outer", "near", "far", "foot", "ground"),
        "hand": ("hand", "about_hand", "altered", "core", "far"),
        "face": ("face", "about_face", "altered", "core", "far"),
        "body": ("core", "inner", "outer", "person", "about_person", "altered"),
    }
)
"""The zones that an attribute is read in; `altered` is where its own map lies high. Artefacts lie anywhere."""
MEMBERS, HIDDEN = 3, 24
"""Small networks whose mean is what the zones say of an attribute, and hidden units of each."""
SEEN = 128 + 24 + 32 + 3 + len(ATTRIBUTES)
"""Channels that are read: the decoder's detail, two strides of the backbone, colours, and the maps."""
FOOT, GROUND = (1, 2, 3), (4, 5, 6, 7, 8)
"""Cells under the subject that its shadow falls on, and the ground further down."""
SHARP = 2.0
"""How sharply a map's height makes its zone."""
LEAST = 0.5
"""Cells from which on a zone is there."""
FURTHEST = 5.0
"""Furthest that a value may lie from its mean, in standard deviations."""


def width(attribute: str) -> int:
    """Return how many numbers an attribute is read from."""
    return len(ZONES[attribute]) * (2 * SEEN + 1) + len(ATTRIBUTES)


class Zones(nn.Module):
    """Small networks over the zones of each attribute; new ones say nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.ModuleDict({name: nn.Linear(width(name), MEMBERS * HIDDEN) for name in ZONES})
        self.last = nn.ModuleDict({name: nn.Linear(MEMBERS * HIDDEN, 1) for name in ZONES})
        for name in ZONES:
            self.register_buffer(f"mean_{name}", torch.zeros(width(name)))
            self.register_buffer(f"scale_{name}", torch.ones(width(name)))
            for silent in self.last[name].parameters():
                nn.init.zeros_(silent)

    def forward(self, read: Mapping[str, Tensor]) -> Tensor:
        """Return B×5: what is added to each attribute's log-odds, from what was read in its zones (B×width)."""
        nothing = torch.zeros_like(read["fusion"][:, :1])
        return torch.cat([self.said(name, read[name]) if name in ZONES else nothing for name in ATTRIBUTES], 1)

    def said(self, name: str, read: Tensor) -> Tensor:
        """Return B×1: what is added to one attribute's log-odds."""
        added: Tensor = self.last[name](functional.relu(self.first[name](self.scaled(name, read))))
        return added

    def scaled(self, name: str, read: Tensor) -> Tensor:
        """Return what was read in steps of its standard deviation."""
        mean, scale = getattr(self, f"mean_{name}"), getattr(self, f"scale_{name}")
        scaled: Tensor = ((read - mean) * scale).clamp(-FURTHEST, FURTHEST)
        return scaled


class Pass(NamedTuple):
    """What one pass hands to the zones.

    `picture` is the input, `taps` the backbone's features at strides 4 and 8, `detail` the decoder's at stride 8;
    `mask` (stride 4), `parts` and `maps` (stride 8) and `tags` are logits.
    """

    picture: Tensor
    taps: tuple[Tensor, Tensor]
    detail: Tensor
    mask: Tensor
    parts: Tensor
    maps: Tensor
    tags: Tensor


def read(given: Pass) -> dict[str, Tensor]:
    """Return what is seen in the zones of each attribute, B×width, from one pass."""
    picture, taps, detail, mask, parts, maps, tags = given
    colour = functional.avg_pool2d(picture, 8)
    cells = torch.cat([detail, functional.avg_pool2d(taps[0], 2), taps[1], colour, maps.sigmoid()], 1).flatten(2)
    # Spreads are differences of squares: about the picture's own mean they keep their digits.
    middle = cells.mean(2, keepdim=True)
    seen = (cells - middle).transpose(1, 2)
    places = _places(functional.avg_pool2d(mask.sigmoid(), 2), parts.sigmoid())
    planes = torch.cat(list(places.values()), 1).flatten(2)
    sizes = planes.sum(2, keepdim=True)
    altered = torch.softmax(SHARP * maps.flatten(2), 2)
    weight = torch.cat([planes / sizes.clamp(min=LEAST), altered], 1)
    mean = weight @ seen
    spread = (weight @ seen.square() - mean.square()).clamp(min=1e-6).sqrt()
    mean = mean + middle.transpose(1, 2) * weight.sum(2, keepdim=True)
    share = torch.cat([sizes[..., 0] / planes.shape[2], altered.amax(2)], 1)
    order = [*places, *(f"altered_{name}" for name in ATTRIBUTES)]
    found = {}
    for name, zones in ZONES.items():
        rows = torch.tensor([order.index(zone if zone != "altered" else f"altered_{name}") for zone in zones])
        found[name] = torch.cat([mean[:, rows].flatten(1), spread[:, rows].flatten(1), share[:, rows], tags], 1)
    return found


def _places(mask: Tensor, parts: Tensor) -> dict[str, Tensor]:
    """Return the zones (B×1×H×W, 0–1) about the subject and about each part."""
    grown = {reach: _grown(mask, reach) for reach in (1, 4)}
    shrunk = {reach: 1 - _grown(1 - mask, reach) for reach in (1, 2)}
    foot, ground = _below(mask, FOOT), _below(mask, GROUND)
    found = {
        "core": shrunk[2],
        "inner": mask - shrunk[1],
        "outer": grown[1] - mask,
        "near": grown[4] - grown[1],
        "far": 1 - grown[4],
        "foot": (foot - mask).clamp(min=0),
        "ground": (ground - torch.maximum(foot, mask)).clamp(min=0),
    }
    for number, name in enumerate(PARTS):
        part = parts[:, number : number + 1]
        found |= {name: part, f"about_{name}": _grown(part, 2) - part}
    return found


def _grown(plane: Tensor, reach: int) -> Tensor:
    """Return a plane (0–1) grown by so many cells."""
    return functional.max_pool2d(plane, 2 * reach + 1, 1, reach)


def _below(plane: Tensor, steps: tuple[int, ...]) -> Tensor:
    """Return a plane moved down by each of some cells, at its highest."""
    most = steps[-1]
    padded = functional.pad(plane, (0, 0, most, 0))
    rows = plane.shape[2]
    moved = [padded[:, :, most - step : most - step + rows] for step in steps]
    found = moved[0]
    for each in moved[1:]:
        found = torch.maximum(found, each)
    return found
