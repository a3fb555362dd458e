"""Form: is the whole subject there. Arrays in, numbers out; parts, bodies and hands need the network."""

from __future__ import annotations

import cv2
import numpy as np

from evaluator.measure.reading import Measure, Reading, absent, trust
from evaluator.types import Plane, Subject
from evaluator.view import View


def frame_contact(mask: Plane) -> dict[str, float]:
    """Return, for each side of the frame, the share of that side which the mask touches, 0–1."""
    solid = mask > 0.5
    return {
        "top": float(solid[:2].any(axis=0).mean()),
        "bottom": float(solid[-2:].any(axis=0).mean()),
        "left": float(solid[:, :2].any(axis=1).mean()),
        "right": float(solid[:, -2:].any(axis=1).mean()),
    }


def cut_share(mask: Plane) -> float:
    """Return the length along which the frame cuts the mask over the square root of its area.

    0 for a subject that stands free; about 0.5 where one narrow end is cut; over 2 where the subject bursts out.
    """
    solid = mask > 0.5
    area = int(solid.sum())
    if area == 0:
        return 0.0
    contact = frame_contact(mask)
    height, width = mask.shape
    length = (contact["top"] + contact["bottom"]) * width + (contact["left"] + contact["right"]) * height
    return float(length / np.sqrt(area))


def solidity(mask: Plane) -> float:
    """Return the mask's area over that of its convex hull, 0–1."""
    points = cv2.findNonZero((mask > 0.5).astype(np.uint8))
    if points is None:
        return 0.0
    hull = cv2.contourArea(cv2.convexHull(points))
    return float(min(1.0, (mask > 0.5).sum() / max(hull, 1.0)))


def completeness(view: View, subject: Subject) -> Reading:
    """How far the frame cuts the subject."""
    sure = trust(subject)
    if sure <= 0:
        return absent("subject")
    contact = frame_contact(subject.mask)
    return Reading(
        {"cut": cut_share(subject.mask), **{f"cut_{side}": share for side, share in contact.items()}},
        confidence=sure,
    )


def shape_fidelity(view: View, subject: Subject) -> Reading:
    """Only a trained network, or an original to compare with, can judge the product's geometry."""
    return absent("network")


def body_plausibility(view: View, subject: Subject) -> Reading:
    """Only a trained network can judge bodies."""
    return absent("network")


def hand_face_integrity(view: View, subject: Subject) -> Reading:
    """Only a trained network can judge hands and faces."""
    return absent("network")


CRITERIA: dict[str, Measure] = {
    "completeness": completeness,
    "shape_fidelity": shape_fidelity,
    "body_plausibility": body_plausibility,
    "hand_face_integrity": hand_face_integrity,
}
