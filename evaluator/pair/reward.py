"""Is the generated background right? By a reward fitted on pairs, else by the picture's own criteria, which says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from evaluator.pair.types import Background
from evaluator.pair.wording import Rules
from evaluator.types import Criterion, Glance, Report, Tag


class Reward(Protocol):
    """What knows a good background from a bad one, fitted on ranked pictures of the same original."""

    def probability(self, original: Glance, generated: Glance, report: Report) -> float | None:
        """Return the probability (0–1) that the background is good; `report` is the generated picture's own.

        None where it cannot say.
        """
        ...


def judged(
    glances: tuple[Glance, Glance] | None, report: Report | None, rules: Rules, reward: Reward | None
) -> Background:
    """Return the judgement of the background from looks at both pictures and the generated picture's own report.

    Score and probability are None without looks, and where nothing of a scene applies.
    """
    if glances is None or report is None:
        return Background(None, None, why="network")
    parts = _parts(report.criteria, rules)
    chance = reward.probability(*glances, report) if reward is not None else None
    if chance is not None:
        return Background(100 * chance, chance, True, parts)
    if not parts:
        return Background(None, None, why="plain")
    chance = _from_criteria(parts, report.tags.get("fusion"), rules)
    return Background(100 * chance, chance, False, parts)


def _parts(criteria: Mapping[str, Criterion], rules: Rules) -> dict[str, float]:
    """Return the scores (1–5) of the criteria that speak of the background and apply here."""
    scores = {id: criteria[id].score for id in rules.weights if id in criteria}
    return {id: float(score) for id, score in scores.items() if score is not None}


def _from_criteria(parts: Mapping[str, float], fusion: Tag | None, rules: Rules) -> float:
    whole = sum(rules.weights.values())
    share = sum(rules.weights[id] for id in parts)
    logit = sum(rules.weights[id] * (score - rules.middle) for id, score in parts.items()) * whole / share
    if fusion is not None and fusion.probability is not None:
        logit += rules.fusion * fusion.probability
    return float(1 / (1 + np.exp(-(logit + rules.offset))))
