"""Joins the steps: both pictures masked, the product registered and compared, the background judged, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from evaluator.look import Looker
from evaluator.pair.consistency import judged, load_model, overlay
from evaluator.pair.reward import Reward
from evaluator.pair.reward import judged as background_of
from evaluator.pair.tile import EmbeddedMasker, Masker, tile
from evaluator.pair.types import Background, Consistency, PairEvidence, PairReport
from evaluator.pair.verdict import reasons, verdict
from evaluator.pair.wording import load_rules
from evaluator.types import Photo, Plane, Report, Subject
from evaluator.view import view

SIDE = 384
"""Longer side in pixels of the planes that are handed on as evidence."""


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares pictures: `eyes` look at them, `masker` finds the product, `reward` knows good backgrounds.

    Without eyes nothing is said of the background; without a reward it is judged by the picture's own criteria.
    """

    eyes: Looker | None = None
    masker: Masker = field(default_factory=EmbeddedMasker)
    reward: Reward | None = None

    def compare(
        self, original: Photo, generated: Photo, report: Report | None = None, names: tuple[str, str] = ("", "")
    ) -> PairReport:
        """Compare two decoded pictures; `report` is the generated one's own, `names` what the report calls the two."""
        rules = load_rules()
        looks = (self.eyes.glance(original.rgb), self.eyes.glance(generated.rgb)) if self.eyes else None
        subjects = [
            self.masker.mask(photo, view(photo), looks[number] if looks else None)
            for number, photo in enumerate((original, generated))
        ]
        consistency, missing, evidence = _consistency(original, generated, subjects, rules.found)
        background = Background(None, None, why="network")
        if consistency.state != "unknown":
            background = background_of(looks, report, rules, self.reward)
        return PairReport(
            names[0],
            names[1],
            background,
            consistency,
            verdict(consistency, background, rules),
            reasons(consistency, background, missing, rules),
            evidence,
        )


def _consistency(
    original: Photo, generated: Photo, subjects: list[Subject], least: float
) -> tuple[Consistency, str, PairEvidence]:
    """Return what is known of the product, in which picture it was not found, and what can be drawn."""
    nothing = PairEvidence(*(_small(plane) for plane in (0 * subjects[1].mask, subjects[0].mask, subjects[1].mask)))
    if subjects[0].confidence < least or not (subjects[0].mask > 0.5).any():
        return Consistency("unknown"), "no_original", nothing
    laid = overlay(tile(original.rgb, subjects[0].mask), original.rgb, generated.rgb, subjects[1])
    found = judged(laid, (generated.rgb.shape[0], generated.rgb.shape[1]), load_model())
    if found.consistency.state == "other" and subjects[1].confidence < least:
        return Consistency("unknown"), "no_generated", nothing
    return found.consistency, "", PairEvidence(found.difference, _small(subjects[0].mask), found.mask)


def _small(plane: Plane) -> Plane:
    scale = min(1.0, SIDE / max(plane.shape))
    size = (max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale)))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
