"""Trains the taste: every layer of the ImageNet network a little, kept close to what it knew; the line in closed form.

The ridge's strength is chosen by cross-validation on the features as they were before, which have seen no rating.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evaluator.network.eyes import TASTE_SIDE, at_side
from evaluator.network.taste import Taste
from evaluator.network.weights import FOLDER, TASTE, keep, pack
from evaluator.table import progress
from evaluator.training.learning import halved
from evaluator.training.line import Rated, Rows, chosen, falls, line
from evaluator.training.losses import bounded, ordered
from evaluator.training.sample import read
from evaluator.training.teacher import folded
from evaluator.types import Rgb

BATCH = 16
RATE, DECAY = 2e-5, 0.05
KEPT = 4.0
"""Weight of staying close to what the teacher sees."""
SMALLEST = 0.85
"""Least share of a picture's sides that is shown in training."""


def run(options: argparse.Namespace) -> int:
    """Train the taste on rated thumbnails; write its weights and card."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    samples = [read(file) for file in sorted((options.samples / "train/rated").glob("[0-9]*.npz"))]
    pictures = [sample.picture for sample in samples if "appeal" in sample.ratings]
    means = np.array([sample.ratings["appeal"][0] for sample in samples if "appeal" in sample.ratings])
    taste = Taste()
    taste.backbone.load_state_dict(folded(options.start).state_dict())
    strength, rank = settle(taste, pictures, means, options.samples)
    print(f"{len(pictures)} pictures; as it was: ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    learn(taste, folded(options.start), pictures, means, options.steps, options.seed)
    settle(taste, pictures, means, options.samples, strength)
    made_by = f"python -m evaluator.training taste --steps {options.steps} --seed {options.seed}"
    card = keep(*pack(taste), options.out, TASTE, made_by, options.steps)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.1f} MB, SHA-256 {card.sha256}")
    return 0


def settle(
    taste: Taste, pictures: list[Rgb], means: Rows, samples: Path, strength: float | None = None
) -> tuple[float, float]:
    """Give the taste the line that fits ratings and falls; return the ridge's strength and its SRCC where it is chosen.

    The strength is chosen by cross-validation where none is given.
    """
    taste.eval()
    rows = np.stack([seen(taste, picture) for picture in progress(pictures, len(pictures), "looking")])
    fallen = falls(samples / "train", lambda picture: seen(taste, picture))
    spread = rows.std(0) + 1e-6
    scaled = Rated(rows / spread, means, np.arange(len(means))), replace(fallen, features=fallen.features / spread)
    best = (strength, float("nan")) if strength else chosen(*scaled)
    weights, intercept = line(*scaled, best[0])
    with torch.no_grad():
        taste.appeal.weight[0] = torch.from_numpy(weights / spread).float()
        taste.appeal.bias[0] = intercept
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
    parser.add_argument("--start", type=Path, required=True, metavar="FILE", help="ImageNet weights, safetensors")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
