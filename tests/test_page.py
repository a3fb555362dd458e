"""The real page in a real browser: what a visitor does, in both languages, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DESK, PHONE

pytestmark = pytest.mark.browser

PATIENCE = 60_000
"""Milliseconds to wait for anything on a busy machine."""


@dataclass
class Visit:
    """The Score tab of an open page."""

    page: Any

    def upload(self, file: Path) -> None:
        self.page.locator("#picture input[type=file]").set_input_files(str(file))

    def read_score(self) -> float:
        return float(self.page.locator(".v-number span").inner_text(timeout=PATIENCE))


@pytest.fixture
def visit(open_page: Callable[..., Any]) -> Callable[..., Visit]:
    """Open the page."""

    def opened(query: str = "", locale: str = "en-GB", size: dict[str, int] = DESK, scheme: str = "light") -> Visit:
        visit = Visit(open_page(query, locale, size, scheme))
        visit.page.locator(".v-empty").wait_for(timeout=PATIENCE)
        return visit

    return opened


@pytest.fixture
def product(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """A red box on a white ground, twice as high as a phone's screen is wide."""
    picture = np.full((800, 600, 3), 255, np.uint8)
    picture[160:640, 150:450] = (170, 60, 40)
    file = tmp_path / "box.png"
    file.write_bytes(encode(picture))
    return file


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A text file that calls itself a picture."""
    file = tmp_path / "note.jpg"
    file.write_text("only its name says that this is a picture")
    return file


def test_a_visitor_drops_a_picture_and_reads_why_it_scores_so(visit: Callable[..., Visit], product: Path) -> None:
    seen = visit()
    seen.upload(product)
    assert 1 <= seen.read_score() <= 5
    page = seen.page
    assert page.locator(".v-radar .v-dot").count() > 0
    assert page.locator("#criteria .v-row:not(.v-tag)").count() == 19
    assert page.locator("#criteria .v-none .v-reason").first.inner_text() != ""
    page.locator("#plot svg, #plot canvas").first.wait_for(timeout=PATIENCE)
    page.locator("#adds-up button").first.click()
    total = page.locator("#parts tfoot td").last.inner_text()
    assert total == page.locator(".v-number span").inner_text()
    assert seen.page.locator("#empty").is_hidden()


def test_layers_of_evidence_are_switched(visit: Callable[..., Visit], product: Path) -> None:
    seen = visit()
    seen.upload(product)
    evidence = seen.page.locator("#evidence img")
    before = evidence.get_attribute("src", timeout=PATIENCE)
    seen.page.locator("#layers input").nth(2).check()
    seen.page.wait_for_function(
        "before => document.querySelector('#evidence img').src !== before", arg=before, timeout=PATIENCE
    )


def test_another_channel_is_another_verdict(visit: Callable[..., Visit], product: Path) -> None:
    seen = visit()
    seen.upload(product)
    assert "Any shop" in seen.page.locator(".v-meta").inner_text(timeout=PATIENCE)
    seen.page.locator("#profile input").click()
    seen.page.get_by_role("option", name="Amazon main image").click()
    seen.page.locator(".v-meta", has_text="Amazon main image").wait_for(timeout=PATIENCE)


def test_the_report_can_be_taken_away(visit: Callable[..., Visit], product: Path) -> None:
    seen = visit()
    seen.upload(product)
    score = seen.read_score()
    with seen.page.expect_download(timeout=PATIENCE) as download:
        seen.page.locator("#json").click()
    assert download.value.suggested_filename == "box-report.json"
    assert f'"score": {score:g}' in Path(download.value.path()).read_text(encoding="utf-8")


def test_starting_over_brings_the_empty_page_back(visit: Callable[..., Visit], product: Path) -> None:
    seen = visit()
    seen.upload(product)
    seen.read_score()
    seen.page.locator("#restart").click()
    seen.page.locator(".v-empty").wait_for(timeout=PATIENCE)
    assert seen.page.locator(".v-number").count() == 0
    assert seen.page.locator("#picture input[type=file]").count() == 1


@pytest.mark.parametrize(
    ("locale", "sentence"), [("en-GB", r"note\.jpg is not a picture"), ("zh-CN", "note.jpg 不是可读取的图片")]
)
def test_a_broken_file_says_so_and_leaves_the_page_ready(
    visit: Callable[..., Visit], note: Path, product: Path, locale: str, sentence: str
) -> None:
    seen = visit(locale=locale)
    seen.upload(note)
    card = seen.page.locator(".v-problem")
    assert re.search(sentence, card.inner_text(timeout=PATIENCE))
    assert "Traceback" not in seen.page.content()
    seen.upload(product)
    assert seen.read_score() >= 1
    assert card.is_hidden()


@pytest.mark.parametrize(("query", "locale"), [("", "zh-CN"), ("?lang=zh", "en-GB")])
def test_chinese_by_the_browser_or_by_the_address(
    visit: Callable[..., Visit], product: Path, query: str, locale: str
) -> None:
    seen = visit(query, locale)
    seen.page.get_by_role("tab", name="评分").wait_for(timeout=PATIENCE)
    seen.page.locator(".v-empty", has_text="19 项").wait_for(timeout=PATIENCE)
    seen.upload(product)
    assert re.search("合格|复核", seen.page.locator(".v-verdict").inner_text(timeout=PATIENCE))
    assert seen.page.locator("#layers", has_text="主体轮廓").count() == 1
    assert seen.page.locator("#json").inner_text() == "下载 JSON 报告"
    assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_language_is_switched_by_its_link(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.page.get_by_role("link", name="中文").click()
    seen.page.get_by_role("tab", name="评分").wait_for(timeout=PATIENCE)
    seen.page.locator(".v-header a[aria-current]", has_text="中文").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_without_scrolling_sideways(visit: Callable[..., Visit], product: Path, scheme: str) -> None:
    seen = visit(size=PHONE, scheme=scheme)
    width = "document.documentElement.scrollWidth"
    assert seen.page.evaluate(width) <= PHONE["width"]
    seen.upload(product)
    seen.read_score()
    seen.page.locator("#plot svg, #plot canvas").first.wait_for(timeout=PATIENCE)
    assert seen.page.evaluate(width) <= PHONE["width"]
    wide = """[...document.querySelectorAll('#result *')].filter(
        e => e.getBoundingClientRect().right > innerWidth + 1 && e.closest('svg') === null
    ).map(e => e.className.toString())"""
    assert seen.page.evaluate(wide) == []


def test_an_example_is_one_click(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.page.locator("#examples button").first.click()
    assert 1 <= seen.read_score() <= 5
