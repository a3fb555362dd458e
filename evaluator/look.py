"""Looking with the network: at the whole picture once, then closer where a hand or a face is small in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from evaluator.calibration import Attribute, Calibration
from evaluator.types import Box, Glance, Plane, Rgb

CLOSER = ("hand", "face")
"""Parts that are looked at again; the attributes of their faults have the same names."""
MOST = 3
"""Most closer looks at one picture."""
SEEN = 0.5
"""Least value of a part's map where the part is taken to be."""
CONTEXT = 0.5
"""Room around a part, as a share of its longer side, on each side."""
WORTH = 0.8
"""A closer look is worth its time where the first one saw the picture at less than this scale."""
CLEAR = 96.0
"""Side in pixels from which on a part is seen as well as can be."""
SMALLEST = 24.0
"""Side in pixels under which a part shows too little to look at again."""
SAME = 0.3
"""Least overlap of two places that are one."""
ROWS = 4
"""Of so many rows one is asked which half of a picture is lighter."""
MASK_STRIDE = 4
"""Pixels of the network's input to one of its mask."""


class Card(Protocol):
    """What the weights are called by."""

    @property
    def sha256(self) -> str:
        """The checksum of the weights."""
        ...


class Looker(Protocol):
    """What looks: the embedded network, or anything that answers as it does."""

    @property
    def card(self) -> Card:
        """The card of the weights in use."""
        ...

    @property
    def weights(self) -> str:
        """What the weights in use are called in a report."""
        ...

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        """Look once at a picture (H×W×3 uint8) of any size; `near` says that it is cut from a larger one."""
        ...


@dataclass(frozen=True, slots=True)
class Closer:
    """A second look at a place; `clearness` (0–1) says how well the part is seen there."""

    box: Box
    clearness: float
    glance: Glance


@dataclass(frozen=True, slots=True)
class Look:
    """All looks at one picture."""

    glance: Glance
    closer: tuple[Closer, ...] = ()

    def presence(self, thing: str) -> float:
        """Return how sure a thing is seen in any of the looks, 0–1."""
        near = (look.clearness * look.glance.presence.get(thing, 0.0) for look in self.closer)
        return max(self.glance.presence.get(thing, 0.0), *near, 0.0)

    def probability(self, attribute: str, rule: Attribute) -> float:
        """Return the calibrated probability (0–1) of an attribute over all looks.

        A closer look moves the first answer as far as it sees the part itself; the most alarming one counts. Each
        further look is a further chance of a false alarm, so the odds of a closer one are divided by the number of
        looks (Bonferroni).
        """
        first = rule.probability(self.glance.logits[attribute])
        found = first
        if attribute in CLOSER:
            for look in self.closer:
                sight = look.clearness * look.glance.presence.get(attribute, 0.0)
                near = rule.probability(look.glance.logits[attribute])
                near /= near + (1 - near) * (1 + len(self.closer))
                found = max(found, sight * near + (1 - sight) * first)
        return found

    def map(self, attribute: str) -> Plane:
        """Return where an attribute is altered over all looks (0–1, at the first look's resolution)."""
        plane = self.glance.maps[attribute]
        if attribute not in CLOSER or not self.closer:
            return plane
        plane = plane.copy()
        for look in self.closer:
            place = plane[look.box.cells(plane.shape)]
            near = _shrunk(look.glance.maps[attribute], place.shape)
            sight = look.clearness * look.glance.presence.get(attribute, 0.0)
            np.maximum(place, np.float32(sight) * near, out=place)
        return plane


@dataclass(frozen=True, slots=True)
class First:
    """The first look at a picture, `shown` as it is or `turned` left to right; `glance` is of the picture as it is."""

    shown: Glance
    turned: bool
    glance: Glance


def first(eyes: Looker, rgb: Rgb) -> First:
    """Look at a picture once.

    A picture and its mirror image are shown the same way round, so that nothing that is said of them differs.
    """
    turned = _leans_right(rgb)
    shown = eyes.glance(np.ascontiguousarray(rgb[:, ::-1] if turned else rgb))
    return First(shown, turned, mirrored(shown) if turned else shown)


def closer(eyes: Looker, since: First, native: Rgb, calibration: Calibration) -> Look:
    """Look closer at hands and faces after the first look; `native` is the picture at its own size, to cut from."""
    own, near = native[:, ::-1] if since.turned else native, []
    for box, clearness in places(since.shown, own.shape[:2], calibration):
        rows, columns = box.cells(own.shape[:2])
        glance = eyes.glance(np.ascontiguousarray(own[rows, columns]), near=True)
        if since.turned:
            box, glance = _mirrored_box(box), mirrored(glance)
        near.append(Closer(box, clearness, glance))
    return Look(since.glance, tuple(near))


def _leans_right(rgb: Rgb) -> bool:
    """Return whether the right half is the lighter one; of a picture and its mirror image only one is so."""
    half = rgb.shape[1] // 2
    rows = rgb[::ROWS]
    return int(rows[:, :half].sum(dtype=np.int64)) < int(rows[:, rgb.shape[1] - half :].sum(dtype=np.int64))


def mirrored(glance: Glance) -> Glance:
    """Return a glance at the mirror image as one at the picture."""

    def back(plane: Plane) -> Plane:
        return np.ascontiguousarray(plane[:, ::-1])

    maps, parts = ({name: back(plane) for name, plane in planes.items()} for planes in (glance.maps, glance.parts))
    return replace(glance, mask=back(glance.mask), maps=maps, parts=parts)


def _mirrored_box(box: Box) -> Box:
    return replace(box, x=1 - box.x - box.width)


def places(glance: Glance, shape: tuple[int, ...], calibration: Calibration) -> list[tuple[Box, float]]:
    """Return where a closer look is worth its time, the plainest first, each with how clear the part is there (0–1).

    `shape` is the native height and width. Nothing where the first look saw the picture nearly at that size.
    """
    height, width = shape[:2]
    if MASK_STRIDE * max(glance.mask.shape) >= WORTH * max(height, width):
        return []
    found: list[tuple[float, Box, float]] = []
    for part in CLOSER:
        if part in glance.parts and calibration.present(part, glance.presence):
            for mass, box in spots(glance.parts[part], SEEN, part):
                side = float(np.sqrt(box.width * width * box.height * height))
                if side >= SMALLEST:
                    found.append((mass, _with_context(box, width, height), min(1.0, side / CLEAR)))
    chosen: list[tuple[Box, float]] = []
    for _, box, clearness in sorted(found, key=lambda each: -each[0]):
        if len(chosen) < MOST and all(_overlap(box, other) < SAME for other, _ in chosen):
            chosen.append((box, clearness))
    return chosen


def spots(plane: Plane, level: float, label: str) -> list[tuple[float, Box]]:
    """Return the connected areas of a map over a level with their mass, as boxes in shares of the picture."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((plane > level).astype(np.uint8), connectivity=8)
    height, width = plane.shape
    areas = []
    for number in range(1, count):
        x, y, across, down, _ = (int(value) for value in stats[number])
        mass = float(plane[labels == number].sum())
        areas.append((mass, Box(x / width, y / height, across / width, down / height, label)))
    return sorted(areas, key=lambda each: -each[0])


def _with_context(box: Box, width: int, height: int) -> Box:
    """Return a box with room around it, as square as the frame allows."""
    side = max(box.width * width, box.height * height) * (1 + 2 * CONTEXT)
    across, down = min(1.0, side / width), min(1.0, side / height)
    x = min(max(0.0, box.x + box.width / 2 - across / 2), 1 - across)
    y = min(max(0.0, box.y + box.height / 2 - down / 2), 1 - down)
    return Box(x, y, across, down, box.label)


def _shrunk(plane: Plane, shape: tuple[int, ...]) -> Plane:
    """Return a map at a smaller size that keeps its peaks; a mean would wash a small fault out."""
    (rows, columns), (height, width) = plane.shape, shape
    reach = np.ones((-(-rows // height), -(-columns // width)), np.uint8)
    return np.asarray(cv2.resize(cv2.dilate(plane, reach), (width, height), interpolation=cv2.INTER_NEAREST))


def _overlap(one: Box, other: Box) -> float:
    """Return the shared area over the smaller one's."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0.0, across) * max(0.0, down) / max(smaller, 1e-9)
