"""Fits the rating heads anew on the trained network's own view of rated pictures, in closed form."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from evaluator.network.eyes import shown
from evaluator.network.heads import RATINGS
from evaluator.network.model import Network
from evaluator.network.weights import load
from evaluator.table import progress
from evaluator.training.derived import derive
from evaluator.training.line import Rated, Rows, chosen, line, no_falls
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
            if question not in rows:
                continue
            views = sample.picture, np.asarray(cv2.flip(sample.picture, 1), np.uint8)
            rows[question] += [(seen(network, view), mean, number) for view in views]
    for column, question in enumerate(RATINGS):
        rated = Rated(*(np.array(each) for each in zip(*rows[question], strict=True)))
        none = no_falls(rated.features.shape[1])
        strength, rank = chosen(rated, none)
        weights, intercept = line(rated, none, strength)
        with torch.no_grad():
            network.ratings.weight[column] = torch.from_numpy(weights).float()
            network.ratings.bias[column] = intercept - 3
        print(f"{question}: {len(files)} pictures, ridge {strength:g}, SRCC {rank:.3f} in cross-validation")
    derive(network, card, options.weights, options.out, "polish")
    return 0


def seen(network: Network, picture: Rgb) -> Rows:
    """Return the features (F) of a picture that the rating heads read."""
    kept: list[Rows] = []
    hook = network.norm.register_forward_hook(lambda _, __, out: kept.append(out[0].double().numpy()))
    with torch.inference_mode():
        network(torch.from_numpy(shown(picture)))
    hook.remove()
    return kept[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="what `fit` wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
