"""A recipe becomes a Blender scene: backdrop, floor, props, light, camera, product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import bpy
import numpy as np
from mathutils import Vector

from . import lights, materials, plate, products, props
from .fabric import wave_noise
from .mesh import Points, bounds, field, from_arrays, lathe, meshes_of, soften
from .recipe import Prop, Recipe, Stage, Triple

Subject = Literal["product", "nothing", "stand-in"]


@dataclass(frozen=True)
class Built:
    """A scene ready to render: its camera's view, the product's size in metres, its root when present."""

    view: plate.View
    size: Triple
    product: Any


def assemble(recipe: Recipe, index: int, subject: Subject = "product") -> Built:
    """Build a hero's scene (0..2) afresh, with its product, with nothing, or with a grey stand-in."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    hero, seed = recipe.heroes[index], recipe.hero_seed(index)
    product = products.build(hero, seed)
    low, high = bounds(product)
    size: Triple = tuple(float(v) for v in high - low)  # type: ignore[assignment]
    if subject == "product":
        product.location = Vector(recipe.stand)
    else:
        for obj in meshes_of(product):
            bpy.data.objects.remove(obj)
        product = grey(size, recipe.stand) if subject == "stand-in" else None
    _stage(recipe.stage, recipe)
    for number, prop in enumerate((*recipe.support, *recipe.props)):
        props.place(prop, recipe.seed + 7 * number)
    mirrored = recipe.stage.floor.kind in {"water", "mirror"}
    lights.light_up(recipe.light, recipe.stand, recipe.stage.distance, mirrored)
    seen = plate.view(recipe.camera, hero, recipe.stand, size)
    place_camera(seen, recipe.camera.fstop)
    return Built(seen, size, product)


def grey(size: Triple, stand: Triple) -> Any:
    """A neutral rounded cylinder of the product's height at the standing point."""
    from .dress import made

    r = min(size[0], size[1], size[2] * 0.8) / 2
    e = r * 0.25
    return lathe(
        "stand-in",
        [(0, 0, 0), (r, 0, e), (r, size[2], e), (0, size[2], 0)],
        materials.build(made("paper #8C8C8C")),
        at=stand,
    )


def place_camera(seen: plate.View, fstop: float) -> None:
    """Look at the scene through a new camera, focused a little before the target."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.sensor_width = seen.focal, plate.SENSOR
    data.dof.use_dof, data.dof.focus_distance = True, seen.distance - 0.15
    data.dof.aperture_fstop, data.dof.aperture_blades = fstop, 9
    obj = bpy.data.objects.new("camera", data)
    bpy.context.scene.collection.objects.link(obj)
    obj.location = seen.position
    obj.rotation_euler = (Vector(seen.target) - Vector(seen.position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = obj


def _stage(stage: Stage, recipe: Recipe) -> None:
    """Backdrop and floor."""
    floor = materials.build(stage.floor, recipe.seed)
    wall = materials.build(stage.wall or stage.floor, recipe.seed + 3)
    if stage.backdrop == "sweep":
        _sweep(stage, wall if stage.wall else floor)
        if stage.wall and stage.ground != "none":
            _ground(stage, floor, recipe.seed)
        return
    if stage.backdrop == "room":
        half = 12.0
        corners = np.array(
            [
                (-half, stage.distance, -0.5),
                (half, stage.distance, -0.5),
                (half, stage.distance, 12),
                (-half, stage.distance, 12),
            ]
        )
        panel = from_arrays("wall", corners, [(0, 1, 2, 3)], wall)
        panel.data.shade_flat()
    _ground(stage, floor, recipe.seed)


def _sweep(stage: Stage, material: Any) -> None:
    """A seamless cyclorama: floor, bend, wall."""
    d, b = stage.distance, stage.bend
    line = soften([(-14.0, 0.0, 0.0), (d, 0.0, b), (d, 14.0, 0.0)], steps=40)
    x = np.linspace(-14, 14, 2)
    verts = np.concatenate([np.column_stack([x, np.full(2, y), np.full(2, z)]) for y, z in line])
    faces = [(i * 2, i * 2 + 1, i * 2 + 3, i * 2 + 2) for i in range(len(line) - 1)]
    from_arrays("sweep", verts, faces, material)


def _ground(stage: Stage, material: Any, seed: int) -> None:
    """The floor: flat, or shaped."""
    if stage.ground == "none":
        return
    lift = 0.003 if stage.backdrop == "sweep" else 0.0
    if stage.ground == "flat":
        corners = np.array([(-16, -14, lift), (16, -14, lift), (16, 30, lift), (-16, 30, lift)])
        far = stage.distance if stage.backdrop == "room" else 30
        corners[2:, 1] = far
        from_arrays("floor", corners, [(0, 1, 2, 3)], material).data.shade_flat()
        return
    if stage.ground == "folds":
        props.place(
            Prop(kind="folds", size=(9, 8, 0.62), spread=1.0, keep=0.62, seed=seed % 50, surface=stage.floor),
            seed,
        )
        return

    def height(x: Points, y: Points) -> Points:
        calm = np.clip((np.hypot(x, y) - 0.55) / 1.1, 0, 1)
        calm = calm * calm * (3 - 2 * calm)
        rough = np.vectorize(lambda a, b: wave_noise(a, b, seed % 40, 0.42))(x, y)
        if stage.ground == "ripples":
            wander = np.vectorize(lambda a, b: wave_noise(a, b, seed % 30, 0.6))(x, y)
            return np.asarray(
                0.016 * np.sin(26 * y + 5.0 * wander + 1.2 * x) * np.clip(calm + 0.25, 0, 1) + 0.10 * calm * rough
            )
        grow = 0.30 if stage.ground == "dunes" else 0.22
        fine = np.vectorize(lambda a, b: wave_noise(a, b, seed % 23, 1.4))(x, y)
        ridge = np.sin(1.1 * y + 2.0 * rough) * 0.5 + 0.5
        return np.asarray(
            calm * grow * (rough * 0.8 + 0.20 * fine + (0.55 * ridge if stage.ground == "dunes" else 0.1))
        )

    field("ground", 16, 14, height, material, 260 if stage.ground == "ripples" else 170)
