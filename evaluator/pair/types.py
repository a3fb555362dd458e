"""What travels through the comparison of an original with a generated picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluator.types import Box, Plane, Rgb, Stamp, Verdict

Matrix = npt.NDArray[np.float64]
"""2×3, from pixels (x, y) of one picture to those of another."""
State = Literal["unchanged", "changed", "other", "unknown"]
"""The same product; the same with something changed; another product; it could not be found."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A product by itself: its cut with room around it (S×S×3), mask (S×S, 0–1), and where that lies.

    `placed` leads from the tile's pixels to the photo's; `detail` is how many pixels of the photo there are to one.
    """

    rgb: Rgb
    mask: Plane
    placed: Matrix
    detail: float


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the original's product lies in the generated picture.

    `matrix` leads from the tile to the generated photo by shift, turn and one scale, `bent` by any affine map; both
    start from the mirrored tile where `mirrored`. `agreement` (0–1) is how well the two pictures agree there, and
    `against` how well they do with the tile the other way round; `inliers` counts matched features.
    """

    matrix: Matrix
    bent: Matrix
    agreement: float
    against: float
    inliers: int
    mirrored: bool


@dataclass(frozen=True, slots=True)
class Consistency:
    """Whether it is still the same product.

    `score` 0–100 and `probability` 0–1 of a change are None where the product could not be found (`state` unknown).
    `iou`, `expansion` and `loss` compare the masks once laid over each other, as shares of the original's;
    `colour_delta` is the median ΔE2000 inside after one global change of light, `detail_delta` (0–1) the loss of
    structural similarity; `measures` has every number that went into the score.
    """

    state: State
    score: float | None = None
    probability: float | None = None
    changed: bool | None = None
    iou: float | None = None
    expansion: float | None = None
    loss: float | None = None
    colour_delta: float | None = None
    detail_delta: float | None = None
    mirrored: bool | None = None
    boxes: tuple[Box, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Background:
    """How good the generated background is: `score` 0–100 and `probability` 0–1 of being good; None where unknown.

    `learned` says whether a reward fitted on pairs gave it, rather than the generated picture's own criteria; `parts`
    are those (1–5). `says` has the log-odds that it is good by the `reward` and by the siamese `network`. `why` names
    the reason where nothing is known: `network`, `plain` or `report`. `stale` says that there is a reward, yet one
    fitted on the looks of another network, so that it was not asked; `marked`, that marks of generation lie all over
    the generated picture.
    """

    score: float | None
    probability: float | None
    learned: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)
    why: str = ""
    stale: bool = False
    says: Mapping[str, float] = field(default_factory=dict)
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence for the verdict in both languages, and what it is about."""

    id: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """What can be drawn: the difference map (0–1) and both masks, each over its whole picture, coarser."""

    difference: Plane
    original_mask: Plane
    generated_mask: Plane


@dataclass(frozen=True, slots=True)
class PairReport:
    """The judgement of a generated picture against its original; `verdict` is None where nothing can be said.

    `good` is the probability (0–1) that the background is right and the product the same; None where one is unknown.
    """

    original: str
    generated: str
    background: Background
    consistency: Consistency
    verdict: Verdict | None
    reasons: tuple[Reason, ...]
    good: float | None = None
    evidence: PairEvidence | None = field(default=None, compare=False, repr=False)
    stamp: Stamp | None = None
