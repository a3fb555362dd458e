"""The pane of a merchant's own styles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.events import Dependency
from gradio.utils import get_upload_folder

from styles.ui import cards
from styles.ui.keeping import Keeping
from styles.ui.words import Voice, labels

GALLERY = Path(__file__).with_name("gallery.js")
SAVE_ZIP = "() => setTimeout(() => document.querySelector('#own-zip a, a#own-zip, #own-zip')?.click(), 150)"


@dataclass(frozen=True)
class OwnPane:
    """The parts of the pane."""

    lead: gr.HTML
    form: tuple[gr.components.Component, ...]
    add: gr.Button
    told: gr.HTML
    gallery: gr.HTML
    export: gr.Button
    zip: gr.DownloadButton
    bring: gr.UploadButton

    @classmethod
    def build(cls, i18n: gr.I18n, keeping: Keeping) -> OwnPane:
        """Lay it out inside the tab's panes."""
        say = labels(i18n)
        with gr.Tab(say("tab.own"), id="own"), gr.Row(elem_classes="s-desk", equal_height=False):
            with gr.Column(scale=4, min_width=280, elem_classes="s-form"):
                lead = gr.HTML(lead_of(Voice("en")), apply_default_css=False)
                form = (
                    gr.Textbox(label=say("own.name"), max_lines=1, elem_id="own-name"),
                    gr.Textbox(label=say("own.name_zh"), max_lines=1),
                    gr.Textbox(label=say("own.words"), max_lines=1),
                    gr.File(label=say("own.pictures"), file_count="multiple", height=150, elem_id="own-pictures"),
                    gr.Checkbox(label=say("own.force")),
                )
                add = gr.Button(say("own.add"), variant="primary", elem_id="own-add")
            with gr.Column(scale=9, min_width=300, elem_classes="s-results"):
                told = gr.HTML(apply_default_css=False, elem_id="own-told")
                gallery = gr.HTML(
                    apply_default_css=False,
                    js_on_load=GALLERY.read_text(encoding="utf-8"),
                    elem_id="own-gallery",
                    min_height=120,
                )
                with gr.Row(equal_height=False):
                    export = gr.Button(say("own.export"), size="md")
                    bring = gr.UploadButton(str(say("own.import")), file_types=[".zip"], size="md")
                    zip = gr.DownloadButton("zip", elem_id="own-zip", elem_classes="s-unseen")
        return cls(lead, form, add, told, gallery, export, zip, bring)

    def wire(self, tab: gr.Tab, keeping: Keeping) -> list[Dependency]:
        """Join the parts to the handlers; return what changes the catalogue."""

        def enter(request: gr.Request) -> tuple[str, str]:
            return lead_of(keeping.voice(request)), keeping.gallery(request)

        def export(request: gr.Request) -> tuple[str, str | None]:
            return keeping.export(Path(get_upload_folder()), request)

        tab.select(enter, outputs=[self.lead, self.gallery], show_progress="hidden", api_visibility="private")
        added = self.add.click(
            keeping.add,
            inputs=list(self.form),
            outputs=[self.told, self.gallery, *self.form],
            preprocess=False,
            show_progress_on=[self.gallery],
            api_visibility="private",
        )
        self.export.click(export, outputs=[self.told, self.zip], api_visibility="private").success(
            None, js=SAVE_ZIP, api_visibility="private"
        )
        brought = self.bring.upload(
            keeping.import_styles,
            inputs=[self.bring],
            outputs=[self.told, self.gallery],
            preprocess=False,
            api_visibility="private",
        )
        return [added, brought]


def lead_of(voice: Voice) -> str:
    """Return what the pane is for, and whose the styles are that it keeps."""
    return cards.lead(voice, "own.lead") + cards.lead(voice, "own.shared")
