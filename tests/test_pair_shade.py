"""The shade of a product in its new place: drawn as it should be and as it should not, and told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from evaluator.pair.laid import Laid, lab_of, surroundings
from evaluator.pair.shade import shade as told_of
from evaluator.types import Plane, Rgb

SIDE = 288
GROUND = (190, 185, 175)
TOP, FOOT, LEFT, RIGHT = 60, 220, 110, 178


def shade(laid: Laid) -> dict[str, float]:
    return told_of(laid, surroundings(laid))


def product() -> Plane:
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[TOP:FOOT, LEFT:RIGHT] = 1
    return mask


def spot(across: float, down: float, soft: float = 6.0) -> Plane:
    """Return a soft oval of shade, 0–1, whose centre lies at a point of the tile."""
    plane = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(plane, (round(across), round(down)), (44, 9), 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), soft) if soft else plane, np.float32)


def laid(fallen: Plane, strength: float = 0.6, colour: tuple[float, ...] = (1, 1, 1), light: float = 0.0) -> Laid:
    """Lay a grey box on a plain ground with a shade; `light` is how much lighter its right edge is than its left."""
    mask, across = product(), np.linspace(-1, 1, SIDE)[None, :, None]
    own = np.full((SIDE, SIDE, 3), 120.0)
    place = np.array(GROUND) * (1 - strength * fallen[..., None] * np.array(colour))
    shown = np.where(mask[..., None] > 0, own + 60 * light * across, place)
    before, after = (np.asarray(np.clip(each, 0, 255), np.uint8) for each in (own, shown))
    depth = cv2.distanceTransform((mask > 0).astype(np.uint8), cv2.DIST_L2, 5)
    depth -= cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return Laid(lab_of(before), lab_of(after), as_rgb(after), mask, np.asarray(depth, np.float32))


def as_rgb(picture: Rgb) -> Rgb:
    return np.ascontiguousarray(picture)


STANDING = spot(144, FOOT)


def test_a_product_that_stands_is_dark_where_it_touches_and_one_that_floats_further_down() -> None:
    stands, floats = shade(laid(STANDING)), shade(laid(spot(144, FOOT + 34)))
    assert stands["under_at"] < 0.05 < 0.15 <= floats["under_at"]
    assert stands["touched"] > 0.8 > 0.2 > floats["touched"]
    assert floats["under_gain"] > 0.1 > stands["under_gain"]


def test_without_a_shade_there_is_none_to_place_or_colour() -> None:
    bare = shade(laid(np.zeros((SIDE, SIDE), np.float32)))
    assert bare["shade"] == pytest.approx(0, abs=1e-3)
    assert bare["touched"] == 0
    assert [bare[name] for name in ("shade_aside", "shade_below", "shade_tint", "shade_tint_aside")] == [0, 0, 0, 0]


@pytest.mark.parametrize("way", [-1, 1])
def test_a_shade_on_the_side_of_the_light_is_told_from_one_away_from_it_whichever_side_that_is(way: int) -> None:
    toward, away = (shade(laid(spot(144 + side * 45, FOOT - 4), light=way)) for side in (way, -way))
    for name in ("toward_given", "toward_product", "against_given"):
        assert toward[name] > 0.1 > -0.1 > away[name]
    assert toward["lean_beside_given"] > 0 > away["lean_beside_given"]
    assert toward["shade_aside"] == pytest.approx(away["shade_aside"], abs=0.05)


def test_hard_dark_and_coloured_shades_are_told_from_soft_grey_ones() -> None:
    soft, hard = shade(laid(STANDING)), shade(laid(spot(144, FOOT, 0.0), 0.9))
    assert hard["hard_most"] > 2 * soft["hard_most"]
    assert hard["darkest"] > soft["darkest"]
    blue = shade(laid(STANDING, colour=(1.0, 0.6, 0.1)))
    assert blue["shade_tint"] > 3 * soft["shade_tint"]
    assert blue["shade_yellow"] < -0.3


def test_a_mirrored_tile_says_the_same() -> None:
    one = laid(spot(175, FOOT - 4), light=1)
    other = Laid(
        *(np.ascontiguousarray(plane[:, ::-1]) for plane in (one.before, one.after, one.rgb, one.mask, one.depth))
    )
    told, mirrored = shade(one), shade(other)
    assert {name: round(value, 2) for name, value in told.items()} == pytest.approx(mirrored, abs=0.03)


def test_a_product_at_the_tiles_end_does_no_harm() -> None:
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[200:, :] = 1
    depth = np.where(mask > 0, 5.0, -5.0).astype(np.float32)
    grey = np.full((SIDE, SIDE, 3), 128, np.uint8)
    told = shade(Laid(lab_of(grey), lab_of(grey), grey, mask, depth))
    assert all(np.isfinite(value) for value in told.values())
