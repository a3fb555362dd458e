"""The benchmark's plots: reliability, precision and recall, scores beside labels. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluator.errors import EvaluatorError
from evaluator.network.heads import ATTRIBUTES
from evaluator.training.benchmark.outcomes import Outcome, answers, labelled
from evaluator.training.benchmark.statistics import plcc, srcc

Numbers = npt.NDArray[np.float64]
BINS = 8
"""Bins of probability, each with as many pictures."""
INK, LINE, RULE, DOT = "#222222", "#2f6f9f", "#b9b9b9", "#c2563a"
TALL = 2.7
"""Height of one panel, inches."""


class PlotsUnavailable(EvaluatorError):
    """The library that draws the plots is not installed."""

    en = "Plots need {library}, which is not installed; run `pip install -r {file}`, or leave --markdown out."
    zh = "绘图需要 {library}，但尚未安装；请运行 `pip install -r {file}`，或去掉 --markdown。"


def drawing() -> Any:
    """Return matplotlib's class of figures. Raises PlotsUnavailable where it is not installed."""
    try:
        return import_module("matplotlib.figure").Figure
    except ImportError:
        raise PlotsUnavailable(library="matplotlib", file="evaluator/training/requirements.txt") from None


def reliability(outcomes: Sequence[Outcome], file: Path) -> None:
    """Draw how often pictures of a stated probability are indeed faulty, by attribute."""
    sets = {name: [row for row in answers(outcomes, name) if row[4]] for name in ATTRIBUTES}
    known = {name: rows for name, rows in sets.items() if rows}
    figure, panels = _panels(max(1, len(known)))
    for panel, (name, rows) in zip(panels, known.items(), strict=False):
        pairs = np.array([(truth, probability) for truth, probability, *_ in rows], np.float64)
        parts = np.array_split(pairs[np.argsort(pairs[:, 1], kind="stable")], min(BINS, len(pairs)))
        panel.plot([0, 1], [0, 1], color=RULE, linewidth=1)
        stated, found = [part[:, 1].mean() for part in parts], [part[:, 0].mean() for part in parts]
        panel.plot(stated, found, color=LINE, marker="o", markersize=4)
        _frame(panel, f"{name} ({len(rows)})", "stated probability", "share faulty", (-0.03, 1.03))
    _save(figure, file)


def precision_recall(outcomes: Sequence[Outcome], file: Path) -> None:
    """Draw precision over recall as the threshold runs, by attribute, with the shipped decision as a dot."""
    sets = {name: answers(outcomes, name) for name in ATTRIBUTES}
    known = {name: rows for name, rows in sets.items() if any(row[0] for row in rows)}
    figure, panels = _panels(max(1, len(known)))
    for panel, (name, rows) in zip(panels, known.items(), strict=False):
        truth, probability, flag = (np.array([row[column] for row in rows], np.float64) for column in range(3))
        recall, precision = curve(truth, probability)
        panel.axhline(truth.mean(), color=RULE, linewidth=1)
        panel.plot(recall, precision, color=LINE, drawstyle="steps-post")
        if flag.any():
            panel.plot([flag[truth > 0].mean()], [truth[flag > 0].mean()], "o", color=DOT, markersize=6)
        _frame(panel, f"{name} ({len(rows)})", "recall", "precision", (-0.03, 1.03))
    _save(figure, file)


def curve(truth: Numbers, probability: Numbers) -> tuple[Numbers, Numbers]:
    """Return recall and precision at each probability that occurs, the highest first."""
    order = np.argsort(-probability, kind="stable")
    last = np.append(np.diff(probability[order]) != 0, True)
    found = np.cumsum(truth[order])[last]
    asked = np.arange(1, len(truth) + 1)[last]
    return found / max(1.0, float(truth.sum())), found / asked


def scatter(outcomes: Sequence[Outcome], file: Path) -> None:
    """Draw scores over labels, by criterion."""
    names = sorted({name for each in outcomes for name in each.criteria})
    sets = {name: [(x, y) for x, y, _ in labelled(outcomes, name) if y is not None] for name in names}
    known = {name: np.array(rows, np.float64) for name, rows in sets.items() if rows}
    figure, panels = _panels(max(1, len(known)))
    for panel, (name, rows) in zip(panels, known.items(), strict=False):
        panel.plot([1, 5], [1, 5], color=RULE, linewidth=1)
        panel.plot(rows[:, 0], rows[:, 1], "o", color=LINE, markersize=3, alpha=0.35, markeredgewidth=0)
        _frame(panel, _titled(name, rows), "label", "score", (0.85, 5.15))
    _save(figure, file)


def agreement(sets: dict[str, Numbers], file: Path) -> None:
    """Draw answers over people's ratings; `sets` has rows of rating and answer by what was answered."""
    figure, panels = _panels(max(1, len(sets)))
    for panel, (name, rows) in zip(panels, sets.items(), strict=False):
        panel.plot(rows[:, 0], rows[:, 1], "o", color=LINE, markersize=3, alpha=0.35, markeredgewidth=0)
        _frame(panel, _titled(name, rows), "people's mean", "score", None)
    _save(figure, file)


def _titled(name: str, rows: Numbers) -> str:
    rho = srcc(rows) if not np.isnan(plcc(rows)) else float("nan")
    return f"{name} ({len(rows)})" + ("" if np.isnan(rho) else f"  ρ {rho:.2f}")


def _panels(count: int) -> tuple[Any, list[Any]]:
    columns = count if count <= 5 else 4
    rows = ceil(count / columns)
    figure = drawing()(figsize=(TALL * 1.1 * columns, TALL * rows), layout="constrained")
    panels = list(np.ravel(figure.subplots(rows, columns)))
    for panel in panels[count:]:
        panel.set_visible(False)
    return figure, panels


def _frame(panel: Any, title: str, across: str, up: str, limits: tuple[float, float] | None) -> None:
    panel.set_title(title, fontsize=8.5, color=INK, loc="left")
    panel.set_xlabel(across, fontsize=8, color=INK)
    panel.set_ylabel(up, fontsize=8, color=INK)
    panel.tick_params(labelsize=7, colors=INK)
    panel.spines[["top", "right"]].set_visible(False)
    if limits is not None:
        panel.set_xlim(limits)
        panel.set_ylim(limits)
        panel.set_aspect("equal")


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file, dpi=110)
