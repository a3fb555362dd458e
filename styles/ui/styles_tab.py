"""The *Styles* tab: the gallery with its search, and the panes for brands and own styles beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from styles.ui import chips
from styles.ui.answers import Answers
from styles.ui.brand_pane import BrandPane
from styles.ui.branding import Branding
from styles.ui.colour_picker import colour_picker
from styles.ui.exploring import FOUND, LOOKS, SORTS, TAB, Door, Exploring, clear
from styles.ui.keeping import Keeping
from styles.ui.overlay import Overlay
from styles.ui.own_pane import GALLERY, OwnPane
from styles.ui.words import PREFIX, LanguageOf, translations

HERE = Path(__file__).parent
MOST_COLOURS = 3
FINDING = "finding"
"""The queue that searches wait in."""
DEBOUNCE = """(...asked) => new Promise((go) => {
  clearTimeout(window.vitrineTyping);
  window.vitrineTyping = setTimeout(() => go(asked), 180);
})"""
"""Holds a search back until no key was pressed for a moment; those before it are never sent."""
TOGGLE = "() => { document.querySelector('#styles-rail').classList.toggle('s-open'); }"


@dataclass(frozen=True)
class Controls:
    """Everything that a search is asked by, in the order of `Exploring.show`."""

    text: gr.Textbox
    pictures: gr.File
    colours: gr.HTML
    brand: gr.Dropdown
    chips: tuple[gr.CheckboxGroup, ...]
    sort: gr.Dropdown
    looks: gr.Slider

    def all(self) -> list[gr.components.Component]:
        """Return them in order."""
        return [self.text, self.pictures, self.colours, self.brand, *self.chips, self.sort, self.looks]


@dataclass(frozen=True)
class Results:
    """Where the answer is read."""

    strip: gr.HTML
    gallery: gr.HTML


@dataclass(frozen=True)
class StylesTab:
    """The tab over a finder that is opened on first use.

    `beside` names two parts of the page by their element ids: another tab's picture, and the column that gets a
    button to find styles like it.
    """

    door: Door
    language_of: LanguageOf
    beside: tuple[str, str] | None = None

    def translations(self) -> dict[str, dict[str, str]]:
        """Return the tab's labels by language and key."""
        return translations()

    def add(self, page: gr.Blocks, i18n: gr.I18n) -> None:
        """Build the tab inside the page's `gr.Tabs`."""
        exploring = Exploring(self.door, self.language_of)
        keeping = Keeping(self.door, self.language_of)
        with gr.Tab(i18n(PREFIX + "tab.name"), id=TAB) as tab:
            gr.HTML(f"<style>{(HERE / 'styles.css').read_text(encoding='utf-8')}</style>", elem_classes="s-unseen")
            thumbs = gr.HTML(elem_classes="s-unseen")
            with gr.Tabs(elem_id="styles-panes") as panes:
                with gr.Tab(i18n(PREFIX + "tab.explore"), id="explore"):
                    controls, results, restart, refine = _explore(i18n)
                brand_pane = BrandPane.build(i18n, Branding(self.door, self.language_of))
                own_pane = OwnPane.build(i18n, keeping)
            overlay = Overlay.build(i18n)
            _endpoints(Answers(self.door))
        entered = gr.State(False)
        entering = tab.select(
            exploring.enter,
            inputs=[entered],
            outputs=[entered, thumbs, *controls.chips, controls.brand, controls.sort],
            show_progress_on=[results.gallery],
            api_visibility="private",
        )
        _search(entering.then, controls, results, exploring)
        _wire(controls, results, exploring, restart, refine)
        changes = overlay.wire([results.gallery, own_pane.gallery], exploring, keeping, own_pane.gallery)
        for change in (*changes, *own_pane.wire(tab, keeping)):
            _search(change.then, controls, results, exploring)
        brand_pane.wire(tab, controls.brand, panes)
        if self.beside:
            _beside(page, self.beside, tab, controls.pictures, exploring, i18n)


def _explore(i18n: gr.I18n) -> tuple[Controls, Results, gr.Button, gr.Button]:
    with gr.Row(elem_classes="s-bar", equal_height=False):
        text = gr.Textbox(
            label=i18n(PREFIX + "ask.text"),
            placeholder=str(i18n(PREFIX + "ask.placeholder")),
            show_label=False,
            lines=1,
            max_lines=1,
            scale=8,
            elem_id="styles-text",
        )
        refine = gr.Button(i18n(PREFIX + "ask.filters"), elem_id="styles-refine", size="md", scale=0)
    with gr.Row(elem_classes="s-desk", equal_height=False):
        with gr.Column(scale=3, min_width=260, elem_id="styles-rail"):
            pictures, colours, brand, rows, restart = _rail(i18n)
        with gr.Column(scale=10, min_width=300, elem_classes="s-results"):
            with gr.Row(elem_classes="s-over", equal_height=False):
                strip = gr.HTML(
                    apply_default_css=False,
                    js_on_load=GALLERY.read_text(encoding="utf-8"),
                    elem_id="styles-strip",
                    min_height=40,
                )
                sort = gr.Dropdown(
                    choices=[(each, each) for each in SORTS],
                    value=SORTS[0],
                    filterable=False,
                    label=i18n(PREFIX + "ask.sort"),
                    elem_id="styles-sort",
                )
                looks = gr.Slider(
                    0, 1, LOOKS, step=0.1, label=i18n(PREFIX + "ask.looks"), elem_id="styles-looks", buttons=[]
                )
            gallery = gr.HTML(
                apply_default_css=False,
                js_on_load=GALLERY.read_text(encoding="utf-8"),
                elem_id="styles-gallery",
                min_height=420,
            )
    return Controls(text, pictures, colours, brand, rows, sort, looks), Results(strip, gallery), restart, refine


def _rail(
    i18n: gr.I18n,
) -> tuple[gr.File, gr.HTML, gr.Dropdown, tuple[gr.CheckboxGroup, ...], gr.Button]:
    pictures = gr.File(
        label=i18n(PREFIX + "ask.pictures"), file_count="multiple", height=132, elem_id="styles-pictures"
    )
    colours = colour_picker(i18n(PREFIX + "ask.colours"), MOST_COLOURS, "styles-colours")
    brand = gr.Dropdown(choices=[("", "")], value="", label=i18n(PREFIX + "ask.brand"), elem_id="styles-brand")
    rows = []
    for kind in chips.KINDS:
        with gr.Accordion(i18n(f"{PREFIX}filter.{kind}"), open=kind == "moods", elem_classes="s-fold"):
            rows.append(gr.CheckboxGroup(choices=[], show_label=False, elem_classes="s-chips", elem_id=f"chips-{kind}"))
    restart = gr.Button(i18n(PREFIX + "ask.clear"), elem_id="styles-clear", size="md")
    return pictures, colours, brand, tuple(rows), restart


def _wire(controls: Controls, results: Results, exploring: Exploring, restart: gr.Button, refine: gr.Button) -> None:
    outputs = [results.strip, results.gallery]
    calm = [controls.pictures.change, controls.colours.input, controls.brand.change, controls.sort.input]
    calm += [controls.looks.release, controls.text.submit, *(row.input for row in controls.chips)]
    for triggers, js in ((calm, None), ([controls.text.change], DEBOUNCE)):
        gr.on(
            triggers,
            exploring.show,
            inputs=controls.all(),
            outputs=outputs,
            js=js,
            preprocess=False,
            show_progress="hidden",
            trigger_mode="multiple" if js else "always_last",
            concurrency_id=FINDING,
            concurrency_limit=2,
            api_visibility="private",
        )
    cleared = restart.click(clear, outputs=controls.all(), queue=False, api_visibility="private")
    _search(cleared.then, controls, results, exploring)
    refine.click(None, js=TOGGLE, api_visibility="private")


def _search(after: Callable[..., object], controls: Controls, results: Results, exploring: Exploring) -> None:
    """Search anew after something that is no control of the search."""
    after(
        exploring.show,
        inputs=controls.all(),
        outputs=[results.strip, results.gallery],
        preprocess=False,
        show_progress="hidden",
        api_visibility="private",
    )


def _beside(
    page: gr.Blocks, beside: tuple[str, str], tab: gr.Tab, pictures: gr.File, exploring: Exploring, i18n: gr.I18n
) -> None:
    """Put a button under another tab's result that finds styles like its picture."""
    named = {getattr(block, "elem_id", None): block for block in page.blocks.values()}
    picture, column, tabs = named.get(beside[0]), named.get(beside[1]), tab.parent
    if not (isinstance(picture, gr.Image) and isinstance(column, gr.Column) and isinstance(tabs, gr.Tabs)):
        raise TypeError(f"{beside} are not a picture and a column of the page")
    with column:
        button = gr.Button(i18n(PREFIX + "ask.like"), elem_id="find-like", size="md")
    button.click(
        exploring.take,
        inputs=[picture],
        outputs=[pictures, tabs],
        preprocess=False,
        show_progress="hidden",
        api_visibility="private",
    )


def _endpoints(answers: Answers) -> None:
    found, hidden = gr.JSON(visible=False), gr.Button(visible=False)
    text, colours, brand, id = (
        gr.Textbox("", visible=False, label=name) for name in ("text", "colours", "brand", "id")
    )
    pictures = gr.File(visible=False, file_count="multiple", label="pictures")
    picture = gr.File(visible=False, label="picture")
    k = gr.Number(FOUND, visible=False, label="k")
    looks = gr.Number(LOOKS, visible=False, label="aesthetic")
    hidden.click(
        answers.search_styles,
        inputs=[text, pictures, colours, brand, k, looks],
        outputs=[found],
        preprocess=False,
        api_name="search_styles",
        concurrency_id=FINDING,
    )
    hidden.click(answers.style, inputs=[id], outputs=[found], preprocess=False, api_name="style")
    hidden.click(
        answers.brand_fit,
        inputs=[brand, picture],
        outputs=[found],
        preprocess=False,
        api_name="brand_fit",
        concurrency_id=FINDING,
    )
