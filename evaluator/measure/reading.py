"""What a measuring function hands back: numbers, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from evaluator.types import Box, Subject
from evaluator.view import View


@dataclass(frozen=True, slots=True)
class Reading:
    """The measures of one criterion by name; `absent` names the reason in the standard where there are none.

    `confidence` (0–1) scales the criterion's weight, so that nothing jumps where a mask becomes unsure.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    absent: str | None = None
    confidence: float = 1.0
    boxes: tuple[Box, ...] = ()


Measure = Callable[[View, Subject], Reading]


def trust(subject: Subject) -> float:
    """Return how far measures that need the subject count, 0–1, from its mask's confidence."""
    return float(np.clip((subject.confidence - 0.3) / 0.35, 0.0, 1.0))


def absent(reason: str) -> Reading:
    """Return a reading that could not be taken."""
    return Reading(absent=reason, confidence=0.0)


def plain_white(subject: Subject) -> float:
    """Return how far the backdrop is plain and white, 0–1; there is then no scene to judge."""
    return float(np.clip((subject.white - 0.3) / 0.4, 0, 1) * np.clip((subject.plain - 0.3) / 0.3, 0, 1))
