"""The pane of the *Pair* tab with many candidates of one original: its layout and wiring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from evaluator.ui import pair_grid, wiring
from evaluator.ui.pair_place import EXAMPLES, ORIGINAL, place
from evaluator.ui.pair_ranking import RankingPane
from evaluator.ui.scoring import FORGET_AFTER

CARDS = Path(__file__).with_name("pair_grid.js")
SET = "can"
"""The folder of examples with the most candidates of one original."""
RANKING = "ranking"
"""The queue that sets of candidates wait in; two are compared at a time."""


@dataclass(frozen=True)
class CandidatesPane:
    """The parts of the pane; `shown` are the outputs in the order of `RankShown`."""

    original: gr.Image
    candidates: gr.File
    start: gr.Button
    stop: gr.Button
    example: gr.Button
    restart: gr.Button
    ranking: gr.State
    empty: gr.HTML
    problem: gr.HTML
    result: gr.Column
    summary: gr.HTML
    grid: gr.HTML
    files: gr.Row
    json: gr.DownloadButton
    csv: gr.DownloadButton

    @classmethod
    def build(cls, ranking: RankingPane, i18n: gr.I18n) -> CandidatesPane:
        """Build the pane inside its tab."""
        with gr.Row(elem_classes="v-desk", equal_height=False):
            with gr.Column(scale=4, min_width=300, elem_classes="v-input"):
                original = place("original", i18n, "rank-original")
                candidates = gr.File(
                    label=i18n("pair.candidates"),
                    file_count="multiple",
                    file_types=["image"],
                    height=180,
                    elem_id="rank-candidates",
                )
                start = gr.Button(i18n("pair.rank_start"), variant="primary", elem_id="rank-start", size="md")
                stop = gr.Button(i18n("pair.rank_stop"), visible=False, elem_id="rank-stop", size="md")
                example = gr.Button(i18n("pair.rank_example"), elem_id="rank-example", size="md")
                restart = gr.Button(i18n("input.clear"), elem_id="rank-restart", size="md")
            with gr.Column(scale=9, min_width=300, elem_classes="v-output"):
                empty = gr.HTML(pair_grid.empty(ranking.pairing.voice(None)), elem_id="rank-empty")
                problem = gr.HTML(visible=False, elem_id="rank-problem")
                with gr.Column(visible=False, elem_id="rank-result", elem_classes="p-result") as result:
                    summary = gr.HTML(elem_id="rank-summary")
                    grid = gr.HTML(js_on_load=CARDS.read_text(encoding="utf-8"), elem_id="rank-grid")
                    with gr.Row(visible=False) as files:
                        json = gr.DownloadButton(str(i18n("pair.rank_json")), elem_id="rank-json", size="md")
                        csv = gr.DownloadButton(str(i18n("pair.rank_csv")), elem_id="rank-csv", size="md")
        kept = gr.State(None, time_to_live=FORGET_AFTER)
        inputs = (original, candidates, start, stop, example, restart, kept)
        return cls(*inputs, empty, problem, result, summary, grid, files, json, csv)

    def shown(self) -> list[gr.blocks.Block]:
        """Return the outputs in the order of `RankShown`."""
        frame = [self.ranking, self.empty, self.problem, self.result, self.summary, self.grid]
        return [*frame, self.start, self.stop, self.files, self.json, self.csv]

    def wire(self, page: gr.Blocks, ranking: RankingPane, pair: tuple[gr.Image, gr.Image], panes: gr.Tabs) -> None:
        """Join the parts to the handlers; a candidate that is clicked becomes the `pair` of the other pane."""
        inputs, shown = [self.original, self.candidates], self.shown()
        self.start.click(
            ranking.run,
            inputs=inputs,
            outputs=shown,
            preprocess=False,
            show_progress="hidden",
            concurrency_limit=2,
            concurrency_id=RANKING,
            api_visibility="private",
        )
        self.stop.click(
            ranking.stop,
            outputs=[self.stop],
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        self.restart.click(ranking.restart, outputs=[*inputs, *shown], queue=False, api_visibility="private")
        self.example.click(_ours, outputs=inputs, show_progress="hidden", api_visibility="private")
        self.grid.click(
            ranking.closer,
            inputs=[self.ranking],
            outputs=[*pair, panes],
            show_progress="hidden",
            api_visibility="private",
        )
        wiring.localise(page, ranking.localise, [self.empty])


def _ours() -> tuple[str, list[str]]:
    """Return the example's original and its candidates."""
    folder = EXAMPLES / SET
    return str(folder / ORIGINAL), [str(file) for file in sorted(folder.glob("*.webp")) if file.name != ORIGINAL]
