"""What may happen to a picture without a change of its product: light, lens, camera, file, and a leaf before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.cutout import Cutout, levels
from evaluator.training.makers.stage import Stage, mirrored, to_bytes
from evaluator.types import Plane, Rgb

TURN = 8.0
"""Largest turn in degrees."""


def turned(subject: Cutout, where: Plane, degrees: float) -> tuple[Cutout, Plane]:
    """Return the subject and a plane of its size turned about its middle."""
    rows, columns = subject.alpha.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    reach = np.abs(turn[:, :2]) @ (columns, rows)
    size = (int(np.ceil(reach[0])) + 2, int(np.ceil(reach[1])) + 2)
    turn[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    colour = cv2.warpAffine(subject.colour, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha, place = (cv2.warpAffine(plane, turn, size, flags=cv2.INTER_LINEAR) for plane in (subject.alpha, where))
    solid = replace(subject, colour=np.clip(colour, 0, 1), alpha=np.clip(alpha, 0, 1))
    return solid, np.asarray(np.clip(place, 0, 1), np.float32)


def shaded(stage: Stage, seed: np.random.Generator) -> Stage:
    """Return the stage with a soft new shadow over the product's foot, or across it from one side."""
    rows, columns = np.nonzero(stage.alpha > 0.5)
    high, wide = stage.alpha.shape
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    tall, across = max(1.0, float(np.ptp(rows))), max(1.0, float(np.ptp(columns)))
    deep = seed.uniform(0.12, 0.4)
    if seed.random() < 0.5:
        along = (y - rows.max()) / (seed.uniform(0.15, 0.4) * tall) + 1
    else:
        lean = seed.uniform(-0.6, 0.6)
        side = seed.choice([-1, 1])
        along = side * ((x - columns.mean()) / across + lean * (y - rows.mean()) / tall) / seed.uniform(0.25, 0.6)
    shadow = deep / (1 + np.exp(-4 * (along - 0.5)))
    tint = 1 - shadow[..., None] * np.array([1.0, 0.97, 0.92], np.float32)
    return replace(stage, subject=np.asarray(stage.subject * tint, np.float32))


def lit(stage: Stage, seed: np.random.Generator) -> Stage:
    """Return the stage with its product lit from a side, as if it were round: lighter there, darker away."""
    body = (stage.alpha > 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(body, cv2.DIST_L2, 5)
    soft = max(2.0, 0.35 * float(depth.max()))
    height = cv2.GaussianBlur(np.sqrt(depth), (0, 0), soft)
    across, down = (cv2.Sobel(height, cv2.CV_32F, *way, scale=0.125) for way in ((1, 0), (0, 1)))
    way = seed.uniform(-0.5 * np.pi, 0.5 * np.pi) + seed.choice([0, np.pi])
    slope = across * np.cos(way) + 0.6 * down * np.sin(way)
    slope = slope / max(1e-6, float(np.percentile(np.abs(slope[body > 0]), 97)))
    gain = 1 + seed.uniform(0.1, 0.32) * np.clip(slope, -1.2, 1.2)
    return replace(stage, subject=np.asarray(np.clip(stage.subject * gain[..., None], 0, 1), np.float32))


def reflected(stage: Stage, seed: np.random.Generator) -> Stage:
    """Return the stage with the product's reflection below its foot."""
    assert stage.foot is not None
    ground = mirrored(stage.ground, stage.alpha, stage.subject, stage.foot, float(seed.uniform(0.15, 0.5)))
    return replace(stage, ground=ground)


def defocused(stage: Stage, seed: np.random.Generator) -> Stage:
    """Return the stage with its ground out of focus."""
    soft = float(seed.uniform(0.004, 0.02)) * max(stage.alpha.shape)
    return replace(stage, ground=np.asarray(cv2.GaussianBlur(stage.ground, (0, 0), soft), np.float32))


def occluded(stage: Stage, seed: np.random.Generator) -> Stage:
    """Return the stage with a leaf before the product's foot, which hides a part of it."""
    rows, columns = np.nonzero(stage.alpha > 0.5)
    tall, across = float(np.ptp(rows)), float(np.ptp(columns))
    side = seed.choice([-1, 1])
    middle = (columns.mean() + side * across * seed.uniform(0.15, 0.45), rows.max() - tall * seed.uniform(0.0, 0.08))
    axes = (0.22 * across * seed.uniform(0.8, 1.3), 0.07 * tall * seed.uniform(0.8, 1.4))
    canvas = np.zeros(stage.alpha.shape, np.uint8)
    at, size = tuple(round(value) for value in middle), tuple(max(3, round(value)) for value in axes)
    cv2.ellipse(canvas, at, size, seed.uniform(-40, 40), 0, 360, 255, -1, cv2.LINE_AA)
    leaf = cv2.GaussianBlur(canvas.astype(np.float32) / np.float32(255), (0, 0), 0.8)
    tone = np.array([seed.uniform(0.1, 0.4), seed.uniform(0.3, 0.6), seed.uniform(0.05, 0.3)], np.float32)
    veins = 1 + 0.1 * smooth(leaf.shape, 5.0, seed)[..., None]
    subject = stage.subject * (1 - leaf[..., None]) + np.clip(tone * veins, 0, 1) * leaf[..., None]
    return replace(stage, subject=np.asarray(subject, np.float32), alpha=np.maximum(stage.alpha, leaf))


def relit(picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return the whole picture in another light: exposure, contrast, a tint and a slope from side to side."""
    colour = levels(picture)
    tint = 1 + seed.uniform(-0.07, 0.07) * np.array([1, 0, -1], np.float32) + seed.normal(0, 0.01, 3)
    toned = np.clip(colour, 1e-4, 1) ** seed.uniform(0.82, 1.2) * (seed.uniform(0.82, 1.1) * tint)
    slope = seed.uniform(-0.14, 0.14) * np.linspace(-1, 1, picture.shape[1])
    return to_bytes(np.asarray(toned * (1 + slope)[None, :, None], np.float32))


def graded(picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return the whole picture with a look: a curve, more or less colour, cool shadows against warm lights."""
    colour = levels(picture)
    steep = seed.uniform(-0.25, 0.3)
    colour = colour + steep * (colour - 0.5) * (1 - np.abs(2 * colour - 1))
    grey = colour.mean(axis=2, keepdims=True)
    colour = grey + seed.uniform(0.72, 1.25) * (colour - grey)
    split = seed.uniform(-0.05, 0.05) * np.array([1, 0.1, -1], np.float32)
    colour = colour + split * (2 * grey - 1)
    lift = seed.uniform(0, 0.05)
    return to_bytes(np.asarray(lift + (1 - lift) * colour, np.float32))


def softened(picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return the picture a little out of focus."""
    spread = float(seed.uniform(0.5, 1.2)) * max(picture.shape[:2]) / 448
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), spread), np.uint8)


def resized(picture: Rgb, seed: np.random.Generator) -> Rgb:
    """Return the picture at another size."""
    factor = float(seed.uniform(0.6, 1.6))
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return np.asarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC), np.uint8
    )


def compressed(picture: Rgb, quality: int) -> Rgb:
    """Return the picture as it comes back from a JPEG file."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])


STAGES: dict[str, Callable[[Stage, np.random.Generator], Stage]] = {
    "lit": lit,
    "shaded": shaded,
    "reflected": reflected,
    "defocused": defocused,
    "occluded": occluded,
}
"""What may happen while a picture is put together, besides a turn."""
PICTURES: dict[str, Callable[[Rgb, np.random.Generator], Rgb]] = {
    "light": relit,
    "graded": graded,
    "blurred": softened,
    "resize": resized,
}
"""What may happen to a whole picture."""
