"""Many pictures at a time, in threads or in processes of one thread each; answers come in the order of the pictures."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import ProcessLost

if TYPE_CHECKING:
    from evaluator.pipeline import Evaluator
    from evaluator.types import Failure, Report

    Judge = Callable[[str | Path], Report | Failure]

AHEAD = 2
"""Pictures that are handed out at once for each thread or process."""
FEW = 40
"""Fewest pictures for which processes are worth their start, which takes as long as twenty pictures in each."""
MOST = 4
"""Most processes that are started unasked; each takes about half a gigabyte."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def processes_for(count: int) -> int:
    """Return how many processes judge so many pictures soonest, 1 where threads do.

    Threads wait for each other at Python's own lock: two judge 1.6 pictures while two processes judge two.
    """
    return min(cores(), MOST) if count >= FEW else 1


def in_threads(judge: Judge, paths: Iterator[str | Path], threads: int) -> Iterator[Report | Failure]:
    """Yield what `judge` says of each picture, by so many threads; OpenCV takes one in each meanwhile."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield from _ordered(ThreadPoolExecutor(threads, thread_name_prefix="score"), judge, paths, threads)
    finally:
        cv2.setNumThreads(before)


def in_processes(
    profile: str, sees: bool, asked: str | None, paths: Iterator[str | Path], processes: int
) -> Iterator[Report | Failure]:
    """Yield what an evaluator in each of so many processes says of each picture.

    It is made for a `profile`, with the embedded network if it `sees`, and `asked` for another profile or None.
    Raises ProcessLost where a process ends before its work does.
    """
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_settle)
    try:
        yield from _ordered(pool, partial(_attempt, profile, sees, asked), paths, processes)
    except BrokenProcessPool:
        raise ProcessLost(processes=processes) from None


def _ordered(pool: Executor, judge: Judge, paths: Iterator[str | Path], width: int) -> Iterator[Report | Failure]:
    waiting: deque[Future[Report | Failure]] = deque()
    try:
        for path in islice(paths, AHEAD * width):
            waiting.append(pool.submit(judge, path))
        while waiting:
            yield waiting.popleft().result()
            for path in islice(paths, 1):
                waiting.append(pool.submit(judge, path))
    finally:
        pool.shutdown(cancel_futures=True)


def _settle() -> None:
    """Keep a process of several to one thread, and end it with the one that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started it stops the run
    for library in ("OPENBLAS", "OMP"):
        os.environ[f"{library}_NUM_THREADS"] = "1"  # heard unless the script's main module loads NumPy
    import cv2

    cv2.setNumThreads(1)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@cache
def _evaluator(profile: str, sees: bool) -> Evaluator:
    from evaluator.pipeline import EMBEDDED, Evaluator

    return Evaluator(profile, EMBEDDED if sees else None)


def _attempt(profile: str, sees: bool, asked: str | None, path: str | Path) -> Report | Failure:
    return _evaluator(profile, sees).attempt(path, asked)
