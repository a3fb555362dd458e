"""From a judged picture to what to do about it, in both languages, with the figures.

Ranked by what the total would win; the sentences are in advice.toml, the arithmetic here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from evaluator.errors import Language
from evaluator.score import Total, alone, capped
from evaluator.standard import Profile, Standard
from evaluator.types import Advice, Box, Criterion

GOOD_ENOUGH = 4.2
"""A criterion at this score or over needs no advice."""
MOST = 6
"""Most pieces of advice for one picture."""
WHITE_ENOUGH = 96.0
"""L* that the lightest tone of a picture should reach."""
OFF_CENTRE = 0.05
"""A subject nearer than this share of the frame to the middle need not be moved."""
ASLANT = 20.0
"""Degrees beyond which it is rather the subject that stands aslant than the camera that was tilted."""
FAR, STRAIGHT = 8.0, 3.6
"""Degrees from which on it is so too where the network's answer on balance is this or more: of pictures that were
turned by 9 to 15°, 95 in 100 have less."""
TRUE_GREY = 3.0
"""Greys with less chroma than this need no white balance."""

REPAIRED = frozenset(("body_plausibility", "hand_face_integrity", "subject_fusion"))
"""Criteria whose boxes are places to repair."""

Size = tuple[int, int]
"""Width and height of the original in pixels."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence by its key, the fix that would follow it with its numbers, and words of the sentence by their keys."""

    sentence: str
    action: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Adviser = Callable[[Criterion, Profile, Size], Told]


def advise(
    criteria: Mapping[str, Criterion], standard: Standard, profile: Profile, size: Size, summed: Total | None = None
) -> tuple[Advice, ...]:
    """Return the advice for every weak criterion, the greatest gain first.

    `summed` is the total that the criteria came to: what a cap holds down is won only where the cap falls.
    """
    impression = next((part.value for part in summed.parts if part.id == "impression"), None) if summed else None
    advice, freely = [], {}
    for id, c in criteria.items():
        if c.score is None or c.score >= GOOD_ENOUGH:
            continue
        measured = id in ADVISERS and c.sources.get("measure", 5.0) < GOOD_ENOUGH
        told = ADVISERS[id](c, profile, size) if measured else _seen(id, c, standard, size)
        en, zh = (_worded(told, c, profile, standard, language, id) for language in ("en", "zh"))
        freely[id] = gain(id, criteria, standard, impression)
        won = freely[id] if summed is None else _under_caps(id, freely[id], summed)
        advice.append(Advice(id, en, zh, won, told.action, told.values))
    return tuple(sorted(advice, key=lambda one: (-one.gain, -freely[one.criterion]))[:MOST])


def _under_caps(id: str, won: float, summed: Total) -> float:
    """Return what is left of a gain under the caps, of which the criterion's own would fall."""
    left = {criterion: cap for criterion, cap in summed.caps.items() if criterion != id}
    return max(0.0, capped(summed.uncapped + won, left) - capped(summed.uncapped, summed.caps))


def gain(id: str, criteria: Mapping[str, Criterion], standard: Standard, impression: float | None = None) -> float:
    """Return what the total would win if this criterion alone came to 5.

    An `impression` (1–5) is taken to win the same share of what it lacks as the criteria do together: what spoils the
    one spoils the other.
    """
    now, then = (alone(each, standard) for each in (criteria, {**criteria, id: replace(criteria[id], score=5.0)}))
    if impression is None:
        return then - now
    share = standard.total.impression
    return (then - now) * (1 - share + share * (5 - impression) / (5 - now))


def _worded(told: Told, c: Criterion, profile: Profile, standard: Standard, language: Language, id: str) -> str:
    joint = "、" if language == "zh" else " and "
    words = {name: joint.join(standard.advice[key].get(language) for key in keys) for name, keys in told.words.items()}
    channel = profile.name.get(language)
    rule = standard.criterion(id)
    seen = {"asks": rule.asks.get(language), "level": rule.levels.nearest(c.score or 1.0).get(language)}
    return standard.advice[told.sentence].get(language).format(
        **{**c.measures, **told.values, **words, "channel": channel, "lines": len(c.boxes), **seen}
    )  # fmt: skip


def _seen(id: str, c: Criterion, standard: Standard, size: Size) -> Told:
    """Return what to do about a criterion that only the network finds weak, with the place where it sees why."""
    values = {"score": c.sources.get("network", 1.0)}
    sentence = f"seen_{id}" if f"seen_{id}" in standard.advice else "seen"
    if c.boxes and id in REPAIRED:
        return Told(sentence, "inpaint", {**values, **_placed(c.boxes[0], size)})
    return Told(sentence, "", values)


def _worst(c: Criterion) -> str:
    return min(c.subscores, key=lambda name: c.subscores[name])


def light_of(lightness: float) -> float:
    """Return the relative luminance (0–1) of an L* value: CIE 15."""
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness / 903.3


def stops(now: float, wanted: float) -> float:
    """Return the exposure change in stops that takes one L* to another."""
    return float(np.log2(max(light_of(wanted), 1e-4) / max(light_of(now), 1e-4)))


def _exposure(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst in ("lightest", "range") and m["clipped_lights"] < 5:
        rise = stops(m["lightest"], WHITE_ENOUGH)
        if worst == "range" and rise < 0.2:
            return Told("deepen", "tones", {"range": m["range"]})
        return Told("raise_exposure", "exposure", {"stops": float(np.clip(rise, 0.2, 3))})
    if worst == "clipped_shadows":
        return Told("lift_shadows", "shadows", {"clipped": m["clipped_shadows"]})
    change = stops(m["middle"], min(m["middle"], 62) - 4) - 0.015 * m["clipped_lights"]
    change = float(np.clip(change, -2, -0.2))
    return Told("lower_exposure", "exposure", {"stops": change, "down": -change})


def _sharpness(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    wanted = float(max(profile.minimum_side, 1000))
    if max(size) < profile.minimum_side:
        sides = {"side": float(max(size)), "wanted": float(profile.minimum_side)}
        return Told("larger_original", "resolution", sides)
    if m["edge_width"] > 1.6:
        return Told("refocus", "sharpen", {"edge_width": m["edge_width"]})
    return Told("export_larger", "resolution", {"side": m["effective_side"], "wanted": wanted})


def _artefacts(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst == "noise":
        return Told("denoise", "denoise", {"sigma": m["noise"]})
    if worst == "banding":
        return Told("deband", "deband", {"banding": m["banding"]})
    return Told("deblock", "deblock", {"blockiness": m["blockiness"]})


_HUES = ("reddish", "yellowish", "greenish", "bluish")
"""Names of a cast by the quarter of the a*, b* plane that it points to."""


def _colour(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) not in ("cast", "illuminant"):
        return Told("calm_palette", "palette", {"hues": m["hues"]})
    if m["cast"] < TRUE_GREY:
        return Told("neutral_surface", "palette", {"degrees": m["illuminant"]})
    angle = float(np.degrees(np.arctan2(m["cast_b"], m["cast_a"])))
    shift = {"a": -m["cast_a"], "b": -m["cast_b"]}
    return Told("white_balance", "white_balance", shift, {"hue": (_HUES[round((angle % 360) / 90) % 4],)})


def crop_box(subject: Box, wanted: float) -> Box:
    """Return the crop, in shares of the frame and its proportions, in which the subject's longer extent is `wanted`.

    The crop holds the subject's box in its middle and stays inside the frame.
    """
    share = float(np.clip(max(subject.width, subject.height) / wanted, 0.05, 1.0))
    x = float(np.clip(subject.x + subject.width / 2 - share / 2, 0, 1 - share))
    y = float(np.clip(subject.y + subject.height / 2 - share / 2, 0, 1 - share))
    return Box(x, y, share, share, "crop")


def _placed(box: Box, size: Size) -> dict[str, float]:
    """Return a box in shares of the frame and in pixels."""
    return {
        "x": box.x, "y": box.y, "width": box.width, "height": box.height,
        "x_px": box.x * size[0], "y_px": box.y * size[1],
        "width_px": box.width * size[0], "height_px": box.height * size[1],
    }  # fmt: skip


def _fill(c: Criterion, profile: Profile, size: Size) -> Told:
    extent, (low, high) = c.measures["extent"], profile.fill
    if extent < low:
        wanted = (low + high) / 2
        return Told("crop_to_fill", "crop", {**_placed(crop_box(c.boxes[0], wanted), size), "wanted": wanted})
    return Told("leave_room", "extend", {"share": extent / high - 1})


def _completeness(c: Criterion, profile: Profile, size: Size) -> Told:
    cut = {side: c.measures[f"cut_{side}"] for side in ("top", "bottom", "left", "right")}
    sides = tuple(f"{side}_side" for side, share in cut.items() if share > 0.02) or ("edge_side",)
    return Told("complete", "extend", cut, {"sides": sides})


def _balance(c: Criterion, profile: Profile, size: Size) -> Told:
    m = c.measures
    if _worst(c) == "tilt":
        way, turn = ("anticlockwise" if m["angle"] > 0 else "clockwise"), abs(m["angle"])
        if turn > ASLANT or (turn > FAR and m.get("head", 1.0) >= STRAIGHT):
            return Told("aslant" if "placement" in m else "off_level", "", {"turn": turn}, {"way": (way,)})
        return Told("straighten", "straighten", {"degrees": m["angle"], "turn": turn}, {"way": (way,)})
    across, down = 0.5 - m.get("centre_x", 0.5), 0.5 - m.get("centre_y", 0.5)
    if abs(across) >= abs(down):
        way, much = ("right" if across > 0 else "left"), abs(across)
    else:
        way, much = ("down" if down > 0 else "up"), abs(down)
    if much < OFF_CENTRE:
        return Told("even_sides", "", {"share": m["side_gap"]})
    return Told("recentre", "recentre", {"x": across, "y": down, "much": much}, {"way": (way,)})


def _overlay(c: Criterion, profile: Profile, size: Size) -> Told:
    m, worst = c.measures, _worst(c)
    if worst == "border":
        return Told("crop_border", "crop", {"border": m["border"]})
    if worst == "separators":
        return Told("one_picture", "", {"separators": m["separators"]})
    return Told("remove_text", "inpaint", _placed(max(c.boxes, key=lambda b: b.width * b.height), size))


def _background(c: Criterion, profile: Profile, size: Size) -> Told:
    if _worst(c) == "not_white":
        return Told("white_background", "white_background", {"share": c.measures["not_white"]})
    return Told("clear_background", "calm_background", {"clutter": c.measures["clutter"]})


def _prominence(c: Criterion, profile: Profile, size: Size) -> Told:
    if _worst(c) == "subject_contrast":
        return Told("separate", "contrast", {"delta_e": c.measures["subject_contrast"]})
    return Told("lead_the_eye", "calm_background", {"ratio": float(2.0 ** c.measures["saliency_gain"])})


def _fusion(c: Criterion, profile: Profile, size: Size) -> Told:
    if _worst(c) == "fringe":
        return Told("clean_edge", "defringe", {"fringe": c.measures["fringe"]})
    return Told("match_grain", "grain", {"gap": c.measures["grain_gap"]})


def _grounding(c: Criterion, profile: Profile, size: Size) -> Told:
    return Told("ground", "shadow", {"lightness": 12 - c.measures["contact_shadow"]})


def _coherence(c: Criterion, profile: Profile, size: Size) -> Told:
    if _worst(c) == "warmth_gap":
        return Told("match_warmth", "match_light", {"warmth": c.measures["warmth_gap"]})
    return Told("match_light", "match_light", {"opposed": c.measures["opposed_light"]})


ADVISERS: dict[str, Adviser] = {
    "completeness": _completeness,
    "subject_fusion": _fusion,
    "grounding": _grounding,
    "background_order": _background,
    "prominence": _prominence,
    "frame_fill": _fill,
    "balance": _balance,
    "overlay_freedom": _overlay,
    "exposure": _exposure,
    "light_coherence": _coherence,
    "colour_harmony": _colour,
    "sharpness": _sharpness,
    "artefact_cleanliness": _artefacts,
}
"""Who advises on which criterion."""
