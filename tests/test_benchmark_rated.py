"""Agreement with people on small rated folders: perfect and constant judges, bad tables, what is held back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr
from test_look import FakeEyes
from test_pipeline import still_life

from evaluator.__main__ import main
from evaluator.pipeline import Source
from evaluator.training.benchmark import command
from evaluator.training.benchmark.examiner import Said
from evaluator.training.benchmark.rated import (
    Rated,
    RatingsBroken,
    agreement,
    judged,
    kept_back,
    read_ratings,
)
from evaluator.training.sources import held

SCORES = (12.5, 30.0, 47.5, 61.0, 80.0, 93.0)


@pytest.fixture
def folder(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Six drawn pictures and what people thought of them."""
    shop = tmp_path / "shop"
    (shop / "images").mkdir(parents=True)
    lines = ["image,mos_0_100,std"]
    for number, score in enumerate(SCORES):
        (shop / f"images/{number}.png").write_bytes(encode(still_life(64, 80, seed=number)))
        lines.append(f"images/{number}.png,{score},9")
    (shop / "ratings.csv").write_text("\n".join(lines), encoding="utf-8")
    return shop


def perfect(source: Source) -> Said:
    """Knows what people thought."""
    score = 1 + SCORES[int(Path(str(source)).stem)] / 25
    return Said(score, {"sharpness": 6 - score, "scale": None}, {"impression": 3.0})


def test_a_perfect_judge_agrees_wholly_and_a_constant_one_not_at_all(folder: Path) -> None:
    figures = {(each.subject, each.measure): each for each in agreement(judged(read_ratings(folder), perfect, 1))}
    for measure in ("SRCC", "PLCC", "KRCC"):
        assert figures["total", measure].value == pytest.approx(1)
        assert figures["sharpness", measure].value == pytest.approx(-1)
        assert figures["impression", measure].value is None
    assert figures["total", "SRCC"].pictures == 6
    assert figures["total", "SRCC"].absent == 0
    assert (figures["scale", "SRCC"].pictures, figures["scale", "SRCC"].absent) == (6, 6)


def test_agreement_is_what_scipy_says_and_lies_in_its_interval(rng: np.random.Generator) -> None:
    scores = rng.normal(50, 10, 60)
    totals = scores / 25 + rng.normal(0, 0.4, 60)
    rated = [Rated(Path(f"{number}.png"), float(score)) for number, score in enumerate(scores)]
    answers = judged(rated, lambda source: Said(float(totals[int(Path(str(source)).stem)])), 2)
    found = {each.measure: each for each in agreement(answers)}
    for measure, of in (("SRCC", spearmanr), ("PLCC", pearsonr), ("KRCC", kendalltau)):
        each = found[measure]
        assert each.value == pytest.approx(float(of(scores, totals).statistic))
        assert each.low is not None and each.value is not None and each.high is not None
        assert each.low < each.value < each.high


@pytest.mark.parametrize("header", ["path,score", "image,mos_1_5,count_1", " Picture , Mean ", "file,mos_0_10"])
def test_the_usual_names_of_columns_are_known(folder: Path, header: str) -> None:
    lines = (folder / "ratings.csv").read_text().splitlines()
    (folder / "ratings.csv").write_text("\n".join([header, *lines[1:]]) + "\n\n", encoding="utf-8")
    assert [each.score for each in read_ratings(folder)] == list(SCORES)


def test_another_column_of_scores_can_be_asked_for(folder: Path) -> None:
    lines = (folder / "ratings.csv").read_text().splitlines()
    appeal = ["appeal", *(f"{number}" for number in range(len(lines) - 1))]
    more = [f"{line},{each}" for line, each in zip(lines, appeal, strict=True)]
    (folder / "ratings.csv").write_text("\n".join(more), encoding="utf-8")
    assert [each.score for each in read_ratings(folder, "Appeal")] == list(range(len(lines) - 1))
    with pytest.raises(RatingsBroken, match=r"no column gives the mean score .* name that column one of quality"):
        read_ratings(folder, "quality")


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (0, "photo,mos_0_100", "line 1: no column gives the picture's path (it names photo, mos_0_100); name"),
        (0, "image,stars", "line 1: no column gives the mean score (it names image, stars); name that column one of"),
        (3, "images/2.png,good,9", "line 4, column mos_0_100: 'good' is no number; write the mean score"),
        (3, "images/2.png,nan,9", "line 4, column mos_0_100: 'nan' is no number"),
        (2, "images/9.png,50,9", "line 3, column image: there is no picture 'images/9.png'; give its path from"),
        (2, "images/0.png,50,9", "line 3, column image: 'images/0.png' is rated twice; keep one"),
        (5, "images/4.png", "line 6, column mos_0_100: it has 1 cells where the header has 3; complete the line"),
    ],
)
def test_a_bad_table_says_where_and_what_to_do(folder: Path, line: int, text: str, said: str) -> None:
    table = folder / "ratings.csv"
    lines = table.read_text().splitlines()
    lines[line] = text
    table.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RatingsBroken) as raised:
        read_ratings(folder)
    assert said in str(raised.value)
    assert str(table) in raised.value.sentence("zh")


def test_an_empty_table_is_bad_and_so_is_one_of_two_pictures(folder: Path) -> None:
    table = folder / "ratings.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(lines[:3]))
    with pytest.raises(RatingsBroken, match="2 rated pictures are too few"):
        read_ratings(folder)
    table.write_text("")
    with pytest.raises(RatingsBroken, match="line 1: no column gives the picture's path"):
        read_ratings(folder)
    table.write_bytes(b"\xff\xfe")
    with pytest.raises(RatingsBroken, match="save it as a CSV in UTF-8"):
        read_ratings(folder)


def test_only_pictures_that_never_trained_are_kept_of_a_training_set(folder: Path) -> None:
    rated = read_ratings(folder)
    with pytest.raises(RatingsBroken, match="shop is no training set"):
        kept_back(folder, rated)
    known = folder.rename(folder.with_name("rated_photos"))
    unseen = next(number for number in range(6, 99) if held(f"photo/{number}"))
    (known / "images/5.png").rename(known / f"images/{unseen}.png")
    table = known / "ratings.csv"
    table.write_text(table.read_text().replace("images/5.png", f"images/{unseen}.png"))
    kept = kept_back(known, read_ratings(known))
    assert [each.path.stem for each in kept] == [str(n) for n in (*range(5), unseen) if held(f"photo/{n}")]
    assert 0 < len(kept) < 6


def test_a_rated_folder_is_measured_shown_and_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(command, "network", FakeEyes)
    (folder / "images/5.png").write_bytes(b"\x89PNG")
    out, pages = tmp_path / "figures.json", tmp_path / "pages"
    assert main(["bench", "--data", str(folder), "--out", str(out), "--markdown", str(pages)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))["rated"]
    assert found["pictures"] == 6
    assert len(found["failed"]) == 1
    total = next(each for each in found["figures"] if (each["subject"], each["measure"]) == ("total", "SRCC"))
    assert (total["pictures"], total["absent"]) == (6, 1)
    assert {"impression", "technical", "appeal", "sharpness"} <= {each["subject"] for each in found["figures"]}
    assert "6 rated pictures, 1 could not be judged" in capsys.readouterr().out
    page = (pages / "rated-shop.md").read_text(encoding="utf-8")
    assert "| answer | pictures | not applicable | SRCC | PLCC | KRCC |" in page
    assert "![agreement](agreement.png)" in page
    assert (pages / "agreement.png").stat().st_size > 2000


def test_every_nth_rated_picture_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "network", FakeEyes)
    assert main(["bench", "--data", str(folder), "--every", "2"]) == 0
    assert "3 rated pictures, 0 could not be judged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sets", "options", "said"),
    [
        ((), (), "has no ratings.csv and none of the data sets studio_products"),
        (("hands",), (), "also needs --scenes DIR and --parts DIR"),
        (("hands",), ("--held",), "--held goes with a folder of rated pictures"),
        (("hands",), ("--scenes", "nowhere", "--parts", "nowhere"), "there is no folder nowhere"),
    ],
)
def test_what_to_measure_must_be_clear(
    tmp_path: Path, sets: tuple[str, ...], options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in sets:
        (tmp_path / name).mkdir()
    assert main(["bench", "--data", str(tmp_path), *options]) == 2
    assert said in capsys.readouterr().err


def test_results_that_could_not_be_written_are_told_before_the_run(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--data", str(folder), "--out", str(tmp_path / "no/figures.json")]) == 2
    assert "its folder does not exist" in capsys.readouterr().err
