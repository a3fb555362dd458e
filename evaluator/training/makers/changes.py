"""What can go wrong with a product when its picture is made anew: edits of a cut-out, and where they lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.cutout import Cutout, extend
from evaluator.types import Flags, Plane

Change = Callable[[Cutout, float, np.random.Generator], tuple[Cutout, Plane]]
"""Takes a subject and a strength (0–1); gives the changed subject and where it differs (0–1, its own size)."""

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
LETTERS = "ABCDEFGHKLMNPRSTUVXYZ0123456789"


def recolour(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """Hue turned and chroma moved in L*a*b*, of the whole product or of one of its colours."""
    lab = cv2.cvtColor(subject.colour, cv2.COLOR_RGB2LAB)
    where = subject.alpha > 0.5
    if seed.random() < 0.4:
        where = where & _one_colour(lab, where, seed)
    angle = strength * seed.uniform(1.2, 2.6) * seed.choice([-1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    way = seed.uniform(0, 2 * np.pi)
    push = 38 * strength * np.array([np.cos(way), np.sin(way)], np.float32)
    greyish = np.clip(1 - np.linalg.norm(lab[..., 1:], axis=2) / 30, 0, 1)[..., None]
    changed = lab.copy()
    changed[..., 1:] = lab[..., 1:] @ turn.T + push * greyish
    changed[..., 0] += 18 * strength * seed.uniform(-1, 1)
    return _mixed(subject, cv2.cvtColor(changed, cv2.COLOR_LAB2RGB), where.astype(np.float32))


def relabel(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A place with detail wiped out and printed anew with other letters."""
    high, wide = subject.alpha.shape
    inside = _inner(subject.alpha)
    share = (0.03 + 0.12 * strength) * float((subject.alpha > 0.5).sum())
    aspect = seed.uniform(1.4, 3.2)
    across, down = max(14, round(np.sqrt(share * aspect))), max(8, round(np.sqrt(share / aspect)))
    top, left = _busiest(subject.colour, inside, (down, across), seed)
    rows, columns = slice(top, min(high, top + down)), slice(left, min(wide, left + across))
    place = np.zeros_like(subject.alpha)
    place[rows, columns] = 1
    place = place * (subject.alpha > 0.5)
    ground = np.median(subject.colour[rows, columns].reshape(-1, 3), axis=0)
    ink = ground + (0.45 if ground.mean() < 0.5 else -0.45) * seed.uniform(0.6, 1.2, 3)
    printed = subject.colour.copy()
    soft = cv2.GaussianBlur(subject.colour, (0, 0), max(3.0, down / 4))
    printed[rows, columns] = 0.3 * soft[rows, columns] + 0.7 * ground.astype(np.float32)
    _print(printed[rows, columns], np.clip(ink, 0, 1), seed)
    return _mixed(subject, printed, cv2.blur(place, (3, 3)))


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
        place = _blob(body, _rim(body, seed), 0.03 + 0.14 * strength, seed)
        alpha = subject.alpha * (1 - place)
        return replace(subject, alpha=np.asarray(alpha, np.float32)), np.asarray(place * subject.alpha, np.float32)
    inside = _inner(subject.alpha)
    size = round(np.sqrt((0.03 + 0.14 * strength) * body.sum()))
    top, left = _busiest(subject.colour, inside, (size, size), seed)
    place = _blob(body, (top + size / 2, left + size / 2), 0.03 + 0.14 * strength, seed)
    filled = extend(subject.colour, body & (place < 0.1))
    return _mixed(subject, filled, place)


def added(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A part that was never there: a knob, a handle or a strap of the product's own colours, on its edge."""
    room = round(0.28 * max(subject.alpha.shape))
    wide = _with_room(subject, room)
    body = wide.alpha > 0.5
    rim = _rim(body, seed)
    size = np.sqrt((0.03 + 0.12 * strength) * body.sum())
    canvas = np.zeros(body.shape, np.uint8)
    axes = (max(3, round(size * seed.uniform(0.5, 0.75))), max(3, round(size * seed.uniform(0.4, 0.6))))
    middle = (round(rim[1]), round(rim[0]))
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
    wide = _with_room(subject, room)
    body = wide.alpha > 0.5
    size = round(np.sqrt((0.05 + 0.15 * strength) * body.sum()))
    top, left = _busiest(wide.colour, body.astype(np.float32), (size, size), seed)
    way = seed.uniform(0, 2 * np.pi)
    by = size * seed.uniform(0.8, 1.5) * np.array([np.cos(way), np.sin(way)])
    piece = _blob(body, (top + size / 2, left + size / 2), 0.05 + 0.15 * strength, seed) * wide.alpha
    move = np.array([[1, 0, round(by[0])], [0, 1, round(by[1])]], np.float32)
    frame = (body.shape[1], body.shape[0])
    part = cv2.warpAffine(piece.astype(np.float32), move, frame)
    again = cv2.warpAffine(wide.colour, move, frame, borderMode=cv2.BORDER_REPLICATE)
    colour = wide.colour * (1 - part[..., None]) + again * part[..., None]
    return replace(wide, colour=np.asarray(colour, np.float32), alpha=np.maximum(wide.alpha, part)), part


def texture(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The surface made up anew: its detail bent and shuffled, with a grain of its own."""
    high, wide = subject.alpha.shape
    reach = (0.012 + 0.05 * strength) * max(high, wide)
    grain = max(6.0, 2.5 * reach)
    bend = np.stack([reach * smooth((high, wide), grain, seed) for _ in range(2)])
    columns, rows = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    full = extend(subject.colour, subject.alpha > 0.9)
    bent = cv2.remap(full, columns + bend[0], rows + bend[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    pattern = smooth((high, wide), seed.uniform(3, 9), seed)[..., None]
    bent = np.clip(bent * (1 + 0.12 * strength * pattern), 0, 1)
    body = subject.alpha > 0.5
    place = body.astype(np.float32)
    if seed.random() < 0.5:
        place = _blob(body, _anywhere(body, seed), 0.3 + 0.3 * strength, seed)
    return _mixed(subject, bent, place)


def mirror(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The product turned left to right; a strength has no meaning here."""
    colour, alpha = (np.ascontiguousarray(plane[:, ::-1]) for plane in (subject.colour, subject.alpha))
    return replace(subject, colour=colour, alpha=alpha), alpha


CHANGES: dict[str, Change] = {
    change.__name__: change for change in (recolour, relabel, stretch, erased, added, doubled, texture, mirror)
}


def _mixed(subject: Cutout, changed: npt.NDArray[np.floating], place: Plane) -> tuple[Cutout, Plane]:
    share = np.clip(place, 0, 1)[..., None]
    colour = np.clip(subject.colour * (1 - share) + changed * share, 0, 1)
    return replace(subject, colour=np.asarray(colour, np.float32)), np.asarray(place * subject.alpha, np.float32)


def _with_room(subject: Cutout, room: int) -> Cutout:
    colour = cv2.copyMakeBorder(subject.colour, room, 0, room, room, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(subject.alpha, room, 0, room, room, cv2.BORDER_CONSTANT, value=0)
    return replace(subject, colour=np.asarray(colour, np.float32), alpha=np.asarray(alpha, np.float32))


def _inner(alpha: Plane) -> Plane:
    """Return how deep inside the subject a pixel lies, up to 1."""
    depth = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(depth / max(float(depth.max()), 1.0), np.float32)


def _one_colour(lab: Plane, where: Flags, seed: np.random.Generator) -> Flags:
    """Return the pixels of one of the subject's three main colours."""
    points = np.asarray(lab[where][:: max(1, int(where.sum()) // 2000)], np.float32)
    cv2.setRNGSeed(int(seed.integers(1 << 30)))
    rule = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, _, centres = cv2.kmeans(points, 3, np.zeros((0, 1), np.int32), rule, 1, cv2.KMEANS_PP_CENTERS)
    nearest = np.stack([np.linalg.norm(lab - centre, axis=2) for centre in centres]).argmin(0)
    chosen = int(seed.integers(3))
    soft = cv2.medianBlur((nearest == chosen).astype(np.uint8), 5) > 0
    return soft if (soft & where).sum() > 0.08 * where.sum() else np.ones_like(where)


def _busiest(colour: Plane, inside: Plane, size: tuple[int, int], seed: np.random.Generator) -> tuple[int, int]:
    """Return top and left of a window inside the subject with much detail."""
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    detail = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    worth = cv2.blur((detail + 0.02) * (inside > 0), size[::-1]) * cv2.blur((inside > 0).astype(np.float32), size[::-1])
    worth = worth**2 * seed.uniform(0.5, 1.0, worth.shape)
    down, right = np.unravel_index(int(worth.argmax()), worth.shape)
    high, wide = worth.shape
    return int(np.clip(down - size[0] // 2, 0, max(0, high - size[0]))), int(
        np.clip(right - size[1] // 2, 0, max(0, wide - size[1]))
    )


def _rim(body: Flags, seed: np.random.Generator) -> tuple[float, float]:
    """Return a point on the outline, in its upper nine tenths."""
    edge = body & (cv2.erode(body.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    rows, columns = np.nonzero(edge)
    free = rows < 0.9 * body.shape[0]
    rows, columns = (rows[free], columns[free]) if free.any() else (rows, columns)
    pick = int(seed.integers(len(rows)))
    return float(rows[pick]), float(columns[pick])


def _anywhere(body: Flags, seed: np.random.Generator) -> tuple[float, float]:
    rows, columns = np.nonzero(body)
    pick = int(seed.integers(len(rows)))
    return float(rows[pick]), float(columns[pick])


def _blob(body: Flags, at: tuple[float, float], share: float, seed: np.random.Generator) -> Plane:
    """Return a soft uneven round that covers about a share of the body about a point (row, column)."""
    rows, columns = np.mgrid[: body.shape[0], : body.shape[1]].astype(np.float32)
    distance = np.hypot(rows - at[0], (columns - at[1]) * seed.uniform(0.7, 1.4))
    distance = distance * (1 + 0.15 * smooth(body.shape, max(8.0, 0.1 * max(body.shape)), seed))
    within = np.sort(distance[body])
    radius = float(within[min(len(within) - 1, int(share * len(within)))])
    return np.asarray(np.clip((radius - distance) / 2 + 0.5, 0, 1), np.float32)


def _print(place: Plane, ink: npt.NDArray[np.floating], seed: np.random.Generator) -> None:
    """Write one or two lines of letters over a place, in it."""
    high, wide = place.shape[:2]
    lines = 1 if high < 26 else 2
    font = FONTS[int(seed.integers(len(FONTS)))]
    mask = np.zeros((high * 4, wide * 4), np.uint8)
    for line in range(lines):
        word = "".join(seed.choice(list(LETTERS), int(seed.integers(4, 8))))
        (across, down), _ = cv2.getTextSize(word, font, 1.0, 2)
        scale = min(4 * 0.9 * wide / across, 4 * 0.62 * high / lines / down)
        base = round(4 * high * (line + 0.82) / lines)
        cv2.putText(mask, word, (round(0.2 * wide), base), font, scale, 255, max(2, round(2.4 * scale)), cv2.LINE_AA)
    cover = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    place[:] = place * (1 - cover) + ink.astype(np.float32) * cover
