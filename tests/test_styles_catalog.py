from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from styles.catalog import Catalog, clean_name, read_packaged, slug, split_terms
from styles.errors import BadName, CardError, ReadOnlyStyle, TooManyPictures, UnknownStyle
from styles.store import Store

PICTURE = np.full((60, 80, 3), (230, 210, 180), np.uint8)

CARD: dict[str, Any] = {
    "id": "warm-oak",
    "name": {"en": "Warm oak", "zh": "暖橡木"},
    "family": "natural-wood",
    "moods": ["warm"],
    "materials": ["wood"],
    "palette": [{"hex": "#C9A982", "share": 1.0}],
    "light": {"key": "softbox", "direction": "left", "softness": 0.7, "temperature_k": 5000},
    "composition": {"camera": "eye", "framing": "medium", "placement": "centre"},
    "categories": ["home"],
    "season": None,
    "festival": None,
    "words": {"en": ["oak"], "zh": ["橡木"]},
    "prompt": "product photograph on an oak board, warm light",
    "negative_prompt": "blurry",
    "heroes": [{"file": "hero-1.webp", "product": "mug", "seed": 1, "camera": "eye"}],
    "plate": None,
    "aesthetic": None,
    "provenance": {"renderer": "none"},
    "licence": "CC0-1.0",
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library" / "warm-oak"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    Image.fromarray(PICTURE).save(folder / "hero-1.webp")
    return folder.parent


@pytest.fixture
def catalog(tmp_path: Path, library: Path) -> Catalog:
    return Catalog(Store(tmp_path / "data"), library)


def test_packaged_and_own_styles_stand_together(catalog: Catalog) -> None:
    own = catalog.add("Sea mist", [PICTURE], name_zh="海雾", words=["sea", "雾"])
    assert [(style.id, style.own) for style in catalog.styles()] == [("warm-oak", False), ("sea-mist", True)]
    assert (own.card.name.zh, own.card.words.en, own.card.words.zh) == ("海雾", ("sea",), ("雾",))
    assert own.heroes[0].is_file()


def test_packaged_styles_cannot_be_changed(catalog: Catalog) -> None:
    with pytest.raises(ReadOnlyStyle):
        catalog.remove("warm-oak")
    with pytest.raises(ReadOnlyStyle):
        catalog.rename("warm-oak", "Cold oak")


def test_an_own_style_never_takes_a_packaged_id(catalog: Catalog) -> None:
    assert catalog.add("Warm Oak", [PICTURE]).id == "warm-oak-2"


def test_renaming_keeps_the_id(catalog: Catalog) -> None:
    catalog.add("Sea mist", [PICTURE])
    assert catalog.rename("sea-mist", "  Harbour \t fog ").card.name.en == "Harbour fog"
    assert catalog.get("sea-mist").card.name.zh == "Harbour fog"


def test_an_unknown_style_suggests_a_near_one(catalog: Catalog) -> None:
    with pytest.raises(UnknownStyle, match="did you mean 'warm-oak'"):
        catalog.get("warm-oka")
    with pytest.raises(UnknownStyle, match=r"There is no style 'zzz'.*search for another") as caught:
        catalog.remove("zzz")
    assert caught.value.sentence("zh") == "没有名为“zzz”的风格，它可能已被删除；请查找其他风格。"


@pytest.mark.parametrize("name", ["", "   ", "\x00\n", "…!?", "x" * 61])
def test_a_name_that_is_none_is_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(BadName):
        catalog.add(name, [PICTURE])
    assert catalog.own() == []


@pytest.mark.parametrize("count", [0, 13])
def test_a_style_has_one_to_twelve_pictures(catalog: Catalog, count: int) -> None:
    with pytest.raises(TooManyPictures):
        catalog.add("Many", [PICTURE] * count)


def test_further_fields_are_checked_before_anything_is_kept(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(CardError, match="season"):
        catalog.add("Odd", [PICTURE], fields={"season": "monsoon"})
    assert list((tmp_path / "data" / "style").iterdir()) == []


def test_a_card_that_cannot_be_read_hides_no_other(catalog: Catalog, caplog: pytest.LogCaptureFixture) -> None:
    catalog.add("Sea mist", [PICTURE])
    catalog.add("Sea fog", [PICTURE])
    assert catalog.store is not None
    catalog.store.update_card("sea-mist", '{"id": "sea-mist", "hologram": true}')
    assert [style.id for style in catalog.own()] == ["sea-fog"]
    assert "sea-mist" in caplog.text


def test_a_style_whose_pictures_are_gone_is_left_out(catalog: Catalog) -> None:
    catalog.add("Sea mist", [PICTURE]).heroes[0].unlink()
    assert catalog.own() == []


def test_names_become_ids() -> None:
    assert slug("Café à la Crème!") == "cafe-a-la-creme"
    assert slug("暖橡木") == slug("暖橡木") != slug("冷橡木")
    assert slug("品牌 A") != slug("品类 A")
    assert clean_name(" a\u200b\tb ") == "a b"


def test_words_are_sorted_by_language() -> None:
    terms = split_terms(["warm", " 暖 ", "warm", ""])
    assert (terms.en, terms.zh) == (("warm",), ("暖",))


def test_a_faulty_card_is_left_out_and_named(tmp_path: Path, library: Path) -> None:
    other = library / "cold-oak"
    other.mkdir()
    (other / "card.json").write_text(json.dumps(CARD | {"id": "cold-oak", "season": "monsoon"}))
    catalog = Catalog(None, library)
    assert [style.id for style in catalog.styles()] == ["warm-oak"]
    assert [str(fault).split(":")[0] for fault in catalog.faults] == ["cold-oak/card.json, field season"]


def test_a_card_must_match_its_folder_and_pictures(library: Path) -> None:
    (library / "warm-oak" / "hero-1.webp").unlink()
    with pytest.raises(CardError, match=r"heroes.0.file"):
        read_packaged(library / "warm-oak")
    (library / "warm-oak").rename(library / "other")
    with pytest.raises(CardError, match="field id"):
        read_packaged(library / "other")


def test_a_changed_picture_changes_the_version(library: Path) -> None:
    before = read_packaged(library / "warm-oak").version
    Image.fromarray(PICTURE // 2).save(library / "warm-oak" / "hero-1.webp")
    assert read_packaged(library / "warm-oak").version != before


def test_the_packaged_library_has_no_faults() -> None:
    assert Catalog(None).faults == []
