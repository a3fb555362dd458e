from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFilter

from styles import StyleFinder
from styles.aspects import ASPECTS, MEASURES, measure
from styles.brand import ON_BRAND, Scale, merge_palette
from styles.descriptor import BLOCKS
from styles.errors import (
    BadColour,
    BadName,
    EmptyQuery,
    NameTaken,
    TooFewPictures,
    TooManyPictures,
    UnknownBrand,
)
from styles.types import Query, Swatch

Pixels = npt.NDArray[np.uint8]


def shot(rng: np.random.Generator, wall: str, light: float = 1.0, speckled: bool = False) -> Pixels:
    """A photograph of a set: a wall that falls off to the right, a plinth, some product of any colour."""
    image = Image.new("RGB", (160, 160), wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 118 + int(rng.integers(-4, 5)), 160, 160), fill="#D8D0C4")
    draw.rectangle((45, 108, 115, 136), fill="#EFE9DF")
    colour = tuple(int(v) for v in rng.integers(20, 235, 3))
    x, width = int(rng.integers(58, 72)), int(rng.integers(18, 34))
    top = int(rng.integers(45, 75))
    if rng.random() < 0.5:
        draw.rectangle((x, top, x + width, 108), fill=colour)
    else:
        draw.ellipse((x, top + 20, x + width, 108), fill=colour)
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), float)
    values *= np.linspace(1.05, 0.85, 160)[None, :, None] * light * rng.uniform(0.96, 1.04)
    if speckled:
        values += rng.normal(0, 45, values.shape)
    return np.clip(values + rng.normal(0, 1.5, values.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def finder(tmp_path: Path) -> StyleFinder:
    return StyleFinder(tmp_path / "data", tmp_path / "library")


@pytest.mark.parametrize(("wall", "count"), [("#E3D0B4", 4), ("#16264D", 8), ("#F5B6C4", 12)])
def test_held_out_pictures_of_a_brand_are_on_brand(finder: StyleFinder, wall: str, count: int) -> None:
    rng = np.random.default_rng(11)
    finder.save_brand("Nova", [shot(rng, wall) for _ in range(count)])
    held_out = [finder.brand_fit("Nova", shot(rng, wall)) for _ in range(6)]
    assert min(fit.score for fit in held_out) >= ON_BRAND
    assert all(fit.on_brand for fit in held_out)


@pytest.mark.parametrize(
    ("wall", "light", "speckled", "aspect", "words"),
    [
        ("#4FA3C7", 1.0, False, "palette", ("cooler", "更冷")),
        ("#E3D0B4", 0.4, False, "tone", ("darker", "更暗")),
        ("#E3D0B4", 1.0, True, "texture", ("busier", "更繁复")),
    ],
)
def test_what_deviates_is_named(
    finder: StyleFinder, wall: str, light: float, speckled: bool, aspect: str, words: tuple[str, str]
) -> None:
    rng = np.random.default_rng(12)
    finder.save_brand("Nova", [shot(rng, "#E3D0B4") for _ in range(8)])
    fit = finder.brand_fit("Nova", shot(rng, wall, light, speckled))
    assert not fit.on_brand
    (said,) = [each for each in fit.deviations if each.aspect == aspect]
    assert said.value < ON_BRAND
    assert words[0] in said.en
    assert words[1] in said.zh


def test_light_from_the_other_side_deviates(finder: StyleFinder) -> None:
    rng = np.random.default_rng(13)
    finder.save_brand("Nova", [shot(rng, "#E3D0B4") for _ in range(8)])
    fit = finder.brand_fit("Nova", shot(rng, "#E3D0B4")[:, ::-1])
    assert "from the right" in " ".join(each.en for each in fit.deviations)


def test_a_brand_remembers_what_it_was_given(finder: StyleFinder) -> None:
    rng = np.random.default_rng(14)
    brand = finder.save_brand(" Nova  Skin ", [shot(rng, "#E3D0B4") for _ in range(3)], ["#7a4b2a"], ["warm", "米色"])
    again = finder.brand("nova skin")
    assert (again.name, again.colours, again.words) == ("Nova Skin", ("#7A4B2A",), ("warm", "米色"))
    assert again.palette == brand.palette
    assert again.palette[0].hex == "#7A4B2A"
    assert len(again.pictures) == 3
    assert all(Path(path).is_file() for path in again.pictures)
    assert np.linalg.norm(again.centroid) == pytest.approx(1, abs=1e-5)
    assert 0 <= again.spread < 0.5
    assert finder.brands() == ["Nova Skin"]


def test_a_brand_of_alike_pictures_has_less_spread(finder: StyleFinder) -> None:
    rng = np.random.default_rng(15)
    alike = finder.save_brand("Alike", [shot(rng, "#E3D0B4") for _ in range(4)])
    mixed = finder.save_brand("Mixed", [shot(rng, wall) for wall in ("#E3D0B4", "#16264D", "#F5B6C4", "#4E9A51")])
    assert alike.spread < mixed.spread


def test_vectors_are_made_anew_where_they_are_damaged(finder: StyleFinder) -> None:
    rng = np.random.default_rng(16)
    before = finder.save_brand("Nova", [shot(rng, "#E3D0B4") for _ in range(3)])
    (file,) = Path(before.pictures[0]).parent.glob("*.npz")
    file.write_bytes(b"broken")
    after = finder.brand("Nova")
    assert after.centroid == pytest.approx(before.centroid, abs=1e-6)


def test_a_brand_of_colours_alone_is_judged_by_its_palette(finder: StyleFinder) -> None:
    finder.save_brand("Nova", colours=["#E3D0B4", "#D8D0C4"])
    rng = np.random.default_rng(17)
    near, far = (finder.brand_fit("Nova", shot(rng, wall)) for wall in ("#E3D0B4", "#16264D"))
    assert far.score < ON_BRAND
    assert near.score > far.score + 20
    assert [each.aspect for each in far.deviations] == ["palette"]
    assert finder.brand("Nova").centroid.size == 0


def test_a_brand_finds_its_styles(finder: StyleFinder) -> None:
    rng = np.random.default_rng(18)
    finder.add("Beige", [shot(rng, "#E3D0B4")])
    finder.add("Navy", [shot(rng, "#16264D")])
    finder.save_brand("By pictures", [shot(rng, "#16264D") for _ in range(3)])
    finder.save_brand("By colours", colours=["#E3D0B4"])
    finder.save_brand("By words", words=["navy"])
    found = {name: finder.search(Query(brand=name, k=1))[0] for name in finder.brands()}
    assert {name: hit.style.id for name, hit in found.items()} == {
        "By pictures": "navy",
        "By colours": "beige",
        "By words": "navy",
    }
    assert "on brand" in found["By pictures"].why


def test_wrong_brands_are_refused(finder: StyleFinder) -> None:
    rng = np.random.default_rng(19)
    picture = shot(rng, "#E3D0B4")
    with pytest.raises(TooFewPictures, match="2 pictures"):
        finder.save_brand("Nova", [picture] * 2)
    with pytest.raises(TooManyPictures):
        finder.save_brand("Nova", [picture] * 31)
    with pytest.raises(EmptyQuery):
        finder.save_brand("Nova")
    with pytest.raises(BadColour):
        finder.save_brand("Nova", colours=["beige"])
    with pytest.raises(BadName):
        finder.save_brand("", colours=["#FFFFFF"])
    with pytest.raises(UnknownBrand, match="none yet"):
        finder.brand_fit("Nova", picture)
    assert finder.brands() == []


def test_a_brand_is_replaced_only_on_purpose(finder: StyleFinder) -> None:
    finder.save_brand("Nova", colours=["#FFFFFF"])
    with pytest.raises(NameTaken):
        finder.save_brand("nova", colours=["#000000"])
    assert finder.save_brand("nova", colours=["#000000"], replace=True).colours == ("#000000",)
    finder.remove_brand("NOVA")
    with pytest.raises(UnknownBrand):
        finder.remove_brand("nova")


def test_identical_pictures_make_a_strict_but_sound_scale(finder: StyleFinder) -> None:
    picture = shot(np.random.default_rng(20), "#E3D0B4")
    finder.save_brand("Nova", [picture] * 3)
    assert finder.brand_fit("Nova", picture).score >= ON_BRAND


def test_the_scale_never_falls() -> None:
    scale = Scale(low=0.8, middle=0.9, stranger=0.6)
    values = [scale.value(near) for near in np.linspace(-1, 1, 200)]
    assert values == sorted(values)
    assert (scale.value(0.8), scale.value(0.6), scale.value(1.0)) == (70.0, 30.0, 100.0)
    assert Scale(low=0.5, middle=0.9, stranger=0.6).value(0.5) == 70.0


def test_palettes_merge_to_one() -> None:
    seen = (Swatch(hex="#808080", share=0.6), Swatch(hex="#FFFFFF", share=0.4))
    for merged in (merge_palette(["#7A4B2A"], seen), merge_palette([], seen), merge_palette(["#7A4B2A"], ())):
        assert sum(swatch.share for swatch in merged) == pytest.approx(1, abs=1e-3)


def test_aspects_are_told_by_blocks_and_measures() -> None:
    assert {name for names in ASPECTS.values() for name in names} == set(BLOCKS)
    assert {each.aspect for each in MEASURES.values()} == set(ASPECTS)
    assert set(measure(np.zeros((8, 8, 3), np.uint8))) == set(MEASURES)
