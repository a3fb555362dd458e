from __future__ import annotations

import numpy as np
import pytest
from conftest import as_photo, as_subject, drawn
from skimage.measure import regionprops

from evaluator.measure import form
from evaluator.types import Plane
from evaluator.view import View, view

SIZE = (200, 300)


@pytest.fixture
def blank() -> View:
    return view(as_photo(np.full((*SIZE, 3), 200, np.uint8)))


def rectangle(x0: int, y0: int, x1: int, y1: int) -> Plane:
    mask = np.zeros(SIZE, np.float32)
    mask[y0:y1, x0:x1] = 1
    return mask


@pytest.mark.parametrize(
    ("box", "contact"),
    [
        ((100, 50, 200, 150), (0, 0, 0, 0)),
        ((100, 0, 200, 150), (100 / 300, 0, 0, 0)),
        ((100, 50, 200, 200), (0, 100 / 300, 0, 0)),
        ((0, 50, 200, 150), (0, 0, 100 / 200, 0)),
        ((100, 50, 300, 150), (0, 0, 0, 100 / 200)),
        ((0, 0, 300, 200), (1, 1, 1, 1)),
    ],
)
def test_contact_and_cut_of_a_rectangle(
    blank: View, box: tuple[int, int, int, int], contact: tuple[float, ...]
) -> None:
    mask = rectangle(*box)
    assert tuple(form.frame_contact(mask).values()) == pytest.approx(contact)
    touched = (contact[0] + contact[1]) * 300 + (contact[2] + contact[3]) * 200
    assert form.cut_share(mask) == pytest.approx(touched / np.sqrt(mask.sum()))
    reading = form.completeness(blank, as_subject(mask, confidence=0.4))
    assert reading.values["cut"] == form.cut_share(mask)
    assert [reading.values[f"cut_{side}"] for side in ("top", "bottom", "left", "right")] == list(
        form.frame_contact(mask).values()
    )
    assert reading.confidence == pytest.approx(0.1 / 0.35)


def test_cut_of_nothing_is_nought() -> None:
    assert form.cut_share(np.zeros(SIZE, np.float32)) == 0


def test_mirroring_swaps_the_sides_and_keeps_the_cut() -> None:
    mask = rectangle(0, 30, 80, 120)
    straight, mirrored = form.frame_contact(mask), form.frame_contact(mask[:, ::-1])
    assert (straight["left"], straight["right"]) == (mirrored["right"], mirrored["left"])
    assert form.cut_share(mask) == form.cut_share(mask[:, ::-1])


@pytest.mark.parametrize(
    ("outline", "shape"),
    [
        ((60, 40, 240, 160), "ellipse"),
        ((60, 40, 240, 160), "rectangle"),
        ((150, 20, 260, 170, 40, 180), "polygon"),
    ],
)
def test_convex_shapes_are_solid(outline: tuple[float, ...], shape: str) -> None:
    assert form.solidity(drawn(SIZE, outline, shape)) == pytest.approx(1, abs=0.02)


def test_solidity_agrees_with_scikit_image() -> None:
    angled = np.maximum(rectangle(60, 40, 110, 160), rectangle(60, 110, 240, 160))
    expected = regionprops((angled > 0.5).astype(int))[0].solidity  # type: ignore[no-untyped-call]
    assert expected < 0.75
    assert form.solidity(angled) == pytest.approx(expected, abs=0.02)
    assert form.solidity(np.zeros(SIZE, np.float32)) == 0


def test_completeness_needs_a_subject(blank: View) -> None:
    assert form.completeness(blank, as_subject(rectangle(9, 9, 50, 50), confidence=0.3)).absent == "subject"


@pytest.mark.parametrize("id", ["shape_fidelity", "body_plausibility", "hand_face_integrity"])
def test_what_needs_the_network_says_so(blank: View, id: str) -> None:
    reading = form.CRITERIA[id](blank, as_subject(rectangle(9, 9, 50, 50)))
    assert (reading.absent, reading.confidence, dict(reading.values)) == ("network", 0, {})
