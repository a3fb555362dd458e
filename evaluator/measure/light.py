"""Light: exposure, contrast, colour cast, colourfulness, harmony, coherence. Arrays in, numbers out."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.measure.quantile import quantile
from evaluator.measure.reading import Measure, Reading, absent, plain_white, trust
from evaluator.types import Flags, Plane, Rgb, Subject
from evaluator.view import View, halved

Lab = npt.NDArray[np.float32]

CLIP = 253
BLACK = 4
NEUTRAL = 0.04
"""Share of the lighter pixels that are taken for neutral: a coloured set still has its white print and highlights."""
PALETTE = 96
"""Both sides in pixels at which colours are counted."""
GREY = 16.0
"""Largest chroma of what still counts as grey: beyond it a surface has a colour of its own."""


def clipped_lights(rgb: Rgb) -> Flags:
    """Return where any channel is at its top, so that detail is gone."""
    return np.asarray(_channels(np.maximum, rgb) >= CLIP)


def clipped_shadows(rgb: Rgb) -> Flags:
    """Return where every channel is at its bottom."""
    return np.asarray(_channels(np.maximum, rgb) <= BLACK)


def _channels(join: np.ufunc, rgb: Rgb) -> npt.NDArray[np.uint8]:
    # A reduction over three interleaved bytes is many times slower than two joins of whole planes.
    red, green, blue = cv2.split(rgb)
    return np.asarray(join(join(red, green), blue))


def illuminant_angle(rgb: Rgb, power: float = 6.0) -> float:
    """Return the angle in degrees between the estimated light and neutral grey.

    Shades of grey: Finlayson and Trezzi, "Shades of gray and colour constancy", CIC 2004 (Minkowski norm, p = 6),
    on linear light.
    """
    small = cv2.resize(rgb, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4).reshape(-1, 3)
    light = (linear**power).mean(axis=0) ** (1 / power)
    norm = float(np.linalg.norm(light))
    if norm < 1e-6:
        return 0.0
    cosine = float(light.sum()) / (np.sqrt(3) * norm)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def neutral_cast(lab: Lab) -> tuple[float, float]:
    """Return the a* and b* of the picture's most neutral light areas; (0, 0) where there is no cast or no light.

    Neutral areas are the lighter pixels with the least chroma: in a picture without a cast some
    are grey; after Gasparini and Schettini, "Color balancing of digital photos using simple image statistics",
    Pattern Recognition 37 (2004).
    """
    light = lab[..., 0]
    usable = (light > max(25.0, quantile(light, 0.3))) & (light < 99.5)
    if int(usable.sum()) < 64:
        usable = light > 10
    if int(usable.sum()) < 64:
        return 0.0, 0.0
    a, b = lab[..., 1][usable], lab[..., 2][usable]
    chroma = np.sqrt(a * a + b * b)
    neutral = chroma <= quantile(chroma, NEUTRAL)
    return quantile(a[neutral], 0.5), quantile(b[neutral], 0.5)


def colourfulness(rgb: Rgb) -> float:
    """Return Hasler and Süsstrunk's colourfulness M̂(3), about 0 (grey) to 110 (SPIE 5007, 2003)."""
    red, green, blue = (rgb[..., i].astype(np.float64) for i in range(3))
    rg, yb = red - green, 0.5 * (red + green) - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


_TEMPLATES: dict[str, tuple[tuple[float, float], ...]] = {
    "i": ((0.0, 18.0),),
    "V": ((0.0, 93.6),),
    "L": ((0.0, 18.0), (90.0, 79.2)),
    "I": ((0.0, 18.0), (180.0, 18.0)),
    "Y": ((0.0, 93.6), (180.0, 18.0)),
    "X": ((0.0, 93.6), (180.0, 93.6)),
}
"""Sectors of hue (centre, width in degrees): Cohen-Or et al., "Color harmonization", SIGGRAPH 2006.

The half circle (T) is left out: nearly every photograph fits it.
"""


def _template_costs() -> npt.NDArray[np.float64]:
    hues = np.arange(72) * 5.0
    rows = []
    for sectors in _TEMPLATES.values():
        for turn in range(72):
            gaps = [
                np.clip(np.abs((hues - centre - turn * 5.0 + 180) % 360 - 180) - width / 2, 0, None)
                for centre, width in sectors
            ]
            rows.append(np.minimum.reduce(gaps))
    return np.stack(rows)


_COSTS = _template_costs()


def harmony_distance(lab: Lab) -> float:
    """Return the mean hue distance in degrees to the best harmonic template, weighted by chroma; 0 for greys."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    weight = np.where(chroma > 8, chroma, 0)
    total = float(weight.sum())
    if total < 1e-6:
        return 0.0
    histogram = np.bincount((hue.ravel() / 5).astype(int) % 72, weights=weight.ravel(), minlength=72)
    colourful = min(1.0, total / (lab.shape[0] * lab.shape[1] * 12.0))
    return float((_COSTS @ histogram).min() / total * colourful)


def hue_count(lab: Lab) -> float:
    """Return how many of 20 hues take more than a twentieth of the strongest one's place, 0–20.

    Ke, Tang and Jing, "The design of high-level features for photo quality assessment", CVPR 2006.
    """
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    vivid = (chroma > 18) & (lab[..., 0] > 15) & (lab[..., 0] < 97)
    if float(vivid.mean()) < 0.01:
        return 0.0
    hue = (np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360)[vivid]
    histogram = np.bincount((hue / 18).astype(int) % 20, minlength=20)
    return float((histogram > 0.05 * histogram.max()).sum())


def exposure(view: View, subject: Subject) -> Reading:
    """Lightest and darkest tones, clipping of the subject, its middle tone and the range."""
    light = np.ascontiguousarray(view.lab[..., 0])
    sure = trust(subject)
    counted = subject.mask
    if sure < 1:
        counted = counted * sure + (1 - sure) * (1 - 0.9 * plain_white(subject) * (light > 92))
    weight = np.clip(counted, np.float32(0.002), np.float32(1))
    weight /= weight.sum()
    low, middle, high = _quantiles(light, weight, (0.02, 0.5, 0.98))
    brightest = _channels(np.maximum, view.rgb)
    lights, shadows = (float((weight * place).sum()) for place in (brightest >= CLIP, brightest <= BLACK))
    blank = float((_channels(np.minimum, view.rgb) >= CLIP).mean())
    return Reading(
        {
            "lightest": quantile(light[::2, ::2], 0.985),
            "subject_lightest": high,
            "darkest": low,
            "middle": middle,
            "range": high - low,
            "clipped_lights": 100 * lights,
            "clipped_shadows": 100 * shadows,
            "pure_white": 100 * blank,
        }
    )


def _quantiles(values: Plane, weight: Plane, at: tuple[float, ...]) -> list[float]:
    bins = np.minimum(values * 2, 199).astype(np.uint8)
    histogram = np.bincount(bins.ravel(), weights=weight.ravel(), minlength=200)
    cumulative = np.cumsum(histogram) / histogram.sum()
    return [float(np.interp(q, cumulative, np.arange(1, 201) / 2)) for q in at]


def colour_harmony(view: View, subject: Subject) -> Reading:
    """Cast, distance to a harmonic palette, colourfulness."""
    half = halved(view.rgb) if min(view.shape) >= 2 * PALETTE else view.rgb
    size = (PALETTE, PALETTE)
    small, rgb = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (view.lab, half))
    a, b = neutral_cast(view.lab[::2, ::2])
    cast = float(np.hypot(a, b))
    return Reading(
        {
            "cast": cast,
            "cast_a": a,
            "cast_b": b,
            "illuminant": min(illuminant_angle(half), cast),
            "harmony": harmony_distance(small),
            "hues": hue_count(small),
            "colourfulness": colourfulness(rgb),
        }
    )


def light_coherence(view: View, subject: Subject) -> Reading:
    """Gaps between subject and surroundings in lightness fall-off and in the warmth of their greys."""
    white = plain_white(subject)
    if white >= 1.0:
        return absent("plain_backdrop")
    sure = trust(subject)
    if sure <= 0:
        return absent("subject")
    inside, outside = subject.mask > 0.6, subject.mask < 0.2
    if int(inside.sum()) < 200 or int(outside.sum()) < 200:
        return absent("subject")
    slope_in, slope_out = _slope(view.lab[..., 0], inside), _slope(view.lab[..., 0], outside)
    opposed = max(0.0, -(slope_in[0] * slope_out[0] + slope_in[1] * slope_out[1]))
    agreement = opposed / (float(np.hypot(*slope_in)) * float(np.hypot(*slope_out)) + 40.0)
    # A quarter of the pixels has the same greys.
    greys = [_grey_warmth(view.lab[::2, ::2], region[::2, ::2]) for region in (inside, outside)]
    values = {"opposed_light": agreement}
    if greys[0] is not None and greys[1] is not None:
        values["warmth_gap"] = abs(greys[0] - greys[1])
    return Reading(values, confidence=sure * (1 - white) * 0.35)


def _slope(light: Plane, region: Flags) -> tuple[float, float]:
    """Least-squares slope of L* over the picture's width and height inside a region, in L* a picture side."""
    y, x = np.divmod(np.flatnonzero(region)[::4], light.shape[1])
    design = np.stack([x / light.shape[1] - 0.5, y / light.shape[0] - 0.5, np.ones_like(x, float)])
    solution = np.linalg.solve(design @ design.T + 1e-9 * np.eye(3), design @ light[y, x])
    return float(solution[0]), float(solution[1])


def _grey_warmth(lab: Lab, region: Flags) -> float | None:
    a, b = lab[..., 1][region], lab[..., 2][region]
    chroma = np.sqrt(a * a + b * b)
    edge = quantile(chroma, 0.3)
    return quantile(b[chroma <= edge], 0.5) if edge < GREY else None


CRITERIA: dict[str, Measure] = {
    "exposure": exposure,
    "light_coherence": light_coherence,
    "colour_harmony": colour_harmony,
}
