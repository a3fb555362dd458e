"""Hands as a generator spoils them: fingers too many, too few, merged, bent, melted; and sound hands beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.people import (
    FINGERS,
    Leave,
    View,
    around,
    bare,
    extent,
    found,
    hand_cover,
    harmless,
    sample,
    severity,
    skin,
    thickness,
    view,
)
from evaluator.training.makers.picture import drawn, generator
from evaluator.training.makers.warp import (
    Layers,
    Points,
    area,
    capsule,
    copied,
    fill,
    joined,
    lay,
    melt,
    scramble,
    soften,
    stretch,
    swell,
)
from evaluator.training.sample import Sample
from evaluator.types import Plane

SHARES = {"hands": 0.28, "digits": 0.14, "studio_products": 0.24, "people": 0.12, "stock": 0.16, "rated_photos": 0.06}


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand in a view: its 21 points, the cover of its skin, half a finger's width in pixels."""

    points: Points
    cover: Plane
    radius: float


Fault = Callable[[Layers, Hand, float, np.random.Generator], Layers]
Spoil = Callable[[Layers, Hand, float, np.random.Generator, bool], Layers]
"""Spoils a hand as far as a strength (0–1) says, and is told whether its arm shows."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a sample: even numbers have a spoilt hand, the odd one after each the same view with sound hands."""
    return made("hand", spoilt, harmless, data, parts, held, number, seed)


def made(
    family: str, spoil: Spoil, leave: Leave, data: Path, parts: Path, held: bool, number: int, seed: int
) -> Sample | None:
    """Return such a sample of a family whose hands are spoilt by `spoil` and handled, but left sound, by `leave`."""
    shared = generator(family, held, number // 2, seed)
    own = generator(f"{family} treatment", held, number, seed)
    shown = _view(data, parts, held, shared)
    if shown is None:
        return None
    hands = [points for points in shown.hands if extent(points) >= 26]
    if shown.found.source.set in ("studio_products", "people", "stock", "rated_photos"):
        hands = [points for points in hands if bare(shown.layers, points)]
    if not hands:
        return None
    target = hands[int(shared.integers(len(hands)))]
    if number % 2:
        every = joined([hand_cover(shown.layers.shape, points, 1.6) for points in shown.hands])
        after = shown.layers if own.random() < 0.35 else leave(shown.layers, target, every, own)
        return sample(shown, after, "hand", 0.0, frozenset({"face", "body"}), own)
    for _ in range(3):
        after = shown.layers
        grade: float | None = None
        for points in hands if len(hands) > 1 and own.random() < 0.25 else [target]:
            hand = located(shown.layers, points)
            strength = float(0.1 + 0.9 * own.random() ** 1.2)
            after = spoil(after, hand, strength, own, shown.pose is not None)
            if points is target:
                grade = severity(shown.layers, after, hand.cover, strength, extent(points))
        if grade is not None:
            return sample(shown, after, "hand", grade, frozenset({"face"}), own)
    return None


def _view(data: Path, parts: Path, held: bool, shared: np.random.Generator) -> View | None:
    pools = {set: [one for one in found(set, data, parts, held) if one.hands] for set in SHARES}
    one = drawn(SHARES, pools, shared)
    if one is None:
        return None
    points = one.hands[int(shared.integers(len(one.hands)))]
    mirrored = bool(shared.integers(2))
    if one.source.set == "digits":
        return view(one, None, int(shared.integers(200, 301)), mirrored)
    if shared.random() < 0.45:
        return view(one, None, int(shared.integers(384, 513)), mirrored)
    return view(one, around(points, shared.uniform(1.4, 3.0), shared), int(shared.integers(192, 321)), mirrored)


def located(layers: Layers, points: Points) -> Hand:
    """Return a hand with the cover of its skin."""
    radius = thickness(points)
    between = (points[1:-1] + points[2:]) / 2
    return Hand(points, skin(layers, hand_cover(layers.shape, points, 1.4), np.vstack([points[1:], between])), radius)


def spoilt(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator, armed: bool) -> Layers:
    """Return layers with one fault of a hand, or two; `armed` says that the arm shows, so that its size can be told."""
    names = [name for name in FAULTS if armed or name not in ARM]
    odds = np.array([FAULTS[name][1] for name in names])
    count = 2 if seed.random() < 0.2 else 1
    for name in seed.choice(len(names), count, replace=False, p=odds / odds.sum()):
        layers = FAULTS[names[name]][0](layers, hand, strength, seed)
    return layers


def _finger(hand: Hand, seed: np.random.Generator, first: int = 0) -> Points:
    """Return the joints of one finger that is not too foreshortened."""
    order = first + seed.permutation(5 - first)
    lengths = [extent(hand.points[list(FINGERS[finger])]) for finger in order]
    good = [finger for finger, length in zip(order, lengths, strict=True) if length > 0.6 * max(lengths)]
    return hand.points[list(FINGERS[int(good[0])])]


def _piece(layers: Layers, hand: Hand, joints: Points, edge: float = 0.7) -> Plane:
    """Return the cover of a finger, or of the end of one: as wide as its skin is."""
    return soften(np.minimum(capsule(layers.shape, joints, 1.2 * hand.radius, 0.6), hand.cover), edge)


def extra(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """One or two more fingers, grown from the knuckles or forked from a joint, before or behind the others."""
    for _ in range(1 + int(seed.random() < 0.3 * strength)):
        joints = _finger(hand, seed)
        fork = int(seed.random() < 0.3)
        cover = _piece(layers, hand, joints[fork:])
        side = 1 if seed.integers(2) else -1
        angle = side * seed.uniform(0.22, 0.35 + 0.6 * strength)
        root = joints[fork]
        across = np.array([-(joints[-1] - root)[1], (joints[-1] - root)[0]])
        shift = side * across / max(1e-6, float(np.hypot(*across))) * hand.radius * seed.uniform(0.2, 1.8)
        mirror = (joints[-1] - root) if seed.random() < 0.3 else None
        placed, laid = copied(layers, cover, root, angle, seed.uniform(0.8, 1.12), shift, mirror)
        if seed.random() < 0.4:
            laid = laid * (1 - np.clip(hand.cover * 1.2, 0, 1))
        layers = lay(layers, placed, laid)
    return layers


def shortened(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """A finger, or several, cut short or drawn long."""
    longer = seed.random() < 0.4
    for _ in range(1 + int(seed.integers(0, 3) * (seed.random() < 0.35))):
        joints = _finger(hand, seed)
        factor = seed.uniform(1.3, 1.4 + 0.6 * strength) if longer else seed.uniform(0.25, 0.7 - 0.25 * strength)
        layers = stretch(layers, joints[0], joints[-1], factor, 2.2 * hand.radius, 0.6)
    return layers


def removed(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """A finger gone, wholly or from a joint on, and what is behind it drawn in."""
    joints = _finger(hand, seed)
    start = 0 if strength > 0.6 else int(seed.integers(0, 2))
    hole = _hole(layers, hand, joints[start:])
    return fill(layers, hole, seed, np.clip(hand.cover - hole, 0, 1) if seed.random() < 0.85 else None)


def _hole(layers: Layers, hand: Hand, joints: Points) -> Plane:
    """Return the cover of the end of a finger with its rim and shade, without the joint that it hangs on."""
    piece = _piece(layers, hand, np.vstack([joints, joints[-1:] + 0.4 * (joints[-1:] - joints[-2:-1])]), 0)
    wide = cv2.dilate(piece, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    return soften(np.clip(wide - capsule(layers.shape, joints[:1], hand.radius, 0.6), 0, 1), 0.9)


def merged(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """Two or more fingers grown together: skin drawn over the gap between them."""
    first = int(seed.integers(1, 4))
    last = min(4, first + 1 + int(seed.random() < 0.5 * strength) + int(seed.random() < 0.3 * strength))
    fingers = [hand.points[list(FINGERS[finger])] for finger in range(first, last + 1)]
    covers = []
    for one, other in pairwise(fingers):
        reach = seed.uniform(0.55, 1.0)
        ends = [joints[0] + (joints[-1] - joints[0]) * reach for joints in (one, other)]
        covers.append(area(layers.shape, np.vstack([one[:3], other[:3], ends]), 0.8))
    web = soften(joined(covers), 0.25 * hand.radius)
    weight = cv2.GaussianBlur(hand.cover, (0, 0), 0.9 * hand.radius)[..., None]
    skin_only = cv2.GaussianBlur(layers * hand.cover[..., None], (0, 0), 0.9 * hand.radius) / np.maximum(weight, 0.02)
    grain = layers - cv2.GaussianBlur(layers, (0, 0), 1.0).astype(np.float32)
    return lay(layers, skin_only + 0.5 * grain * hand.cover[..., None], web * np.float32(seed.uniform(0.75, 1.0)))


def bent(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """A finger broken at a joint: its end turned aside, cut out and laid anew."""
    joints = _finger(hand, seed)
    joint = int(seed.integers(0, 3))
    angle = (1 if seed.integers(2) else -1) * seed.uniform(0.5, 0.8 + 1.2 * strength)
    cover = _piece(layers, hand, joints[joint:])
    hole = _hole(layers, hand, joints[joint:])
    placed, laid = copied(layers, cover, joints[joint], angle, seed.uniform(0.9, 1.1))
    return lay(fill(layers, hole, seed, np.clip(hand.cover - hole, 0, 1)), placed, laid)


def twirled(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """Fingers twisted into waves: several local turns and pushes about their joints."""
    for _ in range(int(seed.integers(1, 4))):
        joints = _finger(hand, seed)
        spot = joints[int(seed.integers(1, 4))]
        radius = hand.radius * seed.uniform(2.2, 4.5)
        angle = (1 if seed.integers(2) else -1) * seed.uniform(0.5, 0.8 + 1.0 * strength)
        layers = swell(layers, spot, radius, seed.uniform(0.75, 1.3), angle, seed.normal(0, 0.8, 2) * hand.radius)
    return layers


def melted(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """The hand, or some fingers of it, run like wax."""
    cover = hand.cover if seed.random() < 0.6 else _piece(layers, hand, _finger(hand, seed), 0.2)
    wide = soften(np.clip(cv2.dilate(cover, np.ones((3, 3), np.uint8)), 0, 1), hand.radius)
    amount = hand.radius * seed.uniform(0.4, 0.6 + 0.9 * strength)
    result = melt(layers, wide, amount, hand.radius * seed.uniform(1.4, 4), seed)
    if seed.random() < 0.6:
        result = lay(result, cv2.GaussianBlur(result, (0, 0), 0.35 * hand.radius), wide * np.float32(0.9))
    return result


def scrambled(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """Bits of fingers in the wrong places."""
    size = hand.radius * seed.uniform(0.8, 1.8)
    ends = joined([capsule(layers.shape, hand.points[list(finger)], 1.6 * hand.radius, 1.0) for finger in FINGERS])
    cover = soften(np.maximum(hand.cover, ends * np.float32(seed.uniform(0.0, 1.0))), 0.8)
    return scramble(layers, cover, size, int(3 + 9 * strength * seed.uniform(0.5, 1)), seed)


def fanned(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """All long fingers doubled: laid once more, turned a little about the palm, perhaps half transparent."""
    chosen = sorted(seed.choice(np.arange(1, 5), int(seed.integers(2, 5)), replace=False))
    cover = joined([_piece(layers, hand, hand.points[list(FINGERS[finger])]) for finger in chosen])
    angle = (1 if seed.integers(2) else -1) * seed.uniform(0.18, 0.3 + 0.4 * strength)
    placed, laid = copied(layers, cover, hand.points[9], angle, seed.uniform(0.85, 1.15), seed.normal(0, 1, 2))
    return lay(layers, placed, laid * np.float32(seed.uniform(0.7, 1.0)))


def second(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """A second hand at the same wrist, mirrored or turned."""
    axis = hand.points[9] - hand.points[0]
    angle = (1 if seed.integers(2) else -1) * seed.uniform(0.5, 0.7 + strength)
    mirror = axis if seed.random() < 0.5 else None
    placed, laid = copied(layers, hand.cover, hand.points[0], angle, seed.uniform(0.75, 1.1), (0, 0), mirror)
    behind = laid * (1 - hand.cover) if seed.random() < 0.5 else laid
    return lay(layers, placed, behind)


def twisted(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """The hand turned about the wrist further than one turns."""
    angle = (1 if seed.integers(2) else -1) * seed.uniform(1.2, 1.6 + 1.5 * strength)
    hole = np.clip(cv2.dilate(hand.cover, np.ones((5, 5), np.uint8)), 0, 1)
    placed, laid = copied(layers, hand.cover, hand.points[0], angle, seed.uniform(0.9, 1.1))
    return lay(fill(layers, soften(hole, 0.8), seed), placed, laid)


def resized(layers: Layers, hand: Hand, strength: float, seed: np.random.Generator) -> Layers:
    """A hand far too large or too small for its arm."""
    factor = seed.uniform(1.35, 1.5 + 0.5 * strength) if seed.random() < 0.6 else seed.uniform(0.45, 0.7)
    wrist = hand.points[0]
    if factor > 1:
        placed, laid = copied(layers, hand.cover, wrist, 0.0, factor)
        return lay(layers, placed, laid)
    hole = np.clip(cv2.dilate(hand.cover, np.ones((5, 5), np.uint8)), 0, 1)
    placed, laid = copied(layers, hand.cover, wrist, 0.0, factor)
    return lay(fill(layers, soften(hole, 0.8), seed, hole), placed, laid)


FAULTS: dict[str, tuple[Fault, float]] = {
    "extra": (extra, 0.2),
    "shortened": (shortened, 0.1),
    "removed": (removed, 0.09),
    "merged": (merged, 0.12),
    "bent": (bent, 0.11),
    "twirled": (twirled, 0.08),
    "melted": (melted, 0.12),
    "scrambled": (scrambled, 0.08),
    "fanned": (fanned, 0.06),
    "second": (second, 0.05),
    "twisted": (twisted, 0.04),
    "resized": (resized, 0.04),
}
"""Each fault and how often it is taken."""
ARM = frozenset({"twisted", "resized"})
"""Faults that only show where the arm does."""
