"""A pair's report, and a ranking of candidates, as files to take away; they lie in Gradio's cache, as all do."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from evaluator.pair import report as pair_report
from evaluator.pair.types import PairReport
from evaluator.types import Failure
from evaluator.ui.downloads import write
from evaluator.ui.pair_cards import figure, measures, parts, said, sentence
from evaluator.ui.voice import Voice

COLUMNS = (
    "rank",
    "generated",
    "verdict",
    "consistency",
    "background",
    "state",
    "probability_changed",
    "reasons",
    "error",
)


def json_file(report: PairReport) -> str:
    """Write the report as JSON and return the file's path."""
    return write(report.generated, "pair-report.json", pair_report.to_json(report, indent=2))


def markdown_file(report: PairReport, voice: Voice) -> str:
    """Write the report as Markdown in the voice's language and return the file's path."""
    return write(report.generated, "pair-report.md", markdown(report, voice))


def markdown(report: PairReport, voice: Voice) -> str:
    """Return the report as a Markdown document."""
    product, background = report.consistency.score, report.background.score
    lines = [
        f"# {voice.say('pair.document')}: {_cell(report.generated)}",
        "",
        f"{voice.say('pair.original')}: {_cell(report.original)}",
        "",
        f"**{voice.say(f'verdict.{report.verdict}' if report.verdict else 'pair.no_verdict')}** · "
        f"{voice.say('pair.product')} {figure(product)} · {voice.say('pair.background')} {figure(background)}",
        "",
        sentence(report, voice),
        "",
        f"## {voice.say('pair.reasons')}",
        "",
        *(f"- {_cell(said(reason, voice))}" for reason in report.reasons),
        "",
        f"| {voice.say('pair.measure')} | {voice.say('pair.value')} | {voice.say('pair.means')} |",
        "|---|---:|---|",
        *(f"| {name} | {value} | {means} |" for name, value, means in measures(report, voice)),
        *(f"| {name} | {value:.1f} / 5 | |" for name, value in parts(report, voice)),
    ]
    return "\n".join([*lines, ""])


def ranking_json(original: str, reports: Sequence[PairReport], failures: Sequence[Failure]) -> str:
    """Write ranked candidates as `compare --candidates` prints them, and return the file's path."""
    return write(original, "ranking.json", pair_report.ranking_json(original, reports, failures))


def ranking_csv(original: str, reports: Sequence[PairReport], failures: Sequence[Failure], voice: Voice) -> str:
    """Write ranked candidates as a table, those that cannot be read last, and return the file's path."""
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for rank, report in enumerate(reports, 1):
        same = report.consistency
        scores = [_number(same.score, 2), _number(report.background.score, 2)]
        reasons = " ".join(said(reason, voice) for reason in report.reasons)
        known = [same.state, _number(same.probability, 4)]
        table.writerow([rank, _plain(report.generated), report.verdict or "", *scores, *known, _plain(reasons), ""])
    for failure in failures:
        told = failure.message_zh if voice.language == "zh" else failure.message
        table.writerow(["", _plain(failure.path), "", "", "", "", "", "", _plain(told)])
    # Excel takes a table for UTF-8 only where it begins with this mark.
    return write(original, "ranking.csv", "\ufeff" + stream.getvalue())


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in tuple("=+-@\t") else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
