"""The `bench` command: runs what was asked for, prints it, and writes it as JSON and Markdown."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from evaluator.calibration import load_calibration
from evaluator.errors import EvaluatorError, FileUnwritable
from evaluator.training.benchmark import page
from evaluator.training.benchmark.cases import Folders
from evaluator.training.benchmark.examiner import examiner, network
from evaluator.training.benchmark.ladder import show_ladder
from evaluator.training.benchmark.pictures import pictures_of, readable
from evaluator.training.benchmark.plots import drawing
from evaluator.training.benchmark.rated import TABLE, agreement, judged, kept_back, read_ratings
from evaluator.training.benchmark.speed import show_speed
from evaluator.training.benchmark.stability import show_stability
from evaluator.training.benchmark.standard import measure
from evaluator.training.benchmark.statistics import SEED
from evaluator.training.benchmark.tables import terminal
from evaluator.training.sources import SETS

WIDTH = 150
"""Columns where there is no terminal."""


class BenchmarkUnclear(EvaluatorError):
    """What to measure cannot be made out from the options."""

    en = "{why}; {remedy}."
    zh = "{why}；{remedy}。"


def run(options: argparse.Namespace) -> int:
    """Run the benchmarks that were asked for and print them; return the exit code."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    asked = [name for name in _RUNNERS if getattr(options, name)]
    if not asked and not options.data:
        console.print(
            "[red]error:[/] name what to measure: --data DIR, --ladder DIR, --stability DIR or --speed DIR",
            soft_wrap=True,
        )
        return 2
    _prepare(options)
    figures: dict[str, object] = {"command": "python -m evaluator bench", "seed": SEED}
    for name in asked:
        pictures = list(pictures_of(getattr(options, name), options.every))
        if not pictures:
            console.print(f"[red]error:[/] no pictures under {getattr(options, name)}", soft_wrap=True)
            return 2
        pictures = [path for path in pictures if readable(path)]
        if not pictures:
            console.print("[red]error:[/] none of the pictures can be read", soft_wrap=True)
            return 2
        figures[name] = _RUNNERS[name](pictures, options, console)
    if options.data:
        figures |= _on_data(options, console)
    if options.out:
        try:
            text = json.dumps(figures, indent=1, ensure_ascii=False)
            Path(options.out).write_text(text, encoding="utf-8")
        except OSError as error:
            raise FileUnwritable(path=options.out, why=error.strerror) from None
    return 0


_RUNNERS: dict[str, Callable[[Sequence[str], argparse.Namespace, Console], object]] = {
    "ladder": show_ladder,
    "stability": show_stability,
    "speed": show_speed,
}


def _prepare(options: argparse.Namespace) -> None:
    """See to it that a long run does not end in results that cannot be written."""
    if options.out and not Path(options.out).absolute().parent.is_dir():
        raise FileUnwritable(path=options.out, why="its folder does not exist")
    if options.markdown:
        drawing()
        try:
            Path(options.markdown).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileUnwritable(path=options.markdown, why=error.strerror) from None


def _on_data(options: argparse.Namespace, console: Console) -> dict[str, object]:
    folder = Path(options.data)
    if (folder / TABLE).is_file():
        return {"rated": _rated(folder, options, console)}
    if not any((folder / name).is_dir() for name in SETS):
        raise BenchmarkUnclear(
            why=f"{folder} has no {TABLE} and none of the data sets {', '.join(name for name in SETS)}",
            remedy=f"name a folder of pictures with their {TABLE}, or the folder that holds the data sets",
        )
    if options.held:
        raise BenchmarkUnclear(
            why="--held goes with a folder of rated pictures; the standard benchmark takes nothing else",
            remedy="leave --held out",
        )
    missing = [f"--{name} DIR" for name in ("scenes", "parts") if not getattr(options, name)]
    if missing:
        raise BenchmarkUnclear(
            why=f"the standard benchmark on {folder} also needs {' and '.join(missing)}",
            remedy="name the rendered scenes and the located parts of people, as for making training pictures",
        )
    return {"standard": _standard(Folders(folder, Path(options.scenes), Path(options.parts)), options, console)}


def _standard(folders: Folders, options: argparse.Namespace, console: Console) -> object:
    for name in (folders.scenes, folders.parts):
        if not name.is_dir():
            raise BenchmarkUnclear(why=f"there is no folder {name}", remedy="check the path")
    found = measure(folders, options.processes or 1)
    sections = page.standard_sections(found)
    _show(sections, console)
    if options.markdown:
        target = Path(options.markdown)
        intro = (
            f"{len(found.outcomes)} pictures made from objects that never trained, half of them sound twins. "
            "Values with 95 % bootstrap intervals over objects. What is not applicable counts as not flagged; "
            f"correlations and AUC are over what was judged. {_made_by()}"
        )
        page.write(target, "standard", intro, sections, page.draw_standard(found, target))
    return found.as_json() | {"made by": _made_by()}


def _rated(folder: Path, options: argparse.Namespace, console: Console) -> object:
    rated = read_ratings(folder, options.column)
    if options.held:
        rated = kept_back(folder, rated)
    rated = rated[:: options.every]
    answers = judged(rated, examiner(network()), options.workers)
    failed = [each for each in answers if each.said is None]
    figures = agreement(answers)
    sections = page.rated_sections(figures)
    _show(sections, console)
    said = f"{len(rated)} rated pictures, {len(failed)} could not be judged."
    console.print(said, highlight=False)
    for each in failed[:5]:
        console.print(each.why, highlight=False, markup=False, soft_wrap=True)
    if options.markdown:
        target = Path(options.markdown)
        intro = f"{folder.name}: {said} Values with 95 % bootstrap intervals. {_made_by()}"
        page.write(target, f"rated-{folder.name}", intro, sections, page.draw_rated(answers, target))
    return {
        "folder": folder.name,
        "held": bool(options.held),
        "pictures": len(rated),
        "failed": [each.why for each in failed],
        "figures": [asdict(each) for each in figures],
        "made by": _made_by(),
    }


def _show(sections: Sequence[page.Section], console: Console) -> None:
    for title, rows in sections:
        console.print(terminal(title, rows))
        console.print()


def _made_by() -> str:
    return f"Weights {network().card.sha256[:12]}, calibration {load_calibration().digest}, seed {SEED}."
