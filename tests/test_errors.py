"""The package's errors: a sentence in each language with its figures, and safe passage between processes."""

from __future__ import annotations

import copy
import pickle
import re
import string

import pytest

from evaluator import errors
from evaluator.errors import EvaluatorError, StandardError, TooManyPixels

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, EvaluatorError) and kind.en != EvaluatorError.en
]
BASES = {"EvaluatorError", "DecodeError"}


def fields(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


def filled(kind: type[EvaluatorError]) -> EvaluatorError:
    numbers = {"megapixels", "megabytes", "ratio"}
    return kind(**{name: 41.5 if name in numbers else f"<{name}>" for name in fields(kind.en)})


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_the_same_figures_in_both_languages(kind: type[EvaluatorError]) -> None:
    assert fields(kind.en) == fields(kind.zh) != set()
    error = filled(kind)
    for language in ("en", "zh"):
        for name in fields(kind.en):
            assert str(error.values[name]) in error.sentence(language)
    assert re.search("[\u4e00-\u9fff]", error.sentence("zh"))
    assert not re.search("[\u4e00-\u9fff]", error.sentence("en"))
    assert str(error) == error.sentence() == error.sentence("en")
    assert error.type == kind.__name__


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_crosses_a_process_boundary(kind: type[EvaluatorError]) -> None:
    error = filled(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(twin) is kind
        assert twin.values == error.values
        assert twin.sentence("zh") == error.sentence("zh")


def test_there_is_one_base_and_every_error_has_its_sentence() -> None:
    every = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert every == {kind.__name__ for kind in KINDS} | BASES
    assert len({kind.en for kind in KINDS}) == len({kind.zh for kind in KINDS}) == len(KINDS)


def test_figures_are_rounded_for_people() -> None:
    error = TooManyPixels(name="map.png", width=9000, height=8000, megapixels=72.0, limit=64)
    assert str(error) == "map.png is 9000 × 8000 = 72.0 megapixels, over the limit of 64; make it smaller."


def test_a_plain_error_says_its_detail() -> None:
    assert str(EvaluatorError(detail="nothing works")) == "nothing works"


def test_a_sentence_without_its_value_is_a_fault_of_the_code() -> None:
    with pytest.raises(KeyError):
        StandardError(file="standard.toml")
