from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Pixels, drawn, painted

from evaluator.network.heads import ATTRIBUTES, PRESENCE
from evaluator.training.makers import (
    artefact,
    cut,
    generated,
    masks,
    naming,
    photographic,
    picture,
    rated,
    ratings,
    turned,
)
from evaluator.training.sample import Sample
from evaluator.training.sources import Source, held, listing

FAMILIES = {
    "artefact": artefact,
    "cut": cut,
    "generated": generated,
    "masks": masks,
    "photographic": photographic,
    "rated": rated,
    "turned": turned,
}
DISC = drawn((160, 128), (34, 40, 94, 120))


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a few pictures of every set, and rendered scenes under `scenes`."""
    rng = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("sets")
    for name in (
        "mh01-gray_main",
        "mh02-red_main",
        "wb03-blue-0",
        "mj05-green_back",
        "wt06-red_main",
        "mp07-blue_main",
    ):
        _keep(folder / f"studio_products/{name}.jpg", _product(rng))
    for name in ("Lemon", "Kiwi", "Leek", "Mango", "Oatly-Oat-Milk", "Lime"):
        _keep(folder / f"packshots/{name}.jpg", _product(rng))
        (folder / f"packshots/{name}.txt").write_text(f"{name} is fresh. It keeps for long.", "utf-8")
        _keep(folder / f"amateur_products/grocery/{name}/{name}_1.jpg", scene(rng))
        _keep(folder / f"amateur_products/clothing/dress/{name}.jpg", scene(rng))
        _keep(folder / f"amateur_products/containers/glass{len(name)}{name[0]}.jpg", _product(rng, 190))
    _keep_people(folder, rng)
    _keep_rated(folder, rng)
    _keep_scenes(folder / "scenes", rng)
    return folder


def scene(rng: np.random.Generator, shape: tuple[int, int] = (160, 128)) -> Pixels:
    small = rng.uniform(60, 210, (5, 4, 3))
    low = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
    stripes = 25 * np.sign(np.sin(np.arange(shape[1]) / rng.uniform(1.5, 4)))
    return np.clip(low + stripes[None, :, None] + rng.normal(0, 4, (*shape, 3)), 0, 255).astype(np.uint8)


def _product(rng: np.random.Generator, ground: int = 255) -> Pixels:
    body = np.minimum(scene(rng), 190)
    return painted(np.full((160, 128, 3), ground), DISC, body)


def _keep(file: Path, rgb: Pixels) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 97])


def _keep_people(folder: Path, rng: np.random.Generator) -> None:
    labels = np.where(drawn((160, 128), (44, 20, 84, 150)) > 0.5, 7, 0).astype(np.uint8)
    labels[20:50] = np.where(labels[20:50] > 0, 41, 0)
    (folder / "people/labels").mkdir(parents=True)
    for number in range(6):
        _keep(folder / f"people/photos/{number:04}.jpg", scene(rng))
        cv2.imwrite(str(folder / f"people/labels/{number:04}.png"), labels)


def _keep_rated(folder: Path, rng: np.random.Generator) -> None:
    photos, thumbnails = ["image,mos_0_100,std"], ["image,mos_1_5,count_1,count_2,count_3,count_4,count_5,ratings"]
    for number in range(9):
        _keep(folder / f"rated_photos/images/{number}.jpg", scene(rng, (150, 150)))
        photos.append(f"images/{number}.jpg,{70 + number},{10 + number}")
        _keep(folder / f"rated_thumbnails/images/{number}.png", scene(rng, (80, 80)))
        thumbnails.append(f"images/{number}.png,3.0,1,2,4,2,1,10")
    (folder / "rated_photos/ratings.csv").write_text("\n".join(photos), "utf-8")
    (folder / "rated_thumbnails/ratings.csv").write_text("\n".join(thumbnails), "utf-8")


def _keep_scenes(folder: Path, rng: np.random.Generator) -> None:
    folder.mkdir()
    for number in range(8):
        name = f"{number:06}"
        _keep(folder / f"{name}-picture.webp", painted(scene(rng), DISC, (90, 40, 60)))
        cv2.imwrite(str(folder / f"{name}-mask.png"), np.round(255 * DISC).astype(np.uint8))
        height = 9.0 if number == 0 else 1.0
        facts = {
            "style": f"style-{number}",
            "product": "mug",
            "caption": "a mug",
            "caption_zh": "马克杯",
            "camera": {"position_m": [0.0, -2.0, height], "target_m": [0.0, 0.0, 0.5]},
            "files": {"picture": f"{name}-picture.webp"},
        }
        (folder / f"{name}.json").write_text(json.dumps(facts), "utf-8")


def made(family: str, sets: Path, number: int, kept: bool = False, seed: int = 0) -> Sample | None:
    return FAMILIES[family].make(sets, sets / "scenes", sets / "none", kept, number, seed)


def many(family: str, sets: Path, count: int, kept: bool = False) -> list[Sample]:
    found = [made(family, sets, number, kept) for number in range(count)]
    return [sample for sample in found if sample is not None]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_number_gives_the_same_sample_again(sets: Path, family: str) -> None:
    for number in range(6):
        one, other = made(family, sets, number), made(family, sets, number)
        if one is None or other is None:
            assert one is other
            continue
        assert np.array_equal(one.picture, other.picture)
        assert (one.object, one.tags, one.criteria, one.captions) == (
            other.object, other.tags, other.criteria, other.captions,
        )  # fmt: skip


@pytest.mark.parametrize("family", ["artefact", "masks", "photographic"])
def test_seeds_and_numbers_differ(sets: Path, family: str) -> None:
    found = [made(family, sets, number, seed=seed) for seed in range(2) for number in range(0, 24, 6)]
    pictures = [sample.picture.tobytes() for sample in found if sample is not None]
    assert len(set(pictures)) == len(pictures) > 4


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kept", [True, False])
def test_what_is_held_back_never_trains(sets: Path, family: str, kept: bool) -> None:
    samples = many(family, sets, 24, kept)
    assert samples
    assert all(held(sample.object) is kept for sample in samples)


@pytest.mark.parametrize("family", FAMILIES)
def test_samples_keep_to_their_ranges(sets: Path, family: str) -> None:
    for sample in many(family, sets, 24):
        assert sample.picture.dtype == np.uint8
        assert max(sample.picture.shape) <= 512
        assert all(1 <= score <= 5 for score in sample.criteria.values())
        assert set(sample.presence) <= set(PRESENCE)
        assert set(sample.maps) == set(sample.tags) <= set(ATTRIBUTES)
        for plane in (*sample.maps.values(), *([] if sample.mask is None else [sample.mask])):
            assert plane.shape == sample.picture.shape[:2]
            assert 0 <= plane.min() <= plane.max() <= 1


def test_even_numbers_are_spoilt_and_odd_ones_their_sound_twins(sets: Path) -> None:
    for number in range(0, 24, 2):
        spoilt, sound = made("artefact", sets, number), made("artefact", sets, number + 1)
        if spoilt is not None:
            assert spoilt.maps["artefact"].max() > 0.3
            assert 0 < spoilt.tags["artefact"] <= 1
            assert all(score < 5 for score in spoilt.criteria.values())
        if sound is not None:
            assert not sound.maps["artefact"].any()
            assert sound.tags["artefact"] == 0
            assert sound.criteria["shape_fidelity"] == sound.criteria["material_realism"] == 5
        if spoilt is not None and sound is not None:
            assert spoilt.object == sound.object


def test_what_was_generated_stands_beside_what_it_was_made_from(sets: Path) -> None:
    told = set()
    for number in range(0, 40, 2):
        marked, clean = made("generated", sets, number), made("generated", sets, number + 1)
        if clean is None or marked is None:
            continue
        assert (marked.step, clean.step) == (1, 0)
        assert marked.ladder == clean.ladder
        assert marked.object == clean.object
        assert marked.picture.shape == clean.picture.shape
        assert not np.array_equal(marked.picture, clean.picture)
        assert dict(clean.criteria) == {"shape_fidelity": 5, "material_realism": 5}
        assert marked.criteria and all(score < 5 for score in marked.criteria.values())
        told |= {frozenset(marked.criteria)}
    assert len(told) > 1  # some marks are of shapes, some of surfaces


def test_the_map_marks_what_changed(rng: np.random.Generator) -> None:
    frame = scene(rng)
    for seed in range(12):
        spoilt = artefact._spoil(frame, None, True, np.random.default_rng(seed))
        if spoilt is None:
            continue
        change = np.abs(spoilt.picture.astype(int) - frame).max(axis=2)
        assert change[spoilt.map == 0].max(initial=0) <= 25  # a lone pixel beside the rim
        assert change[spoilt.map > 0.5].mean() > 3 * max(0.2, change[spoilt.map < 0.05].mean())


def test_a_ladder_falls_step_by_step(sets: Path) -> None:
    ladders: dict[str, list[Sample]] = defaultdict(list)
    for sample in many("photographic", sets, 20 * photographic.STEPS):
        ladders[sample.ladder].append(sample)
    assert len(ladders) > 10
    for name, steps in ladders.items():
        assert [sample.step for sample in steps] == list(range(photographic.STEPS))
        scores = [next(iter(sample.criteria.values())) for sample in steps]
        assert all(len(sample.criteria) == 1 for sample in steps)
        if name.startswith("crop"):
            assert all(before >= after for before, after in pairwise(scores))
            continue
        assert all(before > after for before, after in pairwise(scores))
        assert len({sample.picture.tobytes() for sample in steps}) >= photographic.STEPS - 1


def groups_of(family: str, sets: Path, numbers: range, steps: int) -> list[list[Sample]]:
    """Return what groups of a family with some numbers, of so many steps each, gave."""
    made_there = ([made(family, sets, steps * group + step) for step in range(steps)] for group in numbers)
    found = ([sample for sample in group if sample is not None] for group in made_there)
    return [group for group in found if group]


def test_the_less_the_frame_leaves_the_lower_the_score_and_a_close_cut_takes_nothing(sets: Path) -> None:
    groups = groups_of("cut", sets, range(6, 24), cut.STEPS)  # in the fifth no cut reaches the person
    assert len(groups) > 6
    for group in groups:
        assert [sample.step for sample in group] == list(range(cut.STEPS))
        whole, *steps, close = (sample.criteria["completeness"] for sample in group)
        assert all(before >= after for before, after in pairwise([whole, *steps]))
        assert steps[-1] < whole == close
        assert {sample.ladder for sample in group[:-1]} == {group[0].ladder} and group[-1].ladder == ""
        assert group[-2].picture.size < group[0].picture.size > group[-1].picture.size
    free = [group[0].criteria["completeness"] for group in groups if "packshot" in group[0].object]
    assert free and min(free) == 5.0
    of_home = [group[0] for group in groups if "amateur" in group[0].object]
    assert of_home and not any("grocery" in sample.object for sample in of_home)
    assert min(sample.criteria["completeness"] for sample in of_home) == 5.0


def test_the_further_a_picture_is_turned_the_lower_the_score_and_a_lost_rim_alone_takes_nothing(sets: Path) -> None:
    groups = groups_of("turned", sets, range(10), turned.STEPS)
    assert len(groups) > 5
    for group in groups:
        assert [sample.step for sample in group] == list(range(turned.STEPS))
        scores = [sample.criteria["balance"] for sample in group]
        straight, *steps = scores[: turned.TURNED + 1]
        assert all(before > after for before, after in pairwise([straight, *steps]))
        assert scores[turned.TURNED + 1 :] == [straight, straight]
        assert {sample.ladder for sample in group[turned.TURNED + 1 :]} == {""}
        assert group[turned.TURNED].picture.shape == group[-1].picture.shape


def test_blur_ladders_lose_their_detail(sets: Path) -> None:
    found = [
        sample for sample in many("photographic", sets, 19 * photographic.STEPS) if sample.ladder.startswith("blur/")
    ]
    assert found
    for before, after in pairwise(found[::2]):  # a single step of a small picture may be none at all
        if before.ladder == after.ladder:
            assert _detail(after.picture) < _detail(before.picture)


def _detail(rgb: Pixels) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def test_clutter_stays_behind_the_subject(rng: np.random.Generator) -> None:
    frame = _product(rng)
    strewn = photographic._strewn(frame, DISC, 1.0, [], np.random.default_rng(1))
    assert np.array_equal(strewn[DISC == 1], frame[DISC == 1])
    assert not np.array_equal(strewn, frame)


def test_ratings_are_those_of_the_tables(sets: Path) -> None:
    everything = many("rated", sets, 30) + many("rated", sets, 30, kept=True)
    assert len(everything) == 18
    for sample in everything:
        number = int(sample.object.rpartition("/")[2])
        if sample.object.startswith("photo"):
            mean, spread = sample.ratings["technical"]
            assert mean == pytest.approx(1 + 4 * (70 + number) / 100)
            assert spread == pytest.approx(4 * (10 + number) / 100)
            assert sample.picture.shape == (150, 150, 3)
        else:
            assert sample.ratings["appeal"] == pytest.approx((3.0, np.sqrt(1.2)))
            assert 240 <= sample.picture.shape[0] <= 320
    assert made("rated", sets, 18) is None
    assert ratings.mean_opinion(sets, "3.jpg") == 73


def test_the_matte_of_white_paper_is_the_product(rng: np.random.Generator) -> None:
    matte = picture.white_matte(_product(rng))
    assert matte is not None
    both, either = np.minimum(matte, DISC).sum(), np.maximum(matte, DISC).sum()
    assert both / either > 0.95


def test_no_matte_where_there_is_no_white_paper_or_the_product_is_as_white(rng: np.random.Generator) -> None:
    assert picture.white_matte(scene(rng)) is None
    assert picture.white_matte(painted(np.full((160, 128, 3), 255), DISC, (244, 244, 244))) is None


def test_clothes_leave_out_skin(sets: Path) -> None:
    source = listing("people", sets)[0]
    clothes = picture.clothes_of(source, picture.read(source.path))
    assert clothes is not None
    assert not clothes[:48].any()
    assert clothes[100, 64] == 1


def test_a_cut_keeps_mask_and_picture_together(rng: np.random.Generator) -> None:
    frame = painted(np.zeros((160, 128, 3)), DISC, (200, 200, 200))
    for seed in range(8):
        cut, mask = picture.framed(frame, DISC, (100, 150), 0.7, True, np.random.default_rng(seed))
        assert mask is not None
        assert np.abs(cut[..., 0] / 200.0 - mask).mean() < 0.02


def test_presence_says_what_a_set_shows(sets: Path) -> None:
    seen = {
        source.path.stem: masks.presence(source)
        for set in ("studio_products", "packshots")
        for source in listing(set, sets)
    }
    assert seen["mh01-gray_main"]["person"] == 1
    assert "person" not in seen["wb03-blue-0"]
    assert seen["Lemon"]["plain_backdrop"] == 1
    scenes = [masks.presence(source)["flat_lay"] for source in listing("scenes", sets / "scenes")]
    assert scenes == [1, 0, 0, 0, 0, 0, 0, 0]


def test_nobody_wears_clothes_that_lie_there_and_some_groceries_are_held_up(sets: Path) -> None:
    seen = {source.path.stem: masks.presence(source) for source in listing("amateur_products", sets)}
    assert seen["Lemon"] == masks.NOBODY
    assert seen["Lemon_1"].items() >= masks.NOBODY.items()
    names = "Oatly-Oat-Milk_021", "Oatly-Oat-Milk_022", "Peach_029"
    files = [f"grocery/{name.partition('_')[0]}/{name}.jpg" for name in names]
    shown = (Source("amateur_products", sets / "amateur_products" / file, f"amateur/{file}") for file in files)
    held_up, shelved, unsure = map(masks.presence, shown)
    assert held_up["hand"] == 1 and "person" not in held_up
    assert shelved["hand"] == shelved["person"] == 0
    assert not {"hand", "person"} & set(unsure)


def test_captions_come_in_both_languages(sets: Path) -> None:
    for set in ("studio_products", "packshots", "amateur_products", "people"):
        for source in listing(set, sets):
            said = naming.captions(source)
            assert any(text.isascii() for text in said), source
            assert any("\u4e00" <= letter <= "\u9fff" for text in said for letter in text), source
    grey = Source("studio_products", sets / "studio_products/mh01-gray_main.jpg", "studio/mh01")
    assert naming.captions(grey)[0].startswith("grey men's hoodie")
    lemon = next(source for source in listing("packshots", sets) if source.path.stem == "Lemon")
    assert naming.captions(lemon)[-1] == "Lemon is fresh."


def test_styles_are_told_from_their_cards() -> None:
    heroes = masks._heroes(False)
    assert heroes
    assert not {hero.object for hero in heroes} & {hero.object for hero in masks._heroes(True)}
    for hero in heroes[::7]:
        said = naming.card_captions(hero.card, hero.hero, np.random.default_rng(0))
        assert len(said) == 4
        assert all(text.strip() for text in said)
