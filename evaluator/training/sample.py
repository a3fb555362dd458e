"""What one training picture is, and how it is kept on disk: the picture with every label that is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from evaluator.types import Plane, Rgb

LABEL_SIDE = 128
"""Longer side in pixels at which masks and maps are kept."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture (H×W×3 uint8) and what is known of it; whatever is missing is unknown and teaches nothing.

    `object` names what it was made from, by which sets are split. `mask` is the subject (0–1). `maps` gives, for an
    attribute, the altered pixels (0–1); all zeros say that it is sound. `tags` gives an attribute's severity at the
    level of the picture (0 sound, 1 plainly wrong). `presence` is 0 or 1. `criteria` are 1–5. `ratings` are people's
    means and spreads on 1–5 by question (`technical`, `appeal`, `pleasing`). Samples that share a `ladder` are ordered
    by `step`, 0 the best. `captions` are sentences, English or Chinese.
    """

    picture: Rgb
    object: str
    mask: Plane | None = None
    maps: Mapping[str, Plane] = field(default_factory=dict)
    tags: Mapping[str, float] = field(default_factory=dict)
    presence: Mapping[str, float] = field(default_factory=dict)
    criteria: Mapping[str, float] = field(default_factory=dict)
    ratings: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ladder: str = ""
    step: int = 0
    captions: tuple[str, ...] = ()


def write(sample: Sample, file: Path, quality: int = 95) -> None:
    """Keep a sample as one `.npz`: the picture as a JPEG of the given quality, labels beside it."""
    _, data = cv2.imencode(".jpg", sample.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    labels = {
        "object": sample.object,
        "tags": dict(sample.tags),
        "presence": dict(sample.presence),
        "criteria": dict(sample.criteria),
        "ratings": {name: list(rating) for name, rating in sample.ratings.items()},
        "ladder": sample.ladder,
        "step": sample.step,
        "captions": list(sample.captions),
    }
    planes = {f"map_{name}": _small(plane) for name, plane in sample.maps.items()}
    if sample.mask is not None:
        planes["mask"] = _small(sample.mask)
    part = file.with_suffix(".part.npz")
    kept = {"picture": data.ravel(), "labels": np.frombuffer(json.dumps(labels).encode(), np.uint8), **planes}
    np.savez_compressed(part, allow_pickle=False, **kept)
    part.replace(file)


def read(file: Path) -> Sample:
    """Read a sample back; mask and maps come at no more than LABEL_SIDE pixels."""
    with np.load(file, allow_pickle=False) as kept:
        labels = json.loads(kept["labels"].tobytes())
        planes = {name: kept[name].astype(np.float32) / 255 for name in kept.files if name not in ("picture", "labels")}
        picture = np.asarray(cv2.imdecode(kept["picture"], cv2.IMREAD_COLOR))[..., ::-1]
    return Sample(
        picture=np.ascontiguousarray(picture),
        object=labels["object"],
        mask=planes.get("mask"),
        maps={name[4:]: plane for name, plane in planes.items() if name.startswith("map_")},
        tags=labels["tags"],
        presence=labels["presence"],
        criteria=labels["criteria"],
        ratings={name: (mean, spread) for name, (mean, spread) in labels["ratings"].items()},
        ladder=labels["ladder"],
        step=labels["step"],
        captions=tuple(labels["captions"]),
    )


def paired(folder: Path) -> list[list[Path]]:
    """Return a folder's samples two by two: makers of faults give a fault and its sound twin two following numbers.

    A number that gave nothing leaves its twin alone.
    """
    pairs: dict[int, list[Path]] = {}
    for file in sorted(folder.glob("[0-9]*.npz")):
        pairs.setdefault(int(file.stem) // 2, []).append(file)
    return list(pairs.values())


def _small(plane: Plane) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    height, width = plane.shape
    scale = min(1.0, LABEL_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(np.clip(small, 0, 1) * 255), np.uint8)
