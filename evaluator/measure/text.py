"""Text in the picture: a cheap look first, and OCR detection only where that look sees something like text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from statistics import median
from threading import Lock
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.inference import compiled
from evaluator.types import Box, Rgb
from evaluator.view import shrink

_LOCK = Lock()
TONES = np.arange(256.0)
BIMODAL = 0.65
"""Least share of a window's variance that lies between its two tones."""
GLANCE_SIDE = 160
"""Longer side in pixels of the detector's first look."""
HINT = 0.0005
"""Least share of the first look that calls for a second."""
LETTERS = 3
"""Fewest letter-like shapes of one size in a line."""
SLENDEREST = 2.5
"""Largest height of a line for its width."""
SIDE = 384
"""Longer side in pixels of the picture whose parts the detector looks at carefully."""
STRIDE = 32
"""The detector's stride in pixels."""
ROOM = 24
"""Pixels around something like text that the detector is shown too."""
WHOLE = Box(0.0, 0.0, 1.0, 1.0)
MUCH = 0.3
"""Share of the picture from which on all of it is looked at at once."""
LARGEST = 0.3
"""Largest height of a text line as a share of the frame; the detector takes whole figures for letters."""


def suspects(rgb: Rgb, printed: Callable[[Box], bool] = lambda box: False, bare: bool = False) -> list[Box]:
    """Return where a careful look for text is worth its time, in shares of the frame; apart from each other.

    Strokes like letters, and what the detector sees in a small copy, but for what is `printed` on the product;
    with the room that the detector needs. The detector is spared where the product stands on a `bare` ground.
    """
    height, width = rgb.shape[:2]
    like = [box for box in [*strokes(rgb), *([] if bare else _hints(rgb))] if not printed(box)]
    areas = [_with_room(box, ROOM / width, ROOM / height) for box in like]
    apart: list[Box] = []
    for area in areas:
        while near := [other for other in apart if _overlap(area, other) > 0]:
            area = _around([area, *near])
            apart = [other for other in apart if other not in near]
        apart.append(area)
    return apart


def _hints(rgb: Rgb) -> list[Box]:
    """Return where the detector sees lines of text in a small copy of the picture; none where they are too little."""
    engine = _engine()
    small = np.ascontiguousarray(shrink(rgb, GLANCE_SIDE)[..., ::-1])
    rows, columns = small.shape[:2]
    # A side of less than half its stride would be nothing to the detector: it is filled up, and what is seen cut off.
    filled = cv2.copyMakeBorder(small, 0, max(0, STRIDE - rows), 0, max(0, STRIDE - columns), cv2.BORDER_REPLICATE)
    likely = np.asarray(engine.session(engine.get_preprocess()(filled)))[0, 0] > 0.3
    likely = likely[: rows if rows < STRIDE else None, : columns if columns < STRIDE else None]
    count, _, stats, _ = cv2.connectedComponentsWithStats(likely.astype(np.uint8), connectivity=8)
    spots = stats[1:count]
    tall, wide = spots[:, cv2.CC_STAT_HEIGHT], spots[:, cv2.CC_STAT_WIDTH]
    lines = spots[(tall <= LARGEST * likely.shape[0]) & (tall <= SLENDEREST * wide)]
    if float(lines[:, cv2.CC_STAT_AREA].sum()) <= HINT * likely.size:
        return []
    height, width = likely.shape
    return [
        Box(float(x / width), float(y / height), float(across / width), float(down / height), "text")
        for x, y, across, down, _ in lines
    ]


def strokes(rgb: Rgb) -> list[Box]:
    """Return the regions that have the dense upright strokes of a line of text, in shares of the frame.

    Morphological gradient, joined along the line, and the shape and fill of what results; after Smith's
    and Wu's line finders. Errs on the side of yes.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    rows, columns = grey.shape
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    steep = (gradient > 22).astype(np.uint8)
    found = []
    for reach in (9, 17):
        joined = cv2.morphologyEx(steep, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
        joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((4, 9), np.uint8))
        # Outlines take a fifth of the time that labels take.
        outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for x, y, width, height in map(cv2.boundingRect, outlines):
            if width < 14 or height < 5 or height > 0.35 * rows or width < 1.4 * height:
                continue
            window = slice(y, y + height), slice(x, x + width)
            if cv2.countNonZero(joined[window]) / (width * height) >= 0.45 and _written(grey[window]):
                found.append(Box(x / columns, y / rows, width / columns, height / rows, "text"))
    return found


def _written(window: npt.NDArray[np.uint8]) -> bool:
    """Return whether a window holds two tones, one of which falls into shapes like letters."""
    level, binary = cv2.threshold(window, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Sums of whole numbers: they are exact in double precision.
    counts = cv2.calcHist([window], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    split = int(level) + 1
    light, dark = float(counts[split:].sum()), float(counts[:split].sum())
    if light == 0 or dark == 0:
        return False
    step = float(counts[split:] @ TONES[split:]) / light - float(counts[:split] @ TONES[:split]) / dark
    share, mean = light / window.size, float(counts @ TONES) / window.size
    spread = float(counts @ (TONES - mean) ** 2) / window.size
    if step < 18 or share * (1 - share) * step**2 < BIMODAL * spread or not 0.12 < share < 0.88:
        return False
    return _letters(binary) >= LETTERS or _letters(1 - binary) >= LETTERS


def _letters(binary: npt.NDArray[np.uint8]) -> int:
    """Return how many shapes of a two-tone window could be letters: as tall as the line, of one size."""
    height = binary.shape[0]
    count, _, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=8)
    shapes = stats[1:count]
    tall = shapes[:, cv2.CC_STAT_HEIGHT]
    fill = shapes[:, cv2.CC_STAT_AREA] / (shapes[:, cv2.CC_STAT_WIDTH] * tall)
    like = (tall > 0.32 * height) & (shapes[:, cv2.CC_STAT_WIDTH] < 2 * tall) & (fill > 0.18) & (fill < 0.93)
    heights = tall[like].tolist()
    if not heights:
        return 0
    usual = median(heights)
    return sum(abs(height - usual) <= 0.3 * usual for height in heights)


def find_text(rgb: Rgb, printed: Callable[[Box], bool] = lambda box: False, bare: bool = False) -> tuple[Box, ...]:
    """Return the boxes of text lines, relative to the frame, by PP-OCR's detector (rapidocr, offline).

    Lines that are `printed` on the product are left out, and looked for nowhere. It looks only where there is
    something like text, then, where some is found, at the whole picture: always with the lighter half on the
    left, so that a mirrored picture has the same text. `bare` says that there is nothing around the product.
    """
    half = rgb.shape[1] // 2
    if sum(cv2.sumElems(rgb[:, :half])) >= sum(cv2.sumElems(rgb[:, -half:])):
        return _sorted(_lines(rgb, printed, bare))
    mirrored = np.ascontiguousarray(rgb[:, ::-1])
    return _sorted([_turned(box) for box in _lines(mirrored, lambda box: printed(_turned(box)), bare)])


def _lines(rgb: Rgb, printed: Callable[[Box], bool], bare: bool) -> list[Box]:
    places = suspects(rgb, printed, bare)
    area = sum(place.width * place.height for place in places)
    if area < MUCH and all(printed(box) for place in places for box in _read(rgb, place)):
        return []
    return [box for box in _read(rgb, WHOLE) if not printed(box)]


def _sorted(boxes: list[Box]) -> tuple[Box, ...]:
    return tuple(sorted(boxes, key=lambda box: (box.y, box.x)))


def _turned(box: Box) -> Box:
    """Return where a box lies in the mirrored picture."""
    return Box(1 - box.x - box.width, box.y, box.width, box.height, box.label)


def _read(rgb: Rgb, area: Box) -> list[Box]:
    """Return the lines of text in an area of a picture, relative to the picture."""
    height, width = rgb.shape[:2]
    top, left = int(area.y * height), int(area.x * width)
    bottom, right = round((area.y + area.height) * height), round((area.x + area.width) * width)
    part = rgb[top : max(top + 1, bottom), left : max(left + 1, right)]
    lines = []
    for x0, y0, x1, y1 in _detect(part, max(height, width)):
        line = Box((left + x0) / width, (top + y0) / height, (x1 - x0) / width, (y1 - y0) / height, "text")
        if line.height <= LARGEST and 0 < y1 - y0 <= SLENDEREST * (x1 - x0):
            lines.append(line)
    return lines


def _with_room(box: Box, across: float, down: float) -> Box:
    x0, y0 = max(0.0, box.x - across), max(0.0, box.y - down)
    x1, y1 = min(1.0, box.x + box.width + across), min(1.0, box.y + box.height + down)
    return Box(x0, y0, x1 - x0, y1 - y0, box.label)


def _around(boxes: list[Box]) -> Box:
    """Return the box around some boxes."""
    x0, y0 = min(box.x for box in boxes), min(box.y for box in boxes)
    x1, y1 = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x0, y0, x1 - x0, y1 - y0, boxes[0].label)


def _overlap(one: Box, other: Box) -> float:
    """Return the shared area over the smaller one's."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    smaller = min(one.width * one.height, other.width * other.height)
    return max(0.0, width) * max(0.0, height) / max(smaller, 1e-9)


def _detect(part: Rgb, side: int) -> list[tuple[float, float, float, float]]:
    """Return the lines in a part of a picture of `side` pixels, as left, top, right and bottom in its pixels."""
    height, width = part.shape[:2]
    scale = min(1.0, SIDE / side)
    size = (max(1, round(scale * width)), max(1, round(scale * height)))
    small = cv2.resize(np.ascontiguousarray(part[..., ::-1]), size, interpolation=cv2.INTER_LINEAR)
    # The detector takes multiples of its stride and would squeeze the picture to them.
    small = cv2.copyMakeBorder(small, 0, -size[1] % STRIDE, 0, -size[0] % STRIDE, cv2.BORDER_REPLICATE)
    found = _engine()(small).boxes
    lines = []
    for corners in found if found is not None else ():
        (x0, y0), (x1, y1) = np.min(corners, axis=0), np.max(corners, axis=0)
        across, down = width / size[0], height / size[1]
        lines.append(
            (float(max(0, x0 * across)), float(max(0, y0 * down)),
             float(min(width, x1 * across)), float(min(height, y1 * down)))
        )  # fmt: skip
    return lines


def _engine() -> Any:
    """Return the detector; it keeps nothing from one picture to the next, so that threads may share it."""
    with _LOCK:
        return _detector()


@lru_cache(maxsize=1)
def _detector() -> Any:
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Det.limit_side_len": SIDE + STRIDE,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    # The engine loads its detector on first use; what follows calls that detector alone, since the engine's
    # own pipeline pads and rescales in ways that are not needed here.
    engine(np.full((64, 64, 3), 255, np.uint8), use_det=True, use_cls=False, use_rec=False)
    detector: Any = engine.text_det
    # Plain numbers: omegaconf's take longer than the picture.
    detector.mean, detector.std = (np.array(list(each), np.float32) for each in (detector.mean, detector.std))
    prepare = detector.get_preprocess()
    # There are only 256 levels to bring to the detector's scale, by its own formula.
    table = prepare.normalize(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)).astype(np.float32)
    prepare.normalize = lambda picture: cv2.LUT(picture, table)
    prepare.permute = lambda picture: np.stack(cv2.split(picture))
    detector.get_preprocess = lambda: prepare
    # Its graph takes half the time there, and a third where weights are all but zero (denormal).
    session = compiled(Path(detector.session.session._model_path))
    detector.session = lambda picture: session.run(session.gives, picture)[0]
    return detector
