"""People as they are: where they stand and where their hands and faces are, in whole pictures and from nearby."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.masks import NOBODY, presence
from evaluator.training.makers.picture import chosen, generator, opened
from evaluator.training.sample import Sample
from evaluator.types import Plane

SHARES = {"studio_products": 0.3, "people": 0.2, "hands": 0.1, "amateur_products": 0.15, "stock": 0.25}
SIDE = 448
"""Longer side of a sample at most."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return an untouched picture with maps `person_at`, `face_at` and `hand_at`; None where nothing was looked for."""
    rng = generator("located", held, number, seed)
    source = chosen(SHARES, data, scenes, held, rng)
    if source is None:
        return None
    picture, mask = opened(source)
    shape = (picture.shape[0], picture.shape[1])
    maps: dict[str, Plane] = {}
    file = parts / source.set / f"{source.path.stem}.json"
    if file.exists():
        hands, faces, somebody = _found(file)
        maps = {"hand_at": _filled(hands, shape, 0.12), "face_at": _filled(faces, shape, 0.05)}
        person = source.set == "people" or somebody
        if source.set == "stock":
            # What was not found there may be small, turned away or in the dark.
            maps = {name: plane for name, plane in maps.items() if plane.any()}
        if mask is not None and source.set in ("people", "studio_products"):
            maps["person_at"] = np.asarray(mask if person else np.zeros(shape), np.float32)
    elif source.set == "amateur_products":
        # Some groceries are held up, by hands that nothing locates.
        maps = {f"{name}_at": np.zeros(shape, np.float32) for name in NOBODY if presence(source).get(name) == 0}
    if not maps:
        return None
    box = _view(maps, shape, rng)
    rows, columns = slice(box[0], box[2]), slice(box[1], box[3])
    cut = {name: np.ascontiguousarray(plane[rows, columns]) for name, plane in maps.items()}
    seen = {f"{name[:-3]}": float(plane.max() > 0.5) for name, plane in cut.items()}
    if source.set == "stock":
        seen = {name: there for name, there in seen.items() if there} | {"person": 1.0}
    region = picture[rows, columns]
    scale = min(1.0, SIDE / max(region.shape[:2]))
    small = cv2.resize(region, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else region
    whole = box == (0, 0, *shape)
    return Sample(
        np.ascontiguousarray(small),
        source.object,
        mask=mask if whole and "person_at" in maps else None,
        maps=cut,
        tags={name: 0.0 for name in ("hand", "face") if seen.get(name)},
        presence=seen,
    )


@lru_cache(maxsize=4096)
def _found(file: Path) -> tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]], bool]:
    facts = json.loads(file.read_text("utf-8"))
    hands = [np.array(hand["points"], np.float32)[:, :2] for hand in facts["hands"]]
    faces = [np.array(face["points"], np.float32)[:, :2] for face in facts["faces"]]
    return hands, faces, bool(facts.get("pose")) or bool(faces)


def _filled(points: list[npt.NDArray[np.float32]], shape: tuple[int, int], margin: float) -> Plane:
    plane = np.zeros(shape, np.uint8)
    for cloud in points:
        hull = cv2.convexHull(cloud.round().astype(np.int32))
        cv2.fillConvexPoly(plane, hull, 1)
        reach = max(1, round(margin * float(np.ptp(cloud, axis=0).max())))
        cv2.polylines(plane, [hull], True, 1, 2 * reach)
    return plane.astype(np.float32)


def _view(maps: dict[str, Plane], shape: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return the whole picture or, as often, a region around a hand or face: top, left, bottom, right."""
    places = [name for name in ("hand_at", "face_at") if name in maps and maps[name].max() > 0]
    if not places or rng.random() < 0.6:
        return 0, 0, shape[0], shape[1]
    ys, xs = np.nonzero(maps[places[int(rng.integers(len(places)))]])
    reach = max(48.0, float(max(np.ptp(ys), np.ptp(xs)))) * float(rng.uniform(0.8, 1.8))
    y, x = float(ys.mean() + rng.normal(0, 0.15) * reach), float(xs.mean() + rng.normal(0, 0.15) * reach)
    top, left = max(0, round(y - reach)), max(0, round(x - reach))
    return top, left, min(shape[0], max(top + 48, round(y + reach))), min(shape[1], max(left + 48, round(x + reach)))
