"""Composites, sound and faulty: their labels against how they were built, on drawn sources."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluator.training.makers import backdrop, casting, cutout, edge, fusion, grade, standing
from evaluator.training.makers.stage import Stage, blend, place, shade_of
from evaluator.training.sources import held as is_held
from evaluator.types import Plane

SIDE = 160


def thing(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A dark, slightly mottled jar on white, 128×128."""
    picture = np.full((128, 128, 3), 255, np.uint8)
    tone = np.random.default_rng(seed).integers(30, 150, 3)
    cv2.rectangle(picture, (34, 30), (94, 110), tone.tolist(), -1)
    cv2.ellipse(picture, (64, 30), (30, 8), 0, 0, 360, (tone // 2).tolist(), -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), np.uint8)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A data folder of drawn things and photographs, and an empty folder of scenes."""
    data, scenes = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("scenes")
    rng = np.random.default_rng(3)
    for folder in ("studio_products", "rated_photos/images", "people/photos", "people/labels", "amateur_products"):
        (data / folder).mkdir(parents=True)
    for number in range(12):
        cv2.imwrite(str(data / f"studio_products/mb{number:02}-blue-0.png".replace(".png", ".jpg")), thing(number))
        noise = cv2.resize(rng.integers(0, 255, (6, 6, 3), np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        for folder in ("rated_photos/images", "people/photos", "amateur_products"):
            cv2.imwrite(str(data / folder / f"{number:02}.jpg"), noise)
        person = cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (80, 90), (25, 60), 0, 0, 360, 7, -1)
        cv2.imwrite(str(data / f"people/labels/{number:02}.png"), person)
    rows = "".join(f"images/{number:02}.jpg,{10 * number},5\n" for number in range(12))
    (data / "rated_photos/ratings.csv").write_text("image,mos_0_100,std\n" + rows, "utf-8")
    return data, scenes


@pytest.fixture
def stage() -> Stage:
    """A grey box with a shade to its right on a light ground."""
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[50:120, 55:105] = 1
    subject = np.full((SIDE, SIDE, 3), 0.4, np.float32)
    subject[::4] = 0.3
    shade = np.ones_like(subject)
    shade[112:124, 100:140] = 0.5
    known = {"subject_fusion": 5.0, "light_coherence": 5.0, "grounding": 5.0, "scale": 5.0}
    ground = np.full_like(subject, 0.8)
    return Stage(subject, cv2.blur(alpha, (2, 2)), ground, shade, (80, 120), (-0.7, 0.6, 0.3), "box", {}, known)


def test_white_is_taken_off_with_a_soft_edge_and_clean_colours() -> None:
    found = cutout.from_white(thing())
    assert found is not None
    colour, alpha = found
    assert alpha[60, 64] == 1
    assert alpha[5, 5] == 0
    assert ((alpha > 0.05) & (alpha < 0.95)).any()
    rebuilt = colour * alpha[..., None] + (1 - alpha[..., None])
    assert np.abs(rebuilt - thing() / 255).mean() < 0.01
    beside = colour[70, 28:36]  # across the left edge, outside included
    assert np.ptp(beside, axis=0).max() < 0.08


def test_a_white_thing_on_white_is_left_alone() -> None:
    picture = np.full((128, 128, 3), 255, np.uint8)
    cv2.circle(picture, (64, 64), 40, (242, 241, 240), -1)
    assert cutout.from_white(picture) is None


def test_a_number_is_the_same_sample_each_time_and_another_is_not(folders: tuple[Path, Path]) -> None:
    data, scenes = folders
    once, again = (fusion.make(data, scenes, data, False, 5, 1) for _ in range(2))
    other = fusion.make(data, scenes, data, False, 7, 1)
    assert once and again and other
    assert np.array_equal(once.picture, again.picture)
    assert once.tags == again.tags
    assert once.picture.shape != other.picture.shape or not np.array_equal(once.picture, other.picture)


def test_held_and_free_objects_are_never_mixed(folders: tuple[Path, Path]) -> None:
    data, scenes = folders
    for side in (False, True):
        samples = [fusion.make(data, scenes, data, side, number, 2) for number in range(16)]
        names = {name for sample in samples if sample for name in sample.object.split("+")} - {"room"}
        assert names
        assert all(is_held(name) is side for name in names)


def test_scenes_that_share_a_set_with_a_held_one_do_not_train(tmp_path: Path) -> None:
    products = [f"p{number}" for number in range(40)]
    kept = next(name for name in products if is_held(f"scene/s/{name}"))
    free = [name for name in products if not is_held(f"scene/s/{name}")][:2]
    for number, (product, group) in enumerate([(kept, 0), (free[0], 0), (free[1], 1)]):
        facts = {"id": str(number), "style": "s", "product": product, "group": group, "files": {"picture": "x"}}
        (tmp_path / f"{number}.json").write_text(json.dumps(facts), "utf-8")
    assert [facts["product"] for facts in backdrop.scene_facts(tmp_path, False)] == [free[1]]
    assert [facts["product"] for facts in backdrop.scene_facts(tmp_path, True)] == [kept]


def test_sound_samples_have_an_empty_map_and_faulty_ones_do_not(folders: tuple[Path, Path]) -> None:
    data, scenes = folders
    found = [(number, fusion.make(data, scenes, data, False, number, 4)) for number in range(14)]
    judged = [(number, sample) for number, sample in found if sample and "fusion" in sample.tags]
    assert {number % 2 for number, _ in judged} == {0, 1}
    for number, sample in judged:
        faulty = number % 2 == 1
        assert (sample.tags["fusion"] > 0) is faulty
        assert bool(sample.maps["fusion"].any()) is faulty
        assert sample.maps["fusion"].shape == sample.picture.shape[:2]
        assert 0 <= sample.maps["fusion"].min() <= sample.maps["fusion"].max() <= 1
        assert all(1 <= value <= 5 for value in sample.criteria.values())


def test_plain_white_says_nothing_of_fusion(folders: tuple[Path, Path]) -> None:
    data, scenes = folders
    found = [fusion.make(data, scenes, data, False, number, 4) for number in range(24)]
    plain = [sample for sample in found if sample and sample.presence.get("plain_backdrop") == 1]
    assert plain
    for sample in plain:
        assert not sample.tags and not sample.maps
        assert sample.mask is not None
        assert sample.picture[sample.mask < 0.01].mean() > 235 > sample.picture[sample.mask > 0.99].mean()


def test_a_thing_pasted_into_a_photograph_does_not_say_that_nobody_is_there(folders: tuple[Path, Path]) -> None:
    data, _ = folders
    found = [casting.pasted(data, False, np.random.default_rng(seed)) for seed in range(8)]
    stages = [stage for stage in found if stage]
    assert stages
    for stage in stages:
        assert "person" not in stage.presence
        assert stage.criteria["scene_fit"] == casting.PASTED


def test_the_mask_is_the_alpha_that_was_placed(folders: tuple[Path, Path]) -> None:
    data, _ = folders
    subject = cutout.cut(cutout.articles(data, False)[0][0])
    assert subject is not None
    room = backdrop.room((200, 200), True, np.random.default_rng(0))
    _, alpha = place(subject, room, 90, (100, 150))
    rows, columns = (np.flatnonzero((alpha > 0.5).any(axis)) for axis in (1, 0))
    assert 145 <= rows[-1] <= 150
    assert columns.mean() == pytest.approx(100, abs=2)
    sound = casting._composed(subject, room, 90, (100, 150), np.random.default_rng(1))
    assert sound is not None
    assert np.abs(sound.alpha - alpha).mean() < 0.01
    assert set(sound.criteria.values()) == {5.0}


def test_the_shadow_falls_away_from_the_light_and_touches(stage: Stage) -> None:
    room = backdrop.room((SIDE, SIDE), True, np.random.default_rng(0))
    for side in (-1, 1):
        lit = backdrop.Backdrop(
            room.picture, "room", room.stand, room.box, (0.7 * side, 0.5, 0.3), 0.2, np.full(3, 0.5, np.float32)
        )
        dark = 1 - shade_of(stage.alpha, (80, 120), lit, np.random.default_rng(0)).mean(2)
        near, far = dark[90:125, 110:150].mean(), dark[90:125, 10:50].mean()
        assert (near < far) == (side > 0)
        assert dark[120, 80] > 0.3


def ring_of(stage: Stage, width: int) -> Plane:
    """Whether each pixel is within so many pixels of the subject's edge."""
    hard, brush = (stage.alpha > 0.5).astype(np.uint8), np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    return np.asarray(cv2.dilate(hard, brush) - cv2.erode(hard, brush), np.float32)


@pytest.mark.parametrize("fault", [edge.halo, edge.jagged, edge.feathered, edge.misfit])
def test_a_fault_of_the_edge_lies_about_the_edge(stage: Stage, fault: fusion.Fault) -> None:
    for seed in range(8):
        changed, where = fault(stage, 0.5, np.random.default_rng(seed))
        about = ring_of(stage, 12) > 0
        assert where[about].sum() > 0.9 * where.sum() > 0
        altered = np.abs(blend(changed) - blend(stage)).max(2)
        assert altered[about].sum() > 0.9 * altered.sum()


@pytest.mark.parametrize("fault", [grade.white_balance, grade.exposure, grade.light_side, grade.texture])
def test_a_subject_out_of_tune_is_marked_whole_and_its_place_stays(stage: Stage, fault: fusion.Fault) -> None:
    changed, where = fault(stage, 0.7, np.random.default_rng(2))
    outside = stage.alpha == 0
    assert np.array_equal(blend(changed)[outside], blend(stage)[outside])
    assert where[outside].max() == 0
    assert where[80, 80] == pytest.approx(grade.CRISP if fault is grade.texture else grade.WHOLE)


@pytest.mark.parametrize("fault", [fault for fault, (_, _, stands) in fusion.FAULTS.items() if stands])
def test_a_fault_of_standing_shows_and_is_marked(stage: Stage, fault: fusion.Fault) -> None:
    for seed in range(6):
        changed, where = fault(stage, 0.8, np.random.default_rng(seed))
        assert where.max() > 0.3
        assert where.min() >= 0 and where.max() <= 1
        assert np.abs(blend(changed) - blend(stage)).max() > 0.1


def test_what_floats_is_marked_between_it_and_its_ground(stage: Stage) -> None:
    _, where = standing.floating(stage, 0.5, np.random.default_rng(0))
    assert where[116, 80] > 0.8
    assert where[60, 80] < 0.05


@pytest.mark.parametrize("fault", list(fusion.FAULTS))
def test_a_stronger_fault_changes_more(stage: Stage, fault: fusion.Fault) -> None:
    def change(severity: float) -> float:
        runs = [fault(stage, severity, np.random.default_rng(seed))[0] for seed in range(6)]
        return float(np.mean([np.abs(blend(run) - blend(stage)).mean() for run in runs]))

    assert change(0.9) > 1.15 * change(0.15)
