"""Evaluates the search on the library: likeness, written queries, palettes, doubles, looks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from itertools import combinations

import numpy as np
import numpy.typing as npt

from styles.errors import DataFileError
from styles.index import VectorIndex
from styles.palette import distances
from styles.search import aesthetic
from styles.shelf import Shelf, vectors_of
from styles.types import Hit, Query, Vectors

FILE = "queries.toml"
_NEAREST_PAIRS = 10
_MOST = 500

Search = Callable[[Query], list[Hit]]


@dataclass(frozen=True, slots=True)
class Written:
    """A query that a merchant might write, its language, and the ids of the styles that it should find."""

    text: str
    language: str
    find: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A query that did not find its style first: the rank of the first right one, and what came first."""

    text: str
    rank: int
    find: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one evaluation; None where the library has nothing to measure."""

    encoder: str
    styles: int
    heroes: int
    leave_one_out: float | None
    unrelated: float | None
    same_style: float | None
    queries: int
    skipped: int
    mrr: float | None
    mrr_by_language: dict[str, float] = field(default_factory=dict)
    misses: tuple[Miss, ...] = ()
    palette_delta_e: float | None = None
    nearest_pairs: tuple[tuple[str, str, float], ...] = ()
    duplicates: int = 0
    judged: int = 0
    aesthetic_min: float | None = None
    aesthetic_mean: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return the figures as plain values."""
        return asdict(self)


def load_queries() -> tuple[list[Written], list[tuple[str, ...]]]:
    """Return the packaged queries: written ones, and palettes.

    Raises: DataFileError.
    """
    text = resources.files("styles").joinpath(FILE).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        written = [
            Written(each["q"], language, tuple(each["find"]))
            for language in ("en", "zh")
            for each in data["words"][language]
        ]
        return written, [tuple(each) for each in data["palettes"]["colours"]]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DataFileError(file=FILE, key=str(error), why="it is missing or of the wrong kind") from None


def evaluate(
    shelf: Shelf,
    index: VectorIndex,
    search: Search,
    encoder: str,
    duplicate: float,
    written: Sequence[Written],
    palettes: Sequence[Sequence[str]],
) -> Result:
    """Return the figures of the shelf; `duplicate` is the likeness over which two styles are the same."""
    vectors = [vectors_of(shelf, index, row) for row in range(len(shelf.styles))]
    near = leave_one_out(vectors)
    ranks = [(query, *rank(search, query)) for query in written if set(query.find) & shelf.rows.keys()]
    pairs = style_pairs(shelf, vectors)
    looks = [score for style in shelf.styles if (score := aesthetic(style)) is not None]
    found = [hits[0] for each in palettes if (hits := search(_palette_query(each)))]
    apart = [
        float(distances(colours, [hit.style.card.palette])[0][0]) for colours, hit in zip(palettes, found, strict=False)
    ]
    by_language = {
        language: float(np.mean([1 / at for query, at, _ in ranks if query.language == language]))
        for language in sorted({query.language for query, _, _ in ranks})
    }
    return Result(
        encoder=encoder,
        styles=len(shelf.styles),
        heroes=sum(len(each) for each in vectors),
        leave_one_out=near,
        unrelated=_middle([likeness for _, _, likeness in pairs]),
        same_style=_middle([float(a @ b) for each in vectors for a, b in combinations(each, 2)]),
        queries=len(ranks),
        skipped=len(written) - len(ranks),
        mrr=float(np.mean([1 / at for _, at, _ in ranks])) if ranks else None,
        mrr_by_language=by_language,
        misses=tuple(Miss(query.text, at, query.find, first) for query, at, first in ranks if at > 1),
        palette_delta_e=float(np.mean(apart)) if apart else None,
        nearest_pairs=tuple(sorted(pairs, key=lambda pair: -pair[2])[:_NEAREST_PAIRS]),
        duplicates=sum(likeness >= duplicate for _, _, likeness in pairs),
        judged=len(looks),
        aesthetic_min=min(looks) if looks else None,
        aesthetic_mean=float(np.mean(looks)) if looks else None,
    )


def _middle(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _palette_query(colours: Sequence[str]) -> Query:
    return Query(colours=tuple(colours), k=1, aesthetic=0.0, variety=0.0)


def leave_one_out(styles: Sequence[Vectors]) -> float | None:
    """Return the share of pictures whose nearest other picture is of the same style.

    `styles` are the vectors of each; a style of one picture counts only as a stranger to the others.
    """
    owner = np.repeat(np.arange(len(styles)), [len(each) for each in styles])
    asked = np.array([len(styles[int(row)]) > 1 for row in owner], np.bool_)
    if not asked.any():
        return None
    every = np.concatenate(list(styles))
    table: npt.NDArray[np.float32] = every @ every.T
    np.fill_diagonal(table, -2)
    return float(np.mean(owner[table.argmax(1)][asked] == owner[asked]))


def rank(search: Search, query: Written) -> tuple[int, str]:
    """Return the rank of the first style that a query should find, and what came first."""
    hits = search(Query(text=query.text, k=_MOST, aesthetic=0.0, variety=0.0))
    for at, hit in enumerate(hits, 1):
        if hit.style.id in query.find:
            return at, hits[0].style.id
    return len(hits) + _MOST, hits[0].style.id if hits else ""


def style_pairs(shelf: Shelf, vectors: Sequence[Vectors]) -> list[tuple[str, str, float]]:
    """Return every two styles with their likeness: the mean over pictures of the nearest of the other."""
    found = []
    for (one, a), (two, b) in combinations(enumerate(vectors), 2):
        if len(a) and len(b):
            table = a @ b.T
            likeness = float((table.max(0).mean() + table.max(1).mean()) / 2)
            found.append((shelf.styles[one].id, shelf.styles[two].id, likeness))
    return found
