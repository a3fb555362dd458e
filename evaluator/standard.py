"""The published standard as data: groups, criteria, tags, total, verdicts and profiles, validated on load."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evaluator.errors import Language, StandardError, UnknownProfile

STANDARD_FILE = Path(__file__).with_name("standard.toml")
CURVES_FILE = Path(__file__).with_name("curves.toml")
ADVICE_FILE = Path(__file__).with_name("advice.toml")

Score = Annotated[float, Field(ge=1.0, le=5.0)]
Source = Literal["measure", "network"]
"""Who judges a criterion."""
Finding = Literal["found", "doubt", "clear", "closer", "generated", "redrawn"]
"""What may be said of an attribute that was looked for, and of marks of generation all over a picture."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Wording(_Record):
    """One text in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def get(self, language: Language) -> str:
        """Return the text in `language`."""
        return self.zh if language == "zh" else self.en


class Levels(_Record):
    """What scores 1, 3 and 5 look like."""

    one: Wording = Field(alias="1")
    three: Wording = Field(alias="3")
    five: Wording = Field(alias="5")

    def nearest(self, score: float) -> Wording:
        """Return the wording nearest to a score of 1–5."""
        return self.one if score < 2 else self.three if score < 4.3 else self.five


class Group(_Record):
    """One of the five groups."""

    id: str
    name: Wording


class CriterionRule(_Record):
    """One of the 19 criteria: its group, weight and wording."""

    id: str
    group: str
    weight: float = Field(gt=0)
    name: Wording
    asks: Wording
    levels: Levels


class TagRule(_Record):
    """An abnormal attribute, the criterion it speaks of and the cap that its flag sets."""

    id: str
    name: Wording
    criterion: str
    cap: Score
    needs_original: bool = False


class TotalRule(_Record):
    """How the criteria and the impression become one number."""

    impression: Share
    severity: Share
    order: float = Field(ge=1)
    empty_cap: Score


class VerdictRule(_Record):
    """Thresholds of the verdicts."""

    good: Score
    review_confidence: Share


class Profile(_Record):
    """What a sales channel asks of its pictures."""

    id: str
    name: Wording
    fill: tuple[Share, Share]
    minimum_side: int = Field(ge=1)
    white: bool

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, data: object) -> object:
        fill = data.get("fill") if isinstance(data, dict) else None
        return {**data, "fill": tuple(fill)} if isinstance(data, dict) and isinstance(fill, list) else data


class Curve(_Record):
    """A monotone curve from a measure to 1–5: piecewise linear through `points`, on a linear or log axis.

    `weight` is its weight among the curves of its criterion.
    """

    criterion: str
    measure: str
    label: Wording
    scale: Literal["linear", "log"] = "linear"
    weight: float = Field(default=1.0, gt=0)
    points: tuple[tuple[float, float], ...] = Field(min_length=2)

    @model_validator(mode="before")
    @classmethod
    def _tuples(cls, data: object) -> object:
        points = data.get("points") if isinstance(data, dict) else None
        if isinstance(data, dict) and isinstance(points, list):
            data = {**data, "points": tuple(_tuple(point) for point in points)}
        return data

    @model_validator(mode="after")
    def _monotone(self) -> Curve:
        xs = [x for x, _ in self.points]
        ys = [y for _, y in self.points]
        if any(b <= a for a, b in pairwise(xs)):
            raise ValueError("the measure's values must rise from point to point")
        if self.scale == "log" and xs[0] <= 0:
            raise ValueError("a log curve needs values over 0")
        steps = [b - a for a, b in pairwise(ys)]
        if not (all(s >= 0 for s in steps) or all(s <= 0 for s in steps)):
            raise ValueError("the scores must only rise or only fall")
        if not all(1.0 <= y <= 5.0 for y in ys):
            raise ValueError("scores lie between 1 and 5")
        return self


class Standard(_Record):
    """The whole standard; `digest` is the SHA-256 of the three files it was read from."""

    version: str
    groups: tuple[Group, ...]
    criteria: tuple[CriterionRule, ...]
    tags: tuple[TagRule, ...]
    total: TotalRule
    verdicts: VerdictRule
    profiles: tuple[Profile, ...]
    absences: Mapping[str, Wording]
    sources: Mapping[Source, Wording]
    findings: Mapping[Finding, Wording]
    advice: Mapping[str, Wording]
    curves: tuple[Curve, ...]
    exponent: float = Field(lt=0)
    digest: str

    @model_validator(mode="after")
    def _holds_together(self) -> Standard:
        for noun in ("groups", "criteria", "tags", "profiles"):
            ids = [row.id for row in getattr(self, noun)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{noun}: the id {twice[0]!r} stands twice")
        groups = {g.id for g in self.groups}
        criteria = {c.id for c in self.criteria}
        for c in self.criteria:
            if c.group not in groups:
                raise ValueError(f"criteria.{c.id}.group: {c.group!r} is none of {sorted(groups)}")
        for t in self.tags:
            if t.criterion not in criteria:
                raise ValueError(f"tags.{t.id}.criterion: {t.criterion!r} is no criterion")
        for curve in self.curves:
            if curve.criterion not in criteria:
                raise ValueError(f"curves.{curve.measure}.criterion: {curve.criterion!r} is no criterion")
        return self

    def criterion(self, id: str) -> CriterionRule:
        """Return the rule of one criterion; KeyError where the standard has none of that id."""
        return {c.id: c for c in self.criteria}[id]

    def curves_of(self, criterion: str) -> tuple[Curve, ...]:
        """Return the curves that make up a criterion's score, in file order."""
        return tuple(c for c in self.curves if c.criterion == criterion)

    def profile(self, id: str) -> Profile:
        """Return a channel's profile; UnknownProfile where there is none of that id."""
        for profile in self.profiles:
            if profile.id == id:
                return profile
        raise UnknownProfile(name=id, known=", ".join(p.id for p in self.profiles))


@lru_cache(maxsize=4)
def load(standard: Path = STANDARD_FILE, curves: Path = CURVES_FILE, advice: Path = ADVICE_FILE) -> Standard:
    """Read and validate the standard; raises StandardError naming the file and the key."""
    rules = read_table(standard)
    lines = read_table(curves)
    sentences = read_table(advice)
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in (standard, curves, advice))).hexdigest()[:12]
    rows = {noun: _tuple(rules.pop(noun, ())) for noun in ("groups", "criteria", "tags", "profiles")}
    lines = {**lines, "curves": _tuple(lines.get("curves", ()))}
    try:
        return Standard.model_validate({**rules, **rows, **lines, "advice": sentences, "digest": digest})
    except ValidationError as error:
        first = error.errors()[0]
        key, why = ".".join(str(part) for part in first["loc"]), first["msg"]
        if not key:  # what must hold between the tables begins with its own key
            key, _, why = why.removeprefix("Value error, ").partition(": ")
        file = {"curves": curves, "exponent": curves, "advice": advice}.get(key.split(".")[0], standard)
        raise StandardError(file=file.name, key=key, why=why, remedy="mend that key") from None


def _tuple(value: object) -> object:
    """Return a list as a tuple, which strict validation asks for, and anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def read_table(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises StandardError that names it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StandardError(
            file=path.name,
            key="(whole file)",
            why=error.strerror or "cannot be read",
            remedy="restore the file",
        ) from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise StandardError(file=path.name, key="(syntax)", why=str(error), remedy="mend the TOML") from None
