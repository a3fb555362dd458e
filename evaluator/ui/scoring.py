"""The handlers of the *Score* tab: from what the page sends to what it shows; they judge nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import gradio as gr
import pandas as pd

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.report import HEAT, draw, to_dict
from evaluator.standard import Standard
from evaluator.types import Photo, Report, Rgb
from evaluator.ui import cards, downloads, tables
from evaluator.ui.uploads import Upload, file_of, told
from evaluator.ui.voice import Voice, level
from evaluator.ui.words import Words, language_of
from evaluator.view import shrink

LAYERS = ("subject", "boxes", "thirds", "clipping")
SHOWN_LAYERS = ("subject", "boxes", "clipping")
"""The layers that are on until the reader switches them."""
EVIDENCE_SIDE = 1024
"""Longer side in pixels of the copy that the evidence is drawn on."""
FORGET_AFTER = 30 * 60.0
"""Seconds after which a page's last picture is dropped from memory."""


class Judge(Protocol):
    """What the tab needs of the evaluator."""

    def examine(self, photo: Photo, path: str = "", *, profile: str | None = None) -> Report:
        """Judge a decoded picture."""
        ...


@dataclass(frozen=True)
class Seen:
    """What a page keeps of its last picture, so that layers can be switched: a small copy and its report."""

    photo: Photo
    report: Report


class Shown(NamedTuple):
    """What one picture changes on the page, in the order of the outputs; each a value or a Gradio update."""

    picture: Any
    seen: Any
    empty: Any
    problem: Any
    result: Any
    score: Any
    evidence: Any
    heat: Any
    attributes: Any
    advice: Any
    plot: Any
    key: Any
    criteria: Any
    parts: Any
    file: Any
    json: Any
    markdown: Any


def nothing() -> Shown:
    """Return a page left as it is."""
    return Shown(*(gr.skip() for _ in Shown._fields))


def clean() -> Shown:
    """Return the page as it was at the start."""
    return nothing()._replace(
        picture=None,
        seen=None,
        empty=gr.update(visible=True),
        problem=gr.update(visible=False),
        result=gr.update(visible=False),
        evidence=None,
        heat=gr.update(value="", visible=False),
    )


@dataclass(frozen=True)
class Scoring:
    """The tab's handlers over a judge, the standard and the texts."""

    judge: Judge
    standard: Standard
    words: Words

    def voice(self, request: gr.Request | None) -> Voice:
        """Return the voice of the language that the page was asked for."""
        return Voice(self.standard, self.words, language_of(request))

    def show(
        self,
        upload: Upload | None,
        profile: str,
        layers: Sequence[str],
        seen: Seen | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio finds its progress by this default
    ) -> Shown:
        """Judge an upload and return the whole page for it; one that cannot be read gives its error.

        Where the picture was taken away, the report of the one `seen` last goes too: also one that was still
        being judged. An error stays, since it is what took the picture away.
        """
        if upload is None:
            return nothing() if seen is None else clean()
        voice = self.voice(request)
        path = Path(file_of(upload))
        if not path.is_file():
            return _problem(voice.say("problem.expired"), voice)
        try:
            progress(0.1, voice.say("progress.reading"))
            photo = decode(path, path.name)
            progress(0.3, voice.say("progress.judging"))
            report = self.judge.examine(photo, path.name, profile=profile)
            progress(0.8, voice.say("progress.drawing"))
            return self._report(photo, report, layers, voice)
        except Exception as error:
            return _problem(told(error, path.name).sentence(voice.language), voice)

    def _report(self, photo: Photo, report: Report, layers: Sequence[str], voice: Voice) -> Shown:
        seen = Seen(replace(photo, rgb=shrink(photo.rgb, EVIDENCE_SIDE), alpha=None), report)
        return Shown(
            picture=gr.skip(),
            seen=seen,
            empty=gr.update(visible=False),
            problem=gr.update(visible=False),
            result=gr.update(visible=True),
            score=cards.score(report, voice),
            evidence=redraw(seen, layers, heated(report)),
            heat=heat_choice(report, voice),
            attributes=cards.attributes(report, voice),
            advice=cards.heading(voice, "advice") + cards.advice(report, voice),
            plot=plot(report, voice),
            key=cards.key(voice),
            criteria=tables.criteria(report, voice),
            parts=tables.parts(report, voice),
            file=tables.file(report, voice),
            json=downloads.json_file(report),
            markdown=downloads.markdown_file(report, voice.language),
        )

    def api(self, upload: Upload | None, profile: str) -> dict[str, object]:
        """Return an upload's report as JSON; raises `gr.Error` with the error's own sentence.

        `path` is null, `name` the file's name: Gradio's client takes every object with a `path` for a file to
        fetch, and fails.
        """
        if upload is None:
            raise gr.Error(self.words.say("problem.no_picture", "en"), print_exception=False)
        path = Path(file_of(upload))
        try:
            report = self.judge.examine(decode(path, path.name), path.name, profile=profile)
        except EvaluatorError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {**to_dict(report), "path": None, "name": path.name}

    def localise(self, request: gr.Request) -> tuple[Any, ...]:
        """Return what Gradio's own translation does not reach: the HTML and the choices."""
        voice = self.voice(request)
        return (
            cards.empty(voice),
            cards.privacy(voice),
            gr.update(choices=profile_choices(voice)),
            gr.update(choices=layer_choices(voice)),
        )


def _problem(sentence: str, voice: Voice) -> Shown:
    card = gr.update(value=cards.problem(sentence, voice), visible=True)
    return clean()._replace(problem=card, empty=gr.update(visible=False))


def redraw(seen: Seen | None, layers: Sequence[str], heat: str | None = None) -> Rgb | None:
    """Draw the chosen layers and one attribute's heat map on the last picture; None where there is none."""
    if seen is None:
        return None
    chosen = [layer for layer in LAYERS if layer in layers]
    return draw(seen.photo, seen.report, (*chosen, HEAT + heat) if heat else chosen)


def heated(report: Report) -> str:
    """Return the attribute whose heat map is shown at first: the likeliest that was found or is in doubt."""
    maps = report.evidence.maps if report.evidence else {}
    suspected = {id: tag.probability or 0.0 for id, tag in report.tags.items() if tag.flag or tag.doubt}
    return max((id for id in suspected if id in maps), key=lambda id: suspected[id], default="")


def heat_choice(report: Report, voice: Voice) -> Any:
    """Return the heat maps that the report has as choices, hidden where it has none."""
    maps = report.evidence.maps if report.evidence else {}
    tags = [id for id in report.tags if id in maps]
    names = [(voice.tag(id), id) for id in tags]
    names += [(voice.say(f"evidence.heat_{id}"), id) for id in maps if id not in report.tags]
    choices = [(voice.say("evidence.heat_none"), ""), *names]
    return gr.update(choices=choices, value=heated(report), visible=bool(maps))


def plot(report: Report, voice: Voice) -> Any:
    """Return the criteria as bars in the standard's order, coloured by level; no bar where not judged."""
    rows = []
    for number, rule in enumerate(voice.standard.criteria, 1):
        score = report.criteria[rule.id].score if rule.id in report.criteria else None
        figure = "–" if score is None else f"{score:.1f}"
        rows.append((f"{number:02d} {rule.name.get(voice.language)} · {figure}", score or 0.0, level(score)))
    frame = pd.DataFrame(rows, columns=["criterion", "score", "level"])
    return gr.BarPlot(value=frame, x_title=voice.say("plot.score"))


def profile_choices(voice: Voice) -> list[tuple[str, str]]:
    """Return the channels as (name, id)."""
    return [(profile.name.get(voice.language), profile.id) for profile in voice.standard.profiles]


def layer_choices(voice: Voice) -> list[tuple[str, str]]:
    """Return the layers of evidence as (name, id)."""
    return [(voice.say(f"evidence.{layer}"), layer) for layer in LAYERS]
