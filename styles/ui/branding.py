"""The handlers of the brands: choose, save, delete, and judge a picture by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from styles.aspects import NAMES
from styles.brand import Brand, BrandFit
from styles.errors import StyleError
from styles.ui import cards
from styles.ui.exploring import Door, brand_choices
from styles.ui.keeping import attempt
from styles.ui.thumbs import small
from styles.ui.uploads import Upload, paths, words
from styles.ui.words import LanguageOf, Voice

_ALIKE, _DIFFERENT = 0.25, 0.6


@dataclass(frozen=True)
class Branding:
    """The handlers over a finder that is opened on first use."""

    door: Door
    language_of: LanguageOf

    def voice(self, request: gr.Request | None) -> Voice:
        """Return the voice of the language that the page was asked for."""
        return Voice(self.language_of(request))

    def choices(self, voice: Voice) -> Any:
        """Return the brands as an update of the pane's dropdown, whose first choice is a new one."""
        names = self.door().brands()
        return gr.update(choices=[(voice.say("brand.new"), ""), *((name, name) for name in names)])

    def choose(self, name: str, request: gr.Request) -> tuple[Any, ...]:
        """Return the form filled in with a brand, and what was learnt of it.

        In order: name, pictures, colours, words; the card, what may be done with it, the button that deletes.
        """
        voice = self.voice(request)
        if not name:
            return "", None, [], "", *_none(voice)
        try:
            brand = self.door().brand(name)
        except StyleError as error:
            return "", None, [], "", cards.problem(error.sentence(voice.language), voice), gr.skip(), gr.skip()
        comma = "，" if voice.language == "zh" else ", "
        return brand.name, None, list(brand.colours), comma.join(brand.words), *_known(brand, voice)

    def enter(self, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """Return the pane's sentences and choices in the page's language: lead, dropdown, card."""
        voice = self.voice(request)
        lead = cards.lead(voice, "brand.lead")
        try:
            choices = self.choices(voice)
        except StyleError as error:
            return lead, gr.skip(), cards.problem(error.sentence(voice.language), voice)
        return lead, choices, gr.skip() if chosen else cards.lead(voice, "brand.none")

    def save(
        self,
        chosen: str,
        name: str,
        uploads: Sequence[Upload] | None,
        colours: Sequence[str] | None,
        said: str,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds its progress by this default
    ) -> tuple[Any, ...]:
        """Save a brand; one that was chosen keeps its pictures unless new ones are given.

        Returns what happened, the pane's dropdown, the gallery's dropdown; then as `choose` from the card on.
        """
        voice = self.voice(request)
        progress(0.3, voice.say("progress.reading"))

        def work() -> str:
            finder = self.door()
            pictures: Sequence[str | Path] = paths(uploads)
            same = bool(chosen) and chosen.casefold() == (name or "").strip().casefold()
            if same and not pictures:
                pictures = finder.brand(chosen).pictures
            brand = finder.save_brand(name or "", pictures, tuple(colours or ()), words(said or ""), replace=same)
            return voice.say("brand.saved", name=brand.name)

        worked, told = attempt(work, voice)
        if not worked:
            return told, *(gr.skip() for _ in range(5))
        finder, saved = self.door(), name.strip()
        pane = {**self.choices(voice), "value": saved}
        return told, pane, brand_choices(finder, voice), *_known(finder.brand(saved), voice)

    def remove(self, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """Delete the brand that is chosen; returns as `save`."""
        voice = self.voice(request)

        def work() -> str:
            self.door().remove_brand(chosen or "")
            return voice.say("brand.deleted", name=chosen)

        worked, told = attempt(work, voice)
        if not worked:
            return told, *(gr.skip() for _ in range(5))
        pane = {**self.choices(voice), "value": ""}
        everywhere = {**brand_choices(self.door(), voice), "value": ""}
        return told, pane, everywhere, *_none(voice)

    def judge(self, chosen: str, upload: Upload | None, request: gr.Request) -> str:
        """Return how on-brand a picture is, as HTML."""
        voice = self.voice(request)
        if not upload:
            return ""
        if not chosen:
            return cards.problem(voice.say("problem.no_brand"), voice)
        try:
            return fit(self.door().brand_fit(chosen, paths(upload)[0]), voice)
        except StyleError as error:
            return cards.problem(error.sentence(voice.language), voice)


def _known(brand: Brand, voice: Voice) -> tuple[Any, ...]:
    return card(brand, voice), gr.update(visible=True), gr.update(visible=True)


def _none(voice: Voice) -> tuple[Any, ...]:
    return cards.lead(voice, "brand.none"), gr.update(visible=False), gr.update(visible=False)


def card(brand: Brand, voice: Voice) -> str:
    """Return what is known of a brand as HTML: its pictures, palette and how alike they are."""
    images = "".join(
        f'<img src="{uri}" alt="" width="96" height="96">' for file in brand.pictures if (uri := small(Path(file), 160))
    )
    pictures = f'<div class="s-moodboard">{images}</div>' if images else ""
    palette = "".join(
        f'<span><i style="background:{each.hex}"></i><code>{each.hex}</code></span>' for each in brand.palette
    )
    degree = "low" if brand.spread < _ALIKE else "high" if brand.spread > _DIFFERENT else "mid"
    told = voice.say(f"brand.spread_{degree}") if brand.pictures else voice.say("brand.no_pictures")
    said = "".join(f"<span>{escape(word)}</span>" for word in brand.words)
    return (
        f'<section class="s-brand"><h2>{escape(brand.name)}</h2>{pictures}'
        f'<div class="s-colourway">{palette}</div><p class="s-words">{said}</p><p class="s-lead">{told}</p></section>'
    )


def fit(found: BrandFit, voice: Voice) -> str:
    """Return how on-brand a picture is as HTML: the score, the aspects as bars, what deviates."""
    state = "on" if found.on_brand else "off"
    zh = voice.language == "zh"
    bars = "".join(
        f'<div><dt>{NAMES[aspect][zh].capitalize()}</dt><dd><i class="s-meter"><i style="width:{value:.0f}%"></i></i>'
        f"<b>{value:.0f}</b></dd></div>"
        for aspect, value in found.aspects.items()
    )
    told = "".join(f"<li>{escape(each.zh if zh else each.en)}</li>" for each in found.deviations)
    deviations = f"<ul>{told}</ul>" if told else f"<p>{voice.say('brand.all_well')}</p>"
    return (
        f'<section class="s-fitness s-{state}" role="status"><p class="s-score"><b>{found.score:.0f}</b>'
        f"<span>{voice.say(f'brand.{state}')}, {voice.say('brand.of_hundred')}</span></p>"
        f'<dl class="s-bars">{bars}</dl>{deviations}</section>'
    )
