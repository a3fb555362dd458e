"""Printed matter of the studio, drawn with Pillow: labels, screens, dials, painted porcelain. No Blender."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = str
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS = (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))
FACES = {
    "sans": ("LiberationSans-Regular.ttf", "DejaVuSans.ttf", "Arial.ttf"),
    "bold": ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf", "Arial Bold.ttf"),
    "serif": ("LiberationSerif-Regular.ttf", "DejaVuSerif.ttf", "Times New Roman.ttf"),
    "light": ("DejaVuSans-ExtraLight.ttf", "LiberationSans-Regular.ttf", "Arial.ttf"),
    "han": ("NotoSerifCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "Songti.ttc"),
}


def font_file(face: str) -> Path | None:
    """The first installed file for a face of FACES, or None."""
    for name in FACES[face]:
        for folder in FOLDERS:
            found = sorted(folder.rglob(name)) if folder.is_dir() else []
            if found:
                return found[0]
    return None


def font(face: str, size: int) -> Font:
    """A face at a pixel size; Pillow's own face where none is installed."""
    path = font_file(face)
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


def has_han(text: str) -> bool:
    """Whether a text holds Chinese characters."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def _spaced(
    draw: ImageDraw.ImageDraw, centre: tuple[float, float], text: str, face: Font, ink: Colour, gap: float
) -> None:
    """Draw a line centred on a point with letters set apart."""
    widths = [draw.textlength(c, font=face) for c in text]
    x = centre[0] - (sum(widths) + gap * (len(text) - 1)) / 2
    for c, w in zip(text, widths, strict=True):
        draw.text((x, centre[1]), c, font=face, fill=ink, anchor="lm")
        x += w + gap


def label(
    brand: str,
    kind: str,
    ink: Colour,
    paper: Colour | None = None,
    design: str = "classic",
    aspect: float = 1.0,
) -> Image.Image:
    """A label, RGBA, height 640 px and width by the aspect: brand, rule, kind; on paper or clear."""
    h, w = 640, max(round(640 * aspect), 64)
    image = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    if paper:
        draw.rounded_rectangle((4, 4, w - 5, h - 5), 18, fill=paper)
    if design == "framed":
        draw.rounded_rectangle((26, 26, w - 27, h - 27), 10, outline=ink, width=5)
    han = has_han(brand)
    size = int(min(w * (0.78 if han else 1.15) / max(len(brand), 1), h * 0.26))
    big = font("han" if han else ("bold" if design == "bold" else "serif"), size)
    small = font("han" if has_han(kind) else "sans", max(int(size * 0.36), 26))
    top = h * (0.36 if design != "bold" else 0.45)
    if han and len(brand) <= 3 and aspect < 0.8:
        tall = 0.34 if len(brand) == 1 else 0.23
        for i, c in enumerate(brand):
            draw.text(
                (w / 2, h * (0.42 if len(brand) == 1 else 0.25) + i * h * 0.25),
                c,
                font=font("han", int(h * tall)),
                fill=ink,
                anchor="mm",
            )
        draw.rectangle((w / 2 - 34, h * 0.82, w / 2 + 34, h * 0.82 + 68), fill="#B3261E")
        draw.text((w / 2, h * 0.82 + 34), "印", font=font("han", 48), fill="#F6E7D2", anchor="mm")
        return image
    _spaced(draw, (w / 2, top), brand, big, ink, size * 0.12)
    if not kind:
        return image
    draw.line((w * 0.5 - w * 0.09, top + size * 0.85, w * 0.5 + w * 0.09, top + size * 0.85), fill=ink, width=4)
    for i, line in enumerate(kind.split("|")):
        _spaced(draw, (w / 2, top + size * 1.25 + i * size * 0.5), line.upper(), small, ink, size * 0.07)
    if design == "classic":
        _spaced(draw, (w / 2, h * 0.88), "50 ml  ·  1.7 fl. oz.", font("sans", 22), ink, 2)
    return image


def screen(first: Colour, second: Colour) -> Image.Image:
    """A phone's lit screen: flowing colour, the time, a row of icons; 400×860 RGBA."""
    w, h = 400, 860
    y, x = np.mgrid[0:h, 0:w] / np.array([[h]])
    flow = 0.5 + 0.5 * np.sin(4 * x + 5 * y + 1.6 * np.sin(5 * y + 3 * x))
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (first, second))
    image = Image.fromarray((a * (1 - flow[..., None]) + b * flow[..., None]).astype(np.uint8)).convert("RGBA")
    draw = ImageDraw.Draw(image)
    draw.text((w / 2, 190), "10:08", font=font("light", 104), fill="#FFFFFF", anchor="mm")
    draw.text((w / 2, 110), "VITRINE", font=font("sans", 26), fill="#FFFFFFCC", anchor="mm")
    draw.rounded_rectangle((w / 2 - 52, 22, w / 2 + 52, 50), 14, fill="#08080A")
    for i in range(4):
        draw.rounded_rectangle((36 + i * 87, h - 116, 36 + i * 87 + 66, h - 50), 18, fill="#FFFFFF55")
    return image


def dial(face: Colour, ink: Colour) -> Image.Image:
    """A watch dial, 640×640 RGBA: indices, hands at 10:08, small seconds, brand."""
    n = 640
    image = Image.new("RGBA", (n, n), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, n - 1, n - 1), fill=face)
    c = n / 2

    def ray(angle: float, r0: float, r1: float, width: int) -> None:
        s, k = math.sin(angle), -math.cos(angle)
        draw.line((c + s * r0, c + k * r0, c + s * r1, c + k * r1), fill=ink, width=width)

    for i in range(60):
        ray(i * math.pi / 30, 284, 300, 3)
    for i in range(12):
        ray(i * math.pi / 6, 232 if i % 3 else 216, 282, 10 if i % 3 else 16)
    draw.ellipse((c - 66, c + 56, c + 66, c + 188), outline=ink, width=4)
    draw.line((c, c + 122, c + 34, c + 84), fill=ink, width=4)
    draw.text((c, c - 118), "NOA", font=font("serif", 50), fill=ink, anchor="mm")
    ray(math.radians(304), -20, 150, 18)
    ray(math.radians(48), -26, 224, 13)
    draw.ellipse((c - 18, c - 18, c + 18, c + 18), fill=ink)
    return image


def porcelain(ink: Colour = "#1D3F8F") -> Image.Image:
    """Blue brushwork to wrap round white porcelain: peonies, tendrils and bands; 1536×768 RGBA, seamless sideways."""
    w, h = 1536, 768
    rng = np.random.default_rng(7)
    image = Image.new("RGBA", (w, h), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for y, t in ((40, 14), (66, 5), (h - 46, 14), (h - 72, 5)):
        draw.rectangle((0, y, w, y + t), fill=ink)
    for k in range(24):
        x = k * w / 24
        draw.arc((x, h - 140, x + w / 24, h - 84), 180, 360, fill=ink, width=5)
        draw.arc((x + 14, h - 128, x + w / 24 - 14, h - 88), 180, 360, fill=ink, width=3)
        draw.polygon([(x, 84), (x + w / 48, 118), (x + w / 24, 84)], outline=ink)
    for k in range(6):
        cx, cy = (k + 0.5) * w / 6, h / 2 - 20 + (44 if k % 2 else -44)
        for ring, petals in ((92, 9), (62, 7), (34, 5)):
            for p in range(petals):
                a = 2 * math.pi * p / petals + ring
                px, py, r = cx + ring * 0.7 * math.cos(a), cy + ring * 0.7 * math.sin(a), ring * 0.42
                tone = ("#1D3F8F", "#3C62B4", "#7E9BD6")[int(rng.integers(3))]
                draw.ellipse((px - r, py - r, px + r, py + r), fill=tone, outline="#F4F6FA", width=4)
        draw.ellipse((cx - 16, cy - 16, cx + 16, cy + 16), fill="#F4F6FA", outline=ink, width=5)
        line = [
            (cx + 90 + t * (w / 6 - 180), cy + (1 if k % 2 else -1) * (-40 * math.sin(t * 6.3) - 80 * t))
            for t in np.linspace(0, 1, 24)
        ]
        draw.line([(x % w, y) for x, y in line if x < w], fill=ink, width=6)
        for lx, ly in line[3::5]:
            for s in (-1, 1):
                draw.ellipse((lx - 9, ly + s * 24 - 20, lx + 9, ly + s * 24 + 20), fill="#2B50A0")
    return image.filter(ImageFilter.GaussianBlur(0.8))


def ink_mountains(ink: Colour, mist: Colour, seed: int) -> Image.Image:
    """Layers of ink-wash mountains that sink into mist; 1280×1280 RGB."""
    n = 1280
    rng = np.random.default_rng(seed)
    a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], float) for c in (ink, mist))
    canvas = np.ones((n, n, 3)) * b
    x = np.linspace(0, 1, n)
    rows = np.arange(n)[:, None]
    for layer in range(5):
        ridge = np.zeros(n)
        for octave in range(1, 7):
            phase, f = rng.uniform(0, 6.28), 1.4 * 1.9**octave
            ridge += np.abs(np.sin(x * f + phase)) * 0.55**octave
        top = (0.50 + 0.085 * layer - ridge * (0.30 - 0.035 * layer)) * n
        depth = np.clip((rows - top[None]) / (n * (0.13 + 0.03 * layer)), 0, None)
        body = (rows > top[None]) * np.exp(-depth * 1.5) * (0.16 + 0.13 * layer)
        soft = (
            np.asarray(
                Image.fromarray((body * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(5 - layer * 0.8)),
                float,
            )
            / 255
        )
        canvas = canvas * (1 - soft[..., None]) + a * soft[..., None]
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
