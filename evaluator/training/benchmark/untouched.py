"""Good pictures as they are, from objects that never trained: whatever is flagged there is a false alarm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np

from evaluator.network.heads import ATTRIBUTES
from evaluator.training.benchmark.cases import Folders
from evaluator.training.benchmark.examiner import Examiner, Said
from evaluator.training.benchmark.statistics import Figure, figure
from evaluator.training.benchmark.told import told
from evaluator.training.makers.photographic import GOOD
from evaluator.training.makers.picture import sources
from evaluator.training.makers.ratings import mean_opinion
from evaluator.training.sources import Source, calibrates

MOST = 200
"""Pictures at most."""
SETS = ("studio_products", "packshots", "people", "scenes", "rated_photos")
"""Sets of photographs and renders that are good as they are; of the rated ones those that people rated well."""


def good(folders: Folders) -> list[Source]:
    """Return held-out good pictures of all sets, in an order that mixes them."""
    found: list[Source] = []
    for set in SETS:
        held = sources(set, folders.scenes if set == "scenes" else folders.data, True)
        found += [
            each
            for each in held
            if not calibrates(each.object) and (set != "rated_photos" or _liked(folders.data, each.path))
        ]
    return sorted(found, key=lambda each: crc32(f"untouched {each.object} {each.path.name}".encode()))[:MOST]


def _liked(data: Path, path: Path) -> bool:
    return mean_opinion(data, path.name) >= GOOD


def untouched(folders: Folders, examine: Examiner) -> list[tuple[str, Said]]:
    """Return what is said of each good picture, with its object."""
    chosen = good(folders)
    return [(each.object, examine(each.path)) for each in told(chosen, len(chosen), "untouched")]


def false_alarms(said: list[tuple[str, Said]]) -> list[Figure]:
    """Return the share of good pictures that each attribute flags; those it is not judged on are not flagged."""
    objects = [object for object, _ in said]
    found = []
    for name in ATTRIBUTES:
        rows = np.array([(0.0, float(bool(each.flags.get(name)))) for _, each in said], np.float64).reshape(-1, 2)
        absent = sum(each.probabilities.get(name) is None for _, each in said)
        found.append(replace(figure(name, "flagged", "untouched", rows, objects), absent=absent))
    return found
