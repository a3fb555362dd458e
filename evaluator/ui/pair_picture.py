"""The two pictures of a pair as they are shown: laid on each other, with the evidence drawn on them."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from evaluator.pair.types import PairReport
from evaluator.types import Plane, Rgb
from evaluator.view import shrink

LAYERS = ("masks", "difference", "boxes")
SHOWN_LAYERS = ("difference", "boxes")
"""The layers that are on until the reader switches them."""
SIDE = 1024
"""Longer side in pixels of the copies that are drawn on."""
THUMB, THUMB_QUALITY = 280, 74
"""Longer side in pixels of a candidate's small picture, and its WebP quality."""
FAINT, FULL = 0.12, 0.5
"""Values of the difference map from which it is drawn, and from which it covers most."""
MASK_INK, BOX_INK = (0, 168, 132), (240, 150, 30)
PLAIN = 16.0
"""Levels by which the rim of a plain backdrop varies at most."""
LEAST, MOST = 0.2, 5.0
"""How much smaller or larger the original is shown so that its product lies on the other; else it lies as it is."""


@dataclass(frozen=True)
class PairSeen:
    """What a page keeps of its last pair, so that layers can be switched: two small copies and their report."""

    original: Rgb
    generated: Rgb
    report: PairReport


def small(rgb: Rgb) -> Rgb:
    """Return a copy to draw on, its longer side at most 1024."""
    return shrink(rgb, SIDE).copy()


def layered(seen: PairSeen | None, layers: Collection[str]) -> tuple[Rgb, Rgb] | None:
    """Return both pictures at one size with the chosen layers, the original moved so that product lies on product.

    `masks` are both outlines, `difference` the map over the generated picture, `boxes` its changed places.
    """
    if seen is None:
        return None
    left, right, evidence = seen.original.copy(), seen.generated.copy(), seen.report.evidence
    if evidence is None:
        return _laid(left, right, None), right
    if "difference" in layers:
        _heat(right, evidence.difference)
    if "masks" in layers:
        _outline(left, evidence.original_mask)
        _outline(right, evidence.generated_mask)
    if "boxes" in layers:
        _boxes(right, seen.report)
    same = seen.report.consistency.state in ("unchanged", "changed")
    return _laid(left, right, (evidence.original_mask, evidence.generated_mask) if same else None), right


def thumbnail(rgb: Rgb) -> str:
    """Return a small WebP data URI."""
    pixels = cv2.cvtColor(shrink(rgb, THUMB), cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, THUMB_QUALITY])
    return f"data:image/webp;base64,{base64.b64encode(data.tobytes()).decode('ascii')}"


def _laid(left: Rgb, right: Rgb, masks: tuple[Plane, Plane] | None) -> Rgb:
    """Return the original on a sheet of the generated picture's size; what it does not cover has its rim's colour."""
    height, width = right.shape[:2]
    scale = min(height / left.shape[0], width / left.shape[1])
    x, y = (width - scale * left.shape[1]) / 2, (height - scale * left.shape[0]) / 2
    places = [_place(mask, picture) for mask, picture in zip(masks, (left, right), strict=True)] if masks else []
    if len(places) == 2 and places[0] and places[1]:
        (size, u, v), (other, s, t) = places[0], places[1]
        if LEAST < other / size < MOST:
            scale = other / size
            x, y = s - scale * u, t - scale * v
    # A plain backdrop goes on beyond the picture; anything else would leave streaks.
    rim = np.concatenate([left[0], left[-1], left[:, 0], left[:, -1]])
    if scale < 0.5:  # averaged first, or it would shimmer
        left = np.asarray(cv2.resize(left, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        scale = 1.0
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    plain = float(rim.std(axis=0).max()) < PLAIN
    beyond = cv2.BORDER_REPLICATE if plain else cv2.BORDER_CONSTANT
    colour = tuple(float(value) for value in np.median(rim, axis=0))
    laid = cv2.warpAffine(left, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=beyond, borderValue=colour)
    return np.asarray(laid, np.uint8)


def _place(mask: Plane, picture: Rgb) -> tuple[float, float, float] | None:
    """Return a mask's size (root of its area) and centre (x, y) in pixels of its picture; None where it is empty."""
    ratio = picture.shape[1] / mask.shape[1], picture.shape[0] / mask.shape[0]
    rows, columns = np.nonzero(mask > 0.5)
    if not rows.size:
        return None
    size = float(np.sqrt(rows.size * ratio[0] * ratio[1]))
    return size, float((columns.mean() + 0.5) * ratio[0]), float((rows.mean() + 0.5) * ratio[1])


def _line(picture: Rgb) -> int:
    return max(1, round(int(max(picture.shape)) / 360))


def _outline(picture: Rgb, plane: Plane) -> None:
    mask = cv2.resize(plane, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    edge, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_TC89_L1)
    line = _line(picture)
    cv2.polylines(picture, list(edge), True, (255, 255, 255), line + 2, cv2.LINE_AA)
    cv2.polylines(picture, list(edge), True, MASK_INK, line, cv2.LINE_AA)


def _heat(picture: Rgb, plane: Plane) -> None:
    """Lay the map over the picture, from clear over red to yellow; what is faint stays as it is."""
    heat = np.clip(cv2.resize(plane, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), 0, 1)
    inks = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.75 * np.clip((heat - FAINT) / (FULL - FAINT), 0, 1))[..., None]
    picture[:] = (picture * (1 - cover) + inks * cover).astype(np.uint8)


def _boxes(picture: Rgb, report: PairReport) -> None:
    height, width = picture.shape[:2]
    line = _line(picture)
    for box in report.consistency.boxes:
        corner = (round(box.x * width), round(box.y * height))
        opposite = (round((box.x + box.width) * width), round((box.y + box.height) * height))
        cv2.rectangle(picture, corner, opposite, (255, 255, 255), line + 2, cv2.LINE_AA)
        cv2.rectangle(picture, corner, opposite, BOX_INK, line, cv2.LINE_AA)
