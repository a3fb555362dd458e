"""The Styles tab in a real browser: words in both languages, the detail, an own style, on a desk and on a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DESK, PHONE
from test_page import PATIENCE

pytestmark = pytest.mark.browser

LIBRARY = Path(__file__).parent.parent / "styles" / "library"


@pytest.fixture
def styles(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Open the tab."""

    def opened(query: str = "", size: dict[str, int] = DESK, scheme: str = "light") -> Any:
        page = open_page(query, size=size, scheme=scheme)
        page.get_by_role("tab", name="风格" if "zh" in query else "Styles", exact=True).click(timeout=PATIENCE)
        page.locator("#styles-gallery .s-card").first.wait_for(timeout=PATIENCE)
        return page

    return opened


def search(page: Any, text: str) -> None:
    page.locator("#styles-text").locator("input, textarea").fill(text)


def first(page: Any, id: str) -> None:
    """Wait until a style is the first of the gallery."""
    page.locator(f'#styles-gallery li:first-child .s-card[data-style="{id}"]').wait_for(timeout=PATIENCE)


def names() -> dict[str, dict[str, str]]:
    cards = [json.loads(file.read_text(encoding="utf-8")) for file in LIBRARY.glob("*/card.json")]
    return {card["id"]: card["name"] for card in cards}


@pytest.mark.parametrize(("query", "language"), [("", "en"), ("?lang=zh", "zh")])
def test_words_find_a_style_as_they_are_written(styles: Callable[..., Any], query: str, language: str) -> None:
    page = styles(query)
    everything = page.locator("#styles-gallery .s-card").count()
    for id in ("ivory-arch", "guochao-red-gold"):
        search(page, names()[id][language])
        first(page, id)
    assert page.locator("#styles-gallery .s-why").first.inner_text() != ""
    assert page.locator("#styles-gallery .s-card").count() < everything
    search(page, "")
    page.wait_for_function(
        "all => document.querySelectorAll('#styles-gallery .s-card').length === all", arg=everything, timeout=PATIENCE
    )


def test_the_detail_opens_copies_and_closes_by_keyboard(styles: Callable[..., Any]) -> None:
    page = styles()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = page.locator("#styles-gallery .s-card").first
    name = card.locator(".s-name").inner_text()
    card.focus()
    page.keyboard.press("Enter")
    heading = page.locator(".s-sheet h2")
    heading.wait_for(timeout=PATIENCE)
    assert name in heading.inner_text()
    swatch = page.locator(".s-swatches button").first
    swatch.click()
    page.locator(".s-said.s-now").wait_for(timeout=PATIENCE)
    assert page.evaluate("navigator.clipboard.readText()") == swatch.get_attribute("data-copy")
    other = page.locator(".s-near .s-card").first
    expected = other.locator(".s-name").inner_text()
    other.click()
    page.locator(".s-sheet h2", has_text=expected).wait_for(timeout=PATIENCE)
    page.keyboard.press("Escape")
    page.locator(".s-sheet").wait_for(state="detached", timeout=PATIENCE)
    assert page.evaluate("document.activeElement.dataset.style") == card.get_attribute("data-style")


def test_colours_and_chips_narrow_the_gallery(styles: Callable[..., Any]) -> None:
    page = styles()
    page.locator("#styles-colours .s-dot").nth(6).click()
    page.locator("#styles-gallery .s-fit").first.wait_for(timeout=PATIENCE)
    before = page.locator("#styles-gallery .s-card").count()
    page.locator("#chips-moods label").first.click()
    page.wait_for_function(
        "all => document.querySelectorAll('#styles-gallery .s-card').length < all", arg=before, timeout=PATIENCE
    )
    page.locator("#styles-clear").click()
    page.locator("#styles-gallery .s-fit").first.wait_for(state="detached", timeout=PATIENCE)


def test_a_broken_picture_says_its_own_sentence(styles: Callable[..., Any], tmp_path: Path) -> None:
    note = tmp_path / "note.jpg"
    note.write_text("only its name says that this is a picture")
    page = styles("?lang=zh")
    page.locator("#styles-pictures input[type=file]").set_input_files(str(note))
    said = page.locator("#styles-strip .s-problem").inner_text(timeout=PATIENCE)
    assert re.search(r"note\.jpg 不是可读取的图片", said)
    assert "Traceback" not in page.content()


def test_a_style_of_ones_own_is_added_found_and_deleted(
    styles: Callable[..., Any], tmp_path: Path, encode: Callable[..., bytes]
) -> None:
    picture = np.full((240, 240, 3), (40, 160, 120), np.uint8)
    picture[160:] = (250, 240, 60)
    file = tmp_path / "mine.png"
    file.write_bytes(encode(picture))
    page = styles()
    page.get_by_role("tab", name="My styles").click()
    page.get_by_text("Everyone who can open this page shares these styles").wait_for(timeout=PATIENCE)
    page.locator("#own-name").locator("input, textarea").fill("Lagoon")
    page.locator("#own-pictures input[type=file]").set_input_files(str(file))
    page.locator("#own-pictures", has_text="mine").wait_for(timeout=PATIENCE)
    page.locator("#own-add").click()
    page.locator("#own-gallery .s-card", has_text="Lagoon").click(timeout=PATIENCE)
    page.locator(".s-sheet h2", has_text="Lagoon").wait_for(timeout=PATIENCE)
    page.locator("#own-delete").click(timeout=PATIENCE)
    page.locator("#own-delete-yes").click(timeout=PATIENCE)
    page.locator(".s-sheet").wait_for(state="detached", timeout=PATIENCE)
    assert page.locator("#own-gallery .s-card").count() == 0


@pytest.mark.parametrize(("query", "scheme"), [("", "light"), ("?lang=zh", "dark")])
def test_a_phone_shows_all_of_it_without_sideways_scrolling(
    styles: Callable[..., Any], query: str, scheme: str
) -> None:
    page = styles(query, PHONE, scheme)
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= PHONE["width"]
    page.locator("#styles-refine").click()
    page.locator("#styles-colours .s-dot").first.wait_for(timeout=PATIENCE)
    assert page.evaluate(wide) <= PHONE["width"]
    page.locator("#styles-refine").click()
    page.locator("#styles-gallery .s-card").first.click()
    page.locator(".s-sheet h2").wait_for(timeout=PATIENCE)
    assert page.evaluate("document.querySelector('#style-detail').scrollWidth") <= PHONE["width"]


def test_a_scored_picture_finds_styles_like_it(browser: Any, site: str) -> None:
    page = browser.new_page(viewport=DESK, locale="en-GB")
    page.goto(site)
    page.locator("#picture input[type=file]").set_input_files(str(LIBRARY / "ivory-arch" / "hero-1.webp"))
    page.locator(".v-number").wait_for(timeout=PATIENCE)
    page.locator("#find-like").click(timeout=PATIENCE)
    first(page, "ivory-arch")
    assert page.locator("#styles-gallery .s-fit").count() > 1
    page.close()
