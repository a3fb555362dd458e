"""The standard benchmark: made pictures of every fault and difficulty, judged the whole way, beside their labels."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache, partial

from evaluator.training.benchmark.cases import DIFFICULTIES, FAMILIES, FAULTY, Case, Folders, cases, graded, quota
from evaluator.training.benchmark.examiner import Examiner, examiner, network
from evaluator.training.benchmark.ladder import alone
from evaluator.training.benchmark.outcomes import Outcome, figures_of, outcome
from evaluator.training.benchmark.robustness import Moved, moved, of_nothing, summary
from evaluator.training.benchmark.statistics import Figure
from evaluator.training.benchmark.told import told
from evaluator.training.benchmark.untouched import false_alarms, untouched

MOVED = 10
"""Pictures of each family that are changed to see the judgement move."""


@dataclass(frozen=True, slots=True)
class Standard:
    """Everything that the standard benchmark found."""

    outcomes: list[Outcome]
    figures: list[Figure]
    moved: list[dict[str, object]]
    nothing: list[dict[str, object]]

    def counts(self) -> list[dict[str, object]]:
        """Return how many pictures of each family and difficulty there are, the sound ones apart."""
        rows: list[dict[str, object]] = []
        for family in FAMILIES:
            row: dict[str, object] = {"family": family}
            for difficulty in DIFFICULTIES:
                part = [each for each in self.outcomes if (each.family, each.difficulty) == (family, difficulty)]
                row[difficulty] = len(part)
            rows.append(row)
        return rows

    def as_json(self) -> dict[str, object]:
        """Return the figures as plain values."""
        return {
            "pictures": len(self.outcomes),
            "counts": self.counts(),
            "figures": [asdict(each) for each in self.figures],
            "robustness": self.moved,
            "nothing": self.nothing,
        }


def measure(folders: Folders, processes: int) -> Standard:
    """Make and judge every picture; families go to processes of their own where there are several.

    The pictures and figures do not depend on `processes`.
    """
    families = [(family, quota(family, FAULTY)) for family in FAMILIES]
    outcomes: list[Outcome] = []
    changes: list[Moved] = []
    examine = _examiner()  # weights that are missing are told at once
    if processes > 1:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=alone) as pool:
            judged = list(pool.map(partial(_family, folders), families))
    else:
        judged = [_family(folders, each) for each in families]
    for found, far in judged:
        outcomes += found
        changes += far
    figures = figures_of(outcomes) + false_alarms(untouched(folders, examine))
    return Standard(outcomes, figures, summary(changes), of_nothing(examine))


@cache
def _examiner() -> Examiner:
    return examiner(network())


def _family(folders: Folders, asked: tuple[str, dict[str, int]]) -> tuple[list[Outcome], list[Moved]]:
    family, wanted = asked
    made = told(cases(family, folders, wanted), 2 * sum(wanted.values()), family)
    return judged(made, _examiner())


def judged(made: Iterable[Case], examine: Examiner) -> tuple[list[Outcome], list[Moved]]:
    """Judge one family's cases; return what is kept of them and how far the first ones moved when changed."""
    outcomes: list[Outcome] = []
    changes: list[Moved] = []
    for case in made:
        said = examine(case.sample.picture)
        outcomes.append(outcome(case, said))
        if len(outcomes) <= MOVED:
            changes += moved(case.sample.picture, said, examine)
    return list(_by_calm(outcomes)), changes


def _by_calm(outcomes: list[Outcome]) -> Iterator[Outcome]:
    """Yield the outcomes, the sound ones with a difficulty by how calm they are instead of their pair's."""
    # Pairs come as faulty, sound.
    sound = outcomes[1::2]
    sizes = {name: sum(each.difficulty == name for each in sound) for name in DIFFICULTIES}
    names = graded([each.unrest for each in sound], sizes)
    for faulty, twin, difficulty in zip(outcomes[::2], sound, names, strict=True):
        yield faulty
        yield replace(twin, difficulty=difficulty)
