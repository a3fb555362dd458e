"""Labels beside answers: what is kept of each picture that was judged, and the figures they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluator.network.heads import ATTRIBUTES
from evaluator.training.benchmark.cases import DIFFICULTIES, Case, unrest
from evaluator.training.benchmark.examiner import Said
from evaluator.training.benchmark.statistics import Figure, figure
from evaluator.training.truth import PLAIN
from evaluator.types import Plane

ALTERED = 0.25
"""Least value of a map of labels where a pixel counts as altered."""
AMONG = ("all", *DIFFICULTIES)
"""The sets of pictures that figures are given for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A picture's labels and the judge's answers; `peaks` says, by attribute, whether the map's peak is in place.

    `peaks` has those attributes that are plainly faulty; None where the judge has no map. `areas` is the altered
    share of the picture. `unrest` is the picture's noise in levels.
    """

    family: str
    object: str
    difficulty: str
    criteria: Mapping[str, float]
    tags: Mapping[str, float]
    said: Said
    peaks: Mapping[str, bool | None]
    areas: Mapping[str, float]
    unrest: float


def outcome(case: Case, said: Said) -> Outcome:
    """Return what is kept of a case and of what was said of it; the maps are not."""
    sample = case.sample
    plain = [name for name, severity in sample.tags.items() if severity >= PLAIN and name in sample.maps]
    peaks = {name: peak_inside(said.maps[name], sample.maps[name]) if name in said.maps else None for name in plain}
    areas = {name: float((sample.maps[name] > ALTERED).mean()) for name in plain}
    kept = Said(said.total, said.criteria, said.ratings, said.probabilities, said.flags)
    return Outcome(
        case.family, sample.object, case.difficulty, dict(sample.criteria), dict(sample.tags), kept, peaks, areas,
        unrest(sample.picture),
    )  # fmt: skip


def peak_inside(guess: Plane, truth: Plane) -> bool:
    """Return whether the cell of a map's highest value touches the altered region, which is as large as the picture."""
    row, column = np.unravel_index(int(guess.argmax()), guess.shape)
    down, across = truth.shape[0] / guess.shape[0], truth.shape[1] / guess.shape[1]
    top, left = int(row * down), int(column * across)
    bottom, right = max(top + 1, round((row + 1) * down)), max(left + 1, round((column + 1) * across))
    return bool((truth[top:bottom, left:right] > ALTERED).any())


def figures_of(outcomes: Sequence[Outcome]) -> list[Figure]:
    """Return every figure of criteria and attributes, for all pictures and by difficulty."""
    found: list[Figure] = []
    for among in AMONG:
        part = [each for each in outcomes if among in ("all", each.difficulty)]
        found += _criteria(part, among)
        for name in ATTRIBUTES:
            found += _attribute(part, name, among)
    return found


def labelled(outcomes: Sequence[Outcome], criterion: str) -> Iterator[tuple[float, float | None, str]]:
    """Yield label, answer and object of the pictures whose label of a criterion is known."""
    for each in outcomes:
        if criterion in each.criteria:
            yield each.criteria[criterion], each.said.criteria.get(criterion), each.object


def _criteria(outcomes: Sequence[Outcome], among: str) -> list[Figure]:
    found: list[Figure] = []
    names = sorted({name for each in outcomes for name in each.criteria})
    every: list[tuple[float, float, str]] = []
    missed = 0
    for name in names:
        triples = list(labelled(outcomes, name))
        judged = [(label, answer, object) for label, answer, object in triples if answer is not None]
        every += judged
        missed += len(triples) - len(judged)
        measures = ("SRCC", "PLCC", "MAE", "same grade", "within one")
        found += _measured(name, measures, among, judged, len(triples) - len(judged))
    if names:
        found += _measured("every criterion", ("MAE", "same grade", "within one"), among, every, missed)
    return found


def _measured(
    name: str, measures: Sequence[str], among: str, judged: Sequence[tuple[float, float, str]], absent: int
) -> list[Figure]:
    rows = np.array([each[:2] for each in judged], np.float64).reshape(-1, 2)
    objects = [each[2] for each in judged]
    return [figure(name, measure, among, rows, objects, absent) for measure in measures]


def answers(outcomes: Sequence[Outcome], attribute: str) -> list[tuple[float, float, float, str, bool]]:
    """Return truth (0 or 1), probability, flag, object and whether it was judged, of pictures whose truth is known.

    A picture that the attribute was not judged on counts as one that was found sound: nobody is warned of it.
    """
    rows = []
    for each in outcomes:
        if attribute in each.tags:
            probability = each.said.probabilities.get(attribute)
            flag = float(bool(each.said.flags.get(attribute)))
            truth = float(each.tags[attribute] > 0)
            rows.append((truth, probability or 0.0, flag, each.object, probability is not None))
    return rows


def _attribute(outcomes: Sequence[Outcome], name: str, among: str) -> list[Figure]:
    rows = answers(outcomes, name)
    if not rows:
        return []
    judged = [row for row in rows if row[4]]
    missed = len(rows) - len(judged)
    base = float(np.mean([row[0] for row in rows]))

    def of(measure: str, chosen: Sequence[tuple[float, float, float, str, bool]], column: int, absent: int) -> Figure:
        pairs = np.array([(row[0], row[column]) for row in chosen], np.float64).reshape(-1, 2)
        return figure(name, measure, among, pairs, [row[3] for row in chosen], absent, base)

    found = [of("AUC", judged, 1, missed), of("precision", rows, 2, 0), of("recall", rows, 2, 0)]
    # Pictures that were not judged are in the other figures as ones that were not flagged.
    peaks = [(each.peaks[name], each.areas[name], each.object) for each in outcomes if name in each.peaks]
    if peaks:
        seen = [(1.0, float(peak), object) for peak, _, object in peaks if peak is not None]
        pairs = np.array([row[:2] for row in seen], np.float64).reshape(-1, 2)
        chance = float(np.mean([area for _, area, _ in peaks]))
        objects = [row[2] for row in seen]
        found.append(figure(name, "peak inside", among, pairs, objects, len(peaks) - len(seen), chance))
    return found
