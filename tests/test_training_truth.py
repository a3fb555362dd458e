"""What is plainly true of a training picture."""

from __future__ import annotations

import numpy as np

from evaluator.training.sample import Sample
from evaluator.training.truth import truths

BLANK = np.zeros((32, 32, 3), np.uint8)


def test_what_lies_between_faint_and_plain_is_left_open() -> None:
    sample = Sample(BLANK, "one", tags={"hand": 0.0, "face": 0.1, "body": 0.2, "fusion": 0.9})
    assert truths("hand", sample) == {"hand": 0.0, "body": 1.0, "fusion": 1.0}


def test_untouched_pictures_have_no_fault_but_a_cut_out_on_white_may_be_one() -> None:
    scene, white = (Sample(BLANK, "one", presence={"plain_backdrop": value}) for value in (0.0, 1.0))
    assert truths("masks", scene) == {"artefact": 0.0, "fusion": 0.0}
    assert truths("located", white) == {"artefact": 0.0}
    somebody = Sample(BLANK, "one", presence={"person": 1.0}, tags={"hand": 0.0})
    assert truths("located", somebody) == {"hand": 0.0, "artefact": 0.0, "fusion": 0.0, "body": 0.0}
    assert truths("hand", scene) == {}
