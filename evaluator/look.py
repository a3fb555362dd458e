"""Looking with the networks: at the whole picture once, then at its hands, faces and the subject's rim from nearby."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from evaluator.calibration import Attribute, Calibration
from evaluator.network.heads import LIMBS
from evaluator.types import Box, Closeup, Glance, Plane, Rgb, Sameness

MOST = 3
"""Most closer looks at one picture."""
SEEN = 0.5
"""Least value of a part's map where the part is taken to be."""
CONTEXT = 0.5
"""Room around a part, as a share of its longer side, on each side."""
SMALLEST = 24.0
"""Side in pixels under which a part shows too little to look at again."""
SAME = 0.3
"""Least overlap of two places that are one."""
NONE, SOME = 0.35, 0.65
"""Presence from nearby (0–1) up to which what the first look takes for a hand or a face is none, and from which one."""
HARDLY = 2.0
"""Log-odds taken off where there is no hand or face at all, beside a place where there plainly is one."""
RIMS = 2
"""Most pieces of the subject's rim that are looked at."""
PIECE = 0.36
"""Side of such a piece, as a share of the side of a square as large as the picture."""
DOUBTFUL = 0.3
"""How much a rim counts that the first look does not doubt at all, beside one that it doubts wholly."""
WORTH = 0.25
"""Least that a piece holds of what the first one does."""
SOFTNESS = {"fusion": 1.0, "artefact": 1.0}
"""Spread of the blur, in cells, under which places of an attribute come out: a single high cell is mostly chance."""
ROWS = 4
"""Of so many rows one is asked which half of a picture is lighter."""


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

    def close(self, cuts: Sequence[Rgb], about: Sequence[str]) -> list[Closeup]:
        """Look at cuts (H×W×3 uint8) of a picture, each `about` a hand, a face, or a piece of a rim (`fusion`)."""
        ...

    def beside(self, original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> Sameness:
        """Look at an original and a generated picture that lie over each other (S×S×3 uint8), the product in a mask."""
        ...


@dataclass(frozen=True, slots=True)
class Closer:
    """A look at a place from nearby."""

    box: Box
    closeup: Closeup


@dataclass(frozen=True, slots=True)
class Look:
    """All looks at one picture."""

    glance: Glance
    closer: tuple[Closer, ...] = ()

    def presence(self, thing: str) -> float:
        """Return how sure a thing is seen in any of the looks, 0–1.

        What the first look takes for a hand or a face, and is none from nearby, is none.
        """
        near = max((look.closeup.presence.get(thing, 0.0) for look in self.closer), default=0.0)
        seen = max(self.glance.sees(thing), near)
        if thing in LIMBS and any(look.box.label == thing for look in self.closer):
            seen *= min(max((near - NONE) / (SOME - NONE), 0.0), 1.0)
        return seen

    def probability(self, attribute: str, rule: Attribute) -> float:
        """Return the calibrated probability (0–1) of an attribute over all looks."""
        near = odds_nearby((look.closeup for look in self.closer), attribute)
        return rule.probability(self.glance.logits[attribute], near)

    def map(self, attribute: str) -> Plane:
        """Return where an attribute is altered over all looks (0–1, at the first look's resolution).

        Where there was a look from nearby it counts as much as the first one.
        """
        plane = _softened(self.glance.maps[attribute], SOFTNESS.get(attribute, 0.0))
        near = [look for look in self.closer if attribute in look.closeup.maps]
        if not near:
            return plane
        plane = plane.copy()
        for look in near:
            place = plane[look.box.cells(plane.shape)]
            place += np.float32(look.closeup.presence[attribute]) * _sized(look.closeup.maps[attribute], place.shape)
            place /= 1 + np.float32(look.closeup.presence[attribute])
        return plane


def odds_nearby(closeups: Iterable[Closeup], attribute: str) -> float | None:
    """Return the uncalibrated log-odds of an attribute from nearby, None where nothing was looked at for it.

    Of hands or faces the most alarming counts, each as far as it is seen at all, and less the more plainly another is;
    of the pieces of one rim their mean.
    """
    seen = [(each.presence[attribute], each.logits[attribute]) for each in closeups if attribute in each.logits]
    if not seen:
        return None
    if attribute not in LIMBS:
        return sum(logit for _, logit in seen) / len(seen)
    plainest = max(presence for presence, _ in seen)
    return max(presence * logit - HARDLY * (plainest - presence) for presence, logit in seen)


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
    """Look closer after the first look: at hands, faces, and the rim of a subject that stands before anything.

    `native` is the picture at its own size, to cut from.
    """
    own = native[:, ::-1] if since.turned else native
    boxes = places(since.shown, own.shape[:2], calibration)
    if not calibration.present("plain_backdrop", since.shown.sees("plain_backdrop")):
        boxes += rims(since.shown)
    cuts = [np.ascontiguousarray(own[box.cells(own.shape[:2])]) for box in boxes]
    seen = eyes.close(cuts, [box.label for box in boxes])
    near = [Closer(box, each) for box, each in zip(boxes, seen, strict=True)]
    return Look(since.glance, tuple(map(_mirrored_closer, near) if since.turned else near))


def _leans_right(rgb: Rgb) -> bool:
    """Return whether the right half is the lighter one; of a picture and its mirror image only one is so."""
    half = rgb.shape[1] // 2
    rows = rgb[::ROWS]
    return int(rows[:, :half].sum(dtype=np.int64)) < int(rows[:, rgb.shape[1] - half :].sum(dtype=np.int64))


def mirrored(glance: Glance) -> Glance:
    """Return a glance at the mirror image as one at the picture."""
    mask = np.ascontiguousarray(glance.mask[:, ::-1])
    return replace(glance, mask=mask, maps=_mirrored_planes(glance.maps), parts=_mirrored_planes(glance.parts))


def _mirrored_planes(planes: Mapping[str, Plane]) -> dict[str, Plane]:
    return {name: np.ascontiguousarray(plane[:, ::-1]) for name, plane in planes.items()}


def _mirrored_closer(near: Closer) -> Closer:
    closeup = replace(near.closeup, maps=_mirrored_planes(near.closeup.maps))
    return Closer(replace(near.box, x=1 - near.box.x - near.box.width), closeup)


def places(glance: Glance, shape: tuple[int, ...], calibration: Calibration) -> list[Box]:
    """Return where hands and faces are, each with room around it, the plainest first; `shape` is in native pixels."""
    height, width = shape[:2]
    found: list[tuple[float, Box]] = []
    for part in LIMBS:
        if part in glance.parts and calibration.present(part, glance.sees(part)):
            for mass, box in spots(glance.parts[part], SEEN, part):
                side = float(np.sqrt(box.width * width * box.height * height))
                if side >= SMALLEST:
                    found.append((mass, _with_context(box, width, height)))
    chosen: list[Box] = []
    for _, box in sorted(found, key=lambda each: -each[0]):
        if len(chosen) < MOST and all(_overlap(box, other) < SAME for other in chosen):
            chosen.append(box)
    return chosen


def rims(glance: Glance) -> list[Box]:
    """Return pieces of the rim of the subject, squares that hold most of it and where the first look doubts it most."""
    solid = (glance.mask > SEEN).astype(np.uint8)
    (height, width), brush = solid.shape, np.ones((3, 3), np.uint8)
    rim = (cv2.dilate(solid, brush) - cv2.erode(solid, brush)).astype(np.float32)
    rim *= DOUBTFUL + (1 - DOUBTFUL) * cv2.resize(glance.maps["fusion"], (width, height))
    side = round(PIECE * float(np.sqrt(height * width)))
    high, wide = min(side, height), min(side, width)
    found: list[Box] = []
    most = 0.0
    for _ in range(RIMS):
        # How much of the rim lies in the square whose corner each cell is.
        held = cv2.integral(rim)
        sums = held[high:, wide:] - held[:-high, wide:] - held[high:, :-wide] + held[:-high, :-wide]
        top, left = (int(at) for at in np.unravel_index(int(sums.argmax()), sums.shape))
        most = most or float(sums[top, left])
        if sums[top, left] <= WORTH * most:
            break
        found.append(Box(left / width, top / height, wide / width, high / height, "fusion"))
        rim[top : top + high, left : left + wide] = 0
    return found


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


def _sized(plane: Plane, shape: tuple[int, ...]) -> Plane:
    """Return a map at another size; a smaller one keeps its peaks, since a mean would wash a small fault out."""
    (rows, columns), (height, width) = plane.shape, shape
    reach = np.ones((max(1, -(-rows // height)), max(1, -(-columns // width))), np.uint8)
    how = cv2.INTER_NEAREST if height < rows else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cv2.dilate(plane, reach), (width, height), interpolation=how))


def _softened(plane: Plane, spread: float) -> Plane:
    """Return a map blurred by a Gaussian of a spread in cells, its peak as high as it was."""
    if not spread or not plane.any():
        return plane
    blurred = cv2.GaussianBlur(plane, (0, 0), spread)
    return np.asarray(blurred * (plane.max() / blurred.max()), np.float32)


def _overlap(one: Box, other: Box) -> float:
    """Return the shared area over the smaller one's."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0.0, across) * max(0.0, down) / max(smaller, 1e-9)
