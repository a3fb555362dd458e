"""The radar of the five groups as a small inline SVG that takes its colours from the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

CENTRE = 212.0
MIDDLE = 158.0
RADIUS = 104.0
LABEL_GAP = 22.0
TOP = 5.0
"""The score on the outer ring; the centre is 0, so that a score of 1 is still seen."""

Axis = tuple[str, float | None]


def radar(axes: Sequence[Axis], missing: str) -> str:
    """Draw the scores (name, 1–5 or None) as a polygon; `missing` stands for a score that is None."""
    rings = "".join(f'<polygon class="v-ring" points="{_ring(len(axes), value)}"/>' for value in (1, 2, 3, 4, 5))
    spokes = "".join(_spoke(*_at(index, len(axes), TOP)) for index in range(len(axes)))
    points = [_at(i, len(axes), score) for i, (_, score) in enumerate(axes) if score is not None]
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="v-dot" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>' for x, y in points)
    labels = "".join(_label(i, len(axes), name, score, missing) for i, (name, score) in enumerate(axes))
    spoken = escape(", ".join(f"{name} {missing if s is None else f'{s:.1f}'}" for name, s in axes), quote=True)
    return (
        f'<svg class="v-radar" viewBox="0 0 424 300" role="img" aria-label="{spoken}">'
        f'{rings}{spokes}<polygon class="v-shape" points="{shape}"/>{dots}{labels}</svg>'
    )


def _at(index: int, count: int, value: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / count - math.pi / 2
    reach = RADIUS * value / TOP
    return CENTRE + reach * math.cos(angle), MIDDLE + reach * math.sin(angle)


def _ring(count: int, value: float) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(i, count, value) for i in range(count)))


def _spoke(x: float, y: float) -> str:
    return f'<line class="v-spoke" x1="{CENTRE}" y1="{MIDDLE}" x2="{x:.1f}" y2="{y:.1f}"/>'


def _label(index: int, count: int, name: str, score: float | None, missing: str) -> str:
    x, y = _at(index, count, TOP * (1 + LABEL_GAP / RADIUS))
    side = x - CENTRE
    y -= LABEL_GAP / 2 if y < MIDDLE - RADIUS else 0.0
    anchor = "middle" if abs(side) < 12 else "start" if side > 0 else "end"
    figure = missing if score is None else f"{score:.1f}"
    grey = " v-grey" if score is None else ""
    return (
        f'<text class="v-axis{grey}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(name)}'
        f'<tspan class="v-figure" x="{x:.1f}" dy="1.25em">{escape(figure)}</tspan></text>'
    )
