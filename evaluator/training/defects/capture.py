"""Faults of the camera and the file: focus, light, colour, framing and processing, each by a strength of 0–1."""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.types import Rgb

MOST_TILT = 15.0
"""Degrees by which a picture is turned at most."""


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


def tilt(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Turned by up to 15° and cropped to what stays inside the frame."""
    height, width = picture.shape[:2]
    degrees = MOST_TILT * strength * (1 if seed.integers(2) else -1)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return filled(turned, degrees)


def filled(picture: Rgb, degrees: float) -> Rgb:
    """Return the middle of a picture that stays inside the frame when that is turned, its aspect kept."""
    height, width = picture.shape[:2]
    angle = np.radians(abs(degrees))
    keep = 1 / (np.cos(angle) + np.sin(angle) * max(width / height, height / width))
    rows, columns = round(height * keep), round(width * keep)
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.ascontiguousarray(picture[top : top + rows, left : left + columns])


def motion(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Shaken: smeared along a random direction over up to 5 % of the longer side."""
    angle = seed.uniform(0, np.pi)
    if strength <= 0:
        return picture.copy()
    reach = 0.025 * strength * max(picture.shape[:2])
    half = int(np.ceil(reach)) + 1
    across, down = np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1))
    along, beside = across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)
    # Soft ends and sides, so that the smear grows smoothly and not by whole pixels.
    kernel = np.clip(reach + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(beside), 0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT), np.uint8)


def flat(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Low contrast: drawn by up to 85 % towards a grey of 110–170."""
    grey = seed.uniform(110, 170)
    return _bytes(picture + 0.85 * strength * (grey - picture.astype(np.float64)))


def gaudy(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Over-saturated: each pixel's distance from its grey grows up to fourfold."""
    grey = (picture @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    return _bytes(grey + (1 + 3 * strength) * (picture - grey))


def crisp(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Over-sharpened: an unsharp mask of σ 0.8–1.6 px with a gain of up to 5."""
    soft = cv2.GaussianBlur(picture, (0, 0), seed.uniform(0.8, 1.6)).astype(np.float64)
    return _bytes(picture + 5 * strength * (picture - soft))


def bands(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Banding: posterised to steps of up to 48 levels a channel."""
    step = 48.0**strength
    return _bytes(np.round(picture / step) * step)


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
