"""The product's outline in the generated picture, and how it lies to the original's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from evaluator.pair.surface import apart
from evaluator.pair.tile import framed, pierced
from evaluator.pair.types import Matrix, Tile
from evaluator.types import Flags, Plane, Rgb, Subject

SURE = 0.6
"""Confidence from which on a mask that was found without the original is taken as it is."""
DISAGREES = 0.45
"""Overlap with where the product lies under which that mask is of something else."""
PLAIN = ("alpha", "backdrop")
"""Sources of a mask that follow the outline to the pixel."""
REACH = 0.2
"""How far a mask may grow, as a share of the tile."""
LEAK = 4
"""Pixels of a part's rim that may lie as far as it could grow: more, and it is the background that has been taken."""
MUCH = 0.25
"""Largest area of a part, as a share of the product's, that is believed without the network."""
SHARP = 2.0
"""Least change of colour (ΔE a pixel) across the rim of a part; a shadow's is less."""
FLAT = 0.85
"""How plain and how white a backdrop must be for a mask by it to be to the pixel; a scene may pass for plain."""
GONE = 8.0
"""ΔE2000 that says that what one outline has and the other has not is indeed there and not there."""
RIM = 3
"""Pixels of the tile by which outlines may lie apart without a meaning."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The two masks over each other: `added` and `missing` are where they differ by more than a rim (S×S, 0–1).

    `iou`, `expansion` and `loss` are shares of the original's area; `apart` is the 95th percentile of the distance
    from one contour to the other, as a share of the product's size; `clear` (0–1) says how plainly the product stands
    out from what is around it, without which an outline is a guess; `known`, that the mask was found by itself.
    `beyond` is the share of what ends sharply and adjoins the product, whether or not it was believed to be of it, and
    `busy` (0–1) how much of what is around has edges as sharp.
    """

    mask: Plane
    added: Plane
    missing: Plane
    iou: float
    expansion: float
    loss: float
    apart: float
    clear: float
    known: bool
    beyond: float
    busy: float


def trace(
    product: Tile, seen: Rgb, matrix: Matrix, size: tuple[int, int], subject: Subject | None, relit: Plane
) -> Outline:
    """Find the product's mask in what lies under the tile (`seen`, S×S×3) and compare it with the tile's own.

    `matrix` leads from the tile to the generated picture of height and width `size`, in which `subject` was found;
    `relit` (S×S×3, 0–1) is the product in that picture's light: where it looks like that, nothing is missing or added.
    """
    own = product.mask > 0.5
    known = _known(own, seen, matrix, size, subject)
    step, beyond = _step(seen), None
    if known is not None:
        mask = known
    else:
        mask, beyond = _held(_grown(seen, own), own, step, _vote(own, matrix, size, subject))
    clear = _clearness(seen, own)
    rim = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
    inside = framed(own.shape, matrix, size)
    over, short = mask & ~own & inside, own & ~mask & inside
    if over.any() or short.any():
        # Where the two pictures look alike, it is one of the masks that errs.
        differs = apart(relit, seen.astype(np.float32) / np.float32(255)) > GONE
        mask = (mask & ~(over & ~differs)) | (short & ~differs)
        over, short = over & differs, short & differs
    added = _opened(over, cv2.dilate(own.astype(np.uint8), rim) > 0)
    missing = _opened(short, cv2.erode(own.astype(np.uint8), rim) == 0)
    area = max(1, int(own.sum()))
    return Outline(
        np.asarray(mask, np.float32),
        np.asarray(added, np.float32),
        np.asarray(missing, np.float32),
        float((own & mask).sum() / max(1, (own | mask).sum())),
        float(added.sum() / area),
        float(missing.sum() / area),
        _contours_apart(own, mask, inside),
        clear,
        known is not None,
        float((added if beyond is None else beyond).sum() / area),
        _busy(step, own),
    )


def _known(own: Flags, seen: Rgb, matrix: Matrix, size: tuple[int, int], subject: Subject | None) -> Flags | None:
    """Return the mask that was found without the original, laid on the tile, where it is sure and of this product."""
    if subject is None or subject.source not in PLAIN or subject.confidence < SURE:
        return None
    if subject.source != "alpha" and min(subject.plain, 2 * subject.white) < FLAT:
        return None
    ratio = subject.mask.shape[1] / size[1], subject.mask.shape[0] / size[0]
    step = np.diag(ratio) @ matrix
    laid = cv2.warpAffine(subject.mask, step, own.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    laid = pierced(seen, np.asarray(laid, np.float32)) > 0.5
    overlap = float((laid & own).sum() / max(1, (laid | own).sum()))
    return np.asarray(laid) if overlap > DISAGREES else None


def _grown(seen: Rgb, own: Flags) -> Flags:
    """Return the mask by GrabCut from the original's, laid where it should be."""
    small = cv2.resize(seen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    prior = cv2.resize(own.astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    reach = max(3, small.shape[0] // 24)
    deep = cv2.erode(prior, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    labels = np.where(prior > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.distanceTransform(1 - prior, cv2.DIST_L2, 3) > REACH * small.shape[0]] = cv2.GC_BGD
    if deep.sum() > 0.2 * prior.sum():
        labels[deep > 0] = cv2.GC_FGD
    if not (labels == cv2.GC_BGD).any():
        return own
    cv2.setRNGSeed(0)
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, parts = cv2.connectedComponents(found)
    touching = np.unique(parts[(prior > 0) & (parts > 0)])
    found = np.isin(parts, touching).astype(np.float32) if count > 1 else found.astype(np.float32)
    return np.asarray(cv2.resize(found, own.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5)


def _vote(own: Flags, matrix: Matrix, size: tuple[int, int], subject: Subject | None) -> Plane | None:
    """Return the network's mask, laid on the tile, where it saw the product."""
    if subject is None or subject.source != "network" or subject.confidence < SURE:
        return None
    ratio = subject.mask.shape[1] / size[1], subject.mask.shape[0] / size[0]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = np.asarray(cv2.warpAffine(subject.mask, np.diag(ratio) @ matrix, own.shape[::-1], flags=how), np.float32)
    return laid if float(laid[own].mean()) > DISAGREES else None


def _step(seen: Rgb) -> Plane:
    """Return by how much colour changes at each pixel (ΔE a pixel)."""
    lab = cv2.cvtColor(cv2.GaussianBlur(seen, (0, 0), 1.0).astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    steps = [cv2.Sobel(lab, cv2.CV_32F, *way, scale=0.25) for way in ((1, 0), (0, 1))]
    return np.asarray(np.sqrt(sum((each**2).sum(axis=2) for each in steps)), np.float32)


def _busy(step: Plane, own: Flags) -> float:
    """Return the share of what is around the product in which something ends sharply."""
    far = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 3)
    ring = (far > 2 * RIM) & (far < REACH * own.shape[0])
    return float((step[ring] >= SHARP).mean()) if ring.any() else 0.0


def _held(grown: Flags, own: Flags, step: Plane, vote: Plane | None) -> tuple[Flags, Flags]:
    """Return the mask without what has leaked: growth as far as could be, or much, or that ends where nothing ends.

    Where the network saw the product (`vote`), a part must be of it, and may then be as large as it likes. The second
    mask is of all parts that end sharply and have not leaked, whatever the network saw.
    """
    seen_there = np.zeros_like(own) if vote is None else _beside(vote > 0.5, own)
    beyond = ((grown | seen_there) & ~own).astype(np.uint8)
    far = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 3) > (REACH - 0.015) * own.shape[0]
    # The network's outline is coarse: the edge lies somewhere near it.
    step_near = 0.5 * cv2.dilate(step, np.ones((5, 5), np.uint8))
    touched = cv2.dilate(own.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    count, labels, _, _ = cv2.connectedComponentsWithStats(
        cv2.morphologyEx(beyond, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), connectivity=4
    )
    kept, beyond_it = grown & own, np.zeros_like(own)
    for number in range(1, count):
        part = (labels == number).astype(np.uint8)
        if not touched[part > 0].any():
            continue
        by_colour = bool(grown[part > 0].mean() > 0.5)
        rim = (cv2.dilate(part, np.ones((3, 3), np.uint8)) > 0) & ~(grown | seen_there | own)
        leaks = int(far[rim].sum()) > LEAK or int(part.sum()) > MUCH * int(own.sum())
        seen_too = vote is not None and float(vote[part > 0].mean()) > 0.5
        sharp = rim.any() and float(np.median((step if by_colour else step_near)[rim])) >= SHARP
        if sharp and by_colour and not leaks:
            beyond_it |= part > 0
        if sharp and (seen_too if leaks or vote is not None else True):
            kept |= part > 0
    return np.asarray(kept), beyond_it


def _beside(seen_there: Flags, own: Flags) -> Flags:
    """Return what the network saw beyond the product's convex hull: its coarse mask fills the gaps within that."""
    outlines, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.fillConvexPoly(np.zeros(own.shape, np.uint8), cv2.convexHull(np.concatenate(outlines)), 1)
    beyond = (seen_there & (cv2.dilate(hull, np.ones((5, 5), np.uint8)) == 0)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    deep = cv2.morphologyEx(beyond, cv2.MORPH_OPEN, disc)
    return np.asarray((cv2.dilate(deep, disc) > 0) & seen_there)


def _clearness(seen: Rgb, own: Flags) -> float:
    """Return the share of the outline across which colour changes plainly."""
    lab = cv2.cvtColor(seen.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    body = own.astype(np.float32)
    means = []
    for side in (cv2.erode(body, np.ones((3, 3), np.uint8)), 1 - cv2.dilate(body, np.ones((3, 3), np.uint8))):
        total = cv2.blur(side, (13, 13))
        means.append(cv2.blur(lab * side[..., None], (13, 13)) / np.maximum(total, 1e-3)[..., None])
    rim = cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    gap = np.linalg.norm(means[0] - means[1], axis=2)[rim]
    return float(np.clip(gap / 20, 0, 1).mean()) if gap.size else 0.0


def _opened(apart: Flags, near: Flags) -> Flags:
    """Return the areas that lie apart by more than a rim, with that rim."""
    core = cv2.morphologyEx(apart.astype(np.uint8), cv2.MORPH_OPEN, np.ones((RIM, RIM), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    deep = np.zeros(count, bool)
    beyond = np.unique(labels[(core > 0) & ~near]) if near.shape == apart.shape else np.arange(count)
    deep[beyond] = True
    deep[0] = False
    deep &= stats[:, cv2.CC_STAT_AREA] >= 12
    return np.asarray(deep[labels])


def _contours_apart(one: Flags, other: Flags, inside: Flags) -> float:
    """Return the 95th percentile of the distances between two contours, both ways, as a share of the size."""
    edges = [
        (cv2.morphologyEx(each.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0) & inside
        for each in (one, other)
    ]
    if not (edges[0].any() and edges[1].any()):
        return 1.0
    size = np.sqrt(max(1, int(one.sum())))
    both = []
    for edge, against in (edges, edges[::-1]):
        far = cv2.distanceTransform(1 - against.astype(np.uint8), cv2.DIST_L2, 3)
        both.append(float(np.percentile(far[edge], 95)))
    return float(max(both) / size)
