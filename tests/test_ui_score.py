"""The Score tab's handlers, called as the page calls them, with a judge that says what it is told to say."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from evaluator.decode import decode
from evaluator.errors import Language, NotAnImage, UnknownProfile
from evaluator.opinion import DRAWN, MARKS
from evaluator.report import to_dict
from evaluator.standard import load as load_standard
from evaluator.types import (
    Advice,
    Box,
    Criterion,
    Evidence,
    Metadata,
    Part,
    Photo,
    Report,
    Stamp,
    Subject,
    Tag,
)
from evaluator.ui import cards, tables
from evaluator.ui.radar import radar
from evaluator.ui.scoring import Scoring, Seen, Shown, clean, heat_choice, heated, plot, redraw
from evaluator.ui.voice import Voice, group_scores, level
from evaluator.ui.words import LANGUAGES, language_of
from evaluator.ui.words import load as load_words

STANDARD = load_standard()
WORDS = load_words()
ENGLISH = gr.Request(headers={"accept-language": "en-GB,en;q=0.9"}, query_params={})
CHINESE = gr.Request(headers={"accept-language": "zh-CN,zh;q=0.9"}, query_params={})
SCORES = {"completeness": 4.8, "exposure": 2.1, "sharpness": 3.4, "colour_harmony": 3.9}
EVERY_LAYER = ["subject", "boxes", "thirds", "clipping"]


def report(photo: Photo, path: str = "cup.png", profile: str = "general", **changes: Any) -> Report:
    """A report with four judged criteria; `changes` replace its fields."""
    criteria = {
        rule.id: Criterion(
            SCORES[rule.id],
            0.25,
            f"{rule.id} because",
            f"{rule.id} 因为",
            boxes=(Box(0.1, 0.1, 0.5, 0.3, "text"),),
        )
        if rule.id in SCORES
        else Criterion(None, 0.0, "needs the network", "需要神经网络", confidence=0.0)
        for rule in STANDARD.criteria
    }
    parts = [Part(id, score, 0.25, score * 0.25) for id, score in SCORES.items()]
    total = round(sum(part.adds for part in parts) - 0.3, 2)
    height, width = photo.rgb.shape[:2]
    mask = np.zeros((height, width), np.float32)
    mask[height // 4 : height // 2, width // 4 : width // 2] = 1
    lights = np.zeros((height, width), np.bool_)
    lights[height // 4 : height // 3] = True
    made = Report(
        path=path,
        score=total,
        verdict="review",
        confidence=0.8,
        criteria=criteria,
        tags={
            "fusion": Tag(0.92, True, 0.9, (), "a bright fringe", "有亮边"),
            "hand": Tag(None, None, None, (), "no hand in the picture", "画面中没有手"),
        },
        parts=(*parts, Part("cap", None, None, -0.3)),
        advice=(Advice("exposure", "Raise the exposure by 0.7 stop.", "提高曝光 0.7 档。", 0.42),),
        metadata=photo.metadata,
        stamp=Stamp("0.1.0", "abc123", None, profile),
        evidence=Evidence(Subject(mask, 0.9, "backdrop", 0.9, 0.9), lights, ~lights, 0.0),
    )
    return dataclasses.replace(made, **changes)


class FakeJudge:
    """Says what `report` makes, with `changes`, or raises `fault`."""

    def __init__(self, fault: Exception | None = None, **changes: Any) -> None:
        self.fault, self.changes = fault, changes
        self.profiles: list[str | None] = []

    def examine(self, photo: Photo, path: str = "", *, profile: str | None = None) -> Report:
        self.profiles.append(profile)
        if self.fault:
            raise self.fault
        return report(photo, path, profile or "general", **self.changes)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def photo(picture: np.ndarray) -> Photo:
    return Photo(picture, None, Metadata("PNG", "RGB", 48, 64, 1200), "0" * 64)


@pytest.fixture
def upload(tmp_path: Path, picture: np.ndarray, encode: Callable[..., bytes]) -> dict[str, Any]:
    file = tmp_path / "cup.png"
    file.write_bytes(encode(picture))
    return {"path": str(file), "orig_name": "cup.png"}


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "note.jpg"
    file.write_text("this is no picture at all, only its name says so")
    return {"path": str(file), "orig_name": "note.jpg"}


def scoring(judge: FakeJudge | None = None) -> Scoring:
    return Scoring(judge or FakeJudge(), STANDARD, WORDS)


def show(upload: dict[str, Any] | None, request: gr.Request = ENGLISH, judge: FakeJudge | None = None) -> Shown:
    return scoring(judge).show(upload, "general", EVERY_LAYER, None, request)


def voice(language: str = "en") -> Voice:
    return Voice(STANDARD, WORDS, "zh" if language == "zh" else "en")


def untouched(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def visible(value: Any) -> bool | None:
    return value.get("visible") if isinstance(value, dict) else None


def test_a_picture_gives_its_score_verdict_and_reasons(upload: dict[str, Any]) -> None:
    shown = show(upload)
    assert (visible(shown.empty), visible(shown.problem), visible(shown.result)) == (False, False, True)
    assert "<span>3.25</span>" in shown.score
    assert "Needs a look" in shown.score
    assert "Strongest: completeness (4.8); weakest: exposure (2.1)" in shown.score
    assert "4 of 19 criteria judged · confidence 80 % · Any shop" in shown.score
    assert "Raise the exposure by 0.7 stop." in shown.advice
    assert "up to +0.42" in shown.advice
    assert untouched(shown.picture)


@pytest.mark.parametrize("language, said", [("en", "Marks of generation lie all over it. "), ("zh", "带有生成痕迹。")])
def test_marks_of_generation_are_named_where_the_verdict_is_said(photo: Photo, language: Language, said: str) -> None:
    plain = report(photo)
    voice = Voice(STANDARD, WORDS, language)
    marked = dataclasses.replace(plain.criteria["exposure"], measures={MARKS: 0.97})
    told = dataclasses.replace(plain, criteria={**plain.criteria, "exposure": marked})
    assert said in cards.score(told, voice)
    assert said not in cards.score(plain, voice)
    drawn = dataclasses.replace(plain.criteria["exposure"], measures={DRAWN: 0.6})
    assert said in cards.score(dataclasses.replace(plain, criteria={**plain.criteria, "exposure": drawn}), voice)


def test_a_chinese_browser_reads_chinese_throughout(upload: dict[str, Any]) -> None:
    shown = show(upload, CHINESE)
    assert "待复核" in shown.score
    assert "最弱：曝光（2.1）" in shown.score
    assert "提高曝光 0.7 档。" in shown.advice
    assert "Exposure 因为" in shown.criteria  # a reason begins with a capital
    pages = (shown.score, shown.advice, shown.criteria, shown.parts, shown.file, shown.key)
    texts = " ".join(re.sub("<[^>]*>", " ", page) for page in pages)
    english = {word for key, text in WORDS.texts.items() if key != "page.title" for word in [text["en"]]}
    assert not [text for text in english if "{" not in text and f" {text} " in texts]


def test_the_channel_reaches_the_judge(upload: dict[str, Any]) -> None:
    judge = FakeJudge()
    shown = scoring(judge).show(upload, "amazon", EVERY_LAYER, None, ENGLISH)
    assert judge.profiles == ["amazon"]
    assert "Amazon main image" in shown.score


def test_no_picture_leaves_the_page_alone() -> None:
    assert all(untouched(value) for value in show(None))


def test_a_report_goes_with_its_picture(photo: Photo) -> None:
    page = scoring().show(None, "general", EVERY_LAYER, Seen(photo, report(photo)), ENGLISH)
    assert (visible(page.empty), visible(page.result)) == (True, False)
    assert page.seen is None


def test_starting_over_shows_the_empty_page() -> None:
    page = clean()
    assert page.picture is None
    assert page.seen is None
    assert (visible(page.empty), visible(page.problem), visible(page.result)) == (True, False, False)


@pytest.mark.parametrize(("request_", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_a_file_that_is_no_picture_says_so_in_its_own_sentence(
    broken: dict[str, Any], request_: gr.Request, language: str
) -> None:
    with pytest.raises(NotAnImage) as caught:
        decode(broken["path"])
    shown = show(broken, request_)
    assert caught.value.sentence("zh" if language == "zh" else "en") in shown.problem["value"]
    assert (visible(shown.empty), visible(shown.problem), visible(shown.result)) == (False, True, False)
    assert shown.picture is None, "the drop zone is free for another try"


def test_an_unknown_channel_says_so(upload: dict[str, Any]) -> None:
    fault = UnknownProfile(name="moon", known="general")
    assert "no profile &#x27;moon&#x27;" in show(upload, judge=FakeJudge(fault)).problem["value"]


def test_a_picture_that_was_deleted_is_asked_for_again(tmp_path: Path) -> None:
    shown = show({"path": str(tmp_path / "gone.png")})
    assert "deleted" in shown.problem["value"]
    assert str(tmp_path) not in shown.problem["value"], "no path of the server is shown"


def test_a_fault_of_ours_is_a_sentence_on_the_page_and_a_traceback_in_the_log(
    upload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        shown = show(upload, judge=FakeJudge(ZeroDivisionError("in the machine")))
    assert "cup.png could not be judged" in shown.problem["value"]
    assert "in the machine" not in shown.problem["value"]
    assert "in the machine" in caplog.text


def test_nothing_that_a_file_says_becomes_markup(photo: Photo) -> None:
    name = "<img src=x onerror=alert(1)>.png"
    metadata = dataclasses.replace(photo.metadata, made_with_ai=True, digital_source_type="<b>", profile="<i>")
    nasty = report(photo, name, metadata=metadata)
    html = tables.file(nasty, voice()) + cards.score(nasty, voice()) + cards.problem(name, voice())
    assert not re.search(r"<(img|b|i)\b", html)


def test_all_nineteen_criteria_stand_in_the_plot_with_their_levels(photo: Photo) -> None:
    frame = plot(report(photo), voice()).value
    rows = {row[0]: row[1:] for row in frame["data"]}
    assert len(rows) == 19
    assert list(rows) == sorted(rows), "the plot sorts by name; the numbers keep the standard's order"
    assert rows["14 Exposure · 2.1"] == [2.1, "weak"]
    assert rows["17 Sharpness · 3.4"] == [3.4, "fair"]
    assert rows["01 Completeness · 4.8"] == [4.8, "strong"]
    assert rows["08 Scale · –"] == [0.0, "none"]


@pytest.mark.parametrize(
    ("score", "name"), [(None, "none"), (1.0, "weak"), (2.99, "weak"), (3.0, "fair"), (4.0, "strong")]
)
def test_levels(score: float | None, name: str) -> None:
    assert level(score) == name


def test_a_criterion_that_was_not_judged_is_grey_and_says_why(photo: Photo) -> None:
    rows = re.findall(r'<li class="v-row v-(\w+)">.*?</li>', tables.criteria(report(photo), voice()))
    assert rows.count("none") == 15
    assert "Needs the network" in tables.criteria(report(photo), voice())


def test_tags_say_found_or_why_they_were_not_looked_for(photo: Photo) -> None:
    html = tables.criteria(report(photo), voice())
    assert "found, 92 %" in html
    assert "No hand in the picture" in html
    assert "Abnormal attributes" not in tables.criteria(report(photo, tags={}), voice())


def test_the_parts_table_adds_up_to_the_score(photo: Photo) -> None:
    made = report(photo)
    html = tables.parts(made, voice())
    added = [float(text.replace("−", "-")) for text in re.findall(r"<td>(−?\d\.\d{3})</td></tr>", html)]
    assert len(added) == len(made.parts)
    assert sum(added) == pytest.approx(made.score, abs=0.005)
    assert f"<td>{made.score:.2f}</td>" in html
    assert "Cap" in html


def test_what_takes_next_to_nothing_has_no_minus(photo: Photo) -> None:
    html = tables.parts(report(photo, parts=(Part("cap", None, None, -0.0003),)), voice())
    assert "<td>0.000</td>" in html and "−" not in html


def test_group_scores_are_weighted_means_over_what_was_judged(photo: Photo) -> None:
    criteria = dict(report(photo).criteria)
    criteria["exposure"] = Criterion(2.0, 0.3, "", "")
    criteria["colour_harmony"] = Criterion(5.0, 0.1, "", "")
    groups = group_scores(report(photo, criteria=criteria), STANDARD)
    assert groups["light"] == pytest.approx((2.0 * 0.3 + 5.0 * 0.1) / 0.4)
    assert groups["environment"] is None


def test_the_radar_draws_a_corner_for_each_judged_group() -> None:
    svg = radar([("A", 5.0), ("B", None), ("<C>", 1.0), ("D", 3.0), ("E", 4.0)], "–")
    corners = re.findall(r'class="v-shape" points="([^"]*)"', svg)[0].split()
    assert len(corners) == 4
    assert corners[0] == "212.0,54.0", "a 5 stands on the outer ring, straight up"
    assert "&lt;C&gt;" in svg
    assert "v-grey" in svg


def test_layers_are_drawn_and_taken_away_again(photo: Photo) -> None:
    seen = Seen(photo, report(photo))
    bare = redraw(seen, [])
    assert bare is not None
    assert np.array_equal(bare, photo.rgb)
    for layer in EVERY_LAYER:
        drawn = redraw(seen, [layer])
        assert drawn is not None
        assert not np.array_equal(drawn, bare), layer
    assert redraw(None, EVERY_LAYER) is None


def test_what_a_page_keeps_is_small(tmp_path: Path, encode: Callable[..., bytes]) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(encode(np.full((2000, 1500, 3), 200, np.uint8)))
    seen = show({"path": str(file)}).seen
    assert max(seen.photo.rgb.shape) <= 1024


def test_the_made_with_ai_notice_appears_only_where_the_file_says_so(photo: Photo) -> None:
    declared = dataclasses.replace(photo.metadata, made_with_ai=True, digital_source_type="trainedAlgorithmicMedia")
    assert "trainedAlgorithmicMedia" in cards.score(report(photo, metadata=declared), voice())
    assert "v-notice" not in cards.score(report(photo), voice())


def test_nothing_to_advise_says_so(photo: Photo) -> None:
    assert "Nothing to do" in cards.advice(report(photo, advice=()), voice())


def test_an_even_picture_names_no_weakness(photo: Photo) -> None:
    even = {id: Criterion(4.8, 0.1, "", "") for id in SCORES}
    assert "Nothing stands out as weak." in cards.score(report(photo, criteria=even), voice())


def test_a_picture_with_nothing_judged_still_has_a_sentence(photo: Photo) -> None:
    none = {id: Criterion(None, 0.0, "no subject", "没有主体", confidence=0.0) for id in SCORES}
    assert "A person should look at it" in cards.score(report(photo, criteria=none), voice())


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No product could be made out in it with certainty."), ("zh", "未能从画面中可靠地识别出商品。")],
)
def test_a_picture_without_a_product_says_so_first(photo: Photo, language: Language, said: str) -> None:
    shown = report(photo)
    gone = Criterion(None, 0.0, "no subject", "没有主体", confidence=0.0)
    without = dataclasses.replace(shown, criteria={**shown.criteria, "completeness": gone})
    assert f'<p class="v-sentence">{said}' in cards.score(without, voice(language))
    assert said not in cards.score(shown, voice(language))


def test_the_reports_to_take_away_hold_the_report(upload: dict[str, Any], cache: Path) -> None:
    shown = show(upload, CHINESE)
    data = json.loads(Path(shown.json).read_text(encoding="utf-8"))
    assert data["score"] == 3.25
    assert data["path"] == "cup.png", "no path of the server leaves it"
    assert "3.25" in Path(shown.markdown).read_text(encoding="utf-8")
    assert Path(shown.json).name == "cup-report.json"
    assert cache in Path(shown.json).parents, "Gradio deletes what lies in its own cache"


def test_the_endpoint_returns_the_contracts_json(upload: dict[str, Any], photo: Photo) -> None:
    data = scoring().api(upload, "amazon")
    assert data["score"] == 3.25
    assert {**to_dict(report(photo, profile="amazon")), "path": None, "name": "cup.png"} == data | {
        "metadata": to_dict(report(photo))["metadata"]
    }
    assert data["stamp"] == {
        "version": "0.1.0",
        "standard": "abc123",
        "weights": None,
        "profile": "amazon",
        "calibration": None,
        "experts": [],
    }


def test_the_endpoint_raises_the_errors_own_sentence(broken: dict[str, Any]) -> None:
    with pytest.raises(gr.Error, match=r"note\.jpg is not a picture"):
        scoring().api(broken, "general")
    with pytest.raises(gr.Error, match="No picture was sent"):
        scoring().api(None, "general")


def test_the_page_is_localised_when_it_loads() -> None:
    empty, privacy, profiles, layers = scoring().localise(CHINESE)
    assert "19 项" in empty
    assert "删除" in privacy
    assert ("亚马逊主图", "amazon") in profiles["choices"]
    assert [id for _, id in layers["choices"]] == EVERY_LAYER


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ({}, "zh-TW", "zh"),
        ({}, "fr-FR,zh;q=0.5", "en"),
        ({}, "", "en"),
        ({"lang": "zh"}, "en-GB", "zh"),
        ({"lang": "en"}, "zh-CN", "en"),
    ],
)
def test_the_address_then_the_browser_choose_the_language(query: dict[str, str], accepted: str, language: str) -> None:
    assert language_of(gr.Request(headers={"accept-language": accepted}, query_params=query)) == language


def test_no_request_is_english() -> None:
    assert language_of(None) == "en"


@pytest.mark.parametrize("key", sorted(WORDS.texts))
def test_every_text_stands_in_every_language_with_the_same_places_to_fill(key: str) -> None:
    text = WORDS.texts[key]
    assert set(text) == set(LANGUAGES)
    places = [sorted(re.findall(r"\{(\w+)\}", text[language])) for language in LANGUAGES]
    assert places.count(places[0]) == len(places)


def test_the_header_offers_the_other_language() -> None:
    html = cards.header(voice("zh"))
    assert '<a href="?lang=en" lang="en">English</a>' in html
    assert '<a href="?lang=zh" lang="zh-CN" aria-current="true">中文</a>' in html


def doubtful(photo: Photo) -> Report:
    """A report of the network's: a hand found, a fused subject doubted, a sound body, no face, and their maps."""
    made = report(photo)
    assert made.evidence is not None
    plane = np.full((12, 12), 0.9, np.float32)
    tags = {
        "fusion": Tag(0.8, False, 0.8, (), "not sure", "不确定", doubt=True),
        "hand": Tag(0.95, True, 0.9, (), "the network sees it", "网络判断"),
        "face": Tag(None, None, None, (), "no face is seen", "画面中没有脸"),
        "body": Tag(0.05, False, 0.9, (), "no sign of it", "未见异常"),
    }
    criteria = dict(made.criteria)
    criteria["exposure"] = dataclasses.replace(criteria["exposure"], sources={"measure": 4.0, "network": 2.0})
    criteria["scale"] = Criterion(3.0, 0.1, "right", "对", sources={"network": 3.0})
    evidence = dataclasses.replace(
        made.evidence, maps={"fusion": 0 * plane, "hand": plane, "body": 0 * plane, "artefact": plane}
    )
    return dataclasses.replace(made, tags=tags, criteria=criteria, evidence=evidence)


def test_attributes_are_told_in_plain_words_with_their_state(photo: Photo) -> None:
    html = cards.attributes(doubtful(photo), voice())
    rows = re.findall(r'<li class="v-(\w+)"><b>(.*?)</b><span class="v-mark">(.*?)</span><p>(.*?)</p>', html)
    assert rows == [
        ("fair", "Badly fused subject", "uncertain · 80 %", "The subject may be pasted into its scene."),
        ("weak", "Abnormal hand", "found · 95 %", "A hand looks wrong: count its fingers."),
        ("none", "Abnormal face", "not judged", "No face is seen"),
        ("strong", "Abnormal body", "not found · 5 %", "Limbs and proportions look natural."),
    ]
    assert "检出 · 95%" in cards.attributes(doubtful(photo), voice("zh"))
    assert cards.attributes(report(photo, tags={}), voice()) == ""


def test_every_tag_has_its_words_in_every_state() -> None:
    for rule in STANDARD.tags:
        for state in ("found", "doubt", "clear"):
            assert f"attributes.{rule.id}_{state}" in WORDS.texts


def test_both_judges_stand_on_the_bar_and_one_alone_too(photo: Photo) -> None:
    html = tables.criteria(doubtful(photo), voice())
    rows = {
        name: row
        for row in html.split('<li class="v-row')
        for name in ("Exposure", "Scale", "Sharpness")
        if f'"v-name">{name}<' in row
    }
    assert re.findall(r"v-by v-by-(\w+)\" style=\"left:(\d+)%", rows["Exposure"]) == [
        ("measure", "80"),
        ("network", "40"),
    ]
    assert re.findall(r"v-by v-by-(\w+)", rows["Scale"]) == ["network"]
    assert "v-by" not in rows["Sharpness"]
    assert "seen by the network" in html
    assert "seen by the network" not in tables.criteria(report(photo), voice())
    assert "uncertain, 80 %" in html


def test_the_heat_map_of_the_worst_attribute_is_chosen(photo: Photo) -> None:
    made = doubtful(photo)
    choice = heat_choice(made, voice())
    assert choice["value"] == heated(made) == "hand"
    assert choice["visible"] is True
    assert choice["choices"] == [
        ("None", ""),
        ("Badly fused subject", "fusion"),
        ("Abnormal hand", "hand"),
        ("Abnormal body", "body"),
        ("Artefacts", "artefact"),
    ]
    bare = heat_choice(report(photo), voice())
    assert (bare["value"], bare["visible"]) == ("", False)


def test_a_heat_map_is_switched_on_and_off(photo: Photo) -> None:
    seen = Seen(photo, doubtful(photo))
    bare, hot = redraw(seen, []), redraw(seen, [], "hand")
    assert bare is not None and hot is not None
    assert np.array_equal(bare, photo.rgb)
    assert (hot != bare).any(axis=2).mean() > 0.9
    for heat in ("", None, "face", "body"):
        assert np.array_equal(redraw(seen, [], heat), bare)


def test_the_page_shows_the_heat_map_at_once_and_says_which_network(upload: dict[str, Any], photo: Photo) -> None:
    stamp = Stamp("0.1.0", "abc123", "feedbeef", "general", "cafe")
    changes = {name: getattr(doubtful(photo), name) for name in ("tags", "evidence", "criteria")}
    shown = show(upload, judge=FakeJudge(stamp=stamp, **changes))
    assert shown.heat["value"] == "hand"
    assert "A hand looks wrong" in shown.attributes
    assert "network feedbeef" in shown.file
    assert not np.array_equal(shown.evidence, redraw(shown.seen, EVERY_LAYER))


def test_the_parts_name_severity_and_impression(photo: Photo) -> None:
    more = (Part("severity", 2.0, 0.7, 1.4), Part("impression", 4.0, 0.15, 0.6))
    html = tables.parts(report(photo, parts=more), voice())
    assert "Severity of the weakest" in html
    assert "Impression of the whole (network)" in html
