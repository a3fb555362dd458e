"""The line of a score through a network's features, in closed form.

A linear head learns slowly beside so many tasks; its best weights on fixed features are known at once, by ridge
regression on people's ratings. Few of the pictures that people rated have banners or careless crops: where what is
done to a picture in a ladder shall lower its rating too, a ladder's differences are rows of the same regression.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from evaluator.table import progress
from evaluator.training.sample import read
from evaluator.types import Rgb

STRENGTHS = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
FOLDS = 5
FALL = 1.5
"""How far a fault at its strongest lowers a rating on 1–5."""
SHARE = 0.5
"""What all falls weigh together beside all ratings, where nothing else is asked for."""
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rated:
    """Views of rated pictures: `features` n×F, `means` n (1–5), and `pictures` n, which view is of which picture.

    `weights` n is what each counts beside the others; where none are given, all count alike.
    """

    features: Rows
    means: Rows
    pictures: npt.NDArray[np.int64]
    weights: Rows | None = None

    def of(self, chosen: npt.NDArray[np.bool_]) -> Rated:
        """Return some of the views."""
        return Rated(self.features[chosen], self.means[chosen], self.pictures[chosen], self.counted[chosen])

    @property
    def counted(self) -> Rows:
        """What each view counts, the mean of all being 1."""
        if self.weights is None:
            return np.ones(len(self.means))
        return np.asarray(self.weights / self.weights.mean(), np.float64)


@dataclass(frozen=True, slots=True)
class Falls:
    """Spoilt pictures beside the clean ones they were: `features` m×F, the difference; `drops` m, at most 0."""

    features: Rows
    drops: Rows


def no_falls(width: int) -> Falls:
    """Return no falls at all, of features of a width: a line by people's ratings alone."""
    return Falls(np.zeros((0, width)), np.zeros(0))


def falls(samples: Path, features: Callable[[Rgb], Rows], families: Sequence[str] = ("photographic",)) -> Falls:
    """Return the falls of all ladders under a folder of samples (`<samples>/<family>/*.npz`)."""
    files = [file for family in families for file in sorted((samples / family).glob("[0-9]*.npz"))]
    ladders: dict[str, list[tuple[int, float, Rows]]] = defaultdict(list)
    for file in progress(files, len(files), "ladders"):
        sample = read(file)
        score = min(sample.criteria.values())
        ladders[sample.ladder].append((sample.step, score, features(sample.picture)))
    rows, drops = [], []
    for ladder in ladders.values():
        _, best, clean = min(ladder, key=lambda rung: rung[0])
        for step, score, spoilt in ladder:
            if step:
                rows.append(spoilt - clean)
                drops.append(FALL * (score - best) / 4)
    return Falls(np.stack(rows), np.array(drops))


def line(rated: Rated, falls: Falls, strength: float, share: float = SHARE) -> tuple[Rows, float]:
    """Return the weights (F) and the intercept of the rating, for a ridge of the given strength.

    All falls weigh `share` of what all ratings do.
    """
    counted = rated.counted
    centre, middle = np.average(rated.features, 0, counted), float(np.average(rated.means, weights=counted))
    rows = np.concatenate([rated.features - centre, falls.features])
    target = np.concatenate([rated.means - middle, falls.drops])
    each = share * len(rated.means) / max(1, len(falls.drops))
    weight = np.concatenate([counted, np.full(len(falls.drops), each)])
    fitted = Ridge(alpha=strength, fit_intercept=False).fit(rows, target, sample_weight=weight)
    weights = np.asarray(fitted.coef_, np.float64)
    return weights, middle - float(weights @ centre)


def chosen(rated: Rated, falls: Falls, share: float = SHARE) -> tuple[float, float]:
    """Return the ridge's strength with the best rank correlation over held-out folds of pictures, and that figure.

    It is the correlation among those that count most.
    """
    pictures, best = np.unique(rated.pictures), (STRENGTHS[0], -1.0)
    asked = rated.counted == rated.counted.max()
    for strength in STRENGTHS:
        guessed = np.zeros_like(rated.means)
        for _, out in KFold(FOLDS, shuffle=True, random_state=0).split(pictures):
            left = np.isin(rated.pictures, pictures[out])
            weights, intercept = line(rated.of(~left), falls, strength, share)
            guessed[left] = rated.features[left] @ weights + intercept
        rank = float(spearmanr(rated.means[asked], guessed[asked]).statistic)
        best = max(best, (strength, rank), key=lambda each: each[1])
    return best
