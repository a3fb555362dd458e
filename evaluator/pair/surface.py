"""The product's surface before and after, laid over each other: light taken out, colour and detail compared."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity

from evaluator.measure.quantile import quantile
from evaluator.quadratic import quadratic
from evaluator.types import Flags, Plane, Rgb

TINT, LIFT = 0.16, 0.08
"""How far one channel's gain and offset may lie from the others': more is no light but another colour."""
GAIN = 1.8
"""Largest gain of a light."""
SHADING = 16.0
"""Most that a light from one side lifts or lowers L*."""
SMOOTH, SOFT_SHADE = 16.0, 10.0
"""Spread in pixels of a soft shadow, and most that one lifts or lowers L*."""
DRIFT = 3.0
"""Most pixels by which detail may lie aside and still be the same."""
WINDOW = 2.0
"""Spread in pixels of the window of structural similarity."""
QUIET = 5.0
"""Spread in levels of a surface without detail, whose structure says nothing."""


@dataclass(frozen=True, slots=True)
class Surface:
    """What differs inside the product, each a plane over the tile.

    `relit` is the original in the generated picture's light (S×S×3, 0–1); `colour` ΔE2000 after that, `detail` 0–1 (1
    less the structural similarity, 0 where neither picture has detail). `tint` is how much of the light's change was
    colour (ΔE), `strain` the unevenness of the drift by which detail had moved (pixels), `lost` and `made` how much
    detail there is less and more (0–1).
    """

    relit: Plane
    colour: Plane
    detail: Plane
    tint: float
    strain: float
    lost: float
    made: float


def compare(original: Rgb, generated: Rgb, body: Flags, scales: tuple[float, float]) -> Surface:
    """Compare two pictures of a product that lie over each other (S×S×3); `body` is where both show it.

    `scales` are how many pixels of each picture there are to one here: both are brought to the lesser detail.
    """
    least = min(1.0, *scales)
    one, other = (
        _softened(picture, scale, least) for picture, scale in zip((original, generated), scales, strict=True)
    )
    core = cv2.erode(body.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    core = core if core.sum() > 60 else body
    relit, tint = _relit(one, other, core)
    moved, drift = _drifted(relit, other, core)
    colour = np.asarray(apart(moved, other) * core, np.float32)
    detail, lost, made = _details(moved, other, core)
    return Surface(relit, colour, detail, tint, drift, lost, made)


def _softened(picture: Rgb, scale: float, least: float) -> Plane:
    levels = picture.astype(np.float32) / np.float32(255)
    blur = np.sqrt((1 / least) ** 2 - (1 / min(1.0, scale)) ** 2 + 0.5)
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), 0.5 * blur), np.float32)


def _relit(one: Plane, other: Plane, core: Flags) -> tuple[Plane, float]:
    """Return the first picture in the light of the second, and how much of that was a change of colour.

    Per channel a gain and an offset, by least squares re-weighted with Tukey's biweight, held so near to each other
    that no colour turns into another; then a smooth slope of lightness over the product.
    """
    points, wanted = (np.ascontiguousarray(each[core].T, np.float64) for each in (one, other))
    moments = np.concatenate([points, wanted, points * points, points * wanted])
    gains, offsets = np.ones(3), np.zeros(3)
    weight = np.ones(points.shape[1])
    for _ in range(5):
        mean_x, mean_y, square, product = (moments @ weight / weight.sum()).reshape(4, 3)
        spread, joint = square - mean_x * mean_x, product - mean_x * mean_y
        gains = (joint + 0.01 * np.maximum(mean_y, 0.02) / np.maximum(mean_x, 0.02)) / (spread + 0.01)
        gains = np.clip(gains, 1 / GAIN, GAIN)
        gains = np.clip(gains, np.median(gains) * (1 - TINT), np.median(gains) * (1 + TINT))
        offsets = mean_y - gains * mean_x
        offsets = np.clip(offsets, np.median(offsets) - LIFT, np.median(offsets) + LIFT)
        off = points * gains[:, None] + offsets[:, None] - wanted
        apart = (off * off).sum(axis=0)
        reach = 4.685 * max(0.02, 1.48 * float(np.sqrt(quantile(np.asarray(apart, np.float32), 0.5))))
        weight = np.clip(1 - apart / reach**2, 1e-3, None) ** 2
    relit = np.clip(one * gains.astype(np.float32) + offsets.astype(np.float32), 0, 1)
    grey = points @ weight / weight.sum()
    lights = np.clip(np.stack([grey * gains + offsets, grey * np.median(gains) + np.median(offsets)]), 0, 1)
    tints = cv2.cvtColor(lights.astype(np.float32)[None], cv2.COLOR_RGB2LAB)[0]
    return _shaded(np.asarray(relit, np.float32), other, core), float(np.linalg.norm(tints[0, 1:] - tints[1, 1:]))


def _shaded(relit: Plane, other: Plane, core: Flags) -> Plane:
    """Return the picture with a quadratic slope of lightness that brings it nearer to the other."""
    labs = [cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) for picture in (relit, other)]
    terms = quadratic(core.shape)
    apart, design = (labs[1][..., 0] - labs[0][..., 0])[core], terms[core]
    weight = np.ones(len(apart))
    for _ in range(4):
        left = design.T * weight
        slope = np.linalg.solve(left @ design + 0.02 * len(apart) * np.diag([0, 1, 1, 1, 1, 1]), left @ apart)
        residual = np.abs(apart - design @ slope).astype(np.float32)
        weight = np.clip(1 - (residual / (4.685 * max(2.0, 1.48 * quantile(residual, 0.5)))) ** 2, 1e-3, None) ** 2
    labs[0][..., 0] = np.clip(labs[0][..., 0] + np.clip(terms @ slope, -SHADING, SHADING), 0, 100)
    # What a soft shadow leaves: lightness that differs smoothly, whatever the form.
    rest = np.where(core, np.clip(labs[1][..., 0] - labs[0][..., 0], -2 * SOFT_SHADE, 2 * SOFT_SHADE), 0)
    share = cv2.GaussianBlur(core.astype(np.float32), (0, 0), SMOOTH)
    shade = cv2.GaussianBlur(rest.astype(np.float32), (0, 0), SMOOTH) / np.maximum(share, 1e-3)
    labs[0][..., 0] = np.clip(labs[0][..., 0] + np.clip(shade, -SOFT_SHADE, SOFT_SHADE), 0, 100)
    return np.asarray(np.clip(cv2.cvtColor(labs[0], cv2.COLOR_LAB2RGB), 0, 1), np.float32)


def _drifted(one: Plane, other: Plane, core: Flags) -> tuple[Plane, float]:
    """Return the first picture moved by up to DRIFT pixels to where its detail lies in the second, and the strain.

    Dense inverse search, Kroeger et al., ECCV 2016; smoothed by the gradient, since flat places know no drift.
    """
    greys = [(255 * cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) * core).astype(np.uint8) for each in (one, other)]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(greys[1], greys[0], None)
    across, down = (cv2.Sobel(greys[0], cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    inner = cv2.erode(core.astype(np.uint8), np.ones((7, 7), np.uint8))
    weight = (cv2.magnitude(across, down) / 60 + 0.01) * inner + 1e-4
    total = cv2.GaussianBlur(weight, (0, 0), 7)
    smooth = np.stack([cv2.GaussianBlur(flow[..., k] * weight, (0, 0), 7) / total for k in (0, 1)], axis=-1)
    y, x = np.mgrid[: core.shape[0], : core.shape[1]].astype(np.float32)
    design = np.stack([np.ones_like(x), x, y], axis=-1)[inner > 0]
    strain = 0.0
    if len(design) > 60:
        share = np.minimum(weight[inner > 0], 1)[:, None]
        fitted, *_ = np.linalg.lstsq(design * share, smooth[inner > 0] * share, rcond=None)
        rest = smooth[inner > 0] - design @ fitted
        strain = float(np.sqrt((share * rest**2).sum() / share.sum()))
    held = np.clip(smooth, -DRIFT, DRIFT)
    moved = cv2.remap(one, x + held[..., 0], y + held[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32), strain


def apart(one: Plane, other: Plane) -> Plane:
    """Return ΔE2000 between two pictures (H×W×3, 0–1) at half their size: an edge a hair aside counts little."""
    size = (one.shape[1] // 2, one.shape[0] // 2)
    labs = [
        cv2.cvtColor(np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA)), cv2.COLOR_RGB2LAB)
        for each in (one, other)
    ]
    delta = np.asarray(deltaE_ciede2000(labs[0], labs[1]), np.float32)  # type: ignore[no-untyped-call]
    calm = cv2.erode(delta, np.ones((3, 3), np.uint8)) * 0.5 + 0.5 * cv2.medianBlur(delta, 3)
    return np.asarray(cv2.resize(calm, one.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _details(one: Plane, other: Plane, core: Flags) -> tuple[Plane, float, float]:
    """Return how much of the structure differs (0–1), and the shares of detail that are lost and made."""
    greys = [255 * cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (one, other)]
    fill = float(greys[0][core].mean())
    greys = [np.where(core, grey, fill).astype(np.float32) for grey in greys]
    _, same = structural_similarity(  # type: ignore[no-untyped-call]
        *greys, data_range=255, gaussian_weights=True, sigma=WINDOW, full=True
    )
    spreads = [_spread(grey) for grey in greys]
    more = np.maximum(*spreads)
    told = more**2 / (more**2 + QUIET**2)
    detail = np.clip(1 - np.asarray(same, np.float32), 0, 1) * told * core
    energies = [np.sqrt(spread) for spread in spreads]
    whole = max(float(energies[0][core].sum()), float(energies[1][core].sum()), 1e-6)
    gap = (energies[0] - energies[1])[core]
    floor = 1.0 * core.sum()
    return (
        np.asarray(detail, np.float32),
        float(np.maximum(gap, 0).sum() / (whole + floor)),
        float(np.maximum(-gap, 0).sum() / (whole + floor)),
    )


def _spread(grey: npt.NDArray[np.float32]) -> Plane:
    mean, square = (cv2.GaussianBlur(each, (0, 0), 3) for each in (grey, grey * grey))
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)
