"""Originals and what was generated from them, laid over each other as the comparison lays them, with what is known.

They are made by the makers of pairs and of candidates, from draws of their own (DRAWN), and kept: a file a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.decode import decode
from evaluator.pair.registration import register
from evaluator.pair.tile import EmbeddedMasker, alone, drawn, framed, tile, turned
from evaluator.training.makers.candidates import make_candidates
from evaluator.training.makers.pairs import UNCERTAIN, make_pair
from evaluator.types import Photo, Plane, Rgb, Subject
from evaluator.view import view

DRAWN = 1
"""The seed of the draws: other pairs than those that weights and thresholds are fitted to afterwards."""
UNTOLD = (*UNCERTAIN, "unrelated")
"""Kinds of pairs of which nothing is learnt: an open question, and what is told by other means."""
OUT_OF_PLACE = "unsuitable"
"""Candidates whose fault lies in what the place is for, which pixels do not show."""
REGION = 8
"""Pixels of the tile to one of a region's."""


@dataclass(frozen=True, slots=True)
class Overlays:
    """Pictures generated from one original, n of them, in the tile of its product (side S).

    `original` n×S×S×3 and `mask` n×S×S (0–255), mirrored where the product is; `generated` n×S×S×3 and `within` n×S×S
    (0 or 1: whether it lies in that picture), all uint8; `region` n×S/REGION×S/REGION float32 (0–1, NaN where it is
    unknown) is where the product was changed. `changed` and `wrong` (n float32: 0, 1, or NaN) say whether the product
    was and whether the background is; `strength` n is how much the product was, `rank` n orders the backgrounds, the
    higher the better. `kinds` are the makers' names, `object` the product's, by which sets are split.
    """

    original: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8]
    generated: npt.NDArray[np.uint8]
    within: npt.NDArray[np.uint8]
    region: npt.NDArray[np.float32]
    changed: npt.NDArray[np.float32]
    strength: npt.NDArray[np.float32]
    wrong: npt.NDArray[np.float32]
    rank: npt.NDArray[np.float32]
    kinds: tuple[str, ...]
    object: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One generated picture and what is known of it; `region` (H×W, 0–1) is None where it is not known."""

    picture: Rgb
    changed: float
    strength: float
    wrong: float
    rank: float
    kind: str
    region: Plane | None


def made(data: Path, scenes: Path, folder: Path, held: bool, what: str, numbers: Sequence[int]) -> Iterator[Path]:
    """Yield the files of some numbers of `pairs` or of `candidates`, made now where they were not before.

    A number that gives nothing leaves an empty file, and is not yielded.
    """
    place = folder / ("held" if held else "train") / what
    place.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        file = place / f"{number:06d}.npz"
        if not file.exists():
            found = _pair(data, scenes, held, number) if what == "pairs" else _candidates(data, scenes, held, number)
            if found is None:
                file.touch()
            else:
                part = file.with_suffix(".part.npz")
                columns = {field.name: getattr(found, field.name) for field in fields(Overlays)}
                np.savez(part, allow_pickle=False, **columns)
                part.replace(file)
        if file.stat().st_size:
            yield file


def read(file: Path) -> Overlays:
    """Return what a file holds."""
    with np.load(file, allow_pickle=False) as kept:
        arrays = {field.name: kept[field.name] for field in fields(Overlays)}
    return Overlays(**{**arrays, "kinds": tuple(map(str, arrays["kinds"])), "object": str(arrays["object"])})


def _pair(data: Path, scenes: Path, held: bool, number: int) -> Overlays | None:
    pair = make_pair(data, scenes, held, number, DRAWN)
    if pair is None or pair.kind in UNTOLD:
        return None
    region = pair.region if pair.changed else np.zeros(pair.alpha.shape, np.float32)
    shown = Shown(pair.generated, float(pair.changed), pair.strength, np.nan, np.nan, pair.kind, region)
    return laid(pair.original, [shown], pair.object)


def _candidates(data: Path, scenes: Path, held: bool, number: int) -> Overlays | None:
    group = make_candidates(data, scenes, held, number, DRAWN)
    if group is None:
        return None
    shown = []
    for each in group.shown:
        wrong = np.nan if each.kind.startswith(OUT_OF_PLACE) else float(not each.good)
        region = None if each.changed else np.zeros(each.picture.shape[:2], np.float32)
        strength = 1.0 if each.changed else 0.0
        shown.append(Shown(each.picture, float(each.changed), strength, wrong, each.rank, each.kind, region))
    return laid(group.original, shown, group.object)


def laid(original: Rgb, shown: Sequence[Shown], object: str) -> Overlays | None:
    """Lay generated pictures over their original; None where its product is not found.

    Where the product fits better the other way round, whether it was changed is left open: that is told by itself.
    """
    photo, subject = product_of(original)
    if not (subject.mask > 0.5).any():
        return None
    product = tile(photo.rgb, subject.mask)
    side, size = product.mask.shape[0], (photo.rgb.shape[0], photo.rgb.shape[1])
    mirrored = turned(product)
    rows: list[tuple[Any, ...]] = []
    for each in shown:
        picture, there = product_of(each.picture)
        at = register(product, size, picture.rgb, there)
        used = mirrored if at.mirrored else product
        frame = framed((side, side), at.matrix, (picture.rgb.shape[0], picture.rgb.shape[1]))
        changed = np.nan if at.mirrored else each.changed
        region = np.full((side // REGION,) * 2, np.nan, np.float32)
        if each.region is not None:
            how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            whole = cv2.warpAffine(each.region, at.matrix, (side, side), flags=how)
            region = np.asarray(cv2.resize(whole, region.shape, interpolation=cv2.INTER_AREA), np.float32)
        rows.append((alone(used), used.mask, drawn(picture.rgb, at.matrix, side), frame, region, changed))
    originals, masks, generated, within, regions, open_or_not = zip(*rows, strict=True)
    return Overlays(
        np.stack(originals),
        np.round(255 * np.stack(masks)).astype(np.uint8),
        np.stack(generated),
        np.stack(within).astype(np.uint8),
        np.stack(regions),
        np.array(open_or_not, np.float32),
        np.array([each.strength for each in shown], np.float32),
        np.array([each.wrong for each in shown], np.float32),
        np.array([each.rank for each in shown], np.float32),
        tuple(each.kind for each in shown),
        object,
    )


def product_of(source: Path | Rgb) -> tuple[Photo, Subject]:
    """Return a picture and its product, which is found without the network's look."""
    photo = decode(source)
    return photo, EmbeddedMasker().mask(photo, view(photo), None)
