"""How the parts of a tab are joined to its handlers, alike in every tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

AT_A_TIME = 2
"""How many of a queue are judged at a time."""
SHOW_RESULT = """() => {
  const result = document.querySelector("PARTS");
  if (result && innerWidth < 900) result.scrollIntoView({ behavior: "smooth" });
}"""
"""On a phone the result stands under the pictures; go there."""


def judge(
    changes: Sequence[Any],
    handler: Callable[..., Any],
    inputs: Sequence[gr.blocks.Block],
    outputs: Sequence[gr.blocks.Block],
    busy: gr.Image,
    queue: str,
    result: str,
) -> None:
    """Judge anew at any of the `changes`, in the `queue`, with progress on `busy`; then go to `result` (a selector)."""
    judging = gr.on(
        changes,
        handler,
        inputs=inputs,
        outputs=outputs,
        preprocess=False,
        show_progress_on=[busy],
        trigger_mode="always_last",
        concurrency_limit=AT_A_TIME,
        concurrency_id=queue,
        api_visibility="private",
    )
    judging.then(None, js=SHOW_RESULT.replace("PARTS", result), api_visibility="private")


def redraw(
    switches: Sequence[Any], handler: Callable[..., Any], inputs: Sequence[gr.blocks.Block], picture: gr.blocks.Block
) -> None:
    """Draw the `picture` anew when one of the `switches` is used."""
    gr.on(
        switches,
        handler,
        inputs=inputs,
        outputs=[picture],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )


def localise(page: gr.Blocks, handler: Callable[..., Any], outputs: Sequence[gr.blocks.Block]) -> None:
    """Say in the reader's language, when the page is loaded, what Gradio's own translation does not reach."""
    page.load(handler, outputs=outputs, show_progress="hidden", queue=False, api_visibility="private")


def endpoint(name: str, handler: Callable[..., Any], inputs: Sequence[gr.blocks.Block], queue: str) -> None:
    """Let other programs call the handler under a name; they wait in the same `queue` as the page."""
    report = gr.JSON(visible=False)
    gr.Button(visible=False).click(
        handler,
        inputs=inputs,
        outputs=[report],
        preprocess=False,
        api_name=name,
        concurrency_limit=AT_A_TIME,
        concurrency_id=queue,
    )
