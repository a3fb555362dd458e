"""Fits how the measures of a pair come to a probability that the product was changed; judges it on held objects.

Writes `evaluator/pair/consistency.toml`; the pairs' measures are kept beside, so that a refit takes seconds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import expit

from evaluator.decode import decode
from evaluator.pair.consistency import FITTED, Overlay, Scale, over, overlay, shaped
from evaluator.pair.tile import EmbeddedMasker, tile
from evaluator.table import progress
from evaluator.training.makers.pairs import Pair, make_pair
from evaluator.view import view

HALF = 0.5
"""The strength at which the judgement is asked to tell a change."""
ALARMS = 0.03
"""Share of benign training pairs that may be called changed."""
STRANGE = 0.01
"""Share of pairs of one product that may be called another product."""
SIGHT = ("coarse", "unclear")
"""Measures of how well the product is seen, rather than of a difference."""
MIRRORED = 0.4
"""Least lead of the mirrored product that may count by itself; more, if some product that is not mirrored has it."""
RIDGE = 0.004
"""Weight of the squared weights in the fit."""
NEAR = 0.02
"""How far beside the changed region a peak may lie and still hit it, as a share of the picture's longer side."""

Row = dict[str, Any]
Numbers = npt.NDArray[np.float64]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets")
    parser.add_argument("--scenes", type=Path, required=True, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="where measures are kept")
    parser.add_argument("--train", type=int, default=1000, metavar="N", help="pairs of training objects")
    parser.add_argument("--held", type=int, default=500, metavar="N", help="pairs of held objects")
    parser.add_argument("--dry", action="store_true", help="judge the fit that is there; write nothing")


def run(options: argparse.Namespace) -> int:
    """Fit the judgement of pairs on training objects; print what it does on held ones."""
    cv2.setNumThreads(1)
    train = list(rows(options, False, options.train))
    held = list(rows(options, True, options.held))
    if not options.dry:
        FITTED.write_text(written(train, options), encoding="utf-8")
    figures = {"train": judge(train), "held": judge(held)}
    print(json.dumps(figures, indent=1))
    return 0


def rows(options: argparse.Namespace, held: bool, count: int) -> Iterator[Row]:
    """Yield the measures of each pair, taken now or kept from before; a third of changes are at half strength."""
    options.work.mkdir(parents=True, exist_ok=True)
    file = options.work / f"pairs-{'held' if held else 'train'}.jsonl"
    known = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    yield from (row for row in known[:count] if "measures" in row)
    with file.open("a", encoding="utf-8") as kept:
        for number in progress(range(len(known), count), max(0, count - len(known)), file.stem):
            pair = make_pair(options.data, options.scenes, held, number, strength=HALF if number % 3 == 0 else 0.0)
            row = taken(pair) if pair else {}
            kept.write(json.dumps(row) + "\n")
            kept.flush()
            if row:
                yield row


def taken(pair: Pair) -> Row:
    """Return a pair's facts and measures; without measures where the product was not found in the original."""
    photos = [decode(picture) for picture in (pair.original, pair.generated)]
    masker = EmbeddedMasker()
    subjects = [masker.mask(photo, view(photo), None) for photo in photos]
    row: Row = {"kind": pair.kind, "strength": pair.strength, "scene": pair.scene, "object": pair.object}
    if not (subjects[0].mask > 0.5).any():
        return row
    found = overlay(tile(photos[0].rgb, subjects[0].mask), photos[0].rgb, photos[1].rgb, subjects[1])
    return row | {"measures": dict(found.measures), "hit": hit(found, pair)}


def hit(found: Overlay, pair: Pair) -> bool:
    """Return whether the difference map's peak lies in the changed region, or within NEAR of it."""
    size = (pair.generated.shape[0], pair.generated.shape[1])
    difference = cv2.GaussianBlur(over(found.difference, found.registration.matrix, size), (0, 0), 2)
    row, column = np.unravel_index(int(difference.argmax()), difference.shape)
    region = cv2.resize(pair.region, difference.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.3
    reach = max(1, round(NEAR * max(difference.shape)))
    return bool(region[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1].any())


def _matrix(rows: list[Row], names: list[str]) -> Numbers:
    return np.stack([shaped([row["measures"][name] for name in names]) for row in rows])


def _changed(row: Row) -> bool:
    return bool(row["strength"] > 0)


def fitted(rows: list[Row], names: list[str], wanted: list[bool], strengths: list[float]) -> Scale:
    """Return the logistic model, classes in balance; slight changes count less.

    A greater difference may only speak for a change, so that nothing lies below two identical pictures; only what
    says how well the product is seen (SIGHT) may speak either way.
    """
    from scipy.optimize import minimize

    values = _matrix(rows, names)
    mean, spread = values.mean(0), np.maximum(values.std(0), 0.02)
    steps = np.clip((values - mean) / spread, -6, 6)
    share = np.where(wanted, np.asarray(strengths), 1.0)
    for side in (False, True):
        chosen = np.asarray(wanted) == side
        share[chosen] /= 2 * share[chosen].sum()
    sign = np.where(wanted, 1.0, -1.0)

    def loss(at: Numbers) -> tuple[float, Numbers]:
        margin = sign * (steps @ at[:-1] + at[-1])
        pull = -sign * share * expit(-margin)
        cost = float(share @ np.logaddexp(0, -margin)) + 0.5 * RIDGE * float(at[:-1] @ at[:-1])
        return cost, np.append(steps.T @ pull + RIDGE * at[:-1], pull.sum())

    bounds = [(None if name in SIGHT else 0.0, None) for name in names]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return Scale(tuple(names), tuple(mean), tuple(spread), tuple(found.x[:-1]), float(found.x[-1]))


def written(train: list[Row], options: argparse.Namespace) -> str:
    """Return the fit as TOML."""
    names = list(train[0]["measures"])
    same = [row for row in train if row["kind"] != "unrelated"]
    wanted = [_changed(row) for row in same]
    changed = fitted(same, names, wanted, [row["strength"] for row in same])
    strange = [row["kind"] == "unrelated" for row in train]
    other = fitted(train, names, strange, [1.0] * len(train))
    logits = np.array([changed.logit(row["measures"]) for row in same])
    calm = logits[~np.asarray(wanted)]
    level = max(0.0, float(np.quantile(calm, 1 - ALARMS)))
    apart = np.array([other.logit(row["measures"]) for row in same])
    far = max(0.0, float(np.quantile(apart, 1 - STRANGE)))
    loud = logits[np.asarray(wanted)]
    same_picture = changed.logit(dict.fromkeys(names, 0.0))
    steps = sorted([same_picture + 0.02, float(np.median(calm)), level, *np.quantile(loud, [0.5, 0.95]).tolist()])
    lead = max(row["measures"]["mirrored"] for row in same if row["kind"] != "mirror")
    lines = [
        f"# Fitted by: python -m evaluator.training pairs --train {options.train} --held {options.held}",
        f"# on {len(train)} pairs of training objects.",
        f"names = {json.dumps(names)}",
        _section("changed", changed, _share(level)),
        _section("other", other, _share(far)),
        "[mirror]",
        f"least = {max(MIRRORED, 1.25 * lead):.4f}",
        "",
        "[score]",
        f"logits = {_list(steps)}",
        "values = [100.0, 96.0, 70.0, 25.0, 0.0]",
        "",
    ]
    return "\n".join(lines)


def _share(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _section(name: str, scale: Scale, threshold: float) -> str:
    lines = [f"\n[{name}]", f"threshold = {threshold:.4f}", f"offset = {scale.offset:.4f}"]
    lines += [f"{part} = {_list(getattr(scale, part))}" for part in ("mean", "spread", "weight")]
    return "\n".join(lines) + "\n"


def _list(values: list[float] | tuple[float, ...]) -> str:
    return "[" + ", ".join(f"{value:.4f}" for value in values) + "]"


def judge(rows: list[Row]) -> dict[str, Any]:
    """Return the figures of the fit that is in place on some pairs."""
    from sklearn.metrics import roc_auc_score

    from evaluator.pair.consistency import load_model

    load_model.cache_clear()
    model = load_model()
    logits = np.array([model.logit(row["measures"]) for row in rows])
    strange = np.array([_share(model.other.logit(row["measures"])) >= model.other_threshold for row in rows])
    called = (np.array([_share(logit) for logit in logits]) >= model.threshold) | strange
    kinds = np.array([row["kind"] for row in rows])
    strengths = np.array([row["strength"] for row in rows])
    benign = np.array([row["kind"] != "unrelated" and not _changed(row) for row in rows])
    half = strengths == HALF
    hits = np.array([row["hit"] for row in rows])
    loud = (strengths >= HALF) & (kinds != "mirror")
    return {
        "pairs": len(rows),
        "auc_half": float(roc_auc_score(half[benign | half], logits[benign | half])),
        "auc_all": float(roc_auc_score((strengths > 0)[kinds != "unrelated"], logits[kinds != "unrelated"])),
        "false_alarms": float(called[benign].mean()),
        "false_alarms_in_scenes": float(called[kinds == "backdrop"].mean()),
        "found_half": float(called[half].mean()),
        "peak_half": float(hits[half & (kinds != "mirror")].mean()),
        "peak_where_called": float(hits[loud & called].mean()),
        "unrelated_called_other": float(strange[kinds == "unrelated"].mean()),
        "same_called_other": float(strange[kinds != "unrelated"].mean()),
        "found_by_kind": {
            kind: [int(((kinds == kind) & (strengths >= HALF)).sum()), round(float(called[at].mean()), 3)]
            for kind in sorted(set(kinds[strengths > 0]))
            if (at := (kinds == kind) & (strengths >= HALF)).any()
        },
        "alarms_by_kind": {
            kind: [int((kinds == kind).sum()), round(float(called[kinds == kind].mean()), 3)]
            for kind in sorted(set(kinds[benign]))
        },
    }
