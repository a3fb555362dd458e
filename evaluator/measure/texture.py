"""Texture: sharpness, resolution, noise, blocks and bands. Arrays in, numbers out; knows no thresholds of quality."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.measure.quantile import quantile
from evaluator.measure.reading import Measure, Reading, absent, trust
from evaluator.types import Flags, Plane, Subject
from evaluator.view import DETAIL_SIDE, Levels, View

FINE, COARSE = 0.8, 1.8
"""Standard deviations in pixels of the two Gaussians whose gradients are compared."""

MARGIN = 12
"""Pixels around a region that its gradients are read with."""

RIM = 4
"""Pixels along the frame without edges, where a blur would need what lies beyond; the finer blur reaches as far."""


def edge_widths(luma: Levels | Plane, region: Flags | None = None) -> Plane:
    """Return the blur (Gaussian σ in pixels) at the strongest edges of a picture 0–255; empty where there are none.

    The ratio of the gradients after two known blurs gives the unknown one: Zhuo and Sim, "Defocus map
    estimation from a single image", Pattern Recognition 44 (2011).
    """
    coarse = cv2.magnitude(*_gradient(luma, COARSE))
    edges = (coarse >= cv2.dilate(coarse, np.ones((3, 3), np.uint8))) & (coarse > 1.2)
    edges[:RIM], edges[-RIM:], edges[:, :RIM], edges[:, -RIM:] = False, False, False, False
    if region is not None:
        edges &= region
    at = np.flatnonzero(edges)
    strengths = coarse.ravel()[at]
    if strengths.size < 12:
        return np.zeros(0, np.float32)
    strong = strengths >= max(quantile(strengths, 0.75), 0.25 * quantile(strengths, 0.99))
    ratio = np.clip(_steepness(luma, at[strong]) / strengths[strong] ** 2, 1.02, (COARSE / FINE) ** 2)
    squared = (COARSE**2 - ratio * FINE**2) / (ratio - 1)
    return np.asarray(np.sqrt(np.clip(squared, 0, None)), np.float32)


def _bell(sigma: float) -> cv2.typing.MatLike:
    return cv2.getGaussianKernel(2 * round(4 * sigma) + 1, sigma, cv2.CV_32F)


def _steepness(luma: Levels | Plane, at: npt.NDArray[np.intp]) -> Plane:
    """Return the squared slope after the finer blur at a few places, which lie off the rim, by their numbers.

    They are a thousandth or so of the picture: each is read from the pixels around it, by blur and slope in one.
    """
    rows, columns = np.divmod(at, luma.shape[1])
    around = np.lib.stride_tricks.sliding_window_view(luma, (2 * RIM + 1, 2 * RIM + 1))[rows - RIM, columns - RIM]
    slopes = around.reshape(len(at), -1).astype(np.float32) @ _SLOPES
    return np.asarray((slopes * slopes).sum(axis=1), np.float32)


def _slopes() -> npt.NDArray[np.float32]:
    """Return what a pixel's surroundings weigh in its two slopes after the finer blur."""
    bell = _bell(FINE).ravel()
    along, beside = np.convolve(bell, (-1, 0, 1)), np.convolve(bell, (1, 2, 1)) / 8
    return np.stack([np.outer(beside, along).ravel(), np.outer(along, beside).ravel()], axis=1).astype(np.float32)


_SLOPES = _slopes()


def _gradient(luma: Levels | Plane, sigma: float) -> tuple[cv2.typing.MatLike, cv2.typing.MatLike]:
    """Return the slopes to the right and down after a blur."""
    # Straight from whole levels to fractions, which a Gaussian blur of OpenCV's does not offer.
    bell = _bell(sigma)
    smooth = cv2.sepFilter2D(luma, cv2.CV_32F, bell, bell, borderType=cv2.BORDER_REFLECT)
    return (
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=0.125),
        cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=0.125),
    )


def noise_sigma(luma: Levels, block: int = 16) -> float:
    """Return the standard deviation of the noise, in levels of 0–255, from the calmest blocks that are not clipped.

    Immerkær, "Fast noise variance estimation", CVIU 64 (1996), taken block by block so that texture is left out.
    """
    curve = np.array([1, -2, 1], np.float32)
    response = cv2.sepFilter2D(luma, cv2.CV_32F, curve, curve, borderType=cv2.BORDER_REFLECT)
    np.abs(response, out=response)
    size = (luma.shape[1] // block, luma.shape[0] // block)
    if min(size) < 1:
        return 0.0
    crop = (slice(0, size[1] * block), slice(0, size[0] * block))
    local = cv2.resize(response[crop], size, interpolation=cv2.INTER_AREA) * np.sqrt(np.pi / 2) / 6
    mean = cv2.resize(luma[crop], size, interpolation=cv2.INTER_AREA)
    usable = local[(mean > 6) & (mean < 252.5)]
    if usable.size < 8:
        usable = local.ravel()
    return quantile(usable, 0.2)


def blockiness(native: Levels) -> float:
    """Return by what share steps on an 8-pixel grid exceed the steps beside it; 0 where there is no grid.

    After Wang, Sheikh and Bovik, "No-reference perceptual quality assessment of JPEG compressed images",
    ICIP 2002; every grid phase is tried, so that a crop does not hide the grid.
    """
    ratios = []
    # Every second line tells as much as all.
    for plane in (native[::2], cv2.transpose(native)[::2]):
        # Strong edges are the picture's own; a block step is small.
        step = cv2.min(cv2.absdiff(plane[:, 1:], plane[:, :-1]), 24.0)
        profile = cv2.reduce(step, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() / len(plane)
        if profile.size < 24:
            return 0.0
        phases = np.array([float(profile[phase::8].mean()) for phase in range(8)])
        grid = int(phases.argmax())
        beside = float(np.median(np.delete(phases, grid)))
        ratios.append((float(phases[grid]) - beside) / (beside + 0.25))
    return max(0.0, float(np.mean(ratios)))


def lost_detail(native: Levels) -> float:
    """Return the share of 8×8 blocks with some texture whose high DCT coefficients are all nearly zero, 0–1.

    Compression removes them first; best of all eight grid phases along the diagonal is not needed, since
    energy that is gone is gone on any grid.
    """
    height, width = (native.shape[0] // 8) * 8, (native.shape[1] // 8) * 8
    if height < 32 or width < 32:
        return 0.0
    crop, cells = native[:height, :width].astype(np.float32), (width // 8, height // 8)
    mean, square = (cv2.resize(plane, cells, interpolation=cv2.INTER_AREA) for plane in (crop, crop * crop))
    variance = square.astype(np.float64) - mean.astype(np.float64) ** 2
    rows, columns = np.nonzero((variance > 3**2) & (variance < 40**2))
    if len(rows) < 16:
        return 0.0
    every = max(1, len(rows) // 1500)
    blocks = crop.reshape(height // 8, 8, width // 8, 8).transpose(0, 2, 1, 3)
    textured = blocks[rows[::every], columns[::every]]
    flat = textured.reshape(len(textured), 64)
    high, low = (np.abs(flat @ waves).mean(axis=1) for waves in (_HIGH, _LOW))
    return float((high < 0.02 * low + 0.15).mean())


_k, _n = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
_DCT = (np.sqrt(2 / 8) * np.cos(np.pi * (2 * _n + 1) * _k / 16)).astype(np.float32)
_DCT[0] /= np.sqrt(2)
_WAVES = np.kron(_DCT, _DCT).T  # of a block's 64 pixels in a row
_HIGH, _LOW = _WAVES[:, (_k + _n).ravel() >= 7], _WAVES[:, ((_k + _n).ravel() >= 1) & ((_k + _n).ravel() <= 3)]


def banding(native: Levels) -> float:
    """Return the share of smooth area that lies at a step of 2–10 levels between runs that are perfectly flat.

    A gradient stored in 8 bits steps by single levels; one that was posterised holds still, then jumps.
    """
    counts = []
    # Every second line tells as much as all.
    for plane in (native[::2], cv2.transpose(native)[::2]):
        step = cv2.absdiff(plane[:, 1:], plane[:, :-1])
        flat = step == 0
        inner = plane[:, 3:-4]
        run = flat[:, :-6] & flat[:, 1:-5] & flat[:, 2:-4] & flat[:, 4:-2] & flat[:, 5:-1] & flat[:, 6:]
        run &= (inner > 4) & (inner < 250)
        middle = step[:, 3:-3]
        jumps = np.count_nonzero(run & (middle >= 2) & (middle <= 10))
        counts.append(jumps / (np.count_nonzero(run & flat[:, 3:-3]) + 0.02 * plane.size))
    return float(np.mean(counts))


def sharpness(view: View, subject: Subject) -> Reading:
    """Edge width and effective longer side in pixels at detail size, inside the subject where it is known."""
    widths = np.zeros(0, np.float32)
    if trust(subject) > 0.3:
        size = (view.luma.shape[1], view.luma.shape[0])
        region = (cv2.resize(subject.mask, size, interpolation=cv2.INTER_LINEAR) > 0.3).view(np.uint8)
        region = cv2.dilate(region, np.ones((5, 5), np.uint8))
        x, y, across, down = cv2.boundingRect(region)
        part = slice(max(0, y - MARGIN), y + down + MARGIN), slice(max(0, x - MARGIN), x + across + MARGIN)
        widths = edge_widths(view.luma[part], region[part] > 0)
    if widths.size < 40:
        widths = edge_widths(view.luma)
    if widths.size == 0:
        return absent("blank")
    width = quantile(widths, 0.35)
    detail = min(view.side, DETAIL_SIDE)
    return Reading({"edge_width": width, "effective_side": detail * min(1.0, 0.75 / max(width, 0.3))})


def artefact_cleanliness(view: View, subject: Subject) -> Reading:
    """Noise in levels, block grid, detail lost to compression, banding."""
    return Reading(
        {
            "noise": noise_sigma(view.luma),
            "blockiness": blockiness(view.native),
            "lost_detail": lost_detail(view.native),
            "banding": banding(view.native),
        }
    )


def material_realism(view: View, subject: Subject) -> Reading:
    """Only a trained network can judge materials."""
    return absent("network")


CRITERIA: dict[str, Measure] = {
    "sharpness": sharpness,
    "artefact_cleanliness": artefact_cleanliness,
    "material_realism": material_realism,
}
