"""The studio's data and planning without Blender, and one tiny picture where Blender is importable."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from styles.studio import card, plan, plate, recipe
from styles.studio.__main__ import main
from styles.studio.caption import captions, words
from styles.studio.casting import SHARED, cast, group_of
from styles.studio.cores import shares
from styles.studio.recipe import RecipeError, load, parse

HAS_BLENDER = importlib.util.find_spec("bpy") is not None

MINIMAL = """
[[style]]
id = "plain"
name = { en = "Plain", zh = "素" }
family = "minimal-white"
moods = ["calm", "clean"]
materials = ["paper"]
categories = ["home", "beauty"]
words = { en = ["a", "b", "c", "d", "e", "f"], zh = ["一", "二", "三", "四"] }
prompt = "a product on a white paper sweep with soft light from the left"
stage = { backdrop = "sweep", floor = "paper #F0F0F0" }
support = [{ kind = "cylinder", at = [0.2, 0.1, 0.0], size = [1.0, 1.0, 0.4], surface = "paint #FFFFFF rough=0.4" }]
light = { rig = "softbox" }
heroes = [{ product = "jar" }, { product = "tube" }, { product = "mug" }]
"""


@pytest.fixture(scope="module")
def recipes() -> dict[str, recipe.Recipe]:
    return load()


@pytest.fixture
def plain() -> recipe.Recipe:
    return parse(MINIMAL, "test.toml")[0]


def test_the_library_has_fifty_styles_of_as_many_families(recipes: dict[str, recipe.Recipe]) -> None:
    assert len(recipes) >= 50
    assert len({r.family for r in recipes.values()}) >= 45
    assert len({r.name.zh for r in recipes.values()}) == len(recipes)
    assert len({r.seed for r in recipes.values()}) == len(recipes)


def test_every_recipe_says_enough_to_be_found(recipes: dict[str, recipe.Recipe]) -> None:
    for r in recipes.values():
        assert any("\u4e00" <= c <= "\u9fff" for word in r.words.zh for c in word), r.id
        assert len(set(r.words.en)) == len(r.words.en), r.id
        assert len(r.prompt) >= 60, r.id


def test_a_surface_is_read_from_one_line() -> None:
    read = recipe.parse_surface("marble #F4F1EC #8A8782 scale=1.2")
    assert read == {"kind": "marble", "colour": "#F4F1EC", "second": "#8A8782", "scale": 1.2}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("paper #F0F0F0", "cardboard #F0F0F0", "stage.floor"),
        ("paper #F0F0F0", "paper #F0F0F0 shiny", "stage.floor"),
        ('rig = "softbox"', 'rig = "softbox", softness = 2', "light.softness"),
        ('{ product = "tube" }', '{ product = "jar" }', "heroes"),
        ('"home", "beauty"', '"home", "boats"', "boats"),
        ('id = "plain"', 'id = "Not a slug"', "id"),
    ],
)
def test_a_wrong_recipe_names_file_style_and_field(old: str, new: str, field: str) -> None:
    with pytest.raises(RecipeError) as error:
        parse(MINIMAL.replace(old, new), "wrong.toml")
    assert "wrong.toml" in str(error.value)
    assert field in str(error.value)


def test_two_recipes_may_not_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(MINIMAL, "utf-8")
    (tmp_path / "b.toml").write_text(MINIMAL, "utf-8")
    with pytest.raises(RecipeError, match=r"b\.toml: style plain: id"):
        load(tmp_path)


def test_broken_toml_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="not valid TOML"):
        parse("[[style", "x.toml")
    with pytest.raises(RecipeError, match="no recipes"):
        load(tmp_path)


def test_the_digest_follows_pixels_and_not_words(plain: recipe.Recipe) -> None:
    reworded = parse(MINIMAL.replace('"calm", "clean"', '"calm", "quiet"'), "x")[0]
    relit = parse(MINIMAL.replace('"softbox"', '"sun"'), "x")[0]
    assert reworded.digest == plain.digest
    assert relit.digest != plain.digest


def test_the_standing_point_is_the_top_of_the_support(plain: recipe.Recipe) -> None:
    assert plain.stand == (0.2, 0.1, 0.4)
    assert parse(MINIMAL.replace("support = ", "props = "), "x")[0].stand == (0, 0, 0)


def test_first_heroes_come_before_anything_else(plain: recipe.Recipe, tmp_path: Path) -> None:
    other = plain.model_copy(update={"id": "other"})
    tasks = plan.remaining([plain, other], tmp_path)
    assert [(t.style, t.picture) for t in tasks[:3]] == [
        ("plain", "hero-1"),
        ("other", "hero-1"),
        ("plain", "plate"),
    ]
    assert len(tasks) == 10
    assert {t.picture for t in plan.remaining([plain], tmp_path, heroes=1)} == {
        "hero-1",
        "plate",
        "plate_shadow",
    }


def _finish(r: recipe.Recipe, out: Path, names: tuple[str, ...]) -> None:
    folder = out / r.id
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    for name in names:
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(folder / f"{name}.webp")
    card.write(r, folder, 6)


def test_a_picture_is_done_when_it_exists_and_the_card_records_its_recipe(plain: recipe.Recipe, tmp_path: Path) -> None:
    _finish(plain, tmp_path, ("hero-1", "plate"))
    assert [t.picture for t in plan.remaining([plain], tmp_path)] == ["plate_shadow", "hero-2", "hero-3"]
    assert len(plan.remaining([plain], tmp_path, force=True)) == 5
    assert [t.picture for t in plan.remaining([plain], tmp_path, force=True, only="hero-1")] == ["hero-1"]


def test_a_changed_recipe_makes_its_pictures_stale(plain: recipe.Recipe, tmp_path: Path) -> None:
    _finish(plain, tmp_path, plan.ORDER)
    assert plan.remaining([plain], tmp_path) == []
    assert plan.clear_stale(plain, tmp_path) == []
    relit = parse(MINIMAL.replace('"softbox"', '"sun"'), "x")[0]
    assert len(plan.remaining([relit], tmp_path)) == 5
    assert "hero-1.webp" in plan.clear_stale(relit, tmp_path)
    assert not (tmp_path / "plain" / "card.json").exists()


def test_a_damaged_card_means_render_again(plain: recipe.Recipe, tmp_path: Path) -> None:
    _finish(plain, tmp_path, plan.ORDER)
    (tmp_path / "plain" / "card.json").write_text("{", "utf-8")
    assert len(plan.remaining([plain], tmp_path)) == 5


def test_the_camera_looks_at_its_target_and_keeps_the_asked_share(plain: recipe.Recipe) -> None:
    seen = plate.view(plain.camera, plain.heroes[0], plain.stand, (1.0, 1.0, 1.4))
    assert seen.project(seen.target)[:2] == pytest.approx((0.5, 0.5))
    low, high = seen.project(plain.stand), seen.project((0.2, 0.1, 1.8))
    assert low[1] - high[1] == pytest.approx(plain.camera.fill, abs=0.02)


def test_projection_agrees_with_an_independent_pinhole() -> None:
    seen = plate.View((0.0, -5.0, 0.0), (0.0, 0.0, 0.0), 72.0)
    x, y, depth = seen.project((0.5, 1.0, 0.25))
    assert (x, y, depth) == pytest.approx((0.5 + 0.5 / 6 * 2, 0.5 - 0.25 / 6 * 2, 6.0))
    assert seen.horizon == pytest.approx(0.5)


def test_a_raised_camera_sees_the_horizon_higher() -> None:
    seen = plate.View((0.0, -5.0, 2.0), (0.0, 0.0, 0.0), 72.0)
    far = seen.project((0.0, 1e7, 2.0))
    assert seen.horizon == pytest.approx(far[1], abs=1e-5)


def test_plate_facts_are_consistent(recipes: dict[str, recipe.Recipe]) -> None:
    for r in recipes.values():
        size = (0.9, 0.7, 1.2)
        seen = plate.view(r.camera, r.heroes[0], r.stand, size)
        facts = plate.geometry(r, seen, size, 768, "#FFFFFF")
        left, top, right, bottom = facts["allowed_box"]
        assert 0 <= left < facts["stand"]["x"] < right <= 1, r.id
        assert 0 <= top < facts["stand"]["y"] <= bottom <= 1, r.id
        assert math.isclose(np.linalg.norm(facts["light"]["direction_camera"]), 1, abs_tol=1e-3), r.id
        assert 0 <= facts["ground"]["reflectivity"] <= 1, r.id
        metre = seen.project(tuple(np.array(r.stand) + seen.axes[0]))[0] - facts["stand"]["x"]
        assert metre * 768 == pytest.approx(facts["pixels_per_metre"], rel=1e-3), r.id


def test_light_sides() -> None:
    side = {a: plate.side(recipe.Light(rig="softbox", azimuth=a)) for a in (-50, 50, 0, 170)}
    assert side == {-50: "left", 50: "right", 0: "front", 170: "back"}
    assert plate.side(recipe.Light(rig="overcast")) == "top"


def test_the_palette_finds_flat_colours_and_sums_to_one(tmp_path: Path) -> None:
    picture = Image.new("RGB", (64, 64), "#C83232")
    picture.paste("#3264C8", (0, 0, 64, 16))
    picture.save(tmp_path / "p.png")
    found = card.palette([tmp_path / "p.png"])
    assert sum(c["share"] for c in found) == pytest.approx(1)
    assert found[0] == {"hex": "#C83232", "share": pytest.approx(0.75, abs=0.02)}
    assert "#3264C8" in {c["hex"] for c in found}


def test_a_card_lists_only_heroes_that_exist_and_keeps_the_score(plain: recipe.Recipe, tmp_path: Path) -> None:
    folder = tmp_path / plain.id
    folder.mkdir()
    assert not card.write(plain, folder, 6)
    _finish(plain, tmp_path, ("hero-1", "hero-3"))
    path = folder / "card.json"
    written = json.loads(path.read_text("utf-8"))
    assert [h["file"] for h in written["heroes"]] == ["hero-1.webp", "hero-3.webp"]
    assert written["provenance"]["recipe"] == plain.digest
    path.write_text(json.dumps(written | {"aesthetic": {"score": 4.2, "stamp": "x"}}), "utf-8")
    card.write(plain, folder, 6)
    assert json.loads(path.read_text("utf-8"))["aesthetic"] == {"score": 4.2, "stamp": "x"}


def test_a_card_names_the_plate_only_when_it_can_be_used(plain: recipe.Recipe, tmp_path: Path) -> None:
    _finish(plain, tmp_path, ("hero-1", "plate"))
    folder = tmp_path / plain.id
    assert json.loads((folder / "card.json").read_text("utf-8"))["plate"] is None
    (folder / "plate.json").write_text("{}", "utf-8")
    card.write(plain, folder, plan.recorded_samples(folder))
    written = json.loads((folder / "card.json").read_text("utf-8"))
    assert written["plate"] == {"file": "plate.webp", "reference": None, "geometry": "plate.json"}
    assert written["provenance"]["samples"] == 6


def test_the_library_fits_its_limits(recipes: dict[str, recipe.Recipe]) -> None:
    files = list(plan.LIBRARY.glob("*/*.webp"))
    assert {f.parent.name for f in files} <= set(recipes)
    assert all(f.stat().st_size <= 90_000 for f in files)
    assert sum(f.stat().st_size for f in files) <= 25_000_000


def test_commands_refuse_what_they_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "--style", "no-such-style"]) == 2
    assert main(["render", "--preview"]) == 2
    assert "no-such-style" in capsys.readouterr().err


@pytest.fixture(scope="module")
def goods(recipes: dict[str, recipe.Recipe]) -> dict[str, str]:
    """Every product of the library with a category."""
    return {h.product: r.categories[0] for r in recipes.values() for h in r.heroes}


def test_a_set_for_training_follows_from_seed_and_number_alone(
    recipes: dict[str, recipe.Recipe], goods: dict[str, str]
) -> None:
    assert cast(recipes, goods, 7, 3) == cast(dict(reversed(recipes.items())), goods, 7, 3)
    assert cast(recipes, goods, 7, 3) != cast(recipes, goods, 7, 4)
    assert len({cast(recipes, goods, g, 0).recipe.id for g in range(len(recipes))}) == len(recipes)


def test_a_set_for_training_varies_within_what_a_recipe_allows(
    recipes: dict[str, recipe.Recipe], goods: dict[str, str]
) -> None:
    sets = [cast(recipes, goods, g, 0) for g in range(3 * len(recipes))]
    for shot in sets:
        assert recipe.Recipe.model_validate(shot.recipe.model_dump()) == shot.recipe
        assert len({h.product for h in shot.heroes}) == len(shot.asides) == SHARED
        assert all(recipe.Hero.model_validate(h.model_dump()) == h for h in shot.heroes)
    assert {plate.side(s.recipe.light) for s in sets} == {"left", "right", "top", "front", "back"}
    assert {h.product for s in sets for h in s.heroes} == set(goods)
    assert any(len(s.recipe.props) < len(recipes[s.recipe.id].props) for s in sets)


def test_captions_name_product_style_and_light_in_both_languages(
    recipes: dict[str, recipe.Recipe], goods: dict[str, str]
) -> None:
    for number, shot in enumerate(cast(recipes, goods, g, 1) for g in range(2 * len(recipes))):
        product = shot.heroes[0].product
        english, chinese = captions(shot.recipe, product, goods[product], number)
        assert words()["english"][product] in english
        assert shot.recipe.name.en.lower() in english
        assert words()["product"][product] in chinese
        assert shot.recipe.name.zh in chinese
        assert words()["side"][plate.side(shot.recipe.light)] in chinese
        assert not set("{},()").intersection(chinese)


def test_captions_know_every_word_a_recipe_may_use(recipes: dict[str, recipe.Recipe]) -> None:
    assert set(words()["category"]) == set(recipe.CATEGORIES)
    assert set(words()["ground"]) == set(recipe.SurfaceKind.__args__)
    assert set(words()["mood"]) >= {m for r in recipes.values() for m in r.moods}


def test_processes_share_scenes_out_by_whole_sets() -> None:
    parts = shares(range(3, 50), 3)
    assert sorted(n for part in parts for n in part) == list(range(3, 50))
    groups = [{group_of(n) for n in part} for part in parts]
    assert all(a.isdisjoint(b) for i, a in enumerate(groups) for b in groups[i + 1 :])


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--count", "4", "--first", "-1"]])
def test_scenes_need_numbers_that_exist(wrong: list[str], tmp_path: Path) -> None:
    assert main(["scenes", "--out", str(tmp_path), *wrong]) == 2


@pytest.mark.blender
@pytest.mark.skipif(not HAS_BLENDER, reason="bpy is not installed (see styles/studio/requirements.txt)")
def test_a_training_scene_fits_its_plate_and_comes_out_the_same_again(
    recipes: dict[str, recipe.Recipe], tmp_path: Path
) -> None:
    from styles.studio.training import run, shadow

    some = {name: recipes[name] for name in ("pure-white", "hard-court")}
    run(some, [0, 1], tmp_path, 0, 64, lambda line: None)
    first = (tmp_path / "000001.json").read_bytes()
    facts = json.loads(first)
    picture, empty, mask, dark = (
        np.asarray(Image.open(tmp_path / facts["files"][k])).astype(float)
        for k in ("picture", "plate", "mask", "shadow")
    )
    left, top, right, bottom = (round(v * 64) for v in facts["box"])
    assert mask[top:bottom, left:right].sum() > 0.95 * mask.sum() > 0
    assert facts["support_line"] == pytest.approx(bottom / 64, abs=1e-3)
    change = np.abs(picture - empty).mean(2)
    assert change[mask > 250].mean() > 3 * change[(mask == 0) & (dark == 0)].mean()
    assert dark[mask >= 8].max() == 0
    assert dark.max() > 40
    flat = np.full((9, 9, 3), 200, np.uint8)
    assert shadow(flat, flat, np.zeros((9, 9), np.uint8)).max() == 0

    (tmp_path / "000001.json").unlink()
    kept = (tmp_path / "000000.json").stat().st_mtime_ns
    run(some, [0, 1], tmp_path, 0, 64, lambda line: None)
    assert (tmp_path / "000001.json").read_bytes() == first
    assert (tmp_path / "000000.json").stat().st_mtime_ns == kept


@pytest.mark.blender
@pytest.mark.skipif(not HAS_BLENDER, reason="bpy is not installed (see styles/studio/requirements.txt)")
def test_a_tiny_picture_renders_and_is_recorded(recipes: dict[str, recipe.Recipe], tmp_path: Path) -> None:
    from styles.studio import products, props
    from styles.studio.camera_work import Quality
    from styles.studio.render import run

    assert {h.product for r in recipes.values() for h in r.heroes} <= set(products.PRODUCTS)
    assert {p.kind for r in recipes.values() for p in (*r.support, *r.props)} <= set(props.PROPS)
    tasks = plan.remaining([recipes["pure-white"]], tmp_path, heroes=1, only="hero-1")
    run(recipes, tasks, tmp_path, Quality(48, 2, 1), lambda line: None)
    picture = np.asarray(Image.open(tmp_path / "pure-white" / "hero-1.webp"))
    assert picture.shape == (48, 48, 3)
    assert picture.std() > 5
    assert plan.remaining([recipes["pure-white"]], tmp_path, heroes=1, only="hero-1") == []
