"""Subjects in scenes, sound and faulty: does what was put together look as if it had been there?

Samples come in pairs: an even number is the sound twin of the odd one after it. Sound are rendered scenes,
photographs, and composites in tune with their place; faulty are the same with one to three faults.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from evaluator.training.makers import edge, grade, standing
from evaluator.training.makers.casting import SOUND, cast, pasted, real
from evaluator.training.makers.cutout import articles, cut, greatest, read_picture
from evaluator.training.makers.picture import generator, worn
from evaluator.training.makers.stage import Stage, blend, to_bytes
from evaluator.training.sample import Sample
from evaluator.types import Plane

Fault = Callable[[Stage, float, np.random.Generator], tuple[Stage, Plane]]

WHITE = 0.1
"""Share of pictures on plain white, to which fusion does not apply."""
FOREIGN = 0.1
"""Share of pairs of a photograph as it is and of another with a subject pasted in that does not belong there."""
TRIES = 4
"""How many stages are drawn before a number gives nothing."""
FAULTS: dict[Fault, tuple[float, tuple[str, ...], bool]] = {
    edge.halo: (1.6, ("subject_fusion",), False),
    edge.residue: (1.2, ("subject_fusion",), False),
    edge.jagged: (0.9, ("subject_fusion",), False),
    edge.feathered: (0.8, ("subject_fusion",), False),
    edge.misfit: (0.9, ("subject_fusion",), False),
    edge.melted: (1.6, ("subject_fusion",), False),
    edge.see_through: (0.7, ("subject_fusion",), False),
    grade.white_balance: (1.0, ("subject_fusion", "light_coherence"), False),
    grade.exposure: (1.0, ("light_coherence", "subject_fusion"), False),
    grade.contrast: (0.7, ("subject_fusion",), False),
    grade.light_side: (0.9, ("light_coherence",), False),
    grade.texture: (1.0, ("subject_fusion",), False),
    standing.no_shadow: (1.2, ("grounding",), True),
    standing.wrong_shadow: (1.2, ("light_coherence", "grounding"), True),
    standing.floating: (1.2, ("grounding",), True),
    standing.sinking: (0.7, ("grounding",), True),
    standing.wrong_size: (0.9, ("scale",), True),
    standing.wrong_view: (0.7, ("subject_fusion", "grounding"), True),
}
"""The faults: how often, the criteria they lower (the first most), and whether the subject must stand on a ground."""
PLAIN = 9 / 255
"""A change of so much, over the fault's place, is seen at once."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return sample `number`, of held or of training objects; None where its sources give nothing.

    One in ten shows a subject on plain white without the attribute; of the others the even ones are sound.
    """
    shared = generator("fusion", held, number // 2, seed)
    own = generator("fusion wear", held, number, seed)
    if own.random() < WHITE:
        return _on_white(data, held, own)
    foreign = shared.random() < FOREIGN
    if foreign and number % 2 == 0:
        return _as_it_is(data, held, own)
    for _ in range(TRIES):
        stage = pasted(data, held, shared) if foreign else cast(data, scenes, held, shared)
        if stage is None:
            continue
        if number % 2 == 0:
            return _sample(stage, stage, np.zeros_like(stage.alpha), 0.0, {}, own)
        found = _spoilt(stage, 0.4 if foreign else 0.12, own)
        if found is not None:
            return found
    return None


def _as_it_is(data: Path, held: bool, seed: np.random.Generator) -> Sample | None:
    found = real(data, held, seed)
    if found is None:
        return None
    picture, source = found
    nothing = np.zeros(picture.shape[:2], np.float32)
    return Sample(
        worn(picture, seed)[0],
        source.object,
        maps={"fusion": nothing},
        tags={"fusion": 0.0},
        presence={"scene": 1.0, "person": 0.0} if source.set == "heroes" else {},
        criteria=dict(SOUND),
    )


def _on_white(data: Path, held: bool, seed: np.random.Generator) -> Sample | None:
    pools = [pool for pool in articles(data, held) if pool]
    if not pools:
        return None
    pool = pools[int(seed.integers(len(pools)))]
    source = pool[int(seed.integers(len(pool)))]
    found, picture = cut(source), read_picture(source.path)
    if found is None or picture is None:
        return None
    mask = np.zeros(picture.shape[:2], np.float32)
    top, left = found.corner
    high, wide = found.alpha.shape
    mask[top : top + high, left : left + wide] = found.alpha
    presence = {"plain_backdrop": 1.0, "scene": 0.0, "person": float(found.person)}
    return Sample(worn(picture, seed)[0], found.object, mask=mask, presence=presence)


def _spoilt(stage: Stage, least: float, seed: np.random.Generator) -> Sample | None:
    """Return a stage with one to three faults; None where none of them shows."""
    sound = blend(stage)
    count = int(seed.choice([1, 2, 3], p=[0.68, 0.24, 0.08]))
    found, total, lowered = np.zeros_like(stage.alpha), 0.0, dict[str, float]()
    changed = stage
    for fault in drawn(stage, count, seed):
        severity = float(least + (1 - least) * seed.beta(1.0, 2.0))
        before = changed
        after, where = fault(before, severity, seed)
        seen = visible(sound if before is stage else blend(before), blend(after), where)
        if seen < 0.3:
            continue
        severity *= min(1.0, seen)
        changed, found = after, np.maximum(found, where * min(1.0, seen))
        total = 1 - (1 - total) * (1 - 0.4 * severity) if severity < total else max(severity, total)
        for place, criterion in enumerate(FAULTS[fault][1]):
            loss = severity * (1.0 if place == 0 else 0.5)
            lowered[criterion] = max(lowered.get(criterion, 0.0), loss)
    if changed is stage:
        return None
    return _sample(stage, changed, found, min(1.0, total), lowered, seed)


def drawn(stage: Stage, count: int, seed: np.random.Generator) -> list[Fault]:
    """Return a few different faults that can befall a stage, by how often each is."""
    able = [fault for fault, (_, _, stands) in FAULTS.items() if stage.foot is not None or not stands]
    weights = np.array([FAULTS[fault][0] for fault in able])
    picks = seed.choice(len(able), count, replace=False, p=weights / weights.sum())
    # Subjects are moved before anything is done to their edges, so that every map lies where its fault ends up.
    return sorted((able[int(pick)] for pick in picks), key=lambda fault: not FAULTS[fault][2])


def visible(before: Plane, after: Plane, where: Plane) -> float:
    """Return how plainly two pictures differ where a fault lies, as a share of what is seen at once."""
    change = cv2.blur(greatest(np.abs(after - before)), (3, 3))
    place = change[where > 0.3]
    return float(np.percentile(place, 80)) / PLAIN if place.size > 8 else 0.0


def _sample(
    sound: Stage, shown: Stage, where: Plane, severity: float, lowered: dict[str, float], seed: np.random.Generator
) -> Sample:
    criteria = dict(sound.criteria)
    for criterion, loss in lowered.items():
        if criterion in criteria:
            criteria[criterion] = max(1.0, criteria[criterion] - 4 * loss)
    as_taken = sound.whole if shown is sound and seed.random() < 0.5 else None
    return Sample(
        worn(to_bytes(blend(shown) if as_taken is None else as_taken), seed)[0],
        sound.object,
        mask=shown.alpha,
        maps={"fusion": where},
        tags={"fusion": round(severity, 4)},
        presence=dict(sound.presence),
        criteria=criteria,
        captions=sound.captions,
    )
