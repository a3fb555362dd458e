"""Why a style was found, in one line of English and one of Chinese."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from styles.brand import aspect_vectors
from styles.descriptor import Descriptor
from styles.glossary import Glossary
from styles.lexical import ColourNames, Match
from styles.palette import oklab, to_rgb
from styles.types import Card, Part, Vectors

_DIRECTION = {
    "left": ("from the left", "左侧"),
    "right": ("from the right", "右侧"),
    "top": ("from above", "顶部"),
    "front": ("from the front", "正面"),
    "back": ("from behind", "逆光"),
}
_CLEAR = {"palette": 0.80, "light": 0.97, "texture": 0.93, "tone": 0.93}
_ALIKE = {
    "palette": ("colours", "配色"),
    "light": ("fall of light", "光影走向"),
    "texture": ("texture", "质感"),
    "tone": ("tone", "影调"),
}
_WORDS = 3
_VIVID = 8.0


class Reasons:
    """Writes the reasons; it knows how colours and concepts are called."""

    def __init__(self, glossary: Glossary, colours: ColourNames) -> None:
        self._glossary = glossary
        self._colours = colours

    def palette(self, card: Card) -> tuple[str, str]:
        """Return the names of a card's one or two leading colours."""
        chroma = np.hypot(*oklab(to_rgb([swatch.hex for swatch in card.palette]))[:, 1:].T)
        # What is vivid is seen before what is merely large.
        order = np.argsort([-s.share * (1 + _VIVID * c) for s, c in zip(card.palette, chroma, strict=True)])
        names = list(dict.fromkeys(self._colours.name(card.palette[int(i)].hex) for i in order[:3]))[:2]
        english = " and ".join(self._glossary.label(f"c:{name}", "en") for name in names)
        return english, "、".join(self._glossary.label(f"c:{name}", "zh") for name in names)

    def light(self, card: Card) -> tuple[str, str] | None:
        """Return what the light is like: hard or soft, and where from."""
        if not card.light:
            return None
        soft = card.light.softness
        kind = ("soft", "柔和") if soft >= 0.55 else ("crisp", "清晰") if soft <= 0.25 else ("even", "均匀")
        english, chinese = _DIRECTION[card.light.direction]
        return f"{kind[0]} light {english}", f"{chinese}{kind[1]}光"

    def words(self, matches: Sequence[Match]) -> tuple[str, str] | None:
        """Return the things of the query that a card answers."""
        units = list(dict.fromkeys(match.unit for match in matches if match.unit))[:_WORDS]
        if not units:
            return None
        english = ", ".join(self._glossary.label(unit, "en") for unit in units)
        return english, "、".join(self._glossary.label(unit, "zh") for unit in units)

    def line(
        self,
        card: Card,
        parts: Sequence[Part],
        matches: Sequence[Match],
        apart: float | None,
        alike: Sequence[str],
        aesthetic: float | None,
    ) -> tuple[str, str]:
        """Return the reason: what of the query was met, then the light, then the looks."""
        said: list[tuple[str, str]] = []
        fits = {part.name: part.fit for part in parts}
        words = self.words(matches)
        if "words" in fits and words:
            said.append(words)
        if alike:
            english = " and ".join(_ALIKE[each][0] for each in alike[:2])
            said.append((f"same {english}", f"{'与'.join(_ALIKE[each][1] for each in alike[:2])}相近"))
        elif fits.get("pictures", fits.get("like", 0)) > 0:
            value = fits.get("pictures", fits.get("like", 0))
            said.append((f"{value:.0%} alike", f"相似度 {value:.0%}"))
        if apart is not None:
            said.append((f"colours within ΔE {apart:.0f}", f"色差 ΔE {apart:.0f}"))
        if "brand" in fits:
            said.append((f"{fits['brand']:.0%} on brand", f"品牌契合 {fits['brand']:.0%}"))
        english, chinese = self.palette(card)
        if len(said) < 3:
            light = self.light(card)
            said.append((f"{english}, {light[0]}", f"{chinese}，{light[1]}") if light else (english, chinese))
        tail = ("", "") if aesthetic is None else (f"; {aesthetic:.1f} aesthetic", f"；美学 {aesthetic:.1f}")
        return "; ".join(en for en, _ in said) + tail[0], "；".join(zh for _, zh in said) + tail[1]


def alike(descriptor: Descriptor, asked: Vectors | None, found: Vectors | None) -> list[str]:
    """Return the aspects in which a style's vectors are clearly like those asked for, the clearest first.

    Both are the descriptor's vectors, n×d; None where the pictures were not described.
    """
    if asked is None or found is None or not len(asked) or not len(found):
        return []
    one, two = aspect_vectors(descriptor, asked), aspect_vectors(descriptor, found)
    near = {name: float(np.max(one[name] @ two[name].T, axis=1).mean()) - _CLEAR[name] for name in _CLEAR}
    return [name for name, margin in sorted(near.items(), key=lambda item: -item[1]) if margin > 0]
