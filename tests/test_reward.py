from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from evaluator.network.heads import ATTRIBUTES, CRITERIA, PRESENCE
from evaluator.opinion import DRAWN
from evaluator.pair.company import NAME
from evaluator.pair.pair import Comparer
from evaluator.pair.report import to_dict, to_json
from evaluator.pair.reward import PLACE, Learned, Traits, load_reward, looked, said, save
from evaluator.pair.seam import seam
from evaluator.pair.tile import tile
from evaluator.pair.types import Background, Consistency, PairReport, Registration
from evaluator.pair.verdict import joint, overall, verdict
from evaluator.pair.wording import Line, load_rules
from evaluator.pipeline import Evaluator
from evaluator.training import grow
from evaluator.training.fit_reward import Row, fit
from evaluator.training.makers.candidates import make_candidates, suits
from evaluator.training.pairbench import Judged, joined, whole
from evaluator.training.precision import area, figures, promising, thresholds, weights
from evaluator.training.sightings import made
from evaluator.training.sources import calibrates, held
from evaluator.types import Glance, Plane, Rgb, Sameness
from tests.conftest import as_photo
from tests.test_pair import bottle, laid, on_white, scene

Pixels = npt.NDArray[np.uint8]
NETWORK = "ab" * 32


@dataclass(frozen=True)
class FakeCard:
    sha256: str = NETWORK


@dataclass(frozen=True)
class FakeEyes:
    """Looks without seeing: the same answer to every picture but for an embedding by its mean colour."""

    card: FakeCard = FakeCard()
    weights: str = "abababababab"

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        embedding = np.zeros(256, np.float32)
        embedding[:3] = rgb.reshape(-1, 3).mean(0) / 255 + 0.01
        flat = np.full((24, 24), 0.1, np.float32)
        return Glance(
            embedding / np.linalg.norm(embedding),
            np.zeros((48, 48), np.float32),
            dict.fromkeys(PRESENCE, 0.5),
            dict.fromkeys(CRITERIA, 3.0),
            dict.fromkeys(ATTRIBUTES, flat),
            dict.fromkeys(ATTRIBUTES, -1.0),
            (3.0, 0.5),
            3.0,
            3.0,
        )

    def beside(self, original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> Sameness:
        return Sameness(-4.0, 0.0, np.zeros((len(mask) // 8, len(mask) // 8), np.float32))


@dataclass(frozen=True)
class FakeReward:
    chance: float
    network: str = NETWORK

    def probability(self, traits: Traits) -> float:
        assert traits.numbers["height"] > 0
        return self.chance


def shaded(scale: float = 1.2, at: tuple[int, int] = (40, 50), shade: float = 0.45) -> Pixels:
    """Return the bottle in the scene with a soft shadow where it touches."""
    ground = scene().astype(np.float32)
    rows, columns = np.mgrid[: ground.shape[0], : ground.shape[1]]
    foot = (at[1] + 270 * scale, at[0] + 150 * scale)
    dark = shade * np.exp(-(((rows - foot[0]) / 9) ** 2) - ((columns - foot[1]) / 62) ** 2)
    return laid(bottle(), (ground * (1 - dark[..., None])).astype(np.uint8), scale, at)


@cache
def placed(scale: float = 1.2, at: tuple[int, int] = (40, 50)) -> tuple[object, Registration]:
    alpha = (bottle()[..., 3] / 255).astype(np.float32)
    product = tile(on_white(bottle()), alpha)
    matrix = np.array([[scale, 0, at[0]], [0, scale, at[1]]]) @ np.vstack([product.placed, [0, 0, 1]])
    return product, Registration(matrix, matrix, 0.95, 0.1, 50, False)


def read(picture: Pixels) -> dict[str, float]:
    product, found = placed()
    return seam(product, found, picture)  # type: ignore[arg-type]


def alpha_of(picture: Pixels) -> npt.NDArray[np.float32]:
    move = np.array([[1.2, 0, 40], [0, 1.2, 50]])
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(bottle()[..., 3].astype(np.float32) / 255, move, size), np.float32)


def haloed(picture: Pixels) -> Pixels:
    alpha = alpha_of(picture)
    rim = np.clip(cv2.dilate(alpha, np.ones((7, 7))) - alpha, 0, 1)[..., None]
    return (picture * (1 - rim) + 250 * rim).astype(np.uint8)


def feathered(picture: Pixels) -> Pixels:
    alpha = cv2.GaussianBlur(alpha_of(picture), (0, 0), 5)[..., None]
    inside = cv2.GaussianBlur(picture, (0, 0), 0.5)
    return (scene() * (1 - alpha) + inside * alpha).astype(np.uint8)


def grainy(picture: Pixels) -> Pixels:
    noise = np.random.default_rng(3).normal(0, 22, picture.shape) * alpha_of(picture)[..., None]
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def cold(picture: Pixels) -> Pixels:
    cast = 1 + np.array([-0.3, 0, 0.35]) * alpha_of(picture)[..., None]
    return np.clip(picture * cast, 0, 255).astype(np.uint8)


FAULTS: dict[str, tuple[Callable[[Pixels], Pixels], str, float]] = {
    "halo": (haloed, "rim_most", 1.5),
    "feathered": (feathered, "cover_3", -0.1),
    "grain": (grainy, "fine_beside", 0.5),
    "white balance": (cold, "tint_off", 0.5),
    "no shadow": (lambda picture: shaded(shade=0.0), "contact", -1.0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_moves_the_number_that_speaks_of_it(name: str) -> None:
    make, number, least = FAULTS[name]
    sound = shaded()
    moved = read(make(sound))[number] - read(sound)[number]
    assert moved / least > 1, (name, moved)


def test_every_number_is_finite_whatever_lies_around_the_product() -> None:
    plain = np.full((420, 420, 3), 255, np.uint8)
    for picture in (shaded(), laid(bottle(), plain, 1.2, (40, 50)), plain, 0 * plain):
        assert np.isfinite(list(read(picture).values())).all()


def test_maps_are_read_inside_the_outline_and_about_it() -> None:
    product, found = placed()
    look = FakeEyes().glance(shaded())
    hot = np.zeros((42, 42), np.float32)
    hot[:, 36:] = 1
    look = replace(look, maps={**look.maps, "fusion": hot})
    told = said(look, product.mask, found.matrix, (420, 420))  # type: ignore[attr-defined]
    assert told["fusion_in"] == 0.0 and told["fusion_out_most"] == 1.0


def test_the_closer_look_is_at_the_product_with_room_about_it() -> None:
    product, found = placed()
    seen = shaded()
    seen[:60] = 0
    looks = FakeEyes().glance(shaded()), FakeEyes().glance(seen)
    told, place = looked(product.mask, found.matrix, seen, looks, FakeEyes())  # type: ignore[attr-defined]
    assert place.shape == (256,)
    assert {f"place_{name}" for name in PLACE} < set(told)
    assert told["alike"] != told["alike_near"]
    assert {f"near_{name}" for name in said(looks[0], product.mask, found.matrix, (420, 420))} < set(told)  # type: ignore[attr-defined]


def rows(count: int, seed: int = 5) -> list[Row]:
    """Return ranked pairs of many objects: what is good shows in one number, beside another that only makes noise."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        level = rng.normal(0, 0.3)
        original = rng.normal(size=256).astype(np.float32) / 16
        for rank, good in ((3, True), (2, False), (1, False)):
            numbers = {"signal": rank + level + rng.normal(0, 0.3), "noise": float(rng.normal())}
            traits = Traits(numbers, original, *(rng.normal(size=(2, 256)).astype(np.float32) / 16))
            found.append(Row(f"group {number}", f"object {number}", good, rank, traits))
    return found


@cache
def learned() -> Learned:
    """Return a reward without trees, which grow by a library that training alone has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grow, "ENOUGH", 10**9)
        return fit(rows(120), NETWORK, "test")


def test_the_fit_ranks_pictures_of_objects_it_has_not_seen() -> None:
    fresh = [row for row in rows(120) if held(row.object) and not calibrates(row.object)]
    ranks = learned().logits([row.traits for row in fresh]).reshape(-1, 3)
    assert len(ranks) >= 6
    assert (ranks[:, 0] > ranks[:, 1]).mean() > 0.85 and (ranks[:, 1] > ranks[:, 2]).mean() > 0.7
    assert (ranks[:, 0] > 0).mean() > 0.7 and (ranks[:, 2] < 0).mean() > 0.9


def test_the_fit_needs_two_ranks_of_one_original() -> None:
    with pytest.raises(ValueError, match="share an original"):
        fit([row for row in rows(10) if row.good], NETWORK, "test")


def test_a_reward_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "reward.safetensors"
    save(learned(), file)
    kept = load_reward(file)
    traits = [row.traits for row in rows(4)]
    assert kept is not None and kept.network == NETWORK and kept.names == ("signal", "noise")
    np.testing.assert_allclose(kept.logits(traits), learned().logits(traits), rtol=1e-4, atol=1e-4)
    assert load_reward(tmp_path / "none.safetensors") is None


def test_what_suits_is_a_number_of_its_own_and_comes_back_from_the_file(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grow, "ENOUGH", 10**9)
    directions = np.linalg.qr(rng.normal(size=(256, 4)))[0].T.astype(np.float32)
    shown = []
    for number in range(60):
        sold = number % 2
        for meant in (0, 1):
            same = directions[3 - meant]  # what is sold beside it says nothing of the place
            traits = Traits({"noise": float(rng.normal())}, directions[sold], same, directions[2 + meant])
            place = (("food", "sport")[meant],)
            category = ("food", "sport")[sold]
            good = sold == meant
            shown.append(Row(f"group {number}", f"object {number}", good, int(good), traits, 1.0, category, place))
    reward = fit(shown, NETWORK, "test")
    said = reward.logits([row.traits for row in shown])
    good = np.array([row.good for row in shown])
    assert NAME in reward.names and said[good].min() > said[~good].max()
    save(reward, tmp_path / "reward.safetensors")
    kept = load_reward(tmp_path / "reward.safetensors")
    assert kept is not None
    np.testing.assert_allclose(kept.logits([row.traits for row in shown]), said, rtol=1e-3, atol=1e-3)


@cache
def report(chance: float = 0.97, network: str = NETWORK) -> PairReport:
    comparer = Comparer(FakeEyes(), reward=FakeReward(chance, network))
    return comparer.compare(as_photo(on_white(bottle())), as_photo(shaded()))


def test_a_reward_of_these_eyes_judges_the_background() -> None:
    background = report().background
    assert background.learned and not background.stale
    says = {"reward": np.log(0.97 / 0.03), "network": 0.0}
    assert background.says == pytest.approx(says)
    assert background.probability == pytest.approx(expit(load_rules().scene.logit(says)))
    assert background.score == pytest.approx(100 * background.probability)
    assert report().good is not None and report().reasons[-1].id == "whole"
    assert (report(0.02).good or 0) < (report().good or 0)
    assert report(0.0001).verdict == "reject"


def test_a_reward_of_other_weights_is_not_asked_and_that_is_said() -> None:
    assert report(network="cd" * 32).background.learned is False
    found = report(network="cd" * 32)
    assert found.background.stale and found.good is None
    assert found.verdict == "review"


def test_marks_of_generation_all_over_the_picture_are_told_and_keep_it_from_passing() -> None:
    pictures = as_photo(on_white(bottle())), as_photo(shaded())
    comparer, own = Comparer(FakeEyes(), reward=FakeReward(0.9999)), Evaluator(eyes=None).score(pictures[1].rgb)
    shape = own.criteria["shape_fidelity"]
    marked = replace(own, criteria={**own.criteria, "shape_fidelity": replace(shape, measures={DRAWN: 0.8})})
    sound, found = (comparer.compare(*pictures, lambda its=its: its) for its in (own, marked))
    assert not sound.background.marked and found.background.marked
    assert found.good == sound.good and found.verdict != "good"
    assert "marked" in {reason.id for reason in found.reasons} - {reason.id for reason in sound.reasons}
    assert to_dict(found)["background"]["marked"]


def test_on_a_plain_backdrop_there_is_no_background_to_judge() -> None:
    comparer = Comparer(FakeEyes(), reward=FakeReward(0.99))
    same = comparer.compare(as_photo(on_white(bottle())), as_photo(on_white(bottle())))
    assert same.consistency.state == "unchanged" and (same.consistency.score or 0) >= 99
    assert same.background.probability is None and same.background.why == "plain"
    assert same.good is None and same.verdict == "review"


def test_the_traits_of_a_pair_need_eyes_and_a_product() -> None:
    blank = as_photo(np.full((200, 200, 3), 128, np.uint8))
    assert Comparer(FakeEyes(), reward=None).traits(blank, blank) is None
    with pytest.raises(ValueError, match="eyes"):
        Comparer(None, reward=None).traits(blank, blank)


def test_the_json_of_a_report_tells_the_whole() -> None:
    data = json.loads(to_json(report()))
    assert data == to_dict(report())
    assert 0 <= data["good"] <= 1 and data["verdict"] in ("good", "review", "reject")
    background = data["background"]
    assert background | {"parts": 0, "score": 0, "probability": 0} == {
        "score": 0,
        "probability": 0,
        "learned": True,
        "stale": False,
        "marked": False,
        "parts": 0,
        "says": {"reward": 3.4761, "network": 0.0},
    }
    assert background["score"] == pytest.approx(100 * background["probability"], abs=0.01)


def test_reward_and_network_join_as_they_were_weighed() -> None:
    rng = np.random.default_rng(2)
    right = np.arange(300) % 3 == 0
    network = np.where(right, 1.5, -1.5) + rng.normal(0, 1.0, 300)
    reward = np.where(right, 0.5, -0.5) + rng.normal(0, 1.0, 300)
    rows = [
        Judged("group", "box", "kind", bool(good), bool(good), float(one), float(other), 3.0, False)
        for good, one, other in zip(right, reward, network, strict=True)
    ]
    scene = joined(rows)
    assert scene.network > scene.reward > 0
    said = np.array([row.background(scene) for row in rows])
    assert area(said, right) > max(area(reward, right), area(network, right))
    chance = whole([*rows, replace(rows[0], reward=float("nan"))], scene, LINES)
    assert chance[-1] == 0.5 and area(chance[:-1], right) == pytest.approx(area(said, right))


LINES = {"background": Line(1.0, 0.0), "consistency": Line(1.0, 0.0)}


def test_either_part_spoils_the_whole() -> None:
    assert joint({"background": 0.0, "consistency": 0.0}, LINES) == pytest.approx(1 / 3)
    assert joint({"background": 30.0, "consistency": 1.0}, LINES) == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert joint({"background": 9.0, "consistency": -9.0}, LINES) < 0.001


def test_the_verdict_follows_the_whole_but_never_passes_a_changed_product() -> None:
    rules = replace(load_rules(), whole=LINES, accept=0.9, refuse=0.2)
    right = Background(99.0, 0.99, True)

    def of(state: str, change: float, background: Background = right) -> str | None:
        same = Consistency(state, 50.0, change, state != "unchanged")  # type: ignore[arg-type]
        return verdict(same, background, overall(same, background, rules), rules)

    assert of("unchanged", 0.01) == "good"
    assert of("unchanged", 0.4) == "review"
    assert of("changed", 0.05) == "review" and of("changed", 0.99) == "reject"
    assert of("other", 0.1) == "reject" and of("unchanged", 0.01, Background(5.0, 0.05, True)) == "reject"
    assert of("unchanged", 0.01, replace(right, learned=False)) == "good"
    assert of("unchanged", 0.01, replace(right, marked=True)) == "review"
    assert of("unchanged", 0.01, replace(right, marked=True, learned=False)) == "review"
    assert of("unchanged", 0.01, Background(5.0, 0.05, True, marked=True)) == "reject"
    assert verdict(Consistency("unknown"), right, None, rules) is None


def test_precision_holds_at_the_base_rate_that_is_asked_for() -> None:
    chance = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    good = np.array([1, 1, 0, 1, 0, 0, 0, 0], bool)
    share = weights(good, 0.15)
    assert share.sum() == pytest.approx(1.0) and share[good].sum() == pytest.approx(0.15)
    found = figures(chance, good, chance >= 0.6, chance <= 0.3, np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.15)
    assert found["precision_at_recall"] == 1.0 and found["recall_at_precision"] == pytest.approx(2 / 3)
    assert found["auc"] == pytest.approx(14 / 15) and found["preferred"] == pytest.approx(2 / 3)
    assert found["precision_set"] == pytest.approx(0.15 / (0.15 + 0.85 / 5))
    assert found["recall_set"] == pytest.approx(1.0) and found["refused_right"] == pytest.approx(1.0)


def test_what_is_promising_is_mostly_good_where_half_are() -> None:
    chance, good = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([True, True, False, True, False])
    assert promising(chance, good, 0.6) == 0.6
    assert promising(chance, good, 1.0) == 0.8
    assert promising(chance, ~good, 1.0) == 1.0


def test_thresholds_keep_the_precision_that_was_asked_for() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 5, 4000)
    chance = 1 / (1 + np.exp(-logits))
    good = rng.random(4000) < chance
    share = np.full(4000, 1 / 4000)
    accept, refuse = thresholds(chance, good, share)
    assert good[chance >= accept].mean() >= 0.964 and (~good[chance <= refuse]).mean() >= 0.964
    assert 0.6 < accept < 0.95 and 0.05 < refuse < 0.4
    assert thresholds(np.array([0.5, 0.5]), np.array([True, False]), np.array([0.5, 0.5])) == (1.0, 0.0)


def test_a_place_suits_its_own_categories_and_is_open_to_their_kin() -> None:
    assert suits("watch", ("home", "watch")) is True
    assert suits("watch", ("jewellery", "beauty")) is None
    assert suits("watch", ("food", "drinks")) is False


def test_a_group_of_candidates_is_made_alike_again_and_ranks_sound_over_faulty(tmp_path: Path) -> None:
    folder = tmp_path / "packshots"
    folder.mkdir()
    stem = next(f"milk-{number}" for number in range(99) if not held(f"packshot/milk-{number}"))
    cv2.imwrite(str(folder / f"{stem}.jpg"), on_white(bottle())[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    group, again = (make_candidates(tmp_path, tmp_path / "scenes", False, 2) for _ in range(2))
    assert group is not None and again is not None and group.object == f"packshot/{stem}"
    assert [each.kind for each in group.shown] == [each.kind for each in again.shown]
    assert all(np.array_equal(one.picture, other.picture) for one, other in zip(group.shown, again.shown, strict=True))
    sound = [each for each in group.shown if each.good]
    assert len(sound) >= 2 and {each.rank for each in sound} == {3}
    # A sound place is a drawn room, or a set that suits the product.
    assert all(each.suited is None or suits(group.category, each.suited) for each in sound)
    assert not any(suits(group.category, each.suited or ()) for each in group.shown if each.kind == "unsuitable")
    assert all(each.rank < 3 and each.severity > 0 for each in group.shown if not each.good)
    assert any(each.changed for each in group.shown) and len(group.shown) >= 6


def test_candidates_of_before_categories_are_refused_with_the_remedy(tmp_path: Path) -> None:
    folder = tmp_path / "work/train/00000"
    folder.mkdir(parents=True)
    (folder / "facts.json").write_text('{"object": "jar", "shown": []}', "utf-8")
    with pytest.raises(ValueError, match=r"category; delete .*train to make it anew"):
        next(made(tmp_path, tmp_path, tmp_path / "work", False, 1))
