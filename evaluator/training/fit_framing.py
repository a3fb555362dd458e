"""Fits how the frame lies about a subject, on a trained network's embeddings of pictures that were cut or turned."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from evaluator.network.eyes import Eyes
from evaluator.network.reading import FRAMING, Reading, save_reading
from evaluator.network.weights import FOLDER
from evaluator.table import progress
from evaluator.training import wear
from evaluator.training.benchmark.statistics import ladder_ranks, rank_correlation
from evaluator.training.defects import one_of
from evaluator.training.sample import read
from evaluator.training.sources import calibrates

FAMILIES = {"completeness": "cut", "balance": "turned"}
"""The family of samples that each criterion's reading is fitted on."""
RIDGES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Weights of the squared weights that are tried."""
APART = 0.5
"""How far what pictures come to counts beside how far they fall from the mean of their ladder."""
FOLDS = 4
KINDS = (*wear.KINDS, "text", "watermark")
"""What may befall a picture without touching how it is framed, one at up to MOST_WORN of its strength."""
BESIDES = {"completeness": ("tilt", "upscale"), "balance": ("upscale",)}
"""What moves each criterion's reading most while it leaves what it is about, and befalls every sample once more."""
MOST_WORN = 0.8
STEADY = 1.0
"""How much counts that wear alone moves nothing, beside how far pictures fall."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Embeddings (N×256) with their scores (N), objects and ladders (empty where a picture is on none).

    `shifts` (N×2×256) is by how much each of two kinds of wear alone moved an embedding.
    """

    embeddings: Numbers
    shifts: Numbers
    scores: Numbers
    objects: npt.NDArray[np.str_]
    ladders: npt.NDArray[np.str_]

    def of(self, chosen: npt.NDArray[np.bool_]) -> Cuts:
        """Return some of them."""
        return Cuts(*(getattr(self, column.name)[chosen] for column in fields(Cuts)))


def run(options: argparse.Namespace) -> int:
    """Fit the readings of how a picture is framed on training samples; write them, print what they do on held ones."""
    eyes = Eyes(options.weights)
    table = Table("on held objects that were not calibrated on", *options.criteria)
    rows: dict[str, list[str]] = {}
    for id in options.criteria:
        weight, offset, ridge = fitted(_seen(eyes, options.samples / "train" / FAMILIES[id], id))
        reading = Reading(weight.astype(np.float32), offset, eyes.card.sha256)
        save_reading(reading, options.out, FRAMING[id], f"python -m evaluator.training framing --criteria {id}")
        held = _seen(eyes, options.samples / "held" / FAMILIES[id], id)
        judged = held.of(np.array([not calibrates(object) for object in held.objects]))
        said = judged.embeddings @ weight + offset
        falls = ladder_ranks(said, judged.scores, judged.ladders.tolist())
        told = {
            "ridge, by folds of the training objects": f"{ridge:g}",
            "pictures": str(len(said)),
            "rank correlation with the score": f"{rank_correlation(said.tolist(), judged.scores.tolist()):.3f}",
            "within a ladder: median, mean": f"{np.median(falls):.3f}, {np.mean(falls):.3f}",
            "moved by wear alone, root mean square": f"{np.sqrt(np.mean((judged.shifts[:, 0] @ weight) ** 2)):.2f}",
            f"moved by {' or '.join(BESIDES[id])} alone, mean": f"{np.mean(judged.shifts[:, 1] @ weight):.2f}",
        }
        for name, value in told.items():
            rows.setdefault(name, []).append(value)
    for name, values in rows.items():
        table.add_row(name, *values)
    Console(width=100).print(table)
    return 0


def fitted(cuts: Cuts) -> tuple[Numbers, float, float]:
    """Return weights (256), offset and the ridge under which folds of objects order each other's ladders best."""
    names = sorted(set(cuts.objects.tolist()))
    fold = dict(zip(names, np.random.default_rng(0).permutation(len(names)) % FOLDS, strict=True))
    own = np.array([fold[object] for object in cuts.objects])
    told = []
    for ridge in RIDGES:
        said = np.zeros(len(own))
        for number in range(FOLDS):
            weight, offset = _line(cuts.of(own != number), ridge)
            said[own == number] = cuts.embeddings[own == number] @ weight + offset
        told.append((float(np.mean(ladder_ranks(said, cuts.scores, cuts.ladders.tolist()))), ridge))
    _, ridge = max(told)
    return *_line(cuts, ridge), ridge


def _line(cuts: Cuts, ridge: float) -> tuple[Numbers, float]:
    """Return weights and offset by ridge regression on what pictures come to, on their ladders' falls and on wear."""
    middle, level = cuts.embeddings.mean(0), float(cuts.scores.mean())
    rows, wanted = [APART * (cuts.embeddings - middle)], [APART * (cuts.scores - level)]
    rows.append(STEADY * cuts.shifts.reshape(-1, cuts.embeddings.shape[1]))
    wanted.append(np.zeros(len(rows[-1])))
    for ladder in set(cuts.ladders.tolist()) - {""}:
        steps = cuts.ladders == ladder
        rows.append(cuts.embeddings[steps] - cuts.embeddings[steps].mean(0))
        wanted.append(cuts.scores[steps] - cuts.scores[steps].mean())
    design, values = np.vstack(rows), np.concatenate(wanted)
    gram = design.T @ design + ridge * np.eye(design.shape[1])
    weight = np.linalg.solve(gram, design.T @ values)
    return weight, level - float(middle @ weight)


def _seen(eyes: Eyes, folder: Path, id: str) -> Cuts:
    rows, shifts, scores, objects, ladders = [], [], [], [], []
    files = sorted(folder.glob("[0-9]*.npz"))
    for file in progress(files, len(files), folder.parent.name):
        sample = read(file)
        rows.append(eyes.glance(sample.picture).embedding)
        seed = np.random.default_rng(len(rows))
        worn = [one_of(kinds, MOST_WORN, sample.picture, seed) for kinds in (KINDS, BESIDES[id])]
        shifts.append([eyes.glance(each).embedding - rows[-1] for each in worn])
        scores.append(sample.criteria[id])
        objects.append(sample.object)
        ladders.append(sample.ladder)
    if not rows:
        raise FileNotFoundError(f"there are no samples in {folder}; `make` the family `{folder.name}`")
    seen = np.array(rows, np.float64), np.array(shifts, np.float64)
    return Cuts(*seen, np.array(scores), np.array(objects), np.array(ladders))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--criteria", nargs="+", choices=tuple(FRAMING), default=tuple(FRAMING))
