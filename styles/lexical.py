"""Matches words with cards: each card is a bag of weighted units, rare units count for more.

The weighting is that of BM25 (Robertson and Zaragoza, 2009) without its length term: cards are of one length.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from styles.glossary import Glossary, Group
from styles.palette import oklab, to_rgb
from styles.types import Card

Floats = npt.NDArray[np.float64]

_FIELDS = {
    "name": 1.5,
    "family": 1.5,
    "words": 1.5,
    "festival": 1.5,
    "moods": 1.2,
    "materials": 1.2,
    "season": 1.2,
    "categories": 0.6,
    "prompt": 0.45,
}
_SATURATION = 0.45
_SEEN_COLOUR = 0.35
_SMALL_SHARE = 0.08
_UNKNOWN = 0.35
_COLOUR_REACH = 0.12


@dataclass(frozen=True, slots=True)
class Match:
    """A thing of the query that a card answers: the unit by which it did, and how well, 0–1."""

    unit: str
    value: float


def describe(card: Card, glossary: Glossary, colours: ColourNames) -> dict[str, float]:
    """Return the units of a card with their weights."""
    slugs = {"family": (card.family,), "moods": card.moods, "materials": card.materials}
    slugs |= {
        "categories": card.categories,
        "season": (card.season or "",),
        "festival": (card.festival or "",),
    }
    texts = {name: " . ".join(each).replace("-", " ") for name, each in slugs.items()}
    found: dict[str, float] = defaultdict(float)
    for name, weight in _FIELDS.items():
        parts = {
            "name": (card.name.en, card.name.zh),
            "words": (*card.words.en, *card.words.zh),
            "prompt": (card.prompt,),
        }.get(name, (texts.get(name, ""),))
        seen: set[str] = set()
        for part in parts:
            seen |= glossary.units(part).keys()
        for unit in seen:
            found[unit] += weight
    for swatch in card.palette:
        if swatch.share >= _SMALL_SHARE:
            found[f"c:{colours.name(swatch.hex)}"] += _SEEN_COLOUR + swatch.share
    if card.light:
        found["c:soft"] += 0.4 * (card.light.softness >= 0.6)
        found["c:hard-light"] += 0.6 * (card.light.softness <= 0.2)
        found["c:warm"] += 0.3 * (card.light.temperature_k < 4300)
        found["c:cool"] += 0.3 * (card.light.temperature_k > 6500)
    return {unit: weight for unit, weight in found.items() if weight > 0}


class ColourNames:
    """Names colours by the nearest of the glossary's, in OKLab."""

    def __init__(self, glossary: Glossary) -> None:
        pairs = [(concept.id, each) for concept in glossary.concepts.values() for each in concept.hex]
        self._ids = [id for id, _ in pairs]
        self._values = oklab(to_rgb([each for _, each in pairs]))

    def name(self, hex: str) -> str:
        """Return the concept's id of the nearest colour."""
        # A difference of lightness makes another shade, a difference of hue another colour.
        apart = (oklab(to_rgb([hex])) - self._values) * np.array([0.7, 1.6, 1.6])
        return self._ids[int(np.argmin((apart**2).sum(1)))]


class Lexicon:
    """The cards' units, ready to be matched."""

    def __init__(self, cards: Sequence[Card], glossary: Glossary) -> None:
        self.glossary = glossary
        self.colours = ColourNames(glossary)
        self._count = len(cards)
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, card in enumerate(cards):
            for unit, weight in describe(card, glossary, self.colours).items():
                postings[unit].append((row, weight / (weight + _SATURATION)))
        self._postings = {
            unit: (np.array([row for row, _ in each]), np.array([value for _, value in each]))
            for unit, each in postings.items()
        }

    def _rarity(self, unit: str) -> float:
        """Return how much a unit tells: log of one over the share of cards that have it, smoothed."""
        found = len(self._postings[unit][0]) if unit in self._postings else 0
        return math.log(1 + (self._count - found + 0.5) / (found + 0.5))

    def match(self, text: str) -> tuple[Floats, list[list[Match]]]:
        """Return how well each card answers the text, 0–1, and which things it answered, best first."""
        groups = self.glossary.groups(text)
        total, fits = 0.0, np.zeros(self._count)
        matches: list[list[Match]] = [[] for _ in range(self._count)]
        for group in groups:
            known = [unit for unit in group.units if unit in self._postings]
            best = max(known, key=lambda unit: group.units[unit], default="")
            weight = self._rarity(best) if best else _UNKNOWN * math.log(1 + self._count)
            weight *= min(1.0, max(group.units.values()) + 0.1)
            total += weight
            values, by = self._answer(group, known)
            fits += weight * values
            for row in np.flatnonzero(values > 0.3):
                matches[row].append(Match(by[row], float(weight * values[row])))
        for each in matches:
            each.sort(key=lambda match: -match.value)
        return (fits / total if total else fits), matches

    def _answer(self, group: Group, known: Sequence[str]) -> tuple[Floats, list[str]]:
        """Return how well each card answers one thing: its best unit, with a little for each further one."""
        best, extra = np.zeros(self._count), np.zeros(self._count)
        by = [""] * self._count
        for unit in sorted(known, key=lambda unit: -group.units[unit]):
            rows, values = self._postings[unit]
            gains = group.units[unit] * values
            better = gains > best[rows]
            extra[rows] += np.where(better, best[rows], gains)
            for row in rows[better]:
                by[row] = unit
            best[rows] = np.maximum(best[rows], gains)
        return np.minimum(1.0, best + 0.25 * extra), by
