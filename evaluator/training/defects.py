"""Photographic faults in steps: each a seeded function from a clean picture and a strength to a spoilt one.

Pictures are RGB uint8, H×W×3; a strength runs over 0–1, 0 leaving the picture as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from evaluator.types import Rgb

Fault = Callable[[Rgb, float, np.random.Generator], Rgb]


def blur(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Defocus: a Gaussian of σ up to 1.2 % of the longer side."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(1e-3, 0.012 * strength * max(picture.shape[:2]))), np.uint8)


def noise(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Gaussian noise of σ up to 40 levels a channel."""
    return _bytes(picture + seed.normal(0, 40 * strength, picture.shape))


def jpeg(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """JPEG quality from 90 down to 5."""
    quality = round(90 * (5 / 90) ** strength)
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])


def dark(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Underexposure by up to 3.5 stops, in linear light."""
    return _expose(picture, -3.5 * strength)


def bright(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Overexposure by up to 3 stops, in linear light, clipped."""
    return _expose(picture, 3.0 * strength)


def cast(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """A colour cast: the channels' gains in linear light drift apart by up to two stops in a random hue."""
    turn = seed.uniform(0, 2 * np.pi)
    gains = 2.0 ** (-strength * (1 + np.cos(turn + np.array([0, 2, 4]) * np.pi / 3)))
    return _bytes(255 * _encode(_linear(picture) * gains))


def upscale(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Enlarged from a picture up to eight times smaller."""
    height, width = picture.shape[:2]
    factor = 8.0**strength
    small = cv2.resize(
        picture, (max(8, round(width / factor)), max(8, round(height / factor))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def crop(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Cut into the picture from one side, up to 60 % of it."""
    side = int(seed.integers(4))
    turned = np.rot90(picture, side)
    return np.ascontiguousarray(np.rot90(turned[: round(turned.shape[0] * (1 - 0.6 * strength))], -side))


def text(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Lines of advertising over the picture, one more for every fifth of the strength."""
    words = ["SALE 50% OFF", "FREE SHIPPING", "BEST PRICE", "NEW SEASON", "BUY NOW", "LIMITED OFFER"]
    inks = [(220, 20, 40), (20, 20, 20), (255, 255, 255), (240, 180, 20), (20, 90, 200)]
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    height = picture.shape[0]
    font = ImageFont.load_default(size=max(10, height * 0.05))
    order = seed.permutation(5)
    for line in range(round(5 * strength)):
        words_here, ink = words[int(seed.integers(len(words)))], inks[int(seed.integers(len(inks)))]
        where = (seed.uniform(0.04, 0.3) * picture.shape[1], (0.06 + 0.18 * int(order[line])) * height)
        pen.text(
            where,
            words_here,
            font=font,
            fill=ink,
            stroke_width=2,
            stroke_fill=(255, 255, 255) if sum(ink) < 380 else (0, 0, 0),
        )
    return np.array(image)


def tilt(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Turned by up to 15° and cropped to what stays inside the frame."""
    height, width = picture.shape[:2]
    degrees = 15 * strength * (1 if seed.integers(2) else -1)
    angle = np.radians(abs(degrees))
    keep = 1 / (np.cos(angle) + np.sin(angle) * max(width / height, height / width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    rows, columns = round(height * keep), round(width * keep)
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.ascontiguousarray(turned[top : top + rows, left : left + columns])


LADDERS: dict[str, tuple[Fault, str]] = {
    "blur": (blur, "sharpness"),
    "noise": (noise, "artefact_cleanliness"),
    "jpeg": (jpeg, "artefact_cleanliness"),
    "dark": (dark, "exposure"),
    "bright": (bright, "exposure"),
    "cast": (cast, "colour_harmony"),
    "upscale": (upscale, "sharpness"),
    "crop": (crop, "completeness"),
    "text": (text, "overlay_freedom"),
    "tilt": (tilt, "balance"),
}
"""Each kind of fault with the criterion that is meant to see it."""


def _linear(picture: Rgb) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    values = picture.astype(np.float64) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encode(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def _expose(picture: Rgb, stops: float) -> Rgb:
    return _bytes(255 * _encode(_linear(picture) * 2.0**stops))


def _bytes(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Rgb:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
