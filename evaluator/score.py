"""From readings to criteria, parts, total and verdict; knows no pixels, and takes every number from the standard."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from evaluator.errors import Language
from evaluator.measure.reading import Reading
from evaluator.opinion import DRAWN, MARKS, Opinion
from evaluator.standard import CriterionRule, Curve, Profile, Source, Standard, Wording
from evaluator.types import Criterion, Part, Tag, Verdict

ADDED_DIGITS = 4
"""Decimals of what a part adds to the total."""
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Cap:
    """What a total may not exceed (1–5), and how far this holds: all of it by a flag, a share (0–1) by a doubt."""

    most: float
    share: float = 1.0

    def of(self, score: float) -> float:
        """Return what is left of a score."""
        return score - self.share * max(0.0, score - self.most)


@dataclass(frozen=True, slots=True)
class Total:
    """The total (1–5, two decimals), the parts that add up to it, and how much of the standard was judged (0–1).

    `uncapped` is what the total would be without `caps`, each by the criterion that it hangs on ("" for none).
    """

    score: float
    parts: tuple[Part, ...]
    confidence: float
    uncapped: float
    caps: Mapping[str, Cap]


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


def judge(
    readings: Mapping[str, Reading],
    standard: Standard,
    profile: Profile,
    opinions: Mapping[str, Opinion] | None = None,
) -> dict[str, Criterion]:
    """Return every criterion of the standard, scored or not applicable with its reason.

    What was measured and what the network says are joined by the network's weight; a criterion that has only one
    of the two is that one's. `weight` is the criterion's share of the weighted mean (the shares of all sum to 1).
    """
    measures = derive(readings, profile)
    judged = {}
    for rule in standard.criteria:
        reading = readings.get(rule.id, Reading(absent="network", confidence=0.0))
        opinion = (opinions or {}).get(rule.id)
        judged[rule.id] = _criterion(rule, reading, opinion, measures.get(rule.id, {}), standard)
    whole = sum(rule.weight * judged[rule.id].confidence for rule in standard.criteria)
    return {
        rule.id: replace(judged[rule.id], weight=rule.weight * judged[rule.id].confidence / whole if whole else 0.0)
        for rule in standard.criteria
    }


def shortfalls(
    criteria: Mapping[str, Criterion], asked: Mapping[str, tuple[str, Container[str]]], standard: Standard
) -> dict[str, float]:
    """Return by name how much (0–4) a criterion falls short of 5 by some of its measures; others are left out."""
    found = {}
    for name, (id, measures) in asked.items():
        known = criteria[id].subscores
        curves = [c for c in standard.curves_of(id) if c.measure in measures and c.measure in known]
        if curves:
            scores, weights = [known[c.measure] for c in curves], [c.weight for c in curves]
            found[name] = 5 - combine(scores, weights, standard.exponent)
    return found


def _criterion(
    rule: CriterionRule, reading: Reading, opinion: Opinion | None, values: Mapping[str, float], standard: Standard
) -> Criterion:
    curves = [curve for curve in standard.curves_of(rule.id) if curve.measure in values]
    measured = bool(curves) and not reading.absent and reading.confidence > 0
    heard = opinion is not None and not opinion.absent and opinion.weight > 0 and opinion.trust > 0
    reason = (opinion.absent if opinion else None) or reading.absent or (None if curves else "subject")
    if (opinion and opinion.absent) or not (measured or (heard and reading.absent == "network")):
        wording = standard.absences[reason or "subject"]
        return Criterion(None, 0.0, wording.en, wording.zh, confidence=0.0)
    scores = [subscore(curve, values[curve.measure]) for curve in curves] if measured else []
    sources: dict[Source, float] = {}
    shares, trusts = [], []
    if measured:
        sources["measure"] = combine(scores, [curve.weight for curve in curves], standard.exponent)
        shares.append(1 - opinion.weight if opinion and heard else 1.0)
        trusts.append(reading.confidence)
    if opinion and heard:
        sources["network"] = opinion.score
        shares.append(opinion.weight if measured else 1.0)
        trusts.append(opinion.trust)
    score = float(np.dot(shares, list(sources.values())))
    known = {**(values if measured else {}), **(opinion.values if opinion and heard else {})}
    figures = [(curve.label, curve.measure) for curve in _worst_first(curves, scores)]
    en, zh = (_reason(rule, score, figures, known, sources, standard, language) for language in LANGUAGES)
    return Criterion(
        score=score,
        weight=0.0,
        reason=en,
        reason_zh=zh,
        confidence=float(np.dot(shares, trusts)),
        measures=known,
        subscores={curve.measure: value for curve, value in zip(curves, scores, strict=False)},
        boxes=reading.boxes + (opinion.boxes if opinion and heard else ()),
        sources=sources,
    )


def _worst_first(curves: list[Curve], scores: list[float]) -> list[Curve]:
    return [curves[i] for i in np.argsort(scores, kind="stable")]


def _reason(
    rule: CriterionRule,
    score: float,
    figures: list[tuple[Wording, str]],
    values: Mapping[str, float],
    sources: Mapping[Source, float],
    standard: Standard,
    language: Language,
) -> str:
    """Return the level in words, the figures behind it, and what the measure and the network said."""
    colon, comma, stop = ("：", "，", "；") if language == "zh" else (": ", ", ", "; ")
    said = [label.get(language).format(value=values[name], **values) for label, name in figures]
    if MARKS in values:
        said.append(standard.findings["generated"].get(language).format(probability=values[MARKS]))
    if DRAWN in values:
        said.append(standard.findings["redrawn"].get(language).format(severity=values[DRAWN]))
    told = comma.join(said)
    judges = comma.join(standard.sources[name].get(language).format(score=heard) for name, heard in sources.items())
    level = rule.levels.nearest(score).get(language)
    if "network" not in sources:
        return f"{level}{colon}{told}"
    return f"{level}{colon}{told}{stop}{judges}" if told else f"{level}{colon}{judges}"


def severity(criteria: Mapping[str, Criterion], order: float) -> float:
    """Return 5 less the weighted mean of the given order over the shortfalls from 5: near the worst, yet smooth."""
    shortfalls = sum(c.weight * (5 - c.score) ** order for c in criteria.values() if c.score is not None)
    return float(5 - shortfalls ** (1 / order))


def alone(criteria: Mapping[str, Criterion], standard: Standard) -> float:
    """Return what criteria, some of which were judged, come to without anything beside them (1–5)."""
    rule = standard.total
    mean = sum(c.weight * c.score for c in criteria.values() if c.score is not None)
    return (1 - rule.severity) * mean + rule.severity * severity(criteria, rule.order)


def total(
    criteria: Mapping[str, Criterion],
    tags: Mapping[str, Tag],
    standard: Standard,
    empty: bool,
    impression: float | None = None,
) -> Total:
    """Return the total as the sum of its parts: each criterion's share, the severity of the worst, impression, caps.

    `impression` is the network's own judgement of the whole (1–5), None without network. A flag caps the total; a
    doubt takes a share of what the flag would take, by the square of its alarm, so that no hair's breadth decides over
    a whole point.
    What a part adds is rounded to four decimals before it is summed, so that the parts add up as they are shown.
    """
    rule = standard.total
    judged = 1.0 if impression is None else 1 - rule.impression
    mean = judged * (1 - rule.severity)
    parts = [_part(id, c.score, mean * c.weight) for id, c in criteria.items() if c.score is not None]
    worst, share = (severity(criteria, rule.order), judged * rule.severity) if parts else (1.0, judged)
    parts.append(_part("severity", worst, share))
    if impression is not None:
        parts.append(_part("impression", impression, rule.impression))
    uncapped = sum(part.adds for part in parts)
    caps = {"": Cap(rule.empty_cap)} if empty else {}
    for row in standard.tags:
        tag = tags.get(row.id)
        if tag is not None and (tag.flag or tag.alarm > 0):
            cap = Cap(row.cap, 1.0 if tag.flag else tag.alarm**2)
            caps[row.criterion] = min(cap, caps.get(row.criterion, cap), key=lambda one: one.of(uncapped))
    reached = capped(uncapped, caps)
    if reached < uncapped:
        parts.append(Part("cap", None, None, round(reached - uncapped, ADDED_DIGITS)))
    score = round(reached, 2)
    scored = [row for row in standard.criteria if criteria[row.id].score is not None]
    sure = sum(row.weight * criteria[row.id].confidence for row in scored)
    asked = sum(row.weight for row in scored)
    return Total(score, tuple(parts), sure / asked if asked else 0.0, uncapped, caps)


def capped(score: float, caps: Mapping[str, Cap]) -> float:
    """Return what the strictest cap leaves of a score."""
    return min([score, *(cap.of(score) for cap in caps.values())])


def _part(id: str, value: float, weight: float) -> Part:
    return Part(id, value, weight, round(value * weight, ADDED_DIGITS))


def verdict(
    score: float,
    confidence: float,
    tags: Mapping[str, Tag],
    standard: Standard,
    subject: bool = True,
    marked: bool = False,
) -> Verdict:
    """Return good, review or reject by the standard's thresholds.

    A doubt, that no `subject` was found, and that the picture is `marked` by its generation, only keep a good picture
    from being good.
    """
    if any(tag.flag for tag in tags.values()):
        return "reject"
    if confidence < standard.verdicts.review_confidence:
        return "review"
    if score < standard.verdicts.good:
        return "reject"
    doubted = marked or any(tag.doubt for tag in tags.values())
    return "good" if subject and not doubted else "review"
