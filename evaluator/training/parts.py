"""Finds hands, faces and bodies in the training sets' pictures with MediaPipe, and writes one JSON file a picture.

Stands alone, since MediaPipe needs an older NumPy than the app: in an environment with `parts-requirements.txt`, run
`python evaluator/training/parts.py --data DIR --out DIR`. What is there already is not done again.

A file `<set>/<stem>.json` holds `size` (width, height), `hands` (21 `points`, `side`, `score`), `faces` (468 `points`,
`box` x0, y0, x1, y1) and `pose` (33 points with visibility 0–1, or null); points are in pixels of the file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]

FOLDERS = {
    "studio_products": "studio_products",
    "people": "people/photos",
    "hands": "hands/photos",
    "digits": "hands/digits",
    "stock": "stock",
    "rated_photos": "rated_photos/images",
}
"""Where each set keeps its pictures."""
LOOK = 384
"""Side in pixels to which a close look is enlarged; MediaPipe's detectors see no more than about 200."""
POSE_HEAD = range(11)
POSE_HANDS = ((13, 15, (15, 17, 19, 21)), (14, 16, (16, 18, 20, 22)))
"""For each side of the body: elbow, wrist and the points of the hand, by their numbers in MediaPipe's pose."""


@dataclass(frozen=True, slots=True)
class Finder:
    """MediaPipe's three finders for still pictures."""

    hands: Any
    face: Any
    pose: Any


def finder() -> Finder:
    """Return the finders, at thresholds that let doubtful parts through with their score."""
    given = mp.solutions
    return Finder(
        given.hands.Hands(static_image_mode=True, max_num_hands=4, model_complexity=1, min_detection_confidence=0.5),
        given.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=3, min_detection_confidence=0.5),
        given.pose.Pose(static_image_mode=True, model_complexity=1, min_detection_confidence=0.5),
    )


def find(found: Finder, picture: Pixels) -> dict[str, Any]:
    """Return everything that is found in a picture (RGB), looking closer at wrists and head."""
    height, width = picture.shape[:2]
    answer = found.pose.process(picture).pose_landmarks
    pose = None
    if answer is not None:
        pose = [[point.x * width, point.y * height, point.visibility] for point in answer.landmark]
    hands, faces = [], []
    for box in [*_hand_boxes(pose), (0.0, 0.0, float(width), float(height))]:
        hands += _hands(found, picture, box)
    for box in [*_head_boxes(pose), (0.0, 0.0, float(width), float(height))]:
        faces += _faces(found, picture, box)
    return {
        "size": [width, height],
        "hands": _apart(sorted(hands, key=lambda hand: -hand["score"])),
        "faces": _apart(faces),
        "pose": pose and [[round(value, 2) for value in point] for point in pose],
    }


def _hand_boxes(pose: list[list[float]] | None) -> Iterator[Box]:
    for elbow, wrist, points in POSE_HANDS if pose else ():
        assert pose
        if pose[wrist][2] < 0.3:
            continue
        (x, y), arm = np.mean([pose[point][:2] for point in points], axis=0), np.subtract(pose[wrist], pose[elbow])
        half = max(0.65 * float(np.hypot(*arm[:2])), 0.2 * _torso(pose), 16)
        yield (x - half, y - half, x + half, y + half)


def _head_boxes(pose: list[list[float]] | None) -> Iterator[Box]:
    if pose and np.mean([pose[point][2] for point in POSE_HEAD]) > 0.5:
        x, y = np.mean([pose[point][:2] for point in POSE_HEAD], axis=0)
        half = max(0.45 * _torso(pose), 24)
        yield (x - half, y - half, x + half, y + half)


def _torso(pose: list[list[float]]) -> float:
    corners = np.array(pose)[[11, 12, 23, 24], :2]
    return float(np.hypot(*(corners[:2].mean(0) - corners[2:].mean(0))))


def _look(picture: Pixels, box: Box) -> tuple[Pixels, npt.NDArray[np.float64], float]:
    """Return a box of the picture (mirrored beyond its edges) for a close look, its corner and its pixels a pixel."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = (round(value) for value in box)
    pad = 0 if (x1 - x0, y1 - y0) != (width, height) else round(0.15 * max(width, height)) * (max(width, height) < 200)
    x0, y0, x1, y1 = x0 - pad, y0 - pad, x1 + pad, y1 + pad
    beyond = max(0, -x0, -y0, x1 - width, y1 - height)
    wide = cv2.copyMakeBorder(picture, beyond, beyond, beyond, beyond, cv2.BORDER_REPLICATE) if beyond else picture
    part = wide[y0 + beyond : y1 + beyond, x0 + beyond : x1 + beyond]
    scale = max(1.0, LOOK / max(part.shape[:2]))
    look = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(look), np.array([x0, y0], np.float64), 1 / scale


def _place(landmarks: Any, look: Pixels, corner: npt.NDArray[np.float64], scale: float) -> list[list[float]]:
    points = np.array([[point.x, point.y] for point in landmarks.landmark]) * look.shape[1::-1] * scale + corner
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]


def _hands(found: Finder, picture: Pixels, box: Box) -> list[dict[str, Any]]:
    look, corner, scale = _look(picture, box)
    answer = found.hands.process(look)
    return [
        {
            "points": _place(points, look, corner, scale),
            "side": side.classification[0].label.lower(),
            "score": round(side.classification[0].score, 3),
        }
        for points, side in zip(answer.multi_hand_landmarks or (), answer.multi_handedness or (), strict=True)
    ]


def _faces(found: Finder, picture: Pixels, box: Box) -> list[dict[str, Any]]:
    look, corner, scale = _look(picture, box)
    answer = found.face.process(look).multi_face_landmarks or ()
    placed = [_place(points, look, corner, scale)[:468] for points in answer]
    return [{"points": points, "box": [*np.min(points, 0), *np.max(points, 0)]} for points in placed]


def _apart(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out a part whose middle lies within another one that was kept."""
    kept: list[dict[str, Any]] = []
    for part in parts:
        points = np.array(part["points"])
        if all(
            np.hypot(*(points.mean(0) - np.mean(other["points"], 0))) > 0.5 * np.ptp(points, axis=0).max()
            for other in kept
        ):
            kept.append(part)
    return kept


def main() -> None:
    """Go through the sets and say how often each part was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for the JSON files")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    found = finder()
    for name, folder in FOLDERS.items():
        (given.out / name).mkdir(parents=True, exist_ok=True)
        files = [file for file in sorted((given.data / folder).rglob("*")) if file.suffix.lower() in {".jpg", ".png"}]
        seen = {"hands": 0, "faces": 0, "pose": 0}
        for file in files:
            target = given.out / name / f"{file.stem}.json"
            if not target.exists():
                picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
                parts = find(found, np.ascontiguousarray(np.asarray(picture)[..., ::-1]))
                target.with_suffix(".part").write_text(json.dumps(parts), encoding="utf-8")
                target.with_suffix(".part").replace(target)
            parts = json.loads(target.read_text("utf-8"))
            seen = {part: count + bool(parts[part]) for part, count in seen.items()}
        print(f"{name}: {len(files)} pictures, {seen}", flush=True)


if __name__ == "__main__":
    main()
