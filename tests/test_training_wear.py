"""What wear does to what is said: coefficients found again, and sound pictures worn in steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import as_photo
from test_findings import seen
from test_look import closeup
from test_pipeline import still_life

from evaluator.calibration import WORN, worn
from evaluator.pipeline import Evaluator
from evaluator.training import wear
from evaluator.types import Closeup, Glance, Report, Rgb


def test_coefficients_are_found_again_and_none_is_negative(rng: np.random.Generator) -> None:
    steps = rng.uniform(0, 2, (200, len(WORN)))
    moved = steps @ [0.8, 0.0, 1.5, -0.6] + rng.normal(0, 0.05, 200)
    found = wear.solved([(step, float(by)) for step, by in zip(steps, moved, strict=True)])
    assert found["exposure"] == pytest.approx(1.5, abs=0.3)
    assert "colour_harmony" not in found
    assert min(found.values()) >= wear.LEAST


def test_without_steps_nothing_is_made_up_for() -> None:
    assert wear.solved([]) == {}
    assert wear.drawn([]) == wear.Drawn()


def test_the_middle_that_answers_are_drawn_to_is_found_again(rng: np.random.Generator) -> None:
    steps, before = rng.uniform(0, 2, (300, len(WORN))), rng.uniform(1, 5, 300)
    after = before - (steps @ [0.2, 0.0, 0.1, 0.0]) * (before - 2.5) + rng.normal(0, 0.05, 300)
    found = wear.drawn(list(zip(steps, before.tolist(), after.tolist(), strict=True)))
    assert found.middle == 2.5
    assert found.wear["sharpness"] == pytest.approx(0.2, abs=0.02)
    assert found.wear["exposure"] == pytest.approx(0.1, abs=0.02)
    assert not {"artefact_cleanliness", "colour_harmony"} & set(found.wear)


def test_a_judge_that_doubts_dark_pictures_is_made_up_for_darkness() -> None:
    blank = Evaluator(eyes=None).examine(as_photo(still_life()))
    whole = {id: dict.fromkeys(measures, 5.0) for id, measures in WORN.items()}

    def judge(picture: Rgb) -> tuple[Report, Glance, tuple[Closeup, ...]]:
        dark = 4 - 4 * min(float(picture.mean()) / 120, 1.0)
        subscores = {**whole, "exposure": dict.fromkeys(WORN["exposure"], 5 - dark)}
        criteria = {id: replace(blank.criteria[id], subscores=each) for id, each in subscores.items()}
        criteria["sharpness"] = replace(criteria["sharpness"], measures={"edge_width": 0.7})
        glance, over = seen(), worn(dark)
        heads = {**glance.criteria, "scene_fit": 4 - over, "artefact_cleanliness": 4 - over}
        logits = {**glance.logits, "fusion": 3 * over}
        report = replace(blank, criteria={**blank.criteria, **criteria})
        return report, replace(glance, logits=logits, criteria=heads), (closeup(1.0, -2 + 2 * over),)

    found = wear.fit([np.full((64, 64, 3), 120, np.uint8)] * 12, judge, dict.fromkeys(("person", "hand", "face"), 0.5))
    assert found.attributes["fusion"]["exposure"] == pytest.approx(3, abs=1.0)
    assert found.attributes["hand"] == {}
    assert found.near["hand"]["exposure"] == pytest.approx(2, abs=0.7)
    assert found.near["face"] == {}
    fell = found.heads["scene_fit"]
    assert fell.wear["exposure"] * (4 - fell.middle) == pytest.approx(1, abs=0.4)
    assert found.heads["artefact_cleanliness"] == wear.Drawn()  # it is about wear itself
