"""Judges how totals follow what a decoder spoils, from picture to picture: each drawn anew once, by its name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from rich.console import Console
from rich.table import Table

from evaluator.decode import decode
from evaluator.pipeline import Evaluator
from evaluator.table import progress
from evaluator.training.benchmark.pictures import all_of, enlarged
from evaluator.training.benchmark.statistics import srcc
from evaluator.training.defects.redrawing import redrawn
from evaluator.training.judge import figure
from evaluator.training.makers.rated import liked
from evaluator.types import Report, Rgb, Tag

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Strengths at which pictures are drawn anew; at the first they are left as they are."""
SIDE = 512
"""Longer side in pixels at which they are shown."""
FLAGGED = ("fusion", "hand", "face", "body")
PARTS = ("total", "impression")


def run(options: argparse.Namespace) -> int:
    """Score a folder's pictures, each as it is or drawn anew at one strength; print how scores follow the strength."""
    paths = all_of(options.pictures) if options.pictures else [str(each) for each in liked(options.data, held=True)]
    judge = Evaluator()
    steps, reports = [], []
    for path in progress(paths, len(paths), "scoring"):
        seed = crc32(Path(path).stem.encode())
        steps.append(0 if options.untouched else seed % len(STEPS))
        reports.append(judge.score(shown(decode(path).rgb, steps[-1], seed)))
    at, said = np.array(steps), {name: np.array([part(each, name) for each in reports]) for name in PARTS}
    if at.any():
        table = Table("of the strength", "pictures", "SRCC", "95 %")
        for name, values in said.items():
            found = figure(name, np.stack([-at.astype(float), values], 1), srcc)
            table.add_row(name, str(found.pictures), f"{found.value:.3f}", f"{found.low:.2f}–{found.high:.2f}")
        Console(width=100).print(table)
    table = Table("strength", "pictures", *said, *(f"{name}: flagged of judged" for name in FLAGGED), "good")
    for step, strength in enumerate(STEPS):
        own = [report for report, its in zip(reports, steps, strict=True) if its == step]
        if not own:
            continue  # all were left as they are
        flags = [flagged([report.tags[name] for report in own]) for name in FLAGGED]
        means = [f"{values[at == step].mean():.2f}" for values in said.values()]
        good = f"{np.mean([report.verdict == 'good' for report in own]):.0%}"
        table.add_row(f"{strength:g}", str(len(own)), *means, *flags, good)
    Console(width=120).print(table)
    return 0


def shown(picture: Rgb, step: int, seed: int) -> Rgb:
    """Return a picture as it is shown at a step: its longer side SIDE, and from the second step on drawn anew."""
    sized = enlarged(picture, SIDE)
    return redrawn(sized, STEPS[step], np.random.default_rng(seed)) if step else sized


def flagged(tags: Sequence[Tag]) -> str:
    """Return how many of an attribute's tags are flagged, of how many that were judged."""
    judged = [bool(tag.flag) for tag in tags if tag.probability is not None]
    return f"{sum(judged)} of {len(judged)}"


def part(report: Report, name: str) -> float:
    """Return a report's total, or the value of one of its parts; NaN where it has none."""
    if name == "total":
        return report.score
    return next((float(each.value) for each in report.parts if each.id == name and each.value is not None), np.nan)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    shown = parser.add_mutually_exclusive_group(required=True)
    shown.add_argument("--pictures", type=Path, metavar="DIR", help="pictures that are sound as they are")
    shown.add_argument(
        "--data", type=Path, metavar="DIR", help="the data sets: liked pictures by generators, held back"
    )
    parser.add_argument("--untouched", action="store_true", help="leave all of them as they are")
