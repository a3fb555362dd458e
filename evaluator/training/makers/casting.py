"""Which subject comes to which place: sound stages from rendered scenes, photographs and composites in tune."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluator.training.makers.backdrop import Backdrop, cards, photograph, room, scene_facts, set_plate, sized
from evaluator.training.makers.cutout import Cutout, articles, cut, extend, levels, read_picture
from evaluator.training.makers.grade import tuned
from evaluator.training.makers.picture import sources
from evaluator.training.makers.ratings import mean_opinion
from evaluator.training.makers.stage import Stage, mirrored, place, shade_of
from evaluator.training.sources import Source
from evaluator.types import Plane, Rgb

SIDES = (272, 400)
"""Longer side in pixels of what is made here."""
NOUNS = {
    "food": ("food", "食品"),
    "drinks": ("a drink carton", "饮料"),
    "watch": ("a watch", "手表"),
    "bags": ("a bag", "包袋"),
    "sport": ("sports gear", "运动器材"),
    "gifts": ("a gift", "礼品"),
    "apparel": ("clothes worn by a model", "模特穿着的服装"),
}
"""What captions call a category, in English and Chinese."""
SET = {"scene": 1.0, "plain_backdrop": 0.0}
PLAIN_STYLE = "pure-white"
"""The style whose set might as well be called a plain backdrop: it teaches neither."""
SOUND = {"subject_fusion": 5.0, "light_coherence": 5.0}


FOOTING = 0.2
"""Least share of its width on which a thing must rest to stand by itself."""
PASTED = 2.0
"""How well a thing from a shop fits into somebody's photograph of anything (1–5)."""


def cast(data: Path, scenes: Path, held: bool, seed: np.random.Generator) -> Stage | None:
    """Return a sound stage of one side of the split; None where the sources drawn give nothing."""
    kind, side = seed.random(), int(seed.integers(SIDES[0], SIDES[1] + 1))
    if kind < 0.3:
        found = _rendered(scenes, held, side, seed)
        if found is not None:
            return found
    elif kind < 0.42:
        return _street(data, held, side, seed)
    if kind < 0.78:
        return _on_set(data, scenes, held, side, seed)
    return _worn_by_model(data, held, side, seed)


@lru_cache(maxsize=24)
def _layers(picture: Path, plate: Path, mask: Path) -> tuple[Plane, ...] | None:
    """Return a rendered scene's subject, whose colours go on beyond its edge, alpha, ground, shade and whole."""
    read = [levels(part) for part in map(read_picture, (picture, plate, mask)) if part is not None]
    if len(read) < 3:
        return None
    full, ground, alpha = read[0], read[1], read[2][..., 0]
    outside = alpha < 0.02
    ratio = (cv2.GaussianBlur(full, (0, 0), 0.8) + 0.02) / (cv2.GaussianBlur(ground, (0, 0), 0.8) + 0.02)
    # The two pictures differ by the renderer's noise everywhere: only what is more, and near, is the subject's shade.
    change = np.sign(ratio - 1) * np.maximum(np.abs(ratio - 1) - 0.04, 0)
    near = cv2.GaussianBlur(cv2.dilate(alpha, np.ones((5, 5), np.uint8), iterations=12), (0, 0), 16)
    ratio = np.clip(1 + change * np.clip(1.5 * near, 0, 1)[..., None], 0.05, 1.6)
    shade = extend(ratio, cv2.erode(outside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    solid = alpha > 0.97
    subject = np.where(solid[..., None], full, extend(full, solid))
    return subject.astype(np.float32), alpha, ground, shade.astype(np.float32), full


def _rendered(scenes: Path, held: bool, side: int, seed: np.random.Generator) -> Stage | None:
    pool = scene_facts(scenes, held)
    return rendered(pool[int(seed.integers(len(pool)))], scenes, side) if pool else None


def rendered(facts: Mapping[str, Any], scenes: Path, side: int) -> Stage | None:
    """Return a rendered scene, told by its facts, as a stage; None where its product is not seen."""
    files = facts["files"]
    layers = _layers(*(scenes / files[kind] for kind in ("picture", "plate", "mask")))
    if layers is None or not facts["box"]:
        return None
    subject, alpha, ground, shade, whole = (sized(layer, side) for layer in layers)
    left, _, right, bottom = facts["box"]
    high, wide = alpha.shape
    x, y, z = (float(value) for value in facts["light"]["direction_camera"])
    return Stage(
        subject,
        np.clip(alpha, 0, 1),
        ground,
        shade,
        ((left + right) / 2 * wide, bottom * high),
        (x, y, z),
        facts["object"],
        {"person": 0.0} | (SET if facts["style"] != PLAIN_STYLE else {}),
        SOUND | {"grounding": 5.0, "scale": 5.0, "scene_fit": 5.0 if facts["fits"] else 2.8},
        (facts["caption"], facts["caption_zh"]),
        whole,
    )


def _street(data: Path, held: bool, side: int, seed: np.random.Generator) -> Stage | None:
    """Return a street photograph with its person as the subject."""
    pool = sources("people", data, held)
    if not pool:
        return None
    source = pool[int(seed.integers(len(pool)))]
    picture = read_picture(source.path, side)
    labels = cv2.imread(str(source.label), cv2.IMREAD_UNCHANGED)
    if picture is None or labels is None:
        return None
    size = (picture.shape[1], picture.shape[0])
    person = cv2.resize((labels > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    alpha = np.asarray(cv2.GaussianBlur(person, (0, 0), 0.7), np.float32)
    seen = levels(picture)
    around = alpha < 0.03
    # Behind the person lies what is around; blending both gives the photograph back outside the soft edge.
    ground = np.where(around[..., None], seen, extend(seen, around))
    ground = np.where((alpha < 0.5)[..., None] & ~around[..., None], 0.5 * (ground + seen), ground)
    return Stage(
        seen,
        alpha,
        ground.astype(np.float32),
        np.ones_like(seen),
        None,
        None,
        source.object,
        {"person": 1.0, "scene": 1.0, "plain_backdrop": 0.0},
        SOUND | {"scene_fit": 5.0},
        ("a person in street clothes on a street", "街头穿着日常服装的人"),
        seen,
    )


def _on_set(data: Path, scenes: Path, held: bool, side: int, seed: np.random.Generator) -> Stage | None:
    """Return a thing cut from white, standing on a rendered set or on a drawn floor."""
    things = articles(data, held)[0]
    subject = cut(things[int(seed.integers(len(things)))]) if things else None
    backdrop = set_plate(scenes, held, side, seed) if seed.random() < 0.75 else None
    if backdrop is None:
        backdrop = room((side, round(side * seed.uniform(0.75, 1.25))), True, seed)
    if subject is None or backdrop.stand is None or any(subject.runs_out) or subject.footing < FOOTING:
        return None
    high, wide = backdrop.picture.shape[:2]
    left, top, right, bottom = backdrop.box
    base = float(seed.uniform(backdrop.stand[1], max(bottom, backdrop.stand[1]))) * high
    rows, columns = subject.alpha.shape
    tall = min(
        (base - top * high) * seed.uniform(0.6, 0.98),
        (right - left) * wide * seed.uniform(0.6, 0.95) * rows / columns,
        1.15 * rows,
    )
    return _composed(subject, backdrop, tall, (backdrop.stand[0] * wide, base), seed)


def pasted(data: Path, held: bool, seed: np.random.Generator) -> Stage | None:
    """Return a thing or a model pasted anywhere into a photograph of anything, where it does not belong."""
    pool = articles(data, held)[int(seed.random() < 0.4)]
    subject = cut(pool[int(seed.integers(len(pool)))]) if pool else None
    side = int(seed.integers(SIDES[0], SIDES[1] + 1))
    backdrop = photograph(data, ("rated_photos", "people", "amateur_products"), held, side, 0.0, seed)
    if subject is None or backdrop is None or backdrop.stand is None:
        return None
    high, wide = backdrop.picture.shape[:2]
    base = float(high) if subject.runs_out[1] else backdrop.stand[1] * high
    rows, columns = subject.alpha.shape
    tall = base if subject.runs_out[0] else min(base * seed.uniform(0.35, 0.85), 0.9 * wide * rows / columns)
    stage = _composed(subject, backdrop, min(tall, 1.6 * rows), (backdrop.stand[0] * wide, base), seed)
    if stage is None:
        return None
    # Somebody may be in the photograph too, so that nobody in the cut-out says nothing.
    presence = {name: value for name, value in stage.presence.items() if name != "person" or value}
    return replace(stage, presence=presence, criteria={**stage.criteria, "scene_fit": PASTED})


def real(data: Path, held: bool, seed: np.random.Generator) -> tuple[Rgb, Source] | None:
    """Return a photograph or a style's hero as it is; of rated photographs only the better half."""
    kind = seed.random()
    if kind < 0.35:
        pool: Sequence[Source] = heroes(held)
    elif kind < 0.7:
        pool = sources("amateur_products", data, held)
    else:
        pool = better_photos(data, held)
    source = pool[int(seed.integers(len(pool)))] if pool else None
    picture = read_picture(source.path, int(seed.integers(SIDES[0], SIDES[1] + 1))) if source else None
    return (picture, source) if source is not None and picture is not None else None


@cache
def heroes(held: bool) -> tuple[Source, ...]:
    """Return the finished pictures of the library's styles on one side of the split."""
    return tuple(
        Source("heroes", folder / hero["file"], f"style/{folder.name}")
        for folder, card in cards(held)
        for hero in card["heroes"]
        if (folder / hero["file"]).is_file()
    )


@cache
def better_photos(data: Path, held: bool) -> tuple[Source, ...]:
    """Return the rated photographs whose mean opinion is above the median."""
    found = sources("rated_photos", data, held)
    if not found:
        return ()
    opinions = {source: mean_opinion(data, source.path.name) for source in found}
    middle = float(np.median(list(opinions.values())))
    return tuple(source for source in found if opinions[source] >= middle)


def _worn_by_model(data: Path, held: bool, side: int, seed: np.random.Generator) -> Stage | None:
    """Return a model cut from white before a wall or a photograph out of focus; cut where the picture ends."""
    worn = articles(data, held)[1]
    subject = cut(worn[int(seed.integers(len(worn)))]) if worn else None
    if subject is None:
        return None
    above, below = subject.runs_out
    backdrop = None
    if below and seed.random() < 0.6:
        backdrop = photograph(data, ("rated_photos", "people"), held, side, float(seed.uniform(0.008, 0.03)), seed)
    if backdrop is None:
        backdrop = room((side, round(side * seed.uniform(0.7, 1.0))), not below, seed)
    high, wide = backdrop.picture.shape[:2]
    base = float(high) if below else (backdrop.stand or (0.5, 0.93))[1] * high
    tall = base if above else base * float(seed.uniform(0.72, 0.95))
    rows, columns = subject.alpha.shape
    if not above:
        tall = min(tall, 0.95 * wide * rows / columns)
    at = float(seed.uniform(0.42, 0.58)) * wide
    return _composed(subject, backdrop, tall, (at, base), seed)


def _composed(
    cutout: Cutout, backdrop: Backdrop, tall: float, foot: tuple[float, float], seed: np.random.Generator
) -> Stage | None:
    colour, alpha = place(cutout, backdrop, tall, foot)
    stands = not cutout.runs_out[1]
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), seed.uniform(0.35, 0.6)), np.float32)
    colour = tuned(colour, alpha, backdrop, seed)
    ground, shade = backdrop.picture, np.ones_like(backdrop.picture)
    if stands:
        shade = shade_of(alpha, foot, backdrop, seed)
        if backdrop.reflectivity > 0.3:
            ground = mirrored(ground, alpha, colour, foot, 0.35 * backdrop.reflectivity)
    criteria = dict(SOUND)
    if stands:
        criteria |= {"grounding": 5.0, "scale": 5.0}
    if backdrop.suited and cutout.category:
        criteria["scene_fit"] = 5.0 if cutout.category in backdrop.suited else 2.5
    presence = {"person": float(cutout.person)}
    if not backdrop.plain:
        presence |= SET if f"/{PLAIN_STYLE}" not in backdrop.object else {}
    english, chinese = NOUNS[cutout.category]
    captions: tuple[str, ...] = ()
    if backdrop.names[0]:
        captions = (f"{english} in the {backdrop.names[0]} style", f"{backdrop.names[1]}风格，{chinese}")
    name = f"{cutout.object}+{backdrop.object}"
    return Stage(
        colour, alpha, ground, shade, foot if stands else None, backdrop.light, name, presence, criteria, captions
    )
