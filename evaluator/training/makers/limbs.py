"""What a generator does to bodies: limbs drawn out, doubled, broken or gone, proportions off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from evaluator.training.makers.people import SEEN, View
from evaluator.training.makers.warp import (
    Layers,
    Points,
    area,
    away,
    bend,
    capsule,
    copied,
    fade,
    fill,
    joined,
    lay,
    melt,
    soften,
    stretch,
    swell,
)
from evaluator.types import Plane

ARMS = ((11, 13, 15, 19), (12, 14, 16, 20))
LEGS = ((23, 25, 27, 31), (24, 26, 28, 32))
TORSO = (11, 12, 24, 23)
HEAD = tuple(range(11))
"""Points of MediaPipe's pose, of 33; left and right are the person's own."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body in a view: 33 points, which of them are in sight, its cover, and the half width of an arm in pixels."""

    points: Points
    seen: frozenset[int]
    cover: Plane
    radius: float

    def limbs(self, least: int = 3) -> list[tuple[Points, float]]:
        """Return the limbs of which `least` joints or more from the root on are in sight, each with its half width."""
        listed = []
        for chain, thick in [*((arm, 1.0) for arm in ARMS), *((leg, 1.4) for leg in LEGS)]:
            count = next((place for place, joint in enumerate(chain) if joint not in self.seen), len(chain))
            if count >= least:
                listed.append((self.points[list(chain[:count])], self.radius * thick))
        return listed

    def middle(self, *joints: int) -> Points | None:
        """Return the mean of some points, None where one is out of sight."""
        return self.points[list(joints)].mean(0) if set(joints) <= self.seen else None


Fault = Callable[[Layers, Body, float, np.random.Generator], "Layers | None"]
"""A fault of a body; None where the view lacks what it needs."""


def located(shown: View) -> Body:
    """Return the body of a view, its cover from the subject's mask where there is one."""
    assert shown.pose is not None
    shape, points = shown.layers.shape, shown.pose[:, :2]
    inside = ((points > 0) & (points < [shape[1], shape[0]])).all(1)
    seen = frozenset(int(joint) for joint in np.flatnonzero(inside & (shown.pose[:, 2] > SEEN)))
    bones = [(11, 13, 1.0), (13, 15, 1.0), (12, 14, 1.0), (14, 16, 1.0), (23, 25, 0.7), (25, 27, 0.7), (24, 26, 0.7)]
    lengths = [scale * float(np.hypot(*(points[a] - points[b]))) for a, b, scale in bones if {a, b} <= seen]
    radius = max(3.0, 0.24 * max(lengths, default=30.0))
    if shown.masked:
        return Body(points, seen, shown.layers[..., 3].astype(np.float32) / np.float32(255), radius)
    head = points[list(HEAD)]
    covers = [
        area(shape, points[list(TORSO)]),
        capsule(shape, np.vstack([head.mean(0), head.mean(0) + 0.1]), 1.8 * radius),
    ]
    covers += [capsule(shape, points[list(chain)], 1.2 * radius) for chain in ARMS]
    covers += [capsule(shape, points[list(chain)], 1.6 * radius) for chain in LEGS]
    return Body(points, seen, joined(covers), radius)


def _sign(seed: np.random.Generator) -> int:
    return 1 if seed.integers(2) else -1


def _factor(strength: float, seed: np.random.Generator) -> float:
    """Return a change of length: 1.25–2.2 or 0.4–0.8, the stronger the further from 1."""
    if seed.random() < 0.55:
        return float(seed.uniform(1.25, 1.45 + 0.75 * strength))
    return float(seed.uniform(0.75 - 0.35 * strength, 0.8))


def _limb(body: Body, seed: np.random.Generator, least: int = 3) -> tuple[Points, float] | None:
    limbs = body.limbs(least)
    return limbs[int(seed.integers(len(limbs)))] if limbs else None


def _piece(layers: Layers, body: Body, joints: Points, radius: float) -> Plane:
    """Return the cover of a part of a limb to beyond its last joint, as wide as the body is there."""
    end = joints[-1:] + 0.25 * (joints[-1:] - joints[-2:-1])
    drawn = capsule(layers.shape, np.vstack([joints, end]), 1.25 * radius, 1.0)
    return soften(np.minimum(drawn, body.cover), 0.7)


def _hole(layers: Layers, body: Body, joints: Points, radius: float) -> Plane:
    wide = cv2.dilate(_piece(layers, body, joints, 1.15 * radius), np.ones((5, 5), np.uint8))
    return soften(np.clip(wide - 0.8 * capsule(layers.shape, joints[:1], 0.7 * radius, 1.0), 0, 1), 1.2)


def stretched(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A limb, or one bone of it, too long or too short."""
    limb = _limb(body, seed, 2)
    if limb is None:
        return None
    joints, radius = limb
    start = int(seed.integers(0, len(joints) - 1))
    end = start + 1 if seed.random() < 0.5 else len(joints) - 1
    return stretch(layers, joints[start], joints[end], _factor(strength, seed), seed.uniform(2.4, 3.4) * radius, 0.9)


def doubled(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A third arm or leg, from the root or from a joint on, before or behind the body."""
    limb = _limb(body, seed)
    if limb is None:
        return None
    joints, radius = limb
    start = int(seed.integers(0, len(joints) - 1))
    cover = _piece(layers, body, joints[start:], radius)
    angle = _sign(seed) * seed.uniform(0.3, 0.5 + 0.9 * strength)
    mirror = joints[-1] - joints[start] if seed.random() < 0.3 else None
    placed, laid = copied(layers, cover, joints[start], angle, seed.uniform(0.8, 1.1), (0, 0), mirror)
    if seed.random() < 0.35:
        laid = laid * (1 - body.cover)
    return lay(layers, placed, laid * np.float32(seed.uniform(0.75, 1.0)))


def removed(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A limb that ends at a joint, or is gone."""
    limb = _limb(body, seed)
    if limb is None:
        return None
    joints, radius = limb
    start = 0 if strength > 0.7 and seed.random() < 0.5 else int(seed.integers(1, len(joints) - 1))
    hole = _hole(layers, body, joints[start:], radius)
    return fill(layers, hole, seed, np.clip(body.cover - hole, 0, 1))


def broken(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """Forearm, shin, hand or foot turned about its joint further than nature lets it."""
    limb = _limb(body, seed)
    if limb is None:
        return None
    joints, radius = limb
    start = int(seed.integers(1, len(joints) - 1))
    cover, hole = _piece(layers, body, joints[start:], radius), _hole(layers, body, joints[start:], radius)
    angle = _sign(seed) * seed.uniform(0.7, 1.0 + 1.4 * strength)
    placed, laid = copied(layers, cover, joints[start], angle, seed.uniform(0.9, 1.1))
    return lay(fill(layers, hole, seed, np.clip(body.cover - hole, 0, 1)), placed, laid)


def rubbery(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A limb, or several, melted into waves or lumps."""
    limbs = body.limbs(3)
    if not limbs:
        return None
    for pick in seed.choice(len(limbs), int(seed.integers(1, min(3, len(limbs)) + 1)), replace=False):
        joints, radius = limbs[int(pick)]
        cover = soften(capsule(layers.shape, joints, 1.6 * radius, 1.0), 0.4 * radius)
        amount = radius * seed.uniform(0.3, 0.4 + 0.6 * strength)
        layers = melt(layers, cover, amount, radius * seed.uniform(1.0, 3.5), seed)
    return layers


def kinked(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """An elbow or a knee swollen, pinched or wrung."""
    limb = _limb(body, seed)
    if limb is None:
        return None
    joints, radius = limb
    joint = joints[int(seed.integers(1, len(joints)))]
    factor = float(np.exp(_sign(seed) * seed.uniform(0.15, 0.25 + 0.35 * strength)))
    angle = _sign(seed) * seed.uniform(0.3, 0.4 + 0.9 * strength)
    shift = seed.normal(0, 0.6, 2) * radius
    return swell(layers, joint, seed.uniform(2.2, 3.5) * radius, factor, angle, shift)


def headed(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A head far too large or too small, or set askew on a neck too long."""
    shoulders, head = body.middle(11, 12), body.points[list(HEAD)].mean(0)
    if shoulders is None or not {0, 7, 8} & body.seen:
        return None
    neck = head - shoulders
    size = float(np.hypot(*neck))
    kind = seed.integers(3)
    if kind == 0:
        large = seed.random() < 0.55
        factor = seed.uniform(1.25, 1.35 + 0.4 * strength) if large else seed.uniform(0.75 - 0.25 * strength, 0.78)
        return swell(layers, head, 1.9 * size, factor)
    if kind == 1:
        return stretch(layers, shoulders, head - 0.35 * neck, seed.uniform(1.5, 1.7 + strength), 1.6 * size, 1.6)
    shift = _sign(seed) * size * seed.uniform(0.2, 0.25 + 0.35 * strength) * np.array([-neck[1], neck[0]]) / size
    return swell(layers, head, 1.5 * size, 1.0, seed.normal(0, 0.4 * strength), shift)


def narrowed(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """A waist, chest or hip far too thin or too wide."""
    shoulders, hips = body.middle(11, 12), body.middle(23, 24)
    if shoulders is None or hips is None:
        return None
    length = float(np.hypot(*(hips - shoulders)))
    centre = shoulders + (hips - shoulders) * seed.uniform(0.2, 1.05)
    dx, dy = away(layers.shape, centre)
    wide = max(4.5 * body.radius, 0.8 * length)
    weight = fade(dx / np.float32(1.6 * wide)) * fade(dy / np.float32(length * seed.uniform(0.4, 0.9)))
    thin = seed.random() < 0.6
    amount = seed.uniform(0.25, 0.35 + 0.6 * strength) if thin else -seed.uniform(0.15, 0.2 + 0.25 * strength)
    return bend(layers, (amount * weight * dx).astype(np.float32), np.zeros_like(dx))


def squat(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """Torso or both legs too long or too short for the rest."""
    shoulders, hips, feet = body.middle(11, 12), body.middle(23, 24), body.middle(27, 28)
    spans = [(a, b) for a, b in ((shoulders, hips), (hips, feet)) if a is not None and b is not None]
    if not spans:
        return None
    base, tip = spans[int(seed.integers(len(spans)))]
    return stretch(layers, base, tip, _factor(0.7 * strength, seed), 1.6 * float(np.hypot(*(tip - base))), 0.6)


def slid(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """The body cut across: below the cut it stands beside itself."""
    chains = [(body.middle(11, 12), body.middle(23, 24)), (body.middle(23, 24), body.middle(27, 28))]
    spans = [(a, b) for a, b in chains if a is not None and b is not None]
    if not spans:
        return None
    top, bottom = spans[int(seed.integers(len(spans)))]
    length = float(np.hypot(*(bottom - top)))
    dx, dy = away(layers.shape, top + (bottom - top) * seed.uniform(0.25, 0.9))
    step = np.clip(0.5 + dy / (length * seed.uniform(0.02, 0.15)), 0, 1)
    far = np.float32(2.2 * length)
    below = np.asarray(np.maximum(dy, 0), np.float32)
    weight = step * fade(below / far) * fade(dx / far)
    shift = _sign(seed) * body.radius * seed.uniform(0.5, 0.7 + 1.3 * strength)
    return bend(layers, (shift * weight).astype(np.float32), np.zeros_like(dx))


def webbed(layers: Layers, body: Body, strength: float, seed: np.random.Generator) -> Layers | None:
    """Legs grown together, or an arm grown to the body: the gap filled with what is beside it."""
    legs = [joints for joints, radius in body.limbs(3) if radius > body.radius]
    arms = [joints for joints, radius in body.limbs(3) if radius == body.radius]
    hips = body.middle(23, 24)
    if len(legs) == 2 and (not arms or seed.random() < 0.6):
        reach = seed.uniform(0.4, 1.0)
        ends = [joints[1] + (joints[2] - joints[1]) * reach for joints in legs]
        hull = np.vstack([legs[0][:2], legs[1][:2], ends])
    elif arms and hips is not None:
        joints = arms[int(seed.integers(len(arms)))]
        hull = np.vstack([joints[:3], hips[None], body.points[list(TORSO)].mean(0)[None]])
    else:
        return None
    gap = np.clip(area(layers.shape, hull, 0.8) - body.cover, 0, 1)
    if float(gap.sum()) < 0.5 * body.radius**2:
        return None
    return fill(layers, soften(cv2.dilate(gap, np.ones((3, 3), np.uint8)), 1.2), seed, 1 - body.cover)


FAULTS: tuple[tuple[Fault, float, float], ...] = (
    (stretched, 0.17, 0.85),
    (doubled, 0.16, 1.0),
    (removed, 0.1, 1.0),
    (broken, 0.12, 1.0),
    (rubbery, 0.09, 0.9),
    (kinked, 0.07, 0.8),
    (headed, 0.12, 0.9),
    (narrowed, 0.07, 0.6),
    (squat, 0.06, 0.6),
    (slid, 0.07, 0.85),
    (webbed, 0.07, 0.8),
)
"""Each fault, how often it is taken, and how plain it is at equal change (0–1): a warp of the whole is less so."""
