"""The benchmark's results in sections: what the terminal prints is what the Markdown page holds, beside its plots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluator.errors import FileUnwritable
from evaluator.network.heads import ATTRIBUTES
from evaluator.training.benchmark import plots
from evaluator.training.benchmark.outcomes import AMONG
from evaluator.training.benchmark.rated import Answer, answer
from evaluator.training.benchmark.standard import Standard
from evaluator.training.benchmark.statistics import Figure
from evaluator.training.benchmark.tables import Rows, across, markdown, pivot, plain

Section = tuple[str, Rows]
OPENED = ("total", "impression", "technical", "appeal", "pleasing")
"""What is drawn beside people's ratings."""


def standard_sections(found: Standard) -> list[Section]:
    """Return the tables of the standard benchmark."""
    every = [each for each in found.figures if each.among == "all"]
    attributes = [each for each in found.figures if each.subject in ATTRIBUTES]
    criteria = [each for each in found.figures if each.subject not in ATTRIBUTES]
    return [
        ("Pictures", plain(found.counts())),
        ("Criteria", pivot([e for e in every if e in criteria], "criterion", ("SRCC", "PLCC", "MAE"))),
        ("Same grade", pivot([e for e in every if e in criteria], "criterion", ("same grade", "within one"))),
        ("Attributes", pivot([e for e in every if e in attributes], "attribute", ("AUC", "precision", "recall"))),
        ("Where the map peaks", pivot([e for e in every if e in attributes], "attribute", ("peak inside",))),
        ("False alarms on untouched good pictures", pivot(found.figures, "attribute", ("flagged",))),
        ("By difficulty: AUC", across(attributes, "attribute", "AUC", AMONG)),
        ("By difficulty: precision", across(attributes, "attribute", "precision", AMONG)),
        ("By difficulty: recall", across(attributes, "attribute", "recall", AMONG)),
        ("By difficulty: SRCC", across(criteria, "criterion", "SRCC", AMONG)),
        ("By difficulty: same grade", across(criteria, "criterion", "same grade", AMONG)),
        ("When the picture changes", plain(found.moved)),
        ("Pictures of nothing", plain(found.nothing)),
    ]


def rated_sections(figures: Sequence[Figure]) -> list[Section]:
    """Return the table of how the judge agrees with people."""
    return [("Agreement with people", pivot(figures, "answer", ("SRCC", "PLCC", "KRCC")))]


def write(folder: Path, name: str, intro: str, sections: Sequence[Section], drawn: Sequence[str]) -> None:
    """Write a page of tables, which shows the plots of those names that lie beside it."""
    pages = [f"# Benchmark\n\n{intro}\n", *(markdown(title, rows) for title, rows in sections)]
    pages += [f"![{plot.replace('-', ' ')}]({plot}.png)\n" for plot in drawn]
    file = folder / f"{name}.md"
    try:
        file.write_text("\n".join(pages), encoding="utf-8")
    except OSError as error:
        raise FileUnwritable(path=file, why=error.strerror) from None


def draw_standard(found: Standard, folder: Path) -> list[str]:
    """Draw the plots of the standard benchmark; return their names."""
    plots.reliability(found.outcomes, folder / "reliability.png")
    plots.precision_recall(found.outcomes, folder / "precision-recall.png")
    plots.scatter(found.outcomes, folder / "scores-over-labels.png")
    return ["reliability", "precision-recall", "scores-over-labels"]


def draw_rated(answers: Sequence[Answer], folder: Path) -> list[str]:
    """Draw answers over people's ratings; return the plot's name."""
    sets = {}
    for name in OPENED:
        pairs = [(each.rated.score, value) for each in answers if (value := answer(each.said, name)) is not None]
        if pairs:
            sets[name] = np.array(pairs, np.float64)
    plots.agreement(sets, folder / "agreement.png")
    return ["agreement"]
