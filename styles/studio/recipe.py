"""Scene recipes as data: what stands where, made of what, lit how, seen from where, and how the style is described.

Recipes live in `recipes/*.toml`, an array `style` per file. A surface is written in one line:
`"marble #F4F1EC #8A8782 scale=1.2"` (kind, up to three colours, settings).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

RECIPES = Path(__file__).parent / "recipes"

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9A-F]{6}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Triple = tuple[float, float, float]

SurfaceKind = Literal[
    "paper", "plaster", "paint", "marble", "terrazzo", "wood", "concrete", "sand", "water", "silk", "velvet", "linen",
    "leather", "metal", "brushed", "acrylic", "glass", "frosted", "mirror", "moss", "stone", "snow", "holographic",
    "glow", "rubber", "ceramic", "lacquer", "tile",
    "grid", "kraft", "bamboo", "gradient", "leaf", "petal", "porcelain", "ink",
    "court", "cloud", "knit", "brick", "ice",
]  # fmt: skip

CATEGORIES = [
    "beauty",
    "fragrance",
    "skincare",
    "jewellery",
    "watch",
    "shoes",
    "bags",
    "apparel",
    "electronics",
    "home",
    "food",
    "drinks",
    "gifts",
    "sport",
    "kids",
    "toys",
    "outdoors",
]


class RecipeError(ValueError):
    """A recipe cannot be read or breaks a rule; the message names file and field."""


class Record(BaseModel):
    """Base of all recipe parts: frozen, and no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Surface(Record):
    """A procedural material: kind, colours, and optional settings (None means the kind's own)."""

    kind: SurfaceKind
    colour: Hex = "#FFFFFF"
    second: Hex | None = None
    third: Hex | None = None
    rough: float | None = Field(default=None, ge=0, le=1)
    scale: float = Field(default=1.0, gt=0, le=50)
    bump: float = Field(default=1.0, ge=0, le=5)
    power: float = Field(default=1.0, ge=0, le=60)


def parse_surface(value: Any) -> Any:
    """Turn `"kind #A #B key=number"` into the fields of a Surface; anything else passes untouched."""
    if not isinstance(value, str):
        return value
    kind, *tokens = value.split()
    fields: dict[str, Any] = {"kind": kind}
    colours = [t for t in tokens if t.startswith("#")]
    fields.update(zip(("colour", "second", "third"), colours, strict=False))
    for token in tokens:
        if token.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z]+)=([0-9.]+)", token)
        if not match:
            raise ValueError(f"surface {value!r}: {token!r} is neither a colour nor key=number")
        fields[match[1]] = float(match[2])
    return fields


SurfaceLine = Annotated[Surface, BeforeValidator(parse_surface)]


class Prop(Record):
    """One thing of the set: `at` is the centre of its base, `size` full width, depth, height, angles in degrees."""

    kind: Slug
    at: Triple = (0, 0, 0)
    size: Triple = (1, 1, 1)
    turn: float = 0
    tilt: float = 0
    lean: float = 0
    surface: SurfaceLine = Surface(kind="paint")
    second: SurfaceLine | None = None
    count: int = Field(default=1, ge=1, le=400)
    spread: float = Field(default=1.0, ge=0)
    keep: float = Field(default=0.75, ge=0)
    seed: int = 0
    text: str = ""


class Stage(Record):
    """Where the scene happens: a backdrop and a floor, and what the world beyond looks like."""

    backdrop: Literal["sweep", "room", "open"] = "sweep"
    floor: SurfaceLine
    wall: SurfaceLine | None = None
    distance: float = Field(default=2.4, gt=0.5, le=30)
    bend: float = Field(default=1.2, gt=0, le=6)
    ground: Literal["flat", "dunes", "ripples", "folds", "drifts", "none"] = "flat"


class Light(Record):
    """A rig: the key's angles in degrees (azimuth 0 camera side, 90 right, 180 behind) and its character."""

    rig: Literal["softbox", "sun", "rim", "neon", "spotlight", "golden", "overcast", "beauty"]
    azimuth: float = Field(default=-50, ge=-180, le=180)
    elevation: float = Field(default=45, ge=0, le=90)
    strength: float = Field(default=1.0, ge=0, le=10)
    kelvin: int = Field(default=5600, ge=1500, le=12000)
    softness: float = Field(default=0.6, ge=0, le=1)
    fill: float = Field(default=0.3, ge=0, le=3)
    rim: float = Field(default=0.3, ge=0, le=5)
    back: float = Field(default=0.0, ge=0, le=5)
    gobo: Literal["", "window", "palm", "blinds", "leaves", "arch", "branches"] = ""
    colours: tuple[Hex, ...] = ()
    world: Hex = "#FFFFFF"
    horizon: Hex | None = None
    ambient: float = Field(default=0.25, ge=0, le=5)
    stars: bool = False


class Camera(Record):
    """The view: angles in degrees, focal length in mm (36 mm sensor), product share of the frame, aim and depth."""

    elevation: float = Field(default=8, ge=-5, le=80)
    azimuth: float = Field(default=0, ge=-60, le=60)
    focal: float = Field(default=80, ge=24, le=150)
    fill: float = Field(default=0.42, ge=0.2, le=0.7)
    aim: float = 0.42
    shift: float = Field(default=0.0, ge=-0.3, le=0.3)
    fstop: float = Field(default=1.2, gt=0.05, le=64)


class Hero(Record):
    """A product and its dress for one picture, with changes to the camera."""

    product: Slug
    body: SurfaceLine | None = None
    accent: SurfaceLine | None = None
    ink: Hex | None = None
    brand: str = "VITRINE"
    turn: float = 0
    scale: float = Field(default=1.0, gt=0.3, le=2)
    azimuth: float = 0
    elevation: float = 0
    fill: float | None = None
    shift: float | None = None


class Grade(Record):
    """How light becomes picture: Blender's view transform and look, exposure in stops, gamma."""

    view: Literal["AgX", "Standard", "Filmic", "Khronos PBR Neutral"] = "AgX"
    look: Literal["None", "Medium High Contrast", "Punchy", "High Contrast", "Medium Low Contrast", "Base Contrast"] = (
        "Medium High Contrast"
    )
    exposure: float = Field(default=0.0, ge=-5, le=5)


class Words(Record):
    """Something said in English and in Chinese."""

    en: str = Field(min_length=2)
    zh: str = Field(min_length=1)


class Terms(Record):
    """Search words in English and in Chinese."""

    en: tuple[str, ...] = Field(min_length=6)
    zh: tuple[str, ...] = Field(min_length=4)


class Recipe(Record):
    """One style: set, light, camera, products and description."""

    id: Slug
    name: Words
    family: Slug
    moods: tuple[Slug, ...] = Field(min_length=2)
    materials: tuple[Slug, ...] = Field(min_length=1)
    categories: tuple[str, ...] = Field(min_length=2)
    season: Literal["spring", "summer", "autumn", "winter"] | None = None
    festival: Slug | None = None
    words: Terms
    prompt: str = Field(min_length=40)
    negative: str = (
        "blurry, noisy, overexposed, crooked horizon, floating object, cropped product, watermark, extra text, clutter"
    )
    stage: Stage
    support: tuple[Prop, ...] = ()
    props: tuple[Prop, ...] = ()
    light: Light
    camera: Camera = Camera()
    grade: Grade = Grade()
    heroes: tuple[Hero, ...] = Field(min_length=3, max_length=3)

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        wrong = [c for c in self.categories if c not in CATEGORIES]
        if wrong:
            raise ValueError(f"categories {wrong}: expected some of {', '.join(CATEGORIES)}")
        if len({h.product for h in self.heroes}) < 3:
            raise ValueError("heroes: the three products must differ")
        return self

    @property
    def stand(self) -> Triple:
        """The standing point: the top of the first support, or the floor's origin."""
        if not self.support:
            return (0.0, 0.0, 0.0)
        first = self.support[0]
        return (first.at[0], first.at[1], first.at[2] + first.size[2])

    @property
    def seed(self) -> int:
        """A seed of the style's own, from its id."""
        return int(hashlib.sha256(self.id.encode()).hexdigest()[:6], 16)

    def hero_seed(self, index: int) -> int:
        """The seed of hero 0, 1 or 2."""
        return self.seed + 101 * (index + 1)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that changes pixels: descriptive words are left out."""
        seen = {"stage", "support", "props", "light", "camera", "grade", "heroes"}
        return hashlib.sha256(
            json.dumps(self.model_dump(mode="json", include=seen), sort_keys=True).encode()
        ).hexdigest()


def parse(text: str, source: str) -> list[Recipe]:
    """Recipes of one TOML text; RecipeError names the source, the style and the field."""
    try:
        entries = tomllib.loads(text).get("style", [])
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{source}: not valid TOML: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise RecipeError(f"{source}: style: expected at least one [[style]] table")
    recipes = []
    for number, entry in enumerate(entries, 1):
        try:
            recipes.append(Recipe.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(p) for p in first["loc"]) or "style"
            raise RecipeError(f"{source}: style {entry.get('id', number)}: {field}: {first['msg']}") from error
    return recipes


def load(folder: Path = RECIPES) -> dict[str, Recipe]:
    """All recipes of a folder by id, in file order; RecipeError when two share an id."""
    found: dict[str, Recipe] = {}
    for path in sorted(folder.glob("*.toml")):
        for recipe in parse(path.read_text("utf-8"), path.name):
            if recipe.id in found:
                raise RecipeError(f"{path.name}: style {recipe.id}: id: already used by another recipe")
            found[recipe.id] = recipe
    if not found:
        raise RecipeError(f"{folder}: no recipes found; expected *.toml files")
    return found
