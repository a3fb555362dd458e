from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from evaluator.network.close import Close
from evaluator.network.eyes import CLOSE_SIDE, NEAR_SIDE, SIDE, TASTE_SIDE, Eyes, at_side, shown, shown_close, size_of
from evaluator.network.heads import LIMBS
from evaluator.network.model import Network
from evaluator.network.siamese import Siamese
from evaluator.network.taste import Taste
from evaluator.network.weights import CLOSE, SIAMESE, TASTE, WeightsMissing, keep, pack, save


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Eyes:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    save(Network(), folder, "a test", 0)
    keep(*pack(Taste()), folder, TASTE, "a test", 0)
    keep(*pack(Close()), folder, CLOSE, "a test", 0)
    keep(*pack(Siamese()), folder, SIAMESE, "a test", 0)
    return Eyes(folder)


@pytest.mark.parametrize(
    ("shape", "size"), [((500, 500), (384, 384)), ((1000, 500), (544, 256)), ((100, 2000), (224, 672))]
)
def test_a_picture_keeps_its_aspect_within_limits(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert size_of(*shape) == size


def test_a_picture_is_shown_red_first_between_minus_one_and_one() -> None:
    red = np.zeros((400, 400, 3), np.uint8)
    red[..., 0] = 255
    array = shown(red)
    assert array.shape == (1, 3, 384, 384)
    assert array[0, 0].min() == pytest.approx(128 / 127.5)
    assert array[0, 1].max() == pytest.approx(-127 / 127.5)


@pytest.mark.parametrize(
    ("shape", "near", "side"),
    [((320, 320), False, NEAR_SIDE), ((340, 340), False, SIDE), ((340, 340), True, NEAR_SIDE)],
)
def test_a_cut_and_a_small_picture_are_shown_smaller(shape: tuple[int, int], near: bool, side: int) -> None:
    assert shown(np.zeros((*shape, 3), np.uint8), near).shape[2:] == (side, side)


def test_a_glance_is_complete_and_within_its_ranges(eyes: Eyes, rng: np.random.Generator) -> None:
    glance = eyes.glance(rng.integers(0, 256, (90, 60, 3), np.uint8))
    assert glance.embedding.shape == (256,)
    assert float(np.linalg.norm(glance.embedding)) == pytest.approx(1, abs=1e-4)
    assert all(1 <= score <= 5 for score in glance.criteria.values())
    assert all(0 <= share <= 1 for share in glance.presence.values())
    assert min(plane.min() for plane in glance.maps.values()) >= 0
    assert max(plane.max() for plane in glance.maps.values()) <= 1
    assert glance.mask.shape == tuple(side // 4 for side in size_of(90, 60, NEAR_SIDE))
    assert glance.pleasing is not None and 1 <= glance.pleasing <= 5
    felt = (glance.technical + glance.appeal + 2 * glance.pleasing) / 4
    assert glance.impression[0] == pytest.approx(felt, abs=1e-5)


def test_the_same_picture_is_seen_the_same(eyes: Eyes, rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (64, 64, 3), np.uint8)
    one, other = eyes.glance(picture), eyes.glance(picture)
    assert one.logits == other.logits
    np.testing.assert_array_equal(one.embedding, other.embedding)


def test_without_weights_nothing_is_seen(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        Eyes(tmp_path).glance(np.zeros((32, 32, 3), np.uint8))


def test_a_cut_is_not_asked_how_it_pleases_and_all_weights_are_named(eyes: Eyes, rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (300, 300, 3), np.uint8)
    whole, cut = eyes.glance(picture), eyes.glance(picture, near=True)
    assert whole.technical == pytest.approx(cut.technical, abs=1e-5)
    assert whole.appeal != pytest.approx(cut.appeal, abs=1e-5)
    assert whole.pleasing is not None and cut.pleasing is None
    assert cut.impression[0] == pytest.approx((cut.technical + cut.appeal) / 2, abs=1e-5)
    names = eyes.weights.split("-")
    assert names[0] == eyes.card.sha256[:12]
    assert len(set(names)) == 4


def test_a_large_picture_pleases_as_much_as_made_small_at_once(rng: np.random.Generator) -> None:
    eyes = Eyes()
    small = cv2.resize(rng.integers(0, 256, (12, 9, 3), np.uint8), (300, 400), interpolation=cv2.INTER_CUBIC)
    taste = eyes._ready().taste.session
    for picture in (small, cv2.resize(small, (1200, 1600), interpolation=cv2.INTER_CUBIC)):
        (at_once,) = taste.run(("appeal",), at_side(picture, TASTE_SIDE))[0]
        assert eyes.glance(picture).appeal == pytest.approx(float(np.clip(at_once, 1, 5)), abs=0.03)


def test_a_place_of_any_shape_is_shown_as_a_square() -> None:
    tall = np.zeros((300, 40, 3), np.uint8)
    tall[150:] = 255
    array = shown_close(tall)
    assert array.shape == (1, 3, CLOSE_SIDE, CLOSE_SIDE)
    assert array[0, :, 10].max() == pytest.approx(-127 / 127.5)
    assert array[0, :, -10].min() == pytest.approx(128 / 127.5)


def test_two_pictures_are_seen_beside_each_other(rng: np.random.Generator) -> None:
    eyes = Eyes()
    product = cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), (288, 288), interpolation=cv2.INTER_CUBIC)
    mask = np.zeros((288, 288), np.float32)
    mask[60:230, 70:220] = 1
    product[mask < 1] = 255
    other = product.copy()
    other[100:180, 100:180] = (230, 20, 200)
    everywhere = np.ones_like(mask)
    same, changed = (eyes.beside(product, each, mask, everywhere) for each in (product, other))
    assert same.changed < -3 < 3 < changed.changed
    assert same.where.shape == (36, 36) and same.where.max() < 0.2 < 0.8 < changed.where[14:21, 14:21].mean()


def test_each_place_is_seen_from_nearby_by_itself(eyes: Eyes, rng: np.random.Generator) -> None:
    cuts = [rng.integers(0, 256, (size, 70, 3), np.uint8) for size in (50, 200)]
    seen = eyes.close(cuts, ["hand", "face"])
    (rim,) = eyes.close(cuts[:1], ["fusion"])
    assert (set(rim.logits), rim.presence) == ({"fusion"}, {"fusion": 1.0})
    assert eyes.close([], []) == []
    assert seen[0].logits != seen[1].logits
    for one, cut in zip(seen, cuts, strict=True):
        assert eyes.close([cut], ["hand"])[0].logits == one.logits
        assert set(one.presence) == set(one.logits) == set(one.maps) == set(LIMBS)
        assert all(0 <= share <= 1 for share in one.presence.values())
        assert all(plane.shape == (20, 20) and 0 <= plane.min() <= plane.max() <= 1 for plane in one.maps.values())


@pytest.mark.parametrize(
    ("missing", "named"), [(TASTE, r"taste\.json"), (CLOSE, r"close\.json"), (SIAMESE, r"siamese\.json")]
)
def test_without_all_weights_nothing_is_seen(tmp_path: Path, missing: str, named: str) -> None:
    save(Network(), tmp_path, "a test", 0)
    for name, network in ((TASTE, Taste()), (CLOSE, Close()), (SIAMESE, Siamese())):
        if name != missing:
            keep(*pack(network), tmp_path, name, "a test", 0)
    with pytest.raises(WeightsMissing, match=named):
        Eyes(tmp_path).glance(np.zeros((32, 32, 3), np.uint8))
