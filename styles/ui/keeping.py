"""The handlers of a merchant's own styles: add, rename, delete, export and import."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from styles.errors import StyleError
from styles.ui import cards
from styles.ui.exploring import Door
from styles.ui.uploads import Upload, paths, words
from styles.ui.words import LanguageOf, Voice


def attempt(work: Callable[[], str], voice: Voice) -> tuple[bool, str]:
    """Do something and return whether it worked, and the sentence to show as HTML."""
    try:
        return True, cards.done(work())
    except StyleError as error:
        return False, cards.problem(error.sentence(voice.language), voice)


@dataclass(frozen=True)
class Keeping:
    """The handlers over a finder that is opened on first use."""

    door: Door
    language_of: LanguageOf

    def voice(self, request: gr.Request | None) -> Voice:
        """Return the voice of the language that the page was asked for."""
        return Voice(self.language_of(request))

    def gallery(self, request: gr.Request | None) -> str:
        """Return the merchant's own styles, newest first."""
        voice = self.voice(request)
        try:
            own = self.door().catalog.own()[::-1]
        except StyleError as error:
            return cards.problem(error.sentence(voice.language), voice)
        return cards.gallery(own, voice) if own else cards.lead(voice, "own.none")

    def add(
        self,
        name: str,
        name_zh: str,
        said: str,
        uploads: Sequence[Upload] | None,
        force: bool,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds its progress by this default
    ) -> tuple[Any, ...]:
        """Add a style; return what happened, the gallery, and the form: empty again where it worked."""
        voice = self.voice(request)
        progress(0.3, voice.say("progress.reading"))

        def work() -> str:
            zh = (name_zh or "").strip() or None
            style = self.door().add(name or "", paths(uploads), name_zh=zh, words=words(said or ""), force=bool(force))
            return voice.say("own.added", name=style.card.name.zh if voice.language == "zh" else style.card.name.en)

        worked, told = attempt(work, voice)
        form = ("", "", "", None, False) if worked else tuple(gr.skip() for _ in range(5))
        return told, self.gallery(request) if worked else gr.skip(), *form

    def rename(self, id: str, name: str, request: gr.Request) -> tuple[str, Any]:
        """Give a style another name; return what happened and the gallery."""
        voice = self.voice(request)

        def work() -> str:
            style = self.door().rename(id, name or "", name if voice.language == "zh" else None)
            return voice.say("own.renamed", name=style.card.name.zh if voice.language == "zh" else style.card.name.en)

        worked, told = attempt(work, voice)
        return told, self.gallery(request) if worked else gr.skip()

    def remove(self, id: str, request: gr.Request) -> tuple[str, Any, Any]:
        """Delete a style; return what happened, the gallery, and its detail closed where it worked."""
        voice = self.voice(request)

        def work() -> str:
            card = self.door().get(id).card
            self.door().remove(id)
            return voice.say("own.deleted", name=card.name.zh if voice.language == "zh" else card.name.en)

        worked, told = attempt(work, voice)
        return told, self.gallery(request) if worked else gr.skip(), "" if worked else gr.skip()

    def export(self, folder: Path, request: gr.Request) -> tuple[str, str | None]:
        """Write the own styles to a zip in a new folder under `folder`; return what happened and the file."""
        voice = self.voice(request)
        place = folder / uuid.uuid4().hex
        file = place / "vitrine-styles.zip"

        def work() -> str:
            place.mkdir(parents=True)
            return voice.say("strip.all", count=self.door().export(file))

        worked, told = attempt(work, voice)
        return told, str(file) if worked else None

    def import_styles(self, upload: Upload | None, request: gr.Request) -> tuple[Any, Any]:
        """Add the styles of a zip file; return what happened and the gallery."""
        voice = self.voice(request)
        if not upload:
            return gr.skip(), gr.skip()

        def work() -> str:
            return voice.say("own.imported", count=len(self.door().import_styles(paths(upload)[0])))

        worked, told = attempt(work, voice)
        return told, self.gallery(request) if worked else gr.skip()
