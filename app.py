"""The Space: builds the services once, assembles the tabs, launches."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import lru_cache

import gradio as gr
import numpy as np

from evaluator.errors import EvaluatorError
from evaluator.experts.switched import Experts, switch_on
from evaluator.look import Looker
from evaluator.network.encoder import load_encoder
from evaluator.pipeline import EMBEDDED, Evaluator
from evaluator.settings import load_settings
from evaluator.standard import load as load_standard
from evaluator.ui.page import Tab, assemble, launch
from evaluator.ui.pair_tab import PairTab
from evaluator.ui.pairing import Pairing
from evaluator.ui.score_tab import ScoreTab
from evaluator.ui.scoring import Scoring
from evaluator.ui.words import language_of
from evaluator.ui.words import load as load_words
from styles import StyleFinder
from styles.__main__ import Judge, decoder
from styles.encode import beside_descriptor
from styles.errors import StyleError
from styles.types import Encoder
from styles.ui.styles_tab import StylesTab
from styles.ui.thumbs import sheet as thumbnails


def seeing() -> Looker | None:
    """Return the embedded network, one for all services, or None where its weights are missing or damaged."""
    try:
        EMBEDDED.card  # noqa: B018 - loads the weights
    except EvaluatorError as error:
        print(f"{error} Going on with what can be measured.")
        return None
    return EMBEDDED


def experts() -> Experts:
    """Return the pretrained models that the environment switches on; say which of them cannot be had."""
    try:
        found = switch_on(load_settings())
    except EvaluatorError as error:
        sys.exit(f"error: {error}")
    for notice in found.notices:
        print(notice)
    return found


def encoder(eyes: Looker | None, clip: Encoder | None = None) -> Encoder | None:
    """Return how styles are compared: by the descriptor and CLIP or the network, or None for the descriptor alone."""
    try:
        if clip:
            return beside_descriptor(clip)
        return beside_descriptor(load_encoder(eyes=eyes)) if eyes else None
    except EvaluatorError as error:
        print(f"{error} Going on with the descriptor alone.")
        return None


def door(evaluator: Evaluator, eyes: Looker | None = None) -> Callable[[], StyleFinder]:
    """Return what opens the styles on first use, and gives the same ones ever after."""
    seen_by = evaluator.experts.clip
    return lru_cache(maxsize=1)(
        lambda: StyleFinder(encoder=encoder(eyes, seen_by), scorer=Judge(evaluator), decode=decoder())
    )


def build(evaluator: Evaluator, styles: Callable[[], StyleFinder] | None = None) -> tuple[gr.Blocks, gr.I18n]:
    """Return the page over its services, and its labels."""
    standard, words = load_standard(), load_words()
    tabs: list[Tab] = [
        ScoreTab(Scoring(evaluator, standard, words)),
        PairTab(Pairing(evaluator, standard, words)),
        StylesTab(styles or door(evaluator), language_of, beside=("picture", "result")),
    ]
    return assemble(tabs, standard, words, [notice.public() for notice in evaluator.experts.notices])


def warm(evaluator: Evaluator, styles: Callable[[], StyleFinder] | None = None) -> None:
    """Do once what is slow the first time, so that the first visitor does not wait: judge, lay out the styles."""
    ramp = np.linspace(90, 250, 256).astype(np.uint8)
    picture = np.repeat(np.tile(ramp, (256, 1))[:, :, None], 3, axis=2)
    picture[80:200, 90:170] = (170, 60, 40)
    try:
        evaluator.score(picture)
        if styles:
            thumbnails(styles().styles())
    except (EvaluatorError, StyleError) as error:
        print(f"The warm-up failed: {error}")


def main() -> None:
    """Serve until interrupted."""
    eyes = seeing()
    evaluator = Evaluator(eyes=eyes, experts=experts())
    styles = door(evaluator, eyes)
    page, labels = build(evaluator, styles)
    launch(page, labels)
    threading.Thread(target=warm, args=(evaluator, styles), daemon=True).start()
    page.block_thread()


if __name__ == "__main__":
    main()
