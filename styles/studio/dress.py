"""What a stand-in product wears: its surfaces, its print, its words; and how its parts become one standing thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import materials, mesh, textures
from .recipe import Hero, Surface, parse_surface


def made(line: str) -> Surface:
    """A surface from its one-line form."""
    return Surface.model_validate(parse_surface(line))


@dataclass(frozen=True)
class Product:
    """A stand-in: how it is built, its usual dress, the kind printed on it, and where it sells."""

    build: Callable[[Dress], list[Any]]
    body: str
    accent: str
    kind: str
    category: str


@dataclass(frozen=True)
class Dress:
    """The look of one stand-in in one picture."""

    body: Surface
    accent: Surface
    ink: str
    brand: str
    kind: str
    seed: int

    def main(self, printed: materials.Print | None = None) -> Any:
        """The body's material, printed on when a print is given."""
        return materials.build(self.body, self.seed, printed)

    def trim(self) -> Any:
        """The accent's material."""
        return materials.build(self.accent, self.seed + 1)

    def of(self, line: str, printed: materials.Print | None = None) -> Any:
        """A material from its one-line form."""
        return materials.build(made(line), self.seed, printed)

    def label(
        self, z: float, width: float, height: float, design: str = "classic", paper: str | None = None
    ) -> materials.Print:
        """The product's label, centred at a height, sizes in metres."""
        image = textures.label(self.brand, self.kind, self.ink, paper, design, width / height)
        return materials.Print(image, 0.0, z, width, height)


def dressed(hero: Hero, product: Product, seed: int) -> Dress:
    """The dress of a hero: what its recipe says, else the product's own."""
    body, accent = hero.body or made(product.body), hero.accent or made(product.accent)
    level = sum(int(body.colour[i : i + 2], 16) for i in (1, 3, 5))
    dark = level < (600 if body.kind in {"glass", "acrylic"} else 330)
    ink = hero.ink or ("#F7F3EC" if dark else "#2B2724")
    return Dress(body, accent, ink, hero.brand, product.kind, seed)


def standing(name: str, parts: Sequence[Any], scale: float = 1.0) -> Any:
    """Parts as one thing standing on z = 0 around the origin, scaled; returns its root."""
    inner = mesh.group(name + " parts", parts)
    outer = mesh.group(name, [inner])
    inner.scale = (scale,) * 3
    low, high = mesh.bounds(outer)
    inner.location = (-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -low[2])
    return outer
