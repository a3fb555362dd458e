"""What the terminal shows: a progress bar while pictures are judged, and a table for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from evaluator.standard import Standard
from evaluator.types import Failure, Report

Item = TypeVar("Item")
ONE_LINE = 4000
"""Width in columns where there is no terminal: wide enough for any row."""
LEAST_PATH = 24
"""Columns that a path is given on the narrowest terminal."""
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
    """Print a table of the results and the good-image rate; return how many pictures failed.

    On a terminal long paths lose their beginning and the advice wraps; elsewhere each picture takes one line.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=ONE_LINE, soft_wrap=True)
    names = {rule.id: rule.name.en for rule in standard.criteria}
    rows, good, failed = [], 0, 0
    for result in progress(results, count):
        failed += isinstance(result, Failure)
        good += isinstance(result, Report) and result.verdict == "good"
        rows.append(_row(result, names))
    room = max(LEAST_PATH, console.width // 4)
    table = Table(box=None, pad_edge=False)
    for title in ("picture", "score", "verdict", "weakest"):
        table.add_column(title, no_wrap=True, justify="right" if title == "score" else "left")
    table.add_column("what to do first", overflow="fold")
    for path, score, verdict, weakest, advice in rows:
        table.add_row(_tail(path, room), score, verdict, weakest, advice)
    console.print(table)
    scored = len(rows) - failed
    if scored:
        console.print(f"good-image rate {good / scored:.0%} ({good} of {scored})", highlight=False)
    if failed:
        console.print(f"{failed} could not be scored", highlight=False)
    return failed


def _row(result: Report | Failure, names: Mapping[str, str]) -> tuple[str, str, Text, str, Text]:
    path = result.path.encode("utf-8", "replace").decode("utf-8")  # a file name may be no text
    if isinstance(result, Failure):
        message = result.message.encode("utf-8", "replace").decode("utf-8")
        return path, "–", Text("error", style="red"), "", Text(message)
    score, weakest = min((c.score, id) for id, c in result.criteria.items() if c.score is not None)
    advice = Text(result.advice[0].en if result.advice else "–")
    verdict = Text(result.verdict, style=_COLOURS[result.verdict])
    beside = "" if result.aesthetic is None else f" · LAION {result.aesthetic:.1f}"
    return path, f"{result.score:.2f}{beside}", verdict, f"{names[weakest]} {score:.1f}", advice


def _tail(path: str, room: int) -> Text:
    return Text(path if len(path) <= room else "…" + path[1 - room :])
