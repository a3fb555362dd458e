"""Measures the judge itself: ladders of faults, stability, speed. Prints a table and writes JSON."""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from evaluator.decode import decode
from evaluator.errors import EvaluatorError, FileUnwritable
from evaluator.pipeline import Evaluator
from evaluator.table import progress
from evaluator.training.defects import LADDERS
from evaluator.types import Failure, Report, Rgb

STEPS = 5
"""Strengths per fault, besides the clean picture."""
SEED = 20261120


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


def run(options: argparse.Namespace) -> int:
    """Run the benchmarks that were asked for and print them; return the exit code."""
    console = Console()
    figures: dict[str, object] = {"command": "python -m evaluator bench", "seed": SEED}
    asked = [name for name in ("ladder", "stability", "speed") if getattr(options, name)]
    if not asked:
        console.print("[red]error:[/] name what to measure: --ladder DIR, --stability DIR or --speed DIR")
        return 2
    for name in asked:
        pictures = list(pictures_of(getattr(options, name), options.every))
        if not pictures:
            console.print(f"[red]error:[/] no pictures under {getattr(options, name)}")
            return 2
        pictures = [path for path in pictures if _readable(path)]
        if not pictures:
            console.print("[red]error:[/] none of the pictures can be read")
            return 2
        figures[name] = _RUNNERS[name](pictures, options, console)
    if options.out:
        try:
            Path(options.out).write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise FileUnwritable(path=options.out, why=error.strerror) from None
    return 0


def pictures_of(folders: Sequence[str], every: int) -> Iterator[str]:
    """Yield every Nth picture of each folder, in the order of their names."""
    from evaluator.__main__ import walk

    for folder in folders:
        yield from list(walk([folder]))[::every]


def _readable(path: str) -> bool:
    try:
        decode(path)
    except EvaluatorError:
        return False
    return True


def ladder(paths: Sequence[str], workers: int | None = None) -> list[Rung]:
    """Degrade each picture in five steps of every kind of fault and see how far the scores follow."""
    judge = Evaluator()
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ThreadPoolExecutor(workers or 2) as pool:
            rows = list(progress(pool.map(lambda path: _climb(judge, path), paths), len(paths), "ladders"))
    finally:
        cv2.setNumThreads(before)
    return [_rung(kind, [row for row in rows if row], judge) for kind in LADDERS]


def _climb(judge: Evaluator, path: str) -> dict[str, list[Report]]:
    try:
        clean = decode(path).rgb
    except EvaluatorError:
        return {}
    seed = crc32(Path(path).name.encode())

    def judged(picture: Rgb) -> Report:
        return replace(judge.score(picture), evidence=None)  # thousands of masks would fill the memory

    start = judged(clean)
    return {
        kind: [
            start,
            *(judged(fault(clean, step / STEPS, np.random.default_rng(seed))) for step in range(1, STEPS + 1)),
        ]
        for kind, (fault, _) in LADDERS.items()
    }


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


def rank_correlation(steps: Sequence[float], scores: Sequence[float]) -> float:
    """Return Spearman's ρ; 0 where the scores do not move at all."""
    return float(spearmanr(steps, scores).statistic) if len(set(scores)) > 1 else 0.0


def bootstrap(
    values: Sequence[float], statistic: Callable[..., object] = np.median, rounds: int = 1000
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over resampled values."""
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(np.asarray(values, float), (rounds, len(values)))
    low, high = np.quantile(np.asarray(statistic(drawn, axis=1)), (0.025, 0.975))
    return float(low), float(high)


def _show_ladder(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    rungs = ladder(paths, options.workers)
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


def stability(paths: Sequence[str]) -> dict[str, list[float]]:
    """Return by how much the total moves for each picture when nothing that matters changes."""
    judge = Evaluator()
    moved: dict[str, list[float]] = {"flip": [], "jpeg 95": [], "half of 2000 px": [], "again": []}
    for path in progress(paths, len(paths), "stability"):
        try:
            picture = decode(path).rgb
        except EvaluatorError:
            continue
        total = judge.score(picture).score
        moved["flip"].append(abs(judge.score(np.ascontiguousarray(picture[:, ::-1])).score - total))
        _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        moved["jpeg 95"].append(abs(judge.score(data.tobytes()).score - total))
        large = _enlarged(picture, 2000)
        half = np.asarray(cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        moved["half of 2000 px"].append(abs(judge.score(large).score - judge.score(half).score))
        moved["again"].append(abs(judge.score(picture).score - total))
    return moved


def _enlarged(picture: Rgb, side: int) -> Rgb:
    scale = side / max(picture.shape[:2])
    interpolation = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=interpolation), np.uint8)


def _show_stability(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    moved = stability(paths)
    table = Table("change", "median", "95th percentile", "largest", "pictures", box=None)
    for name, values in moved.items():
        table.add_row(name, *(f"{np.quantile(values, q):.3f}" for q in (0.5, 0.95, 1.0)), str(len(values)))
    console.print(table)
    return {
        name: {"median": float(np.median(v)), "p95": float(np.quantile(v, 0.95)), "max": max(v)}
        for name, v in moved.items()
    }


def _show_speed(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    """Write the pictures as JPEG 90 at the side asked for, then time the whole way from their files."""
    judge = Evaluator()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, path in enumerate(paths):
            large = _enlarged(decode(path).rgb, options.side)
            files.append(Path(folder, f"{number:05}.jpg"))
            cv2.imwrite(str(files[-1]), large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        warm = [judge.score(file) for file in files[:4]]
        single = []
        for file in files[:20]:
            started = time.perf_counter()
            judge.score(file)
            single.append(time.perf_counter() - started)
        started = time.perf_counter()
        results = list(progress(judge.score_many(files, workers=options.workers), len(files), "speed"))
        took = time.perf_counter() - started
    failed = sum(isinstance(result, Failure) for result in results)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "pictures": len(files), "side": options.side, "failed": failed, "pictures_per_second": len(files) / took,
        "one_warm_ms": 1000 * float(np.median(single)), "peak_rss_mb": peak, "warmed": len(warm),
    }  # fmt: skip
    console.print(
        f"{len(files)} pictures of {options.side} px: {len(files) / took:.1f} pictures/s, one warm picture "
        f"{figures['one_warm_ms']:.0f} ms, peak RSS {peak:.0f} MB, {failed} failed"
    )
    return figures


_RUNNERS: dict[str, Callable[[Sequence[str], argparse.Namespace, Console], object]] = {
    "ladder": _show_ladder,
    "stability": _show_stability,
    "speed": _show_speed,
}
