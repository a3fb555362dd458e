"""The Space: builds the services once, assembles the tabs, launches."""

from __future__ import annotations

import threading

import gradio as gr
import numpy as np

from evaluator.errors import EvaluatorError
from evaluator.pipeline import Evaluator
from evaluator.standard import load as load_standard
from evaluator.ui.page import Tab, assemble, launch
from evaluator.ui.score_tab import ScoreTab
from evaluator.ui.scoring import Scoring
from evaluator.ui.words import load as load_words


def build(evaluator: Evaluator) -> tuple[gr.Blocks, gr.I18n]:
    """Return the page over its services, and its labels."""
    standard, words = load_standard(), load_words()
    tabs: list[Tab] = [
        ScoreTab(Scoring(evaluator, standard, words)),
    ]
    return assemble(tabs, standard, words)


def warm(evaluator: Evaluator) -> None:
    """Judge a small picture once, so that the first visitor does not wait for what loads on first use."""
    ramp = np.linspace(90, 250, 256).astype(np.uint8)
    picture = np.repeat(np.tile(ramp, (256, 1))[:, :, None], 3, axis=2)
    picture[80:200, 90:170] = (170, 60, 40)
    try:
        evaluator.score(picture)
    except EvaluatorError as error:
        print(f"The warm-up failed: {error}")


def main() -> None:
    """Serve until interrupted."""
    evaluator = Evaluator()
    page, labels = build(evaluator)
    launch(page, labels)
    threading.Thread(target=warm, args=(evaluator,), daemon=True).start()
    page.block_thread()


if __name__ == "__main__":
    main()
