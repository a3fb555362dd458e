"""The *Pair* tab: its layout and the wiring of one pair; the handlers are in `pairing`."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from evaluator.ui import cards, pair_cards, wiring
from evaluator.ui.pair_candidates import CandidatesPane
from evaluator.ui.pair_picture import SHOWN_LAYERS
from evaluator.ui.pair_place import example_pairs, place
from evaluator.ui.pair_ranking import RankingPane
from evaluator.ui.pairing import Pairing, blank, pair_layers, redraw
from evaluator.ui.scoring import FORGET_AFTER

COMPARING = "comparing"
"""The queue that pairs wait in; two are compared at a time."""
RESULT = "#pair-scores, #pair-problem"


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
                wiring.endpoint("compare", self.pairing.api, [room.desk.original, room.desk.generated], COMPARING)
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
    wiring.judge(
        [desk.original.change, desk.generated.change],
        pairing.show,
        [desk.original, desk.generated, sheet.layers, room.kept],
        shown,
        desk.generated,
        COMPARING,
        RESULT,
    )
    desk.restart.click(blank, outputs=shown, queue=False, api_visibility="private")
    wiring.redraw([sheet.layers.input], redraw, [room.kept, sheet.layers], sheet.slider)
    wiring.localise(page, pairing.localise, [room.empty, desk.privacy, sheet.layers])
