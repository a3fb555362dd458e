"""Things that celebrate: lanterns, neon, letters, balloons, confetti, parcels, hearts, stars."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy
import numpy as np

from . import materials, textures
from .dress import made
from .fabric import bow
from .mesh import ball, cut_out, lathe, link, loft, soft_box, tube
from .recipe import Prop


def lantern(p: Prop, main: Any, other: Any) -> list[Any]:
    """A hanging paper lantern: ribbed globe lit from within, caps, tassel, cord upwards."""
    r, h = p.size[0] / 2, p.size[2]
    corners = []
    for k in np.linspace(-1, 1, 49):
        rib = 1 - 0.025 * (1 + math.cos(k * 24 * math.pi)) / 2
        corners.append((max(r * math.sqrt(max(1 - (k * 0.93) ** 2, 0.02)) * rib, 0.02), h / 2 * (1 + k), 0.0))
    globe = lathe("globe", corners, main, 96)
    caps = [
        lathe("cap", [(0, z, 0), (r * 0.42, z, 0.01), (r * 0.42, z + 0.06, 0.01), (0, z + 0.06, 0)], other)
        for z in (-0.045, h - 0.015)
    ]
    cord = tube("cord", [(0, 0, h), (0, 0, h + 4)], 0.010, other)
    tassel = lathe(
        "tassel",
        [(0.0, -0.5, 0), (0.05, -0.5, 0.0), (0.035, -0.16, 0.02), (0.045, -0.12, 0.02), (0, -0.05, 0)],
        main,
        32,
    )
    return [globe, *caps, cord, tassel]


def neon(p: Prop, main: Any, other: Any) -> list[Any]:
    """A glowing tube bent to the shape named by text: ring, line, arch, square, triangle or wave, depth thick."""
    w, t, h = p.size
    half = np.linspace(0, math.pi, 40)
    dome = [(-w / 2 * math.cos(a), h - w / 2 + w / 2 * math.sin(a)) for a in half]
    shapes: dict[str, list[tuple[float, float]]] = {
        "line": [(0, 0), (0, h)], "square": [(-w / 2, 0), (w / 2, 0), (w / 2, h), (-w / 2, h), (-w / 2, 0)],
        "triangle": [(-w / 2, 0), (w / 2, 0), (0, h), (-w / 2, 0)],
        "arch": [(-w / 2, 0), *dome, (w / 2, 0)],
        "ring": [(w / 2 * math.cos(a), h / 2 + h / 2 * math.sin(a)) for a in np.linspace(-1.45, 4.5, 80)],
        "wave": [(x, h * 0.5 + h * 0.4 * math.sin(x * 5)) for x in np.linspace(-w / 2, w / 2, 80)],
    }  # fmt: skip
    path = [(x, 0.0, z) for x, z in shapes[p.text or "ring"]]
    return [tube("neon", path, t / 2, main, smooth=False)]


def letters(p: Prop, main: Any, other: Any) -> list[Any]:
    """Upright letters of the text, as wide as the size allows; depth is their thickness."""
    curve = bpy.data.curves.new("letters", "FONT")
    curve.body = p.text
    path = textures.font_file("han" if textures.has_han(p.text) else "bold")
    if path:
        curve.font = bpy.data.fonts.load(str(path))
    curve.align_x, curve.size = "CENTER", p.size[2]
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = p.size[1] / 2, min(0.012, p.size[1] / 4), 2
    obj = link(bpy.data.objects.new("letters", curve), main)
    obj.rotation_euler = (math.pi / 2, 0, 0)
    return [obj]


def balloon(p: Prop, main: Any, other: Any) -> list[Any]:
    """Balloons on strings, gathered; count of them over the spread."""
    rng = np.random.default_rng(p.seed)
    parts: list[Any] = []
    for i in range(p.count):
        r = p.size[0] / 2 * float(rng.uniform(0.85, 1.1))
        x = (i / max(p.count - 1, 1) - 0.5) * 2 * p.spread
        z = p.size[2] + float(rng.uniform(-0.35, 0.35))
        skin = main if i % 2 == 0 else other
        body = lathe(
            "balloon",
            [
                (0, -1.32 * r, 0),
                (0.10 * r, -1.30 * r, 0.02),
                (0.04 * r, -1.2 * r, 0.02),
                (0.55 * r, -0.8 * r, 0.4 * r),
                (1.06 * r, 0.1 * r, 0.8 * r),
                (0.9 * r, 0.95 * r, 0.5 * r),
                (0, 1.05 * r, 0),
            ],
            skin,
        )
        body.location, body.rotation_euler = (
            (x, float(rng.uniform(-0.25, 0.25)), z),
            (float(rng.uniform(-0.12, 0.12)), float(rng.uniform(-0.12, 0.12)), 0),
        )
        parts += [
            body,
            tube("string", [(x, 0, z - 1.28 * r), (x * 0.75, 0.03, z * 0.5), (x * 0.6, 0, 0)], 0.006, other),
        ]
    return parts


def confetti(p: Prop, main: Any, other: Any) -> list[Any]:
    """Paper confetti lying about in four colours."""
    rng = np.random.default_rng(p.seed)
    skins = [main, other, materials.build(made("paper #F7D25C")), materials.build(made("paper #6FB7E9"))]
    parts: list[Any] = []
    while len(parts) < p.count:
        r, a = p.spread * math.sqrt(rng.uniform()), rng.uniform(0, 6.283)
        if r < p.keep:
            continue
        bit = soft_box(
            "bit",
            (0.07 * p.size[0], 0.07 * p.size[0] * rng.uniform(0.5, 1), 0.004),
            skins[len(parts) % 4],
            0.001,
            1,
        )
        bit.location = (r * math.cos(a), r * math.sin(a), rng.uniform(0.002, 0.02))
        bit.rotation_euler = (rng.uniform(-0.25, 0.25), rng.uniform(-0.25, 0.25), rng.uniform(0, 6.28))
        parts.append(bit)
    return parts


def parcel(p: Prop, main: Any, other: Any) -> list[Any]:
    """A wrapped parcel with a ribbon and bow."""
    w, d, h = p.size
    parts = [soft_box("parcel", p.size, main, 0.015)]
    for bw, bd in ((0.12 * w, d + 0.012), (w + 0.012, 0.12 * w)):
        band = soft_box("band", (bw, bd, h + 0.006), other, 0.005)
        parts.append(band)
    return [*parts, *bow(other, h, w * 0.62)]


def envelope(p: Prop, main: Any, other: Any) -> list[Any]:
    """A red packet with a gold seal, lying or leaning."""
    card = soft_box("card", (p.size[0], 0.03, p.size[2]), main, 0.012)
    flap = cut_out(
        "flap",
        [
            [
                (-p.size[0] / 2 + 0.01, p.size[2] - 0.01),
                (0, p.size[2] * 0.66),
                (p.size[0] / 2 - 0.01, p.size[2] - 0.01),
            ]
        ],
        0.012,
        main,
        0.003,
    )
    flap.location = (0, -0.02, 0)
    seal = lathe(
        "seal",
        [(0, 0, 0), (p.size[0] * 0.14, 0, 0.005), (p.size[0] * 0.14, 0.02, 0.008), (0, 0.022, 0)],
        other,
        48,
    )
    seal.rotation_euler, seal.location = (math.pi / 2, 0, 0), (0, -0.018, p.size[2] * 0.66)
    return [card, flap, seal]


def bulbs(p: Prop, main: Any, other: Any) -> list[Any]:
    """A string of lit bulbs hanging in a curve along x; height is the sag."""
    x = np.linspace(-p.size[0] / 2, p.size[0] / 2, p.count)

    def sag(v: float) -> float:
        return -p.size[2] * (1 - (2 * v / p.size[0]) ** 2)

    parts = [tube("wire", [(float(v), 0, float(sag(v))) for v in np.linspace(x[0], x[-1], 30)], 0.010, other)]
    for v in x:
        one = ball("bulb", 0.055 * p.spread, main, 24)
        one.location = (float(v), 0, float(sag(v)) - 0.12 * p.spread)
        parts.append(one)
    return parts


def heart(p: Prop, main: Any, other: Any) -> list[Any]:
    """A plump upright heart: its outline drawn in towards the middle at front and back."""
    t = np.linspace(0, 2 * math.pi, 140, endpoint=False)
    k = p.size[0] / 34
    x = 16 * k * np.sin(t) ** 3
    z = k * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    rows = []
    for a in np.linspace(-math.pi / 2 + 0.02, math.pi / 2 - 0.02, 25):
        shrink = math.cos(a) ** 0.55
        rows.append(np.column_stack([x * shrink, np.full(140, p.size[1] / 2 * math.sin(a)), z * shrink + 17 * k]))
    return [loft("heart", np.array(rows), main)]


def star(p: Prop, main: Any, other: Any) -> list[Any]:
    """A plump upright five-pointed star."""
    r = p.size[0] / 2
    outline = [
        (
            (r if i % 2 == 0 else 0.48 * r) * math.sin(i * math.pi / 5),
            r + (r if i % 2 == 0 else 0.48 * r) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ]
    return [cut_out("star", [outline[::-1]], p.size[1], main, min(p.size[1] * 0.4, 0.04))]


def crescent(p: Prop, main: Any, other: Any) -> list[Any]:
    """An upright crescent moon."""
    r = p.size[0] / 2
    outer = [(r * math.cos(a), r + r * math.sin(a)) for a in np.linspace(0.75, 2 * math.pi - 0.75, 60)]
    inner = [
        (0.36 * r + 0.78 * r * math.cos(a), r + 0.78 * r * math.sin(a))
        for a in np.linspace(2 * math.pi - 1.05, 1.05, 50)
    ]
    return [cut_out("crescent", [[*outer, *inner]], p.size[1], main, min(p.size[1] * 0.4, 0.03))]


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "lantern": lantern,
    "neon": neon,
    "letters": letters,
    "balloon": balloon,
    "confetti": confetti,
    "parcel": parcel,
    "envelope": envelope,
    "bulbs": bulbs,
    "heart": heart,
    "star": star,
    "crescent": crescent,
}
