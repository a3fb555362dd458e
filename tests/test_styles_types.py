from __future__ import annotations

import inspect
import json
import pickle
import string
from typing import Any

import pytest

from styles import errors
from styles.catalog import parse_card
from styles.errors import BadColour, CardError, StyleError, UnknownBrand
from styles.types import Card, PackagedCard, colour

MINIMAL: dict[str, Any] = {
    "id": "warm-oak",
    "name": {"en": "Warm oak", "zh": "暖橡木"},
    "palette": [{"hex": "#c9a982", "share": 0.7}, {"hex": "#FFFFFF", "share": 0.3}],
    "heroes": [{"file": "hero-1.webp"}],
}


def parse(changes: dict[str, Any], kind: type[Card] = Card) -> Card:
    return parse_card(json.dumps({**MINIMAL, **changes}), "warm-oak/card.json", kind)


def test_a_merchants_card_needs_little() -> None:
    card = parse({})
    assert card.palette[0].hex == "#C9A982"
    assert (card.family, card.plate, card.aesthetic) == ("own", None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Warm Oak"}, "id"),
        ({"name": {"en": "Warm oak"}}, "name.zh"),
        ({"palette": [{"hex": "beige", "share": 1}]}, "palette.0.hex"),
        ({"palette": []}, "palette"),
        ({"heroes": [{"file": "../../etc/passwd"}]}, "heroes.0.file"),
        ({"season": "monsoon"}, "season"),
        ({"aesthetic": {"score": "4.4", "stamp": "x"}}, "aesthetic.score"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_error_names_file_and_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(CardError) as caught:
        parse(changes)
    assert caught.value.values["file"] == "warm-oak/card.json"
    assert caught.value.values["field"] == field


def test_the_shares_of_a_palette_sum_to_one() -> None:
    with pytest.raises(CardError, match="sum to 0"):
        parse({"palette": [{"hex": "#000000", "share": 0.4}]})


def test_a_packaged_card_needs_more() -> None:
    with pytest.raises(CardError):
        parse({}, PackagedCard)


def test_a_card_reads_back_as_written() -> None:
    card = parse({"provenance": {"seed": 3, "note": None}})
    assert parse_card(card.model_dump_json(), "x") == card


@pytest.mark.parametrize("text", ["{", "[]", '{"id": 3}'])
def test_broken_json_is_a_card_error(text: str) -> None:
    with pytest.raises(CardError):
        parse_card(text, "x")


@pytest.mark.parametrize(("written", "read"), [("#abc", "#AABBCC"), ("E8D5B7", "#E8D5B7"), (" #e8d5b7 ", "#E8D5B7")])
def test_colours_are_read_kindly(written: str, read: str) -> None:
    assert colour(written) == read


@pytest.mark.parametrize("written", ["", "beige", "#12", "#GGGGGG", "#1234567"])
def test_what_is_no_colour_says_so(written: str) -> None:
    with pytest.raises(BadColour, match="#RRGGBB"):
        colour(written)


KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, StyleError)]


@pytest.mark.parametrize("kind", KINDS)
def test_both_sentences_name_the_same_values(kind: type[StyleError]) -> None:
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (kind.en, kind.zh)]
    values = [name for name in fields[0] if name not in ("detail", "said", "hint")]
    assert {name.replace("_zh", "") for name in fields[1]} == fields[0], "a value is told in one language only"
    assert kind.en.endswith(("}", ".", "?")), values


def test_an_error_survives_pickling() -> None:
    error = UnknownBrand(name="Nova", known="none yet")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is UnknownBrand
    assert again.sentence("zh") == error.sentence("zh")
    assert str(again) == "There is no brand 'Nova'; known are: none yet."
