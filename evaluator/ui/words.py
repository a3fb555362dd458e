"""The page's texts, read from `words.toml`: said in a language, or handed to Gradio's translation."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.errors import Language

if TYPE_CHECKING:
    import gradio as gr

WORDS_FILE = Path(__file__).with_name("words.toml")
LANGUAGES: Mapping[Language, str] = {"en": "English", "zh": "中文"}
"""Every language of the page, by its own name."""


@dataclass(frozen=True)
class Words:
    """Texts by key (`section.name`) and language."""

    texts: Mapping[str, Mapping[str, str]]

    def say(self, key: str, language: Language, **values: object) -> str:
        """Return the text of `key` in `language` with its braces filled in; KeyError for an unknown key."""
        text = self.texts[key][language]
        return text.format(**values) if values else text

    def translations(self) -> dict[str, dict[str, str]]:
        """Return the texts by language and key, as `gradio.I18n` takes them."""
        return {language: {key: text[language] for key, text in self.texts.items()} for language in LANGUAGES}


@lru_cache(maxsize=1)
def load(file: Path = WORDS_FILE) -> Words:
    """Read the page's texts."""
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return Words({f"{section}.{name}": text for section, rows in sections.items() for name, text in rows.items()})


def language_of(request: gr.Request | None) -> Language:
    """Return the language a page was asked for.

    `?lang=` in the address decides; then the browser's first language, as for Gradio's own labels.
    """
    if request is None:
        return "en"
    chosen = str(dict(request.query_params).get("lang", ""))
    accepted = str(dict(request.headers).get("accept-language", ""))
    return "zh" if (chosen or accepted).strip().lower().startswith("zh") else "en"
