"""The network's calibration as data: probabilities, order, and errors that name the file and the key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import expit

from evaluator.calibration import (
    CALIBRATION_FILE,
    FAULTS_WORN,
    FUSION_FILE,
    HEADS_WORN,
    MOST_WEAR,
    ORDINARY,
    WORN,
    Attribute,
    Head,
    Near,
    Pull,
    load_calibration,
    regained,
)
from evaluator.errors import StandardError
from evaluator.standard import load

CALIBRATION = load_calibration()


def test_a_probability_is_the_logistic_of_the_scaled_logit() -> None:
    rule = Attribute(temperature=2.0, bias=-0.5, flag=0.9, review=0.6)
    for logit in np.linspace(-40, 40, 33):
        assert rule.probability(float(logit)) == pytest.approx(float(expit(logit / 2 - 0.5)))
    assert 0 <= rule.probability(-1e9) < rule.probability(1e9) <= 1


def test_an_alarm_rises_from_the_doubt_to_the_flag() -> None:
    rule = Attribute(temperature=1.0, bias=0.0, flag=0.9, review=0.5)
    assert [rule.alarm(p) for p in (0.0, 0.5, 0.75, 0.9, 1.0)] == pytest.approx([0, 0, 0.5, 1, 1])
    same = Attribute(temperature=1.0, bias=0.0, flag=0.8, review=0.8)
    assert (same.alarm(0.79), same.alarm(0.8)) == (0, 1)


def test_what_wear_alone_adds_is_taken_off_up_to_a_limit() -> None:
    rule = Attribute(temperature=2.0, bias=-0.5, flag=0.9, review=0.6, wear={"exposure": 0.4, "sharpness": 1.0})
    most = MOST_WEAR - ORDINARY
    for short, off in (({}, 0.0), ({"exposure": 2.0}, 0.4), ({"exposure": 9.0, "sharpness": 1.5}, 0.4 * most + 0.5)):
        assert rule.worn(short).probability(3.0) == pytest.approx(float(expit(1.0 - off)))
    assert rule.worn({"exposure": ORDINARY}) == rule
    near = Near(first=0.5, close=0.4, bias=0.1, wear={"exposure": 0.6})
    both = Attribute(temperature=2.0, bias=0.2, flag=0.9, review=0.6, near=near, wear={"exposure": 1.0})
    tired = both.worn({"exposure": ORDINARY + 1})
    assert tired.probability(2.0) == pytest.approx(float(expit(1.2 - 1.0)))
    assert tired.probability(2.0, 3.0) == pytest.approx(float(expit(0.5 * (1.2 - 1.0) + 0.4 * 3.0 + 0.1 - 0.6)))


def test_what_wear_hides_of_an_answer_is_given_back() -> None:
    head = Head(weight=1.0, trust=0.5, wear={"exposure": Pull(share=0.4, to=1.0)})
    worn_head = head.worn({"exposure": 1.5, "sharpness": 3.0})
    assert worn_head.answer(4.2) == pytest.approx(5.0) and worn_head.answer(1.0) == 1.0
    assert worn_head.answer(2.6) == pytest.approx(3.0) and worn_head.answer(5.0) == 5.0
    assert head.answer(3.3) == pytest.approx(3.3)
    between = Head(weight=1.0, trust=0.5, wear={"exposure": Pull(share=0.4, to=3.0)}).worn({"exposure": 1.5})
    assert [between.answer(said) for said in (1.0, 1.8, 3.0, 4.2)] == pytest.approx([1.0, 1.5, 3.0, 4.5])
    pulls = {"exposure": Pull(share=0.1, to=5.0), "sharpness": Pull(share=0.3, to=1.0)}
    # A point of each: 0.3 × (4 − 1) down and 0.1 × (4 − 5) up are given back.
    assert regained(4 - 0.9 + 0.1, pulls, dict.fromkeys(pulls, ORDINARY + 1)) == pytest.approx(4.0)
    assert regained(4.0, pulls, dict.fromkeys(pulls, ORDINARY)) == 4.0
    worn = CALIBRATION.worn({"exposure": 2.0})
    assert worn.attributes["fusion"] == CALIBRATION.attributes["fusion"].worn({"exposure": 2.0})
    assert worn.presence == CALIBRATION.presence


def test_wear_is_told_by_measured_criteria_alone() -> None:
    standard = load()
    for id, measures in WORN.values():
        assert {curve.measure for curve in standard.curves_of(id)} >= set(measures)
    for attribute in CALIBRATION.attributes.values():
        assert set(attribute.wear) <= set(FAULTS_WORN)
    for head in CALIBRATION.heads.values():
        assert set(head.wear) <= set(HEADS_WORN)


def test_every_criterion_and_every_tag_is_calibrated() -> None:
    standard = load()
    assert set(CALIBRATION.heads) == {rule.id for rule in standard.criteria}
    assert {rule.id for rule in standard.tags if not rule.needs_original} <= set(CALIBRATION.attributes)


def test_what_has_no_measure_is_the_networks_alone() -> None:
    standard = load()
    alone = {id for id, head in CALIBRATION.heads.items() if head.weight == 1}
    assert {rule.id for rule in standard.criteria if not standard.curves_of(rule.id)} <= alone


def test_a_thing_is_present_from_its_threshold_on() -> None:
    edge = CALIBRATION.presence["hand"]
    assert CALIBRATION.present("hand", edge)
    assert not CALIBRATION.present("hand", edge - 0.01)
    assert not CALIBRATION.present("hand", 0.0)


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (CALIBRATION_FILE, "temperature = ", "temprature = ", "attributes.fusion.temperature"),
        (CALIBRATION_FILE, "person = ", "person = 3", "presence.person"),
        (FUSION_FILE, "weight = ", "weight = 2", "heads.completeness.weight"),
        (FUSION_FILE, "[heads]", "[heads", "(syntax)"),
    ],
)
def test_a_broken_file_is_named_by_its_key(tmp_path: Path, file: Path, old: str, new: str, key: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / file.name
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    paths = [broken if each == file else each for each in (CALIBRATION_FILE, FUSION_FILE)]
    with pytest.raises(StandardError) as caught:
        load_calibration(*paths)
    assert caught.value.values["file"] == file.name
    assert caught.value.values["key"] == key


def test_a_doubt_that_lies_over_the_flag_is_refused() -> None:
    with pytest.raises(ValidationError, match="lies over flag"):
        Attribute(temperature=1.0, bias=0.0, flag=0.5, review=0.6)


def test_the_digest_follows_both_files(tmp_path: Path) -> None:
    digests = {CALIBRATION.digest}
    for file, other in ((CALIBRATION_FILE, 0), (FUSION_FILE, 1)):
        changed = tmp_path / file.name
        changed.write_bytes(file.read_bytes() + b"\n")
        paths = [CALIBRATION_FILE, FUSION_FILE]
        paths[other] = changed
        digests.add(load_calibration(*paths).digest)
    assert len(digests) == 3
