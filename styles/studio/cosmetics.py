"""Stand-in products for beauty: serum, jar, tube, perfume, lipstick, and a jewelled ring. Each stands on z = 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .dress import Dress, Product
from .mesh import from_arrays, lathe, loft, soft_box, tube


def serum(d: Dress) -> list[Any]:
    """A dropper bottle: heavy glass, ribbed metal collar, rubber bulb, pipette inside."""
    glass = d.main(d.label(0.40, 0.56, 0.50))
    body = lathe(
        "bottle",
        [
            (0, 0.02, 0),
            (0.1, 0.0, 0.04),
            (0.37, 0.0, 0.07),
            (0.37, 0.76, 0.16),
            (0.15, 0.86, 0.05),
            (0.15, 0.93, 0.01),
            (0, 0.93, 0),
        ],
        glass,
    )
    metal, bulb = (
        d.trim(),
        d.of(f"rubber {d.accent.third or '#F2EEE6'}" if d.accent.kind != "rubber" else "rubber #222222"),
    )
    collar = lathe(
        "collar",
        [(0, 0.88, 0), (0.185, 0.88, 0.015), (0.185, 1.05, 0.02), (0.12, 1.06, 0.01), (0, 1.06, 0)],
        metal,
    )
    rings = [
        lathe("rib", [(0.18, z - 0.012, 0), (0.196, z, 0.012), (0.18, z + 0.012, 0)], metal) for z in (0.93, 0.965, 1.0)
    ]
    top = lathe(
        "bulb",
        [(0, 1.05, 0), (0.125, 1.05, 0.02), (0.105, 1.16, 0.05), (0.105, 1.34, 0.1), (0, 1.37, 0)],
        bulb,
    )
    return [body, collar, top, *rings]


def jar(d: Dress) -> list[Any]:
    """A cream jar: thick-walled pot, metal ring, domed lid with a shallow dish."""
    pot = lathe(
        "pot",
        [(0, 0.02, 0), (0.2, 0, 0.03), (0.52, 0, 0.09), (0.54, 0.46, 0.05), (0.49, 0.50, 0.02), (0, 0.50, 0)],
        d.main(d.label(0.25, 0.66, 0.36, "bold")),
    )
    ring = lathe(
        "ring",
        [(0.47, 0.485, 0), (0.505, 0.49, 0.008), (0.505, 0.53, 0.008), (0.47, 0.535, 0)],
        d.of("metal #D9BC8A rough=0.2"),
    )
    lid = lathe(
        "lid",
        [
            (0, 0.52, 0),
            (0.53, 0.52, 0.02),
            (0.53, 0.74, 0.06),
            (0.47, 0.775, 0.03),
            (0.40, 0.755, 0.03),
            (0, 0.765, 0),
        ],
        d.trim(),
    )
    return [pot, ring, lid]


def cream_tube(d: Dress) -> list[Any]:
    """A soft tube on its cap: round at the bottom, crimped flat at the top."""
    t = np.linspace(0, 1, 40)
    angle = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    sections = []
    for k in t:
        flat = k**1.6
        rx, ry = 0.31 + 0.09 * flat, 0.31 * (1 - flat) + 0.014
        sections.append(np.column_stack([rx * np.cos(angle), ry * np.sin(angle), np.full(96, 0.24 + 1.05 * k)]))
    body = loft("tube", np.array(sections), d.main(d.label(0.80, 0.44, 0.66)))
    crimp = soft_box("crimp", (0.80, 0.032, 0.10), d.main(), 0.012)
    crimp.location = (0, 0, 1.27)
    cap = lathe("cap", [(0, 0, 0), (0.315, 0, 0.03), (0.325, 0.22, 0.02), (0.30, 0.25, 0.02), (0, 0.25, 0)], d.trim())
    return [body, crimp, cap]


def perfume(d: Dress) -> list[Any]:
    """A flacon: thick clear walls, a block of coloured juice, a collar and a heavy cap."""
    shell = soft_box(
        "shell",
        (0.84, 0.40, 0.86),
        d.of(
            "glass #FFFFFF" if d.body.kind in {"glass", "acrylic"} else "glass #F4F0EA",
            d.label(0.42, 0.5, 0.42, "framed"),
        ),
        0.06,
        5,
    )
    juice = soft_box("juice", (0.70, 0.27, 0.66), d.main(), 0.05, 4)
    juice.location = (0, 0, 0.1)
    neck = lathe(
        "neck",
        [(0, 0.85, 0), (0.16, 0.85, 0.01), (0.16, 0.93, 0.01), (0, 0.93, 0)],
        d.of("metal #E3C48D rough=0.14"),
    )
    cap = soft_box("cap", (0.40, 0.30, 0.34), d.trim(), 0.04, 4)
    cap.location = (0, 0, 0.93)
    return [shell, juice, neck, cap]


def lipstick(d: Dress) -> list[Any]:
    """A lipstick, its bullet cut slant, the cap standing beside it."""
    base = lathe("base", [(0, 0, 0), (0.2, 0, 0.02), (0.2, 0.46, 0.02), (0, 0.46, 0)], d.trim())
    sleeve = lathe(
        "sleeve",
        [(0, 0.44, 0), (0.165, 0.44, 0.01), (0.165, 0.74, 0.015), (0.14, 0.75, 0.01), (0, 0.75, 0)],
        d.of("metal #E6C792 rough=0.12"),
    )
    bullet = lathe("bullet", [(0.135, 0.6, 0), (0.135, 1.0, 0.03), (0.11, 1.06, 0.06), (0, 1.08, 0)], d.main())
    for v in bullet.data.vertices:
        if v.co.z > 0.9:
            v.co.z += (v.co.x + 0.06) * 0.95 * min((v.co.z - 0.9) / 0.1, 1)
    cap = lathe(
        "cap",
        [(0, 0, 0), (0.205, 0, 0.02), (0.205, 0.72, 0.03), (0.19, 0.74, 0.01), (0, 0.745, 0)],
        d.of(_line(d), d.label(0.36, 0.3, 0.24, "bold")),
    )
    cap.location = (0.52, 0.1, 0)
    return [base, sleeve, bullet, cap]


def _line(d: Dress) -> str:
    """The accent written as a line again, for a printed twin of it."""
    a = d.accent
    return f"{a.kind} {a.colour}" + (f" rough={a.rough}" if a.rough is not None else "")


def ring(d: Dress) -> list[Any]:
    """A jewelled ring upright in a slotted cushion block."""
    angle = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    band = tube(
        "band",
        [(0.36 * math.cos(a), 0, 0.62 + 0.36 * math.sin(a)) for a in angle],
        0.05,
        d.main(),
        closed=True,
    )
    block = soft_box("block", (0.84, 0.6, 0.34), d.trim(), 0.06)
    verts = []
    for r, z in ((0.001, 0.0), (0.20, 0.20), (0.20, 0.225), (0.12, 0.30), (0.001, 0.30)):
        verts += [(r * math.cos(a), r * math.sin(a), z) for a in np.linspace(0, 2 * math.pi, 8, endpoint=False)]
    faces = [
        (i * 8 + j, i * 8 + (j + 1) % 8, (i + 1) * 8 + (j + 1) % 8, (i + 1) * 8 + j) for i in range(4) for j in range(8)
    ]
    gem = from_arrays("gem", np.array(verts), faces, d.of(f"glass {d.accent.third or '#F2F7FF'}"))
    gem.data.shade_flat()
    gem.location = (0, 0, 1.0)
    prongs = [
        tube(
            "prong",
            [(0.06 * x, 0.06 * y, 1.0), (0.21 * x, 0.21 * y, 1.16), (0.19 * x, 0.19 * y, 1.25)],
            0.018,
            d.main(),
        )
        for x, y in ((0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))
    ]
    seat = lathe("seat", [(0.05, 0.97, 0), (0.10, 0.99, 0.02), (0.12, 1.06, 0.01), (0.08, 1.07, 0)], d.main(), 32)
    return [band, block, gem, seat, *prongs]


PRODUCTS: dict[str, Product] = {
    "serum": Product(serum, "glass #C98A4B", "metal #D9BC8A rough=0.2", "Radiance serum", "skincare"),
    "jar": Product(jar, "ceramic #F3EEE6", "metal #D9BC8A rough=0.2", "Night cream", "skincare"),
    "tube": Product(cream_tube, "paint #F1EBE2", "paint #C9A27E", "Hand cream", "skincare"),
    "perfume": Product(perfume, "glass #E9B7A0", "metal #D9BC8A rough=0.18", "Eau de parfum", "fragrance"),
    "lipstick": Product(lipstick, "ceramic #B3202C rough=0.35", "lacquer #1C1A1B", "Rouge", "beauty"),
    "ring": Product(ring, "metal #E3C27E rough=0.1", "velvet #EFE6DA", "Ring", "jewellery"),
}
