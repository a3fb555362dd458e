"""Subjects cut from the pictures they came in, with soft edges and colours freed of the old background."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from evaluator.training.makers.picture import sources
from evaluator.training.sources import Source
from evaluator.types import Flags, Plane, Rgb

Levels = TypeVar("Levels", Rgb, Plane)
SIDE = 420
"""Longer side in pixels at which a subject is kept: more than a sample ever shows of it."""
SMALL = 250
"""Longer side in pixels below which compression has coloured the white about the subject."""
EATEN = 0.07
"""Share of a subject that may be told from white by its level alone."""
WATCHES, BAGS, SPORT = ("mg", "wg"), ("mb", "wb"), ("ug", "lu")
UNPRINTED = ("apparel", "bags")
DRINKS = ("milk", "juice", "tropicana", "bravo")


@dataclass(frozen=True, slots=True)
class Cutout:
    """A subject: colours (H×W×3 float32, 0–1), clean beyond the edge too, alpha (H×W, 0–1), trimmed to what is seen.

    `runs_out` says which of top and bottom the subject runs out of. `category` is the trade's, empty for a person
    off the street. `person` says whether somebody wears it. `corner` is the top
    and left pixel of what is kept within the picture it came from.
    """

    colour: Plane
    alpha: Plane
    object: str
    category: str
    person: bool
    runs_out: tuple[bool, bool]
    corner: tuple[int, int]

    @property
    def footing(self) -> float:
        """The share of its width on which the subject stands: what is within a fourteenth of its height of its foot."""
        low = self.alpha[-max(6, len(self.alpha) // 14) :] > 0.5
        columns = np.flatnonzero(low.any(0))
        return float(np.ptp(columns) + 1) / self.alpha.shape[1] if len(columns) else 0.0


def extend(colour: Plane, solid: Flags) -> Plane:
    """Return colours (H×W×3) that go on past the solid part (H×W), by means of what is solid at ever coarser sizes."""
    weight = solid.astype(np.float32)
    steps = [(colour * weight[..., None], weight)]
    while min(steps[-1][1].shape) > 3:
        size = tuple((side + 1) // 2 for side in steps[-1][1].shape[::-1])
        sums, share = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in steps[-1])
        steps.append((np.asarray(sums, np.float32), np.asarray(share, np.float32)))
    filled = np.broadcast_to(np.asarray(cv2.mean(colour, solid.astype(np.uint8))[:3], np.float32), steps[-1][0].shape)
    for sums, share in reversed(steps):
        beyond = cv2.resize(filled, share.shape[::-1], interpolation=cv2.INTER_LINEAR)
        trust = np.minimum(1, 2 * share)
        filled = sums * (trust / np.maximum(share, 1e-6))[..., None] + beyond * (1 - trust)[..., None]
    return np.asarray(filled, np.float32)


def greatest(picture: Levels) -> Levels:
    """Return the greatest of three channels (H×W×3) at each pixel; several times as fast as `max` along the axis."""
    most = np.maximum(np.maximum(picture[..., 0], picture[..., 1]), picture[..., 2])
    return np.asarray(most, picture.dtype)


def from_white(picture: Rgb, unprinted: bool = False) -> tuple[Plane, Plane] | None:
    """Return colours and alpha of what stands before white (H×W×3 uint8); None where it is itself partly white.

    White is what reaches the border through nearly white, neutral pixels, and large spots of pure white within; of
    what has nothing white printed on it (`unprinted`) smaller and greyer spots too, as between two legs.
    Alpha in a band about the edge is the share of the extended inner colour that mixes with white to what is seen.
    """
    high, low = greatest(picture), 255 - greatest(255 - picture)
    small = max(picture.shape[:2]) < SMALL
    pale = ((low > (214 if small else 232)) & (high - low < (28 if small else 10))) | (low > 246)
    back = _background(pale, low, unprinted)
    if not unprinted:
        back = cv2.morphologyEx(back.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    hard = ~back
    # Where the level that is taken for white matters much, the subject has white parts: better none than a torn one.
    if back.sum() - _background(low > (238 if small else 249), low, unprinted).sum() > EATEN * hard.sum():
        return None
    solid = cv2.erode(hard.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if not 0.02 < solid.mean() < 0.97:
        return None
    seen = levels(picture)
    inner = extend(seen, solid)
    band = cv2.dilate(hard.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & ~solid
    if (inner[band & hard].min(1) > 0.8).mean() > 0.12:
        return None
    away = 1 - inner
    share = np.einsum("ijk,ijk->ij", 1 - seen, away) / np.maximum(np.einsum("ijk,ijk->ij", away, away), 0.02)
    alpha = np.where(solid, 1.0, np.where(band, np.clip(share * 1.2 - 0.15, 0, 1), 0.0)).astype(np.float32)
    alpha = np.asarray(cv2.GaussianBlur(cv2.medianBlur(alpha, 3), (0, 0), 0.5), np.float32)
    return np.where(solid[..., None], seen, inner).astype(np.float32), alpha


def _background(pale: Flags, low: Rgb, unprinted: bool) -> Flags:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(pale.astype(np.uint8), connectivity=4)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    keep = np.zeros(count, bool)
    keep[border] = True
    level = np.bincount(labels.ravel(), low.ravel().astype(float), count) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    keep |= (stats[:, cv2.CC_STAT_AREA] > (1e-4 if unprinted else 2e-3) * pale.size) & (
        level > (246 if unprinted else 253)
    )
    keep[0] = False
    return np.asarray(keep[labels], np.bool_)


def read_picture(file: Path, side: int = SIDE) -> Rgb | None:
    """Return a file's picture, RGB, shrunk to a longer side of at most `side`; None where it cannot be read."""
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    scale = side / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture[..., ::-1])


def levels(picture: Rgb) -> Plane:
    """Return a picture of bytes as float32, 0–1."""
    return np.asarray(picture.astype(np.float32) / 255, np.float32)


def category_of(source: Source) -> str:
    """Return the trade's category of a studio picture or packshot, as the styles name them; empty where none fits."""
    stem = source.path.stem.lower()
    if source.set == "packshots":
        return "drinks" if any(word in stem for word in DRINKS) else "food"
    if stem.startswith(WATCHES):
        return "watch"
    if stem.startswith(BAGS) and ("_" not in stem or "-0" in stem):
        return "bags"
    if stem.startswith(SPORT):
        return "sport"
    return "gifts" if stem.startswith(("lt", "gift")) else "apparel"


@lru_cache(maxsize=64)
def cut(source: Source) -> Cutout | None:
    """Return a source's subject; None where it cannot be told from its background or fills the picture's width."""
    picture = read_picture(source.path)
    if picture is None:
        return None
    category = category_of(source)
    found = from_white(picture, category in UNPRINTED)
    if found is None:
        return None
    colour, alpha = found
    seen = alpha > 0.5
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows) or seen[:, 0].sum() + seen[:, -1].sum() > 6:
        return None
    top, bottom = max(0, rows[0] - 3), min(len(alpha), rows[-1] + 4)
    left, right = max(0, columns[0] - 3), min(alpha.shape[1], columns[-1] + 4)
    return Cutout(
        np.ascontiguousarray(colour[top:bottom, left:right]),
        np.ascontiguousarray(alpha[top:bottom, left:right]),
        source.object,
        category,
        category == "apparel",
        (bool(seen[0].sum() > 4), bool(seen[-1].sum() > 4)),
        (int(top), int(left)),
    )


@cache
def articles(data: Path, kept: bool) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the sources of things that stand by themselves, and of people who wear apparel, on white."""
    every = [source for set in ("studio_products", "packshots") for source in sources(set, data, kept)]
    things = tuple(s for s in every if category_of(s) != "apparel")
    worn = tuple(s for s in every if category_of(s) == "apparel")
    return things, worn
