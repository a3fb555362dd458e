"""Bodies as a generator spoils them, whole or in part, and sound bodies beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluator.training.makers.limbs import FAULTS, HEAD, Body, located
from evaluator.training.makers.people import SEEN, Box, Found, View, extent, found, harmless, sample, severity, view
from evaluator.training.makers.picture import drawn, generator
from evaluator.training.makers.warp import Layers
from evaluator.training.sample import Sample

SHARES = {"people": 0.4, "studio_products": 0.4, "stock": 0.2}


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a sample: even numbers have a spoilt body, the odd one after each the same view with a sound one."""
    shared = generator("body", held, number // 2, seed)
    own = generator("body treatment", held, number, seed)
    shown = _view(data, parts, held, shared)
    if shown is None or shown.pose is None:
        return None
    body = located(shown)
    if len(body.seen - set(HEAD)) < 4:
        return None
    if number % 2:
        points = body.points[sorted(body.seen)]
        after = shown.layers if own.random() < 0.35 else harmless(shown.layers, points, body.cover, own)
        return sample(shown, after, "body", 0.0, frozenset({"hand", "face"}), own)
    for _ in range(4):
        strength = float(0.1 + 0.9 * own.random() ** 1.2)
        after, plain = spoilt(shown.layers, body, strength, own)
        grade = severity(shown.layers, after, 0.45 * body.cover, strength, extent(body.points[sorted(body.seen)]) / 3)
        if grade is not None:
            return sample(shown, after, "body", max(0.2, plain * grade), frozenset(), own)
    return None


def _view(data: Path, parts: Path, held: bool, shared: np.random.Generator) -> View | None:
    pools = {set: [one for one in found(set, data, parts, held) if one.pose is not None] for set in SHARES}
    one = drawn(SHARES, pools, shared)
    if one is None:
        return None
    box, mirrored = _cut(one, shared), bool(shared.integers(2))
    return view(one, box, int(shared.integers(384, 513) if box is None else shared.integers(256, 401)), mirrored)


def _cut(one: Found, seed: np.random.Generator) -> Box | None:
    """Return a box around the body, its upper or its lower half, or None for the whole picture."""
    assert one.pose is not None
    draw = seed.random()
    joints = range(33) if draw < 0.7 else range(25) if draw < 0.86 else range(23, 33)
    points = one.pose[[joint for joint in joints if one.pose[joint, 2] > SEEN], :2]
    if draw < 0.5 or len(points) < 4:
        return None
    low, high = points.min(0), points.max(0)
    room = seed.uniform(0.12, 0.35, 4) * max(high - low)
    return (low[0] - room[0], low[1] - room[1], high[0] + room[2], high[1] + room[3])


def spoilt(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> tuple[Layers, float]:
    """Return layers with one fault of a body, or two, and how plain the plainer kind is to the eye (0–1).

    They are unchanged where those drawn find nothing to spoil.
    """
    odds = np.array([share for _, share, _ in FAULTS])
    count = 2 if seed.random() < 0.15 else 1
    plain = 0.0
    for pick in seed.choice(len(FAULTS), count, replace=False, p=odds / odds.sum()):
        fault, _, kind = FAULTS[int(pick)]
        result = fault(layers, body, strength, seed)
        if result is not None:
            layers, plain = result, max(plain, kind)
    return layers, plain
