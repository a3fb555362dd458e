"""The command that times pretrained models, on models that take no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from evaluator.experts.__main__ import MODELS, TIMES, USUAL, main


@pytest.fixture
def steps() -> list[str]:
    """What was run, in order."""
    return []


@pytest.fixture
def models(steps: list[str]) -> Mapping[str, Callable[[str], tuple[Any, Callable[[], object]]]]:
    import torch

    def maker(name: str) -> Callable[[str], tuple[Any, Callable[[], object]]]:
        return lambda device: (torch.nn.Linear(999, 1000, device=device), lambda: steps.append(name))

    return {name: maker(name) for name in ("one", "two")}


def test_it_says_that_it_times_and_judges_nothing(
    models: Any, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["time"], models) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Timing only: random weights") and "cpu" in lines[0]
    assert [line.split()[:3] for line in lines[2:]] == [["one", "1.0", "M"], ["two", "1.0", "M"]]
    assert steps == ["one"] * (1 + TIMES) + ["two"] * (1 + TIMES)


def test_one_model_may_be_named(models: Any, steps: list[str]) -> None:
    assert main(["time", "two", "--device", "cpu"], models) == 0
    assert set(steps) == {"two"}


def test_bad_usage_is_told(models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time", "--device", "abacus"], models) == 2
    assert "'abacus'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["time", "three"], models)
    assert "three" in capsys.readouterr().err


def test_what_is_timed_by_default_is_known() -> None:
    assert set(USUAL) < set(MODELS)
