"""Trains the siamese network on originals and what was generated from them, from the network's own first stages."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from evaluator.network.eyes import shown_pair
from evaluator.network.heads import BESIDE
from evaluator.network.siamese import Siamese
from evaluator.network.weights import FOLDER, SIAMESE, keep, pack
from evaluator.table import progress
from evaluator.training import overlays
from evaluator.training.framing import disturbed
from evaluator.training.kept_pairs import HALF
from evaluator.training.learning import gone_on, halved, learn, started
from evaluator.training.losses import known_mean, twinned
from evaluator.training.losses import planes as over_planes
from evaluator.training.makers.benign import compressed
from evaluator.training.overlays import REGION, Overlays, read
from evaluator.training.precision import area
from evaluator.types import Plane

PAIRS, GROUPS = 10, 3
"""Pairs, and groups of candidates of one original, a step."""
TURN, ZOOM, SHIFT = 4.0, 0.08, 0.04
"""Spread of turns in degrees, of zooms and of shifts (as a share of the tile) that both pictures undergo."""
ASIDE, LARGER = 0.8, 0.006
"""Spread in pixels and in size by which the generated picture lies aside, besides what registration leaves."""
DISTURBED = 0.35
QUALITY = (70, 98)
"""JPEG qualities of originals."""
RANKED = 0.5
"""Weight of the ranking of one original's backgrounds."""

Level = TypeVar("Level", np.uint8, np.float32)
Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def run(options: argparse.Namespace) -> int:
    """Train on pairs and candidates of training objects; write weights and card, print what they do on held ones."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    counts = {"pairs": options.pairs, "candidates": options.candidates}
    train = {name: _files(options, False, name, count) for name, count in counts.items()}
    begun = started(Siamese(), options.weights)
    done = (
        f"python -m evaluator.training siamese --pairs {options.pairs} --candidates {options.candidates} "
        f"--steps {options.steps} --seed {options.seed}"
    )
    made_by = gone_on(begun, options.begin, SIAMESE, done)
    network = learn(begun, drawn(train, options.seed), options.steps, options.seed, options.run)
    card = keep(*pack(network), options.out, SIAMESE, made_by, options.steps)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.2f} MB, SHA-256 {card.sha256}")
    held = [file for name in counts for file in _files(options, True, name, options.held)]
    print("\n".join(judged(network, map(read, held))))
    return 0


def drawn(files: Mapping[str, Sequence[Path]], seed: int) -> Callable[[Siamese, int], Tensor]:
    """Return what gives the loss of each step, on pairs and candidates that are drawn anew for each."""

    def loss(network: Siamese, step: int) -> Tensor:
        rng = np.random.default_rng([seed, step])
        chosen = [
            files[name][int(at)]
            for name, count in (("pairs", PAIRS), ("candidates", GROUPS))
            for at in rng.integers(len(files[name]), size=count)
        ]
        return _loss(network, *batch([read(file) for file in chosen], rng))

    return loss


def _files(options: argparse.Namespace, held: bool, what: str, count: int) -> list[Path]:
    made = overlays.made(options.data, options.scenes, options.work, held, what, range(count))
    return list(progress(made, count, what))


def _loss(
    network: Siamese, pictures: Tensor, tags: Tensor, share: Tensor, region: Tensor, rank: Tensor, group: Tensor
) -> Tensor:
    with halved():
        seen = network(pictures)
    known = ~tags.isnan()
    told = seen.tags.float()
    losses = functional.binary_cross_entropy_with_logits(told, tags.nan_to_num(), weight=share, reduction="none")
    ranked = twinned(told[:, 1:], -rank[:, None], group)
    return known_mean(losses, known) + RANKED * ranked + 0.5 * over_planes(seen.maps[:, :1], region, 0.5)


def batch(chosen: Sequence[Overlays], rng: np.random.Generator) -> Batch:
    """Return what the network is shown of some originals with their pictures, and what is known of each.

    These are inputs n×8×S×S, `tags` n×2 and their weights, regions n×1×S/8×S/8, ranks and groups n. Pictures of one
    original are moved and disturbed alike, so that only the fault tells them apart.
    """
    inputs, tags, shares, regions, ranks, groups = [], [], [], [], [], []
    for number, each in enumerate(chosen):
        matrix, flip, same = _moved(each.mask.shape[1], rng), bool(rng.integers(2)), int(rng.integers(2**31))
        quality, aside = int(rng.integers(*QUALITY)), _aside(each.mask.shape[1], rng)
        for at in range(len(each.generated)):
            original = compressed(_warped(each.original[at], matrix, flip), quality)
            generated = _warped(each.generated[at], matrix @ aside, flip)
            generated = disturbed(generated, "fusion", DISTURBED, np.random.default_rng(same))
            mask, within = (_warped(plane[at], matrix, flip) for plane in (each.mask, 255 * each.within))
            inputs.append(shown_pair(original, generated, _share(mask), _share(within)))
            scaled = np.diag([1 / REGION, 1 / REGION, 1.0]) @ matrix @ np.diag([REGION, REGION, 1.0])
            regions.append(_warped(each.region[at], scaled, flip))
            tags.append((each.changed[at], each.wrong[at]))
            shares.append((max(float(each.strength[at]), 0.25) if each.changed[at] == 1 else 1.0, 1.0))
            ranks.append(each.rank[at] if not np.isnan(each.wrong[at]) else np.nan)
            groups.append(number)
    return (
        torch.from_numpy(np.concatenate(inputs)).to(memory_format=torch.channels_last),
        torch.tensor(np.array(tags, np.float32)),
        torch.tensor(np.array(shares, np.float32)),
        torch.from_numpy(np.stack(regions)[:, None]),
        torch.tensor(np.array(ranks, np.float32)),
        torch.tensor(groups),
    )


def _moved(side: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return a draw of what both pictures undergo, as a 3×3 matrix of the tile's pixels."""
    zoom, turn = float(np.exp(rng.normal(0, ZOOM))), float(rng.normal(0, TURN))
    matrix = np.vstack([cv2.getRotationMatrix2D((side / 2, side / 2), turn, min(zoom, 1.15)), [0, 0, 1]])
    matrix[:2, 2] += rng.normal(0, SHIFT * side, 2)
    return np.asarray(matrix)


def _aside(side: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    scale = 1 + float(rng.normal(0, LARGER))
    by = (1 - scale) * side / 2 + rng.normal(0, ASIDE, 2)
    return np.array([[scale, 0, by[0]], [0, scale, by[1]], [0, 0, 1]])


def _warped(plane: npt.NDArray[Level], matrix: npt.NDArray[np.float64], flip: bool) -> npt.NDArray[Level]:
    size = plane.shape[1::-1]
    # What lies beyond a mask or a region is nothing; beyond a picture its edge goes on.
    edge = cv2.BORDER_REPLICATE if plane.ndim == 3 else cv2.BORDER_CONSTANT
    moved = cv2.warpAffine(plane, matrix[:2], size, flags=cv2.INTER_LINEAR, borderMode=edge)
    return np.ascontiguousarray(moved[:, ::-1] if flip else moved, plane.dtype)


def _share(plane: npt.NDArray[np.uint8]) -> Plane:
    """Return a plane of 0–255 as one of 0–1."""
    return np.asarray(plane.astype(np.float32) / np.float32(255), np.float32)


def judged(network: Siamese, found: Iterator[Overlays]) -> list[str]:
    """Return lines with the areas under the curves of what is asked, over all and by kind."""
    said, known, strength, kinds = [], [], list[float](), list[str]()
    for each in found:
        for at in range(len(each.generated)):
            planes = _share(each.mask[at]), _share(255 * each.within[at])
            with torch.inference_mode():
                pair = torch.from_numpy(shown_pair(each.original[at], each.generated[at], *planes))
                said.append(network(pair).tags[0].numpy())
            known.append((each.changed[at], each.wrong[at]))
        strength += each.strength.tolist()
        kinds += each.kinds
    half, names = np.array(strength) >= HALF, np.array(kinds)
    lines = []
    for name, told, truth in zip(BESIDE, *map(np.transpose, (said, known)), strict=True):
        spoilt = truth == 1
        among = {"": spoilt, "half and more": spoilt & half} if name == BESIDE[0] else {"": spoilt}
        for kind in sorted({part for each in names[spoilt] for part in each.split("+")}):
            among[kind] = spoilt & np.array([kind in each.split("+") for each in names])
        for kind, own in among.items():
            both = own | (truth == 0)
            figure = area(told[both].astype(float), own[both])
            lines.append(f"{name}{f' ({kind})' if kind else ''}: AUC {figure:.3f} ({own.sum()})")
    return lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets")
    parser.add_argument("--scenes", type=Path, required=True, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="where what is laid over is kept")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="the network that looks first")
    parser.add_argument("--begin", type=Path, metavar="DIR", help="go on from the weights that are kept there")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--run", type=Path, default=Path("runs/siamese"), metavar="DIR", help="where checkpoints go")
    parser.add_argument("--pairs", type=int, default=5000, metavar="N")
    parser.add_argument("--candidates", type=int, default=1000, metavar="N", help="groups of candidates")
    parser.add_argument("--held", type=int, default=200, metavar="N", help="pairs, and groups, of held objects")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
