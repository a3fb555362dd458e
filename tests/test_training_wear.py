"""What wear does to what is said: coefficients found again, and sound pictures worn in steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import as_photo
from test_findings import seen
from test_look import closeup
from test_pipeline import still_life

from evaluator.calibration import FAULTS_WORN, HEADS_WORN, LIGHTS, WORN, worn
from evaluator.pipeline import Evaluator
from evaluator.training import wear
from evaluator.types import Closeup, Glance, Report, Rgb


def test_coefficients_are_found_again_and_none_is_negative(rng: np.random.Generator) -> None:
    steps = rng.uniform(0, 2, (200, len(WORN)))
    by = {"sharpness": 0.8, "exposure": 1.5, "colour_harmony": -0.3}
    moved = steps @ [by.get(name, 0.0) for name in WORN] + rng.normal(0, 0.05, 200)
    found = wear.solved([(step, float(by)) for step, by in zip(steps, moved, strict=True)])
    assert found["exposure"] == pytest.approx(1.5, abs=0.3)
    assert "colour_harmony" not in found
    assert min(found.values()) >= wear.LEAST
    assert set(found) <= set(FAULTS_WORN)


def test_without_steps_nothing_is_made_up_for() -> None:
    assert wear.solved([]) == {}
    assert wear.drawn([]) == {}


def test_what_each_kind_of_wear_draws_answers_to_is_found_again(rng: np.random.Generator) -> None:
    steps, before = rng.uniform(0, 2, (300, len(WORN))), rng.uniform(1, 5, 300)
    soft, dim = (steps[:, list(WORN).index(name)] for name in ("sharpness", "gloom"))
    pulled = soft * 0.2 * (before - 2.5) + dim * 0.1 * (before - 4.5)
    after = before - pulled + rng.normal(0, 0.03, 300)
    found = wear.drawn(list(zip(steps, before.tolist(), after.tolist(), strict=True)))
    assert set(found) == {"sharpness", "gloom"} <= set(HEADS_WORN)
    assert (found["sharpness"].share, found["sharpness"].to) == pytest.approx((0.2, 2.5), rel=0.1)
    assert (found["gloom"].share, found["gloom"].to) == pytest.approx((0.1, 4.5), rel=0.1)


def test_a_judge_that_doubts_dark_pictures_is_made_up_for_darkness() -> None:
    blank = Evaluator(eyes=None).examine(as_photo(still_life()))
    whole = {id: dict.fromkeys(measures, 5.0) for id, measures in WORN.values()}
    whole["exposure"] = dict.fromkeys(WORN["exposure"][1], 5.0)

    def judge(picture: Rgb) -> tuple[Report, Glance, tuple[Closeup, ...]]:
        dark = 4 - 4 * min(float(picture.mean()) / 120, 1.0)
        subscores = {**whole, "exposure": whole["exposure"] | dict.fromkeys(LIGHTS["gloom"], 5 - dark)}
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
    assert set(found.heads["scene_fit"]) == {"gloom"}
    pull = found.heads["scene_fit"]["gloom"]
    assert pull.share * (4 - pull.to) == pytest.approx(1, abs=0.4)
    assert found.heads["artefact_cleanliness"] == {}  # it is about wear itself
