"""Hands, faces and rims, cut from samples where the first look finds them, with what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.calibration import load_calibration
from evaluator.look import places, rims
from evaluator.network.eyes import Eyes
from evaluator.network.heads import LIMBS, NEARBY
from evaluator.table import progress
from evaluator.training.sample import Sample, paired, read
from evaluator.training.truth import FAINT, PLAIN, UNTOUCHED, truths
from evaluator.types import Box, Plane

ROOM = 0.125
"""Room that is cut with a place on each side, as a share of it, so that it can be shifted and turned."""
SIDE, MAP_SIDE = 208, 52
"""Pixels of a cut and of its maps."""
SHOWS, HIDES = {"hand": 0.25, "face": 0.25, "fusion": 0.65}, 0.05
"""Peak of a fault's map from which on a cut shows the fault, and up to which it shows none.

Of a subject in the wrong light (a peak of 0.6) a piece of its rim tells nothing.
"""
LOCATED = 0.5
"""Value of a map of located parts from which one is there."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Closeups:
    """Cuts around n hands, faces or pieces of rims, of a spoilt picture and of its sound twin at the same place.

    `pictures` n×SIDE×SIDE×3 uint8; by NEARBY: `maps` n×3×MAP_SIDE×MAP_SIDE uint8 (0–255), `severity` n×3 (0–1, NaN
    where it is unknown); `presence` n×2 by LIMBS (0–1: as it is known, else as the network sees it from nearby; NaN of
    rims); `pairs` n numbers places.
    """

    pictures: npt.NDArray[np.uint8]
    maps: npt.NDArray[np.uint8]
    severity: npt.NDArray[np.float32]
    presence: npt.NDArray[np.float32]
    pairs: npt.NDArray[np.int64]


def closeups(eyes: Eyes, folder: Path, kind: str, families: Sequence[str]) -> Closeups:
    """Return the cuts of a kind of some families of samples (`<folder>/<family>/*.npz`), looked at once and kept.

    Of `limbs` hands and faces are cut, of `rims` pieces of them; samples of untouched families (`masks`) stand alone.
    Raises FileNotFoundError where they show nothing.
    """
    kept = folder / f"closeups-{kind}-{'-'.join(families)}-{eyes.card.sha256[:12]}.npz"
    if not kept.exists():
        found: list[tuple[Any, ...]] = []
        for family in families:
            pairs = paired(folder / family)
            groups = [[file] for pair in pairs for file in pair] if family in UNTOUCHED else pairs
            for files in progress(groups, len(groups), family):
                samples = [read(file) for file in files]
                for place in _pieces(eyes, family, samples) if kind == "rims" else _places(eyes, samples):
                    number = found[-1][-1] + 1 if found else 0
                    found += [(*row, number) for row in place]
        if not found:
            raise FileNotFoundError(
                f"no sample of {', '.join(families)} under {folder} shows anything to look at; `make` some"
            )
        names = [field.name for field in fields(Closeups)]
        columns = {name: np.array(column) for name, column in zip(names, zip(*found, strict=True), strict=True)}
        part = kept.with_suffix(".part.npz")
        np.savez(part, allow_pickle=False, **columns)
        part.replace(kept)
    with np.load(kept, allow_pickle=False) as file:
        return Closeups(**{field.name: file[field.name] for field in fields(Closeups)})


def _places(eyes: Eyes, samples: Sequence[Sample]) -> Iterator[list[tuple[Array, ...]]]:
    """Yield the cuts of a sample and its twin, place by place, where they are found in the sound one.

    Each is its picture, maps, severity and presence. What the first look takes for a hand or face is cut whether or not
    it is read to show one; a place of which nothing is known is left out.
    """
    sound = next((each for each in samples if max(each.tags.values(), default=0.0) <= FAINT), samples[0])
    shape = sound.picture.shape
    taken = replace(eyes.glance(sound.picture), read=dict.fromkeys(LIMBS, 1.0))
    for box in places(taken, shape, load_calibration()):
        known = _there(sound, box)
        rows = [(_cut(each.picture, box, SIDE), *_labels(each, box, LIMBS)) for each in samples]
        if known or not all(np.isnan(severity).all() for *_, severity in rows):
            near = eyes.glance(np.ascontiguousarray(sound.picture[box.cells(shape[:2])]), near=True)
            presence = np.array([known.get(limb, near.presence[limb]) for limb in LIMBS], np.float32)
            yield [(*row, presence) for row in rows]


def _there(sample: Sample, box: Box) -> dict[str, float]:
    """Return which limbs are surely in a box of a sample (1), and which surely are not, since they are nowhere (0)."""
    nobody = {limb: 0.0 for limb in LIMBS if 0.0 in (sample.presence.get("person"), sample.presence.get(limb))}
    planes = {limb: sample.maps[f"{limb}_at"] for limb in LIMBS if f"{limb}_at" in sample.maps}
    located = {limb: 1.0 for limb, plane in planes.items() if plane[box.cells(plane.shape)].max() > LOCATED}
    return nobody | located


def _pieces(eyes: Eyes, family: str, samples: Sequence[Sample]) -> Iterator[list[tuple[Array, ...]]]:
    """Yield the cuts of a sample and its twin, piece by piece of the rim that is found in the last of them.

    Where the attribute is not known there are none.
    """
    if any("fusion" not in truths(family, each) for each in samples):
        return
    silent = np.full(len(LIMBS), np.nan, np.float32)
    for box in rims(eyes.glance(samples[-1].picture)):
        yield [(_cut(each.picture, box, SIDE), *_labels(each, box, ("fusion",)), silent) for each in samples]


def _labels(sample: Sample, box: Box, asked: Sequence[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Return the maps of a sample in a box (3×MAP_SIDE×MAP_SIDE, 0–255), and the severity that shows there (3).

    What is not `asked` there is unknown; a rim without a map is sound, and so is a limb that is located there in a
    picture as it is; else a limb without a map is unknown.
    """
    maps = np.zeros((len(NEARBY), MAP_SIDE, MAP_SIDE), np.float32)
    severity = np.full(len(NEARBY), np.nan, np.float32)
    for name in asked:
        at = NEARBY.index(name)
        if name in sample.maps:
            maps[at] = _cut(sample.maps[name], box, MAP_SIDE)
            severity[at] = _severity(name, sample.tags[name], float(maps[at].max()))
        elif name not in LIMBS or (sample.tags.get(name) == 0.0 and _there(sample, box).get(name)):
            severity[at] = 0.0
    return np.round(np.clip(maps, 0, 1) * 255).astype(np.uint8), severity


def _severity(name: str, tag: float, peak: float) -> float:
    """Return how plain a fault is in a cut where its map has a peak (0–1): none of it, all of it, or unknown."""
    if tag <= FAINT or peak < HIDES:
        return 0.0
    return tag if tag >= PLAIN and peak > SHOWS[name] else float("nan")


def _cut(plane: npt.NDArray[np.generic] | Plane, box: Box, side: int) -> npt.NDArray[np.generic]:
    """Return a box of a plane with room about it at side × side pixels; beyond the frame its edge goes on."""
    wide, high = (1 + 2 * ROOM) * box.width, (1 + 2 * ROOM) * box.height
    height, width = plane.shape[:2]
    scale = min(1.0, side / (min(wide * width, high * height)))
    if scale < 1:
        plane = cv2.resize(
            plane, (max(1, round(scale * width)), max(1, round(scale * height))), interpolation=cv2.INTER_AREA
        )
        height, width = plane.shape[:2]
    across, down = side / (wide * width), side / (high * height)
    left, top = (box.x - ROOM * box.width) * width, (box.y - ROOM * box.height) * height
    moved = np.array([[across, 0, -across * left], [0, down, -down * top]], np.float32)
    return np.asarray(
        cv2.warpAffine(plane, moved, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )
