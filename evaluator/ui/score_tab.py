"""The *Score* tab: its layout and its wiring; the handlers are in `scoring`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from evaluator.ui import cards
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


@dataclass(frozen=True)
class ScoreParts:
    """The components that events read or write."""

    picture: gr.Image
    profile: gr.Dropdown
    restart: gr.Button
    privacy: gr.HTML
    seen: gr.State
    empty: gr.HTML
    problem: gr.HTML
    result: gr.Column
    score: gr.HTML
    layers: gr.CheckboxGroup
    evidence: gr.Image
    advice: gr.HTML
    plot: gr.BarPlot
    key: gr.HTML
    criteria: gr.HTML
    parts: gr.HTML
    file: gr.HTML
    json: gr.DownloadButton
    markdown: gr.DownloadButton

    def shown(self) -> list[gr.blocks.Block]:
        """Return the outputs in the order of `scoring.Shown`."""
        return [
            self.picture,
            self.seen,
            self.empty,
            self.problem,
            self.result,
            self.score,
            self.evidence,
            self.advice,
            self.plot,
            self.key,
            self.criteria,
            self.parts,
            self.file,
            self.json,
            self.markdown,
        ]


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
            parts = _layout(self.scoring, i18n)
            _endpoint(parts, self.scoring)
        _wire(page, parts, self.scoring)


def _layout(scoring: Scoring, i18n: gr.I18n) -> ScoreParts:
    voice = scoring.voice(None)
    with gr.Row(elem_classes="v-desk", equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes="v-input"):
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
            profile = gr.Dropdown(
                choices=profile_choices(voice),
                value=scoring.standard.profiles[0].id,
                filterable=False,
                label=i18n("input.profile"),
                info=i18n("input.profile_info"),
                elem_id="profile",
            )
            files = [[str(file)] for file in sorted(EXAMPLES.glob("*.jpg"))]
            if files:
                gr.Examples(
                    files,
                    inputs=[picture],
                    label=i18n("input.examples"),
                    elem_id="examples",
                    examples_per_page=12,
                    cache_examples=False,
                )
            restart = gr.Button(i18n("input.clear"), elem_id="restart", size="md")
            privacy = gr.HTML(cards.privacy(voice))
        with gr.Column(scale=9, min_width=300, elem_classes="v-output"):
            empty = gr.HTML(cards.empty(voice), elem_id="empty")
            problem = gr.HTML(visible=False, elem_id="problem")
            with gr.Column(visible=False, elem_id="result") as result:
                outputs = _result(scoring, i18n)
    seen = gr.State(None, time_to_live=FORGET_AFTER)
    return ScoreParts(picture, profile, restart, privacy, seen, empty, problem, result, *outputs)


def _result(
    scoring: Scoring, i18n: gr.I18n
) -> tuple[
    gr.HTML,
    gr.CheckboxGroup,
    gr.Image,
    gr.HTML,
    gr.BarPlot,
    gr.HTML,
    gr.HTML,
    gr.HTML,
    gr.HTML,
    gr.DownloadButton,
    gr.DownloadButton,
]:
    score = gr.HTML(elem_id="score")
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=280):
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
        with gr.Column(scale=1, min_width=280):
            advice = gr.HTML(elem_id="advice")
    with gr.Column(elem_classes="v-plot"):
        plot = gr.BarPlot(
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
        key = gr.HTML()
    with gr.Accordion(i18n("section.criteria"), open=True):
        criteria = gr.HTML(elem_id="criteria")
    with gr.Accordion(i18n("section.parts"), open=False, elem_id="adds-up"):
        parts = gr.HTML(elem_id="parts")
    with gr.Accordion(i18n("section.file"), open=False):
        file = gr.HTML(elem_id="file")
    with gr.Row(elem_classes="v-take"):
        json = gr.DownloadButton(str(i18n("download.json")), elem_id="json", size="md")
        markdown = gr.DownloadButton(str(i18n("download.markdown")), elem_id="markdown", size="md")
    return score, layers, evidence, advice, plot, key, criteria, parts, file, json, markdown


def _wire(page: gr.Blocks, parts: ScoreParts, scoring: Scoring) -> None:
    shown = parts.shown()
    judging = gr.on(
        [parts.picture.change, parts.profile.input],
        scoring.show,
        inputs=[parts.picture, parts.profile, parts.layers],
        outputs=shown,
        preprocess=False,
        show_progress_on=[parts.picture],
        trigger_mode="always_last",
        concurrency_limit=2,
        concurrency_id=JUDGING,
        api_visibility="private",
    )
    gr.on(
        [parts.restart.click, parts.picture.clear],
        clean,
        outputs=shown,
        cancels=[judging],
        queue=False,
        api_visibility="private",
    )
    parts.layers.input(
        redraw,
        inputs=[parts.seen, parts.layers],
        outputs=[parts.evidence],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    page.load(
        scoring.localise,
        outputs=[parts.empty, parts.privacy, parts.profile, parts.layers],
        show_progress="hidden",
        queue=False,
        api_visibility="private",
    )


def _endpoint(parts: ScoreParts, scoring: Scoring) -> None:
    report = gr.JSON(visible=False)
    gr.Button(visible=False).click(
        scoring.api,
        inputs=[parts.picture, parts.profile],
        outputs=[report],
        preprocess=False,
        api_name="score",
        concurrency_limit=2,
        concurrency_id=JUDGING,
    )
