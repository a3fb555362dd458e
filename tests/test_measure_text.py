from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import Pixels, drawn, painted
from PIL import Image, ImageDraw, ImageFont

from evaluator.measure.text import find_text, strokes, suspects
from evaluator.types import Box

PAPER = (245, 245, 245)


def written(
    words: str,
    at: tuple[int, int] = (30, 90),
    size: int = 34,
    shape: tuple[int, int] = (240, 320),
    paper: tuple[int, int, int] = PAPER,
    ink: tuple[int, int, int] = (200, 20, 40),
) -> Pixels:
    image = Image.new("RGB", shape[::-1], paper)
    ImageDraw.Draw(image).text(at, words, font=ImageFont.load_default(size=size), fill=ink)
    return np.array(image)


def ink_box(picture: Pixels) -> Box:
    """Return the box around all that is not the colour of the corner."""
    ys, xs = np.nonzero(np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > 60)
    height, width = picture.shape[:2]
    return Box(xs.min() / width, ys.min() / height, np.ptp(xs) / width, np.ptp(ys) / height)


def shared(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    both = max(0.0, width) * max(0.0, height)
    return both / (one.width * one.height + other.width * other.height - both)


@pytest.mark.parametrize(
    ("paper", "ink"), [(PAPER, (200, 20, 40)), ((20, 40, 90), (255, 255, 255)), ((90, 140, 100), (250, 220, 40))]
)
def test_a_line_of_text_is_found_where_it_is(paper: tuple[int, int, int], ink: tuple[int, int, int]) -> None:
    picture = written("FREE SHIPPING", paper=paper, ink=ink)
    assert strokes(picture)
    assert suspects(picture)
    boxes = find_text(picture)
    assert [box.label for box in boxes] == ["text"]
    assert shared(boxes[0], ink_box(picture)) > 0.6


def test_text_is_found_as_well_in_the_mirrored_picture() -> None:
    picture = written("BEST PRICE", at=(20, 60))
    straight, mirrored = find_text(picture), find_text(np.ascontiguousarray(picture[:, ::-1]))
    assert len(straight) == len(mirrored) == 1
    back = Box(1 - mirrored[0].x - mirrored[0].width, mirrored[0].y, mirrored[0].width, mirrored[0].height)
    assert shared(straight[0], back) > 0.8


def test_lines_are_given_from_the_top() -> None:
    picture = np.minimum(written("NEW SEASON", at=(60, 150)), written("BUY NOW", at=(20, 40)))
    boxes = find_text(picture)
    assert len(boxes) == 2
    assert boxes[0].y < 0.4 < boxes[1].y


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
def test_a_plain_product_is_no_text(shape: str) -> None:
    picture = painted((235, 235, 235), drawn((240, 320), (110, 60, 210, 200), shape), (40, 80, 160))
    assert not strokes(picture)
    assert find_text(picture) == ()


def test_a_figure_as_large_as_the_picture_is_no_line_of_text() -> None:
    assert find_text(written("A", at=(60, 0), size=220)) == ()


def test_nothing_like_text_in_calm_pictures() -> None:
    dusk = np.linspace(90, 160, 180)[:, None, None] * np.ones((1, 240, 3))
    assert not suspects(dusk.astype(np.uint8))
    assert find_text(np.full((64, 64, 3), 255, np.uint8)) == ()


def test_faint_text_has_no_strokes_and_small_text_has() -> None:
    assert not strokes(written("FREE SHIPPING", ink=(238, 238, 238)))
    assert strokes(written("free shipping", size=14))


def test_stripes_bars_and_blots_are_no_letters(rng: np.random.Generator) -> None:
    bar = painted(PAPER, drawn((240, 320), (30, 100, 290, 120), "rectangle"), (20, 20, 20))
    stripes = np.full((240, 320, 3), 245, np.uint8)
    stripes[100:120, 30:290:2] = 60
    blot = painted(PAPER, drawn((240, 320), (30, 100, 290, 118)), (20, 20, 20))
    noise = np.full((240, 320, 3), 245, np.uint8)
    noise[100:120, 30:290] = rng.integers(0, 256, (20, 260, 1), np.uint8)
    assert [strokes(picture) for picture in (bar, stripes, blot, noise)] == [[]] * 4


def test_two_threads_share_the_detector() -> None:
    pictures = [written("SALE 50% OFF"), written("BUY NOW", at=(90, 40))]
    alone = [find_text(picture) for picture in pictures]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(find_text, pictures * 2)) == alone * 2


def test_what_is_printed_on_the_product_is_left_out() -> None:
    picture = np.minimum(written("NEW SEASON", at=(60, 150)), written("BUY NOW", at=(20, 40)))
    (line,) = find_text(picture, lambda box: box.y > 0.5)
    assert line.y < 0.4
    assert find_text(picture, lambda box: True) == ()


def test_a_careful_look_is_taken_only_where_there_is_something_like_text() -> None:
    picture = written("FREE SHIPPING", at=(30, 30), size=24, shape=(480, 640))
    (place,) = suspects(picture)
    ink = ink_box(picture)
    assert place.x <= ink.x and place.y <= ink.y
    assert place.x + place.width >= ink.x + ink.width
    assert place.width * place.height < 0.2


@pytest.mark.parametrize("shape", [(32, 640), (640, 32), (40, 500), (500, 40), (32, 32)])
def test_a_picture_as_narrow_as_is_taken_is_looked_at_like_any_other(
    shape: tuple[int, int], rng: np.random.Generator
) -> None:
    noise = rng.integers(0, 256, (*shape, 3), np.uint8)
    assert all(0 <= box.x <= box.x + box.width <= 1 + 1e-9 for box in find_text(noise))
    assert find_text(np.full((*shape, 3), 200, np.uint8)) == ()
