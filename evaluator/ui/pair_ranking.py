"""The handlers for many candidates of one original: compared one by one, ranked as they come; they judge nothing."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from evaluator.decode import decode
from evaluator.errors import EvaluatorError
from evaluator.pair.report import ranked
from evaluator.pair.types import PairReport
from evaluator.types import Failure
from evaluator.ui import pair_cards, pair_files, pair_grid
from evaluator.ui.pair_picture import thumbnail
from evaluator.ui.pairing import Pairing, named
from evaluator.ui.uploads import Upload, file_of, told
from evaluator.ui.voice import Voice

MOST = 30
"""Most candidates at a time."""


@dataclass(frozen=True)
class Candidate:
    """One generated picture: its file, and its report with a small picture, or why there is none."""

    file: str
    report: PairReport | None = None
    thumb: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class Ranking:
    """What a page keeps of its candidates: the original, how many there are, and those that are done."""

    original: str = ""
    total: int = 0
    done: tuple[Candidate, ...] = ()

    def order(self) -> list[Candidate]:
        """Return the candidates that could be compared, best first."""
        known = {id(one.report): one for one in self.done if one.report}
        return [known[id(report)] for report in ranked(one.report for one in self.done if one.report)]

    def reports(self) -> list[PairReport]:
        """Return their reports, best first."""
        return [one.report for one in self.order() if one.report]

    def failures(self) -> list[Failure]:
        """Return why the others could not be compared."""
        return [one.failure for one in self.done if one.failure]


class RankShown(NamedTuple):
    """What the candidates change on the page, in the order of the outputs; each a value or a Gradio update."""

    ranking: Any
    empty: Any
    problem: Any
    result: Any
    summary: Any
    grid: Any
    start: Any
    stop: Any
    files: Any
    json: Any
    csv: Any


def still() -> RankShown:
    """Return a page left as it is."""
    return RankShown(*(gr.skip() for _ in RankShown._fields))


@dataclass(frozen=True)
class RankingPane:
    """The handlers over those of one pair.

    `running` has what each page with a run under way wants of it: `go`, `stop` or `forget`. A run asks before each
    candidate; Gradio's own way to cancel would leave an error on the page.
    """

    pairing: Pairing
    running: dict[str, str] = field(default_factory=dict)

    def run(
        self, original: Upload | None, candidates: Sequence[Upload] | None, request: gr.Request
    ) -> Generator[RankShown]:
        """Compare the candidates one by one and yield the page after each; one that cannot be read is listed."""
        voice = self.pairing.voice(request)
        files = [file_of(each) for each in candidates or ()]
        first = file_of(original)
        wrong = self._amiss(first, len(files), voice)
        if wrong:
            yield _wrong(wrong, voice)
            return
        page, ranking = _page(request), Ranking(first, len(files))
        self.running[page] = "go"
        try:
            yield self._running(ranking, voice)
            for file in files:
                if self.running[page] != "go":
                    break
                ranking = replace(ranking, done=(*ranking.done, self._compared(first, file, voice)))
                if len(ranking.done) < ranking.total and self.running[page] == "go":
                    yield self._running(ranking, voice)
            yield fresh() if self.running[page] == "forget" else self._ended(ranking, voice)
        finally:
            self.running.pop(page, None)

    def _amiss(self, original: str, count: int, voice: Voice) -> str:
        """Return what is wrong with the original or the number of candidates, "" where nothing is."""
        if not original or not count:
            return voice.say("pair.rank_missing_candidates" if original else "pair.rank_missing_original")
        if count > MOST:
            return voice.say("pair.rank_too_many", most=MOST, count=count)
        if not Path(original).is_file():
            return voice.say("problem.expired")
        try:
            decode(original, Path(original).name)
        except EvaluatorError as error:
            return error.sentence(voice.language)
        return ""

    def stop(self, request: gr.Request) -> Any:
        """Have the page's run end after the candidate it is at; return the button that says so."""
        self._want("stop", request)
        return gr.update(interactive=False)

    def restart(self, request: gr.Request) -> tuple[Any, ...]:
        """Return the pane as it was at the start, both inputs first; a run under way is forgotten."""
        self._want("forget", request)
        return (None, None, *fresh())

    def _want(self, wish: str, request: gr.Request) -> None:
        page = _page(request)
        if page in self.running:
            self.running[page] = wish

    def closer(self, ranking: Ranking | None, event: gr.EventData) -> tuple[Any, Any, Any]:
        """Return the original and the candidate that was clicked as a pair, and the pane that shows pairs."""
        at = str(getattr(event, "candidate", ""))
        order = ranking.order() if ranking else []
        if ranking is None or not at.isdigit() or int(at) >= len(order):
            return gr.skip(), gr.skip(), gr.skip()
        return ranking.original, order[int(at)].file, gr.update(selected="pair-one")

    def localise(self, request: gr.Request) -> str:
        """Return the pane's words before there are candidates."""
        return pair_grid.empty(self.pairing.voice(request))

    def _compared(self, original: str, file: str, voice: Voice) -> Candidate:
        path = Path(file)
        try:
            if not path.is_file():
                expired = self.pairing.words.texts["problem.expired"]
                return Candidate(file, failure=Failure(path.name, "FileMissing", expired["en"], expired["zh"]))
            thumb = thumbnail(decode(path, path.name).rgb)
            return Candidate(file, named(self.pairing.judge.compare(original, file), (original, file)), thumb)
        except Exception as error:
            known = told(error, path.name)
            return Candidate(file, failure=Failure(path.name, known.type, known.sentence("en"), known.sentence("zh")))

    def _running(self, ranking: Ranking, voice: Voice) -> RankShown:
        return still()._replace(
            ranking=ranking,
            empty=gr.update(visible=False),
            problem=gr.update(visible=False),
            result=gr.update(visible=True),
            summary=_summary(ranking, True, voice),
            grid=_grid(ranking, voice),
            start=gr.update(visible=False),
            stop=gr.update(visible=True, interactive=True),
            files=gr.update(visible=False),
        )

    def _ended(self, ranking: Ranking, voice: Voice) -> RankShown:
        reports, failures, name = ranking.reports(), ranking.failures(), Path(ranking.original).name
        return self._running(ranking, voice)._replace(
            summary=_summary(ranking, False, voice),
            start=gr.update(visible=True),
            stop=gr.update(visible=False),
            files=gr.update(visible=bool(ranking.done)),
            json=pair_files.ranking_json(name, reports, failures),
            csv=pair_files.ranking_csv(name, reports, failures, voice),
        )


def _page(request: gr.Request) -> str:
    return str(getattr(request, "session_hash", None))


def fresh() -> RankShown:
    """Return the pane as it was at the start."""
    return RankShown(
        ranking=None,
        empty=gr.update(visible=True),
        problem=gr.update(visible=False),
        result=gr.update(visible=False),
        summary="",
        grid="",
        start=gr.update(visible=True),
        stop=gr.update(visible=False),
        files=gr.update(visible=False),
        json=gr.skip(),
        csv=gr.skip(),
    )


def _summary(ranking: Ranking, running: bool, voice: Voice) -> str:
    return pair_grid.summary(ranking.reports(), len(ranking.done), ranking.total, running, voice)


def _grid(ranking: Ranking, voice: Voice) -> str:
    shown = [(one.report, one.thumb) for one in ranking.order() if one.report]
    return pair_grid.grid(shown, ranking.failures(), voice)


def _wrong(sentence: str, voice: Voice) -> RankShown:
    return still()._replace(
        ranking=None,
        empty=gr.update(visible=False),
        problem=gr.update(value=pair_cards.problem(sentence, voice), visible=True),
        result=gr.update(visible=False),
        start=gr.update(visible=True),
        stop=gr.update(visible=False),
    )
