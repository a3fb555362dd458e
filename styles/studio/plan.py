"""What remains to render: tasks in the order that covers every style soonest, and what counts as done. No Blender."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .recipe import Recipe

LIBRARY = Path(__file__).parent.parent / "library"
ORDER = ("hero-1", "plate", "plate_shadow", "hero-2", "hero-3")


@dataclass(frozen=True)
class Task:
    """One picture to render: the style's id, which picture, and its seed."""

    style: str
    picture: str
    seed: int

    @property
    def hero(self) -> int:
        """The hero (0..2) whose scene it is; the plate shares hero 0's camera."""
        return int(self.picture[-1]) - 1 if self.picture.startswith("hero") else 0


def pictures(heroes: int) -> list[str]:
    """The pictures of a style in order of worth, with the first so many heroes."""
    return [p for p in ORDER if not p.startswith("hero") or int(p[-1]) <= heroes]


def recorded(folder: Path) -> tuple[str, int] | None:
    """Recipe hash and seed that a style's card records, or None when there is no readable card."""
    try:
        provenance = json.loads((folder / "card.json").read_text("utf-8"))["provenance"]
        return str(provenance["recipe"]), int(provenance["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def recorded_samples(folder: Path) -> int:
    """Samples per pixel that a style's card records; 0 when there is no readable card."""
    try:
        return int(json.loads((folder / "card.json").read_text("utf-8"))["provenance"]["samples"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def is_stale(recipe: Recipe, out: Path) -> bool:
    """Whether a style's pictures, if any, come from another recipe or seed."""
    return recorded(out / recipe.id) != (recipe.digest, recipe.seed)


def remaining(recipes: Iterable[Recipe], out: Path, heroes: int = 3, force: bool = False, only: str = "") -> list[Task]:
    """Tasks still to do, all first heroes first; `only` keeps one kind of picture, `force` redoes what is done."""
    styles = list(recipes)
    stale = {r.id: is_stale(r, out) for r in styles}
    return [
        Task(
            recipe.id,
            picture,
            recipe.hero_seed(int(picture[-1]) - 1) if picture.startswith("hero") else recipe.seed,
        )
        for picture in pictures(heroes)
        if not only or picture == only
        for recipe in styles
        if force or stale[recipe.id] or not (out / recipe.id / f"{picture}.webp").is_file()
    ]


def clear_stale(recipe: Recipe, out: Path) -> list[str]:
    """Remove a style's pictures and card made from another recipe; returns the removed names."""
    folder = out / recipe.id
    if not (folder / "card.json").is_file() or not is_stale(recipe, out):
        return []
    gone = [
        p for p in (*(folder / f"{n}.webp" for n in ORDER), folder / "card.json", folder / "plate.json") if p.is_file()
    ]
    for path in gone:
        path.unlink()
    return [p.name for p in gone]
