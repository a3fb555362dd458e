"""The detail of a style over the page, and what may be done with one of the merchant's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.events import Dependency

from styles.ui.exploring import Exploring
from styles.ui.keeping import Keeping
from styles.ui.words import PREFIX

SHEET = Path(__file__).with_name("sheet.js")


@dataclass(frozen=True)
class Overlay:
    """The parts of the detail."""

    sheet: gr.HTML
    actions: gr.Column
    id: gr.State
    name: gr.Textbox
    rename: gr.Button
    delete: gr.Button
    confirm: gr.Row
    yes: gr.Button
    keep: gr.Button
    told: gr.HTML

    @classmethod
    def build(cls, i18n: gr.I18n) -> Overlay:
        """Lay it out; it is unseen while the sheet is empty."""
        with gr.Column(elem_id="style-detail"):
            sheet = gr.HTML(
                "", apply_default_css=False, js_on_load=SHEET.read_text(encoding="utf-8"), elem_id="style-sheet"
            )
            with gr.Column(visible=False, elem_classes="s-actions") as actions:
                told = gr.HTML(apply_default_css=False)
                with gr.Row(equal_height=False):
                    name = gr.Textbox(label=i18n(PREFIX + "own.name"), max_lines=1, scale=3, elem_id="own-new-name")
                    rename = gr.Button(i18n(PREFIX + "own.rename"), scale=1, elem_id="own-rename")
                    delete = gr.Button(i18n(PREFIX + "own.delete"), scale=1, elem_id="own-delete")
                with gr.Row(visible=False) as confirm:
                    yes = gr.Button(i18n(PREFIX + "own.confirm"), variant="stop", elem_id="own-delete-yes")
                    keep = gr.Button(i18n(PREFIX + "own.keep"))
        return cls(sheet, actions, gr.State(""), name, rename, delete, confirm, yes, keep, told)

    def wire(
        self, openers: Sequence[gr.HTML], exploring: Exploring, keeping: Keeping, own_gallery: gr.HTML
    ) -> list[Dependency]:
        """Open it from every gallery and from its own similar styles; return what changes the catalogue."""
        for each in (*openers, self.sheet):
            each.click(
                exploring.open,
                outputs=[self.sheet, self.actions, self.id, self.name],
                show_progress="hidden",
                api_visibility="private",
            ).then(unasked, outputs=[self.confirm, self.told], queue=False, api_visibility="private")
        renamed = self.rename.click(
            keeping.rename, inputs=[self.id, self.name], outputs=[self.told, own_gallery], api_visibility="private"
        )
        renamed.then(
            exploring.reopen,
            inputs=[self.id],
            outputs=[self.sheet, self.actions, self.id, self.name],
            show_progress="hidden",
            api_visibility="private",
        )
        self.delete.click(asked, outputs=[self.confirm], queue=False, api_visibility="private")
        self.keep.click(unasked, outputs=[self.confirm, self.told], queue=False, api_visibility="private")
        removed = self.yes.click(
            keeping.remove,
            inputs=[self.id],
            outputs=[self.told, own_gallery, self.sheet],
            api_visibility="private",
        )
        return [renamed, removed]


def asked() -> object:
    """Show the question whether to delete."""
    return gr.update(visible=True)


def unasked() -> tuple[object, str]:
    """Hide the question, and what was told before."""
    return gr.update(visible=False), ""
