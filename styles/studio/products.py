"""Stand-in products turned or cast: beauty, tableware, home. Each stands on z = 0, about 1.2 metres of the set tall."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import carried
from .dress import Dress, Product, dressed, standing
from .mesh import ball, from_arrays, lathe, ribbon, soft_box, tube
from .recipe import Hero


def serum(d: Dress) -> list[Any]:
    """A dropper bottle: heavy glass, ribbed metal collar, rubber bulb, pipette inside."""
    glass = d.main(d.label(0.40, 0.56, 0.50))
    body = lathe("bottle", [(0, 0.02, 0), (0.1, 0.0, 0.04), (0.37, 0.0, 0.07), (0.37, 0.76, 0.16), (0.15, 0.86, 0.05), (0.15, 0.93, 0.01), (0, 0.93, 0)], glass)
    metal, bulb = d.trim(), d.of(f"rubber {d.accent.third or '#F2EEE6'}" if d.accent.kind != "rubber" else "rubber #222222")
    collar = lathe("collar", [(0, 0.88, 0), (0.185, 0.88, 0.015), (0.185, 1.05, 0.02), (0.12, 1.06, 0.01), (0, 1.06, 0)], metal)
    rings = [lathe("rib", [(0.18, z - 0.012, 0), (0.196, z, 0.012), (0.18, z + 0.012, 0)], metal) for z in (0.93, 0.965, 1.0)]
    top = lathe("bulb", [(0, 1.05, 0), (0.125, 1.05, 0.02), (0.105, 1.16, 0.05), (0.105, 1.34, 0.1), (0, 1.37, 0)], bulb)
    return [body, collar, top, *rings]


def jar(d: Dress) -> list[Any]:
    """A cream jar: thick-walled pot, metal ring, domed lid with a shallow dish."""
    pot = lathe("pot", [(0, 0.02, 0), (0.2, 0, 0.03), (0.52, 0, 0.09), (0.54, 0.46, 0.05), (0.49, 0.50, 0.02), (0, 0.50, 0)], d.main(d.label(0.25, 0.66, 0.36, "bold")))
    ring = lathe("ring", [(0.47, 0.485, 0), (0.505, 0.49, 0.008), (0.505, 0.53, 0.008), (0.47, 0.535, 0)], d.of("metal #D9BC8A rough=0.2"))
    lid = lathe("lid", [(0, 0.52, 0), (0.53, 0.52, 0.02), (0.53, 0.74, 0.06), (0.47, 0.775, 0.03), (0.40, 0.755, 0.03), (0, 0.765, 0)], d.trim())
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
    from .mesh import loft

    body = loft("tube", np.array(sections), d.main(d.label(0.80, 0.44, 0.66)))
    crimp = soft_box("crimp", (0.80, 0.032, 0.10), d.main(), 0.012)
    crimp.location = (0, 0, 1.27)
    cap = lathe("cap", [(0, 0, 0), (0.315, 0, 0.03), (0.325, 0.22, 0.02), (0.30, 0.25, 0.02), (0, 0.25, 0)], d.trim())
    return [body, crimp, cap]


def perfume(d: Dress) -> list[Any]:
    """A flacon: thick clear walls, a block of coloured juice, a collar and a heavy cap."""
    shell = soft_box("shell", (0.84, 0.40, 0.86), d.of("glass #FFFFFF" if d.body.kind in {"glass", "acrylic"} else "glass #F4F0EA", d.label(0.42, 0.5, 0.42, "framed")), 0.06, 5)
    juice = soft_box("juice", (0.70, 0.27, 0.66), d.main(), 0.05, 4)
    juice.location = (0, 0, 0.1)
    neck = lathe("neck", [(0, 0.85, 0), (0.16, 0.85, 0.01), (0.16, 0.93, 0.01), (0, 0.93, 0)], d.of("metal #E3C48D rough=0.14"))
    cap = soft_box("cap", (0.40, 0.30, 0.34), d.trim(), 0.04, 4)
    cap.location = (0, 0, 0.93)
    return [shell, juice, neck, cap]


def lipstick(d: Dress) -> list[Any]:
    """A lipstick, its bullet cut slant, the cap standing beside it."""
    base = lathe("base", [(0, 0, 0), (0.2, 0, 0.02), (0.2, 0.46, 0.02), (0, 0.46, 0)], d.trim())
    sleeve = lathe("sleeve", [(0, 0.44, 0), (0.165, 0.44, 0.01), (0.165, 0.74, 0.015), (0.14, 0.75, 0.01), (0, 0.75, 0)], d.of("metal #E6C792 rough=0.12"))
    bullet = lathe("bullet", [(0.135, 0.6, 0), (0.135, 1.0, 0.03), (0.11, 1.06, 0.06), (0, 1.08, 0)], d.main())
    for v in bullet.data.vertices:
        if v.co.z > 0.9:
            v.co.z += (v.co.x + 0.06) * 0.95 * min((v.co.z - 0.9) / 0.1, 1)
    cap = lathe("cap", [(0, 0, 0), (0.205, 0, 0.02), (0.205, 0.72, 0.03), (0.19, 0.74, 0.01), (0, 0.745, 0)], d.of(_line(d), d.label(0.36, 0.3, 0.24, "bold")))
    cap.location = (0.52, 0.1, 0)
    return [base, sleeve, bullet, cap]


def _line(d: Dress) -> str:
    """The accent written as a line again, for a printed twin of it."""
    a = d.accent
    return f"{a.kind} {a.colour}" + (f" rough={a.rough}" if a.rough is not None else "")


def mug(d: Dress) -> list[Any]:
    """A mug with a rounded handle and coffee in it."""
    corners = [(0, 0.03, 0), (0.3, 0.03, 0.01), (0.32, 0, 0.02), (0.42, 0, 0.09), (0.46, 0.92, 0.02), (0.45, 0.95, 0.02), (0.42, 0.92, 0.02), (0.39, 0.1, 0.1), (0, 0.08, 0)]
    body = lathe("mug", corners, d.main(d.label(0.5, 0.5, 0.46, "bold")), 96)
    handle = tube("handle", [(0.40, 0, 0.76), (0.62, 0, 0.80), (0.76, 0, 0.62), (0.74, 0, 0.34), (0.58, 0, 0.2), (0.38, 0, 0.22)], 0.06, d.main())
    coffee = lathe("coffee", [(0.0, 0.82, 0), (0.43, 0.82, 0)], d.of("lacquer #4A2A18"))
    return [body, handle, coffee]


def candle(d: Dress) -> list[Any]:
    """A candle in a tumbler, lit."""
    corners = [(0, 0.02, 0), (0.2, 0, 0.02), (0.42, 0, 0.06), (0.43, 0.86, 0.02), (0.415, 0.88, 0.01), (0.39, 0.86, 0.02), (0.385, 0.62, 0.01)]
    cup = lathe("tumbler", corners, d.main(d.label(0.42, 0.5, 0.46, "framed", "#F6F1E7" if d.body.kind in {"glass", "acrylic"} else None)))
    wax = lathe("wax", [(0, 0.70, 0), (0.2, 0.70, 0.05), (0.386, 0.72, 0.01), (0.386, 0.06, 0), (0, 0.05, 0)][::-1], d.of("ceramic #F4EAD8 rough=0.5"))
    wick = tube("wick", [(0, 0, 0.69), (0.004, 0, 0.75), (0.018, 0, 0.80)], 0.012, d.of("rubber #1B1714"))
    flame = lathe("flame", [(0, 0.77, 0), (0.035, 0.84, 0.04), (0.022, 0.93, 0.05), (0, 1.02, 0)], d.of("glow #FFB65C power=7"), 24)
    return [cup, wax, wick, flame]


def can(d: Dress) -> list[Any]:
    """A drink can with a ring pull."""
    metal = d.of("metal #D8DADC rough=0.22")
    body = lathe("can", [(0.25, 0.03, 0.02), (0.36, 0.12, 0.05), (0.36, 1.08, 0.05), (0.30, 1.18, 0.02)], d.main(d.label(0.58, 0.60, 0.62, "bold")))
    foot = lathe("foot", [(0, 0.04, 0), (0.22, 0.04, 0.02), (0.25, 0.0, 0.02), (0.28, 0.06, 0)], metal)
    lid = lathe("lid", [(0.298, 1.17, 0), (0.315, 1.2, 0.012), (0.30, 1.225, 0.012), (0.28, 1.2, 0.01), (0.27, 1.17, 0.01), (0, 1.17, 0)], metal)
    pull = lathe("pull", [(0.05, 1.18, 0), (0.075, 1.185, 0.005), (0.09, 1.185, 0.005), (0.05, 1.195, 0)], metal, at=(0.06, -0.05, 0.005))
    stripe = lathe("stripe", [(0.359, 0.20, 0), (0.3635, 0.21, 0.002), (0.3635, 0.25, 0.002), (0.359, 0.26, 0)], d.trim())
    return [body, foot, lid, pull, stripe]


def bottle(d: Dress) -> list[Any]:
    """A tall bottle with a stopper: wine, oil, syrup."""
    glass = d.main(d.label(0.42, 0.44, 0.50, "framed", d.accent.second or "#F3EBDC") if d.body.kind in {"glass", "acrylic"} else d.label(0.42, 0.44, 0.50, "framed"))
    body = lathe("bottle", [(0, 0.03, 0), (0.15, 0, 0.03), (0.30, 0, 0.06), (0.30, 0.82, 0.22), (0.10, 1.06, 0.12), (0.09, 1.32, 0.01), (0.115, 1.33, 0.01), (0.115, 1.39, 0.01), (0, 1.39, 0)], glass)
    cork = lathe("stopper", [(0, 1.37, 0), (0.10, 1.37, 0.01), (0.12, 1.5, 0.03), (0, 1.51, 0)], d.trim())
    return [body, cork]


def flask(d: Dress) -> list[Any]:
    """A sport flask with a carrying loop."""
    body = lathe("flask", [(0, 0, 0), (0.32, 0, 0.05), (0.33, 0.98, 0.12), (0.22, 1.08, 0.03), (0.22, 1.12, 0), (0, 1.12, 0)], d.main(d.label(0.5, 0.34, 0.6, "bold")))
    cap = lathe("cap", [(0, 1.1, 0), (0.25, 1.1, 0.02), (0.25, 1.28, 0.04), (0, 1.29, 0)], d.trim())
    foot = lathe("foot", [(0.3, 0.0, 0), (0.337, 0.01, 0.01), (0.337, 0.12, 0.01), (0.32, 0.13, 0)], d.trim())
    loop = tube("loop", [(-0.2, 0, 1.22), (-0.22, 0, 1.42), (0, 0, 1.50), (0.22, 0, 1.42), (0.2, 0, 1.22)], 0.035, d.trim())
    return [body, cap, foot, loop]


def tin(d: Dress) -> list[Any]:
    """A tea tin with a stepped lid and a printed band."""
    body = lathe("tin", [(0, 0, 0), (0.42, 0, 0.02), (0.42, 0.86, 0.01), (0, 0.86, 0)], d.main(d.label(0.44, 0.48, 0.66, "framed")))
    lid = lathe("lid", [(0, 0.84, 0), (0.432, 0.84, 0.008), (0.432, 1.04, 0.03), (0.36, 1.07, 0.02), (0.33, 1.12, 0.02), (0, 1.125, 0)], d.trim())
    bands = [lathe("band", [(0.41, z, 0), (0.428, z + 0.005, 0.005), (0.428, z + 0.03, 0.005), (0.41, z + 0.035, 0)], d.of("metal #D9BC7F rough=0.22")) for z in (0.0, 0.80)]
    knob = ball("knob", 0.05, d.of("metal #D9BC7F rough=0.2"))
    knob.location = (0, 0, 1.11)
    return [body, lid, knob, *bands]


def teapot(d: Dress) -> list[Any]:
    """A round teapot with spout, handle and lid."""
    ware = d.main()
    body = lathe("pot", [(0, 0.02, 0), (0.28, 0, 0.02), (0.30, 0.05, 0.02), (0.56, 0.22, 0.25), (0.56, 0.58, 0.28), (0.24, 0.80, 0.06), (0, 0.80, 0)], ware, 96)
    lid = lathe("lid", [(0, 0.79, 0), (0.26, 0.79, 0.015), (0.24, 0.84, 0.03), (0.06, 0.91, 0.02), (0.05, 0.95, 0.02), (0.09, 1.0, 0.04), (0, 1.05, 0)], ware)
    spout = tube("spout", [(0.42, 0, 0.28), (0.66, 0, 0.34), (0.74, 0, 0.58), (0.88, 0, 0.76)], 0.10, ware, taper=[1.35, 1.05, 0.75, 0.55])
    handle = tube("handle", [(-0.42, 0, 0.66), (-0.72, 0, 0.78), (-0.92, 0, 0.55), (-0.80, 0, 0.28), (-0.46, 0, 0.2)], 0.055, d.trim())
    return [body, lid, spout, handle]


def lamp(d: Dress) -> list[Any]:
    """A table lamp: mushroom shade, glowing bulb, slim stem."""
    base = lathe("base", [(0, 0, 0), (0.34, 0, 0.02), (0.34, 0.05, 0.03), (0.06, 0.085, 0.03), (0, 0.09, 0)], d.trim())
    stem = lathe("stem", [(0.04, 0.06, 0), (0.04, 0.95, 0)], d.trim(), 32)
    shade = lathe("shade", [(0.62, 0.80, 0), (0.635, 0.79, 0.006), (0.62, 0.86, 0.1), (0.46, 1.14, 0.25), (0.2, 1.26, 0.15), (0, 1.28, 0)], d.main())
    inner = lathe("inner", [(0.61, 0.80, 0), (0.44, 1.11, 0.25), (0, 1.23, 0)], d.of("paint #FFF6E8"))
    bulb = ball("bulb", 0.12, d.of("glow #FFC98A power=10"))
    bulb.location = (0, 0, 0.80)
    return [base, stem, shade, inner, bulb]


def macarons(d: Dress) -> list[Any]:
    """A stack of macarons, the top one leaning."""
    parts = []
    tones = [d.body.colour, d.accent.colour, d.body.second or "#F6E3C5"]
    for i, tone in enumerate(tones):
        shell, cream = d.of(f"ceramic {tone} rough=0.7"), d.of("ceramic #FBF3E4 rough=0.6")
        low = lathe("shell", [(0, 0, 0), (0.40, 0.0, 0.1), (0.45, 0.10, 0.03), (0.46, 0.135, 0.02), (0.43, 0.145, 0.01), (0, 0.145, 0)], shell)
        mid = lathe("cream", [(0, 0.14, 0), (0.41, 0.14, 0.01), (0.43, 0.18, 0.02), (0.41, 0.215, 0.01), (0, 0.215, 0)], cream)
        top = lathe("shell", [(0, 0.21, 0), (0.43, 0.21, 0.01), (0.46, 0.22, 0.02), (0.45, 0.26, 0.03), (0.36, 0.37, 0.16), (0, 0.38, 0)], shell)
        for part in (low, mid, top):
            part.location = (0.05 * math.sin(i * 2.2), 0.03 * math.cos(i * 3.0), i * 0.375)
            parts.append(part)
    return parts


def gift(d: Dress) -> list[Any]:
    """A gift box: lid, crossed ribbon, full bow."""
    box = soft_box("box", (0.98, 0.98, 0.66), d.main(), 0.015)
    lid = soft_box("lid", (1.04, 1.04, 0.2), d.main(), 0.018)
    lid.location = (0, 0, 0.6)
    silk = d.trim()
    bands = []
    for wide, deep in ((0.16, 1.056), (1.056, 0.16)):
        for z, h, grow in ((0.003, 0.62, -0.055), (0.597, 0.212, 0.0)):
            band = soft_box("band", (wide + (grow if wide > 1 else 0), deep + (grow if deep > 1 else 0), h), silk, 0.006)
            band.location = (0, 0, z)
            bands.append(band)
    return [box, lid, *bands, *bow(silk, 0.81, 1.0)]


def bow(silk: Any, z: float, size: float) -> list[Any]:
    """Two loops, two tails and a knot of ribbon at a height."""
    parts = []
    for side in (-1, 1):
        t = np.linspace(0, 1, 28)[:, None]
        x = side * (0.40 * np.sin(math.pi * t) + 0.02)
        loop = np.hstack([x, 0.05 * np.sin(2 * math.pi * t), 0.03 + 0.24 * np.sin(2 * math.pi * (t - 0.02) / 2.0) * t**0.6]) * size
        loop[:, 2] = (0.02 + 0.25 * np.sin(math.pi * t[:, 0]) * (1 - 0.75 * t[:, 0])) * size
        loop[:, 0] = side * size * 0.42 * (np.sin(math.pi * t[:, 0] ** 0.8))
        across = np.tile([0.0, 1.0, 0.0], (28, 1))
        parts.append(ribbon("loop", loop + [0, 0, z], [0.085 * size] * 28, across, silk, 0.012))
        tail = np.column_stack([side * (0.05 + 0.34 * t[:, 0]), -0.10 - 0.22 * t[:, 0], 0.05 - 0.045 * t[:, 0] + 0.03 * np.sin(6 * t[:, 0]) * (1 - t[:, 0])]) * size
        parts.append(ribbon("tail", tail + [0, 0, z], [0.075 * size] * 28, np.tile([0.45 * side, 0.9, 0.0], (28, 1)), silk, 0.01))
    knot = soft_box("knot", (0.17 * size, 0.19 * size, 0.15 * size), silk, 0.06 * size)
    knot.location = (0, 0, z)
    return [*parts, knot]


def ring(d: Dress) -> list[Any]:
    """A jewelled ring upright in a slotted cushion block."""
    angle = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    band = tube("band", [(0.36 * math.cos(a), 0, 0.62 + 0.36 * math.sin(a)) for a in angle], 0.05, d.main(), closed=True)
    block = soft_box("block", (0.84, 0.6, 0.34), d.trim(), 0.06)
    verts = []
    for r, z in ((0.001, 0.0), (0.20, 0.20), (0.20, 0.225), (0.12, 0.30), (0.001, 0.30)):
        verts += [(r * math.cos(a), r * math.sin(a), z) for a in np.linspace(0, 2 * math.pi, 8, endpoint=False)]
    faces = [(i * 8 + j, i * 8 + (j + 1) % 8, (i + 1) * 8 + (j + 1) % 8, (i + 1) * 8 + j) for i in range(4) for j in range(8)]
    gem = from_arrays("gem", np.array(verts), faces, d.of(f"glass {d.accent.third or '#F2F7FF'}"))
    gem.data.shade_flat()
    gem.location = (0, 0, 1.0)
    prongs = [tube("prong", [(0.06 * x, 0.06 * y, 1.0), (0.21 * x, 0.21 * y, 1.16), (0.19 * x, 0.19 * y, 1.25)], 0.018, d.main()) for x, y in ((0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))]
    seat = lathe("seat", [(0.05, 0.97, 0), (0.10, 0.99, 0.02), (0.12, 1.06, 0.01), (0.08, 1.07, 0)], d.main(), 32)
    return [band, block, gem, seat, *prongs]


PRODUCTS: dict[str, Product] = {
    "serum": Product(serum, "glass #C98A4B", "metal #D9BC8A rough=0.2", "Radiance serum", "skincare"),
    "jar": Product(jar, "ceramic #F3EEE6", "metal #D9BC8A rough=0.2", "Night cream", "skincare"),
    "tube": Product(cream_tube, "paint #F1EBE2", "paint #C9A27E", "Hand cream", "skincare"),
    "perfume": Product(perfume, "glass #E9B7A0", "metal #D9BC8A rough=0.18", "Eau de parfum", "fragrance"),
    "lipstick": Product(lipstick, "ceramic #B3202C rough=0.35", "lacquer #1C1A1B", "Rouge", "beauty"),
    "mug": Product(mug, "ceramic #EFE8DD", "ceramic #EFE8DD", "Morning cup", "home"),
    "candle": Product(candle, "ceramic #E9DFD0", "ceramic #E9DFD0", "Scented candle", "home"),
    "can": Product(can, "paint #E8684A rough=0.3", "paint #FFFFFF", "Sparkling|peach", "drinks"),
    "bottle": Product(bottle, "glass #6B7F3A", "wood #B98D5E bump=0.5", "Cold pressed", "food"),
    "flask": Product(flask, "paint #2F6F8F", "rubber #1E2326", "Hydro", "sport"),
    "tin": Product(tin, "lacquer #B3261E", "metal #D9BC7F rough=0.25", "Tea", "food"),
    "teapot": Product(teapot, "porcelain #F5F7FA #1D3F8F scale=0.9", "porcelain #F5F7FA #1D3F8F scale=0.9", "Teapot", "home"),
    "lamp": Product(lamp, "ceramic #E6D9C6", "metal #CFAE78 rough=0.2", "Lamp", "home"),
    "macarons": Product(macarons, "ceramic #F2B8C6 #F6E3C5", "ceramic #BFD8B8", "Macarons", "food"),
    "gift": Product(gift, "paper #F3E9DC", "silk #B3202C", "Gift", "gifts"),
    "ring": Product(ring, "metal #E3C27E rough=0.1", "velvet #EFE6DA", "Ring", "jewellery"),
    **carried.PRODUCTS,
}


def build(hero: Hero, seed: int) -> Any:
    """The root of a hero's product, standing at the origin and turned; KeyError for an unknown product."""
    product = PRODUCTS[hero.product]
    parts = product.build(dressed(hero, product, seed))
    root = standing(hero.product, parts, hero.scale)
    root.rotation_euler = (0, 0, math.radians(hero.turn))
    return root
