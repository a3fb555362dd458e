"""Fits what mends the subject's mask, on a trained network's own view of pictures whose mask is known.

The network is left as it is and each picture is looked at once, so that minutes do. What was seen is kept in memory,
some 2.5 MB a picture.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor
from torch.nn import functional

from evaluator.inference import Session
from evaluator.network.eyes import shown
from evaluator.network.outline import Outline
from evaluator.network.weights import load
from evaluator.table import progress
from evaluator.training.derived import derive
from evaluator.training.handed import handed
from evaluator.training.sample import Sample, read

FAMILIES = ("masks", "fusion")
"""Families of samples whose mask is the subject's."""
GIVES = ("coarse", "fine", "mask")
"""What an outline is given."""
BATCH, EPOCHS = 8, 8
RATE, DECAY = 2e-3, 1e-3
OVERLAP = 1.0
"""Weight of the soft intersection over union beside the cross-entropy of each cell."""
LEAST = 0.01
"""Least share of the picture that a subject fills."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network hands on of one picture, in half precision, and the mask at its stride (1×1×h×w, 0–1)."""

    given: tuple[Tensor, ...]
    truth: Tensor


def run(options: argparse.Namespace) -> int:
    """Fit the outline on training samples; write the weights with it."""
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    network, card = load(options.weights)
    files = [
        file
        for family in FAMILIES
        for file in sorted((options.samples / "train" / family).glob("[0-9]*.npz"))[: options.most]
    ]
    with ThreadPoolExecutor(options.threads) as pool:
        session = handed(network, network.outline, GIVES)
        looked = pool.map(lambda file: seen(session, read(file)), files)
        many = [each for each in progress(looked, len(files), "looking") if each]
    if not many:
        raise FileNotFoundError(f"no sample under {options.samples / 'train'} has a mask; `make` some of {FAMILIES}")
    before, after = fill(network.outline, many)
    print(f"{len(many)} pictures, on which it was trained: loss {before:.4f} → {after:.4f}")
    derive(network, card, options.weights, options.out, "outline")
    return 0


def seen(session: Session, sample: Sample) -> Seen | None:
    """Return what a network hands on of a sample; None where its mask is not known or next to empty."""
    if sample.mask is None or sample.mask.mean() < LEAST:
        return None
    given = session.run(GIVES, shown(sample.picture))
    rows, columns = given[-1].shape[-2:]
    truth = cv2.resize(sample.mask, (columns, rows), interpolation=cv2.INTER_AREA)
    planes = tuple(torch.from_numpy(each).half() for each in given)
    return Seen(planes, torch.from_numpy(truth)[None, None].half())


def fill(outline: Outline, many: Sequence[Seen]) -> tuple[float, float]:
    """Train an outline on what was seen; return its mean loss in the first and in the last round."""
    torch.manual_seed(0)
    draw = random.Random(0)
    shapes: dict[tuple[int, ...], list[Seen]] = {}
    for each in many:
        shapes.setdefault(tuple(each.truth.shape), []).append(each)
    count = EPOCHS * sum(-(-len(alike) // BATCH) for alike in shapes.values())
    learner = torch.optim.AdamW(outline.parameters(), RATE, weight_decay=DECAY)
    slope = torch.optim.lr_scheduler.OneCycleLR(learner, RATE, total_steps=count, pct_start=0.1)
    outline.requires_grad_(True)
    rounds = []
    for _ in progress(range(EPOCHS), EPOCHS, "rounds"):
        batches = []
        for alike in shapes.values():
            mixed = draw.sample(alike, len(alike))
            batches += [mixed[at : at + BATCH] for at in range(0, len(mixed), BATCH)]
        whole = 0.0
        for batch in draw.sample(batches, len(batches)):
            planes = [torch.cat(each).float() for each in zip(*(one.given for one in batch), strict=True)]
            truth = torch.cat([one.truth for one in batch]).float()
            if draw.random() < 0.5:
                planes, truth = [each.flip(3) for each in planes], truth.flip(3)
            loss = wrong(planes[-1] + outline(*planes), truth)
            learner.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            learner.step()
            slope.step()
            whole += loss.item() * len(batch)
        rounds.append(whole / len(many))
    return rounds[0], rounds[-1]


def wrong(mask: Tensor, truth: Tensor) -> Tensor:
    """Return how wrong masks are (log-odds and truth, B×1×h×w): cross-entropy and what the union has too much."""
    cells = functional.binary_cross_entropy_with_logits(mask, truth)
    guess, there = mask.sigmoid().flatten(1), truth.flatten(1)
    both = (guess * there).sum(1)
    union = guess.sum(1) + there.sum(1) - both
    return cells + OVERLAP * (1 - (both + 1) / (union + 1)).mean()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="weights of ours")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--most", type=int, default=3000, help="samples a family")
    parser.add_argument("--threads", type=int, default=2)
