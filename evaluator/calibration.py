"""What the network's raw answers are worth, as data: probabilities, thresholds, and its share of each criterion."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from math import exp, log
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evaluator.errors import StandardError
from evaluator.standard import read_table

FOLDER = Path(__file__).with_name("network")
CALIBRATION_FILE = FOLDER / "calibration.toml"
FUSION_FILE = FOLDER / "fusion.toml"

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Wear = Mapping[str, Annotated[float, Field(ge=0.0)]]
"""What is taken off for wear, by its kind, a point of its shortfall beyond the ordinary."""
LIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"glare": ("clipped_lights", "middle"), "gloom": ("lightest", "clipped_shadows"), "haze": ("darkest", "range")}
)
"""Ways in which the light may be wrong, and the measures of `exposure` that see each."""
WORN: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sharpness": ("sharpness", ("edge_width",)),
        "artefact_cleanliness": ("artefact_cleanliness", ("noise", "blockiness", "lost_detail", "banding")),
        "exposure": ("exposure", tuple(measure for measures in LIGHTS.values() for measure in measures)),
        "colour_harmony": ("colour_harmony", ("cast", "illuminant")),
        **{name: ("exposure", measures) for name, measures in LIGHTS.items()},
    }
)
"""Kinds of wear: a criterion with those of its measures whose shortfall says how far a picture is worn so.

That it is small, or white, is no wear.
"""
OF_WEAR = frozenset(id for id, _ in WORN.values())
"""The criteria that are about wear itself."""
FAULTS_WORN = tuple(name for name in WORN if name not in LIGHTS)
HEADS_WORN = tuple(name for name in WORN if name != "exposure")
"""The kinds that faults are made up for, to which light is one, and those that heads are, which each draws its way."""
ORDINARY, MOST_WEAR = 1.0, 3.0
"""Shortfalls between which what is said is made up for: many a sound picture has the first, and none more was tried."""
MOST_LOST = 0.75
"""Most that wear is taken to have hidden of a head's answer."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Near(_Record):
    """What the calibrated log-odds of the first look, and those from nearby, weigh together, and an offset.

    `wear` is what each point that a criterion falls short by, beyond the ordinary, adds to the weighed log-odds from
    nearby where nothing is wrong.
    """

    first: float = Field(ge=0)
    close: float = Field(ge=0)
    bias: float
    wear: Wear = {}

    def worn(self, shortfalls: Mapping[str, float]) -> Near:
        """Return the weights for a picture so worn: what its wear alone would add is taken off."""
        return self.model_copy(update={"bias": self.bias - made_up(self.wear, shortfalls)})


class Attribute(_Record):
    """How an attribute's log-odds become a probability, and from where on it counts or asks for a look.

    `wear` is what each point that a criterion falls short by, beyond the ordinary, adds to the calibrated log-odds
    where nothing is wrong; `near` says how what is seen from nearby joins them.
    """

    temperature: float = Field(gt=0)
    bias: float
    flag: Share
    review: Share
    near: Near | None = None
    wear: Wear = {}

    @model_validator(mode="after")
    def _ordered(self) -> Attribute:
        if self.review > self.flag:
            raise ValueError(f"review ({self.review}) lies over flag ({self.flag})")
        return self

    def probability(self, logit: float, close: float | None = None) -> float:
        """Return the calibrated probability (0–1) of uncalibrated log-odds, of the first look and from nearby."""
        odds = logit / self.temperature + self.bias
        if self.near is not None and close is not None:
            odds = self.near.first * odds + self.near.close * close + self.near.bias
        return 1 / (1 + exp(-min(max(odds, -60.0), 60.0)))

    def worn(self, shortfalls: Mapping[str, float]) -> Attribute:
        """Return the rule for a picture so worn: what its wear alone would add is taken off."""
        near = self.near.worn(shortfalls) if self.near else None
        return self.model_copy(update={"bias": self.bias - made_up(self.wear, shortfalls), "near": near})

    def alarm(self, probability: float) -> float:
        """Return how far a probability lies from `review` (0 and below) to `flag` (1 and above), by log-odds."""
        if not self.review < probability < self.flag:
            return float(probability >= self.flag)
        return (_odds(probability) - _odds(self.review)) / (_odds(self.flag) - _odds(self.review))


def made_up(wear: Wear, shortfalls: Mapping[str, float]) -> float:
    """Return how far a picture's wear alone moves what is said of it, from its shortfalls (0–4) by kind."""
    return sum(by * worn(shortfalls.get(id, 0.0)) for id, by in wear.items())


class Pull(_Record):
    """By what `share` of its way a point of a kind's shortfall draws a head's answer `to` another (1–5)."""

    share: float = Field(ge=0.0)
    to: float = Field(ge=1.0, le=5.0)


def regained(said: float, pulls: Mapping[str, Pull], shortfalls: Mapping[str, float]) -> float:
    """Return a head's answer (1–5) as it would be had the shortfalls (0–4) by kind not drawn it anywhere."""
    lost = {id: pull.share * worn(shortfalls.get(id, 0.0)) for id, pull in pulls.items()}
    whole = sum(lost.values())
    if not whole:
        return min(max(said, 1.0), 5.0)
    to = sum(share * pulls[id].to for id, share in lost.items()) / whole
    return min(max(to + (said - to) / (1 - min(whole, MOST_LOST)), 1.0), 5.0)


def worn(shortfall: float) -> float:
    """Return how many points of a shortfall are more than ordinary."""
    return min(max(shortfall, ORDINARY), MOST_WEAR) - ORDINARY


def _odds(probability: float) -> float:
    within = min(max(probability, 1e-6), 1 - 1e-6)
    return log(within / (1 - within))


class Head(_Record):
    """The network's share of one criterion's score, and how far its answer can be trusted (both 0–1).

    `wear` is how each point of a kind of wear, beyond the ordinary, draws an answer; `shortfalls` are those of the
    picture at hand.
    """

    weight: Share
    trust: Share
    wear: Mapping[str, Pull] = {}
    shortfalls: Mapping[str, float] = {}

    def worn(self, shortfalls: Mapping[str, float]) -> Head:
        """Return the head for a picture so worn: what its wear alone would hide is given back."""
        return self.model_copy(update={"shortfalls": shortfalls})

    def answer(self, said: float) -> float:
        """Return the answer (1–5) that the head would have given, had the picture not been worn."""
        return regained(said, self.wear, self.shortfalls)


class Scale(_Record):
    """A logistic curve from what the network says of the whole to what people say: it spreads and never reaches an end.

    A network that is not sure keeps to the middle, so that what it says lies closer together than people's ratings.
    """

    slope: float = Field(gt=0)
    offset: float

    def brought(self, rating: float) -> float:
        """Return a rating (1–5) as people would spread it, 1–5."""
        return 1 + 4 / (1 + exp(-(self.slope * rating + self.offset)))


class Calibration(_Record):
    """Everything that turns raw answers into the report's; `digest` is the SHA-256 of both files.

    `network` is how the SHA-256 of the weights begins that it was fitted on.
    """

    network: str
    attributes: Mapping[str, Attribute]
    presence: Mapping[str, Share]
    heads: Mapping[str, Head]
    impression: Scale
    digest: str

    def worn(self, shortfalls: Mapping[str, float]) -> Calibration:
        """Return the calibration for a picture so worn, from what its measures fall short of 5 by kind (WORN)."""
        attributes = {name: rule.worn(shortfalls) for name, rule in self.attributes.items()}
        heads = {name: head.worn(shortfalls) for name, head in self.heads.items()}
        return self.model_copy(update={"attributes": attributes, "heads": heads})

    def present(self, thing: str, presence: float) -> bool:
        """Return whether a thing counts as present that is seen so surely (0–1)."""
        return presence >= self.presence[thing]

    def plainly(self, thing: str, presence: float) -> float:
        """Return how plainly a thing is there (0–1): not at all at its threshold, wholly from halfway on.

        What is barely there thus counts for little, instead of all or nothing by a hair's breadth.
        """
        least = self.presence[thing]
        return min(max(2 * (presence - least) / (1 - least), 0.0), 1.0)


@lru_cache(maxsize=4)
def load_calibration(calibration: Path = CALIBRATION_FILE, fusion: Path = FUSION_FILE) -> Calibration:
    """Read and validate both files; raises StandardError naming the file and the key."""
    rows = {**read_table(calibration), **read_table(fusion)}
    digest = hashlib.sha256(calibration.read_bytes() + fusion.read_bytes()).hexdigest()[:12]
    try:
        return Calibration.model_validate({**rows, "digest": digest})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        file = fusion if key.startswith("heads") else calibration
        raise StandardError(file=file.name, key=key, why=first["msg"], remedy="mend that key") from None
