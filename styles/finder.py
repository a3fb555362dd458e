"""StyleFinder: joins the catalogue, the index, the search and the brands."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from styles.archive import export, import_styles
from styles.brand import Brand, BrandFit
from styles.brand_book import BrandBook
from styles.catalog import LIBRARY, Catalog
from styles.encode import EmbeddedEncoder, described, duplicate, unrelated
from styles.errors import CannotWrite, Language, NearDuplicate, NothingToExport
from styles.glossary import load_glossary
from styles.index import VectorIndex
from styles.pictures import pixels, plain_decode
from styles.rank import choose, scores
from styles.reason import Reasons, alike
from styles.search import Brief, Evidence, Searcher, aesthetic, check
from styles.shelf import Shelf, bring_up_to_date, build, centroids, index_folder, passes, vectors_of
from styles.store import Store, data_folder
from styles.types import (
    Aesthetic,
    Card,
    Decoder,
    Encoder,
    Filters,
    Hit,
    Part,
    Picture,
    Query,
    Rgb,
    Scorer,
    Style,
    Vectors,
    colour,
)

Sort = Literal["aesthetic", "name", "newest"]

_POOL = 8
_log = logging.getLogger(__name__)


class StyleFinder:
    """Finds, ranks and keeps styles.

    `data` is where a merchant's styles, brands and the index are kept (default: see `data_folder`), `library`
    the packaged styles. `encoder`, `scorer` and `decode` are handed in; without them the embedded descriptor
    sees, new styles stay unjudged, and Pillow decodes. Safe to be used from several threads.
    """

    def __init__(
        self,
        data: Path | None = None,
        library: Path = LIBRARY,
        encoder: Encoder | None = None,
        scorer: Scorer | None = None,
        decode: Decoder = plain_decode,
    ) -> None:
        """Open the catalogue. Raises: StoreError, DiskFull."""
        self._folder = data or data_folder()
        self.encoder: Encoder = encoder or EmbeddedEncoder()
        self._scorer = scorer
        self._decode = decode
        self._unrelated = unrelated(self.encoder)
        self.duplicate = duplicate(self.encoder)
        self._descriptor = EmbeddedEncoder().descriptor
        store = Store(self._folder)
        self.catalog = Catalog(store, library)
        self._brands = BrandBook(store, self.encoder, decode, self._unrelated)
        self._lock = threading.RLock()
        self._searcher: Searcher | None = None

    def _ready(self) -> Searcher:
        """Return a searcher over the catalogue as it is now; the index follows what changed, by whomever."""
        with self._lock:
            current = self._searcher
            if current and current.shelf.revision == self.catalog.revision:
                return current
            shelf = build(self.catalog)
            folder = index_folder(self._folder, self.encoder)
            index = current.index if current else None
            index = index or VectorIndex.load(folder, self.encoder.dimension, self.encoder.checksum)
            index = index or VectorIndex(self.encoder.dimension, self.encoder.checksum)
            if bring_up_to_date(index, shelf, self.encoder, self._decode):
                try:
                    index.save(folder)
                except OSError as error:
                    # The index can always be made anew; a search must not fail for it.
                    _log.warning("The index could not be saved in %s (%s).", folder, error.strerror)
            self._searcher = Searcher(shelf, index, self.encoder, self._unrelated)
            return self._searcher

    def styles(self) -> tuple[Style, ...]:
        """Return all styles: the library's by id, then the merchant's own, oldest first."""
        return self._ready().shelf.styles

    def get(self, id: str) -> Style:
        """Return a style by id. Raises: UnknownStyle."""
        return self.catalog.get(id)

    def facets(self, language: Language = "en") -> dict[str, list[tuple[str, str, int]]]:
        """Return by kind of filter what there is: slug, label and count, the commonest first."""
        counts: dict[str, Counter[str]] = {}
        for style in self.styles():
            card = style.card
            for kind, values in (
                ("families", (card.family,)),
                ("moods", card.moods),
                ("materials", card.materials),
                ("categories", card.categories),
                ("seasons", (card.season,) if card.season else ()),
                ("festivals", (card.festival,) if card.festival else ()),
            ):
                counts.setdefault(kind, Counter()).update(values)
        return {
            kind: [(slug, self.label(slug, language), count) for slug, count in counter.most_common()]
            for kind, counter in counts.items()
        }

    def label(self, slug: str, language: Language = "en") -> str:
        """Return a slug of a card as people write it."""
        return load_glossary().slug_label(slug, language)

    def browse(self, filters: Filters | None = None, sort: Sort = "aesthetic") -> list[Style]:
        """Return the styles that pass the filters: best looking, by English name, or newest first."""
        kept = [style for style in self.styles() if passes(style, filters or Filters())]
        if sort == "newest":
            return kept[::-1]
        by_name = sorted(kept, key=lambda style: style.card.name.en.casefold())
        return by_name if sort == "name" else sorted(by_name, key=lambda style: -(aesthetic(style) or 0.0))

    def search(self, query: Query) -> list[Hit]:
        """Return up to `query.k` styles, best first; none where nothing answers.

        Raises: EmptyQuery, BadValue, BadColour, PictureError, UnknownStyle, UnknownBrand.
        """
        check(query)
        colours = [colour(each) for each in query.colours]
        if query.like:
            query = replace(query, like=self.get(query.like).id)
        brief = self._brief(query.brand) if query.brand else None
        vectors = self._encode(query.pictures)
        with self._lock:  # the index may not change while it is searched
            searcher = self._ready()
            if not searcher.shelf.styles:
                return []
            return self._hits(searcher, query, searcher.answer(query, vectors, colours, brief))

    def _encode(self, pictures: Sequence[Picture]) -> Vectors:
        seen = [pixels(each, self._decode) for each in pictures]
        return self.encoder.encode_pictures(seen) if seen else np.zeros((0, self.encoder.dimension), np.float32)

    def _brief(self, name: str) -> Brief:
        brand = self._brands.get(name)
        vectors = brand.look.vectors if brand.look else np.zeros((0, self.encoder.dimension), np.float32)
        hexes = tuple(swatch.hex for swatch in brand.palette if swatch.share >= 0.05)
        return Brief(vectors, hexes, " . ".join(brand.words))

    def _hits(self, searcher: Searcher, query: Query, evidence: Evidence) -> list[Hit]:
        shelf, total = searcher.shelf, evidence.total
        allowed = shelf.allowed(query.filters) & (total > 1e-6)
        if query.like:
            allowed[shelf.rows[query.like]] = False
        rows = np.flatnonzero(allowed)
        values = scores(total[rows], [aesthetic(shelf.styles[row]) for row in rows], query.aesthetic)
        # Variety is sought among the best only, so that it never brings up what does not fit.
        best = np.argsort(-values, kind="stable")[: max(query.k + _POOL, query.k * 3 // 2)]
        rows, values = rows[best], values[best]
        means = centroids(shelf, searcher.index, [int(row) for row in rows])
        order = choose(values, means, query.k, query.variety, self._unrelated)
        return [self._hit(searcher, evidence, int(rows[i]), float(values[i])) for i in order]

    def _hit(self, searcher: Searcher, evidence: Evidence, row: int, score: float) -> Hit:
        shelf = searcher.shelf
        style = shelf.styles[row]
        parts = tuple(
            Part(name, round(evidence.weights[name], 4), round(float(fit[row]), 4), evidence.shares.get(name, {}))
            for name, fit in evidence.fits.items()
        )
        asked = evidence.vectors if {"pictures", "like"} & evidence.fits.keys() else evidence.vectors[:0]
        found = vectors_of(shelf, searcher.index, row)
        english, chinese = Reasons(shelf.lexicon.glossary, shelf.lexicon.colours).line(
            style.card,
            parts,
            evidence.matches[row] if len(evidence.matches) else (),
            float(evidence.distances[row]) if len(evidence.distances) else None,
            alike(self._descriptor, described(self.encoder, asked), described(self.encoder, found)),
            aesthetic(style),
        )
        fit = round(float(evidence.total[row]), 4)
        return Hit(style, fit, aesthetic(style), round(score, 4), parts, english, chinese)

    def similar(self, id: str, k: int = 6) -> list[Hit]:
        """Return the styles most like one. Raises: UnknownStyle."""
        return self.search(Query(like=id, k=k, aesthetic=0.0, variety=0.0))

    def twins(self, pictures: Sequence[Rgb]) -> list[tuple[str, float]]:
        """Return the styles that look the same as all of the pictures, with the least likeness."""
        vectors = self.encoder.encode_pictures(pictures)
        with self._lock:
            return self._twins(self._ready(), vectors)

    def _twins(self, searcher: Searcher, vectors: Vectors) -> list[tuple[str, float]]:
        if not len(vectors) or not len(searcher.index):
            return []
        likeness, numbers = searcher.index.search(vectors, min(50, len(searcher.index)))
        least: dict[int, list[float]] = {}
        for near, found in zip(likeness, numbers, strict=True):
            best: dict[int, float] = {}
            for value, each in zip(near, found, strict=True):
                row = searcher.shelf.owner[int(each)]
                best[row] = max(best.get(row, -1.0), float(value))
            for row, value in best.items():
                least.setdefault(row, []).append(value)
        doubles = [
            (searcher.shelf.styles[row].id, min(values))
            for row, values in least.items()
            if len(values) == len(vectors) and min(values) >= self.duplicate
        ]
        return sorted(doubles, key=lambda each: -each[1])

    def add(
        self,
        name: str,
        pictures: Sequence[Picture],
        *,
        name_zh: str | None = None,
        words: Sequence[str] = (),
        fields: Mapping[str, object] | None = None,
        force: bool = False,
    ) -> Style:
        """Add a merchant's own style of 1–12 pictures; `force` adds it even where it looks like another.

        Raises: BadName, TooManyPictures, PictureError, NearDuplicate, CardError, DiskFull, StoreError.
        """
        seen = [pixels(each, self._decode) for each in pictures]
        twins = [] if force else self.twins(seen)
        if twins:
            raise NearDuplicate(name=name, id=twins[0][0], likeness=twins[0][1])
        more = {**(fields or {}), "aesthetic": self._judge(seen)}
        return self.catalog.add(name, seen, name_zh=name_zh, words=words, fields=more)

    def _judge(self, pictures: Sequence[Rgb]) -> Aesthetic | None:
        if self._scorer is None:
            return None
        found = [score for each in pictures if (score := self._scorer.score(each)) is not None]
        return Aesthetic(score=round(float(np.mean(found)), 2), stamp=self._scorer.stamp) if found else None

    def rename(self, id: str, name: str, name_zh: str | None = None) -> Style:
        """Give one of the merchant's styles another name. Raises: UnknownStyle, ReadOnlyStyle, BadName."""
        return self.catalog.rename(id, name, name_zh)

    def update(self, card: Card) -> None:
        """Replace the card of one of the merchant's styles. Raises: UnknownStyle, ReadOnlyStyle."""
        self.catalog.update(card)

    def remove(self, id: str) -> None:
        """Delete one of the merchant's styles. Raises: UnknownStyle, ReadOnlyStyle."""
        self.catalog.remove(id)

    def export(self, target: Path, ids: Sequence[str] = ()) -> int:
        """Write the merchant's styles (all, or those named) to a zip file; return how many.

        Raises: UnknownStyle, NothingToExport, CannotWrite.
        """
        chosen = [self.get(id) for id in ids] or self.catalog.own()
        if not chosen:
            raise NothingToExport()
        try:
            return export(chosen, target)
        except OSError as error:
            raise CannotWrite(path=target, why=error.strerror or str(error)) from error

    def import_styles(self, source: Path | bytes) -> list[Style]:
        """Add the styles of a zip file that `export` wrote. Raises: BadArchive, DiskFull, StoreError."""
        return import_styles(source, self.catalog, self._decode)

    def brands(self) -> list[str]:
        """Return the names of the brands, oldest first."""
        return self._brands.names()

    def brand(self, name: str) -> Brand:
        """Return a brand. Raises: UnknownBrand."""
        return self._brands.get(name)

    def save_brand(
        self,
        name: str,
        pictures: Sequence[Picture] = (),
        colours: Sequence[str] = (),
        words: Sequence[str] = (),
        *,
        replace: bool = False,
    ) -> Brand:
        """Keep a brand of 3–30 pictures, or of colours or words alone; `replace` overwrites one of that name.

        Raises: BadName, BadColour, TooFewPictures, TooManyPictures, PictureError, EmptyQuery, NameTaken,
        DiskFull.
        """
        seen = [pixels(each, self._decode) for each in pictures]
        return self._brands.save(name, seen, colours, words, replace=replace)

    def remove_brand(self, name: str) -> None:
        """Delete a brand. Raises: UnknownBrand."""
        self._brands.remove(name)

    def brand_fit(self, name: str, picture: Picture) -> BrandFit:
        """Return how on-brand a picture is, 0–100, and what deviates. Raises: UnknownBrand, PictureError."""
        return self._brands.fit(name, pixels(picture, self._decode))

    def likenesses(self) -> tuple[Shelf, VectorIndex]:
        """Return the shelf and the index, for evaluation."""
        searcher = self._ready()
        return searcher.shelf, searcher.index
