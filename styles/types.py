"""The records of the style library: a card, a query, a hit; they know nothing of how they are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from styles.errors import BadColour

Rgb = npt.NDArray[np.uint8]
"""H×W×3, red first, sRGB, 0–255."""
Vectors = npt.NDArray[np.float32]
"""n×d, one unit vector a row."""
Picture = str | Path | bytes | Rgb
"""A file's path, a file's bytes, or the pixels themselves."""
Decoder = Callable[[str | Path | bytes], Rgb]
"""Turns a file or its bytes into pixels; raises where it is no picture."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$"), AfterValidator(str.upper)]
Share = Annotated[float, Field(ge=0, le=1)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
Season = Literal["spring", "summer", "autumn", "winter"]


class Record(BaseModel):
    """Base of the parts of a card: frozen, strict, and without unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Name(Record):
    """A style's name in both languages."""

    en: str = Field(min_length=1, max_length=80)
    zh: str = Field(min_length=1, max_length=80)


class Terms(Record):
    """Search words in both languages."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


class Swatch(Record):
    """A colour of the palette and its share of the picture."""

    hex: Hex
    share: Share


class Light(Record):
    """The key light: its character, where it comes from, softness 0–1 and colour temperature in kelvin."""

    key: Slug
    direction: Literal["left", "right", "top", "front", "back"]
    softness: Share
    temperature_k: int = Field(ge=1000, le=20000)


class Composition(Record):
    """Where the camera stands, how near, and where the product is placed."""

    camera: Literal["eye", "high", "top", "low"]
    framing: Literal["close", "medium", "wide"]
    placement: Literal["centre", "left", "right"]


class Hero(Record):
    """A picture of the style: its file beside the card, and what it shows."""

    file: FileName
    product: str | None = None
    seed: int | None = None
    camera: JsonValue = None


class Plate(Record):
    """The empty scene, its shadow-and-reflection reference and the file that says where a product stands."""

    file: FileName
    reference: FileName | None = None
    geometry: FileName | None = None


class Aesthetic(Record):
    """How good the heroes look, 1–5, and what judged them."""

    score: float = Field(ge=1, le=5)
    stamp: str


class Card(Record):
    """What is known of a style; a merchant's own may leave out all but id, name, palette and heroes."""

    id: Slug
    name: Name
    family: Slug = "own"
    moods: tuple[Slug, ...] = ()
    materials: tuple[Slug, ...] = ()
    palette: tuple[Swatch, ...] = Field(min_length=1, max_length=12)
    light: Light | None = None
    composition: Composition | None = None
    categories: tuple[Slug, ...] = ()
    season: Season | None = None
    festival: Slug | None = None
    words: Terms = Terms()
    prompt: str = ""
    negative_prompt: str = ""
    heroes: tuple[Hero, ...] = Field(min_length=1, max_length=30)
    plate: Plate | None = None
    aesthetic: Aesthetic | None = None
    provenance: dict[str, JsonValue] = Field(default_factory=dict)
    licence: str = "own"

    @model_validator(mode="after")
    def _consistent(self) -> Card:
        total = sum(swatch.share for swatch in self.palette)
        if abs(total - 1) > 0.02:
            raise ValueError(f"palette: the shares sum to {total:.3f}, expected 1")
        files = [hero.file for hero in self.heroes]
        if len(set(files)) < len(files):
            raise ValueError("heroes: a file is named twice")
        return self


class PackagedCard(Card):
    """The card of a library style: everything but season, festival, plate and score is obligatory."""

    family: Slug
    moods: tuple[Slug, ...] = Field(min_length=1)
    materials: tuple[Slug, ...] = Field(min_length=1)
    light: Light
    composition: Composition
    categories: tuple[Slug, ...] = Field(min_length=1)
    words: Terms
    prompt: str = Field(min_length=20)
    negative_prompt: str = Field(min_length=1)
    provenance: dict[str, JsonValue]
    licence: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Style:
    """A card with the folder that its files lie in; `version` changes whenever its pictures do."""

    card: Card
    folder: Path
    own: bool
    version: str

    @property
    def id(self) -> str:
        """The card's id."""
        return self.card.id

    @property
    def heroes(self) -> tuple[Path, ...]:
        """The paths of the heroes."""
        return tuple(self.folder / hero.file for hero in self.card.heroes)


class Encoder(Protocol):
    """Turns pictures and words into unit vectors; the same checksum always means the same vectors."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    def checksum(self) -> str:
        """A hash of everything that its vectors depend on."""

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        """Return a unit vector a picture, n×d."""

    def encode_words(self, texts: Sequence[str]) -> Vectors | None:
        """Return a unit vector a text in the pictures' space, or None where the encoder knows no words."""


class Scorer(Protocol):
    """Judges how good a picture looks."""

    @property
    def stamp(self) -> str:
        """What makes the judgement, so that it can be made again."""

    def score(self, picture: Rgb) -> float | None:
        """Return 1–5, or None where it cannot be judged."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a result must have: one of each kind that is named; empty means anything."""

    families: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    festivals: tuple[str, ...] = ()
    own: bool | None = None
    min_aesthetic: float | None = None


WEIGHTS: Mapping[str, float] = {"words": 1.0, "pictures": 1.0, "colours": 0.8, "like": 1.0, "brand": 0.8}
"""How much each way of asking counts where several are used at once."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: text, pictures, colours, like (a style's id), brand (a name), or filters alone.

    `aesthetic` 0–1 is the slider from pure fit (0) to pure looks (1); `variety` 0–1 goes from the nearest
    styles (0) to ones unlike each other (1); `weights` overrides WEIGHTS by name.
    """

    text: str = ""
    pictures: tuple[Picture, ...] = ()
    colours: tuple[str, ...] = ()
    like: str | None = None
    brand: str | None = None
    filters: Filters = Filters()
    k: int = 12
    aesthetic: float = 0.2
    variety: float = 0.15
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One way of asking: its name (of WEIGHTS, or `filters`), its share of the whole and the fit, both 0–1.

    `shares` are what it is blended of, where it is: `cards` and `sight` for words, the encoders for pictures.
    """

    name: str
    weight: float
    fit: float
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A style that was found: `fit` and `score` 0–1, `aesthetic` 1–5 or None, and why, in one line each."""

    style: Style
    fit: float
    aesthetic: float | None
    score: float
    parts: tuple[Part, ...]
    why: str
    why_zh: str

    def row(self) -> dict[str, object]:
        """Return the hit as plain data: what the command line and the page's endpoint give."""
        return {
            "id": self.style.id,
            "name": self.style.card.name.model_dump(),
            "family": self.style.card.family,
            "fit": self.fit,
            "aesthetic": self.aesthetic,
            "score": self.score,
            "why": self.why,
            "why_zh": self.why_zh,
            "parts": {
                part.name: {"weight": part.weight, "fit": part.fit}
                | ({"shares": dict(part.shares)} if part.shares else {})
                for part in self.parts
            },
        }


def colour(value: str) -> str:
    """Return a colour as #RRGGBB in capitals; takes #RGB, RRGGBB and lower case too.

    Raises: BadColour.
    """
    digits = value.strip().removeprefix("#")
    if re.fullmatch(r"[0-9A-Fa-f]{3}", digits):
        digits = "".join(c * 2 for c in digits)
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", digits):
        raise BadColour(value=value)
    return f"#{digits.upper()}"
