"""The frame around the tabs: the header, the language, the look, and how the page is launched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import gradio as gr
from starlette.middleware import Middleware

from evaluator.errors import EvaluatorError
from evaluator.standard import Standard
from evaluator.ui import cards
from evaluator.ui.language import AddressLanguage
from evaluator.ui.theme import CSS_FILE, theme
from evaluator.ui.voice import Voice
from evaluator.ui.words import Words, language_of

FAVICON = Path(__file__).with_name("favicon.svg")
SWEEP_EVERY, KEEP_FOR = 300, 1500
"""Seconds between sweeps of the uploaded pictures, and how old one may grow: none outlives half an hour."""
UPLOAD_LIMIT = "64mb"
"""More than the decoder takes, so that the decoder's own sentence is what a user reads."""
SESSIONS = 200
"""Pages whose last picture is kept in memory at once."""


class Tab(Protocol):
    """One tab of the page."""

    def translations(self) -> Mapping[str, Mapping[str, str]]:
        """Return the tab's labels by language and key; keys are the tab's own."""
        ...

    def add(self, page: gr.Blocks, i18n: gr.I18n) -> None:
        """Build the tab inside the page's `gr.Tabs`."""
        ...


def assemble(
    tabs: Sequence[Tab], standard: Standard, words: Words, notices: Sequence[EvaluatorError] = ()
) -> tuple[gr.Blocks, gr.I18n]:
    """Return the page with its tabs, and the labels that `launch` needs; `notices` stand above the tabs."""
    i18n = gr.I18n(**_merged([words.translations(), *(tab.translations() for tab in tabs)]))

    def header(request: gr.Request | None) -> str:
        voice = Voice(standard, words, language_of(request))
        return cards.header(voice) + "".join(cards.notice(each.sentence(voice.language)) for each in notices)

    with gr.Blocks(
        title=words.say("page.title", "en"),
        analytics_enabled=False,
        delete_cache=(SWEEP_EVERY, KEEP_FOR),
        fill_width=True,
    ) as page:
        top = gr.HTML(header(None))
        with gr.Tabs():
            for tab in tabs:
                tab.add(page, i18n)
        page.load(header, outputs=[top], show_progress="hidden", queue=False, api_visibility="private")
    return page, i18n


def _merged(tables: Sequence[Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for table in tables:
        for language, texts in table.items():
            merged.setdefault(language, {}).update(texts)
    return merged


def launch(page: gr.Blocks, i18n: gr.I18n) -> str:
    """Serve the page in the background and return its address.

    Host and port follow `GRADIO_SERVER_NAME` and `GRADIO_SERVER_PORT`; nothing outside this machine is asked.
    """
    page.queue(max_size=64, default_concurrency_limit=4)
    _, address, _ = page.launch(
        prevent_thread_lock=True,
        i18n=i18n,
        theme=theme(),
        css_paths=CSS_FILE,
        favicon_path=FAVICON,
        footer_links=["api"],
        max_file_size=UPLOAD_LIMIT,
        state_session_capacity=SESSIONS,
        ssr_mode=False,
        app_kwargs={"middleware": [Middleware(AddressLanguage)]},
        show_error=False,
    )
    return str(address)
