"""The shade that a product casts in its new place: where it begins, to which side it falls, how hard, which colour.

Left and right are told only against each other: a shade on the side from which the light comes is wrong, on either.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.pair.laid import Laid, Surroundings
from evaluator.types import Flags, Plane

Values = npt.NDArray[np.floating[Any]]
Lines = npt.NDArray[np.integer[Any]]

BELOW = (0.0, 0.02, 0.045, 0.075, 0.11, 0.15, 0.2, 0.26, 0.33)
"""Bounds of the bands under the product in which it is read how dark the ground is, in its heights."""
DARK = 0.03
"""Share by which the ground must be darker than its level before that counts as shade."""
LEAST = 1.0
"""Shade in all, in pixels of full darkness, under which it has neither place nor colour."""
AWAY = -14.0
"""Distance from the outline from which on the place's own light is read."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A product's box and foot in the tile, where each column ends, which of them end low, and what lies about it."""

    left: int
    right: int
    foot: int
    tall: int
    low: Lines
    base: Lines
    zone: Flags

    @property
    def wide(self) -> int:
        return max(8, self.right - self.left)

    @property
    def middle(self) -> float:
        return float(self.base.mean())


def shade(laid: Laid, about: Surroundings) -> dict[str, float]:
    """Return every number of a product's shade, by name; L*, a* and b* are divided by 10, lengths are its own."""
    dark = about.dark
    levels = [about.level(np.asarray(laid.after[..., axis] / 10, np.float32)) for axis in (1, 2)]
    place = _place(laid)
    fallen = np.where(place.zone, np.clip(dark - DARK, 0, None), 0)
    return {
        **_under(dark, place),
        **_fallen(laid, dark, fallen, place, about.light),
        **_hard(laid, dark, place),
        **_tint(laid, fallen, levels, place),
    }


def _place(laid: Laid) -> _Place:
    body = laid.depth > 0
    rows, columns = np.nonzero(body)
    foot, left, right = int(rows.max()), int(columns.min()), int(columns.max())
    tall, wide, side = max(8, foot - int(rows.min())), max(8, right - left), len(body)
    low = np.where(body.any(0), side - 1 - np.argmax(body[::-1], 0), -1)
    down, across = np.mgrid[:side, :side]
    zone = (laid.depth < -1.5) & (down > foot - 0.25 * tall) & (down < foot + 0.35 * tall)
    zone &= (across > left - 0.45 * wide) & (across < right + 0.45 * wide)
    return _Place(left, right, foot, tall, low, np.flatnonzero(low > foot - 0.12 * tall), zone)


def _under(dark: Plane, place: _Place) -> dict[str, float]:
    """How dark it is below the product's lowest points, band by band: a gap, then a shade, is a product that floats."""
    smooth, side = cv2.blur(dark, (3, 3)), len(dark)
    lowest = place.low[place.base]
    bands = []
    for top, bottom in pairwise(BELOW):
        first, last = max(1, round(top * place.tall)), max(2, round(bottom * place.tall))
        rows = lowest[None] + np.arange(first, last + 1, 2)[:, None]
        inside = rows < side
        values = smooth[rows[inside], np.broadcast_to(place.base, rows.shape)[inside]]
        bands.append(float(values.mean()) if values.size else 0.0)
    most = int(np.argmax(bands))
    near = smooth[np.minimum(lowest + 2, side - 1), place.base]
    return {
        **{f"under_{number}": value for number, value in enumerate(bands)},
        "under_at": BELOW[most],
        "under_gain": bands[most] - bands[0],
        "under_fall": bands[0] - bands[2],
        "touched": float((near > 2 * DARK).mean()),
        "touched_least": float(np.quantile(near, 0.2)),
        "touched_swing": float(near.std()),
    }


def _fallen(laid: Laid, dark: Plane, fallen: Values, place: _Place, light: Values) -> dict[str, float]:
    """How much shade there is and where it lies, against the sides from which product and place are lit."""
    side = len(dark)
    down, across = np.mgrid[:side, :side]
    whole = float(fallen.sum())
    aside = below = 0.0
    if whole >= LEAST:
        aside = float((fallen * (across - place.middle)).sum() / whole / place.wide)
        below = float((fallen * (down - place.foot)).sum() / whole / place.tall)
    own, now = laid.before[..., 0] / 10, laid.after[..., 0] / 10
    away = laid.depth < AWAY
    lit = {  # from the right where positive
        "product": _slope(now, laid.core, place.wide),
        "given": _slope(now - own, laid.core, place.wide),
        "origin": _slope(own, laid.core, place.wide),
        "floor": _slope(light, away & (down > place.foot - 0.1 * place.tall), place.wide),
        "wall": _slope(light, away & (down < place.foot - 0.25 * place.tall), place.wide),
    }
    found = {"shade": whole / max(int(place.zone.sum()), 1), "shade_aside": abs(aside), "shade_below": below}
    for name, value in lit.items():
        found |= {f"toward_{name}": float(np.sign(aside)) * value, f"against_{name}": aside * value}
    for name, (top, bottom) in {"beside": (-0.25, 0.0), "low": (0.0, 0.15)}.items():
        band = place.zone & (down > place.foot + top * place.tall) & (down <= place.foot + bottom * place.tall)
        ends = [band & (across > place.middle + 0.35 * place.wide), band & (across < place.middle - 0.35 * place.wide)]
        right, left = (float(dark[end].mean()) if end.sum() > 6 else 0.0 for end in ends)
        found[f"lean_{name}"] = abs(right - left)
        found |= {f"lean_{name}_{by}": (right - left) * lit[by] for by in ("product", "given", "wall", "floor")}
    return found


def _slope(plane: Values, where: Flags, wide: int) -> float:
    """Return by how much a plane rises to the right over the product's width; 0 where little is seen."""
    columns = np.nonzero(where)[1]
    if len(columns) <= 50:
        return 0.0
    steps, values = (columns - columns.mean()) / wide, plane[where]
    return float((steps * (values - values.mean())).sum() / max(float((steps**2).sum()), 1e-6))


def _hard(laid: Laid, dark: Plane, place: _Place) -> dict[str, float]:
    """How hard the shade's edges are, how dark it gets, and whether the place has edges as hard."""
    smooth = cv2.GaussianBlur(dark, (0, 0), 1.0)
    edges = cv2.magnitude(*(cv2.Sobel(smooth, cv2.CV_32F, *way) / 8 for way in ((1, 0), (0, 1))))
    near, far = place.zone & (laid.depth < -4), (laid.depth < AWAY) & ~place.zone
    if near.sum() <= 30:
        return {"hard": 0.0, "hard_most": 0.0, "darkest": 0.0, "hard_per": 0.0, "hard_beside": 0.0}
    hard, most = (float(np.quantile(edges[near], at)) for at in (0.97, 0.995))
    darkest = float(np.quantile(smooth[near], 0.99))
    return {
        "hard": hard,
        "hard_most": most,
        "darkest": darkest,
        "hard_per": most / max(darkest, 0.05),
        "hard_beside": hard - (float(np.quantile(edges[far], 0.97)) if far.sum() > 60 else 0.0),
    }


def _tint(laid: Laid, fallen: Values, levels: list[Plane], place: _Place) -> dict[str, float]:
    """Which colour the shade has beside its ground's."""
    tints = [np.asarray(laid.after[..., axis] / 10 - levels[axis - 1], np.float32) for axis in (1, 2)]
    strength = cv2.magnitude(*tints)
    near, whole = place.zone & (laid.depth < -4), float(fallen.sum())
    green = yellow = mean = aside = 0.0
    if whole >= LEAST:
        green, yellow = (float((fallen * tint).sum() / whole) for tint in tints)
        mean = float((fallen * strength).sum() / whole)
        # A deeper shade of the ground has less of its colour.
        grounds = [float((fallen * level).sum() / whole) for level in levels]
        aside = float(np.hypot(green + 0.3 * grounds[0], yellow + 0.3 * grounds[1]))
    return {
        "shade_tint": float(np.hypot(green, yellow)),
        "shade_tint_mean": mean,
        "shade_green": green,
        "shade_yellow": yellow,
        "shade_tint_aside": aside,
        "shade_tint_most": float(np.quantile(strength[near], 0.97)) if near.sum() > 30 else 0.0,
    }
