"""Trains the taste: every layer of the ImageNet network a little, kept close to what it knew; the line in closed form.

The ridge's strength is chosen by cross-validation on the features as they were before, which have seen no rating.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torch.nn import functional

from evaluator.network.eyes import TASTE_SIDE, at_side
from evaluator.network.taste import Taste
from evaluator.network.weights import FOLDER, TASTE, keep, pack
from evaluator.table import progress
from evaluator.training.losses import bounded, ordered
from evaluator.training.sample import read
from evaluator.training.teacher import folded
from evaluator.types import Rgb

STRENGTHS = (300.0, 1000.0, 3000.0, 10000.0)
FOLDS, BATCH = 5, 16
RATE, DECAY = 2e-5, 0.05
KEPT = 4.0
"""Weight of staying close to what the teacher sees."""
SMALLEST = 0.85
"""Least share of a picture's sides that is shown in training."""
Rows = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Train the taste on rated thumbnails; write its weights and card."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    samples = [read(file) for file in sorted((options.samples / "train/rated").glob("[0-9]*.npz"))]
    pictures = [sample.picture for sample in samples if "appeal" in sample.ratings]
    means = np.array([sample.ratings["appeal"][0] for sample in samples if "appeal" in sample.ratings])
    taste = Taste()
    taste.backbone.load_state_dict(folded(options.start).state_dict())
    strength, rank = chosen(seen(taste, pictures), means)
    print(f"{len(pictures)} pictures; as it was: ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    settle(taste, pictures, means, strength)
    learn(taste, folded(options.start), pictures, means, options.steps, options.seed)
    settle(taste, pictures, means, strength)
    made_by = f"python -m evaluator.training taste --steps {options.steps} --seed {options.seed}"
    card = keep(*pack(taste), options.out, TASTE, made_by, options.steps)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.1f} MB, SHA-256 {card.sha256}")
    return 0


def seen(taste: Taste, pictures: list[Rgb]) -> Rows:
    """Return each picture's features (n×2×F), as it is and mirrored."""
    taste.eval()
    rows = []
    with torch.inference_mode():
        for picture in progress(pictures, len(pictures), "looking"):
            views = [at_side(np.asarray(view, np.uint8), TASTE_SIDE) for view in (picture, cv2.flip(picture, 1))]
            rows.append(torch.cat([taste.features(torch.from_numpy(view)) for view in views]).double().numpy())
    return np.stack(rows)


def chosen(features: Rows, means: Rows) -> tuple[float, float]:
    """Return the ridge's strength with the best rank correlation over held-out folds, and that figure."""
    flat, best = features.mean(1), (STRENGTHS[0], -1.0)
    for strength in STRENGTHS:
        guessed = np.zeros_like(means)
        for kept, out in KFold(FOLDS, shuffle=True, random_state=0).split(flat):
            scale = StandardScaler().fit(flat[kept])
            fitted = Ridge(alpha=strength).fit(scale.transform(flat[kept]), means[kept])
            guessed[out] = fitted.predict(scale.transform(flat[out]))
        best = max(best, (strength, float(spearmanr(means, guessed).statistic)), key=lambda each: each[1])
    return best


def settle(taste: Taste, pictures: list[Rgb], means: Rows, strength: float) -> None:
    """Give the taste the line that ridge regression finds on its features."""
    flat = seen(taste, pictures).mean(1)
    scale = StandardScaler().fit(flat)
    fitted = Ridge(alpha=strength).fit(scale.transform(flat), means)
    weight = fitted.coef_ / scale.scale_
    with torch.no_grad():
        taste.appeal.weight[0] = torch.from_numpy(weight).float()
        taste.appeal.bias[0] = float(fitted.intercept_ - weight @ scale.mean_)


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
        with torch.autocast("cpu", torch.bfloat16):
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
