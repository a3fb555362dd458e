"""How quick the judge is, the whole way from files."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from evaluator.decode import decode
from evaluator.pipeline import Evaluator
from evaluator.training.benchmark.pictures import enlarged
from evaluator.training.benchmark.told import told
from evaluator.types import Failure


def show_speed(paths: Sequence[str], options: argparse.Namespace, console: Console) -> object:
    """Write the pictures as JPEG 90 at the side asked for, then time the whole way from their files."""
    judge = Evaluator()
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, path in enumerate(paths):
            large = enlarged(decode(path).rgb, options.side)
            files.append(Path(folder, f"{number:05}.jpg"))
            cv2.imwrite(str(files[-1]), large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        warm = [judge.score(file) for file in files[:4]]
        single = []
        for file in files[:20]:
            started = time.perf_counter()
            judge.score(file)
            single.append(time.perf_counter() - started)
        started = time.perf_counter()
        results = list(told(judge.score_many(files, workers=options.workers), len(files), "speed"))
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
