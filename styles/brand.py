"""A brand's look: learnt from its pictures, colours and words; how on-brand a picture is, and what deviates.

How near the brand's own pictures lie to each other sets the scale: a picture as near as they are is on-brand,
one as far as a stranger is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from styles.aspects import ASPECTS, MEASURES, NAMES
from styles.descriptor import Descriptor
from styles.palette import COUNT, distances, likeness
from styles.types import Swatch, Vectors

LEAST_PICTURES, MOST_PICTURES = 3, 30
ON_BRAND = 70.0
"""From this score up a picture is on-brand."""
_NEIGHBOURS = 3
_MARGIN = 1.5
_FLOOR, _FEW = 0.01, 0.1
_MIDDLE = 88.0
_STRANGER = 30.0
_NOTICED = 1.5

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns a likeness into 0–100: `low` is the least that is on-brand (70), `middle` the usual (88)."""

    low: float
    middle: float
    stranger: float

    def value(self, near: float) -> float:
        """Return 0–100, growing with the likeness."""
        stranger = min(self.stranger, self.low - 0.03)
        middle = max(self.middle, self.low + 0.002)
        points = [stranger - 0.25, stranger, self.low, middle, max(1.0, middle + 0.002)]
        return float(np.interp(near, points, [0.0, _STRANGER, ON_BRAND, _MIDDLE, 100.0]))


@dataclass(frozen=True, slots=True)
class Look:
    """What the pictures of a brand have in common, by one way of seeing: their unit vectors and the scale."""

    vectors: Vectors
    scale: Scale

    def value(self, vector: Vectors) -> float:
        """Return how on-brand a unit vector (d) is, 0–100."""
        return self.scale.value(_nearness(self.vectors @ vector))


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand: what was given, and what was learnt from it.

    `spread` is how far its pictures lie apart, 0 (all alike) to 1 (strangers); `measures` are mean and
    standard deviation of each of MEASURES. Without pictures all that is learnt is empty.
    """

    id: str
    name: str
    colours: tuple[str, ...]
    words: tuple[str, ...]
    palette: tuple[Swatch, ...]
    pictures: tuple[str, ...]
    look: Look | None
    aspects: Mapping[str, Look]
    measures: Mapping[str, tuple[float, float]]
    spread: float

    @property
    def centroid(self) -> Vectors:
        """The unit mean vector of the pictures (d), empty where there are none."""
        if self.look is None:
            return np.zeros(0, np.float32)
        mean = self.look.vectors.mean(0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


@dataclass(frozen=True, slots=True)
class Deviation:
    """An aspect in which a picture is off-brand: its value 0–100, and how, in one sentence each."""

    aspect: str
    value: float
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class BrandFit:
    """How on-brand a picture is: `score` 0–100 (70 and over is on-brand), by aspect, and what deviates."""

    brand: str
    score: float
    on_brand: bool
    aspects: Mapping[str, float]
    deviations: tuple[Deviation, ...]


def _nearness(likeness: npt.ArrayLike) -> float:
    """Return the mean of the few highest likenesses."""
    values = np.sort(np.asarray(likeness, float))
    return float(values[-_NEIGHBOURS:].mean())


def learn(vectors: Vectors, stranger: float) -> Look:
    """Return the look of unit vectors (n×d, n ≥ 2), its scale read by leaving each out in turn."""
    table = vectors @ vectors.T
    own = np.array([_nearness(np.delete(row, i)) for i, row in enumerate(table)])
    # The fewer the pictures, the less is known of how far the brand reaches.
    low = float(own.min() - _MARGIN * own.std() - _FLOOR - _FEW / len(own))
    return Look(vectors, Scale(low, float(np.median(own)), stranger))


def spread(vectors: Vectors, stranger: float) -> float:
    """Return how far vectors lie apart: 0 all alike, 1 as strangers."""
    count = len(vectors)
    table = vectors @ vectors.T
    mean = (float(table.sum()) - count) / (count * (count - 1))
    return float(np.clip((1 - mean) / max(1 - stranger, 1e-6), 0, 1))


def aspect_vectors(descriptor: Descriptor, described: Vectors) -> dict[str, Vectors]:
    """Return for each aspect the unit vectors of described pictures (n×d)."""
    found = {}
    for aspect, names in ASPECTS.items():
        parts = [described[:, descriptor.slices[name]] for name in names]
        joined = np.concatenate(parts, axis=1)
        found[aspect] = np.asarray(joined / np.linalg.norm(joined, axis=1, keepdims=True), np.float32)
    return found


def merge_palette(given: Sequence[str], seen: Sequence[Swatch]) -> tuple[Swatch, ...]:
    """Return the colours that were given, then those that were seen, with shares that sum to 1."""
    chosen = list(dict.fromkeys(given))[:COUNT]
    rest = [swatch for swatch in seen if swatch.hex not in chosen][: max(0, 2 * COUNT - len(chosen))]
    given_share = 0.5 if chosen and rest else 1.0
    weights = [given_share / max(len(chosen), 1)] * len(chosen)
    total = sum(swatch.share for swatch in rest) or 1.0
    weights += [(1 - given_share if chosen else 1.0) * swatch.share / total for swatch in rest]
    hexes = [*chosen, *(swatch.hex for swatch in rest)]
    return tuple(Swatch(hex=each, share=round(weight, 4)) for each, weight in zip(hexes, weights, strict=True))


def summarise(measures: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of each measure over pictures."""
    return {
        name: (float(np.mean([m[name] for m in measures])), float(np.std([m[name] for m in measures])))
        for name in (MEASURES if measures else ())
    }


def judge(
    brand: Brand,
    vector: Vectors,
    aspects: Mapping[str, Vectors],
    measures: Mapping[str, float],
    palette: Sequence[Swatch],
) -> BrandFit:
    """Return how on-brand a picture is, given its vector (d), aspect vectors (d each), measures and palette.

    A brand without pictures is judged by its palette alone: as near as the picture's colours come to it.
    """
    if brand.look is None:
        wanted = [swatch.hex for swatch in brand.palette]
        near = float(likeness(distances(wanted, [palette])[1])[0]) * 100 if wanted else 0.0
        deviations = () if near >= ON_BRAND else (_far_palette(near),)
        return BrandFit(brand.name, round(near, 1), near >= ON_BRAND, {"palette": round(near, 1)}, deviations)
    values = {name: look.value(aspects[name]) for name, look in brand.aspects.items()}
    score = round(brand.look.value(vector), 1)
    found = []
    for name, value in sorted(values.items(), key=lambda item: item[1]):
        said = _difference(brand, name, measures)
        if value < ON_BRAND:
            found.append(_deviation(name, value, said))
    return BrandFit(
        brand.name,
        score,
        score >= ON_BRAND,
        {name: round(value, 1) for name, value in values.items()},
        tuple(found),
    )


def _difference(brand: Brand, aspect: str, measures: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return what sets a picture's numbers apart from the brand's in an aspect, the clearest first."""
    found: list[tuple[float, tuple[str, str]]] = []
    for name, measure in MEASURES.items():
        if measure.aspect != aspect:
            continue
        mean, deviation = brand.measures[name]
        steps = (measures[name] - mean) / max(deviation, measure.step)
        if abs(steps) >= _NOTICED:
            found.append((abs(steps), measure.more if steps > 0 else measure.less))
    return [said for _, said in sorted(found, key=lambda item: -item[0])]


def _deviation(aspect: str, value: float, said: Sequence[tuple[str, str]]) -> Deviation:
    name_en, name_zh = NAMES[aspect]
    english = " and ".join(en for en, _ in said[:2]) or "unlike the brand's pictures"
    chinese = "、".join(zh for _, zh in said[:2]) or "与品牌图片不同"
    return Deviation(
        aspect,
        round(value, 1),
        f"The {name_en} deviates: {english} than the brand." if said else f"The {name_en} is {english}.",
        f"{name_zh}偏离：{'比品牌' if said else ''}{chinese}。",
    )


def _far_palette(value: float) -> Deviation:
    return Deviation(
        "palette",
        round(value, 1),
        "The palette lies far from the brand's colours.",
        "配色与品牌色相差较大。",
    )
