"""Makers of hands, faces and bodies, on drawn people whose parts are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from evaluator.training.defects.redrawing import HOLDER
from evaluator.training.makers import body, face, hand, limbs, melted, people, warp
from evaluator.training.sources import held

Pixels = npt.NDArray[np.uint8]
MAKERS = {"hand": hand, "face": face, "body": body}
NOWHERE = Path("nowhere")
KNUCKLES = ((-34, -12), (-21, -48), (-7, -52), (7, -50), (21, -44))
TIPS = ((-78, -52), (-36, -118), (-9, -132), (16, -124), (44, -104))


def ground(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    coarse = rng.integers(60, 160, (8, 8, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def hand_points(x: float, y: float, scale: float) -> npt.NDArray[np.float64]:
    points = [(0.0, 0.0)]
    for root, tip in zip(KNUCKLES, TIPS, strict=True):
        points += [tuple(np.array(root) + (np.array(tip) - root) * share / 3) for share in range(4)]
    return np.array(points) * scale + [x, y]


def drawn_hand(picture: Pixels, points: npt.NDArray[np.float64]) -> None:
    radius = people.thickness(points)
    cover = np.zeros(picture.shape[:2], np.uint8)
    for finger in people.FINGERS:
        cv2.polylines(cover, [np.int32(np.round(points[list(finger)]))], False, 255, round(2 * radius), cv2.LINE_AA)
    cv2.fillConvexPoly(cover, cv2.convexHull(np.int32(np.round(points[list(people.PALM)]))), 255)
    shade = 20 * np.sin(np.arange(picture.shape[1]) / 5)[None, :, None]
    picture[cover > 127] = np.clip(np.array([215, 160, 130]) + np.broadcast_to(shade, picture.shape), 0, 255)[
        cover > 127
    ]


def face_points(x: float, y: float, size: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    turn, far = rng.uniform(0, 2 * np.pi, 468), np.sqrt(rng.uniform(0, 1, 468))
    points = np.column_stack([0.38 * far * np.cos(turn), 0.5 * far * np.sin(turn)])
    for chain, middle, wide in [
        (face.EYES[0], (-0.17, -0.1), 0.07),
        (face.EYES[1], (0.17, -0.1), 0.07),
        (face.MOUTH, (0, 0.27), 0.11),
        (face.NOSE, (0, 0.05), 0.07),
    ]:
        around = np.linspace(0, 2 * np.pi, len(chain), endpoint=False)
        points[list(chain)] = np.column_stack([np.cos(around), 0.5 * np.sin(around)]) * wide + middle
    points[[10, 152, 234, 454]] = [(0, -0.5), (0, 0.5), (-0.38, 0), (0.38, 0)]
    return points * size + [x, y]


def body_points() -> npt.NDArray[np.float64]:
    points = np.full((33, 3), [200.0, 90.0, 0.9])
    points[:11, :2] += np.linspace(-20, 20, 11)[:, None] * [1, 0.3]
    right = {11: (245, 160), 13: (275, 230), 15: (290, 300), 19: (295, 325), 17: (297, 322), 21: (288, 320)}
    right |= {23: (225, 330), 25: (235, 430), 27: (240, 530), 29: (238, 540), 31: (250, 545)}
    for joint, (x, y) in right.items():
        points[joint, :2] = x, y
        points[joint + 1, :2] = 400 - x, y
    return points


def drawn_person(picture: Pixels, pose: npt.NDArray[np.float64], face_at: npt.NDArray[np.float64]) -> Pixels:
    label = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(label, cv2.convexHull(np.int32(np.round(pose[list(limbs.TORSO), :2]))), 1)
    for chain, thick in [*((arm, 26) for arm in limbs.ARMS), *((leg, 36) for leg in limbs.LEGS)]:
        cv2.polylines(label, [np.int32(np.round(pose[list(chain), :2]))], False, 1, thick)
    cv2.fillConvexPoly(label, cv2.convexHull(np.int32(np.round(face_at))), 1)
    stripes = 50 * np.sin(np.arange(picture.shape[0]) / 4)[:, None, None]
    picture[label > 0] = np.clip(np.array([170, 60, 90]) + np.broadcast_to(stripes, picture.shape), 0, 255)[label > 0]
    cv2.fillConvexPoly(picture, cv2.convexHull(np.int32(np.round(face_at))), (215, 165, 140))
    for chain in (*face.EYES, face.MOUTH, face.NOSE):
        cv2.fillConvexPoly(picture, cv2.convexHull(np.int32(np.round(face_at[list(chain)]))), (60, 30, 40))
    return label


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a data folder of drawn hands and people, and the folder of their parts."""
    data, parts, rng = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("parts"), np.random.default_rng(5)
    for folder in ("hands/photos", "people/photos", "people/labels"):
        (data / folder).mkdir(parents=True)
    for set in ("hands", "people"):
        (parts / set).mkdir()
    for number in range(10):
        picture = ground((400, 400), rng)
        points = hand_points(rng.uniform(180, 220), 280, rng.uniform(1.2, 1.5))
        drawn_hand(picture, points)
        cv2.imwrite(str(data / f"hands/photos/{number:04d}.jpg"), picture[..., ::-1])
        known = {"size": [400, 400], "faces": [], "pose": None}
        known["hands"] = [{"points": points.tolist(), "side": "left", "score": 0.99}]
        (parts / f"hands/{number:04d}.json").write_text(json.dumps(known))

        picture, pose, face_at = ground((600, 400), rng), body_points(), face_points(200, 90, 90, rng)
        label = drawn_person(picture, pose, face_at)
        cv2.imwrite(str(data / f"people/photos/{number:04d}.jpg"), picture[..., ::-1])
        cv2.imwrite(str(data / f"people/labels/{number:04d}.png"), label)
        box = [*face_at.min(0), *face_at.max(0)]
        known = {"size": [400, 600], "hands": [], "faces": [{"points": face_at.tolist(), "box": box}]}
        (parts / f"people/{number:04d}.json").write_text(json.dumps(known | {"pose": pose.tolist()}))
    return data, parts


@pytest.fixture(params=sorted(MAKERS))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_same_number_gives_the_same_sample_and_another_another(folders: tuple[Path, Path], family: str) -> None:
    make = MAKERS[family].make
    once, again, other = (make(folders[0], NOWHERE, folders[1], False, number, 3) for number in (4, 4, 6))
    assert once and again and other
    np.testing.assert_array_equal(once.picture, again.picture)
    np.testing.assert_array_equal(once.maps[family], again.maps[family])
    assert once.tags == again.tags
    assert once.picture.shape != other.picture.shape or (once.picture != other.picture).any()


def test_a_spoilt_sample_is_marked_and_its_sound_twin_is_blank(folders: tuple[Path, Path], family: str) -> None:
    criterion = "body_plausibility" if family == "body" else "hand_face_integrity"
    for number in range(0, 10, 2):
        spoilt, sound = (
            MAKERS[family].make(folders[0], NOWHERE, folders[1], False, each, 1) for each in (number, number + 1)
        )
        assert sound
        assert sound.tags[family] == 0
        assert all(not plane.any() for plane in sound.maps.values())
        # A person photographed in the street also belongs there.
        outdoors = sound.object.startswith("people")
        assert sound.criteria == {criterion: 5} | ({"scene_fit": 5} if outdoors else {})
        assert sound.tags.get("fusion") == (0 if outdoors else None)
        if spoilt is None:
            continue
        assert spoilt.object == sound.object
        assert spoilt.picture.shape == sound.picture.shape
        assert 0.2 <= spoilt.tags[family] <= 1
        assert spoilt.maps[family].shape == spoilt.picture.shape[:2]
        assert spoilt.maps[family].max() > 0.5
        assert spoilt.criteria[criterion] == pytest.approx(5 - 4 * spoilt.tags[family])
        assert all(spoilt.tags[name] == 0 and not spoilt.maps[name].any() for name in spoilt.maps if name != family)


def test_most_numbers_give_a_spoilt_sample(folders: tuple[Path, Path], family: str) -> None:
    made = [MAKERS[family].make(folders[0], NOWHERE, folders[1], False, number, 2) for number in range(0, 16, 2)]
    assert sum(sample is not None for sample in made) >= 7


def test_held_objects_never_train(folders: tuple[Path, Path], family: str) -> None:
    for side in (False, True):
        made = [MAKERS[family].make(folders[0], NOWHERE, folders[1], side, number, 2) for number in range(1, 8, 2)]
        objects = {sample.object for sample in made if sample}
        assert objects
        assert {held(each) for each in objects} == {side}


def test_without_parts_there_is_nothing(folders: tuple[Path, Path], family: str, tmp_path: Path) -> None:
    assert MAKERS[family].make(folders[0], NOWHERE, tmp_path, False, 0, 0) is None


def faults(module: ModuleType) -> list[Callable[..., warp.Layers | None]]:
    table = module.FAULTS.values() if isinstance(module.FAULTS, dict) else module.FAULTS
    return [row[0] for row in table]


@pytest.mark.parametrize("fault", faults(hand), ids=lambda fault: fault.__name__)
def test_the_map_of_a_hand_marks_what_changed(fault: Callable[..., warp.Layers], folders: tuple[Path, Path]) -> None:
    shown = people.view(people.found("hands", *folders, False)[0], None, 384, False)
    target = hand.located(shown.layers, shown.hands[0])
    check_marks(shown.layers, fault(shown.layers, target, 0.8, np.random.default_rng(2)))


@pytest.mark.parametrize("fault", faults(face), ids=lambda fault: fault.__name__)
def test_the_map_of_a_face_marks_what_changed(fault: Callable[..., warp.Layers], folders: tuple[Path, Path]) -> None:
    one = people.found("people", *folders, False)[0]
    shown = people.view(one, (120, 20, 280, 180), 288, False)
    target = face.located(shown.layers, shown.faces[0])
    check_marks(shown.layers, fault(shown.layers, target, 0.8, np.random.default_rng(2)))


@pytest.fixture
def nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pixels repeated where a network would draw."""
    monkeypatch.setattr(melted, "enlarged", lambda picture, name: picture.repeat(4, 0).repeat(4, 1))
    monkeypatch.setattr(
        melted, "enlarged_to", lambda picture, size, name: cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
    )


@pytest.mark.usefixtures("nearest")
def test_of_four_melted_samples_each_part_has_a_spoilt_one_and_its_twin(folders: tuple[Path, Path]) -> None:
    for number in range(0, 24, 4):
        made = [melted.make(folders[0], NOWHERE, folders[1], False, number + each, 0) for each in range(4)]
        for part, spoilt, sound in (("face", *made[:2]), ("hand", *made[2:])):
            assert spoilt and sound
            assert spoilt.tags[part] >= 0.2 and sound.tags[part] == 0
            assert spoilt.maps[part].max() > 0.5 and not sound.maps[part].any()
            assert spoilt.object == sound.object and spoilt.picture.shape == sound.picture.shape


@pytest.mark.usefixtures("nearest")
def test_the_stronger_a_face_is_melted_the_less_of_it_is_left(folders: tuple[Path, Path]) -> None:
    shown = people.view(people.found("people", *folders, False)[0], (120, 20, 280, 180), 288, False)
    target, before = face.located(shown.layers, shown.faces[0]), shown.layers[..., :3].astype(int)
    changes = []
    for strength in (0.0, 0.5, 1.0):
        seeds = (np.random.default_rng(seed) for seed in range(6))
        drawn = [melted.melted(shown.layers, target.points, target.cover, strength, seed) for seed in seeds]
        changes.append(np.mean([np.abs(each[..., :3] - before)[target.cover > 0.9].mean() for each in drawn]))
        far = cv2.dilate(target.cover, np.ones((121, 121))) < 0.01
        assert all((each[..., :3] == before)[far].all() for each in drawn)
    assert changes == sorted(changes) and changes[2] > 1.5 * changes[0]


def test_a_part_too_small_to_draw_stays_as_it_is() -> None:
    layers = np.full((40, 40, 4), 90, np.uint8)
    points, cover = np.array([[18.0, 18.0], [22.0, 22.0]]), np.ones((40, 40), np.float32)
    assert melted.melted(layers, points, cover, 1.0, np.random.default_rng(0)) is layers


@pytest.mark.skipif(
    not (find_spec("ncnn") and find_spec(HOLDER)), reason="ncnn and its networks are for training alone"
)
def test_the_map_of_a_melted_hand_marks_what_changed(folders: tuple[Path, Path]) -> None:
    shown = people.view(people.found("hands", *folders, False)[0], None, 384, False)
    target = hand.located(shown.layers, shown.hands[0])
    seeds = (np.random.default_rng(2) for _ in range(2))
    once, again = (melted.melted(shown.layers, target.points, target.cover, 0.8, seed) for seed in seeds)
    check_marks(shown.layers, once)
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("fault", faults(limbs), ids=lambda fault: fault.__name__)
def test_the_map_of_a_body_marks_what_changed(
    fault: Callable[..., warp.Layers | None], folders: tuple[Path, Path]
) -> None:
    shown = people.view(people.found("people", *folders, False)[0], None, 480, True)
    after = fault(shown.layers, limbs.located(shown), 0.8, np.random.default_rng(2))
    assert after is not None
    check_marks(shown.layers, after)


def check_marks(before: warp.Layers, after: warp.Layers) -> None:
    marked = warp.altered(before, after, 60) > 0.5
    changed = warp.difference(before, after) > 0.12
    assert changed.sum() > 20
    assert marked[changed].mean() > 0.85
    near = cv2.dilate((warp.difference(before, after) > 0.01).astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert near[marked].mean() > 0.95


def test_severity_is_none_for_no_change_and_grows_with_the_change(folders: tuple[Path, Path]) -> None:
    shown = people.view(people.found("hands", *folders, False)[0], None, 384, False)
    target = hand.located(shown.layers, shown.hands[0])
    assert people.severity(shown.layers, shown.layers, target.cover, 0.5, 100) is None
    other = warp.lay(shown.layers, 255 - shown.layers, target.cover)
    little = warp.lay(shown.layers, 255 - shown.layers, target.cover * np.float32(0.1))
    strong, weak = (people.severity(shown.layers, each, target.cover, 0.5, 100) for each in (other, little))
    assert strong and weak
    assert strong > weak + 0.1
    small = people.severity(shown.layers, other, target.cover, 0.5, 20)
    assert small
    assert small < strong - 0.1


def test_a_hole_in_a_gradient_is_filled_with_the_gradient(rng: np.random.Generator) -> None:
    ramp = np.linspace(40, 200, 128)
    layers = np.broadcast_to(ramp[None, :, None], (96, 128, 4)).astype(np.uint8)
    hole = warp.capsule(layers.shape, np.array([[50.0, 48.0], [80.0, 48.0]]), 10, 1.0)
    spoilt = warp.lay(layers, np.zeros_like(layers), np.asarray(hole > 0.01, np.float32))
    mended = warp.fill(spoilt, cv2.dilate(hole, np.ones((5, 5), np.uint8)), rng)
    assert np.abs(mended.astype(int) - layers)[hole > 0.5].mean() < 8


def test_stretching_moves_the_tip_and_leaves_the_base() -> None:
    layers = np.zeros((120, 120, 4), np.uint8)
    for y in (30, 60):
        cv2.circle(layers, (60, y), 3, (255,) * 4, -1)
    longer = warp.stretch(layers, np.array([60.0, 30.0]), np.array([60.0, 60.0]), 1.5, 40)
    rows = np.flatnonzero(longer[:, 60, 0] > 127)
    assert rows.min() == pytest.approx(27, abs=1)
    assert rows[rows > 50].mean() == pytest.approx(75, abs=2)


def test_bending_fetches_nothing_from_beyond_the_edge() -> None:
    layers = np.broadcast_to(np.arange(100, dtype=np.uint8)[None, :, None], (80, 100, 4)).copy()
    plane = np.full((80, 100), -30, np.float32)
    moved = warp.bend(layers, plane, np.zeros_like(plane))[40, :, 0].astype(int)
    assert (np.diff(moved) >= 0).all()
    assert moved[0] == 0
    assert moved[80] == 50


def test_a_hand_without_skin_is_not_taken(folders: tuple[Path, Path]) -> None:
    shown = people.view(people.found("hands", *folders, False)[0], None, 384, False)
    assert people.bare(shown.layers, shown.hands[0])
    blue = np.ascontiguousarray(shown.layers[..., [2, 1, 0, 3]])
    assert not people.bare(blue, shown.hands[0])
