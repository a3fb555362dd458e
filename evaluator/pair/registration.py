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

from evaluator.pair.tile import PRODUCT, ROOM, turned
from evaluator.pair.types import Matrix, Registration, Tile
from evaluator.types import Flags, Plane, Rgb, Subject
from evaluator.view import shrink

SIDE = 512
"""Longer side in pixels of the generated picture in which the product is looked for."""
SMALL = 0.5
"""Scale of the tile at which candidates are weighed."""
SMALLEST, LARGEST = 0.08, 1.6
"""Range of the product's longer side as a share of the generated picture's shorter and longer one."""
TURN = np.deg2rad(25)
"""Largest turn that is believed."""
ASPECT = 1.6
"""Largest change of proportions that is believed."""
RATIO = 0.8
"""Lowe's ratio: a feature's nearest match must be so much nearer than the next."""
CERTAIN = 0.8
"""Agreement from which on no search is needed."""
HOPELESS = 0.25
"""So far behind, a way round is not refined."""
EXACT = 0.985
"""Agreement from which on nothing is gained by bending."""
MARGIN = 0.07
"""Room about the product in which candidates are weighed, as a share of its longer side."""
CUT = 2 * round(PRODUCT * (ROOM - MARGIN) / 2)
"""Pixels of the tile beyond that room, on each side."""
HUE, GLIMPSE = 0.3, 6
"""Share of the hue in a candidate's worth, and how many pixels of the tile there are to one in that comparison."""
GRID = 96
"""Longer side in pixels of the picture in which is searched."""
SCALES = np.geomspace(0.18, 1.0, 11)
EDGE = 6.0
"""Gradient in levels under which an edge counts less."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A tile made ready to be laid on pictures: smoothed grey, unit gradients with their weight, and mask."""

    grey: Plane
    mask: Plane
    across: Plane
    down: Plane
    weight: Plane


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
    features = _features(grey, None)
    ways = []
    for tile in (product, turned(product)):
        found = _candidates(tile, grey, features)
        inliers = max((count for _, count in found), default=0)
        places = [place for place, _ in found]
        places += [_kept(product, size, grey.shape), *_by_mask(tile, subject, grey.shape)]
        way = Way(tile, _probe(tile), places[0], -1.0, inliers)
        ways.append(_better(way, places, grey, lab))
    if max(way.agreement for way in ways) < CERTAIN:
        ways = [_better(way, [*_searched(way.tile, small), *_by_colour(way.tile, small)], grey, lab) for way in ways]
    leading = max(way.agreement for way in ways)
    refined = [_refined(way, grey) if way.agreement > leading - HOPELESS else way for way in ways]
    mirrored = refined[1].agreement > refined[0].agreement
    best = refined[mirrored]
    bent = _bent(best, grey) if best.agreement < EXACT else best.place
    grown = np.diag([ratio, ratio])
    against = refined[not mirrored].agreement
    return Registration(grown @ best.place, grown @ bent, best.agreement, against, best.inliers, mirrored)


def _better(way: Way, places: list[Matrix], grey: npt.NDArray[np.uint8], lab: npt.NDArray[np.uint8]) -> Way:
    """Return the way round at the best of some places, or where it was."""
    for place in places:
        value = _worth(way, grey, lab, place)
        if value > way.agreement:
            way = replace(way, place=place, agreement=value)
    return way


def _features(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8] | None) -> tuple[Plane, Plane | None]:
    keys, words = cv2.SIFT.create(600).detectAndCompute(grey, mask)
    return np.asarray([key.pt for key in keys], np.float32).reshape(-1, 2), words


def _candidates(
    tile: Tile, grey: npt.NDArray[np.uint8], features: tuple[Plane, Plane | None]
) -> list[tuple[Matrix, int]]:
    """Return the place on which matched features agree, by RANSAC, with how many do."""
    near = cv2.dilate((tile.mask > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8))
    points, words = _features(cv2.cvtColor(tile.rgb, cv2.COLOR_RGB2GRAY), near)
    if words is None or features[1] is None or len(features[1]) < 2:
        return []
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(words, features[1], 2)
    sure = [pair[0] for pair in matches if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(sure) < 4:
        return []
    from_, to = points[[m.queryIdx for m in sure]], features[0][[m.trainIdx for m in sure]]
    matrix, kept = cv2.estimateAffinePartial2D(from_, to, ransacReprojThreshold=4.0, maxIters=800, confidence=0.99)
    if matrix is None or not _believable(matrix, grey.shape):
        return []
    return [(matrix, int(kept.sum()))]


def _believable(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    turn = abs(np.arctan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1]))
    bends = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return (
        SMALLEST * min(shape) < scale * PRODUCT < LARGEST * max(shape)
        and turn < TURN
        and bends[0] < ASPECT * max(bends[1], 1e-6)
        and bool(np.linalg.det(matrix[:, :2]) > 0)
    )


def _kept(product: Tile, size: tuple[int, int], shape: tuple[int, ...]) -> Matrix:
    """Return the place that the product had in the original, as far as the two frames go together."""
    scale = min(shape[0] / size[0], shape[1] / size[1])
    matrix = product.placed * scale
    matrix[:, 2] += (shape[1] - scale * size[1]) / 2, (shape[0] - scale * size[0]) / 2
    return matrix


def _by_mask(tile: Tile, subject: Subject | None, shape: tuple[int, ...]) -> list[Matrix]:
    """Return the places that bring the two masks together."""
    if subject is None or subject.confidence <= 0:
        return []
    mask = cv2.resize(subject.mask, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR) > 0.5
    return _together(tile, np.asarray(mask))


def _by_colour(tile: Tile, picture: Rgb) -> list[Matrix]:
    """Return the places that bring the mask upon areas of the product's colours, by the ratio of histograms.

    Swain and Ballard, "Color indexing", IJCV 7 (1991).
    """
    ranges, bins = [0, 256, 0, 256], [24, 24]
    lab, own = (cv2.cvtColor(each, cv2.COLOR_RGB2LAB) for each in (picture, tile.rgb))
    body = (tile.mask > 0.5).astype(np.uint8)
    model = cv2.calcHist([own], [1, 2], body, bins, ranges) / max(1, int(body.sum()))
    whole = cv2.calcHist([lab], [1, 2], None, bins, ranges) / lab[..., 0].size
    ratio = np.minimum(255 * 0.1 * model / np.maximum(whole, 1e-4), 255).astype(np.float32)
    likely = cv2.GaussianBlur(cv2.calcBackProject([lab], [1, 2], ratio, ranges, 1), (0, 0), 3)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((likely > 50).astype(np.uint8))
    largest = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA])[:3]
    return [matrix for number in largest for matrix in _together(tile, labels == number)]


def _together(tile: Tile, mask: Flags) -> list[Matrix]:
    """Return the places that bring areas and middles, or the boxes' sides, of the tile's mask and another together."""
    own, shape = tile.mask > 0.5, mask.shape
    if not mask.any():
        return []
    found = []
    scale = float(np.sqrt(mask.sum() / own.sum()))
    (y, x), (v, u) = (np.mean(np.nonzero(each), axis=1) for each in (own, mask))
    found.append(np.array([[scale, 0, u - scale * x], [0, scale, v - scale * y]]))
    boxes = [[np.flatnonzero(each.any(axis))[[0, -1]] for axis in (1, 0)] for each in (own, mask)]
    for side in (0, 1):
        scale = float((np.ptp(boxes[1][side]) + 1) / (np.ptp(boxes[0][side]) + 1))
        middle = [[ends.mean() for ends in box] for box in boxes]
        found.append(
            np.array([[scale, 0, middle[1][1] - scale * middle[0][1]], [0, scale, middle[1][0] - scale * middle[0][0]]])
        )
    return [matrix for matrix in found if _believable(matrix, shape)]


def _searched(tile: Tile, picture: Rgb) -> list[Matrix]:
    """Return the best place at each of several scales, by normalised correlation of colours and edges, best first."""
    small = shrink(picture, GRID)
    ratio = picture.shape[1] / small.shape[1]
    target = _layers(small)
    found = []
    rows, columns = (np.flatnonzero((tile.mask > 0.5).any(axis)) for axis in (1, 0))
    box = (slice(rows[0] - 4, rows[-1] + 5), slice(columns[0] - 4, columns[-1] + 5))
    cut, mask = tile.rgb[box], cv2.dilate(tile.mask[box], np.ones((5, 5), np.uint8))
    room = min(small.shape[0] / cut.shape[0], small.shape[1] / cut.shape[1])
    for share in SCALES:
        size = (round(cut.shape[1] * share * room), round(cut.shape[0] * share * room))
        if min(size) < 5:
            continue
        template = _layers(np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8))
        weight = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        fits = [
            cv2.matchTemplate(one, other, cv2.TM_CCOEFF_NORMED, mask=weight)
            for one, other in zip(target, template, strict=True)
        ]
        fit = np.clip(np.nan_to_num(np.asarray(fits, np.float32), nan=-1, posinf=-1, neginf=-1), -1, 1).sum(0)
        _, value, _, (x, y) = cv2.minMaxLoc(fit)
        step = size[0] / cut.shape[1]
        place = np.array([[step, 0, x - step * box[1].start], [0, step, y - step * box[0].start]])
        found.append((value, ratio * place))
    return [place for _, place in sorted(found, key=lambda each: -each[0])[:5]]


def _layers(picture: Rgb) -> tuple[Plane, Plane]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return picture.astype(np.float32), np.asarray(np.sqrt(edges.astype(np.float32)), np.float32)


def _probe(tile: Tile) -> Probe:
    inner = slice(CUT, tile.mask.shape[0] - CUT)
    rgb = cv2.resize(tile.rgb[inner, inner], None, fx=SMALL, fy=SMALL, interpolation=cv2.INTER_AREA)
    mask = np.asarray(cv2.resize(tile.mask[inner, inner], None, fx=SMALL, fy=SMALL, interpolation=cv2.INTER_AREA))
    grey = np.asarray(cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 0.8), np.float32)
    across, down, size = _gradient(grey)
    near = cv2.dilate((mask > 0.5).astype(np.float32), np.ones((5, 5), np.uint8))
    # The silhouette counts even where the original's backdrop happens to have the product's colour.
    rim = cv2.Canny((255 * (mask > 0.5)).astype(np.uint8), 50, 100) > 0
    weight = np.minimum(size, 60) * near + 12 * rim
    return Probe(grey, np.asarray(mask > 0.5, np.float32), across, down, np.asarray(weight, np.float32))


def _gradient(grey: Plane) -> tuple[Plane, Plane, Plane]:
    """Return a grey picture's gradient, across and down, of unit length where it is plain, and its size."""
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.25)
    size = cv2.magnitude(across, down)
    plain = np.sqrt(size * size + EDGE * EDGE)
    return across / plain, down / plain, np.asarray(size, np.float32)


def _weighed(probe: Probe, grey: npt.NDArray[np.uint8], matrix: Matrix) -> float:
    """Return how well a picture agrees with the tile that is laid on it so (0–1).

    Half by the correlation of lightness within the mask, half by the direction of edges, whichever side is lighter:
    normalised gradient fields, Haber and Modersitzki, MICCAI 2006.
    """
    side = probe.mask.shape[0]
    step = matrix @ np.array([[1 / SMALL, 0, CUT + 0.5], [0, 1 / SMALL, CUT + 0.5], [0, 0, 1]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(grey, step, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
    laid = np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.8), np.float32)
    across, down, _ = _gradient(laid)
    along = probe.across * across + probe.down * down
    edges = float((probe.weight * np.abs(along)).sum() / max(float(probe.weight.sum()), 1e-6))
    inside = probe.mask > 0
    one, other = probe.grey[inside], laid[inside]
    one, other = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((one @ one) * (other @ other)))
    flat = 4.0 * len(one)
    return 0.5 * max(0.0, float(one @ other + flat) / (spread + flat)) + 0.5 * min(1.0, edges / 0.8)


def _worth(way: Way, grey: npt.NDArray[np.uint8], lab: npt.NDArray[np.uint8], matrix: Matrix) -> float:
    """Return the agreement of a candidate in form and, for a part, in hue, which the form alone may leave open."""
    step = matrix @ np.array([[GLIMPSE, 0, GLIMPSE / 2], [0, GLIMPSE, GLIMPSE / 2], [0, 0, 1]])
    tile, side = way.tile, way.tile.mask.shape[0] // GLIMPSE
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(lab, step, (side, side), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0))
    own = cv2.cvtColor(cv2.resize(tile.rgb, (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2LAB)
    body = cv2.resize(tile.mask, (side, side), interpolation=cv2.INTER_AREA) > 0.5
    apart = np.linalg.norm(seen[body][:, 1:].astype(np.float32) - own[body][:, 1:], axis=1)
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
    believed = agreement > way.agreement + 0.004 and _believable(bent, grey.shape)
    return bent if believed else way.place


def _nearby(
    way: Way, grey: npt.NDArray[np.uint8], spin: Callable[[npt.NDArray[np.float64]], Matrix], count: int, most: int
) -> tuple[Matrix, float]:
    """Return the place nearby that agrees best, and how well, by shift and `spin`; Nelder and Mead, 1965.

    `spin` makes a 2×2 map of `count` numbers, all 0 for none; the agreement is asked for at most `most` times.
    """
    probe, matrix = way.probe, way.place
    middle = np.full(2, CUT + probe.mask.shape[0] / SMALL / 2)

    def moved(by: npt.NDArray[np.float64]) -> Matrix:
        turned = spin(by[2:])
        shift = middle + 10 * by[:2] - turned @ middle
        return np.asarray(matrix @ np.vstack([np.column_stack([turned, shift]), [0, 0, 1]]))

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
