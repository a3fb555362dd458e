"""What product and background come to together, and why, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evaluator.pair.types import Background, Consistency, Reason
from evaluator.pair.wording import Line, Rules, log_odds
from evaluator.standard import load
from evaluator.types import Verdict

LOW = 3.0
"""Score of a criterion under which it is named as a reason."""
NAMED = 4
"""Most differences of a product that are named."""


def overall(consistency: Consistency, background: Background, rules: Rules) -> float | None:
    """Return the probability (0–1) that the background is right and the product the same; None where one is unknown.

    Either may spoil the picture by itself: the odds against it are the sum of both odds, each calibrated; without a
    fitted reward, whose odds nothing calibrates, the probabilities are multiplied.
    """
    if background.probability is None or consistency.probability is None:
        return None
    if not background.learned:
        return background.probability * (1 - consistency.probability)
    parts = {"background": background.probability, "consistency": 1 - consistency.probability}
    return joint({name: log_odds(chance) for name, chance in parts.items()}, rules.whole)


def joint(logits: Mapping[str, float], lines: Mapping[str, Line]) -> float:
    """Return the probability (0–1) that all parts are right, from the log-odds of each and its fitted line."""
    odds = (np.exp(-np.clip(line.slope * logits[name] + line.offset, -30, 30)) for name, line in lines.items())
    return float(1 / (1 + sum(odds)))


def verdict(consistency: Consistency, background: Background, good: float | None, rules: Rules) -> Verdict | None:
    """Return `good`, `review` or `reject`; None where the product was not found.

    Where a fitted reward judged, `good` (see `overall`) decides: from `accept` on the picture may go, up to `refuse`
    it may not. A product that counts as changed, or a picture with marks of generation all over it, never passes by
    itself.
    """
    if consistency.state == "unknown" or consistency.probability is None:
        return None
    if consistency.state == "other":
        return "reject"
    if consistency.state == "changed" and consistency.probability >= rules.sure:
        return "reject"
    if background.learned and good is not None:
        if good <= rules.refuse:
            return "reject"
        sound = consistency.state == "unchanged" and not background.marked
        return "good" if good >= rules.accept and sound else "review"
    if consistency.state == "changed" or background.probability is None or background.marked:
        return "review"
    if background.probability < rules.bad:
        return "reject"
    return "good" if background.probability >= rules.good else "review"


def reasons(
    consistency: Consistency, background: Background, good: float | None, missing: str, rules: Rules
) -> tuple[Reason, ...]:
    """Return the sentences behind a verdict; `missing` says in which picture the product was not found, if any."""
    if consistency.state == "unknown":
        return (rules.reason(missing, {}),)
    found = [rules.reason(consistency.state, {"probability": consistency.probability})]
    if consistency.state == "changed":
        found += _differences(consistency, rules)
    found += _of_background(background, rules)
    if background.marked:
        found.append(rules.reason("marked", {}))
    if background.learned and good is not None:
        found.append(rules.reason("whole", {"probability": good}))
    return tuple(found)


def _differences(consistency: Consistency, rules: Rules) -> list[Reason]:
    """Return what has changed, the gravest first."""
    measures, limits = consistency.measures, rules.limits
    figures = {
        "expansion": consistency.expansion or 0.0,
        "loss": consistency.loss or 0.0,
        "colour": 10 * measures["colour_spot"],
        "tint": 5 * measures["tint"],
        "detail": measures["detail_spot"] / 5,
        "bend": measures["bend"] / 20,
    }
    over = sorted(((value / limits[id], id) for id, value in figures.items() if value >= limits[id]), reverse=True)
    found = [rules.reason("mirrored", {})] if consistency.mirrored else []
    if measures["print"] > 3 * (1 - limits["print"]):
        found.append(rules.reason("print", {"value": 1 - measures["print"] / 3}))
    found += [rules.reason(id, {"value": figures[id]}) for _, id in over]
    return found[:NAMED]


def _of_background(background: Background, rules: Rules) -> list[Reason]:
    if background.probability is None:
        why = rules.why[background.why]
        sentence = rules.sentences["background_unknown"]
        return [
            Reason("background_unknown", sentence["en"].format(why=why["en"]), sentence["zh"].format(why=why["zh"]))
        ]
    state = (
        "good" if background.probability >= rules.good else "bad" if background.probability < rules.bad else "unsure"
    )
    found = [rules.reason(f"background_{state}", {"probability": background.probability})]
    names = {rule.id: rule.name for rule in load().criteria}
    sentence = rules.sentences["background_part"]
    for id, value in sorted(background.parts.items(), key=lambda part: part[1]):
        if value < LOW:
            en, zh = (sentence[language].format(name=names[id].get(language), value=value) for language in ("en", "zh"))
            found.append(Reason("background_part", en, zh))
    if background.learned:
        return found
    return [*found, rules.reason("background_stale" if background.stale else "background_unlearned", {})]
