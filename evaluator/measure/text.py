"""Text in the picture: a cheap look first, and OCR detection only where that look sees something like text."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.types import Box, Rgb
from evaluator.view import shrink

_LOCK = Lock()
BIMODAL = 0.65
"""Least share of a window's variance that lies between its two tones."""
GLANCE_SIDE = 256
"""Longer side in pixels of the detector's first look."""
HINT = 0.0005
"""Least share of the first look that calls for a second."""
LETTERS = 3
"""Fewest letter-like shapes of one size in a line."""
SLENDEREST = 2.5
"""Largest height of a line for its width."""
SAME = 0.3
"""Least overlap of two boxes that hold the same text."""
LARGEST = 0.3
"""Largest height of a text line as a share of the frame; the detector takes whole figures for letters."""


def looks_like_text(rgb: Rgb) -> bool:
    """Return whether a careful look for text is worth its time: strokes like letters, or a hint in a small copy."""
    return has_strokes(rgb) or _hint(rgb) > HINT


def _hint(rgb: Rgb) -> float:
    """Return the share of a small copy of the picture in which the detector sees lines of text, 0–1."""
    engine = _engine()
    small = np.ascontiguousarray(shrink(rgb, GLANCE_SIDE)[..., ::-1])
    likely = np.asarray(engine.session(engine.get_preprocess()(small)))[0, 0] > 0.3
    count, _, stats, _ = cv2.connectedComponentsWithStats(likely.astype(np.uint8), connectivity=8)
    spots = stats[1:count]
    tall, wide = spots[:, cv2.CC_STAT_HEIGHT], spots[:, cv2.CC_STAT_WIDTH]
    lines = (tall <= LARGEST * likely.shape[0]) & (tall <= SLENDEREST * wide)
    return float(spots[lines, cv2.CC_STAT_AREA].sum() / likely.size)


def has_strokes(rgb: Rgb) -> bool:
    """Return whether some region has the dense upright strokes of a line of text.

    Morphological gradient, joined along the line, and the shape and fill of what results; after Smith's
    and Wu's line finders. Errs on the side of yes.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strokes = (gradient > 22).astype(np.uint8)
    for reach in (9, 17):
        joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
        joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((4, 9), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
        for x, y, width, height, area in stats[1:count]:
            if width < 14 or height < 5 or height > 0.35 * grey.shape[0] or width < 1.4 * height:
                continue
            if area / (width * height) < 0.45:
                continue
            if _written(grey[y : y + height, x : x + width]):
                return True
    return False


def _written(window: npt.NDArray[np.uint8]) -> bool:
    """Return whether a window holds two tones, one of which falls into shapes like letters."""
    _, binary = cv2.threshold(window, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light, dark = window[binary > 0], window[binary == 0]
    if light.size == 0 or dark.size == 0 or float(light.mean()) - float(dark.mean()) < 18:
        return False
    share = light.size / window.size
    between = share * (1 - share) * (float(light.mean()) - float(dark.mean())) ** 2
    if between < BIMODAL * float(window.var()) or not 0.12 < share < 0.88:
        return False
    return _letters(binary) >= LETTERS or _letters(1 - binary) >= LETTERS


def _letters(binary: npt.NDArray[np.uint8]) -> int:
    """Return how many shapes of a two-tone window could be letters: as tall as the line, of one size."""
    height = binary.shape[0]
    count, _, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    shapes = stats[1:count]
    tall = shapes[:, cv2.CC_STAT_HEIGHT]
    fill = shapes[:, cv2.CC_STAT_AREA] / (shapes[:, cv2.CC_STAT_WIDTH] * tall)
    like = (tall > 0.32 * height) & (shapes[:, cv2.CC_STAT_WIDTH] < 2 * tall) & (fill > 0.18) & (fill < 0.93)
    heights = tall[like]
    if heights.size == 0:
        return 0
    return int((np.abs(heights - np.median(heights)) <= 0.3 * np.median(heights)).sum())


def find_text(rgb: Rgb) -> tuple[Box, ...]:
    """Return the boxes of text lines, relative to the frame, by PP-OCR's detector (rapidocr, offline).

    Where it finds some it looks at the mirrored picture too, so that text is found as well either way round.
    """
    found = _detect(rgb)
    if not found:
        return ()
    for box in _detect(np.ascontiguousarray(rgb[:, ::-1])):
        mirrored = Box(1 - box.x - box.width, box.y, box.width, box.height, box.label)
        same = [other for other in found if _overlap(mirrored, other) >= SAME]
        found = [other for other in found if other not in same] + [_around([mirrored, *same])]
    return tuple(sorted(found, key=lambda box: (box.y, box.x)))


def _around(boxes: list[Box]) -> Box:
    """Return the box around some boxes."""
    x0, y0 = min(box.x for box in boxes), min(box.y for box in boxes)
    x1, y1 = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x0, y0, x1 - x0, y1 - y0, boxes[0].label)


def _overlap(one: Box, other: Box) -> float:
    """Return the shared area over the smaller one's."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0.0, width) * max(0.0, height) / max(smaller, 1e-9)


def _detect(rgb: Rgb) -> list[Box]:
    height, width = rgb.shape[:2]
    corners_found = _engine()(np.ascontiguousarray(rgb[..., ::-1])).boxes
    boxes = []
    for corners in corners_found if corners_found is not None else ():
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
        x0, y0 = np.clip(low / (width, height), 0, 1)
        x1, y1 = np.clip(high / (width, height), 0, 1)
        if y1 - y0 <= LARGEST and (y1 - y0) * height <= SLENDEREST * (x1 - x0) * width:
            boxes.append(Box(float(x0), float(y0), float(x1 - x0), float(y1 - y0), "text"))
    return boxes


def _engine() -> Any:
    """Return the detector; it keeps nothing from one picture to the next, so that threads may share it."""
    with _LOCK:
        return _detector()


@lru_cache(maxsize=1)
def _detector() -> Any:
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Det.limit_side_len": 480,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    # The engine loads its detector on first use; what follows calls that detector alone, since the engine's
    # own pipeline pads and rescales in ways that are not needed here.
    engine(np.full((64, 64, 3), 255, np.uint8), use_det=True, use_cls=False, use_rec=False)
    return engine.text_det
