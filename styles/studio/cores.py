"""Training scenes shared out over the machine's cores: a process to each core, a group of scenes to one process.

Traced by two threads of one process, a small picture takes twice the work and hardly less time.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .casting import group_of
from .recipe import load


@dataclass(frozen=True)
class Job:
    """Where scenes go, the seed of all of them, and a picture's side in pixels."""

    out: Path
    seed: int = 0
    size: int = 320


def shares(numbers: Sequence[int], processes: int) -> list[list[int]]:
    """The numbers of each process: whole groups, in turns."""
    return [[n for n in numbers if group_of(n) % processes == p] for p in range(processes)]


def render_scenes(numbers: Sequence[int], processes: int, job: Job) -> None:
    """Render scenes that are not there yet; the first error of any process is raised."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        begun = [pool.submit(_render, p, mine, job) for p, mine in enumerate(shares(numbers, processes)) if mine]
        for one in begun:
            one.result()


def _render(process: int, numbers: list[int], job: Job) -> None:
    if hasattr(os, "sched_setaffinity"):
        # Before Blender is imported: its threads stay on the cores they were born on.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[process % len(cores)]})
    from .training import run

    run(load(), numbers, job.out, job.seed, job.size, lambda line: print(f"[{process}] {line}", flush=True))
