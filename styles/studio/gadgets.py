"""Stand-in products switched on or played with: headphones, phone, speaker, bear, car. Each stands on z = 0."""

from __future__ import annotations

import math
from typing import Any

import bpy  # noqa: F401 - makes mathutils importable
import numpy as np
from mathutils import Matrix

from . import textures
from .dress import Dress, Product
from .materials import Print
from .mesh import ball, cut_out, group, lathe, soft_box, tube


def headphones(d: Dress) -> list[Any]:
    """Over-ear headphones standing on their cups."""
    shell, soft, metal = d.main(), d.of(f"leather {d.accent.second or '#2A2A2D'}"), d.trim()
    arc = [
        (0.56 * math.cos(t), 0.0, 0.72 + 0.66 * math.sin(t))
        for t in np.linspace(math.radians(8), math.radians(172), 24)
    ]
    band = tube("band", arc, 0.05, shell)
    band.scale = (1, 2.0, 1)
    pad = tube(
        "pad",
        [
            (0.52 * math.cos(t), 0, 0.715 + 0.60 * math.sin(t))
            for t in np.linspace(math.radians(40), math.radians(140), 16)
        ],
        0.06,
        soft,
    )
    pad.scale = (1, 1.8, 1)
    parts: list[Any] = [band, pad]
    for s in (-1, 1):
        cup = lathe(
            "cup",
            [
                (0, 0, 0),
                (0.30, 0, 0.03),
                (0.345, 0.03, 0.03),
                (0.345, 0.13, 0.05),
                (0.27, 0.18, 0.04),
                (0.20, 0.17, 0.01),
                (0, 0.175, 0),
            ],
            shell,
        )
        ringed = lathe("ring", [(0.30, 0.155, 0), (0.315, 0.165, 0.01), (0.29, 0.185, 0.01), (0.27, 0.178, 0)], metal)
        badge = lathe("badge", [(0, 0.17, 0), (0.11, 0.17, 0.005), (0.10, 0.19, 0.01), (0, 0.19, 0)], metal, 48)
        cushion = lathe(
            "cushion",
            [(0.12, -0.01, 0), (0.13, -0.13, 0.05), (0.32, -0.13, 0.08), (0.335, 0.0, 0.05), (0.2, 0.01, 0)],
            soft,
        )
        for part in (cup, ringed, badge, cushion):
            part.data.transform(
                Matrix.Translation((0.54 * s, 0, 0.42))
                @ Matrix.Rotation(s * math.radians(96), 4, "Y")
                @ Matrix.Scale(1.16, 4, (1, 0, 0))
            )
            parts.append(part)
        parts.append(tube("arm", [(0.56 * s, 0, 0.82), (0.62 * s, 0, 0.72), (0.64 * s, 0, 0.55)], 0.032, metal))
    return parts


def phone(d: Dress) -> list[Any]:
    """A phone leaning on a small stand, screen lit."""
    body = soft_box("frame", (0.78, 0.085, 1.56), d.main(), 0.04)
    glass = soft_box(
        "screen",
        (0.745, 0.03, 1.525),
        d.of(
            "lacquer #0B0B0D rough=0.1",
            Print(
                textures.screen(d.accent.colour, d.accent.second or d.body.colour),
                0,
                0.7625,
                0.70,
                1.48,
                0.75,
            ),
        ),
        0.012,
    )
    glass.location = (0, -0.034, 0.0175)
    buttons = [soft_box("button", (0.02, 0.035, h), d.main(), 0.008) for h in (0.16, 0.16, 0.24)]
    for button, (bx, bz) in zip(buttons, ((-0.393, 0.98), (-0.393, 1.18), (0.393, 1.0)), strict=True):
        button.location = (bx, 0, bz)
    slab = group("slab", [body, glass, *buttons])
    slab.rotation_euler, slab.location = (math.radians(-13), 0, 0), (0, -0.06, 0.05)
    foot = soft_box("foot", (0.5, 0.44, 0.05), d.of("metal #C9CACC rough=0.3"), 0.02)
    foot.location = (0, 0.05, 0)
    lip = soft_box("lip", (0.5, 0.04, 0.12), d.of("metal #C9CACC rough=0.3"), 0.015)
    lip.location = (0, -0.15, 0)
    stay = soft_box("stay", (0.3, 0.05, 0.75), d.of("metal #C9CACC rough=0.3"), 0.02)
    stay.location, stay.rotation_euler = (0, 0.14, 0.02), (math.radians(3), 0, 0)
    return [slab, foot, lip, stay]


def speaker(d: Dress) -> list[Any]:
    """A fabric loudspeaker with a lit ring on top."""
    cloth = lathe(
        "cloth",
        [
            (0, 0.05, 0),
            (0.40, 0.05, 0.05),
            (0.43, 0.16, 0.05),
            (0.43, 0.92, 0.06),
            (0.40, 0.99, 0.03),
            (0, 0.99, 0),
        ],
        d.main(),
    )
    foot = lathe("foot", [(0, 0, 0), (0.37, 0, 0.02), (0.39, 0.06, 0.02), (0, 0.06, 0)], d.trim())
    top = lathe("top", [(0, 0.98, 0), (0.385, 0.98, 0.01), (0.375, 1.015, 0.015), (0, 1.02, 0)], d.trim())
    lit = lathe(
        "lit",
        [(0.30, 1.013, 0), (0.31, 1.026, 0.005), (0.325, 1.026, 0.005), (0.335, 1.012, 0)],
        d.of("glow #9EE6FF power=3"),
    )
    strap = tube(
        "strap",
        [(0.36, 0.18, 0.9), (0.52, 0.2, 0.95), (0.56, 0.2, 0.72), (0.42, 0.16, 0.62)],
        0.022,
        d.of("leather #8A5A3A"),
    )
    return [cloth, foot, top, lit, strap]


def bear(d: Dress) -> list[Any]:
    """A plush bear, seated, with a bow tie."""
    fur, pale, dark = (
        d.of(f"velvet {d.body.colour}"),
        d.of(f"velvet {d.body.second or '#F3E2CC'}"),
        d.of("lacquer #1B1614"),
    )
    spec: list[tuple[str, float, tuple[float, ...], tuple[float, ...], Any]] = [
        ("belly", 0.40, (0, 0, 0.0), (1, 0.92, 1.06), fur),
        ("head", 0.34, (0, -0.02, 0.66), (1.08, 0.95, 0.94), fur),
        ("snout", 0.15, (0, -0.29, 0.76), (1.1, 0.8, 0.85), pale),
        ("nose", 0.045, (0, -0.41, 0.87), (1.3, 0.8, 0.9), dark),
        ("tummy", 0.27, (0, -0.17, 0.14), (1, 0.8, 1.05), pale),
    ]
    for s in (-1, 1):
        spec += [
            ("ear", 0.13, (0.27 * s, 0.0, 1.13), (1, 0.6, 1), fur),
            ("inner", 0.085, (0.27 * s, -0.055, 1.17), (1, 0.4, 1), pale),
            ("arm", 0.15, (0.40 * s, -0.12, 0.34), (0.85, 1.0, 1.5), fur),
            ("leg", 0.19, (0.30 * s, -0.36, 0.0), (0.95, 1.25, 0.95), fur),
            ("sole", 0.11, (0.31 * s, -0.545, 0.07), (1, 0.45, 1), pale),
            ("eye", 0.035, (0.125 * s, -0.325, 0.965), (1, 0.8, 1), dark),
        ]
    parts = []
    for name, r, at, scale, skin in spec:
        part = ball(name, r, skin, 40)
        part.location, part.scale = at, scale
        parts.append(part)
    tie = d.trim()
    for s in (-1, 1):
        wing = ball("wing", 0.1, tie, 24)
        wing.location, wing.scale = (0.12 * s, -0.30, 0.58), (1.1, 0.5, 0.8)
        parts.append(wing)
    knot = ball("knot", 0.045, tie, 24)
    knot.location = (0, -0.36, 0.615)
    return [*parts, knot]


def car(d: Dress) -> list[Any]:
    """A wooden toy car with round windows."""
    outline = [
        (-0.75, 0.12),
        (-0.78, 0.3),
        (-0.72, 0.44),
        (-0.5, 0.50),
        (-0.36, 0.78),
        (-0.26, 0.84),
        (0.16, 0.84),
        (0.28, 0.78),
        (0.42, 0.52),
        (0.70, 0.45),
        (0.80, 0.34),
        (0.80, 0.16),
        (0.76, 0.12),
    ]
    body = cut_out("body", [outline], 0.56, d.main(), 0.06)
    parts: list[Any] = [body]
    for px in (-0.44, 0.44):
        for s in (-1, 1):
            wheel = lathe(
                "wheel",
                [(0, 0, 0), (0.20, 0, 0.04), (0.20, 0.13, 0.04), (0.1, 0.135, 0.02), (0, 0.12, 0)],
                d.trim(),
            )
            hub = lathe(
                "hub",
                [(0, 0.1, 0), (0.07, 0.12, 0.01), (0.065, 0.15, 0.02), (0, 0.155, 0)],
                d.of("wood #D9B183"),
            )
            for part in (wheel, hub):
                part.data.transform(
                    Matrix.Translation((px, s * 0.27, 0.12)) @ Matrix.Rotation(-s * math.pi / 2, 4, "X")
                )
                parts.append(part)
    for px in (-0.18, 0.14):
        pane = lathe(
            "pane",
            [(0, 0, 0), (0.105, 0, 0.01), (0.105, 0.02, 0.01), (0, 0.02, 0)],
            d.of("lacquer #DFF0F5 rough=0.2"),
            48,
        )
        pane.data.transform(Matrix.Translation((px, -0.275, 0.645)) @ Matrix.Rotation(math.pi / 2, 4, "X"))
        parts.append(pane)
    return parts


PRODUCTS: dict[str, Product] = {
    "headphones": Product(headphones, "paint #ECE7DF", "metal #CFB48A #B8A895 rough=0.2", "Sound", "electronics"),
    "phone": Product(phone, "metal #C9CACC rough=0.25", "paint #FF8F6B #6B5BFF", "Phone", "electronics"),
    "speaker": Product(speaker, "knit #8E949A", "rubber #2A2C2F", "Speaker", "electronics"),
    "bear": Product(bear, "velvet #C69463 #F3E2CC", "silk #B3202C", "Bear", "toys"),
    "car": Product(car, "wood #D9A066", "paint #D8573F", "Car", "toys"),
}
