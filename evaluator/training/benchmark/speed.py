"""How quick the judge is, the whole way from files."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from evaluator.batch import cores, processes_for
from evaluator.decode import decode
from evaluator.pipeline import Evaluator
from evaluator.training.benchmark.pictures import enlarged
from evaluator.training.benchmark.told import told
from evaluator.types import Failure, Report

WARM = 4
"""Pictures that each process or thread judges before the clock runs."""


@dataclass(frozen=True, slots=True)
class Run:
    """The results of many pictures; seconds until the first ones were through, and for all; peak memory in MB."""

    results: list[Report | Failure]
    start: float
    took: float
    peak: float


def show_speed(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    """Write the pictures as JPEG 90 at the side asked for, then time the whole way from their files.

    As `score` does, it takes processes for many pictures unless it is told otherwise. Their start is timed apart.
    """
    judge = Evaluator()
    processes = options.processes or (1 if options.workers else processes_for(len(paths)))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, path in enumerate(paths):
            large = enlarged(decode(path).rgb, options.side)
            files.append(Path(folder, f"{number:05}.jpg"))
            cv2.imwrite(str(files[-1]), large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        run = _timed(judge, files, options.workers, processes)
        warm = [judge.score(file) for file in files[:WARM]]
        single = []
        for file in files[:20]:
            started = time.perf_counter()
            judge.score(file)
            single.append(time.perf_counter() - started)
    # Not both at once: this process loads the network after the others have gone.
    peak = max(run.peak, sum(peaks().values()))
    failed = sum(isinstance(result, Failure) for result in run.results)
    rate = len(files) / run.took
    figures = {
        "pictures": len(files), "side": options.side, "failed": failed, "pictures_per_second": rate,
        "one_warm_ms": 1000 * float(np.median(single)), "peak_rss_mb": peak, "warmed": len(warm),
        "processes": processes, "start_s": run.start,
    }  # fmt: skip
    by = f" by {processes} processes, started in {run.start:.1f} s" if processes > 1 else ""
    console.print(
        f"{len(files)} pictures of {options.side} px{by}: {rate:.1f} pictures/s, one warm picture "
        f"{figures['one_warm_ms']:.0f} ms, peak RSS {peak:.0f} MB, {failed} failed"
    )
    return figures


def _timed(judge: Evaluator, files: Sequence[Path], workers: int | None, processes: int) -> Run:
    first = files[: WARM * (processes if processes > 1 else workers or cores())]
    held: dict[int, float] = {}
    results, started, start = [], time.perf_counter(), 0.0
    many = judge.score_many([*first, *files], workers=workers, processes=processes)
    for result in told(many, len(first) + len(files), "speed"):
        results.append(result)
        held |= peaks()
        if len(results) == len(first):
            start = time.perf_counter() - started
    took = time.perf_counter() - started - start
    return Run(results[len(first) :], start, took, sum(held.values()))


def peaks() -> dict[int, float]:
    """Return the most memory in MB that this process and each that it started has held, by the process's number.

    What processes share, as they do the libraries, counts in each.
    """
    held = {os.getpid(): resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    for child in multiprocessing.active_children():
        try:
            found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{child.pid}/status").read_text("ascii", "replace"))
        except OSError:  # it has ended, or the system keeps no such files
            continue
        if found and child.pid is not None:
            held[child.pid] = int(found[1]) / 1024
    return held
