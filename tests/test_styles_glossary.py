from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from styles.catalog import parse_card
from styles.errors import DataFileError
from styles.eval import load_queries
from styles.glossary import Glossary, load_glossary, parse_glossary, stem
from styles.lexical import ColourNames, Lexicon
from styles.types import Card

ROOT = Path(__file__).parent.parent


def card(id: str, **changes: Any) -> Card:
    values = {
        "id": id,
        "name": {"en": id, "zh": "无"},
        "palette": [{"hex": "#808080", "share": 1.0}],
        "heroes": [{"file": "a.webp"}],
        **changes,
    }
    return parse_card(json.dumps(values), id)


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return load_glossary()


@pytest.fixture(scope="module")
def lexicon(glossary: Glossary) -> Lexicon:
    cards = [
        card("marble", materials=["marble"], moods=["elegant"], words={"en": ["veined"], "zh": ["大理石"]}),
        card("forest", moods=["calm"], words={"en": ["forest", "moss"], "zh": ["森林", "苔藓"]}),
        card("new-year", festival="lunar-new-year", words={"en": ["lantern"], "zh": ["春节", "灯笼"]}),
        card("sea", categories=["skincare"], words={"en": ["sea", "beach"], "zh": ["海滩"]}),
        card("red", palette=[{"hex": "#D0202C", "share": 0.8}, {"hex": "#FFFFFF", "share": 0.2}]),
        card("only-words", words={"en": ["zeppelin"], "zh": ["飞艇基地"]}),
    ]
    return Lexicon(cards, glossary)


def first(lexicon: Lexicon, text: str) -> str:
    ids = ["marble", "forest", "new-year", "sea", "red", "only-words"]
    fits, _ = lexicon.match(text)
    assert fits.max() > 0, text
    return ids[int(fits.argmax())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("carrara stone", "marble"),
        ("大理石台面", "marble"),
        ("mossy woodland", "forest"),
        ("青苔与树林", "forest"),
        ("CNY gift campaign", "new-year"),
        ("过年的年货", "new-year"),
        ("sunscreen by the seaside", "sea"),
        ("海边的护肤品", "sea"),
        ("scarlet", "red"),
        ("大红色的", "red"),
        ("Zeppelins", "only-words"),
        ("飞艇", "only-words"),
    ],
)
def test_words_of_either_language_find_the_card(lexicon: Lexicon, text: str, found: str) -> None:
    assert first(lexicon, text) == found


@pytest.mark.parametrize("text", ["", "the of and", "的", "!!!", "xyzzy", "囧囧"])
def test_words_that_say_nothing_find_nothing(lexicon: Lexicon, text: str) -> None:
    fits, matches = lexicon.match(text)
    assert fits.max() == 0
    assert not any(matches)


def test_more_answered_words_fit_better(lexicon: Lexicon) -> None:
    one, both = lexicon.match("elegant lantern")[0][0], lexicon.match("elegant marble")[0][0]
    assert 0 < one < both <= 1


def test_what_matched_is_told(lexicon: Lexicon, glossary: Glossary) -> None:
    _, matches = lexicon.match("elegant marble")
    assert {glossary.label(match.unit, "zh") for match in matches[0]} == {"优雅", "大理石"}


def test_spellings_and_plurals_meet() -> None:
    assert stem("colors") == "color"
    assert stem("color") == "colour"
    assert [stem(word) for word in ("berries", "boxes", "leaves", "glass", "moss")] == [
        "berry",
        "box",
        "leave",
        "glass",
        "moss",
    ]


def test_a_longer_word_wins(glossary: Glossary) -> None:
    (group,) = glossary.groups("dark green")
    assert "c:emerald" in group.units
    assert "c:dark" not in group.units
    (mixed,) = glossary.groups("维C")
    assert "c:citrus" in mixed.units


def test_colours_are_named_by_the_nearest(glossary: Glossary) -> None:
    names = ColourNames(glossary)
    seen = {hex: names.name(hex) for hex in ("#FDFDFD", "#0A0A0A", "#D2202A", "#17264C", "#E2D0B5", "#B9A3E0")}
    assert list(seen.values()) == ["white", "black", "red", "navy", "beige", "lilac"]


def test_slugs_have_names_in_both_languages(glossary: Glossary) -> None:
    assert glossary.slug_label("natural-wood", "en") == "natural wood"
    assert glossary.slug_label("natural-wood", "zh") == "原木"
    assert glossary.slug_label("calm", "zh") == "宁静"
    assert glossary.slug_label("zeppelin", "zh") == "zeppelin"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[a]\nx = { near = ["y"] }', "x"),
        ("[a]\nx = {}\n[b]\nx = {}", "x"),
    ],
)
def test_a_glossary_that_does_not_hold_together_is_refused(text: str, key: str) -> None:
    data = tomllib.loads(text) | {"plain": {"stop": {"en": [], "zh": []}, "labels": {}}}
    with pytest.raises(DataFileError) as caught:
        parse_glossary(data)
    assert caught.value.values["key"] == key


def test_the_written_queries_ask_for_styles_that_exist() -> None:
    written, palettes = load_queries()
    assert [sum(query.language == each for query in written) for each in ("en", "zh")] == [40, 40]
    assert len({query.text for query in written}) == 80
    recipes = (ROOT / "styles" / "studio" / "recipes").glob("*.toml")
    known = {style["id"] for path in recipes for style in tomllib.loads(path.read_text("utf-8"))["style"]}
    assert {id for query in written for id in query.find} <= known
    assert len(palettes) == 20
