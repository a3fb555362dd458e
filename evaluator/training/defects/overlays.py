"""Faults that lie over a picture: advertising, watermarks, borders, collages, clutter; each by a strength of 0–1."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from evaluator.types import Rgb


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


def watermark(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """A slanted line of words, once or tiled over the picture, covering it by up to 75 %."""
    words = ["SAMPLE", "© photo shop", "PREVIEW", "www.example.com", "STOCK", "Copyright"]
    height, width = picture.shape[:2]
    side = int(1.5 * max(height, width))
    tiled, size = bool(seed.integers(2)), seed.uniform(0.05, 0.09)
    sheet = Image.new("L", (side, side))
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=max(10, max(height, width) * size * (1 if tiled else 1.8)))
    word = words[int(seed.integers(len(words)))]
    if tiled:
        for row, y in enumerate(np.arange(0, side, 0.22 * side)):
            for x in np.arange(-0.15 * side * (row % 2), side, 0.4 * side):
                pen.text((x, y), word, font=font, fill=255)
    else:
        pen.text((side / 2, side / 2), word, font=font, fill=255, anchor="mm")
    turned = sheet.rotate(seed.uniform(-40, 40), Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    cover = np.asarray(turned, np.float64)[top : top + height, left : left + width, None] / 255
    # White would not be seen on a white backdrop.
    ink = 245.0 if picture.mean() < 150 else seed.uniform(60, 130)
    return _mixed(picture, np.full(3, ink), 0.75 * strength * cover)


def border(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """A coloured frame over the picture's edge, up to 9 % of the shorter side wide."""
    inks = [(20, 20, 20), (200, 30, 50), (230, 190, 60), (40, 90, 180), (60, 140, 80), (128, 128, 128)]
    ink = np.array(inks[int(seed.integers(len(inks)))], np.float64)
    height, width = picture.shape[:2]
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    inward = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns))
    # The innermost line is covered in part, so that a thin frame of a small picture still grows.
    cover = np.clip(0.09 * strength * min(height, width) - inward, 0, 1)[..., None]
    return _mixed(picture, ink, cover)


def collage(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Insets of details of the picture along its sides, one more for every fifth of the strength."""
    height, width = picture.shape[:2]
    side = round(0.28 * min(height, width))
    gap = max(2, round(0.012 * min(height, width)))
    ink = (255, 255, 255) if picture[-side:].mean() < 190 or seed.integers(2) else (30, 30, 30)
    places = [(0, 0), (1, 0), (0, 1), (1, 1), (0.5, 1)]
    out = picture.copy()
    for place in seed.permutation(5)[: round(5 * strength)]:
        along, down = places[place]
        x, y = round(along * (width - side)), round(down * (height - side))
        cut = int(seed.uniform(0.35, 0.8) * min(height, width))
        top, left = int(seed.integers(height - cut + 1)), int(seed.integers(width - cut + 1))
        detail = picture[top : top + cut, left : left + cut]
        if seed.integers(2):
            detail = detail[:, ::-1]
        out[y : y + side, x : x + side] = ink
        inner = side - 2 * gap
        out[y + gap : y + gap + inner, x + gap : x + gap + inner] = cv2.resize(
            np.ascontiguousarray(detail), (inner, inner), interpolation=cv2.INTER_AREA
        )
    return out


def clutter(picture: Rgb, strength: float, seed: np.random.Generator) -> Rgb:
    """Small shaded things strewn about, mostly away from the middle: up to 30 of them."""
    height, width = picture.shape[:2]
    out = picture
    for _ in range(round(30 * strength)):
        piece = thing(round(seed.uniform(0.06, 0.16) * min(height, width)), seed)
        turn, reach = seed.uniform(0, 2 * np.pi), seed.uniform(0.34, 0.52)
        x, y = (0.5 + reach * np.cos(turn)) * width, (0.5 + reach * np.sin(turn)) * height
        out = laid(out, piece, round(x), round(y))
    return out.copy()


def thing(side: int, seed: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return a small drawn object, `side`² pixels as RGBA: a disc, box, bar or shard, shaded from one side."""
    side = max(6, side)
    fine = 4 * side
    sheet = Image.new("L", (fine, fine))
    pen = ImageDraw.Draw(sheet)
    kind = int(seed.integers(4))
    inset = fine * seed.uniform(0.05, 0.3)
    if kind == 0:
        pen.ellipse((2, inset, fine - 2, fine - inset), fill=255)
    elif kind == 1:
        pen.rounded_rectangle((inset, 2, fine - inset, fine - 2), radius=fine * seed.uniform(0.02, 0.2), fill=255)
    elif kind == 2:
        pen.rectangle((2, fine * 0.4, fine - 2, fine * 0.4 + fine * seed.uniform(0.05, 0.25)), fill=255)
    else:
        turns = np.sort(seed.uniform(0, 2 * np.pi, 6))
        radii = fine * seed.uniform(0.25, 0.49, 6)
        corners = zip(fine / 2 + radii * np.cos(turns), fine / 2 + radii * np.sin(turns), strict=True)
        pen.polygon([(float(x), float(y)) for x, y in corners], fill=255)
    turned = sheet.rotate(seed.uniform(0, 360), Image.Resampling.BILINEAR)
    cover = np.asarray(turned.resize((side, side), Image.Resampling.BOX))
    down, across = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    shade = 0.7 + 0.5 * (across * seed.uniform(-1, 1) + down * seed.uniform(-1, 1))
    colour = seed.uniform(30, 225, 3)
    if seed.integers(2):
        other, stripes = seed.uniform(30, 225, 3), np.sin(seed.uniform(8, 30) * (across + seed.uniform(-1, 1) * down))
        body = np.where(stripes[..., None] > 0, colour, other) * shade[..., None]
    else:
        body = colour * shade[..., None]
    return np.dstack([np.clip(body, 0, 255).astype(np.uint8), cover])


def laid(picture: Rgb, piece: npt.NDArray[np.uint8], x: int, y: int) -> Rgb:
    """Return the picture with an RGBA piece centred at (x, y) pixels over a soft shadow; it may hang over the edge."""
    height, width = picture.shape[:2]
    rows, columns = piece.shape[:2]
    pad = max(2, max(rows, columns) // 6)
    wide = cv2.copyMakeBorder(piece, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    top, left = y - rows // 2 - pad, x - columns // 2 - pad
    low, high = max(0, top), min(height, top + wide.shape[0])
    start, end = max(0, left), min(width, left + wide.shape[1])
    if low >= high or start >= end:
        return picture
    cover = wide[..., 3].astype(np.float64) / 255
    fallen = np.roll(cover, pad // 2, axis=0)
    shadow = 0.45 * cv2.GaussianBlur(fallen, (0, 0), pad / 2.5)
    inside = np.s_[low - top : high - top, start - left : end - left]
    out = picture.copy()
    ground = out[low:high, start:end] * (1 - shadow[inside][..., None])
    out[low:high, start:end] = _mixed(ground, wide[..., :3][inside].astype(np.float64), cover[inside][..., None])
    return out


def _mixed(
    ground: npt.NDArray[np.floating] | Rgb, colour: npt.NDArray[np.float64], cover: npt.NDArray[np.float64]
) -> Rgb:
    return np.clip(np.round(ground * (1 - cover) + colour * cover), 0, 255).astype(np.uint8)
