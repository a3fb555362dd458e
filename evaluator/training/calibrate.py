"""Calibrates the network on held-out objects that are then not judged: probabilities, thresholds, shares of criteria.

Writes `calibration.toml` and `fusion.toml` beside the network; the scores read them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import fsolve
from scipy.special import expit
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from evaluator.calibration import CALIBRATION_FILE, FUSION_FILE, WORN, Pull, made_up, regained
from evaluator.decode import decode
from evaluator.look import odds_nearby
from evaluator.network.eyes import Eyes
from evaluator.network.heads import ATTRIBUTES, CRITERIA, PRESENCE
from evaluator.opinion import READ, REDRAWN
from evaluator.pipeline import Evaluator
from evaluator.score import shortfalls
from evaluator.table import progress
from evaluator.training import wear
from evaluator.training.benchmark.examiner import Witness
from evaluator.training.benchmark.statistics import ladder_ranks
from evaluator.training.fit_presence import truth as there
from evaluator.training.make import ALL_OVER
from evaluator.training.sample import Sample, read
from evaluator.training.shares import ALARMED, DOUBTED, FALSE_FLAGS, OF_A_SET, SOFTENED
from evaluator.training.sources import calibrates
from evaluator.training.truth import truths
from evaluator.types import Closeup, Glance, Report, Rgb

PRECISION = 0.93
"""Precision at which an attribute is flagged; above what is promised, since the next pictures are others."""
BASE = 0.10
"""Share of pictures that are taken to have a fault: among those that calibrate it is nearly a half."""
FEWEST = 15
"""Sound pictures of a set from which on it is asked for by itself: what one set never shows is another's rule."""
TRUST = (0.15, 0.75)
"""Rank correlations between which a head without a measure grows from no trust to all that it may have."""
MOST_TRUST = 0.8
HEARD = 0.05
"""Trust under which a head says nothing."""
WORN_PICTURES = 14
"""Sound pictures of each family that are worn to see what that does."""
RATED = 400
"""Rated pictures that give impressions their scale."""
LOOKED = 40
"""Pictures of an attribute that were looked at from nearby, from which on such looks are heard."""
ALIKE = 0.01
"""Difference of Youden's index that is none."""
LADDERS = 20
"""Ladders from which on a head's share follows them."""
SHARE_STEP = 0.05
"""Between shares that are tried."""
MOST_SHARE = 0.5
"""Most that a head rules beside a measure, which reads the picture at its own size and was not fitted to samples."""
MOST_SHARES = {"exposure": 0.1, "completeness": 0.7}
"""The same where a head falls with all kinds of wear (at 0.45 a picture blurred by half lost 1.4 points of exposure),
and where a mask tells less: it says how long the frame cuts a subject, and not how much of it."""

Numbers = npt.NDArray[np.float64]


def run(options: argparse.Namespace) -> int:
    """Calibrate on the calibrating half of the held-out samples; write both files beside the network."""
    eyes = Eyes(options.weights)
    witness = Witness(eyes)
    evaluator = Evaluator(eyes=witness)

    def judge(picture: Rgb) -> tuple[Report, Glance, tuple[Closeup, ...]]:
        witness.asked()
        report = evaluator.examine(decode(picture), alone=False)  # in one thread, which the witness knows
        glance, closeups = witness.asked()
        return report, glance or eyes.glance(picture), closeups

    worn = wear.fit(_sound(options.samples), judge, evaluator.calibration.presence)
    logits: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    sets: dict[str, list[str]] = defaultdict(list)
    presence: dict[str, list[tuple[float, float]]] = defaultdict(list)
    criteria: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    ladders: dict[str, list[str]] = defaultdict(list)
    for family, sample in _held(options.samples, options.most):
        report, glance, closeups = judge(sample.picture)
        short = shortfalls(report.criteria, WORN, evaluator.standard)
        for name, truth in truths(family, sample).items():
            first = glance.logits[name] - made_up(worn.attributes[name], short)
            near = odds_nearby(closeups, name)
            close = np.nan if near is None else near - made_up(worn.near[name], short)
            logits[name].append((truth, first, close))
            sets[name].append(sample.object.split("/")[0])
        for name, truth in sample.presence.items():
            presence[name].append((truth, glance.sees(name)))
        marked = there(sample, READ)
        if marked is not None:
            presence[READ].append((marked, glance.sees(READ)))
            presence[REDRAWN].append((marked, glance.sees(REDRAWN)))
        for name, label in sample.criteria.items() if family not in ALL_OVER else ():
            said = regained(glance.criteria[name], worn.heads[name], short)
            criteria[name].append((label, report.criteria[name].sources.get("measure", np.nan), said))
            ladders[name].append(sample.ladder)
    attributes = {name: attribute(np.array(logits[name]), sets[name]) for name in ATTRIBUTES if logits[name]}
    for name, rule in attributes.items():
        if "near" in rule:
            rule["near"]["wear"] = {by: points * rule["near"]["close"] for by, points in worn.near[name].items()}
    seen = {name: threshold(np.array(presence[name])) for name in PRESENCE} | {
        READ: let_through(presence[READ]),
        REDRAWN: let_through(presence[REDRAWN], SOFTENED),
    }
    heads = {
        name: head(np.array(criteria[name]).reshape(-1, 3), ladders[name], MOST_SHARES.get(name, MOST_SHARE))
        for name in CRITERIA
    }
    felt = impression(eyes, options.samples)
    options.calibration.write_text(
        _calibration(eyes.card.sha256[:12], attributes, worn.attributes, seen, felt), "utf-8"
    )
    options.fusion.write_text(_fusion(heads, worn.heads), "utf-8")
    print(options.calibration.read_text("utf-8") + options.fusion.read_text("utf-8"))
    return 0


def _held(samples: Path, most: int) -> Iterator[tuple[str, Sample]]:
    for folder in sorted((samples / "held").iterdir()):
        files = sorted(folder.glob("[0-9]*.npz"))[:most]
        for file in progress(files, len(files), folder.name):
            sample = read(file)
            if calibrates(sample.object):
                yield folder.name, sample


def attribute(rows: Numbers, sets: Sequence[str] = ()) -> dict[str, Any]:
    """Return temperature, bias and thresholds of an attribute, and what a look from nearby weighs, where there is one.

    `rows` are truths, log-odds of the first look and from nearby (or NaN), n×3. Platt scaling with both classes
    weighed alike, and then to a base rate of BASE; `flag` holds precision and the share of sound pictures flagged, of
    all and of each of their `sets`.
    """
    truth, logit, close = rows.T
    fitted = LogisticRegression(C=100.0, class_weight="balanced").fit(logit[:, None], truth)
    slope = max(float(fitted.coef_[0, 0]), 0.05)
    prior = log(BASE / (1 - BASE))
    bias = float(fitted.intercept_[0]) + prior
    odds = slope * logit + bias
    found: dict[str, Any] = {"temperature": 1 / slope, "bias": bias}
    seen = ~np.isnan(close)
    if seen.sum() >= LOOKED and 0 < truth[seen].mean() < 1:
        both = np.stack([odds, close], 1)[seen]
        joined = LogisticRegression(C=100.0, class_weight="balanced").fit(both, truth[seen])
        first, near = (max(float(weight), 0.0) for weight in joined.coef_[0])
        found["near"] = {"first": first, "close": near, "bias": float(joined.intercept_[0]) + prior}
        odds[seen] = both @ (first, near) + found["near"]["bias"]
    probability = expit(odds)
    flag = _least(probability, truth, PRECISION, [truth == 0, *_apart(truth == 0, sets)])
    review = min(flag, float(np.quantile(probability[truth == 0], 1 - DOUBTED)))
    return found | {"flag": flag, "review": review}


def _apart(sound: npt.NDArray[np.bool_], sets: Sequence[str]) -> list[npt.NDArray[np.bool_]]:
    """Return which pictures are the sound ones of each set that has enough of them."""
    own = [sound & (np.array(sets) == name) for name in sorted(set(sets))]
    return [chosen for chosen in own if chosen.sum() >= FEWEST]


def _least(probability: Numbers, truth: Numbers, precision: float, sound: Sequence[npt.NDArray[np.bool_]]) -> float:
    """Return the least threshold that holds the precision and the shares of false flags; just under 1 if none does.

    Of the first of the groups of `sound` pictures FALSE_FLAGS may be flagged, of each other one OF_A_SET.
    """
    allowed = [FALSE_FLAGS, *[OF_A_SET] * (len(sound) - 1)]
    for level in np.unique(np.round(probability, 3)):
        flagged = probability >= level
        if not flagged.any():
            break
        kept = all(flagged[own].mean() <= share for own, share in zip(sound, allowed, strict=True) if own.any())
        if truth[flagged].mean() >= precision and kept:
            return float(min(level, 0.999))
    return 0.999


def threshold(rows: Numbers) -> float:
    """Return the probability that parts present from absent (Youden's index); 0.5 where only one is known.

    Of levels that part them as well as the best, within ALIKE, it is the highest: what is not there must not be judged.
    """
    if len(rows) < 20 or rows[:, 0].min() == rows[:, 0].max():
        return 0.5
    levels = np.linspace(0.1, 0.98, 45)
    there, not_there = rows[rows[:, 0] > 0.5, 1], rows[rows[:, 0] <= 0.5, 1]
    gains = [(there >= level).mean() - (not_there >= level).mean() for level in levels]
    return float(levels[np.flatnonzero(np.array(gains) >= max(gains) - ALIKE)[-1]])


def let_through(rows: Sequence[tuple[float, float]], share: float = ALARMED) -> float:
    """Return the probability that a share of what is not there lies over; just under 1 where none is known."""
    said = [probability for there, probability in rows if not there]
    return min(float(np.quantile(said, 1 - share)), 0.999) if said else 0.999


def head(rows: Numbers, ladders: Sequence[str] = (), most: float = MOST_SHARE) -> dict[str, float]:
    """Return a head's share beside the measure and its trust, from label, measure (or NaN) and head (n×3).

    The share is what follows the labels best down their `ladders` (one name a row, empty for none), where there are
    enough of them, else what gives the least mean error, and never more than `most`; without labels the head is not
    heard.
    """
    if len(rows) < 20:
        return {"weight": 0.0, "trust": 0.0}
    label, measure, said = rows.T
    both, heard = ~np.isnan(measure), np.minimum(said, 5)
    rank = float(spearmanr(label, said).statistic) if np.ptp(label) > 0 else 0.0
    low, high = TRUST
    trust = MOST_TRUST * float(np.clip((np.nan_to_num(rank) - low) / (high - low), 0, 1))
    trust = trust if trust >= HEARD else 0.0
    if both.sum() < 20:
        return {"weight": 1.0, "trust": trust}
    shares = np.linspace(0, most, 1 + round(most / SHARE_STEP))
    fused = [share * heard[both] + (1 - share) * measure[both] for share in shares]
    named = [name for name, known in zip(ladders, both, strict=False) if known] or [""] * len(fused[0])
    ranks = [ladder_ranks(each, label[both], named) for each in fused]
    errors = [np.abs(each - label[both]).mean() for each in fused]
    if len(ranks[0]) >= LADDERS:
        errors = [-float(np.mean(each)) for each in ranks]
    return {"weight": float(shares[int(np.argmin(errors))]), "trust": trust}


def impression(eyes: Eyes, samples: Path) -> dict[str, float]:
    """Return the curve that gives impressions of rated training pictures the mean and spread of people's ratings.

    Raises FileNotFoundError where there are none.
    """
    rows = []
    for file in sorted((samples / "train/rated").glob("[0-9]*.npz"))[:RATED]:
        sample = read(file)
        given = [mean for mean, _ in sample.ratings.values()]
        rows.append((float(np.mean(given)), eyes.glance(sample.picture).impression[0]))
    if not rows:
        raise FileNotFoundError(f"there are no rated pictures under {samples / 'train/rated'}; `make` some")
    return scale(np.array(rows))


def scale(rows: Numbers) -> dict[str, float]:
    """Return slope and offset of the curve under which what is felt has mean and spread of what is given (n×2)."""
    given, felt = rows.T

    def off(at: Numbers) -> Numbers:
        brought = 1 + 4 * expit(at[0] * felt + at[1])
        return np.array([brought.mean() - given.mean(), brought.std() - given.std()])

    slope = float(given.std() / felt.std())
    found = fsolve(off, np.array([slope, -slope * float(felt.mean())]))
    return {"slope": float(found[0]), "offset": float(found[1])}


def _sound(samples: Path) -> list[Rgb]:
    """Return sound pictures of calibrating objects, so many of each family that shows any."""
    found: list[Rgb] = []
    for family in ("masks", "photographic", *ATTRIBUTES):
        files = sorted((samples / "held" / family).glob("[0-9]*.npz"))
        held = (sample for sample in map(read, files) if calibrates(sample.object))
        sound = (sample.picture for sample in held if not sample.step and not any(sample.tags.values()))
        found += islice(sound, WORN_PICTURES)
    return found


def _row(values: Mapping[str, Any], wear: Mapping[str, float] | None = None, unit: float = 1.0) -> str:
    parts = [f"{name} = {_row(value) if isinstance(value, dict) else f'{value:.3f}'}" for name, value in values.items()]
    if wear:
        parts.append("wear = " + _row({name: value / unit for name, value in wear.items()}))
    return "{ " + ", ".join(parts) + " }"


def _calibration(
    network: str,
    attributes: Mapping[str, Mapping[str, Any]],
    wear: Mapping[str, Mapping[str, float]],
    presence: Mapping[str, float],
    felt: Mapping[str, float],
) -> str:
    lines = [
        "# From the network's raw answers to probabilities and decisions.",
        "# Written by `python -m evaluator.training calibrate`.",
        "# probability = 1 / (1 + exp(−(logit / temperature + bias − wear))), as if one in ten had the fault; from",
        "# `flag` on (precision ≥ 0.90) the attribute counts, from `review` on a person should look. `wear` is what",
        "# each point that a criterion falls short of 4, by its measure, adds where nothing is wrong; `near` is what",
        "# these log-odds, and those of a look from nearby, weigh together.",
        "",
        "# How the checksum of the weights begins that it was fitted on.",
        f'network = "{network}"',
        "",
        "[attributes]",
        *(f"{name} = {_row(values, wear[name], values['temperature'])}" for name, values in attributes.items()),
        "",
        "# From this probability on a thing counts as present.",
        "[presence]",
        *(f"{name} = {value:.3f}" for name, value in presence.items()),
        "",
        "# rating = 1 + 4 / (1 + exp(−(slope × felt + offset))): what the network feels of the whole, with people's",
        "# mean and spread.",
        "[impression]",
        *(f"{name} = {value:.3f}" for name, value in felt.items()),
    ]
    return "\n".join(lines) + "\n"


def _pulls(worn: Mapping[str, Pull]) -> dict[str, Any]:
    return {"wear": {id: pull.model_dump() for id, pull in worn.items()}} if worn else {}


def _fusion(heads: Mapping[str, Mapping[str, float]], worn: Mapping[str, Mapping[str, Pull]]) -> str:
    lines = [
        "# How much the network says on each criterion: `weight` is its share of the score beside the measure (1 where",
        "# there is none), `trust` how far it counts, `wear` by what `share` of its way, and `to` which answer, each",
        "# point that a kind of wear falls short of 4, by its measures, draws one, which is given back. Written by",
        "# `python -m evaluator.training calibrate`.",
        "",
        "[heads]",
        *(f"{id} = {_row({**head, **_pulls(worn[id])})}" for id, head in heads.items()),
    ]
    return "\n".join(lines) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make --held` made")
    parser.add_argument("--weights", type=Path, default=Path("evaluator/network/weights"), metavar="DIR")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION_FILE, metavar="FILE")
    parser.add_argument("--fusion", type=Path, default=FUSION_FILE, metavar="FILE")
    parser.add_argument("--most", type=int, default=400, help="pictures a family")
