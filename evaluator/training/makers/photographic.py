"""Ladders: one clean picture, one kind of photographic fault, six steps from none to the strongest."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluator.training.defects import LADDERS
from evaluator.training.defects.overlays import laid
from evaluator.training.makers.picture import chosen, framed, generator, opened, sources
from evaluator.training.makers.ratings import mean_opinion
from evaluator.training.sample import Sample
from evaluator.types import Plane, Rgb

STEPS = 6
"""Pictures of a ladder, the clean one among them."""
SHARES = {
    "studio_products": 0.34, "scenes": 0.28, "packshots": 0.1, "rated_photos": 0.16, "people": 0.12,
}  # fmt: skip
"""How often each set is the source."""
MASKED = {"studio_products": 0.5, "scenes": 0.35, "packshots": 0.15}
"""Sources of faults that are told by what happens to the subject."""
FINE = {"studio_products": 0.45, "scenes": 0.35, "people": 0.2}
"""Sources whose pixels are sharp and clean enough to begin at the best."""
GOOD = 68.0
"""Rated photographs below this mean opinion (0–100) are no clean beginning."""
BASE = {"studio_products": 5.0, "scenes": 5.0, "packshots": 5.0, "people": 4.5, "rated_photos": 4.4}
"""What the clean picture of a set comes to where light, colour or pixels are asked."""
FELT: dict[str, float] = {
    "blur": 0.75, "motion": 0.75, "upscale": 1.0, "noise": 0.65, "jpeg": 1.7, "bands": 1.1, "crisp": 0.9,
    "dark": 1.1, "bright": 0.9, "flat": 1.2, "cast": 0.8, "gaudy": 0.9, "crop": 0.6, "tilt": 0.7,
    "text": 0.4, "watermark": 0.6, "border": 0.5, "collage": 0.4, "clutter": 0.6,
}  # fmt: skip
"""Exponent of the strength that an eye feels, by kind: below 1 where a little is plain at once."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a step (`number` modulo six) of a ladder; only the criterion that the fault is meant for is labelled."""
    ladder, step = divmod(number, STEPS)
    random = generator("photographic", held, ladder, seed)
    kind = sorted(LADDERS)[int(random.integers(len(LADDERS)))]
    fault, criterion = LADDERS[kind]
    shares = MASKED if kind in ("crop", "clutter") else FINE if criterion == "sharpness" else SHARES
    source = chosen(shares, data, scenes, held, random)
    if source is None or (source.set == "rated_photos" and mean_opinion(data, source.path.name) < GOOD):
        return None
    least = 1.0 if kind in ("crop", "clutter") else 0.85
    frame, mask = framed(*opened(source), (288, 512), least, random)
    strongest = random.uniform(0.6, 1.0)
    strength = strongest * step / (STEPS - 1)
    draws = int(random.integers(2**32))
    felt = strength ** FELT[kind]
    base = 5.0 if criterion in ("overlay_freedom", "background_order", "balance") else BASE[source.set]
    if kind == "crop":
        if mask is None or _touches(mask):
            return None
        lost = _lost(mask, strength, draws)
        felt = min(1.0, lost / 0.45) ** FELT[kind]
    if kind == "clutter":
        if mask is None:
            return None
        picture = _strewn(frame, mask, strength, _pieces(data, held, draws), np.random.default_rng(draws))
    else:
        picture = fault(frame, strength, np.random.default_rng(draws))
    return Sample(
        picture,
        source.object,
        criteria={criterion: base - (base - 1) * felt},
        ladder=f"{kind}/{source.object}/{ladder}",
        step=step,
    )


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
