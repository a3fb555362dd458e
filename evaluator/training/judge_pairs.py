"""Judges the fitted judgement of pairs on pairs that it was not fitted on, kind by kind; and times it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from evaluator.pair.change import Model, load_model
from evaluator.training.kept_pairs import HALF, Kept, Row
from evaluator.training.makers.pairs import UNCERTAIN
from evaluator.training.precision import area


def judge(rows: list[Row]) -> dict[str, Any]:
    """Return the figures of the fit that is in place on some pairs; shares are of the pairs that were judged."""
    load_model.cache_clear()
    model = load_model()
    seen = [row for row in rows if "measures" in row]
    logits, called, strange = verdicts(seen, model)
    kinds = np.array([row["kind"] for row in seen])
    strengths = np.array([row["strength"] for row in seen])
    changed = np.array([row["changed"] for row in seen])
    unsure, unrelated = np.isin(kinds, UNCERTAIN), kinds == "unrelated"
    benign, half = ~changed & ~unsure, strengths == HALF
    hits = np.array([row["hit"] for row in seen])
    placed = half & ~np.isin(kinds, ("mirror", "similar"))
    return {
        "pairs": len(rows),
        "abstained": len(rows) - len(seen),
        "benign": int(benign.sum()),
        "half": int(half.sum()),
        "auc_half": area(logits[benign | half], half[benign | half]),
        "auc_all": area(logits[~unsure & ~unrelated], changed[~unsure & ~unrelated]),
        "false_alarms": float(called[benign].mean()),
        "found_half": float(called[half].mean()),
        "peak_half": float(hits[placed].mean()),
        "peak_where_called": float(hits[placed & called].mean()),
        "unrelated_called_other": float(strange[unrelated].mean()),
        "same_called_other": float(strange[~unrelated & (kinds != "similar")].mean()),
        "found_at_half_by_kind": _by_kind(
            kinds, half | ((strengths == 1) & np.isin(kinds, ("mirror", "similar"))), called
        ),
        "peak_at_half_by_kind": _by_kind(kinds, placed, hits),
        "alarms_by_kind": _by_kind(kinds, benign, called),
        "called_where_uncertain": _by_kind(kinds, unsure, called),
    }


def verdicts(
    rows: list[Row], model: Model
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return each pair's log-odds of a change, whether it is called changed or other, and whether called other."""
    logits = np.array([model.logit(row["measures"]) for row in rows])
    others = np.array([model.strange(row["measures"]) for row in rows])
    strange = expit(others) >= model.other_threshold
    return logits, (expit(logits) >= model.threshold) | strange, strange


def _by_kind(
    kinds: npt.NDArray[np.str_], among: npt.NDArray[np.bool_], value: npt.NDArray[np.bool_]
) -> dict[str, tuple[int, float]]:
    """Return per kind how many pairs there are and the share of which something holds."""
    return {
        str(kind): (int(at.sum()), round(float(value[at].mean()), 3))
        for kind in sorted(set(kinds[among]))
        if (at := among & (kinds == kind)).any()
    }


def speed(kept: Kept, count: int) -> dict[str, float]:
    """Return how long a warm comparison of held pairs takes, median seconds by the clock and of the processor.

    The pictures are enlarged to 1,024 pixels and handed over as JPEG files' bytes, as they come from a merchant.
    """
    import cv2

    from evaluator.pipeline import Evaluator

    def file(number: int, part: str) -> bytes:
        picture = kept.picture(number, part)
        scale = 1024 / max(picture.shape[:2])
        large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return bytes(cv2.imencode(".jpg", large[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())

    evaluator = Evaluator()
    numbers = [number for number in range(count) if kept.facts(number)]
    files = [(file(number, "original"), file(number, "generated")) for number in numbers]
    for pair in files[:2]:
        evaluator.compare(*pair)
    spent = []
    for pair in files:
        start = time.perf_counter(), time.process_time()
        evaluator.compare(*pair)
        spent.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, processor = np.median(np.array(spent), axis=0)
    return {"pairs": len(files), "wall_p50": round(float(wall), 3), "processor_p50": round(float(processor), 3)}
