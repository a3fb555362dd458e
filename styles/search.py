"""How well every style answers a query: words, pictures, colours, likeness and brand, 0–1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from styles.encode import heard, picture_shares
from styles.errors import BadValue, EmptyQuery
from styles.index import VectorIndex
from styles.lexical import Match
from styles.palette import distances, likeness
from styles.shelf import Shelf, vectors_of
from styles.types import WEIGHTS, Encoder, Filters, Query, Style, Vectors

Floats = npt.NDArray[np.float64]

NEIGHBOURS = 2_000
"""How many nearest pictures are looked at; styles beyond count as the last of them."""
_BEST_PICTURE = 0.7
_CLOSENESS = 0.8
_STRANGER = 0.02
_LEXICAL = 0.7
_BRAND = {"pictures": 0.55, "colours": 0.25, "words": 0.2}
_MOST = {"k": 500, "colours": 12, "text": 500}


@dataclass(frozen=True, slots=True)
class Brief:
    """A brand as a query: the vectors of its pictures, the colours of its palette, its words."""

    vectors: Vectors
    colours: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each style was found by: fits by way of asking, what each is blended of, and what `why` tells of them."""

    fits: Mapping[str, Floats]
    weights: Mapping[str, float]
    matches: Sequence[Sequence[Match]] = ()
    distances: Floats = field(default_factory=lambda: np.zeros(0))
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @property
    def total(self) -> Floats:
        """The weighted mean of the fits."""
        return np.asarray(sum(self.weights[name] * fit for name, fit in self.fits.items()))


def check(query: Query) -> None:
    """Raise EmptyQuery or BadValue where a query asks nothing or cannot be asked."""
    asked = query.text.strip() or query.pictures or query.colours or query.like or query.brand
    if not asked and query.filters == Filters():
        raise EmptyQuery()
    if not 1 <= query.k <= _MOST["k"]:
        raise BadValue(name="k", value=query.k, expected=f"a whole number from 1 to {_MOST['k']}")
    if len(query.text) > _MOST["text"]:
        raise BadValue(name="text", value=query.text[:20] + "…", expected=f"at most {_MOST['text']} characters")
    if len(query.colours) > _MOST["colours"]:
        raise BadValue(name="colours", value=len(query.colours), expected=f"at most {_MOST['colours']} colours")
    for name, value in (("aesthetic", query.aesthetic), ("variety", query.variety)):
        if not 0 <= value <= 1:
            raise BadValue(name=name, value=value, expected="a number from 0 to 1")
    for name, value in query.weights.items():
        if name not in WEIGHTS or not 0 <= value <= 100:
            raise BadValue(name=f"weight {name!r}", value=value, expected=f"0 to 100 for one of {', '.join(WEIGHTS)}")


class Searcher:
    """Answers queries on one shelf; `unrelated` is the likeness of two strangers by this encoder."""

    def __init__(self, shelf: Shelf, index: VectorIndex, encoder: Encoder, unrelated: float) -> None:
        self.shelf = shelf
        self.index = index
        self.encoder = encoder
        self.unrelated = unrelated

    def words(self, text: str) -> tuple[Floats, Sequence[Sequence[Match]], Mapping[str, float]]:
        """Return the fits of a text: by the cards, and by the encoder too where it knows words; and their shares."""
        fits, matches = self.shelf.lexicon.match(text)
        vectors = self.encoder.encode_words([text])
        if vectors is None or not len(self.index):
            return fits, matches, {}
        raw = self._likeness(vectors)
        share = (1 - _LEXICAL) * self._sureness(float(raw.max()))
        if not share:
            return fits, matches, {}
        # Words and pictures never lie as near as two pictures do: only the order is taken, as a rank 0–1.
        seen = (raw - raw.min()) / max(float(np.ptp(raw)), 1e-6)
        shares = {"cards": round(1 - share, 4), "sight": round(share, 4)}
        return (1 - share) * fits + share * seen, matches, shares

    def _sureness(self, likeness: float) -> float:
        """Return how much what the pictures say of a text may count, 0–1, by its likeness to the nearest style."""
        if (said := heard(self.encoder)) is None:
            return 1.0
        faint, sure = said
        return float(np.clip((likeness - faint) / (sure - faint), 0, 1))

    def pictures(self, vectors: Vectors) -> Floats:
        """Return the fits of vectors (n×d): how near each style's pictures are to them on average."""
        if not len(self.index) or not len(vectors):
            return np.zeros(len(self.shelf.styles))
        raw = np.clip(self._likeness(vectors), 0, 1)
        near = (raw - self.unrelated) / max(1 - self.unrelated, 1e-6)
        # Where all are strangers, the least strange still come first.
        return np.asarray(np.maximum(np.clip(near, 0, 1) ** _CLOSENESS, _STRANGER * raw))

    def _likeness(self, vectors: Vectors) -> Floats:
        """Return for each style its likeness to the vectors: mostly its nearest picture, partly them all."""
        found = np.zeros((len(vectors), len(self.shelf.styles)))
        reach = min(len(self.index), NEIGHBOURS)
        near, numbers = self.index.search(vectors, reach)
        for row in range(len(vectors)):
            hits = numbers[row] >= 0
            owners = np.array([self.shelf.owner[int(each)] for each in numbers[row][hits]])
            values = near[row][hits].astype(float)
            floor = float(values.min())
            best = np.full(len(self.shelf.styles), floor)
            np.maximum.at(best, owners, values)
            sums = np.bincount(owners, values, len(self.shelf.styles))
            counts = np.bincount(owners, minlength=len(self.shelf.styles))
            mean = np.where(counts > 0, sums / np.maximum(counts, 1), floor)
            found[row] = _BEST_PICTURE * best + (1 - _BEST_PICTURE) * mean
        return np.asarray(found.mean(0))

    def colours(self, colours: Sequence[str]) -> tuple[Floats, Floats]:
        """Return the fits of colours, and their mean ΔE2000 to each style's nearest swatches."""
        nearest, full = distances(colours, [style.card.palette for style in self.shelf.styles])
        return likeness(full), nearest

    def brand(self, brief: Brief) -> Floats:
        """Return the fits of a brand: its pictures, palette and words, as far as it has them."""
        fits, weights = [], []
        if len(brief.vectors):
            fits.append(self.pictures(brief.vectors))
            weights.append(_BRAND["pictures"])
        if brief.colours:
            fits.append(self.colours(brief.colours)[0])
            weights.append(_BRAND["colours"])
        if brief.words:
            fits.append(self.words(brief.words)[0])
            weights.append(_BRAND["words"])
        return np.asarray(np.average(fits, axis=0, weights=weights))

    def answer(self, query: Query, vectors: Vectors, colours: Sequence[str], brief: Brief | None) -> Evidence:
        """Return the fits of a checked query; `vectors` are its pictures', `brief` is its brand."""
        fits: dict[str, Floats] = {}
        shares: dict[str, Mapping[str, float]] = {}
        matches: Sequence[Sequence[Match]] = ()
        apart = np.zeros(0)
        looked = vectors
        if query.text.strip():
            fits["words"], matches, shares["words"] = self.words(query.text)
        if len(vectors):
            fits["pictures"] = self.pictures(vectors)
            shares["pictures"] = picture_shares(self.encoder)
        if colours:
            fits["colours"], apart = self.colours(colours)
        if query.like:
            looked = vectors_of(self.shelf, self.index, self.shelf.rows[query.like])
            fits["like"] = self.pictures(looked)
            shares["like"] = picture_shares(self.encoder)
        if brief:
            fits["brand"] = self.brand(brief)
            looked = looked if len(looked) else brief.vectors
        if not fits:  # filters alone: whatever passes them fits
            return Evidence({"filters": np.ones(len(self.shelf.styles))}, {"filters": 1.0})
        raw = {name: query.weights.get(name, WEIGHTS[name]) for name in fits}
        total = sum(raw.values())
        if total <= 0:
            raise BadValue(name="weights", value=dict(raw), expected="at least one over 0")
        weights = {name: weight / total for name, weight in raw.items()}
        return Evidence(fits, weights, matches, apart, shares, looked)


def aesthetic(style: Style) -> float | None:
    """Return a style's aesthetic score, 1–5, or None."""
    return style.card.aesthetic.score if style.card.aesthetic else None
