"""Tags: what is flagged, what is doubted, what does not apply, and where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import as_subject, drawn
from test_look import FakeEyes, looked, scene

from evaluator.calibration import load_calibration
from evaluator.findings import BOXES, no_tags, tags
from evaluator.look import Look
from evaluator.standard import load
from evaluator.types import Glance, Tag

STANDARD, CALIBRATION = load(), load_calibration()
SUBJECT = as_subject(drawn((60, 80), (20, 10, 60, 50)))
WHITE = replace(SUBJECT, plain=1.0, white=1.0)
EVERYONE = dict.fromkeys(("person", "face", "hand", "scene"), 1.0) | {"plain_backdrop": 0.0, "flat_lay": 0.0}


def seen(**changes: Any) -> Glance:
    """A look at a picture with a person, a face and a hand, all sound."""
    return replace(FakeEyes().glance(scene(300, (200, 100, 260, 160))), **({"presence": EVERYONE} | changes))


def logit(id: str, probability: float) -> float:
    """The raw answer that comes to a probability."""
    rule = CALIBRATION.attributes[id]
    return float((np.log(probability / (1 - probability)) - rule.bias) * rule.temperature)


def tagged(glance: Glance, subject: Any = SUBJECT) -> dict[str, Tag]:
    return tags(Look(glance), subject, STANDARD, CALIBRATION)


def saying(id: str, probability: float) -> dict[str, Tag]:
    glance = seen()
    return tagged(replace(glance, logits={**glance.logits, id: logit(id, probability)}))


def test_every_tag_is_answered_and_none_flagged_in_a_sound_picture() -> None:
    found = tagged(seen())
    assert list(found) == [rule.id for rule in STANDARD.tags]
    assert found["product_changed"].reason == STANDARD.absences["original"].en
    for id in ("fusion", "hand", "face", "body"):
        assert (found[id].flag, found[id].doubt, found[id].boxes) == (False, False, ())
        assert found[id].probability is not None and found[id].probability < 0.1
        assert found[id].reason.startswith("the network sees no sign of it")


@pytest.mark.parametrize("id", ["fusion", "hand", "face", "body"])
def test_a_tag_is_flagged_from_its_threshold_and_doubted_below(id: str) -> None:
    rule = CALIBRATION.attributes[id]
    for probability, flag, doubt in (
        (rule.flag + 0.01, True, False),
        (rule.flag - 0.01, False, True),
        (rule.review - 0.01, False, False),
    ):
        tag = saying(id, probability)[id]
        assert tag.probability == pytest.approx(probability)
        assert (tag.flag, tag.doubt) == (flag, doubt)
        assert f"{tag.probability:.0%}" in tag.reason
        assert f"{tag.probability:.0%}" in tag.reason_zh


@pytest.mark.parametrize(
    ("id", "thing", "reason"), [("hand", "hand", "hand"), ("face", "face", "face"), ("body", "person", "person")]
)
def test_where_there_is_nothing_to_look_at_nothing_is_said(id: str, thing: str, reason: str) -> None:
    glance = seen(presence=EVERYONE | {thing: 0.1}, logits=dict.fromkeys(CALIBRATION.attributes, 9.0))
    tag = tagged(glance)[id]
    assert (tag.probability, tag.flag, tag.confidence, tag.boxes) == (None, None, None, ())
    assert (tag.reason, tag.reason_zh) == (STANDARD.absences[reason].en, STANDARD.absences[reason].zh)


def test_a_plain_white_backdrop_has_no_fusion_to_judge() -> None:
    tag = tagged(seen(logits=dict.fromkeys(CALIBRATION.attributes, 9.0)), WHITE)["fusion"]
    assert tag.probability is None
    assert tag.reason == STANDARD.absences["plain_backdrop"].en


def test_confidence_falls_with_what_is_seen_of_the_part_and_near_a_half() -> None:
    sure, unsure = saying("hand", 0.02)["hand"].confidence, saying("hand", 0.5)["hand"].confidence
    glance = seen(presence=EVERYONE | {"hand": CALIBRATION.presence["hand"]})
    dim = tagged(replace(glance, logits={**glance.logits, "hand": logit("hand", 0.02)}))["hand"].confidence
    assert sure is not None and unsure is not None and dim is not None
    assert 1 > sure > dim > unsure
    assert dim == pytest.approx(CALIBRATION.presence["hand"] * sure)


def test_boxes_lie_on_the_few_highest_places_of_the_map() -> None:
    plane = np.zeros((48, 48), np.float32)
    for number, (y, x) in enumerate(((4, 4), (4, 30), (30, 4), (30, 30), (20, 20))):
        plane[y : y + 6, x : x + 6] = 0.9 - 0.05 * number
    plane[44, 44] = 0.3
    glance = seen(maps={**seen().maps, "body": plane})
    tag = tagged(replace(glance, logits={**glance.logits, "body": 6.0}))["body"]
    assert len(tag.boxes) == BOXES
    assert tag.boxes[0].label == "body"
    assert (tag.boxes[0].x, tag.boxes[0].y, tag.boxes[0].width) == pytest.approx((4 / 48, 4 / 48, 6 / 48))
    assert tagged(glance)["body"].boxes == (), "a sound body has no place to show"


def test_a_flat_map_shows_no_place() -> None:
    glance = seen()
    assert tagged(replace(glance, logits={**glance.logits, "face": 6.0}))["face"].boxes == ()


def test_the_reason_says_that_a_part_was_looked_at_again() -> None:
    picture = scene(2000, (1200, 600, 1440, 840), fault=60)
    tag = tags(looked(picture, FakeEyes()), SUBJECT, STANDARD, CALIBRATION)["hand"]
    assert tag.flag
    assert tag.reason.endswith("looked at again at native size: 1")
    assert "按原始大小再看 1 处" in tag.reason_zh
    assert len(tag.boxes) == 1
    assert tag.boxes[0].x <= 0.67 and tag.boxes[0].x + tag.boxes[0].width >= 0.66


def test_no_tag_is_ever_called_fine_without_a_look() -> None:
    for reason in ("network", "blank"):
        found = no_tags(STANDARD, reason)
        assert set(found) == {tag.id for tag in STANDARD.tags}
        for id, tag in found.items():
            assert (tag.probability, tag.flag, tag.confidence, tag.boxes) == (None, None, None, ())
            wording = STANDARD.absences["original" if id == "product_changed" else reason]
            assert (tag.reason, tag.reason_zh) == (wording.en, wording.zh)


def test_a_doubt_on_somebody_who_is_barely_there_alarms_little() -> None:
    rule, least = CALIBRATION.attributes["body"], CALIBRATION.presence["person"]
    middle, glance = (rule.review + rule.flag) / 2, seen()
    doubtful = replace(glance, logits={**glance.logits, "body": logit("body", middle)})
    alarms = [
        tagged(replace(doubtful, presence=EVERYONE | {"person": p}))["body"].alarm
        for p in (least, 0.75 * least + 0.25, 1.0)
    ]
    assert alarms == pytest.approx([0.0, rule.alarm(middle) / 2, rule.alarm(middle)])
    assert 0 < alarms[2] < 1
