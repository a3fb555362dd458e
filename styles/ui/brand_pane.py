"""The pane of the brands: what a brand is made of, what was learnt, and the judge of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from styles.ui import cards
from styles.ui.branding import Branding
from styles.ui.colour_picker import colour_picker
from styles.ui.words import Voice, labels

MOST_COLOURS = 6


@dataclass(frozen=True)
class BrandPane:
    """The parts of the pane over its handlers."""

    branding: Branding
    lead: gr.HTML
    chosen: gr.Dropdown
    name: gr.Textbox
    pictures: gr.File
    colours: gr.HTML
    words: gr.Textbox
    save: gr.Button
    delete: gr.Button
    confirm: gr.Row
    yes: gr.Button
    keep: gr.Button
    told: gr.HTML
    card: gr.HTML
    uses: gr.Column
    find: gr.Button
    check: gr.File
    fit: gr.HTML

    @classmethod
    def build(cls, i18n: gr.I18n, branding: Branding) -> BrandPane:
        """Lay it out inside the tab's panes."""
        say = labels(i18n)
        with gr.Tab(say("tab.brands"), id="brands"), gr.Row(elem_classes="s-desk", equal_height=False):
            with gr.Column(scale=4, min_width=280, elem_classes="s-form"):
                lead = gr.HTML(cards.lead(Voice("en"), "brand.lead"), apply_default_css=False)
                chosen = gr.Dropdown(choices=[("", "")], value="", label=say("brand.choose"), elem_id="brand-chosen")
                name = gr.Textbox(label=say("brand.name"), max_lines=1, elem_id="brand-name")
                pictures = gr.File(
                    label=say("brand.pictures"), file_count="multiple", height=150, elem_id="brand-pictures"
                )
                colours = colour_picker(say("brand.colours"), MOST_COLOURS, "brand-colours")
                words = gr.Textbox(label=say("brand.words"), max_lines=1)
                save = gr.Button(say("brand.save"), variant="primary", elem_id="brand-save")
                delete = gr.Button(say("brand.delete"), size="md", visible=False)
                with gr.Row(visible=False) as confirm:
                    yes = gr.Button(say("own.confirm"), variant="stop")
                    keep = gr.Button(say("own.keep"))
            with gr.Column(scale=9, min_width=300, elem_classes="s-results"):
                told = gr.HTML(apply_default_css=False, elem_id="brand-told")
                card = gr.HTML(cards.lead(Voice("en"), "brand.none"), apply_default_css=False, elem_id="brand-card")
                with gr.Column(visible=False, elem_classes="s-results") as uses:
                    find = gr.Button(say("brand.find"), size="md", elem_id="brand-find")
                    check = gr.File(label=say("brand.check"), height=120, elem_id="brand-check")
                    fit = gr.HTML(apply_default_css=False, elem_id="brand-fit")
        return cls(
            branding, lead, chosen, name, pictures, colours, words, save, delete, confirm, yes, keep, told, card, uses,
            find, check, fit,
        )  # fmt: skip

    def wire(self, tab: gr.Tab, everywhere: gr.Dropdown, panes: gr.Tabs) -> None:
        """Join the parts to the handlers; `everywhere` is the gallery's choice of a brand."""
        handlers = self.branding
        learnt = [self.card, self.uses, self.delete]

        tab.select(
            handlers.enter,
            inputs=[self.chosen],
            outputs=[self.lead, self.chosen, self.card],
            show_progress="hidden",
            api_visibility="private",
        )
        self.chosen.input(
            handlers.choose,
            inputs=[self.chosen],
            outputs=[self.name, self.pictures, self.colours, self.words, *learnt],
            show_progress="hidden",
            api_visibility="private",
        )
        saved = [self.told, self.chosen, everywhere, *learnt]
        self.save.click(
            handlers.save,
            inputs=[self.chosen, self.name, self.pictures, self.colours, self.words],
            outputs=saved,
            preprocess=False,
            show_progress_on=[self.card],
            api_visibility="private",
        )
        self.delete.click(shown, outputs=[self.confirm], queue=False, api_visibility="private")
        self.keep.click(hidden, outputs=[self.confirm], queue=False, api_visibility="private")
        self.yes.click(handlers.remove, inputs=[self.chosen], outputs=saved, api_visibility="private").then(
            hidden, outputs=[self.confirm], queue=False, api_visibility="private"
        )
        gr.on(
            [self.check.change, self.chosen.input],
            handlers.judge,
            inputs=[self.chosen, self.check],
            outputs=[self.fit],
            preprocess=False,
            api_visibility="private",
        )
        self.find.click(to_gallery, inputs=[self.chosen], outputs=[everywhere, panes], api_visibility="private")


def shown() -> object:
    """Show what was hidden."""
    return gr.update(visible=True)


def hidden() -> object:
    """Hide what was shown."""
    return gr.update(visible=False)


def to_gallery(chosen: str) -> tuple[str, object]:
    """Choose the brand in the gallery, and go there."""
    return chosen, gr.update(selected="explore")
