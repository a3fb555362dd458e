"""Raises the levels of a calibration until few pictures by generators that people would pass lie over them.

Calibration sees the sets that training knows; pictures by generators, and whatever else users bring, look otherwise.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.special import expit, logit

from evaluator.calibration import CALIBRATION_FILE
from evaluator.network.eyes import Eyes
from evaluator.opinion import READ, REDRAWN
from evaluator.pipeline import Evaluator
from evaluator.table import progress
from evaluator.training.makers.picture import read
from evaluator.training.makers.rated import liked
from evaluator.training.shares import ALARMED, DOUBTED, OF_A_SET, SOFTENED

FEWEST = 20
"""Pictures judged for an attribute from which on its levels are raised."""
ROOM = 1.0
"""Log-odds by which doubts begin under the flag, so that no small change takes a picture all the way."""
MOST = 0.999


def run(options: argparse.Namespace) -> int:
    """Raise flags, doubts and marks by liked pictures by generators that train; write the calibration, and print it."""
    pictures = [read(path) for path in liked(options.data, held=False)]
    eyes = Eyes()
    judge, text = Evaluator(eyes=eyes), options.calibration.read_text("utf-8")
    reports = [judge.score(picture) for picture in progress(pictures, len(pictures), "scoring")]
    for name, rule in judge.calibration.attributes.items():
        tags = [report.tags[name] for report in reports if name in report.tags]
        judged = [tag.probability for tag in tags if tag.probability is not None]
        flag = raised(judged, rule.flag, OF_A_SET)
        review = max(rule.review, min(raised(judged, rule.review, DOUBTED), float(expit(logit(flag) - ROOM))))
        levels = rf"\g<1>{flag:.3f}\g<2>{review:.3f}"
        text = re.sub(rf"(?m)^({name} = .*\bflag = )[0-9.]+(, review = )[0-9.]+", levels, text)
        told = f"flag {rule.flag:.3f} → {flag:.3f}, doubt {rule.review:.3f} → {review:.3f}"
        print(f"{name}: {len(judged)} of {len(pictures)} judged, {told}")
    glances = [eyes.glance(picture) for picture in pictures]
    for mark, share in ((READ, ALARMED), (REDRAWN, SOFTENED)):
        before = judge.calibration.presence[mark]
        level = raised([glance.sees(mark) for glance in glances], before, share)
        text = re.sub(rf"(?m)^({mark} = )[0-9.]+", rf"\g<1>{level:.3f}", text)
        print(f"{mark}: {before:.3f} → {level:.3f}")
    options.calibration.write_text(text, "utf-8")
    return 0


def raised(judged: Sequence[float], level: float, share: float) -> float:
    """Return a level under which at most a share of some probabilities (0–1) lie over it; never a lower one."""
    if len(judged) < FEWEST:
        return level
    return float(min(max(level, np.quantile(judged, 1 - share)), MOST))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the data sets, rated_generated among them"
    )
    parser.add_argument("--calibration", type=Path, default=CALIBRATION_FILE, metavar="FILE")
