"""Evaluator: joins decoding, subject, measures, score and advice; one picture or many."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from evaluator import __version__, measure
from evaluator.advise import advise
from evaluator.decode import decode
from evaluator.errors import EvaluatorError, Internal
from evaluator.mask import find_subject
from evaluator.measure.content import structure
from evaluator.measure.light import clipped_lights, clipped_shadows
from evaluator.measure.reading import Reading
from evaluator.score import judge, no_tags, total, verdict
from evaluator.standard import load
from evaluator.types import Evidence, Failure, Photo, Report, Stamp, Subject
from evaluator.view import View, view

Source = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]

EMPTY = 3.0
"""Least structure (ΔE) of a picture with something in it, where no subject is seen; one without edges is empty."""


class Evaluator:
    """Judges pictures by the standard; safe to share between threads.

    `profile` names the sales channel whose rules hold unless a call names another.
    Raises UnknownProfile for a name that the standard does not have.
    """

    def __init__(self, profile: str = "general") -> None:
        self.standard = load()
        self.profile = self.standard.profile(profile)

    def score(self, source: Source, *, profile: str | None = None) -> Report:
        """Judge one picture from a path, its bytes or an RGB array (H×W×3 uint8).

        Raises a DecodeError that says what is wrong with the picture.
        """
        name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
        return self.examine(decode(source), name, profile=profile)

    def examine(self, photo: Photo, path: str = "", *, profile: str | None = None) -> Report:
        """Judge a decoded photo; `path` is only what the report calls it."""
        channel = self.profile if profile is None else self.standard.profile(profile)
        seen = view(photo)
        subject = find_subject(photo, seen)
        readings = measure.read(seen, subject)
        criteria = judge(readings, self.standard, channel)
        tags = no_tags(self.standard)
        summed = total(criteria, tags, self.standard, _empty(seen, subject, readings))
        size = (photo.metadata.width, photo.metadata.height)
        return Report(
            path=path,
            score=summed.score,
            verdict=verdict(summed.score, summed.confidence, tags, self.standard),
            confidence=summed.confidence,
            criteria=criteria,
            tags=tags,
            parts=summed.parts,
            advice=advise(criteria, self.standard, channel, size),
            metadata=photo.metadata,
            stamp=Stamp(__version__, self.standard.digest, None, channel.id),
            evidence=Evidence(
                subject,
                clipped_lights(seen.rgb),
                clipped_shadows(seen.rgb),
                criteria["balance"].measures.get("angle"),
            ),
        )

    def score_many(
        self, paths: Iterable[str | Path], *, workers: int | None = None, profile: str | None = None
    ) -> Iterator[Report | Failure]:
        """Judge many pictures, in the order given; one that cannot be read gives a Failure and the run goes on.

        `workers` is the number of threads, by default one a core. Reports carry no evidence, so that a long
        run stays small. Raises UnknownProfile at once.
        """
        if profile is not None:
            self.standard.profile(profile)
        return self._run(iter(paths), workers or _cores(), profile)

    def _run(self, queue: Iterator[str | Path], threads: int, profile: str | None) -> Iterator[Report | Failure]:
        before = cv2.getNumThreads()
        cv2.setNumThreads(1)
        waiting: deque[Future[Report | Failure]] = deque()
        pool = ThreadPoolExecutor(threads, thread_name_prefix="score")
        try:
            for path in islice(queue, 2 * threads):
                waiting.append(pool.submit(self._attempt, path, profile))
            while waiting:
                result = waiting.popleft().result()
                for path in islice(queue, 1):
                    waiting.append(pool.submit(self._attempt, path, profile))
                yield result
        finally:
            pool.shutdown(cancel_futures=True)
            cv2.setNumThreads(before)

    def _attempt(self, path: str | Path, profile: str | None) -> Report | Failure:
        name = os.fspath(path)
        try:
            report = self.score(path, profile=profile)
        except EvaluatorError as error:
            return Failure(name, error.type, error.sentence("en"), error.sentence("zh"))
        except Exception as error:
            unforeseen = Internal(name=name, why=f"{type(error).__name__}: {error}")
            return Failure(name, unforeseen.type, unforeseen.sentence("en"), unforeseen.sentence("zh"))
        return _without_evidence(report)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _without_evidence(report: Report) -> Report:
    return replace(report, evidence=None)


def _empty(seen: View, subject: Subject, readings: Mapping[str, Reading]) -> bool:
    nothing = readings["sharpness"].absent == "blank" or structure(seen.lab) < EMPTY
    return subject.confidence <= 0.0 and nothing
