"""The measures of the standard, one module per group; `read` takes every reading of one picture."""

from __future__ import annotations

from evaluator.measure import composition, environment, form, light, texture
from evaluator.measure.reading import Measure, Reading
from evaluator.types import Subject
from evaluator.view import View

CRITERIA: dict[str, Measure] = {
    **form.CRITERIA,
    **environment.CRITERIA,
    **composition.CRITERIA,
    **light.CRITERIA,
    **texture.CRITERIA,
}
"""The measuring function of each criterion, by the criterion's id."""


def read(view: View, subject: Subject) -> dict[str, Reading]:
    """Take every reading of one picture, by criterion id."""
    return {id: measure(view, subject) for id, measure in CRITERIA.items()}
