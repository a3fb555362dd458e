"""Fits the rating heads anew on the trained network's own view of rated pictures and of ladders, in closed form."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import cv2
import numpy as np
import torch

from evaluator.network.eyes import shown
from evaluator.network.heads import RATINGS
from evaluator.network.model import Network
from evaluator.network.weights import load, save
from evaluator.table import progress
from evaluator.training.line import Rated, Rows, chosen, falls, line
from evaluator.training.sample import read
from evaluator.types import Rgb


def run(options: argparse.Namespace) -> int:
    """Fit both rating heads on the training pictures; write the weights with the new heads."""
    network, card = load(options.weights)
    files = sorted((options.samples / "train/rated").glob("[0-9]*.npz"))
    rows: dict[str, list[tuple[Rows, float, int]]] = {question: [] for question in RATINGS}
    for number, file in enumerate(progress(files, len(files), "looking")):
        sample = read(file)
        for question, (mean, _) in sample.ratings.items():
            rows[question] += [(view, mean, number) for view in views(network, sample.picture)]
    fallen = falls(options.samples / "train", lambda picture: views(network, picture)[0])
    for column, question in enumerate(RATINGS):
        rated = Rated(*(np.array(each) for each in zip(*rows[question], strict=True)))
        strength, rank = chosen(rated, fallen)
        weights, intercept = line(rated, fallen, strength)
        with torch.no_grad():
            network.ratings.weight[column] = torch.from_numpy(weights).float()
            network.ratings.bias[column] = intercept - 3
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="what `fit` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
