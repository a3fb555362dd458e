"""Random scenes for training: picture, product mask, empty plate, contact shadow, and the facts in one JSON each.

A scene borrows a recipe's set and light and moves the camera, the key and the product; its number and seed name it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import camera_work, plate, scene
from .camera_work import Quality
from .products import PRODUCTS
from .recipe import Hero, Recipe

TURNS = {
    "shoe": -16,
    "handbag": -14,
    "watch": -25,
    "headphones": -30,
    "phone": 18,
    "gift": 24,
    "car": -18,
    "perfume": 20,
}


def scene_of(recipes: Mapping[str, Recipe], number: int, seed: int) -> Recipe:
    """The recipe of a random scene: a style's set with camera, key and product varied, by seed and number."""
    rng = np.random.default_rng([seed, number])
    base = recipes[sorted(recipes)[int(rng.integers(len(recipes)))]]
    product = sorted(PRODUCTS)[int(rng.integers(len(PRODUCTS)))]
    same = [h for h in base.heroes if h.product == product]
    dress = same[0] if same else base.heroes[int(rng.integers(3))]
    turn = TURNS.get(product, 0) + float(rng.uniform(-14, 14))
    changes: dict[str, Any] = {
        "product": product,
        "turn": turn,
        "azimuth": float(rng.uniform(-12, 12)),
        "elevation": float(rng.uniform(-1, 9)),
    }
    changes |= {
        "fill": float(rng.uniform(0.32, 0.56)),
        "shift": float(rng.uniform(-0.12, 0.12)),
        "brand": dress.brand,
    }
    hero = same[0].model_copy(update=changes) if same else Hero.model_validate(changes)
    light = base.light.model_copy(
        update={
            "azimuth": float(np.clip(base.light.azimuth * rng.choice([-1.0, 1.0]) + rng.uniform(-15, 15), -180, 180)),
            "elevation": float(np.clip(base.light.elevation + rng.uniform(-10, 12), 12, 80)),
            "strength": base.light.strength * float(rng.uniform(0.85, 1.15)),
        }
    )
    return base.model_copy(update={"light": light, "heroes": (hero,) * 3})


def shadow(full: NDArray[np.uint8], empty: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker the ground is with the product than without, outside the product; 0 none to 255 black."""
    a, b = (np.asarray(p, float).mean(2) + 1 for p in (full, empty))
    drop = np.clip(1 - a / b, 0, 1) * (mask < 8)
    soft = Image.fromarray((drop * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(3))
    return np.asarray(soft)


def _mask(product: Any, size: int) -> Image.Image:
    """The product's silhouette, anti-aliased: everything else holds out, the product glows white."""
    from . import materials
    from .dress import made
    from .mesh import meshes_of

    white, own = materials.build(made("glow #FFFFFF")), set(meshes_of(product))
    for obj in bpy.data.objects:
        if obj.type == "LIGHT" or (obj.type in {"MESH", "CURVE", "FONT"} and obj not in own and not obj.visible_camera):
            obj.hide_render = True
        elif obj.type in {"MESH", "CURVE", "FONT"}:
            obj.is_holdout = obj not in own
            for slot in obj.material_slots if obj in own else ():
                slot.link, slot.material = "OBJECT", white
    view = bpy.context.scene
    bpy.context.scene.camera.data.dof.use_dof = False
    view.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0
    view.cycles.samples, view.cycles.use_denoising, view.cycles.max_bounces = 8, False, 0
    view.view_settings.view_transform, view.view_settings.look, view.view_settings.exposure = "Raw", "None", 0
    return camera_work.shoot().convert("L")


def caption(recipe: Recipe) -> str:
    """One sentence about a scene: product, style, set, light."""
    hero, light = recipe.heroes[0], recipe.light
    kind = PRODUCTS[hero.product].category
    ground = plate.ground(recipe).kind
    return (
        f"a {hero.product} ({kind}) standing on {ground}, {recipe.name.en.lower()} style, {', '.join(recipe.moods)}, "
        f"{light.rig} light from the {plate.side(light)}"
    )


def one(recipe: Recipe, number: int, out: Path, quality: Quality) -> dict[str, Any]:
    """Render one scene to files named by its number; returns its facts."""
    stem = f"{number:06d}"
    built = scene.assemble(recipe, 0)
    camera_work.set_up(quality, recipe.grade, number)
    full = camera_work.shoot()
    mask = _mask(built.product, quality.size)
    scene.assemble(recipe, 0, "nothing")
    camera_work.set_up(quality, recipe.grade, number)
    empty = camera_work.shoot()
    dark = shadow(np.asarray(full), np.asarray(empty), np.asarray(mask))
    facts = plate.geometry(recipe, built.view, built.size, quality.size, "#FFFFFF")
    box = mask.point(lambda v: 255 if v > 127 else 0).getbbox()
    facts |= {"id": stem, "style": recipe.id, "product": recipe.heroes[0].product, "caption": caption(recipe)}
    facts |= {
        "files": {
            k: f"{stem}-{k}.{'webp' if k in ('picture', 'plate') else 'png'}"
            for k in ("picture", "plate", "mask", "shadow")
        }
    }
    facts |= {"box": [round(v / quality.size, 4) for v in box] if box else None}
    camera_work.save(full, out / facts["files"]["picture"])
    camera_work.save(empty, out / facts["files"]["plate"])
    mask.save(out / facts["files"]["mask"], optimize=True)
    Image.fromarray(dark).save(out / facts["files"]["shadow"], optimize=True)
    part = out / f"{stem}.json.part"
    part.write_text(json.dumps(facts, ensure_ascii=False) + "\n", "utf-8")
    part.replace(out / f"{stem}.json")
    return facts


def run(recipes: Mapping[str, Recipe], count: int, out: Path, seed: int, size: int, say: Callable[[str], None]) -> None:
    """Render scenes 0..count−1 that are not there yet; a scene is done when its JSON is written."""
    out.mkdir(parents=True, exist_ok=True)
    todo = [n for n in range(count) if not (out / f"{n:06d}.json").is_file()]
    say(f"{len(todo)} scenes to render")
    begun = time.monotonic()
    for done, number in enumerate(todo, 1):
        facts = one(scene_of(recipes, number, seed), number, out, Quality(size, 5, 2, fine=False))
        left = (time.monotonic() - begun) / done * (len(todo) - done)
        say(f"{done}/{len(todo)} {facts['id']} {facts['style']} {facts['product']}, {left / 60:.0f} min left")
