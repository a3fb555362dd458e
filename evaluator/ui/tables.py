"""The pieces of HTML that a report is checked with: every criterion, the parts that add up, the file."""

from __future__ import annotations

from html import escape
from typing import get_args

from evaluator.standard import CriterionRule, Source
from evaluator.types import Criterion, Part, Report, Tag
from evaluator.ui.cards import STATES, state
from evaluator.ui.voice import Voice, group_scores, level, rules_of


def criteria(report: Report, voice: Voice) -> str:
    """Return all criteria by group with score and reason; one that was not judged is grey and says why."""
    groups = group_scores(report, voice.standard)
    blocks = []
    for group in voice.standard.groups:
        rules = rules_of(voice.standard, group.id)
        rows = "".join(
            _criterion(rule, report.criteria[rule.id], voice) for rule in rules if rule.id in report.criteria
        )
        name = escape(group.name.get(voice.language))
        blocks.append(f"<section><h3>{name}<span>{_figure(groups[group.id])}</span></h3><ul>{rows}</ul></section>")
    return f'<div class="v-criteria">{_who(report, voice)}{"".join(blocks)}{_tags(report, voice)}</div>'


def _who(report: Report, voice: Voice) -> str:
    """Return what the two marks on a bar mean, where both judges spoke."""
    if not any("network" in result.sources for result in report.criteria.values()):
        return ""
    marks = "".join(
        f'<span><i class="v-by v-by-{name}"></i>{voice.say(f"criteria.by_{name}")}</span>' for name in _JUDGES
    )
    return f'<p class="v-key">{marks}<span>{voice.say("criteria.by_both")}</span></p>'


_JUDGES: tuple[Source, ...] = get_args(Source)


def _marks(result: Criterion) -> str:
    """Return where on the bar each judge stands, where there is a choice of two."""
    if "network" not in result.sources:
        return ""
    return "".join(
        f'<b class="v-by v-by-{name}" style="left:{result.sources[name] / 5 * 100:.0f}%"></b>'
        for name in _JUDGES
        if name in result.sources
    )


def _criterion(rule: CriterionRule, result: Criterion, voice: Voice) -> str:
    mark = level(result.score)
    figure = voice.say("criteria.not_judged") if result.score is None else f"{result.score:.1f}"
    width = 0.0 if result.score is None else result.score / 5 * 100
    best = voice.say("criteria.looks_five", text=rule.levels.five.get(voice.language))
    worst = voice.say("criteria.looks_one", text=rule.levels.one.get(voice.language))
    asks = escape(rule.asks.get(voice.language))
    return (
        f'<li class="v-row v-{mark}"><details><summary>'
        f'<span class="v-name">{escape(rule.name.get(voice.language))}</span>'
        f'<span class="v-meter" aria-hidden="true"><i style="width:{width:.0f}%"></i>{_marks(result)}</span>'
        f'<span class="v-mark">{figure}</span>'
        f'<span class="v-reason">{escape(voice.reason(result))}</span></summary>'
        f"<p>{asks}</p><p>{escape(best)}<br>{escape(worst)}</p></details></li>"
    )


def _tags(report: Report, voice: Voice) -> str:
    if not report.tags:
        return ""
    rows = "".join(_tag(id, tag, voice) for id, tag in report.tags.items())
    return f"<section><h3>{voice.say('criteria.tags')}</h3><ul>{rows}</ul></section>"


def _tag(id: str, tag: Tag, voice: Voice) -> str:
    now = state(tag)
    mark, figure = STATES[now], voice.say("criteria.not_judged")
    if tag.probability is not None:
        key = "criteria.flagged" if now == "found" else f"criteria.{now}"
        figure = voice.say(key, probability=voice.share(tag.probability))
    return (
        f'<li class="v-row v-tag v-{mark}"><span class="v-name">{escape(voice.tag(id))}</span>'
        f'<span class="v-mark">{figure}</span><span class="v-reason">{escape(voice.reason(tag))}</span></li>'
    )


def parts(report: Report, voice: Voice) -> str:
    """Return the parts of the total as a table whose last column adds up to the score."""
    head = "".join(f"<th>{voice.say(f'parts.{key}')}</th>" for key in ("part", "score", "weight", "adds"))
    rows = "".join(
        f"<tr><td>{escape(_part_name(part, voice))}</td><td>{_figure(part.value, 2)}</td>"
        f"<td>{'' if part.weight is None else f'{part.weight * 100:.1f} %'}</td>"
        f"<td>{_signed(part.adds)}</td></tr>"
        for part in report.parts
    )
    return (
        f'<table class="v-parts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot><tr>'
        f"<td>{voice.say('parts.total')}</td><td></td><td></td><td>{report.score:.2f}</td></tr></tfoot></table>"
    )


def _part_name(part: Part, voice: Voice) -> str:
    if part.id in {rule.id for rule in voice.standard.criteria}:
        return voice.criterion(part.id)
    key = f"parts.{part.id}"
    return voice.say(key) if key in voice.words.texts else part.id


def _figure(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _signed(value: float) -> str:
    return f"{value:z.3f}".replace("-", "−")


def file(report: Report, voice: Voice) -> str:
    """Return what may be said of the file and of what judged it."""
    data = report.metadata
    origin = {True: "file.ai_yes", False: "file.ai_no", None: "file.ai_unknown"}[data.made_with_ai]
    stamp = voice.say("file.stamp_text", version=report.stamp.version, standard=report.stamp.standard)
    if report.stamp.weights:
        stamp = voice.say("file.stamp_network", stamp=stamp, weights=report.stamp.weights)
    if report.stamp.experts:
        stamp = voice.say("file.stamp_experts", stamp=stamp, experts=" · ".join(report.stamp.experts))
    facts = {
        "name": report.path or "–",
        "format": f"{data.format} · {data.mode}",
        "size": f"{data.width} × {data.height}",
        "bytes": _size(data.bytes),
        "profile": data.profile or voice.say("file.no_profile"),
        "origin": voice.say(origin),
        "stamp": stamp,
    }
    if data.frames > 1:
        facts["frames"] = str(data.frames)
    rows = "".join(
        f"<div><dt>{voice.say(f'file.{key}')}</dt><dd>{escape(text)}</dd></div>" for key, text in facts.items()
    )
    return f'<dl class="v-file">{rows}</dl>'


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1_000:.0f} kB"
