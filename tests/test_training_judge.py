"""The figures of held-out samples: what is plainly faulty against what is sound; what lies between is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_look import FakeEyes

from evaluator.look import Look
from evaluator.training.judge import judged
from evaluator.training.sample import Sample

WHOLE = ", the whole way"
BLANK = np.zeros((64, 64, 3), np.uint8)


def shown(severity: float, logit: float) -> tuple[Sample, Look]:
    glance = FakeEyes().glance(BLANK)
    seen = replace(glance, logits={**glance.logits, "hand": logit})
    return Sample(BLANK, "one", tags={"hand": severity}), Look(seen)


def test_faults_are_told_from_sound_pictures_and_faint_ones_left_out() -> None:
    pairs = [shown(0.6, 2.0)] * 12 + [shown(0.0, -1.0)] * 11 + [shown(0.0, 3.0)] + [shown(0.1, 9.0)] * 5
    (area,) = [figure for figure in judged("hand", pairs) if figure.name == "hand hand AUC"]
    assert (area.pictures, area.base) == (24, 0.5)
    assert area.value == pytest.approx(11 / 12)
    assert area.low <= area.value <= area.high


def test_untouched_pictures_alone_give_no_area() -> None:
    assert not [figure for figure in judged("masks", [shown(0.0, -1.0)] * 30) if "AUC" in figure.name]


def test_masks_are_judged_by_where_they_are_from_and_as_the_product_uses_them() -> None:
    truth = np.zeros((256, 256), np.float32)
    truth[64:192, 64:192] = 1
    picture = np.where(truth[..., None] > 0, 40, 250).astype(np.uint8) * np.ones(3, np.uint8)
    loose = np.zeros_like(truth)
    loose[64:192, 64:160] = 1
    glance = replace(FakeEyes().glance(BLANK), mask=loose)
    pairs = [(Sample(picture, f"scene/{number}", mask=truth), Look(glance)) for number in range(12)]
    told = {figure.name: figure.value for figure in judged("masks", pairs) if "mask" in figure.name}
    assert sorted(told) == sorted(f"masks mask IoU{of}{how}" for of in ("", " of scene") for how in ("", WHOLE))
    assert told["masks mask IoU of scene"] == pytest.approx(0.75)
    assert told["masks mask IoU of scene, the whole way"] > 0.95  # white paper knows what stands out from it
