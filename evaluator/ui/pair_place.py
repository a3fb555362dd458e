"""Where a picture of a pair is put in, and the example pairs that may be put there."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

EXAMPLES = Path(__file__).with_name("examples") / "pairs"
"""A folder for each original, with the pictures made from it beside it; those whose name begins with a digit are
shown as pairs, in the order of these digits."""
ORIGINAL = "original.webp"


def place(name: str, i18n: gr.I18n, id: str) -> gr.Image:
    """Return a place for the `original` or the `generated` picture."""
    return gr.Image(
        label=i18n(f"pair.{name}"),
        placeholder=str(i18n(f"pair.{name}_drop")),
        show_label=False,
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard"],
        height=210,
        buttons=[],
        min_width=130,
        elem_id=id,
    )


def example_pairs() -> list[tuple[Path, Path]]:
    """Return the example pairs as (original, generated) files."""
    chosen = [file for file in EXAMPLES.glob("*/*.webp") if file.stem[0].isdigit()]
    return [(file.parent / ORIGINAL, file) for file in sorted(chosen, key=lambda file: file.name)]
