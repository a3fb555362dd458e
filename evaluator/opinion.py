"""What the network says on each criterion: its head, and the attributes that speak of it; knows no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluator.calibration import OF_WEAR, Calibration
from evaluator.look import Look
from evaluator.measure.reading import plain_white
from evaluator.network.heads import GENERATED
from evaluator.standard import Standard
from evaluator.types import Box, Report, Subject, Tag

SCENE = frozenset(("scene_fit", "subject_fusion", "grounding", "scale", "light_coherence"))
"""Criteria that ask for a scene around the subject."""
THERE = {
    "body_plausibility": (("person",), "person"),
    "hand_face_integrity": (("hand", "face"), "hand_face"),
    "scale": (("scene",), "no_reference"),
}
"""Criteria that ask for one of some things to be there, and the reason where none is."""
READ, MARKS = "generated", "generated_probability"
"""What marks of generation all over a picture are read as, and the value by which a criterion tells of them."""
REDRAWN, DRAWN = "redrawn", "redrawn_severity"
"""What a picture that looks drawn anew from too little is read as, and the value by which a criterion tells of it."""
PLAIN = 0.5
"""From where on a picture that looks drawn anew (0–1) does so plainly: its criteria fall, and a person should look."""
SURE = 0.8
"""Trust in criteria on which plain marks of generation speak."""
FALL = 2.0
"""Points of the impression that they take at their plainest."""
AWAY = {"scene_fit": "plain_backdrop", "grounding": "flat_lay"}
"""Criteria that do not apply where a thing is there, which is the reason too."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The network's `score` (1–5) on one criterion, or `absent` with the reason's name in the standard.

    `weight` is its share beside the measure and `trust` how far it counts (0–1); `values` what it rests on.
    """

    score: float = 3.0
    weight: float = 0.0
    trust: float = 0.0
    values: Mapping[str, float] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    absent: str | None = None


def opinions(
    look: Look,
    subject: Subject,
    tags: Mapping[str, Tag],
    standard: Standard,
    calibration: Calibration,
    blurred: bool = False,
) -> dict[str, Opinion]:
    """Return the network's opinion on every criterion that it has a head for.

    In a picture too `blurred` to tell its faults it is heard on its wear (OF_WEAR) alone. Marks of generation all over
    a picture take the criteria that they are about to 1, as plainly as they are seen; that it looks drawn anew does so
    from PLAIN on, since a blur looks a little like it.
    """
    said = {}
    drawn = clear(REDRAWN, look, calibration)
    told = {MARKS: clear(READ, look, calibration), DRAWN: max(0.0, drawn - PLAIN) / (1 - PLAIN)}
    spoilt = max(told.values())
    for id, head in calibration.heads.items():
        if id not in look.glance.criteria:
            continue
        untold = blurred and id not in OF_WEAR
        if untold and head.weight < 1:
            continue  # its measure speaks
        reason = missing(id, look, subject, calibration) or ("blurred" if untold else None)
        if reason:
            said[id] = Opinion(absent=reason)
            continue
        seen = 1 - plain_white(subject) if id in SCENE else 1.0
        spoken = {rule.id: tags[rule.id] for rule in standard.tags if rule.criterion == id}
        doubts = {name: tag.probability for name, tag in spoken.items() if tag.probability is not None}
        answer = head.answer(look.glance.criteria[id])
        swings = [swayed(answer, p, calibration.attributes[name].review) for name, p in doubts.items()]
        score = min(swings, default=answer)
        values = {"head": answer, **{f"{name}_probability": p for name, p in doubts.items()}}
        boxes = tuple(box for tag in spoken.values() for box in tag.boxes)
        trust = head.trust * seen * plainly(id, look, calibration)
        if id in GENERATED and spoilt:
            score, trust = score - spoilt * (score - 1), trust + spoilt * max(0.0, SURE - trust)
            read = {MARKS: READ, DRAWN: REDRAWN}
            values |= {name: look.presence(read[name]) for name, plain in told.items() if plain}
        said[id] = Opinion(score, head.weight, trust, values, boxes)
    return said


def impressed(look: Look, calibration: Calibration) -> float:
    """Return what the network feels of the whole picture, as people would rate it (1–5).

    People whose ratings it learnt saw photographs: marks of generation take up to FALL points.
    """
    return max(1.0, calibration.impression.brought(look.glance.impression[0]) - FALL * marks(look, calibration))


def marks(look: Look, calibration: Calibration) -> float:
    """Return how plainly marks of generation are seen all over a picture (0–1)."""
    return max(clear(read, look, calibration) for read in (READ, REDRAWN))


def clear(thing: str, look: Look, calibration: Calibration) -> float:
    """Return how plainly a thing is seen in any of the looks (0–1)."""
    return calibration.plainly(thing, look.presence(thing))


def marked(look: Look, calibration: Calibration) -> bool:
    """Return whether marks of generation all over a picture are plain enough that a person should look."""
    return clear(READ, look, calibration) > 0 or clear(REDRAWN, look, calibration) >= PLAIN


def tells_of_marks(report: Report) -> bool:
    """Return whether a report's criteria tell of marks of generation all over the picture."""
    return any(result.measures.keys() & {MARKS, DRAWN} for result in report.criteria.values())


def swayed(score: float, probability: float, review: float) -> float:
    """Return a head's score (1–5) as the probability of its fault has it.

    Without a sign of the fault it comes to 5, at `review` it stands, and a fault that is sure takes it down to 1.
    """
    if probability < review:
        return score + (5 - score) * (1 - probability / review)
    return 1 + (score - 1) * (1 - probability) / (1 - review)


def plainly(id: str, look: Look, calibration: Calibration) -> float:
    """Return how plainly a criterion applies to what is seen (0–1)."""
    if id in THERE:
        return max(clear(thing, look, calibration) for thing in THERE[id][0])
    if id in AWAY:
        return min(max(2 * (1 - look.presence(AWAY[id]) / calibration.presence[AWAY[id]]), 0.0), 1.0)
    return 1.0


def missing(id: str, look: Look, subject: Subject, calibration: Calibration) -> str | None:
    """Return why a criterion does not apply to what is seen, by the reason's name in the standard; None if it does."""

    def present(thing: str) -> bool:
        return calibration.present(thing, look.presence(thing))

    if id in SCENE and plain_white(subject) >= 1:
        return "plain_backdrop"
    if id in THERE and not any(map(present, THERE[id][0])):
        return THERE[id][1]
    return AWAY[id] if id in AWAY and present(AWAY[id]) else None
