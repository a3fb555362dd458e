"""Trains what looks from nearby at hands, faces and rims, from the network's own backbone; resumes where it stopped."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from evaluator.network.close import Close
from evaluator.network.eyes import CLOSE_SIDE, Eyes, planes, shown_close
from evaluator.network.heads import LIMBS, NEARBY
from evaluator.network.weights import CLOSE, FOLDER, keep, pack
from evaluator.training import blend
from evaluator.training.closeups import ROOM, SHOWS, SIDE, Closeups, closeups
from evaluator.training.framing import badly_worn
from evaluator.training.learning import gone_on, halved, learn, started
from evaluator.training.losses import binary, tagged, twinned
from evaluator.training.losses import planes as over_planes
from evaluator.training.precision import area
from evaluator.training.truth import PLAIN

PAIRS = {"limbs": 14, "alone": 8, "rims": 10}
"""Places a step, of twins each spoilt and sound."""
FAMILIES = {"limbs": (*LIMBS, "melted"), "alone": ("located", "masks"), "rims": ("fusion", "masks", "located")}
"""Families whose samples show hands and faces, those that are as they are and what else is taken for some, or rims: put
together well or badly, or never apart."""
ZOOM, TURN = (0.62, 0.95), 8.0
"""Shares of a cut's side that are shown, and the spread of its turns in degrees."""
DISTURBED, LIT = 0.3, 0.3
"""Odds that another light, lens, sensor or file disturbs a cut, and that it is lit badly."""
THERE = 0.5
"""Presence from which on a cut is judged for a limb."""


def run(options: argparse.Namespace) -> int:
    """Train the close look on cuts of training samples; write its weights and card, print what it does on held ones."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    eyes = Eyes(options.weights)
    found = {kind: closeups(eyes, options.samples / "train", kind, families) for kind, families in FAMILIES.items()}
    begun = started(Close(), options.weights)
    done = f"python -m evaluator.training close --steps {options.steps} --seed {options.seed} --share {options.share:g}"
    made_by = gone_on(begun, options.begin, CLOSE, done)
    before = copy.deepcopy(begun)
    close = learn(begun, drawn(found, options.seed), options.steps, options.seed, options.run)
    blend.go_back(close, before, options.share)
    card = keep(*pack(close), options.out, CLOSE, made_by, options.steps)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.1f} MB, SHA-256 {card.sha256}")
    for kind, families in FAMILIES.items():
        held = closeups(eyes, options.samples / "held", kind, families)
        for name, (figure, count) in judged(close, held).items():
            print(f"{kind}, {name}: AUC {figure:.3f} of {count} held places")
    return 0


def drawn(found: Mapping[str, Closeups], seed: int) -> Callable[[Close, int], Tensor]:
    """Return what gives the loss of each step, on places of each kind that are drawn anew for each."""
    places = {
        kind: np.split(np.arange(len(cuts.pairs)), np.flatnonzero(np.diff(cuts.pairs)) + 1)
        for kind, cuts in found.items()
    }

    def loss(close: Close, step: int) -> Tensor:
        rng, shares, before = np.random.default_rng([seed, step]), list[tuple[Tensor, ...]](), 0
        for kind, cuts in found.items():
            picks = rng.integers(len(places[kind]), size=PAIRS[kind])
            *share, group = shown(cuts, [places[kind][int(at)] for at in picks], rng)
            shares.append((*share, group + before))
            before += len(picks)
        return _loss(close, *(torch.cat(each) for each in zip(*shares, strict=True)))

    return loss


def _loss(close: Close, pictures: Tensor, maps: Tensor, severity: Tensor, presence: Tensor, group: Tensor) -> Tensor:
    with halved():
        seen = close(pictures.to(memory_format=torch.channels_last))
    told = tagged(seen.tags, severity) + twinned(seen.tags.float(), severity, group)
    return told + 0.5 * over_planes(seen.maps, maps, 0.5) + 0.3 * binary(seen.presence, presence)


def shown(
    found: Closeups, places: list[npt.NDArray[np.int64]], rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return pictures, maps, severity, presence and the number of the place of some places' cuts.

    Those of one place are shifted, turned, mirrored and disturbed alike, so that only the fault tells them apart.
    """
    pictures, maps, groups, told = [], [], [], []
    for number, rows in enumerate(places):
        part = rng.uniform(*ZOOM)
        middle = 0.5 + (rng.random(2) - 0.5) * (1 - part)
        turn, flip, same = float(rng.normal(0, TURN)), bool(rng.integers(2)), int(rng.integers(2**31))
        for row in rows:
            shape = CLOSE_SIDE, part, middle, turn, flip
            picture = np.asarray(_framed(found.pictures[row], *shape), np.uint8)
            pictures.append(badly_worn(picture, LIT, DISTURBED, np.random.default_rng(same)))
            coarse = CLOSE_SIDE // 8, part, middle, turn, flip
            cut = [_framed(plane, *coarse).astype(np.float32) / 255 for plane in found.maps[row]]
            known = found.severity[row]
            maps.append(
                np.stack([np.full_like(p, np.nan) if np.isnan(k) else p for p, k in zip(cut, known, strict=True)])
            )
            # Of a fault that lies beyond what is shown nothing is known.
            beyond = [k > 0 and p.max() < SHOWS[name] for name, k, p in zip(NEARBY, known, cut, strict=True)]
            told.append(np.where(beyond, np.float32(np.nan), known))
            groups.append(number)
    return (
        torch.from_numpy(np.concatenate([planes(each) for each in pictures])),
        torch.from_numpy(np.stack(maps)),
        torch.from_numpy(np.stack(told)),
        torch.from_numpy(found.presence[np.concatenate(places)]),
        torch.tensor(groups),
    )


def _framed(
    plane: npt.NDArray[np.uint8], side: int, part: float, middle: npt.NDArray[np.float64], turn: float, flip: bool
) -> npt.NDArray[np.uint8]:
    """Return a part of a cut, about a middle (x, y; both 0–1), turned by degrees, at side × side pixels."""
    whole = plane.shape[0]
    centre = (float(middle[0]) * whole, float(middle[1]) * whole)
    moved = cv2.getRotationMatrix2D(centre, turn, side / (part * whole))
    moved[:, 2] += side / 2 - np.array(centre)
    how = cv2.INTER_LINEAR
    placed = cv2.warpAffine(plane, moved, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(placed[:, ::-1] if flip else placed, np.uint8)


def judged(close: Close, found: Closeups) -> dict[str, tuple[float, int]]:
    """Return by what is asked the area under the curve over places that show it, and how many they are.

    Of hands and faces also how well it is told whether there is one, where that is known.
    """
    edge = round(SIDE * ROOM / (1 + 2 * ROOM))
    said = []
    with torch.inference_mode():
        for picture in found.pictures:
            seen = close(torch.from_numpy(shown_close(picture[edge:-edge, edge:-edge])))
            said.append(np.concatenate([seen.tags[0].numpy(), seen.presence[0].numpy()]))
    odds, figures = np.array(said, np.float64), dict[str, tuple[float, int]]()

    def judge(name: str, told: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> None:
        if 0 < truth.sum() < len(truth):
            figures[name] = area(told, truth), len(truth)

    for at, name in enumerate(NEARBY):
        known = ~np.isnan(found.severity[:, at])
        if name in LIMBS:
            there = found.presence[:, at]
            sure = np.isin(there, (0.0, 1.0))
            judge(f"a {name} at all", odds[sure, len(NEARBY) + at], there[sure] > THERE)
            known &= there > THERE
        judge(name, odds[known, at], found.severity[known, at] >= PLAIN)
    return figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="the network that looks first")
    parser.add_argument("--begin", type=Path, metavar="DIR", help="go on from the weights that are kept there")
    parser.add_argument("--share", type=blend.share, default=1.0, help="how far to go from where it began (0–1)")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--run", type=Path, default=Path("runs/close"), metavar="DIR", help="where checkpoints go")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
