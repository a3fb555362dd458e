"""Many pictures in processes: in order, the same as in threads, and nothing left behind."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_look import FakeEyes
from test_pipeline import still_life

from evaluator import Evaluator, batch
from evaluator.errors import ProcessLost
from evaluator.report import to_json
from evaluator.types import Report


@pytest.fixture
def paths(tmp_path: Path, encode: Callable[..., bytes]) -> list[Path]:
    """Five files of which the second is damaged and the fourth is missing."""
    files = [tmp_path / f"{number}.png" for number in range(5)]
    for number, path in enumerate(files):
        path.write_bytes(encode(still_life(80, 100, seed=number)))
    files[1].write_bytes(files[1].read_bytes()[:300])
    files[3].unlink()
    return files


def test_processes_say_what_threads_say_and_are_gone_with_the_run(paths: list[Path]) -> None:
    judge = Evaluator("amazon", eyes=None)
    taken = []

    def asked() -> Iterator[Path]:
        for path in paths * 8:
            taken.append(path)
            yield path

    results = judge.score_many(asked(), processes=2, profile="google")
    assert taken == []
    apart = [next(results) for _ in paths]
    assert len(taken) <= len(paths) + 2 * batch.AHEAD
    assert len(multiprocessing.active_children()) == 2
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []
    together = list(judge.score_many(paths, workers=1, profile="google"))
    assert [to_json(result) for result in apart] == [to_json(result) for result in together]
    assert isinstance(apart[0], Report)
    assert (apart[0].stamp.profile, apart[0].evidence) == ("google", None)


def test_a_process_that_ends_by_itself_ends_the_run_with_what_to_do(paths: list[Path]) -> None:
    results = Evaluator(eyes=None).score_many([paths[3]] * 60, processes=2)
    next(results)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(ProcessLost, match="One of 2 processes"):
        list(results)


def test_eyes_of_ones_own_stay_in_this_process(paths: list[Path]) -> None:
    results = Evaluator(eyes=FakeEyes()).score_many(paths, processes=2)
    assert isinstance(next(results), Report)
    assert multiprocessing.active_children() == []
    assert len(list(results)) == len(paths) - 1


@pytest.mark.parametrize(
    ("count", "cores", "expected"), [(batch.FEW - 1, 8, 1), (batch.FEW, 2, 2), (10**6, 64, batch.MOST), (10**6, 1, 1)]
)
def test_processes_are_started_where_they_are_worth_it(
    count: int, cores: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "cores", lambda: cores)
    assert batch.processes_for(count) == expected
