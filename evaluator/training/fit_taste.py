"""Trains the taste: every layer of an ImageNet network a little, kept close to what it knew; the lines in closed form.

It learns from thumbnails; how pleasing a picture is, as one that a generator made, is a line by all rated pictures.
The ridge's strength is chosen by cross-validation on the features as they were before, which have seen no rating.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.eyes import TASTE_SIDE, at_side
from evaluator.network.taste import Taste
from evaluator.network.weights import FOLDER, TASTE, fill, keep, pack, read_checked
from evaluator.table import progress
from evaluator.training.learning import halved
from evaluator.training.line import SHARE, Falls, Rated, Rows, chosen, falls, line
from evaluator.training.losses import bounded, ordered
from evaluator.training.sample import Sample, read
from evaluator.training.teacher import lite
from evaluator.types import Rgb

BATCH = 16
RATE, DECAY = 2e-5, 0.05
KEPT = 4.0
"""Weight of staying close to what the teacher sees."""
ASIDE, FALLEN = 0.2, 0.2
"""What a photograph or a thumbnail, and all falls, count beside pictures by generators in how pleasing those are."""
SMALLEST = 0.85
"""Least share of a picture's sides that is shown in training."""


def run(options: argparse.Namespace) -> int:
    """Train the taste on rated thumbnails, or take one as it is; fit how pleasing; write its weights and card."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    samples = [read(file) for file in sorted((options.samples / "train/rated").glob("[0-9]*.npz"))]
    taste = begun(options.begin) if options.begin else trained(samples, options)
    fallen = falls(options.samples / "train", lambda picture: seen(taste, picture), ("photographic", "redrawn"))
    counted = np.array([1.0 if "pleasing" in sample.ratings else ASIDE for sample in samples])
    rated = replace(looked(taste.eval(), samples), weights=counted)
    strength, rank = settle(taste.pleasing, rated, fallen, share=FALLEN)
    print(f"{int((counted == 1).sum())} pictures by generators beside {int((counted < 1).sum())} others: ", end="")
    print(f"ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    how = "--begin DIR" if options.begin else f"--steps {options.steps} --seed {options.seed}"
    done = f"python -m evaluator.training taste {how}"
    card = keep(*pack(taste, coarse=True), options.out, TASTE, done, options.steps)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.1f} MB, SHA-256 {card.sha256}")
    return 0


def begun(folder: Path) -> Taste:
    """Return the taste of a folder of weights."""
    data, _, path = read_checked(folder, TASTE)
    taste = Taste()
    fill(taste, data, path)
    return taste


def trained(samples: list[Sample], options: argparse.Namespace) -> Taste:
    """Return a taste that has learnt from the thumbnails among some samples, with the line of their appeal."""
    thumbnails = [sample for sample in samples if "appeal" in sample.ratings]
    pictures = [sample.picture for sample in thumbnails]
    means = np.array([sample.ratings["appeal"][0] for sample in thumbnails])
    taste = Taste()
    taste.backbone.load_state_dict(lite().state_dict())

    def settled(strength: float | None = None) -> tuple[float, float]:
        rated = looked(taste.eval(), thumbnails)
        return settle(taste.appeal, rated, falls(options.samples / "train", lambda each: seen(taste, each)), strength)

    strength, rank = settled()
    print(f"{len(pictures)} thumbnails; as it was: ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    learn(taste, lite(), pictures, means, options.steps, options.seed)
    fill(taste, pack(taste, coarse=True)[0], options.out)
    settled(strength)
    return taste


def looked(taste: Taste, samples: list[Sample]) -> Rated:
    """Return what the taste sees of rated samples, and their ratings."""
    rows = [seen(taste, sample.picture) for sample in progress(samples, len(samples), "looking")]
    means = [next(iter(sample.ratings.values()))[0] for sample in samples]
    objects = np.unique([sample.object for sample in samples], return_inverse=True)[1]
    return Rated(np.stack(rows), np.array(means), objects)


def settle(
    head: nn.Linear, rated: Rated, fallen: Falls, strength: float | None = None, share: float = SHARE
) -> tuple[float, float]:
    """Give a head the line that fits ratings and falls; return the ridge's strength and its SRCC where it is chosen.

    The strength is chosen by cross-validation where none is given.
    """
    spread = rated.features.std(0) + 1e-6
    scaled = replace(rated, features=rated.features / spread), replace(fallen, features=fallen.features / spread)
    best = (strength, float("nan")) if strength else chosen(*scaled, share)
    weights, intercept = line(*scaled, best[0], share)
    with torch.no_grad():
        head.weight[0] = torch.from_numpy(weights / spread).float()
        head.bias[0] = intercept
    return best


def seen(taste: Taste, picture: Rgb) -> Rows:
    """Return a picture's features (F): the mean of those as it is and mirrored."""
    shown = np.concatenate(
        [at_side(np.asarray(each, np.uint8), TASTE_SIDE) for each in (picture, cv2.flip(picture, 1))]
    )
    with torch.inference_mode():
        return np.asarray(taste.features(torch.from_numpy(shown)).double().mean(0).numpy())


def learn(taste: Taste, teacher: torch.nn.Module, pictures: list[Rgb], means: Rows, steps: int, seed: int) -> None:
    """Train every layer for some steps on ratings and their order, and on staying close to the teacher's view."""
    teacher = teacher.eval().requires_grad_(False)
    taste.train()
    learner = torch.optim.AdamW(taste.parameters(), lr=RATE, weight_decay=DECAY)
    rng = np.random.default_rng(seed)
    for step in progress(range(steps), steps, "learning"):
        picks = rng.choice(len(pictures), BATCH, replace=False)
        batch = torch.cat([torch.from_numpy(at_side(cut(pictures[i], rng), TASTE_SIDE)) for i in picks])
        target = torch.from_numpy(means[picks]).float()
        with halved():
            features = taste.features(batch)
            with torch.no_grad():
                theirs: Tensor = teacher(batch)[1]
        rating = taste.appeal(features.float())[:, 0]
        ours = features[:, : theirs.shape[1]].float()
        close = (1 - functional.cosine_similarity(ours, theirs.float())).mean()
        loss = bounded(rating, target) + 0.5 * ordered(rating, target, 0.15, 3.0) + KEPT * close
        learner.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        learner.param_groups[0]["lr"] = RATE * (1 - step / steps)
        learner.step()


def cut(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """Return most of a picture, perhaps mirrored."""
    share = rng.uniform(SMALLEST, 1)
    rows, columns = (round(share * side) for side in picture.shape[:2])
    top, left = (
        int(rng.integers(whole - part + 1)) for whole, part in zip(picture.shape, (rows, columns), strict=False)
    )
    part = picture[top : top + rows, left : left + columns]
    return np.ascontiguousarray(part[:, ::-1] if rng.random() < 0.5 else part)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--begin", type=Path, metavar="DIR", help="weights of ours, whose layers and appeal stay")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
