"""Pictures with the marks of generation, and their sound twins: the same source, worked on without harm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.defects.shapes import SHAPES, field
from evaluator.training.defects.surfaces import PRINT, SURFACES
from evaluator.training.makers.picture import MIRRORED, chosen, clothes_of, framed, generator, opened, worn
from evaluator.training.makers.ratings import mean_opinion
from evaluator.training.sample import Sample
from evaluator.training.sources import Source
from evaluator.types import Plane, Rgb

SHARES = {
    "studio_products": 0.28, "amateur_products": 0.24, "packshots": 0.1, "scenes": 0.16, "rated_photos": 0.12,
    "people": 0.1,
}  # fmt: skip
"""How often each set is the source."""
CLEAN = ("studio_products", "packshots", "scenes")
"""Sets whose untouched pictures are known to be clean."""
MEDIAN = 59.0
"""Rated photographs below this mean opinion (0–100; about their median) are no examples of soundness."""
WHOLE = ("grid", "crunch", "daub", "bleed", "wobble", "collapse", "vocabulary")
"""Marks that may also lie over the whole picture."""
ABOUT = {
    "shape_fidelity": frozenset((*SHAPES, "astray")),
    "material_realism": frozenset((*SURFACES, "coarse", "plastic")),
}
"""Marks that each criterion is about."""
SEEN = 24.0
"""Local difference in levels at which a mark is plain."""
LEAST = 0.0015
"""Least share of a picture that changes where a mark came of it."""


@dataclass(frozen=True, slots=True)
class _Spoilt:
    picture: Rgb
    map: Plane
    severity: float
    kinds: tuple[str, ...]
    inside: bool


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return a spoilt picture for an even number, and for the odd one after it a sound one of the same source."""
    pair = generator("artefact pair", held, number // 2, seed)
    source = good(SHARES, data, scenes, held, pair)
    if source is None:
        return None
    picture, mask = opened(source)
    where = clothes_of(source, picture) if source.set == "people" else mask
    own = generator("artefact", held, number, seed)
    # The twin may be cut and sized otherwise, as any two pictures are.
    frame, place = framed(picture, where, (288, 512), 0.65, source.set in MIRRORED, own)
    if own.random() < 0.6:
        frame, place = harmless(frame, place, source.set, own)
    faulty = number % 2 == 0
    map = np.zeros(frame.shape[:2], np.float32)
    severity, criteria = 0.0, dict.fromkeys(ABOUT, 5.0)
    if faulty:
        spoilt = _spoil(frame, place, source.set not in MIRRORED, own)
        if spoilt is None:
            return None
        frame, map, severity = spoilt.picture, spoilt.map, spoilt.severity
        # A mark beside the product says nothing of it.
        criteria = felt(spoilt.kinds, severity) if spoilt.inside else {}
    frame, wear = worn(frame, own)
    if source.set in CLEAN:
        criteria["artefact_cleanliness"] = 5 - 4 * max(severity, 0.35 * wear)
    return Sample(frame, source.object, maps={"artefact": map}, tags={"artefact": severity}, criteria=criteria)


def good(shares: dict[str, float], data: Path, scenes: Path, held: bool, seed: np.random.Generator) -> Source | None:
    """Return a source of the shares that is sound as it is; None where eight draws bring none."""
    for _ in range(8):
        source = chosen(shares, data, scenes, held, seed)
        if source is None or source.set != "rated_photos" or mean_opinion(data, source.path.name) >= MEDIAN:
            return source
    return None


def felt(kinds: Iterable[str], severity: float) -> dict[str, float]:
    """Return what marks of some kinds say of the criteria that they are about (1–5), by their severity (0–1)."""
    return {id: 5 - 4 * severity for id, marks in ABOUT.items() if not marks.isdisjoint(kinds)}


def _spoil(picture: Rgb, place: Plane | None, printed: bool, seed: np.random.Generator) -> _Spoilt | None:
    """Lay one or two marks on a picture; None where nothing came of it that could be seen."""
    nominal = float(seed.uniform(0.2, 1.0) ** 1.8)  # the hardly visible ones are what has to be learnt
    inside = place is not None and float(place.mean()) > 0.03 and seed.random() < 0.85
    out, kinds = picture, []
    for _ in range(1 + int(seed.random() < 0.25)):
        marks = SHAPES if seed.random() < 0.5 else SURFACES
        if printed and seed.random() < 0.25:
            marks = PRINT
        names = sorted(marks)
        kind = names[int(seed.integers(len(names)))]
        if kind in WHOLE and seed.random() < 0.2:
            region = np.ones(picture.shape[:2], np.float32)
        else:
            region = blob(picture, place if inside else None, kind, seed)
        out = marks[kind](out, region, nominal, seed)
        kinds.append(kind)
    map, severity = told(picture, out, nominal)
    if not severity:
        return None
    return _Spoilt(out, map, severity, tuple(kinds), inside or (place is None and _central(map)))


def told(picture: Rgb, marked: Rgb, nominal: float) -> tuple[Plane, float]:
    """Return where a picture was changed (H×W, 0–1), and how severely (0–1): 0 where nothing came of it to be seen.

    `nominal` is the strength that was asked for.
    """
    change = np.abs(marked.astype(np.int16) - picture).max(axis=2).astype(np.float32)
    change = np.asarray(cv2.GaussianBlur(change, (0, 0), max(1.0, 0.004 * max(picture.shape))), np.float32)
    map = np.asarray(np.clip((change - 1.0) / 5, 0, 1), np.float32)
    area = float(map.mean())
    if area < LEAST:
        return map, 0.0
    plain = float(np.average(change, weights=map))
    # What is plain to the numbers may yet look natural (a bent fold): the strength asked for counts as much.
    seen = np.clip(plain / SEEN, 0, 1) ** 0.7 * np.clip(area / 0.02, 0.2, 1) ** 0.25
    return map, float(np.clip(np.sqrt(seen * nominal), 0.08, 1))


def _central(map: Plane) -> bool:
    """Return whether most of what changed lies in the middle of the picture, where the subject surely is."""
    height, width = map.shape
    middle = map[height // 5 : height - height // 5, width // 5 : width - width // 5]
    return float(middle.sum()) > 0.6 * float(map.sum())


def blob(picture: Rgb, place: Plane | None, kind: str, seed: np.random.Generator) -> Plane:
    """Return a soft random region (H×W, 0–1): about a point of the place, of edges or of print, as the kind needs."""
    shape = picture.shape[:2]
    weight = np.ones(shape, np.float32) if place is None else place + np.float32(1e-4)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    # Marks on bare ground would not be seen: where there is detail they fall more often.
    detail = cv2.blur(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (15, 15))
    power = 2.0 if kind in PRINT or kind == "wobble" else 1.0
    weight = weight * (0.5 + detail) ** power
    if kind in ("dissolve", "lose", "double", "swell") and place is not None:
        rim = cv2.blur(place, (9, 9))
        weight = weight * (0.15 + 4 * rim * (1 - rim))
    flat = np.cumsum(weight.ravel(), dtype=np.float64)
    at = int(np.searchsorted(flat, seed.random() * flat[-1]))
    y, x = divmod(min(at, flat.size - 1), shape[1])
    side = max(shape)
    radius = side * np.exp(seed.uniform(np.log(0.035), np.log(0.26)))
    down, across = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, stretch = seed.uniform(0, np.pi), seed.uniform(1, 2.2)
    along = (across - x) * np.cos(turn) + (down - y) * np.sin(turn)
    beside = (down - y) * np.cos(turn) - (across - x) * np.sin(turn)
    far = np.hypot(along / stretch, beside * stretch**0.5) / radius
    far = far + 0.25 * field((shape[0], shape[1]), radius, seed)
    softness = seed.uniform(0.12, 0.6)
    region = np.clip((1 - far) / softness, 0, 1)
    if place is not None and seed.random() < 0.6:
        reach = max(3, round(side * 0.02)) | 1
        region = region * cv2.blur(cv2.dilate(place, np.ones((reach, reach), np.uint8)), (reach, reach))
    return np.asarray(region * region * (3 - 2 * region), np.float32)


def harmless(picture: Rgb, place: Plane | None, set: str, seed: np.random.Generator) -> tuple[Rgb, Plane | None]:
    """Return the picture as an editor might leave it, unhurt: and its mask, where that moved with it."""
    kind = int(seed.integers(7))
    shape = picture.shape[:2]
    side = max(shape)
    if kind == 0 and place is not None and set in ("scenes", "people"):
        # Depth of field: the mask is closed first, for a person's skin and hair are not in it.
        reach = round(side * 0.08) | 1
        front = cv2.blur(cv2.dilate(place, np.ones((reach, reach), np.uint8)), (reach, reach))[..., None]
        soft = cv2.GaussianBlur(picture, (0, 0), side * seed.uniform(0.003, 0.02))
        return np.asarray(np.round(picture * front + soft * (1 - front)), np.uint8), place
    if kind == 1:
        return np.asarray(cv2.bilateralFilter(picture, 5, seed.uniform(6, 16), 2), np.uint8), place
    if kind == 2:
        return _lens(picture, place, seed)
    if kind == 3:
        soft = cv2.GaussianBlur(picture, (0, 0), seed.uniform(0.8, 1.5))
        gain = seed.uniform(0.15, 0.5)
        return np.asarray(cv2.addWeighted(picture, 1 + gain, soft, -gain, 0), np.uint8), place
    if kind == 4 and set not in ("studio_products", "packshots"):
        # A pool of light, as soft and as irregular as a mark's region.
        pool = 1 + seed.uniform(-0.22, 0.18) * field((shape[0], shape[1]), side * seed.uniform(0.25, 0.7), seed)
        return np.clip(picture * np.clip(pool, 0.6, 1.3)[..., None], 0, 255).astype(np.uint8), place
    if kind == 5:
        factor = seed.uniform(0.6, 0.9)
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        back = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LANCZOS4)
        return np.asarray(back, np.uint8), place
    tint = seed.uniform(0.94, 1.06, 3) * seed.uniform(0.9, 1.08)
    return np.clip(picture * tint, 0, 255).astype(np.uint8), place


def _lens(picture: Rgb, place: Plane | None, seed: np.random.Generator) -> tuple[Rgb, Plane | None]:
    """The whole picture through a mild lens, a little turned or seen from the side."""
    height, width = picture.shape[:2]
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    bend = 1 + seed.uniform(-0.05, 0.05) * (across**2 + down**2)
    turn, lean = np.radians(seed.uniform(-2, 2)), seed.uniform(-0.03, 0.03)
    x = (across * np.cos(turn) - down * np.sin(turn)) * bend * (1 + lean * down)
    y = (across * np.sin(turn) + down * np.cos(turn)) * bend
    columns = np.asarray((x + 1) * (width - 1) / 2, np.float32)
    rows = np.asarray((y + 1) * (height - 1) / 2, np.float32)
    bent = cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if place is not None:
        moved = cv2.remap(place, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        place = np.asarray(moved, np.float32)
    return np.asarray(bent, np.uint8), place
