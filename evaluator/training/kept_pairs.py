"""Pairs kept on disk, so that their measures can be taken again whenever the network or the comparison changes."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.decode import decode
from evaluator.network.eyes import Eyes
from evaluator.network.weights import FOLDER, read_card
from evaluator.pair.consistency import Overlay, over, overlay
from evaluator.pair.tile import EmbeddedMasker, tile
from evaluator.pair.wording import load_rules
from evaluator.table import progress
from evaluator.training.makers.pairs import Pair, make_pair
from evaluator.types import Flags, Glance, Rgb
from evaluator.view import view

HALF = 0.5
"""The strength at which the judgement is asked to tell a change."""
NEAR = 0.02
"""How far beside the changed region a peak may lie and still hit it, as a share of the picture's longer side."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where pairs of training objects (`held` false) or of held ones lie, and what they are made from."""

    data: Path
    scenes: Path
    work: Path
    held: bool

    @property
    def name(self) -> str:
        """The name of this side of the split."""
        return "held" if self.held else "train"

    def file(self, number: int, part: str) -> Path:
        """Return the file of a part of a pair: `original`, `generated`, `region` or `facts`."""
        ending = "json" if part == "facts" else "png"
        return self.work / self.name / f"{number:05d}-{part}.{ending}"

    def facts(self, number: int) -> Row:
        """Return what is known of a pair, which is made now if it was not before; nothing where no pair came of it."""
        known = self.file(number, "facts")
        if not known.exists():
            known.parent.mkdir(parents=True, exist_ok=True)
            # Of training pairs a third of the changes are at the strength that is judged, of held ones two thirds.
            half = number % 3 > 0 if self.held else number % 3 == 0
            pair = make_pair(self.data, self.scenes, self.held, number, strength=HALF if half else 0.0)
            known.write_text(json.dumps(self._saved(pair, number) if pair else {}), encoding="utf-8")
        return dict(json.loads(known.read_text("utf-8")))

    def _saved(self, pair: Pair, number: int) -> Row:
        for part, picture in (("original", pair.original), ("generated", pair.generated)):
            cv2.imwrite(str(self.file(number, part)), picture[..., ::-1])
        cv2.imwrite(str(self.file(number, "region")), (255 * pair.region + 0.5).astype(np.uint8))
        return {name: getattr(pair, name) for name in ("kind", "changed", "strength", "scene", "object")}

    def picture(self, number: int, part: str) -> Rgb:
        """Return one of a pair's pictures, H×W×3."""
        read = np.asarray(cv2.imread(str(self.file(number, part)), cv2.IMREAD_COLOR), np.uint8)
        return np.ascontiguousarray(read[..., ::-1])

    def region(self, number: int) -> npt.NDArray[np.uint8]:
        """Return where the generated picture was changed (H×W, 0–255)."""
        return np.asarray(cv2.imread(str(self.file(number, "region")), cv2.IMREAD_GRAYSCALE), np.uint8)

    def glance(self, number: int, part: str) -> Glance:
        """Return what the network makes of one of the pictures, but for its maps; looked at once for each weights."""
        file = self.file(number, part).with_suffix(f".{read_card(FOLDER).sha256[:12]}")
        if not file.exists():
            glance = replace(eyes().glance(self.picture(number, part)), maps={}, parts={})
            file.write_bytes(pickle.dumps(glance))
        return cast(Glance, pickle.loads(file.read_bytes()))

    def rows(self, count: int, again: bool = False) -> Iterator[Row]:
        """Yield facts and measures of the first `count` pairs, taken now or, with the same weights, kept from before.

        `again` takes them anew: the comparison itself has changed.
        """
        file = self.work / f"{self.name}-{read_card(FOLDER).sha256[:12]}.jsonl"
        self.work.mkdir(parents=True, exist_ok=True)
        if again:
            file.unlink(missing_ok=True)
        known = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
        yield from (row for row in known[:count] if row)
        with file.open("a", encoding="utf-8") as kept:
            for number in progress(range(len(known), count), max(0, count - len(known)), self.name):
                row = self.measured(number)
                kept.write(json.dumps(row) + "\n")
                kept.flush()
                if row:
                    yield row

    def measured(self, number: int) -> Row:
        """Return a pair's facts and measures; without measures where the product was not found in the original."""
        row = self.facts(number)
        if not row:
            return row
        row["number"] = number
        first, second = ((self.picture(number, part), self.glance(number, part)) for part in ("original", "generated"))
        found, sure = laid(first, second)
        row["sure"] = sure
        if found is not None:
            row |= {"measures": dict(found.measures), "hit": hit(found, self.region(number))}
        return row


@lru_cache(maxsize=1)
def eyes() -> Eyes:
    """Return the embedded network, loaded once."""
    return Eyes()


def laid(one: tuple[Rgb, Glance], other: tuple[Rgb, Glance]) -> tuple[Overlay | None, tuple[float, float]]:
    """Return a pair laid over each other, masked as in use, and both masks' confidence; None where there is nothing."""
    photos, masker = (decode(one[0]), decode(other[0])), EmbeddedMasker()
    looks = zip(photos, (one[1], other[1]), strict=True)
    first, second = (masker.mask(photo, view(photo), glance) for photo, glance in looks)
    sure = first.confidence, second.confidence
    if first.confidence < load_rules().found or not (first.mask > 0.5).any():
        return None, sure
    return overlay(tile(photos[0].rgb, first.mask), photos[0].rgb, photos[1].rgb, second, eyes=eyes()), sure


def hit(found: Overlay, region: npt.NDArray[np.uint8]) -> bool:
    """Return whether the difference map's peak lies in the changed region, or within NEAR of it."""
    difference = cv2.GaussianBlur(over(found.difference, found.registration.matrix, region.shape), (0, 0), 2)
    row, column = np.unravel_index(int(difference.argmax()), difference.shape)
    changed: Flags = cv2.resize(region, difference.shape[::-1], interpolation=cv2.INTER_LINEAR) > 76
    reach = max(1, round(NEAR * max(difference.shape)))
    return bool(changed[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1].any())
