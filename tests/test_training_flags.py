"""Flags are raised by pictures that look sound, and never lowered."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluator.calibration import CALIBRATION_FILE, load_calibration
from evaluator.training.raise_flags import FEWEST, MOST, SHARE, raised, run
from evaluator.training.sources import calibrates


def test_a_flag_rises_until_few_lie_over_it_and_never_falls(rng: np.random.Generator) -> None:
    judged = rng.random(500).tolist()
    flag = raised(judged, 0.8)
    assert (np.array(judged) > flag).mean() <= SHARE
    assert flag > 0.8
    assert raised(judged, 0.995) == 0.995
    assert raised([1.0] * FEWEST, 0.8) == MOST


def test_of_few_pictures_nothing_is_learnt() -> None:
    assert raised([1.0] * (FEWEST - 1), 0.8) == 0.8


def test_flags_are_written_and_all_else_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "calibration.toml"
    kept.write_text(CALIBRATION_FILE.read_text("utf-8"), "utf-8")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    asked = Namespace(pictures=pictures, calibration=kept)
    with pytest.raises(FileNotFoundError, match="there are no pictures in"):
        run(asked)
    name = next(str(number) for number in range(20) if calibrates(str(number)))
    cv2.imwrite(str(pictures / f"{name}.png"), np.full((80, 80, 3), (90, 140, 200), np.uint8))
    assert run(asked) == 0
    assert load_calibration(kept).attributes == load_calibration().attributes
    assert "of 1 judged, flag" in capsys.readouterr().out
