"""All styles in one place: the packaged ones, read-only, and a merchant's own, which can be changed."""

from __future__ import annotations

import difflib
import hashlib
import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from styles.errors import (
    BadName,
    CardError,
    MistypedStyle,
    ReadOnlyStyle,
    StyleError,
    TooManyPictures,
    UnknownStyle,
)
from styles.palette import extract
from styles.pictures import to_webp
from styles.store import Draft, Store
from styles.types import Card, Hero, Name, PackagedCard, Rgb, Style, Terms

_log = logging.getLogger(__name__)

LIBRARY = Path(__file__).parent / "library"
CARD = "card.json"
NAME_LIMIT = 60
MOST_PICTURES = 12


def parse_card(text: str | bytes, file: str, kind: type[Card] = Card) -> Card:
    """Return the card of a JSON text.

    Raises: CardError, which names the file and the field.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "card"
        raise CardError(file=file, field=field, why=first["msg"]) from None


def read_packaged(folder: Path) -> Style:
    """Return the style in a folder of the library.

    Raises: CardError where the card, a hero or the plate is missing or wrong.
    """
    file = folder / CARD
    name = f"{folder.name}/{CARD}"
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CardError(file=name, field="card", why=error.strerror or "it cannot be read") from None
    card = parse_card(data, name, PackagedCard)
    if card.id != folder.name:
        raise CardError(file=name, field="id", why=f"{card.id!r} is not the folder's name")
    digest = hashlib.sha256()
    for number, hero in enumerate(card.heroes):
        try:
            digest.update((folder / hero.file).read_bytes())
        except OSError:
            why = f"there is no picture {hero.file!r} beside the card"
            raise CardError(file=name, field=f"heroes.{number}.file", why=why) from None
    return Style(card, folder, False, digest.hexdigest()[:16])


def clean_name(name: str) -> str:
    """Return a name without control characters and spare spaces.

    Raises: BadName.
    """
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", name))
    tidy = " ".join(kept.split())
    if not 1 <= len(tidy) <= NAME_LIMIT or not any(c.isalnum() for c in tidy):
        raise BadName(name=name[:NAME_LIMIT], limit=NAME_LIMIT)
    return tidy


def slug(name: str) -> str:
    """Return an id for a name: its Latin letters and digits, and a short hash where it has others too."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"[a-z0-9]+", folded.encode("ascii", "ignore").decode()) or ["own"]
    if any(c.isalnum() and not c.isascii() for c in folded):
        words = [*words, hashlib.sha256(folded.encode()).hexdigest()[:8]]
    return "-".join(words)[-60:].strip("-")


class Catalog:
    """The packaged styles of `library` and a merchant's own in `store` (None: none, and none can be added).

    A packaged style whose card is wrong is left out; `faults` holds what is wrong with it.
    """

    def __init__(self, store: Store | None, library: Path = LIBRARY) -> None:
        self.store = store
        self.faults: list[StyleError] = []
        self._packaged: dict[str, Style] = {}
        for folder in sorted(library.iterdir()) if library.is_dir() else ():
            if not (folder / CARD).exists():
                continue
            try:
                style = read_packaged(folder)
            except StyleError as error:
                self.faults.append(error)
            else:
                self._packaged[style.id] = style

    @property
    def revision(self) -> int:
        """A number that changes with a merchant's styles and brands."""
        return self.store.revision if self.store else 0

    def styles(self) -> list[Style]:
        """Return the packaged styles by id, then the merchant's own, oldest first."""
        return [*self._packaged.values(), *self.own()]

    def own(self) -> list[Style]:
        """Return the merchant's own styles whose pictures are there, oldest first."""
        found = []
        for id, text, version in self.store.styles() if self.store else ():
            folder = self.store.path("style", version) if self.store else Path()
            try:
                style = Style(parse_card(text, id), folder, True, version[:16])
            except CardError as error:
                # A card of a later version must not hide all the others.
                _log.warning("%s", error)
                continue
            if all(path.is_file() for path in style.heroes):
                found.append(style)
        return found

    def get(self, id: str) -> Style:
        """Return a style by id.

        Raises: UnknownStyle.
        """
        if id in self._packaged:
            return self._packaged[id]
        styles = {style.id: style for style in self.own()}
        if id in styles:
            return styles[id]
        near = difflib.get_close_matches(id, [*self._packaged, *styles], 1)
        raise MistypedStyle(id=id, near=near[0]) if near else UnknownStyle(id=id)

    def add(
        self,
        name: str,
        pictures: Sequence[Rgb],
        *,
        name_zh: str | None = None,
        words: Sequence[str] = (),
        fields: Mapping[str, object] | None = None,
    ) -> Style:
        """Add a merchant's own style of 1–12 pictures and return it; its palette is read from them.

        `fields` are further fields of the card (family, moods, categories …). Raises: BadName,
        TooManyPictures, CardError, DiskFull, StoreError.
        """
        title = clean_name(name)
        if not 1 <= len(pictures) <= MOST_PICTURES:
            raise TooManyPictures(count=len(pictures), what="a style", least=1, most=MOST_PICTURES)
        files = {f"hero-{i}.webp": to_webp(picture) for i, picture in enumerate(pictures, 1)}
        chinese = clean_name(name_zh) if name_zh else title
        values = {
            "name": Name(en=title, zh=chinese),
            "palette": extract(pictures),
            "words": split_terms(words),
            "heroes": tuple(Hero(file=file) for file in files),
            **(fields or {}),
        }
        return self.insert([(slug(title), values, files)])[0]

    def insert(self, fresh: Sequence[tuple[str, Mapping[str, object], Mapping[str, bytes]]]) -> list[Style]:
        """Store styles, all of them or none; each is the id it wants, its card's other fields, its files.

        Where an id is taken the first free one after it is given. Raises: CardError, DiskFull, StoreError.
        """
        drafts = [Draft(wanted, files, partial(_card, values)) for wanted, values, files in fresh]
        for draft in drafts:
            draft.card(draft.wanted)
        ids = self._writable().insert_styles(drafts, self._packaged)
        own = {style.id: style for style in self.own()}
        # One that another process has deleted already is said to be unknown.
        return [own[id] if id in own else self.get(id) for id in ids]

    def rename(self, id: str, name: str, name_zh: str | None = None) -> Style:
        """Give one of the merchant's styles another name; its id stays.

        Raises: UnknownStyle, ReadOnlyStyle, BadName, DiskFull, StoreError.
        """
        style = self._own(id)
        title = clean_name(name)
        renamed = Name(en=title, zh=clean_name(name_zh) if name_zh else title)
        self.update(style.card.model_copy(update={"name": renamed}))
        return self.get(id)

    def update(self, card: Card) -> None:
        """Replace the card of one of the merchant's styles.

        Raises: UnknownStyle, ReadOnlyStyle, DiskFull, StoreError.
        """
        self._own(card.id)
        if not self._writable().update_card(card.id, card.model_dump_json()):
            raise UnknownStyle(id=card.id)

    def remove(self, id: str) -> None:
        """Delete one of the merchant's styles with its pictures.

        Raises: UnknownStyle, ReadOnlyStyle, DiskFull, StoreError.
        """
        self._own(id)
        self._writable().delete("style", id)

    def _own(self, id: str) -> Style:
        style = self.get(id)
        if not style.own:
            raise ReadOnlyStyle(id=id)
        return style

    def _writable(self) -> Store:
        if self.store is None:
            raise ReadOnlyStyle(id="the catalogue")
        return self.store


def _card(values: Mapping[str, object], id: str) -> str:
    """Return the JSON of a card of these fields. Raises: CardError."""
    try:
        return Card.model_validate({**values, "id": id}).model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "card"
        raise CardError(file=id, field=field, why=first["msg"]) from None


def split_terms(words: Sequence[str]) -> Terms:
    """Return words sorted into English and Chinese, by whether they hold a Chinese character."""
    tidy = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    chinese = tuple(word for word in tidy if re.search(r"[\u4e00-\u9fff]", word))
    return Terms(en=tuple(word for word in tidy if word not in chinese), zh=chinese)
