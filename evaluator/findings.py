"""From looks to tags: which abnormal attribute is seen, how sure, and where; knows no pixels."""

from __future__ import annotations

from evaluator.calibration import Attribute, Calibration
from evaluator.look import Look, spots
from evaluator.measure.reading import plain_white
from evaluator.standard import Finding, Standard, TagRule
from evaluator.types import Box, Subject, Tag

BOXES = 3
"""Most places that one attribute is shown at."""
EDGE = 0.5
"""Share of a map's peak down to which a place reaches."""
FAINT = 0.2
"""Least peak of a map that shows a place."""
NEEDS = {"hand": "hand", "face": "face", "body": "person"}
"""What must be seen for an attribute to be judged; its reason in the standard has the same name."""


def no_tags(standard: Standard, reason: str = "network") -> dict[str, Tag]:
    """Return every tag as not applicable: without the network, or for another reason of the standard."""
    return {rule.id: _absent(standard, "original" if rule.needs_original else reason) for rule in standard.tags}


def tags(look: Look, subject: Subject, standard: Standard, calibration: Calibration) -> dict[str, Tag]:
    """Return every tag of the standard: its probability and places, or why it cannot be judged."""
    return {rule.id: _tag(rule, look, subject, standard, calibration) for rule in standard.tags}


def _tag(rule: TagRule, look: Look, subject: Subject, standard: Standard, calibration: Calibration) -> Tag:
    if rule.needs_original:
        return _absent(standard, "original")
    if rule.id not in look.glance.logits:
        return _absent(standard, "network")
    sure = plain = 1.0
    if rule.id in NEEDS:
        thing = NEEDS[rule.id]
        sure = look.presence(thing)
        if not calibration.present(thing, sure):
            return _absent(standard, thing)
        plain = calibration.plainly(thing, sure)
    elif rule.id == "fusion":
        sure = 1 - plain_white(subject)
        if sure <= 0:
            return _absent(standard, "plain_backdrop")
    attribute = calibration.attributes[rule.id]
    probability = look.probability(rule.id, attribute)
    doubt = attribute.review <= probability < attribute.flag
    boxes = places(look, rule.id) if probability >= attribute.review else ()
    en, zh = (_reason(look, rule.id, attribute, probability, standard, chinese) for chinese in (False, True))
    confidence = sure * max(probability, 1 - probability)
    alarm = plain * attribute.alarm(probability)
    return Tag(probability, probability >= attribute.flag, confidence, boxes, en, zh, doubt, alarm)


def places(look: Look, attribute: str) -> tuple[Box, ...]:
    """Return the few places where an attribute's map peaks, the plainest first."""
    plane = look.map(attribute)
    peak = float(plane.max())
    if peak < FAINT:
        return ()
    return tuple(box for _, box in spots(plane, EDGE * peak, attribute)[:BOXES])


def _reason(look: Look, id: str, rule: Attribute, probability: float, standard: Standard, chinese: bool) -> str:
    state: Finding = "found" if probability >= rule.flag else "doubt" if probability >= rule.review else "clear"
    wordings = [standard.findings[state]]
    closer = sum(each.box.label == id for each in look.closer)
    if closer:
        wordings.append(standard.findings["closer"])
    values = {"probability": probability, "flag": rule.flag, "count": closer}
    said = [wording.get("zh" if chinese else "en").format(**values) for wording in wordings]
    return ("；" if chinese else "; ").join(said)


def _absent(standard: Standard, reason: str) -> Tag:
    wording = standard.absences[reason]
    return Tag(None, None, None, (), wording.en, wording.zh)
