"""The Pair tab's handlers, called as the page calls them, with a judge that says what it is told to say."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from evaluator.errors import NotAnImage
from evaluator.pair.report import to_dict
from evaluator.pair.types import Background, Consistency, PairEvidence, PairReport, Reason
from evaluator.standard import load as load_standard
from evaluator.types import Box, Failure
from evaluator.ui import pair_cards, pair_grid
from evaluator.ui.pair_files import markdown
from evaluator.ui.pair_picture import SIDE, PairSeen, layered
from evaluator.ui.pair_place import EXAMPLES, ORIGINAL, example_pairs
from evaluator.ui.pair_ranking import MOST, Ranking, RankingPane, RankShown
from evaluator.ui.pairing import Kept, Pairing, PairShown, blank, redraw
from evaluator.ui.voice import Voice
from evaluator.ui.words import load as load_words

STANDARD, WORDS = load_standard(), load_words()
ENGLISH = gr.Request(headers={"accept-language": "en-GB"}, query_params={})
CHINESE = gr.Request(headers={"accept-language": "zh-CN"}, query_params={})
EVERY_LAYER = ["masks", "difference", "boxes"]
LIMIT = 60_000


def evidence() -> PairEvidence:
    difference, first, second = (np.zeros((32, 24), np.float32) for _ in range(3))
    difference[4:8, 4:8], first[4:16, 4:12], second[8:20, 8:16] = 0.9, 1, 1
    return PairEvidence(difference, first, second)


def unchanged(background: float = 0.81) -> PairReport:
    """A good pair."""
    same = Consistency("unchanged", 97.4, 0.03, False, 0.981, 0.004, 0.011, 0.8, 0.02, False, (), {})
    said = (
        Reason("unchanged", "The product is unchanged.", "产品未变。"),
        Reason("background_good", "It suits.", "相称。"),
    )
    parts = {"scene_fit": 4.2, "grounding": 3.1}
    return made(same, Background(100 * background, background, False, parts), "good", said)


def changed() -> PairReport:
    """A product that was recoloured."""
    boxes = (Box(0.2, 0.2, 0.3, 0.3, "change"),)
    same = Consistency("changed", 22.0, 0.93, True, 0.95, 0.0, 0.0, 18.2, 0.3, True, boxes, {})
    said = (
        Reason("changed", "The product has been changed.", "产品被改动。"),
        Reason("mirrored", "Mirrored.", "镜像。"),
    )
    return made(same, Background(40.0, 0.4), "reject", said)


def unfound() -> PairReport:
    """A pair of which nothing can be said."""
    said = (Reason("no_original", "Not found in the original.", "原图中找不到。"),)
    return made(Consistency("unknown"), Background(None, None, why="network"), None, said)


def made(same: Consistency, background: Background, verdict: Any, reasons: tuple[Reason, ...]) -> PairReport:
    return PairReport(
        original="/somewhere/secret/a.png",
        generated="/somewhere/secret/b.png",
        background=background,
        consistency=same,
        verdict=verdict,
        reasons=reasons,
        good=None if background.probability is None else 0.97 * background.probability,
        evidence=evidence(),
    )


class FakeJudge:
    """Says of a file what it was told by the file's name, or of any other that the pair is good."""

    def __init__(self, fault: Exception | None = None, **told: PairReport) -> None:
        self.fault, self.told = fault, dict(told)
        self.asked: list[tuple[str, str]] = []

    def compare(self, original: str | Path, generated: str | Path) -> PairReport:
        self.asked.append((Path(original).name, Path(generated).name))
        if self.fault:
            raise self.fault
        report = self.told.get(Path(generated).stem, unchanged())
        return dataclasses.replace(report, original=str(original), generated=str(generated))


Upload = dict[str, Any]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


@pytest.fixture
def put(tmp_path: Path, picture: np.ndarray, encode: Callable[..., bytes]) -> Callable[[str], Upload]:
    """Write a picture under a name and return it as an upload."""

    def upload(name: str) -> Upload:
        file = tmp_path / name
        file.write_bytes(encode(picture))
        return {"path": str(file), "orig_name": name}

    return upload


@pytest.fixture
def broken(tmp_path: Path) -> Upload:
    file = tmp_path / "note.jpg"
    file.write_text("this is no picture at all, only its name says so")
    return {"path": str(file), "orig_name": "note.jpg"}


def pairing(judge: FakeJudge | None = None) -> Pairing:
    return Pairing(judge or FakeJudge(), STANDARD, WORDS)


def show(
    first: Upload | None,
    second: Upload | None,
    kept: Kept | None = None,
    request: gr.Request = ENGLISH,
    judge: FakeJudge | None = None,
) -> PairShown:
    return pairing(judge).show(first, second, EVERY_LAYER, kept, request)


def voice(language: str = "en") -> Voice:
    return Voice(STANDARD, WORDS, "zh" if language == "zh" else "en")


def skipped(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def visible(value: Any) -> bool | None:
    return value.get("visible") if isinstance(value, dict) else None


def text(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_a_pair_gives_both_scores_the_verdict_and_the_reasons(put: Callable[[str], Upload]) -> None:
    shown = show(put("a.png"), put("b.png"))
    assert (visible(shown.empty), visible(shown.problem), visible(shown.result)) == (False, False, True)
    told = text(shown.scores)
    assert "Product 97 of 100" in told
    assert "Background 81 of 100" in told
    assert "Good The product is the same. The picture is ready to publish." in told
    assert "Probabilities: good as a whole 79 % · product changed 3 % · background good 81 %" in told
    assert text(shown.reasons) == "Why The product is unchanged. It suits."
    assert [picture.shape for picture in shown.slider] == [(64, 48, 3)] * 2
    assert skipped(shown.original) and skipped(shown.generated)


def test_the_figures_stand_in_a_table_with_their_meaning(put: Callable[[str], Upload]) -> None:
    told = text(show(put("a.png"), put("b.png")).numbers)
    assert "Overlap (IoU) 0.98 how well the two outlines" in told
    assert "Expansion 0.4 %" in told
    assert "Loss 1.1 %" in told
    assert "Colour (ΔE2000) 0.8" in told
    assert "Detail 2.0 %" in told
    assert "Mirrored no" in told
    assert told.index("Grounding 3.1") < told.index("Scene fit 4.2"), "the weakest criterion comes first"


def test_a_chinese_browser_reads_chinese_throughout(put: Callable[[str], Upload]) -> None:
    shown = show(put("a.png"), put("b.png"), request=CHINESE)
    told = text(shown.scores + shown.reasons + shown.numbers)
    assert "商品一致。" in told and "产品未变。" in told and "重合度" in told
    english = [row["en"] for key, row in WORDS.texts.items() if key.startswith("pair.") and "{" not in row["en"]]
    assert [each for each in english if len(each) > 3 and f" {each} " in told] == []


def test_another_product_and_a_changed_one_are_rejected_in_words() -> None:
    told = text(pair_cards.scores(changed(), voice()))
    assert "Not yet The product has been changed. The picture should not be published like this." in told
    other = dataclasses.replace(changed(), consistency=dataclasses.replace(changed().consistency, state="other"))
    assert "This is another product." in text(pair_cards.scores(other, voice()))


def test_a_pair_without_a_product_abstains() -> None:
    told = text(pair_cards.scores(unfound(), voice()))
    assert "Product – not judged" in told and "Background – not judged" in told
    assert "No verdict The product could not be found. Nothing is guessed." in told
    assert [value for _, value, _ in pair_cards.measures(unfound(), voice())] == ["–"] * 6
    assert "v-none" in pair_cards.reasons(unfound(), voice())


@pytest.mark.parametrize(("missing", "sentence"), [(1, "Add the picture that was generated"), (0, "Add the original")])
def test_one_picture_alone_says_which_is_missing(put: Callable[[str], Upload], missing: int, sentence: str) -> None:
    uploads = [None if at == missing else put("a.png") for at in (0, 1)]
    shown = show(uploads[0], uploads[1])
    assert sentence in shown.problem["value"]
    assert (visible(shown.empty), visible(shown.problem), visible(shown.result)) == (False, True, False)
    assert skipped(shown.original) and skipped(shown.generated), "the one that is there stays"


def test_the_same_two_files_are_judged_once(put: Callable[[str], Upload]) -> None:
    judge, first, second = FakeJudge(), put("a.png"), put("b.png")
    kept = show(first, second, judge=judge).kept
    assert all(skipped(value) for value in show(first, second, kept, judge=judge))
    assert judge.asked == [("a.png", "b.png")]
    show(first, put("c.png"), kept, judge=judge)
    assert judge.asked[1:] == [("a.png", "c.png")]


def test_taking_both_pictures_away_brings_the_empty_page_back(put: Callable[[str], Upload]) -> None:
    kept = show(put("a.png"), put("b.png")).kept
    gone = show(None, None, kept)
    assert (visible(gone.empty), visible(gone.result)) == (True, False)
    assert gone.kept == blank().kept == Kept()


@pytest.mark.parametrize("request_", [ENGLISH, CHINESE])
def test_a_broken_file_says_so_and_leaves_the_other(
    put: Callable[[str], Upload], broken: Upload, request_: gr.Request
) -> None:
    first = put("a.png")
    shown = show(first, broken, request=request_)
    expected = NotAnImage.zh if request_ is CHINESE else NotAnImage.en
    assert expected.split("{")[1].split("}")[1].strip()[:8] in shown.problem["value"]
    assert "note.jpg" in shown.problem["value"]
    assert shown.generated is None and skipped(shown.original)
    after = show(first, None, shown.kept)
    assert all(skipped(value) for value in after), "the error stays when its picture is taken away"


def test_a_picture_that_was_deleted_is_asked_for_again(put: Callable[[str], Upload], tmp_path: Path) -> None:
    shown = show({"path": str(tmp_path / "gone.png")}, put("b.png"))
    assert "deleted" in shown.problem["value"] and str(tmp_path) not in shown.problem["value"]
    assert shown.original is None and skipped(shown.generated)


def test_a_fault_of_ours_is_a_sentence_on_the_page_and_a_traceback_in_the_log(
    put: Callable[[str], Upload], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        shown = show(put("a.png"), put("b.png"), judge=FakeJudge(ZeroDivisionError("in the machine")))
    assert "b.png could not be judged" in shown.problem["value"]
    assert "in the machine" not in shown.problem["value"] and "in the machine" in caplog.text


def test_a_candidate_that_a_fault_of_ours_befell_is_listed(
    put: Callable[[str], Upload], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        last = run([put("b.png")], put("a.png"), FakeJudge(ZeroDivisionError("in the machine")))[-1]
    assert "b.png could not be judged" in last.grid and "in the machine" not in last.grid
    assert "in the machine" in caplog.text


def test_layers_are_drawn_and_taken_away_again() -> None:
    grey = np.full((640, 480, 3), 128, np.uint8)
    seen = PairSeen(grey, grey, changed())
    bare = layered(seen, [])
    assert bare is not None and all((side == 128).all() for side in bare)
    touched = {layer: [bool((side != 128).any()) for side in layered(seen, [layer]) or ()] for layer in EVERY_LAYER}
    assert touched == {"masks": [True, True], "difference": [False, True], "boxes": [False, True]}
    assert redraw(None, EVERY_LAYER) is None
    assert (seen.original == 128).all(), "what is kept is not drawn on"


def test_the_original_is_moved_so_that_product_lies_on_product() -> None:
    original, generated = np.full((320, 240, 3), 200, np.uint8), np.full((640, 480, 3), 90, np.uint8)
    original[40:160, 40:120] = 10  # where the mask of `evidence` says
    left, _ = layered(PairSeen(original, generated, changed()), []) or (None, None)
    assert left is not None
    rows, columns = np.nonzero(left[..., 0] < 100)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == pytest.approx((160, 400, 160, 320), abs=3)


def test_what_a_page_keeps_is_small(tmp_path: Path, encode: Callable[..., bytes]) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(encode(np.full((2000, 1500, 3), 200, np.uint8)))
    kept = show({"path": str(file)}, {"path": str(file)}).kept
    assert max(kept.pair.generated.shape) <= SIDE


def test_the_files_to_take_away_hold_the_report_and_no_path(put: Callable[[str], Upload], cache: Path) -> None:
    shown = show(put("a.png"), put("b.png"), request=CHINESE)
    data = json.loads(Path(shown.json).read_text(encoding="utf-8"))
    assert (data["original"], data["generated"], data["verdict"]) == ("a.png", "b.png", "good")
    told = Path(shown.markdown).read_text(encoding="utf-8")
    assert "# 对比报告: b.png" in told and "商品一致性 97" in told
    assert Path(shown.json).name == "b-pair-report.json"
    assert cache in Path(shown.json).parents, "Gradio deletes what lies in its own cache"


def test_the_markdown_survives_a_nasty_name_and_nothing_known() -> None:
    told = markdown(dataclasses.replace(unfound(), generated="a|b\n# c"), voice())
    assert "a\\|b # c" in told and "No verdict" in told and "| Overlap (IoU) | – |" in told


def test_nothing_that_a_file_says_becomes_markup() -> None:
    nasty = dataclasses.replace(changed(), generated="<img src=x>", reasons=(Reason("mirrored", "<b>", "<i>"),))
    failure = Failure("<img src=y>", "NotAnImage", "<b>", "<i>")
    html = pair_grid.grid([(nasty, "data:,")], [failure], voice()) + pair_cards.reasons(nasty, voice())
    assert not re.search(r"<img src=[xy]|<b>(?!\d)|<i>", html)


def test_the_endpoint_returns_the_contracts_json(put: Callable[[str], Upload]) -> None:
    data = pairing().api(put("a.png"), put("b.png"))
    assert data == to_dict(dataclasses.replace(unchanged(), original="a.png", generated="b.png"))


def test_the_endpoint_raises_clear_sentences(put: Callable[[str], Upload]) -> None:
    with pytest.raises(gr.Error, match="The original is missing"):
        pairing().api(None, put("b.png"))
    with pytest.raises(gr.Error, match="The generated picture is missing"):
        pairing().api(put("a.png"), None)
    fault = NotAnImage(name="b.png", found="text", formats="JPEG")
    with pytest.raises(gr.Error, match=r"b\.png is not a picture"):
        pairing(FakeJudge(fault)).api(put("a.png"), put("b.png"))


def run(
    files: list[Upload], original: Upload | None, judge: FakeJudge, request: gr.Request = ENGLISH
) -> list[RankShown]:
    return list(RankingPane(pairing(judge)).run(original, files, request))


def test_candidates_are_ranked_as_they_come(put: Callable[[str], Upload], broken: Upload) -> None:
    judge = FakeJudge(red=changed(), lost=unfound())
    files = [put("red.png"), broken, put("lost.png"), put("fine.png")]
    steps = run(files, put("a.png"), judge)
    assert [text(step.summary).split(" compared")[0] for step in steps[:4]] == [f"{n} of 4" for n in range(4)]
    assert [visible(steps[1].start), visible(steps[1].stop)] == [False, True]
    last = steps[-1]
    assert text(last.summary).startswith("All 4 done Good-image rate 33 % 1 of 3 can be published as they are.")
    assert re.findall(r'class="p-name">([^<]*)', last.grid) == ["fine.png", "red.png", "lost.png", "note.jpg"]
    assert "note.jpg is not a picture" in last.grid
    assert (visible(last.start), visible(last.stop), visible(last.files)) == (True, False, True)
    assert ("a.png", "note.jpg") not in judge.asked


def test_the_ranking_can_be_taken_away(put: Callable[[str], Upload], broken: Upload) -> None:
    judge = FakeJudge()
    judge.told["=red"] = changed()
    last = run([put("=red.png"), broken, put("fine.png")], put("a.png"), judge)[-1]
    data = json.loads(Path(last.json).read_text(encoding="utf-8"))
    assert data["good_image_rate"] == 0.5 and data["original"] == "a.png"
    assert [each["generated"] for each in data["candidates"]] == ["fine.png", "=red.png"]
    assert data["failures"][0]["generated"] == "note.jpg"
    rows = list(csv.DictReader(io.StringIO(Path(last.csv).read_text(encoding="utf-8-sig"))))
    assert [row["generated"] for row in rows] == ["fine.png", "'=red.png", "note.jpg"]
    assert (rows[0]["rank"], rows[0]["verdict"], rows[0]["consistency"]) == ("1", "good", "97.40")
    assert "not a picture" in rows[2]["error"]


def test_a_run_that_is_stopped_keeps_what_is_done(put: Callable[[str], Upload]) -> None:
    pane = RankingPane(pairing())
    steps = pane.run(put("a.png"), [put("b.png"), put("c.png"), put("d.png")], ENGLISH)
    next(steps)
    next(steps)
    assert pane.stop(ENGLISH)["interactive"] is False
    (ended,) = steps
    assert "Stopped after 1 of 3" in text(ended.summary)
    assert (visible(ended.start), visible(ended.stop), visible(ended.files)) == (True, False, True)
    assert pane.running == {}


def test_starting_over_forgets_a_run_under_way(put: Callable[[str], Upload]) -> None:
    pane = RankingPane(pairing())
    steps = pane.run(put("a.png"), [put("b.png"), put("c.png")], ENGLISH)
    next(steps)
    assert pane.restart(ENGLISH)[:2] == (None, None)
    (ended,) = steps
    assert (visible(ended.empty), visible(ended.result), ended.grid) == (True, False, "")
    pane.restart(ENGLISH)
    assert pane.running == {}, "nothing is kept of a page without a run"


def test_what_cannot_be_ranked_says_why(put: Callable[[str], Upload], broken: Upload) -> None:
    candidate = put("b.png")
    cases: list[tuple[Upload | None, list[Upload], str]] = [
        (None, [candidate], "There is no original"),
        (put("a.png"), [], "There are no candidates"),
        (put("a.png"), [candidate] * (MOST + 1), f"{MOST + 1} candidates are too many"),
        (broken, [candidate], "note.jpg is not a picture"),
        ({"path": "/nowhere/a.png"}, [candidate], "deleted from this server"),
    ]
    for original, files, sentence in cases:
        judge = FakeJudge()
        (shown,) = run(files, original, judge)
        assert sentence in shown.problem["value"]
        assert judge.asked == []


def test_a_candidate_that_is_clicked_becomes_the_pair(put: Callable[[str], Upload]) -> None:
    pane = RankingPane(pairing(FakeJudge(red=changed())))
    last = list(pane.run(put("a.png"), [put("red.png"), put("fine.png")], ENGLISH))[-1]
    original, generated, panes = pane.closer(last.ranking, gr.EventData(None, {"candidate": "1"}))
    assert (Path(original).name, Path(generated).name) == ("a.png", "red.png")
    assert panes["selected"] == "pair-one"
    for wrong in ("7", "", "-1"):
        assert all(skipped(each) for each in pane.closer(last.ranking, gr.EventData(None, {"candidate": wrong})))


def test_nothing_compared_has_no_rate() -> None:
    assert "rate" not in pair_grid.summary([], 0, 3, True, voice())
    assert Ranking().reports() == []


def test_the_example_pairs_are_there_and_light() -> None:
    pairs = example_pairs()
    assert 4 <= len(pairs) <= 6
    assert all(original.is_file() for original, _ in pairs)
    assert {file.name: file.stat().st_size for file in EXAMPLES.rglob("*.webp") if file.stat().st_size > LIMIT} == {}
    assert all((folder / ORIGINAL).is_file() for folder in EXAMPLES.iterdir() if folder.is_dir())
