"""What a product stands on in its new place: dark where it touches, a shadow to one side, a gap, a straight cut."""

from __future__ import annotations

import numpy as np

from evaluator.measure.environment import contact_shadow
from evaluator.pair.laid import Laid, Surroundings


def ground(laid: Laid, about: Surroundings) -> dict[str, float]:
    """Return every number of the ground about a product's foot, by name; L* is divided by 10."""
    return _stand(laid) | _strips(laid, about)


def _stand(laid: Laid) -> dict[str, float]:
    """What lies under the product: dark where it touches, a shadow to one side, a gap, a straight cut."""
    light = laid.after[..., 0] / 10
    body = laid.depth > 0
    rows, columns = np.nonzero(body)
    foot, tall = int(rows.max()), max(8, int(np.ptp(rows)))
    side = laid.mask.shape[0]
    down, across = np.mgrid[:side, :side]
    base = columns[rows > foot - 0.06 * tall]
    left, right = (int(base.min()), int(base.max())) if len(base) else (side // 2 - 3, side // 2 + 3)
    under = (across >= left) & (across <= right) & ~body
    strips = [(foot, foot + 4), (foot + 4, foot + 9), (foot + 9, foot + 16), (foot + 20, foot + 40)]
    values = [light[under & (down > low) & (down <= high)] for low, high in strips]
    far = values[3] if values[3].size else light[-12:].ravel()
    levels = [float(np.median(part)) if part.size else float(np.median(far)) for part in values[:3]]
    about = ~body & (np.abs(down - foot) < 0.2 * tall) & (laid.depth > -40)
    beside = [light[about & where] for where in (across < left, across > right)]
    shades = [float(np.median(far) - np.quantile(part, 0.25)) if part.size > 20 else 0.0 for part in beside]
    mottled = light[under & (down > foot) & (down <= foot + 16)]
    return {
        "contact": contact_shadow(laid.after[..., 0], laid.mask) / 10,
        "touch": float(np.median(far)) - levels[0],
        "below": float(np.median(far)) - levels[1],
        "further": float(np.median(far)) - levels[2],
        "shade_most": max(shades),
        "shade_least": min(shades),
        "shade_sides": abs(shades[0] - shades[1]),
        "ground_swing": float(mottled.std()) if mottled.size else 0.0,
        "footing": (right - left) / max(1, int(np.ptp(columns))),
    }


def _strips(laid: Laid, about: Surroundings) -> dict[str, float]:
    """How much darker than the ground's own level it is about the foot, in cells: outer, inner, under by three depths.

    Left and right are told as the darker and the lighter side: shadows fall to either.
    """
    dark, outside = about.dark, about.outside
    rows, columns = np.nonzero(laid.depth > 0)
    foot, left, right = int(rows.max()), int(columns.min()), int(columns.max())
    tall, wide = max(8, int(np.ptp(rows))), max(8, right - left)
    side = laid.mask.shape[0]
    down, across = np.mgrid[:side, :side]
    bands = {"beside": (-0.16, 0.0), "at": (0.0, 0.06), "low": (0.06, 0.16)}
    spans = ((left - 0.3 * wide, left), (left, left + wide / 3), (right - wide / 3, right), (right, right + 0.3 * wide))
    found: dict[str, float] = {}
    for name, (top, bottom) in bands.items():
        at = (outside > 0) & (down > foot + top * tall) & (down <= foot + bottom * tall)
        cells = [dark[at & (across >= low) & (across <= high)] for low, high in spans]
        values = [float(cell.mean()) if cell.size > 6 else 0.0 for cell in cells]
        middle = dark[at & (across > left + wide / 3) & (across < right - wide / 3)]
        found |= {
            f"dark_{name}_outer": max(values[0], values[3]),
            f"pale_{name}_outer": min(values[0], values[3]),
            f"dark_{name}_inner": max(values[1], values[2]),
            f"pale_{name}_inner": min(values[1], values[2]),
            f"dark_{name}_middle": float(middle.mean()) if middle.size > 6 else 0.0,
            f"deep_{name}": float(np.quantile(dark[at], 0.95)) if at.sum() > 6 else 0.0,
        }
    return found
