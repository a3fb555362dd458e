"""The filter chips: what there is to filter by, said once for each word that people read."""

from __future__ import annotations

from collections.abc import Sequence

from styles.finder import StyleFinder
from styles.types import Filters
from styles.ui.words import Voice

KINDS = ("moods", "categories", "occasions", "materials", "families")
"""The rows of chips, in their order on the page; `occasions` are seasons and festivals."""
MOST = {"moods": 20, "materials": 20}
"""Rarer words are found by writing them."""
_JOIN = "+"
Choices = list[tuple[str, str]]


def choices(finder: StyleFinder, voice: Voice) -> list[Choices]:
    """Return for each of KINDS the chips as (label with count, value); a value may stand for several slugs."""
    facets = finder.facets(voice.language)
    rows = dict(facets)
    rows["occasions"] = [
        (f"{kind}:{slug}", label, count)
        for kind in ("seasons", "festivals")
        for slug, label, count in facets.get(kind, [])
    ]
    return [_merged(rows.get(kind, []))[: MOST.get(kind, 99)] for kind in KINDS]


def _merged(rows: Sequence[tuple[str, str, int]]) -> Choices:
    slugs: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for slug, label, count in rows:
        shown = label[:1].upper() + label[1:]
        slugs.setdefault(shown, []).append(slug)
        counts[shown] = counts.get(shown, 0) + count
    order = sorted(slugs, key=lambda label: -counts[label])
    return [(label, _JOIN.join(slugs[label])) for label in order]


def filters(picked: Sequence[Sequence[str] | None]) -> Filters:
    """Return the filters of what is picked in each of KINDS."""
    chosen = {
        kind: [slug for value in values or () for slug in value.split(_JOIN)]
        for kind, values in zip(KINDS, picked, strict=True)
    }
    occasions = [value.partition(":")[::2] for value in chosen.pop("occasions")]
    return Filters(
        families=tuple(chosen["families"]),
        moods=tuple(chosen["moods"]),
        materials=tuple(chosen["materials"]),
        categories=tuple(chosen["categories"]),
        seasons=tuple(slug for kind, slug in occasions if kind == "seasons"),
        festivals=tuple(slug for kind, slug in occasions if kind == "festivals"),
    )
