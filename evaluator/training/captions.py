"""Sentences of the field in English with their Chinese, built from terms, and the vocabulary that they need."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from evaluator.network.words import parse_vocabulary

FILE = Path(__file__).with_name("terms.toml")
_KINDS = {
    "colour": "colour",
    "tone": "light",
    "mood": "mood",
    "material": "material",
    "scene": "place",
    "trend": "mood",
    "season": "mood",
    "festival": "occasion",
    "category": "product",
}
"""Which kind of term each kind of the styles' concepts is."""
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Term:
    """An English term and its Chinese ones, the usual first."""

    en: str
    zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """One meaning in both languages; `zh` is empty where there is no Chinese for it."""

    en: str
    zh: str


@cache
def load_terms() -> Mapping[str, tuple[Term, ...]]:
    """Return the terms by kind: those written here, then the styles' concepts by their first English word."""
    kinds = {kind: [_term(each) for each in rows] for kind, rows in _data().items() if isinstance(rows, list)}
    known = {term.en for rows in kinds.values() for term in rows}
    for kind, term in _concepts():
        if term.en not in known:
            kinds[kind].append(term)
    return {kind: tuple(rows) for kind, rows in kinds.items()}


def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def _term(row: str) -> Term:
    en, *zh = row.split("|")
    return Term(en, tuple(zh))


def _concepts() -> Iterable[tuple[str, Term]]:
    # Imported here: the styles are needed by this command alone.
    from styles.glossary import load_glossary

    for concept in load_glossary().concepts.values():
        if concept.en and concept.zh:
            yield _KINDS[concept.kind], Term(concept.en[0], concept.zh)


def _every_term() -> list[Term]:
    """Return all terms, those written here before the styles' concepts, as the first to say a Chinese word says it."""
    return [term for rows in load_terms().values() for term in rows] + [term for _, term in _concepts()]


def build_vocabulary(common: Sequence[str]) -> bytes:
    """Return vocabulary.json: the field's words and `common` English ones, and what Chinese terms mean in them."""
    data = _data()
    chinese: dict[str, str] = {}
    for term in _every_term():
        for zh in term.zh:
            if _CJK.search(zh):
                chinese.setdefault(zh.casefold(), term.en)
    same = {word: str(words) for word, words in data["same"].items()}
    stop = {language: list(words) for language, words in data["stop"].items()}
    draft: dict[str, object] = {"words": [], "chinese": {}, "same": same, "stop": stop}
    reader = parse_vocabulary(json.dumps(draft).encode())
    read = {zh: " ".join(reader.words(en)) or en for zh, en in chinese.items()}
    texts = (*(term.en for term in _every_term()), *_field_words())
    words = dict.fromkeys(word for text in (*read.values(), *texts) for word in reader.words(text))
    words |= dict.fromkeys(word for each in common for word in reader.words(each))
    kept = {"words": sorted(words), "chinese": dict(sorted(read.items())), "same": same, "stop": stop}
    return (json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _field_words() -> Iterable[str]:
    from styles.glossary import load_glossary

    for concept in load_glossary().concepts.values():
        yield from concept.en


def phrases(count: int, seed: int) -> list[Caption]:
    """Return captions of the field, no two with the same English; fewer than `count` where chance repeats itself."""
    random = Random(seed)
    terms = load_terms()
    found: dict[str, Caption] = {}
    for _ in range(count * 2):
        caption = random.choices(_MAKERS, _SHARES)[0](random, terms)
        found.setdefault(caption.en, caption)
        if len(found) == count:
            break
    return list(found.values())


def synonyms() -> list[Caption]:
    """Return every term alone with each of its Chinese words, and the styles' further English words as they are."""
    pairs = [Caption(term.en, zh) for term in dict.fromkeys(_every_term()) for zh in term.zh]
    return pairs + [Caption(word, "") for word in dict.fromkeys(_field_words())]


Terms = Mapping[str, Sequence[Term]]


def _pick(random: Random, terms: Terms, kind: str) -> Caption:
    term = random.choice(terms[kind])
    # The usual word more often than the others.
    return Caption(term.en, random.choice((term.zh[0], *term.zh)))


def _thing(random: Random, terms: Terms) -> Caption:
    """Name a product, mostly with what it looks like."""
    en, zh = [], []
    for kind, chance in (("colour", 0.55), ("material", 0.35)):
        if random.random() < chance:
            each = _pick(random, terms, kind)
            en.append(each.en)
            zh.append(each.zh)
    product = _pick(random, terms, "product")
    joint = "的" if zh and random.random() < 0.5 else ""
    return Caption(" ".join([*en, product.en]), "".join(zh) + joint + product.zh)


def _setting(random: Random, terms: Terms) -> Caption:
    place, thing = _pick(random, terms, "place"), _pick(random, terms, "thing")
    colour, material = _pick(random, terms, "colour"), _pick(random, terms, "material")
    return random.choice(
        (
            Caption(f"on {place.en}", f"放在{place.zh}上"),
            Caption(f"in {place.en}", f"在{place.zh}里"),
            Caption(f"with {thing.en}", f"旁边有{thing.zh}"),
            Caption(f"on {material.en} with {thing.en}", f"{material.zh}上有{thing.zh}"),
            Caption(f"on a {colour.en} background", f"{colour.zh}背景"),
            Caption(f"against a {colour.en} {material.en} wall", f"{colour.zh}{material.zh}墙面背景"),
            Caption(f"on {place.en} with {thing.en}", f"在{place.zh}，配{thing.zh}"),
        )
    )


def _scene(random: Random, terms: Terms) -> Caption:
    """Describe a picture: what is shown, where, and up to two of light, mood, view and occasion."""
    thing, setting = _thing(random, terms), _setting(random, terms)
    kinds = random.sample(("light", "mood", "view", "occasion"), random.choice((0, 1, 1, 2)))
    extra = [_pick(random, terms, kind) for kind in kinds]
    en = ", ".join([f"{thing.en} {setting.en}", *(each.en for each in extra)])
    chinese = [each.zh for each in extra]
    parts = [thing.zh, setting.zh, *chinese] if random.random() < 0.6 else [*chinese, setting.zh, thing.zh]
    return Caption(en, "，".join(parts))


def _wish(random: Random, terms: Terms) -> Caption:
    """Ask as in a search box: a few words in a row."""
    kinds = random.sample(tuple(terms), random.choice((1, 2, 2, 3)))
    picked = [_pick(random, terms, kind) for kind in kinds]
    joint = random.choice((" ", "，", ""))
    return Caption(" ".join(each.en for each in picked), joint.join(each.zh for each in picked))


def _person(random: Random, terms: Terms) -> Caption:
    person, thing, place = _pick(random, terms, "person"), _thing(random, terms), _pick(random, terms, "place")
    en, zh = random.choice((("wearing", "穿着"), ("holding", "拿着"), ("with", "和")))
    where = random.choice((Caption("", ""), Caption(f" in {place.en}", f"在{place.zh}里")))
    return Caption(f"{person.en} {en} {thing.en}{where.en}", f"{person.zh}{where.zh}{zh}{thing.zh}")


def _judged(random: Random, terms: Terms) -> Caption:
    flaw, thing, view = _pick(random, terms, "flaw"), _thing(random, terms), _pick(random, terms, "view")
    return random.choice(
        (
            Caption(f"{flaw.en} photo of {thing.en}", f"{flaw.zh}的{thing.zh}照片"),
            Caption(f"{view.en} of {thing.en}", f"{thing.zh}{view.zh}"),
            Caption(f"{thing.en}, {view.en}, {flaw.en}", f"{thing.zh}，{view.zh}，{flaw.zh}"),
        )
    )


def _styled(random: Random, terms: Terms) -> Caption:
    """Say a mood or an occasion for a product, or for none."""
    mood, thing = _pick(random, terms, random.choice(("mood", "occasion", "word"))), _thing(random, terms)
    colour, place = _pick(random, terms, "colour"), _pick(random, terms, "place")
    return random.choice(
        (
            Caption(f"{mood.en} {thing.en}", f"{mood.zh}的{thing.zh}"),
            Caption(f"{thing.en} for {mood.en}", f"适合{mood.zh}的{thing.zh}"),
            Caption(f"{mood.en} {place.en} in {colour.en}", f"{colour.zh}的{mood.zh}{place.zh}"),
            Caption(f"{mood.en} scene with {colour.en} tones", f"{colour.zh}色调的{mood.zh}场景"),
        )
    )


_MAKERS: Sequence[Callable[[Random, Terms], Caption]] = (_scene, _wish, _person, _judged, _styled)
_SHARES = (0.4, 0.25, 0.08, 0.1, 0.17)
