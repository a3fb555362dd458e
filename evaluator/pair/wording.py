"""The pair's thresholds and sentences, as the data file has them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

from evaluator.pair.types import Reason

FILE = Path(__file__).with_name("pair.toml")
WHOLE = Path(__file__).with_name("good.toml")
"""How both modules come to one probability, and from where on it decides; fitted."""


@dataclass(frozen=True, slots=True)
class Line:
    """From one module's log-odds to its share of the whole: `slope` × log-odds + `offset`."""

    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class Scene:
    """What the log-odds of a good background weigh together, by the `reward` and by the `network`, and an offset."""

    reward: float
    network: float
    offset: float

    def logit(self, says: Mapping[str, float]) -> float:
        """Return the calibrated log-odds of both."""
        return self.reward * says["reward"] + self.network * says["network"] + self.offset


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds: `good` and `bad` of the background's probability, `found` and `sure` of the product's.

    `middle`, `offset`, `fusion` and `weights` make a probability of criteria where no reward is fitted; `limits`
    say from which figure on a measure is named among the reasons. `scene` joins those who judge a background; `whole`
    has a line for `background` and for `consistency`; from `accept` on their probability passes a picture, up to
    `refuse` it turns it down.
    """

    good: float
    bad: float
    middle: float
    offset: float
    fusion: float
    weights: Mapping[str, float]
    found: float
    sure: float
    limits: Mapping[str, float]
    sentences: Mapping[str, Mapping[str, str]]
    why: Mapping[str, Mapping[str, str]]
    scene: Scene
    whole: Mapping[str, Line]
    accept: float
    refuse: float

    def reason(self, id: str, values: Mapping[str, object]) -> Reason:
        """Return a sentence with its figures filled in, in both languages."""
        sentence = self.sentences[id]
        return Reason(id, sentence["en"].format(**values), sentence["zh"].format(**values))


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability (0–1), which is never taken to be quite sure."""
    sure = min(max(chance, 1e-9), 1 - 1e-9)
    return log(sure / (1 - sure))


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """Return the thresholds and sentences."""
    data = tomllib.loads(FILE.read_text("utf-8"))
    background, consistency = data["background"], data["consistency"]
    fitted = tomllib.loads(WHOLE.read_text("utf-8"))
    return Rules(
        background["good"],
        background["bad"],
        background["middle"],
        background["offset"],
        background["fusion"],
        background["weights"],
        consistency["found"],
        consistency["sure"],
        data["limits"],
        data["reasons"],
        data["why"],
        Scene(**fitted["scene"]),
        {name: Line(**line) for name, line in fitted["whole"].items()},
        fitted["accept"],
        fitted["refuse"],
    )
