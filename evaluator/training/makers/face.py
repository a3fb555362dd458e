"""Faces as a generator spoils them: features moved, melted, doubled or wiped away; and sound faces beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.people import Leave, View, around, extent, found, harmless, sample, severity, view
from evaluator.training.makers.picture import drawn, generator
from evaluator.training.makers.warp import (
    Layers,
    Points,
    area,
    away,
    bend,
    copied,
    fade,
    fill,
    joined,
    lay,
    melt,
    scramble,
    soften,
    swell,
)
from evaluator.training.sample import Sample
from evaluator.types import Plane

SHARES = {"studio_products": 0.27, "people": 0.23, "stock": 0.42, "rated_photos": 0.08}
EYES = ((33, 133, 160, 159, 158, 144, 145, 153), (362, 263, 387, 386, 385, 373, 374, 380))
BROWS = ((70, 63, 105, 66, 107), (336, 296, 334, 293, 300))
MOUTH = (61, 291, 0, 17, 37, 267, 84, 314, 39, 269)
NOSE = (6, 4, 98, 327, 2, 129, 358)
CENTRE_LINE = (10, 152)
"""Points of MediaPipe's face mesh, of 468: the parts, and the top and bottom of the face."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a view: its points, its cover, its longer side in pixels, its unit axis from forehead to chin."""

    points: Points
    cover: Plane
    size: float
    down: Points

    def feature(self, seed: np.random.Generator, *, nose: bool = True) -> Points:
        """Return the points of one part, drawn at random: an eye, the mouth or the nose."""
        choices = (EYES[0], EYES[1], MOUTH, *((NOSE,) if nose else ()))
        return self.points[list(choices[int(seed.integers(len(choices)))])]


Fault = Callable[[Layers, Face, float, np.random.Generator], Layers]
Spoil = Callable[[Layers, Face, float, np.random.Generator], tuple[Layers, float]]
"""Spoils a face as far as a strength (0–1) says, and tells how plain its kind of fault is to the eye (0–1)."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a sample: even numbers have a spoilt face, the odd one after each the same view with a sound one."""
    return made("face", spoilt, harmless, data, parts, held, number, seed)


def made(
    family: str, spoil: Spoil, leave: Leave, data: Path, parts: Path, held: bool, number: int, seed: int
) -> Sample | None:
    """Return such a sample of a family whose faces are spoilt by `spoil` and handled, but left sound, by `leave`."""
    shared = generator(family, held, number // 2, seed)
    own = generator(f"{family} treatment", held, number, seed)
    shown = _view(data, parts, held, shared)
    if shown is None or not shown.faces:
        return None
    points = max(shown.faces, key=extent)
    face = located(shown.layers, points)
    if number % 2:
        wide = cv2.dilate(face.cover, np.ones((5, 5), np.uint8))
        after = shown.layers if own.random() < 0.35 else leave(shown.layers, points, wide, own)
        return sample(shown, after, "face", 0.0, frozenset({"hand", "body"}), own)
    for _ in range(3):
        strength = float(0.1 + 0.9 * own.random() ** 1.2)
        after, plain = spoil(shown.layers, face, strength, own)
        grade = severity(shown.layers, after, face.cover, strength, face.size)
        if grade is not None:
            return sample(shown, after, "face", max(0.2, plain * grade), frozenset({"hand", "body"}), own)
    return None


def _view(data: Path, parts: Path, held: bool, shared: np.random.Generator) -> View | None:
    pools = {set: [one for one in found(set, data, parts, held) if one.faces] for set in SHARES}
    one = drawn(SHARES, pools, shared)
    if one is None:
        return None
    points = one.faces[int(shared.integers(len(one.faces)))]
    mirrored = bool(shared.integers(2))
    if shared.random() < 0.45:
        return view(one, None, int(shared.integers(384, 513)), mirrored)
    return view(one, around(points, shared.uniform(1.3, 3.0), shared), int(shared.integers(192, 321)), mirrored)


def located(layers: Layers, points: Points) -> Face:
    """Return a face with its cover."""
    axis = points[CENTRE_LINE[1]] - points[CENTRE_LINE[0]]
    down = axis / max(1e-6, float(np.hypot(*axis)))
    return Face(points, area(layers.shape, points, 1.0), extent(points), down)


def spoilt(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> tuple[Layers, float]:
    """Return layers with one fault of a face, or two, and how plain the plainer kind is to the eye (0–1)."""
    odds = np.array([share for _, share, _ in FAULTS])
    count = 2 if seed.random() < 0.25 else 1
    plain = 0.0
    for pick in seed.choice(len(FAULTS), count, replace=False, p=odds / odds.sum()):
        fault, _, kind = FAULTS[int(pick)]
        layers, plain = fault(layers, face, strength, seed), max(plain, kind)
    return layers, plain


def _sign(seed: np.random.Generator) -> int:
    return 1 if seed.integers(2) else -1


def _ellipse(layers: Layers, points: Points, grow: float, edge: float) -> Plane:
    middle = points.mean(0)
    return area(layers.shape, middle + (points - middle) * [grow, grow * 1.3], edge)


def moved(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """An eye, the mouth or the nose shifted, turned, larger or smaller than it should be; perhaps several."""
    for _ in range(1 + int(seed.integers(0, 3))):
        points = face.feature(seed)
        radius = np.maximum(np.ptp(points, axis=0) * 1.25, 0.2 * face.size)
        factor = float(np.exp(_sign(seed) * seed.uniform(0.08, 0.2 + 0.4 * strength)))
        angle = _sign(seed) * seed.uniform(0, 0.15 + 0.5 * strength)
        shift = seed.normal(0, 1, 2)
        shift *= face.size * seed.uniform(0.01, 0.03 + 0.09 * strength) / max(0.1, float(np.hypot(*shift)))
        layers = swell(layers, points.mean(0), radius, factor, angle, shift)
    return layers


def melted(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """The face, or half of it, runs like wax."""
    cover = face.cover
    if seed.random() < 0.35:
        cover = cover * area(layers.shape, face.feature(seed).mean(0) + seed.normal(0, 0.35, (9, 2)) * face.size, 2.0)
    wide = soften(cover, face.size / 25)
    amount = face.size * seed.uniform(0.012, 0.02 + 0.04 * strength)
    result = melt(layers, wide, amount, face.size * seed.uniform(0.08, 0.35), seed)
    if seed.random() < 0.4:
        result = lay(result, cv2.GaussianBlur(result, (0, 0), face.size * seed.uniform(0.006, 0.016)), wide)
    return result


def lopsided(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """One half of the face slid along the other, or drawn wide."""
    middle = face.points[[6, 1, 152, 10]].mean(0)
    dx, dy = away(layers.shape, middle)
    across = -face.down[1] * dx + face.down[0] * dy
    side = _sign(seed)
    half = np.clip(0.5 + side * across / (face.size * seed.uniform(0.05, 0.25)), 0, 1)
    along, wide = np.abs(dx * face.down[0] + dy * face.down[1]), np.abs(across)
    near = fade(np.clip(np.maximum(along, wide) / (0.85 * face.size) * 1.5 - 0.5, 0, 1))
    weight = soften(np.asarray(half * near, np.float32), 1.0)
    slide = _sign(seed) * face.size * seed.uniform(0.03, 0.05 + 0.12 * strength)
    draw = seed.uniform(-0.25, 0.35) * strength
    x = weight * (slide * face.down[0] + draw * across * -face.down[1])
    y = weight * (slide * face.down[1] + draw * across * face.down[0])
    return bend(layers, x.astype(np.float32), y.astype(np.float32))


def mirrored(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """One half of the face mirrored onto the other, shifted and scaled."""
    line = face.points[6] * 0.5 + face.points[1] * 0.5
    dx, dy = away(layers.shape, line)
    across = (-face.down[1] * dx + face.down[0] * dy) * _sign(seed)
    half = np.clip(0.5 + across / (face.size * 0.06), 0, 1).astype(np.float32)
    shift = face.size * seed.normal(0, 0.02 + 0.05 * strength, 2)
    factor = seed.uniform(0.9, 1 + 0.2 * strength)
    placed, laid = copied(layers, face.cover, line, 0.0, factor, shift, face.down)
    return lay(layers, placed, soften(laid * face.cover, face.size / 30) * half)


def plastic(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """Skin without pores and features washed out: edge-preserving smoothing, far too strong."""
    rgb = np.ascontiguousarray(layers[..., :3])
    reach = int(np.clip(face.size * seed.uniform(0.05, 0.09), 5, 11))
    smooth = rgb
    for _ in range(1 + int(2 * strength)):
        smooth = cv2.bilateralFilter(smooth, reach, 30 + 90 * strength, reach)
    if seed.random() < 0.5:
        smooth = cv2.medianBlur(smooth, 2 * int(np.clip(face.size * 0.025 * strength, 1, 5)) + 1)
    glow = np.clip(smooth.astype(np.float32) * seed.uniform(1.0, 1.08) + seed.uniform(0, 6), 0, 255)
    top = np.dstack([glow, layers[..., 3]])
    return lay(layers, top, soften(face.cover, face.size / 30))


def doubled(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """An eye, a mouth or a nose once more: on the forehead, the cheek, or half over itself."""
    points = face.feature(seed)
    cover = _ellipse(layers, points, seed.uniform(1.3, 1.7), face.size / 40) * face.cover
    if seed.random() < 0.5:
        target = points.mean(0) + seed.normal(0, 1, 2) * face.size * (0.06 + 0.1 * strength)
    else:
        target = face.points[int(seed.choice([151, 50, 280, 205, 425, 199, 8]))]
    angle, factor = seed.normal(0, 0.3), seed.uniform(0.7, 1.15)
    placed, laid = copied(layers, cover, points.mean(0), angle, factor, target - points.mean(0))
    return lay(layers, placed, laid * np.float32(seed.uniform(0.65, 1.0)))


def wiped(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """An eye, the mouth or the nose gone, its place skin; or half gone."""
    for _ in range(1 + int(seed.random() < 0.4 * strength)):
        points = face.feature(seed)
        hole = _ellipse(layers, points, seed.uniform(1.25, 1.7), face.size / 60)
        part = np.float32(seed.uniform(0.55, 0.8) if seed.random() < 0.4 else 1.0)
        layers = fill(layers, hole * part, seed, 1 - face.cover)
    return layers


def scrambled(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """Eyes or mouth torn into bits, by swapped discs or by fine ripples."""
    both = seed.random() < 0.5
    parts = [face.points[list(eye)] for eye in EYES] if both else [face.feature(seed, nose=False)]
    cover = joined([_ellipse(layers, points, 1.4, face.size / 50) for points in parts])
    if seed.random() < 0.5:
        return scramble(layers, cover, face.size * seed.uniform(0.025, 0.06), int(4 + 10 * strength), seed)
    amount = face.size * seed.uniform(0.012, 0.02 + 0.03 * strength)
    return melt(layers, cover, amount, face.size * seed.uniform(0.03, 0.09), seed)


def swapped(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """One part laid over another's place, as the mouth over an eye, or a part upside down."""
    source, target = face.feature(seed), face.feature(seed)
    middle = source.mean(0)
    cover = _ellipse(layers, source, 1.5, face.size / 45) * face.cover
    turned = np.pi if np.array_equal(source, target) or seed.random() < 0.3 else seed.normal(0, 0.2)
    factor = seed.uniform(0.75, 1.1)
    placed, laid = copied(layers, cover, middle, turned, factor, target.mean(0) - middle)
    return lay(layers, placed, laid)


def misshapen(layers: Layers, face: Face, strength: float, seed: np.random.Generator) -> Layers:
    """The skull, jaw or cheek out of shape: swollen, caved in or pulled aside."""
    spot = face.points[int(seed.choice([152, 234, 454, 10, 50, 280, 172, 397]))]
    radius = face.size * seed.uniform(0.35, 0.65)
    factor = float(np.exp(_sign(seed) * seed.uniform(0.1, 0.2 + 0.3 * strength)))
    shift = seed.normal(0, 0.03 + 0.1 * strength, 2) * face.size
    return swell(layers, spot, radius, factor, seed.normal(0, 0.15 * strength), shift)


FAULTS: tuple[tuple[Fault, float, float], ...] = (
    (moved, 0.2, 1.0),
    (melted, 0.15, 1.0),
    (lopsided, 0.1, 0.8),
    (mirrored, 0.06, 0.8),
    (plastic, 0.08, 0.6),
    (doubled, 0.11, 1.0),
    (wiped, 0.1, 1.0),
    (scrambled, 0.1, 1.0),
    (swapped, 0.05, 1.0),
    (misshapen, 0.1, 0.8),
)
"""Each fault, how often it is taken, and how plain it is at equal change (0–1)."""
