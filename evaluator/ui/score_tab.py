"""The *Score* tab: its layout and its wiring; the handlers are in `scoring`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from evaluator.ui import cards, wiring
from evaluator.ui.scoring import (
    FORGET_AFTER,
    SHOWN_LAYERS,
    Scoring,
    clean,
    layer_choices,
    profile_choices,
    redraw,
)
from evaluator.ui.voice import LEVEL_COLOURS

EXAMPLES = Path(__file__).with_name("examples")
JUDGING = "judging"
"""The queue that pictures wait in; two are judged at a time."""
RESULT = "#score, #problem"


@dataclass(frozen=True)
class Desk:
    """Where a picture is put in."""

    picture: gr.Image
    profile: gr.Dropdown
    restart: gr.Button
    privacy: gr.HTML


@dataclass(frozen=True)
class Sheet:
    """Where its report is read."""

    score: gr.HTML
    evidence: gr.Image
    layers: gr.CheckboxGroup
    heat: gr.Radio
    attributes: gr.HTML
    advice: gr.HTML
    plot: gr.BarPlot
    key: gr.HTML
    criteria: gr.HTML
    parts: gr.HTML
    file: gr.HTML
    json: gr.DownloadButton
    markdown: gr.DownloadButton


@dataclass(frozen=True)
class Room:
    """The whole tab: the desk, what stands beside it at any time, and the sheet."""

    desk: Desk
    empty: gr.HTML
    problem: gr.HTML
    result: gr.Column
    sheet: Sheet
    seen: gr.State

    def shown(self) -> list[gr.blocks.Block]:
        """Return the outputs in the order of `scoring.Shown`."""
        s = self.sheet
        frame = [self.desk.picture, self.seen, self.empty, self.problem, self.result]
        report = [s.score, s.evidence, s.heat, s.attributes, s.advice, s.plot, s.key, s.criteria, s.parts, s.file]
        return [*frame, *report, s.json, s.markdown]


@dataclass(frozen=True)
class ScoreTab:
    """The tab over its handlers."""

    scoring: Scoring

    def translations(self) -> dict[str, dict[str, str]]:
        """Return the tab's labels by language and key."""
        return self.scoring.words.translations()

    def add(self, page: gr.Blocks, i18n: gr.I18n) -> None:
        """Build the tab inside the page's `gr.Tabs`."""
        with gr.Tab(i18n("page.score_tab"), id="score"):
            room = _room(self.scoring, i18n)
            wiring.endpoint("score", self.scoring.api, [room.desk.picture, room.desk.profile], JUDGING)
        _wire(page, room, self.scoring)


def _room(scoring: Scoring, i18n: gr.I18n) -> Room:
    with gr.Row(elem_classes="v-desk", equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes="v-input"):
            desk = _desk(scoring, i18n)
        with gr.Column(scale=9, min_width=300, elem_classes="v-output"):
            empty = gr.HTML(cards.empty(scoring.voice(None)), elem_id="empty")
            problem = gr.HTML(visible=False, elem_id="problem")
            with gr.Column(visible=False, elem_id="result") as result:
                sheet = _sheet(scoring, i18n)
    return Room(desk, empty, problem, result, sheet, gr.State(None, time_to_live=FORGET_AFTER))


def _desk(scoring: Scoring, i18n: gr.I18n) -> Desk:
    voice = scoring.voice(None)
    picture = gr.Image(
        label=i18n("input.picture"),
        placeholder=str(i18n("input.placeholder")),
        show_label=False,
        type="filepath",
        image_mode=None,
        sources=["upload", "webcam", "clipboard"],
        height=360,
        buttons=[],
        elem_id="picture",
    )
    files = [[str(file)] for file in sorted(EXAMPLES.glob("*.jpg"))]
    if files:
        gr.Examples(files, inputs=[picture], label=i18n("input.examples"), elem_id="examples", cache_examples=False)
    profile = gr.Dropdown(
        choices=profile_choices(voice),
        value=scoring.standard.profiles[0].id,
        filterable=False,
        label=i18n("input.profile"),
        info=i18n("input.profile_info"),
        elem_id="profile",
    )
    restart = gr.Button(i18n("input.clear"), elem_id="restart", size="md")
    return Desk(picture, profile, restart, gr.HTML(cards.privacy(voice)))


def _sheet(scoring: Scoring, i18n: gr.I18n) -> Sheet:
    score = gr.HTML(elem_id="score")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            evidence = gr.Image(
                label=i18n("evidence.picture"),
                show_label=False,
                format="jpeg",
                interactive=False,
                buttons=["download", "fullscreen"],
                elem_id="evidence",
            )
            layers = gr.CheckboxGroup(
                choices=layer_choices(scoring.voice(None)),
                value=list(SHOWN_LAYERS),
                label=i18n("evidence.layers"),
                elem_id="layers",
            )
            heat = gr.Radio(choices=[], value="", label=i18n("evidence.heat"), visible=False, elem_id="heat")
            attributes = gr.HTML(elem_id="attributes")
        with gr.Column(min_width=280):
            advice = gr.HTML(elem_id="advice")
    with gr.Column(elem_classes="v-plot"):
        plot, key = _plot(i18n), gr.HTML()
    with gr.Accordion(i18n("section.criteria"), open=True):
        criteria = gr.HTML(elem_id="criteria")
    with gr.Accordion(i18n("section.parts"), open=False, elem_id="adds-up"):
        parts = gr.HTML(elem_id="parts")
    with gr.Accordion(i18n("section.file"), open=False):
        file = gr.HTML(elem_id="file")
    with gr.Row():
        json = gr.DownloadButton(str(i18n("download.json")), elem_id="json", size="md")
        markdown = gr.DownloadButton(str(i18n("download.markdown")), elem_id="markdown", size="md")
    return Sheet(score, evidence, layers, heat, attributes, advice, plot, key, criteria, parts, file, json, markdown)


def _plot(i18n: gr.I18n) -> gr.BarPlot:
    return gr.BarPlot(
        x="score",
        y="criterion",
        color="level",
        color_map=LEVEL_COLOURS,
        colors_in_legend=[],
        x_lim=[0, 5],
        y_title=" ",
        x_axis_labels_visible=False,
        height=500,
        label=i18n("section.plot"),
        show_label=True,
        buttons=[],
        elem_id="plot",
    )


def _wire(page: gr.Blocks, room: Room, scoring: Scoring) -> None:
    desk, sheet, shown = room.desk, room.sheet, room.shown()
    wiring.judge(
        [desk.picture.change, desk.profile.input],
        scoring.show,
        [desk.picture, desk.profile, sheet.layers, room.seen],
        shown,
        desk.picture,
        JUDGING,
        RESULT,
    )
    desk.restart.click(clean, outputs=shown, queue=False, api_visibility="private")
    switches = [sheet.layers.input, sheet.heat.input]
    wiring.redraw(switches, redraw, [room.seen, sheet.layers, sheet.heat], sheet.evidence)
    wiring.localise(page, scoring.localise, [room.empty, desk.privacy, desk.profile, sheet.layers])
