"""Where a product might lie in a picture: by matched features, masks, its old place, its colours, or a search."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.pair.tile import PRODUCT
from evaluator.pair.types import Matrix, Tile
from evaluator.types import Flags, Plane, Rgb, Subject
from evaluator.view import shrink

SMALLEST, LARGEST = 0.08, 1.6
"""Range of the product's longer side as a share of the generated picture's shorter and longer one."""
TURN = np.deg2rad(25)
"""Largest turn that is believed."""
ASPECT = 1.6
"""Largest change of proportions that is believed."""
RATIO = 0.8
"""Lowe's ratio: a feature's nearest match must be so much nearer than the next."""
GRID = 96
"""Longer side in pixels of the picture in which is searched."""
ASIDE = 0.25
"""By how much of a pixel SIFT places a feature too far to the right, in the picture and in its mirror image."""
SCALES = np.geomspace(0.18, 1.0, 11)

Features = tuple[Plane, Plane | None]
"""Points (N×2: across, down) and what is told of each (N×128), None where there are none."""


def features_of(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8] | None) -> Features:
    """Return a grey picture's SIFT features, within the mask if there is one."""
    keys, words = cv2.SIFT.create(600).detectAndCompute(grey, mask)
    return np.asarray([key.pt for key in keys], np.float32).reshape(-1, 2), words


def features_of_tile(tile: Tile) -> Features:
    """Return the features of a product in its tile."""
    near = cv2.dilate((tile.mask > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8))
    return features_of(cv2.cvtColor(tile.rgb, cv2.COLOR_RGB2GRAY), near)


def mirrored(features: Features, width: int) -> Features:
    """Return the features that the mirror image of a picture of that width has.

    A descriptor is 4×4 places by 8 directions, all told from the feature's own direction: its mirror image has the
    places on that direction's other side, and the directions turned about.
    """
    points, words = features
    points = np.array([width - 1 + 2 * ASIDE, 0], np.float32) + points * np.array([-1, 1], np.float32)
    if words is None:
        return points, None
    return points, np.ascontiguousarray(words.reshape(-1, 4, 4, 8)[:, ::-1, :, -np.arange(8)].reshape(words.shape))


def by_features(own: Features, features: Features, shape: tuple[int, ...]) -> list[tuple[Matrix, int]]:
    """Return the place on which a product's own features agree with those of a picture, by RANSAC, and how many do.

    `shape` is the picture's.
    """
    points, words = own
    if words is None or features[1] is None or len(features[1]) < 2:
        return []
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(words, features[1], 2)
    sure = [pair[0] for pair in matches if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(sure) < 4:
        return []
    from_, to = points[[m.queryIdx for m in sure]], features[0][[m.trainIdx for m in sure]]
    matrix, kept = cv2.estimateAffinePartial2D(from_, to, ransacReprojThreshold=4.0, maxIters=800, confidence=0.99)
    if matrix is None or not believable(matrix, shape):
        return []
    return [(matrix, int(kept.sum()))]


def believable(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    """Return whether a product may lie so in a picture of that shape: in size, turn, proportions, and not mirrored."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    turn = abs(np.arctan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1]))
    bends = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return (
        SMALLEST * min(shape) < scale * PRODUCT < LARGEST * max(shape)
        and turn < TURN
        and bends[0] < ASPECT * max(bends[1], 1e-6)
        and bool(np.linalg.det(matrix[:, :2]) > 0)
    )


def kept(product: Tile, size: tuple[int, int], shape: tuple[int, ...]) -> Matrix:
    """Return the place that the product had in the original, as far as the two frames go together."""
    scale = min(shape[0] / size[0], shape[1] / size[1])
    matrix = product.placed * scale
    matrix[:, 2] += (shape[1] - scale * size[1]) / 2, (shape[0] - scale * size[0]) / 2
    return matrix


def by_mask(tile: Tile, subject: Subject | None, shape: tuple[int, ...]) -> list[Matrix]:
    """Return the places that bring the two masks together."""
    if subject is None or subject.confidence <= 0:
        return []
    mask = cv2.resize(subject.mask, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR) > 0.5
    return _together(tile, np.asarray(mask))


def by_colour(tile: Tile, picture: Rgb) -> list[Matrix]:
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
    return [matrix for matrix in found if believable(matrix, shape)]


def searched(tile: Tile, picture: Rgb) -> list[Matrix]:
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
