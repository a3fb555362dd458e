"""The statistics of the benchmark: a figure with its bootstrap interval, and what figures are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau, rankdata, spearmanr

SEED = 20261120
DRAWS = 400
"""Resamples of an interval."""
Numbers = npt.NDArray[np.float64]
Statistic = Callable[[Numbers], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: of what, which measure, among which pictures, and its value with a 95 % bootstrap interval.

    `pictures` counts those with a label, `absent` those among them that were not judged. The value and its interval
    are None where they are undefined. `base` is what no knowledge would give: the share of positives or the chance.
    """

    subject: str
    measure: str
    among: str
    pictures: int
    absent: int
    value: float | None
    low: float | None
    high: float | None
    base: float | None = None


def figure(
    subject: str, measure: str, among: str, rows: Numbers, objects: Sequence[str], absent: int = 0,
    base: float | None = None,
) -> Figure:  # fmt: skip
    """Return a measure over rows (label, answer); pictures of one object are drawn together, as they are alike."""
    labelled = len(rows) + absent
    of = MEASURES[measure]
    value = of(rows) if len(rows) else float("nan")
    if np.isnan(value):
        return Figure(subject, measure, among, labelled, absent, None, None, None, base)
    rng = np.random.default_rng(SEED)
    _, codes = np.unique(np.asarray(objects), return_inverse=True)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    drawn = []
    for _ in range(DRAWS):
        picks = rng.integers(len(members), size=len(members))
        drawn.append(of(rows[np.concatenate([members[pick] for pick in picks])]))
    known = [each for each in drawn if not np.isnan(each)]
    low, high = np.quantile(known, (0.025, 0.975)) if known else (value, value)
    return Figure(subject, measure, among, labelled, absent, value, float(low), float(high), base)


def srcc(rows: Numbers) -> float:
    """Return Spearman's ρ of labels and answers; NaN where either does not vary."""
    return plcc(np.column_stack([rankdata(rows[:, 0]), rankdata(rows[:, 1])])) if len(rows) else float("nan")


def plcc(rows: Numbers) -> float:
    """Return Pearson's r of labels and answers; NaN where either does not vary."""
    if len(rows) < 3 or np.ptp(rows[:, 0]) == 0 or np.ptp(rows[:, 1]) == 0:
        return float("nan")
    return float(np.corrcoef(rows[:, 0], rows[:, 1])[0, 1])


def krcc(rows: Numbers) -> float:
    """Return Kendall's τ-b of labels and answers; NaN where either does not vary."""
    if len(rows) < 3 or np.ptp(rows[:, 0]) == 0 or np.ptp(rows[:, 1]) == 0:
        return float("nan")
    return float(kendalltau(rows[:, 0], rows[:, 1]).statistic)


def auc(rows: Numbers) -> float:
    """Return the share of pairs of a faulty and a sound picture that are in order (Mann and Whitney), ties a half."""
    positive = rows[:, 0] > 0.5
    count = int(positive.sum())
    if not 0 < count < len(rows):
        return float("nan")
    ranks = rankdata(rows[:, 1])
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(rows) - count)))


def precision(rows: Numbers) -> float:
    """Return the share of flagged pictures that are faulty; NaN where none is flagged."""
    flagged = rows[:, 1] > 0.5
    return float(rows[flagged, 0].mean()) if flagged.any() else float("nan")


def recall(rows: Numbers) -> float:
    """Return the share of faulty pictures that are flagged; NaN where none is faulty."""
    faulty = rows[:, 0] > 0.5
    return float((rows[faulty, 1] > 0.5).mean()) if faulty.any() else float("nan")


def error(rows: Numbers) -> float:
    """Return the mean absolute difference of labels and answers."""
    return float(np.abs(rows[:, 0] - rows[:, 1]).mean())


def grade(score: Numbers) -> Numbers:
    """Return the whole grades (1–5) of scores, halves rounded up."""
    return np.clip(np.floor(score + 0.5), 1, 5)


def overlap(rows: Numbers) -> float:
    """Return the share of pictures where label and answer fall in the same grade."""
    return float((grade(rows[:, 0]) == grade(rows[:, 1])).mean())


def near(rows: Numbers) -> float:
    """Return the share of pictures where label and answer are at most one grade apart."""
    return float((np.abs(grade(rows[:, 0]) - grade(rows[:, 1])) <= 1).mean())


def share(rows: Numbers) -> float:
    """Return the mean answer."""
    return float(rows[:, 1].mean())


MEASURES: dict[str, Statistic] = {
    "SRCC": srcc,
    "PLCC": plcc,
    "KRCC": krcc,
    "MAE": error,
    "same grade": overlap,
    "within one": near,
    "AUC": auc,
    "precision": precision,
    "recall": recall,
    "peak inside": share,
    "flagged": share,
}
"""Every measure by the name it is shown with."""


def rank_correlation(steps: Sequence[float], scores: Sequence[float]) -> float:
    """Return Spearman's ρ; 0 where the scores do not move at all."""
    return float(spearmanr(steps, scores).statistic) if len(set(scores)) > 1 else 0.0


def ladder_ranks(said: Numbers, truth: Numbers, ladders: Sequence[str]) -> list[float]:
    """Return Spearman's ρ of what is said with the truth within each ladder of three pictures and more.

    `ladders` names each picture's, empty for none; those on which the truth does not move are left out.
    """
    names = np.array(ladders, str)
    rows = (np.flatnonzero(names == name) for name in sorted(set(names.tolist()) - {""}))
    told = [at for at in rows if len(at) >= 3 and np.ptp(truth[at]) > 0]
    return [rank_correlation(truth[at].tolist(), said[at].tolist()) for at in told]


def bootstrap(
    values: Sequence[float], statistic: Callable[..., object] = np.median, rounds: int = 1000
) -> tuple[float, float]:
    """Return the 95 % percentile interval of a statistic over resampled values."""
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(np.asarray(values, float), (rounds, len(values)))
    low, high = np.quantile(np.asarray(statistic(drawn, axis=1)), (0.025, 0.975))
    return float(low), float(high)
