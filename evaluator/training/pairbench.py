"""How well the whole judge of pairs, background and product, tells good from not good on held objects.

Good is a pair whose background is right and whose product is unchanged. Everything goes the way of the app
(`Comparer`). One half of the held objects sets the thresholds (`evaluator/pair/good.toml`), the other is judged; both
base rates come from the same pairs by weighing the classes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.decode import decode
from evaluator.look import Looker
from evaluator.pair import pair as pair_code
from evaluator.pair.pair import Comparer
from evaluator.pair.reward import load_reward
from evaluator.pair.verdict import joint
from evaluator.pair.wording import WHOLE, Line, Scene, load_rules, log_odds
from evaluator.table import progress
from evaluator.training.logistic import logistic
from evaluator.training.precision import PRECISION, RECALL, Numbers, Yes, figures, promising, thresholds, weights
from evaluator.training.sightings import made
from evaluator.training.sources import calibrates

RATES = {"as published": 0.15, "balanced": 0.5}
"""Shares of good pairs: in the published test set (HFPC, arXiv 2412.17504), and as many good as not."""
DRAWS = 300
"""Bootstrap draws of whole objects."""
WORTH = 0.1
"""Share of good pairs that a threshold has to pass to be of use."""
UNSURE = 0.5
"""Probability of a pair of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair and what the judge says: log-odds of an unchanged product and of a right background; NaN if unknown.

    `scene` says whether the background is right whatever the product, `reward` and `network` who says so.
    """

    group: str
    object: str
    kind: str
    good: bool
    scene: bool
    reward: float
    network: float
    same: float
    changed: bool

    def background(self, scene: Scene) -> float:
        """Return the log-odds of a right background, joined."""
        return scene.logit({"reward": self.reward, "network": self.network})


LIKELY = 0.9
"""Precision, where half of all are good, of what is accepted while the one asked for is out of reach."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets")
    parser.add_argument("--scenes", type=Path, required=True, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="where candidates are kept")
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="pairs that are judged")
    parser.add_argument("--dry", action="store_true", help="judge by the thresholds that are there; write none")


def run(options: argparse.Namespace) -> int:
    """Judge held pairs as the app does; set the thresholds on one half of the objects, print figures of the other."""
    from evaluator.network.eyes import Eyes

    cv2.setNumThreads(1)
    eyes = Eyes()
    reward = load_reward()
    if reward is None or reward.network != eyes.card.sha256:
        raise ValueError("the reward is not fitted on this network's looks; run `evaluator.training reward` first")
    judged = list(_judged(options, options.count, eyes, lambda object: not calibrates(object)))
    if not options.dry:
        level = list(_judged(options, options.count // 2, eyes, calibrates))
        WHOLE.write_text(written(level, f"--count {options.count}"), encoding="utf-8")
        load_rules.cache_clear()
    found = bench(judged)
    (options.work / "pairbench.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(markdown(found))
    return 0


def _judged(options: argparse.Namespace, count: int, eyes: Looker, wanted: Callable[[str], bool]) -> Iterator[Judged]:
    """Yield what the judge says of pairs, kept under a digest of everything that has a say in it."""
    digest, comparer = _digest(eyes), Comparer(eyes)
    seen = made(options.data, options.scenes, options.work, True, count, wanted)
    for row in progress(seen, count, "pairs"):
        file = row.generated.with_suffix(f".{digest}.json")
        if not file.is_file():
            report = comparer.compare(decode(row.original), decode(row.generated))
            same = report.consistency
            said = {
                **{name: report.background.says.get(name, float("nan")) for name in ("reward", "network")},
                "same": None if same.probability is None else 1 - same.probability,
                "changed": bool(same.changed),
            }
            file.write_text(json.dumps(said), "utf-8")
        said = json.loads(file.read_text("utf-8"))
        yield Judged(
            row.group,
            row.object,
            row.kind,
            row.good and not row.changed,
            row.good,
            said["reward"],
            said["network"],
            _logit(said["same"]),
            said["changed"],
        )


def _digest(eyes: Looker) -> str:
    folder = Path(str(pair_code.__file__)).parent
    files = [*sorted(folder.glob("*.py")), folder / "consistency.toml", folder / "reward.safetensors"]
    parts = [eyes.weights.encode(), *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _logit(chance: float | None) -> float:
    return float("nan") if chance is None else log_odds(chance)


def whole(rows: Iterable[Judged], scene: Scene, lines: dict[str, Line]) -> Numbers:
    """Return the probability that each pair is good."""
    said = ({"background": row.background(scene), "consistency": row.same} for row in rows)
    return np.array([UNSURE if np.isnan(sum(each.values())) else joint(each, lines) for each in said])


def joined(rows: Sequence[Judged]) -> Scene:
    """Return how reward and network come together best: a logistic model of a right background, classes in balance."""
    steps, right = np.array([(row.reward, row.network) for row in rows]), np.array([row.scene for row in rows])
    return Scene(*map(float, logistic(steps, right.tolist(), weights(right, 0.5), start=(1.0, 0.5, 0.0))))


def written(rows: list[Judged], arguments: str) -> str:
    """Return lines and thresholds fitted on calibrating pairs, at the published base rate, as TOML."""
    from scipy.optimize import minimize

    known = [row for row in rows if not np.isnan(row.reward + row.same)]
    scene = joined(known)
    good = np.array([row.good for row in known])
    share = weights(good, RATES["as published"])

    def lines(at: Numbers) -> dict[str, Line]:
        slopes = np.exp(at[:2])
        return {"background": Line(slopes[0], at[2]), "consistency": Line(slopes[1], at[3])}

    def loss(at: Numbers) -> float:
        chance = np.clip(whole(known, scene, lines(at)), 1e-9, 1 - 1e-9)
        return float(-share @ np.where(good, np.log(chance), np.log(1 - chance))) + 1e-3 * float(at @ at)

    fitted = lines(minimize(loss, np.zeros(4), method="Nelder-Mead", options={"maxiter": 400}).x)
    chance = whole(known, scene, fitted)
    accept, refuse = thresholds(chance, good, share)
    held = f"accepted with a precision of {PRECISION} at that rate"
    if (chance[good] >= accept).mean() < WORTH:
        # Next to nothing can be passed unseen at that rate; what is likely good among a shop's own is still told.
        accept = max(refuse, promising(chance, good, LIKELY))
        held = (
            f"no useful line holds a precision of {PRECISION} at that rate; accepted with {LIKELY} where half are good"
        )
    text = [
        "# How the background's and the product's probability come to one, and from where on it decides.",
        f"# Written by: python -m evaluator.training pairbench {arguments}",
        f"# on {len(known)} pairs of calibrating objects, weighed to {RATES['as published']:.0%} good;",
        f"# {held}.",
        f"accept = {accept:.4f}",
        f"refuse = {refuse:.4f}",
        "",
        "# What the log-odds of a right background weigh together, by the reward and by the network that saw both.",
        "[scene]",
        *(f"{name} = {value:.4f}" for name, value in asdict(scene).items()),
        "",
        "[whole]",
    ]
    text += [f"{name} = {{ slope = {line.slope:.4f}, offset = {line.offset:.4f} }}" for name, line in fitted.items()]
    return "\n".join([*text, ""])


def bench(rows: list[Judged]) -> dict[str, Any]:
    """Return all figures of judged pairs with 95 % intervals, by bootstrap over whole objects."""
    rules = load_rules()
    chance = whole(rows, rules.scene, dict(rules.whole))
    good = np.array([row.good for row in rows])
    passed = (chance >= rules.accept) & ~np.array([row.changed for row in rows])
    stopped = chance <= rules.refuse
    groups = np.unique([row.group for row in rows], return_inverse=True)[1]
    objects = np.unique([row.object for row in rows], return_inverse=True)[1]
    members = [np.flatnonzero(objects == number) for number in range(objects.max() + 1)]
    draw = np.random.default_rng(0)
    found: dict[str, Any] = {"pairs": len(rows), "good": int(good.sum()), "objects": len(members), "rates": {}}
    for name, rate in RATES.items():

        def taken(at: npt.NDArray[np.intp], rate: float = rate) -> dict[str, float]:
            return figures(chance[at], good[at], passed[at], stopped[at], groups[at], rate)

        drawn = [
            taken(np.concatenate([members[number] for number in draw.integers(len(members), size=len(members))]))
            for _ in range(DRAWS)
        ]
        values = taken(np.arange(len(rows)))
        spans = {key: [each[key] for each in drawn] for key in values}
        found["rates"][name] = {key: _interval(value, spans[key]) for key, value in values.items()} | {"base": rate}
    found["by_kind"] = _by_kind(rows, chance, passed, stopped)
    return found


def _interval(value: float, drawn: list[float]) -> list[float | None]:
    """Return a figure and its 95 % interval; None where nothing was accepted that could be right."""
    known = [each for each in drawn if not np.isnan(each)]
    ends = np.quantile(known, (0.025, 0.975)).tolist() if known else [None, None]
    return [None if each is None or np.isnan(each) else round(each, 4) for each in (value, *ends)]


def _kind(kind: str) -> str:
    """Return what is wrong first: the product's change on a sound background, else the fault."""
    first, _, change = kind.partition("+")
    return f"changed: {change}" if first == "sound" and change else first


def _by_kind(rows: list[Judged], chance: Numbers, passed: Yes, stopped: Yes) -> dict[str, Any]:
    """Return, for each kind of pair, how many there are, the middle probability, and what was decided."""
    kinds = np.array([_kind(row.kind) for row in rows])
    return {
        kind: {
            "pairs": int((kinds == kind).sum()),
            "median": round(float(np.median(chance[kinds == kind])), 3),
            "accepted": round(float(passed[kinds == kind].mean()), 3),
            "refused": round(float(stopped[kinds == kind].mean()), 3),
        }
        for kind in sorted(set(kinds.tolist()))
    }


NAMES = {
    "auc": "AUC",
    "precision_at_recall": f"precision at recall {RECALL:.2f}",
    "recall_at_precision": f"best recall at precision {PRECISION}",
    "no_human": f"share without a person, {PRECISION:.1%} precision both ways",
    "preferred": "two candidates: the better preferred",
    "precision_set": "precision at the threshold set",
    "recall_set": "recall at the threshold set",
    "no_human_set": "share decided at the thresholds set",
    "refused_right": "of those refused, rightly",
}


def markdown(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    rates = found["rates"]
    head = " | ".join(f"{name} ({each['base']:.0%} good)" for name, each in rates.items())
    lines = [
        f"{found['pairs']} pairs, {found['good']} good, of {found['objects']} held objects; 95 % intervals; "
        "both base rates by weighing the classes of the same pairs.",
        "",
        f"| | {head} |",
        "|---" * (len(rates) + 1) + "|",
    ]
    for key, name in NAMES.items():
        shown = [["—" if part is None else f"{part:.3f}" for part in each[key]] for each in rates.values()]
        cells = [f"{value} ({low}–{high})" for value, low, high in shown]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| kind | pairs | median | accepted | refused |", "|---|---|---|---|---|"]
    lines += [
        f"| {kind} | {row['pairs']} | {row['median']:.3f} | {row['accepted']:.3f} | {row['refused']:.3f} |"
        for kind, row in found["by_kind"].items()
    ]
    return "\n".join(lines)
