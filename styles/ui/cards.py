"""The gallery in HTML: cards, the line above them, what is said when there is nothing, and problems."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from styles.types import Card, Hit, Part, Style
from styles.ui.thumbs import thumbnail
from styles.ui.words import Voice


def gallery(found: Sequence[Hit | Style], voice: Voice) -> str:
    """Return the cards in their order."""
    return f'<ul class="s-grid">{"".join(card(each, voice) for each in found)}</ul>'


def card(found: Hit | Style, voice: Voice) -> str:
    """Return one style as a card: its picture, palette, name, moods, scores and why it was found."""
    style = found.style if isinstance(found, Hit) else found
    own = style.card
    judged = f"{own.aesthetic.score:.1f}" if own.aesthetic else ""
    marks = [f'<b class="s-looks" title="{voice.say("card.aesthetic", value=judged)}">{judged}</b>'] if judged else []
    why = ""
    if isinstance(found, Hit):
        fit = voice.say("card.fit", value=voice.share(found.fit))
        marks.insert(0, f'<span class="s-fit">{fit}</span>')
        why = f'<span class="s-why">{voice.why(found)}</span>'
    badge = f'<span class="s-own">{voice.say("card.own")}</span>' if style.own else ""
    moods = voice.labels(own.moods, 3)
    moods = moods[:1].upper() + moods[1:]
    return (
        f'<li><button type="button" class="s-card" data-style="{style.id}">'
        f"{picture(style)}{badge}{palette(own)}"
        f'<span class="s-name">{voice.name(own)}</span><span class="s-sub">{moods}</span>{why}'
        f'<span class="s-marks">{"".join(marks)}</span></button></li>'
    )


def picture(style: Style) -> str:
    """Return a style's thumbnail; its main colours stand in until it is there."""
    first = style.card.palette[0].hex
    image = ""
    if style.own and (uri := thumbnail(style)):
        image = f";background-image:url({uri})"
    return f'<span class="s-pic s-pic-{style.id}" style="background-color:{first}{image}"></span>'


def palette(own: Card) -> str:
    """Return the palette as a thin band, each colour by its share."""
    band = "".join(f'<i style="flex:{each.share:.3f};background:{each.hex}"></i>' for each in own.palette)
    return f'<span class="s-band" aria-hidden="true">{band}</span>'


def strip(found: Sequence[Hit | Style], total: int, voice: Voice, thumbs: Sequence[str] = ()) -> str:
    """Return the line over the gallery: how many, and what they were weighed by."""
    first = found[0] if found else None
    key = "strip.found" if isinstance(first, Hit) else "strip.one" if total == 1 else "strip.all"
    count = voice.say(key, count=total)
    if len(found) < total:
        count = voice.say("strip.first", shown=len(found), count=total)
    parts = ""
    if isinstance(first, Hit):
        said = " · ".join(_weight(part, voice) for part in first.parts)
        told = len(first.parts) > 1 or first.parts[0].shares
        parts = f'<span class="s-parts">{voice.say("strip.by")} {said}</span>' if told else ""
    images = "".join(f'<img src="{uri}" alt="" width="36" height="36">' for uri in thumbs)
    tries = "" if isinstance(first, Hit) else _tries(voice)
    return f'<p class="s-count" role="status"><b>{count}</b>{parts}{images}</p>{tries}'


def _weight(part: Part, voice: Voice) -> str:
    """Return what a way of asking counts, and what it is blended of."""
    whole = f"{voice.term('strip', part.name)} {voice.share(part.weight)}"
    if not part.shares:
        return whole
    comma, left, right = ("、", "（", "）") if voice.language == "zh" else (", ", " (", ")")
    inside = comma.join(f"{voice.term('strip', name)} {voice.share(value)}" for name, value in part.shares.items())
    return f"{whole}{left}{inside}{right}"


def nothing(reason: str, voice: Voice) -> str:
    """Return why the gallery is empty (`words`, `filters` or `library`) and what to try."""
    tries = _tries(voice) if reason == "words" else ""
    return (
        f'<section class="s-none"><h2>{voice.say("none.title")}</h2>'
        f"<p>{voice.say(f'none.{reason}')}</p>{tries}</section>"
    )


def _tries(voice: Voice) -> str:
    chips = "".join(
        f'<button type="button" data-try="{escape(words)}">{escape(words)}</button>'
        for words in voice.say("none.tries").split("|")
    )
    return f'<p class="s-tries"><span>{voice.say("none.try")}</span>{chips}</p>'


def problem(sentence: str, voice: Voice) -> str:
    """Return an error's own sentence as a card."""
    title = voice.say("problem.title")
    return f'<section class="s-problem" role="alert"><h3>{title}</h3><p>{escape(sentence)}</p></section>'


def done(sentence: str) -> str:
    """Return what was done, as a line."""
    return f'<p class="s-done" role="status">{escape(sentence)}</p>'


def lead(voice: Voice, key: str) -> str:
    """Return a pane's first sentence."""
    return f'<p class="s-lead">{voice.say(key)}</p>'
