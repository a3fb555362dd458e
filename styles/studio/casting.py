"""What a training scene shows, from seed and number alone: style, products, camera, light. No Blender.

Two scenes in a row share a set, its light and camera, and differ in the product; so they share an empty plate.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .recipe import Hero, Light, Prop, Recipe

SHARED = 2
TURNS = {
    "shoe": -16, "handbag": -14, "watch": -25, "headphones": -30, "phone": 18, "gift": 24, "car": -18, "perfume": 20,
}  # fmt: skip
DYED = {"paint", "ceramic", "lacquer", "rubber", "leather", "knit", "frosted", "glass", "metal", "brushed", "paper"}
AS_MADE = {"lipstick", "ring", "macarons"}
LEVEL = {"box", "cylinder", "slab", "tray"}


@dataclass(frozen=True)
class Cast:
    """A set with as many products as share it: its recipe, and each one's place beside the standing point (metres)."""

    recipe: Recipe
    heroes: tuple[Hero, ...]
    asides: tuple[float, ...]


def group_of(number: int) -> int:
    """The set that a scene belongs to."""
    return number // SHARED


def cast(recipes: Mapping[str, Recipe], products: Mapping[str, str], group: int, seed: int) -> Cast:
    """The set of a group; `products` gives the category of each product's name. Styles take turns in random order."""
    names = sorted(recipes)
    lap, place = divmod(group, len(names))
    base = recipes[names[int(np.random.default_rng([seed, 0, lap]).permutation(len(names))[place])]]
    rng = np.random.default_rng([seed, 1, group])
    heroes = _heroes(rng, base, recipes, products)
    camera = base.camera.model_copy(
        update={
            "focal": round(float(np.clip(base.camera.focal * rng.uniform(0.85, 1.2), 24, 150)), 2),
            "fill": float(rng.uniform(0.3, 0.6)),
            "shift": float(rng.uniform(-0.12, 0.12)),
            "aim": base.camera.aim + float(rng.uniform(-0.05, 0.07)),
            "azimuth": base.camera.azimuth + float(rng.uniform(-14, 14)),
            "elevation": base.camera.elevation
            + float(rng.uniform(-1, 9) if rng.uniform() < 0.8 else rng.uniform(9, 20)),
        }
    )
    grade = base.grade.model_copy(update={"exposure": base.grade.exposure + float(rng.uniform(-0.3, 0.3))})
    changes = {"camera": camera, "grade": grade, "light": _light(rng, base.light), "props": _props(rng, base.props)}
    recipe = base.model_copy(update=changes)
    level = not base.support or base.support[0].kind in LEVEL
    room = 0.1 * min(base.support[0].size[0] if base.support else 1.2, 1.2) if level else 0.0
    return Cast(recipe, heroes, tuple(float(rng.uniform(-room, room)) for _ in heroes))


def _higher(rng: np.random.Generator) -> float:
    """Degrees above a style's own camera: mostly a few, now and then many."""
    return float(rng.uniform(-1, 9) if rng.uniform() < 0.8 else rng.uniform(9, 20))


def _heroes(
    rng: np.random.Generator, base: Recipe, recipes: Mapping[str, Recipe], products: Mapping[str, str]
) -> tuple[Hero, ...]:
    """Different products in clothes that some style gave them; half the time of a category that suits the style."""
    brands = sorted({h.brand for r in recipes.values() for h in r.heroes})
    suited = [p for p in sorted(products) if products[p] in base.categories]
    found: list[Hero] = []
    while len(found) < SHARED:
        pool = suited if suited and rng.uniform() < 0.5 else sorted(products)
        product = pool[int(rng.integers(len(pool)))]
        if product in {h.product for h in found}:
            continue
        worn = [h for name in sorted(recipes) for h in recipes[name].heroes if h.product == product]
        dress = worn[int(rng.integers(len(worn)))] if worn else Hero(product=product)
        changes: dict[str, Any] = {
            "turn": TURNS.get(product, 0) + float(rng.uniform(-14, 14)),
            "brand": brands[int(rng.integers(len(brands)))],
            "scale": float(rng.uniform(0.9, 1.1)),
            "azimuth": 0.0, "elevation": 0.0, "fill": None, "shift": None,
        }  # fmt: skip
        if product not in AS_MADE and dress.body and dress.body.kind in DYED and rng.uniform() < 0.5:
            changes |= {"body": dress.body.model_copy(update={"colour": _dye(rng), "second": None}), "ink": None}
        found.append(dress.model_copy(update=changes))
    return tuple(found)


def _dye(rng: np.random.Generator) -> str:
    """A random colour, seldom garish."""
    rgb = colorsys.hsv_to_rgb(float(rng.uniform()), float(rng.beta(1.4, 2)), float(rng.uniform(0.2, 0.96)))
    return "#" + "".join(f"{round(255 * c):02X}" for c in rgb)


def _light(rng: np.random.Generator, light: Light) -> Light:
    """A style's light from another angle, the other side half the time, a little warmer or cooler, softer or harder."""
    azimuth = light.azimuth * float(rng.choice([-1.0, 1.0])) + float(rng.uniform(-18, 18))
    return light.model_copy(
        update={
            "azimuth": round((azimuth + 180) % 360 - 180, 2),
            "elevation": round(float(np.clip(light.elevation + rng.uniform(-10, 14), 14, 80)), 2),
            "strength": light.strength * float(rng.uniform(0.85, 1.2)),
            "kelvin": round(float(np.clip(light.kelvin * rng.uniform(0.9, 1.12), 1500, 12000))),
            "softness": round(float(np.clip(light.softness + rng.uniform(-0.2, 0.2), 0, 1)), 3),
            "fill": light.fill * float(rng.uniform(0.6, 1.2)),
        }
    )


def _props(rng: np.random.Generator, props: tuple[Prop, ...]) -> tuple[Prop, ...]:
    """A style's props, now and then without one."""
    return tuple(p for p in props if rng.uniform() > 0.12)
