"""The handlers of the gallery: from what is asked to what is shown; they rank nothing themselves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from styles.errors import StyleError
from styles.finder import StyleFinder
from styles.types import Filters, Hit, Query, Style
from styles.ui import cards, chips
from styles.ui.sheet import missing, sheet
from styles.ui.thumbs import sheet as style_sheet
from styles.ui.thumbs import small
from styles.ui.uploads import Upload, paths
from styles.ui.words import LanguageOf, Voice

LOG = logging.getLogger(__name__)
TAB = "styles"
"""The tab's id."""
SORTS = ("best", "aesthetic", "name", "newest")
FOUND, SHOWN = 24, 120
"""The most that a search brings up, and that a gallery without a search shows."""
ROW, FAR = 4, 0.4
"""After the first row, what fits less than this share of the best is left out."""
SIMILAR = 6
LOOKS = 0.2
"""Where the slider from fit to looks stands at first."""

Door = Callable[[], StyleFinder]
"""Opens the finder, always the same one; raises StyleError where it cannot be had."""


@dataclass(frozen=True)
class Asked:
    """Everything that the page asks for at once; `picked` are the chips of each of `chips.KINDS`."""

    text: str = ""
    pictures: tuple[Path, ...] = ()
    colours: tuple[str, ...] = ()
    brand: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str = "best"
    looks: float = LOOKS

    @property
    def searches(self) -> bool:
        """Whether there is anything to rank by, filters aside."""
        return bool(self.text.strip() or self.pictures or self.colours or self.brand)


class Shown(NamedTuple):
    """What a search changes on the page, in the order of the outputs."""

    strip: Any
    gallery: Any


@dataclass(frozen=True)
class Exploring:
    """The handlers over a finder that is opened on first use."""

    door: Door
    language_of: LanguageOf

    def voice(self, request: gr.Request | None) -> Voice:
        """Return the voice of the language that the page was asked for."""
        return Voice(self.language_of(request))

    def find(self, asked: Asked) -> tuple[list[Hit | Style], int]:
        """Return what to show in order, and how many there are in all. Raises: StyleError."""
        finder = self.door()
        if not asked.searches:
            sort = "aesthetic" if asked.sort == "best" else asked.sort
            found = finder.browse(asked.filters, sort)  # type: ignore[arg-type]  # one of SORTS, checked by the page
            return list(found[:SHOWN]), len(found)
        hits = finder.search(
            Query(
                text=asked.text.strip(),
                pictures=asked.pictures,
                colours=asked.colours,
                brand=asked.brand or None,
                filters=asked.filters,
                k=FOUND,
                aesthetic=asked.looks,
            )
        )
        kept = [hit for at, hit in enumerate(hits) if at < ROW or hit.fit >= FAR * max(each.fit for each in hits)]
        age = {style.id: at for at, style in enumerate(finder.styles())}
        return list(_sorted(kept, asked.sort, age)), len(kept)

    def show(
        self,
        text: str,
        uploads: Sequence[Upload] | None,
        colours: Sequence[str] | None,
        brand: str | None,
        moods: Sequence[str] | None,
        categories: Sequence[str] | None,
        occasions: Sequence[str] | None,
        materials: Sequence[str] | None,
        families: Sequence[str] | None,
        sort: str,
        looks: float,
        request: gr.Request,
    ) -> Shown:
        """Return the gallery for all that is asked; an error says its sentence and leaves the gallery."""
        voice = self.voice(request)
        picked = (moods, categories, occasions, materials, families)
        try:
            asked = Asked(
                text or "",
                paths(uploads),
                tuple(colours or ()),
                brand or "",
                chips.filters(picked),
                sort,
                float(looks),
            )
            return self.answer(asked, voice)
        except StyleError as error:
            return Shown(cards.problem(error.sentence(voice.language), voice), gr.skip())
        except Exception:  # a fault of ours goes to the log, not to the page
            LOG.exception("The search failed")
            return Shown(cards.problem(voice.say("problem.internal"), voice), gr.skip())

    def answer(self, asked: Asked, voice: Voice) -> Shown:
        """Return the gallery for a query. Raises: StyleError."""
        found, total = self.find(asked)
        if not found:
            unfiltered = asked.searches and asked.filters == Filters()
            reason = "words" if unfiltered else "filters" if self.door().catalog.styles() else "library"
            return Shown("", cards.nothing(reason, voice))
        thumbs = [uri for file in asked.pictures if (uri := small(file))]
        return Shown(cards.strip(found, total, voice, thumbs), cards.gallery(found, voice))

    def like(self, picture: Path, request: gr.Request | None = None) -> Shown:
        """Return the gallery of the styles that look like a picture."""
        voice = self.voice(request)
        try:
            return self.answer(Asked(pictures=(picture,)), voice)
        except StyleError as error:
            return Shown(cards.problem(error.sentence(voice.language), voice), "")

    def enter(
        self,
        entered: bool,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds its progress by this default
    ) -> tuple[Any, ...]:
        """Fill the tab when it is first opened: whether it is filled, thumbnails, chips, brands and orders."""
        voice = self.voice(request)
        nothing = tuple(gr.skip() for _ in range(len(chips.KINDS) + 3))
        if entered:
            return True, *nothing
        progress(0.2, voice.say("progress.library"))
        try:
            finder = self.door()
            rows = [gr.update(choices=each, visible=bool(each)) for each in chips.choices(finder, voice)]
            brands = brand_choices(finder, voice)
            return True, style_sheet(finder.styles()), *rows, brands, sort_choices(voice)
        except StyleError:  # the search that follows says what is wrong
            return False, *nothing

    def take(self, upload: Upload | None, request: gr.Request) -> tuple[Any, Any]:
        """Return another tab's picture as the pictures to look for, and this tab as the one to show."""
        if not upload or not Path(str(upload["path"])).is_file():
            gr.Info(self.voice(request).say("problem.no_picture"))
            return gr.skip(), gr.skip()
        return [str(upload["path"])], gr.update(selected=TAB)

    def open(self, event: gr.EventData, request: gr.Request) -> tuple[str, Any, Any, Any]:
        """Return the detail of the style that was clicked, and what may be done with it."""
        return self.detail(str(getattr(event, "id", "")), self.voice(request))

    def reopen(self, id: str, request: gr.Request) -> tuple[str, Any, Any, Any]:
        """Return the detail of a style that was changed."""
        return self.detail(id, self.voice(request))

    def detail(self, id: str, voice: Voice) -> tuple[str, Any, Any, Any]:
        """Return a style's detail, whether it may be changed, its id, and its name to change."""
        try:
            finder = self.door()
            style = finder.get(id)
            near = finder.similar(id, SIMILAR)
        except StyleError as error:
            return missing(error.sentence(voice.language), voice), gr.update(visible=False), "", ""
        name = style.card.name.zh if voice.language == "zh" else style.card.name.en
        return sheet(style, near, voice), gr.update(visible=style.own), id, name


def clear() -> tuple[Any, ...]:
    """Return every control of the search as it was at first, in the order of `show`'s inputs."""
    return ("", None, [], "", *([] for _ in chips.KINDS), "best", LOOKS)


def sort_choices(voice: Voice) -> Any:
    """Return the orders as an update of their dropdown."""
    return gr.update(choices=[(voice.say(f"sort.{each}"), each) for each in SORTS])


def brand_choices(finder: StyleFinder, voice: Voice) -> Any:
    """Return the brands as an update of a dropdown whose first choice is none."""
    return gr.update(choices=[(voice.say("ask.no_brand"), ""), *((name, name) for name in finder.brands())])


def _sorted(hits: list[Hit], sort: str, age: Mapping[str, int]) -> list[Hit]:
    if sort == "aesthetic":
        return sorted(hits, key=lambda hit: -(hit.aesthetic or 0.0))
    if sort == "name":
        return sorted(hits, key=lambda hit: hit.style.card.name.en.casefold())
    if sort == "newest":
        return sorted(hits, key=lambda hit: -age.get(hit.style.id, 0))
    return hits
