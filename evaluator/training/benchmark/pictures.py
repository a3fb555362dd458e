"""Folders of pictures to measure the judge on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.types import Rgb


def pictures_of(folders: Sequence[str], every: int) -> Iterator[str]:
    """Yield every Nth picture of each folder, in the order of their names."""
    from evaluator.__main__ import walk

    for folder in folders:
        yield from list(walk([folder]))[::every]


def all_of(folder: Path) -> list[str]:
    """Return the pictures of a folder that can be judged. Raises FileNotFoundError where there are none."""
    found = [path for path in pictures_of([str(folder)], 1) if readable(path)]
    if not found:
        raise FileNotFoundError(f"there are no pictures in {folder}")
    return found


def readable(path: str) -> bool:
    """Return whether a file is a picture that can be judged."""
    try:
        decode(path)
    except EvaluatorError:
        return False
    return True


def enlarged(picture: Rgb, side: int) -> Rgb:
    """Return a picture at that longer side in pixels."""
    scale = side / max(picture.shape[:2])
    interpolation = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=interpolation), np.uint8)
