"""A pair's report as plain data, as JSON, as sentences, and a set's good-image rate."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from evaluator.errors import Language
from evaluator.pair.types import PairReport
from evaluator.types import Failure, Photo, Rgb
from evaluator.view import shrink

DIGITS = 4
SIDE = 1024
"""Longer side in pixels of a drawn picture."""
FAINT = 0.12
"""Least value of the difference map that is drawn."""


def to_dict(report: PairReport) -> dict[str, Any]:
    """Return the report as plain data; numbers are rounded to four decimals, scores to two."""
    same = report.consistency
    return {
        "original": report.original,
        "generated": report.generated,
        "background": {
            "score": _rounded(report.background.score, 2),
            "probability": _rounded(report.background.probability),
            "learned": report.background.learned,
            "stale": report.background.stale,
            "marked": report.background.marked,
            "parts": {id: _rounded(value, 2) for id, value in report.background.parts.items()},
            "says": {name: _rounded(value) for name, value in report.background.says.items()},
        },
        "consistency": {
            "score": _rounded(same.score, 2),
            "iou": _rounded(same.iou),
            "expansion": _rounded(same.expansion),
            "loss": _rounded(same.loss),
            "colour_delta": _rounded(same.colour_delta, 2),
            "detail_delta": _rounded(same.detail_delta),
            "changed": same.changed,
            "state": same.state,
            "probability": _rounded(same.probability),
            "mirrored": same.mirrored,
            "boxes": [
                {key: _rounded(value) if isinstance(value, float) else value for key, value in part.items()}
                for part in map(dataclasses.asdict, same.boxes)
            ],
        },
        "good": _rounded(report.good),
        "verdict": report.verdict,
        "reasons": [dataclasses.asdict(reason) for reason in report.reasons],
        "stamp": None
        if report.stamp is None
        else {**dataclasses.asdict(report.stamp), "experts": list(report.stamp.experts)},
    }


def to_json(result: PairReport | Failure, indent: int | None = None) -> str:
    """Return one result as JSON; the same two pictures always give the same text."""
    return _json(_failure(result) if isinstance(result, Failure) else to_dict(result), indent)


def ranking_json(original: str, reports: Sequence[PairReport], failures: Sequence[Failure]) -> str:
    """Return candidates of one original, best first, their good-image rate and those that failed as JSON."""
    rate = good_rate(reports)
    listed = {
        "original": original,
        "good_image_rate": None if rate is None else round(rate, 4),
        "candidates": [to_dict(report) for report in reports],
        "failures": [_failure(failure) for failure in failures],
    }
    return _json(listed, indent=2)


def to_text(report: PairReport, language: Language = "en") -> str:
    """Return the report as a few lines for people."""
    same, background = report.consistency, report.background
    whole = None if report.good is None else 100 * report.good
    figures = [("good", whole), ("consistency", same.score), ("background", background.score)]
    lines = [f"{report.verdict or '—'}  " + "  ".join(f"{name} {_shown(value)}" for name, value in figures)]
    return "\n".join([*lines, *(f"- {reason.zh if language == 'zh' else reason.en}" for reason in report.reasons)])


def ranked(reports: Iterable[PairReport]) -> list[PairReport]:
    """Return candidates of one original, best first: by verdict, then by `good`, else by both scores together."""
    order = {"good": 0, "review": 1, "reject": 2, None: 3}
    return sorted(reports, key=lambda report: (order[report.verdict], -_worth(report), report.generated))


def good_rate(reports: Iterable[PairReport]) -> float | None:
    """Return the share of candidates that are good; None where there are none."""
    verdicts = [report.verdict for report in reports]
    return verdicts.count("good") / len(verdicts) if verdicts else None


def draw(photo: Photo, report: PairReport) -> Rgb:
    """Return the generated picture, its longer side at most 1024, with the difference map and its boxes drawn on it."""
    picture = shrink(photo.rgb, SIDE).copy()
    if report.evidence is None:
        return picture
    height, width = picture.shape[:2]
    heat = np.clip(cv2.resize(report.evidence.difference, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    inks = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.75 * np.clip((heat - FAINT) / (0.5 - FAINT), 0, 1))[..., None]
    picture = np.asarray(picture * (1 - cover) + inks * cover, np.uint8)
    line = max(1, round(max(height, width) / 360))
    for box in report.consistency.boxes:
        corner = (round(box.x * width), round(box.y * height))
        opposite = (round((box.x + box.width) * width), round((box.y + box.height) * height))
        cv2.rectangle(picture, corner, opposite, (255, 255, 255), line + 2, cv2.LINE_AA)
        cv2.rectangle(picture, corner, opposite, (240, 150, 30), line, cv2.LINE_AA)
    return picture


def _failure(failure: Failure) -> dict[str, Any]:
    return {"generated": failure.path, "error": {"type": failure.type, "message": failure.message}}


def _json(data: dict[str, Any], indent: int | None) -> str:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _worth(report: PairReport) -> float:
    if report.good is not None:
        return 100 * report.good
    scores = (report.consistency.score, report.background.score)
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else 0.0


def _rounded(value: float | None, digits: int = DIGITS) -> float | None:
    return None if value is None else round(float(value), digits) + 0.0


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"
