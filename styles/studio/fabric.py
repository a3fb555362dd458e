"""Cloth and paper of the set: hanging drapes, folds, cushions, ribbons, curtains, cut paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy  # noqa: F401 - makes mathutils importable
import numpy as np
from mathutils import Vector, noise

from .mesh import Points, ball, cut_out, ribbon, soft_box, surface
from .recipe import Prop


def wave_noise(x: float, y: float, seed: int, scale: float = 1.0) -> float:
    """Smooth noise of a place, about −1..1."""
    return float(noise.noise(Vector((x * scale + seed * 3.7, y * scale - seed * 1.3, seed * 0.61))))


def drape(p: Prop, main: Any, other: Any) -> list[Any]:
    """A hanging cloth with deep soft pleats that pools a little at the floor; count is the number of pleats."""
    w, d, h = p.size
    u, v = np.linspace(0, 1, 220), np.linspace(0, 1, 70)
    grid = np.empty((70, 220, 3))
    for i, t in enumerate(v):
        wander = np.array([wave_noise(a * 3, t * 0.8, p.seed) for a in u])
        phase = 2 * math.pi * p.count * u + 2.2 * wander
        deep = d * (0.35 + 0.65 * (1 - t)) * (0.75 + 0.4 * np.array([wave_noise(a * 5, 0, p.seed + 3) for a in u]))
        grid[i, :, 0] = (u - 0.5) * w * (1 - 0.05 * t) + 0.02 * np.cos(phase)
        grid[i, :, 1] = deep * 0.5 * (np.sin(phase) + 0.25 * np.sin(2 * phase + wander))
        grid[i, :, 2] = h * t
    return [surface("drape", grid, main, 0.008)]


def folds(p: Prop, main: Any, other: Any) -> list[Any]:
    """A cloth lying in sweeping folds, calm around the standing point; height is the height of the folds."""
    w, d, h = p.size
    n = 200
    x, y = np.meshgrid(np.linspace(-w / 2, w / 2, n), np.linspace(-d / 2, d / 2, n))
    z = np.zeros_like(x)
    for i in range(n):
        for j in range(n):
            a, b = float(x[i, j]), float(y[i, j])
            bend = 1.3 * wave_noise(a, b, p.seed, 0.55)
            ridge = 0.5 + 0.5 * math.sin(2.6 * p.spread * (a * 0.55 + b * 0.9) + 3.0 * bend)
            calm = min(max((math.hypot(a, b * 1.15) - p.keep) / 0.9, 0.0), 1.0)
            z[i, j] = (
                h
                * (ridge**1.8 * 0.75 + 0.35 * (wave_noise(a, b, p.seed + 9, 1.5) + 0.4))
                * calm
                * calm
                * (3 - 2 * calm)
            )
    return [surface("folds", np.stack([x, y, z], -1), main, 0.006)]


def cushion(p: Prop, main: Any, other: Any) -> list[Any]:
    """A plump square cushion."""
    n = 60
    u = np.linspace(-1, 1, n)
    a, b = np.meshgrid(u, u)
    puff = ((1 - a**4) * (1 - b**4)) ** 0.55
    pinch = 1 - 0.06 * (np.abs(a * b))
    top = np.stack([a * p.size[0] / 2 * pinch, b * p.size[1] / 2 * pinch, p.size[2] * (0.5 + 0.5 * puff)], -1)
    low = top.copy()
    low[..., 2] = p.size[2] * (0.5 - 0.5 * puff)
    return [surface("cushion", top, main), surface("cushion", low, main)]


def streamer(p: Prop, main: Any, other: Any) -> list[Any]:
    """A ribbon curling through the air along x; count is the number of curls, spread its width over 0.1 m."""
    t = np.linspace(0, 1, 220)
    turns = 2 * math.pi * p.count
    path = np.column_stack(
        [
            (t - 0.5) * p.size[0],
            np.sin(turns * t) * p.size[1] / 2,
            p.size[2] * (0.5 + 0.45 * np.sin(turns * t * 0.5 + p.seed)),
        ]
    )
    across = np.column_stack([0.35 * np.cos(turns * t), np.sin(turns * t + 1.0) * 0.6, 0.8 + 0 * t])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return [ribbon("streamer", path, [0.05 * p.spread] * 220, across, main, 0.006)]


def sheet_roll(p: Prop, main: Any, other: Any) -> list[Any]:
    """A sheet of paper that curls up at the back like a wave."""
    t = np.linspace(0, 1, 80)
    turn = np.clip((t - 0.45) / 0.55, 0, 1) * 1.65 * math.pi
    step = 1.0 / 79
    y = np.cumsum(np.cos(turn)) * step * p.size[1]
    z = np.cumsum(np.sin(turn)) * step * p.size[1]
    x = np.linspace(-p.size[0] / 2, p.size[0] / 2, 40)
    grid = np.stack(
        [np.stack([x, np.full(40, a - p.size[1] * 0.35), np.full(40, b)], 1) for a, b in zip(y, z, strict=True)]
    )
    return [surface("roll", grid, main, 0.012)]


def layers(p: Prop, main: Any, other: Any) -> list[Any]:
    """Sheets of paper cut to waves or hills (the text says which), one behind the other, taller towards the back."""
    parts = []
    rng = np.random.default_rng(p.seed)
    w, d, h = p.size
    for i in range(p.count):
        share = (i + 1) / p.count
        phase, f = rng.uniform(0, 6.28), rng.uniform(0.8, 1.3)
        x = np.linspace(-w / 2, w / 2, 160)
        if p.text == "waves":
            top = h * share * 0.8 + 0.10 * np.abs(np.sin(x * 2.6 * f + phase)) ** 0.7
        else:
            top = h * share * (0.62 + 0.25 * np.sin(x * 1.1 * f + phase) + 0.13 * np.sin(x * 2.7 * f + 2 * phase))
        outline = [
            (-w / 2, -0.02),
            (w / 2, -0.02),
            *zip(x[::-1].tolist(), np.maximum(top[::-1], 0.02).tolist(), strict=True),
        ]
        part = cut_out("layer", [outline], 0.03, main if i % 2 == 0 else other, 0.006)
        part.location = (0, d * share - d / 2, 0)
        parts.append(part)
    return parts


def fan(p: Prop, main: Any, other: Any) -> list[Any]:
    """A pleated paper rosette standing upright (a whole wheel, or half when spread is under 1)."""
    n = 36
    span = 2 * math.pi if p.spread >= 1 else math.pi
    a = np.linspace(0, span, 2 * n + 1)
    fold = np.where(np.arange(2 * n + 1) % 2, 0.05, -0.05) * p.size[0]
    r = p.size[0] / 2
    rise = r if p.spread >= 1 else 0.0
    rows = [np.column_stack([k * r * np.cos(a), fold * k, rise + k * r * np.sin(a)]) for k in (0.06, 0.55, 1.0)]
    wheel = surface("fan", np.array(rows), main, 0.006)
    wheel.data.shade_flat()
    hub = ball("hub", 0.07 * p.size[0], other, 24)
    hub.scale, hub.location = (1, 0.4, 1), (0, -0.05 * p.size[0], rise - 0.07 * p.size[0])
    return [wheel, hub]


def books(p: Prop, main: Any, other: Any) -> list[Any]:
    """Stacked books, covers alternating, page blocks showing."""
    from . import materials
    from .dress import made

    rng = np.random.default_rng(p.seed)
    pages = materials.build(made("paper #F1EADB"))
    parts = []
    z = 0.0
    for i in range(p.count):
        w, d, h = p.size[0] * rng.uniform(0.9, 1.0), p.size[1] * rng.uniform(0.9, 1.0), p.size[2] / p.count
        cover = main if i % 2 == 0 else other
        turn = float(rng.uniform(-0.12, 0.12)) if i else 0.0
        for zz, hh, ww, dd, skin in (
            (z, 0.022, w, d, cover),
            (z + h - 0.022, 0.022, w, d, cover),
            (z + 0.02, h - 0.04, w * 0.96, d * 0.96, pages),
        ):
            slab = soft_box("book", (ww, dd, hh), skin, 0.008)
            slab.location, slab.rotation_euler = (0, 0, zz), (0, 0, turn)
            parts.append(slab)
        spine = soft_box("spine", (w, 0.03, h), cover, 0.012)
        spine.location, spine.rotation_euler = (
            (d / 2 * math.sin(turn) * 1.0, -d / 2 * math.cos(turn), z),
            (0, 0, turn),
        )
        parts.append(spine)
        z += h
    return parts


def towel(p: Prop, main: Any, other: Any) -> list[Any]:
    """Folded towels, stacked."""
    parts = []
    for i in range(p.count):
        h = p.size[2] / p.count
        for k in range(2):
            fold = soft_box("towel", (p.size[0], p.size[1], h * 0.52), main if i % 2 == 0 else other, h * 0.24, 6)
            fold.location = (0, 0, h * (i + 0.48 * k))
            parts.append(fold)
    return parts


def scroll(p: Prop, main: Any, other: Any) -> list[Any]:
    """A hanging scroll: paper between two rods."""
    sheet = soft_box("sheet", (p.size[0], 0.012, p.size[2]), main, 0.004)
    parts = [sheet]
    for z in (0.0, p.size[2]):
        rod = soft_box("rod", (p.size[0] + 0.2, 0.07, 0.07), other, 0.034, 6)
        rod.location = (0, 0, z - 0.035)
        parts.append(rod)
    return parts


def unit(points: Points) -> Points:
    """Vectors of length one."""
    return np.asarray(points / np.linalg.norm(points, axis=-1, keepdims=True))


def bow(silk: Any, z: float, size: float) -> list[Any]:
    """Two loops, two tails and a knot of ribbon at a height."""
    parts = []
    for side in (-1, 1):
        t = np.linspace(0, 1, 28)[:, None]
        x = side * (0.40 * np.sin(math.pi * t) + 0.02)
        loop = (
            np.hstack(
                [
                    x,
                    0.05 * np.sin(2 * math.pi * t),
                    0.03 + 0.24 * np.sin(2 * math.pi * (t - 0.02) / 2.0) * t**0.6,
                ]
            )
            * size
        )
        loop[:, 2] = (0.02 + 0.25 * np.sin(math.pi * t[:, 0]) * (1 - 0.75 * t[:, 0])) * size
        loop[:, 0] = side * size * 0.42 * (np.sin(math.pi * t[:, 0] ** 0.8))
        across = np.tile([0.0, 1.0, 0.0], (28, 1))
        parts.append(ribbon("loop", loop + np.array([0, 0, z]), [0.085 * size] * 28, across, silk, 0.012))
        tail = (
            np.column_stack(
                [
                    side * (0.05 + 0.34 * t[:, 0]),
                    -0.10 - 0.22 * t[:, 0],
                    0.05 - 0.045 * t[:, 0] + 0.03 * np.sin(6 * t[:, 0]) * (1 - t[:, 0]),
                ]
            )
            * size
        )
        parts.append(
            ribbon(
                "tail",
                tail + np.array([0, 0, z]),
                [0.075 * size] * 28,
                np.tile([0.45 * side, 0.9, 0.0], (28, 1)),
                silk,
                0.01,
            )
        )
    knot = soft_box("knot", (0.17 * size, 0.19 * size, 0.15 * size), silk, 0.06 * size)
    knot.location = (0, 0, z)
    return [*parts, knot]


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "drape": drape, "folds": folds, "cushion": cushion, "streamer": streamer, "roll": sheet_roll, "layers": layers,
    "fan": fan, "books": books, "towel": towel, "scroll": scroll,
}  # fmt: skip
