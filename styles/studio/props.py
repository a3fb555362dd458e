"""Things of the set: the table of all props, plain bodies and furniture. Built around the origin, then placed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import earth, fabric, festive, foliage, harvest, materials, ornaments
from .mesh import ball, bevelled, cut_out, group, lathe, loft, soft_box, tube
from .recipe import Prop, Surface

Outline = list[tuple[float, float]]


def box(p: Prop, main: Any, other: Any) -> list[Any]:
    """A block with soft edges; spread is the rounding in units of 3 cm."""
    return [soft_box("box", p.size, main, 0.03 * p.spread)]


def cylinder(p: Prop, main: Any, other: Any) -> list[Any]:
    """A round plinth; spread as for a block."""
    r, h, e = p.size[0] / 2, p.size[2], 0.03 * p.spread
    return [lathe("cylinder", [(0, 0, 0), (r, 0, e), (r, h, e), (0, h, 0)], main, 128)]


def sphere(p: Prop, main: Any, other: Any) -> list[Any]:
    """A ball resting on its place, stretched to the size."""
    obj = ball("sphere", 0.5, main, 72)
    obj.scale = p.size
    return [obj]


def torus(p: Prop, main: Any, other: Any) -> list[Any]:
    """An upright ring standing on its place; depth is the thickness."""
    r, t = p.size[0] / 2 - p.size[1] / 2, p.size[1] / 2
    angle = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    return [tube("torus", [(r * math.cos(a), 0, r + t + r * math.sin(a)) for a in angle], t, main, closed=True)]


def cone(p: Prop, main: Any, other: Any) -> list[Any]:
    """A cone with a rounded tip."""
    return [
        lathe(
            "cone",
            [(0, 0, 0), (p.size[0] / 2, 0, 0.03), (0.02, p.size[2], 0.08), (0, p.size[2], 0)],
            main,
            96,
        )
    ]


def arch_outline(w: float, h: float, n: int = 40) -> Outline:
    """A round-topped outline of a width and height standing on 0."""
    r = w / 2
    top = [(r * math.cos(a), h - r + r * math.sin(a)) for a in np.linspace(0, math.pi, n)]
    return [(-r, 0.0), (r, 0.0), *top]


def arch(p: Prop, main: Any, other: Any) -> list[Any]:
    """A solid round-topped panel."""
    return [cut_out("arch", [arch_outline(p.size[0], p.size[2])], p.size[1], main, min(0.025, p.size[1] / 3))]


def archway(p: Prop, main: Any, other: Any) -> list[Any]:
    """A wall with a round-topped opening; spread is the share of the width that is open."""
    w, d, h = p.size
    opening = [(x, z) for x, z in arch_outline(w * p.spread * 0.6, h * 0.8)]
    wall = [(-w / 2, 0.0), (w / 2, 0.0), (w / 2, h), (-w / 2, h)]
    return [cut_out("archway", [wall, [(x, z - 0.02) for x, z in opening]], d, main, 0.02)]


def hoop_arch(p: Prop, main: Any, other: Any) -> list[Any]:
    """An arch-shaped band: outer arch with an arch cut from it; spread times 0.1 m is the band's width."""
    w, d, h = p.size
    band = 0.1 * p.spread
    outer, inner = arch_outline(w, h), arch_outline(w - 2 * band, h - band)
    path = [*outer[1:], (-w / 2, 0.0), *inner[:1], *inner[1:][::-1]]
    return [cut_out("hoop", [path], d, main, min(0.02, d / 3))]


def disc(p: Prop, main: Any, other: Any) -> list[Any]:
    """An upright disc standing on its place."""
    r = p.size[0] / 2
    return [
        cut_out(
            "disc",
            [[(r * math.cos(a), r + r * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 96, endpoint=False)]],
            p.size[1],
            main,
            min(0.02, p.size[1] / 3),
        )
    ]


def steps(p: Prop, main: Any, other: Any) -> list[Any]:
    """Stairs that rise away from the camera, or sideways when turned."""
    w, d, h = p.size
    parts = []
    for i in range(p.count):
        part = soft_box("step", (w, d * (p.count - i) / p.count, h / p.count), main, 0.02)
        part.location = (0, d / 2 * i / p.count, h * i / p.count)
        parts.append(part)
    return parts


def column(p: Prop, main: Any, other: Any) -> list[Any]:
    """A fluted column on a base; spread sets the depth of the flutes."""
    r, h = p.size[0] / 2, p.size[2]
    a = np.linspace(0, 2 * math.pi, 240, endpoint=False)
    flute = 1 - 0.07 * p.spread * np.abs(np.cos(a * 10)) ** 0.6
    rows = [
        np.column_stack([r * 0.86 * k * flute * np.cos(a), r * 0.86 * k * flute * np.sin(a), np.full(240, z)])
        for z, k in ((0.07 * h, 1.0), (0.93 * h, 0.97))
    ]
    shaft = loft("shaft", np.array(rows), main)
    base = lathe(
        "base",
        [(0, 0, 0), (r, 0, 0.02), (r, 0.05 * h, 0.02), (r * 0.92, 0.08 * h, 0.02), (0, 0.08 * h, 0)],
        main,
    )
    top = lathe(
        "top",
        [(0, 0.92 * h, 0), (r * 0.92, 0.92 * h, 0.02), (r, 0.95 * h, 0.02), (r, h, 0.02), (0, h, 0)],
        main,
    )
    return [shaft, base, top]


def frame(p: Prop, main: Any, other: Any) -> list[Any]:
    """An empty rectangular frame; spread times 0.06 m is its width."""
    w, d, h = p.size
    t = 0.06 * p.spread
    outer = [(-w / 2, 0.0), (w / 2, 0.0), (w / 2, h), (-w / 2, h)]
    inner = [(-w / 2 + t, t), (w / 2 - t, t), (w / 2 - t, h - t), (-w / 2 + t, h - t)]
    return [cut_out("frame", [outer, inner], d, main, min(0.012, t / 4))]


def mirror_panel(p: Prop, main: Any, other: Any) -> list[Any]:
    """An arched looking-glass in a thin rim."""
    glass = cut_out("glass", [arch_outline(p.size[0], p.size[2])], 0.03, main, 0.004)
    rim = cut_out("rim", [arch_outline(p.size[0] + 0.06, p.size[2] + 0.03)], 0.025, other, 0.005)
    rim.location = (0, 0.02, 0)
    return [glass, rim]


def shelf(p: Prop, main: Any, other: Any) -> list[Any]:
    """A board on two brackets, its top at the height of the size."""
    board = soft_box("board", (p.size[0], p.size[1], 0.09), main, 0.015)
    board.location = (0, 0, p.size[2] - 0.09)
    parts = [board]
    for s in (-1, 1):
        arm = soft_box("bracket", (0.05, p.size[1] * 0.9, 0.05), other, 0.01)
        arm.location = (s * p.size[0] * 0.36, 0, p.size[2] - 0.14)
        parts.append(arm)
    return parts


def rods(p: Prop, main: Any, other: Any) -> list[Any]:
    """Upright half-round rods side by side: a reeded wall."""
    n = p.count
    step = p.size[0] / n
    parts = []
    for i in range(n):
        rod = lathe("rod", [(step * 0.49, 0, 0), (step * 0.49, p.size[2], 0)], main, 24)
        rod.location = (-p.size[0] / 2 + step * (i + 0.5), 0, 0)
        parts.append(rod)
    return parts


def slats(p: Prop, main: Any, other: Any) -> list[Any]:
    """Upright flat slats with gaps, as in a screen."""
    step = p.size[0] / p.count
    parts = []
    for i in range(p.count):
        slat = soft_box("slat", (step * 0.55, p.size[1], p.size[2]), main, 0.012)
        slat.location = (-p.size[0] / 2 + step * (i + 0.5), 0, 0)
        parts.append(slat)
    return parts


def blocks(p: Prop, main: Any, other: Any) -> list[Any]:
    """A loose group of blocks of several sizes, alternating two materials."""
    rng = np.random.default_rng(p.seed)
    parts = []
    for i in range(p.count):
        s = rng.uniform(0.25, 0.6, 3) * p.size
        part = soft_box("block", s.tolist(), main if i % 2 else other, 0.02)
        angle = 2 * math.pi * i / p.count
        part.location = (p.spread * math.cos(angle), 0.4 * p.spread * math.sin(angle), 0)
        part.rotation_euler = (0, 0, rng.uniform(-0.4, 0.4))
        parts.append(part)
    return parts


def line(p: Prop, main: Any, other: Any) -> list[Any]:
    """A painted line or patch: a very thin slab."""
    return [bevelled(soft_box("line", (p.size[0], p.size[1], 0.006), main, 0.002), 0.001)]


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "box": box, "cylinder": cylinder, "sphere": sphere, "torus": torus, "cone": cone, "arch": arch, "archway": archway,
    "hoop": hoop_arch, "disc": disc, "steps": steps, "column": column, "frame": frame, "mirror": mirror_panel,
    "shelf": shelf, "rods": rods, "slats": slats, "blocks": blocks, "line": line, **earth.PROPS,
    **fabric.PROPS, **festive.PROPS, **foliage.PROPS, **harvest.PROPS, **ornaments.PROPS,
}  # fmt: skip


def place(prop: Prop, seed: int) -> Any:
    """Build a prop and put it where its recipe says; returns its root."""
    main = materials.build(prop.surface, seed)
    spare = prop.second or Surface(kind=prop.surface.kind, colour=prop.surface.second or prop.surface.colour)
    parts = PROPS[prop.kind](prop, main, materials.build(spare, seed + 1))
    root = group(prop.kind, parts)
    root.location = prop.at
    root.rotation_euler = (math.radians(prop.tilt), math.radians(prop.lean), math.radians(prop.turn))
    return root
