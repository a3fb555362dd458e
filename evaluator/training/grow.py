"""Grows boosted trees on pairs that are labelled good or not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from evaluator.pair.trees import NO_TREES, Trees

Numbers = npt.NDArray[np.float64]

COUNT, RATE, LEAVES = 500, 0.04, 16
SHARE, ROWS = 0.1, 0.5
"""Shares of the numbers that a split, and of the rows that a tree, gets to see."""
FEWEST = 10
"""Least rows of a leaf."""
ENOUGH = 20 * FEWEST
"""Rows from which on trees are grown at all."""


def grown(rows: Numbers, good: npt.NDArray[np.bool_], weight: Numbers, seed: int = 0) -> Trees:
    """Return trees grown on rows of numbers (N×D), each good or not and of a weight; none where rows are few."""
    if len(rows) < ENOUGH or good.all() or not good.any():
        return NO_TREES
    from sklearn.ensemble import GradientBoostingClassifier

    fitted = GradientBoostingClassifier(
        n_estimators=COUNT,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        max_features=SHARE,
        subsample=ROWS,
        min_samples_leaf=FEWEST,
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
