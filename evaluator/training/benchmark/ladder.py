"""Ladders of faults: pictures degraded in steps, and how far the scores follow."""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.pipeline import Evaluator
from evaluator.training.benchmark.statistics import bootstrap, rank_correlation
from evaluator.training.benchmark.told import told
from evaluator.training.defects import LADDERS
from evaluator.types import Report, Rgb

STEPS = 5
"""Strengths per fault, besides the clean picture."""


@dataclass(frozen=True, slots=True)
class Rung:
    """How one kind of fault was felt over all pictures.

    `criterion_rho` and `total_rho` are medians of Spearman's ρ against the step, with 95 % bootstrap intervals;
    `criterion_means` and `total_means` run from the clean picture to the strongest fault; `strict` is the share
    of pictures whose total falls with ρ ≤ −0.8; `unjudged` the share of steps where the criterion did not apply;
    `others` the mean change of the criterion that changed most besides the one meant, at half strength.
    """

    kind: str
    criterion: str
    pictures: int
    criterion_rho: float
    criterion_interval: tuple[float, float]
    total_rho: float
    total_interval: tuple[float, float]
    criterion_means: tuple[float, ...]
    total_means: tuple[float, ...]
    strict: float
    unjudged: float
    others: tuple[str, float]


class UnknownFault(EvaluatorError):
    """A kind of fault was named that there is no ladder of."""

    en = "There is no ladder of {name!r}; the kinds are {known}."
    zh = "没有名为 {name!r} 的缺陷阶梯；可用：{known}。"


def ladder(
    paths: Sequence[str], workers: int | None = None, kinds: Sequence[str] | None = None, processes: int = 1
) -> list[Rung]:
    """Degrade each picture in five steps of every kind of fault asked for and see how far the scores follow.

    With more than one of the `processes`, each judges with one thread; else there are as many threads as `workers`.
    Raises UnknownFault for a kind there is none of.
    """
    chosen = tuple(LADDERS) if kinds is None else tuple(dict.fromkeys(kinds))
    for kind in chosen:
        if kind not in LADDERS:
            raise UnknownFault(name=kind, known=", ".join(LADDERS))
    climbed = _apart(paths, chosen, processes) if processes > 1 else _together(paths, chosen, workers or 2)
    rows = [row for row in told(climbed, len(paths), "ladders") if row]
    return [_rung(kind, rows, _judge()) for kind in chosen]


@cache
def _judge() -> Evaluator:
    return Evaluator()


def _together(paths: Sequence[str], kinds: Sequence[str], threads: int) -> Iterator[dict[str, list[Report]]]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(partial(_climb, kinds), paths)
    finally:
        cv2.setNumThreads(before)


def _apart(paths: Sequence[str], kinds: Sequence[str], processes: int) -> Iterator[dict[str, list[Report]]]:
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=alone) as pool:
        yield from pool.map(partial(_climb, kinds), paths)


def alone() -> None:
    """Keep a process of several to one thread."""
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _climb(kinds: Sequence[str], path: str) -> dict[str, list[Report]]:
    try:
        clean = decode(path).rgb
    except EvaluatorError:
        return {}
    judge = _judge()
    seed = crc32(Path(path).name.encode())

    def judged(picture: Rgb) -> Report:
        return replace(judge.score(picture), evidence=None)  # thousands of masks would fill the memory

    start = judged(clean)
    climbed = {}
    for kind in kinds:
        fault, _ = LADDERS[kind]
        steps = (fault(clean, step / STEPS, np.random.default_rng(seed)) for step in range(1, STEPS + 1))
        climbed[kind] = [start, *map(judged, steps)]
    return climbed


def _rung(kind: str, rows: list[dict[str, list[Report]]], judge: Evaluator) -> Rung:
    criterion = LADDERS[kind][1]
    felt, totals, means, total_means = [], [], [], []
    moved: dict[str, list[float]] = {}
    for row in rows:
        reports = row[kind]
        scores = [report.criteria[criterion].score for report in reports]
        known = [(step, score) for step, score in enumerate(scores) if score is not None]
        if len(known) >= 3:
            felt.append(rank_correlation(*zip(*known, strict=True)))
        sums = [sum(part.adds for part in report.parts) for report in reports]
        totals.append(rank_correlation(range(STEPS + 1), sums))
        means.append([np.nan if score is None else score for score in scores])
        total_means.append(sums)
        for rule in judge.standard.criteria:
            before, after = (reports[step].criteria[rule.id].score for step in (0, (STEPS + 1) // 2))
            if rule.id != criterion and before is not None and after is not None:
                moved.setdefault(rule.id, []).append(after - before)
    others = max(((id, float(np.mean(change))) for id, change in moved.items()), key=lambda item: abs(item[1]))
    return Rung(
        kind, criterion, len(rows),
        float(np.median(felt)) if felt else np.nan, bootstrap(felt) if felt else (np.nan, np.nan),
        float(np.median(totals)), bootstrap(totals),
        tuple(_known_mean(column) for column in zip(*means, strict=True)),
        tuple(np.mean(total_means, axis=0).round(2).tolist()),
        float(np.mean(np.array(totals) <= -0.8)), float(np.isnan(np.array(means, float)).mean()), others,
    )  # fmt: skip


def _known_mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return round(float(np.mean(known)), 2) if known else float("nan")


def show_ladder(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    """Climb the ladders that were asked for and print them; return them for JSON."""
    rungs = ladder(paths, options.workers, options.kinds, options.processes or 1)
    table = Table(
        "fault",
        "criterion",
        "ρ criterion",
        "95 %",
        "ρ total",
        "95 %",
        "criterion by step",
        "total by step",
        "n/a",
        "else moved most",
        box=None,
    )
    for r in rungs:
        table.add_row(
            r.kind, r.criterion, f"{r.criterion_rho:.2f}", _span(r.criterion_interval), f"{r.total_rho:.2f}",
            _span(r.total_interval), _steps(r.criterion_means), _steps(r.total_means), f"{r.unjudged:.0%}",
            f"{r.others[0]} {r.others[1]:+.2f}",
        )  # fmt: skip
    console.print(f"{len(paths)} pictures, {STEPS} steps a fault")
    console.print(table)
    return [asdict(r) for r in rungs]


def _span(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.2f} … {interval[1]:.2f}"


def _steps(values: Sequence[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)
