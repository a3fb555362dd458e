"""Where on a product something is done: its inside, its rim, a busy place, a round spot, one of its colours."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.cutout import Cutout
from evaluator.types import Flags, Plane


def mixed(subject: Cutout, changed: npt.NDArray[np.floating], place: Plane) -> tuple[Cutout, Plane]:
    """Return the subject with changed colours mixed in at a place (0–1), and that place upon it."""
    share = np.clip(place, 0, 1)[..., None]
    colour = np.clip(subject.colour * (1 - share) + changed * share, 0, 1)
    return replace(subject, colour=np.asarray(colour, np.float32)), np.asarray(place * subject.alpha, np.float32)


def with_room(subject: Cutout, room: int) -> Cutout:
    """Return the subject with so many pixels of room above and beside it."""
    colour = cv2.copyMakeBorder(subject.colour, room, 0, room, room, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(subject.alpha, room, 0, room, room, cv2.BORDER_CONSTANT, value=0)
    return replace(subject, colour=np.asarray(colour, np.float32), alpha=np.asarray(alpha, np.float32))


def inner(alpha: Plane) -> Plane:
    """Return how deep inside the subject a pixel lies, up to 1."""
    depth = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(depth / max(float(depth.max()), 1.0), np.float32)


def one_colour(lab: Plane, where: Flags, seed: np.random.Generator) -> Flags:
    """Return the pixels of one of the subject's three main colours."""
    points = np.asarray(lab[where][:: max(1, int(where.sum()) // 2000)], np.float32)
    cv2.setRNGSeed(int(seed.integers(1 << 30)))
    rule = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, _, centres = cv2.kmeans(points, 3, np.zeros((0, 1), np.int32), rule, 1, cv2.KMEANS_PP_CENTERS)
    nearest = np.stack([np.linalg.norm(lab - centre, axis=2) for centre in centres]).argmin(0)
    chosen = int(seed.integers(3))
    soft = cv2.medianBlur((nearest == chosen).astype(np.uint8), 5) > 0
    return soft if (soft & where).sum() > 0.08 * where.sum() else np.ones_like(where)


def busiest(colour: Plane, inside: Plane, size: tuple[int, int], seed: np.random.Generator) -> tuple[int, int]:
    """Return top and left of a window inside the subject with much detail."""
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    detail = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    worth = cv2.blur((detail + 0.02) * (inside > 0), size[::-1]) * cv2.blur((inside > 0).astype(np.float32), size[::-1])
    worth = worth**2 * seed.uniform(0.5, 1.0, worth.shape)
    down, right = np.unravel_index(int(worth.argmax()), worth.shape)
    high, wide = worth.shape
    return int(np.clip(down - size[0] // 2, 0, max(0, high - size[0]))), int(
        np.clip(right - size[1] // 2, 0, max(0, wide - size[1]))
    )


def rim(body: Flags, seed: np.random.Generator) -> tuple[float, float]:
    """Return a point on the outline, in its upper nine tenths."""
    edge = body & (cv2.erode(body.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    rows, columns = np.nonzero(edge)
    free = rows < 0.9 * body.shape[0]
    rows, columns = (rows[free], columns[free]) if free.any() else (rows, columns)
    pick = int(seed.integers(len(rows)))
    return float(rows[pick]), float(columns[pick])


def anywhere(body: Flags, seed: np.random.Generator) -> tuple[float, float]:
    """Return a point inside the subject."""
    rows, columns = np.nonzero(body)
    pick = int(seed.integers(len(rows)))
    return float(rows[pick]), float(columns[pick])


def blob(body: Flags, at: tuple[float, float], share: float, seed: np.random.Generator) -> Plane:
    """Return a soft uneven round that covers about a share of the body about a point (row, column)."""
    rows, columns = np.mgrid[: body.shape[0], : body.shape[1]].astype(np.float32)
    distance = np.hypot(rows - at[0], (columns - at[1]) * seed.uniform(0.7, 1.4))
    distance = distance * (1 + 0.15 * smooth(body.shape, max(8.0, 0.1 * max(body.shape)), seed))
    within = np.sort(distance[body])
    radius = float(within[min(len(within) - 1, int(share * len(within)))])
    return np.asarray(np.clip((radius - distance) / 2 + 0.5, 0, 1), np.float32)
