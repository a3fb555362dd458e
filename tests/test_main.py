"""The command line: what it writes, in which order, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_pipeline import still_life

from evaluator import __version__, batch, pipeline
from evaluator.__main__ import main, walk
from evaluator.errors import ProcessLost

ROOT = Path(__file__).parent.parent
CONTRACT = {"path", "score", "verdict", "criteria", "tags", "parts", "advice", "stamp"}


@pytest.fixture
def folder(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Two small pictures in folders, and things that are no pictures."""
    shop = tmp_path / "shop"
    for number, name in enumerate(("b.png", "a/z.JPG", "B.webp")):
        path = shop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(still_life(64, 80, seed=number), {".JPG": "JPEG"}.get(path.suffix, path.suffix[1:])))
    (shop / "notes.txt").write_text("no picture")
    (shop / "album.png").mkdir()
    return shop


def run(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "evaluator", *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_folder_is_walked_in_the_order_of_names(folder: Path) -> None:
    inside = [str(folder / name) for name in ("B.webp", "a/z.JPG", "b.png")]
    assert list(walk([str(folder)])) == inside
    named = [str(folder / "notes.txt"), str(folder / "gone.png")]
    assert list(walk([named[1], str(folder), named[0]])) == [named[1], *inside, named[0]]


def test_workers_and_processes_write_the_same_bytes_in_order(folder: Path, tmp_path: Path) -> None:
    (folder / "c.png").write_bytes((folder / "b.png").read_bytes()[:200])
    ways = ("--workers", 1), ("--workers", 2), ("--processes", 2)
    outs = [tmp_path / f"{number}.jsonl" for number in range(len(ways))]
    runs = [run("score", folder, folder / "gone.png", *way, "--out", out) for way, out in zip(ways, outs, strict=True)]
    for process in runs:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out, err) == (1, b"", b"")
    assert outs[0].read_bytes() == outs[1].read_bytes() == outs[2].read_bytes()
    rows = read(outs[0])
    assert [Path(row["path"]).name for row in rows] == ["B.webp", "z.JPG", "b.png", "c.png", "gone.png"]
    for row in rows[:3]:
        assert set(row) >= CONTRACT
        assert (len(row["criteria"]), len(row["tags"])) == (19, 5)
        assert all({"score", "weight", "reason"} <= set(each) for each in row["criteria"].values())
        assert all({"probability", "flag", "confidence", "boxes"} <= set(each) for each in row["tags"].values())
        assert round(sum(part["adds"] for part in row["parts"]), 2) == row["score"]
    for row, kind in zip(rows[3:], ("Truncated", "FileMissing"), strict=True):
        assert set(row) == {"path", "error"}
        assert set(row["error"]) == {"type", "message"}
        assert row["error"]["type"] == kind


def test_processes_are_thought_of_unless_threads_are_asked_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def none_for(count: int) -> int:
        counts.append(count)
        return 1

    monkeypatch.setattr(batch, "processes_for", none_for)
    out = str(tmp_path / "out.jsonl")
    assert main(["score", str(folder), "--out", out]) == 0
    assert counts == [3]
    assert main(["score", str(folder), "--workers", "1", "--out", out]) == 0
    assert counts == [3]


def test_where_a_process_that_nobody_asked_for_is_lost_threads_go_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch, "processes_for", lambda count: 2)
    threads = pipeline.Evaluator.score_many

    def lost(self: Any, paths: Any, *, processes: int | None = None, **rest: Any) -> Any:
        for done, result in enumerate(threads(self, paths, **rest)):
            if processes and done == 1:
                raise ProcessLost(processes=processes)
            yield result

    monkeypatch.setattr(pipeline.Evaluator, "score_many", lost)
    out = tmp_path / "out.jsonl"
    assert main(["score", str(folder), "--out", str(out)]) == 0
    names = [Path(json.loads(line)["path"]).name for line in out.read_text("utf-8").splitlines()]
    assert names == ["B.webp", "z.JPG", "b.png"]
    assert "warning: One of 2 processes" in capsys.readouterr().err
    assert main(["score", str(folder), "--processes", "2", "--out", str(out)]) == 1


def test_a_reader_that_goes_away_ends_the_run_quietly(folder: Path) -> None:
    process = run("score", *[folder / "b.png"] * 16, "--out", "-")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(10) == b'{"path": "'
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == 1
    assert said == b""


def test_a_dash_writes_the_lines_to_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(folder / "b.png"), str(folder / "B.webp"), "--out", "-"]) == 0
    out, err = capsys.readouterr()
    assert [Path(json.loads(line)["path"]).name for line in out.splitlines()] == ["b.png", "B.webp"]
    assert err == ""


def test_without_a_file_a_table_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "b.png" in shown
    assert "good-image rate" in shown
    assert main(["score", str(folder / "notes.txt")]) == 1
    assert "notes.txt is not a picture" in capsys.readouterr().out


def test_a_profile_changes_the_stamp(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["score", str(folder / "b.png"), "--profile", "amazon", "--out", str(out)]) == 0
    assert read(out)[0]["stamp"]["profile"] == "amazon"


def test_a_file_name_that_is_no_text_is_written(folder: Path, tmp_path: Path) -> None:
    odd = os.fsencode(folder) + b"/caf\xe9.png"
    try:
        Path(os.fsdecode(odd)).write_bytes((folder / "b.png").read_bytes())
    except OSError:
        pytest.skip("this file system holds only names that are text")
    out = tmp_path / "out.jsonl"
    assert main(["score", os.fsdecode(odd), "--out", str(out)]) == 0
    assert os.fsencode(read(out)[0]["path"]) == odd


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def test_an_unknown_profile_is_bad_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(folder), "--profile", "ebay"]) == 2
    assert "'ebay'; the profiles are general, amazon, google, lifestyle" in one_sentence(capsys)


def test_a_folder_without_pictures_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(tmp_path)]) == 2
    assert f"no pictures under {tmp_path}" in one_sentence(capsys)


@pytest.mark.parametrize("where", [".", "nowhere/out.jsonl", "shop/b.png/out.jsonl"])
def test_results_that_cannot_be_written_are_bad_usage(
    folder: Path, tmp_path: Path, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / where
    assert main(["score", str(folder / "b.png"), "--out", str(out)]) == 2
    assert f"The file {out} cannot be written (" in one_sentence(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["judge"], ["score"], ["score", "a.png", "--workers", "0"], ["score", "a.png", "--workers", "two"],
        ["score", "a.png", "--processes", "0"],
        ["score", "a.png", "--processes", "2", "--workers", "2"],
        ["score", "a.png", "--colour"], ["bench", "--every", "-1"],
    ],
)  # fmt: skip
def test_bad_usage_ends_with_2_and_says_how_it_is_used(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m evaluator" in capsys.readouterr().err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (["--help"], ("score", "bench", "Exit code")),
        (["score", "--help"], ("--out", "--profile", "--workers", "--processes")),
        (["--version"], (__version__,)),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert [word for word in words if word not in shown] == []


class Interrupted(pipeline.Evaluator):
    """Stopped by the user over the first picture."""

    def score_many(self, *arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt


def test_a_run_that_is_stopped_ends_with_130(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pipeline, "Evaluator", Interrupted)
    assert main(["score", str(folder)]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_bench_wants_to_know_what_to_measure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench"]) == 2
    assert "--ladder" in "".join(capsys.readouterr())
