"""A photo made ready for measuring: the same picture at the few sizes and colour spaces that the measures read."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.saliency import saliency
from evaluator.types import Photo, Plane, Rgb

Levels = npt.NDArray[np.uint8]
"""A plane of whole levels, 0–255."""

WORK_SIDE = 512
"""Longer side in pixels at which layout, light and colour are read."""
DETAIL_SIDE = 1024
"""Longer side in pixels at which sharpness and noise are read: what a shopper sees when zooming in."""
THUMB_SIDE = 160
"""Both sides in pixels at which it is read where the eye goes."""
NATIVE_CROP = 1024
"""Largest side of the untouched centre in which block grids and banding are looked for."""


@dataclass(frozen=True, slots=True)
class View:
    """One photo at its measuring sizes.

    `rgb` uint8 and `lab` (L* 0–100, a*, b*) float32 at working size, longer side ≤ 512; `thumb` the same as `lab` and
    `salient` (0–1) where the eye goes first, both squeezed to 160×160;
    `detail` uint8 RGB and `luma` uint8 grey at detail size, longer side ≤ 1024; `native` uint8 grey, an untouched
    crop of the centre, its corner on the 8-pixel grid; `side` the longer side of the original in pixels.
    """

    rgb: Rgb
    lab: npt.NDArray[np.float32]
    thumb: npt.NDArray[np.float32]
    salient: Plane
    detail: Rgb
    luma: Levels
    native: Levels
    side: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width at working size."""
        return int(self.rgb.shape[0]), int(self.rgb.shape[1])


def view(photo: Photo) -> View:
    """Prepare `photo` for the measures; never enlarges."""
    rgb = photo.rgb
    detail = shrink(rgb, DETAIL_SIDE)
    # Half of an odd height serves as well; of an odd width it would not be the same in the mirror image.
    height, width = detail.shape[:2]
    work = halved(detail) if max(height, width) == 2 * WORK_SIDE and width % 2 == 0 else shrink(detail, WORK_SIDE)
    lab = cv2.cvtColor(work * np.float32(1 / 255), cv2.COLOR_RGB2LAB)
    thumb = np.asarray(cv2.resize(lab, (THUMB_SIDE, THUMB_SIDE), interpolation=cv2.INTER_AREA), np.float32)
    luma = cv2.cvtColor(detail, cv2.COLOR_RGB2GRAY)
    native = luma if detail is rgb else cv2.cvtColor(_centre(rgb), cv2.COLOR_RGB2GRAY)
    return View(
        rgb=work,
        lab=np.asarray(lab, np.float32),
        thumb=thumb,
        salient=saliency(thumb),
        detail=detail,
        luma=np.asarray(luma, np.uint8),
        native=np.asarray(native, np.uint8),
        side=max(rgb.shape[:2]),
    )


def shrink(picture: Rgb, side: int) -> Rgb:
    """Return the picture with its longer side at most `side` pixels, averaged over areas."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    if longer <= side:
        return picture
    size = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def halved(picture: Rgb) -> Rgb:
    """Return the picture at half its size, each pixel the mean of four, which takes a tenth of any other size's time.

    Sides are rounded, to the even number where they are odd: the last row or column goes, or stands alone.
    """
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def _centre(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    top = max(0, (height - NATIVE_CROP) // 2) // 8 * 8
    left = max(0, (width - NATIVE_CROP) // 2) // 8 * 8
    return np.ascontiguousarray(rgb[top : top + NATIVE_CROP, left : left + NATIVE_CROP])
