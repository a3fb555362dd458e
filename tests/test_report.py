"""A report as JSON, as Markdown and drawn: the contract's keys, no number that is none, evidence where it lies."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import as_photo, as_subject, drawn, painted
from test_pipeline import still_life

from evaluator.pipeline import Evaluator
from evaluator.report import HEAT, LAYERS, draw, failure_to_dict, to_dict, to_json, to_markdown, word
from evaluator.types import Box, Evidence, Failure, Photo, Report, Tag

CONTRACT = ("path", "score", "verdict", "criteria", "tags", "parts", "advice", "stamp")


@pytest.fixture(scope="module")
def report() -> Report:
    """The report on a dim still life, so that there is something to say."""
    picture = (still_life() * 0.6).astype(np.uint8)
    return Evaluator().examine(as_photo(picture), "stills/jar.png")


def numbers(data: Any) -> Iterator[float]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list | tuple):
        for each in data:
            yield from numbers(each)
    elif isinstance(data, float):
        yield data


def test_the_json_has_the_keys_of_the_contract(report: Report) -> None:
    data = json.loads(to_json(report))
    assert set(CONTRACT) <= set(data)
    for criterion in data["criteria"].values():
        assert {"score", "weight", "reason"} <= set(criterion)
        assert criterion["score"] is None or 1 <= criterion["score"] <= 5
    for tag in data["tags"].values():
        assert {"probability", "flag", "confidence", "boxes"} <= set(tag)
    for part in data["parts"]:
        assert set(part) == {"id", "value", "weight", "adds"}
    for advice in data["advice"]:
        assert {"criterion", "en", "zh", "gain", "action", "values"} == set(advice)
    assert set(data["stamp"]) == {"version", "standard", "weights", "profile", "calibration", "experts"}
    assert (len(data["criteria"]), len(data["tags"])) == (19, 5)
    assert data["path"] == "stills/jar.png"


def test_the_json_reads_back_as_it_was_written(report: Report) -> None:
    for indent in (None, 2):
        assert json.loads(to_json(report, indent)) == json.loads(json.dumps(to_dict(report)))
    assert "\n" not in to_json(report)
    assert "画面" in to_json(report) or "的" in to_json(report)


def test_the_parts_add_up_as_they_are_written(report: Report) -> None:
    data = json.loads(to_json(report))
    assert round(sum(part["adds"] for part in data["parts"]), 2) == data["score"]
    assert sum(each["weight"] for each in data["criteria"].values()) == pytest.approx(1, abs=1e-3)


def test_every_number_is_one_and_has_at_most_four_decimals(report: Report) -> None:
    found = list(numbers(to_dict(report)))
    assert len(found) > 100
    assert all(math.isfinite(each) and round(each, 4) == each for each in found)
    assert "-0.0" not in re.findall(r"-?\d+\.\d+", to_json(report))


def test_a_number_that_is_none_is_never_written(report: Report) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(replace(report, confidence=math.nan))


def test_a_failure_is_its_path_and_error() -> None:
    failure = Failure("gone.png", "FileMissing", "There is no file.", "没有文件。")
    data = {"path": "gone.png", "error": {"type": "FileMissing", "message": "There is no file."}}
    assert failure_to_dict(failure) == data == json.loads(to_json(failure))


def test_a_path_that_is_no_text_is_written_all_the_same() -> None:
    path = os.fsdecode(b"caf\xe9.png")
    line = to_json(Failure(path, "FileMissing", f"There is no file at {path}.", ""))
    assert json.loads(line.encode("utf-8"))["path"] == path


@pytest.mark.parametrize(
    ("language", "title"), [("en", "# Picture report: stills/jar.png"), ("zh", "# 图片报告: stills/jar.png")]
)
def test_the_markdown_has_every_criterion_part_and_advice(report: Report, language: Any, title: str) -> None:
    text = to_markdown(report, language)
    lines = text.splitlines()
    assert lines[0] == title
    assert f"{report.score:.2f} / 5" in text
    assert word(report.verdict, language) in text
    assert len([line for line in lines if line.startswith("|")]) == 2 + 19 + 2 + 5 + 2 + len(report.parts) + 1
    assert [line[:3] for line in lines if re.match(r"\d+\. ", line)] == [
        f"{n}. " for n in range(1, len(report.advice) + 1)
    ]
    assert text.count(word("na", language)) == sum(c.score is None for c in report.criteria.values()) + sum(
        tag.probability is None for tag in report.tags.values()
    )
    for advice in report.advice:
        assert (advice.zh if language == "zh" else advice.en) in text
    if language == "zh":
        assert not [advice for advice in report.advice if advice.en in text]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_markdown_keeps_its_tables_whole(report: Report, language: Any) -> None:
    criterion = replace(report.criteria["exposure"], reason="dark | flat\nand dull", reason_zh="暗 | 平\n淡")
    piped = replace(report, path="a|b.png", criteria={**report.criteria, "exposure": criterion})
    text = to_markdown(piped, language)
    assert ("dark \\| flat and dull" if language == "en" else "暗 \\| 平 淡") in text
    assert "a\\|b.png" in text
    bars = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")}
    assert bars == {5, 6}


def test_a_report_without_advice_says_so(report: Report) -> None:
    assert "## What to do\n\n—\n" in to_markdown(replace(report, advice=()))


def test_an_unknown_word_is_a_fault_of_the_code() -> None:
    with pytest.raises(KeyError):
        word("splendid", "en")


@pytest.fixture
def photo() -> Photo:
    return as_photo(painted((120, 120, 120), drawn((90, 120), (40, 20, 80, 70)), (200, 60, 40)))


@pytest.fixture
def evidence(report: Report) -> Report:
    """A report with one thing to draw on every layer, each in a place of its own."""
    mask = drawn((90, 120), (40, 20, 80, 70))
    lights, shadows = np.zeros((90, 120), bool), np.zeros((90, 120), bool)
    lights[40:45, 55:60] = True
    shadows[50:55, 62:67] = True
    criteria = {id: replace(c, boxes=()) for id, c in report.criteria.items()}
    text, whole = Box(0.05, 0.8, 0.2, 0.1, "text"), Box(0.3, 0.2, 0.4, 0.6, "subject")
    criteria["overlay_freedom"] = replace(criteria["overlay_freedom"], boxes=(text, whole))
    tags = {id: replace(tag, boxes=()) for id, tag in report.tags.items()} | {
        "hand": Tag(0.9, True, 0.9, (Box(0.7, 0.8, 0.2, 0.1, "hand"),), "", "")
    }
    found = Evidence(as_subject(mask, confidence=0.9), lights, shadows, 0.0)
    return replace(report, criteria=criteria, tags=tags, evidence=found)


def changed(photo: Photo, report: Report, *layers: str) -> Any:
    return (draw(photo, report, layers) != photo.rgb).any(axis=2)


def test_no_layer_draws_nothing(photo: Photo, evidence: Report) -> None:
    picture = draw(photo, evidence, ())
    assert (picture == photo.rgb).all()
    assert picture is not photo.rgb


def test_the_outline_runs_along_the_mask(photo: Photo, evidence: Report) -> None:
    outline = changed(photo, evidence, "subject")
    assert outline[45, 36:44].any()
    assert outline[45, 76:84].any()
    assert not outline[40:50, 50:70].any()
    assert not outline[:, :30].any()


def test_boxes_lie_where_something_was_found_and_the_subject_has_none(photo: Photo, evidence: Report) -> None:
    boxes = changed(photo, evidence, "boxes")
    assert boxes[72, 6:30].all()
    assert boxes[72, 84:108].all()
    assert not boxes[:65].any()
    inks = draw(photo, evidence, ["boxes"])
    assert (inks[72, 15] != inks[72, 95]).any()


def test_the_thirds_cross_the_picture(photo: Photo, evidence: Report) -> None:
    thirds = changed(photo, evidence, "thirds")
    assert thirds[30].mean() > 0.9
    assert thirds[:, 80].mean() > 0.9
    assert not thirds[10, :30].any()


def test_clipping_is_tinted_red_and_blue_inside_the_subject(photo: Photo, evidence: Report) -> None:
    clipping = changed(photo, evidence, "clipping")
    assert clipping[40:45, 55:60].all()
    assert clipping[50:55, 62:67].all()
    assert int(clipping.sum()) == 50
    picture = draw(photo, evidence, ["clipping"]).astype(int)
    assert picture[42, 57, 0] > picture[42, 57, 2]
    assert picture[52, 64, 2] > picture[52, 64, 0]


def test_every_layer_is_drawn_unless_some_are_chosen(photo: Photo, evidence: Report) -> None:
    every = (draw(photo, evidence) != photo.rgb).any(axis=2)
    for layer in LAYERS:
        alone = changed(photo, evidence, layer)
        assert alone.any()
        assert every[alone].mean() > 0.95


def test_an_unsure_subject_has_no_outline(photo: Photo, evidence: Report) -> None:
    assert evidence.evidence is not None
    unsure = replace(evidence.evidence, subject=replace(evidence.evidence.subject, confidence=0.3))
    assert not changed(photo, replace(evidence, evidence=unsure), "subject").any()


def test_a_report_without_evidence_leaves_the_picture_as_it_is(photo: Photo, report: Report) -> None:
    assert (draw(photo, replace(report, evidence=None)) == photo.rgb).all()


def test_a_large_picture_is_drawn_at_1024_pixels(report: Report) -> None:
    large = as_photo(still_life(1200, 1600, larger=1))
    assert draw(large, report).shape == (768, 1024, 3)
    assert draw(large, replace(report, evidence=None)).shape == (768, 1024, 3)


def test_a_heat_map_is_drawn_where_it_is_hot_and_nowhere_else(photo: Photo, evidence: Report) -> None:
    plane = np.zeros((18, 24), np.float32)
    plane[10:14, 14:18] = 0.9
    assert evidence.evidence is not None
    hot = replace(evidence, evidence=replace(evidence.evidence, maps={"hand": plane, "face": 0.1 * plane}))
    heat = changed(photo, hot, HEAT + "hand")
    assert heat[55:65, 75:85].all()
    assert not heat[:40].any() and not heat[:, :55].any()
    assert not changed(photo, hot, HEAT + "face").any(), "what is faint is not drawn"
    assert not changed(photo, hot, HEAT + "body").any()
    assert not changed(photo, hot, "hand").any()


def test_the_places_of_each_attribute_have_their_own_ink(photo: Photo, evidence: Report) -> None:
    inks = set()
    for label in ("fusion", "hand", "face", "body"):
        tags = {label: Tag(0.9, True, 0.9, (Box(0.7, 0.8, 0.2, 0.1, label),), "", "")}
        inks.add(tuple(draw(photo, replace(evidence, tags=tags), ["boxes"])[72, 95].tolist()))
    assert len(inks) == 4


def test_json_and_markdown_say_who_said_what(report: Report) -> None:
    both = replace(report.criteria["exposure"], sources={"measure": 4.25, "network": 3.5})
    doubted = Tag(0.75, False, 0.7, (Box(0.1, 0.2, 0.3, 0.4, "face"),), "not sure", "不确定", doubt=True)
    told = replace(report, criteria={**report.criteria, "exposure": both}, tags={**report.tags, "face": doubted})
    data = json.loads(to_json(told))
    assert data["criteria"]["exposure"]["sources"] == {"measure": 4.25, "network": 3.5}
    assert data["tags"]["face"] == {
        "probability": 0.75, "flag": False, "doubt": True, "confidence": 0.7, "reason": "not sure",
        "reason_zh": "不确定", "boxes": [{"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "label": "face"}],
    }  # fmt: skip
    assert "| 4.25 | 3.50 |" in to_markdown(told)
    assert "| Abnormal face | 0.75 | uncertain | not sure |" in to_markdown(told)
    assert "| 面部异常 | 0.75 | 存疑 | 不确定 |" in to_markdown(told, "zh")
