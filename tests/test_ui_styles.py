"""The Styles tab's handlers, called as the page calls them, over a small library of drawn scenes."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image, ImageDraw

from styles import StyleFinder
from styles.errors import Language, StoreError, StyleError
from styles.types import Filters, Style
from styles.ui import cards, chips, thumbs
from styles.ui.answers import Answers
from styles.ui.branding import Branding
from styles.ui.exploring import LOOKS, SORTS, TAB, Asked, Exploring, Shown, clear
from styles.ui.keeping import Keeping
from styles.ui.uploads import Expired, paths, words
from styles.ui.words import PREFIX, Voice, texts, translations

WALLS: dict[str, dict[str, Any]] = {
    "warm-oak": {"wall": "#C9A982", "moods": ["warm", "calm"], "zh": "暖橡木", "score": 4.4, "season": "autumn"},
    "navy-night": {"wall": "#16264D", "moods": ["moody"], "zh": "藏青之夜", "score": 3.2, "season": "winter"},
    "pink-candy": {"wall": "#F5B6C4", "moods": ["sweet"], "zh": "粉糖", "score": None, "season": None},
}
EN, ZH = Voice("en"), Voice("zh")


@dataclass
class Page:
    """A page that asks in a language."""

    language: Language = "en"


def asking(language: Language = "en") -> Any:
    return Page(language)


def language_of(request: Any) -> Language:
    return request.language if request else "en"


def scene(wall: str, shift: int = 0) -> Image.Image:
    image = Image.new("RGB", (128, 128), wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 96, 128, 128), fill="#D8D0C4")
    draw.ellipse((40 + shift, 50, 76 + shift, 96), fill="#7A4B2A")
    return image


def write_style(folder: Path, id: str, look: dict[str, Any]) -> None:
    (folder / id).mkdir(parents=True)
    scene(look["wall"]).save(folder / id / "hero-1.webp", lossless=True)
    card = {
        "id": id,
        "name": {"en": id.replace("-", " ").capitalize(), "zh": look["zh"]},
        "family": "linen",
        "moods": look["moods"],
        "materials": ["wood"],
        "palette": [{"hex": look["wall"], "share": 0.75}, {"hex": "#D8D0C4", "share": 0.25}],
        "light": {"key": "softbox", "direction": "left", "softness": 0.7, "temperature_k": 5000},
        "composition": {"camera": "eye", "framing": "medium", "placement": "centre"},
        "categories": ["home"],
        "season": look["season"],
        "festival": None,
        "words": {"en": [], "zh": []},
        "prompt": 'a product before a "wall" <of> one colour',
        "negative_prompt": "blurry",
        "heroes": [{"file": "hero-1.webp", "product": "serum"}],
        "plate": {"file": "plate.webp"},
        "aesthetic": look["score"] and {"score": look["score"], "stamp": "test"},
        "provenance": {},
        "licence": "CC0-1.0",
    }
    (folder / id / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    for id, look in WALLS.items():
        write_style(folder, id, look)
    return folder


@pytest.fixture
def finder(tmp_path: Path, library: Path) -> StyleFinder:
    return StyleFinder(tmp_path / "data", library)


@pytest.fixture
def exploring(finder: StyleFinder) -> Exploring:
    return Exploring(lambda: finder, language_of)


@pytest.fixture
def upload(tmp_path: Path) -> Any:
    """Write a picture and return it as the page sends it."""

    def write(wall: str = "#C9A982", shift: int = 0, name: str = "mine.png") -> dict[str, str]:
        file = tmp_path / f"{wall[1:]}-{shift}-{name}"
        scene(wall, shift).save(file)
        return {"path": str(file), "orig_name": name}

    return write


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "note.jpg"
    file.write_text("only its name says that this is a picture")
    return {"path": str(file), "orig_name": "note.jpg"}


def closed() -> StyleFinder:
    raise StoreError(folder="the data folder", why="no permission")


def ask(exploring: Exploring, language: Language = "en", **given: Any) -> Shown:
    """Search as the page does, with the controls that are not given as they are at first."""
    names = ("text", "uploads", "colours", "brand", *chips.KINDS, "sort", "looks")
    values = dict(zip(names, clear(), strict=True)) | given
    return exploring.show(**values, request=asking(language))


def shown_ids(html: str) -> list[str]:
    return re.findall(r'data-style="([^"]+)"', html)


def test_without_a_query_everything_is_shown_best_looking_first(exploring: Exploring) -> None:
    shown = ask(exploring)
    assert shown_ids(shown.gallery) == ["warm-oak", "navy-night", "pink-candy"]
    assert "3 styles" in shown.strip
    assert "s-why" not in shown.gallery


@pytest.mark.parametrize(("text", "language"), [("warm oak", "en"), ("暖橡木", "zh")])
def test_words_of_both_languages_find_and_say_why(exploring: Exploring, text: str, language: Language) -> None:
    shown = ask(exploring, language, text=text)
    assert shown_ids(shown.gallery)[0] == "warm-oak"
    assert ("暖橡木" if language == "zh" else "Warm oak") in shown.gallery
    why = re.search(r'class="s-why">([^<]+)<', shown.gallery)
    assert why and why[1] != ""
    assert ("契合" if language == "zh" else "fit") in shown.gallery


def test_pictures_and_colours_are_weighed_together(exploring: Exploring, upload: Any) -> None:
    shown = ask(exploring, uploads=[upload("#16264D", 3)], colours=["#16264D"])
    assert shown_ids(shown.gallery)[0] == "navy-night"
    assert re.search(r"pictures \d+ % · colours \d+ %", shown.strip)
    assert 'src="data:image/webp' in shown.strip


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "note.jpg cannot be used as a picture"), ("zh", "note.jpg 无法作为图片读取")]
)
def test_a_broken_picture_says_its_sentence_and_leaves_the_gallery(
    exploring: Exploring, broken: dict[str, str], language: Language, sentence: str
) -> None:
    shown = ask(exploring, language, uploads=[broken])
    assert sentence in shown.strip
    assert shown.gallery == gr.skip()


def test_a_swept_picture_and_an_unknown_brand_are_said(exploring: Exploring) -> None:
    gone = {"path": "gone.png", "orig_name": "gone.png"}
    assert "deleted from this server" in ask(exploring, uploads=[gone]).strip
    assert "Acme" in ask(exploring, brand="Acme").strip


def test_a_fault_of_ours_goes_to_the_log_not_to_the_page(caplog: pytest.LogCaptureFixture) -> None:
    def door() -> StyleFinder:
        raise RuntimeError("secret detail")

    shown = ask(Exploring(door, language_of))
    assert "secret" not in shown.strip and "our side" in shown.strip
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("given", "said"),
    [({"text": "qwertzuiop"}, "data-try"), ({"moods": ["sweet"], "occasions": ["seasons:winter"]}, "filters")],
)
def test_an_empty_answer_explains_itself(exploring: Exploring, given: dict[str, Any], said: str) -> None:
    shown = ask(exploring, **given)
    assert shown_ids(shown.gallery) == []
    assert said in shown.gallery


def test_an_empty_library_explains_itself(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    empty = StyleFinder(tmp_path / "data", tmp_path / "library")
    assert texts()["none.library"]["en"] in ask(Exploring(lambda: empty, language_of)).gallery


@pytest.mark.parametrize(("sort", "first"), [("name", "navy-night"), ("newest", "warm-oak"), ("aesthetic", "warm-oak")])
def test_the_order_is_chosen(exploring: Exploring, sort: str, first: str) -> None:
    assert shown_ids(ask(exploring, sort=sort).gallery)[0] == first


def test_found_styles_are_put_in_the_chosen_order(exploring: Exploring) -> None:
    found, _ = exploring.find(Asked(colours=("#16264D",), sort="aesthetic"))
    scores = [hit.aesthetic or 0 for hit in found]  # type: ignore[union-attr]
    assert scores == sorted(scores, reverse=True)
    newest, _ = exploring.find(Asked(colours=("#16264D",), sort="newest"))
    ids = [hit.style.id for hit in newest]  # type: ignore[union-attr]
    assert ids == sorted(ids, reverse=True), "the library's are by id, oldest first"


def test_chips_filter_and_synonyms_are_one_chip(exploring: Exploring, finder: StyleFinder) -> None:
    rows = dict(zip(chips.KINDS, chips.choices(finder, ZH), strict=True))
    labels = [label for label, _ in rows["moods"]]
    assert len(labels) == len(set(labels))
    assert {value for _, value in rows["occasions"]} == {"seasons:autumn", "seasons:winter"}
    assert shown_ids(ask(exploring, occasions=["seasons:winter"]).gallery) == ["navy-night"]
    assert chips.filters([["a+b"], None, ["festivals:x"], None, None]) == Filters(moods=("a", "b"), festivals=("x",))


def test_entering_fills_the_tab_once(exploring: Exploring) -> None:
    filled, thumbs_css, *rest = exploring.enter(False, asking("zh"))
    assert filled is True and thumbs_css.count("data:image/webp") == len(WALLS)
    assert rest[-1]["choices"][0] == ("最佳匹配", SORTS[0])
    filled, *again = exploring.enter(True, asking())
    assert filled is True and len(again) == len(rest) + 1
    assert all(each == gr.skip() for each in again)


def test_the_picture_of_another_tab_is_taken_over(exploring: Exploring, upload: Any) -> None:
    picture = upload()
    pictures, tabs = exploring.take(picture, asking())
    assert pictures == [picture["path"]] and tabs["selected"] == TAB


def test_without_a_picture_there_nothing_is_taken(exploring: Exploring, capsys: pytest.CaptureFixture[str]) -> None:
    assert exploring.take(None, asking()) == (gr.skip(), gr.skip())
    assert "Give a picture" in capsys.readouterr().out


def test_a_data_folder_that_cannot_be_used_is_said_everywhere() -> None:
    exploring, keeping = Exploring(closed, language_of), Keeping(closed, language_of)
    assert exploring.enter(False, asking())[0] is False
    assert "no permission" in ask(exploring).strip
    assert "no permission" in keeping.gallery(asking())
    branding = Branding(closed, language_of)
    assert "no permission" in branding.enter("", asking())[2]


def test_the_detail_shows_all_that_is_known(exploring: Exploring) -> None:
    click = gr.EventData(None, {"id": "warm-oak"})
    html, actions, id, name = exploring.open(click, asking())
    assert (actions["visible"], id, name) == (False, "warm-oak", "Warm oak")
    for said in (
        "Warm oak",
        "暖橡木",
        "4.4",
        "5000 K",
        "from the left",
        "Autumn",
        "CC0-1.0",
        "Shown with a serum",
        "Soft box",
    ):
        assert said in html
    assert 'data-copy="#C9A982"' in html
    assert "a product before a &quot;wall&quot; &lt;of&gt; one colour" in html
    assert set(shown_ids(html)) == {"navy-night", "pink-candy"}
    link = re.search(r'download="warm-oak.json" href="data:application/json;base64,([^"]+)"', html)
    assert link and json.loads(base64.b64decode(link[1]))["id"] == "warm-oak"
    assert "Empty set" not in html, "the plate is named by the card but not there yet"


def test_the_detail_speaks_chinese(exploring: Exploring) -> None:
    html, *_ = exploring.reopen("pink-candy", asking("zh"))
    assert "粉糖" in html and "美感尚未评分" in html and "来自左侧" in html


def test_a_plate_is_shown_beside_the_heroes(tmp_path: Path) -> None:
    write_style(tmp_path / "library", "warm-oak", WALLS["warm-oak"])
    scene("#C9A982", 40).save(tmp_path / "library" / "warm-oak" / "plate.webp")
    finder = StyleFinder(tmp_path / "data", tmp_path / "library")
    html, *_ = Exploring(lambda: finder, language_of).detail("warm-oak", EN)
    assert "Empty set" in html and html.count("data-show") == 2


def test_a_style_that_is_gone_is_said_in_its_place(exploring: Exploring) -> None:
    html, actions, *_ = exploring.detail("gone", EN)
    assert "There is no style" in html and "data-close" in html and actions["visible"] is False


def test_pictures_that_cannot_be_read_leave_their_colours(tmp_path: Path, library: Path) -> None:
    finder = StyleFinder(tmp_path / "data", library)
    style = finder.get("warm-oak")
    lost = Style(style.card, tmp_path / "nowhere", False, "lost")
    assert thumbs.sheet([lost]) == "<style></style>"
    assert "background-color:#C9A982" in cards.card(lost, EN)


def test_styles_like_a_picture(exploring: Exploring, upload: Any, broken: dict[str, str]) -> None:
    like = exploring.like(Path(upload("#F5B6C4", 2)["path"]))
    assert shown_ids(like.gallery)[0] == "pink-candy"
    assert "note.jpg" in exploring.like(Path(broken["path"])).strip


def test_an_own_style_is_added_renamed_and_deleted(finder: StyleFinder, exploring: Exploring, upload: Any) -> None:
    keeping, request = Keeping(lambda: finder, language_of), asking()
    assert "None of your own yet" in keeping.gallery(request)
    picture = upload("#2F6B3C")
    told, gallery, *form = keeping.add("<Moss>", "", "green, moss", [picture], False, request)
    (id,) = shown_ids(gallery)
    assert "&lt;Moss&gt; was added" in told and "<Moss>" not in gallery
    assert "background-image:url(data:image/webp" in gallery
    assert form == ["", "", "", None, False]
    assert id in shown_ids(ask(exploring, text="moss").gallery)
    assert exploring.detail(id, EN)[1]["visible"] is True
    again, *_ = keeping.add("Twin", "", "", [picture], False, request)
    assert "looks the same as" in again
    told, _ = keeping.rename(id, "Fern", request)
    assert "Fern" in told and finder.get(id).card.name.en == "Fern"
    told, _, sheet = keeping.remove(id, request)
    assert "Fern was deleted" in told and sheet == ""
    assert finder.catalog.own() == []


def test_a_library_style_cannot_be_deleted(finder: StyleFinder) -> None:
    keeping = Keeping(lambda: finder, language_of)
    told, _, sheet = keeping.remove("warm-oak", asking("zh"))
    assert "内置风格库" in told and sheet == gr.skip()


def test_own_styles_travel_as_a_zip(finder: StyleFinder, tmp_path: Path, library: Path, upload: Any) -> None:
    keeping, request = Keeping(lambda: finder, language_of), asking()
    told, file = keeping.export(tmp_path, request)
    assert "no styles of your own" in told and file is None
    keeping.add("Moss", "", "", [upload("#2F6B3C")], False, request)
    _, file = keeping.export(tmp_path, request)
    other = StyleFinder(tmp_path / "other", library)
    told, gallery = Keeping(lambda: other, language_of).import_styles({"path": str(file)}, request)
    assert "1 styles were imported" in told and len(shown_ids(gallery)) == 1
    bad = tmp_path / "bad.zip"
    bad.write_text("no zip")
    told, _ = keeping.import_styles({"path": str(bad)}, request)
    assert "cannot be imported" in told


def test_a_brand_is_saved_kept_judged_by_and_deleted(finder: StyleFinder, upload: Any, broken: dict[str, str]) -> None:
    branding, request = Branding(lambda: finder, language_of), asking()
    given = [upload("#C9A982", shift) for shift in (0, 2, 4)]
    saved = branding.save("", "Oak & Co", given, ["#C9A982"], "warm，calm", request)
    told, pane, everywhere, card, uses, delete = saved
    assert "Oak &amp; Co was saved" in told and card.count("<img") == 3
    assert (pane["value"], uses["visible"], delete["visible"]) == ("Oak & Co", True, True)
    assert ("Oak & Co", "Oak & Co") in everywhere["choices"]
    name, _, colours, said, *_ = branding.choose("Oak & Co", request)
    assert (name, colours, said) == ("Oak & Co", ["#C9A982"], "warm, calm")
    branding.save("Oak & Co", "Oak & Co", None, ["#7A4B2A"], "", request)
    kept = finder.brand("Oak & Co")
    assert (len(kept.pictures), kept.colours) == (3, ("#7A4B2A",))
    near = branding.judge("Oak & Co", upload("#C9A982", 3), request)
    assert "On brand" in near
    far = branding.judge("Oak & Co", upload("#16264D"), request)
    assert "Off brand" in far and "<li>" in far
    assert "note.jpg" in branding.judge("Oak & Co", broken, request)
    assert "Choose a brand" in branding.judge("", upload(), request)
    told, pane, *_ = branding.remove("Oak & Co", request)
    assert "was deleted" in told and pane["value"] == ""
    assert finder.brands() == []


def test_a_brand_of_two_pictures_is_refused_in_the_users_language(finder: StyleFinder, upload: Any) -> None:
    branding = Branding(lambda: finder, language_of)
    told, *rest = branding.save("", "Oak", [upload("#C9A982", s) for s in (0, 2)], [], "", asking("zh"))
    assert "请再添加" in told and all(each == gr.skip() for each in rest)


def test_the_endpoints_answer_with_the_contracts_fields(finder: StyleFinder, upload: Any) -> None:
    answers = Answers(lambda: finder)
    (found,) = answers.search_styles("warm", [upload()], "#C9A982", k=1)
    assert {"id", "name", "family", "fit", "aesthetic", "score", "why"} <= set(found)
    assert found["id"] == "warm-oak"
    assert str(answers.style("warm-oak")["prompt"]).startswith("a product")
    finder.save_brand("Oak", [np.asarray(scene("#C9A982", shift)) for shift in (0, 2, 4)])
    assert answers.brand_fit("Oak", upload("#C9A982", 3))["on_brand"] is True
    json.dumps([found, answers.style("warm-oak"), answers.brand_fit("Oak", upload())])


@pytest.mark.parametrize(
    ("endpoint", "given", "said"),
    [
        ("search_styles", ("",), "The query is empty"),
        ("search_styles", ("", None, "#12"), "is no colour"),
        ("style", ("gone",), "There is no style"),
        ("brand_fit", ("Acme", None), "Give a picture"),
        ("brand_fit", ("Acme", {"path": "gone.png"}), "Add it again"),
    ],
)
def test_the_endpoints_answer_errors_as_sentences(
    finder: StyleFinder, endpoint: str, given: tuple[Any, ...], said: str
) -> None:
    with pytest.raises(gr.Error, match=said):
        getattr(Answers(lambda: finder), endpoint)(*given)


def test_clearing_gives_every_control_its_first_value() -> None:
    assert len(clear()) == 6 + len(chips.KINDS)
    assert clear()[-1] == LOOKS


def test_every_text_is_there_in_both_languages_with_the_same_braces() -> None:
    for key, text in texts().items():
        assert set(text) == {"en", "zh"} and all(text.values()), key
        assert sorted(re.findall(r"{\w+}", text["en"])) == sorted(re.findall(r"{\w+}", text["zh"])), key
    assert all(key.startswith(PREFIX) for key in translations()["zh"])


def test_uploads_and_written_words_are_read() -> None:
    assert paths(None) == ()
    assert words("red，gold、 ,festive") == ["red", "gold", "festive"]
    with pytest.raises(Expired):
        paths({"path": "gone.png"})
    assert issubclass(Expired, StyleError)
