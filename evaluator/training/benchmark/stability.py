"""How steady the total is where nothing that matters changes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.pipeline import Evaluator
from evaluator.training.benchmark.pictures import enlarged
from evaluator.training.benchmark.told import told


def stability(paths: Sequence[str]) -> dict[str, list[float]]:
    """Return by how much the total moves for each picture when nothing that matters changes."""
    judge = Evaluator()
    moved: dict[str, list[float]] = {"flip": [], "jpeg 95": [], "half of 2000 px": [], "again": []}
    for path in told(paths, len(paths), "stability"):
        try:
            picture = decode(path).rgb
        except EvaluatorError:
            continue
        total = judge.score(picture).score
        moved["flip"].append(abs(judge.score(np.ascontiguousarray(picture[:, ::-1])).score - total))
        _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        moved["jpeg 95"].append(abs(judge.score(data.tobytes()).score - total))
        large = enlarged(picture, 2000)
        half = np.asarray(cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        moved["half of 2000 px"].append(abs(judge.score(large).score - judge.score(half).score))
        moved["again"].append(abs(judge.score(picture).score - total))
    return moved


def show_stability(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    """Measure and print how steady the total is; return the figures for JSON."""
    moved = stability(paths)
    table = Table("change", "median", "95th percentile", "largest", "pictures", box=None)
    for name, values in moved.items():
        table.add_row(name, *(f"{np.quantile(values, q):.3f}" for q in (0.5, 0.95, 1.0)), str(len(values)))
    console.print(table)
    return {
        name: {"median": float(np.median(v)), "p95": float(np.quantile(v, 0.95)), "max": max(v)}
        for name, v in moved.items()
    }
