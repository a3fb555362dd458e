"""Fits the rating heads anew on the trained network's own view of the rated pictures: ridge regression, in closed form.

A linear head learns slowly beside so many tasks; its best weights on fixed features are known at once. The strength
of the ridge is chosen by cross-validation over training pictures alone.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from evaluator.network.eyes import shown
from evaluator.network.heads import RATINGS
from evaluator.network.model import Network
from evaluator.network.weights import load, save
from evaluator.table import progress
from evaluator.training.sample import read
from evaluator.types import Rgb

STRENGTHS = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0)
FOLDS = 5
Rows = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Fit both rating heads on the training pictures; write the weights with the new heads."""
    network, card = load(options.weights)
    files = sorted((options.samples / "train/rated").glob("[0-9]*.npz"))
    rows: dict[str, list[tuple[Rows, float, int]]] = {question: [] for question in RATINGS}
    for number, file in enumerate(progress(files, len(files), "looking")):
        sample = read(file)
        for question, (mean, _) in sample.ratings.items():
            rows[question] += [(view, mean, number) for view in views(network, sample.picture)]
    for column, question in enumerate(RATINGS):
        features, means, groups = (np.array(each) for each in zip(*rows[question], strict=True))
        strength, rank = chosen(features, means, groups)
        fitted = Ridge(alpha=strength).fit(features, means)
        with torch.no_grad():
            network.ratings.weight[column] = torch.from_numpy(fitted.coef_).float()
            network.ratings.bias[column] = float(fitted.intercept_) - 3
        print(f"{question}: {len(files)} pictures, ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    saved = save(network, options.out, f"{card.made_by}; then polish", card.steps)
    for pattern in ("text.*", "lens.*", "taste.*"):
        for file in options.weights.glob(pattern) if options.out != options.weights else ():
            shutil.copy(file, options.out)
    print(f"SHA-256 {saved.sha256}")
    return 0


def views(network: Network, picture: Rgb) -> list[Rows]:
    """Return the features that the rating heads read, of a picture and of its mirror image."""
    seen: list[Rows] = []
    hook = network.norm.register_forward_hook(lambda _, __, out: seen.append(out[0].double().numpy()))
    with torch.inference_mode():
        for view in (picture, cv2.flip(picture, 1)):
            network(torch.from_numpy(shown(np.asarray(view, np.uint8))))
    hook.remove()
    return seen


def chosen(features: Rows, means: Rows, groups: Rows) -> tuple[float, float]:
    """Return the ridge's strength with the best rank correlation over held-out folds of pictures, and that figure."""
    pictures = np.unique(groups)
    best = (STRENGTHS[0], -1.0)
    for strength in STRENGTHS:
        guessed = np.zeros_like(means)
        for _, out in KFold(FOLDS, shuffle=True, random_state=0).split(pictures):
            left = np.isin(groups, pictures[out])
            guessed[left] = Ridge(alpha=strength).fit(features[~left], means[~left]).predict(features[left])
        rank = float(spearmanr(means, guessed).statistic)
        best = max(best, (strength, rank), key=lambda each: each[1])
    return best


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="what `fit` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
