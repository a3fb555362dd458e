"""Where the original's product lies in the generated picture: shift, scale, small turn, perhaps mirrored.

Candidates come from matched features, from the masks, from its old place, and from a search; the best is refined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from evaluator.pair.places import (
    believable,
    by_colour,
    by_features,
    by_mask,
    features_of,
    features_of_tile,
    kept,
    mirrored,
    searched,
)
from evaluator.pair.tile import PRODUCT, ROOM, turned
from evaluator.pair.types import Matrix, Registration, Tile
from evaluator.types import Flags, Plane, Rgb, Subject
from evaluator.view import shrink

SIDE = 512
"""Longer side in pixels of the generated picture in which the product is looked for."""
SMALL = 0.5
"""Scale of the tile at which candidates are weighed."""
CERTAIN = 0.8
"""Agreement from which on no search is needed."""
HOPELESS = 0.25
"""So far behind, a way round is not refined."""
EXACT = 0.985
"""Agreement from which on nothing is gained by bending."""
TIE = 0.003
"""So little behind, the place that the product had in the original is taken: it was not moved."""
MARGIN = 0.07
"""Room about the product in which candidates are weighed, as a share of its longer side."""
CUT = 2 * round(PRODUCT * (ROOM - MARGIN) / 2)
"""Pixels of the tile beyond that room, on each side."""
HUE, GLIMPSE = 0.3, 6
"""Share of the hue in a candidate's worth, and how many pixels of the tile there are to one in that comparison."""
EDGE = 6.0
"""Gradient in levels under which an edge counts less."""


INWARD = np.array([[1 / SMALL, 0, CUT + 0.5], [0, 1 / SMALL, CUT + 0.5], [0, 0, 1]])
"""From the probe's pixels to the tile's."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A tile made ready to be laid on pictures, `side` pixels square: it is laid on some two hundred places.

    Smoothed `grey` less its mean, of the pixels `inside` the mask, in a row; unit gradients, times a weight that comes
    to one. Of a coarser copy the mask, `body`, and `hues`, a* and b* there.
    """

    side: int
    inside: npt.NDArray[np.intp]
    grey: Plane
    across: Plane
    down: Plane
    body: Flags
    hues: Plane


@dataclass(frozen=True, slots=True)
class Way:
    """One way round of the product: its tile, the best place so far, how well it agrees there, features matched."""

    tile: Tile
    probe: Probe
    place: Matrix
    agreement: float
    inliers: int


def register(product: Tile, size: tuple[int, int], generated: Rgb, subject: Subject | None) -> Registration:
    """Find the product of an original (its photo is height × width `size`) in a generated picture.

    `subject` is what was found there, or None.
    """
    small = shrink(generated, SIDE)
    ratio = generated.shape[1] / small.shape[1]
    grey, lab = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    features, own = features_of(grey, None), features_of_tile(product)
    ways = []
    for tile, points in ((product, own), (turned(product), mirrored(own, product.mask.shape[1]))):
        found = by_features(points, features, grey.shape)
        inliers = max((count for _, count in found), default=0)
        places = [place for place, _ in found]
        places += [kept(product, size, grey.shape), *by_mask(tile, subject, grey.shape)]
        way = Way(tile, _probe(tile), places[0], -1.0, inliers)
        ways.append(_better(way, places, grey, lab))
    if max(way.agreement for way in ways) < CERTAIN:
        ways = [_better(way, [*searched(way.tile, small), *by_colour(way.tile, small)], grey, lab) for way in ways]
    leading = max(way.agreement for way in ways)
    refined = [_refined(way, grey) if way.agreement > leading - HOPELESS else way for way in ways]
    flipped = refined[1].agreement > refined[0].agreement
    best = refined[flipped]
    still = kept(product, size, grey.shape)
    if not flipped and _weighed(best.probe, grey, still) > best.agreement - TIE:
        best = replace(best, place=still)
    bent = _bent(best, grey) if best.agreement < EXACT else best.place
    grown = np.diag([ratio, ratio])
    against = refined[not flipped].agreement
    return Registration(grown @ best.place, grown @ bent, best.agreement, against, best.inliers, flipped)


def _better(way: Way, places: list[Matrix], grey: npt.NDArray[np.uint8], lab: npt.NDArray[np.uint8]) -> Way:
    """Return the way round at the best of some places, or where it was."""
    for place in places:
        value = _worth(way, grey, lab, place)
        if value > way.agreement:
            way = replace(way, place=place, agreement=value)
    return way


def _probe(tile: Tile) -> Probe:
    inner = slice(CUT, tile.mask.shape[0] - CUT)
    rgb = cv2.resize(tile.rgb[inner, inner], None, fx=SMALL, fy=SMALL, interpolation=cv2.INTER_AREA)
    mask = np.asarray(cv2.resize(tile.mask[inner, inner], None, fx=SMALL, fy=SMALL, interpolation=cv2.INTER_AREA))
    grey = np.asarray(cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 0.8))
    across, down, plain = _gradient(grey)
    size = cv2.magnitude(across, down)
    solid = _solid(mask)
    near = cv2.dilate(solid.astype(np.float32), np.ones((5, 5), np.uint8))
    # The silhouette counts even where the original's backdrop happens to have the product's colour.
    rim = cv2.Canny((255 * solid).astype(np.uint8), 50, 100) > 0
    weight = np.minimum(size, 60) * near + 12 * rim
    weight = np.asarray(weight / (max(float(weight.sum()), 1e-6) * plain), np.float32)
    inside, side = np.flatnonzero(solid), tile.mask.shape[0] // GLIMPSE
    body = _solid(np.asarray(cv2.resize(tile.mask, (side, side), interpolation=cv2.INTER_AREA)))
    lab = cv2.cvtColor(cv2.resize(tile.rgb, (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    hues = lab[body][:, 1:].astype(np.float32)
    return Probe(len(mask), inside, _centred(grey, inside), weight * across, weight * down, body, hues)


def _solid(mask: Plane) -> Flags:
    """Return where a shrunk mask is solid; what has become thinner than a pixel lies where it is highest."""
    return np.asarray(mask > min(0.5, 0.5 * float(mask.max())))


def _centred(grey: npt.NDArray[np.uint8], inside: npt.NDArray[np.intp]) -> Plane:
    values = grey.ravel()[inside].astype(np.float32)
    return np.asarray(values - values.mean(), np.float32)


def _gradient(grey: npt.NDArray[np.uint8]) -> tuple[Plane, Plane, Plane]:
    """Return a grey picture's gradient, across and down, and what makes it of unit length where it is plain."""
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.25)
    return across, down, np.sqrt(across * across + down * down + np.float32(EDGE * EDGE))


def _weighed(probe: Probe, grey: npt.NDArray[np.uint8], matrix: Matrix) -> float:
    """Return how well a picture agrees with the tile that is laid on it so (0–1).

    Half by the correlation of lightness within the mask, half by the direction of edges, whichever side is lighter:
    normalised gradient fields, Haber and Modersitzki, MICCAI 2006.
    """
    size, how = (probe.side, probe.side), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(grey, matrix @ INWARD, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    laid = cv2.GaussianBlur(seen, (0, 0), 0.8)
    across, down, plain = _gradient(laid)
    edges = float((np.abs(probe.across * across + probe.down * down) / plain).sum())
    one, other = probe.grey, _centred(laid, probe.inside)
    spread = float(np.sqrt((one @ one) * (other @ other)))
    flat = 4.0 * len(one)
    return 0.5 * max(0.0, float(one @ other + flat) / (spread + flat)) + 0.5 * min(1.0, edges / 0.8)


def _worth(way: Way, grey: npt.NDArray[np.uint8], lab: npt.NDArray[np.uint8], matrix: Matrix) -> float:
    """Return the agreement of a candidate in form and, for a part, in hue, which the form alone may leave open."""
    step = matrix @ np.array([[GLIMPSE, 0, GLIMPSE / 2], [0, GLIMPSE, GLIMPSE / 2], [0, 0, 1]])
    body, how = way.probe.body, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(lab, step, body.shape, flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0))
    apart = np.linalg.norm(seen[body][:, 1:].astype(np.float32) - way.probe.hues, axis=1)
    return (1 - HUE) * _weighed(way.probe, grey, matrix) + HUE * float(np.exp(-apart / 15).mean())


def _refined(way: Way, grey: npt.NDArray[np.uint8]) -> Way:
    """Return the way round at the place nearby that agrees best, by shift, scale and turn."""

    def spin(by: npt.NDArray[np.float64]) -> Matrix:
        turn = 0.1 * by[1]
        return np.asarray(np.exp(0.1 * by[0]) * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]))

    place, agreement = _nearby(way, grey, spin, 2, 70)
    return replace(way, place=place, agreement=agreement)


def _bent(way: Way, grey: npt.NDArray[np.uint8]) -> Matrix:
    """Return the affine map nearby that agrees better, or the place itself where none does plainly."""

    def spin(by: npt.NDArray[np.float64]) -> Matrix:
        across, down = np.exp(0.1 * by[0]), np.exp(0.1 * by[1])
        return np.array([[across, 0.1 * by[2]], [0.1 * by[3], down]])

    bent, agreement = _nearby(way, grey, spin, 4, 110)
    believed = agreement > way.agreement + 0.004 and believable(bent, grey.shape)
    return bent if believed else way.place


def _nearby(
    way: Way, grey: npt.NDArray[np.uint8], spin: Callable[[npt.NDArray[np.float64]], Matrix], count: int, most: int
) -> tuple[Matrix, float]:
    """Return the place nearby that agrees best, and how well, by shift and `spin`; Nelder and Mead, 1965.

    `spin` makes a 2×2 map of `count` numbers, all 0 for none; the agreement is asked for at most `most` times.
    """
    probe, matrix = way.probe, way.place
    middle = np.full(2, CUT + probe.side / SMALL / 2)

    def moved(by: npt.NDArray[np.float64]) -> Matrix:
        turned = matrix[:, :2] @ spin(by[2:])
        shift = matrix[:, :2] @ (middle + 10 * by[:2]) + matrix[:, 2] - turned @ middle
        return np.hstack([turned, shift[:, None]])

    free = 2 + count
    found = minimize(
        lambda by: -_weighed(probe, grey, moved(by)),
        np.zeros(free),
        method="Nelder-Mead",
        options={
            "initial_simplex": np.vstack([np.zeros(free), 0.6 * np.eye(free)]),
            "maxfev": most,
            "xatol": 0.02,
            "fatol": 2e-4,
        },
    )
    return moved(found.x), float(-found.fun)
