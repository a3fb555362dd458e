"""Pairs that people judged: an original, a picture generated from it, and whether that is good; files that hold them.

The published label files of HFPC (arXiv 2412.17504) come in two shapes, one JSON object a line: a pair
(`origin`, `generation`, `label`), or originals by address, each with `generations` and as many `labels`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

COLUMNS = ("original", "generated", "label")
"""The columns of a table of pairs."""
NAMED = 10
"""Most wrong lines that are named at once."""

Label = Annotated[int, Field(ge=0, le=1)]
Line = TypeVar("Line")
"""A line of a file: its text, or a table's row."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """An original, a picture generated from it (addresses or paths), and 1 where people found it good, else 0."""

    origin: str
    generation: str
    label: int


class LabelsWrong(ValueError):
    """A file of labelled pairs has lines that cannot be used; the sentence names them and what to do."""


class _Single(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    origin: str = Field(min_length=1)
    generation: str = Field(min_length=1)
    label: Label


class _Several(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    generations: list[str]
    labels: list[Label]


_GROUPS = TypeAdapter(dict[str, _Several])


def read_labels(path: Path) -> list[LabelledPair]:
    """Return the pairs of a published label file (`.jsonl`), each once, in the file's order.

    Raises FileNotFoundError, and LabelsWrong where a line holds no pair, or contradicts an earlier one.
    """
    lines = enumerate(_text(path).split("\n"), 1)
    return _collected(path, ((number, line) for number, line in lines if line.strip()), _of_line)


def read_table(path: Path) -> list[LabelledPair]:
    """Return the pairs of a CSV table with the columns original, generated and label, each once, in its order.

    Pictures are paths, a relative one from the table's own folder. Raises FileNotFoundError, and LabelsWrong where
    a column is missing, a label is neither 0 nor 1, a picture is not there, or a line contradicts an earlier one.
    """
    reader = csv.DictReader(_text(path).splitlines())
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise LabelsWrong(f"{path}: no column {', '.join(missing)}; the first line must name {','.join(COLUMNS)}.")
    return _collected(path, ((reader.line_num, row) for row in reader), lambda row: [_of_row(row, path.parent)])


def write_table(pairs: Iterable[LabelledPair], path: Path) -> None:
    """Write pairs of pictures as a table that `read_table` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((pair.origin, pair.generation, pair.label) for pair in pairs)


def _text(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; name a file of labelled pairs.")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelsWrong(f"{path} is no UTF-8 text (byte {error.start}); save it as UTF-8.") from None


def _collected(
    path: Path, lines: Iterable[tuple[int, Line]], read: Callable[[Line], Iterable[LabelledPair]]
) -> list[LabelledPair]:
    """Return the pairs of all lines; raise LabelsWrong with every line that is wrong, up to NAMED of them."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    wrong: list[str] = []
    for number, line in lines:
        try:
            for pair in read(line):
                key = pair.origin, pair.generation
                label, first = found.setdefault(key, (pair.label, number))
                if label != pair.label:
                    raise ValueError(f"it is labelled {pair.label}, and {label} in line {first}")
        except ValidationError as error:
            wrong.append(f"line {number}: {_told(error)}")
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise LabelsWrong(
            f"{path}: {len(wrong)} wrong, {'; '.join(wrong[:NAMED])}{more}. Correct or delete what is named."
        )
    if not found:
        raise LabelsWrong(f"{path} holds no pairs; name a file of labelled pairs.")
    return [LabelledPair(*key, label) for key, (label, _) in found.items()]


def _of_line(line: str) -> Iterator[LabelledPair]:
    """Yield the pairs of a line of either shape. Raises ValueError."""
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg} at {error.pos})") from None
    if not isinstance(data, dict) or not data:
        raise ValueError("no JSON object; expected origin, generation and label, or originals with their generations")
    if data.keys() & _Single.model_fields.keys():
        single = _Single.model_validate(data)
        yield LabelledPair(single.origin, single.generation, single.label)
        return
    for origin, group in _GROUPS.validate_python(data).items():
        if len(group.generations) != len(group.labels):
            raise ValueError(f"{len(group.generations)} generations have {len(group.labels)} labels")
        for generation, label in zip(group.generations, group.labels, strict=True):
            yield LabelledPair(origin, generation, label)


def _of_row(row: Mapping[str, str | None], folder: Path) -> LabelledPair:
    """Return the pair of a table's row. Raises ValueError."""
    label = (row["label"] or "").strip()
    if label not in ("0", "1"):
        raise ValueError(f"the label is {label!r}, expected 0 or 1")
    paths = [folder / (row[name] or "").strip() for name in COLUMNS[:2]]
    for path in paths:
        if not path.is_file():
            raise ValueError(f"there is no picture {path}")
    return LabelledPair(str(paths[0]), str(paths[1]), 1 if label == "1" else 0)


def _told(error: ValidationError) -> str:
    """Return the first thing that is wrong, and how many more there are."""
    first, *rest = error.errors()
    place = ".".join(map(str, first["loc"][-2:]))
    more = f" (and {len(rest)} more)" if rest else ""
    given = "" if first["type"] == "missing" else f" is {str(first['input'])[:60]!r}"
    return f"{place}{given}: {first['msg'][:1].lower()}{first['msg'][1:]}{more}"
