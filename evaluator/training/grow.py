"""Grows boosted trees on pairs that are labelled one way or the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluator.pair.trees import NO_TREES, Trees

Numbers = npt.NDArray[np.float64]
Yes = npt.NDArray[np.bool_]

COUNT, RATE, LEAVES = 1500, 0.06, 16
SHARE, ROWS = 0.05, 0.7
"""Shares of the numbers that a split, and of the rows that a tree, gets to see."""
FEWEST = 40
"""Least rows of a leaf."""
ENOUGH = 200
"""Rows from which on trees are grown at all."""
WOODS = 3
"""How often trees are grown from other seeds where they are to be kept."""

RISING_COUNT, RISING_RATE, RISING_LEAVES = 300, 0.05, 6
RISING_FEWEST, RISING_SHARE, RISING_RIDGE = 15, 0.5, 5.0
"""What `rising` takes instead, where some numbers may only speak for a yes; the weight of their squared leaves."""


def grown(rows: Numbers, good: Yes, weight: Numbers, times: int = 1) -> Trees:
    """Return trees grown on rows of numbers (N×D), each good or not and of a weight; none where rows are few.

    They are grown so many `times` from other seeds, and their log-odds are the mean.
    """
    if len(rows) < ENOUGH or good.all() or not good.any():
        return NO_TREES
    return _joined([_wood(rows, good, weight, seed) for seed in range(times)])


def rising(rows: Numbers, wanted: Yes, weight: Numbers, way: Sequence[int], times: int = 1) -> Trees:
    """Return trees of the log-odds that a row is wanted, which never fall as a number rises whose `way` is 1 (0: free).

    Like `grown`, but rows are not sampled and there are trees however few rows there are.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = rows.astype(np.float32).astype(np.float64)  # trees are walked in single precision
    woods = []
    for seed in range(times):
        fitted = HistGradientBoostingClassifier(
            max_iter=RISING_COUNT,
            learning_rate=RISING_RATE,
            max_leaf_nodes=RISING_LEAVES,
            min_samples_leaf=min(RISING_FEWEST, max(1, len(rows) // 20)),
            max_features=RISING_SHARE,
            l2_regularization=RISING_RIDGE,
            early_stopping=False,
            monotonic_cst=list(way),
            random_state=seed,
        ).fit(rows, wanted, sample_weight=weight)
        nodes = [one.nodes for (one,) in fitted._predictors]
        woods.append(_rooted(map(_binned, nodes), rows, fitted))
    return _joined(woods)


def _wood(rows: Numbers, good: Yes, weight: Numbers, seed: int) -> Trees:
    from sklearn.ensemble import GradientBoostingClassifier

    fitted = GradientBoostingClassifier(
        n_estimators=COUNT,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        max_features=SHARE,
        subsample=ROWS,
        min_samples_leaf=min(FEWEST, len(rows) // 20),
        random_state=seed,
    ).fit(rows, good, sample_weight=weight)
    return _rooted((_split(one.tree_) for (one,) in fitted.estimators_), rows, fitted)


Nodes = tuple[npt.NDArray[Any], ...]
"""Of one tree's nodes: which is a leaf, number, limit, left, right, value."""


def _split(tree: Any) -> Nodes:
    value = RATE * tree.value[:, 0, 0]
    return tree.children_left < 0, tree.feature, tree.threshold, tree.children_left, tree.children_right, value


def _binned(nodes: npt.NDArray[Any]) -> Nodes:
    leaf = nodes["is_leaf"].astype(bool)
    return leaf, nodes["feature_idx"], nodes["num_threshold"], nodes["left"], nodes["right"], nodes["value"]


def _rooted(trees: Iterable[Nodes], rows: Numbers, fitted: Any) -> Trees:
    """Return trees from each one's nodes; the base is what the fitted model has beside them."""
    parts, roots, offset = [], [], 0
    for leaf, number, limit, left, right, value in trees:
        own = np.arange(len(leaf))
        roots.append(offset)
        parts.append(
            (
                np.where(leaf, 0, number),
                np.where(leaf, 0.0, limit),
                offset + np.where(leaf, own, left),
                offset + np.where(leaf, own, right),
                np.where(leaf, value, 0.0),
            )
        )
        offset += len(leaf)
    number, limit, left, right, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    found = Trees(number, limit, left, right, value, np.array(roots), 0.0)
    base = float(fitted.decision_function(rows[:1])[0] - found.logits(rows[:1])[0])
    return Trees(number, limit, left, right, value, np.array(roots), base)


def _joined(woods: Sequence[Trees]) -> Trees:
    """Return the trees of all, whose log-odds are the mean of theirs."""
    first = np.cumsum([0, *(len(wood.number) for wood in woods[:-1])])
    left, right, roots = (
        np.concatenate([getattr(wood, name) + at for wood, at in zip(woods, first, strict=True)])
        for name in ("left", "right", "roots")
    )
    number, limit = (np.concatenate([getattr(wood, name) for wood in woods]) for name in ("number", "limit"))
    value = np.concatenate([wood.value for wood in woods]) / len(woods)
    base = sum(wood.base for wood in woods) / len(woods)
    return Trees(number, limit, left, right, value, roots, base)
