"""What the judge says of one picture, the whole way, in the few numbers that are compared with labels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from evaluator.calibration import WORN, Calibration
from evaluator.look import Card, Looker
from evaluator.network.eyes import Eyes
from evaluator.pipeline import Evaluator, Source
from evaluator.score import shortfalls
from evaluator.standard import load
from evaluator.types import Closeup, Glance, Plane, Report, Rgb, Sameness


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a picture; None where something does not apply.

    `total`, `criteria` and `ratings` (`impression`, `technical`, `appeal`, `pleasing`) are 1–5; `probabilities` 0–1 and
    `flags` are by attribute; `maps` (0–1, coarse) say where an attribute is altered.
    """

    total: float
    criteria: Mapping[str, float | None] = field(default_factory=dict)
    ratings: Mapping[str, float] = field(default_factory=dict)
    probabilities: Mapping[str, float | None] = field(default_factory=dict)
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    maps: Mapping[str, Plane] = field(default_factory=dict)


Examiner = Callable[[Source], Said]
"""Judges one picture from its path, its bytes or its pixels."""


class Witness:
    """The network, with what each thread saw since it was last asked: a report does not keep it."""

    def __init__(self, eyes: Looker) -> None:
        self._eyes = eyes
        self._kept = threading.local()

    @property
    def card(self) -> Card:
        """The card of the weights in use."""
        return self._eyes.card

    @property
    def weights(self) -> str:
        """What the weights in use are called in a report."""
        return self._eyes.weights

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        """Look once at a picture, or at a cut from one."""
        seen = self._eyes.glance(rgb, near)
        if getattr(self._kept, "glance", None) is None:
            self._kept.glance = seen
        return seen

    def close(self, cuts: Sequence[Rgb], about: Sequence[str]) -> list[Closeup]:
        """Look at hands, faces and rims from nearby."""
        seen = self._eyes.close(cuts, about)
        self._kept.closeups = tuple(seen)
        return seen

    def beside(self, original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> Sameness:
        """Look at two pictures that lie over each other."""
        return self._eyes.beside(original, generated, mask, within)

    def asked(self) -> tuple[Glance | None, tuple[Closeup, ...]]:
        """Return this thread's first look since the last call, and its last looks from nearby."""
        seen = getattr(self._kept, "glance", None), getattr(self._kept, "closeups", ())
        self._kept.glance, self._kept.closeups = None, ()
        return seen


@cache
def network() -> Looker:
    """Return the embedded network, one for the process."""
    return Eyes()


def examiner(eyes: Looker) -> Examiner:
    """Return the judge with a network. Raises WeightsMissing or WeightsWrong at once where there is none."""
    witness = Witness(eyes)
    witness.card  # noqa: B018 - weights that are not there are told before anything is made
    judge = Evaluator(eyes=witness)

    def examine(source: Source) -> Said:
        witness.asked()
        return said(judge.score(source), witness.asked()[0], judge.calibration)

    return examine


def said(report: Report, glance: Glance | None, calibration: Calibration) -> Said:
    """Return what a report, and the look it rests on, come to.

    An attribute that the standard has no tag for has its calibrated probability and the flag of its threshold.
    """
    probabilities = {id: tag.probability for id, tag in report.tags.items()}
    flags = {id: tag.flag for id, tag in report.tags.items()}
    maps = dict(report.evidence.maps) if report.evidence else {}
    ratings: dict[str, float] = {}
    if glance is not None:
        ratings = {"impression": glance.impression[0], "technical": glance.technical, "appeal": glance.appeal}
        if glance.pleasing is not None:
            ratings["pleasing"] = glance.pleasing
        worn = calibration.worn(shortfalls(report.criteria, WORN, load()))
        for id, rule in worn.attributes.items():
            # Of an empty picture the report keeps no maps: nothing was asked of it.
            if id not in report.tags and id in maps:
                probability = rule.probability(glance.logits[id])
                probabilities[id], flags[id] = probability, probability >= rule.flag
    criteria = {id: criterion.score for id, criterion in report.criteria.items()}
    return Said(report.score, criteria, ratings, probabilities, flags, maps)
