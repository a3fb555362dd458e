"""The tab's texts, read from `words.toml`, and the voice that says them in one language."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styles.errors import Language
from styles.glossary import load_glossary
from styles.types import Card, Hit

if TYPE_CHECKING:
    import gradio as gr

WORDS_FILE = Path(__file__).with_name("words.toml")
PREFIX = "styles."
"""Before the keys that go to Gradio's translation, which all tabs share."""

LanguageOf = Callable[["gr.Request | None"], Language]
"""Tells the language that a page was asked for."""


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return the texts by key (`section.name`) and language."""
    sections = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, rows in sections.items() for name, text in rows.items()}


def translations() -> dict[str, dict[str, str]]:
    """Return the texts by language and prefixed key, as `gradio.I18n` takes them."""
    languages: tuple[Language, ...] = ("en", "zh")
    return {code: {PREFIX + key: text[code] for key, text in texts().items()} for code in languages}


@dataclass(frozen=True)
class Voice:
    """Says the tab's texts in one language."""

    language: Language

    def say(self, key: str, **values: object) -> str:
        """Return a text with its braces filled in; KeyError for an unknown key."""
        text = texts()[key][self.language]
        return text.format(**values) if values else text

    def name(self, card: Card) -> str:
        """Return a style's name, safe inside HTML."""
        return escape(card.name.zh if self.language == "zh" else card.name.en)

    def why(self, hit: Hit) -> str:
        """Return why a style was found, safe inside HTML."""
        text = hit.why_zh if self.language == "zh" else hit.why
        return escape(text[:1].upper() + text[1:])

    def label(self, slug: str) -> str:
        """Return a slug of a card as people write it, safe inside HTML."""
        return escape(load_glossary().slug_label(slug, self.language))

    def term(self, section: str, slug: str) -> str:
        """Return a slug by the tab's own text, or else as people write it; safe inside HTML."""
        known = texts().get(f"{section}.{slug}")
        return known[self.language] if known else self.label(slug)

    def labels(self, slugs: tuple[str, ...], most: int = 12) -> str:
        """Return several slugs as one line; none is said twice."""
        comma = "、" if self.language == "zh" else ", "
        return comma.join(dict.fromkeys(self.label(slug) for slug in slugs[:most]))

    def share(self, value: float) -> str:
        """Return a share of 0–1 as a whole percentage."""
        return f"{value * 100:.0f}%" if self.language == "zh" else f"{value * 100:.0f} %"


def labels(i18n: gr.I18n) -> Callable[[str], Any]:
    """Return what turns a text's key into a label that Gradio translates."""

    def label(key: str) -> Any:
        return i18n(PREFIX + key)

    return label
