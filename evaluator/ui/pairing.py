"""The handlers for one pair: from the two pictures that the page sends to what it shows; they judge nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import gradio as gr

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.pair.report import to_dict
from evaluator.pair.types import PairReport
from evaluator.standard import Standard
from evaluator.types import Rgb
from evaluator.ui import cards, pair_cards, pair_files
from evaluator.ui.pair_picture import LAYERS, PairSeen, layered, small
from evaluator.ui.uploads import Upload, file_of, told
from evaluator.ui.voice import Voice
from evaluator.ui.words import Words, language_of


class PairJudge(Protocol):
    """What the tab needs of the evaluator."""

    def compare(self, original: str | Path, generated: str | Path) -> PairReport:
        """Compare two files."""
        ...


@dataclass(frozen=True)
class Kept:
    """What a page keeps: the two files it showed last ("" for none), and their pair where it could be judged."""

    files: tuple[str, str] = ("", "")
    pair: PairSeen | None = None


class PairShown(NamedTuple):
    """What one pair changes on the page, in the order of the outputs; each a value or a Gradio update."""

    original: Any
    generated: Any
    kept: Any
    empty: Any
    problem: Any
    result: Any
    scores: Any
    slider: Any
    reasons: Any
    numbers: Any
    json: Any
    markdown: Any


def untouched() -> PairShown:
    """Return a page left as it is."""
    return PairShown(*(gr.skip() for _ in PairShown._fields))


def blank() -> PairShown:
    """Return the page as it was at the start."""
    return untouched()._replace(
        original=None,
        generated=None,
        kept=Kept(),
        empty=gr.update(visible=True),
        problem=gr.update(visible=False),
        result=gr.update(visible=False),
        slider=None,
    )


@dataclass(frozen=True)
class Pairing:
    """The handlers over a judge, the standard and the texts."""

    judge: PairJudge
    standard: Standard
    words: Words

    def voice(self, request: gr.Request | None) -> Voice:
        """Return the voice of the language that the page was asked for."""
        return Voice(self.standard, self.words, language_of(request))

    def show(
        self,
        original: Upload | None,
        generated: Upload | None,
        layers: Sequence[str],
        kept: Kept | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds its progress by this default
    ) -> PairShown:
        """Compare two uploads and return the whole page for them; one alone gives a word on what is missing.

        The page reports each picture by itself: the same two files are judged once, and a picture that an error
        took away does not take the error with it.
        """
        files = (file_of(original), file_of(generated))
        if files == (kept or Kept()).files:
            return untouched()
        voice = self.voice(request)
        if not (files[0] and files[1]):
            return self._waiting(files, voice) if any(files) else blank()
        gone = [number for number, file in enumerate(files) if not Path(file).is_file()]
        if gone:
            return _problem(voice.say("problem.expired"), files, gone[0], voice)
        pictures: list[Rgb] = []
        try:
            for number, file in enumerate(files):
                progress(0.1 + 0.1 * number, voice.say("pair.reading"))
                pictures.append(small(decode(file, Path(file).name).rgb))
        except EvaluatorError as error:
            return _problem(error.sentence(voice.language), files, len(pictures), voice)
        try:
            progress(0.4, voice.say("pair.comparing"))
            report = named(self.judge.compare(*files), files)
            progress(0.9, voice.say("progress.drawing"))
            return self._report(PairSeen(pictures[0], pictures[1], report), files, layers, voice)
        except Exception as error:
            return _problem(told(error, Path(files[1]).name).sentence(voice.language), files, 1, voice)

    def _waiting(self, files: tuple[str, str], voice: Voice) -> PairShown:
        card = pair_cards.waiting("generated" if files[0] else "original", voice)
        return blank()._replace(
            original=gr.skip(),
            generated=gr.skip(),
            kept=Kept(files),
            empty=gr.update(visible=False),
            problem=gr.update(value=card, visible=True),
        )

    def _report(self, seen: PairSeen, files: tuple[str, str], layers: Sequence[str], voice: Voice) -> PairShown:
        return untouched()._replace(
            kept=Kept(files, seen),
            empty=gr.update(visible=False),
            problem=gr.update(visible=False),
            result=gr.update(visible=True),
            scores=pair_cards.scores(seen.report, voice),
            slider=layered(seen, layers),
            reasons=pair_cards.reasons(seen.report, voice),
            numbers=pair_cards.numbers(seen.report, voice),
            json=pair_files.json_file(seen.report),
            markdown=pair_files.markdown_file(seen.report, voice),
        )

    def api(self, original: Upload | None, generated: Upload | None) -> dict[str, object]:
        """Return the comparison of two uploads as JSON; raises `gr.Error` with the error's own sentence."""
        files = (file_of(original), file_of(generated))
        for name, file in zip(("original", "generated"), files, strict=True):
            if not file:
                raise gr.Error(self.words.say(f"pair.api_{name}", "en"), print_exception=False)
        try:
            return to_dict(named(self.judge.compare(*files), files))
        except EvaluatorError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def localise(self, request: gr.Request) -> tuple[Any, ...]:
        """Return what Gradio's own translation does not reach: the HTML and the choices."""
        voice = self.voice(request)
        return pair_cards.empty(voice), cards.privacy(voice), gr.update(choices=pair_layers(voice))


def named(report: PairReport, files: tuple[str, str]) -> PairReport:
    """Return the report with the files' names in place of their paths: no path of the server leaves it."""
    return replace(report, original=Path(files[0]).name, generated=Path(files[1]).name)


def pair_layers(voice: Voice) -> list[tuple[str, str]]:
    """Return the layers of a pair's evidence as (name, id)."""
    return [(voice.say(f"pair.layer_{layer}"), layer) for layer in LAYERS]


def redraw(kept: Kept | None, layers: Sequence[str]) -> tuple[Rgb, Rgb] | None:
    """Draw the chosen layers on the last pair; None where there is none."""
    return layered(kept.pair if kept else None, layers)


def _problem(sentence: str, files: tuple[str, str], at: int, voice: Voice) -> PairShown:
    """Return an error's sentence and take its picture (0 the original, 1 the generated one) from the page."""
    original, generated = (None if number == at else gr.skip() for number in (0, 1))
    left = ("" if at == 0 else files[0], "" if at == 1 else files[1])
    return blank()._replace(
        original=original,
        generated=generated,
        kept=Kept(left),
        empty=gr.update(visible=False),
        problem=gr.update(value=pair_cards.problem(sentence, voice), visible=True),
    )
