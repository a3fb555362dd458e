"""A folder of pictures that people rated: how well the judge agrees with them."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import cv2
import numpy as np

from evaluator.errors import EvaluatorError
from evaluator.training.benchmark.examiner import Examiner, Said
from evaluator.training.benchmark.statistics import Figure, figure
from evaluator.training.benchmark.told import told
from evaluator.training.sources import SETS, listing

TABLE = "ratings.csv"
PICTURE = ("image", "picture", "path", "file", "filename", "name")
SCORE = ("score", "mos", "mean", "rating", "mean_score", "mos_0_100", "mos_1_5")
FEWEST = 3
"""Rated pictures without which nothing can be told."""


class RatingsBroken(EvaluatorError):
    """A table of ratings cannot be used."""

    en = "{file}, {place}: {why}; {remedy}."
    zh = "{file}，{place}：{why}；{remedy}。"


@dataclass(frozen=True, slots=True)
class Rated:
    """A picture and the mean of its ratings, on whatever scale."""

    path: Path
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A rated picture with what was said of it; None with the reason where it could not be judged."""

    rated: Rated
    said: Said | None
    why: str = ""


def read_ratings(folder: Path, column: str = "") -> list[Rated]:
    """Read a folder's table of ratings, or another `column` of it.

    Raises RatingsBroken naming the line, the column and the remedy.
    """
    file = folder / TABLE
    try:
        lines = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RatingsBroken(file=file, place="line 1", why=str(error), remedy="save it as a CSV in UTF-8") from None
    header = [name.strip().lower() for name in lines[0]] if lines else []
    at = _column(file, header, PICTURE, "the picture's path")
    of = _column(file, header, (column.strip().lower(),) if column else SCORE, "the mean score")
    found: dict[Path, Rated] = {}
    for number, row in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        rated = _rated(file, number, row, (at, of), header)
        if rated.path in found:
            raise _broken(file, number, header[at], f"{row[at]!r} is rated twice", "keep one of its lines")
        found[rated.path] = rated
    if len(found) < FEWEST:
        raise RatingsBroken(
            file=file, place=f"column {header[of]}", why=f"{len(found)} rated pictures are too few to correlate",
            remedy=f"rate at least {FEWEST}",
        )  # fmt: skip
    return list(found.values())


def _column(file: Path, header: Sequence[str], known: Sequence[str], what: str) -> int:
    for name in known:
        if name in header:
            return header.index(name)
    # Means of opinion come by many names that say their scale.
    scaled = [name for name in header if name.startswith("mos_")] if known is SCORE else []
    if scaled:
        return header.index(scaled[0])
    named = ", ".join(header) or "nothing"
    why = f"no column gives {what} (it names {named})"
    raise RatingsBroken(file=file, place="line 1", why=why, remedy=f"name that column one of {', '.join(known)}")


def _rated(file: Path, number: int, row: Sequence[str], columns: tuple[int, int], header: Sequence[str]) -> Rated:
    at, of = columns
    if len(row) <= max(at, of):
        why = f"it has {len(row)} cells where the header has {len(header)}"
        raise _broken(file, number, header[max(at, of)], why, "complete the line or leave it out")
    try:
        score = float(row[of])
    except ValueError:
        score = float("nan")
    if not isfinite(score):
        raise _broken(file, number, header[of], f"{row[of]!r} is no number", "write the mean score, such as 3.5")
    path = file.parent / row[at].strip()
    if not row[at].strip() or not path.is_file():
        remedy = f"give its path from {file.parent}, or leave the line out"
        raise _broken(file, number, header[at], f"there is no picture {row[at]!r}", remedy)
    return Rated(path, score)


def _broken(file: Path, number: int, column: str, why: str, remedy: str) -> RatingsBroken:
    return RatingsBroken(file=file, place=f"line {number}, column {column}", why=why, remedy=remedy)


def kept_back(folder: Path, rated: Sequence[Rated]) -> list[Rated]:
    """Return only the pictures that never trained. Raises RatingsBroken for a folder that is no training set."""
    if folder.name not in SETS or folder.name == "scenes":
        sets = ", ".join(name for name in SETS if name.startswith("rated"))
        why = f"{folder.name} is no training set, so that none of it is held back"
        raise RatingsBroken(file=folder / TABLE, place="--held", why=why, remedy=f"leave --held out, or name {sets}")
    held = {source.path.resolve() for source in listing(folder.name, folder.parent, kept=True)}
    return [each for each in rated if each.path.resolve() in held]


def judged(rated: Sequence[Rated], examine: Examiner, workers: int | None) -> list[Answer]:
    """Judge every rated picture; one that cannot be read is kept with the reason."""

    def one(each: Rated) -> Answer:
        try:
            return Answer(each, examine(each.path))
        except EvaluatorError as error:
            return Answer(each, None, str(error))

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            return list(told(pool.map(one, rated), len(rated), "rated"))
    finally:
        cv2.setNumThreads(before)


def agreement(answers: Sequence[Answer]) -> list[Figure]:
    """Return how far total, impression, ratings and each criterion follow what people said."""
    every = [each.said for each in answers if each.said is not None]
    names = ["total", *sorted({name for said in every for name in said.ratings}, key=_order)]
    names += list(dict.fromkeys(name for said in every for name in said.criteria))
    found = []
    for name in names:
        pairs = [(each, answer(each.said, name)) for each in answers]
        known = [(each, value) for each, value in pairs if value is not None]
        rows = np.array([(each.rated.score, value) for each, value in known], np.float64).reshape(-1, 2)
        objects = [each.rated.path.name for each, _ in known]
        absent = len(pairs) - len(known)
        found += [figure(name, measure, "rated", rows, objects, absent) for measure in ("SRCC", "PLCC", "KRCC")]
    return found


def answer(said: Said | None, name: str) -> float | None:
    """Return the answer of that name: `total`, one of the ratings, or a criterion; None where there is none."""
    if said is None:
        return None
    if name == "total":
        return said.total
    return said.ratings[name] if name in said.ratings else said.criteria.get(name)


def _order(name: str) -> int:
    return ("impression", "technical", "appeal", "pleasing").index(name)
