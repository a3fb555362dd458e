"""The HTML that is read first: header, empty page, a problem, the score, the advice."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from evaluator.errors import Language
from evaluator.opinion import tells_of_marks
from evaluator.types import Report, Tag
from evaluator.ui.radar import radar
from evaluator.ui.voice import LEVEL_COLOURS, Voice, group_scores, level
from evaluator.ui.words import LANGUAGES

WHOLE = "completeness"
"""The criterion that is judged wherever a subject was found."""
LANGUAGE_TAGS: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}


def header(voice: Voice) -> str:
    """Return the name, the line under it and the choice of language."""
    links = "".join(
        f'<a href="?lang={code}" lang="{LANGUAGE_TAGS[code]}"{_current(code == voice.language)}>{name}</a>'
        for code, name in LANGUAGES.items()
    )
    return (
        f'<header class="v-header"><div><h1>{voice.say("page.title")}</h1>'
        f"<p>{voice.say('page.tagline')}</p></div>"
        f'<nav aria-label="{voice.say("page.language_nav")}">{links}</nav></header>'
    )


def notice(sentence: str) -> str:
    """Return something to know before anything is judged, such as what was switched on and cannot be had."""
    return f'<p class="v-notice" role="status">{escape(sentence)}</p>'


def _current(current: bool) -> str:
    return ' aria-current="true"' if current else ""


def empty(voice: Voice, keys: str = "empty.") -> str:
    """Return what the page says before there is a picture; `keys` is what the keys of these words begin with."""
    rows = "".join(f"<li>{voice.say(f'{keys}{key}')}</li>" for key in ("one", "two", "three"))
    note = f'<p class="v-note">{voice.say(f"{keys}note")}</p>' if f"{keys}note" in voice.words.texts else ""
    return (
        f'<section class="v-empty"><h2>{voice.say(f"{keys}title")}</h2>'
        f'<p class="v-lead">{voice.say(f"{keys}lead")}</p><ol>{rows}</ol>{note}</section>'
    )


def privacy(voice: Voice) -> str:
    """Return what becomes of a picture."""
    return f'<p class="v-privacy">{voice.say("input.privacy")}</p>'


def heading(voice: Voice, key: str) -> str:
    """Return the heading of a section."""
    return f'<h2 class="v-heading">{voice.say(f"section.{key}")}</h2>'


def problem(sentence: str, voice: Voice, title: str = "problem.title") -> str:
    """Return an error's own sentence as a card under the words of `title`."""
    return (
        f'<section class="v-problem" role="alert"><h2>{voice.say(title)}</h2>'
        f'<p>{escape(sentence)}</p><p class="v-note">{voice.say("problem.again")}</p></section>'
    )


def score(report: Report, voice: Voice) -> str:
    """Return the score large, its verdict in a sentence and the radar of the groups."""
    groups = group_scores(report, voice.standard)
    axes = [(group.name.get(voice.language), groups[group.id]) for group in voice.standard.groups]
    judged = sum(result.score is not None for result in report.criteria.values())
    meta = voice.say(
        "verdict.meta",
        judged=judged,
        all=len(voice.standard.criteria),
        confidence=voice.share(report.confidence),
        profile=voice.profile(report.stamp.profile),
    )
    beside = "" if report.aesthetic is None else voice.say("verdict.aesthetic", value=f"{report.aesthetic:.1f}")
    return (
        f'<section class="v-score v-{report.verdict}"><div class="v-read">'
        f'<p class="v-number"><span>{report.score:.2f}</span>'
        f"<small>{voice.say('verdict.of_five')}</small></p>"
        f'<p class="v-verdict">{voice.say(f"verdict.{report.verdict}")}</p>'
        f'<p class="v-sentence">{_sentence(report, voice)}</p><p class="v-meta">{escape(meta)}</p>'
        f"{beside and f'<p class=v-meta>{escape(beside)}</p>'}</div>"
        f"{radar(axes, '–')}</section>{_notice(report, voice)}"
    )


def _sentence(report: Report, voice: Voice) -> str:
    judged = [(result.score, id) for id, result in report.criteria.items() if result.score is not None]
    said = voice.say(f"verdict.{report.verdict}_say")
    gap = "" if voice.language == "zh" else " "
    if report.criteria[WHOLE].score is None:
        said = voice.say("verdict.no_subject") + gap + said
    if tells_of_marks(report):
        said = voice.say("verdict.generated") + gap + said
    if len(judged) < 2:
        return escape(said)
    best, worst = max(judged), min(judged)
    if worst[0] > 4.5:
        return escape(said + gap + voice.say("verdict.all_even"))
    detail = voice.say(
        "verdict.best_worst",
        best=_inline(voice, best[1]),
        best_score=f"{best[0]:.1f}",
        worst=_inline(voice, worst[1]),
        worst_score=f"{worst[0]:.1f}",
    )
    return escape(said + gap + detail)


def _inline(voice: Voice, id: str) -> str:
    name = voice.criterion(id)
    return name[:1].lower() + name[1:]


def _notice(report: Report, voice: Voice) -> str:
    if not report.metadata.made_with_ai:
        return ""
    text = voice.say("file.ai_notice", type=report.metadata.digital_source_type or "IPTC")
    return f'<p class="v-notice">{escape(text)}</p>'


def key(voice: Voice) -> str:
    """Return what the colours of the bars mean."""
    marks = "".join(
        f'<span><i style="background:{colour}"></i>{voice.say(f"plot.{mark}")}</span>'
        for mark, colour in LEVEL_COLOURS.items()
    )
    return f'<p class="v-key">{marks}<span>{voice.say("plot.none")}</span></p>'


STATES = {"found": "weak", "doubt": "fair", "clear": "strong", "absent": "none"}
"""The level that each state of an attribute is drawn as."""


def state(tag: Tag) -> str:
    """Return `found`, `doubt`, `clear`, or `absent` for an attribute that was not judged."""
    if tag.probability is None:
        return "absent"
    return "found" if tag.flag else "doubt" if tag.doubt else "clear"


def attributes(report: Report, voice: Voice) -> str:
    """Return in plain words which abnormal attributes were looked for and what was seen."""
    if not report.tags:
        return ""
    rows = []
    for id, tag in report.tags.items():
        now = state(tag)
        said = voice.reason(tag) if now == "absent" else voice.say(f"attributes.{id}_{now}")
        figure = "" if tag.probability is None else f" · {voice.share(tag.probability)}"
        rows.append(
            f'<li class="v-{STATES[now]}"><b>{escape(voice.tag(id))}</b>'
            f'<span class="v-mark">{voice.say(f"attributes.{now}")}{figure}</span><p>{escape(said)}</p></li>'
        )
    return f'<section class="v-attributes"><h3>{voice.say("attributes.title")}</h3><ul>{"".join(rows)}</ul></section>'


def advice(report: Report, voice: Voice) -> str:
    """Return the advice as ranked cards, what gains most first."""
    if not report.advice:
        return f'<p class="v-calm">{voice.say("advice.none")}</p>'
    cards = []
    for item in report.advice:
        result = report.criteria.get(item.criterion)
        mark = level(result.score if result else None)
        gain = voice.say("advice.gain", gain=f"{item.gain:.2f}")
        cards.append(
            f'<li class="v-card v-{mark}"><p class="v-card-head">'
            f"<b>{escape(voice.criterion(item.criterion))}</b><span>{gain}</span></p><p>{escape(voice.advice(item))}</p></li>"
        )
    return f'<ol class="v-advice">{"".join(cards)}</ol>'
