"""Embeddings of many pictures, looked at on all cores, a few at a time so that they need not be held together."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import numpy.typing as npt

from evaluator.batch import cores
from evaluator.look import Looker
from evaluator.types import Rgb

AT_ONCE = 128
"""Pictures that are held and looked at together."""


def embeddings(eyes: Looker, pictures: Iterable[Rgb]) -> npt.NDArray[np.float64]:
    """Return the embedding of each picture, in order, N×256."""
    rows: list[npt.NDArray[np.float32]] = []
    coming = iter(pictures)
    with ThreadPoolExecutor(cores()) as pool:
        while shown := list(islice(coming, AT_ONCE)):
            rows += [glance.embedding for glance in pool.map(eyes.glance, shown)]
    return np.array(rows, np.float64)
