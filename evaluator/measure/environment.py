"""Environment: fusion with the scene, contact with the ground, order of the background. Arrays in, numbers out."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.measure.quantile import quantile
from evaluator.measure.reading import Measure, Reading, absent, plain_white, trust
from evaluator.measure.texture import noise_sigma
from evaluator.types import Flags, Plane, Subject
from evaluator.view import View

CALM_SIDE = 192
"""Longer side in pixels at which clutter is counted; small, so that blur does not pass for order."""
GRAINY = 0.24
"""Step that a level of noise makes there, in ΔE, where the picture is as small as that and its lights are white."""
AROUND = 12
"""Pixels around the subject in which its fringe is read."""
NEIGHBOURS = 9
"""Side in pixels of the neighbourhood over which a fringe points one way."""


def ring(mask: Plane, inner: int, outer: int) -> Flags:
    """Return the band of pixels between `inner` and `outer` pixels outside the mask."""
    away = _away(mask > 0.5)
    return np.asarray((away <= outer) & (away > inner))


def _away(solid: Flags) -> Plane:
    """Return each pixel's distance in pixels from a region, 0 inside it; the frame's width where it is empty.

    One transform serves every width, and costs the same for wide bands, where a dilation grows with their square.
    """
    if not solid.any():
        return np.full(solid.shape, float(sum(solid.shape)), np.float32)
    return np.asarray(cv2.distanceTransform(1 - solid.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def fringe(lab: npt.NDArray[np.float32], mask: Plane) -> float:
    """Return how far the colour just outside the edge lies from the line between inside and surroundings, in ΔE.

    An edge that belongs to its scene is a mixture of its two sides; a halo or the residue of a matte is not. It is read
    as the mean over a small neighbourhood, so that grain, which points anywhere, is not taken for a fringe.
    """
    x, y, across, down = cv2.boundingRect((mask > 0.5).astype(np.uint8))
    around = slice(max(0, y - AROUND), y + down + AROUND), slice(max(0, x - AROUND), x + across + AROUND)
    lab, mask = lab[around], mask[around]
    solid = (mask > 0.5).astype(np.uint8)
    away = _away(solid > 0)
    near, far = (away > 1) & (away <= 3), (away > 5) & (away <= 11)
    inner = (
        (solid > 0)
        & (cv2.erode(solid, np.ones((9, 9), np.uint8)) == 0)
        & (cv2.erode(solid, np.ones((5, 5), np.uint8)) > 0)
    )
    if min(int(near.sum()), int(far.sum()), int(inner.sum())) < 40:
        return 0.0
    spread = 17
    weight_in, weight_far = inner.astype(np.float32), far.astype(np.float32)
    inside = cv2.blur(cv2.copyTo(lab, inner.astype(np.uint8)), (spread, spread))
    outside = cv2.blur(cv2.copyTo(lab, far.astype(np.uint8)), (spread, spread))
    share_in = cv2.blur(weight_in, (spread, spread))
    share_far = cv2.blur(weight_far, (spread, spread))
    at = near & (share_in > 0.01) & (share_far > 0.01)
    if int(at.sum()) < 30:
        return 0.0
    a = outside[at] / share_far[at][:, None]
    b = inside[at] / share_in[at][:, None]
    line, point = b - a, lab[at] - a
    along = np.clip((point * line).sum(1) / ((line**2).sum(1) + 1e-3), 0, 1)
    off = np.zeros((*at.shape, 5), np.float32)
    off[at] = np.column_stack([step := point - along[:, None] * line, (step**2).sum(1), np.ones(len(step))])
    near_by = cv2.blur(off, (NEIGHBOURS, NEIGHBOURS))[at]
    share = near_by[:, 4]
    length = (near_by[:, :3] ** 2).sum(1) / share**2
    # The mean of so many steps has a length by chance alone, which is taken off again.
    chance = (near_by[:, 3] / share - length) / np.maximum(share * NEIGHBOURS**2 - 1, 1)
    return quantile(np.sqrt(np.maximum(length - chance, 0)), 0.5)


def grain_gap(luma: Plane, mask: Plane) -> float:
    """Return the absolute logarithm (base 2) of fine grain inside the mask over outside, in the calmest quarter."""
    fine = cv2.absdiff(luma, cv2.GaussianBlur(luma, (0, 0), 1.0))
    # What is averaged over nine pixels differs little from one to the next: a quarter of them has the same ranks.
    local, mask = cv2.blur(fine, (9, 9))[::2, ::2], mask[::2, ::2]
    inside, outside = local[mask > 0.9], local[mask < 0.1]
    if min(inside.size, outside.size) < 100:
        return 0.0
    return float(abs(np.log2((quantile(inside, 0.25) + 0.35) / (quantile(outside, 0.25) + 0.35))))


def clutter(lab: npt.NDArray[np.float32], outside: Plane, noise: float = 0.0) -> tuple[float, float]:
    """Return edge density (0–1) and colour entropy (bits) of the area outside the subject, each pixel by its weight.

    Steps that `noise` alone (σ in levels of 0–255, of the lightness) would make are taken off.
    """
    height, width = lab.shape[:2]
    scale = CALM_SIDE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(lab, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    # Underexposure must not pass for order: lightness is stretched until the lightest twentieth is white.
    stretch = np.float32(95 / max(25.0, quantile(small[..., 0], 0.95)))
    small = small * stretch
    weight = cv2.resize(outside, size, interpolation=cv2.INTER_AREA)
    weight = np.where(weight > 0.9, weight, 0)
    total = float(weight.sum())
    if total < 0.01 * weight.size:
        return 0.0, 0.0
    across, down = (cv2.Sobel(small, cv2.CV_32F, *way, ksize=3, scale=0.125) for way in ((1, 0), (0, 1)))
    step = np.maximum.reduce(cv2.split(cv2.magnitude(across, down)))
    step = np.sqrt(np.maximum(step * step - np.float32(GRAINY * noise * scale * stretch) ** 2, 0))
    edges = 1 / (1 + np.exp(-(step - 2.2) / 0.5))
    density = float((edges * weight).sum()) / weight.size
    light, *colour = (
        np.clip((plane - np.float32(least)) / 10, 0, most).astype(np.uint8)
        for plane, least, most in zip(cv2.split(small), (0, -80, -80), (9, 15, 15), strict=True)
    )
    cells = 256 * light.astype(np.intp) + (16 * colour[0] + colour[1])
    counted = np.bincount(cells.ravel(), weights=weight.ravel())
    share = counted[counted > 0] / total
    return density, float(-(share * np.log2(share)).sum())


def white_share(lab: npt.NDArray[np.float32], outside: Plane) -> float:
    """Return the share of the background that is pure white (L* ≥ 99, chroma ≤ 2), 0–1."""
    area = outside > 0.8
    count = int(area.sum())
    if count == 0:
        return 0.0
    white = (lab[..., 0] >= 99) & (lab[..., 1] ** 2 + lab[..., 2] ** 2 <= 4)
    return float((white & area).sum() / count)


def contact_shadow(light: Plane, mask: Plane) -> float:
    """Return how much darker (L*) the ground is just under the subject than further off; negative where lighter."""
    solid = mask > 0.5
    rows = np.flatnonzero(solid.any(axis=1))
    if rows.size < 8:
        return 0.0
    height = rows[-1] - rows[0] + 1
    foot = rows[-1] - max(2, round(0.08 * height))
    away, light, free = _away(solid[foot:]), light[foot:], ~solid[foot:]
    near = (away <= max(3, round(0.03 * height))) & free
    far = (away <= max(12, round(0.22 * height))) & (away > max(8, round(0.13 * height))) & free
    if min(int(near.sum()), int(far.sum())) < 25:
        return 0.0
    return quantile(light[far], 0.5) - quantile(light[near], 0.3)


def _scene(subject: Subject) -> Reading | float:
    """Return how much a judgement of subject in scene counts, or why there is none."""
    white, sure = plain_white(subject), trust(subject)
    if white >= 1.0:
        return absent("plain_backdrop")
    return absent("subject") if sure <= 0 else sure * (1 - white)


def subject_fusion(view: View, subject: Subject) -> Reading:
    """Fringe along the edge and gap of grain across it."""
    sure = _scene(subject)
    if isinstance(sure, Reading):
        return sure
    mask = subject.mask
    luma = cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return Reading({"fringe": fringe(view.lab, mask), "grain_gap": grain_gap(luma, mask)}, confidence=0.35 * sure)


def grounding(view: View, subject: Subject) -> Reading:
    """Contact shadow under the subject; not read where the frame cuts its foot."""
    sure = _scene(subject)
    if isinstance(sure, Reading):
        return sure
    if bool((subject.mask[-3:] > 0.5).any()):
        return absent("foot_cut")
    return Reading({"contact_shadow": contact_shadow(view.lab[..., 0], subject.mask)}, confidence=0.35 * sure)


def background_order(view: View, subject: Subject) -> Reading:
    """Edge density and colour entropy outside the subject, and the share of pure white."""
    outside = np.asarray(1 - subject.mask * trust(subject), np.float32)
    noise = noise_sigma(cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY))
    density, entropy = clutter(view.lab, outside, noise)
    return Reading({"clutter": density, "entropy": entropy, "white_share": white_share(view.lab, outside)})


def scene_fit(view: View, subject: Subject) -> Reading:
    """Only a trained network can tell whether a scene suits a product."""
    return absent("plain_backdrop") if plain_white(subject) >= 1.0 else absent("network")


def scale(view: View, subject: Subject) -> Reading:
    """Only a trained network can judge sizes against each other."""
    return absent("no_reference") if plain_white(subject) >= 1.0 else absent("network")


CRITERIA: dict[str, Measure] = {
    "scene_fit": scene_fit,
    "subject_fusion": subject_fusion,
    "grounding": grounding,
    "scale": scale,
    "background_order": background_order,
}
