"""Brings every colour mode to 8-bit sRGB on white, strip by strip; knows nothing of files."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

_WORKING_SPACES = ("Display P3", "Adobe RGB (1998)", "ProPhoto RGB", "ROMM RGB", "Rec. 2020", "Dot Gain 20%")
_PROFILE_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_MAX_PROFILE = 4 << 20
"""Larger profiles are left unread; a press profile has 2 MB at most."""
_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
_KEPT = {"L", "CMYK", "LAB"}
_DEEP = {"I", "F", "I;16", "I;16L", "I;16B", "I;16N"}


class Converter:
    """Turns the strips of one picture into RGB and alpha.

    `profile` says what became of the embedded ICC profile: `sRGB`, the name of a well-known space, `other`,
    or `ignored: …` with the reason; None where there was none. A profile's own text is never kept, since it
    may name a person's device. `has_alpha` says whether `convert` gives an alpha.
    """

    def __init__(self, image: Image.Image, icc: bytes | None) -> None:
        self.has_alpha = image.mode in _ALPHA or _transparency(image) is not None
        self._mode = _colour_mode(image)
        self._gain = _gain(image) if image.mode in _DEEP else 1.0
        self._transform: ImageCms.ImageCmsTransform | None = None
        self.profile: str | None = None
        if icc:
            self.profile, self._transform = _read_profile(icc, self._mode)
        if self._mode == "LAB" and self._transform is None:
            lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
            self._transform = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")

    def convert(self, strip: Image.Image) -> tuple[Image.Image, Image.Image | None]:
        """Return the strip as sRGB flattened on white, and its alpha (mode L) where the picture has one."""
        alpha = None
        if self.has_alpha:
            strip = _with_alpha(strip)
            alpha = strip.getchannel("A")
        if strip.mode in _DEEP:
            strip = _to_eight_bits(strip, self._gain)
        strip = strip if strip.mode == self._mode else strip.convert(self._mode)
        if self._transform is not None:
            strip = _applied(self._transform, strip)
        elif strip.mode != "RGB":
            strip = strip.convert("RGB")
        if alpha is not None:
            white = Image.new("RGB", strip.size, "white")
            white.paste(strip, mask=alpha)
            strip = white
        return strip, alpha


def _colour_mode(image: Image.Image) -> str:
    """Return the mode in which a profile applies: L, CMYK, LAB or RGB."""
    if image.mode in _KEPT:
        return image.mode if _transparency(image) is None else "RGB"
    return "L" if image.mode in _DEEP or image.mode == "1" else "RGB"


def _transparency(image: Image.Image) -> object:
    """Return the transparent colour or table that stands outside the pixels, if it can be applied."""
    return image.info.get("transparency") if image.mode in ("1", "L", "P", "RGB") else None


def _with_alpha(strip: Image.Image) -> Image.Image:
    if strip.mode == "La":
        strip = strip.convert("LA")
    value = strip.info.get("transparency")
    if strip.mode == "RGB" and isinstance(value, tuple) and max(value) > 255:
        strip.info["transparency"] = tuple(part >> 8 for part in value)  # of a 16-bit file, read as 8
    return strip.convert("RGBA")


def _gain(image: Image.Image) -> float:
    """Return the factor that brings deep greys to 0–255: by the type's range, else by the picture's own."""
    if image.mode.startswith("I;16"):
        return 255 / 65535
    values = np.asarray(image)
    high = float(np.max(values, initial=0, where=np.isfinite(values)))
    if image.mode == "F" and high <= 1:
        return 255.0
    if high <= 255:
        return 1.0
    if high <= 65535:
        return 255 / 65535
    return 255 / high if image.mode == "F" else 255 / (2**31 - 1)


def _to_eight_bits(strip: Image.Image, gain: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(strip).astype(np.float32), nan=0.0, posinf=3e38, neginf=0.0)
    return Image.fromarray(np.clip(values.astype(np.float64) * gain + 0.5, 0, 255).astype(np.uint8))


@lru_cache(maxsize=8)
def _read_profile(icc: bytes, mode: str) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """Return what to report of a profile, and the transform to sRGB where one is needed and possible.

    Kept for the profiles seen last: building a transform takes as long as decoding a picture.
    """
    if len(icc) > _MAX_PROFILE:
        return f"ignored: {len(icc) >> 20} MB long", None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space = _PROFILE_SPACES.get(profile.profile.xcolor_space.strip(), "")
        if space != mode:
            return f"ignored: made for {space or 'other'} colours, the picture is {mode}", None
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "RGB" and _changes_nothing(transform):
            return "sRGB", None
        text = ImageCms.getProfileDescription(profile)
    except Exception:  # littlecms and its wrapper raise several kinds for a damaged profile
        return "ignored: damaged", None
    return next((known for known in _WORKING_SPACES if known.lower() in text.lower()), "other"), transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Say whether a transform leaves a 6×6×6 cube of colours as it is, to one step of 255."""
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(6, 36, 3)
    after = np.asarray(_applied(transform, Image.fromarray(cube)))
    return int(np.abs(after.astype(np.int16) - cube).max()) <= 1


def _applied(transform: ImageCms.ImageCmsTransform, strip: Image.Image) -> Image.Image:
    result = ImageCms.applyTransform(strip, transform)
    assert result is not None  # it is None only when asked to work in place
    return result
