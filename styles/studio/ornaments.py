"""Made things of the set: balls, ware, pipes, planets, keyboards, bags, crystals, painted lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .mesh import ball, cut_out, from_arrays, group, lathe, loft, soft_box, surface, tube
from .recipe import Prop


def balls(p: Prop, main: Any, other: Any) -> list[Any]:
    """Balls of several sizes strewn on the floor, touching nothing."""
    rng = np.random.default_rng(p.seed)
    placed: list[tuple[float, float, float]] = []
    parts = []
    for _ in range(3000):
        if len(placed) >= p.count:
            break
        r = p.size[0] / 2 * float(rng.uniform(0.45, 1.0))
        d, a = p.spread * math.sqrt(rng.uniform()), rng.uniform(0, 6.283)
        x, y = d * math.cos(a), d * math.sin(a)
        if d < p.keep + r or any(math.hypot(x - u, y - v) < r + q + 0.02 for u, v, q in placed):
            continue
        if y < -0.2 and abs(x) < 0.45 + r:
            continue
        placed.append((x, y, r))
        one = ball("ball", r, main if len(placed) % 2 else other, 40)
        one.location = (x, y, 0)
        parts.append(one)
    return parts


def cup(p: Prop, main: Any, other: Any) -> list[Any]:
    """A handleless cup with tea in it."""
    r, h = p.size[0] / 2, p.size[2]
    body = lathe(
        "cup",
        [
            (0, 0.02, 0),
            (r * 0.45, 0, 0.01),
            (r * 0.5, h * 0.08, 0.02),
            (r * 0.95, h * 0.5, 0.2 * r),
            (r, h, 0.01),
            (r * 0.94, h * 0.98, 0.01),
            (r * 0.85, h * 0.5, 0.2 * r),
            (0, h * 0.15, 0),
        ],
        main,
    )
    tea = lathe("tea", [(0, h * 0.8, 0), (r * 0.955, h * 0.8, 0)], other)
    return [body, tea]


def bowl(p: Prop, main: Any, other: Any) -> list[Any]:
    """An open bowl."""
    r, h = p.size[0] / 2, p.size[2]
    return [
        lathe(
            "bowl",
            [
                (0, 0.0, 0),
                (r * 0.42, 0, 0.02),
                (r * 0.45, h * 0.1, 0.02),
                (r * 0.92, h * 0.62, 0.3 * r),
                (r, h, 0.012),
                (r * 0.96, h, 0.012),
                (r * 0.86, h * 0.62, 0.3 * r),
                (r * 0.3, h * 0.16, 0.1),
                (0, h * 0.14, 0),
            ],
            main,
            96,
        )
    ]


def vase(p: Prop, main: Any, other: Any) -> list[Any]:
    """A vase with a waist, open at the top."""
    r, h = p.size[0] / 2, p.size[2]
    return [
        lathe(
            "vase",
            [
                (0, 0, 0),
                (r * 0.55, 0, 0.03),
                (r, h * 0.42, 0.4 * h),
                (r * 0.42, h * 0.82, 0.15 * h),
                (r * 0.5, h, 0.012),
                (r * 0.43, h, 0.012),
                (r * 0.36, h * 0.82, 0.1 * h),
                (r * 0.8, h * 0.4, 0.2 * h),
                (0, h * 0.1, 0),
            ],
            main,
            96,
        )
    ]


def pipes(p: Prop, main: Any, other: Any) -> list[Any]:
    """Wall pipes with flanges: two uprights and a crossing."""
    w, d, h = p.size
    r = d / 2
    parts = []
    for x in (-w / 2, w / 2):
        parts.append(tube("pipe", [(x, 0, 0), (x, 0, h)], r, main, smooth=False))
        for z in np.linspace(0.25, h - 0.2, 4):
            parts.append(
                lathe(
                    "flange",
                    [(r, -0.06, 0), (r * 1.5, -0.055, 0.01), (r * 1.5, 0.055, 0.01), (r, 0.06, 0)],
                    other,
                    32,
                    (x, 0, float(z)),
                )
            )
    parts.append(tube("cross", [(-w / 2, 0, h * 0.7), (w / 2, 0, h * 0.7)], r * 0.8, main, smooth=False))
    return parts


def planet(p: Prop, main: Any, other: Any) -> list[Any]:
    """A planet with a flat ring, tilted."""
    r = p.size[0] / 2
    body = ball("planet", r, main, 96)
    ring = lathe(
        "ring",
        [(r * 1.3, r, 0), (r * 1.32, r + 0.006, 0.003), (r * 1.85, r + 0.006, 0.003), (r * 1.87, r, 0)],
        other,
        128,
    )
    return [body, ring]


def craters(p: Prop, main: Any, other: Any) -> list[Any]:
    """Moon ground with craters, level in the middle."""
    rng = np.random.default_rng(p.seed)
    n = 240
    x, y = np.meshgrid(np.linspace(-p.size[0] / 2, p.size[0] / 2, n), np.linspace(-p.size[1] / 2, p.size[1] / 2, n))
    z = np.zeros_like(x)
    for _ in range(p.count):
        cx, cy, r = (
            rng.uniform(-0.5, 0.5) * p.size[0],
            rng.uniform(-0.5, 0.5) * p.size[1],
            rng.uniform(0.12, 0.55),
        )
        if math.hypot(cx, cy) < p.keep + r * 1.4:
            continue
        d = np.hypot(x - cx, y - cy) / r
        z += r * 0.22 * (np.exp(-(((d - 1) / 0.22) ** 2)) - 1.1 * np.clip(1 - d**2, 0, 1) ** 0.8)
    return [surface("moon", np.stack([x, y, z], -1), main)]


def tennis(p: Prop, main: Any, other: Any) -> list[Any]:
    """A ball with a curved seam."""
    r = p.size[0] / 2
    body = ball("ball", r, main, 64)
    t = np.linspace(0, 2 * math.pi, 80, endpoint=False)
    b, a = 0.44, 0.56
    seam = (
        np.column_stack(
            [
                a * np.cos(t) + b * np.cos(3 * t),
                a * np.sin(t) - b * np.sin(3 * t),
                2 * math.sqrt(a * b) * np.sin(2 * t),
            ]
        )
        * r
    )
    line = tube("seam", (seam + np.array([0, 0, r])).tolist(), r * 0.035, other, closed=True)
    return [body, line]


def tray(p: Prop, main: Any, other: Any) -> list[Any]:
    """A shallow round tray with a rim."""
    r, h = p.size[0] / 2, p.size[2]
    return [
        lathe(
            "tray",
            [
                (0, 0, 0),
                (r * 0.97, 0, 0.02),
                (r, h * 1.6, 0.015),
                (r * 0.965, h * 1.6, 0.01),
                (r * 0.95, h, 0.02),
                (0, h, 0),
            ],
            main,
            128,
        )
    ]


def keyboard(p: Prop, main: Any, other: Any) -> list[Any]:
    """A low keyboard: case and rows of keys."""
    w, d, h = p.size
    parts = [soft_box("case", (w, d, h * 0.5), other, 0.02)]
    cols, rows = 14, 5
    kw, kd = (w - 0.08) / cols, (d - 0.08) / rows
    for i in range(cols):
        for j in range(rows):
            key = soft_box("key", (kw * 0.86, kd * 0.86, h * 0.5), main, 0.014, 2)
            key.location = (-w / 2 + 0.04 + kw * (i + 0.5), -d / 2 + 0.04 + kd * (j + 0.5), h * 0.45)
            parts.append(key)
    return parts


def bag(p: Prop, main: Any, other: Any) -> list[Any]:
    """A paper carrier bag with twisted handles."""
    w, d, h = p.size
    body = soft_box("bag", p.size, main, 0.012)
    parts = [body]
    for y in (-d * 0.3, d * 0.3):
        parts.append(
            tube(
                "handle",
                [
                    (-w * 0.22, y, h),
                    (-w * 0.2, y, h + 0.28),
                    (0, y, h + 0.34),
                    (w * 0.2, y, h + 0.28),
                    (w * 0.22, y, h),
                ],
                0.018,
                other,
            )
        )
    return parts


def crystal(p: Prop, main: Any, other: Any) -> list[Any]:
    """A cluster of pointed crystals."""
    rng = np.random.default_rng(p.seed)
    parts = []
    for i in range(p.count):
        h, r = p.size[2] * rng.uniform(0.45, 1.0), p.size[0] * 0.16 * rng.uniform(0.7, 1.2)
        a = np.linspace(0, 2 * math.pi, 6, endpoint=False)
        rows = [
            np.column_stack([k * r * np.cos(a), k * r * np.sin(a), np.full(6, z)])
            for k, z in ((1.1, -0.1), (1.0, h * 0.75), (0.03, h))
        ]
        verts = np.concatenate(rows)
        faces = [
            (q * 6 + j, q * 6 + (j + 1) % 6, (q + 1) * 6 + (j + 1) % 6, (q + 1) * 6 + j)
            for q in range(2)
            for j in range(6)
        ]
        one = from_arrays("crystal", verts, faces, main if i % 2 == 0 else other)
        one.data.shade_flat()
        t = 2 * math.pi * i / p.count
        one.location = (0.22 * p.size[0] * math.cos(t) * (i > 0), 0.22 * p.size[0] * math.sin(t) * (i > 0), 0)
        one.rotation_euler = (-0.45 * math.sin(t) * (i > 0), 0.45 * math.cos(t) * (i > 0), rng.uniform(0, 1))
        parts.append(one)
    return parts


def arc_lines(p: Prop, main: Any, other: Any) -> list[Any]:
    """A painted circle line on the floor; depth over 1 m is the line's width."""
    r = p.size[0] / 2
    return [
        lathe(
            "circle",
            [(r - p.size[1], 0.004, 0), (r - p.size[1], 0.006, 0), (r, 0.006, 0), (r, 0.004, 0)],
            main,
            160,
        )
    ]


def cogs(p: Prop, main: Any, other: Any) -> list[Any]:
    """A perforated metal sheet, upright: count holes across."""
    w, _, h = p.size
    step = w / p.count
    outlines = [[(-w / 2, 0.0), (w / 2, 0.0), (w / 2, h), (-w / 2, h)]]
    for i in range(p.count):
        for j in range(int(h / step)):
            x, z = -w / 2 + (i + 0.5) * step, (j + 0.5) * step
            outlines.append(
                [
                    (x + 0.28 * step * math.cos(a), z + 0.28 * step * math.sin(a))
                    for a in np.linspace(2 * math.pi, 0, 14, endpoint=False)
                ]
            )
    return [cut_out("sheet", outlines, 0.03, main, 0.004)]


def rosette(p: Prop, main: Any, other: Any) -> list[Any]:
    """A stack of mooncakes or biscuits with scalloped edges; count of them."""
    a = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    scallop = 1 + 0.045 * np.abs(np.cos(a * 8))
    parts = []
    for i in range(p.count):
        rows = [
            np.column_stack(
                [
                    p.size[0] / 2 * k * scallop * np.cos(a),
                    p.size[0] / 2 * k * scallop * np.sin(a),
                    np.full(180, z * p.size[2]),
                ]
            )
            for z, k in (
                (0, 0.94),
                (0.08, 1),
                (0.82, 1),
                (1.0, 0.93),
                (1.0, 0.72),
                (0.93, 0.70),
                (0.93, 0.5),
                (1.0, 0.48),
                (1.0, 0.02),
            )
        ]
        cake = loft("cake", np.array(rows), main)
        parts.append(group("cake", [cake]))
        parts[-1].location = (0.03 * (-1) ** i, 0, i * p.size[2])
        parts[-1].rotation_euler = (0, 0, 0.3 * i)
    return parts


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "balls": balls,
    "cup": cup,
    "bowl": bowl,
    "vase": vase,
    "pipes": pipes,
    "planet": planet,
    "craters": craters,
    "tennis": tennis,
    "tray": tray,
    "keyboard": keyboard,
    "bag": bag,
    "crystal": crystal,
    "circle": arc_lines,
    "mesh": cogs,
    "mooncake": rosette,
}
