"""The line of a score through a network's features, in closed form.

A linear head learns slowly beside so many tasks; its best weights on fixed features are known at once, by ridge
regression on people's ratings. Few of the pictures that people rated have banners or careless crops: where what is
done to a picture in a ladder shall lower its rating too, a ladder's differences are rows of the same regression.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
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
"""What all falls weigh together beside all ratings."""
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rated:
    """Views of rated pictures: `features` n×F, `means` n (1–5), and `pictures` n, which view is of which picture."""

    features: Rows
    means: Rows
    pictures: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Falls:
    """Spoilt pictures beside the clean ones they were: `features` m×F, the difference; `drops` m, at most 0."""

    features: Rows
    drops: Rows


def no_falls(width: int) -> Falls:
    """Return no falls at all, of features of a width: a line by people's ratings alone."""
    return Falls(np.zeros((0, width)), np.zeros(0))


def falls(samples: Path, features: Callable[[Rgb], Rows]) -> Falls:
    """Return the falls of all ladders under a folder of samples (`<samples>/photographic/*.npz`)."""
    files = sorted((samples / "photographic").glob("[0-9]*.npz"))
    ladders: dict[str, list[tuple[int, float, Rows]]] = defaultdict(list)
    for file in progress(files, len(files), "ladders"):
        sample = read(file)
        (score,) = sample.criteria.values()
        ladders[sample.ladder].append((sample.step, score, features(sample.picture)))
    rows, drops = [], []
    for ladder in ladders.values():
        _, best, clean = min(ladder, key=lambda rung: rung[0])
        for step, score, spoilt in ladder:
            if step:
                rows.append(spoilt - clean)
                drops.append(FALL * (score - best) / 4)
    return Falls(np.stack(rows), np.array(drops))


def line(rated: Rated, falls: Falls, strength: float) -> tuple[Rows, float]:
    """Return the weights (F) and the intercept of the rating, for a ridge of the given strength."""
    centre, middle = rated.features.mean(0), float(rated.means.mean())
    rows = np.concatenate([rated.features - centre, falls.features])
    target = np.concatenate([rated.means - middle, falls.drops])
    share = SHARE * len(rated.means) / max(1, len(falls.drops))
    weight = np.concatenate([np.ones(len(rated.means)), np.full(len(falls.drops), share)])
    fitted = Ridge(alpha=strength, fit_intercept=False).fit(rows, target, sample_weight=weight)
    weights = np.asarray(fitted.coef_, np.float64)
    return weights, middle - float(weights @ centre)


def chosen(rated: Rated, falls: Falls) -> tuple[float, float]:
    """Return the ridge's strength with the best rank correlation over held-out folds of pictures, and that figure."""
    pictures, best = np.unique(rated.pictures), (STRENGTHS[0], -1.0)
    for strength in STRENGTHS:
        guessed = np.zeros_like(rated.means)
        for _, out in KFold(FOLDS, shuffle=True, random_state=0).split(pictures):
            left = np.isin(rated.pictures, pictures[out])
            part = Rated(rated.features[~left], rated.means[~left], rated.pictures[~left])
            weights, intercept = line(part, falls, strength)
            guessed[left] = rated.features[left] @ weights + intercept
        rank = float(spearmanr(rated.means, guessed).statistic)
        best = max(best, (strength, rank), key=lambda each: each[1])
    return best
