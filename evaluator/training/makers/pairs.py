"""Pairs of an original product picture and a generated one, with what was changed of the product and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.backdrop import Backdrop, photograph, room, set_plate
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout, articles, cut, greatest, levels
from evaluator.training.makers.grade import tuned
from evaluator.training.makers.picture import generator
from evaluator.training.makers.stage import Stage, blend, mirrored, place, shade_of, to_bytes
from evaluator.types import Plane, Rgb

SIDES = (384, 512)
"""Longer side in pixels of the pictures made here."""
BENIGN = ("same", "light", "jpeg", "resize", "shift", "backdrop")
"""What may happen to a picture without changing the product."""
STRENGTHS = (0.25, 0.5, 0.75, 1.0)
TRIES = 12
"""How many subjects are drawn before a number gives nothing."""
SEEN = 0.07
"""Change of level (0–1) from which on a changed pixel is seen."""
LEAST, SIDED = 0.012, 0.08
"""Least share of the product whose pixels must be seen to differ, and of one that is mirrored."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An original and what was generated from it, both H×W×3 uint8.

    `changed` says whether the product itself was changed, `kind` how (a name of CHANGES, of BENIGN, or `unrelated`),
    `strength` how much (0–1, 0 where nothing), `region` where in the generated picture (H×W, 0–1). `alpha` is the
    product there and `original_alpha` in the original. `object` names the product, by which sets are split; `scene`
    how the product is shown: `plain`, `same` or the backdrop's name.
    """

    original: Rgb
    generated: Rgb
    changed: bool
    kind: str
    strength: float
    region: Plane
    alpha: Plane
    original_alpha: Plane
    object: str
    scene: str


def make_pair(
    data: Path, scenes: Path, held: bool, number: int, seed: int = 0, *, kind: str = "", strength: float = 0.0
) -> Pair | None:
    """Return pair `number` of held or of training objects; None where its sources give nothing.

    Kind and strength are drawn unless they are named: two in five pairs are benign, one in ten unrelated.
    """
    draw = generator("pairs", held, number, seed)
    kind = kind or _kind(draw)
    strength = strength or float(draw.choice(STRENGTHS))
    for _ in range(TRIES):
        subject = subject_of(data, held, draw)
        if subject is None:
            continue
        pair = _made(subject, kind, strength, data, scenes, held, draw)
        if pair is not None:
            return pair
    return None


def subject_of(data: Path, held: bool, seed: np.random.Generator) -> Cutout | None:
    """Return a product that stands free of its picture's frame; one in five is worn by a model."""
    things, worn = articles(data, held)
    pool = worn if seed.random() < 0.2 else things
    subject = cut(pool[int(seed.integers(len(pool)))]) if pool else None
    if subject is None or any(subject.runs_out) or min(subject.alpha.shape) < 60:
        return None
    return subject


def on_white(subject: Cutout, side: int, scale: float, foot: tuple[float, float]) -> Stage:
    """Return the product at a scale before plain white in a square picture, its foot at a point in pixels."""
    blank = np.full((side, side, 3), 0.995, np.float32)
    backdrop = Backdrop(blank, "plain", None, (0, 0, 1, 1), (0.3, 0.7, 0.4), 0.5, np.ones(3, np.float32))
    colour, alpha = place(subject, backdrop, scale * len(subject.alpha), foot)
    return Stage(colour, alpha, blank, np.ones_like(blank), foot, backdrop.light, subject.object)


def backdrop_for(subject: Cutout, data: Path, scenes: Path, held: bool, seed: np.random.Generator) -> Backdrop | None:
    """Return somewhere for the product to stand: a rendered set, a drawn room, or a photograph out of focus."""
    side, kind = int(seed.integers(SIDES[0], SIDES[1] + 1)), seed.random()
    if kind < 0.6:
        found = set_plate(scenes, held, side, seed)
        if found is not None:
            return found
    if kind > 0.85:
        return photograph(data, ("rated_photos", "people"), held, side, float(seed.uniform(0.006, 0.03)), seed)
    return room((side, round(side * seed.uniform(0.8, 1.25))), True, seed)


def composed(subject: Cutout, backdrop: Backdrop, seed: np.random.Generator, share: float = 0.0) -> Stage | None:
    """Return the product in tune with its place, standing there with its shadow; None where there is no ground.

    `share` is how much of the room that the place offers it fills; 0 draws it from 0.7 to 1.
    """
    if backdrop.stand is None:
        return None
    high, wide = backdrop.picture.shape[:2]
    left, top, right, bottom = backdrop.box
    base = float(seed.uniform(backdrop.stand[1], max(bottom, backdrop.stand[1]))) * high
    rows, columns = subject.alpha.shape
    fill = share or float(seed.uniform(0.7, 1.0))
    tall = fill * min((base - top * high), (right - left) * wide * rows / columns, 1.4 * rows)
    foot = (backdrop.stand[0] * wide, base)
    colour, alpha = place(subject, backdrop, tall, foot)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.45), np.float32)
    colour = tuned(colour, alpha, backdrop, seed)
    shade, ground = shade_of(alpha, foot, backdrop, seed), backdrop.picture
    if backdrop.reflectivity > 0.3:
        ground = mirrored(ground, alpha, colour, foot, 0.35 * backdrop.reflectivity)
    name = f"{subject.object}+{backdrop.object}"
    return Stage(colour, alpha, ground, shade, foot, backdrop.light, name)


def relit(picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return the whole picture in another light: exposure, contrast, a tint and a slope from side to side."""
    colour = levels(picture)
    tint = 1 + seed.uniform(-0.07, 0.07) * np.array([1, 0, -1], np.float32) + seed.normal(0, 0.01, 3)
    toned = np.clip(colour, 1e-4, 1) ** seed.uniform(0.82, 1.2) * (seed.uniform(0.82, 1.1) * tint)
    slope = seed.uniform(-0.14, 0.14) * np.linspace(-1, 1, picture.shape[1])
    return to_bytes(np.asarray(toned * (1 + slope)[None, :, None], np.float32))


def compressed(picture: Rgb, quality: int) -> Rgb:
    """Return the picture as it comes back from a JPEG file."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def _kind(draw: np.random.Generator) -> str:
    at = draw.random()
    if at < 0.1:
        return "unrelated"
    names = (*BENIGN, *["backdrop"] * 6) if at < 0.5 else tuple(CHANGES)
    return str(names[int(draw.integers(len(names)))])


def _made(
    subject: Cutout, kind: str, strength: float, data: Path, scenes: Path, held: bool, draw: np.random.Generator
) -> Pair | None:
    """Return one pair of a product; None where the change cannot be seen or there is nowhere to stand."""
    shown, where = subject, np.zeros_like(subject.alpha)
    if kind == "unrelated":
        other = subject_of(data, held, draw)
        if other is None or other.object == subject.object:
            return None
        shown, where = other, other.alpha
    elif kind in CHANGES:
        shown, where = CHANGES[kind](subject, strength, draw)
        if _visible(subject, shown) < (SIDED if kind == "mirror" else LEAST):
            return None
    side, fill = int(draw.integers(SIDES[0], SIDES[1] + 1)), float(draw.uniform(0.7, 0.92))
    scale = fill * side / max(subject.alpha.shape)
    foot = (side / 2, (side + scale * len(subject.alpha)) / 2)
    original = on_white(subject, side, scale, foot)
    found = _presented(shown, kind, (side, scale, foot), data, scenes, held, draw)
    if found is None:
        return None
    stage, scene = found
    region = _laid(where, shown, stage)
    picture = _treated(to_bytes(blend(stage)), kind, draw)
    size = (picture.shape[1], picture.shape[0])
    region, alpha = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32) for plane in (region, stage.alpha)
    )
    return Pair(
        compressed(to_bytes(blend(original)), int(draw.integers(85, 98))),
        picture,
        kind in CHANGES or kind == "unrelated",
        kind,
        strength if kind in CHANGES else 0.0,
        region,
        alpha,
        original.alpha,
        subject.object,
        scene,
    )


def _presented(
    shown: Cutout,
    kind: str,
    frame: tuple[int, float, tuple[float, float]],
    data: Path,
    scenes: Path,
    held: bool,
    draw: np.random.Generator,
) -> tuple[Stage, str] | None:
    """Return the product in a scene (seven changes in ten), moved on white, or where it was, and what to call that."""
    side, scale, foot = frame
    where = draw.random()
    if kind == "backdrop" or (kind not in BENIGN and where < 0.7):
        backdrop = backdrop_for(shown, data, scenes, held, draw)
        stage = composed(shown, backdrop, draw) if backdrop else None
        return (stage, backdrop.object) if stage and backdrop else None
    if kind == "shift" or (kind not in BENIGN and where < 0.85):
        smaller = scale * float(draw.uniform(0.6, 1.0))
        high, wide = smaller * shown.alpha.shape[0], smaller * shown.alpha.shape[1]
        across, down = max(0.0, side - wide), max(0.0, side - high)
        at = (wide / 2 + across * draw.uniform(0.1, 0.9), high + down * draw.uniform(0.1, 0.9))
        return on_white(shown, side, smaller, at), "plain"
    return on_white(shown, side, scale, foot), "same"


def _laid(where: Plane, shown: Cutout, stage: Stage) -> Plane:
    """Return a plane of the product's own size where the product lies in a stage."""
    assert stage.foot is not None
    seen, own = _box(stage.alpha), _box(shown.alpha)
    scale = (seen[2] - seen[0]) / max(1, own[2] - own[0])
    move = np.array([[scale, 0, seen[1] - scale * own[1]], [0, scale, seen[0] - scale * own[0]]], np.float32)
    return np.asarray(cv2.warpAffine(where, move, stage.alpha.shape[::-1], flags=cv2.INTER_LINEAR), np.float32)


def _box(alpha: Plane) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])


def _treated(picture: Rgb, kind: str, draw: np.random.Generator) -> Rgb:
    """Return the picture as it may arrive: relit, resized and compressed, or only what the kind says."""
    if kind == "same":
        return picture
    if kind == "light" or (kind not in BENIGN and draw.random() < 0.25):
        picture = relit(picture, draw)
    if kind == "resize" or (kind not in ("light", "jpeg") and draw.random() < 0.35):
        factor = float(draw.uniform(0.6, 1.6))
        size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
    return compressed(picture, int(draw.integers(45, 96) if kind == "jpeg" else draw.integers(72, 96)))


def _visible(before: Cutout, after: Cutout) -> float:
    """Return the area that is seen to differ when both products stand on the same foot, as a share of the product."""
    rows = max(len(before.alpha), len(after.alpha))
    columns = max(before.alpha.shape[1], after.alpha.shape[1])
    laid = [_padded(each, rows, columns) for each in (before, after)]
    apart = greatest(np.abs(cv2.blur(laid[0], (3, 3)) - cv2.blur(laid[1], (3, 3))))
    return float((apart > SEEN).sum()) / max(1.0, float((before.alpha > 0.5).sum()))


def _padded(subject: Cutout, rows: int, columns: int) -> Plane:
    spare = columns - subject.alpha.shape[1]
    picture = subject.colour * subject.alpha[..., None] + 1 - subject.alpha[..., None]
    sides = (rows - len(subject.alpha), 0, spare // 2, spare - spare // 2)
    return np.asarray(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=(1, 1, 1)), np.float32)
