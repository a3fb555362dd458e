"""Captions of the sources in English and Chinese: from codes, folders, descriptions and cards."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from evaluator.training.sources import Source

LIBRARY = Path(__file__).parents[3] / "styles"
"""The package of styles, whose library and words are read as files."""


@cache
def names() -> dict[str, dict[str, tuple[str, str]]]:
    """Return what things are called, (English, Chinese), by table and key."""
    tables = tomllib.loads((resources.files(__package__) / "names.toml").read_text("utf-8"))
    return {table: {key: (pair[0], pair[1]) for key, pair in rows.items()} for table, rows in tables.items()}


def captions(source: Source) -> tuple[str, ...]:
    """Return what is known to be in a source's picture, as sentences; none where nothing is known."""
    if source.set == "studio_products":
        return _studio(source.path.stem)
    if source.set == "packshots":
        name = _grocery(source.path.stem)
        said = () if source.label is None else _first_sentence(source.label)
        return (*_pair(name, "on a white background", "白底图"), *said)
    if source.set == "amateur_products":
        return _amateur(source.path)
    if source.set == "people":
        return ("a street photograph of a clothed person", "街拍人物穿搭照片")
    if source.set == "scenes" and source.label:
        facts = json.loads(source.label.read_text("utf-8"))
        return tuple(facts[key] for key in ("caption", "caption_zh") if key in facts)
    return ()


def card_captions(card: Mapping[str, Any], hero: Mapping[str, str], seed: np.random.Generator) -> tuple[str, ...]:
    """Return captions of a style's picture from its card: product, name, moods, materials, colours, search words."""
    table = _words()
    product = hero["product"]
    colours = [_colour(each["hex"]) for each in card["palette"][:3]]
    colours = list(dict.fromkeys(colours))
    moods, materials = card["moods"], card["materials"]
    ground = [table["ground"].get(each, "") for each in materials]
    english = [
        f"{table['english'][product]} in the {card['name']['en'].lower()} style: {', '.join(moods)}",
        f"{', '.join(moods)} product photograph of a {table['english'][product]} with {' and '.join(materials)}",
        f"{' and '.join(en for en, _ in colours)} product scene, {', '.join(moods)}",
        ", ".join(str(word) for word in seed.permutation(card["words"]["en"])[:4]),
    ]
    mood = "、".join(table["mood"][each] for each in moods if each in table["mood"])
    chinese = [
        f"{card['name']['zh']}风格的{table['product'][product]}，{mood}",
        f"{table['product'][product]}产品图，{'、'.join(filter(None, ground))}，{mood}",
        f"{'、'.join(zh for _, zh in colours)}的产品场景，{mood}",
        "，".join(str(word) for word in seed.permutation(card["words"]["zh"])[:4]),
    ]
    return tuple(english[each] for each in seed.permutation(4)[:2]) + tuple(
        chinese[each] for each in seed.permutation(4)[:2]
    )


def _studio(stem: str) -> tuple[str, ...]:
    table = names()
    code = re.match(r"[a-z]+(?=\d)", stem)
    key = code[0] if code else next((each for each in table["article"] if stem.startswith(each)), "")
    if key not in table["article"]:
        return ()
    name = table["article"][key]
    colour = table["colour"].get(re.split(r"[-_.]", stem)[1]) if code and "-" in stem else None
    if colour:
        name = (f"{colour[0]} {name[0]}", f"{colour[1]}{name[1]}")
    worn = len(key) > 1 and key[1] in "hjpst"
    where = ("worn by a model on a white background", "模特上身白底图") if worn else ("on a white background", "白底图")
    return _pair(name, *where)


def _amateur(path: Path) -> tuple[str, ...]:
    folder, table = path.parent.name, names()
    if folder in table["clothing"]:
        return _pair(table["clothing"][folder], "photographed at home", "家中随手拍")
    if path.parent.name == "containers":
        kind = re.match(r"[a-z]+", path.stem)
        return _pair(table["container"].get(kind[0] if kind else ""), "on a plain board", "素色板上")
    return _pair(_grocery(folder), "in a supermarket", "超市实拍")


def _grocery(key: str) -> tuple[str, str] | None:
    table = names()
    if key in table["grocery"]:
        return table["grocery"][key]
    return next((name for end, name in table["packaged"].items() if key.endswith(end)), None)


def _pair(name: tuple[str, str] | None, english: str, chinese: str) -> tuple[str, ...]:
    return () if name is None else (f"{name[0]} {english}", f"{name[1]}，{chinese}")


def _first_sentence(file: Path) -> tuple[str, ...]:
    found = re.split(r"(?<=[.!])\s", file.read_text("utf-8").strip())[0] if file.is_file() else ""
    return (found,) if found else ()


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((LIBRARY / "studio/captions.toml").read_text("utf-8"))


@cache
def _colours() -> list[tuple[tuple[str, str], str]]:
    table = tomllib.loads((LIBRARY / "words.toml").read_text("utf-8"))["colour"]
    return [((row["en"][0], row["zh"][0]), hex) for row in table.values() for hex in row.get("hex", [])]


def _colour(hex: str) -> tuple[str, str]:
    """Return the name, (English, Chinese), of the nearest of the glossary's colours."""
    wanted = np.array(list(bytes.fromhex(hex[1:])), float)
    return min(_colours(), key=lambda row: float(np.abs(np.array(list(bytes.fromhex(row[1][1:]))) - wanted).sum()))[0]
