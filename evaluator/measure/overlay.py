"""Borders around the picture and the separators of a collage."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.types import Rgb

Colours = npt.NDArray[np.float32]

SPAN = 0.75
"""Least share of the picture's side along which a strip ends; a box in front of a backdrop is narrower."""
EXACT = 2
"""Largest difference in levels inside a drawn strip; a photographed one varies more."""
STEP = 10
"""Least step in levels from a strip to the picture."""
FLAT = 6.0
"""Largest spread in levels (0–255) of a line that counts as one flat colour."""


def squeezed(rgb: Rgb) -> Rgb:
    """Return the picture with each side at most 256 pixels; frames and separators are read at that size."""
    height, width = rgb.shape[:2]
    return np.asarray(cv2.resize(rgb, (min(256, width), min(256, height)), interpolation=cv2.INTER_AREA), np.uint8)


def borders(rgb: Rgb) -> float:
    """Return the area of flat frames around the picture as a share of it, 0–1.

    A frame is a strip of one colour that ends in a straight line: on the next row most pixels are of another
    colour. A plain backdrop does not end that way. A floor or a table may, on one side; so a strip with none
    on the side across counts only where it does not vary at all.
    """
    picture = squeezed(rgb).astype(np.int16)
    height, width = picture.shape[:2]
    turned = picture.transpose(1, 0, 2)
    down = _pair(_strip(picture), _strip(picture[::-1]))
    across = _pair(_strip(turned), _strip(turned[::-1]))
    return float(1 - max(0, height - down) * max(0, width - across) / (height * width))


def _pair(one: tuple[int, bool], other: tuple[int, bool]) -> int:
    """Return how deep two strips across from each other are together; one that stands alone must be exact."""
    if one[0] and other[0]:
        return one[0] + other[0]
    return sum(depth for depth, exact in (one, other) if exact)


def _strip(picture: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> tuple[int, bool]:
    """Return how many rows from the top are one flat colour that ends in a straight line, and if it is exact."""
    colour = np.median(picture[0], axis=0).astype(np.float32)
    if float((np.abs(picture[0] - colour).max(axis=1) <= 12).mean()) <= 0.985:
        return 0, False
    limit = int(picture.shape[0] * 0.4)
    planes = zip(cv2.split(np.ascontiguousarray(picture[:limit])), colour, strict=True)
    off = np.maximum.reduce([np.abs(plane - level) for plane, level in planes])
    flat = (off <= 12).mean(axis=1) > 0.985
    if not flat[0] or flat.all():
        return 0, False
    depth = int(flat.argmin())
    after = off[min(depth + 1, limit - 1) : min(depth + 4, limit)]
    if depth == 0 or not after.size or float((after > 12).mean()) <= SPAN:
        return 0, False
    step = np.abs(picture[min(depth + 1, limit)] - picture[depth - 1]).max(axis=1)
    if float(np.median(step)) < STEP:  # a gradient leaves its first colour too, but by no step
        return 0, False
    return depth, float((off[:depth] <= EXACT).mean()) > 0.99


def separators(rgb: Rgb) -> float:
    """Return the number of flat lines that run through the whole picture between two different parts (a collage)."""
    small = np.asarray(cv2.resize(rgb, (256, 256), interpolation=cv2.INTER_AREA), np.float32)
    turned = np.asarray(cv2.transpose(small))
    return float(_lines(small, turned) + _lines(turned, small))


def _lines(picture: Colours, turned: Colours) -> int:
    """Return how many rows of a picture are separators; `turned` is the picture with its columns as rows."""
    size = picture.shape[0]
    # The mean square less the squared mean: one pass each, where a standard deviation takes several; and down
    # the columns, which takes a fraction of the time that it takes along the rows.
    mean, square = (cv2.reduce(each, 0, cv2.REDUCE_AVG, dtype=cv2.CV_64F)[0] for each in (turned, turned * turned))
    flat = (square - mean**2).max(axis=1) < FLAT**2
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
