"""Whole pictures with the subject's mask, what may be seen in them, and captions."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluator.decode import decode
from evaluator.mask import find_subject
from evaluator.training.makers.naming import LIBRARY, captions, card_captions
from evaluator.training.makers.picture import MIRRORED, chosen, framed, generator, opened, read, worn
from evaluator.training.sample import Sample
from evaluator.training.sources import Source
from evaluator.training.sources import held as kept
from evaluator.types import Plane
from evaluator.view import view

SHARES = {
    "studio_products": 0.22, "people": 0.12, "scenes": 0.46, "packshots": 0.08, "amateur_products": 0.12,
}  # fmt: skip
"""How often each set is the source, besides the library of styles."""
STYLES = 0.12
"""Share of samples that come from the library of styles."""
SURE = 0.75
"""Confidence from which a mask found on a plain board is believed."""


@dataclass(frozen=True, slots=True)
class Hero:
    """A picture of the style library, split by style and picture; with its card."""

    path: Path
    object: str
    card: Mapping[str, Any]
    hero: dict[str, str]


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a whole picture, cut by at most a fifth of its sides, with all that is known of it."""
    random = generator("masks", held, number, seed)
    heroes = _heroes(held)
    if heroes and random.random() < STYLES:
        return _of_style(heroes[int(random.integers(len(heroes)))], random)
    source = chosen(SHARES, data, scenes, held, random)
    if source is None:
        return None
    picture, mask = opened(source)
    if mask is None and source.kind == "containers":
        mask = _on_board(source)
    frame, place = framed(picture, mask, (288, 512), 0.8, source.set in MIRRORED, random)
    if mask is not None and place is not None and place.sum() < 0.01 * place.size:
        return None
    frame, _ = worn(frame, random)
    return Sample(frame, source.object, mask=place, presence=presence(source), captions=captions(source))


def presence(source: Source) -> dict[str, float]:
    """Return what is surely in a source's picture (1) and what surely is not (0)."""
    if source.set == "studio_products":
        code = source.path.stem.split("-")[0].rstrip("0123456789")
        if code in ("lt", "gift"):  # covers and cards, which fill the frame
            return {}
        known = {"plain_backdrop": 1.0, "scene": 0.0, "flat_lay": 0.0}
        # Other views may be of a detail alone.
        if len(code) > 1 and code[0] in "mw" and code[1] in "hjpst" and source.path.stem.endswith(("_main", "_back")):
            known["person"] = 1.0
        elif code in ("mg", "wg", "ug", "luma"):
            known |= {"person": 0.0, "face": 0.0, "hand": 0.0}
        return known
    if source.set == "packshots":
        return {"plain_backdrop": 1.0, "scene": 0.0, "person": 0.0, "face": 0.0, "hand": 0.0, "flat_lay": 0.0}
    if source.set == "people":
        return {"plain_backdrop": 0.0, "scene": 1.0, "person": 1.0, "flat_lay": 0.0}
    if source.set == "scenes":
        facts = json.loads(source.label.read_text("utf-8")) if source.label else {}
        return {**NOBODY, "plain_backdrop": 0.0, "scene": 1.0, "flat_lay": float(_from_above(facts))}
    if source.kind == "containers":
        # Where no outline was found the object may fill the frame.
        return {**NOBODY, "scene": 0.0} | ({} if _on_board(source) is None else {"plain_backdrop": 1.0})
    if source.kind == "grocery":
        return {"plain_backdrop": 0.0, "scene": 1.0, "face": 0.0, "flat_lay": 0.0} | _who_holds(source.path.stem)
    return dict(NOBODY) if source.kind == "clothing" else {}


def _who_holds(name: str) -> dict[str, float]:
    """Return whether a hand, or anybody, is in a photograph of groceries, by the list of those who hold them up."""
    listed = _held_up()
    if name in listed["hand"]:
        return {"hand": 1.0}
    return {} if name in listed["unsure"] else dict(NOBODY)


@cache
def _held_up() -> dict[str, frozenset[str]]:
    listed = tomllib.loads(Path(__file__).with_name("held_up.toml").read_text("utf-8"))
    return {kind: frozenset(names) for kind, names in listed.items()}


NOBODY = {"person": 0.0, "face": 0.0, "hand": 0.0}
"""Pictures with no one in them."""


def _from_above(facts: dict[str, dict[str, list[float]]]) -> bool:
    """Return whether a scene's camera looks down by 60° or more."""
    camera = facts.get("camera")
    if not camera:
        return False
    line = np.subtract(camera["position_m"], camera["target_m"])
    return bool(line[2] / np.linalg.norm(line) > np.sin(np.radians(60)))


@cache
def _on_board(source: Source) -> Plane | None:
    """Return the mask that the measures find on a plain board, where they are sure of it; at the picture's size."""
    photo = decode(str(source.path))
    subject = find_subject(photo, view(photo))
    if subject.confidence < SURE or not 0.02 < float(subject.mask.mean()) < 0.8:
        return None
    size = (photo.rgb.shape[1], photo.rgb.shape[0])
    return np.asarray(cv2.resize(subject.mask, size, interpolation=cv2.INTER_LINEAR), np.float32)


@cache
def _heroes(held: bool) -> tuple[Hero, ...]:
    found = []
    for file in sorted((LIBRARY / "library").glob("*/card.json")):
        card = json.loads(file.read_text("utf-8"))
        for hero in card["heroes"]:
            object = f"style/{card['id']}/{hero['file']}"
            if kept(object) is held and (file.parent / hero["file"]).is_file():
                found.append(Hero(file.parent / hero["file"], object, card, hero))
    return tuple(found)


def _of_style(hero: Hero, random: np.random.Generator) -> Sample:
    picture = read(hero.path)
    frame, _ = framed(picture, None, (320, 512), 0.9, False, random)
    frame, _ = worn(frame, random)
    known = {**NOBODY, "scene": 1.0}
    return Sample(frame, hero.object, presence=known, captions=card_captions(hero.card, hero.hero, random))
