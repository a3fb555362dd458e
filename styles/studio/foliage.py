"""Leaves, fronds and branches of the set."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .mesh import ball, cut_out, from_arrays, group, surface, tube
from .recipe import Prop
from .scatter import drop, duplicate, strew


def blade(
    length: float, width: float, material: Any, arch: float = 0.25, fold: float = 0.25, shape: str = "oval"
) -> Any:
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
        rows.append(
            np.stack(
                [
                    np.full(9, k * length),
                    s * w,
                    arch * length * (k - k * k) * 2 + fold * w * np.abs(s) ** 1.3 + ripple,
                ],
                1,
            )
        )
    return surface("leaf", np.array(rows), material)


def petals(p: Prop, main: Any, other: Any) -> list[Any]:
    """Loose petals strewn about; size is one petal's length."""
    models = [blade(p.size[0], p.size[0] * 0.8, m, 0.35, 0.5, "petal") for m in (main, other)]
    return strew(p, models, flat=True)


def leaves(p: Prop, main: Any, other: Any) -> list[Any]:
    """Loose leaves strewn about."""
    models = [blade(p.size[0], p.size[0] * 0.42, m, 0.2, 0.3) for m in (main, other)]
    return strew(p, models, flat=True)


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
        outline += [
            (-0.01, -0.1 * p.size[0]),
            (-0.012, -0.6 * p.size[0]),
            (0.012, -0.6 * p.size[0]),
            (0.01, -0.1 * p.size[0]),
        ]
        models.append(cut_out("maple", [outline[::-1]], 0.008, m, 0.002, upright=False))
    return strew(p, models, flat=True)


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
        one.rotation_euler = (
            math.pi / 2 + float(rng.uniform(-0.5, 0.5)),
            -rise,
            float(rng.uniform(-0.5, 0.5)),
        )
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
    trunk = [
        (0, 0, 0),
        (w * 0.25, 0.05, h * 0.35),
        (w * 0.42, 0, h * 0.5),
        (w * 0.7, 0.06, h * 0.82),
        (w, 0, h),
    ]
    parts.append(tube("branch", trunk, 0.035, other, taper=[1.3, 1.0, 0.8, 0.55, 0.25]))
    for i in range(6):
        k = 0.22 + 0.13 * i
        base = np.array([np.interp(k * 4, range(5), [q[c] for q in trunk]) for c in range(3)])
        reach = np.array(
            [
                w * rng.uniform(0.05, 0.3),
                rng.uniform(-0.15, 0.1),
                h * rng.uniform(0.1, 0.32) * (1 if i % 2 else -0.5),
            ]
        )
        mid = base + reach * 0.5 + [0, 0, 0.05]
        parts.append(
            tube(
                "twig",
                [base.tolist(), mid.tolist(), (base + reach).tolist()],
                0.016,
                other,
                taper=[1, 0.7, 0.3],
            )
        )
        tips += [base + reach * f for f in (0.45, 0.7, 1.0)]
    tips += [np.array(trunk[3]) * f for f in (0.8, 1.0)] + [np.array(trunk[4])]
    flower = _flower(0.085 * p.spread, main)
    for at in (tips * 3)[: p.count]:
        one = duplicate(flower)
        one.location = at + rng.uniform(-0.05, 0.05, 3)
        one.rotation_euler = (1.2 + rng.uniform(-0.7, 0.7), rng.uniform(-0.7, 0.7), rng.uniform(0, 6))
        parts.append(one)
    drop(flower)
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


def pine(p: Prop, main: Any, other: Any) -> list[Any]:
    """A pine twig lying along x, dense with needles."""
    rng = np.random.default_rng(p.seed)
    n = p.count
    verts: list[Any] = []
    faces: list[tuple[int, ...]] = []
    stems = [np.array([[0, 0, 0.05], [p.size[0] * 0.5, 0.03, 0.1], [p.size[0], 0, 0.06]])]
    stems += [
        np.array(
            [
                [p.size[0] * k, 0, 0.08],
                [p.size[0] * (k + 0.12), s * 0.12, 0.1],
                [p.size[0] * (k + 0.25), s * 0.26, 0.07],
            ]
        )
        for k in (0.2, 0.45, 0.65)
        for s in (-1, 1)
    ]
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


PROPS: dict[str, Callable[[Prop, Any, Any], list[Any]]] = {
    "petals": petals,
    "leaves": leaves,
    "maple": maple,
    "sprig": sprig,
    "frond": frond,
    "monstera": monstera,
    "blossom": blossom,
    "pine": pine,
}
