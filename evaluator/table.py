"""What the terminal shows: a progress bar while pictures are judged, and a table for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from evaluator.standard import Standard
from evaluator.types import Failure, Report

Item = TypeVar("Item")
_COLOURS = {"good": "green", "review": "yellow", "reject": "red"}


def progress(items: Iterable[Item], count: int, title: str = "scoring") -> Iterator[Item]:
    """Yield the items and show on a terminal's error stream how far they are and the time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(title, total=count)
        for item in items:
            bar.advance(task)
            yield item


def show(results: Iterable[Report | Failure], count: int, standard: Standard) -> int:
    """Print a table of the results and the good-image rate; return how many pictures failed."""
    table = Table("picture", "score", "verdict", "weakest", "what to do first", title="", box=None, pad_edge=False)
    names = {rule.id: rule.name.en for rule in standard.criteria}
    failed, good, scored = 0, 0, 0
    for result in progress(results, count):
        if isinstance(result, Failure):
            failed += 1
            table.add_row(Text(result.path), "–", Text("error", style="red"), "", Text(result.message))
            continue
        scored, good = scored + 1, good + (result.verdict == "good")
        weakest = min((c.score, id) for id, c in result.criteria.items() if c.score is not None)
        table.add_row(
            Text(result.path),
            f"{result.score:.2f}",
            Text(result.verdict, style=_COLOURS[result.verdict]),
            f"{names[weakest[1]]} {weakest[0]:.1f}",
            Text(result.advice[0].en if result.advice else "–"),
        )
    console = Console()
    console.print(table)
    if scored > 1:
        console.print(f"good-image rate {good / scored:.0%} ({good} of {scored})")
    return failed
