"""The Pair tab in a real browser: a pair, what is missing or broken, candidates with a stop, on a desk and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DESK, PHONE

pytestmark = pytest.mark.browser

CAN = Path(__file__).parent.parent / "evaluator" / "ui" / "examples" / "pairs" / "can"
PATIENCE = 180_000
"""Milliseconds to wait for a comparison on a busy machine."""


@pytest.fixture
def pair(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Open the tab."""

    def opened(query: str = "", size: dict[str, int] = DESK) -> Any:
        page = open_page(query, size=size)
        page.get_by_role("tab", name="对比" if "zh" in query else "Pair", exact=True).click(timeout=PATIENCE)
        page.locator("#pair-empty").wait_for(timeout=PATIENCE)
        return page

    return opened


def put(page: Any, original: Path | None, generated: Path | None, kind: str = "pair") -> None:
    for name, file in (("original", original), ("generated", generated)):
        if file:
            page.locator(f"#{kind}-{name} input[type=file]").set_input_files(str(file))


def scores(page: Any) -> str:
    return str(page.locator("#pair-scores").inner_text(timeout=PATIENCE))


def test_a_pair_is_judged_and_its_report_taken_away(pair: Callable[..., Any]) -> None:
    page = pair()
    put(page, CAN / "original.webp", None)
    page.get_by_text("Add the picture that was generated from it.").wait_for(timeout=PATIENCE)
    put(page, None, CAN / "6-another-product.webp")
    page.locator("#pair-scores .v-verdict").wait_for(timeout=PATIENCE)
    told = scores(page)
    assert "This is another product." in told and "Not yet" in told
    assert "not the same product" in page.locator("#pair-reasons").inner_text()
    assert "Overlap (IoU)" in page.locator("#pair-numbers").inner_text()
    assert page.locator("#pair-slider img").count() == 2
    with page.expect_download(timeout=PATIENCE) as download:
        page.locator("#pair-json").click()
    assert '"state": "other"' in Path(download.value.path()).read_text(encoding="utf-8")
    page.locator("#pair-restart").click()
    page.get_by_text("Is it still the same product?").wait_for(timeout=PATIENCE)


def test_an_example_is_one_click_and_layers_are_switched(pair: Callable[..., Any]) -> None:
    page = pair("?lang=zh")
    page.locator("#pair-examples tbody tr").first.click()
    page.locator("#pair-scores .v-verdict").wait_for(timeout=PATIENCE)
    assert re.search("商品一致。|商品已被改动。", scores(page))
    slider = page.locator("#pair-slider img").last
    before = slider.get_attribute("src", timeout=PATIENCE)
    page.locator("#pair-layers", has_text="商品轮廓").locator("input").first.check()
    page.wait_for_function(
        "before => [...document.querySelectorAll('#pair-slider img')].every(each => each.src !== before)",
        arg=before,
        timeout=PATIENCE,
    )


def test_a_broken_picture_says_so_and_frees_its_place(pair: Callable[..., Any], tmp_path: Path) -> None:
    page, note = pair(), tmp_path / "note.jpg"
    note.write_text("only its name says that this is a picture")
    put(page, CAN / "original.webp", note)
    page.locator("#pair-problem", has_text="note.jpg is not a picture").wait_for(timeout=PATIENCE)
    page.locator("#pair-generated input[type=file]").wait_for(state="attached", timeout=PATIENCE)
    page.wait_for_timeout(1500)
    assert "note.jpg is not a picture" in page.locator("#pair-problem").inner_text(), "the error stays"
    assert "Traceback" not in page.content()


def test_candidates_are_ranked_and_one_looked_at_closer(pair: Callable[..., Any], tmp_path: Path) -> None:
    page, note = pair(size=PHONE), tmp_path / "note.jpg"
    note.write_text("only its name says that this is a picture")
    page.get_by_role("tab", name="Many candidates").click()
    put(page, CAN / "original.webp", None, "rank")
    files = [CAN / "6-another-product.webp", note, CAN / "beach.webp"]
    page.locator("#rank-candidates input[type=file]").set_input_files([str(file) for file in files])
    page.locator("#rank-candidates", has_text="note").wait_for(timeout=PATIENCE)
    page.locator("#rank-start").click()
    page.get_by_text("All 3 done").wait_for(timeout=PATIENCE)
    assert "Good-image rate" in page.locator("#rank-summary").inner_text()
    names = page.locator("#rank-grid .p-name").all_inner_texts()
    assert names == ["beach.webp", "6-another-product.webp", "note.jpg"]
    assert "is not a picture" in page.locator("#rank-grid").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#rank-grid button").last.click()
    page.locator("#pair-scores", has_text="This is another product.").wait_for(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_run_can_be_stopped(pair: Callable[..., Any]) -> None:
    page = pair()
    page.get_by_role("tab", name="Many candidates").click()
    page.locator("#rank-example").click()
    page.locator("#rank-original img").wait_for(timeout=PATIENCE)
    page.locator("#rank-start").click()
    page.locator("#rank-grid .p-card").first.wait_for(timeout=PATIENCE)
    page.locator("#rank-stop").click()
    page.get_by_text("Stopped after").wait_for(timeout=PATIENCE)
    page.locator("#rank-start").wait_for(timeout=PATIENCE)
    told = page.locator("#rank-summary").inner_text()
    page.wait_for_timeout(6000)
    assert page.locator("#rank-summary").inner_text() == told, "nothing comes after the stop"
    assert "Error" not in told and re.search(r"Stopped after \d of \d", told)
