"""What people thought of the rated sets, as their tables tell."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

STEP = 0.5
"""Points between two ratings of one person."""


@cache
def photos(data: Path) -> dict[str, tuple[float, float]]:
    """Return each photograph's mean opinion of its technical quality and its spread, 0–100, by file name."""
    with (data / "rated_photos/ratings.csv").open(encoding="utf-8", newline="") as table:
        return {Path(row["image"]).name: (float(row["mos_0_100"]), float(row["std"])) for row in csv.DictReader(table)}


@cache
def thumbnails(data: Path) -> dict[str, tuple[float, float]]:
    """Return each thumbnail's mean appeal and the spread of its votes, 1–5, by file name."""
    grades = np.arange(1, 6)
    found = {}
    with (data / "rated_thumbnails/ratings.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            votes = np.array([float(row[f"count_{grade}"]) for grade in grades])
            middle = float((votes * grades).sum() / votes.sum())
            spread = float(np.sqrt((votes * (grades - middle) ** 2).sum() / votes.sum()))
            found[Path(row["image"]).name] = (float(row["mos_1_5"]), spread)
    return found


@cache
def generated(data: Path) -> dict[str, tuple[float, float]]:
    """Return what we thought of each picture by a generator, 1–5, with the step of one vote, by file name."""
    with (data / "rated_generated/ratings.csv").open(encoding="utf-8", newline="") as table:
        return {Path(row["image"]).name: (float(row["mos_1_5"]), STEP) for row in csv.DictReader(table)}


def mean_opinion(data: Path, name: str) -> float:
    """Return a photograph's mean opinion, 0–100; 0 for one that was never rated."""
    return photos(data).get(name, (0.0, 0.0))[0]
