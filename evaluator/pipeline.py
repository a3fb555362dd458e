"""Evaluator: joins decoding, subject, measures, score and advice; one picture or many."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluator import __version__, measure
from evaluator.advise import advise
from evaluator.batch import cores, in_processes, in_threads
from evaluator.calibration import WORN, Calibration, load_calibration
from evaluator.decode import decode
from evaluator.errors import EvaluatorError, Internal
from evaluator.experts.switched import Experts
from evaluator.findings import no_tags, tags
from evaluator.look import First, Look, Looker, closer, first
from evaluator.measure.content import structure
from evaluator.measure.light import clipped_lights, clipped_shadows
from evaluator.measure.reading import Reading, trust
from evaluator.network.eyes import Eyes
from evaluator.opinion import impressed, marked, opinions
from evaluator.pair.tile import EmbeddedMasker, Masker
from evaluator.pair.types import PairReport
from evaluator.score import judge, shortfalls, total, verdict
from evaluator.standard import Profile, load
from evaluator.types import Evidence, Failure, Photo, Plane, Report, Stamp, Subject, Tag
from evaluator.view import View, view

Source = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]

EMPTY = 3.0
"""Least structure (ΔE) of a picture with something in it, where no subject is seen; one without edges is empty."""

BLURRED = 2.8
"""Width of edges (pixels of the view) from which a picture is too blurred to tell its faults; a sharp one has 0.7."""


EMBEDDED: Looker = Eyes()
"""The embedded network, one for the whole process; its weights are loaded at the first look."""


NONE = Experts()


class Evaluator:
    """Judges pictures by the standard; safe to share between threads.

    `profile` names the sales channel whose rules hold unless a call names another. `eyes` is the network that
    looks; with None, nothing but measures is judged. `experts` are pretrained models that are switched on: one that
    masks takes the place of the embedded masks, and an aesthetic head speaks beside the score, never in it.
    Raises UnknownProfile for a name that the standard does not have.
    """

    def __init__(self, profile: str = "general", eyes: Looker | None = EMBEDDED, experts: Experts = NONE) -> None:
        self.standard = load()
        self.calibration = load_calibration()
        self.profile = self.standard.profile(profile)
        self._eyes, self.experts = eyes, experts
        self._masker: Masker = experts.masker or EmbeddedMasker()

    def score(self, source: Source, *, profile: str | None = None) -> Report:
        """Judge one picture from a path, its bytes or an RGB array (H×W×3 uint8).

        Raises a DecodeError that says what is wrong with the picture.
        """
        name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
        return self.examine(decode(source), name, profile=profile)

    def examine(self, photo: Photo, path: str = "", *, profile: str | None = None, alone: bool = True) -> Report:
        """Judge a decoded photo; `path` is only what the report calls it.

        A photo that is judged `alone`, not beside others, is looked at and measured at the same time.
        """
        channel = self.profile if profile is None else self.standard.profile(profile)
        report = self._examine(photo, path, channel, self._masker, _beside() if alone else None)
        return replace(report, aesthetic=self.experts.aesthetic(photo.rgb))

    def _examine(
        self, photo: Photo, path: str, channel: Profile, masker: Masker, pool: Executor | None = None
    ) -> Report:
        seen = view(photo)
        began = first(self._eyes, seen.detail) if self._eyes else None
        nearer = pool.submit(self._closer, began, photo) if pool and began else None
        subject = masker.mask(photo, seen, began.glance if began else None)
        readings = measure.read(seen, subject)
        empty = _empty(seen, subject, readings)
        looked = nearer.result() if nearer else self._closer(began, photo)
        # The network has something to say on a blank sheet too; there is nothing to say.
        looked = None if empty else looked
        blurred = readings["sharpness"].values.get("edge_width", 0.0) >= BLURRED
        measured = judge(readings, self.standard, channel)
        calibration = self.calibration.worn(shortfalls(measured, WORN, self.standard))
        found = self._tags(looked, subject, calibration, empty, blurred)
        said = opinions(looked, subject, found, self.standard, calibration, blurred) if looked else None
        criteria = judge(readings, self.standard, channel, said) if said else measured
        impression = impressed(looked, self.calibration) if looked else None
        doubtful = looked is not None and marked(looked, self.calibration)
        summed = total(criteria, found, self.standard, empty, impression)
        size = (photo.metadata.width, photo.metadata.height)
        return Report(
            path=path,
            score=summed.score,
            verdict=verdict(summed.score, summed.confidence, found, self.standard, trust(subject) > 0, doubtful),
            confidence=summed.confidence,
            criteria=criteria,
            tags=found,
            parts=summed.parts,
            advice=advise(criteria, self.standard, channel, size, summed),
            metadata=photo.metadata,
            stamp=self._stamp(channel.id),
            evidence=Evidence(
                subject,
                clipped_lights(seen.rgb),
                clipped_shadows(seen.rgb),
                criteria["balance"].measures.get("angle"),
                _maps(looked, found),
            ),
        )

    def _closer(self, began: First | None, photo: Photo) -> Look | None:
        return closer(self._eyes, began, photo.rgb, self.calibration) if self._eyes and began else None

    def _tags(
        self, looked: Look | None, subject: Subject, calibration: Calibration, empty: bool, blurred: bool
    ) -> dict[str, Tag]:
        if looked is None:
            return no_tags(self.standard, "blank" if empty and self._eyes else "network")
        if blurred:
            return no_tags(self.standard, "blurred")
        return tags(looked, subject, self.standard, calibration)

    def _stamp(self, profile: str) -> Stamp:
        weights = self._eyes.weights if self._eyes else None
        calibration = self.calibration.digest if self._eyes else None
        return Stamp(__version__, self.standard.digest, weights, profile, calibration, self.experts.used)

    def compare(self, original: Source, generated: Source) -> PairReport:
        """Judge a generated picture against its original: the background, and whether the product is the same.

        Raises a DecodeError that says what is wrong with either picture.
        """
        from evaluator.pair.pair import Comparer

        names = [os.fspath(each) if isinstance(each, (str, os.PathLike)) else "" for each in (original, generated)]
        photos = decode(original), decode(generated)
        # The background is judged with embedded eyes: a second mask by an expert would cost as much as both products'.
        report = partial(self._examine, photos[1], names[1], self.profile, EmbeddedMasker()) if self._eyes else None
        compared = Comparer(self._eyes, self._masker).compare(*photos, report, (names[0], names[1]))
        return replace(compared, stamp=self._stamp(self.profile.id))

    def score_many(
        self,
        paths: Iterable[str | Path],
        *,
        workers: int | None = None,
        processes: int | None = None,
        profile: str | None = None,
    ) -> Iterator[Report | Failure]:
        """Judge many pictures, in the order given; one that cannot be read gives a Failure and the run goes on.

        `workers` is the number of threads, by default one a core. With two `processes` or more, each judges with one
        thread: quicker by a quarter on two cores, but each takes seconds to start and half a gigabyte, and a script
        must ask for them under `if __name__ == "__main__"`. An evaluator with eyes or experts that are not its own
        cannot be made again elsewhere, and takes threads instead. Reports carry no evidence, so that a long
        run stays small. Raises UnknownProfile at once, and ProcessLost where a process ends before its work does.
        """
        if profile is not None:
            self.standard.profile(profile)
        if processes is not None and processes > 1 and self._plain():
            return in_processes(self.profile.id, self._eyes is not None, profile, iter(paths), processes)
        return in_threads(partial(self.attempt, profile=profile), iter(paths), workers or cores())

    def _plain(self) -> bool:
        models = self.experts.masker, self.experts.clip
        return type(self) is Evaluator and self._eyes in (None, EMBEDDED) and models == (None, None)

    def attempt(self, path: str | Path, profile: str | None = None) -> Report | Failure:
        """Judge one picture of many: without evidence, and with a Failure for whatever goes wrong."""
        name = os.fspath(path)
        try:
            report = self.examine(decode(path), name, profile=profile, alone=False)
        except EvaluatorError as error:
            return Failure(name, error.type, error.sentence("en"), error.sentence("zh"))
        except Exception as error:
            unforeseen = Internal(name=name, why=f"{type(error).__name__}: {error}")
            return Failure(name, unforeseen.type, unforeseen.sentence("en"), unforeseen.sentence("zh"))
        return _without_evidence(report)


@cache
def _beside() -> Executor:
    return ThreadPoolExecutor(cores(), thread_name_prefix="closer")


def _without_evidence(report: Report) -> Report:
    return replace(report, evidence=None)


def _maps(looked: Look | None, found: Mapping[str, Tag]) -> dict[str, Plane]:
    """Return where each attribute is altered, for those that were judged and those that are no tag."""
    if looked is None:
        return {}
    out = {id for id, tag in found.items() if tag.probability is None}
    return {id: looked.map(id) for id in looked.glance.maps if id not in out}


def _empty(seen: View, subject: Subject, readings: Mapping[str, Reading]) -> bool:
    nothing = readings["sharpness"].absent == "blank" or structure(seen.lab) < EMPTY
    # The network sees a subject in a blank sheet too.
    return nothing and (subject.confidence <= 0.0 or subject.source == "network")
