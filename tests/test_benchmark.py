"""The benchmark of the judge: its statistics against closed forms, its faults, and its figures on drawn pictures."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.stats import kendalltau, rankdata
from test_pipeline import still_life

from evaluator.__main__ import main
from evaluator.training.benchmark import ladder as ladders
from evaluator.training.benchmark.ladder import STEPS, UnknownFault, ladder
from evaluator.training.benchmark.pictures import pictures_of
from evaluator.training.benchmark.speed import peaks
from evaluator.training.benchmark.stability import stability
from evaluator.training.benchmark.statistics import bootstrap, rank_correlation
from evaluator.training.defects import LADDERS


@pytest.fixture
def folder(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Two drawn pictures in which nothing is flagged, and a file that is none."""
    shop = tmp_path / "shop"
    shop.mkdir()
    for number in range(2):
        (shop / f"{number}.png").write_bytes(encode(still_life(320, 400, seed=SOUND[number])))
    (shop / "torn.png").write_bytes(b"\x89PNG")
    return shop


SOUND = (5, 8)
THREE = ("blur", "noise", "dark")
"""Only three kinds of fault, to be quick."""


def test_rank_correlation_is_spearmans(rng: np.random.Generator) -> None:
    steps = range(9)
    for _ in range(20):
        scores = rng.permutation(9)
        closed = 1 - 6 * float(((scores - np.arange(9)) ** 2).sum()) / (9 * 80)
        assert rank_correlation(steps, list(scores)) == pytest.approx(closed)
        ties = list(rng.integers(0, 4, 9))
        pearson = np.corrcoef(np.arange(9), rankdata(ties))[0, 1]
        assert rank_correlation(steps, ties) == pytest.approx(pearson)
        assert np.sign(rank_correlation(steps, list(range(9)))) == np.sign(kendalltau(steps, range(9)).statistic)


def test_scores_that_do_not_move_do_not_follow() -> None:
    assert rank_correlation(range(4), [3.0] * 4) == 0.0
    assert rank_correlation(range(4), [4, 3, 2, 1]) == pytest.approx(-1)


def test_the_bootstrap_interval_covers_the_mean_as_often_as_it_says(rng: np.random.Generator) -> None:
    covered = 0
    for _ in range(100):
        low, high = bootstrap(list(rng.normal(2, 1, 40)), np.mean, rounds=300)
        assert low < high
        covered += low <= 2 <= high
    assert 86 <= covered <= 100
    mean, spread = 2.0, 1.96 / np.sqrt(400)
    low, high = bootstrap(list(mean + np.random.default_rng(1).normal(0, 1, 400)), np.mean)
    assert high - low == pytest.approx(2 * spread, rel=0.2)


def test_the_bootstrap_gives_the_same_interval_each_time() -> None:
    assert bootstrap([1.0, 2.0, 5.0]) == bootstrap([1.0, 2.0, 5.0])
    assert bootstrap([4.0]) == (4.0, 4.0)


@pytest.mark.parametrize("kind", LADDERS)
def test_a_fault_is_seeded_grows_and_begins_at_nothing(kind: str) -> None:
    fault, _ = LADDERS[kind]
    picture = still_life(96, 120)

    def spoilt(strength: float) -> np.ndarray:
        return fault(picture, strength, np.random.default_rng(3))

    for strength in (0.2, 1.0):
        one = spoilt(strength)
        assert one.dtype == np.uint8
        assert one.shape[2] == 3
        assert (one == spoilt(strength)).all()
    if kind in ("crop", "tilt"):
        areas = [spoilt(strength).shape[0] * spoilt(strength).shape[1] for strength in (0.0, 0.5, 1.0)]
        assert areas[0] > areas[1] > areas[2]
    else:
        far = [float(np.abs(spoilt(strength).astype(int) - picture).mean()) for strength in (0.0, 0.5, 1.0)]
        assert far[0] < (3 if kind == "jpeg" else 1)
        assert far[0] < far[1] < far[2]
    if kind != "jpeg":
        nothing = cv2.resize(spoilt(0.0), (120, 96))
        assert np.abs(nothing.astype(int) - picture).max() <= 1


def test_dark_and_bright_change_the_light_by_stops() -> None:
    grey = np.full((40, 40, 3), 100, np.uint8)
    seed = np.random.default_rng(0)

    def linear(level: float) -> float:
        return ((level / 255 + 0.055) / 1.055) ** 2.4

    assert linear(LADDERS["dark"][0](grey, 0.4, seed).mean()) == pytest.approx(linear(100) / 2**1.4, rel=0.02)
    assert linear(LADDERS["bright"][0](grey, 0.5, seed).mean()) == pytest.approx(linear(100) * 2**1.5, rel=0.02)


def test_noise_has_the_spread_it_names() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    assert LADDERS["noise"][0](grey, 0.5, np.random.default_rng(0)).std() == pytest.approx(20, rel=0.03)


def test_the_scores_fall_with_each_fault(folder: Path) -> None:
    threads = cv2.getNumThreads()
    rungs = ladder(list(pictures_of([str(folder)], 1)), kinds=THREE)
    assert cv2.getNumThreads() == threads
    assert [(rung.kind, rung.criterion) for rung in rungs] == [
        ("blur", "sharpness"), ("noise", "artefact_cleanliness"), ("dark", "exposure"),
    ]  # fmt: skip
    for rung in rungs:
        assert rung.pictures == 2
        assert rung.criterion_rho <= -0.9
        assert rung.total_rho <= -0.65
        assert rung.total_means[0] > rung.total_means[-1] + 0.4
        assert rung.criterion_means[0] > rung.criterion_means[-1] + 0.5
        assert len(rung.criterion_means) == len(rung.total_means) == STEPS + 1
        assert rung.criterion_interval[0] <= rung.criterion_rho <= rung.criterion_interval[1]
        assert rung.unjudged == 0
        assert rung.others[0] != rung.criterion


def test_without_a_file_the_figures_are_only_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.parent.rglob("*"))
    assert main(["bench", "--speed", str(folder), "--side", "100"]) == 0
    assert "2 pictures of 100 px" in capsys.readouterr().out
    assert sorted(folder.parent.rglob("*")) == before


def test_every_nth_picture_of_each_folder_is_taken(folder: Path) -> None:
    names = [Path(path).name for path in pictures_of([str(folder), str(folder)], 2)]
    assert names == ["0.png", "torn.png"] * 2


def test_a_steady_judge_does_not_move(folder: Path) -> None:
    moved = stability([str(folder / "0.png"), str(folder / "torn.png")])
    assert {name: len(values) for name, values in moved.items()} == dict.fromkeys(moved, 1)
    assert moved["again"] == [0.0]
    assert moved["flip"][0] < 0.1


def test_the_figures_are_shown_and_written(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    one = str(folder)
    (folder / "1.png").unlink()
    command = ["bench", "--ladder", one, "--stability", one, "--speed", one, "--side", "150", "--workers", "1"]
    command += ["--kinds", *THREE]
    assert main([*command, "--out", str(out)]) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert [rung["kind"] for rung in figures["ladder"]] == ["blur", "noise", "dark"]
    assert set(figures["stability"]) == {"flip", "jpeg 95", "half of 2000 px", "again"}
    assert figures["speed"]["pictures"] == 1
    assert figures["speed"]["failed"] == 0
    assert figures["speed"]["processes"] == 1
    assert figures["speed"]["pictures_per_second"] > 0
    shown = capsys.readouterr().out
    assert "pictures/s" in shown
    assert "5 steps a fault" in shown


def test_the_memory_of_every_process_counts() -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3, timeout=60)
    idle = [context.Process(target=barrier.wait) for _ in range(2)]
    for process in idle:
        process.start()
    while barrier.n_waiting < 2 and all(process.is_alive() for process in idle):
        time.sleep(0.01)
    held = peaks()
    barrier.wait()
    for process in idle:
        process.join()
    assert set(held) == {os.getpid(), *(process.pid for process in idle)}
    assert all(megabytes > 1 for megabytes in held.values())
    assert set(peaks()) == {os.getpid()}


@pytest.mark.parametrize("what", ["--ladder", "--stability", "--speed"])
def test_pictures_that_cannot_be_read_are_no_measurement(
    folder: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        (folder / f"{number}.png").unlink()
    assert main(["bench", what, str(folder)]) == 2
    assert "error: none of the pictures can be read" in "".join(capsys.readouterr())


def test_a_folder_without_pictures_is_no_measurement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--speed", str(tmp_path)]) == 2
    assert "no pictures under" in "".join(capsys.readouterr())


def test_a_criterion_that_never_applies_leaves_its_figures_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blur = LADDERS["blur"][0]
    monkeypatch.setattr(ladders, "LADDERS", {"blur": (blur, "scale")})
    (rung,) = ladder([str(folder / "0.png")])
    assert np.isnan(rung.criterion_rho)
    assert rung.unjudged == 1


def test_a_kind_of_fault_that_there_is_none_of_names_those_there_are(folder: Path) -> None:
    with pytest.raises(UnknownFault, match="no ladder of 'rust'; the kinds are blur, "):
        ladder([str(folder / "0.png")], kinds=["blur", "rust"])


def test_where_there_is_no_terminal_lines_say_how_far_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ladder(list(pictures_of([str(folder)], 1)), kinds=["dark"])
    assert "ladders: 3 of 3" in capsys.readouterr().err
