"""Fits what tells whether anything to sell, anybody, or marks of generation are in a picture, on embeddings."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from evaluator.network.eyes import Eyes
from evaluator.network.heads import GENERATED
from evaluator.network.reading import THERE, Reading, save_reading
from evaluator.network.weights import FOLDER
from evaluator.table import progress
from evaluator.training import wear
from evaluator.training.defects import one_of
from evaluator.training.embedded import embeddings
from evaluator.training.makers.rated import LIKED
from evaluator.training.precision import area
from evaluator.training.sample import Sample, read
from evaluator.types import Rgb

FAMILIES = ("empty", "masks", "located", "fusion", "hand", "face", "body", "generated", "redrawn", "rated")
"""Families of samples that are looked at: of some it is known whether they show anything, of some whether anybody."""
MARKED = 0.35
"""Severity from which on marks of generation are plain; of fainter ones nothing is told."""
LOOSE = 100.0
"""Inverse weight of the squared weights of a line."""
ROWS = {"generated": 32}
"""Rows of a layer under the line, for what is so manifold that a line alone tells little of it."""
STRICT = 0.001
"""Weight of the squared weights of a layer."""
UNIT = 16.0
"""What brings the values of an embedding to about one."""
MOST_WORN = 0.8
"""Most of its strength at which one kind of wear befalls the second look at a sample."""
LEAST = 0.01
"""Least share of the picture that a subject fills, where there is one; what is smaller is left out."""
KEPT = 0.99
"""Share of the pictures with a thing that its line lets through where the table says how many others it does."""

Numbers = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Fit the readings of what is there on training samples; write them, and print what they do on held ones."""
    eyes = Eyes(options.weights)
    rows, truths = _seen(eyes, options.samples / "train", options.of, options.most)
    asked = " ".join(options.of)
    found = {}
    for thing, truth in truths.items():
        known = ~np.isnan(truth)
        found[thing] = fitted(rows[known], truth[known] > 0, eyes.card.sha256, ROWS.get(thing, 0))
        done = f"python -m evaluator.training presence --of {asked} --most {options.most}"
        save_reading(found[thing], options.out, THERE[thing], done)
    rows, truths = _seen(eyes, options.samples / "held", options.of, options.most)
    table = Table("on held objects", "there", "not", "AUC", f"others, where {KEPT:.0%} are let through")
    for thing, truth in truths.items():
        known = ~np.isnan(truth)
        said = np.array([found[thing].value(np.asarray(row, np.float32)) for row in rows[known]])
        there = truth[known] > 0
        others = float((said[~there] >= np.quantile(said[there], 1 - KEPT)).mean())
        counts = f"{int(there.sum())}", f"{int((~there).sum())}"
        table.add_row(thing, *counts, f"{area(said, there):.4f}", f"{others:.4f}")
    Console(width=100).print(table)
    return 0


def fitted(embeddings: Numbers, there: npt.NDArray[np.bool_], network: str, rows: int = 0) -> Reading:
    """Return the reading fitted on embeddings (N×256) of pictures where a thing is there or not (logistic).

    With `rows` it has a layer of so many.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    if not rows:
        line = LogisticRegression(C=LOOSE, max_iter=3000).fit(embeddings, there)
        return Reading(np.asarray(line.coef_[0], np.float32), float(line.intercept_[0]), network)
    net = MLPClassifier((rows,), alpha=STRICT, early_stopping=True, random_state=0).fit(UNIT * embeddings, there)
    (first, last), (offsets, (offset,)) = net.coefs_, net.intercepts_
    layer = np.concatenate([UNIT * first, offsets[None]]).T
    return Reading(np.asarray(last[:, 0], np.float32), float(offset), network, np.ascontiguousarray(layer, np.float32))


def _seen(eyes: Eyes, samples: Path, things: Sequence[str], most: int) -> tuple[Numbers, dict[str, Numbers]]:
    """Return the embeddings of samples (N×256), and of each thing whether it is there (N; NaN where it is unknown).

    Each sample is there twice, the second time worn.
    """
    told: list[list[float]] = []

    def shown() -> Iterator[Rgb]:
        for family in FAMILIES:
            files = sorted((samples / family).glob("[0-9]*.npz"))[:most]
            for sample in map(read, progress(files, len(files), family)):
                known = [truth(sample, thing) for thing in things]
                if any(each is not None for each in known):
                    seed = np.random.default_rng(len(told))
                    told.extend(2 * [[np.nan if each is None else each for each in known]])
                    yield sample.picture
                    yield one_of(wear.KINDS, MOST_WORN, sample.picture, seed)

    rows = embeddings(eyes, shown())
    truths = dict(zip(things, np.array(told, np.float64).reshape(-1, len(things)).T, strict=True))
    for thing, truth_of in truths.items():
        if len(set(truth_of[~np.isnan(truth_of)])) < 2:
            families = ", ".join(FAMILIES)
            raise FileNotFoundError(f"no samples of {families} under {samples} show {thing} or its lack; `make` some")
    return rows, truths


def truth(sample: Sample, thing: str) -> bool | None:
    """Return whether a thing is in a sample; None if that is unknown.

    It is `vacant` by its mask, and is not where a part of a person is told of; it is `generated` by its scores, and is
    not where nobody spoilt anything. Of what a generator made itself it is known only where it was liked.
    """
    if thing == "generated":
        if "pleasing" in sample.ratings:
            return False if sample.ratings["pleasing"][0] >= LIKED else None
        return None if sample.tags else marked(sample)
    if thing != "vacant":
        return bool(sample.presence[thing] > 0.5) if thing in sample.presence else None
    if sample.mask is None:
        return False if sample.tags else None
    share = float(sample.mask.mean())
    return share == 0 if share == 0 or share >= LEAST else None


def least(sample: Sample) -> float:
    """Return the lowest score (1–5) of a sample in what marks of generation are about; 5 where nothing is said."""
    return min((sample.criteria[id] for id in GENERATED if id in sample.criteria), default=5.0)


def marked(sample: Sample) -> bool | None:
    """Return whether a sample without other faults plainly shows marks of generation; None where they are faint."""
    worst = least(sample)
    return True if worst <= 5 - 4 * MARKED else False if worst == 5 else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--of", nargs="+", choices=list(THERE), default=list(THERE), metavar="THING")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--most", type=int, default=1000, help="samples a family")
