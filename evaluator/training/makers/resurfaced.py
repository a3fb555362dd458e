"""A product's surface made anew: other colours, other print, other detail; and where that is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.training.makers.backdrop import smooth
from evaluator.training.makers.cutout import Cutout, extend
from evaluator.training.makers.places import anywhere, blob, busiest, inner, mixed, one_colour
from evaluator.types import Plane

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
REFLECT = cv2.BORDER_REFLECT
LETTERS = "ABCDEFGHKLMNPRSTUVXYZ0123456789"


def recolour(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """Hue turned and chroma moved in L*a*b*, of the whole product or of one of its colours."""
    lab = cv2.cvtColor(subject.colour, cv2.COLOR_RGB2LAB)
    where = subject.alpha > 0.5
    if seed.random() < 0.4:
        where = where & one_colour(lab, where, seed)
    angle = strength * seed.uniform(1.2, 2.6) * seed.choice([-1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    way = seed.uniform(0, 2 * np.pi)
    push = 38 * strength * np.array([np.cos(way), np.sin(way)], np.float32)
    greyish = np.clip(1 - np.linalg.norm(lab[..., 1:], axis=2) / 30, 0, 1)[..., None]
    changed = lab.copy()
    changed[..., 1:] = lab[..., 1:] @ turn.T + push * greyish
    changed[..., 0] += 18 * strength * seed.uniform(-1, 1)
    return mixed(subject, cv2.cvtColor(changed, cv2.COLOR_LAB2RGB), where.astype(np.float32))


def relabel(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """A place with detail wiped out and printed anew with other letters."""
    high, wide = subject.alpha.shape
    inside = inner(subject.alpha)
    share = (0.03 + 0.12 * strength) * float((subject.alpha > 0.5).sum())
    aspect = seed.uniform(1.4, 3.2)
    across, down = max(14, round(np.sqrt(share * aspect))), max(8, round(np.sqrt(share / aspect)))
    top, left = busiest(subject.colour, inside, (down, across), seed)
    rows, columns = slice(top, min(high, top + down)), slice(left, min(wide, left + across))
    place = np.zeros_like(subject.alpha)
    place[rows, columns] = 1
    place = place * (subject.alpha > 0.5)
    ground = np.median(subject.colour[rows, columns].reshape(-1, 3), axis=0)
    ink = ground + (0.45 if ground.mean() < 0.5 else -0.45) * seed.uniform(0.6, 1.2, 3)
    printed = subject.colour.copy()
    soft = cv2.GaussianBlur(subject.colour, (0, 0), max(3.0, down / 4))
    printed[rows, columns] = 0.3 * soft[rows, columns] + 0.7 * ground.astype(np.float32)
    _print(printed[rows, columns], np.clip(ink, 0, 1), seed)
    return mixed(subject, printed, cv2.blur(place, (3, 3)))


def texture(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The surface made up anew: its detail bent and shuffled, with a grain of its own."""
    high, wide = subject.alpha.shape
    reach = (0.012 + 0.05 * strength) * max(high, wide)
    grain = max(6.0, 2.5 * reach)
    bend = np.stack([reach * smooth((high, wide), grain, seed) for _ in range(2)])
    columns, rows = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    full = extend(subject.colour, subject.alpha > 0.9)
    bent = cv2.remap(full, columns + bend[0], rows + bend[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    pattern = smooth((high, wide), seed.uniform(3, 9), seed)[..., None]
    bent = np.clip(bent * (1 + 0.12 * strength * pattern), 0, 1)
    body = subject.alpha > 0.5
    place = body.astype(np.float32)
    if seed.random() < 0.5:
        place = blob(body, anywhere(body, seed), 0.3 + 0.3 * strength, seed)
    return mixed(subject, bent, place)


def smeared(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The busiest spot, such as a logo, smeared in one direction until it cannot be read."""
    body = subject.alpha > 0.5
    share = 0.05 + 0.13 * strength
    size = round(np.sqrt(share * body.sum()))
    top, left = busiest(subject.colour, inner(subject.alpha), (size, size), seed)
    place = blob(body, (top + size / 2, left + size / 2), share, seed)
    length = max(5, round((0.25 + 0.6 * strength) * size))
    stroke = np.zeros((length, length), np.float32)
    way, middle = seed.uniform(0, np.pi), (length - 1) / 2
    by = middle * np.array([np.cos(way), np.sin(way)])
    ends = [tuple(round(float(value)) for value in middle + side * by) for side in (-1, 1)]
    cv2.line(stroke, ends[0], ends[1], 1.0, 1)
    full = extend(subject.colour, subject.alpha > 0.9)
    return mixed(subject, cv2.filter2D(full, -1, stroke / stroke.sum(), borderType=cv2.BORDER_REFLECT), place)


def redrawn(subject: Cutout, strength: float, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """The whole product as a generator draws it from memory: slightly bent, its fine detail made up anew."""
    high, wide = subject.alpha.shape
    size = max(high, wide)
    rows, columns = np.mgrid[:high, :wide].astype(np.float32)
    bend = np.stack([(0.004 + 0.016 * strength) * size * smooth((high, wide), 0.22 * size, seed) for _ in range(2)])
    shuffle = np.stack([(1.5 + 5 * strength) * smooth((high, wide), 5.0, seed) for _ in range(2)])
    full = extend(subject.colour, subject.alpha > 0.9)
    coarse = cv2.GaussianBlur(full, (0, 0), 2.0 + 2 * strength)
    at = (columns + bend[0], rows + bend[1])
    fine = cv2.remap(full - coarse, at[0] + shuffle[0], at[1] + shuffle[1], cv2.INTER_LINEAR, borderMode=REFLECT)
    drawn = cv2.remap(coarse, at[0], at[1], cv2.INTER_LINEAR, borderMode=REFLECT) + (0.6 + 0.5 * strength) * fine
    alpha = np.clip(cv2.remap(subject.alpha, at[0], at[1], cv2.INTER_LINEAR, borderValue=0), 0, 1)
    changed = replace(subject, colour=np.asarray(np.clip(drawn, 0, 1), np.float32), alpha=np.asarray(alpha, np.float32))
    return changed, changed.alpha


def labelled(subject: Cutout, word: str, seed: np.random.Generator) -> tuple[Cutout, Plane]:
    """Return the subject with a word on a label where it is widest, and where that is; the same seed, the same label.

    The place is empty where the subject is too narrow for letters that can be read.
    """
    depth = cv2.distanceTransform((subject.alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    _, reach, _, (x, y) = cv2.minMaxLoc(depth)
    font, tone = FONTS[int(seed.integers(2))], seed.uniform(0.75, 1.0, 3)
    ink = np.clip(1 - tone - 0.2 * seed.random(3), 0, 1)
    across, down = round(0.9 * reach), round(0.9 * reach * seed.uniform(0.36, 0.45))
    place = np.zeros_like(subject.alpha)
    if down < 12:
        return subject, place
    if seed.random() < 0.4:
        tone, ink = ink, tone
    sheet = np.zeros((8 * down, 8 * across), np.uint8)
    (long, tall), _ = cv2.getTextSize(word, font, 1.0, 2)
    scale = min(8 * across * 0.86 / long, 8 * down * 0.6 / tall)
    at = (round(4 * across - scale * long / 2), round(4 * down + scale * tall / 2))
    cv2.putText(sheet, word, at, font, scale, 255, max(2, round(2.5 * scale)), cv2.LINE_AA)
    cover = cv2.resize(sheet, (2 * across, 2 * down), interpolation=cv2.INTER_AREA)[..., None] / np.float32(255)
    label = tone * (1 - cover) + ink * cover
    window = np.s_[y - down : y + down, x - across : x + across]
    painted = subject.colour.copy()
    around = float(subject.colour[window].mean())
    shade = cv2.GaussianBlur(subject.colour[window], (0, 0), 6).mean(axis=2, keepdims=True) / max(around, 0.05)
    painted[window] = np.clip(label * np.clip(shade, 0.7, 1.15), 0, 1)
    place[window] = 1
    return mixed(subject, painted, place)


def misspelt(word: str, strength: float, seed: np.random.Generator) -> str:
    """Return the word with a share of its letters, at least one, replaced by others."""
    letters = list(word)
    for at in seed.permutation(len(word))[: max(1, round(strength * len(word)))]:
        letters[at] = str(seed.choice([letter for letter in LETTERS if letter != word[at]]))
    return "".join(letters)


def _print(place: Plane, ink: npt.NDArray[np.floating], seed: np.random.Generator) -> None:
    """Write one or two lines of letters over a place, in it."""
    high, wide = place.shape[:2]
    lines = 1 if high < 26 else 2
    font = FONTS[int(seed.integers(len(FONTS)))]
    mask = np.zeros((high * 4, wide * 4), np.uint8)
    for line in range(lines):
        word = "".join(seed.choice(list(LETTERS), int(seed.integers(4, 8))))
        (across, down), _ = cv2.getTextSize(word, font, 1.0, 2)
        scale = min(4 * 0.9 * wide / across, 4 * 0.62 * high / lines / down)
        base = round(4 * high * (line + 0.82) / lines)
        cv2.putText(mask, word, (round(0.2 * wide), base), font, scale, 255, max(2, round(2.4 * scale)), cv2.LINE_AA)
    cover = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    place[:] = place * (1 - cover) + ink.astype(np.float32) * cover
