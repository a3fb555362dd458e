"""Makes training pictures by the thousand: a family's maker, called with one number after another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np

from evaluator.table import progress
from evaluator.training.sample import Sample, write

Maker = Callable[[Path, Path, Path, bool, int, int], "Sample | None"]

FAMILIES = (
    "rated",
    "masks",
    "empty",
    "located",
    "photographic",
    "cut",
    "turned",
    "fusion",
    "artefact",
    "generated",
    "redrawn",
    "hand",
    "face",
    "body",
    "melted",
)
"""The families of training pictures; each is a module of `makers`."""
ALL_OVER = ("generated", "redrawn")
"""Families whose pictures show marks of generation all over, or none."""


def maker(family: str) -> Maker:
    """Return the maker of a family. Raises ValueError for an unknown one."""
    if family not in FAMILIES:
        raise ValueError(f"there is no family {family!r}; expected one of {', '.join(FAMILIES)}")
    make: Maker = import_module(f"evaluator.training.makers.{family}").make
    return make


def run(options: argparse.Namespace) -> int:
    """Make the numbers asked for that are not there yet; a finished number leaves a file, even if it gave nothing."""
    cv2.setNumThreads(1)
    make = maker(options.family)
    folder = options.out / ("held" if options.held else "train") / options.family
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(options.first, options.first + options.count)
    made = 0
    for number in progress(numbers, len(numbers), options.family):
        file, nothing = folder / f"{number:06d}.npz", folder / f"{number:06d}.none"
        if file.exists() or nothing.exists():
            continue
        sample = make(options.data, options.scenes, options.parts, options.held, number, options.seed)
        if sample is None:
            nothing.touch()
            continue
        quality = int(np.random.default_rng([options.seed, number, 9]).integers(88, 99))
        write(sample, file, quality)
        made += 1
    print(f"{options.family}: {made} made in {folder}", file=sys.stderr)
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets")
    parser.add_argument("--scenes", type=Path, required=True, metavar="DIR", help="scenes rendered by the studio")
    parser.add_argument("--parts", type=Path, required=True, metavar="DIR", help="people's parts, located by parts.py")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--family", choices=FAMILIES, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--held", action="store_true", help="from the objects that never train")
    parser.add_argument("--seed", type=int, default=0)
