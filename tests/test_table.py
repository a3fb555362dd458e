"""The table for people and the progress bar: one line a picture where there is no terminal, nothing lost."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import as_photo
from test_pipeline import still_life

from evaluator.pipeline import Evaluator
from evaluator.standard import load
from evaluator.table import progress, show
from evaluator.types import Failure, Report

STANDARD = load()
FAILURE = Failure("shop/[bold]gone[/].png", "FileMissing", "There is no file [here]; check the path.", "没有文件。")


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """A good picture and a dark one, by the measures alone: the network doubts what is drawn."""
    evaluator, picture = Evaluator(eyes=None), still_life(320, 400)
    far = "shop/" + "long/" * 30 + "dark.png"
    return [evaluator.examine(as_photo(picture), "shop/jar.png"), evaluator.examine(as_photo(picture // 6), far)]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_each_picture_takes_one_line_with_its_score_weakness_and_advice(
    capsys: pytest.CaptureFixture[str], reports: list[Report]
) -> None:
    assert show(iter([reports[0], FAILURE, reports[1]]), 3, STANDARD) == 1
    head, good, gone, dark, rate, failed = lines(capsys)
    assert head.split() == ["picture", "score", "verdict", "weakest", "what", "to", "do", "first"]
    assert good.startswith("shop/jar.png ")
    assert f"{reports[0].score:.2f}  good" in good
    assert reports[0].advice[0].en in good
    assert "[bold]gone[/].png" in gone
    assert gone.endswith(FAILURE.message)
    assert "error" in gone
    assert reports[1].path in dark
    weakest = min((c.score, id) for id, c in reports[1].criteria.items() if c.score is not None)
    assert f"{STANDARD.criterion(weakest[1]).name.en} {weakest[0]:.1f}" in dark
    assert rate == "good-image rate 50% (1 of 2)"
    assert failed == "1 could not be scored"


def test_without_failures_none_is_counted(capsys: pytest.CaptureFixture[str], reports: list[Report]) -> None:
    assert show(reports[:1], 1, STANDARD) == 0
    assert lines(capsys)[2:] == ["good-image rate 100% (1 of 1)"]


def test_where_nothing_was_scored_there_is_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert show([FAILURE], 1, STANDARD) == 1
    assert lines(capsys)[2:] == ["1 could not be scored"]


def test_a_picture_that_needs_nothing_has_no_advice(capsys: pytest.CaptureFixture[str], reports: list[Report]) -> None:
    show([replace(reports[0], advice=())], 1, STANDARD)
    assert lines(capsys)[1].endswith("–")


def test_a_file_name_that_is_no_text_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsdecode(b"caf\xe9.png")
    show([Failure(path, "FileMissing", f"There is no file at {path}.", "")], 1, STANDARD)
    assert "caf?.png" in lines(capsys)[1]


def test_on_a_terminal_long_paths_lose_their_beginning_and_advice_wraps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, reports: list[Report]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "dumb")
    show(reports, 2, STANDARD)
    shown = lines(capsys)
    assert max(len(line) for line in shown) <= 90
    (dark,) = (line for line in shown if "dark.png" in line)
    assert dark.startswith("…")
    assert len(shown) > 4


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_progress_passes_every_item_on_and_shows_only_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]
) -> None:
    monkeypatch.setattr(sys, "stderr", shown := stream())
    taken = []

    def items() -> Iterator[int]:
        for item in range(3):
            taken.append(item)
            yield item

    passed = progress(items(), 3, "judging")
    assert taken == []
    assert next(passed) == 0
    assert taken == [0]
    assert list(passed) == [1, 2]
    assert ("judging" in shown.getvalue()) == (stream is Terminal)
