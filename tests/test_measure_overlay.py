from __future__ import annotations

import cv2
import numpy as np
import pytest
from conftest import Pixels, drawn, painted

from evaluator.measure.overlay import borders, separators

SIZE = (240, 320)


@pytest.fixture
def scene(rng: np.random.Generator) -> Pixels:
    """A smooth coloured picture without any flat area, 240×320."""
    smooth = cv2.resize(rng.uniform(50, 210, (6, 8, 3)), (320, 240), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.round(smooth).clip(40, 220), np.uint8)


@pytest.fixture(params=["white", "grey that falls off", "dark"])
def studio(request: pytest.FixtureRequest) -> Pixels:
    """A product before a plain backdrop."""
    fall = np.linspace(235, 190, 240)[:, None, None] * np.ones((1, 320, 3))
    backdrops = {"white": fall * 0 + 255, "grey that falls off": fall, "dark": fall * 0 + 25}
    return painted(backdrops[request.param], drawn(SIZE, (110, 60, 210, 200)), (40, 120, 160))


@pytest.mark.parametrize("colour", [0, 128, 255])
@pytest.mark.parametrize(
    "sides", [(24, 24, 32, 32), (24, 0, 0, 0), (0, 48, 0, 0), (0, 0, 40, 0), (0, 0, 0, 16), (30, 30, 0, 0)]
)
def test_a_drawn_frame_is_its_area(scene: Pixels, colour: int, sides: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = sides
    framed = np.full_like(scene, colour)
    inner = (slice(top, 240 - bottom), slice(left, 320 - right))
    framed[inner] = scene[inner]
    expected = 1 - (240 - top - bottom) * (320 - left - right) / (240 * 320)
    assert borders(framed) == pytest.approx(expected, abs=0.012)
    assert borders(framed[:, ::-1].copy()) == pytest.approx(borders(framed), abs=0.005)


def test_scenes_studio_backdrops_and_blanks_have_no_frame(scene: Pixels, studio: Pixels) -> None:
    assert borders(scene) == 0
    assert borders(studio) == 0
    assert borders(np.full((50, 60, 3), 255, np.uint8)) == 0


@pytest.mark.parametrize(("top", "bottom"), [(235, 190), (90, 160), (40, 200)])
def test_a_backdrop_that_falls_off_is_no_frame(top: int, bottom: int) -> None:
    fall = np.linspace(top, bottom, 240)[:, None, None] * np.ones((1, 320, 3))
    assert borders(np.round(fall).astype(np.uint8)) == 0
    assert borders(np.round(fall).astype(np.uint8).transpose(1, 0, 2).copy()) == 0


def test_a_frame_that_takes_nearly_all_is_not_one(scene: Pixels) -> None:
    drowned = np.full_like(scene, 255)
    drowned[110:130] = scene[110:130]
    assert borders(drowned) == 0


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (0, 1), (1, 1), (2, 1), (0, 3)])
def test_the_separators_of_a_collage_are_counted(scene: Pixels, rows: int, columns: int) -> None:
    collage = scene.copy()
    for part in range(1, rows + 1):
        at = 240 * part // (rows + 1)
        collage[at - 4 : at + 4] = 255
    for part in range(1, columns + 1):
        at = 320 * part // (columns + 1)
        collage[:, at - 4 : at + 4] = 255
    assert separators(collage) == rows + columns
    assert separators(collage[:, ::-1].copy()) == rows + columns


def test_scenes_studio_backdrops_and_horizons_are_no_collage(scene: Pixels, studio: Pixels) -> None:
    assert separators(scene) == 0
    assert separators(studio) == 0
    horizon = np.full_like(scene, 220)
    horizon[150:] = 120
    assert separators(horizon) == 0


def test_a_broad_band_divides_nothing(scene: Pixels) -> None:
    banded = scene.copy()
    banded[90:150] = 255
    assert separators(banded) == 0


def test_a_line_that_does_not_run_through_divides_nothing(scene: Pixels) -> None:
    broken = scene.copy()
    broken[116:124, :200] = 255
    assert separators(broken) == 0
