"""From readings to criteria, parts, total and verdict; knows no pixels, and takes every number from the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from evaluator.measure.reading import Reading
from evaluator.standard import CriterionRule, Curve, Profile, Standard
from evaluator.types import Criterion, Part, Tag, Verdict

ADDED_DIGITS = 4
"""Decimals of what a part adds to the total."""


@dataclass(frozen=True, slots=True)
class Total:
    """The total (1–5, two decimals), the parts that add up to it, and how much of the standard was judged (0–1)."""

    score: float
    parts: tuple[Part, ...]
    confidence: float


def subscore(curve: Curve, value: float) -> float:
    """Return what a measure comes to on its curve, 1–5; the ends of the curve hold beyond it."""
    xs = np.array([x for x, _ in curve.points])
    ys = [y for _, y in curve.points]
    if curve.scale == "log":
        return float(np.interp(np.log(max(value, 1e-9)), np.log(xs), ys))
    return float(np.interp(value, xs, ys))


def combine(scores: list[float], weights: list[float], exponent: float) -> float:
    """Return the weighted power mean of scores 1–5; a negative exponent leans to the worst."""
    share = np.array(weights) / sum(weights)
    mean = float((share * np.array(scores) ** exponent).sum() ** (1 / exponent))
    return min(max(mean, min(scores)), max(scores))  # rounding may carry it past the ends


def derive(readings: Mapping[str, Reading], profile: Profile) -> dict[str, dict[str, float]]:
    """Return the measures of each criterion with those that depend on the channel added."""
    values = {id: dict(reading.values) for id, reading in readings.items()}
    low, high = profile.fill
    fill = values.get("frame_fill", {})
    if "extent" in fill:
        extent = max(fill["extent"], 1e-3)
        fill.update(low=low, high=high, shortfall=float(max(0.0, np.log2(low / extent), 3 * np.log2(extent / high))))
    sharpness = values.get("sharpness", {})
    if "effective_side" in sharpness:
        sharpness["effective_side"] *= min(1.0, 1000 / max(profile.minimum_side, 500))
    background = values.get("background_order", {})
    if profile.white and "white_share" in background:
        background["not_white"] = 1 - background["white_share"]
    return values


def judge(readings: Mapping[str, Reading], standard: Standard, profile: Profile) -> dict[str, Criterion]:
    """Return every criterion of the standard, scored or not applicable with its reason.

    `weight` is the criterion's share of the weighted mean (the shares of all sum to 1).
    """
    measures = derive(readings, profile)
    confidences = {id: 0.0 if reading.absent else reading.confidence for id, reading in readings.items()}
    whole = sum(rule.weight * confidences.get(rule.id, 0.0) for rule in standard.criteria)
    judged = {}
    for rule in standard.criteria:
        reading = readings.get(rule.id, Reading(absent="network"))
        share = rule.weight * confidences.get(rule.id, 0.0) / whole if whole else 0.0
        judged[rule.id] = _criterion(rule, reading, measures.get(rule.id, {}), share, standard)
    return judged


def _criterion(
    rule: CriterionRule, reading: Reading, values: Mapping[str, float], share: float, standard: Standard
) -> Criterion:
    curves = [curve for curve in standard.curves_of(rule.id) if curve.measure in values]
    if reading.absent or not curves or share <= 0:
        wording = standard.absences[reading.absent or "subject"]
        return Criterion(None, 0.0, wording.en, wording.zh, confidence=0.0)
    scores = [subscore(curve, values[curve.measure]) for curve in curves]
    score = combine(scores, [curve.weight for curve in curves], standard.exponent)
    level = rule.levels.nearest(score)
    worst_first = [curves[i] for i in np.argsort(scores, kind="stable")]
    en, zh = (
        [curve.label.get(language).format(value=values[curve.measure], **values) for curve in worst_first]
        for language in ("en", "zh")
    )
    return Criterion(
        score=score,
        weight=share,
        reason=f"{level.en}: {', '.join(en)}",
        reason_zh=f"{level.zh}：{'，'.join(zh)}",
        confidence=reading.confidence,
        measures=values,
        subscores={curve.measure: value for curve, value in zip(curves, scores, strict=True)},
        boxes=reading.boxes,
    )


def severity(criteria: Mapping[str, Criterion], order: float) -> float:
    """Return 5 less the weighted mean of the given order over the shortfalls from 5: near the worst, yet smooth."""
    shortfalls = sum(c.weight * (5 - c.score) ** order for c in criteria.values() if c.score is not None)
    return float(5 - shortfalls ** (1 / order))


def total(criteria: Mapping[str, Criterion], tags: Mapping[str, Tag], standard: Standard, empty: bool) -> Total:
    """Return the total as the sum of its parts: each criterion's share, the severity of the worst, and the caps.

    What a part adds is rounded to four decimals before it is summed, so that the parts add up as they are shown.
    """
    rule = standard.total
    parts = [_part(id, c.score, (1 - rule.severity) * c.weight) for id, c in criteria.items() if c.score is not None]
    worst, share = (severity(criteria, rule.order), rule.severity) if parts else (1.0, 1.0)
    parts.append(_part("severity", worst, share))
    running = sum(part.adds for part in parts)
    caps = [row.cap for row in standard.tags if row.id in tags and tags[row.id].flag]
    if empty:
        caps.append(rule.empty_cap)
    if caps and min(caps) < running:
        parts.append(Part("cap", None, None, round(min(caps) - running, ADDED_DIGITS)))
        running = min(caps)
    score = round(running, 2)
    scored = [row for row in standard.criteria if criteria[row.id].score is not None]
    judged = sum(row.weight * criteria[row.id].confidence for row in scored)
    asked = sum(row.weight for row in scored)
    return Total(score, tuple(parts), judged / asked if asked else 0.0)


def _part(id: str, value: float, weight: float) -> Part:
    return Part(id, value, weight, round(value * weight, ADDED_DIGITS))


def verdict(score: float, confidence: float, tags: Mapping[str, Tag], standard: Standard) -> Verdict:
    """Return good, review or reject by the standard's thresholds."""
    if any(tag.flag for tag in tags.values()):
        return "reject"
    if confidence < standard.verdicts.review_confidence:
        return "review"
    return "good" if score >= standard.verdicts.good else "reject"


def no_tags(standard: Standard) -> dict[str, Tag]:
    """Return every tag as not applicable: none can be judged without the network or an original."""
    tags = {}
    for rule in standard.tags:
        wording = standard.absences["original" if rule.needs_original else "network"]
        tags[rule.id] = Tag(None, None, None, (), wording.en, wording.zh)
    return tags
