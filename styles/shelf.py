"""What a search looks at: all styles at one moment, their words, and the index of their pictures' vectors."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from styles.catalog import Catalog
from styles.errors import PictureError
from styles.glossary import load_glossary
from styles.index import VectorIndex
from styles.lexical import Lexicon
from styles.pictures import pixels
from styles.types import Decoder, Encoder, Filters, Style, Vectors

_log = logging.getLogger(__name__)
_BATCH = 32


@dataclass(frozen=True)
class Shelf:
    """All styles at one revision of the catalogue; row i of every array is style i."""

    revision: int
    styles: tuple[Style, ...]
    rows: dict[str, int]
    lexicon: Lexicon
    numbers: tuple[tuple[int, ...], ...]
    owner: dict[int, int]

    def allowed(self, filters: Filters) -> npt.NDArray[np.bool_]:
        """Return which styles pass the filters."""
        return np.array([passes(style, filters) for style in self.styles], np.bool_)


def passes(style: Style, filters: Filters) -> bool:
    """Whether a style has one of each kind that the filters name."""
    card = style.card
    sets = (
        (filters.families, {card.family}),
        (filters.moods, set(card.moods)),
        (filters.materials, set(card.materials)),
        (filters.categories, set(card.categories)),
        (filters.seasons, {card.season}),
        (filters.festivals, {card.festival}),
    )
    if any(wanted and not have.intersection(wanted) for wanted, have in sets):
        return False
    if filters.own is not None and filters.own != style.own:
        return False
    least = filters.min_aesthetic
    return least is None or (card.aesthetic is not None and card.aesthetic.score >= least)


def number(style: Style, picture: int) -> int:
    """Return the index's number of a style's picture; it changes when the picture does."""
    digest = hashlib.sha256(f"{style.id}\n{style.version}\n{picture}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def build(catalog: Catalog) -> Shelf:
    """Return the shelf of the catalogue as it is now."""
    revision = catalog.revision
    styles = tuple(catalog.styles())
    numbers = tuple(tuple(number(style, i) for i in range(len(style.heroes))) for style in styles)
    return Shelf(
        revision=revision,
        styles=styles,
        rows={style.id: row for row, style in enumerate(styles)},
        lexicon=Lexicon([style.card for style in styles], load_glossary()),
        numbers=numbers,
        owner={each: row for row, those in enumerate(numbers) for each in those},
    )


def index_folder(folder: Path, encoder: Encoder) -> Path:
    """Return where the index of an encoder is kept."""
    return folder / "index" / encoder.checksum[:16]


def bring_up_to_date(index: VectorIndex, shelf: Shelf, encoder: Encoder, decode: Decoder) -> bool:
    """Add to the index what the shelf has more and remove what it has no more; True where that changed it.

    A picture that cannot be read is left out with a warning: its style is still found by words and colours.
    """
    stale = index.numbers - shelf.owner.keys()
    fresh = [each for each in shelf.owner if each not in index]
    index.remove(stale)
    for start in range(0, len(fresh), _BATCH):
        good, pictures = [], []
        for each in fresh[start : start + _BATCH]:
            row = shelf.owner[each]
            path = shelf.styles[row].heroes[shelf.numbers[row].index(each)]
            try:
                pictures.append(pixels(path, decode))
                good.append(each)
            except PictureError as error:
                _log.warning("%s", error)
        if good:
            index.add(np.array(good, np.int64), encoder.encode_pictures(pictures))
    return bool(stale or fresh)


def vectors_of(shelf: Shelf, index: VectorIndex, row: int) -> Vectors:
    """Return the vectors of a style's pictures, n×d."""
    return index.vectors(each for each in shelf.numbers[row] if each in index)


def centroids(shelf: Shelf, index: VectorIndex, rows: Sequence[int]) -> Vectors:
    """Return the unit mean vector of each style's pictures; zeros where it has none."""
    found = np.zeros((len(rows), index.dimension), np.float32)
    for at, row in enumerate(rows):
        vectors = vectors_of(shelf, index, row)
        if len(vectors):
            mean = vectors.mean(0)
            found[at] = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return found
