"""How a sample is shown to the network: the part of it in the frame, its shape, and what befell the whole picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.defects import one_of
from evaluator.training.makers.benign import compressed, graded, relit, softened
from evaluator.training.sample import Sample
from evaluator.types import Plane, Rgb

NATIVE = 0.5
"""Share of rated photographs that are shown as a crop at their own size, where faults of the lens and file show."""
KEPT = 0.85
"""Least share of a fault that a frame must hold."""
TRIES = 4
"""Frames that are drawn until one holds the faults; after that the largest is taken."""
QUALITY = (35, 92)
"""JPEG qualities of a disturbed picture."""
GRAIN = (2.0, 9.0)
"""Noise of a disturbed picture, in steps of 255."""
ROUGH = frozenset(("fusion", "hand", "face", "body", "located", "masks"))
"""Families that may be blurred, grainy or compressed: what they teach is not about that."""
TONED = ROUGH | {"artefact"}
"""Families that may come in another light."""

BADLY = ("bright", "dark", "flat", "cast")
"""Ways in which a picture is lit badly, at up to MOST_BADLY of their strength."""
MOST_BADLY = 0.6


@dataclass(frozen=True, slots=True)
class Frame:
    """What is shown of a sample: `zoom` of the largest box of the shape, at a place (0–1), perhaps mirrored."""

    zoom: float
    across: float
    down: float
    flip: bool

    def box(self, size: tuple[int, ...], shape: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return top, left, height and width in pixels of the frame in a picture of a size (both height, width)."""
        (height, width), (rows, columns) = size[:2], shape
        scale = self.zoom * min(height / rows, width / columns)
        high, wide = min(height, round(rows * scale)), min(width, round(columns * scale))
        return round(self.down * (height - high)), round(self.across * (width - wide)), high, wide

    def holds(self, sample: Sample, shape: tuple[int, int]) -> bool:
        """Return whether most of each of a sample's faults is in the frame."""
        size = sample.picture.shape
        box = self.box(size, shape)
        return all(part_of(plane, box, size).sum() >= KEPT * plane.sum() for plane in sample.maps.values())


def part_of(
    plane: npt.NDArray[np.generic], box: tuple[int, int, int, int], size: tuple[int, ...]
) -> npt.NDArray[np.generic]:
    """Return what a box (top, left, height, width in pixels of a picture of a size) cuts from a plane of any size."""
    (top, left, high, wide), fy, fx = box, plane.shape[0] / size[0], plane.shape[1] / size[1]
    y, x = round(top * fy), round(left * fx)
    return plane[y : max(y + 1, round((top + high) * fy)), x : max(x + 1, round((left + wide) * fx))]


def framed(samples: Sequence[Sample], shape: tuple[int, int], zoom: float, seed: np.random.Generator) -> Frame:
    """Draw one frame for a group of samples, which holds the faults of all; `zoom` is the least share of a side."""
    flip = bool(seed.integers(2))
    for _ in range(TRIES):
        frame = Frame(float(seed.uniform(zoom, 1)), float(seed.random()), float(seed.random()), flip)
        if all(frame.holds(sample, shape) for sample in samples):
            return frame
    return Frame(1.0, 0.5, 0.5, flip)


def disturbed(picture: Rgb, family: str, odds: float, seed: np.random.Generator) -> Rgb:
    """Return a picture as another light, lens, sensor or file would have given it, each by the odds (0–1)."""
    if family in TONED and seed.random() < odds:
        picture = relit(picture, seed) if seed.random() < 0.5 else graded(picture, seed)
    if family not in ROUGH:
        return picture
    if seed.random() < odds / 2:
        picture = softened(picture, seed)
    if seed.random() < odds:
        noise = seed.normal(0, seed.uniform(*GRAIN), picture.shape).astype(np.float32)
        picture = np.asarray(np.clip(picture + noise, 0, 255), np.uint8)
    if seed.random() < odds:
        picture = compressed(picture, int(seed.integers(*QUALITY)))
    return picture


def badly_worn(picture: Rgb, lit: float, odds: float, seed: np.random.Generator) -> Rgb:
    """Return a picture that shows a limb lit badly, by the odds `lit`, and disturbed, by `odds` (both 0–1)."""
    return disturbed(badly_lit(picture, lit, seed), "face", odds, seed)


def badly_lit(picture: Rgb, odds: float, seed: np.random.Generator) -> Rgb:
    """Return a picture, by the odds (0–1), in too strong, too weak, hazy or coloured light."""
    return one_of(BADLY, MOST_BADLY, picture, seed) if seed.random() < odds else picture


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample as it is shown: the picture at the batch's shape, planes cut alike, and the labels."""

    picture: Rgb
    planes: Mapping[str, Plane]
    sample: Sample


def show(sample: Sample, frame: Frame, shape: tuple[int, int], native: bool = False) -> Shown:
    """Cut a sample to a frame and resize it to a shape; `native` cuts it at its own size where it is large enough."""
    height, width = sample.picture.shape[:2]
    rows, columns = shape
    top, left, high, wide = frame.box((height, width), shape)
    if native and height >= rows and width >= columns:
        high, wide = rows, columns
        top, left = round(frame.down * (height - high)), round(frame.across * (width - wide))

    def cut(plane: npt.NDArray[np.generic], size: tuple[int, int]) -> npt.NDArray[np.generic]:
        part = part_of(plane, (top, left, high, wide), (height, width))
        shrinking = part.shape[0] * part.shape[1] > size[0] * size[1]
        sized = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
        return np.ascontiguousarray(sized[:, ::-1] if frame.flip else sized)

    planes = {"mask": sample.mask} if sample.mask is not None else {}
    planes |= dict(sample.maps)
    sizes = {name: (rows // 4, columns // 4) if name == "mask" else (rows // 8, columns // 8) for name in planes}
    return Shown(
        np.asarray(cut(sample.picture, shape), np.uint8),
        {name: np.asarray(cut(plane, sizes[name]), np.float32) for name, plane in planes.items()},
        sample,
    )
