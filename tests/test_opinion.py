"""What the network says on each criterion, and where it has nothing to say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_findings import CALIBRATION, EVERYONE, STANDARD, SUBJECT, WHITE, seen, tagged

from evaluator.calibration import OF_WEAR
from evaluator.findings import no_tags
from evaluator.look import Look
from evaluator.network.heads import GENERATED
from evaluator.opinion import (
    DRAWN,
    FALL,
    MARKS,
    PLAIN,
    READ,
    REDRAWN,
    SCENE,
    SURE,
    Opinion,
    impressed,
    marked,
    opinions,
)
from evaluator.types import Glance, Subject, Tag


def said(glance: Glance, subject: Subject = SUBJECT, **tags: Tag) -> dict[str, Opinion]:
    return opinions(Look(glance), subject, tagged(glance, subject) | tags, STANDARD, CALIBRATION)


def test_every_criterion_has_its_opinion_with_weight_and_trust() -> None:
    heard = said(seen())
    assert set(heard) == {rule.id for rule in STANDARD.criteria}
    for id, opinion in heard.items():
        assert opinion.absent is None
        assert (opinion.weight, opinion.trust) == (CALIBRATION.heads[id].weight, CALIBRATION.heads[id].trust)
        assert opinion.values["head"] == 4.0
    assert heard["exposure"].score == 4.0


REVIEW = CALIBRATION.attributes["body"].review


@pytest.mark.parametrize(
    ("probability", "score"), [(0.0, 5.0), (REVIEW / 2, 4.5), (REVIEW, 4.0), ((1 + REVIEW) / 2, 2.5), (1.0, 1.0)]
)
def test_a_fault_that_is_seen_takes_its_criterion_down(probability: float, score: float) -> None:
    fault = replace(tagged(seen())["body"], probability=probability)
    opinion = said(seen(), body=fault)["body_plausibility"]
    assert opinion.score == pytest.approx(score)
    assert opinion.values["body_probability"] == probability


def test_of_hand_and_face_the_worse_one_counts() -> None:
    hand, face = (replace(tagged(seen())["hand"], probability=p) for p in (0.2, 0.9))
    opinion = said(seen(), hand=hand, face=face)["hand_face_integrity"]
    assert opinion.score == pytest.approx(1 + 3 * 0.1 / (1 - CALIBRATION.attributes["face"].review))


@pytest.mark.parametrize(
    ("presence", "id", "reason"),
    [
        ({"person": 0.1}, "body_plausibility", "person"),
        ({"hand": 0.1, "face": 0.1}, "hand_face_integrity", "hand_face"),
        ({"hand": 0.1}, "hand_face_integrity", None),
        ({"plain_backdrop": 1.0}, "scene_fit", "plain_backdrop"),
        ({"scene": 0.0}, "scale", "no_reference"),
        ({"flat_lay": 1.0}, "grounding", "flat_lay"),
    ],
)
def test_what_is_not_in_the_picture_is_not_judged(presence: dict[str, float], id: str, reason: str | None) -> None:
    assert said(seen(presence=EVERYONE | presence))[id].absent == reason


@pytest.mark.parametrize(
    ("thing", "id"),
    [("person", "body_plausibility"), ("face", "hand_face_integrity"), ("scene", "scale")],
)
def test_what_is_barely_there_counts_for_little(thing: str, id: str) -> None:
    least = CALIBRATION.presence[thing]
    alone = EVERYONE | {"hand": 0.0} if thing == "face" else EVERYONE
    trusts = [said(seen(presence=alone | {thing: p}))[id].trust for p in (least, 0.75 * least + 0.25, 1.0)]
    whole = CALIBRATION.heads[id].trust
    assert trusts == pytest.approx([0.0, whole / 2, whole])


@pytest.mark.parametrize(("thing", "id"), [("plain_backdrop", "scene_fit"), ("flat_lay", "grounding")])
def test_what_is_barely_away_counts_for_little(thing: str, id: str) -> None:
    least = CALIBRATION.presence[thing]
    trusts = [said(seen(presence=EVERYONE | {thing: p}))[id].trust for p in (0.999 * least, 0.75 * least, 0.0)]
    whole = CALIBRATION.heads[id].trust
    assert trusts == pytest.approx([0.0, whole / 2, whole], abs=0.01)


def test_before_white_paper_no_scene_is_judged() -> None:
    heard = said(seen(), WHITE)
    assert {id for id, opinion in heard.items() if opinion.absent == "plain_backdrop"} == SCENE
    half = replace(SUBJECT, plain=1.0, white=0.5)
    assert said(seen(), half)["scale"].trust == pytest.approx(CALIBRATION.heads["scale"].trust / 2)
    assert said(seen(), half)["exposure"].trust == CALIBRATION.heads["exposure"].trust


def test_a_criterion_without_a_head_is_left_to_the_measures() -> None:
    heads = {id: score for id, score in seen().criteria.items() if id != "exposure"}
    assert "exposure" not in said(seen(criteria=heads))


def test_in_a_picture_too_blurred_to_tell_the_network_is_heard_on_its_wear_alone() -> None:
    heard = opinions(Look(seen()), SUBJECT, no_tags(STANDARD, "blurred"), STANDARD, CALIBRATION, blurred=True)
    alone = {id for id, head in CALIBRATION.heads.items() if head.weight == 1}
    assert set(heard) == alone | OF_WEAR
    assert {id for id, opinion in heard.items() if opinion.absent == "blurred"} == alone
    assert heard["exposure"].score == 4.0


@pytest.mark.parametrize(("read", "named"), [(READ, MARKS), (REDRAWN, DRAWN)])
def test_marks_of_generation_take_down_what_they_are_about_and_the_impression(read: str, named: str) -> None:
    least = CALIBRATION.presence[read]
    barely, plainly = (seen(presence=EVERYONE | {read: p}) for p in (least, (1 + least) / 2))
    clean = said(seen())
    assert said(barely) == clean
    heard = said(plainly)
    for id, opinion in heard.items():
        if id in GENERATED:
            assert opinion.score == pytest.approx(1.0)
            assert opinion.trust == pytest.approx(max(SURE, clean[id].trust))
            assert opinion.values[named] == (1 + least) / 2
            assert len(opinion.values.keys() & {MARKS, DRAWN}) == 1
        else:
            assert opinion == clean[id]
    felt = [impressed(Look(glance), CALIBRATION) for glance in (seen(), barely, plainly)]
    assert felt[0] == felt[1] == CALIBRATION.impression.brought(seen().impression[0])
    assert felt[2] == pytest.approx(max(1.0, felt[0] - FALL))


def test_of_two_readings_of_marks_the_plainer_counts_once() -> None:
    drawn = (1 + CALIBRATION.presence[REDRAWN]) / 2
    hardly = CALIBRATION.presence[READ] + 0.01
    both, alone = (seen(presence=EVERYONE | each) for each in ({READ: hardly, REDRAWN: drawn}, {REDRAWN: drawn}))
    assert impressed(Look(both), CALIBRATION) == impressed(Look(alone), CALIBRATION)


def test_a_person_should_look_where_marks_are_likely_or_plainly_severe() -> None:
    severe = CALIBRATION.presence[REDRAWN] + PLAIN * (1 - CALIBRATION.presence[REDRAWN]) / 2
    asked = [{}, {READ: CALIBRATION.presence[READ] + 0.01}, {REDRAWN: severe - 0.01}, {REDRAWN: severe + 0.01}]
    assert [marked(Look(seen(presence=each)), CALIBRATION) for each in asked] == [False, True, False, True]


def test_what_looks_a_little_drawn_anew_is_felt_in_the_impression_alone() -> None:
    least = CALIBRATION.presence[REDRAWN]
    little = seen(presence=EVERYONE | {REDRAWN: least + 0.99 * PLAIN * (1 - least) / 2})
    assert said(little) == said(seen())
    assert impressed(Look(little), CALIBRATION) < impressed(Look(seen()), CALIBRATION)
