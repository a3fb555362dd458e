"""Pairs of an original product picture and a generated one, with what was changed of the product and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers.backdrop import room
from evaluator.training.makers.benign import PICTURES, STAGES, TURN, compressed, turned
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout, articles, cut, greatest
from evaluator.training.makers.picture import generator
from evaluator.training.makers.resurfaced import labelled, misspelt
from evaluator.training.makers.shown import SIDES, composed, laid, on_white, presented
from evaluator.training.makers.stage import blend, to_bytes
from evaluator.types import Plane, Rgb

__all__ = ["Pair", "composed", "compressed", "is_change", "make_pair", "on_white", "subject_of"]

BENIGN = (
    "same",
    "light",
    "jpeg",
    "resize",
    "shift",
    "backdrop",
    "rotated",
    "lit",
    "shaded",
    "reflected",
    "graded",
    "blurred",
)
"""What may happen to a picture without changing the product."""
UNCERTAIN = ("occluded",)
"""What leaves open whether the product was changed."""
WHOLE = ("mirror", "similar")
"""Changes that know no strength."""
WEAR = {"rotated": 0.2, "lit": 0.2, "shaded": 0.2, "reflected": 0.1, "defocused": 0.2, "light": 0.2, "graded": 0.15}
WEAR |= {"blurred": 0.15, "resize": 0.35}
"""How often each happens to a new picture besides what its kind says."""
TINTED = 0.12
"""Share of originals before a plain wall rather than white."""
PRINTED = 0.25
"""Share of products that are given a label that can be read."""
WORDS = ("OLIVA", "NATURE", "FRESH", "COFFEE", "MIRAGE", "LUMINA", "VERDE", "BIOTEA", "SOLAR", "MOUNTAIN", "PURELY")
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

    `changed` says whether the product itself was changed, `kind` how: a name of CHANGES, BENIGN or UNCERTAIN,
    `reworded` (its print), `similar` (another product of the trade) or `unrelated`; `strength` how much (0–1, 0 where
    nothing), `region` where in the generated picture (H×W, 0–1). `alpha` is the
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

    Kind and strength are drawn unless they are named: four in ten pairs are benign, one in twelve unrelated.
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


def _kind(draw: np.random.Generator) -> str:
    at = draw.random()
    if at < 0.08:
        return "unrelated"
    names = (*BENIGN, *["backdrop"] * 7) if at < 0.46 else (*CHANGES, "reworded", "similar")
    return UNCERTAIN[0] if at > 0.98 else str(names[int(draw.integers(len(names)))])


def is_change(kind: str) -> bool:
    """Return whether a kind of pair shows a changed product, or another one."""
    return kind not in (*BENIGN, *UNCERTAIN)


def _made(
    subject: Cutout, kind: str, strength: float, data: Path, scenes: Path, held: bool, draw: np.random.Generator
) -> Pair | None:
    """Return one pair of a product; None where the change cannot be seen or there is nowhere to stand."""
    found = _edited(subject, kind, strength, data, held, draw)
    if found is None:
        return None
    subject, shown, where = found
    wear = _wear(kind, draw)
    if "rotated" in wear:
        shown, where = turned(shown, where, float(draw.uniform(-TURN, TURN)))
    side, fill = int(draw.integers(SIDES[0], SIDES[1] + 1)), float(draw.uniform(0.7, 0.92))
    scale = fill * side / max(subject.alpha.shape)
    foot = (side / 2, (side + scale * len(subject.alpha)) / 2)
    original = on_white(subject, side, scale, foot)
    if draw.random() < TINTED:
        original = replace(original, ground=room((side, side), False, draw).picture)
    put = presented(shown, kind, (side, scale, foot), data, scenes, held, draw)
    if put is None:
        return None
    stage, scene = put
    region = laid(where, shown, stage)
    for name, change in STAGES.items():
        if name in wear:
            stage = change(stage, draw)
    picture = _treated(to_bytes(blend(stage)), wear, kind, draw)
    size = (picture.shape[1], picture.shape[0])
    region, alpha = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32) for plane in (region, stage.alpha)
    )
    known = 1.0 if kind in WHOLE else strength
    return Pair(
        compressed(to_bytes(blend(original)), int(draw.integers(85, 98))),
        picture,
        is_change(kind),
        kind,
        known if is_change(kind) and kind != "unrelated" else 0.0,
        region,
        alpha,
        original.alpha,
        subject.object,
        scene,
    )


def _edited(
    subject: Cutout, kind: str, strength: float, data: Path, held: bool, draw: np.random.Generator
) -> tuple[Cutout, Cutout, Plane] | None:
    """Return the product as it is, as it is shown, and where that differs; None where the change cannot be seen."""
    shown, where = subject, np.zeros_like(subject.alpha)
    if kind in ("unrelated", "similar"):
        other = subject_of(data, held, draw)
        alike = other is not None and other.category == subject.category
        if other is None or other.object == subject.object or (kind == "similar" and not alike):
            return None
        return subject, other, other.alpha
    if kind == "reworded" or draw.random() < PRINTED:
        word, look = str(draw.choice(WORDS)), int(draw.integers(1 << 30))
        subject, place = labelled(subject, word, np.random.default_rng(look))
        shown = subject
        if kind == "reworded":
            if not place.any():
                return None
            wrong = misspelt(word, strength, draw)
            return subject, labelled(subject, wrong, np.random.default_rng(look))[0], place
    if kind in CHANGES:
        shown, where = CHANGES[kind](subject, strength, draw)
        if _visible(subject, shown) < (SIDED if kind == "mirror" else LEAST):
            return None
    return subject, shown, where


def _wear(kind: str, draw: np.random.Generator) -> frozenset[str]:
    """Return what happens to the picture besides: what the kind names, and by chance more where it is a new picture."""
    if kind in ("same", "light", "jpeg", "resize", "shift"):
        return frozenset({kind})
    return frozenset({kind, *(name for name, chance in WEAR.items() if draw.random() < chance)})


def _treated(picture: Rgb, wear: frozenset[str], kind: str, draw: np.random.Generator) -> Rgb:
    """Return the picture as it may arrive: in another light, out of focus, resized, compressed."""
    if kind == "same":
        return picture
    for name, change in PICTURES.items():
        if name in wear:
            picture = change(picture, draw)
    return compressed(picture, int(draw.integers(40, 96) if kind == "jpeg" else draw.integers(60, 96)))


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
