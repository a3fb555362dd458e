"""Fits the background reward on ranked pictures of the same original, by the Bradley–Terry loss.

`fit` takes labelled pairs of any origin (`Row`); the command makes its own, keeps them as files in the work folder,
and writes `evaluator/pair/reward.safetensors`. With new weights of the network the same command takes the looks again
and nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import expit

from evaluator.pair.company import NAME, Company
from evaluator.pair.reward import CLIP, FITTED, Learned, Traits, columns, load_reward, save
from evaluator.pair.trees import Trees
from evaluator.training.fit_company import fitted
from evaluator.training.grow import WOODS, grown
from evaluator.training.precision import area
from evaluator.training.sources import calibrates, held

if TYPE_CHECKING:
    from evaluator.training.sightings import Sighting

CLUSTERS = 25
"""Clusters of originals that count alike, as in HFPC (arXiv 2412.17504)."""
AXES = (12, 8)
"""Directions kept of the generated picture's embedding, and of the product of both."""
HIDDEN = 12
MEMBERS = 5
"""Hidden units of a member, and members whose mean is the reward."""
BESIDE = 0.25
"""How far the members count beside trees: they order pictures of one original, trees tell good from bad anywhere."""
RIDGES = (0.03, 0.1, 0.3, 1.0)
"""Weights of the squared weights that are tried."""
FOLDS = 4
STEPS = 150
POINT = 0.5
"""Weight of the plain logistic loss beside the pairwise one: rewards of different originals must compare too."""
FLOOR = 0.02
"""Least spread of a trait."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled pair, of any origin: what `fit` is given.

    `group` names the original and `object` the product, by whose hash pairs are split into training, calibrating and
    judged ones. `good` labels the background; `rank` orders the pictures of one original, more being better (for plain
    labels: 1 good, 0 not). `traits` come from `Comparer.traits` for two decoded photos. `weight` is how far it counts.
    `category` is what is sold (empty where not known), `suited` what the place is for (None: for anything).
    """

    group: str
    object: str
    good: bool
    rank: int
    traits: Traits
    weight: float = 1.0
    category: str = ""
    suited: tuple[str, ...] | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="fit on this table: original,generated,label (CSV)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data sets, where there is no table")
    parser.add_argument("--scenes", type=Path, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where candidates and looks are kept")
    parser.add_argument("--train", type=int, default=1600, metavar="N", help="candidates of training objects")
    parser.add_argument("--held", type=int, default=800, metavar="N", help="candidates of held objects")
    parser.add_argument("--dry", action="store_true", help="judge the reward that is there; write nothing")


def run(options: argparse.Namespace) -> int:
    """Fit the background reward on training objects; print what it does on held ones."""
    from evaluator.network.eyes import Eyes
    from evaluator.training.sightings import sightings

    cv2.setNumThreads(1)
    eyes = Eyes()
    rows: list[Sighting] = []
    command = f"python -m evaluator.training reward --train {options.train} --held {options.held}"
    if options.pairs is not None:
        from evaluator.training.labelled_looks import rows as labelled

        rows = labelled(options.pairs, eyes)
        command = f"python -m evaluator.training reward --pairs {options.pairs.name}"
    elif options.data is None or options.scenes is None or options.work is None:
        raise ValueError("nothing to fit on: name --pairs FILE, or all of --data, --scenes and --work")
    else:
        for side, count in ((False, options.train), (True, options.held)):
            rows += sightings(options.data, options.scenes, options.work, side, count, eyes)
    if not options.dry:
        save(fit(rows, eyes.card.sha256, command))
        load_reward.cache_clear()
    learned = load_reward()
    if learned is None:
        raise FileNotFoundError(f"there is no reward at {FITTED}; run the command without --dry")
    judged = [row for row in rows if held(row.object) and not calibrates(row.object)]
    print(json.dumps(figures(learned, judged) | {"fitted_on": sum(not held(row.object) for row in rows)}, indent=1))
    return 0


def fit(rows: Sequence[Row], network: str, made_by: str, names: Sequence[str] = ()) -> Learned:
    """Return a reward fitted on the rows of training objects and calibrated on the calibrating half of held ones.

    `network` is the SHA-256 of the weights that looked, `made_by` the command. `names` picks the traits' numbers;
    all by default. Without calibrating rows what the folds of training say of each other calibrates.
    Raises ValueError where no original has two pictures of different ranks.
    """
    train = [row for row in rows if not held(row.object)]
    level = [row for row in rows if held(row.object) and calibrates(row.object)]
    if not _pairs(train)[0].size:
        raise ValueError(f"of {len(train)} training pairs none share an original with another rank; label more")
    company = _company(train)
    if company.sold.shape[1]:
        train = _accompanied(train)
    blank = replace(_scaled(train, tuple(names) or tuple(train[0].traits.numbers), network, made_by), company=company)
    ridge, logits = _chosen(blank, train)
    learned = replace(_members(blank, train, ridge, MEMBERS), trees=_trees(blank, train, WOODS))
    said, truth = logits, train
    if len({row.good for row in level}) == 2:
        said, truth = learned.raw([row.traits for row in level]), level
    scale, offset = _platt(said, np.array([row.good for row in truth]))
    return replace(learned, scale=scale, offset=offset)


def _company(rows: Sequence[Row]) -> Company:
    return fitted(rows, *(np.array([getattr(row.traits, side) for row in rows]) for side in ("original", "place")))


def _accompanied(rows: list[Row]) -> list[Row]:
    """Return rows with the number NAME among their traits, each as the other folds of objects tell it."""
    own, found = _folds(rows), list(rows)
    for number in range(FOLDS):
        company = _company([row for row, at in zip(rows, own, strict=True) if at != number])
        for place in np.flatnonzero(own == number):
            traits = rows[place].traits
            (suits,) = company.suits(traits.original[None], traits.place[None])
            told = replace(traits, numbers={**traits.numbers, NAME: float(suits)})
            found[place] = replace(rows[place], traits=told)
    return found


def _folds(rows: Sequence[Row]) -> npt.NDArray[np.intp]:
    """Return each row's fold, by its object."""
    names = sorted({row.object for row in rows})
    order = np.random.default_rng(0).permutation(len(names))
    fold = dict(zip(names, (order % FOLDS).tolist(), strict=True))
    return np.array([fold[row.object] for row in rows])


def _scaled(rows: Sequence[Row], names: tuple[str, ...], network: str, made_by: str) -> Learned:
    """Return a reward without layers: which numbers it takes and how they are scaled."""
    traits = [row.traits for row in rows]
    generated = np.array([each.generated for each in traits], np.float64)
    both = generated * np.array([each.original for each in traits], np.float64)
    axes = _axes(generated, AXES[0]), _axes(both, AXES[1])
    values = columns(traits, names, axes)
    width = values.shape[1]
    layers = np.zeros((1, width)), np.zeros((1, width, 1)), np.zeros((1, 1)), np.zeros((1, 1))
    spread = np.maximum(values.std(0), FLOOR)
    return Learned(names, values.mean(0), spread, axes, *layers, 1.0, 0.0, network, made_by)


def _axes(values: Numbers, count: int) -> Numbers:
    """Return the directions (D×K) along which values vary most."""
    _, _, directions = np.linalg.svd(values - values.mean(0), full_matrices=False)
    return np.asarray(directions[:count].T)


def _pairs(rows: Sequence[Row]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the numbers of better and worse pictures of the same original, pair by pair."""
    groups: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.group, []).append(number)
    found = [
        (one, other)
        for members in groups.values()
        for one in members
        for other in members
        if rows[one].rank > rows[other].rank and rows[one].good >= rows[other].good
    ]
    better, worse = np.array(found, np.intp).reshape(-1, 2).T
    return better, worse


def _balance(rows: Sequence[Row]) -> Numbers:
    """Return a weight for each row: its own, times what makes every cluster of originals count alike."""
    given = np.array([row.weight for row in rows])
    first = {row.group: row.traits.original for row in rows}
    if len(first) == 1:
        return given
    count = min(CLUSTERS, len(first))
    cv2.setRNGSeed(0)
    rule = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 50, 1e-4)
    values = np.array(list(first.values()), np.float32)
    _, labels, _ = cv2.kmeans(values, count, np.zeros((0, 1), np.int32), rule, 3, cv2.KMEANS_PP_CENTERS)
    cluster = dict(zip(first, labels.ravel().tolist(), strict=True))
    own = np.array([cluster[row.group] for row in rows])
    sizes = np.bincount(own, minlength=count)
    return np.asarray(given * len(rows) / (len(set(own.tolist())) * sizes[own]), np.float64)


def _member(blank: Learned, rows: Sequence[Row], ridge: float, seed: int) -> tuple[Numbers, ...]:
    """Return one member's layers, found by L-BFGS from seeded beginnings."""
    from scipy.optimize import minimize

    steps = _steps(blank, rows)
    better, worse = _pairs(rows)
    weight = _balance(rows)
    pair = weight[better] / weight[better].sum()
    sign = np.where([row.good for row in rows], 1.0, -1.0)
    point = weight * np.where(sign > 0, 1 / max(1, (sign > 0).sum()), 1 / max(1, (sign < 0).sum()))
    point /= point.sum()
    width = steps.shape[1]
    draw = np.random.default_rng(seed)
    start = np.concatenate(
        [
            np.zeros(width),
            draw.normal(0, 0.5 / np.sqrt(width), width * HIDDEN),
            np.zeros(HIDDEN),
            draw.normal(0, 0.3, HIDDEN),
            [0.0],
        ]
    )

    def parts(at: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        end = width * (1 + HIDDEN)
        return at[:width], at[width:end].reshape(width, HIDDEN), at[end : end + HIDDEN], at[end + HIDDEN : -1]

    def loss(at: Numbers) -> tuple[float, Numbers]:
        direct, first, bias, last = parts(at)
        hidden = np.tanh(steps @ first + bias)
        reward = steps @ direct + hidden @ last
        margin, alone = reward[better] - reward[worse], sign * (reward + at[-1])
        cost = pair @ np.logaddexp(0, -margin) + POINT * point @ np.logaddexp(0, -alone)
        pull = np.zeros(len(reward))
        push = -pair * expit(-margin)
        np.add.at(pull, better, push)
        np.add.at(pull, worse, -push)
        single = -POINT * point * sign * expit(-alone)
        pull += single
        inner = np.outer(pull, last) * (1 - hidden**2)
        slope = np.concatenate(
            [steps.T @ pull, (steps.T @ inner).ravel(), inner.sum(0), hidden.T @ pull, [single.sum()]]
        )
        kept = at.copy()
        kept[-1] = 0
        return float(cost + 0.5 * ridge * kept @ kept), slope + ridge * kept

    return parts(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x)


def _steps(blank: Learned, rows: Sequence[Row]) -> Numbers:
    values = columns([row.traits for row in rows], blank.names, blank.axes)
    return np.asarray(np.clip((values - blank.mean) / blank.spread, -CLIP, CLIP))


def _members(blank: Learned, rows: Sequence[Row], ridge: float, count: int) -> Learned:
    """Return the reward with its members fitted."""
    layers = [
        np.stack(part) for part in zip(*(_member(blank, rows, ridge, seed) for seed in range(count)), strict=True)
    ]
    return replace(blank, direct=BESIDE * layers[0], first=layers[1], bias=layers[2], last=BESIDE * layers[3])


def _trees(blank: Learned, rows: Sequence[Row], times: int = 1) -> Trees:
    """Return trees grown on the rows, which tell a good background from another whatever the original."""
    values = columns([row.traits for row in rows], blank.names, blank.axes)[:, : len(blank.names)]
    return grown(values, np.array([row.good for row in rows]), np.array([row.weight for row in rows]), times)


def _chosen(blank: Learned, rows: Sequence[Row]) -> tuple[float, Numbers]:
    """Return the ridge under which folds of objects say most of each other, and what they say."""
    own = _folds(rows)
    good = np.array([row.good for row in rows])
    found = []
    folds = [[row for row, at in zip(rows, own, strict=True) if at != number] for number in range(FOLDS)]
    blanks = [replace(blank, trees=_trees(blank, away)) for away in folds]
    for ridge in RIDGES:
        said = np.zeros(len(rows))
        for number, away in enumerate(folds):
            here = [row.traits for row, at in zip(rows, own, strict=True) if at == number]
            if here and _pairs(away)[0].size:
                said[own == number] = _members(blanks[number], away, ridge, 1).raw(here)
        found.append((area(said, good), ridge, said))
    _, ridge, said = max(found, key=lambda each: each[0])
    return ridge, said


def _platt(said: Numbers, good: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return scale and offset that make calibrated log-odds of rewards, both classes in balance."""
    from scipy.optimize import minimize

    sign = np.where(good, 1.0, -1.0)
    share = np.where(good, 0.5 / max(1, good.sum()), 0.5 / max(1, (~good).sum()))

    def loss(at: Numbers) -> float:
        return float(share @ np.logaddexp(0, -sign * (np.exp(at[0]) * said + at[1]))) + 1e-4 * float(at @ at)

    found = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return float(np.exp(found[0])), float(found[1])


def figures(learned: Learned, rows: Sequence[Sighting]) -> dict[str, Any]:
    """Return what a reward does on some rows: area under the curve, the better preferred, and by the kind of fault."""
    if not rows:
        return {"rows": 0}
    said = learned.logits([row.traits for row in rows])
    good = np.array([row.good for row in rows])
    better, worse = _pairs(rows)
    kinds = np.array(["" if row.good else row.kind.split("+")[0] for row in rows])

    def against(kind: str) -> list[float]:
        chosen = good | (kinds == kind)
        return [int((kinds == kind).sum()), round(area(said[chosen], good[chosen]), 3)]

    return {
        "rows": len(rows),
        "good": int(good.sum()),
        "auc": round(area(said, good), 4),
        "preferred": round(float(np.mean(said[better] > said[worse])), 4) if better.size else None,
        "auc_by_kind": {kind: against(kind) for kind in sorted(set(kinds[~good].tolist()))},
    }
