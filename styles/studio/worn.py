"""Stand-in products worn or carried: shoe, handbag, watch. Each stands on z = 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from mathutils import Matrix  # type: ignore[import-not-found,unused-ignore]

from . import textures
from .dress import Dress, Product
from .materials import Print
from .mesh import Points, ball, bevelled, from_arrays, group, lathe, loft, soft_box, surface, tube


def _curve(x: Points, knots: list[tuple[float, float]]) -> Points:
    """Smooth values along x through knots (monotone between neighbours)."""
    xs, ys = np.array(knots).T
    dense = np.linspace(xs[0], xs[-1], 400)
    values = np.interp(dense, xs, ys)
    kernel = np.hanning(41)
    padded = np.pad(values, 20, mode="edge")
    return np.interp(x, dense, np.convolve(padded, kernel / kernel.sum(), "valid"))


def _hull(x: Points, width: Points, low: Points, high: Points, power: float, n: int = 40) -> Points:
    """Arched sections along x: half width, bottom and top per station; k×(n+1)×3."""
    a = np.linspace(0, math.pi, n + 1)
    y = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** power
    z = np.sin(a) ** (power * 0.85)
    return np.stack(
        [
            np.stack([np.full(n + 1, xi), w * y, lo + (hi - lo) * z], 1)
            for xi, w, lo, hi in zip(x, width, low, high, strict=True)
        ]
    )


def shoe(d: Dress) -> list[Any]:
    """A low sneaker from the side: two-tone sole, knit upper, toe and heel panels, laces, padded collar."""
    u = 0.5 - 0.5 * np.cos(np.linspace(0, math.pi, 64))
    x = -0.86 + 1.74 * u
    end = np.minimum(np.sqrt(np.clip(u / 0.09, 0, 1)), np.sqrt(np.clip((1 - u) / 0.16, 0, 1)))
    width = _curve(x, [(-0.86, 0.22), (-0.5, 0.27), (-0.1, 0.25), (0.4, 0.33), (0.66, 0.31), (0.88, 0.2)]) * np.clip(
        end, 0.06, 1
    )
    floor = _curve(x, [(-0.86, 0.05), (-0.6, 0.0), (0.45, 0.0), (0.7, 0.03), (0.88, 0.10)])
    seam = floor + _curve(x, [(-0.86, 0.25), (-0.3, 0.21), (0.3, 0.16), (0.88, 0.14)])
    a = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    sy, sz = (np.sign(f(a)) * np.abs(f(a)) ** 0.45 for f in (np.cos, np.sin))

    def slab(lo: Points, hi: Points, grow: float) -> Points:
        mid, half = (lo + hi) / 2, (hi - lo) / 2
        return np.stack(
            [
                np.stack([np.full(48, xi * (1 + grow * 0.1)), (w + grow) * sy, m + h * sz], 1)
                for xi, w, m, h in zip(x, width, mid, half, strict=True)
            ]
        )

    rubber, white = d.of(f"rubber {d.accent.colour}"), d.of("rubber #F6F4EF")
    sole = loft("outsole", slab(floor, floor + 0.06, 0.022), rubber)
    cushion = loft("midsole", slab(floor + 0.045, seam, 0.03), white)
    line = loft("foxing", slab(floor + 0.115, floor + 0.14, 0.036), rubber)
    top = _curve(
        x,
        [
            (-0.86, 0.74),
            (-0.70, 0.76),
            (-0.45, 0.60),
            (-0.24, 0.68),
            (-0.10, 0.72),
            (0.12, 0.62),
            (0.42, 0.43),
            (0.66, 0.37),
            (0.80, 0.31),
            (0.88, 0.24),
        ],
    )
    lift = np.maximum(top, seam + 0.02)
    mark = Print(textures.label("V", "", d.ink, None, "bold", 1.0), -0.16, 0.40, 0.6, 0.6)
    upper = loft("upper", _hull(x, width * 0.97, seam - 0.06, lift, 0.62), d.main(mark))
    toe, heel = x > 0.52, x < -0.58
    panel = d.trim()
    cap = loft(
        "toe",
        _hull(
            x[toe],
            width[toe] * 0.985 + 0.006,
            seam[toe] - 0.06,
            seam[toe] + (lift[toe] - seam[toe]) * 0.80,
            0.55,
        ),
        panel,
    )
    counter = loft(
        "heel",
        _hull(
            x[heel],
            width[heel] * 0.985 + 0.006,
            seam[heel] - 0.06,
            seam[heel] + (lift[heel] - seam[heel]) * 0.86,
            0.5,
        ),
        panel,
    )
    angle = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    loop = [(-0.47 + 0.31 * math.cos(t), 0.155 * math.sin(t), 0.0) for t in angle]
    rim = [(px, py, float(np.interp(px, x, lift)) + 0.015 - 0.03 * abs(py) / 0.155) for px, py, _ in loop]
    collar = tube("collar", rim, 0.048, panel, closed=True)
    lining = from_arrays(
        "lining",
        np.array(
            [(px * 0.97 - 0.014, py * 0.93, pz + 0.012) for px, py, pz in rim]
            + [(-0.47, 0, float(np.interp(-0.47, x, lift)) + 0.012)]
        ),
        [(i, (i + 1) % 40, 40) for i in range(40)],
        d.of("knit #1E1D1F"),
    )
    tongue = soft_box("tongue", (0.30, 0.25, 0.07), d.main(), 0.03)
    tongue.rotation_euler, tongue.location = (0, math.radians(-62), 0), (-0.115, 0, 0.62)
    laces = []
    for k, px in enumerate(np.linspace(-0.02, 0.40, 6)):
        crown, half = float(np.interp(px, x, lift)), 0.145 - 0.006 * k
        bend = [(px + s * 0.012, half * s, crown + 0.012 - 0.055 * abs(s) ** 2.2) for s in np.linspace(-1, 1, 9)]
        laces.append(tube("lace", bend, 0.019, white))
    for s in (-1, 1):
        ear = [
            (0.0, 0, 0.69),
            (0.03, 0.10 * s, 0.76),
            (0.06, 0.2 * s, 0.70),
            (0.05, 0.14 * s, 0.655),
            (0.0, 0.02 * s, 0.68),
        ]
        laces.append(tube("bow", ear, 0.016, white))
    return [sole, cushion, line, upper, cap, counter, collar, lining, tongue, *laces]


def handbag(d: Dress) -> list[Any]:
    """A structured top-handle bag: flap, piping, clasp, rings."""
    hide, metal = d.main(), d.trim()
    sections = []
    for z in (0.0, 0.012, 0.04, 0.25, 0.5, 0.75, 0.86, 0.895, 0.91):
        k = z / 0.9
        inset = 0.03 if z in (0.0, 0.91) else (0.008 if z in (0.012, 0.895) else 0)
        w, dep, r = 0.68 - 0.07 * k - inset, 0.25 - 0.09 * k - inset, 0.05
        a = np.linspace(0, 2 * math.pi, 64, endpoint=False)
        cx, cy = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.16, np.sign(np.sin(a)) * np.abs(np.sin(a)) ** 0.2
        sections.append(np.column_stack([(w - r * 0.2) * cx, (dep - r * 0.1) * cy, np.full(64, z)]))
    body = loft("body", np.array(sections), hide)

    def front(z: float, out: float) -> float:
        return -(0.25 - 0.1 * z + out)

    rows = np.linspace(0, 1, 26)
    flap_rows = []
    for t in rows:
        z = 0.905 - 0.49 * t
        half = (
            0.6
            if t < 0.55
            else 0.6 * math.sqrt(max(1 - ((t - 0.55) / 0.452) ** 2.6, 0.0)) * 0.35
            + 0.6 * 0.65 * max(1 - ((t - 0.55) / 0.47) ** 3, 0.05)
        )
        xs = np.linspace(-half, half, 31)
        flap_rows.append(np.stack([xs, np.full(31, front(z, 0.022)), np.full(31, z)], 1))
    lid = np.stack([np.linspace(-0.6, 0.6, 31), np.full(31, 0.12), np.full(31, 0.925)], 1)
    edge = np.stack([np.linspace(-0.6, 0.6, 31), np.full(31, front(0.9, 0.0) + 0.01), np.full(31, 0.928)], 1)
    flap = bevelled(surface("flap", np.stack([lid, edge, *flap_rows]), hide, 0.035), 0.012)
    rim = [(float(r[0, 0]), float(r[0, 1]) - 0.02, float(r[0, 2])) for r in flap_rows[3:]] + [
        (float(r[-1, 0]), float(r[-1, 1]) - 0.02, float(r[-1, 2])) for r in flap_rows[3:][::-1]
    ]
    stitch = tube("stitch", rim, 0.008, d.of(f"rubber {d.accent.second or '#E8D9BF'}"), smooth=False)
    clasp = soft_box("clasp", (0.2, 0.05, 0.13), metal, 0.022)
    clasp.location = (0, front(0.45, 0.055), 0.395)
    turn = lathe("turn", [(0, -0.03, 0), (0.035, -0.03, 0.01), (0.03, 0.03, 0.01), (0, 0.03, 0)], metal, 32)
    turn.rotation_euler, turn.location = (math.pi / 2, 0, 0), (0, front(0.45, 0.09), 0.46)
    handle = tube(
        "handle",
        [
            (-0.34, 0, 0.97),
            (-0.36, 0, 1.22),
            (-0.2, 0, 1.44),
            (0.2, 0, 1.44),
            (0.36, 0, 1.22),
            (0.34, 0, 0.97),
        ],
        0.042,
        hide,
    )
    rings = []
    for s in (-1, 1):
        circle = [
            (0.34 * s + 0.062 * math.cos(t), 0, 0.965 + 0.062 * math.sin(t))
            for t in np.linspace(0, 2 * math.pi, 24, endpoint=False)
        ]
        rings.append(tube("ring", circle, 0.016, metal, closed=True))
        tab = soft_box("tab", (0.1, 0.09, 0.05), metal, 0.02)
        tab.location = (0.34 * s, 0, 0.905)
        rings.append(tab)
    feet = [ball("foot", 0.03, metal, 24) for _ in range(4)]
    for foot, (fx, fy) in zip(feet, ((-0.5, -0.15), (0.5, -0.15), (-0.5, 0.15), (0.5, 0.15)), strict=True):
        foot.location = (fx, fy, -0.03)
    return [body, flap, stitch, clasp, turn, handle, *rings, *feet]


def watch(d: Dress) -> list[Any]:
    """A wrist watch standing on its closed strap, dial to the camera."""
    strap, metal = d.main(), d.trim()
    n, m = 72, 24
    a = np.linspace(math.radians(-150), math.radians(150), n)
    sections = []
    for t in a:
        centre = np.array([0, 0.40 * math.cos(t), 0.52 + 0.50 * math.sin(t)])
        normal = np.array([0, math.cos(t) / 0.40, math.sin(t) / 0.50])
        normal /= np.linalg.norm(normal)
        half = 0.20 + 0.05 * abs(t) / 2.6
        ring = [
            centre
            + np.array([half * np.sign(math.cos(q)) * abs(math.cos(q)) ** 0.3, 0, 0])
            + normal * 0.034 * np.sign(math.sin(q)) * abs(math.sin(q)) ** 0.5
            for q in np.linspace(0, 2 * math.pi, m, endpoint=False)
        ]
        sections.append(np.array(ring))
    band = loft("strap", np.array(sections), strap)
    case = lathe(
        "case",
        [
            (0, 0, 0),
            (0.34, 0, 0.04),
            (0.415, 0.05, 0.03),
            (0.415, 0.15, 0.02),
            (0.38, 0.19, 0.012),
            (0.345, 0.20, 0.01),
            (0.335, 0.165, 0.005),
            (0, 0.165, 0),
        ],
        metal,
        96,
    )
    face = d.accent.second or "#F4F1EA"
    ink = "#2A2622" if sum(int(face[i : i + 2], 16) for i in (1, 3, 5)) > 380 else "#E8E2D4"
    dial = lathe("dial", [(0, 0.17, 0), (0.345, 0.17, 0)], None, 96)
    crown = lathe("crown", [(0, 0, 0), (0.05, 0, 0.01), (0.05, 0.08, 0.015), (0, 0.085, 0)], metal, 32)
    crown.data.transform(Matrix.Translation((0.405, 0, 0.1)) @ Matrix.Rotation(math.pi / 2, 4, "Y"))
    lugs = [soft_box("lug", (0.08, 0.15, 0.11), metal, 0.035) for _ in range(4)]
    for lug, (lx, ly) in zip(lugs, ((-0.2, 0.38), (0.2, 0.38), (-0.2, -0.38), (0.2, -0.38)), strict=True):
        lug.data.transform(Matrix.Translation((lx, ly, 0.02)))
    for part in (case, dial, crown, *lugs):
        part.data.transform(Matrix.Rotation(math.pi / 2, 4, "X"))
    dial.data.materials.append(d.of(f"paint {face} rough=0.4", Print(textures.dial(face, ink), 0, 0, 0.69, 0.69)))
    head = group("head", [case, dial, crown, *lugs])
    head.location, head.rotation_euler = (0, -0.36, 0.54), (math.radians(-14), 0, 0)
    return [band, head]


PRODUCTS: dict[str, Product] = {
    "shoe": Product(shoe, "knit #F0EDE6", "paint #D8694A", "Runner", "shoes"),
    "handbag": Product(handbag, "leather #B5794E", "metal #E0C183 rough=0.16", "Bag", "bags"),
    "watch": Product(watch, "leather #5A3A28", "metal #DCDDE0 #F4F1EA rough=0.14", "Watch", "watch"),
}
