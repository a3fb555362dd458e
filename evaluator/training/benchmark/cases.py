"""The 1,200 pictures of the benchmark: made anew each time, the same each time, from objects that never trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.benchmark.statistics import SEED
from evaluator.training.make import Maker, maker
from evaluator.training.makers.photographic import STEPS
from evaluator.training.sample import Sample
from evaluator.training.sources import calibrates
from evaluator.types import Rgb

FAMILIES = ("fusion", "hand", "face", "body", "artefact", "photographic")
"""The families of faults, each with as many pictures of each difficulty."""
DIFFICULTIES = {"easy": (0.65, 1.01), "medium": (0.4, 0.65), "hard": (0.15, 0.4)}
"""Severities (from, below) of each difficulty of a faulty picture."""
FAULTY = 200
"""Faulty pictures of each difficulty; each has a sound twin."""
TRIES = 60
"""How many numbers may be tried for each pair that is wanted."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the data sets, the rendered scenes and the located parts are."""

    data: Path
    scenes: Path
    parts: Path


@dataclass(frozen=True, slots=True)
class Case:
    """One picture to judge: its family, number and severity (0 for sound); `difficulty` is that of its pair."""

    family: str
    number: int
    difficulty: str
    severity: float
    sample: Sample


def quota(family: str, faulty: int = FAULTY) -> dict[str, int]:
    """Return how many pairs of each difficulty a family gives, so that all families give `faulty` of each."""
    each, over = divmod(faulty, len(FAMILIES))
    return dict.fromkeys(DIFFICULTIES, each + (FAMILIES.index(family) < over))


def cases(family: str, folders: Folders, wanted: Mapping[str, int]) -> Iterator[Case]:
    """Yield pairs of a faulty picture and its sound twin until each difficulty has as many as wanted.

    Fewer come where the sources do not give them within TRIES numbers for each.
    """
    return paired(family, _kept(maker(family), folders), wanted)


def paired(family: str, make: Callable[[int], Sample | None], wanted: Mapping[str, int]) -> Iterator[Case]:
    """Yield the pairs that a maker of numbered samples gives."""
    left = dict(wanted)
    for number, twin in _numbers(family, TRIES * sum(wanted.values())):
        if not any(left.values()):
            return
        faulty = make(number)
        if faulty is None:
            continue
        severity = severity_of(faulty, family)
        difficulty = next((name for name, (low, high) in DIFFICULTIES.items() if low <= severity < high), "")
        sound = make(twin) if left.get(difficulty) else None
        if sound is None or not _sound(sound, family):
            continue
        left[difficulty] -= 1
        yield Case(family, number, difficulty, severity, faulty)
        yield Case(family, twin, difficulty, 0.0, sound)


def _kept(make: Maker, folders: Folders) -> Callable[[int], Sample | None]:
    def kept(number: int) -> Sample | None:
        sample = make(folders.data, folders.scenes, folders.parts, True, number, SEED)
        # Half of the held objects serve to calibrate; what is calibrated on is not judged.
        return None if sample is None or calibrates(sample.object) else sample

    return kept


def _numbers(family: str, most: int) -> Iterator[tuple[int, int]]:
    """Yield a faulty sample's number and its twin's, as the makers number them."""
    for pair in range(most):
        if family == "photographic":
            yield STEPS * pair + 1 + pair % (STEPS - 1), STEPS * pair
        elif family == "fusion":
            yield 2 * pair + 1, 2 * pair
        else:
            yield 2 * pair, 2 * pair + 1


def severity_of(sample: Sample, family: str) -> float:
    """Return the severity (0–1) of a sample's fault: its tag, or what the step of a ladder took from its criterion."""
    if family == "photographic":
        return max((5 - score) / 4 for score in sample.criteria.values()) if sample.step else 0.0
    return float(sample.tags.get(family, 0.0))


def _sound(sample: Sample, family: str) -> bool:
    """Return whether a sample is known to be sound; some twins have nothing that the family asks about."""
    return severity_of(sample, family) == 0 and (family == "photographic" or family in sample.tags)


def unrest(picture: Rgb) -> float:
    """Return the noise (levels) of a picture by Immerkær's estimate (1996): grain, JPEG's marks and busy texture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(cv2.filter2D(grey, -1, mask)[1:-1, 1:-1]).mean())


def graded(unrests: Sequence[float], sizes: Mapping[str, int]) -> list[str]:
    """Return the difficulty of each sound picture of a family: the calmest are easy, by as many as `sizes` says."""
    names = [name for name in DIFFICULTIES for _ in range(sizes[name])]
    order = sorted(range(len(unrests)), key=lambda at: (unrests[at], at))
    place = dict(zip(order, count(), strict=False))
    return [names[place[at]] for at in range(len(unrests))]
