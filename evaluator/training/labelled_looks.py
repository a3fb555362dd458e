"""What is seen of labelled pairs, as rows that the background reward is fitted on; kept, so that it is seen once."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from evaluator import pair as pair_code
from evaluator.decode import decode
from evaluator.errors import DecodeError
from evaluator.look import Looker
from evaluator.pair.pair import Comparer
from evaluator.pair.reward import Traits
from evaluator.table import progress
from evaluator.training.labelled import LabelledPair, read_table
from evaluator.training.sightings import Sighting

KIND = "labelled"


def rows(table: Path, eyes: Looker) -> list[Sighting]:
    """Return a row for each pair of a table (see `read_table`) whose product is found in the original.

    An original is known by what is in its file. What is seen is kept beside the table, for this network and this way
    of comparing: a run that was stopped goes on. What cannot be read or found is counted on the error stream.
    Raises FileNotFoundError, LabelsWrong.
    """
    pairs = read_table(table)
    kept = table.with_name(f"{table.stem}-looks-{_digest(eyes.weights)}.jsonl")
    found, left_out = [], 0
    for pair, key, seen in progress(_seen(pairs, kept, Comparer(eyes)), len(pairs), "looking"):
        if seen is None:
            left_out += 1
            continue
        vectors = [np.asarray(each, np.float32) for each in seen["embeddings"]]
        traits = Traits(seen["numbers"], *vectors)
        found.append(Sighting(key[0], key[0], bool(pair.label), pair.label, traits, kind=KIND))
    if left_out:
        print(f"{left_out} of {len(pairs)} pairs left out: unreadable, or without a product.", file=sys.stderr)
    return found


Key = tuple[str, str]
Seen = dict[str, Any] | None


def _seen(pairs: Sequence[LabelledPair], kept: Path, comparer: Comparer) -> Iterator[tuple[LabelledPair, Key, Seen]]:
    """Yield each pair with its files' checksums and what is seen, now or before; None where nothing is."""
    known = _read(kept)
    with kept.open("a", encoding="utf-8") as file:
        for pair in pairs:
            key = _checksum(pair.origin), hashlib.sha256(Path(pair.generation).read_bytes()).hexdigest()
            if key not in known:
                known[key] = _look(pair, comparer)
                file.write(json.dumps([*key, known[key]]) + "\n")
                file.flush()
            yield pair, key, known[key]


def _read(kept: Path) -> dict[Key, Seen]:
    """Return what was kept; a last line that broke off when the run was stopped is cut away."""
    if not kept.is_file():
        return {}
    whole = kept.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        with kept.open("rb+") as file:
            file.truncate(end)
    lines = (json.loads(line) for line in whole[:end].splitlines())
    return {(original, generated): seen for original, generated, seen in lines}


def _look(pair: LabelledPair, comparer: Comparer) -> Seen:
    try:
        traits = comparer.traits(decode(pair.origin), decode(pair.generation))
    except DecodeError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None
    if traits is None:
        return None
    numbers = {name: round(float(value), 5) for name, value in traits.numbers.items()}
    vectors = [np.round(each.astype(float), 5).tolist() for each in (traits.original, traits.generated, traits.place)]
    return {"numbers": numbers, "embeddings": vectors}


@cache
def _checksum(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _digest(weights: str) -> str:
    """Return what names these weights and this code of comparing."""
    found = hashlib.sha256(weights.encode())
    for file in sorted(Path(next(iter(pair_code.__path__))).glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:12]
