"""The subject's mask: alpha, else a model of the backdrop where that is sure, else the network or GrabCut.

Knows nothing of scores. A mask that does not hold together gets a low confidence, never a guess at a subject.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.quadratic import quadratic
from evaluator.saliency import saliency
from evaluator.types import Flags, Photo, Plane, Subject
from evaluator.view import View

SIDE = 224
"""Longer side in pixels at which the subject is cut out."""
INSIDE_OUT = 0.55
"""Confidence of a subject that is known only by the backdrop's remains along the frame."""
APART, THIN = 0.02, 5
"""Share of a subject in which what stands out from a plain backdrop may differ from a decided mask of the network's,
strips up to so many pixels left out."""
DECIDED = 0.4
"""How far over a half the network's mask lies on average where it is as sure as can be."""
PLAINLY, COVERED = 0.85, 0.8
"""How decided the network's mask must be to overrule a plain backdrop, and how much of what stands out from white
paper it must take in: paper may hide the white parts of a subject, but what stands out from it is there."""
ISLAND = 0.4
"""Share of the weightiest part of the network's mask below which another that is not fully decided is left out."""
PAPER = 0.8
"""How white a backdrop is, times the share of the border that it explains, where it counts as paper."""
REACH, EVEN = 4, 1e-3
"""Radius in pixels of the guided filter, and the variance of lightness (0–1) that it takes for no edge."""
UNSEEN = 2.0
"""Greatest ΔE from the backdrop in a blank sheet, whose own colour is met to within as much."""
VACANT, SMALL = 0.95, 0.03
"""How surely the network must see an empty place before what stands in it is no subject, and the share of the picture
that this must fill: to the network a place with something very small in it looks empty."""
BORDER = 0.035
"""Width of the border that shows the backdrop, as a share of the shorter side."""


def find_subject(photo: Photo, view: View, seen: Plane | None = None, vacant: float = 0.0) -> Subject:
    """Return the subject of a photo at working size; `source` is `none` and the mask empty where there is none.

    `seen` is the network's mask over the whole picture (0–1, any size). It is taken, fitted to the picture's
    edges, unless the file's alpha or a plain backdrop says as much, or says it more plainly. `vacant` is how likely
    (0–1) the network holds it that the place is empty: what is small in it is a subject all the same.
    """
    found = _found(photo, view, seen)
    if vacant < VACANT or found.source == "alpha" or float((found.mask > 0.5).mean()) < SMALL:
        return found
    return _no_subject(found.plain, found.white, (view.shape[1], view.shape[0]))


def _found(photo: Photo, view: View, seen: Plane | None) -> Subject:
    height, width = view.shape
    small_lab, small_rgb = _small(view)
    backdrop, agreement = _backdrop(small_lab)
    white = _whiteness(backdrop)
    if photo.alpha is not None and _informative(photo.alpha):
        mask = cv2.resize(photo.alpha, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        return Subject(mask, 1.0, "alpha", 1.0, white)
    distance = _distance(small_lab, backdrop)
    paper = white * agreement
    # A little white paper in sight is a surer backdrop than much of any other colour.
    agreement = max(agreement, min(1.0, 4 * agreement) * white)
    threshold = _threshold(distance)
    seed = distance > threshold
    sure = agreement > 0.55 and float(seed.mean()) > 0.004
    if seen is not None:
        fitted = _without_islands(_fitted(seen, small_lab))
        if not sure or _overruled(seed, fitted, paper):
            return _seen_subject(fitted, distance, white, (width, height))
    salient = saliency(small_lab)
    found = _tidy(seed if sure else _grabcut(small_rgb, distance, salient, threshold))
    turned = white < 0.5 and _inside_out(found)
    if turned:
        found = ~found
    confidence = INSIDE_OUT * _turned_confidence(found) if turned else _confidence(found, distance, salient, agreement)
    plain = _plainness(distance, found)
    if confidence <= 0.0:
        return _no_subject(plain, white, (width, height))
    mask = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return Subject(np.asarray(mask, np.float32), confidence, "backdrop" if sure else "saliency", plain, white)


def _no_subject(plain: float, white: float, size: tuple[int, int]) -> Subject:
    return Subject(np.zeros((size[1], size[0]), np.float32), 0.0, "none", plain, white)


def _seen_subject(fitted: Plane, distance: Plane, white: float, size: tuple[int, int]) -> Subject:
    """Return the network's mask as the subject; its confidence is how decided the mask is."""
    found = fitted > 0.5
    plain = _plainness(distance, found)
    area = float(found.mean())
    if area < 0.002:
        return _no_subject(plain, white, size)
    sensible = np.clip((area - 0.002) / 0.015, 0, 1) * np.clip((0.99 - area) / 0.05, 0, 1)
    mask = cv2.resize(fitted, size, interpolation=cv2.INTER_LINEAR)
    return Subject(np.asarray(mask, np.float32), float(_decided(fitted) * sensible), "network", plain, white)


def _fitted(seen: Plane, lab: npt.NDArray[np.float32]) -> Plane:
    """Return the network's mask at the size of `lab`, drawn to the picture's edges.

    Guided filter on lightness: He, Sun and Tang, "Guided image filtering", PAMI 35 (2013).
    """
    height, width = lab.shape[:2]
    mask = cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR)
    guide = lab[..., 0] / np.float32(100)

    def mean(plane: npt.ArrayLike) -> Plane:
        return np.asarray(cv2.boxFilter(plane, cv2.CV_32F, (2 * REACH + 1, 2 * REACH + 1)), np.float32)

    light, level = mean(guide), mean(mask)
    slope = (mean(guide * mask) - light * level) / (mean(guide * guide) - light * light + EVEN)
    fitted = mean(slope) * guide + mean(level - slope * light)
    return np.asarray(np.clip(fitted, 0, 1), np.float32)


def _without_islands(fitted: Plane) -> Plane:
    """Return a mask of the network's without the small parts of which it is not sure: mostly props, not products.

    A part weighs its area times the square of how decided it is.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((fitted > 0.5).astype(np.uint8), connectivity=8)
    if count < 3:
        return fitted
    areas = stats[1:, cv2.CC_STAT_AREA]
    decided = _above_half(np.bincount(labels.ravel(), fitted.ravel(), count)[1:] / areas)
    weights = areas * decided**2
    dropped = 1 + np.flatnonzero((weights < ISLAND * weights.max()) & (decided < 1))
    return np.where(np.isin(labels, dropped), np.float32(0), fitted)


def _overruled(seed: Flags, fitted: Plane, paper: float) -> bool:
    """Return whether the network sees more than what stands out from a backdrop; `paper` is how white that is."""
    found = fitted > 0.5
    if _apart(seed, found) <= APART or _decided(fitted) < PLAINLY:
        return False
    return paper < PAPER or float(found[seed].mean()) >= COVERED


def _apart(one: Flags, other: Flags) -> float:
    """Return the share of two masks' union in which they differ, but for what is as thin as the network's cells."""
    differs = cv2.morphologyEx((one ^ other).astype(np.uint8), cv2.MORPH_OPEN, np.ones((THIN, THIN), np.uint8))
    return float(differs.sum()) / max(1, int((one | other).sum()))


def _decided(fitted: Plane) -> float:
    """Return how decided a mask of the network's is about what it takes for the subject, 0–1; 0 without any."""
    found = fitted > 0.5
    return float(_above_half(fitted[found].mean())) if found.any() else 0.0


def _above_half(level: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return how decided means of a mask are, 0–1."""
    return np.clip((np.asarray(level, np.float64) - 0.5) / DECIDED, 0, 1)


def _informative(alpha: npt.NDArray[np.uint8]) -> bool:
    solid = float((alpha > 127).mean())
    return 0.005 < solid < 0.98


def _small(view: View) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    height, width = view.shape
    scale = min(1.0, SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    rgb = cv2.resize(view.rgb, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.8), np.float32), np.asarray(rgb, np.uint8)


@lru_cache(maxsize=16)
def _border(shape: tuple[int, int]) -> Flags:
    height, width = shape
    ring = max(2, round(BORDER * min(height, width)))
    border = np.ones((height, width), bool)
    border[ring:-ring, ring:-ring] = False
    border.flags.writeable = False
    return border


@lru_cache(maxsize=16)
def _design(shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return the terms at every second pixel of the border, n×6; it tells as much as all."""
    design = _terms(shape)[_border(shape)][::2]
    design.flags.writeable = False
    return design


@lru_cache(maxsize=16)
def _terms(shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return the terms of a quadratic surface at each pixel, H×W×6, in single precision."""
    terms = quadratic(shape).astype(np.float32)
    terms.flags.writeable = False
    return terms


def _backdrop(lab: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], float]:
    """Fit a smooth quadratic surface per channel to the border and return it with the share of border it explains.

    Iteratively re-weighted least squares with Tukey's biweight, so that a subject that touches the border is left out.
    """
    height, width = lab.shape[:2]
    design, values = _design((height, width)), lab[_border((height, width))][::2]
    start = _dominant(values)
    residual = _lengths(values - start)
    coefficients = np.zeros((6, 3), np.float32)
    coefficients[0] = start
    for size in (1, 3, 6, 6):
        spread = max(3.0, 1.5 * _middle(residual[residual <= max(9.0, _middle(residual))]))
        weight = np.clip(1 - (residual / (4.0 * spread)) ** 2, 0, None) ** 2
        if float((weight > 0).mean()) < 0.2:
            break
        left = design[:, :size] * weight[:, None]
        gram = left.T @ design[:, :size] + 1e-3 * np.eye(size, dtype=np.float32) * len(design)
        coefficients = np.zeros((6, 3), np.float32)
        coefficients[:size] = np.linalg.solve(gram, left.T @ values)
        off = values - design[:, :size] @ coefficients[:size]
        shift = weight @ off / weight.sum()
        coefficients[0] += shift
        residual = _lengths(off - shift)
    explained = 1 / (1 + (residual / 9.0) ** 4)
    return np.asarray(_terms((height, width)) @ coefficients, np.float32), float(explained.mean())


def _middle(values: npt.NDArray[np.float32]) -> float:
    """Return the upper median; NumPy's own takes several times as long over a few thousand."""
    return float(np.partition(values, values.size // 2)[values.size // 2])


def _lengths(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the lengths of vectors, one a row."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), np.float32)


def _dominant(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the colour around which most border pixels lie (mean shift from the densest coarse cell).

    White paper that takes a twentieth of the border goes before all else: it is what studios use.
    """
    paper = (values[:, 0] > 95) & (_lengths(values[:, 1:]) < 4)
    if float(paper.mean()) > 0.05:
        return np.asarray(values[paper].mean(0), np.float32)
    cells = np.round(values / 12).astype(np.int64) + 64  # one number a cell, in the order of the three
    _, index, counts = np.unique(cells @ (1 << 16, 1 << 8, 1), return_inverse=True, return_counts=True)
    centre = values[index.ravel() == int(counts.argmax())].mean(0)
    for _ in range(4):
        near = _lengths(values - centre) < 14
        if near.any():
            centre = values[near].mean(0)
    return np.asarray(centre, np.float32)


def _distance(lab: npt.NDArray[np.float32], backdrop: npt.NDArray[np.float32]) -> Plane:
    """ΔE from the backdrop, a fall in lightness alone counting less, since shadows are backdrop too."""
    delta = lab - backdrop
    darker = (delta[..., 0] < 0) & (delta[..., 0] > -22)
    lightness = np.where(darker, 0.55 * delta[..., 0], delta[..., 0])
    return np.asarray(np.sqrt(lightness**2 + delta[..., 1] ** 2 + delta[..., 2] ** 2), np.float32)


def _whiteness(backdrop: npt.NDArray[np.float32]) -> float:
    border = _border(backdrop.shape[:2])
    seen = backdrop[border]
    light, chroma = seen[:, 0], _lengths(seen[:, 1:])
    white = np.clip((light - 88) / 8, 0, 1) * np.clip((9 - chroma) / 5, 0, 1)
    return float(white.mean())


def _inside_out(mask: Flags) -> bool:
    """Return whether the mask lies along the frame and leaves the middle: the subject then fills the picture."""
    if not mask.any() or mask.all():
        return False
    centre = _centre_weight(mask.shape)
    return (
        float(centre[mask].mean()) < 0.5 * float(centre[~mask].mean())
        and float(mask[_border(mask.shape)].mean()) > 0.08
    )


def _centre_weight(shape: tuple[int, ...]) -> Plane:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(np.exp(-(x**2 + y**2) / 0.5), np.float32)


def _plainness(distance: Plane, mask: Flags) -> float:
    """Return the share of the border outside the subject that is backdrop, 0–1."""
    free = _border(mask.shape) & (cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    if int(free.sum()) < 12:
        return 0.0
    return float((1 / (1 + (distance[free] / 9.0) ** 4)).mean())


def _threshold(distance: Plane) -> float:
    """Otsu's threshold of the distances, held between just visible and plainly different."""
    clipped = np.clip(distance * 4, 0, 255).astype(np.uint8)
    value, _ = cv2.threshold(clipped, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return float(np.clip(value / 4 * 0.55, 5.0, 14.0))


def _grabcut(rgb: npt.NDArray[np.uint8], distance: Plane, salient: Plane, threshold: float) -> Flags:
    """Refine with GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004), seeded by distance, saliency and centre."""
    if float(distance.max()) < UNSEEN:  # of a blank sheet GrabCut makes nothing in ten seconds
        return np.zeros(distance.shape, bool)
    height, width = distance.shape
    centre = _centre_weight(distance.shape)
    likely = (np.clip(distance / (3 * threshold), 0, 1) + salient) / 2 * (0.35 + 0.65 * centre)
    cut = float(np.quantile(likely, 0.62))
    labels = np.where(likely > cut, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[_border((height, width)) & (distance < 2 * threshold)] = cv2.GC_BGD
    if not (labels == cv2.GC_PR_FGD).any() or not (labels == cv2.GC_BGD).any():
        return np.asarray(likely > cut)
    cv2.setRNGSeed(0)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(rgb, labels, None, background, foreground, 3, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))


def _tidy(mask: Flags) -> Flags:
    """Close gaps, drop crumbs, fill small holes."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    if count > 1:
        areas = stats[1:, cv2.CC_STAT_AREA]
        keep = 1 + np.flatnonzero(areas >= 0.06 * areas.max())
        solid = np.isin(labels, keep).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    edge = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])))
    for hole in range(1, count):
        if hole not in edge and stats[hole, cv2.CC_STAT_AREA] < 0.02 * mask.size:
            solid[labels == hole] = 1
    return np.asarray(solid, bool)


def _turned_confidence(mask: Flags) -> float:
    return float(np.clip((0.99 - mask.mean()) / 0.05, 0, 1))


def _confidence(mask: Flags, distance: Plane, salient: Plane, agreement: float) -> float:
    """How far the mask can be trusted, 0–1: border, contrast, area and unity."""
    area = float(mask.mean())
    if area < 0.002 or area > 0.97:
        return 0.0
    inside, outside = float(distance[mask].mean()), float(distance[~mask].mean())
    separation = np.clip((inside - outside) / 16, 0, 1)
    contrast = np.clip((float(salient[mask].mean()) - float(salient[~mask].mean())) / 0.15, 0, 1)
    sensible = np.clip((area - 0.002) / 0.015, 0, 1) * np.clip((0.97 - area) / 0.12, 0, 1)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = np.sort(stats[1:, cv2.CC_STAT_AREA])[::-1]
    unity = float(areas[:3].sum() / areas.sum()) ** 2 if count > 1 else 0.0
    border = np.clip((agreement - 0.2) / 0.5, 0, 1)
    return float(np.clip((0.75 * border + 0.25 * contrast) * separation**0.5 * sensible * unity, 0, 1))
