"""Figures as tables, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from evaluator.training.benchmark.statistics import Figure

Rows = tuple[list[str], list[list[str]]]
"""A header and its rows."""


def pivot(figures: Sequence[Figure], first: str, measures: Sequence[str]) -> Rows:
    """Return one row a subject, one column a measure; how many were not judged, and the base rate, stand beside."""
    chosen = [each for each in figures if each.measure in measures]
    subjects = list(dict.fromkeys(each.subject for each in chosen))
    based = any(each.base is not None for each in chosen)
    header = [first, "pictures", "not applicable", *(["base"] if based else []), *measures]
    rows = []
    for subject in subjects:
        of = {each.measure: each for each in chosen if each.subject == subject}
        lead = next(iter(of.values()))
        absent = max(each.absent for each in of.values())
        cells = [shown(of[measure]) if measure in of else "–" for measure in measures]
        base = [f"{lead.base:.2f}" if lead.base is not None else "–"] if based else []
        rows.append([subject, str(lead.pictures), str(absent), *base, *cells])
    return header, rows


def across(figures: Sequence[Figure], first: str, measure: str, among: Sequence[str]) -> Rows:
    """Return one row a subject and one column for each set of pictures, of a single measure."""
    chosen = {(each.subject, each.among): each for each in figures if each.measure == measure}
    subjects = list(dict.fromkeys(subject for subject, _ in chosen))
    rows = [
        [subject, *(shown(chosen[subject, name]) if (subject, name) in chosen else "–" for name in among)]
        for subject in subjects
    ]
    return [first, *among], rows


def plain(records: Sequence[Mapping[str, object]]) -> Rows:
    """Return records with the same keys as a table."""
    header = list(records[0]) if records else []
    return header, [[str(record[key]) for key in header] for record in records]


def shown(each: Figure) -> str:
    """Return a figure as text: its value and its interval."""
    if each.value is None or each.low is None or each.high is None:
        return "–"
    return f"{each.value:.2f} ({each.low:.2f}–{each.high:.2f})"


def terminal(title: str, table: Rows) -> Table:
    """Return a table for the terminal."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, name in enumerate(table[0]):
        made.add_column(name, justify="left" if number == 0 else "right")
    for row in table[1]:
        made.add_row(*row)
    return made


def markdown(title: str, table: Rows) -> str:
    """Return a table under its title, in Markdown."""
    lines = [f"## {title}", "", f"| {' | '.join(table[0])} |"]
    lines.append("|" + "|".join("---" if number == 0 else "---:" for number in range(len(table[0]))) + "|")
    lines += [f"| {' | '.join(row)} |" for row in table[1]]
    return "\n".join(lines) + "\n"
