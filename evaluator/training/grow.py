"""Grows boosted trees on pairs that are labelled good or not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from evaluator.pair.trees import NO_TREES, Trees

Numbers = npt.NDArray[np.float64]

COUNT, RATE, LEAVES = 1500, 0.06, 16
SHARE, ROWS = 0.05, 0.7
"""Shares of the numbers that a split, and of the rows that a tree, gets to see."""
FEWEST = 40
"""Least rows of a leaf."""
ENOUGH = 200
"""Rows from which on trees are grown at all."""


def grown(rows: Numbers, good: npt.NDArray[np.bool_], weight: Numbers, times: int = 1) -> Trees:
    """Return trees grown on rows of numbers (N×D), each good or not and of a weight; none where rows are few.

    They are grown so many `times` from other seeds, and their log-odds are the mean.
    """
    if len(rows) < ENOUGH or good.all() or not good.any():
        return NO_TREES
    woods = [_wood(rows, good, weight, seed) for seed in range(times)]
    first = np.cumsum([0, *(len(wood.number) for wood in woods[:-1])])
    moved = {
        name: np.concatenate([getattr(wood, name) + at for wood, at in zip(woods, first, strict=True)])
        for name in ("left", "right", "roots")
    }
    number, limit = (np.concatenate([getattr(wood, name) for wood in woods]) for name in ("number", "limit"))
    value = np.concatenate([wood.value for wood in woods]) / times
    base = sum(wood.base for wood in woods) / times
    return Trees(number, limit, moved["left"], moved["right"], value, moved["roots"], base)


def _wood(rows: Numbers, good: npt.NDArray[np.bool_], weight: Numbers, seed: int) -> Trees:
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
    parts, roots, offset = [], [], 0
    for (one,) in fitted.estimators_:
        tree = one.tree_
        own = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        roots.append(offset)
        parts.append(
            (
                np.where(leaf, 0, tree.feature),
                np.where(leaf, 0.0, tree.threshold),
                offset + np.where(leaf, own, tree.children_left),
                offset + np.where(leaf, own, tree.children_right),
                np.where(leaf, RATE * tree.value[:, 0, 0], 0.0),
            )
        )
        offset += tree.node_count
    number, limit, left, right, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    found = Trees(number, limit, left, right, value, np.array(roots), 0.0)
    base = float(fitted.decision_function(rows[:1])[0] - found.logits(rows[:1])[0])
    return Trees(number, limit, left, right, value, np.array(roots), base)
