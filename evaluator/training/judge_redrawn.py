"""Judges how totals follow what a decoder spoils, from picture to picture: each drawn anew once, by its name."""

from __future__ import annotations

import argparse
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from evaluator.decode import decode
from evaluator.pipeline import Evaluator
from evaluator.sniff import sniff
from evaluator.table import progress
from evaluator.training.benchmark.statistics import srcc
from evaluator.training.defects.redrawing import redrawn
from evaluator.training.judge import Figure, figure
from evaluator.types import Report, Rgb

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Strengths at which pictures are drawn anew; at the first they are left as they are."""
SIDE = 512
"""Longer side in pixels at which they are shown."""
FLAGGED = ("fusion", "hand", "face", "body")


def run(options: argparse.Namespace) -> int:
    """Score a folder's pictures, each as it is or drawn anew at one strength; print how scores follow the strength."""
    files = [file for file in sorted(options.pictures.iterdir()) if file.is_file() and sniff(file.read_bytes()[:64])]
    if not files:
        raise FileNotFoundError(f"there are no pictures in {options.pictures}")
    judge = Evaluator()
    steps, reports = [], []
    for file in progress(files, len(files), "scoring"):
        seed = crc32(file.stem.encode())
        steps.append(seed % len(STEPS))
        reports.append(judge.score(shown(decode(str(file)).rgb, steps[-1], seed)))
    said = {name: np.array([part(report, name) for report in reports]) for name in ("total", "impression")}
    table = Table("of the strength", "pictures", "SRCC", "95 %")
    for name, values in said.items():
        found: Figure = figure(name, np.stack([-np.array(steps, float), values], 1), srcc)
        table.add_row(name, str(found.pictures), f"{found.value:.3f}", f"{found.low:.2f}–{found.high:.2f}")
    Console(width=100).print(table)
    table = Table("strength", "pictures", *said, *(f"flagged {name}" for name in FLAGGED), "good")
    for step, strength in enumerate(STEPS):
        own = [report for report, at in zip(reports, steps, strict=True) if at == step]
        flags = [f"{np.mean([bool(report.tags[name].flag) for report in own]):.0%}" for name in FLAGGED]
        means = [f"{values[np.array(steps) == step].mean():.2f}" for values in said.values()]
        good = f"{np.mean([report.verdict == 'good' for report in own]):.0%}"
        table.add_row(f"{strength:g}", str(len(own)), *means, *flags, good)
    Console(width=120).print(table)
    return 0


def shown(picture: Rgb, step: int, seed: int) -> Rgb:
    """Return a picture as it is shown at a step: no side over SIDE, and from the second step on drawn anew."""
    scale = SIDE / max(picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)
    return redrawn(sized, STEPS[step], np.random.default_rng(seed)) if step else sized


def part(report: Report, name: str) -> float:
    """Return a report's total, or the value of one of its parts."""
    if name == "total":
        return report.score
    return next(float(each.value) for each in report.parts if each.id == name and each.value is not None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "--pictures", type=Path, required=True, metavar="DIR", help="pictures that are sound as they are"
    )
