"""Stand-in products worn or carried: handbag and watch; the shoe has a file of its own. Each stands on z = 0."""

from __future__ import annotations

import math
from typing import Any

import bpy  # noqa: F401 - makes mathutils importable
import numpy as np
from mathutils import Matrix

from . import textures
from .dress import Dress, Product
from .materials import Print
from .mesh import ball, bevelled, group, lathe, loft, soft_box, surface, tube
from .sneaker import shoe


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
    return [body, flap, stitch, clasp, turn, *_carry(hide, metal)]


def _carry(hide: Any, metal: Any) -> list[Any]:
    """The bag's handle with its rings and tabs, and its feet."""
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
    return [handle, *rings, *feet]


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
