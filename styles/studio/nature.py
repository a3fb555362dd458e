"""Growing and natural things of the set: leaves, fronds, branches, flowers, stones, clouds, fruit, shells, ice."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy  # type: ignore[import-not-found,unused-ignore]
import numpy as np
from mathutils import Euler, Vector, noise  # type: ignore[import-not-found,unused-ignore]

from .mesh import Points, ball, bevelled, cut_out, from_arrays, group, lathe, soft_box, surface, tube
from .recipe import Prop


def blade(length: float, width: float, material: Any, arch: float = 0.25, fold: float = 0.25, shape: str = "oval") -> Any:
    """A leaf lying along +x from the origin: arched along its length, folded along its rib."""
    t = np.linspace(0, 1, 28)
    if shape == "long":
        profile = np.sin(math.pi * t**0.7) ** 0.8
    elif shape == "petal":
        profile = np.sin(math.pi * t**1.7 * 0.93) ** 0.7 + 0.05
    else:
        profile = np.sin(math.pi * t**0.85) ** 0.9 * (1 - 0.25 * t)
    half = np.maximum(profile * width / 2, 0.002)
    rows = []
    for k, w in zip(t, half, strict=True):
        s = np.linspace(-1, 1, 9)
        ripple = 0.012 * length * np.sin(9 * k + 3 * s) * np.abs(s)
        rows.append(np.stack([np.full(9, k * length), s * w, arch * length * (k - k * k) * 2 + fold * w * np.abs(s) ** 1.3 + ripple], 1))
    return surface("leaf", np.array(rows), material)


def _scatter(p: Prop, copies: list[Any], flat: bool, clear_front: bool = False) -> list[Any]:
    """Copies of models strewn over a disc of radius spread, none nearer than keep to the middle."""
    rng = np.random.default_rng(p.seed + 11)
    placed: list[Any] = []
    while len(placed) < p.count:
        r, a = p.spread * math.sqrt(rng.uniform()), rng.uniform(0, 2 * math.pi)
        x, y = r * math.cos(a), r * math.sin(a)
        if r < p.keep or (clear_front and y < 0 and abs(x) < 0.5):
            continue
        model = copies[int(rng.integers(len(copies)))]
        twin = _copy(model)
        twin.location = (x, y, rng.uniform(0.0, 0.02) if flat else 0.0)
        k = float(rng.uniform(0.65, 1.15))
        twin.scale = (k, k, k)
        wobble = (rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3)) if flat else (0.0, 0.0)
        twin.rotation_euler = (wobble[0], wobble[1], rng.uniform(0, 2 * math.pi))
        placed.append(twin)
    for model in copies:
        _drop(model)
    return placed


def _copy(model: Any) -> Any:
    """A twin that shares the mesh, with its children."""
    twin = model.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.parent = None
    for child in model.children:
        small = _copy(child)
        small.parent = twin
    return twin


def _drop(model: Any) -> None:
    """Remove a model and its children from the scene."""
    for child in list(model.children):
        _drop(child)
    bpy.data.objects.remove(model)


def petals(p: Prop, main: Any, other: Any) -> list[Any]:
    """Loose petals strewn about; size is one petal's length."""
    models = [blade(p.size[0], p.size[0] * 0.8, m, 0.35, 0.5, "petal") for m in (main, other)]
    return _scatter(p, models, flat=True)


def leaves(p: Prop, main: Any, other: Any) -> list[Any]:
    """Loose leaves strewn about."""
    models = [blade(p.size[0], p.size[0] * 0.42, m, 0.2, 0.3) for m in (main, other)]
    return _scatter(p, models, flat=True)


def maple(p: Prop, main: Any, other: Any) -> list[Any]:
    """Fallen lobed leaves in two colours."""
    tips = [(0, 1.0), (50, 0.85), (100, 0.55), (-50, 0.85), (-100, 0.55)]
    models = []
    for m in (main, other):
        outline: list[tuple[float, float]] = []
        for angle, reach in sorted(tips):
            for da, k in ((-24, 0.34), (-11, 0.62), (-8, 0.56), (0, 1.0), (8, 0.56), (11, 0.62)):
                t = math.radians(angle + da + 90)
                outline.append((p.size[0] * 0.6 * reach * k * math.cos(t), p.size[0] * 0.6 * reach * k * math.sin(t)))
        outline += [(-0.01, -0.1 * p.size[0]), (-0.012, -0.6 * p.size[0]), (0.012, -0.6 * p.size[0]), (0.01, -0.1 * p.size[0])]
        models.append(cut_out("maple", [outline[::-1]], 0.008, m, 0.002, upright=False))
    return _scatter(p, models, flat=True)


def sprig(p: Prop, main: Any, other: Any) -> list[Any]:
    """A leafy branch rising along an arc: count leaves in pairs; spread is the leaf's length over 0.3 m."""
    rng = np.random.default_rng(p.seed)
    w, _, h = p.size
    t = np.linspace(0, 1, 12)
    stem = np.column_stack([w * t**1.6, 0.06 * np.sin(4 * t + p.seed), h * t**0.85])
    parts = [tube("stem", stem.tolist(), 0.016, other, taper=(1.2 - 0.8 * t).tolist())]
    for i in range(p.count):
        k = 0.2 + 0.8 * i / p.count
        at = np.array([np.interp(k, t, stem[:, c]) for c in range(3)])
        ahead = np.array([np.interp(min(k + 0.05, 1), t, stem[:, c]) for c in range(3)]) - at
        length = 0.3 * p.spread * (1.1 - 0.5 * k) * float(rng.uniform(0.85, 1.15))
        one = blade(length, length * 0.48, main, 0.22, 0.25)
        one.location = at
        rise = math.atan2(float(ahead[2]), float(ahead[0])) + (1 if i % 2 else -1) * float(rng.uniform(0.65, 1.05))
        one.rotation_euler = (math.pi / 2 + float(rng.uniform(-0.5, 0.5)), -rise, float(rng.uniform(-0.5, 0.5)))
        parts.append(one)
    return parts


def frond(p: Prop, main: Any, other: Any) -> list[Any]:
    """A palm frond arching up and over: count pairs of blades."""
    w, _, h = p.size
    t = np.linspace(0, 1, 16)
    stem = np.column_stack([w * t, 0 * t, h * np.sin(t * 2.1) / 1.0])
    parts = [tube("rib", stem.tolist(), 0.022, other, taper=(1.2 - 0.9 * t).tolist())]
    slope = np.gradient(stem[:, 2], stem[:, 0])
    for i in range(p.count):
        k = 0.14 + 0.86 * i / max(p.count - 1, 1)
        at = [float(np.interp(k, t, stem[:, c])) for c in range(3)]
        length = 0.75 * p.spread * math.sin(math.pi * (0.18 + 0.78 * k)) + 0.08
        pitch = -math.atan(float(np.interp(k, t, slope)))
        for s in (-1, 1):
            one = blade(length, 0.075 * p.spread, main, -0.12, 0.6, "long")
            one.location, one.rotation_euler = at, (0.0, pitch * 0.4, s * (1.12 - 0.55 * k))
            parts.append(one)
    return parts


def monstera(p: Prop, main: Any, other: Any) -> list[Any]:
    """One big split leaf on a stalk, facing the camera."""
    outline: list[tuple[float, float]] = []
    r = p.size[0] / 2
    for t in np.linspace(-math.pi * 0.94, math.pi * 0.94, 160):
        heart = r * (0.72 + 0.28 * math.cos(t)) * (1.0 if abs(t) < 2.6 else 0.92)
        cut = abs(math.sin(t * 4.5)) ** 0.35 if 0.35 < abs(t) < 2.7 else 1.0
        k = heart * (0.42 + 0.58 * cut)
        outline.append((k * math.sin(t), k * math.cos(t) + r * 0.3))
    plate = cut_out("monstera", [outline[::-1]], 0.012, main, 0.003)
    plate.location = (0, 0, p.size[2])
    plate.rotation_euler = (math.pi / 2 - 0.35, 0.1, 0)
    stalk = tube("stalk", [(0.1, 0.1, 0), (0.06, 0.12, p.size[2] * 0.5), (0, 0.0, p.size[2] - r * 0.2)], 0.02, other)
    return [plate, stalk]


def blossom(p: Prop, main: Any, other: Any) -> list[Any]:
    """A bare branch with blossom: main the petals, other the wood; count flowers."""
    rng = np.random.default_rng(p.seed)
    w, _, h = p.size
    parts, tips = [], []
    trunk = [(0, 0, 0), (w * 0.25, 0.05, h * 0.35), (w * 0.42, 0, h * 0.5), (w * 0.7, 0.06, h * 0.82), (w, 0, h)]
    parts.append(tube("branch", trunk, 0.035, other, taper=[1.3, 1.0, 0.8, 0.55, 0.25]))
    for i in range(6):
        k = 0.22 + 0.13 * i
        base = np.array([np.interp(k * 4, range(5), [q[c] for q in trunk]) for c in range(3)])
        reach = np.array([w * rng.uniform(0.05, 0.3), rng.uniform(-0.15, 0.1), h * rng.uniform(0.1, 0.32) * (1 if i % 2 else -0.5)])
        mid = base + reach * 0.5 + [0, 0, 0.05]
        parts.append(tube("twig", [base.tolist(), mid.tolist(), (base + reach).tolist()], 0.016, other, taper=[1, 0.7, 0.3]))
        tips += [base + reach * f for f in (0.45, 0.7, 1.0)]
    tips += [np.array(trunk[3]) * f for f in (0.8, 1.0)] + [np.array(trunk[4])]
    flower = _flower(0.085 * p.spread, main)
    for at in (tips * 3)[: p.count]:
        one = _copy(flower)
        one.location = at + rng.uniform(-0.05, 0.05, 3)
        one.rotation_euler = (1.2 + rng.uniform(-0.7, 0.7), rng.uniform(-0.7, 0.7), rng.uniform(0, 6))
        parts.append(one)
    _drop(flower)
    return parts


def _flower(r: float, material: Any) -> Any:
    """Five cupped petals with a golden heart."""
    from . import materials
    from .dress import made

    parts = []
    for i in range(5):
        one = blade(r * 1.25, r * 1.25, material, 0.1, 0.35, "petal")
        one.rotation_euler = (0, -0.35, i * 2 * math.pi / 5)
        parts.append(one)
    heart = ball("heart", r * 0.22, materials.build(made("petal #F2C14E")), 16)
    return group("flower", [*parts, heart])


def rose(p: Prop, main: Any, other: Any) -> list[Any]:
    """A full-blown flower of many petals, lying open upwards; size is its width."""
    rng = np.random.default_rng(p.seed)
    parts = []
    r = p.size[0] / 2
    for ring, (n, reach, lift) in enumerate(((4, 0.42, 1.25), (5, 0.62, 1.0), (6, 0.82, 0.72), (7, 1.0, 0.42), (8, 1.12, 0.2))):
        for i in range(n):
            one = blade(r * reach, r * (0.75 + 0.12 * ring), main if ring % 2 else other, 0.12, 0.55, "petal")
            one.rotation_euler = (float(rng.uniform(-0.15, 0.15)), -lift, 2 * math.pi * (i + 0.5 * ring) / n + float(rng.uniform(-0.15, 0.15)))
            one.location = (0, 0, r * 0.12)
            parts.append(one)
    return parts


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
    wob = np.array([1 + p.spread * (0.10 * noise.noise(Vector((1.3 * math.cos(t) + p.seed, 1.3 * math.sin(t), 0.5))) + 0.05 * noise.noise(Vector((5 * math.cos(t), 5 * math.sin(t) + p.seed, 0)))) for t in a])
    rows = []
    for z, k in ((0.0, 1.06), (0.08 * h, 1.10), (0.3 * h, 1.04), (0.55 * h, 1.07), (0.8 * h, 1.01), (0.93 * h, 0.985), (0.985 * h, 0.95), (h, 0.88), (h, 0.5), (h, 0.02)):
        rough = np.array([1 + 0.035 * p.spread * noise.noise(Vector((3 * math.cos(t), 3 * math.sin(t), z * 6 + p.seed))) for t in a]) if k > 0.9 else 1.0
        rows.append(np.column_stack([w / 2 * k * wob * rough * np.cos(a), d / 2 * k * wob * rough * np.sin(a), np.full(120, z)]))
    from .mesh import loft

    return [loft("slab", np.array(rows), main)]


def pebbles(p: Prop, main: Any, other: Any) -> list[Any]:
    """Smooth pebbles strewn about, of two tones."""
    models = []
    for i, m in enumerate((main, other, main)):
        one = ball("pebble", p.size[0] / 2, m, 32)
        one.data.transform(__import__("mathutils").Matrix.Diagonal((1.0 + 0.2 * i, 0.8, 0.5 + 0.1 * i, 1)))
        models.append(one)
    return _scatter(p, models, flat=False)


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
        element.co = (x * p.size[0] * 0.40, float(rng.uniform(-0.35, 0.35)) * p.size[1], r * 0.8 + max(tall * p.size[2] - 1.7 * r, 0.0) * float(rng.uniform(0, 1)))
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
    from .mesh import link

    return [link(obj, main)]


def grass(p: Prop, main: Any, other: Any) -> list[Any]:
    """A tuft of tall plumed grass; count stems, main the plume, other the stem."""
    rng = np.random.default_rng(p.seed)
    parts = []
    for _ in range(p.count):
        a, bend = rng.uniform(0, 6.28), rng.uniform(0.1, 0.35) * p.spread
        h = p.size[2] * rng.uniform(0.75, 1.0)
        top = np.array([math.cos(a) * bend * h, math.sin(a) * bend * h * 0.6, h])
        stem = [(0, 0, 0), (top * [0.2, 0.2, 0.5]).tolist(), (top * [0.6, 0.6, 0.85]).tolist(), top.tolist()]
        parts.append(tube("stem", stem, 0.012, other))
        for k in np.linspace(0.0, 1.0, 34):
            at = top * [0.6 + 0.4 * k, 0.6 + 0.4 * k, 0.76 + 0.26 * k]
            one = blade(0.30 * p.size[0] * (1.15 - k * 0.7), 0.016, main, -0.2, 0.0, "long")
            one.location = at
            one.rotation_euler = (rng.uniform(-0.5, 0.5), -0.9 + rng.uniform(-0.3, 0.3), rng.uniform(0, 6.28))
            parts.append(one)
    return parts


def bamboo_stalks(p: Prop, main: Any, other: Any) -> list[Any]:
    """Upright bamboo with nodes and a few leaves; count stalks over the width."""
    rng = np.random.default_rng(p.seed)
    parts = []
    for i in range(p.count):
        x = (i / max(p.count - 1, 1) - 0.5) * p.size[0] + rng.uniform(-0.08, 0.08)
        y, r, z = rng.uniform(-0.5, 0.5) * p.size[1], rng.uniform(0.05, 0.085) * p.spread, 0.0
        corners = [(r, -0.1, 0.0)]
        while z < p.size[2]:
            z += rng.uniform(0.45, 0.62)
            corners += [(r, z - 0.03, 0.01), (r * 1.16, z, 0.015), (r * 0.98, z + 0.025, 0.01)]
        stalk = lathe("stalk", corners, main, 32, (x, y, 0))
        stalk.rotation_euler = (rng.uniform(-0.03, 0.03), rng.uniform(-0.04, 0.04), 0)
        parts.append(stalk)
        for _ in range(4):
            one = blade(rng.uniform(0.3, 0.5), 0.075, other, -0.2, 0.3, "long")
            one.location = (x, y, rng.uniform(0.35, 0.95) * p.size[2])
            one.rotation_euler = (rng.uniform(-0.4, 0.4), rng.uniform(-0.2, 0.7), rng.uniform(0, 6.28))
            parts.append(one)
    return parts


def citrus(p: Prop, main: Any, other: Any) -> list[Any]:
    """Slices of citrus: one upright against the support, others lying; main flesh, other rind."""
    from . import materials
    from .dress import made

    pith = materials.build(made("ceramic #FBF1DC rough=0.6"))
    r = p.size[0] / 2
    rind = lathe("rind", [(r * 0.9, 0, 0), (r, 0.01, 0.02), (r, 0.10, 0.02), (r * 0.9, 0.11, 0)], other)
    white = lathe("pith", [(0, 0.005, 0), (r * 0.93, 0.005, 0), (r * 0.93, 0.105, 0), (0, 0.105, 0)], pith)
    parts = [rind, white]
    for i in range(9):
        a0, a1 = 2 * math.pi * (i + 0.06) / 9, 2 * math.pi * (i + 0.94) / 9
        arc = [(0.84 * r * math.cos(t), 0.84 * r * math.sin(t)) for t in np.linspace(a0, a1, 9)]
        mid = (a0 + a1) / 2
        part = cut_out("segment", [[(0.10 * r * math.cos(mid), 0.10 * r * math.sin(mid)), *arc]], 0.118, main, 0.02, upright=False)
        part.location = (0, 0, 0.055)
        parts.append(part)
    return [group("slice", parts)]


def droplets(p: Prop, main: Any, other: Any) -> list[Any]:
    """Water drops lying on a surface."""
    models = []
    for k in (1.0, 0.6, 0.35):
        r = p.size[0] / 2 * k
        models.append(lathe("drop", [(r, 0.0, 0), (r * 1.02, r * 0.2, r * 0.3), (r * 0.7, r * 0.62, r * 0.4), (0, r * 0.72, 0)], main, 32))
    return _scatter(p, models, flat=False)


def shell(p: Prop, main: Any, other: Any) -> list[Any]:
    """A scallop shell, ribbed, lying domed."""
    a = np.linspace(-1.05, 1.05, 121)
    rows = []
    for k in np.linspace(0.04, 1, 24):
        rib = 0.022 * np.abs(np.sin(a * 13)) * k
        edge = k * (1 + 0.04 * np.abs(np.sin(a * 13)) * (k > 0.9))
        rows.append(np.stack([edge * np.sin(a), edge * np.cos(a) - 0.4, 0.34 * np.sin(k * 2.6) * np.cos(a * 0.8) + rib], 1) * p.size[0] / 2)
    return [surface("shell", np.array(rows), main, 0.012)]


def starfish(p: Prop, main: Any, other: Any) -> list[Any]:
    """A starfish."""
    a = np.linspace(0, 2 * math.pi, 150, endpoint=False)
    reach = 0.36 + 0.64 * np.abs(np.cos(2.5 * a)) ** 1.7
    rows = [np.column_stack([p.size[0] / 2 * k * (reach if k > 0.2 else 1) * np.cos(a), p.size[0] / 2 * k * (reach if k > 0.2 else 1) * np.sin(a), np.full(150, z * p.size[0])]) for k, z in ((1.0, 0.0), (1.0, 0.03), (0.9, 0.07), (0.6, 0.11), (0.3, 0.14), (0.03, 0.15))]
    from .mesh import loft

    return [loft("starfish", np.array(rows), main)]


def ice_cubes(p: Prop, main: Any, other: Any) -> list[Any]:
    """Ice cubes strewn about."""
    cube = soft_box("cube", (p.size[0],) * 3, main, p.size[0] * 0.16, 5)
    return _scatter(p, [cube], flat=False)


def mound(p: Prop, main: Any, other: Any) -> list[Any]:
    """A soft heap: snow, sand, moss; spread sets how uneven."""
    n = 90
    x, y = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    d = np.clip(1 - np.hypot(x, y), 0, 1)
    rough = np.array([[noise.fractal(Vector((float(a) * 1.6 + p.seed, float(b) * 1.6, 0.3)), 1.0, 2.0, 4) for a, b in zip(ra, rb, strict=True)] for ra, rb in zip(x, y, strict=True)])
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


def pumpkin(p: Prop, main: Any, other: Any) -> list[Any]:
    """A ribbed pumpkin with a stalk."""
    a = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    rows: list[Points] = []
    for t in np.linspace(0.02, math.pi - 0.04, 40):
        rib = 1 - 0.10 * np.abs(np.sin(a * 5)) ** 0.0 + 0.09 * np.abs(np.cos(a * 5)) ** 0.7 - 0.05
        r = math.sin(t) ** 0.85 * p.size[0] / 2 * rib
        z = p.size[2] / 2 * (1 - math.cos(t) * (1 - 0.16 * abs(math.cos(t)) ** 3))
        rows.append(np.column_stack([r * np.cos(a), r * np.sin(a), np.full(160, z)]))
    from .mesh import loft

    stalk = tube("stalk", [(0, 0, p.size[2] * 0.86), (0.02, 0, p.size[2] * 1.02), (0.09, 0.02, p.size[2] * 1.16)], 0.05 * p.size[0], other, taper=[1.4, 0.9, 0.8])
    return [loft("pumpkin", np.array(rows), main), stalk]


def pine(p: Prop, main: Any, other: Any) -> list[Any]:
    """A pine twig lying along x, dense with needles."""
    rng = np.random.default_rng(p.seed)
    n = p.count
    verts: list[Any] = []
    faces: list[tuple[int, ...]] = []
    stems = [np.array([[0, 0, 0.05], [p.size[0] * 0.5, 0.03, 0.1], [p.size[0], 0, 0.06]])]
    stems += [np.array([[p.size[0] * k, 0, 0.08], [p.size[0] * (k + 0.12), s * 0.12, 0.1], [p.size[0] * (k + 0.25), s * 0.26, 0.07]]) for k in (0.2, 0.45, 0.65) for s in (-1, 1)]
    for stem in stems:
        share = n if stem is stems[0] else n // 2
        for k in np.linspace(0.05, 1.0, share):
            at = np.array([np.interp(k * 2, [0, 1, 2], stem[:, c]) for c in range(3)])
            ahead = stem[2] - stem[0]
            for _ in range(3):
                way = ahead / np.linalg.norm(ahead) * 0.55 + rng.normal(0, 0.55, 3)
                way /= np.linalg.norm(way)
                tip = at + way * 0.15 * p.spread
                side = np.cross(way, [0.3, 0.5, 0.8])
                side *= 0.0065 / (np.linalg.norm(side) + 1e-6)
                b = len(verts)
                verts += [at + side, at - side, tip]
                faces.append((b, b + 1, b + 2))
    needles = from_arrays("needles", np.maximum(np.array(verts), [-9, -9, 0.005]), faces, main)
    return [needles, *(tube("twig", s.tolist(), 0.014, other) for s in stems)]


def trunk(p: Prop, main: Any, other: Any) -> list[Any]:
    """A slice of a tree: sawn top with rings, bark round it."""
    r, h = p.size[0] / 2, p.size[2]
    bark = ball("bark", 0.5, other, 8)
    _drop(bark)
    a = np.linspace(0, 2 * math.pi, 140, endpoint=False)
    wob = np.array([1 + 0.05 * noise.noise(Vector((1.5 * math.cos(t) + p.seed, 1.5 * math.sin(t), 0))) + 0.02 * noise.noise(Vector((14 * math.cos(t), 14 * math.sin(t), p.seed))) for t in a])
    from .mesh import loft

    rim = loft("bark", np.array([np.column_stack([r * k * wob * np.cos(a), r * k * wob * np.sin(a), np.full(140, z)]) for z, k in ((0, 0.97), (0.05 * h, 1.0), (0.95 * h, 1.0), (h - 0.004, 0.975))]), other)
    top = loft("top", np.array([np.column_stack([r * k * wob * np.cos(a), r * k * wob * np.sin(a), np.full(140, z)]) for z, k in ((h * 0.9, 0.965), (h - 0.006, 0.965), (h, 0.945))]), main)
    return [bevelled(rim, 0.01), top]


def turned(angle: float) -> Any:
    """A turn about z in radians, as Blender's Euler."""
    return Euler((0, 0, angle))


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "petals": petals, "leaves": leaves, "maple": maple, "sprig": sprig, "frond": frond, "monstera": monstera,
    "blossom": blossom, "rose": rose, "rock": rock, "slab": slab, "pebbles": pebbles, "stack": stack, "clouds": clouds,
    "grass": grass, "bamboo": bamboo_stalks, "citrus": citrus, "droplets": droplets, "shell": shell, "starfish": starfish,
    "ice": ice_cubes, "mound": mound, "pumpkin": pumpkin, "pine": pine, "trunk": trunk,
}  # fmt: skip
