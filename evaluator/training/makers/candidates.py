"""One original and several pictures generated from it, in an order: sound, mildly faulty, severely faulty, unsuitable.

Two of them are sound, one of which is, at times, a render. What differs within a group is the fault alone, as far as
may be: the sound picture and its faulty twins share place, size and light.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluator.training.makers.backdrop import Backdrop, photograph, room, scene_facts, set_plate
from evaluator.training.makers.benign import compressed
from evaluator.training.makers.casting import FOOTING, rendered
from evaluator.training.makers.changes import CHANGES
from evaluator.training.makers.cutout import Cutout, greatest
from evaluator.training.makers.fusion import drawn, visible
from evaluator.training.makers.pairs import subject_of
from evaluator.training.makers.picture import generator, worn
from evaluator.training.makers.shown import composed, on_white
from evaluator.training.makers.stage import Stage, blend, to_bytes
from evaluator.types import Rgb

SIDES = (352, 448)
"""Longer side in pixels of the pictures made here."""
RENDERED = 0.45
"""Share of originals whose product was rendered."""
TRIES = 10
"""How often a subject, a place or a fault is drawn before there is none."""
MILD, SEVERE = (0.4, 0.65), (0.75, 1.0)
"""Severities of a mild and of a severe fault."""
PLAINLY = {"mild": 1.8, "severe": 3.0}
"""How plainly a fault must be seen, as a multiple of a change that is seen at once: a person has to mind it."""
STRENGTHS = (0.5, 0.75, 1.0)
"""How much a product is changed."""
SEEN = 0.07
"""Change of level (0–1) from which on a changed pixel is seen."""
LEAST, SIDED = 0.03, 0.08
"""Least share of the product that must be seen to differ, and of one that is mirrored."""
KIN: tuple[frozenset[str], ...] = (
    frozenset(("skincare", "beauty", "fragrance", "jewellery")),
    frozenset(("food", "drinks", "home")),
    frozenset(("electronics", "watch")),
    frozenset(("watch", "jewellery", "bags", "gifts")),
    frozenset(("kids", "toys", "gifts")),
    frozenset(("sport", "outdoors", "shoes")),
    frozenset(("bags", "shoes", "apparel")),
)
"""Categories that one set may serve: a product is out of place only in a set that suits none of its kin."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A generated picture (H×W×3 uint8): is its background `good`, was the product `changed`?

    `rank` orders the backgrounds of one original: 3 sound, 2 mildly faulty or unsuitable, 1 severely faulty. `kind`
    is `sound`, `render`, `unsuitable` or a fault's name, with the change's after a plus; `severity` goes up to 1.
    `suited` are the categories that the place is for; None where any may stand there.
    """

    picture: Rgb
    good: bool
    changed: bool
    rank: int
    kind: str
    severity: float
    suited: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A product in its place, and the categories that the place is for; None where any may stand there."""

    stage: Stage
    suited: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """An original (H×W×3 uint8) with its candidates; `object` is the product, by which sets are split."""

    original: Rgb
    object: str
    category: str
    shown: tuple[Candidate, ...]


def make_candidates(data: Path, scenes: Path, held: bool, number: int, seed: int = 0) -> Candidates | None:
    """Return group `number` of held or of training objects; None where its sources give nothing.

    A group has up to eight candidates: two sound ones, twins of them with a mild and with a severe fault, one in a
    place that does not suit the product, and two whose product was changed, of which one has a fault too.
    """
    draw = generator("candidates", held, number, seed)
    side = int(draw.integers(SIDES[0], SIDES[1] + 1))
    facts = _facts(scenes, held, draw) if draw.random() < RENDERED else None
    whole = rendered(facts, scenes, side) if facts else None
    subject = _cut_of(whole, str(facts["category"])) if facts and whole else _subject(data, held, draw)
    if subject is None:
        return None
    placed = [Standing(whole, tuple(facts["suited"]))] if facts and whole else []
    while len(placed) < 2:
        made = _sound(subject, scenes, held, side, draw)
        if made is None:
            break
        placed.append(made)
    if not placed:
        return None
    shown = _ranked(placed, draw) + _unsuited(subject, data, scenes, held, side, draw)
    shown += _changed(subject, scenes, held, side, draw)
    return Candidates(_original(subject, side, draw), subject.object, subject.category, tuple(shown))


def _facts(scenes: Path, held: bool, draw: np.random.Generator) -> Mapping[str, Any] | None:
    """Return the facts of a rendered scene that fits its product and shows it whole."""
    pool = [facts for facts in scene_facts(scenes, held) if facts["fits"] and facts["box"]]
    return pool[int(draw.integers(len(pool)))] if pool else None


def _subject(data: Path, held: bool, draw: np.random.Generator) -> Cutout | None:
    """Return a product that stands by itself, or a model who does."""
    for _ in range(TRIES):
        subject = subject_of(data, held, draw)
        if subject is not None and (subject.person or subject.footing >= FOOTING):
            return subject
    return None


def _cut_of(stage: Stage, category: str) -> Cutout | None:
    """Return the subject of a stage by itself."""
    box = cv2.boundingRect((stage.alpha > 0.5).astype(np.uint8))
    if min(box[2:]) < 24:
        return None
    left, top = max(0, box[0] - 3), max(0, box[1] - 3)
    rows, columns = slice(top, box[1] + box[3] + 3), slice(left, box[0] + box[2] + 3)
    colour, alpha = (np.ascontiguousarray(plane[rows, columns]) for plane in (stage.subject, stage.alpha))
    return Cutout(colour, alpha, stage.object, category, False, (False, False), (top, left))


def _original(subject: Cutout, side: int, draw: np.random.Generator) -> Rgb:
    scale = float(draw.uniform(0.7, 0.92)) * side / max(subject.alpha.shape)
    foot = (side / 2, (side + scale * len(subject.alpha)) / 2)
    return compressed(to_bytes(blend(on_white(subject, side, scale, foot))), int(draw.integers(85, 98)))


def suits(category: str, suited: tuple[str, ...]) -> bool | None:
    """Return whether a set for some categories suits a product: None where that is open, as for kindred ones."""
    if category in suited:
        return True
    kin = {category}.union(*(group for group in KIN if category in group))
    return None if kin.intersection(suited) else False


def _sound(subject: Cutout, scenes: Path, held: bool, side: int, draw: np.random.Generator) -> Standing | None:
    """Return the product in tune with a set that suits it, or in a drawn room; a person always in a room."""
    for _ in range(TRIES):
        backdrop: Backdrop | None = None
        if not subject.person and draw.random() < 0.8:
            backdrop = set_plate(scenes, held, side, draw)
            if backdrop is None or suits(subject.category, backdrop.suited) is not True:
                continue
        else:
            backdrop = room((side, round(side * draw.uniform(0.75, 1.25))), True, draw)
        stage = composed(subject, backdrop, draw)
        if stage is not None and stage.height >= 0.22 * side:
            return Standing(stage, backdrop.suited or None)  # a room is for anything
    return None


def _ranked(placed: list[Standing], draw: np.random.Generator) -> list[Candidate]:
    """Return each sound stage's picture; of the first also a mild and a severe fault, of the second one of either."""
    shown = []
    for number, each in enumerate(placed):
        stage = each.stage
        kind = "sound" if stage.whole is None else "render"
        as_taken = stage.whole if stage.whole is not None and draw.random() < 0.5 else blend(stage)
        shown.append(Candidate(_finished(as_taken, draw), True, False, 3, kind, 0.0, each.suited))
        for grade in ("mild", "severe") if number == 0 else (str(draw.choice(["mild", "severe"])),):
            found = _spoilt(each, grade, draw)
            shown += [found] if found else []
    return shown


def _spoilt(placed: Standing, grade: str, draw: np.random.Generator) -> Candidate | None:
    """Return a stage's picture with one fault that is plainly seen; a severe one may have a second."""
    stage = placed.stage
    sound = blend(stage)
    for _ in range(TRIES):
        severity = float(draw.uniform(*(MILD if grade == "mild" else SEVERE)))
        changed, plain = stage, 0.0
        names: list[str] = []
        for fault in drawn(stage, 2 if grade == "severe" and draw.random() < 0.3 else 1, draw):
            after, where = fault(changed, severity, draw)
            plain = max(plain, visible(sound, blend(after), where))
            changed = after
            names.append(fault.__name__)
        if plain >= PLAINLY[grade]:
            rank = 2 if grade == "mild" else 1
            return Candidate(
                _finished(blend(changed), draw), False, False, rank, "+".join(names), severity, placed.suited
            )
    return None


def _unsuited(
    subject: Cutout, data: Path, scenes: Path, held: bool, side: int, draw: np.random.Generator
) -> list[Candidate]:
    """Return the product, in tune, where it does not belong: a set for other things, or anybody's photograph."""
    for _ in range(TRIES):
        if draw.random() < 0.5:
            names = ("rated_photos", "people", "amateur_products")
            backdrop = photograph(data, names, held, side, 0.0, draw)
        else:
            backdrop = set_plate(scenes, held, side, draw)
            if backdrop is None or suits(subject.category, backdrop.suited) is not False:
                continue
        if backdrop is None:
            continue
        stage = composed(subject, backdrop, draw)
        if stage is not None and stage.height >= 0.22 * side:
            return [Candidate(_finished(blend(stage), draw), False, False, 2, "unsuitable", 1.0, backdrop.suited)]
    return []


def _changed(subject: Cutout, scenes: Path, held: bool, side: int, draw: np.random.Generator) -> list[Candidate]:
    """Return two pictures of the product changed, in a place that suits it; the second has a severe fault too."""
    shown: list[Candidate] = []
    for _ in range(TRIES):
        name, strength = str(draw.choice(list(CHANGES))), float(draw.choice(STRENGTHS))
        other, _ = CHANGES[name](subject, strength, draw)
        if _apart(subject, other) < (SIDED if name == "mirror" else LEAST):
            continue
        placed = _sound(other, scenes, held, side, draw)
        if placed is None:
            break
        if not shown:
            picture = _finished(blend(placed.stage), draw)
            shown.append(Candidate(picture, True, True, 3, f"sound+{name}", strength, placed.suited))
            continue
        found = _spoilt(placed, "severe", draw)
        return shown + ([replace(found, changed=True, kind=f"{found.kind}+{name}")] if found else [])
    return shown


def _apart(before: Cutout, after: Cutout) -> float:
    """Return the area that is seen to differ when both stand on the same foot, as a share of the product's."""
    high, wide = (max(before.alpha.shape[axis], after.alpha.shape[axis]) for axis in (0, 1))
    laid = []
    for each in (before, after):
        spare = wide - each.alpha.shape[1]
        picture = each.colour * each.alpha[..., None] + 1 - each.alpha[..., None]
        sides = (high - len(each.alpha), 0, spare // 2, spare - spare // 2)
        laid.append(cv2.blur(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=(1, 1, 1)), (3, 3)))
    differs = greatest(np.asarray(np.abs(laid[0] - laid[1]), np.float32)) > SEEN
    return float(differs.sum()) / max(1.0, float((before.alpha > 0.5).sum()))


def _finished(picture: np.ndarray[Any, np.dtype[np.float32]], draw: np.random.Generator) -> Rgb:
    return worn(to_bytes(picture), draw)[0]
