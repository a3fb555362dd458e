"""What can go wrong with a product when its picture is made anew: edits of a cut-out, and where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.cutout import Cutout, extend
from evaluator.training.makers.places import blob, busiest, inner, mixed, rim, with_room
from evaluator.training.makers.resurfaced import recolour, redrawn, relabel, smeared, texture
from evaluator.types import Plane

Change = Callable[[Cutout, float, np.random.Generator], tuple[Cutout, Plane]]
"""Takes a subject and a strength (0–1); gives the changed subject and where it differs (0–1, its own size)."""


def stretch(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The product made wider or narrower, or bulging to one end."""
    high, wide = subject.alpha.shape
    by = seed.choice([-1, 1]) * (0.06 + 0.34 * strength)
    columns, rows = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    if seed.random() < 0.6:
        size = (max(8, round(wide * (1 + by))), high)
        colour = np.clip(cv2.resize(subject.colour, size, interpolation=cv2.INTER_CUBIC), 0, 1)
        alpha = np.clip(cv2.resize(subject.alpha, size, interpolation=cv2.INTER_LINEAR), 0, 1)
        changed = replace(subject, colour=colour, alpha=alpha)
        return changed, alpha
    room = round(0.5 * abs(by) * wide) + 2
    along = rows / high if seed.random() < 0.5 else 1 - rows / high
    widths = 1 + by * np.sin(np.pi * np.clip(along * 1.3 - 0.1, 0, 1))
    centre = wide / 2
    source = (np.pad(columns, ((0, 0), (room, room)), mode="edge"), np.pad(rows, ((0, 0), (room, room)), mode="edge"))
    place = np.arange(-room, wide + room, dtype=np.float32)[None] - centre
    lookup = (centre + place / np.pad(widths, ((0, 0), (room, room)), mode="edge")).astype(np.float32)
    colour = cv2.remap(subject.colour, lookup, source[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(subject.alpha, lookup, source[1], cv2.INTER_LINEAR, borderValue=0)
    bent = np.abs(np.pad(widths, ((0, 0), (room, room)), mode="edge") - 1) > 0.3 * abs(by)
    return replace(subject, colour=colour, alpha=alpha), np.asarray(alpha * bent, np.float32)


def erased(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A part gone: bitten off the silhouette, or painted over with what surrounds it."""
    body = subject.alpha > 0.5
    if seed.random() < 0.6:
        place = blob(body, rim(body, seed), 0.03 + 0.14 * strength, seed)
        alpha = subject.alpha * (1 - place)
        return replace(subject, alpha=np.asarray(alpha, np.float32)), np.asarray(place * subject.alpha, np.float32)
    inside = inner(subject.alpha)
    size = round(np.sqrt((0.03 + 0.14 * strength) * body.sum()))
    top, left = busiest(subject.colour, inside, (size, size), seed)
    place = blob(body, (top + size / 2, left + size / 2), 0.03 + 0.14 * strength, seed)
    filled = extend(subject.colour, body & (place < 0.1))
    return mixed(subject, filled, place)


def added(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A part that was never there: a knob, a handle or a strap of the product's own colours, on its edge."""
    room = round(0.28 * max(subject.alpha.shape))
    wide = with_room(subject, room)
    body = wide.alpha > 0.5
    edge = rim(body, seed)
    size = np.sqrt((0.03 + 0.12 * strength) * body.sum())
    canvas = np.zeros(body.shape, np.uint8)
    axes = (max(3, round(size * seed.uniform(0.5, 0.75))), max(3, round(size * seed.uniform(0.4, 0.6))))
    middle = (round(edge[1]), round(edge[0]))
    if seed.random() < 0.5:
        cv2.ellipse(canvas, middle, axes, seed.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        ring = max(3, round(0.35 * size))
        cv2.ellipse(canvas, middle, (round(axes[0] * 1.3), round(axes[1] * 1.3)), 0, 0, 360, 255, ring, cv2.LINE_AA)
    part = cv2.GaussianBlur(canvas.astype(np.float32) / np.float32(255), (0, 0), 0.6)
    part = np.asarray(part * (1 - wide.alpha), np.float32)
    tones = wide.colour[body]
    tone = tones[int(seed.integers(len(tones)))] * seed.uniform(0.7, 1.1)
    shading = 1 + 0.18 * cv2.GaussianBlur(smooth(part.shape, max(4.0, size / 2), seed), (0, 0), 2.0)
    colour = wide.colour * (1 - part[..., None]) + np.clip(tone * shading[..., None], 0, 1) * part[..., None]
    grown = replace(wide, colour=colour.astype(np.float32), alpha=np.maximum(wide.alpha, part))
    return grown, part


def doubled(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A piece of the product shown a second time beside or upon itself."""
    room = round(0.2 * max(subject.alpha.shape))
    wide = with_room(subject, room)
    body = wide.alpha > 0.5
    size = round(np.sqrt((0.05 + 0.15 * strength) * body.sum()))
    top, left = busiest(wide.colour, body.astype(np.float32), (size, size), seed)
    way = seed.uniform(0, 2 * np.pi)
    by = size * seed.uniform(0.8, 1.5) * np.array([np.cos(way), np.sin(way)])
    piece = blob(body, (top + size / 2, left + size / 2), 0.05 + 0.15 * strength, seed) * wide.alpha
    move = np.array([[1, 0, round(by[0])], [0, 1, round(by[1])]], np.float32)
    frame = (body.shape[1], body.shape[0])
    part = cv2.warpAffine(piece.astype(np.float32), move, frame)
    again = cv2.warpAffine(wide.colour, move, frame, borderMode=cv2.BORDER_REPLICATE)
    colour = wide.colour * (1 - part[..., None]) + again * part[..., None]
    return replace(wide, colour=np.asarray(colour, np.float32), alpha=np.maximum(wide.alpha, part)), part


def mirror(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The product turned left to right; a strength has no meaning here."""
    colour, alpha = (np.ascontiguousarray(plane[:, ::-1]) for plane in (subject.colour, subject.alpha))
    return replace(subject, colour=colour, alpha=alpha), alpha


CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (recolour, relabel, stretch, erased, added, doubled, texture, mirror, smeared, redrawn)
}
