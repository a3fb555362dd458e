"""Feeds training: batches of like shape, drawn from the families by their shares, with every label that is known."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import IterableDataset

from evaluator.network.eyes import SMALL, size_of
from evaluator.network.heads import ATTRIBUTES, CRITERIA, PARTS, PRESENCE, RATINGS
from evaluator.training.framing import NATIVE, Shown, disturbed, framed, show
from evaluator.training.plan import Plan
from evaluator.training.sample import Sample, read

ASPECTS = (0.7, 0.8, 1.0, 1.3)
"""Width over height of the shapes of a batch; a picture goes to the nearest and is cropped to it."""
TWINS = ("fusion", "artefact", "hand", "face", "body")
"""Families whose numbers come in pairs."""
RUNGS = 3
"""Steps of one ladder that are shown together."""

Batch = dict[str, Tensor | list[str]]
Format = tuple[float, bool]
"""The aspect of a batch, and whether it shows small pictures."""
FORMATS: tuple[Format, ...] = tuple((aspect, near) for near in (False, True) for aspect in ASPECTS)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The samples of one family that have about one aspect; `ladders` joins those of a ladder or a pair."""

    files: list[Path] = field(default_factory=list)
    ladders: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    ladder_of: dict[Path, str] = field(default_factory=dict)


class Feed(IterableDataset[Batch]):
    """Endless batches by a plan from a folder of samples (`<folder>/<family>/*.npz`); seeded, from a given step on.

    Raises FileNotFoundError where no family has samples.
    """

    def __init__(self, folder: Path, plan: Plan, start: int = 0) -> None:
        self._folder, self._plan, self._start = folder, plan, start
        self._shelves = shelve(folder, tuple(plan.families))
        if not self._shelves:
            raise FileNotFoundError(f"there are no samples under {folder}; make some with `evaluator.training make`")

    def __len__(self) -> int:
        return max(0, self._plan.steps - self._start)

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        for step in range(self._start, self._plan.steps):
            yield self.batch(np.random.default_rng([self._plan.seed, step]))

    def batch(self, rng: np.random.Generator) -> Batch:
        """Draw one batch."""
        families = list(self._shelves)
        share = np.zeros(len(FORMATS))
        for family in families:
            counts = np.array([len(self._shelves[family][each].files) for each in FORMATS], float)
            share += self._plan.families[family] * counts / counts.sum()
        chosen = FORMATS[int(rng.choice(len(FORMATS), p=share / share.sum()))]
        usable = [family for family in families if self._shelves[family][chosen].files]
        # A family gives to a format as much as it has of it.
        odds = np.array([self._plan.families[f] * self._held(f, chosen) for f in usable])
        aspect, near = chosen
        shape = size_of(1000, round(1000 * aspect), int(rng.choice(self._plan.near if near else self._plan.sides)))
        shown: list[Shown] = []
        groups: list[int] = []
        while len(shown) < self._plan.batch:
            family = usable[int(rng.choice(len(usable), p=odds / odds.sum()))]
            samples = [read(file) for file in self._draw(self._shelves[family][chosen], rng)]
            shown += self._shown(samples, family, shape, rng)
            groups += [max(groups, default=-1) + 1] * len(samples)
        return collate(shown[: self._plan.batch], groups)

    def _shown(
        self, samples: list[Sample], family: str, shape: tuple[int, int], rng: np.random.Generator
    ) -> list[Shown]:
        """Show a group: all are cut and disturbed alike, so that only what was done to them tells them apart."""
        frame = framed(samples, shape, self._plan.zoom if family in TWINS else 1.0, rng)
        native, same = bool(rng.random() < NATIVE), int(rng.integers(2**32))
        shown = [show(sample, frame, shape, native and "technical" in sample.ratings) for sample in samples]
        return [
            replace(one, picture=disturbed(one.picture, family, self._plan.disturb, np.random.default_rng(same)))
            for one in shown
        ]

    def _held(self, family: str, chosen: Format) -> float:
        return len(self._shelves[family][chosen].files) / sum(len(s.files) for s in self._shelves[family].values())

    @staticmethod
    def _draw(shelf: Shelf, rng: np.random.Generator) -> list[Path]:
        file = shelf.files[int(rng.integers(len(shelf.files)))]
        rungs = shelf.ladders.get(shelf.ladder_of.get(file, ""), [])
        if len(rungs) < 2:
            return [file]
        chosen = rng.choice(len(rungs), size=min(RUNGS, len(rungs)), replace=False)
        return [rungs[int(i)] for i in chosen]


def shelve(folder: Path, families: tuple[str, ...]) -> dict[str, dict[Format, Shelf]]:
    """Return each family's samples by the nearest aspect and their size; families without samples are left out."""
    shelves: dict[str, dict[Format, Shelf]] = {}
    for family in families:
        files = sorted((folder / family).glob("[0-9]*.npz"))
        files = [file for file in files if not file.name.endswith(".part.npz")]
        if not files:
            continue
        shelves[family] = {each: Shelf() for each in FORMATS}
        for file in files:
            with np.load(file, allow_pickle=False) as kept:
                ladder = str(json.loads(kept["labels"].tobytes())["ladder"])
                width, height = Image.open(io.BytesIO(kept["picture"].tobytes())).size
            nearest = min(ASPECTS, key=lambda a, r=width / height: abs(np.log(a / r)))  # type: ignore[misc]
            shelf = shelves[family][nearest, float(np.sqrt(width * height)) <= SMALL]
            shelf.files.append(file)
            # Makers of faults give a spoilt picture and its sound twin two following numbers: shown together, only
            # the fault tells them apart.
            group = ladder or (f"pair {int(file.stem) // 2}" if family in TWINS else "")
            if group:
                shelf.ladders[group].append(file)
                shelf.ladder_of[file] = group
    return shelves


def collate(shown: list[Shown], groups: list[int]) -> Batch:
    """Stack samples into tensors; what is unknown is NaN, and a ladder's name becomes a number within the batch.

    `groups` numbers the twins, and all others by themselves; those beyond the samples are left out.
    """
    pictures = np.stack([s.picture for s in shown]).astype(np.float32)
    rows, columns = pictures.shape[1:3]
    names: dict[str, int] = {}
    ladders = [names.setdefault(s.sample.ladder, len(names)) if s.sample.ladder else -1 for s in shown]
    located = tuple(f"{part}_at" for part in PARTS)
    return {
        "picture": torch.from_numpy((pictures - 127) / 127.5).permute(0, 3, 1, 2),
        "mask": _planes(shown, ("mask",), (rows // 4, columns // 4)),
        "maps": _planes(shown, ATTRIBUTES, (rows // 8, columns // 8)),
        "parts": _planes(shown, located, (rows // 8, columns // 8)),
        "tags": _numbers([s.sample.tags for s in shown], ATTRIBUTES),
        "presence": _numbers([s.sample.presence for s in shown], PRESENCE),
        "criteria": _numbers([s.sample.criteria for s in shown], CRITERIA),
        "ratings": _numbers([{k: v[0] for k, v in s.sample.ratings.items()} for s in shown], RATINGS),
        "spreads": _numbers([{k: v[1] for k, v in s.sample.ratings.items()} for s in shown], RATINGS),
        "ladder": torch.tensor(ladders),
        "group": torch.tensor(groups[: len(shown)]),
        "step": torch.tensor([s.sample.step for s in shown]),
        "captions": ["\n".join(s.sample.captions) for s in shown],
    }


def _planes(shown: list[Shown], names: tuple[str, ...], size: tuple[int, int]) -> Tensor:
    stack = np.full((len(shown), len(names), *size), np.nan, np.float32)
    for row, s in enumerate(shown):
        for column, name in enumerate(names):
            if name in s.planes:
                stack[row, column] = s.planes[name]
    return torch.from_numpy(stack)


def _numbers(values: list[dict[str, float]] | list[Mapping[str, float]], names: tuple[str, ...]) -> Tensor:
    return torch.tensor([[row.get(name, float("nan")) for name in names] for row in values], dtype=torch.float32)
