"""Raises the flags of a calibration until few of a folder's pictures, which look sound, are flagged.

Calibration sees the sets that training knows; pictures by generators, and whatever else users bring, look otherwise.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

from evaluator.calibration import CALIBRATION_FILE
from evaluator.pipeline import Evaluator
from evaluator.table import progress
from evaluator.training.benchmark.pictures import all_of
from evaluator.training.sources import calibrates

SHARE = 0.04
"""Most pictures judged for an attribute that may be flagged."""
FEWEST = 20
"""Pictures judged for an attribute from which on its flag is raised."""
MOST = 0.999


def run(options: argparse.Namespace) -> int:
    """Raise the flags by the half of a folder's pictures that calibrates; write the calibration, and print it."""
    chosen = [path for path in all_of(options.pictures) if calibrates(Path(path).stem)]
    if not chosen:
        raise FileNotFoundError(f"there are no pictures in {options.pictures} that calibrate")
    judge, text = Evaluator(), options.calibration.read_text("utf-8")
    reports = [judge.score(path) for path in progress(chosen, len(chosen), "scoring")]
    for name, rule in judge.calibration.attributes.items():
        tags = [report.tags[name] for report in reports if name in report.tags]
        judged = [tag.probability for tag in tags if tag.probability is not None]
        flag = raised(judged, rule.flag)
        text = re.sub(rf"(?m)^({name} = .*\bflag = )[0-9.]+", rf"\g<1>{flag:.3f}", text)
        print(f"{name}: {len(judged)} of {len(chosen)} judged, flag {rule.flag:.3f} → {flag:.3f}")
    options.calibration.write_text(text, "utf-8")
    return 0


def raised(judged: list[float], flag: float) -> float:
    """Return a flag under which at most SHARE of some probabilities (0–1) lie over it; never a lower one."""
    if len(judged) < FEWEST:
        return flag
    return float(min(max(flag, np.quantile(judged, 1 - SHARE)), MOST))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--pictures", type=Path, required=True, metavar="DIR", help="pictures that look sound")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION_FILE, metavar="FILE")
