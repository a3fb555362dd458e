"""The detail of one style in HTML: large pictures, palette, facts, prompts and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from styles.types import Card, Hit, Style
from styles.ui import cards
from styles.ui.thumbs import data_uri, large
from styles.ui.words import Voice

_SOFT, _HARD = 0.6, 0.3


def sheet(style: Style, similar: Sequence[Hit], voice: Voice) -> str:
    """Return everything about a style; it is announced as a dialogue and closed by its button."""
    own = style.card
    other = own.name.en if voice.language == "zh" else own.name.zh
    second = f'<span lang="{"en" if voice.language == "zh" else "zh"}">{escape(other)}</span>' if other else ""
    if own.name.en == own.name.zh:
        second = ""
    kind = voice.say("card.own") if style.own else _capital(voice.label(own.family))
    near = ""
    if similar:
        near = f'<section class="s-near"><h3>{voice.say("sheet.similar")}</h3>{cards.gallery(similar, voice)}</section>'
    return (
        f'<article class="s-sheet" role="dialog" aria-modal="true" aria-label="{voice.name(own)}">'
        f'<header><div><p class="s-kind">{kind}</p>'
        f'<h2 tabindex="-1">{voice.name(own)} {second}</h2></div>'
        f"{_close(voice)}</header>"
        f'<div class="s-body">{_pictures(style, voice)}<div class="s-facts">{_scores(own, voice)}{_palette(own, voice)}'
        f"{_facts(own, voice)}{_prompts(own, voice)}{_download(own, voice)}</div></div>{near}"
        f'<p class="s-said" role="status" data-copied="{voice.say("sheet.copied")}"></p></article>'
    )


def missing(sentence: str, voice: Voice) -> str:
    """Return why a style cannot be shown, in the place of its detail."""
    return (
        f'<article class="s-sheet" role="dialog" aria-modal="true"><header><h2 tabindex="-1"></h2>{_close(voice)}'
        f"</header>{cards.problem(sentence, voice)}</article>"
    )


def _close(voice: Voice) -> str:
    return f'<button type="button" class="s-close" data-close aria-label="{voice.say("sheet.close")}">×</button>'


def _pictures(style: Style, voice: Voice) -> str:
    files = []
    for number, (hero, file) in enumerate(zip(style.card.heroes, style.heroes, strict=True), 1):
        caption = voice.say("sheet.picture", number=number)
        if hero.product:
            caption = voice.say("sheet.with", product=voice.term("product", hero.product))
        files.append((caption, file))
    plate = style.card.plate
    if plate and (style.folder / plate.file).is_file():
        files.append((voice.say("sheet.plate"), style.folder / plate.file))
    shown = [(caption, uri) for caption, file in files if (uri := large(file))]
    if not shown:
        return f'<div class="s-pictures"><p class="s-lead">{voice.say("sheet.no_pictures")}</p></div>'
    caption, uri = shown[0]
    small = "".join(
        f'<button type="button" data-show aria-label="{each}"{_pressed(number == 0)}>'
        f'<img src="{source}" alt="{each}"></button>'
        for number, (each, source) in enumerate(shown)
    )
    strip = f'<div class="s-strip" aria-label="{voice.say("sheet.pictures")}">{small}</div>' if len(shown) > 1 else ""
    return (
        f'<div class="s-pictures"><figure><img src="{uri}" alt="{voice.name(style.card)}, {caption}">'
        f"<figcaption>{caption}</figcaption></figure>{strip}</div>"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pressed(pressed: bool) -> str:
    return ' aria-pressed="true"' if pressed else ' aria-pressed="false"'


def _scores(own: Card, voice: Voice) -> str:
    if own.aesthetic is None:
        return f'<p class="s-score">{voice.say("sheet.unjudged")}</p>'
    share = own.aesthetic.score / 5
    return (
        f'<p class="s-score"><b>{own.aesthetic.score:.1f}</b><span>{voice.say("sheet.looks")}, '
        f'{voice.say("sheet.of_five")}</span><i class="s-meter"><i style="width:{share * 100:.0f}%"></i></i></p>'
    )


def _palette(own: Card, voice: Voice) -> str:
    swatches = "".join(
        f'<button type="button" data-copy="{each.hex}" title="{voice.say("sheet.copy_colour", hex=each.hex)}">'
        f'<i style="background:{each.hex}"></i><code>{each.hex}</code><small>{voice.share(each.share)}</small></button>'
        for each in own.palette
    )
    return f'<div><h3>{voice.say("sheet.palette")}</h3><div class="s-swatches">{swatches}</div></div>'


def _facts(own: Card, voice: Voice) -> str:
    rows = [
        ("moods", voice.labels(own.moods)),
        ("materials", voice.labels(own.materials)),
        ("light", _light(own, voice)),
        ("composition", _composition(own, voice)),
        ("categories", voice.labels(own.categories)),
        ("occasion", voice.labels(tuple(each for each in (own.season, own.festival) if each))),
        ("licence", "" if own.licence == "own" else escape(own.licence)),
    ]
    told = "".join(
        f"<div><dt>{voice.say(f'sheet.{key}')}</dt><dd>{_capital(text)}</dd></div>" for key, text in rows if text
    )
    return f'<dl class="s-list">{told}</dl>' if told else ""


def _light(own: Card, voice: Voice) -> str:
    light = own.light
    if light is None:
        return ""
    feel = "soft" if light.softness >= _SOFT else "hard" if light.softness <= _HARD else "medium"
    comma = "，" if voice.language == "zh" else ", "
    told = (voice.term("light", light.key), voice.say(f"from.{light.direction}"), voice.say(f"sheet.{feel}"))
    return comma.join((*told, voice.say("sheet.kelvin", value=light.temperature_k)))


def _composition(own: Card, voice: Voice) -> str:
    made = own.composition
    if made is None:
        return ""
    comma = "，" if voice.language == "zh" else ", "
    told = (f"camera.{made.camera}", f"framing.{made.framing}", f"placement.{made.placement}")
    return comma.join(voice.say(key) for key in told)


def _prompts(own: Card, voice: Voice) -> str:
    rows = (("prompt", own.prompt), ("negative", own.negative_prompt))
    return "".join(
        f'<div class="s-prompt"><h3>{voice.say(f"sheet.{key}")}'
        f'<button type="button" data-copy="{escape(text, quote=True)}">{voice.say("sheet.copy")}</button></h3>'
        f'<p lang="en">{escape(text)}</p></div>'
        for key, text in rows
        if text
    )


def _download(own: Card, voice: Voice) -> str:
    uri = data_uri(own.model_dump_json(indent=1).encode(), "application/json")
    return f'<a class="s-json" download="{own.id}.json" href="{uri}">{voice.say("sheet.card")}</a>'
