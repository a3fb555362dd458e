"""Pictures of people with their parts located, as the makers of hands, faces and bodies view them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.picture import opened, sources, worn
from evaluator.training.makers.warp import (
    Layers,
    Points,
    altered,
    area,
    bend,
    capsule,
    copied,
    difference,
    fill,
    joined,
    lay,
    melt,
    ripple,
    scramble,
    soften,
    swell,
)
from evaluator.training.sample import Sample
from evaluator.training.sources import Source
from evaluator.types import Plane

Box = tuple[float, float, float, float]
Leave = Callable[[Layers, Points, Plane, np.random.Generator], Layers]
"""Handles layers about a part (its points) as a fault does, but leaves what must stay (a cover) sound."""

SEEN = 0.55
"""Visibility from which a point of the pose is taken to be in sight."""
FINGERS = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
"""Joints of thumb to little finger, from the root to the tip, by their numbers in MediaPipe's hand."""
PALM = (0, 1, 2, 5, 9, 13, 17)


@dataclass(frozen=True, slots=True)
class Found:
    """A picture and the parts located in it: hands (21×2), faces (468×2), a pose (33×3: x, y, visibility) or None."""

    source: Source
    hands: tuple[Points, ...]
    faces: tuple[Points, ...]
    pose: Points | None


@dataclass(frozen=True, slots=True)
class View:
    """A cut of such a picture at a web picture's size; `masked` says whether its fourth layer means anything."""

    found: Found
    layers: Layers
    masked: bool
    hands: tuple[Points, ...]
    faces: tuple[Points, ...]
    pose: Points | None


@cache
def found(set: str, data: Path, parts: Path, held: bool) -> tuple[Found, ...]:
    """Return the pictures of a set, on one side of the split, of which a file of parts tells."""
    listed = []
    for source in sources(set, data, held):
        file = parts / set / f"{source.path.stem}.json"
        if not file.exists():
            continue
        read = json.loads(file.read_text("utf-8"))
        # Single hands are taken for whole bodies now and then.
        pose = np.array(read["pose"], np.float64) if read["pose"] and set not in ("hands", "digits") else None
        if pose is not None and _span(pose) < 0.3 * read["size"][1]:
            pose = None
        hands = tuple(np.array(hand["points"], np.float64) for hand in read["hands"] if hand["score"] > 0.75)
        faces = tuple(np.array(face["points"], np.float64) for face in read["faces"])
        listed.append(Found(source, hands, faces, pose))
    return tuple(listed)


def _span(pose: Points) -> float:
    seen = pose[pose[:, 2] > SEEN, 1]
    return float(np.ptp(seen)) if len(seen) else 0.0


def view(one: Found, box: Box | None, longer: int, mirrored: bool) -> View:
    """Return the view of a box (x0, y0, x1, y1; the whole where None) whose longer side is `longer` pixels."""
    picture, mask = opened(one.source)
    height, width = picture.shape[:2]
    plane = np.full((height, width), 255, np.uint8) if mask is None else np.round(mask * 255).astype(np.uint8)
    x0, y0, x1, y1 = (0, 0, width, height) if box is None else (round(value) for value in box)
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    cut = np.dstack([picture[y0:y1, x0:x1], plane[y0:y1, x0:x1]])
    scale = longer / max(cut.shape[:2])
    size = (max(16, round(cut.shape[1] * scale)), max(16, round(cut.shape[0] * scale)))
    layers = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)

    def placed(points: Points) -> Points:
        moved = points.copy()
        moved[:, :2] = (points[:, :2] - [x0, y0]) * scale
        if mirrored:
            moved[:, 0] = size[0] - 1 - moved[:, 0]
        return moved

    def within(points: Points) -> bool:
        return float(((points >= 0) & (points < size)).all(axis=1).mean()) > 0.75

    hands = tuple(points for points in map(placed, one.hands) if within(points))
    faces = tuple(points for points in map(placed, one.faces) if within(points))
    if mirrored:
        layers = layers[:, ::-1]
    pose = None if one.pose is None else placed(one.pose)
    return View(one, np.ascontiguousarray(layers, np.uint8), mask is not None, hands, faces, pose)


def around(points: Points, context: float, seed: np.random.Generator) -> Box:
    """Return a box `context` times as large as what the points span, a little off its middle."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    extent = float((high - low).max())
    middle = (low + high) / 2 + seed.uniform(-0.5, 0.5, 2) * extent * (context - 1) * 0.6
    half = extent * context / 2 * seed.uniform(0.88, 1.12, 2)
    return (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])


def extent(points: Points) -> float:
    """Return the longer side in pixels of the box around points."""
    return float(np.ptp(points[:, :2], axis=0).max())


def thickness(points: Points) -> float:
    """Return about half a finger's width in pixels: from the knuckles' spacing, or the length if seen edge-on."""
    gaps = np.hypot(*np.diff(points[[5, 9, 13, 17]], axis=0).T)
    length = float(np.hypot(*np.diff(points[[0, 9, 10, 11, 12]], axis=0).T).sum())
    return max(1.2, 0.48 * float(np.median(gaps)), 0.042 * length)


def hand_cover(shape: tuple[int, ...], points: Points, wide: float = 1.0) -> Plane:
    """Return the cover of a hand: its palm and its fingers, `wide` times as thick as they are thought to be."""
    radius = thickness(points) * wide
    fingers = [capsule(shape, points[list(finger)], radius, 0.8) for finger in FINGERS]
    return joined([area(shape, points[list(PALM)], 0.8), *fingers])


def skin(layers: Layers, cover: Plane, near: Points) -> Plane:
    """Return a cover narrowed to the colours at some points; the cover itself where those do not agree."""
    height, width = layers.shape[:2]
    spots = np.round(near).astype(int)
    spots = spots[(spots >= 0).all(1) & (spots[:, 0] < width) & (spots[:, 1] < height)]
    rows, columns = np.flatnonzero(cover.max(1) > 0.02), np.flatnonzero(cover.max(0) > 0.02)
    if len(spots) < 5 or not len(rows):
        return cover
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    blurred = cv2.GaussianBlur(np.ascontiguousarray(layers[part][..., :3]), (0, 0), 0.8)
    lab = cv2.cvtColor(blurred, cv2.COLOR_RGB2LAB).astype(np.float32)
    inside = np.clip(spots - [columns[0], rows[0]], 0, [lab.shape[1] - 1, lab.shape[0] - 1])
    colours = lab[inside[:, 1], inside[:, 0]]
    middle = np.median(colours, axis=0)
    spread = np.maximum(1.5 * np.median(np.abs(colours - middle), axis=0), [14, 4, 5])
    distance = np.sqrt((((lab - middle) / spread) ** 2).sum(-1) / 3)
    close = np.clip((2.6 - distance) / 0.9, 0, 1)
    if float((close * cover[part]).sum()) < 0.5 * float(cover[part].sum()):
        return cover
    narrowed = np.zeros_like(cover)
    narrowed[part] = cv2.morphologyEx(close.astype(np.float32), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return soften(narrowed * cover, 0.6)


def bare(layers: Layers, points: Points) -> bool:
    """Return whether a located hand shows skin: one that is in a pocket or behind the back does not."""
    spots = np.round(points[1:]).astype(int)
    inside = (spots >= 0).all(1) & (spots[:, 0] < layers.shape[1]) & (spots[:, 1] < layers.shape[0])
    if inside.sum() < 12:
        return False
    colours = np.ascontiguousarray(layers[spots[inside][:, 1], spots[inside][:, 0], :3][None])
    _, red, blue = np.moveaxis(cv2.cvtColor(colours, cv2.COLOR_RGB2YCrCb)[0].astype(int), 1, 0)
    return float(((red > 132) & (red < 182) & (blue > 80) & (blue < 128) & (red > blue + 6)).mean()) > 0.7


def harmless(layers: Layers, part: Points, avoid: Plane, seed: np.random.Generator) -> Layers:
    """Return layers handled as a fault handles them, but so that anatomy stays: nudged, resampled, filled elsewhere."""
    result = layers
    size, middle = extent(part), part[:, :2].mean(0)
    for kind in seed.choice(7, int(seed.integers(1, 4)), replace=False):
        if kind == 0:
            factor, angle = seed.uniform(0.95, 1.06), seed.uniform(-0.07, 0.07)
            result = swell(result, middle, size * seed.uniform(1.0, 1.6), factor, angle, seed.normal(0, 0.02, 2) * size)
        elif kind == 1:
            cover = soften((avoid > 0.3).astype(np.float32), max(1.0, size / 20))
            result = melt(result, cover, size * seed.uniform(0.002, 0.008), size * seed.uniform(0.5, 1.2), seed)
        elif kind == 2:
            cover = soften((avoid > 0.3).astype(np.float32), 1.5) * np.float32(seed.uniform(0.4, 1))
            soft = cv2.GaussianBlur(result, (0, 0), seed.uniform(0.4, float(np.clip(size / 90, 0.5, 1.3))))
            result = lay(result, soft, cover)
        elif kind == 3:
            amount = min(size, 200) * seed.uniform(0.01, 0.04)
            cell = 0.8 * max(layers.shape)
            result = bend(result, *(np.float32(amount) * ripple(layers.shape, cell, seed) for _ in range(2)))
        elif kind == 4:
            # Cut out and laid back where it was, with the same soft edge and resampling as a limb that is misplaced.
            cover = soften((avoid > 0.3).astype(np.float32), 0.7)
            placed, laid = copied(result, cover, middle, seed.normal(0, 0.006), 1.0, seed.normal(0, 0.5, 2))
            result = lay(result, placed, laid)
        else:
            result = _elsewhere(result, size, avoid, seed)
    return result


def _elsewhere(layers: Layers, size: float, avoid: Plane, seed: np.random.Generator) -> Layers:
    """Return layers filled, melted or scrambled at a spot that keeps well off what must stay."""
    height, width = layers.shape[:2]
    radius = min(size, 160) * seed.uniform(0.1, 0.35)
    near = cv2.dilate((avoid > 0.05).astype(np.uint8), np.ones((3, 3), np.uint8))
    room = cv2.distanceTransform(1 - near, cv2.DIST_L2, 3) if near.any() else np.full((height, width), 1e3, np.float32)
    rows, columns = np.nonzero(room > 1.5 * radius + 2)
    if not len(rows):
        return layers
    pick = int(seed.integers(len(rows)))
    spot = np.array([columns[pick], rows[pick]], np.float64)
    ends = np.array([spot, spot + seed.uniform(-0.3, 0.3, 2) * radius])
    cover = capsule(layers.shape, ends, radius * 0.7, max(0.8, radius / 8))
    kind = seed.integers(3)
    if kind == 0:
        return fill(layers, cover, seed)
    if kind == 1:
        return melt(layers, cover, radius * seed.uniform(0.05, 0.3), radius * seed.uniform(0.3, 1), seed)
    return scramble(layers, cover, radius * 0.3, int(seed.integers(3, 9)), seed)


def severity(before: Layers, after: Layers, cover: Plane, strength: float, size: float) -> float | None:
    """Return how plain a fault is (0.2–1), None where it hardly shows.

    Half is the strength it was made with, half the change over the part's own area; small parts show less of it.
    """
    change = float(difference(before, after).sum()) / max(1.0, float(cover.sum()))
    if change < 0.012:
        return None
    seen = 1 - np.exp(-change / 0.12)
    plain = (0.5 * strength + 0.5 * seen) * min(1.0, (size / 64) ** 0.5)
    return float(np.clip(0.08 + 0.95 * plain, 0.2, 1))


def sample(
    shown: View, after: Layers, attribute: str, grade: float, untouched: frozenset[str], seed: np.random.Generator
) -> Sample:
    """Return the sample of a view after its treatment: `attribute` has the severity `grade` (0 sound).

    `untouched` are the other attributes that the treatment is sure to have left sound.
    """
    picture, _ = worn(np.ascontiguousarray(after[..., :3]), seed)
    blank = np.zeros(picture.shape[:2], np.float32)
    bodies = (shown.pose,) if shown.pose is not None and _bodily(shown) else ()
    parts = {"hand": shown.hands, "face": shown.faces, "body": bodies}
    size = max((extent(points) for points in parts[attribute]), default=64.0)
    maps = {attribute: blank}
    if grade:
        maps[attribute] = altered(shown.layers, after, size if attribute != "body" else size / 3)
    if grade and attribute == "body" and shown.masked:
        # A street that gives way to a wider waist is no part of the body.
        person = np.maximum(shown.layers[..., 3], after[..., 3])
        near = cv2.dilate(person, np.ones((9, 9), np.uint8)).astype(np.float32) / np.float32(255)
        maps[attribute] = maps[attribute] * near
    maps |= {name: blank for name in sorted(untouched) if parts[name]}
    criteria = {"body_plausibility" if attribute == "body" else "hand_face_integrity": 5 - 4 * grade}
    tags = {name: grade if name == attribute else 0.0 for name in maps}
    if shown.found.source.set == "people":
        # A person photographed in the street belongs there.
        criteria["scene_fit"], tags["fusion"] = 5.0, 0.0
    mask = after[..., 3].astype(np.float32) / np.float32(255) if shown.masked else None
    return Sample(
        picture=picture,
        object=shown.found.source.object,
        mask=mask,
        maps=maps,
        tags=tags,
        presence=_presence(shown),
        criteria=criteria,
    )


def _bodily(shown: View) -> bool:
    """Return whether enough of a body is in sight to judge it."""
    if shown.pose is None:
        return False
    seen = shown.pose[11:][shown.pose[11:, 2] > SEEN, :2]
    return int(((seen > 0) & (seen < shown.layers.shape[1::-1])).all(1).sum()) >= 4


def _presence(shown: View) -> dict[str, float]:
    set, size = shown.found.source.set, shown.layers.shape[1::-1]
    known = {"hand": 1.0} if shown.hands and (set in ("hands", "digits") or bare(shown.layers, shown.hands[0])) else {}
    if not known and shown.pose is not None:
        arms = shown.pose[15:23, :2]
        if not ((arms > -0.08 * np.array(size)) & (arms < 1.08 * np.array(size))).all(1).any():
            known["hand"] = 0.0
    if shown.faces:
        known["face"] = 1.0
    elif set == "digits":
        known["face"] = 0.0
    elif shown.pose is not None:
        head = shown.pose[:11, :2]
        if not ((head > -0.05 * np.array(size)) & (head < 1.05 * np.array(size))).all(1).any():
            known["face"] = 0.0
    if set == "people" or shown.faces or _bodily(shown):
        known["person"] = 1.0
    if set == "people":
        known |= {"plain_backdrop": 0.0, "flat_lay": 0.0}
    return known
