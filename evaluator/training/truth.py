"""What is plainly true of a training picture: which attributes it has, and which it has not."""

from __future__ import annotations

from evaluator.training.sample import Sample

FAINT, PLAIN = 0.05, 0.2
"""A fault of a severity up to FAINT counts as none and from PLAIN on as one; between, it teaches nothing."""
UNTOUCHED = ("masks", "located")
"""Families of pictures as they are, whose subjects nobody spoilt."""


def truths(family: str, sample: Sample) -> dict[str, float]:
    """Return which attributes are plainly there (1) or not (0); pictures as they are have none."""
    found = {
        name: float(severity >= PLAIN)
        for name, severity in sample.tags.items()
        if severity <= FAINT or severity >= PLAIN
    }
    if family in UNTOUCHED:
        found |= {"artefact": 0.0}
        found |= {"fusion": 0.0} if not sample.presence.get("plain_backdrop", 0.0) else {}
        found |= {"body": 0.0} if sample.presence.get("person", 0.0) else {}
    return found
