"""What several tests share: seeded pictures and their files, and the real page in a real browser."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from evaluator.types import Metadata, Photo, Plane, Subject

Pixels = npt.NDArray[np.uint8]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives the same numbers in every run."""
    return np.random.default_rng(20260101)


@pytest.fixture
def picture(rng: np.random.Generator) -> Pixels:
    """A smooth colourful picture, 64 high and 48 wide, unlike any of its mirrorings."""
    small = Image.fromarray(rng.integers(0, 256, (4, 3, 3), np.uint8))
    return np.asarray(small.resize((48, 64), Image.Resampling.BICUBIC))


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Return the bytes of a file that holds a picture (an array or a PIL image) in a Pillow format."""

    def save(picture: Pixels | Image.Image, format: str = "PNG", **options: object) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        stream = io.BytesIO()
        image.save(stream, format, **options)
        return stream.getvalue()

    return save


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium that is already installed; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the served app."""
    from test_app import served  # it brings Gradio, which few tests need

    with served(tmp_path_factory.mktemp("cache")) as page:
        yield page


def _wrong(said: Any) -> bool:
    """Return whether the page's console tells of a fault.

    Gradio writes a picture that is shown again over itself, at times while the browser still reads it.
    """
    return said.type == "error" and "ERR_CONTENT_LENGTH_MISMATCH" not in said.text


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open the page; at the end nothing may have gone wrong in it, and no other host been asked."""
    pages: list[Any] = []
    errors: list[str] = []
    outside: list[str] = []

    def opened(query: str = "", locale: str = "en-GB", size: dict[str, int] = DESK, scheme: str = "light") -> Any:
        page = browser.new_page(viewport=size, locale=locale, color_scheme=scheme)
        pages.append(page)
        page.on("console", lambda said: errors.append(said.text) if _wrong(said) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda asked: None if _inside(asked.url, site) else outside.append(asked.url))
        page.goto(site + query)
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []
    assert outside == []


def _inside(url: str, site: str) -> bool:
    return url.startswith((site, "data:", "blob:"))


def as_photo(rgb: Pixels, alpha: Pixels | None = None) -> Photo:
    """Return pixels as a decoded picture."""
    return Photo(rgb, alpha, Metadata("PNG", "RGB", rgb.shape[1], rgb.shape[0], rgb.size), "0" * 64)


def as_subject(mask: npt.ArrayLike, confidence: float = 1.0, plain: float = 0.0, white: float = 0.0) -> Subject:
    """Return a mask as a subject that is known, on a backdrop that is neither plain nor white."""
    return Subject(np.asarray(mask, np.float32), confidence, "backdrop", plain, white)


def drawn(size: tuple[int, int], outline: tuple[float, ...], shape: str = "ellipse") -> Plane:
    """Return the coverage (0–1, smooth at the edge) of a shape on a frame of `size` (height, width).

    `shape` is `ellipse`, `rectangle` (both with a box x0, y0, x1, y1) or `polygon` (x, y, x, y …), in pixels.
    """
    image = Image.new("L", (4 * size[1], 4 * size[0]))
    points = [4 * value for value in outline]
    if shape == "polygon":
        ImageDraw.Draw(image).polygon(points, fill=255)
    else:
        box = (points[0], points[1], points[2] - 1, points[3] - 1)
        getattr(ImageDraw.Draw(image), shape)(box, fill=255)
    return np.asarray(image.reduce(4), np.float32) / np.float32(255)


def painted(backdrop: npt.ArrayLike, mask: Plane, colour: npt.ArrayLike) -> Pixels:
    """Return a backdrop (a colour or a picture, 0–255) with a coloured shape laid over it."""
    cover = mask[..., None]
    mixed = np.asarray(backdrop, np.float64) * (1 - cover) + np.asarray(colour, np.float64) * cover
    return np.round(mixed).clip(0, 255).astype(np.uint8)
