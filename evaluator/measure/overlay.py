"""Borders around the picture and the separators of a collage."""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.types import Rgb

FLAT = 6.0
"""Largest spread in levels (0–255) of a line that counts as one flat colour."""


def borders(rgb: Rgb) -> float:
    """Return the area of flat frames around the picture as a share of it, 0–1.

    A frame is a strip of one colour that ends in a straight line: on the next row most pixels are of another
    colour. A plain backdrop does not end that way.
    """
    height, width = rgb.shape[:2]
    picture = cv2.resize(rgb, (min(256, width), min(256, height)), interpolation=cv2.INTER_AREA).astype(np.int16)
    height, width = picture.shape[:2]
    depth = {
        "top": _strip(picture),
        "bottom": _strip(picture[::-1]),
        "left": _strip(picture.transpose(1, 0, 2)),
        "right": _strip(picture.transpose(1, 0, 2)[::-1]),
    }
    inner_height = max(0, height - depth["top"] - depth["bottom"])
    inner_width = max(0, width - depth["left"] - depth["right"])
    return float(1 - inner_height * inner_width / (height * width))


def _strip(picture: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> int:
    """Return how many rows from the top are one flat colour, if they end in a straight line; else 0."""
    colour = np.median(picture[0], axis=0)
    if float((np.abs(picture[0] - colour).max(axis=1) <= 12).mean()) <= 0.985:
        return 0
    limit = int(picture.shape[0] * 0.4)
    off = np.abs(picture[:limit] - colour).max(axis=2)
    flat = (off <= 12).mean(axis=1) > 0.985
    if not flat[0] or flat.all():
        return 0
    depth = int(flat.argmin())
    after = off[min(depth + 1, limit - 1) : min(depth + 4, limit)]
    return depth if depth > 0 and after.size and float((after > 12).mean()) > 0.6 else 0


def separators(rgb: Rgb) -> float:
    """Return the number of flat lines that run through the whole picture between two different parts (a collage)."""
    small = cv2.resize(rgb, (256, 256), interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(_lines(small) + _lines(small.transpose(1, 0, 2)))


def _lines(picture: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> int:
    size = picture.shape[0]
    flat = picture.std(axis=1).max(axis=1) < FLAT
    count, row = 0, 10
    while row < size - 10:
        if not flat[row]:
            row += 1
            continue
        end = row
        while end < size - 10 and flat[end]:
            end += 1
        before, after = picture[max(0, row - 3)], picture[min(size - 1, end + 2)]
        colour = picture[row:end].mean(axis=(0, 1))
        differs = [float((np.abs(side - colour).max(axis=1) > 14).mean()) for side in (before, after)]
        if end - row <= 16 and min(differs) > 0.7:
            count += 1
        row = end + 1
    return count
