"""Does a place suit a product? One embedding tells what is sold, that of the place alone what it is for.

From examples of single products a reward would have to learn each product in each place; here it learns kinds of
products and of places, and what it has never seen together is still judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Numbers = npt.NDArray[np.float64]
Embeddings = npt.NDArray[np.floating[Any]]

NAME = "suits"
"""What the number is called among a pair's traits."""


@dataclass(frozen=True, slots=True)
class Company:
    """Two linear readings of embeddings, a column for each of K kinds of product; the last row is the offset.

    `sold` (257×K) tells a product's kind from the original, `meant` (257×K) which kinds a place is for, from the
    generated picture without the product. Without kinds nothing is told.
    """

    sold: Numbers
    meant: Numbers

    def suits(self, original: Embeddings, place: Embeddings) -> Numbers:
        """Return how likely each place suits its product (N, 0–1), from embeddings (N×256 each)."""
        if not self.sold.shape[1]:
            return np.zeros(len(original))
        kinds = sure(original, self.sold)
        kinds /= kinds.sum(1, keepdims=True)
        return np.asarray((kinds * sure(place, self.meant)).sum(1))


NO_COMPANY = Company(np.zeros((257, 0)), np.zeros((257, 0)))


def sure(embeddings: Embeddings, reading: Numbers) -> Numbers:
    """Return probabilities (N×K) by a linear reading (257×K) of embeddings (N×256)."""
    return np.asarray(expit(embeddings @ reading[:-1] + reading[-1]))
