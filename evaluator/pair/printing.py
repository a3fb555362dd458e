"""Print on the product: is what could be read before still there to be read?"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from threading import Lock
from typing import Any

import cv2
import numpy as np

from evaluator.measure.text import find_text, strokes
from evaluator.pair.types import Tile
from evaluator.types import Box, Plane, Rgb

_LOCK = Lock()
LEGIBLE = 0.85
"""Least confidence of the reader from which on a line of the original counts as read."""
LETTERS = 3
"""Fewest letters or digits of a line that is compared."""
LINES = 4
"""Most lines that are read, the largest first."""
HEIGHT = 7
"""Least height in pixels, in either picture, of a line that can be read."""


def kept(product: Tile, original: Rgb, generated: Rgb) -> float | None:
    """Return how much of the print that was legible still reads the same, 0–1; None where there was none to read.

    Both pictures are tiles at reading size (any multiple of the product's tile), laid over each other.
    """
    if not strokes(product.rgb):
        return None
    boxes = [box for box in find_text(original) if _upon(box, product.mask)]
    boxes = sorted(boxes, key=lambda box: -box.height * box.width)[:LINES]
    cuts = [_cut(original, box) for box in boxes]
    readable = [number for number, cut in enumerate(cuts) if cut.shape[0] >= HEIGHT]
    if not readable:
        return None
    before = _read([cuts[number] for number in readable])
    sure = [k for k, (text, trust) in enumerate(before) if trust >= LEGIBLE and len(_letters(text)) >= LETTERS]
    if not sure:
        return None
    after = _read([_cut(generated, boxes[readable[k]]) for k in sure])
    words = [(_letters(before[k][0]), _letters(text)) for k, (text, _) in zip(sure, after, strict=True)]
    length = sum(len(one) for one, _ in words)
    return float(sum(len(one) * SequenceMatcher(None, one, other).ratio() for one, other in words) / length)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _upon(box: Box, mask: Plane) -> bool:
    return float(mask[box.cells(mask.shape)].mean()) > 0.7


def _cut(picture: Rgb, box: Box) -> Rgb:
    height, width = picture.shape[:2]
    room = 0.12 * box.height
    top, bottom = max(0, int((box.y - room) * height)), min(height, round((box.y + box.height + room) * height))
    left, right = max(0, int((box.x - room) * width)), min(width, round((box.x + box.width + room) * width))
    return picture[top : max(bottom, top + 2), left : max(right, left + 2)]


def _read(lines: list[Rgb]) -> list[tuple[str, float]]:
    """Return what stands in each line and how sure the reader is, by PP-OCR's recogniser (rapidocr, offline)."""
    from rapidocr.ch_ppocr_rec import TextRecInput

    pictures = [np.ascontiguousarray(cv2.cvtColor(line, cv2.COLOR_RGB2BGR)) for line in lines]
    with _LOCK:
        found = _reader()(TextRecInput(img=pictures))
    texts, trusts = found.txts or (), found.scores or ()
    return [(str(text), float(trust)) for text, trust in zip(texts, trusts, strict=True)] or [("", 0.0)] * len(lines)


@lru_cache(maxsize=1)
def _reader() -> Any:
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine(np.full((48, 96, 3), 255, np.uint8), use_det=False, use_cls=False, use_rec=True)
    return engine.text_rec
