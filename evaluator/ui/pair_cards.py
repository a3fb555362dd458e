"""The HTML of a pair: both scores with the verdict, the reasons, the figures they come from."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from evaluator.pair.types import PairReport, Reason
from evaluator.ui import cards
from evaluator.ui.voice import Voice, level

REASON_LEVELS: Mapping[str, str] = {
    "unchanged": "strong",
    "background_good": "strong",
    "background_unsure": "fair",
    "background_part": "fair",
    "marked": "fair",
    "whole": "none",
    "background_unknown": "none",
    "background_stale": "none",
    "background_unlearned": "none",
    "no_original": "none",
    "no_generated": "none",
}
"""The level that a reason is drawn as; any other tells of a fault."""


def figure(score: float | None) -> str:
    """Return a score of 0–100 as a whole number, or a dash."""
    return "–" if score is None else f"{score:.0f}"


def said(reason: Reason, voice: Voice) -> str:
    """Return a reason in the voice's language."""
    return reason.zh if voice.language == "zh" else reason.en


def verdict_name(report: PairReport, voice: Voice) -> str:
    """Return the verdict's name, also where there is none."""
    return voice.say(f"verdict.{report.verdict}" if report.verdict else "pair.no_verdict")


def sentence(report: PairReport, voice: Voice) -> str:
    """Return in a line what is known of the product, and what to do."""
    state = voice.say(f"pair.state_{report.consistency.state}")
    advice = voice.say(f"pair.{report.verdict}_say" if report.verdict else "pair.none_say")
    return state + ("" if voice.language == "zh" else " ") + advice


def empty(voice: Voice) -> str:
    """Return what the page says before there is a pair."""
    return cards.empty(voice, "pair.empty_")


def waiting(missing: str, voice: Voice) -> str:
    """Return which of the two pictures, `original` or `generated`, is still missing."""
    return (
        f'<section class="v-problem p-waiting" role="status"><h2>{voice.say("pair.waiting")}</h2>'
        f"<p>{voice.say(f'pair.missing_{missing}')}</p></section>"
    )


def problem(text: str, voice: Voice) -> str:
    """Return an error's own sentence as a card."""
    return cards.problem(text, voice, "pair.problem")


def scores(report: PairReport, voice: Voice) -> str:
    """Return both scores large, the verdict and what it means."""
    both = (("product", report.consistency.score), ("background", report.background.score))
    figures = "".join(
        f'<div><h3>{voice.say(f"pair.{name}")}</h3><p class="v-number"><span>{figure(score)}</span>'
        f"<small>{voice.say('pair.of_hundred') if score is not None else voice.say('criteria.not_judged')}</small></p>"
        f"<p>{voice.say(f'pair.{name}_asks')}</p></div>"
        for name, score in both
    )
    return (
        f'<section class="v-score p-scores v-{report.verdict or "none"}">{figures}<div class="p-verdict">'
        f'<p class="v-verdict">{verdict_name(report, voice)}</p>'
        f'<p class="v-sentence">{sentence(report, voice)}</p>{_meta(report, voice)}</div></section>'
    )


def _meta(report: PairReport, voice: Voice) -> str:
    chances = (
        ("meta_good", report.good),
        ("meta_changed", report.consistency.probability),
        ("meta_background", report.background.probability),
    )
    told = [voice.say(f"pair.{key}", share=voice.share(value)) for key, value in chances if value is not None]
    return f'<p class="v-meta">{voice.say("pair.meta", all=" · ".join(told))}</p>' if told else ""


def reasons(report: PairReport, voice: Voice) -> str:
    """Return the reasons in their order, coloured by what they tell."""
    rows = "".join(
        f'<li class="v-{REASON_LEVELS.get(reason.id, "weak")}">{escape(said(reason, voice))}</li>'
        for reason in report.reasons
    )
    return f'<section class="p-reasons"><h3>{voice.say("pair.reasons")}</h3><ul>{rows}</ul></section>'


def measures(report: PairReport, voice: Voice) -> list[tuple[str, str, str]]:
    """Return what was measured of the product as (name, value, meaning); a dash where it was not."""
    same = report.consistency
    mirrored = None if same.mirrored is None else voice.say("pair.yes" if same.mirrored else "pair.no")
    shown = {
        "iou": None if same.iou is None else f"{same.iou:.2f}",
        "expansion": None if same.expansion is None else _share(same.expansion, voice),
        "loss": None if same.loss is None else _share(same.loss, voice),
        "colour": None if same.colour_delta is None else f"{same.colour_delta:.1f}",
        "detail": None if same.detail_delta is None else _share(same.detail_delta, voice),
        "mirrored": mirrored,
    }
    return [
        (voice.say(f"pair.{key}"), "–" if value is None else value, voice.say(f"pair.{key}_means"))
        for key, value in shown.items()
    ]


def _share(value: float, voice: Voice) -> str:
    return f"{value * 100:.1f}%" if voice.language == "zh" else f"{value * 100:.1f} %"


def parts(report: PairReport, voice: Voice) -> list[tuple[str, float]]:
    """Return the criteria of the generated picture that speak of its background, as (name, 1–5), the weakest first."""
    known = sorted(report.background.parts.items(), key=lambda part: part[1])
    return [(voice.criterion(id), value) for id, value in known]


def numbers(report: PairReport, voice: Voice) -> str:
    """Return the figures as tables: those of the product, and those of the background where there are any."""
    head = "".join(f"<th>{voice.say(f'pair.{key}')}</th>" for key in ("measure", "value", "means"))
    rows = "".join(
        f"<tr><td>{name}</td><td>{value}</td><td>{means}</td></tr>" for name, value, means in measures(report, voice)
    )
    tables = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    found = parts(report, voice)
    if found:
        told = "".join(
            f"<tr><td>{escape(name)}</td><td>{value:.1f}</td><td>{_meter(value)}</td></tr>" for name, value in found
        )
        heading = f'<tr><th colspan="3">{voice.say("pair.parts")}</th></tr>'
        tables += f"</table><table class='v-parts p-numbers'><thead>{heading}</thead><tbody>{told}</tbody>"
    return f'<table class="v-parts p-numbers">{tables}</table>'


def _meter(value: float) -> str:
    return f'<span class="v-meter v-{level(value)}"><i style="width:{value / 5 * 100:.0f}%"></i></span>'
