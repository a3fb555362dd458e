"""What the measures of a pair come to: was the product changed, is it another one. Fitted; read as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluator.pair.trees import Trees, unpacked

FITTED = Path(__file__).with_name("consistency.toml")
TREES = 1 / 3
"""How far trees count beside the lines: they know pairs of the kinds that they grew on, and no others."""

NETWORK = "network"
"""The measure that is the siamese network's log-odds of a change."""
DRAWN_IN = (-4.0, 6.0)
"""Log-odds between which the network is heard: surer than that it is of nothing."""

Numbers = npt.NDArray[np.float64]
Measures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lines:
    """Logistic models, one for each of K kinds of change, over the same D measures; the most alarming one speaks.

    Measures (`names`) are drawn in (`shaped`), less their `mean`, over their `spread`, and weighed (`weight`, K×D).
    """

    names: tuple[str, ...]
    mean: Numbers
    spread: Numbers
    kinds: tuple[str, ...]
    weight: Numbers
    offset: Numbers

    def steps(self, many: Sequence[Measures]) -> Numbers:
        """Return what is weighed of the measures of several pairs (N×D)."""
        return np.asarray(np.clip((shaped(rows_of(many, self.names)) - self.mean) / self.spread, -6, 6))

    def logits(self, many: Sequence[Measures]) -> Numbers:
        """Return the log-odds for the measures of several pairs (N)."""
        return np.asarray((self.steps(many) @ self.weight.T + self.offset).max(1))


@dataclass(frozen=True, slots=True)
class Joint:
    """What log-odds of a change weigh together: those by `measures`, those of the `network`, and an offset."""

    measures: float
    network: float
    offset: float

    def logits(self, measured: Numbers, seen: Numbers) -> Numbers:
        """Return the log-odds of several pairs (N) from both."""
        return np.asarray(self.measures * measured + self.network * np.clip(seen, *DRAWN_IN) + self.offset)


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted judgement: of a change, of another product, and how log-odds of a change become a score.

    Of a change three speak: `lines`, which know how far more is worse, `trees` over the same measures, which know what
    goes together, and the siamese network, which saw the pictures (NETWORK); `joint` weighs them. `other` tells
    another product.
    """

    lines: Lines
    trees: Trees
    joint: Joint
    other: Lines
    threshold: float
    other_threshold: float
    mirrored: float
    score_logits: tuple[float, ...]
    score_values: tuple[float, ...]

    def logit(self, measures: Measures) -> float:
        """Return the log-odds of a change; that the product fits plainly better when mirrored is enough by itself."""
        lead = measures["mirrored"] / self.mirrored
        seen = float(self.logits([measures])[0])
        return max(seen, 2 * lead if lead >= 1 else -np.inf)

    def logits(self, many: Sequence[Measures]) -> Numbers:
        """Return the log-odds of a change for the measures of several pairs (N), mirrored products aside.

        Where the network saw nothing it is taken to agree.
        """
        said = together(self.lines, self.trees, many)
        seen = [measures.get(NETWORK, agreed) for measures, agreed in zip(many, said, strict=True)]
        return self.joint.logits(said, np.array(seen))

    def strange(self, measures: Measures) -> float:
        """Return the log-odds that this is another product."""
        return float(self.other.logits([measures])[0])


def together(lines: Lines, trees: Trees, many: Sequence[Measures]) -> Numbers:
    """Return what lines and trees over the same measures say of several pairs (N log-odds)."""
    return np.asarray((1 - TREES) * lines.logits(many) + TREES * trees.logits(rows_of(many, lines.names)))


def rows_of(many: Sequence[Measures], names: Sequence[str]) -> Numbers:
    """Return the measures of several pairs as rows (N×D), in the order of their names."""
    return np.array([[measures[name] for name in names] for measures in many], np.float64).reshape(len(many), -1)


def shaped(values: Numbers) -> Numbers:
    """Return measures with their long tails drawn in: the logarithm of one more, whichever way they lie."""
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


@lru_cache(maxsize=1)
def load_model(path: Path = FITTED) -> Model:
    """Return the fitted model, its trees from the file of tensors beside."""
    from safetensors.numpy import load_file

    data = tomllib.loads(path.read_text("utf-8"))
    names, mean, spread = tuple(data["names"]), np.array(data["mean"]), np.array(data["spread"])

    def lines(parts: Mapping[str, Mapping[str, list[float]]]) -> Lines:
        weight, offset = (np.array([part[name] for part in parts.values()]) for name in ("weight", "offset"))
        return Lines(names, mean, spread, tuple(parts), weight, offset)

    return Model(
        lines(data["kinds"]),
        unpacked(load_file(path.with_suffix(".safetensors")), data["trees"]["base"]),
        Joint(**data["joint"]),
        lines({"other": data["other"]}),
        data["threshold"],
        data["other"]["threshold"],
        data["mirror"]["least"],
        tuple(data["score"]["logits"]),
        tuple(data["score"]["values"]),
    )
