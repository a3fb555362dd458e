from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save_file
from skimage.color import deltaE_ciede2000, rgb2lab

from evaluator.pair.change import DRAWN_IN, NETWORK, Joint, load_model, rows_of, together
from evaluator.pair.consistency import either, judged, overlay
from evaluator.pair.outline import framed, trace
from evaluator.pair.places import believable
from evaluator.pair.printing import kept
from evaluator.pair.registration import register
from evaluator.pair.surface import apart, compare
from evaluator.pair.tile import drawn, tile
from evaluator.pair.trees import packed
from evaluator.training.fit_pairs import SIGHT, fitted, learnt, measured, weighed, written
from evaluator.training.judge_pairs import judge
from evaluator.training.kept_pairs import hit
from evaluator.types import Plane, Sameness, Subject
from tests.conftest import drawn as shape

Pixels = npt.NDArray[np.uint8]
SIDE = 320


def jar(word: str = "OLIVA", knob: bool = False) -> tuple[Pixels, Plane]:
    """Return a jar with a printed label on white, 320×320, and its mask."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.rectangle(mask, (70, 60), (250, 290), 255, -1)
    if knob:
        cv2.circle(mask, (258, 130), 34, 255, -1)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    stripes = 12 * np.sign(np.sin((x + 0.7 * y) / 9))
    colour = np.stack([60 + 0.2 * x + stripes, 110 - 0.1 * y + stripes, 80 + stripes], axis=-1)
    picture = np.where(mask[..., None] > 0, colour, 255).astype(np.uint8)
    cv2.rectangle(picture, (82, 140), (238, 210), (236, 226, 200), -1)
    cv2.putText(picture, word, (90, 188), cv2.FONT_HERSHEY_DUPLEX, 1.4, (40, 30, 50), 3, cv2.LINE_AA)
    return picture, (mask > 0).astype(np.float32)


def found(mask: Plane) -> Subject:
    return Subject(mask, 1.0, "alpha", 1.0, 1.0)


def moved(picture: Pixels, matrix: npt.NDArray[np.float64], fill: int = 255) -> Pixels:
    how = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_CONSTANT, "borderValue": (fill, fill, fill)}
    return np.asarray(cv2.warpAffine(picture, matrix, (SIDE, SIDE), **how), np.uint8)


@pytest.mark.parametrize(("turn", "scale"), [(0.0, 0.6), (7.0, 0.8), (-8.0, 0.9)])
def test_a_moved_turned_and_smaller_product_is_found_where_it_lies(turn: float, scale: float) -> None:
    picture, mask = jar()
    way = cv2.getRotationMatrix2D((160, 175), turn, scale)
    way[:, 2] += (12, -18)
    product = tile(picture, mask)
    place = register(product, (SIDE, SIDE), moved(picture, way), None)
    wanted = way @ np.vstack([product.placed, [0, 0, 1]])
    corners = np.array([[60, 60, 1], [220, 60, 1], [60, 220, 1], [220, 220, 1]], float).T
    assert np.abs(place.matrix @ corners - wanted @ corners).max() < 1.5
    assert not place.mirrored and place.agreement > 0.9 and place.agreement > place.against + 0.1


def test_no_place_is_believed_that_is_mirrored_tiny_or_far_turned() -> None:
    still = np.array([[1.0, 0, 5], [0, 1.0, 5]])
    assert believable(still, (400, 400))
    assert not believable(still * [[-1, 1, 1], [1, 1, 1]], (400, 400))
    assert not believable(0.1 * still, (400, 400))
    assert not believable(cv2.getRotationMatrix2D((0, 0), 40, 1.0), (400, 400))


def test_the_frame_is_where_the_matrix_leads_into_the_picture() -> None:
    inside = framed((10, 10), np.array([[2.0, 0, -4], [0, 2.0, 0]]), (20, 12))
    assert not inside[:, :2].any() and inside[:, 2:8].all() and not inside[:, 8:].any()


def test_colours_apart_are_those_of_the_library() -> None:
    one, other = (np.full((16, 16, 3), colour, np.float32) for colour in ((0.7, 0.3, 0.2), (0.6, 0.35, 0.3)))
    assert apart(one, other) == pytest.approx(deltaE_ciede2000(rgb2lab(one), rgb2lab(other)).mean(), abs=0.05)


def surfaces(change: Plane) -> tuple[Pixels, Pixels, npt.NDArray[np.bool_]]:
    """Return the jar's tile, the same multiplied by a plane, and the body."""
    product = tile(*jar())
    other = np.clip(product.rgb * change, 0, 255).astype(np.uint8)
    return product.rgb, other, product.mask > 0.5


def test_a_soft_shadow_and_a_dimmer_light_are_no_change_of_colour() -> None:
    rows = np.arange(288, dtype=np.float32)[:, None, None]
    shadow = 0.85 * (1 - 0.3 / (1 + np.exp(-(rows - 210) / 14)))
    one, other, body = surfaces(np.broadcast_to(shadow, (288, 288, 3)))
    assert np.percentile(compare(one, other, body, (1.0, 1.0)).colour[body], 95) < 5


def test_another_colour_of_a_part_is_a_change_where_it_is() -> None:
    change = np.ones((288, 288, 3), np.float32)
    change[200:235, 110:170] = (1.5, 0.8, 0.9)
    one, other, body = surfaces(change)
    colour = compare(one, other, body, (1.0, 1.0)).colour
    assert colour[208:228, 118:162].mean() > 10 > 4 * colour[60:120][body[60:120]].mean()


def outlined(picture: Pixels, mask: Plane, product_mask: Plane | None = None) -> Any:
    """Return the outline of a picture of the jar against the jar as it was, in place."""
    original, own = jar()
    product = tile(original, own if product_mask is None else product_mask)
    seen = drawn(picture, product.placed, product.mask.shape[0])
    return trace(product, seen, product.placed, (SIDE, SIDE), found(mask), product.rgb.astype(np.float32) / 255)


def test_a_part_that_was_added_or_bitten_off_is_measured() -> None:
    grown = outlined(*jar(knob=True))
    _, own = jar()
    share = (jar(knob=True)[1].sum() - own.sum()) / own.sum()
    assert grown.known and grown.expansion == pytest.approx(share, rel=0.25) and grown.loss == 0
    picture, mask = jar()
    picture[60:110, 70:120], mask[60:110, 70:120] = 255, 0
    bitten = outlined(picture, mask)
    assert bitten.loss == pytest.approx(2500 / own.sum(), rel=0.25) and bitten.expansion == 0


def test_where_the_pictures_look_alike_a_mask_errs_and_nothing_is_added_or_missing() -> None:
    picture, mask = jar()
    torn = mask.copy()
    torn[60:110, 70:120] = 0
    for outline in (outlined(picture, torn), outlined(picture, mask, torn)):
        assert (outline.expansion, outline.loss) == (0.0, 0.0)


@pytest.mark.parametrize(("word", "least", "most"), [("OLIVA", 0.99, 1.0), ("OLEXA", 0.3, 0.9), ("XKRTW", 0.0, 0.4)])
def test_print_is_read_before_and_after(word: str, least: float, most: float) -> None:
    product = tile(*jar())
    before, after = (drawn(jar(each)[0], product.placed, 288) for each in ("OLIVA", word))
    share = kept(product, before, after)
    assert share is not None and least <= share <= most


def test_where_there_is_no_print_none_is_read() -> None:
    picture, mask = jar()
    picture[mask > 0] = (70, 100, 80)
    product = tile(picture, mask)
    assert kept(product, product.rgb, product.rgb) is None


def test_other_letters_on_the_label_count_against_the_product() -> None:
    picture, mask = jar()
    product = tile(picture, mask)
    laid = [overlay(product, picture, jar(word)[0], found(mask)) for word in ("OLIVA", "XKRTW")]
    assert laid[0].measures["print"] == 0 and laid[1].measures["print"] > 1.5
    states = [judged(each, (SIDE, SIDE), load_model()).consistency for each in laid]
    assert (states[0].state, states[0].changed) == ("unchanged", False) and states[0].score is not None
    assert states[0].score >= 99
    assert states[1].changed is True and states[1].boxes


def test_the_peak_hits_its_region_and_misses_another() -> None:
    picture, mask = jar()
    changed = picture.copy()
    changed[230:270, 90:150] = (220, 60, 50)
    laid = overlay(tile(picture, mask), picture, changed, found(mask))
    here, there = np.zeros((2, SIDE, SIDE), np.uint8)
    here[230:270, 90:150] = there[70:110, 180:240] = 255
    assert hit(laid, here) and not hit(laid, there)


def test_a_place_that_only_the_network_sees_shows_as_far_as_it_sees_a_change() -> None:
    calm, where = np.zeros((64, 64), np.float32), np.zeros((8, 8), np.float32)
    where[2:4, 2:4] = 1
    shown = [either(calm, Sameness(changed, 0.0, where)) for changed in (4.0, -6.0)]
    assert shown[0].shape == calm.shape and shown[0][20:28, 20:28].min() > 0.9 > 0.05 > shown[1].max()
    np.testing.assert_array_equal(either(calm + 1, Sameness(-6.0, 0.0, where)), calm + 1)


def row(kind: str, strength: float, **changes: float) -> dict[str, Any]:
    changed = kind in ("recolour", "unrelated")
    seen = {NETWORK: 3.0 if changed else -3.0}
    measures = dict.fromkeys(load_model().lines.names, 0.0) | seen | changes
    return {"kind": kind, "strength": strength, "changed": changed, "hit": changed, "measures": measures}


def test_a_difference_never_speaks_for_the_same_product() -> None:
    rng = np.random.default_rng(3)
    rows = [row("backdrop", 0, colour_spot=abs(rng.normal(0, 0.2)), coarse=rng.random()) for _ in range(40)]
    rows += [row("recolour", 0.5, colour_spot=1 + rng.random(), detail=rng.random()) for _ in range(40)]
    wanted = [bool(each["changed"]) for each in rows]
    lines = fitted(measured(rows, ["colour_spot", "detail", "coarse"]), {"recolour": (rows, wanted)})
    assert lines.weight[0, 0] > 0 and lines.weight[0, 1] >= 0
    logits = lines.logits([each["measures"] for each in rows])
    assert min(logits[40:]) > max(logits[:40])


def test_of_several_kinds_of_change_the_most_alarming_speaks() -> None:
    rng = np.random.default_rng(3)
    calm = [row("backdrop", 0, colour_spot=0.2 * rng.random(), added_spot=0.2 * rng.random()) for _ in range(40)]
    kinds = {
        name: [row("recolour", 0.5, **{name: 1 + rng.random()}) for _ in range(20)]
        for name in ("colour_spot", "added_spot")
    }
    names = ["colour_spot", "added_spot"]
    scale = measured(calm + [each for rows in kinds.values() for each in rows], names)
    lines = fitted(scale, {name: (rows + calm, [True] * 20 + [False] * 40) for name, rows in kinds.items()})
    assert lines.kinds == ("colour_spot", "added_spot")
    for number, rows in enumerate(kinds.values()):
        values = [each["measures"] for each in rows]
        assert lines.logits(values).min() > lines.logits([each["measures"] for each in calm]).max()
        assert lines.weight[number, number] > lines.weight[number, 1 - number]


def test_a_greater_difference_never_lowers_what_is_said_of_a_change() -> None:
    model = load_model()
    for name in set(model.lines.names) - set(SIGHT):
        steps = [dict.fromkeys(model.lines.names, 0.0) | {name: value} for value in np.linspace(0, 8, 30)]
        assert np.diff(together(model.lines, model.trees, steps)).min() >= 0


def test_the_fit_is_written_as_data_that_the_judgement_reads(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")
    rng = np.random.default_rng(4)
    rows = [row("backdrop", 0, colour_spot=0.3 * rng.random()) for _ in range(30)]
    rows += [row("recolour", 0.5, colour_spot=1 + rng.random()) for _ in range(30)]
    rows += [row("unrelated", 0, colour=4 + rng.random(), detail=5 + rng.random()) for _ in range(10)]
    file = tmp_path / "fit.toml"
    known = learnt(rows)
    trees = known.trees
    file.write_text(written(known, rows, argparse.Namespace(train=70, held=70)), encoding="utf-8")
    save_file(packed(trees), tmp_path / "fit.safetensors")
    model = load_model.__wrapped__(file)
    assert model.lines.names == load_model().lines.names
    assert model.joint.measures >= 0 and model.joint.network >= 0
    assert model.logit(rows[-20]["measures"]) > model.logit(rows[0]["measures"])
    assert model.score_values[0] == 100.0
    said = trees.logits(rows_of([rows[place]["measures"] for place in (0, -20)], model.lines.names))
    assert said[0] < 0 < said[1]


def test_network_and_measures_weigh_what_each_of_them_tells() -> None:
    rng = np.random.default_rng(5)
    changed = np.arange(400) % 2 == 0
    clear = np.where(changed, 2.0, -2.0) + rng.normal(0, 1.5, 400)
    share = np.full(400, 1 / 400)
    of_network = weighed(rng.normal(0, 1, 400), clear, changed.tolist(), share)
    assert of_network.network > 1 > 0.3 > of_network.measures >= 0
    against = weighed(-clear, rng.normal(0, 1, 400), changed.tolist(), share)
    assert against.measures == 0
    far = Joint(1.0, 1.0, 0.0).logits(np.zeros(2), np.array([-60.0, 60.0]))
    assert far.tolist() == list(DRAWN_IN)


def test_a_product_that_fits_much_better_mirrored_is_changed_whatever_else() -> None:
    model = load_model()
    same = dict.fromkeys(model.lines.names, 0.0) | {NETWORK: -4.0}
    assert model.logit(same) < 0 < model.logit(same | {"mirrored": 2 * model.mirrored})


def test_figures_count_alarms_finds_and_abstentions() -> None:
    calm, loud = row("backdrop", 0), row("recolour", 0.5, colour_spot=8, colour=8, detail_spot=8)
    lost = {key: value for key, value in row("backdrop", 0).items() if key != "measures"}
    wrong = calm | {"measures": loud["measures"]}
    figures = judge([calm, calm, calm, wrong, loud, loud, row("unrelated", 0, colour=9, detail=9), lost])
    assert (figures["pairs"], figures["abstained"], figures["benign"], figures["half"]) == (8, 1, 4, 2)
    assert figures["false_alarms"] == 0.25 and figures["found_half"] == 1.0 and figures["peak_half"] == 1.0
    assert figures["alarms_by_kind"] == {"backdrop": (4, 0.25)}


def test_a_subject_elsewhere_is_not_taken_for_the_outline() -> None:
    other = np.asarray(shape((SIDE, SIDE), (10, 10, 40, 40), "rectangle"), np.float32)
    outline = outlined(jar()[0], other)
    assert not outline.known and outline.iou > 0.85
