"""Stones, ground, water, ice, clouds and shells of the set."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector, noise

from .mesh import Points, ball, from_arrays, lathe, link, loft, soft_box, surface
from .recipe import Prop
from .scatter import strew


def rock(p: Prop, main: Any, other: Any) -> list[Any]:
    """A weathered rock of the given size; spread sets how rugged."""
    obj = ball("rock", 0.5, main, 110)
    shift = Vector((p.seed * 1.7, p.seed * 0.9, p.seed * 2.3))
    for v in obj.data.vertices:
        c = Vector((v.co.x, v.co.y, v.co.z - 0.5))
        n = noise.fractal(c * 2.0 + shift, 0.9, 2.1, 5) * 0.16 + noise.cell(c * 2.6 + shift) * 0.07
        c = c * (1 + p.spread * n)
        v.co = (c.x, c.y, max(c.z + 0.5, 0.06))
    obj.scale = p.size
    return [obj]


def slab(p: Prop, main: Any, other: Any) -> list[Any]:
    """A flat-topped rock whose top is level at the height of the size, for standing things on."""
    w, d, h = p.size
    a = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    wob = np.array(
        [
            1
            + p.spread
            * (
                0.10 * noise.noise(Vector((1.3 * math.cos(t) + p.seed, 1.3 * math.sin(t), 0.5)))
                + 0.05 * noise.noise(Vector((5 * math.cos(t), 5 * math.sin(t) + p.seed, 0)))
            )
            for t in a
        ]
    )
    rows = []
    for z, k in (
        (0.0, 1.06),
        (0.08 * h, 1.10),
        (0.3 * h, 1.04),
        (0.55 * h, 1.07),
        (0.8 * h, 1.01),
        (0.93 * h, 0.985),
        (0.985 * h, 0.95),
        (h, 0.88),
        (h, 0.5),
        (h, 0.02),
    ):
        rough = (
            np.array(
                [
                    1 + 0.035 * p.spread * noise.noise(Vector((3 * math.cos(t), 3 * math.sin(t), z * 6 + p.seed)))
                    for t in a
                ]
            )
            if k > 0.9
            else 1.0
        )
        rows.append(
            np.column_stack([w / 2 * k * wob * rough * np.cos(a), d / 2 * k * wob * rough * np.sin(a), np.full(120, z)])
        )
    return [loft("slab", np.array(rows), main)]


def pebbles(p: Prop, main: Any, other: Any) -> list[Any]:
    """Smooth pebbles strewn about, of two tones."""
    models = []
    for i, m in enumerate((main, other, main)):
        one = ball("pebble", p.size[0] / 2, m, 32)
        one.data.transform(Matrix.Diagonal((1.0 + 0.2 * i, 0.8, 0.5 + 0.1 * i, 1)))
        models.append(one)
    return strew(p, models, flat=False)


def stack(p: Prop, main: Any, other: Any) -> list[Any]:
    """Balanced pebbles, smaller upwards."""
    parts, z = [], 0.0
    for i in range(p.count):
        r = p.size[0] / 2 * (1 - 0.2 * i)
        one = ball("stone", 1.0, main if i % 2 == 0 else other, 48)
        one.scale, one.location = (r, r * 0.85, r * 0.42), (0.06 * r * (-1) ** i, 0, z)
        parts.append(one)
        z += 2 * r * 0.42 * 0.975
    return parts


def clouds(p: Prop, main: Any, other: Any) -> list[Any]:
    """One puffy cloud: balls melted into one."""
    rng = np.random.default_rng(p.seed)
    data = bpy.data.metaballs.new("cloud")
    data.resolution, data.render_resolution, data.threshold = 0.06, 0.06, 0.3
    for i in range(p.count * 2):
        element = data.elements.new()
        x = float(rng.uniform(-1, 1)) if i >= 5 else (i - 2) * 0.42
        tall = 1 - 0.75 * abs(x) ** 1.5
        r = p.size[2] * float(rng.uniform(0.20, 0.34)) * (0.55 + 0.45 * tall)
        element.co = (
            x * p.size[0] * 0.40,
            float(rng.uniform(-0.35, 0.35)) * p.size[1],
            r * 0.8 + max(tall * p.size[2] - 1.7 * r, 0.0) * float(rng.uniform(0, 1)),
        )
        element.radius = r * 1.55
    data.materials.append(main)
    meta = bpy.data.objects.new("cloud", data)
    bpy.context.scene.collection.objects.link(meta)
    bpy.context.view_layer.update()
    mesh = bpy.data.meshes.new_from_object(meta.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(meta)
    obj = bpy.data.objects.new("cloud", mesh)
    mesh.shade_smooth()
    mesh.materials.clear()
    return [link(obj, main)]


def droplets(p: Prop, main: Any, other: Any) -> list[Any]:
    """Water drops lying on a surface."""
    models = []
    for k in (1.0, 0.6, 0.35):
        r = p.size[0] / 2 * k
        models.append(
            lathe(
                "drop",
                [(r, 0.0, 0), (r * 1.02, r * 0.2, r * 0.3), (r * 0.7, r * 0.62, r * 0.4), (0, r * 0.72, 0)],
                main,
                32,
            )
        )
    return strew(p, models, flat=False)


def shell(p: Prop, main: Any, other: Any) -> list[Any]:
    """A scallop shell, ribbed, lying domed."""
    a = np.linspace(-1.05, 1.05, 121)
    rows = []
    for k in np.linspace(0.04, 1, 24):
        rib = 0.022 * np.abs(np.sin(a * 13)) * k
        edge = k * (1 + 0.04 * np.abs(np.sin(a * 13)) * (k > 0.9))
        rows.append(
            np.stack([edge * np.sin(a), edge * np.cos(a) - 0.4, 0.34 * np.sin(k * 2.6) * np.cos(a * 0.8) + rib], 1)
            * p.size[0]
            / 2
        )
    return [surface("shell", np.array(rows), main, 0.012)]


def starfish(p: Prop, main: Any, other: Any) -> list[Any]:
    """A starfish."""
    a = np.linspace(0, 2 * math.pi, 150, endpoint=False)
    reach = 0.36 + 0.64 * np.abs(np.cos(2.5 * a)) ** 1.7
    rows = [
        np.column_stack(
            [
                p.size[0] / 2 * k * (reach if k > 0.2 else 1) * np.cos(a),
                p.size[0] / 2 * k * (reach if k > 0.2 else 1) * np.sin(a),
                np.full(150, z * p.size[0]),
            ]
        )
        for k, z in ((1.0, 0.0), (1.0, 0.03), (0.9, 0.07), (0.6, 0.11), (0.3, 0.14), (0.03, 0.15))
    ]
    return [loft("starfish", np.array(rows), main)]


def ice_cubes(p: Prop, main: Any, other: Any) -> list[Any]:
    """Ice cubes strewn about."""
    cube = soft_box("cube", (p.size[0],) * 3, main, p.size[0] * 0.16, 5)
    return strew(p, [cube], flat=False)


def mound(p: Prop, main: Any, other: Any) -> list[Any]:
    """A soft heap: snow, sand, moss; spread sets how uneven."""
    n = 90
    x, y = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    d = np.clip(1 - np.hypot(x, y), 0, 1)
    rough = np.array(
        [
            [
                noise.fractal(Vector((float(a) * 1.6 + p.seed, float(b) * 1.6, 0.3)), 1.0, 2.0, 4)
                for a, b in zip(ra, rb, strict=True)
            ]
            for ra, rb in zip(x, y, strict=True)
        ]
    )
    z = p.size[2] * (np.sin(d * math.pi / 2) ** 1.3) * (1 + 0.35 * p.spread * rough) - np.where(d > 0, 0.02, 0.3)
    grid = np.stack([x * p.size[0] / 2, y * p.size[1] / 2, z], -1)
    parts = [surface("mound", grid, main)]
    return [*parts, tufts(grid[d > 0.03], p.seed, main)] if p.surface.kind == "moss" else parts


def tufts(places: Points, seed: int, material: Any, count: int = 16000) -> Any:
    """Short upright blades over places (n×3), as one mesh."""
    rng = np.random.default_rng(seed)
    roots = places[rng.integers(len(places), size=count)] + rng.normal(0, 0.012, (count, 3)) * [1, 1, 0.2]
    lean = rng.normal(0, 0.45, (count, 3)) * [1, 1, 0] + [0, 0, 1]
    tips = roots + lean * rng.uniform(0.03, 0.085, (count, 1))
    turn = rng.uniform(0, 2 * math.pi, count)
    wide = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(count)]) * 0.0065
    verts = np.stack([roots - wide, roots + wide, tips], 1).reshape(-1, 3)
    return from_arrays("tufts", verts, np.arange(3 * count).reshape(-1, 3).tolist(), material)


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "rock": rock,
    "slab": slab,
    "pebbles": pebbles,
    "stack": stack,
    "clouds": clouds,
    "droplets": droplets,
    "shell": shell,
    "starfish": starfish,
    "ice": ice_cubes,
    "mound": mound,
}
