"""Joins the steps: both pictures masked, the product registered and compared, the background judged, a verdict."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from evaluator.look import Looker
from evaluator.measure.reading import plain_white
from evaluator.opinion import tells_of_marks
from evaluator.pair.change import load_model
from evaluator.pair.consistency import judged, overlay
from evaluator.pair.registration import register
from evaluator.pair.reward import Reward, Traits, load_reward, traits_of
from evaluator.pair.reward import judged as judged_background
from evaluator.pair.tile import EmbeddedMasker, Masker, tile
from evaluator.pair.types import Background, Consistency, PairEvidence, PairReport, Registration, Tile
from evaluator.pair.verdict import overall, reasons, verdict
from evaluator.pair.wording import load_rules
from evaluator.types import Glance, Photo, Plane, Report, Subject
from evaluator.view import view

SIDE = 384
"""Longer side in pixels of the planes that are handed on as evidence."""


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares pictures: `eyes` look at them, `masker` finds the product, `reward` knows good backgrounds.

    Without eyes nothing is said of the background; without a reward that was fitted with these eyes it is judged by
    the picture's own criteria.
    """

    eyes: Looker | None = None
    masker: Masker = field(default_factory=EmbeddedMasker)
    reward: Reward | None = field(default_factory=load_reward)

    def compare(
        self,
        original: Photo,
        generated: Photo,
        report: Callable[[], Report] | None = None,
        names: tuple[str, str] = ("", ""),
    ) -> PairReport:
        """Compare two decoded pictures; `report` makes the generated one's own, `names` is what the two are called.

        The report is made in a thread of its own, beside the comparison; so are the background's traits, once it is
        known where the product lies.
        """
        with ThreadPoolExecutor(2, thread_name_prefix="report") as pool:
            asked = pool.submit(report) if report else None
            return self._compared(original, generated, asked, names, pool)

    def _compared(
        self, original: Photo, generated: Photo, asked: Future[Report] | None, names: tuple[str, str], pool: Executor
    ) -> PairReport:
        rules = load_rules()
        looks, subjects = self._looks(original, generated)

        def beside(product: Tile, laid: Registration) -> Future[Traits] | None:
            if looks is None or self.eyes is None:
                return None
            return pool.submit(traits_of, product, laid, generated.rgb, looks, self.eyes)

        found = _consistency(original, generated, subjects, rules.found, self.eyes, beside)
        consistency, background = found.consistency, Background(None, None, why="network")
        if consistency.state != "unknown" and looks is not None and self.eyes is not None:
            plain, own = plain_white(subjects[1]) >= 1, asked.result() if asked else None
            background = judged_background(
                found.traits.result() if found.traits else None,
                own,
                rules,
                self.reward,
                network=self.eyes.card.sha256,
                plain=plain,
                wrong=found.wrong,
            )
            background = replace(background, marked=own is not None and tells_of_marks(own))
        good = overall(consistency, background, rules)
        return PairReport(
            names[0],
            names[1],
            background,
            consistency,
            verdict(consistency, background, good, rules),
            reasons(consistency, background, good, found.missing, rules),
            good,
            found.evidence,
        )

    def traits(self, original: Photo, generated: Photo) -> Traits | None:
        """Return what a reward is told of two decoded pictures; None where the product is not found in the original.

        Raises ValueError without eyes.
        """
        looks, subjects = self._looks(original, generated)
        if looks is None or self.eyes is None:
            raise ValueError("the traits of a pair need the network's looks; give the comparer eyes")
        if not _seen(subjects[0], load_rules().found):
            return None
        product = tile(original.rgb, subjects[0].mask)
        size = (original.rgb.shape[0], original.rgb.shape[1])
        laid = register(product, size, generated.rgb, subjects[1])
        return traits_of(product, laid, generated.rgb, looks, self.eyes)

    def _looks(self, original: Photo, generated: Photo) -> tuple[tuple[Glance, Glance] | None, list[Subject]]:
        looks = (self.eyes.glance(original.rgb), self.eyes.glance(generated.rgb)) if self.eyes else None
        photos = enumerate((original, generated))
        return looks, [self.masker.mask(photo, view(photo), looks[at] if looks else None) for at, photo in photos]


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the product, in which picture it is missing, what can be drawn, and the background's traits.

    `wrong` are the siamese network's log-odds that the background is not right.
    """

    consistency: Consistency
    missing: str
    evidence: PairEvidence
    traits: Future[Traits] | None = None
    wrong: float = 0.0


def _seen(subject: Subject, least: float) -> bool:
    return subject.confidence >= least and bool((subject.mask > 0.5).any())


def _consistency(
    original: Photo,
    generated: Photo,
    subjects: list[Subject],
    least: float,
    eyes: Looker | None,
    beside: Callable[[Tile, Registration], Future[Traits] | None],
) -> _Found:
    """Compare the products; `beside` starts on the traits, with the product's tile and where that lies."""
    nothing = PairEvidence(*(_small(plane) for plane in (0 * subjects[1].mask, subjects[0].mask, subjects[1].mask)))
    if not _seen(subjects[0], least):
        return _Found(Consistency("unknown"), "no_original", nothing)
    product = tile(original.rgb, subjects[0].mask)
    place = register(product, (original.rgb.shape[0], original.rgb.shape[1]), generated.rgb, subjects[1])
    traits = beside(product, place)
    laid = overlay(product, original.rgb, generated.rgb, subjects[1], place, eyes)
    found = judged(laid, (generated.rgb.shape[0], generated.rgb.shape[1]), load_model())
    if found.consistency.state == "other" and subjects[1].confidence < least:
        return _Found(Consistency("unknown"), "no_generated", nothing)
    evidence = PairEvidence(found.difference, _small(subjects[0].mask), found.mask)
    return _Found(found.consistency, "", evidence, traits, laid.sameness.wrong if laid.sameness else 0.0)


def _small(plane: Plane) -> Plane:
    scale = min(1.0, SIDE / max(plane.shape))
    size = (max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
