"""Colours: OKLab, the palette of a picture, how far palettes lie apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from styles.types import Rgb, Swatch

Floats = npt.NDArray[np.float64]

# Björn Ottosson, "A perceptual color space for image processing", 2020.
_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255])

SIDE = 64
COUNT = 5
_BINS = 16
_MERGE = 0.055
_ROUNDS = 6


def oklab(rgb: Rgb) -> Floats:
    """Return OKLab (…×3: L 0–1, a and b about ±0.4) of sRGB bytes (…×3)."""
    return np.asarray(np.cbrt(_LINEAR[rgb] @ _TO_CONE.T) @ _TO_LAB.T)


def to_rgb(hexes: Sequence[str]) -> Rgb:
    """Return n×3 bytes of colours written #RRGGBB."""
    return np.array([list(bytes.fromhex(each[1:])) for each in hexes], np.uint8).reshape(-1, 3)


def to_hex(rgb: npt.ArrayLike) -> str:
    """Return #RRGGBB of three numbers 0–255."""
    return "#" + "".join(f"{round(float(v)):02X}" for v in np.asarray(rgb).ravel()[:3])


def shrink(picture: Rgb, side: int) -> Rgb:
    """Return the picture (H×W×3) averaged down to side×side, its proportions given up."""
    from PIL import Image

    small = Image.fromarray(np.ascontiguousarray(picture)).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small)


def extract(pictures: Sequence[Rgb], count: int = COUNT) -> tuple[Swatch, ...]:
    """Return the `count` or fewer colours that stand best for the pictures, largest share first.

    The fullest cells of a coarse OKLab histogram that lie apart are the seeds of a few rounds of Lloyd's
    algorithm, so the same pictures always give the same palette.
    """
    rgb = np.concatenate([shrink(each, SIDE).reshape(-1, 3) for each in pictures])
    lab = oklab(rgb)
    centres = _seeds(lab, count)
    near = np.zeros(len(lab), np.intp)
    for _ in range(_ROUNDS):
        near = np.argmin(((lab[:, None] - centres) ** 2).sum(2), axis=1)
        for i in range(len(centres)):
            if np.any(near == i):
                centres[i] = lab[near == i].mean(0)
    found = [(float(np.mean(near == i)), i) for i in range(len(centres)) if np.any(near == i)]
    shares = np.round([share for share, _ in sorted(found, reverse=True)], 3)
    shares[0] += 1 - shares.sum()
    order = [i for _, i in sorted(found, reverse=True)]
    return tuple(
        Swatch(hex=to_hex(rgb[near == i].mean(0)), share=round(float(share), 3))
        for i, share in zip(order, shares, strict=True)
    )


def _seeds(lab: Floats, count: int) -> Floats:
    cells = np.floor((lab + np.array([0, 0.5, 0.5])) * _BINS).astype(np.int64)
    _, which, sizes = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    seeds: list[Floats] = []
    # A small but vivid colour counts for more than its area: it is what the eye remembers.
    means = np.stack([np.bincount(which.ravel(), lab[:, c]) for c in range(3)], 1) / sizes[:, None]
    weights = sizes * (1 + 6 * np.hypot(means[:, 1], means[:, 2]))
    for i in np.argsort(-weights, kind="stable"):
        if all(np.linalg.norm(means[i] - seed) > 2 * _MERGE for seed in seeds):
            seeds.append(means[i])
        if len(seeds) == count:
            break
    return np.array(seeds)


def delta_e(first: Sequence[str], second: Sequence[str]) -> Floats:
    """Return ΔE2000 (CIE 142-2001, by scikit-image) between every colour of `first` (rows) and `second`."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    one, two = (rgb2lab(to_rgb(each)[None] / 255.0)[0] for each in (first, second))
    return np.asarray(deltaE_ciede2000(one[:, None], two[None]), np.float64)  # type: ignore[no-untyped-call]


def distances(colours: Sequence[str], palettes: Sequence[Sequence[Swatch]]) -> tuple[Floats, Floats]:
    """Return for each palette how far it is from the colours asked for, both in ΔE2000.

    The first is the mean over the colours of the distance to their nearest swatch. The second also asks that
    those swatches take room: it adds how far the whole palette, by share, lies from the colours.
    """
    if not palettes:
        return np.zeros(0), np.zeros(0)
    table = delta_e(colours, [s.hex for palette in palettes for s in palette])
    nearest, full, start = [], [], 0
    for palette in palettes:
        part = table[:, start : start + len(palette)]
        start += len(palette)
        small = np.array([max(0.0, 0.06 - s.share) * 100 for s in palette])
        shares = np.array([s.share for s in palette])
        nearest.append(part.min(1).mean())
        full.append(0.75 * (part + small).min(1).mean() + 0.25 * float(part.min(0) @ shares) / shares.sum())
    return np.array(nearest), np.array(full)


def likeness(distance: npt.ArrayLike) -> Floats:
    """Turn a palette's distance in ΔE2000 into a fit 0–1: 1 at no distance, about 0.6 at 10, 0.1 at 22."""
    return np.asarray(np.exp(-((np.asarray(distance, float) / 14.5) ** 2)))
