"""How far the judgement moves where little or nothing that matters changes, and what is said of nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from evaluator.training.benchmark.examiner import Examiner, Said
from evaluator.training.benchmark.statistics import SEED
from evaluator.types import Rgb

Change = Callable[[Rgb], Rgb]
BLANK = (384, 384)
"""Height and width of the pictures of nothing."""


def noise(picture: Rgb) -> Rgb:
    """Return a picture with grain of a standard deviation of 6 levels."""
    grain = np.random.default_rng(SEED).normal(0, 6, picture.shape)
    return np.clip(np.round(picture + grain), 0, 255).astype(np.uint8)


def smaller(picture: Rgb) -> Rgb:
    """Return a picture at three quarters of its size; small ones stay judgeable."""
    return np.asarray(cv2.resize(picture, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(picture: Rgb) -> Rgb:
    """Return a picture after JPEG of quality 70."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


def flipped(picture: Rgb) -> Rgb:
    """Return a picture turned left to right."""
    return np.ascontiguousarray(picture[:, ::-1])


def grey(picture: Rgb) -> Rgb:
    """Return a picture without colour."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


CHANGES: dict[str, Change] = {
    "grain, 6 levels": noise,
    "resized to 75 %": smaller,
    "JPEG 70": jpeg,
    "flipped": flipped,
    "grey": grey,
}
"""What is done to a picture, by the name it is shown with."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How far one change moved one picture: the total, the largest probability, and flags raised or dropped."""

    change: str
    total: float
    probability: float
    raised: int
    dropped: int


def moved(picture: Rgb, before: Said, examine: Examiner) -> list[Moved]:
    """Return how far each change moves what is said of a picture."""
    found = []
    for name, change in CHANGES.items():
        after = examine(change(picture))
        both = [
            (probability, after.probabilities.get(id))
            for id, probability in before.probabilities.items()
            if probability is not None
        ]
        far = max((abs(one - other) for one, other in both if other is not None), default=0.0)
        flags = [(bool(flag), bool(after.flags.get(id))) for id, flag in before.flags.items()]
        raised = sum(later and not first for first, later in flags)
        dropped = sum(first and not later for first, later in flags)
        found.append(Moved(name, abs(after.total - before.total), far, raised, dropped))
    return found


def nothing() -> dict[str, Rgb]:
    """Return pictures that show nothing: plain sheets and pure noise."""
    sheets = {name: np.full((*BLANK, 3), level, np.uint8) for name, level in (("white", 255), ("grey", 128))}
    sheets["black"] = np.zeros((*BLANK, 3), np.uint8)
    sheets["noise"] = np.random.default_rng(SEED).integers(0, 256, (*BLANK, 3)).astype(np.uint8)
    return sheets


def summary(rows: Sequence[Moved]) -> list[dict[str, object]]:
    """Return, for each change, on how many pictures, and how far the total, tags and flags moved."""
    found: list[dict[str, object]] = []
    for name in CHANGES:
        part = [row for row in rows if row.change == name]
        if part:
            totals = np.array([row.total for row in part])
            found.append({
                "change": name,
                "pictures": len(part),
                "median change of the total": round(float(np.median(totals)), 3),
                "95th percentile": round(float(np.quantile(totals, 0.95)), 3),
                "mean of the largest change of a tag": round(float(np.mean([row.probability for row in part])), 3),
                "flags raised": sum(row.raised for row in part),
                "flags dropped": sum(row.dropped for row in part),
            })  # fmt: skip
    return found


def of_nothing(examine: Examiner) -> list[dict[str, object]]:
    """Return what is said of pictures that show nothing."""
    found: list[dict[str, object]] = []
    for name, picture in nothing().items():
        said = examine(picture)
        flags = ", ".join(id for id, flag in said.flags.items() if flag) or "none"
        judged = sum(score is not None for score in said.criteria.values())
        found.append({"picture": name, "total": said.total, "criteria judged": judged, "flags": flags})
    return found
