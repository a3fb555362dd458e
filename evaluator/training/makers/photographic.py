"""Ladders: one clean picture, one kind of photographic fault, six steps from none to the strongest."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.training.defects import LADDERS
from evaluator.training.defects.overlays import laid
from evaluator.training.makers.picture import MIRRORED, chosen, framed, generator, opened, sources
from evaluator.training.makers.ratings import mean_opinion
from evaluator.training.sample import Sample
from evaluator.training.sources import Source
from evaluator.types import Plane, Rgb

STEPS = 6
"""Pictures of a ladder, the clean one among them."""
SHARES = {
    "studio_products": 0.34, "scenes": 0.28, "packshots": 0.1, "rated_photos": 0.16, "people": 0.12,
}  # fmt: skip
"""How often each set is the source."""
SUBJECT = ("crop", "clutter")
"""Kinds for which it must be known where the subject is."""
ADDED = ("overlay_freedom", "background_order", "balance")
"""Criteria at which every clean picture is at its best."""
MASKED = {"studio_products": 0.5, "scenes": 0.35, "packshots": 0.15}
"""Sources of faults that are told by what happens to the subject."""
LIT = {"studio_products": 0.4, "scenes": 0.3, "packshots": 0.15, "people": 0.15}
"""Sources whose light and colour are known to be good."""
FINE = {"studio_products": 0.45, "scenes": 0.35, "people": 0.2}
"""Sources whose pixels are sharp and clean enough to begin at the best."""
GOOD = 68.0
"""Rated photographs below this mean opinion (0–100) are no clean beginning."""
BASE = {"studio_products": 5.0, "scenes": 5.0, "packshots": 5.0, "people": 4.5, "rated_photos": 4.4}
"""What the clean picture of a set comes to where light, colour or pixels are asked."""
FELT: dict[str, float] = {
    "blur": 0.95, "motion": 0.75, "upscale": 1.0, "noise": 0.65, "jpeg": 1.1, "bands": 1.4, "crisp": 0.9,
    "dark": 1.1, "bright": 0.9, "flat": 1.2, "cast": 0.8, "gaudy": 0.9, "crop": 0.6, "tilt": 0.7,
    "text": 0.4, "watermark": 0.6, "border": 0.5, "collage": 0.4, "clutter": 0.6,
}  # fmt: skip
"""Exponent of the strength that an eye feels, by kind: below 1 where a little is plain at once."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a step (`number` modulo six) of a ladder; only the criterion that the fault is meant for is labelled.

    The ladders take the kinds of faults in turn.
    """
    ladder, step = divmod(number, STEPS)
    random = generator("photographic", held, ladder, seed)
    kind = sorted(LADDERS)[ladder % len(LADDERS)]
    fault, criterion = LADDERS[kind]
    source = _clean(kind, data, scenes, held, random)
    if source is None:
        return None
    picture, mask = opened(source)
    # A sharp beginning is one that was made smaller.
    fine, whole = criterion == "sharpness", kind in SUBJECT
    finest = min(512, round(0.85 * max(picture.shape)))
    sides = (min(256, finest), finest) if fine else (288, 512)
    frame, mask = framed(picture, mask, sides, 1.0 if whole else 0.85, source.set in MIRRORED, random)
    strength = float(random.uniform(0.6, 1.0)) * step / (STEPS - 1)
    draws = int(random.integers(2**32))
    felt = strength ** FELT[kind]
    if kind == "crop" and mask is not None:
        felt = min(1.0, _lost(mask, strength, draws) / 0.45) ** FELT[kind]
    if kind == "clutter" and mask is not None:
        spoilt = _strewn(frame, mask, strength, _pieces(data, held, draws), np.random.default_rng(draws))
    else:
        spoilt = fault(frame, strength, np.random.default_rng(draws))
    base = 5.0 if criterion in ("completeness", *ADDED) else BASE[source.set]
    return Sample(
        spoilt,
        source.object,
        criteria={criterion: base - (base - 1) * felt},
        ladder=f"{kind}/{source.object}/{ladder}",
        step=step,
    )


def _clean(kind: str, data: Path, scenes: Path, held: bool, random: np.random.Generator) -> Source | None:
    """Return a source on which a kind of fault is the only one; None where four draws bring none."""
    criterion = LADDERS[kind][1]
    shares = SHARES
    if kind in SUBJECT:
        shares = MASKED
    elif criterion == "sharpness":
        shares = FINE
    elif criterion in ("exposure", "colour_harmony"):
        shares = LIT
    for _ in range(4):
        source = chosen(shares, data, scenes, held, random)
        if source is None or (source.set == "rated_photos" and mean_opinion(data, source.path.name) < GOOD):
            continue
        mask = opened(source)[1] if kind in SUBJECT else None
        if kind not in SUBJECT or (mask is not None and not (kind == "crop" and _touches(mask))):
            return source
    return None


def _touches(mask: Plane) -> bool:
    """Return whether the subject is cut by the frame already."""
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return float(rim.max()) > 0.5 or float(mask.mean()) < 0.02


def _lost(mask: Plane, strength: float, draws: int) -> float:
    """Return the share of the subject that a cut of this strength takes away (0–1)."""
    stacked = np.repeat(np.round(255 * mask).astype(np.uint8)[..., None], 3, axis=2)
    left = LADDERS["crop"][0](stacked, strength, np.random.default_rng(draws))
    return 1 - float(left[..., 0].sum()) / max(1.0, float(stacked[..., 0].sum()))


def _pieces(data: Path, held: bool, draws: int) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Return three cut-outs of packshots (RGBA, at most 100 pixels), of the same side of the split; or none."""
    pool = sources("packshots", data, held)
    random = np.random.default_rng([draws, 1])
    found = []
    for at in random.integers(len(pool), size=3) if pool else ():
        picture, mask = opened(pool[int(at)])
        if mask is not None:
            scale = 100 / max(picture.shape[:2])
            both = np.dstack([picture, np.round(255 * mask).astype(np.uint8)])
            found.append(np.asarray(cv2.resize(both, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8))
    return found


def _strewn(
    picture: Rgb,
    mask: Plane,
    strength: float,
    pieces: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]],
    random: np.random.Generator,
) -> Rgb:
    """Strew drawn things and small cut-outs behind the subject, which stays as it is."""
    # A generator of its own: the cut-outs of a step must lie where they lay on the step before.
    places = random.spawn(1)[0]
    drawn = LADDERS["clutter"][0](picture, 0.7 * strength, random)
    side = min(picture.shape[:2])
    for index in range(round(10 * strength) if pieces else 0):
        piece = pieces[index % len(pieces)]
        scale = side * places.uniform(0.1, 0.2) / max(piece.shape[:2])
        small = cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        at = places.uniform(0, 1, 2)
        drawn = laid(
            drawn, np.asarray(small, np.uint8), round(at[0] * picture.shape[1]), round(at[1] * picture.shape[0])
        )
    cover = mask[..., None]
    return np.asarray(np.round(picture * cover + drawn * (1 - cover)), np.uint8)
