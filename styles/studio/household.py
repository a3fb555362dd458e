"""Stand-in products for home, food, drink, sport and gifts. Each stands on z = 0."""

from __future__ import annotations

import math
from typing import Any

from .dress import Dress, Product
from .fabric import bow
from .mesh import ball, lathe, soft_box, tube


def mug(d: Dress) -> list[Any]:
    """A mug with a rounded handle and coffee in it."""
    corners = [
        (0, 0.03, 0),
        (0.3, 0.03, 0.01),
        (0.32, 0, 0.02),
        (0.42, 0, 0.09),
        (0.46, 0.92, 0.02),
        (0.45, 0.95, 0.02),
        (0.42, 0.92, 0.02),
        (0.39, 0.1, 0.1),
        (0, 0.08, 0),
    ]
    body = lathe("mug", corners, d.main(d.label(0.5, 0.5, 0.46, "bold")), 96)
    handle = tube(
        "handle",
        [(0.40, 0, 0.76), (0.62, 0, 0.80), (0.76, 0, 0.62), (0.74, 0, 0.34), (0.58, 0, 0.2), (0.38, 0, 0.22)],
        0.06,
        d.main(),
    )
    coffee = lathe("coffee", [(0.0, 0.82, 0), (0.43, 0.82, 0)], d.of("lacquer #4A2A18"))
    return [body, handle, coffee]


def candle(d: Dress) -> list[Any]:
    """A candle in a tumbler, lit."""
    corners = [
        (0, 0.02, 0),
        (0.2, 0, 0.02),
        (0.42, 0, 0.06),
        (0.43, 0.86, 0.02),
        (0.415, 0.88, 0.01),
        (0.39, 0.86, 0.02),
        (0.385, 0.62, 0.01),
    ]
    cup = lathe(
        "tumbler",
        corners,
        d.main(d.label(0.42, 0.5, 0.46, "framed", "#F6F1E7" if d.body.kind in {"glass", "acrylic"} else None)),
    )
    wax = lathe(
        "wax",
        [(0, 0.70, 0), (0.2, 0.70, 0.05), (0.386, 0.72, 0.01), (0.386, 0.06, 0), (0, 0.05, 0)][::-1],
        d.of("ceramic #F4EAD8 rough=0.5"),
    )
    wick = tube("wick", [(0, 0, 0.69), (0.004, 0, 0.75), (0.018, 0, 0.80)], 0.012, d.of("rubber #1B1714"))
    flame = lathe(
        "flame",
        [(0, 0.77, 0), (0.035, 0.84, 0.04), (0.022, 0.93, 0.05), (0, 1.02, 0)],
        d.of("glow #FFB65C power=7"),
        24,
    )
    return [cup, wax, wick, flame]


def can(d: Dress) -> list[Any]:
    """A drink can with a ring pull."""
    metal = d.of("metal #D8DADC rough=0.22")
    body = lathe(
        "can",
        [(0.25, 0.03, 0.02), (0.36, 0.12, 0.05), (0.36, 1.08, 0.05), (0.30, 1.18, 0.02)],
        d.main(d.label(0.58, 0.60, 0.62, "bold")),
    )
    foot = lathe("foot", [(0, 0.04, 0), (0.22, 0.04, 0.02), (0.25, 0.0, 0.02), (0.28, 0.06, 0)], metal)
    lid = lathe(
        "lid",
        [
            (0.298, 1.17, 0),
            (0.315, 1.2, 0.012),
            (0.30, 1.225, 0.012),
            (0.28, 1.2, 0.01),
            (0.27, 1.17, 0.01),
            (0, 1.17, 0),
        ],
        metal,
    )
    pull = lathe(
        "pull",
        [(0.05, 1.18, 0), (0.075, 1.185, 0.005), (0.09, 1.185, 0.005), (0.05, 1.195, 0)],
        metal,
        at=(0.06, -0.05, 0.005),
    )
    stripe = lathe(
        "stripe", [(0.359, 0.20, 0), (0.3635, 0.21, 0.002), (0.3635, 0.25, 0.002), (0.359, 0.26, 0)], d.trim()
    )
    return [body, foot, lid, pull, stripe]


def bottle(d: Dress) -> list[Any]:
    """A tall bottle with a stopper: wine, oil, syrup."""
    glass = d.main(
        d.label(0.42, 0.44, 0.50, "framed", d.accent.second or "#F3EBDC")
        if d.body.kind in {"glass", "acrylic"}
        else d.label(0.42, 0.44, 0.50, "framed")
    )
    body = lathe(
        "bottle",
        [
            (0, 0.03, 0),
            (0.15, 0, 0.03),
            (0.30, 0, 0.06),
            (0.30, 0.82, 0.22),
            (0.10, 1.06, 0.12),
            (0.09, 1.32, 0.01),
            (0.115, 1.33, 0.01),
            (0.115, 1.39, 0.01),
            (0, 1.39, 0),
        ],
        glass,
    )
    cork = lathe("stopper", [(0, 1.37, 0), (0.10, 1.37, 0.01), (0.12, 1.5, 0.03), (0, 1.51, 0)], d.trim())
    return [body, cork]


def flask(d: Dress) -> list[Any]:
    """A sport flask with a carrying loop."""
    body = lathe(
        "flask",
        [(0, 0, 0), (0.32, 0, 0.05), (0.33, 0.98, 0.12), (0.22, 1.08, 0.03), (0.22, 1.12, 0), (0, 1.12, 0)],
        d.main(d.label(0.5, 0.34, 0.6, "bold")),
    )
    cap = lathe("cap", [(0, 1.1, 0), (0.25, 1.1, 0.02), (0.25, 1.28, 0.04), (0, 1.29, 0)], d.trim())
    foot = lathe("foot", [(0.3, 0.0, 0), (0.337, 0.01, 0.01), (0.337, 0.12, 0.01), (0.32, 0.13, 0)], d.trim())
    loop = tube(
        "loop",
        [(-0.2, 0, 1.22), (-0.22, 0, 1.42), (0, 0, 1.50), (0.22, 0, 1.42), (0.2, 0, 1.22)],
        0.035,
        d.trim(),
    )
    return [body, cap, foot, loop]


def tin(d: Dress) -> list[Any]:
    """A tea tin with a stepped lid and a printed band."""
    body = lathe(
        "tin",
        [(0, 0, 0), (0.42, 0, 0.02), (0.42, 0.86, 0.01), (0, 0.86, 0)],
        d.main(d.label(0.44, 0.48, 0.66, "framed")),
    )
    lid = lathe(
        "lid",
        [
            (0, 0.84, 0),
            (0.432, 0.84, 0.008),
            (0.432, 1.04, 0.03),
            (0.36, 1.07, 0.02),
            (0.33, 1.12, 0.02),
            (0, 1.125, 0),
        ],
        d.trim(),
    )
    bands = [
        lathe(
            "band",
            [(0.41, z, 0), (0.428, z + 0.005, 0.005), (0.428, z + 0.03, 0.005), (0.41, z + 0.035, 0)],
            d.of("metal #D9BC7F rough=0.22"),
        )
        for z in (0.0, 0.80)
    ]
    knob = ball("knob", 0.05, d.of("metal #D9BC7F rough=0.2"))
    knob.location = (0, 0, 1.11)
    return [body, lid, knob, *bands]


def teapot(d: Dress) -> list[Any]:
    """A round teapot with spout, handle and lid."""
    ware = d.main()
    body = lathe(
        "pot",
        [
            (0, 0.02, 0),
            (0.28, 0, 0.02),
            (0.30, 0.05, 0.02),
            (0.56, 0.22, 0.25),
            (0.56, 0.58, 0.28),
            (0.24, 0.80, 0.06),
            (0, 0.80, 0),
        ],
        ware,
        96,
    )
    lid = lathe(
        "lid",
        [
            (0, 0.79, 0),
            (0.26, 0.79, 0.015),
            (0.24, 0.84, 0.03),
            (0.06, 0.91, 0.02),
            (0.05, 0.95, 0.02),
            (0.09, 1.0, 0.04),
            (0, 1.05, 0),
        ],
        ware,
    )
    spout = tube(
        "spout",
        [(0.42, 0, 0.28), (0.66, 0, 0.34), (0.74, 0, 0.58), (0.88, 0, 0.76)],
        0.10,
        ware,
        taper=[1.35, 1.05, 0.75, 0.55],
    )
    handle = tube(
        "handle",
        [(-0.42, 0, 0.66), (-0.72, 0, 0.78), (-0.92, 0, 0.55), (-0.80, 0, 0.28), (-0.46, 0, 0.2)],
        0.055,
        d.trim(),
    )
    return [body, lid, spout, handle]


def lamp(d: Dress) -> list[Any]:
    """A table lamp: mushroom shade, glowing bulb, slim stem."""
    base = lathe("base", [(0, 0, 0), (0.34, 0, 0.02), (0.34, 0.05, 0.03), (0.06, 0.085, 0.03), (0, 0.09, 0)], d.trim())
    stem = lathe("stem", [(0.04, 0.06, 0), (0.04, 0.95, 0)], d.trim(), 32)
    shade = lathe(
        "shade",
        [
            (0.62, 0.80, 0),
            (0.635, 0.79, 0.006),
            (0.62, 0.86, 0.1),
            (0.46, 1.14, 0.25),
            (0.2, 1.26, 0.15),
            (0, 1.28, 0),
        ],
        d.main(),
    )
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
        low = lathe(
            "shell",
            [
                (0, 0, 0),
                (0.40, 0.0, 0.1),
                (0.45, 0.10, 0.03),
                (0.46, 0.135, 0.02),
                (0.43, 0.145, 0.01),
                (0, 0.145, 0),
            ],
            shell,
        )
        mid = lathe(
            "cream",
            [(0, 0.14, 0), (0.41, 0.14, 0.01), (0.43, 0.18, 0.02), (0.41, 0.215, 0.01), (0, 0.215, 0)],
            cream,
        )
        top = lathe(
            "shell",
            [
                (0, 0.21, 0),
                (0.43, 0.21, 0.01),
                (0.46, 0.22, 0.02),
                (0.45, 0.26, 0.03),
                (0.36, 0.37, 0.16),
                (0, 0.38, 0),
            ],
            shell,
        )
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
            band = soft_box(
                "band", (wide + (grow if wide > 1 else 0), deep + (grow if deep > 1 else 0), h), silk, 0.006
            )
            band.location = (0, 0, z)
            bands.append(band)
    return [box, lid, *bands, *bow(silk, 0.81, 1.0)]


PRODUCTS: dict[str, Product] = {
    "mug": Product(mug, "ceramic #EFE8DD", "ceramic #EFE8DD", "Morning cup", "home"),
    "candle": Product(candle, "ceramic #E9DFD0", "ceramic #E9DFD0", "Scented candle", "home"),
    "can": Product(can, "paint #E8684A rough=0.3", "paint #FFFFFF", "Sparkling|peach", "drinks"),
    "bottle": Product(bottle, "glass #6B7F3A", "wood #B98D5E bump=0.5", "Cold pressed", "food"),
    "flask": Product(flask, "paint #2F6F8F", "rubber #1E2326", "Hydro", "sport"),
    "tin": Product(tin, "lacquer #B3261E", "metal #D9BC7F rough=0.25", "Tea", "food"),
    "teapot": Product(
        teapot, "porcelain #F5F7FA #1D3F8F scale=0.9", "porcelain #F5F7FA #1D3F8F scale=0.9", "Teapot", "home"
    ),
    "lamp": Product(lamp, "ceramic #E6D9C6", "metal #CFAE78 rough=0.2", "Lamp", "home"),
    "macarons": Product(macarons, "ceramic #F2B8C6 #F6E3C5", "ceramic #BFD8B8", "Macarons", "food"),
    "gift": Product(gift, "paper #F3E9DC", "silk #B3202C", "Gift", "gifts"),
}
