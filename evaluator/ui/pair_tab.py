"""The *Pair* tab: its layout and the wiring of one pair; the handlers are in `pairing`."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from evaluator.ui import cards, pair_cards
from evaluator.ui.pair_candidates import CandidatesPane
from evaluator.ui.pair_picture import SHOWN_LAYERS
from evaluator.ui.pair_place import example_pairs, place
from evaluator.ui.pair_ranking import RankingPane
from evaluator.ui.pairing import Pairing, blank, pair_layers, redraw
from evaluator.ui.scoring import FORGET_AFTER

COMPARING = "comparing"
"""The queue that pairs wait in; two are compared at a time."""
SHOW_RESULT = """() => {
  const result = document.querySelector("#pair-scores, #pair-problem");
  if (result && innerWidth < 900) result.scrollIntoView({ behavior: "smooth" });
}"""
"""On a phone the result stands under the pictures; go there."""


@dataclass(frozen=True)
class PairDesk:
    """Where the two pictures are put in."""

    original: gr.Image
    generated: gr.Image
    restart: gr.Button
    privacy: gr.HTML


@dataclass(frozen=True)
class PairSheet:
    """Where their report is read."""

    scores: gr.HTML
    slider: gr.ImageSlider
    layers: gr.CheckboxGroup
    reasons: gr.HTML
    numbers: gr.HTML
    json: gr.DownloadButton
    markdown: gr.DownloadButton


@dataclass(frozen=True)
class PairRoom:
    """The whole pane of one pair."""

    desk: PairDesk
    empty: gr.HTML
    problem: gr.HTML
    result: gr.Column
    sheet: PairSheet
    kept: gr.State

    def shown(self) -> list[gr.blocks.Block]:
        """Return the outputs in the order of `pairing.PairShown`."""
        s = self.sheet
        frame = [self.desk.original, self.desk.generated, self.kept, self.empty, self.problem, self.result]
        return [*frame, s.scores, s.slider, s.reasons, s.numbers, s.json, s.markdown]


@dataclass(frozen=True)
class PairTab:
    """The tab over its handlers."""

    pairing: Pairing

    def translations(self) -> dict[str, dict[str, str]]:
        """Return the tab's labels by language and key."""
        return self.pairing.words.translations()

    def add(self, page: gr.Blocks, i18n: gr.I18n) -> None:
        """Build the tab inside the page's `gr.Tabs`."""
        ranking = RankingPane(self.pairing)
        with gr.Tab(i18n("pair.tab"), id="pair"), gr.Tabs(elem_id="pair-panes") as panes:
            with gr.Tab(i18n("pair.one"), id="pair-one"):
                room = _room(self.pairing, i18n)
                _endpoint(room.desk, self.pairing)
            with gr.Tab(i18n("pair.many"), id="pair-many"):
                candidates = CandidatesPane.build(ranking, i18n)
        _wire(page, room, self.pairing)
        candidates.wire(page, ranking, (room.desk.original, room.desk.generated), panes)


def _room(pairing: Pairing, i18n: gr.I18n) -> PairRoom:
    with gr.Row(elem_classes="v-desk", equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes="v-input"):
            desk = _desk(pairing, i18n)
        with gr.Column(scale=9, min_width=300, elem_classes="v-output"):
            empty = gr.HTML(pair_cards.empty(pairing.voice(None)), elem_id="pair-empty")
            problem = gr.HTML(visible=False, elem_id="pair-problem")
            with gr.Column(visible=False, elem_id="pair-result", elem_classes="p-result") as result:
                sheet = _sheet(pairing, i18n)
    return PairRoom(desk, empty, problem, result, sheet, gr.State(None, time_to_live=FORGET_AFTER))


def _desk(pairing: Pairing, i18n: gr.I18n) -> PairDesk:
    with gr.Row(elem_classes="p-two"):
        first, second = (place(name, i18n, f"pair-{name}") for name in ("original", "generated"))
    pairs = [[str(original), str(generated)] for original, generated in example_pairs()]
    if pairs:
        gr.Examples(
            pairs,
            inputs=[first, second],
            label=i18n("pair.examples"),
            elem_id="pair-examples",
            cache_examples=False,
        )
    restart = gr.Button(i18n("input.clear"), elem_id="pair-restart", size="md")
    return PairDesk(first, second, restart, gr.HTML(cards.privacy(pairing.voice(None))))


def _sheet(pairing: Pairing, i18n: gr.I18n) -> PairSheet:
    scores = gr.HTML(elem_id="pair-scores")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280, scale=11):
            slider = gr.ImageSlider(
                label=str(i18n("pair.slider")),
                show_label=False,
                format="jpeg",
                interactive=False,
                buttons=["download", "fullscreen"],
                elem_id="pair-slider",
            )
            gr.Markdown(str(i18n("pair.slide")), elem_classes="p-hint")
            layers = gr.CheckboxGroup(
                choices=pair_layers(pairing.voice(None)),
                value=list(SHOWN_LAYERS),
                label=i18n("pair.layers"),
                elem_id="pair-layers",
            )
        with gr.Column(min_width=280, scale=9):
            reasons = gr.HTML(elem_id="pair-reasons")
    with gr.Accordion(i18n("pair.numbers"), open=True):
        numbers = gr.HTML(elem_id="pair-numbers")
    with gr.Row():
        json = gr.DownloadButton(str(i18n("download.json")), elem_id="pair-json", size="md")
        markdown = gr.DownloadButton(str(i18n("download.markdown")), elem_id="pair-markdown", size="md")
    return PairSheet(scores, slider, layers, reasons, numbers, json, markdown)


def _wire(page: gr.Blocks, room: PairRoom, pairing: Pairing) -> None:
    desk, sheet, shown = room.desk, room.sheet, room.shown()
    comparing = gr.on(
        [desk.original.change, desk.generated.change],
        pairing.show,
        inputs=[desk.original, desk.generated, sheet.layers, room.kept],
        outputs=shown,
        preprocess=False,
        show_progress_on=[desk.generated],
        trigger_mode="always_last",
        concurrency_limit=2,
        concurrency_id=COMPARING,
        api_visibility="private",
    )
    comparing.then(None, js=SHOW_RESULT, api_visibility="private")
    desk.restart.click(blank, outputs=shown, queue=False, api_visibility="private")
    sheet.layers.input(
        redraw,
        inputs=[room.kept, sheet.layers],
        outputs=[sheet.slider],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    page.load(
        pairing.localise,
        outputs=[room.empty, desk.privacy, sheet.layers],
        show_progress="hidden",
        queue=False,
        api_visibility="private",
    )


def _endpoint(desk: PairDesk, pairing: Pairing) -> None:
    report = gr.JSON(visible=False)
    gr.Button(visible=False).click(
        pairing.api,
        inputs=[desk.original, desk.generated],
        outputs=[report],
        preprocess=False,
        api_name="compare",
        concurrency_limit=2,
        concurrency_id=COMPARING,
    )
