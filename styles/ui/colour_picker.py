"""A row of colours to pick from, as one control."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from styles.ui.words import texts

SCRIPT = Path(__file__).with_name("colours.js")
_SAID = ("add", "remove", "pick")


def colour_picker(label: Any, most: int, id: str) -> gr.HTML:
    """Return the control; its value is the list of up to `most` colours that are picked, as #RRGGBB."""
    said = {language: {key: texts()[f"colour.{key}"][language] for key in _SAID} for language in ("en", "zh")}
    return gr.HTML(
        [],
        label=label,
        show_label=True,
        apply_default_css=False,
        html_template='<div class="s-colours"></div>',
        js_on_load=SCRIPT.read_text(encoding="utf-8"),
        container=True,
        elem_id=id,
        elem_classes="s-colour-field",
        most=most,
        said=said,
    )
