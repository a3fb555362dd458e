"""Levels are raised by pictures that people would pass, and never lowered."""

from __future__ import annotations

import csv
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.special import logit

from evaluator.calibration import CALIBRATION_FILE, load_calibration
from evaluator.training.makers import ratings
from evaluator.training.makers.rated import LIKED, liked
from evaluator.training.raise_flags import FEWEST, MOST, ROOM, raised, run
from evaluator.training.shares import OF_A_SET as SHARE
from evaluator.training.sources import held


def rated(folder: Path, marks: dict[int, float]) -> Path:
    """A data folder with pictures by generators of some groups and ratings; returned is the folder."""
    images = folder / "rated_generated/images"
    images.mkdir(parents=True)
    rows: list[tuple[str, ...]] = [("image", "group", "mos_1_5")]
    for group, mark in marks.items():
        cv2.imwrite(str(images / f"{group}.png"), np.full((80, 80, 3), (90, 140, 200), np.uint8))
        rows.append((f"images/{group}.png", str(group), f"{mark:g}"))
    with (folder / "rated_generated/ratings.csv").open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows(rows)
    ratings.generated.cache_clear()
    return folder


def groups(kept: bool) -> list[int]:
    """Groups that never train, or that do."""
    return [number for number in range(60) if held(f"generated/{number}") is kept]


def test_a_level_rises_until_few_lie_over_it_and_never_falls(rng: np.random.Generator) -> None:
    judged = rng.random(500).tolist()
    flag = raised(judged, 0.8, SHARE)
    assert (np.array(judged) > flag).mean() <= SHARE
    assert flag > 0.8
    assert raised(judged, 0.995, SHARE) == 0.995
    assert raised([1.0] * FEWEST, 0.8, SHARE) == MOST


def test_of_few_pictures_nothing_is_learnt() -> None:
    assert raised([1.0] * (FEWEST - 1), 0.8, SHARE) == 0.8


def test_only_what_trains_and_was_rated_well_is_taken_to_be_sound(tmp_path: Path) -> None:
    trains, never = groups(kept=False), groups(kept=True)
    folder = rated(tmp_path, {trains[0]: LIKED, trains[1]: LIKED - 0.5, never[0]: 5.0})
    assert [path.stem for path in liked(folder, held=False)] == [str(trains[0])]
    assert [path.stem for path in liked(folder, held=True)] == [str(never[0])]


def test_levels_are_written_and_all_else_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "calibration.toml"
    kept.write_text(CALIBRATION_FILE.read_text("utf-8"), "utf-8")
    low = rated(tmp_path / "low", {groups(kept=False)[0]: 2.0})
    with pytest.raises(FileNotFoundError, match="is rated 4 or more; fetch the set"):
        run(Namespace(data=low, calibration=kept))
    few = rated(tmp_path / "few", {groups(kept=False)[0]: 4.5})
    assert run(Namespace(data=few, calibration=kept)) == 0
    assert load_calibration(kept).attributes == load_calibration().attributes
    assert load_calibration(kept).presence == load_calibration().presence
    assert "of 1 judged, flag" in capsys.readouterr().out


def test_doubts_begin_well_under_the_flag() -> None:
    for rule in load_calibration().attributes.values():
        assert logit(rule.flag) - logit(rule.review) >= ROOM - 0.01
