"""The brands that are kept: their pictures, colours and words on the disk, their looks learnt from them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from styles.aspects import measure
from styles.brand import (
    LEAST_PICTURES,
    MOST_PICTURES,
    Brand,
    BrandFit,
    aspect_vectors,
    judge,
    learn,
    merge_palette,
    spread,
    summarise,
)
from styles.catalog import clean_name, slug
from styles.descriptor import Descriptor, load_settings
from styles.encode import EmbeddedEncoder, described
from styles.errors import (
    EmptyQuery,
    NameTaken,
    StoreError,
    TooFewPictures,
    TooManyPictures,
    UnknownBrand,
)
from styles.palette import extract
from styles.pictures import pixels, to_webp
from styles.store import Store
from styles.types import Decoder, Encoder, Rgb, Swatch, Vectors, colour

_SIDE = 640
_VECTORS = "vectors.npz"
_STRANGER_ASPECT = 0.75


class BrandBook:
    """Saves, finds and deletes brands; `stranger` is the likeness of two unrelated pictures."""

    def __init__(self, store: Store, encoder: Encoder, decode: Decoder, stranger: float) -> None:
        self._store = store
        self._encoder = encoder
        self._decode = decode
        self._stranger = stranger
        self._descriptor = Descriptor(load_settings())
        self._anew: dict[Path, dict[str, Vectors]] = {}

    def names(self) -> list[str]:
        """Return the names of the brands, oldest first."""
        return [name for _, name, _, _ in self._store.brands()]

    def save(
        self,
        name: str,
        pictures: Sequence[Rgb],
        colours: Sequence[str],
        words: Sequence[str],
        *,
        replace: bool = False,
    ) -> Brand:
        """Keep a brand of 3–30 pictures, or of colours or words alone, and return what was learnt.

        Raises: BadName, BadColour, TooFewPictures, TooManyPictures, EmptyQuery, NameTaken, DiskFull.
        """
        title = clean_name(name)
        chosen = tuple(colour(each) for each in colours)
        said = tuple(" ".join(word.split()) for word in words if word.strip())
        if not (pictures or chosen or said):
            raise EmptyQuery()
        if pictures and len(pictures) < LEAST_PICTURES:
            raise TooFewPictures(count=len(pictures), what="a brand", least=LEAST_PICTURES, most=MOST_PICTURES)
        if len(pictures) > MOST_PICTURES:
            raise TooManyPictures(count=len(pictures), what="a brand", least=LEAST_PICTURES, most=MOST_PICTURES)
        if not replace and slug(title) in {id for id, _, _, _ in self._store.brands()}:
            raise NameTaken(name=title)
        files = {f"picture-{i:02}.webp": to_webp(each, _SIDE) for i, each in enumerate(pictures, 1)}
        # What is learnt must be what a later reading of the files would learn.
        kept = [pixels(data, self._decode) for data in files.values()]
        names = list(files)
        files[_VECTORS] = _pack(self._see(kept))
        data = {
            "colours": chosen,
            "words": said,
            "pictures": names,
            "palette": [s.model_dump() for s in merge_palette(chosen, extract(kept) if kept else ())],
            "measures": [measure(each) for each in kept],
            "encoder": self._encoder.checksum,
        }
        self._store.put_brand(slug(title), title, json.dumps(data, ensure_ascii=False), files)
        return self.get(title)

    def _see(self, pictures: Sequence[Rgb]) -> dict[str, Vectors]:
        """Return the encoder's vectors and the descriptor's."""
        vectors = self._encoder.encode_pictures(pictures)
        rows = described(self._encoder, vectors)
        if rows is None:
            rows = EmbeddedEncoder().encode_pictures(pictures)
        return {"vectors": vectors, "described": rows}

    def get(self, name: str) -> Brand:
        """Return a brand by its name or id.

        Raises: UnknownBrand, StoreError.
        """
        id, title, text, version = self._row(name)
        data = json.loads(text)
        folder = self._store.path("brand", version)
        seen = self._read(folder, data)
        count = len(seen["vectors"])
        return Brand(
            id=id,
            name=title,
            colours=tuple(data["colours"]),
            words=tuple(data["words"]),
            palette=tuple(Swatch(**each) for each in data["palette"]),
            pictures=tuple(str(folder / each) for each in data["pictures"]),
            look=learn(seen["vectors"], self._stranger) if count else None,
            aspects={
                aspect: learn(vectors, _STRANGER_ASPECT)
                for aspect, vectors in (aspect_vectors(self._descriptor, seen["described"]).items() if count else ())
            },
            measures=summarise(data["measures"]),
            spread=spread(seen["vectors"], self._stranger) if count else 0.0,
        )

    def _row(self, name: str) -> tuple[str, str, str, str]:
        rows = self._store.brands()
        for row in rows:
            if name.strip().casefold() in (row[0], row[1].casefold()):
                return row
        known = ", ".join(repr(row[1]) for row in rows) or "none yet"
        raise UnknownBrand(name=name, known=known)

    def _read(self, folder: Path, data: dict[str, object]) -> dict[str, Vectors]:
        """Return the vectors that were kept; new ones where another encoder made them or they are damaged."""
        if data["encoder"] == self._encoder.checksum:
            try:
                with np.load(io.BytesIO((folder / _VECTORS).read_bytes()), allow_pickle=False) as kept:
                    found = {name: np.asarray(kept[name], np.float32) for name in ("vectors", "described")}
                if found["vectors"].shape[1] == self._encoder.dimension:
                    return found
            except (OSError, ValueError, KeyError, EOFError):
                pass  # made anew below
        names = data["pictures"]
        if not isinstance(names, list):
            raise StoreError(folder=folder, why="the brand's record is damaged")
        if folder not in self._anew:  # a brand that is saved again gets another folder
            self._anew[folder] = self._see([pixels(folder / str(name), self._decode) for name in names])
        return self._anew[folder]

    def remove(self, name: str) -> None:
        """Delete a brand with its pictures.

        Raises: UnknownBrand, DiskFull, StoreError.
        """
        self._store.delete("brand", self._row(name)[0])

    def fit(self, name: str, picture: Rgb) -> BrandFit:
        """Return how on-brand a picture is.

        Raises: UnknownBrand.
        """
        brand = self.get(name)
        # It is seen as the brand's pictures were: through the same small file, which takes fine grain away.
        like_kept = pixels(to_webp(picture, _SIDE), self._decode)
        seen = self._see([like_kept])
        aspects = aspect_vectors(self._descriptor, seen["described"])
        return judge(
            brand,
            seen["vectors"][0],
            {aspect: vectors[0] for aspect, vectors in aspects.items()},
            measure(like_kept),
            extract([like_kept]),
        )


def _pack(arrays: dict[str, npt.NDArray[np.float32]]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, vectors=arrays["vectors"], described=arrays["described"])
    return stream.getvalue()
