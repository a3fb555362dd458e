"""Is it still the same product? All measures of a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import expit

from evaluator.look import Looker
from evaluator.pair.change import NETWORK, Model
from evaluator.pair.outline import Outline, trace
from evaluator.pair.printing import kept
from evaluator.pair.registration import register
from evaluator.pair.surface import Surface, compare
from evaluator.pair.tile import alone, drawn, framed, turned
from evaluator.pair.types import Consistency, Matrix, Registration, State, Tile
from evaluator.types import Box, Plane, Rgb, Sameness, Subject

SPOT = 6.0
"""Spread in pixels of the tile over which a difference is gathered to a spot."""
DELTA = (4.0, 22.0)
"""ΔE2000 at which a difference of colour begins to show in the map, and at which it is full."""
STRUCTURE = (0.2, 0.75)
"""The same for the loss of structural similarity."""
SHOWN = 0.35
"""Value of the difference map from which on a place is boxed."""
MOST = 5
"""Most boxes."""
DEEP = 3.0
"""Pixels of the tile inside the outline from which on a product has its own colour; a wire has its ground's too."""
LARGER = 3
"""Largest size of the tiles in which print is read, as a multiple."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair's consistency, its difference map over the generated picture, and the product's mask there (0–1)."""

    consistency: Consistency
    difference: Plane
    mask: Plane


@dataclass(frozen=True, slots=True)
class Overlay:
    """A pair laid over each other in the tile: everything that is measured of it, and what the network makes of it."""

    registration: Registration
    tile: Tile
    outline: Outline
    surface: Surface
    sameness: Sameness | None
    difference: Plane
    measures: Mapping[str, float]


def overlay(
    product: Tile,
    original: Rgb,
    generated: Rgb,
    subject: Subject | None,
    found: Registration | None = None,
    eyes: Looker | None = None,
) -> Overlay:
    """Lay a product over the generated picture and take all measures; `subject` is what was found there.

    The product is registered first, unless it was before and `found`. `eyes` look at both; without them the measures
    speak alone.
    """
    size = (generated.shape[0], generated.shape[1])
    found = found or register(product, (original.shape[0], original.shape[1]), generated, subject)
    tile = turned(product) if found.mirrored else product
    side = tile.mask.shape[0]
    seen = drawn(generated, found.matrix, side)
    inner = seen if found.bent is found.matrix else drawn(generated, found.bent, side)
    detail = float(np.sqrt(abs(np.linalg.det(found.bent[:, :2]))))
    within = framed(tile.mask.shape, found.matrix, size)
    sameness = eyes.beside(alone(tile), seen, tile.mask, within.astype(np.float32)) if eyes else None
    body = (tile.mask > 0.5) & (within if found.bent is found.matrix else framed(tile.mask.shape, found.bent, size))
    surface = compare(tile.rgb, inner, body if body.any() else tile.mask > 0.5, (tile.detail, detail))
    outline = trace(tile, seen, found.matrix, size, subject, surface.relit)
    difference = difference_map(surface, outline)
    print_kept = _print_kept(product, original, generated, found, detail)
    measured = measures(found, tile, outline, surface, difference, print_kept)
    if sameness:
        measured[NETWORK] = sameness.changed
        difference = either(difference, sameness)
    return Overlay(found, tile, outline, surface, sameness, difference, measured)


def _print_kept(product: Tile, original: Rgb, generated: Rgb, found: Registration, detail: float) -> float | None:
    """Return how much of the print is kept; it is read in both at the size of the smaller, to be fair."""
    grow = float(np.clip(min(product.detail, detail), 1.0, LARGER))
    if min(product.detail, detail) < 0.6:
        return None
    side = round(product.mask.shape[0] * grow)
    shrunk = np.diag([1 / grow, 1 / grow, 1.0])
    flip = np.array([[-1.0, 0, product.mask.shape[1] - 1], [0, 1, 0], [0, 0, 1]])
    way = np.vstack([found.bent, [0, 0, 1]]) @ (flip if found.mirrored else np.eye(3))
    before = drawn(original, product.placed @ shrunk, side)
    return kept(product, before, drawn(generated, way[:2] @ shrunk, side))


def difference_map(surface: Surface, outline: Outline) -> Plane:
    """Return where the product differs (S×S, 0–1): in colour, in structure, in outline."""
    colour = np.clip((surface.colour - DELTA[0]) / (DELTA[1] - DELTA[0]), 0, 1)
    detail = np.clip((surface.detail - STRUCTURE[0]) / (STRUCTURE[1] - STRUCTURE[0]), 0, 1)
    edge = 0.9 * np.maximum(outline.added, outline.missing) * min(1.0, 0.3 + outline.clear)
    apart = 1 - (1 - colour) * (1 - 0.8 * detail) * (1 - edge)
    return np.asarray(cv2.GaussianBlur(apart.astype(np.float32), (0, 0), 2.5), np.float32)


def either(difference: Plane, sameness: Sameness) -> Plane:
    """Return where the measures or the network see a difference (S×S, 0–1), the network as far as it sees any."""
    seen = expit(sameness.changed) * cv2.resize(sameness.where, difference.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - (1 - difference) * (1 - seen), np.float32)


def measures(
    found: Registration,
    tile: Tile,
    outline: Outline,
    surface: Surface,
    difference: Plane,
    print_kept: float | None,
) -> dict[str, float]:
    """Return every number of a pair by name; colours are ΔE / 10, the rest mostly shares × 10 or so."""
    body = tile.mask > 0.5
    core = cv2.erode(body.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    core = core if core.sum() > 60 else body
    deepest = float(cv2.distanceTransform(body.astype(np.uint8), cv2.DIST_L2, 3).max())
    solid = float(np.clip((deepest - 1) / (DEEP - 1), 0, 1))
    area = max(1, int(body.sum()))
    bends = np.linalg.svd(_between(found.matrix, found.bent), compute_uv=False)
    detail = float(np.sqrt(abs(np.linalg.det(found.matrix[:, :2]))))
    spots = {
        name: float(cv2.GaussianBlur(plane, (0, 0), SPOT).max())
        for name, plane in (
            ("colour_spot", surface.colour / 10),
            ("detail_spot", 5 * surface.detail),
            ("added_spot", outline.added),
            ("missing_spot", outline.missing),
        )
    }
    known, guessed = (1.0, 0.0) if outline.known else (0.0, outline.clear)
    return {
        "expansion": 20 * outline.expansion * known,
        "loss": 20 * outline.loss * known,
        "contour": 20 * outline.apart * known,
        "added_spot": 5 * spots["added_spot"] ** 2 * known,
        "missing_spot": 5 * spots["missing_spot"] ** 2 * known,
        "grown_expansion": 20 * outline.expansion * guessed,
        "grown_loss": 20 * outline.loss * guessed,
        "grown_added": 5 * spots["added_spot"] ** 2 * guessed,
        "grown_missing": 5 * spots["missing_spot"] ** 2 * guessed,
        "grown_contour": 20 * outline.apart * guessed,
        "beyond": 20 * outline.beyond * (known or guessed),
        "busy": 10 * outline.busy * guessed,
        "colour": solid * float(np.median(surface.colour[core])) / 5,
        "colour_high": solid * float(np.percentile(surface.colour[core], 95)) / 10,
        "tint": solid * surface.tint / 5,
        "detail": 10 * float(surface.detail[core].mean()),
        "detail_high": 3 * float(np.percentile(surface.detail[core], 95)),
        "lost": 10 * surface.lost,
        "made": 10 * surface.made,
        "strain": surface.strain,
        "bend": 20 * float(np.log(bends[0] / max(bends[1], 1e-6))),
        "disagreement": 10 * (1 - found.agreement),
        "mirrored": 20 * max(0.0, found.agreement - found.against) if found.mirrored else 0.0,
        "spread": 10 * float((difference > SHOWN).sum()) / area,
        "print": 0.0 if print_kept is None else 3 * (1 - print_kept),
        "coarse": max(0.0, 1 - detail) * 3,
        "unclear": 3 * (1 - outline.clear),
        "colour_spot": spots["colour_spot"],
        "detail_spot": spots["detail_spot"],
    }


def _between(one: Matrix, other: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(one[:, :2]) @ other[:, :2])


def judged(laid: Overlay, size: tuple[int, int], model: Model) -> Compared:
    """Return what a pair's measures come to; `size` is the generated picture's height and width."""
    logit = model.logit(laid.measures)
    probability = float(expit(logit))
    strange = float(expit(model.strange(laid.measures)))
    score = float(np.interp(logit, model.score_logits, model.score_values))
    state: State = "unchanged"
    if strange >= model.other_threshold:
        state, probability, score = "other", max(probability, strange), min(score, 100 * (1 - strange))
    elif probability >= model.threshold:
        state = "changed"
    difference, mask = (over(plane, laid.registration.matrix, size) for plane in (laid.difference, laid.outline.mask))
    core = laid.outline.mask > 0.5
    consistency = Consistency(
        state=state,
        score=score,
        probability=probability,
        changed=state != "unchanged",
        iou=laid.outline.iou,
        expansion=laid.outline.expansion,
        loss=laid.outline.loss,
        colour_delta=float(laid.measures["colour"] * 5),
        detail_delta=float(laid.surface.detail[core].mean()) if core.any() else 0.0,
        mirrored=laid.registration.mirrored,
        boxes=_boxes(difference) if state == "changed" else (),
        measures=laid.measures,
    )
    return Compared(consistency, difference, mask)


def over(plane: Plane, matrix: Matrix, size: tuple[int, int]) -> Plane:
    """Return a plane of the tile (S×S) over the generated picture of height and width `size`, its longer side ≤ 384."""
    scale = min(1.0, 384 / max(size))
    frame = (max(1, round(size[1] * scale)), max(1, round(size[0] * scale)))
    return np.asarray(cv2.warpAffine(plane, matrix * scale, frame, flags=cv2.INTER_LINEAR), np.float32)


def _boxes(difference: Plane) -> tuple[Box, ...]:
    """Return the places that differ most, the gravest first."""
    height, width = difference.shape
    level = min(SHOWN, 0.7 * float(difference.max()))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((difference > level).astype(np.uint8), connectivity=8)
    found = []
    for number in range(1, count):
        x, y, across, down, area = (int(value) for value in stats[number])
        if area >= 9:
            mass = float(difference[labels == number].sum())
            found.append((mass, Box(x / width, y / height, across / width, down / height, "changed")))
    found.sort(key=lambda each: -each[0])
    return tuple(box for mass, box in found[:MOST] if mass > 0.08 * found[0][0])
