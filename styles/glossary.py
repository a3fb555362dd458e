"""The field's words in English and Chinese, and a text's units: concepts, words, bigrams."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from styles.errors import DataFileError

FILE = "words.toml"
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_CHINESE}]+|[a-z0-9]+")
_PHRASE = 4
_NEAR = 0.4
_KNOWN_WORD, _FREE_WORD = 0.3, 0.9
_KNOWN_PAIR, _FREE_PAIR = 0.2, 0.6


@dataclass(frozen=True, slots=True)
class Concept:
    """One notion of the field: its kind, its words, the concepts near it, the colours it stands for."""

    id: str
    kind: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    near: tuple[str, ...] = ()
    hex: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that a text names: the units that stand for it with their weights, and how it was written."""

    text: str
    units: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Glossary:
    """Concepts by id, and by each of their words (English as its stemmed tokens, Chinese as it stands)."""

    concepts: Mapping[str, Concept]
    english: Mapping[tuple[str, ...], tuple[str, ...]]
    chinese: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    stop_english: frozenset[str]
    stop_chinese: tuple[str, ...]

    def groups(self, text: str) -> list[Group]:
        """Return what a text names, in order; words that say nothing of a look are left out."""
        tokens = _tokens(text)
        found: list[Group] = []
        at = 0
        while at < len(tokens):
            mixed = self._chinese_word(tokens, at)
            if mixed:
                group, at = mixed
            else:
                group, at = self._english_phrase(tokens, at)
            if group:
                found.append(group)
        return found

    def _english_phrase(self, tokens: Sequence[str], at: int) -> tuple[Group | None, int]:
        """Take the longest phrase that begins at a token and is a concept's word, else the word itself."""
        for length in range(min(_PHRASE, len(tokens) - at), 0, -1):
            words = tuple(stem(token) for token in tokens[at : at + length])
            concepts = self.english.get(words)
            if concepts:
                units = self._units(concepts)
                units |= {f"w:{word}": _KNOWN_WORD / length for word in words}
                return Group(" ".join(tokens[at : at + length]), units), at + length
        word = tokens[at]
        if word in self.stop_english or (len(word) < 2 and not word.isdigit()):
            return None, at + 1
        return Group(word, {f"w:{stem(word)}": _FREE_WORD}), at + 1

    def _chinese_word(self, tokens: Sequence[str], at: int) -> tuple[Group | None, int] | None:
        """Take the longest Chinese word that begins here; it may hold Latin letters, as 维c does."""
        text = "".join(tokens[at : at + 6])
        for length in range(len(text), 0, -1):
            part = text[:length]
            used = _whole_tokens(tokens, at, length)
            if part in self.chinese and used and is_chinese(part):
                units = self._units(self.chinese[part])
                units |= {f"z:{pair}": _KNOWN_PAIR for pair in pairs(part)}
                return Group(part, units), at + used
        if not is_chinese(tokens[at]):
            return None
        for stop in self.stop_chinese:
            if text.startswith(stop):
                return None, at + len(stop)
        if at + 1 < len(tokens) and is_chinese(tokens[at + 1]):
            pair = tokens[at] + tokens[at + 1]
            return Group(pair, {f"z:{pair}": _FREE_PAIR}), at + 1
        return None, at + 1

    def _units(self, concepts: Sequence[str]) -> dict[str, float]:
        units: dict[str, float] = {}
        for id in concepts:
            units |= {f"c:{near}": _NEAR for near in self.concepts[id].near if f"c:{near}" not in units}
        return units | {f"c:{id}": 1.0 for id in concepts}

    def units(self, text: str) -> dict[str, float]:
        """Return the units of a text that describes a style: all bigrams, but nothing merely near."""
        units: dict[str, float] = {}
        for group in self.groups(text):
            for unit, weight in group.units.items():
                if unit[0] != "c" or weight == 1.0:
                    units[unit] = 1.0
        for run in re.findall(rf"[{_CHINESE}]+", _fold(text)):
            units |= {f"z:{pair}": 1.0 for pair in pairs(run)}
        return units

    def label(self, unit: str, language: str) -> str:
        """Return a unit as people write it."""
        kind, _, name = unit.partition(":")
        if kind != "c":
            return name
        concept = self.concepts[name]
        words = concept.zh if language == "zh" else concept.en
        return words[0] if words else name

    def slug_label(self, slug: str, language: str) -> str:
        """Return a slug of a card (a family, a mood …) as people write it; an unknown one with spaces."""
        text = slug.replace("-", " ")
        if language != "zh":
            return text
        if slug in self.labels:
            return self.labels[slug]
        units = [max(g.units, key=lambda unit: g.units[unit]) for g in self.groups(text)]
        words = list(dict.fromkeys(self.label(unit, "zh") for unit in units if unit[0] == "c"))
        return "".join(words) if words and all(unit[0] == "c" for unit in units) else text


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'s ", " ")


def _tokens(text: str) -> list[str]:
    """Return Latin words whole and Chinese characters one by one."""
    tokens: list[str] = []
    for run in _RUN.findall(_fold(text)):
        tokens += list(run) if is_chinese(run) else [run]
    return tokens


def _whole_tokens(tokens: Sequence[str], at: int, length: int) -> int:
    """Return how many tokens make `length` characters, or 0 where a token would be cut."""
    count = 0
    while length > 0 and at + count < len(tokens):
        length -= len(tokens[at + count])
        count += 1
    return count if length == 0 else 0


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return re.search(rf"[{_CHINESE}]", text) is not None


def pairs(text: str) -> list[str]:
    """Return the bigrams of a Chinese text, or the text itself where it is one character."""
    return [text[i : i + 2] for i in range(len(text) - 1)] or [text]


def stem(word: str) -> str:
    """Return a word without its plural and in British spelling, so that its common forms meet."""
    word = {"color": "colour", "gray": "grey", "jewelry": "jewellery", "cozy": "cosy"}.get(word, word)
    word = word.replace("colored", "coloured")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def load_glossary() -> Glossary:
    """Return the packaged glossary.

    Raises: DataFileError.
    """
    text = resources.files("styles").joinpath(FILE).read_text(encoding="utf-8")
    try:
        return parse_glossary(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DataFileError(file=FILE, key=str(error), why="it is missing or of the wrong kind") from None


def parse_glossary(data: Mapping[str, Any]) -> Glossary:
    """Return the glossary of a parsed words.toml.

    Raises: DataFileError where a concept is named twice or is near to one that does not exist.
    """
    stop = data["plain"]["stop"]
    concepts: dict[str, Concept] = {}
    english: dict[tuple[str, ...], tuple[str, ...]] = {}
    chinese: dict[str, tuple[str, ...]] = {}
    for kind, rows in data.items():
        for id, row in rows.items() if kind != "plain" else ():
            if id in concepts:
                raise DataFileError(file=FILE, key=id, why="it is there twice")
            lists = (tuple(row.get(key, ())) for key in ("en", "zh", "near", "hex"))
            concepts[id] = Concept(id, kind, *lists)
            for phrase in (*concepts[id].en, id):
                words = tuple(stem(word) for word in _tokens(phrase))
                if id not in english.get(words, ()):
                    english[words] = (*english.get(words, ()), id)
            for word in concepts[id].zh:
                folded = "".join(_tokens(word))
                chinese[folded] = (*chinese.get(folded, ()), id)
    for concept in concepts.values():
        for near in concept.near:
            if near not in concepts:
                raise DataFileError(file=FILE, key=concept.id, why=f"{near!r} is no concept")
    longest_first = tuple(sorted(stop["zh"], key=len, reverse=True))
    labels = {slug: str(label) for slug, label in data["plain"]["labels"].items()}
    return Glossary(concepts, english, chinese, labels, frozenset(stop["en"]), longest_first)
