"""What is seen in each zone: means and spreads where they should lie, and an attribute that reads nothing else."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from evaluator.network.heads import ATTRIBUTES, PARTS
from evaluator.network.model import Network
from evaluator.network.zones import SEEN, ZONES, Pass, Zones, _below, read, width

CELLS = 16
SURE = 40.0
"""Log-odds that are as good as certain."""
COLOUR = slice(SEEN - len(ATTRIBUTES) - 3, SEEN - len(ATTRIBUTES))


def seen(picture: Tensor, subject: Tensor) -> dict[str, Tensor]:
    """Read a picture (1×3×128×128) whose subject fills some cells (16×16), with nothing else to see."""
    mask = torch.where(subject > 0, SURE, -SURE)[None, None].repeat_interleave(2, 2).repeat_interleave(2, 3)
    empty = torch.zeros(1, 128, CELLS, CELLS)
    taps = torch.zeros(1, 24, 2 * CELLS, 2 * CELLS), torch.zeros(1, 32, CELLS, CELLS)
    parts, maps = torch.full((1, len(PARTS), CELLS, CELLS), -SURE), torch.zeros(1, len(ATTRIBUTES), CELLS, CELLS)
    return read(Pass(picture, taps, empty, mask, parts, maps, torch.zeros(1, len(ATTRIBUTES))))


def zone(found: dict[str, Tensor], attribute: str, name: str, spread: bool = False) -> Tensor:
    """Return what was read of all channels in one zone."""
    at = ZONES[attribute].index(name) + spread * len(ZONES[attribute])
    return found[attribute][0, at * SEEN : (at + 1) * SEEN]


def test_inside_and_outside_are_read_apart() -> None:
    subject = torch.zeros(CELLS, CELLS)
    subject[5:11, 4:12] = 1
    picture = torch.full((1, 3, 8 * CELLS, 8 * CELLS), -0.5)
    picture[..., 40:88, 32:96] = 0.75
    found = seen(picture, subject)
    assert {name: tuple(each.shape) for name, each in found.items()} == {name: (1, width(name)) for name in ZONES}
    for name, level in {"core": 0.75, "inner": 0.75, "outer": -0.5, "near": -0.5, "far": -0.5, "foot": -0.5}.items():
        read_there = zone(found, "fusion", name)[COLOUR]
        torch.testing.assert_close(read_there, torch.full((3,), level), atol=0.08, rtol=0)
        assert float(zone(found, "fusion", name, spread=True)[COLOUR].max()) < 0.12


def test_a_spread_is_that_of_its_zone_alone() -> None:
    subject = torch.zeros(CELLS, CELLS)
    subject[3:13, 3:13] = 1
    picture = torch.zeros(1, 3, 8 * CELLS, 8 * CELLS)
    for row, column in product(range(CELLS), repeat=2):
        if subject[row, column]:
            picture[..., 8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 0.6 * (-1) ** (row + column)
    found = seen(picture, subject)
    assert float(zone(found, "body", "core", spread=True)[COLOUR].min()) == pytest.approx(0.6, rel=0.05)
    assert float(zone(found, "hand", "far", spread=True)[COLOUR].max()) < 0.05


def test_a_shadow_falls_under_the_foot_and_not_above_the_head() -> None:
    plane = torch.zeros(1, 1, 8, 4)
    plane[0, 0, 2] = 0.7
    assert _below(plane, (1, 2, 3))[0, 0, :, 0].tolist() == pytest.approx([0, 0, 0, 0.7, 0.7, 0.7, 0, 0])


def test_new_zones_say_nothing_and_a_filled_one_speaks_of_its_attribute_alone() -> None:
    torch.manual_seed(0)
    network = Network().eval()
    picture = torch.rand(2, 3, 64, 96)
    with torch.inference_mode():
        before = network(picture).tags
    assert bool((Zones()({name: torch.rand(3, width(name)) for name in ZONES}) == 0).all())
    network.zones.last["face"].load_state_dict({"weight": torch.ones(1, 72), "bias": torch.ones(1)})
    with torch.inference_mode():
        moved = network(picture).tags - before
    column = ATTRIBUTES.index("face")
    assert bool((moved[:, column] >= 1).all())
    assert float(moved[:, [at for at in range(len(ATTRIBUTES)) if at != column]].abs().max()) == 0


def test_what_lies_far_off_is_cut() -> None:
    zones = Zones()
    assert float(zones.scaled("hand", torch.full((1, width("hand")), 1e6)).max()) == 5.0
