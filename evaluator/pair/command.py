"""What `compare` prints: one pair, or the candidates of one original ranked, with the good-image rate."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from evaluator.errors import EvaluatorError, FileUnwritable, Internal
from evaluator.pair.report import ranked, ranking_json, to_json
from evaluator.pair.types import PairReport
from evaluator.types import Failure

Compare = Callable[[str, str], PairReport]

FAILED = 1


def one(original: str, generated: str, out: str | None, compare: Compare) -> int:
    """Compare one pair and write its JSON; return 0, or 1 where a picture cannot be read."""
    result = _attempt(original, generated, compare)
    _write(to_json(result, indent=2), out)
    return FAILED if isinstance(result, Failure) else 0


def many(original: str, candidates: Sequence[str], out: str | None, compare: Compare) -> int:
    """Compare candidates with their original and write them as JSON, best first; return 0, or 1 where some failed."""
    results = [_attempt(original, path, compare) for path in candidates]
    reports = ranked(result for result in results if isinstance(result, PairReport))
    failures = [result for result in results if isinstance(result, Failure)]
    _write(ranking_json(original, reports, failures), out)
    return FAILED if failures else 0


def _attempt(original: str, generated: str, compare: Compare) -> PairReport | Failure:
    try:
        return compare(original, generated)
    except EvaluatorError as error:
        found = error
    except Exception as error:
        found = Internal(name=os.fspath(generated), why=f"{type(error).__name__}: {error}")
    print(f"error: {found}", file=sys.stderr)
    return Failure(generated, found.type, found.sentence("en"), found.sentence("zh"))


def _write(text: str, out: str | None) -> None:
    if out is None or out == "-":
        print(text)
        return
    try:
        with open(out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise FileUnwritable(path=out, why=error.strerror) from None
