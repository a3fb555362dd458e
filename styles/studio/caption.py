"""One sentence about a scene in English and one in Chinese: product, style, ground, mood, light. No Blender."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from . import plate
from .recipe import Recipe

GROUND = {"paint": "a matt plinth", "brushed": "brushed metal", "court": "a sports court", "ice": "clear ice"}
RIG = {
    "softbox": "soft light", "sun": "sunlight", "rim": "rim light", "neon": "neon light", "spotlight": "a spotlight",
    "golden": "low golden sun", "overcast": "overcast light", "beauty": "even beauty light",
}  # fmt: skip
FROM = {
    "left": "from the left", "right": "from the right", "top": "from above", "front": "from the front",
    "back": "from behind",
}  # fmt: skip
ENGLISH = (
    "a {product} ({category}) on {ground}, {style} style, {moods}, {light} {side}",
    "product photo of a {product} in the {style} style: {moods}; it stands on {ground} under {light} {side}",
    "{style}: a {category} picture of a {product} on {ground}, {light} {side}, {moods}",
)
CHINESE = (
    "{style}风格，{product}（{category}）置于{ground}上，{moods}，{side}{light}",
    "{product}产品图，{style}风格，{moods}氛围，摆放在{ground}上，{side}打来{light}",
    "{category}类商品{product}，{ground}上，{side}{light}，{style}，{moods}",
)


@cache
def words() -> dict[str, dict[str, str]]:
    """What to call things, by kind and key: English names of products, Chinese of all."""
    return tomllib.loads((resources.files(__package__) / "captions.toml").read_text("utf-8"))


def captions(recipe: Recipe, product: str, category: str, number: int) -> tuple[str, str]:
    """English and Chinese for a scene; its number picks the turn of phrase."""
    side, kind, rig = plate.side(recipe.light), plate.ground(recipe).kind, recipe.light.rig
    moods, table = recipe.moods[:3], words()
    english = ENGLISH[number % len(ENGLISH)].format(
        product=table["english"][product],
        category=category,
        ground=GROUND.get(kind, kind),
        style=recipe.name.en.lower(),
        moods=", ".join(moods),
        light=RIG[rig],
        side=FROM[side],
    )
    chinese = CHINESE[number % len(CHINESE)].format(
        product=table["product"][product],
        category=table["category"][category],
        ground=table["ground"][kind],
        style=recipe.name.zh,
        moods="、".join(table["mood"][m] for m in moods),
        light=table["rig"][rig],
        side=table["side"][side],
    )
    return english, chinese
