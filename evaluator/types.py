"""The records that travel through the package; they know nothing of how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
"""H×W×3, red first, sRGB, 0–255."""
Plane = npt.NDArray[np.float32]
"""H×W, one value a pixel."""
Flags = npt.NDArray[np.bool_]
"""H×W, yes or no a pixel."""

Verdict = Literal["good", "review", "reject"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What may be said of a picture's file; no place, person or device is ever kept.

    `width` and `height` are the upright picture's. `digital_source_type` is the last part of the IPTC term
    (for example `trainedAlgorithmicMedia`), and `made_with_ai` what it means: None where nothing is declared.
    """

    format: str
    mode: str
    width: int
    height: int
    bytes: int
    orientation: int = 1
    profile: str | None = None
    frames: int = 1
    digital_source_type: str | None = None
    made_with_ai: bool | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded picture: upright, sRGB, flattened on white; `alpha` (H×W uint8) is kept where the file had one."""

    rgb: Rgb
    alpha: npt.NDArray[np.uint8] | None
    metadata: Metadata
    sha256: str


@dataclass(frozen=True, slots=True)
class Glance:
    """What the network sees in one look at a picture; every plane covers the whole picture.

    `embedding` is 256 float32 of unit length; `mask` the subject (0–1, about a quarter of the network's input);
    `presence` 0–1 of `person`, `face`, `hand`, `plain_backdrop`, `flat_lay` and `scene` by the network's own heads, and
    `read` of a whole picture the same of some of them, of `vacant`, a place with nothing to sell, and of marks that it
    was `generated`, and how severely it looks `redrawn` (0–1), by readings of the embedding; `criteria` raw scores 1–5
    by the standard's ids; `maps` where an attribute is altered (0–1, about 48×48 or more) and `logits` its
    uncalibrated log-odds for the picture, by `fusion`, `hand`, `face`, `body` and `artefact`; `impression` mean (1–5)
    and spread of the overall judgement; `technical`, `appeal` and, of a whole picture, `pleasing` 1–5; `parts` where
    a `hand`, `face` or `person` is, sound or not (0–1, as large as the maps).
    """

    embedding: npt.NDArray[np.float32]
    mask: Plane
    presence: Mapping[str, float]
    criteria: Mapping[str, float]
    maps: Mapping[str, Plane]
    logits: Mapping[str, float]
    impression: tuple[float, float]
    technical: float
    appeal: float
    parts: Mapping[str, Plane] = field(default_factory=dict)
    read: Mapping[str, float] = field(default_factory=dict)
    pleasing: float | None = None

    def sees(self, thing: str) -> float:
        """Return how sure a thing is seen (0–1): as it is read, where it is, else as its head has it."""
        return self.read.get(thing, self.presence.get(thing, 0.0))


@dataclass(frozen=True, slots=True)
class Closeup:
    """What is seen of one place from nearby; every plane covers the whole place.

    Of a hand or face: `presence` 0–1 of a `hand` and a `face`, and by the same names whether it is spoilt: uncalibrated
    log-odds in `logits`, and where (0–1) in `maps`. Of a piece of a rim the same for `fusion`, with a presence of 1.
    """

    presence: Mapping[str, float]
    logits: Mapping[str, float]
    maps: Mapping[str, Plane]


@dataclass(frozen=True, slots=True)
class Sameness:
    """What is seen of an original and a generated picture that are laid over each other (S×S).

    Uncalibrated log-odds that the product was `changed` and that the background is `wrong`, and `where` (S/8×S/8, 0–1)
    the product was changed.
    """

    changed: float
    wrong: float
    where: Plane


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject's mask at working size (H×W float32, 0–1) and how far it can be trusted (0–1).

    `source` is `alpha`, `backdrop`, `network`, `saliency` or `none`; `plain` (0–1) says how plain the backdrop is,
    `white` (0–1) how near that backdrop is to pure white.
    """

    mask: Plane
    confidence: float
    source: str
    plain: float
    white: float


@dataclass(frozen=True, slots=True)
class Box:
    """A place in the picture, relative to its sides (0–1), with what it shows."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""

    def cells(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the rows and columns of an array of the picture (its `shape` H×W×…) in the box, at least one each."""
        height, width = shape[:2]
        top, left = min(round(self.y * height), height - 1), min(round(self.x * width), width - 1)
        bottom, right = round((self.y + self.height) * height), round((self.x + self.width) * width)
        return slice(top, max(top + 1, bottom)), slice(left, max(left + 1, right))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion's result: `score` 1–5 or None, `weight` as it counts here, and why.

    `reason` and `reason_zh` are one sentence with the figures; `confidence` 0–1; `measures` the raw numbers
    read from the pixels; `subscores` what each of them came to (1–5); `sources` what the `measure` and the
    `network` came to, each on its own (1–5); `boxes` where.
    """

    score: float | None
    weight: float
    reason: str
    reason_zh: str
    confidence: float = 1.0
    measures: Mapping[str, float] = field(default_factory=dict)
    subscores: Mapping[str, float] = field(default_factory=dict)
    boxes: tuple[Box, ...] = ()
    sources: Mapping[Literal["measure", "network"], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tag:
    """An abnormal attribute: probability and confidence 0–1, or None with the reason; `flag` is the decision.

    `doubt` says that it is likely, yet not enough to count: a person should look. `alarm` is how far such a doubt has
    come, from 0 where it begins, or where what it speaks of is barely there, to 1 where it would be a flag.
    """

    probability: float | None
    flag: bool | None
    confidence: float | None
    boxes: tuple[Box, ...]
    reason: str
    reason_zh: str
    doubt: bool = False
    alarm: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of the total: `value` × `weight` = `adds`; a cap has no value, only what it takes away."""

    id: str
    value: float | None
    weight: float | None
    adds: float


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, in both languages; `gain` is what the total would win at most (0–4).

    `action` names a fix (`exposure`, `crop`, `straighten` …) with its numbers in `values`.
    """

    criterion: str
    en: str
    zh: str
    gain: float
    action: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be drawn on the picture: at working size mask, clipped lights and shadows; tilt (degrees).

    `maps` says where each attribute that was judged is altered (0–1, coarser, over the whole picture).
    """

    subject: Subject
    clipped_lights: Flags
    clipped_shadows: Flags
    tilt: float | None
    maps: Mapping[str, Plane] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What made this report, so that it can be made again.

    `weights` is the SHA-256 of the network's weights and `calibration` of its calibration, None without network.
    `experts` names the pretrained models that had a part in it, each with the beginning of its checksum.
    """

    version: str
    standard: str
    weights: str | None
    profile: str
    calibration: str | None = None
    experts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A picture's whole judgement; `score` is 1–5 with two decimals and equals the sum of `parts`.

    `aesthetic` is what LAION's head says of its looks (about 1–10), where it is switched on; the score knows nothing
    of it.
    """

    path: str
    score: float
    verdict: Verdict
    confidence: float
    criteria: Mapping[str, Criterion]
    tags: Mapping[str, Tag]
    parts: tuple[Part, ...]
    advice: tuple[Advice, ...]
    metadata: Metadata
    stamp: Stamp
    evidence: Evidence | None = field(default=None, compare=False, repr=False)
    aesthetic: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be judged: the error's type and its sentence."""

    path: str
    type: str
    message: str
    message_zh: str
