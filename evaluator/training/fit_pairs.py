"""Fits how the measures of a pair come to a probability that the product was changed; judges it on held objects.

Writes `evaluator/pair/consistency.toml`. The pairs are kept, and their measures for as long as the network's weights
stay the same; with new weights the same command measures them again and refits.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from scipy.special import expit

from evaluator.pair.change import DRAWN_IN, FITTED, NETWORK, Joint, Lines, load_model, rows_of, shaped, together
from evaluator.pair.trees import Trees, packed
from evaluator.training.grow import WOODS, rising
from evaluator.training.judge_pairs import judge, speed
from evaluator.training.kept_pairs import Kept, Row
from evaluator.training.logistic import logistic
from evaluator.training.makers.pairs import UNCERTAIN
from evaluator.training.sources import calibrates

ALARMS = 0.04
"""Share of benign pairs of the calibrating half that may be called changed."""
STRANGE = 0.01
"""Share of pairs of one product that may be called another product."""
SIGHT = ("coarse", "unclear", "busy")
"""Measures of how well the product is seen, rather than of a difference."""
MIRRORED = 0.4
"""Least lead of the mirrored product that may count by itself; more, if products that are not mirrored have it."""
PLAIN = 0.995
"""Share of sound pairs whose lead of the mirrored product stays under what may count."""
AGAIN = 0.95
"""Share of pairs of the same picture, saved again, that set what comes to 99."""
RIDGE = 0.12
"""Weight of the squared weights in the fit; so much spreads it over measures that go together."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training pairs teach: lines and trees of a change, a line of another product, and a mirrored one's lead."""

    lines: Lines
    trees: Trees
    other: Lines
    mirrored: float
    source: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets")
    parser.add_argument("--scenes", type=Path, required=True, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument(
        "--work", type=Path, required=True, metavar="DIR", help="where pairs and their measures are kept"
    )
    parser.add_argument(
        "--train", type=int, default=1000, metavar="N", help="pairs of training objects; 0 keeps lines and trees"
    )
    parser.add_argument("--held", type=int, default=500, metavar="N", help="pairs of held objects")
    parser.add_argument("--again", action="store_true", help="take all measures anew: the comparison has changed")
    parser.add_argument("--speed", action="store_true", help="time the comparison of the held pairs; fit nothing")
    parser.add_argument("--dry", action="store_true", help="judge the fit that is there; write nothing")


def run(options: argparse.Namespace) -> int:
    """Fit the judgement of pairs on training objects; print what it does on held ones."""
    cv2.setNumThreads(1)
    sides = [Kept(options.data, options.scenes, options.work, held) for held in (False, True)]
    if options.speed:
        print(json.dumps(speed(sides[1], options.held)))
        return 0
    train = list(sides[0].rows(options.train, options.again))
    held = list(sides[1].rows(options.held, options.again))
    calibrating = [row for row in held if calibrates(row["object"])]
    judged = [row for row in held if not calibrates(row["object"])]
    if not options.dry:
        # Without training pairs what others taught before is kept, and only what held ones teach is fitted anew.
        known = learnt(train) if train else _known()
        FITTED.write_text(written(known, calibrating, options), encoding="utf-8")
        save_file(packed(known.trees), FITTED.with_suffix(".safetensors"))
    sets = {"train": train, "calibrating": calibrating, "judged": judged}
    print(json.dumps({name: judge(rows) for name, rows in sets.items() if rows}, indent=1))
    return 0


def _known() -> Learnt:
    model, source = load_model(), tomllib.loads(FITTED.read_text("utf-8"))["learnt_on"]
    return Learnt(model.lines, model.trees, model.other, model.mirrored, source)


def measured(rows: Sequence[Row], names: Sequence[str]) -> Lines:
    """Return lines of no kind yet: how the measures of pairs lie, over which they are weighed."""
    values = shaped(rows_of([row["measures"] for row in rows], names))
    spread = np.maximum(values.std(0), 0.02)
    return Lines(tuple(names), values.mean(0), spread, (), np.zeros((0, len(names))), np.zeros(0))


def fitted(blank: Lines, kinds: Mapping[str, tuple[Sequence[Row], Sequence[bool]]]) -> Lines:
    """Return a logistic model for each kind, from its pairs and which of them are wanted."""
    found = np.array([_line(blank, rows, wanted) for rows, wanted in kinds.values()])
    return replace(blank, kinds=tuple(kinds), weight=found[:, :-1], offset=found[:, -1])


def _line(blank: Lines, rows: Sequence[Row], wanted: Sequence[bool]) -> Numbers:
    """Return the weights of a logistic model and its offset, classes in balance; slight changes count less.

    A greater difference may only speak for a change, so that nothing lies below two identical pictures; only what
    says how well the product is seen (SIGHT) may speak either way.
    """
    steps = blank.steps([row["measures"] for row in rows])
    free = [name in SIGHT for name in blank.names]
    return logistic(steps, wanted, _shares(rows, wanted), free=free, ridge=RIDGE)


def _trees(rows: Sequence[Row], names: Sequence[str]) -> Trees:
    """Return trees of a change under the same terms (see `_line`)."""
    wanted = [bool(row["changed"]) for row in rows]
    share = len(rows) * _shares(rows, wanted)
    way = [0 if name in SIGHT else 1 for name in names]
    return rising(rows_of([row["measures"] for row in rows], names), np.asarray(wanted), share, way, WOODS)


def _shares(rows: Sequence[Row], wanted: Sequence[bool]) -> Numbers:
    """Return how far each row counts: what is wanted by its strength, both sides a half together."""
    share = np.array([row["strength"] or 1.0 if yes else 1.0 for row, yes in zip(rows, wanted, strict=True)])
    for side in (False, True):
        chosen = np.asarray(wanted) == side
        share[chosen] /= 2 * share[chosen].sum()
    return share


def learnt(train: list[Row]) -> Learnt:
    """Return what training pairs teach; of those whose product was not found, and of open questions, nothing is."""
    train = _told(train)
    names = [name for name in train[0]["measures"] if name != NETWORK]
    same = [row for row in train if row["kind"] != "unrelated"]
    benign = [row for row in same if not row["changed"]]
    blank, kinds = measured(same, names), sorted({row["kind"] for row in same if row["changed"]})
    grouped = {kind: [row for row in same if row["kind"] == kind and row["changed"]] for kind in kinds}
    lines = fitted(
        blank, {kind: (rows + benign, [True] * len(rows) + [False] * len(benign)) for kind, rows in grouped.items()}
    )
    plain = [row for row in train if row["kind"] != "similar"]
    other = fitted(blank, {"other": (plain, [row["kind"] == "unrelated" for row in plain])})
    lead = float(np.quantile([row["measures"]["mirrored"] for row in benign], PLAIN))
    return Learnt(
        lines, _trees(same, names), other, max(MIRRORED, 1.25 * lead), f"{len(train)} pairs of training objects"
    )


def _told(rows: list[Row]) -> list[Row]:
    return [row for row in rows if "measures" in row and row["kind"] not in UNCERTAIN]


def weighed(measured: Numbers, seen: Numbers, changed: Sequence[bool], share: Numbers) -> Joint:
    """Return how two log-odds of a change (N each) come together best: a logistic model, neither counting below 0."""
    steps = np.stack([measured, np.clip(seen, *DRAWN_IN)], 1)
    return Joint(*map(float, logistic(steps, changed, share, start=(1.0, 0.5, 0.0))))


def written(known: Learnt, calibrating: list[Row], options: argparse.Namespace) -> str:
    """Return the fit as TOML: how lines, trees and network come together, and thresholds, from calibrating pairs."""
    lines, trees, other = known.lines, known.trees, known.other
    calibrating = _told(calibrating)
    same = [row for row in calibrating if row["kind"] != "unrelated"]
    changed = [bool(row["changed"]) for row in same]

    def parts(rows: Sequence[Row]) -> tuple[Numbers, Numbers]:
        many = [row["measures"] for row in rows]
        return together(lines, trees, many), np.array([measures[NETWORK] for measures in many], float)

    joint = weighed(*parts(same), changed, _shares(same, changed))

    def said(rows: Sequence[Row]) -> Numbers:
        return joint.logits(*parts(rows))

    calm = said([row for row in same if not row["changed"]])
    level = max(0.0, float(np.quantile(calm, 1 - ALARMS)))
    apart = [row["measures"] for row in same if row["kind"] != "similar"]
    far = max(0.0, float(np.quantile(other.logits(apart), 1 - STRANGE)))
    loud = said([row for row in same if row["changed"]])
    nothing = dict.fromkeys(lines.names, 0.0) | {NETWORK: DRAWN_IN[0]}
    same_picture = float(said([{"measures": nothing}])[0])
    # The same picture, but for a file's compression, comes to 99 and more; a few are laid over each other badly.
    again = [row for row in same if row["kind"] == "same"]
    same_again = max(same_picture, float(np.quantile(said(again), AGAIN))) if again else same_picture
    knots = [same_picture + 0.02, same_again + 0.02, float(np.median(calm)), level]
    steps = np.maximum.accumulate([*knots, *np.quantile(loud, [0.5, 0.95])]) + 1e-3 * np.arange(6)
    text = [
        f"# Written by: python -m evaluator.training pairs --train {options.train} --held {options.held}",
        f"# weights together and thresholds are fitted on {len(calibrating)} pairs of held objects, lines and trees on",
        f'learnt_on = "{known.source}"',
        f"names = {json.dumps(list(lines.names))}",
        f"mean = {_list(lines.mean)}",
        f"spread = {_list(lines.spread)}",
        "# From this probability on the product was changed.",
        f"threshold = {float(expit(level)):.4f}",
        f"\n[trees]\nbase = {trees.base:.6f}",
        "\n# What the log-odds by these measures, and those of the network that saw both pictures, weigh together.",
        f"[joint]\nmeasures = {joint.measures:.4f}\nnetwork = {joint.network:.4f}\noffset = {joint.offset:.4f}",
        *_sections("kinds.", lines),
        *_sections("", other),
        f"threshold = {float(expit(far)):.4f}",
        "",
        "[mirror]",
        f"least = {known.mirrored:.4f}",
        "",
        "[score]",
        f"logits = {_list(tuple(steps))}",
        "values = [100.0, 99.2, 96.0, 70.0, 25.0, 0.0]",
        "",
    ]
    return "\n".join(text)


def _sections(prefix: str, lines: Lines) -> list[str]:
    return [
        f"\n[{prefix}{kind}]\noffset = {offset:.4f}\nweight = {_list(weight)}"
        for kind, weight, offset in zip(lines.kinds, lines.weight, lines.offset, strict=True)
    ]


def _list(values: Iterable[float]) -> str:
    return "[" + ", ".join(f"{value:.4f}" for value in values) + "]"
