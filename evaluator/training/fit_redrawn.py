"""Fits what tells how severely a picture looks drawn anew from too little, on embeddings: one line by ridge."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from evaluator.network.eyes import Eyes
from evaluator.network.reading import SEVERITIES, Reading, save_reading
from evaluator.network.weights import FOLDER
from evaluator.opinion import REDRAWN
from evaluator.table import progress
from evaluator.training import wear
from evaluator.training.benchmark.statistics import srcc
from evaluator.training.defects import one_of
from evaluator.training.embedded import embeddings
from evaluator.training.fit_presence import least
from evaluator.training.precision import area
from evaluator.training.sample import Sample, read
from evaluator.types import Rgb

FAMILIES = ("redrawn", "rated", "masks", "located", "empty")
"""Families of samples that are looked at: what is drawn anew beside what it was made from, and pictures as they are.

Marks that filters leave are not among them: they draw the line away from what decoders make.
"""
RIDGE = 0.1
"""Weight of the squared weights of the line."""
WORN = 2
"""Every so manieth sample of pictures as they may come is worn, but for rated ones, whose wear people have rated."""
MOST_WORN = 0.8
"""Most of its strength at which one kind of wear befalls it."""

Numbers = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Fit the line on training samples; write it, and print what it does on held ones."""
    from sklearn.linear_model import Ridge

    eyes = Eyes(options.weights)
    rows, severities = _seen(eyes, options.samples / "train", options.most)
    line = Ridge(RIDGE).fit(rows, severities)
    reading = Reading(np.asarray(line.coef_, np.float32), float(line.intercept_), eyes.card.sha256)
    done = f"python -m evaluator.training redrawn --most {options.most}"
    save_reading(reading, options.out, SEVERITIES[REDRAWN], done)
    rows, severities = _seen(eyes, options.samples / "held", options.most)
    said = rows @ reading.weight + reading.offset
    drawn = severities > 0
    table = Table("on held objects", "drawn anew", "as they are", "AUC", "SRCC with the severity of those drawn")
    rank = srcc(np.stack([severities[drawn], said[drawn]], 1))
    table.add_row(REDRAWN, str(drawn.sum()), str((~drawn).sum()), f"{area(said, drawn):.3f}", f"{rank:.3f}")
    Console(width=100).print(table)
    return 0


def severity(sample: Sample) -> float | None:
    """Return how severely a sample shows that it was drawn anew (0–1); None where other faults were laid on it."""
    return None if sample.tags else (5 - least(sample)) / 4


def _seen(eyes: Eyes, samples: Path, most: int) -> tuple[Numbers, Numbers]:
    """Return the embeddings of samples (N×256) and how severely each was drawn anew (N)."""
    severities: list[float] = []

    def shown() -> Iterator[Rgb]:
        for family in FAMILIES:
            files = sorted((samples / family).glob("[0-9]*.npz"))[:most]
            for number, sample in enumerate(map(read, progress(files, len(files), family))):
                severe = severity(sample)
                if severe is not None:
                    severities.append(severe)
                    worn = family != "rated" and number % WORN
                    rng = np.random.default_rng(number)
                    yield one_of(wear.KINDS, MOST_WORN, sample.picture, rng) if worn else sample.picture

    rows = embeddings(eyes, shown())
    told = np.array(severities, np.float64)
    if not (told > 0).any() or not (told == 0).any():
        raise FileNotFoundError(f"no samples of {', '.join(FAMILIES)} under {samples} are drawn anew, or none is not")
    return rows, told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--most", type=int, default=4000, help="samples a family")
