"""What a subject may stand on or before: rendered empty sets, drawn walls and floors, photographs out of focus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.cutout import levels, read_picture
from evaluator.training.makers.picture import sources
from evaluator.training.sources import held as is_held
from evaluator.types import Plane

LIBRARY = Path(__file__).parents[3] / "styles/library"
WIDEST = 480
"""Longest side in pixels of a backdrop kept in memory."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """An empty place: its picture (H×W×3 float32, 0–1), and where and how a subject may stand in it.

    `stand` is the point to stand on and `box` what the subject may fill (left, top, right, bottom), both as shares of
    the picture; `stand` is None where there is no ground. `light` points to the light: right, up, towards the camera.
    `ambient` is the mean colour. `suited` are categories that fit; empty where not known. `names` are the style's.
    """

    picture: Plane
    object: str
    stand: tuple[float, float] | None
    box: tuple[float, float, float, float]
    light: tuple[float, float, float]
    softness: float
    ambient: npt.NDArray[np.float32]
    reflectivity: float = 0.0
    suited: tuple[str, ...] = ()
    names: tuple[str, str] = ("", "")
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """An empty set on disk: its picture, the facts of its place, and the style's categories and names."""

    file: Path
    facts: Mapping[str, Any]
    object: str
    suited: tuple[str, ...]
    names: tuple[str, str]


def smooth(shape: tuple[int, ...], grain: float, seed: np.random.Generator) -> Plane:
    """Return a smooth random field (H×W) of about unit spread, whose hills are about `grain` pixels wide."""
    rows, columns = (max(2, round(side / grain) + 2) for side in shape)
    coarse = seed.standard_normal((rows, columns), np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def facts_of(file: Path) -> dict[str, Any]:
    """Return what a JSON file holds."""
    return dict(json.loads(file.read_text("utf-8")))


@cache
def scene_facts(scenes: Path, kept: bool) -> tuple[dict[str, Any], ...]:
    """Return the facts of rendered scenes, with `object`: no training scene shares its set with one that is held."""
    found = {side: sources("scenes", scenes, side) for side in (False, True)} if scenes.is_dir() else {}
    read = {
        side: [facts_of(source.label) | {"object": source.object} for source in listed if source.label]
        for side, listed in found.items()
    }
    away = {_set_of(facts) for facts in read.get(True, [])}
    return tuple(facts for facts in read.get(kept, []) if kept or _set_of(facts) not in away)


def _set_of(facts: Mapping[str, Any]) -> tuple[Any, Any]:
    return facts["style"], facts.get("group", facts["id"])


@cache
def cards(kept: bool) -> tuple[tuple[Path, dict[str, Any]], ...]:
    """Return the library's styles of one side of the split: folder and card."""
    return tuple(
        (file.parent, facts_of(file))
        for file in sorted(LIBRARY.glob("*/card.json"))
        if is_held(f"style/{file.parent.name}") is kept
    )


@cache
def plates(scenes: Path, kept: bool) -> tuple[Plate, ...]:
    """Return the empty sets of one side of the split: the library's and those of the rendered scenes."""
    found = []
    names: dict[str, tuple[str, str]] = {}
    for side in (False, True):
        for folder, card in cards(side):
            names[card["id"]] = (card["name"]["en"].lower(), card["name"]["zh"])
            if side is kept and (folder / "plate.webp").is_file():
                facts = facts_of(folder / "plate.json")
                suited = tuple(card["categories"])
                found.append(Plate(folder / "plate.webp", facts, f"style/{folder.name}", suited, names[card["id"]]))
    for facts in scene_facts(scenes, kept):
        file, label = scenes / facts["files"]["plate"], names.get(facts["style"], ("", ""))
        found.append(Plate(file, facts, facts["object"], tuple(facts["suited"]), label))
    return tuple(found)


@lru_cache(maxsize=32)
def _picture(file: Path) -> Plane | None:
    picture = read_picture(file, WIDEST)
    return None if picture is None else levels(picture)


def sized(picture: Plane, side: int) -> Plane:
    """Return a picture with its longer side at `side` pixels."""
    scale = side / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.float32)


def mean_colour(picture: Plane) -> npt.NDArray[np.float32]:
    """Return the mean colour of a picture, 3 values of 0–1."""
    return np.asarray(cv2.mean(picture)[:3], np.float32)


def set_plate(scenes: Path, kept: bool, side: int, seed: np.random.Generator) -> Backdrop | None:
    """Return an empty rendered set; None where there is none."""
    pool = plates(scenes, kept)
    plate = pool[int(seed.integers(len(pool)))] if pool else None
    picture = _picture(plate.file) if plate else None
    if plate is None or picture is None:
        return None
    facts, light = plate.facts, plate.facts["light"]
    left, top, right, bottom = (float(value) for value in facts["allowed_box"])
    x, y, z = (float(value) for value in light["direction_camera"])
    canvas = sized(picture, side)
    return Backdrop(
        canvas,
        plate.object,
        (float(facts["stand"]["x"]), float(facts["stand"]["y"])),
        (left, top, right, bottom),
        (x, y, z),
        float(light["softness"]),
        mean_colour(canvas),
        float(facts["ground"]["reflectivity"]),
        plate.suited,
        plate.names,
    )


def room(shape: tuple[int, int], floor: bool, seed: np.random.Generator) -> Backdrop:
    """Return a drawn wall (H×W), with or without a floor, lit from one side by a soft pool of light."""
    high, wide = shape
    tone = seed.uniform(0.35, 0.9) + seed.normal(0, seed.choice([0.02, 0.1]), 3)
    across, down = np.meshgrid(np.linspace(-1, 1, wide, dtype=np.float32), np.linspace(0, 1, high, dtype=np.float32))
    right = float(seed.uniform(0.25, 0.8) * seed.choice([-1, 1]))
    pool = np.exp(-((across - right) ** 2 / seed.uniform(0.8, 3) + (down - 0.3) ** 2 / seed.uniform(0.6, 2)))
    shape_of_light = 1 - seed.uniform(0.1, 0.4) * (1 - pool)
    canvas = tone.astype(np.float32) * shape_of_light[..., None]
    level = float(seed.uniform(0.58, 0.78))
    if floor:
        ground = np.clip(tone * seed.uniform(0.75, 1.12) + seed.normal(0, 0.04, 3), 0.05, 1)
        lit = shape_of_light * (0.85 + 0.25 * np.clip((down - level) / (1 - level), 0, 1))
        seam = np.clip((down - level) * high / seed.choice([1.5, 8, 40]), 0, 1)[..., None]
        canvas = canvas * (1 - seam) + seam * (ground * lit[..., None])
    canvas += seed.uniform(0, 0.012) * smooth(shape, seed.uniform(4, 60), seed)[..., None]
    canvas += seed.uniform(0.002, 0.012) * seed.standard_normal((high, wide, 1), np.float32)
    wall = np.asarray(np.clip(canvas, 0, 1), np.float32)
    up = float(seed.uniform(0.5, 0.85))
    return Backdrop(
        wall,
        "room",
        (0.5, float(seed.uniform(level + 0.35 * (1 - level), 0.95))) if floor else None,
        (0.08, 0.06, 0.92, 0.97),
        (right, up, float(seed.uniform(0.2, 0.6))),
        float(seed.uniform(0.2, 0.6)),
        mean_colour(wall),
        plain=True,
    )


def photograph(
    data: Path, names: tuple[str, ...], kept: bool, side: int, blur: float, seed: np.random.Generator
) -> Backdrop | None:
    """Return a photograph of one of the sets, blurred by a share of its side as if out of focus; None without any."""
    pool = sources(names[int(seed.integers(len(names)))], data, kept)
    source = pool[int(seed.integers(len(pool)))] if pool else None
    picture = _picture(source.path) if source else None
    if source is None or picture is None:
        return None
    canvas = sized(picture, side)
    if blur:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), blur * side), np.float32)
    halves = [float(half.mean()) for half in np.array_split(canvas, 2, axis=1)]
    right = float(np.clip((halves[1] - halves[0]) * 4, -0.8, 0.8))
    at = (float(seed.uniform(0.3, 0.7)), float(seed.uniform(0.75, 0.95)))
    return Backdrop(canvas, source.object, at, (0.1, 0.1, 0.9, 0.97), (right, 0.7, 0.4), 0.5, mean_colour(canvas))
