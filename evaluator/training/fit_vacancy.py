"""Fits what tells an empty place from a picture with something to sell, on a trained network's embeddings."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from evaluator.mask import VACANT
from evaluator.network.eyes import Eyes
from evaluator.network.reading import VACANCY, Reading, save_reading
from evaluator.network.weights import FOLDER
from evaluator.table import progress
from evaluator.training.precision import area
from evaluator.training.sample import Sample, read

FAMILIES = ("empty", "masks", "fusion", "hand", "body")
"""Families of samples that are looked at: of those with a mask, whether it is empty; of others, what shows a part."""
LOOSE = 100.0
"""Inverse weight of the squared weights."""
LEAST = 0.01
"""Least share of the picture that a subject fills, where there is one; what is smaller is left out."""

Numbers = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Fit the reading of empty places on training samples; write it, and print what it does on held ones."""
    eyes = Eyes(options.weights)
    embeddings, vacant = _seen(eyes, options.samples / "train", options.most)
    vacancy = fitted(embeddings, vacant, eyes.card.sha256)
    save_reading(vacancy, options.out, VACANCY, f"python -m evaluator.training vacancy --most {options.most}")
    embeddings, vacant = _seen(eyes, options.samples / "held", options.most)
    said = np.array([vacancy.probability(np.asarray(row, np.float32)) for row in embeddings])
    table = Table("on held places and objects", "value")
    table.add_row("empty, not empty", f"{int(vacant.sum())}, {int((~vacant).sum())}")
    table.add_row("AUC", f"{area(said, vacant):.4f}")
    table.add_row("of empty ones taken for empty", f"{float((said[vacant] >= VACANT).mean()):.3f}")
    table.add_row("of others", f"{float((said[~vacant] >= VACANT).mean()):.4f}")
    Console(width=80).print(table)
    return 0


def fitted(embeddings: Numbers, vacant: npt.NDArray[np.bool_], network: str) -> Reading:
    """Return the reading fitted on embeddings (N×256) of pictures that are vacant or not, by logistic regression."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=LOOSE, max_iter=3000).fit(embeddings, vacant)
    return Reading(np.asarray(found.coef_[0], np.float32), float(found.intercept_[0]), network)


def _seen(eyes: Eyes, samples: Path, most: int) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return the embeddings of samples (N×256), and which of them are vacant (N)."""
    rows, vacant = [], []
    for family in FAMILIES:
        files = sorted((samples / family).glob("[0-9]*.npz"))[:most]
        for file in progress(files, len(files), family):
            sample = read(file)
            empty = _empty(sample)
            if empty is not None:
                rows.append(eyes.glance(sample.picture).embedding)
                vacant.append(empty)
    if len(set(vacant)) < 2:
        raise FileNotFoundError(f"there are no samples of {', '.join(FAMILIES)} under {samples}; `make` some")
    return np.array(rows, np.float64), np.array(vacant)


def _empty(sample: Sample) -> bool | None:
    """Return whether a sample shows nothing: by its mask, or since a part of a person is told of; None if unknown."""
    if sample.mask is None:
        return False if sample.tags else None
    share = float(sample.mask.mean())
    return share == 0 if share == 0 or share >= LEAST else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--most", type=int, default=1000, help="samples a family")
