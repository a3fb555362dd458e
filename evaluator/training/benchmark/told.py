"""How far a long measurement is: a bar on a terminal, lines anywhere else."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from evaluator.table import progress

Item = TypeVar("Item")
LINES = 10
"""Lines for a whole run where there is no terminal."""


def told(items: Iterable[Item], count: int, title: str) -> Iterator[Item]:
    """Yield the items and say on the error stream how far they are and how long the rest may take."""
    if sys.stderr.isatty() and multiprocessing.parent_process() is None:
        yield from progress(items, count, title)
        return
    started, said = time.monotonic(), 0
    for done, item in enumerate(items, 1):
        yield item
        if done * LINES // max(1, count) > said:
            said = done * LINES // max(1, count)
            spent = time.monotonic() - started
            left = spent / done * (count - done)
            print(f"{title}: {done} of {count}, {spent:.0f} s, about {left:.0f} s left", file=sys.stderr, flush=True)
