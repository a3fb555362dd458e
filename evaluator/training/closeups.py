"""Hands and faces, cut from samples where the first look finds them, with what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.calibration import Calibration, load_calibration
from evaluator.look import places
from evaluator.network.eyes import Eyes
from evaluator.network.heads import LIMBS
from evaluator.table import progress
from evaluator.training.sample import Sample, read
from evaluator.training.truth import FAINT, PLAIN
from evaluator.types import Box, Plane

ROOM = 0.125
"""Room that is cut with a place on each side, as a share of it, so that it can be shifted and turned."""
SIDE, MAP_SIDE = 208, 52
"""Pixels of a cut and of its maps."""
SHOWS, HIDES = 0.25, 0.05
"""Peak of a fault's map from which on a cut shows the fault, and up to which it shows none."""


@dataclass(frozen=True, slots=True)
class Closeups:
    """Cuts around n hands and faces, of a spoilt picture and of its sound twin at the same place.

    `pictures` n×SIDE×SIDE×3 uint8; by LIMBS: `maps` n×2×MAP_SIDE×MAP_SIDE uint8 (0–255), `severity` n×2 (0–1, NaN where
    it is unknown) and `presence` n×2 (0–1, as the network sees it from nearby); `pairs` n numbers the places.
    """

    pictures: npt.NDArray[np.uint8]
    maps: npt.NDArray[np.uint8]
    severity: npt.NDArray[np.float32]
    presence: npt.NDArray[np.float32]
    pairs: npt.NDArray[np.int64]


def closeups(eyes: Eyes, folder: Path, families: Sequence[str]) -> Closeups:
    """Return the cuts of some families of a folder of samples (`<folder>/<family>/*.npz`), looked at once and kept.

    Raises FileNotFoundError where they show no hand and no face.
    """
    kept = folder / f"closeups-{'-'.join(families)}-{eyes.card.sha256[:12]}.npz"
    if not kept.exists():
        rows, calibration = _Rows(), load_calibration()
        for family in families:
            pairs: dict[int, list[Path]] = {}
            for file in sorted((folder / family).glob("[0-9]*.npz")):
                pairs.setdefault(int(file.stem) // 2, []).append(file)
            for files in progress(pairs.values(), len(pairs), family):
                rows.add(eyes, [read(file) for file in files], calibration)
        if not rows.pairs:
            raise FileNotFoundError(
                f"no sample of {', '.join(families)} under {folder} shows a hand or face; `make` some"
            )
        part = kept.with_suffix(".part.npz")
        np.savez(part, allow_pickle=False, **{name: np.array(rows.columns[name]) for name in rows.columns})
        part.replace(kept)
    with np.load(kept, allow_pickle=False) as found:
        return Closeups(**{field.name: found[field.name] for field in fields(Closeups)})


class _Rows:
    """Columns of Closeups as they grow."""

    def __init__(self) -> None:
        self.pairs = 0
        self.columns: dict[str, list[object]] = {field.name: [] for field in fields(Closeups)}

    def add(self, eyes: Eyes, samples: Sequence[Sample], calibration: Calibration) -> None:
        """Add every place of a sample and its twin, as it is found in the sound one."""
        sound = next((each for each in samples if max(each.tags.values(), default=0.0) <= FAINT), samples[0])
        shape = sound.picture.shape
        for box in places(eyes.glance(sound.picture), shape, calibration):
            near = eyes.glance(np.ascontiguousarray(sound.picture[box.cells(shape[:2])]), near=True)
            for sample in samples:
                maps = np.stack(
                    [_cut(sample.maps[limb], box, MAP_SIDE) if limb in sample.maps else _NONE for limb in LIMBS]
                )
                severity = [
                    _severity(sample.tags[limb], float(plane.max())) if limb in sample.maps else np.nan
                    for limb, plane in zip(LIMBS, maps, strict=True)
                ]
                row = (
                    _cut(sample.picture, box, SIDE),
                    np.round(np.clip(maps, 0, 1) * 255).astype(np.uint8),
                    np.array(severity, np.float32),
                    np.array([near.presence[limb] for limb in LIMBS], np.float32),
                    self.pairs,
                )
                for name, value in zip(self.columns, row, strict=True):
                    self.columns[name].append(value)
            self.pairs += 1


_NONE = np.zeros((MAP_SIDE, MAP_SIDE), np.float32)


def _severity(tag: float, peak: float) -> float:
    """Return how plain a fault is in a cut where its map has a peak (0–1): none of it, all of it, or unknown."""
    if tag <= FAINT or peak < HIDES:
        return 0.0
    return tag if tag >= PLAIN and peak > SHOWS else float("nan")


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
