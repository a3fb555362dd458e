"""Random scenes for training: picture, product mask, empty plate, contact shadow, and the facts in one JSON each.

A set is built once and its empty plate traced once for all products that share it. The mask is a pass of the picture
itself, so it fits to the pixel, soft edges included.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from . import camera_work, lights, plate, products, scene
from .camera_work import Quality
from .caption import captions
from .casting import SHARED, Cast, cast, group_of
from .mesh import bounds, meshes_of
from .recipe import Recipe, Triple
from .render import crowded

PASS = "product"


@dataclass(frozen=True)
class Standing:
    """A product in its place: the root, and its lowest and highest corner in scene metres."""

    root: Any
    low: Triple
    high: Triple

    @property
    def size(self) -> Triple:
        """Width, depth and height in metres."""
        return tuple(h - w for w, h in zip(self.low, self.high, strict=True))  # type: ignore[return-value]


def shadow(full: NDArray[np.uint8], empty: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker the set is with the product than without, outside the product; 0 none to 255 black.

    Pictures H×W×3, mask H×W, all uint8. Differences as small as the renderer's noise count as none.
    """
    a, b = (np.asarray(p, float).mean(2) + 6 for p in (full, empty))
    outside = mask < 8
    drop = np.clip(1 - a / b, 0, 1) * outside
    soft = np.asarray(Image.fromarray((drop * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(3)))
    return np.where(outside & (soft >= 10), soft, 0).astype(np.uint8)


def _stand(shot: Cast, index: int, seed: int) -> Standing:
    """Build a product at its place, marked for the mask's pass."""
    root = products.build(shot.heroes[index], seed)
    x, y, z = shot.recipe.stand
    root.location = Vector((x + shot.asides[index], y, z))
    for obj in meshes_of(root):
        for slot in obj.material_slots:
            tree = slot.material.node_tree
            if not any(n.type == "OUTPUT_AOV" for n in tree.nodes):
                mark = tree.nodes.new("ShaderNodeOutputAOV")
                mark.aov_name, mark.inputs["Value"].default_value = PASS, 1.0
    low, high = bounds(root)
    return Standing(root, tuple(map(float, low)), tuple(map(float, high)))  # type: ignore[arg-type]


def _mask_to(folder: str) -> None:
    """Have every render write the mask's pass to a folder."""
    layer = bpy.context.view_layer.aovs.add()
    layer.name, layer.type = PASS, "VALUE"
    view = bpy.context.scene
    view.use_nodes = True
    tree = view.node_tree
    tree.nodes.clear()
    layers, out = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
    tree.links.new(layers.outputs["Image"], out.inputs["Image"])
    file = tree.nodes.new("CompositorNodeOutputFile")
    file.base_path, file.format.file_format, file.format.color_depth = folder, "OPEN_EXR", "16"
    file.format.color_mode = "BW"
    file.file_slots[0].path = PASS
    tree.links.new(layers.outputs[PASS], file.inputs[0])


def _mask(folder: str, size: int) -> NDArray[np.uint8]:
    """The mask that the last render wrote, H×W uint8."""
    image = bpy.data.images.load(str(next(Path(folder).glob(f"{PASS}*.exr"))))
    image.colorspace_settings.name = "Non-Color"
    flat = np.empty(size * size * image.channels, np.float32)
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    return np.round(np.clip(flat.reshape(size, size, -1)[::-1, :, 0], 0, 1) * 255).astype(np.uint8)


def _show(which: Standing | None, every: Sequence[Standing]) -> None:
    """Hide every product but one."""
    for one in every:
        for obj in meshes_of(one.root):
            obj.hide_render = one is not which


def _facts(shot: Cast, seen: plate.View, one: Standing, index: int, number: int, mask: Any) -> dict[str, Any]:
    """Everything known about a scene."""
    recipe, hero, size = shot.recipe, shot.heroes[index], mask.shape[0]
    place = (recipe.stand[0] + shot.asides[index], *recipe.stand[1:])
    category = products.PRODUCTS[hero.product].category
    facts = plate.geometry(recipe, seen, one.size, size, lights.average(recipe.light))
    x, y, depth = seen.project(place)
    ys, xs = np.nonzero(mask > 127)
    box = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1] if len(xs) else None
    english, chinese = captions(recipe, hero.product, category, number)
    stem = f"{number:06d}"
    return facts | {
        "id": stem,
        "group": group_of(number),
        "style": recipe.id,
        "family": recipe.family,
        "moods": list(recipe.moods),
        "suited": list(recipe.categories),
        "product": hero.product,
        "category": category,
        "fits": category in recipe.categories,
        "caption": english,
        "caption_zh": chinese,
        "stand": {"x": round(x, 5), "y": round(y, 5), "depth_m": round(depth, 4)},
        "support_line": round(float(box[3]) / size, 4) if box else round(y, 4),
        "box": [round(float(v) / size, 4) for v in box] if box else None,
        "area": round(float(mask.mean() / 255), 4),
        "light": facts["light"] | {"rig": recipe.light.rig, "gobo": recipe.light.gobo},
        "files": {
            "picture": f"{stem}-picture.webp",
            "plate": f"{stem}-plate.webp",
            "mask": f"{stem}-mask.png",
            "shadow": f"{stem}-shadow.png",
        },
    }


def _write(out: Path, facts: dict[str, Any], pictures: Mapping[str, NDArray[np.uint8]]) -> None:
    """The pictures, then the facts in one step: a scene with facts is whole."""
    for kind, array in pictures.items():
        path, image = out / facts["files"][kind], Image.fromarray(array)
        if path.suffix == ".webp":
            camera_work.save(image, path)
        else:
            image.save(path)
    part = out / f"{facts['id']}.json.part"
    part.write_text(json.dumps(facts, ensure_ascii=False) + "\n", "utf-8")
    part.replace(out / f"{facts['id']}.json")


def shoot_group(shot: Cast, group: int, numbers: Sequence[int], out: Path, quality: Quality) -> None:
    """Render those scenes of a group that are asked for: its plate first, then product by product."""
    recipe, first = shot.recipe, group * SHARED
    scene.assemble(recipe.model_copy(update={"heroes": (shot.heroes[0],) * 3}), 0, "nothing")
    every = [_stand(shot, index, recipe.seed + first + index) for index in range(SHARED)]
    largest: Triple = tuple(max(sizes) for sizes in zip(*(one.size for one in every), strict=True))
    seen = plate.view(recipe.camera, shot.heroes[0], recipe.stand, largest)
    scene.place_camera(seen, recipe.camera.fstop)
    camera_work.set_up(quality, recipe.grade, group, crowded(recipe))
    # What stays between two pictures of a set (textures, shaders, the set's geometry) is prepared once.
    bpy.context.scene.render.use_persistent_data = True
    with tempfile.TemporaryDirectory() as folder:
        _mask_to(folder)
        _show(None, every)
        empty = np.asarray(camera_work.shoot())
        for index, one in enumerate(every):
            if first + index not in numbers:
                continue
            _show(one, every)
            full = np.asarray(camera_work.shoot())
            mask = _mask(folder, quality.size)
            facts = _facts(shot, seen, one, index, first + index, mask)
            dark = shadow(full, empty, mask)
            _write(out, facts, {"picture": full, "plate": empty, "mask": mask, "shadow": dark})


def run(
    recipes: Mapping[str, Recipe], numbers: Sequence[int], out: Path, seed: int, size: int, say: Callable[[str], None]
) -> None:
    """Render those of some scenes that are not there yet; a scene is done when its JSON is written."""
    out.mkdir(parents=True, exist_ok=True)
    todo = [n for n in numbers if not (out / f"{n:06d}.json").is_file()]
    say(f"{len(todo)} scenes to render")
    table = {name: product.category for name, product in products.PRODUCTS.items()}
    wall, cpu, done = time.monotonic(), time.process_time(), 0
    for group in sorted({group_of(n) for n in todo}):
        mine = [n for n in todo if group_of(n) == group]
        made = cast(recipes, table, group, seed)
        shoot_group(made, group, mine, out, Quality(size, 5, 1, fine=False))
        done += len(mine)
        took = (time.monotonic() - wall) / done
        say(
            f"{done}/{len(todo)} {made.recipe.id} {'+'.join(h.product for h in made.heroes)}: {took:.1f} s and "
            f"{(time.process_time() - cpu) / done:.1f} CPU-s a scene, {took * (len(todo) - done) / 60:.0f} min left"
        )
