from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from styles import StyleFinder
from styles.encode import beside_descriptor
from styles.errors import (
    BadColour,
    BadValue,
    CannotWrite,
    EmptyQuery,
    NearDuplicate,
    NothingToExport,
    PictureError,
    UnknownBrand,
    UnknownStyle,
)
from styles.eval import Written, evaluate, leave_one_out
from styles.rank import choose, scores
from styles.rate import rate
from styles.types import Filters, Hit, Query, Rgb, Vectors
from styles.ui.cards import strip
from styles.ui.words import Voice

Pixels = npt.NDArray[np.uint8]

LOOKS: dict[str, dict[str, Any]] = {
    "warm-oak": {"wall": "#C9A982", "materials": ["wood"], "moods": ["warm"], "zh": "暖橡木", "score": 4.4},
    "navy-night": {"wall": "#16264D", "materials": ["velvet"], "moods": ["dark"], "zh": "藏青之夜", "score": 3.2},
    "pink-candy": {"wall": "#F5B6C4", "materials": ["paper"], "moods": ["sweet"], "zh": "粉糖", "score": None},
    "fresh-sage": {"wall": "#A9B59A", "materials": ["leaf"], "moods": ["fresh"], "zh": "清新灰绿", "score": 3.9},
}


def scene(wall: str, product: int = 0) -> Pixels:
    image = Image.new("RGB", (128, 128), wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 92, 128, 128), fill="#D8D0C4")
    if product % 2:
        draw.ellipse((48, 55, 84, 92), fill="#7A4B2A")
    else:
        draw.rectangle((56, 44, 74, 92), fill="#2F6B3C")
    return np.asarray(image)


def card(id: str, look: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": id,
        "name": {"en": id.replace("-", " ").capitalize(), "zh": look["zh"]},
        "family": "set",
        "moods": look["moods"],
        "materials": look["materials"],
        "palette": [{"hex": look["wall"], "share": 0.75}, {"hex": "#D8D0C4", "share": 0.25}],
        "light": {"key": "softbox", "direction": "left", "softness": 0.7, "temperature_k": 5000},
        "composition": {"camera": "eye", "framing": "medium", "placement": "centre"},
        "categories": ["home"],
        "season": "winter" if id == "navy-night" else None,
        "festival": None,
        "words": {"en": [], "zh": []},
        "prompt": "a product before a wall of one colour",
        "negative_prompt": "blurry",
        "heroes": [{"file": "hero-1.webp"}, {"file": "hero-2.webp"}],
        "plate": None,
        "aesthetic": look["score"] and {"score": look["score"], "stamp": "test"},
        "provenance": {},
        "licence": "CC0-1.0",
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library, and a data folder with its index."""
    shared = tmp_path_factory.mktemp("styles")
    for id, look in LOOKS.items():
        folder = shared / "library" / id
        folder.mkdir(parents=True)
        (folder / "card.json").write_text(json.dumps(card(id, look)), encoding="utf-8")
        for number in (1, 2):
            Image.fromarray(scene(look["wall"], number)).save(folder / f"hero-{number}.webp", quality=95)
    StyleFinder(shared / "data", shared / "library").styles()
    return shared


@pytest.fixture
def library(tmp_path: Path, shared: Path) -> Path:
    return shutil.copytree(shared / "library", tmp_path / "library")


@pytest.fixture
def finder(tmp_path: Path, shared: Path, library: Path) -> StyleFinder:
    return StyleFinder(shutil.copytree(shared / "data", tmp_path / "data"), library)


def ids(finder: StyleFinder, **query: Any) -> list[str]:
    return [hit.style.id for hit in finder.search(Query(**{"aesthetic": 0.0, "variety": 0.0, **query}))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "cosy wooden home"}, "warm-oak"),
        ({"text": "夜晚"}, "navy-night"),
        ({"text": "girly"}, "pink-candy"),
        ({"colours": ("#A8B69B",)}, "fresh-sage"),
        ({"colours": ("#16254C", "d8d0c4")}, "navy-night"),
        ({"like": "pink-candy"}, "warm-oak"),
    ],
)
def test_each_way_of_asking_finds_its_style(finder: StyleFinder, query: dict[str, Any], found: str) -> None:
    assert ids(finder, **query)[0] == found


@pytest.mark.parametrize("id", LOOKS)
def test_a_picture_finds_its_scene(finder: StyleFinder, id: str) -> None:
    assert ids(finder, pictures=(scene(LOOKS[id]["wall"], 4),))[0] == id


def test_even_a_stranger_finds_what_is_least_strange(finder: StyleFinder) -> None:
    noise = np.random.default_rng(6).integers(0, 256, (64, 64, 3), np.uint8)
    assert len(ids(finder, pictures=(noise,))) == 4


def test_ways_of_asking_are_weighed_together(finder: StyleFinder) -> None:
    both = {"text": "wood", "colours": ("#16264D",)}
    assert ids(finder, **both, weights={"words": 5.0})[0] == "warm-oak"
    assert ids(finder, **both, weights={"colours": 5.0})[0] == "navy-night"
    hit = finder.search(Query(**both, weights={"words": 3.0, "colours": 1.0}))[0]
    assert {part.name: part.weight for part in hit.parts} == {"words": 0.75, "colours": 0.25}
    assert hit.fit == pytest.approx(sum(part.weight * part.fit for part in hit.parts), abs=1e-3)


def test_results_come_best_first_and_say_why(finder: StyleFinder) -> None:
    hits = finder.search(Query(text="warm wood", colours=("#C9A982",)))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    best = hits[0]
    assert best.why == "wood, warm; colours within ΔE 0; beige, soft light from the left; 4.4 aesthetic"
    assert best.why_zh == "木、温暖；色差 ΔE 0；米色，左侧柔和光；美学 4.4"


def test_the_slider_goes_from_fit_to_looks(finder: StyleFinder) -> None:
    asked = {"colours": ("#ADB29A",)}
    assert ids(finder, **asked, aesthetic=0.0)[0] == "fresh-sage"
    assert ids(finder, **asked, aesthetic=1.0)[0] == "warm-oak"


def test_filters_keep_what_they_name(finder: StyleFinder) -> None:
    asked = {"colours": ("#808080",)}
    assert ids(finder, **asked, filters=Filters(moods=("sweet",))) == ["pink-candy"]
    assert set(ids(finder, **asked, filters=Filters(materials=("leaf", "wood")))) == {"fresh-sage", "warm-oak"}
    assert ids(finder, **asked, filters=Filters(seasons=("winter",))) == ["navy-night"]
    assert "pink-candy" not in ids(finder, **asked, filters=Filters(min_aesthetic=3.0))
    assert ids(finder, **asked, filters=Filters(own=True)) == []


def test_filters_alone_are_a_query(finder: StyleFinder) -> None:
    found = finder.search(Query(filters=Filters(categories=("home",)), variety=0.0))
    assert found[0].style.id == "warm-oak"
    assert {hit.fit for hit in found} == {1.0}
    assert found[0].why == "beige, soft light from the left; 4.4 aesthetic"


def test_browsing_needs_no_query(finder: StyleFinder) -> None:
    assert [style.id for style in finder.browse()] == ["warm-oak", "fresh-sage", "navy-night", "pink-candy"]
    assert [style.id for style in finder.browse(Filters(moods=("dark",)), "name")] == ["navy-night"]


def test_facets_count_what_there_is(finder: StyleFinder) -> None:
    assert finder.facets("zh")["categories"] == [("home", "家居", 4)]
    assert ("navy-night", "warm") not in finder.facets()["moods"]
    assert len(finder.facets()["moods"]) == 4


def test_similar_leaves_the_style_itself_out(finder: StyleFinder) -> None:
    found = [hit.style.id for hit in finder.similar("warm-oak")]
    assert "warm-oak" not in found
    assert found


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Query(), EmptyQuery),
        (Query(text="  "), EmptyQuery),
        (Query(text="a", k=0), BadValue),
        (Query(text="a", aesthetic=1.5), BadValue),
        (Query(text="a" * 501), BadValue),
        (Query(text="a", weights={"smell": 1.0}), BadValue),
        (Query(text="a", weights={"words": 0.0}), BadValue),
        (Query(colours=("beige",)), BadColour),
        (Query(like="nothing"), UnknownStyle),
        (Query(brand="nobody"), UnknownBrand),
        (Query(pictures=("missing.jpg",)), PictureError),
        (Query(pictures=(b"no picture",)), PictureError),
        (Query(pictures=(np.zeros((4, 4), np.uint8),)), PictureError),
    ],
)
def test_a_wrong_query_is_said(finder: StyleFinder, query: Query, error: type[Exception]) -> None:
    with pytest.raises(error):
        finder.search(query)


def test_words_that_nothing_answers_find_nothing(finder: StyleFinder) -> None:
    assert ids(finder, text="xyzzy") == []


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    finder = StyleFinder(tmp_path / "data", tmp_path / "none")
    assert finder.search(Query(text="red", colours=("#FF0000",))) == []
    assert finder.browse() == []


def test_an_own_style_is_found_and_gone_again(finder: StyleFinder) -> None:
    added = finder.add("Lemon grove", [scene("#F6CF2F"), scene("#F6CF2F", 1)], words=["lemon"])
    assert ids(finder, text="lemon")[0] == added.id
    assert ids(finder, pictures=(scene("#F6CF2F", 1),))[0] == added.id
    finder.rename(added.id, "Lemon field")
    assert finder.get(added.id).card.name.en == "Lemon field"
    finder.remove(added.id)
    assert added.id not in ids(finder, pictures=(scene("#F6CF2F", 1),))


def test_what_another_process_adds_is_found(finder: StyleFinder, tmp_path: Path, library: Path) -> None:
    assert len(finder.styles()) == 4
    other = StyleFinder(tmp_path / "data", library)
    other.add("Lemon grove", [scene("#F6CF2F")])
    assert ids(finder, pictures=(scene("#F6CF2F", 1),))[0] == "lemon-grove"
    finder.remove("lemon-grove")
    assert len(other.styles()) == 4
    assert "lemon-grove" not in ids(other, pictures=(scene("#F6CF2F", 1),))


def test_a_double_is_refused_unless_meant(finder: StyleFinder) -> None:
    pictures = [finder.get("warm-oak").heroes[0]]
    with pytest.raises(NearDuplicate, match="'warm-oak'"):
        finder.add("Copy", pictures)
    assert finder.add("Copy", pictures, force=True).id == "copy"


def test_a_picture_that_is_none_adds_nothing(finder: StyleFinder, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(PictureError, match=r"a\.jpg"):
        finder.add("Broken", [tmp_path / "a.jpg"])
    assert finder.catalog.own() == []


def counted(finder: StyleFinder, counts: list[int]) -> StyleFinder:
    inner = finder.encoder

    class Counting:
        name, dimension, checksum = inner.name, inner.dimension, inner.checksum

        def encode_pictures(self, pictures: list[Rgb]) -> Vectors:
            counts.append(len(pictures))
            return inner.encode_pictures(pictures)

        def encode_words(self, texts: list[str]) -> Vectors | None:
            return None

    finder.encoder = Counting()
    return finder


def test_the_saved_index_is_used_and_a_broken_one_made_anew(tmp_path: Path, library: Path) -> None:
    counts: list[int] = []
    for expected in (8, 0):
        counts.clear()
        counted(StyleFinder(tmp_path / "data", library), counts).styles()
        assert sum(counts) == expected
    (manifest,) = (tmp_path / "data" / "index").rglob("manifest.json")
    manifest.write_bytes(manifest.read_bytes()[:40])
    counts.clear()
    finder = counted(StyleFinder(tmp_path / "data", library), counts)
    assert ids(finder, pictures=(scene("#F5B6C4", 4),))[0] == "pink-candy"
    assert sum(counts) == 9


def test_an_index_that_cannot_be_saved_does_not_stop_the_search(
    finder: StyleFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(tmp_path / "data" / "index")

    def broken(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("styles.index.os.replace", broken)
    assert ids(finder, pictures=(scene("#F5B6C4", 4),))[0] == "pink-candy"
    assert "could not be saved" in caplog.text


def test_threads_may_search_while_one_adds(finder: StyleFinder) -> None:
    finder.styles()
    failures: list[BaseException] = []

    def search() -> None:
        try:
            for _ in range(4):
                assert ids(finder, pictures=(scene("#F5B6C4", 4),))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(3):
        finder.add(f"Own {number}", [scene(f"#{number * 60 + 40:02X}80F0")], force=True)
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(finder.styles()) == 7


class Flat:
    """A scorer that gives every picture the same."""

    stamp = "flat 1"

    def __init__(self, value: float | None) -> None:
        self.value = value

    def score(self, picture: Rgb) -> float | None:
        assert picture.shape[2] == 3
        return self.value


def test_an_own_style_is_judged_by_the_scorer(tmp_path: Path, library: Path) -> None:
    style = StyleFinder(tmp_path / "data", library, scorer=Flat(4.126)).add("Lemon", [scene("#F6CF2F")])
    assert style.card.aesthetic is not None
    assert (style.card.aesthetic.score, style.card.aesthetic.stamp) == (4.13, "flat 1")
    unjudged = StyleFinder(tmp_path / "data", library, scorer=Flat(None)).add("Lime", [scene("#4E9A51")])
    assert unjudged.card.aesthetic is None


def test_rating_changes_nothing_else_in_a_card(finder: StyleFinder, library: Path) -> None:
    file = library / "pink-candy" / "card.json"
    before = json.loads(file.read_text(encoding="utf-8"))
    ((style, judged),) = rate([finder.get("pink-candy")], Flat(3.5))
    after = json.loads(file.read_text(encoding="utf-8"))
    assert after.pop("aesthetic") == {"score": 3.5, "stamp": "flat 1"}
    assert before.pop("aesthetic") is None
    assert (before, style.id, judged and judged.score) == (after, "pink-candy", 3.5)


def test_styles_travel_between_data_folders(finder: StyleFinder, tmp_path: Path, library: Path) -> None:
    with pytest.raises(NothingToExport):
        finder.export(tmp_path / "none.zip")
    finder.add("Lemon", [scene("#F6CF2F")])
    assert finder.export(tmp_path / "own.zip") == 1
    with pytest.raises(CannotWrite):
        finder.export(tmp_path / "missing" / "own.zip")
    other = StyleFinder(tmp_path / "other", library)
    assert [style.id for style in other.import_styles(tmp_path / "own.zip")] == ["lemon"]
    assert ids(other, text="lemon")[0] == "lemon"


def test_the_evaluation_reports_the_library(finder: StyleFinder) -> None:
    shelf, index = finder.likenesses()
    written = [
        Written("wood", "en", ("warm-oak",)),
        Written("暗", "zh", ("navy-night",)),
        Written("sweet", "en", ("fresh-sage",)),
        Written("moon", "en", ("not-there",)),
    ]
    result = evaluate(shelf, index, finder.search, "eyes", finder.duplicate, written, [("#16264D",)])
    assert (result.styles, result.heroes, result.leave_one_out) == (4, 8, 1.0)
    assert (result.queries, result.skipped, len(result.misses)) == (3, 1, 1)
    assert result.mrr_by_language["zh"] == 1.0
    assert result.palette_delta_e == pytest.approx(0, abs=0.1)
    assert (result.judged, result.aesthetic_min, result.duplicates) == (3, 3.2, 0)
    assert result.unrelated is not None
    assert result.same_style is not None
    assert result.unrelated < result.same_style


def test_leave_one_out_counts_only_pictures_with_a_sister() -> None:
    x, y, z = np.eye(3, dtype=np.float32)
    assert leave_one_out([np.stack([x, x]), np.stack([y, y]), z[None]]) == 1.0
    assert leave_one_out([np.stack([x, y]), np.stack([y, x])]) == 0.0
    assert leave_one_out([x[None], y[None]]) is None


def test_scores_are_between_fit_and_looks() -> None:
    fits = np.array([0.9, 0.5, 0.5])
    assert scores(fits, [3.0, 3.0, None], 0.0).tolist() == fits.tolist()
    assert scores(fits, [1.0, 5.0, 5.0], 1.0) == pytest.approx([0.01, 1.0, 1.0])
    assert scores(fits, [3.0, 3.0, None], 0.5)[2] == scores(fits, [3.0, 3.0, None], 0.5)[1]
    assert scores(fits, [None, None, None], 0.5)[0] > 0


def test_variety_prefers_what_is_unlike() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    values = np.array([0.9, 0.89, 0.6])
    assert choose(values, vectors, 2, 0.0, 0.5) == [0, 1]
    assert choose(values, vectors, 2, 0.5, 0.5) == [0, 2]
    assert choose(values, vectors, 3, 0.5, 0.5) == [0, 1, 2]


class Words:
    """An encoder of three numbers, the mean colour, that knows two words."""

    name, dimension, checksum = "words", 3, "words-1"

    def encode_pictures(self, pictures: list[Rgb]) -> Vectors:
        means = np.array([picture.reshape(-1, 3).mean(0) for picture in pictures], np.float32) - 128
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def encode_words(self, texts: list[str]) -> Vectors | None:
        known = {"gloomy": (-1, -1, -0.5), "rosy": (1, 0.3, 0.5)}
        vectors = np.array([known.get(text, (0, 0, 1)) for text in texts], np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_an_encoder_that_knows_words_is_asked_too(tmp_path: Path, library: Path) -> None:
    finder = StyleFinder(tmp_path / "data", library, encoder=Words())
    assert ids(finder, text="gloomy")[0] == "navy-night"
    assert ids(finder, text="rosy")[0] == "pink-candy"
    assert ids(finder, text="cosy wooden home")[0] == "warm-oak"
    assert ids(finder, pictures=(scene("#16264D"),))[0] == "navy-night"


class Modest(Words):
    """Says itself how near a text must be to a style to mean anything, and to be sure."""

    def __init__(self, faint: float, sure: float) -> None:
        self.heard = faint, sure


def test_what_is_seen_counts_as_far_as_the_words_are_sure(tmp_path: Path, library: Path) -> None:
    def found(faint: float, sure: float, text: str) -> list[Hit]:
        encoder = beside_descriptor(Modest(faint, sure))
        return StyleFinder(tmp_path / "data", library, encoder=encoder).search(Query(text=text, aesthetic=0.0))

    sure, doubtful = found(0.1, 0.3, "gloomy"), found(0.5, 1.5, "gloomy")
    assert sure[0].style.id == doubtful[0].style.id == "navy-night"
    assert sure[0].fit > doubtful[0].fit > 0
    assert sure[0].parts[0].shares["sight"] > doubtful[0].parts[0].shares["sight"]
    assert found(1.1, 1.2, "gloomy") == []
    assert found(1.1, 1.2, "wood")[0].parts[0].shares == {}


def test_two_encoders_are_searched_as_one(tmp_path: Path, library: Path) -> None:
    finder = StyleFinder(tmp_path / "data", library, encoder=beside_descriptor(Words()))
    assert ids(finder, text="gloomy")[0] == "navy-night"
    assert ids(finder, text="cosy wooden home")[0] == "warm-oak"
    hits = finder.search(Query(text="rosy", pictures=(scene("#F5B6C4", 4),), aesthetic=0.0, variety=0.0))
    assert hits[0].style.id == "pink-candy"
    assert "same colours and" in hits[0].why
    shares = {part.name: part.shares for part in hits[0].parts}
    assert shares == {"words": {"cards": 0.7, "sight": 0.3}, "pictures": {"descriptor": 0.8, "words": 0.2}}
    parts = hits[0].row()["parts"]
    assert isinstance(parts, dict)
    assert parts["pictures"]["shares"] == {"descriptor": 0.8, "words": 0.2}
    weighed = "words 50 % (descriptions 70 %, what is seen 30 %) · pictures 50 % (colour and light 80 %, words 20 %)"
    assert weighed in strip(hits, len(hits), Voice("en"))
    assert "图片 50%（色彩与光影 80%、" in strip(hits, len(hits), Voice("zh"))


def test_two_encoders_are_reported_as_one(tmp_path: Path, library: Path) -> None:
    finder = StyleFinder(tmp_path / "data", library, encoder=beside_descriptor(Words()))
    shelf, index = finder.likenesses()
    written = [Written("rosy", "en", ("pink-candy",)), Written("wood", "en", ("warm-oak",))]
    result = evaluate(shelf, index, finder.search, finder.encoder.name, finder.duplicate, written, [])
    assert (result.encoder, result.leave_one_out, result.mrr) == ("0.8 descriptor + 0.2 words", 1.0, 1.0)


def test_a_brand_follows_to_another_encoder(tmp_path: Path, library: Path) -> None:
    kept = [scene("#16264D", product) for product in range(3)]
    StyleFinder(tmp_path / "data", library).save_brand("Nova", kept)
    finder = StyleFinder(tmp_path / "data", library, encoder=beside_descriptor(Words()))
    brand = finder.brand("nova")
    assert brand.look is not None
    assert brand.look.vectors.shape == (3, finder.encoder.dimension)
    assert finder.brand_fit("Nova", scene("#16264D", 4)).on_brand
    assert not finder.brand_fit("Nova", scene("#F5B6C4", 4)).on_brand
    assert ids(finder, brand="Nova")[0] == "navy-night"


def test_another_encoder_keeps_an_index_of_its_own(tmp_path: Path, library: Path) -> None:
    StyleFinder(tmp_path / "data", library, encoder=Words()).styles()
    finder = StyleFinder(tmp_path / "data", library)
    assert ids(finder, pictures=(scene("#F5B6C4", 4),))[0] == "pink-candy"
    assert len(list((tmp_path / "data" / "index").iterdir())) == 2
