"""One reader's language: the page's words, the standard's names and the report's reasons in it."""

from __future__ import annotations

from dataclasses import dataclass

from evaluator.errors import Language
from evaluator.standard import CriterionRule, Standard
from evaluator.types import Advice, Criterion, Report, Tag
from evaluator.ui.words import Words

STRONG, FAIR = 4.0, 3.0
"""Scores from which a criterion is drawn as strong and as fair; for colour only, no verdict hangs on them."""
LEVEL_COLOURS = {"strong": "#3f7d5c", "fair": "#c08a2e", "weak": "#b4432f"}
"""The colours of the bars; the style sheet has its own shades of them for text."""


@dataclass(frozen=True)
class Voice:
    """Says everything on the page in `language`."""

    standard: Standard
    words: Words
    language: Language

    def say(self, key: str, **values: object) -> str:
        """Return a text of the page."""
        return self.words.say(key, self.language, **values)

    def criterion(self, id: str) -> str:
        """Return a criterion's name."""
        return self.standard.criterion(id).name.get(self.language)

    def tag(self, id: str) -> str:
        """Return an abnormal attribute's name, or the id where the standard has none."""
        names = {rule.id: rule.name.get(self.language) for rule in self.standard.tags}
        return names.get(id, id)

    def profile(self, id: str) -> str:
        """Return a channel's name."""
        return self.standard.profile(id).name.get(self.language)

    def reason(self, result: Criterion | Tag) -> str:
        """Return why a criterion or tag came out as it did."""
        text = result.reason_zh if self.language == "zh" else result.reason
        return text[:1].upper() + text[1:]

    def advice(self, advice: Advice) -> str:
        """Return what to do."""
        return advice.zh if self.language == "zh" else advice.en

    def share(self, value: float) -> str:
        """Return a share of 0–1 as a whole percentage."""
        return f"{value * 100:.0f} %" if self.language == "en" else f"{value * 100:.0f}%"


def level(score: float | None) -> str:
    """Return `strong`, `fair`, `weak`, or `none` for a criterion that was not judged."""
    if score is None:
        return "none"
    return "strong" if score >= STRONG else "fair" if score >= FAIR else "weak"


def rules_of(standard: Standard, group: str) -> tuple[CriterionRule, ...]:
    """Return the criteria of a group in the standard's order."""
    return tuple(rule for rule in standard.criteria if rule.group == group)


def group_scores(report: Report, standard: Standard) -> dict[str, float | None]:
    """Return each group's weighted mean over its judged criteria, 1–5, or None where none was judged."""
    scores: dict[str, float | None] = {}
    for group in standard.groups:
        results = [report.criteria[r.id] for r in rules_of(standard, group.id) if r.id in report.criteria]
        judged = [(c.score, c.weight) for c in results if c.score is not None and c.weight > 0]
        weight = sum(w for _, w in judged)
        scores[group.id] = sum(s * w for s, w in judged) / weight if weight else None
    return scores
