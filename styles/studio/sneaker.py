"""A stand-in low sneaker, lofted over a last: sole, upper, panels, collar, laces. Toe to the right, on z = 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import textures
from .dress import Dress
from .materials import Print
from .mesh import Points, from_arrays, loft, soft_box, tube


@dataclass(frozen=True)
class Last:
    """The form of the shoe at stations along x: half width, ground, top of the sole, top of the upper; metres."""

    x: Points
    width: Points
    floor: Points
    seam: Points
    lift: Points

    def top(self, x: float) -> float:
        """Height of the upper's ridge at a place along x."""
        return float(np.interp(x, self.x, self.lift))


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


def last() -> Last:
    """The form of the sneaker: heel at −0.86, toe at 0.88."""
    u = 0.5 - 0.5 * np.cos(np.linspace(0, math.pi, 64))
    x = -0.86 + 1.74 * u
    end = np.minimum(np.sqrt(np.clip(u / 0.09, 0, 1)), np.sqrt(np.clip((1 - u) / 0.16, 0, 1)))
    outline = _curve(x, [(-0.86, 0.22), (-0.5, 0.27), (-0.1, 0.25), (0.4, 0.33), (0.66, 0.31), (0.88, 0.2)])
    floor = _curve(x, [(-0.86, 0.05), (-0.6, 0.0), (0.45, 0.0), (0.7, 0.03), (0.88, 0.10)])
    seam = floor + _curve(x, [(-0.86, 0.25), (-0.3, 0.21), (0.3, 0.16), (0.88, 0.14)])
    back = [(-0.86, 0.74), (-0.70, 0.76), (-0.45, 0.60), (-0.24, 0.68), (-0.10, 0.72)]
    front = [(0.12, 0.62), (0.42, 0.43), (0.66, 0.37), (0.80, 0.31), (0.88, 0.24)]
    return Last(x, outline * np.clip(end, 0.06, 1), floor, seam, np.maximum(_curve(x, back + front), seam + 0.02))


def _slab(form: Last, low: Points, high: Points, grow: float) -> Points:
    """Rounded flat sections between two heights, a little wider than the last; k×48×3."""
    a = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    sy, sz = (np.sign(f(a)) * np.abs(f(a)) ** 0.45 for f in (np.cos, np.sin))
    mid, half = (low + high) / 2, (high - low) / 2
    rows = zip(form.x, form.width, mid, half, strict=True)
    return np.stack(
        [np.stack([np.full(48, x * (1 + grow * 0.1)), (w + grow) * sy, m + h * sz], 1) for x, w, m, h in rows]
    )


def _sole(d: Dress, form: Last) -> list[Any]:
    """Outsole, cushion and a coloured line round it."""
    rubber, white, floor = d.of(f"rubber {d.accent.colour}"), d.of("rubber #F6F4EF"), form.floor
    return [
        loft("outsole", _slab(form, floor, floor + 0.06, 0.022), rubber),
        loft("midsole", _slab(form, floor + 0.045, form.seam, 0.03), white),
        loft("foxing", _slab(form, floor + 0.115, floor + 0.14, 0.036), rubber),
    ]


def _panel(form: Last, where: Any, share: float, power: float) -> Points:
    """Sections of a panel over part of the upper, up to a share of its height."""
    x, seam, rise = form.x[where], form.seam[where], form.lift[where] - form.seam[where]
    return _hull(x, form.width[where] * 0.985 + 0.006, seam - 0.06, seam + rise * share, power)


def _upper(d: Dress, form: Last, panel: Any) -> list[Any]:
    """The printed upper with its toe and heel panels and the tongue."""
    mark = Print(textures.label("V", "", d.ink, None, "bold", 1.0), -0.16, 0.40, 0.6, 0.6)
    upper = loft("upper", _hull(form.x, form.width * 0.97, form.seam - 0.06, form.lift, 0.62), d.main(mark))
    cap = loft("toe", _panel(form, form.x > 0.52, 0.80, 0.55), panel)
    counter = loft("heel", _panel(form, form.x < -0.58, 0.86, 0.5), panel)
    tongue = soft_box("tongue", (0.30, 0.25, 0.07), d.main(), 0.03)
    tongue.rotation_euler, tongue.location = (0, math.radians(-62), 0), (-0.115, 0, 0.62)
    return [upper, cap, counter, tongue]


def _collar(d: Dress, form: Last, panel: Any) -> list[Any]:
    """The padded rim of the opening and the dark lining within."""
    angle = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    loop = [(-0.47 + 0.31 * math.cos(t), 0.155 * math.sin(t)) for t in angle]
    rim = [(x, y, form.top(x) + 0.015 - 0.03 * abs(y) / 0.155) for x, y in loop]
    inside = [(x * 0.97 - 0.014, y * 0.93, z + 0.012) for x, y, z in rim]
    faces = [(i, (i + 1) % 40, 40) for i in range(40)]
    middle = (-0.47, 0.0, form.top(-0.47) + 0.012)
    lining = from_arrays("lining", np.array([*inside, middle]), faces, d.of("knit #1E1D1F"))
    return [tube("collar", rim, 0.048, panel, closed=True), lining]


def _laces(d: Dress, form: Last) -> list[Any]:
    """Six bars over the ridge and a small bow."""
    white = d.of("rubber #F6F4EF")
    parts = []
    for k, x in enumerate(np.linspace(-0.02, 0.40, 6)):
        crown, half = form.top(float(x)), 0.145 - 0.006 * k
        bend = [(x + s * 0.012, half * s, crown + 0.012 - 0.055 * abs(s) ** 2.2) for s in np.linspace(-1, 1, 9)]
        parts.append(tube("lace", bend, 0.019, white))
    for s in (-1, 1):
        ear = [(0.0, 0, 0.69), (0.03, 0.10 * s, 0.76), (0.06, 0.2 * s, 0.70), (0.05, 0.14 * s, 0.655)]
        parts.append(tube("bow", [*ear, (0.0, 0.02 * s, 0.68)], 0.016, white))
    return parts


def shoe(d: Dress) -> list[Any]:
    """A low sneaker from the side: two-tone sole, knit upper, toe and heel panels, laces, padded collar."""
    form, panel = last(), d.trim()
    return [*_sole(d, form), *_upper(d, form, panel), *_collar(d, form, panel), *_laces(d, form)]
