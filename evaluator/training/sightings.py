"""Groups of candidates as files, and what is seen of each: kept, so that only the looks are taken again.

A work folder holds `train` and `held`; there a folder for each group with its pictures, `facts.json`, where the
product lies (`placed.json`), what the pixels say (`seam-<digest of its code>.json`) and what a network says
(`looks-<checksums of its weights>.npz`).
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluator.decode import decode
from evaluator.look import Looker
from evaluator.pair import ground, laid, seam, shade
from evaluator.pair.registration import register
from evaluator.pair.reward import Traits, looked
from evaluator.pair.tile import tile, turned
from evaluator.pair.types import Registration, Tile
from evaluator.training.fit_reward import Row
from evaluator.training.makers.candidates import make_candidates
from evaluator.training.overlays import product_of

LABELS = ("good", "rank", "changed", "kind", "severity", "suited")
"""What is kept of a candidate beside its picture."""
QUALITY = 97
"""JPEG quality of the files: the pictures were compressed more when they were made."""

RENDER = 2.5
"""How far a render counts beside a composite: renders are few, and nearer to what a generator gives."""


@dataclass(frozen=True, slots=True)
class Made:
    """One candidate as files, and its facts as the maker gave them; `place` is its number within its group."""

    group: str
    object: str
    category: str
    good: bool
    rank: int
    changed: bool
    kind: str
    severity: float
    suited: list[str] | None
    place: int
    original: Path
    generated: Path


@dataclass(frozen=True, slots=True)
class Sighting(Row):
    """One candidate and what is seen of it; `kind` is the maker's."""

    kind: str = ""


def made(
    data: Path, scenes: Path, work: Path, held: bool, count: int, wanted: Callable[[str], bool] = lambda object: True
) -> Iterator[Made]:
    """Yield at least `count` candidates of held or of training objects, made where they were not before.

    They come in whole groups, of those objects alone that are `wanted`; fewer where the sources give no more.
    """
    yielded = 0
    for number in range(2 * count):
        if yielded >= count:
            return
        folder = work / ("held" if held else "train") / f"{number:05d}"
        facts = _made(folder, data, scenes, held, number)
        if not wanted(facts["object"]):
            continue
        for place, shown in enumerate(facts["shown"]):
            labels = {name: shown[name] for name in LABELS}
            files = folder / "original.jpg", folder / f"{place}.jpg"
            yielded += 1
            yield Made(
                folder.name,
                facts["object"],
                facts["category"],
                place=place,
                original=files[0],
                generated=files[1],
                **labels,
            )


def sightings(data: Path, scenes: Path, work: Path, held: bool, count: int, eyes: Looker) -> Iterator[Sighting]:
    """Yield at least `count` candidates and what is seen of them, seen now or before.

    Those are left out whose product is not found in the original.
    """
    for folder, group in groupby(made(data, scenes, work, held, count), lambda each: each.original.parent):
        shown = list(group)
        placed = _placed(folder, len(shown))
        if not placed:
            continue
        pixels, looks = _pixels(folder, placed), _looks(folder, placed, eyes)
        names = looks["names"].tolist()
        for each in shown:
            numbers = pixels[each.place] | dict(zip(names, looks["numbers"][each.place].tolist(), strict=True))
            traits = Traits(numbers, looks["original"], looks["generated"][each.place], looks["place"][each.place])
            weight = RENDER if each.kind.startswith("render") else 1.0
            suited = None if each.suited is None else tuple(each.suited)
            yield Sighting(
                each.group, each.object, each.good, each.rank, traits, weight, each.category, suited, each.kind
            )


def _made(folder: Path, data: Path, scenes: Path, held: bool, number: int) -> dict[str, Any]:
    """Return a group's facts, its pictures made now or kept from before.

    Raises ValueError for a group that was made before categories were kept.
    """
    file = folder / "facts.json"
    if file.is_file():
        known = dict(json.loads(file.read_text("utf-8")))
        if "category" not in known:
            raise ValueError(f"{file} says nothing of the product's category; delete {folder.parent} to make it anew")
        return known
    found = make_candidates(data, scenes, held, number)
    folder.mkdir(parents=True, exist_ok=True)
    facts: dict[str, Any] = {"object": "", "category": "", "shown": []}
    if found:
        facts |= {"object": found.object, "category": found.category}
    for place, each in enumerate(found.shown if found else ()):
        _write(folder / f"{place}.jpg", each.picture)
        facts["shown"].append({name: getattr(each, name) for name in LABELS})
    if found:
        _write(folder / "original.jpg", found.original)
    file.write_text(json.dumps(facts), "utf-8")
    return facts


def _write(file: Path, picture: Any) -> None:
    cv2.imwrite(str(file), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


@cache
def _digest() -> str:
    code = [
        ast.dump(ast.parse(Path(str(module.__file__)).read_text("utf-8"))) for module in (seam, ground, shade, laid)
    ]
    return hashlib.sha256("".join(code).encode()).hexdigest()[:12]


def _placed(folder: Path, count: int) -> list[dict[str, Any]]:
    """Return where the product lies in each candidate; nothing where it was not found in the original."""
    file = folder / "placed.json"
    if file.is_file():
        return list(json.loads(file.read_text("utf-8")))
    original, subject = product_of(folder / "original.jpg")
    found = []
    if (subject.mask > 0.5).any():
        product = tile(original.rgb, subject.mask)
        np.savez_compressed(folder / "tile.npz", **{part.name: getattr(product, part.name) for part in fields(Tile)})
        for place in range(count):
            photo, shown = product_of(folder / f"{place}.jpg")
            laid = register(product, original.rgb.shape[:2], photo.rgb, shown)
            found.append(asdict(laid) | {"matrix": laid.matrix.tolist(), "bent": laid.bent.tolist()})
    file.write_text(json.dumps(found), "utf-8")
    return found


def _tile(folder: Path) -> Tile:
    with np.load(folder / "tile.npz", allow_pickle=False) as kept:
        return Tile(kept["rgb"], kept["mask"], kept["placed"], float(kept["detail"]))


def _registration(placed: dict[str, Any]) -> Registration:
    arrays = {name: np.array(placed[name]) for name in ("matrix", "bent")}
    return Registration(**{**placed, **arrays})


def _pixels(folder: Path, placed: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Return what the pixels say of each candidate."""
    file = folder / f"seam-{_digest()}.json"
    if not file.is_file():
        product = _tile(folder)
        found = []
        for place, each in enumerate(placed):
            numbers = seam.seam(product, _registration(each), decode(folder / f"{place}.jpg").rgb)
            found.append({name: round(float(value), 5) for name, value in numbers.items()})
        file.write_text(json.dumps(found), "utf-8")
    return list(json.loads(file.read_text("utf-8")))


def _looks(folder: Path, placed: list[dict[str, Any]], eyes: Looker) -> dict[str, Any]:
    """Return what the network says of each candidate, and the embeddings."""
    file = folder / f"looks-{eyes.weights}.npz"
    if not file.is_file():
        first, product = eyes.glance(decode(folder / "original.jpg").rgb), _tile(folder)
        said, generated, places = [], [], []
        for place, each in enumerate(placed):
            photo, laid = decode(folder / f"{place}.jpg"), _registration(each)
            second = eyes.glance(photo.rgb)
            outline = turned(product).mask if laid.mirrored else product.mask
            numbers, place_alone = looked(outline, laid.matrix, photo.rgb, (first, second), eyes)
            said.append(numbers)
            places.append(place_alone)
            generated.append(second.embedding)
        values = [list(each.values()) for each in said]
        np.savez(file, original=first.embedding, generated=generated, place=places, numbers=values, names=list(said[0]))
    with np.load(file, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}
