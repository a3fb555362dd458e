"""Judges weights on what never trained: ratings, attributes, where faults lie, masks. Prints a table, writes JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.table import Table

from evaluator.calibration import load_calibration
from evaluator.decode import decode
from evaluator.look import First, Look, closer
from evaluator.mask import find_subject
from evaluator.network.eyes import Eyes
from evaluator.network.heads import ATTRIBUTES, NEARBY, PRESENCE, RATINGS
from evaluator.opinion import READ, impressed
from evaluator.table import progress
from evaluator.training.benchmark.statistics import auc, srcc
from evaluator.training.closeups import SHOWS
from evaluator.training.fit_presence import truth as there
from evaluator.training.make import ALL_OVER
from evaluator.training.sample import Sample, read
from evaluator.training.sources import calibrates
from evaluator.training.truth import PLAIN, truths
from evaluator.types import Glance, Plane
from evaluator.view import view

DRAWS = 200
"""Resamples of the bootstrap."""
UNTUNED = ("rated",)
"""Families that nothing is calibrated on: all that is held of them is judged."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what, on how many pictures, the value with its 95 % bootstrap interval, and the base rate."""

    name: str
    pictures: int
    value: float
    low: float
    high: float
    base: float | None = None


def run(options: argparse.Namespace) -> int:
    """Judge the weights of a folder on held-out samples; print every figure."""
    torch.set_num_threads(options.threads)
    eyes = Eyes(options.weights)
    figures: list[Figure] = []
    for family in sorted(folder.name for folder in (options.samples / "held").iterdir() if folder.is_dir()):
        files = sorted((options.samples / "held" / family).glob("[0-9]*.npz"))
        files = files if family in UNTUNED else files[: options.most]
        pairs = []
        for file in progress(files, len(files), family):
            sample = read(file)
            if not calibrates(sample.object) or family in UNTUNED:
                glance = eyes.glance(sample.picture)
                since = First(glance, False, glance)
                pairs.append((sample, closer(eyes, since, sample.picture, load_calibration())))
        figures += judged(family, pairs)
    table = Table("figure", "pictures", "value", "95 %", "base")
    for f in figures:
        table.add_row(
            f.name,
            str(f.pictures),
            f"{f.value:.3f}",
            f"{f.low:.3f}–{f.high:.3f}",
            f"{f.base:.2f}" if f.base is not None else "",
        )
    Console(width=110).print(table)
    if options.report:
        options.report.write_text(json.dumps([asdict(f) for f in figures], indent=1), "utf-8")
    return 0


def judged(family: str, looks: list[tuple[Sample, Look]]) -> list[Figure]:
    """Return every figure that a family's held-out samples allow."""
    figures = []
    pairs = [(sample, look.glance) for sample, look in looks]
    for question in (*RATINGS, "pleasing"):
        rows = [(s.ratings[question][0], getattr(g, question)) for s, g in pairs if question in s.ratings]
        if len(rows) > 20:
            figures.append(figure(f"{family} {question} SRCC", np.array(rows), srcc))
    told = [truths(family, sample) for sample, _ in pairs]
    for name in ATTRIBUTES:
        rows = [(each[name], g.logits[name]) for (_, g), each in zip(pairs, told, strict=True) if name in each]
        faulty = [truth for truth, _ in rows]
        if len(rows) > 20 and 0 < sum(faulty) < len(faulty):
            base = float(np.mean(faulty))
            figures.append(figure(f"{family} {name} AUC", np.array(rows), auc, base))
            if name in NEARBY:
                figures += _nearby(f"{family} {name}", name, looks, told)
        hits = [
            (1.0, _hit(look.map(name), s.maps[name]))
            for s, look in looks
            if s.tags.get(name, 0) >= PLAIN and name in s.maps
        ]
        if len(hits) > 20:
            figures.append(figure(f"{family} {name} peak inside", np.array(hits), lambda v: float(v[:, 1].mean())))
    figures += _masks(family, pairs) + _marks(family, looks)
    names = sorted({name for s, _ in pairs for name in s.criteria})
    for name in names:
        rows = [(s.criteria[name], g.criteria[name]) for s, g in pairs if name in s.criteria]
        if len(rows) > 20 and len({truth for truth, _ in rows}) > 1:
            figures.append(figure(f"{family} {name} SRCC", np.array(rows), srcc))
    for name in PRESENCE:
        rows = [(s.presence[name], g.sees(name)) for s, g in pairs if name in s.presence]
        if len(rows) > 20 and 0 < sum(truth for truth, _ in rows) < len(rows):
            base = float(np.mean([truth for truth, _ in rows]))
            figures.append(figure(f"{family} {name} present AUC", np.array(rows), auc, base))
    return figures


def _nearby(
    title: str, name: str, looks: list[tuple[Sample, Look]], told: Sequence[Mapping[str, float]]
) -> list[Figure]:
    """Return how well all looks tell an attribute: over all, and faults with a place of their own apart from others."""
    rule = load_calibration().attributes[name]
    rows = np.array(
        [
            (each[name], look.probability(name, rule), sample.maps[name].max() if name in sample.maps else 0.0)
            for (sample, look), each in zip(looks, told, strict=True)
            if name in each
        ]
    )
    truth, placed = rows[:, 0] > 0, rows[:, 2] > SHOWS[name]
    chosen = {
        "": np.ones_like(truth),
        ", faults with a place": ~truth | placed,
        ", faults of the whole": ~(truth & placed),
    }
    return [
        figure(f"{title} AUC, from nearby too{which}", rows[taken, :2], auc, float(truth[taken].mean()))
        for which, taken in chosen.items()
        if truth[taken].sum() > 10
    ]


def _marks(family: str, looks: list[tuple[Sample, Look]]) -> list[Figure]:
    """Return how well marks of generation are told, and how often they make the impression lower than the twin's."""
    if family not in ALL_OVER:
        return []
    known = [(there(sample, READ), look.glance.sees(READ)) for sample, look in looks]
    rows = np.array([row for row in known if row[0] is not None], np.float64)
    felt: dict[str, dict[int, float]] = {}
    for sample, look in looks:
        felt.setdefault(sample.ladder, {})[sample.step] = impressed(look, load_calibration())
    falls = np.array([(1.0, pair[0] - pair[1]) for pair in felt.values() if len(pair) == 2])
    return [
        figure(f"{family} AUC", rows, auc, float(rows[:, 0].mean())),
        figure(f"{family} impression, lower than the twin's", falls, lambda v: float((v[:, 1] > 0).mean())),
        figure(f"{family} impression, mean fall", falls, lambda v: float(v[:, 1].mean())),
    ]


def _masks(family: str, pairs: list[tuple[Sample, Glance]]) -> list[Figure]:
    """Return how well masks agree with the truth, the network's alone and the product's own, by where they are from."""
    found: dict[str, list[tuple[float, float]]] = {}
    for sample, glance in pairs:
        if sample.mask is None or sample.mask.max() <= 0.5:
            continue
        photo = decode(sample.picture)
        subject = find_subject(photo, view(photo), glance.mask, glance.sees("vacant"))
        agreed = iou(glance.mask, sample.mask), iou(subject.mask, sample.mask)
        for name in {"", f" of {sample.object.split('/')[0]}"}:
            found.setdefault(name, []).append(agreed)
    return [
        figure(f"{family} mask IoU{name}{how}", np.array(rows)[:, [at, at]], lambda v: float(v[:, 1].mean()))
        for name, rows in sorted(found.items())
        if len(rows) > 10
        for at, how in enumerate(("", ", the whole way"))
    ]


def iou(guess: Plane, truth: Plane) -> float:
    """Return the intersection over union of two masks at the truth's size, each cut at a half."""
    sized = cv2.resize(guess, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    solid = truth > 0.5
    union = float((sized | solid).sum())
    return float((sized & solid).sum()) / union if union else 1.0


def _hit(guess: Plane, truth: Plane) -> float:
    """Whether the highest point of a map lies in the altered region, grown by one cell of the map."""
    y, x = np.unravel_index(int(guess.argmax()), guess.shape)
    sized = cv2.resize(truth, guess.shape[::-1], interpolation=cv2.INTER_AREA)
    grown = cv2.dilate(sized, np.ones((3, 3), np.uint8))
    return float(grown[y, x] > 0.25)


def figure(name: str, rows: Numbers, of: Callable[[Numbers], float], base: float | None = None) -> Figure:
    """Return a figure `of` some rows (n×2) with its 95 % bootstrap interval, and the base rate, where there is one."""
    rng = np.random.default_rng(0)
    drawn = [of(rows[rng.integers(len(rows), size=len(rows))]) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Figure(name, len(rows), of(rows), float(low), float(high), base)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make --held` made")
    parser.add_argument("--weights", type=Path, default=Path("evaluator/network/weights"), metavar="DIR")
    parser.add_argument("--most", type=int, default=400, help="pictures a family, but for rated ones")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--threads", type=int, default=2)
