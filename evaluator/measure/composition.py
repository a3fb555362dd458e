"""Composition: prominence, size in the frame, placement, level, and what was laid over the picture."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.measure.overlay import borders, separators, squeezed
from evaluator.measure.quantile import quantile
from evaluator.measure.reading import Measure, Reading, absent, plain_white, trust
from evaluator.measure.text import find_text
from evaluator.types import Box, Plane, Rgb, Subject
from evaluator.view import THUMB_SIDE, View

WIDE, FLAT, APART = 0.22, 0.065, 20.0
"""A text as wide as this share of the frame, with this share of one flat colour that is this far (ΔE) from its ground,
was laid over the picture. Prints of photographed packs have up to 0.06 of such a colour, laid texts 0.05 to 0.25."""
FAINT = 8
"""Largest step in levels between neighbours where there is no line; noise and a shadow's fall-off stay under it."""
NEAR = 11
"""Twice the pixels around the subject that its own blurred edge takes, and one."""
SPECKS = 40
"""Most pixels at a step that are no text; the smallest letters have more."""


def bounding_box(mask: Plane) -> Box | None:
    """Return the box around the mask in shares of the frame, crumbs left out; None for an empty mask."""
    solid = mask > 0.5
    rows, columns = solid.sum(axis=1), solid.sum(axis=0)
    least = 0.01 * max(mask.shape)
    ys, xs = (
        np.flatnonzero(rows > min(least, rows.max() / 2)),
        np.flatnonzero(columns > min(least, columns.max() / 2)),
    )
    if ys.size == 0 or xs.size == 0:
        return None
    height, width = mask.shape
    return Box(
        float(xs[0] / width), float(ys[0] / height),
        float((xs[-1] - xs[0] + 1) / width), float((ys[-1] - ys[0] + 1) / height), "subject",
    )  # fmt: skip


def centroid(mask: Plane) -> tuple[float, float]:
    """Return the mask's centre of mass in shares of width and height; the middle for an empty mask."""
    total = float(mask.sum())
    if total < 1e-6:
        return 0.5, 0.5
    height, width = mask.shape
    x = float((mask.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total / width
    y = float((mask.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total / height
    return x, y


def placement(x: float, y: float) -> float:
    """Return the distance of a point to the centre or the nearest third, in shares of the frame.

    Both coordinates count on their own: each may lie on the middle or on a third (1/3, 2/3); the vertical
    one counts half, since products stand low in their frame.
    """
    across = min(abs(x - 0.5), abs(x - 1 / 3) + 0.03, abs(x - 2 / 3) + 0.03)
    down = min(abs(y - 0.5), abs(y - 1 / 3) + 0.03, abs(y - 2 / 3) + 0.03)
    return float(np.hypot(across, 0.5 * down))


def tilt(grey: Plane, mask: Plane, sure: float = 1.0) -> tuple[float, float]:
    """Return the angle in degrees (−45 to 45) of the dominant lines off the level, and how plain it is (0–1).

    Mean orientation of the gradients modulo 90° by the structure tensor's fourth harmonic (Bigün and Granlund,
    "Optimal orientation detection of linear symmetry", ICCV 1987), joined by the axis of the subject.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.2)
    gx, gy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    magnitude = cv2.magnitude(gx, gy)
    magnitude[:3], magnitude[-3:], magnitude[:, :3], magnitude[:, -3:] = 0, 0, 0, 0
    strong = magnitude > max(8.0, quantile(magnitude[::2, ::2], 0.9))
    at = np.flatnonzero(strong)
    harmonic = 0j
    if at.size > 50:
        size = magnitude.ravel()[at]
        weight = np.minimum(size, 200.0)
        turned = ((gx.ravel()[at] + 1j * gy.ravel()[at]) / size) ** 2
        harmonic = complex((weight * turned**2).sum() / weight.sum())
    axis, elongation = principal_axis(mask)
    harmonic += 0.35 * sure * elongation * np.exp(4j * axis)
    return float(np.degrees(np.angle(harmonic)) / 4), float(min(1.0, abs(harmonic) / 0.35))


def principal_axis(mask: Plane) -> tuple[float, float]:
    """Return the angle (radians) of the mask's longer axis and its elongation (0 round, 1 a line), by moments."""
    moments = cv2.moments((mask > 0.5).astype(np.uint8), binaryImage=True)
    if moments["m00"] < 16:
        return 0.0, 0.0
    a, b, c = (moments[k] / moments["m00"] for k in ("mu20", "mu11", "mu02"))
    spread = float(np.hypot(a - c, 2 * b))
    return 0.5 * float(np.arctan2(2 * b, a - c)), spread / (a + c + 1e-9)


def side_weights(weight: Plane) -> float:
    """Return the difference of visual weight between left and right over their sum, 0–1."""
    half = weight.shape[1] // 2
    left, right = float(weight[:, :half].sum()), float(weight[:, -half:].sum())
    return abs(left - right) / (left + right + 1e-6)


def contrast_with_background(lab: npt.NDArray[np.float32], mask: Plane) -> float:
    """Return the median ΔE (CIE 1976) between the subject's pixels and the mean of the near background."""
    inside, outside = mask > 0.6, mask < 0.2
    if min(int(inside.sum()), int(outside.sum())) < 50:
        return 0.0
    around = np.array([quantile(plane[outside], 0.5) for plane in cv2.split(lab)], np.float32)
    return quantile(np.linalg.norm(lab[inside] - around, axis=1), 0.5)


def prominence(view: View, subject: Subject) -> Reading:
    """Saliency inside the subject against its area, and ΔE between subject and background."""
    sure = trust(subject)
    if sure <= 0:
        return absent("subject")
    mask = cv2.resize(subject.mask, (THUMB_SIDE, THUMB_SIDE), interpolation=cv2.INTER_AREA)
    inside, outside = view.salient[mask > 0.5], view.salient[mask <= 0.5]
    gain = float(np.log2((inside.mean() + 0.02) / (outside.mean() + 0.02))) if inside.size and outside.size else 0.0
    return Reading(
        {"saliency_gain": gain, "subject_contrast": contrast_with_background(view.thumb, mask)},
        confidence=sure,
    )


def frame_fill(view: View, subject: Subject) -> Reading:
    """Longer side of the subject's box as a share of the frame, and the share of the frame that it covers."""
    sure = trust(subject)
    box = bounding_box(subject.mask)
    if sure <= 0 or box is None:
        return absent("subject")
    extent = max(box.width, box.height)
    return Reading({"extent": extent, "area": float(subject.mask.mean())}, confidence=sure, boxes=(box,))


def balance(view: View, subject: Subject) -> Reading:
    """Placement of the centroid, left against right, and tilt in degrees."""
    sure = trust(subject)
    grey = cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    angle, plain = tilt(grey, subject.mask, sure)
    values = {"tilt": abs(angle) * plain, "angle": angle, "side_gap": side_weights(view.salient)}
    if sure > 0:
        x, y = centroid(subject.mask)
        values |= {"placement": placement(x, y) * sure, "centre_x": x, "centre_y": y}
    return Reading(values)


def overlay_freedom(view: View, subject: Subject) -> Reading:
    """Area of text that is not the product's own, of a border, and the separators of a collage.

    A box before white paper looks like a picture in a white frame: it is taken for what it mostly is.
    """
    boxes = find_text(view.rgb, partial(_printed, lab=view.lab, subject=subject), bare(view.rgb, subject))
    text = sum(box.width * box.height for box in boxes)
    small = squeezed(view.rgb)
    return Reading(
        {
            "text_area": 100 * text,
            "border": 100 * borders(small) * (1 - plain_white(subject)),
            "separators": separators(small),
        },
        boxes=boxes,
    )


def bare(rgb: Rgb, subject: Subject) -> bool:
    """Return whether a subject that is known stands free on a ground without the faintest line; text has lines."""
    if trust(subject) < 0.5:
        return False
    solid = (subject.mask > 0.5).view(np.uint8)
    if (solid[:, :3].all(axis=1) & solid[:, -3:].all(axis=1)).any():  # a strip with text may be taken for subject
        return False
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    lines = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > FAINT
    away = cv2.dilate(solid, np.ones((NEAR, NEAR), np.uint8)) == 0
    return int(np.count_nonzero(lines & away)) <= SPECKS


def _printed(box: Box, lab: npt.NDArray[np.float32], subject: Subject) -> bool:
    """Return whether a text lies wholly on a subject that is known: it is then the product's own print.

    The text, or the strip that it stands on, may have been taken for subject: a print has product above and
    below it, and a product does not run through the frame from side to side just there. A wide text of one flat
    colour was laid over the picture, whatever lies below it: light and lens leave no print that even.
    """
    if trust(subject) < 0.5:
        return False
    solid = subject.mask > 0.5
    rows, columns = box.cells(solid.shape)
    pad = max(2, round(1.2 * (rows.stop - rows.start)))
    column = solid[max(0, rows.start - pad) : rows.stop + pad, columns]
    through = float((solid[rows, :3].all(axis=1) & solid[rows, -3:].all(axis=1)).mean())
    inside = float(column.mean()) > 0.85 and through < 0.5
    return inside and not (box.width >= WIDE and flat_share(lab, box) >= FLAT)


def flat_share(lab: npt.NDArray[np.float32], box: Box) -> float:
    """Return the share of a box's pixels (0–1) within ΔE 3 of its commonest colour that is not its ground."""
    pixels = lab[box.cells(lab.shape)].reshape(-1, 3)
    colours, which, counts = np.unique(
        np.round(pixels / 4).astype(np.int32), axis=0, return_inverse=True, return_counts=True
    )
    ground = np.array([quantile(plane, 0.5) for plane in pixels.T], np.float32)
    apart = np.flatnonzero(np.linalg.norm(4 * colours - ground, axis=1) > APART)
    if not apart.size:
        return 0.0
    commonest = pixels[which.ravel() == apart[counts[apart].argmax()]].mean(axis=0)
    return float((np.linalg.norm(pixels - commonest, axis=1) < 3).mean())


CRITERIA: dict[str, Measure] = {
    "prominence": prominence,
    "frame_fill": frame_fill,
    "balance": balance,
    "overlay_freedom": overlay_freedom,
}
