"""The table of all stand-in products, and one of them dressed and turned. About 1.2 metres of the set tall."""

from __future__ import annotations

import math
from typing import Any

from . import cosmetics, gadgets, household, worn
from .dress import Product, dressed, standing
from .recipe import Hero

PRODUCTS: dict[str, Product] = {**cosmetics.PRODUCTS, **household.PRODUCTS, **worn.PRODUCTS, **gadgets.PRODUCTS}


def build(hero: Hero, seed: int) -> Any:
    """The root of a hero's product, standing at the origin and turned; KeyError for an unknown product."""
    product = PRODUCTS[hero.product]
    parts = product.build(dressed(hero, product, seed))
    root = standing(hero.product, parts, hero.scale)
    root.rotation_euler = (0, 0, math.radians(hero.turn))
    return root
