"""Grown and gathered things of the set: flowers, grasses, bamboo, fruit, wood."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy  # noqa: F401 - makes mathutils importable
import numpy as np
from mathutils import Vector, noise

from .foliage import blade
from .mesh import Points, bevelled, cut_out, group, lathe, loft, tube
from .recipe import Prop


def rose(p: Prop, main: Any, other: Any) -> list[Any]:
    """A full-blown flower of many petals, lying open upwards; size is its width."""
    rng = np.random.default_rng(p.seed)
    parts = []
    r = p.size[0] / 2
    for ring, (n, reach, lift) in enumerate(
        ((4, 0.42, 1.25), (5, 0.62, 1.0), (6, 0.82, 0.72), (7, 1.0, 0.42), (8, 1.12, 0.2))
    ):
        for i in range(n):
            one = blade(r * reach, r * (0.75 + 0.12 * ring), main if ring % 2 else other, 0.12, 0.55, "petal")
            one.rotation_euler = (
                float(rng.uniform(-0.15, 0.15)),
                -lift,
                2 * math.pi * (i + 0.5 * ring) / n + float(rng.uniform(-0.15, 0.15)),
            )
            one.location = (0, 0, r * 0.12)
            parts.append(one)
    return parts


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
        part = cut_out(
            "segment",
            [[(0.10 * r * math.cos(mid), 0.10 * r * math.sin(mid)), *arc]],
            0.118,
            main,
            0.02,
            upright=False,
        )
        part.location = (0, 0, 0.055)
        parts.append(part)
    return [group("slice", parts)]


def pumpkin(p: Prop, main: Any, other: Any) -> list[Any]:
    """A ribbed pumpkin with a stalk."""
    a = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    rows: list[Points] = []
    for t in np.linspace(0.02, math.pi - 0.04, 40):
        rib = 1 - 0.10 * np.abs(np.sin(a * 5)) ** 0.0 + 0.09 * np.abs(np.cos(a * 5)) ** 0.7 - 0.05
        r = math.sin(t) ** 0.85 * p.size[0] / 2 * rib
        z = p.size[2] / 2 * (1 - math.cos(t) * (1 - 0.16 * abs(math.cos(t)) ** 3))
        rows.append(np.column_stack([r * np.cos(a), r * np.sin(a), np.full(160, z)]))
    stalk = tube(
        "stalk",
        [(0, 0, p.size[2] * 0.86), (0.02, 0, p.size[2] * 1.02), (0.09, 0.02, p.size[2] * 1.16)],
        0.05 * p.size[0],
        other,
        taper=[1.4, 0.9, 0.8],
    )
    return [loft("pumpkin", np.array(rows), main), stalk]


def trunk(p: Prop, main: Any, other: Any) -> list[Any]:
    """A slice of a tree: sawn top with rings, bark round it."""
    r, h = p.size[0] / 2, p.size[2]
    a = np.linspace(0, 2 * math.pi, 140, endpoint=False)
    wob = np.array(
        [
            1
            + 0.05 * noise.noise(Vector((1.5 * math.cos(t) + p.seed, 1.5 * math.sin(t), 0)))
            + 0.02 * noise.noise(Vector((14 * math.cos(t), 14 * math.sin(t), p.seed)))
            for t in a
        ]
    )
    rim = loft(
        "bark",
        np.array(
            [
                np.column_stack([r * k * wob * np.cos(a), r * k * wob * np.sin(a), np.full(140, z)])
                for z, k in ((0, 0.97), (0.05 * h, 1.0), (0.95 * h, 1.0), (h - 0.004, 0.975))
            ]
        ),
        other,
    )
    top = loft(
        "top",
        np.array(
            [
                np.column_stack([r * k * wob * np.cos(a), r * k * wob * np.sin(a), np.full(140, z)])
                for z, k in ((h * 0.9, 0.965), (h - 0.006, 0.965), (h, 0.945))
            ]
        ),
        main,
    )
    return [bevelled(rim, 0.01), top]


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "rose": rose,
    "grass": grass,
    "bamboo": bamboo_stalks,
    "citrus": citrus,
    "pumpkin": pumpkin,
    "trunk": trunk,
}
