"""The whole way from bytes to a report: the same for the same bytes, steady under small changes, unharmed by any."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from conftest import as_photo
from PIL import Image
from test_look import FakeEyes, scene

from evaluator import Evaluator
from evaluator.errors import BadArray, FileMissing, NotAnImage, UnknownProfile
from evaluator.network.eyes import Eyes
from evaluator.network.weights import WeightsMissing
from evaluator.report import to_dict, to_json
from evaluator.types import Failure, Report

Pixels = npt.NDArray[np.uint8]


def still_life(height: int = 240, width: int = 300, seed: int = 0, larger: int = 2) -> Pixels:
    """A shaded jar with a striped label on a soft grey sheet, with its shadow; drawn larger and shrunk."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : larger * height * 1j, -1 : 1 : larger * width * 1j].astype(np.float32)
    light = 205 + 9 * x - 18 * y
    drawn = np.stack([light, light - 2, light - 6], -1)
    drawn *= 1 - 0.45 * np.exp(-((x - 0.06) ** 2 / 0.12 + (y - 0.62) ** 2 / 0.008))[..., None]
    jar = (np.abs(x) < 0.38) & (np.abs(y - 0.05) < 0.55) | (np.abs(x) < 0.25) & (np.abs(y + 0.55) < 0.12)
    shade = (1.12 - 4.7 * (x + 0.08) ** 2)[..., None]
    stripes = 1 - 0.55 * (np.floor(26 * y) % 3 == 0)[..., None]
    label = (np.abs(x) < 0.3) & (np.abs(y - 0.1) < 0.25)
    drawn[jar] = (rng.permuted([176.0, 62.0, 48.0]) * shade)[jar]
    drawn[label] = (np.array([238.0, 232.0, 214.0]) * np.minimum(shade, 1.05) * stripes)[label]
    small = cv2.resize(np.clip(drawn, 0, 255), (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small + rng.normal(0, 0.8, small.shape)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return Evaluator(eyes=None)


@pytest.fixture
def folder(tmp_path: Path, encode: Callable[..., bytes]) -> list[Path]:
    """Six files of which the third is damaged and the fifth is missing."""
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_bytes(encode(still_life(80, 100, seed=number)))
    paths[2].write_bytes(paths[2].read_bytes()[:300])
    paths[4].unlink()
    return paths


def test_a_good_picture_scores_well_and_a_spoilt_one_worse(evaluator: Evaluator) -> None:
    good = evaluator.score(still_life())
    assert good.score > 3.5
    assert good.verdict == "good"
    spoilt = evaluator.score(cv2.GaussianBlur(still_life() // 4, (0, 0), 5))
    assert spoilt.score < good.score - 1
    assert spoilt.verdict == "reject"


def test_the_same_picture_gives_the_same_json(
    evaluator: Evaluator, tmp_path: Path, encode: Callable[..., bytes]
) -> None:
    data = encode(still_life(), "JPEG", quality=90)
    path = tmp_path / "jar.jpg"
    path.write_bytes(data)
    report = evaluator.score(data)
    assert to_json(evaluator.score(data)) == to_json(report)
    assert to_json(Evaluator(eyes=None).score(data)) == to_json(report)
    named = to_dict(evaluator.score(path))
    assert named == {**to_dict(report), "path": str(path)}
    assert to_dict(evaluator.score(str(path))) == named


def test_a_report_says_what_made_it(evaluator: Evaluator) -> None:
    report = evaluator.score(still_life(), profile="amazon")
    assert report.stamp.profile == "amazon"
    assert report.stamp.standard == evaluator.standard.digest
    assert report.stamp.weights is None
    assert evaluator.score(still_life()).stamp.profile == "general"
    assert (report.metadata.width, report.metadata.height) == (300, 240)
    assert report.evidence is not None
    assert report.evidence.tilt == report.criteria["balance"].measures["angle"]


def test_a_channel_that_asks_for_white_scores_a_grey_backdrop_lower(evaluator: Evaluator) -> None:
    general, amazon = (evaluator.score(still_life(), profile=name) for name in ("general", "amazon"))
    assert amazon.score < general.score - 0.3
    assert "white_background" in [advice.action for advice in amazon.advice]
    assert Evaluator("amazon", eyes=None).score(still_life()) == amazon


@pytest.mark.parametrize("seed", [0, 1])
def test_flipping_a_picture_changes_next_to_nothing(evaluator: Evaluator, seed: int) -> None:
    picture = still_life(seed=seed)
    flipped = evaluator.score(np.ascontiguousarray(picture[:, ::-1]))
    assert abs(flipped.score - evaluator.score(picture).score) < 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_saving_a_picture_as_jpeg_95_changes_little(
    evaluator: Evaluator, encode: Callable[..., bytes], seed: int
) -> None:
    picture = still_life(seed=seed)
    saved = evaluator.score(encode(picture, "JPEG", quality=95))
    assert abs(saved.score - evaluator.score(picture).score) < 0.15


def test_halving_a_large_picture_changes_little(evaluator: Evaluator) -> None:
    large = still_life(1500, 2000, larger=1)
    half = cv2.resize(large, (1000, 750), interpolation=cv2.INTER_AREA)
    assert abs(evaluator.score(large).score - evaluator.score(half).score) < 0.3


def odd_pictures() -> dict[str, Pixels]:
    rng = np.random.default_rng(5)
    return {
        "white": np.full((200, 260, 3), 255, np.uint8),
        "black": np.zeros((200, 260, 3), np.uint8),
        "grey": np.full((200, 260, 3), 128, np.uint8),
        "red": np.full((200, 260, 3), (220, 20, 30), np.uint8),
        "noise": rng.integers(0, 256, (200, 260, 3), np.uint8),
        "faint noise": rng.integers(126, 131, (200, 260, 3), np.uint8),
        "tiny": still_life(32, 32),
        "tiny white": np.full((32, 32, 3), 255, np.uint8),
        "tiny noise": rng.integers(0, 256, (32, 32, 3), np.uint8),
        "strip": still_life(32, 250),
        "chessboard": (np.indices((200, 260)) // 10).sum(0)[..., None].repeat(3, 2).astype(np.uint8) % 2 * 255,
        "ramp": np.linspace(0, 255, 260)[None, :, None].repeat(200, 0).repeat(3, 2).astype(np.uint8),
        "split": np.repeat(np.array([0, 255], np.uint8), 130)[None, :, None].repeat(200, 0).repeat(3, 2),
    }  # fmt: skip


@pytest.mark.parametrize("name", odd_pictures())
def test_an_odd_picture_gets_finite_numbers(evaluator: Evaluator, name: str) -> None:
    report = evaluator.score(odd_pictures()[name])
    assert 1 <= report.score <= 5
    assert round(sum(part.adds for part in report.parts), 2) == report.score
    to_json(report)
    for c in report.criteria.values():
        assert all(np.isfinite(list(c.measures.values())))
        assert c.score is None or 1 <= c.score <= 5


@pytest.mark.parametrize("name", ["white", "black", "grey", "red", "faint noise", "tiny white"])
def test_a_picture_with_nothing_in_it_never_scores_over_2(evaluator: Evaluator, name: str) -> None:
    report = evaluator.score(odd_pictures()[name])
    assert report.score <= 2
    assert report.verdict != "good"


def test_a_picture_of_20_megapixels_scores_as_a_smaller_one(evaluator: Evaluator) -> None:
    picture = still_life(950, 1350, larger=1)
    large = cv2.resize(picture, (5400, 3800), interpolation=cv2.INTER_CUBIC)
    report = evaluator.score(large)
    assert report.metadata.width * report.metadata.height > 20e6
    assert abs(report.score - evaluator.score(picture).score) < 0.5


def test_transparency_gives_the_subject(evaluator: Evaluator) -> None:
    alpha = np.zeros((240, 300), np.uint8)
    alpha[40:200, 90:210] = 255
    cut_out = Image.fromarray(np.dstack([still_life(), alpha]))
    stream = io.BytesIO()
    cut_out.save(stream, "PNG")
    report = evaluator.score(stream.getvalue())
    assert report.evidence is not None
    assert report.evidence.subject.source == "alpha"
    assert report.criteria["frame_fill"].measures["extent"] == pytest.approx(160 / 240, abs=0.02)


def test_what_cannot_be_read_raises_what_is_wrong(evaluator: Evaluator, tmp_path: Path) -> None:
    with pytest.raises(NotAnImage):
        evaluator.score(b"no picture at all")
    with pytest.raises(FileMissing):
        evaluator.score(tmp_path / "gone.png")
    with pytest.raises(BadArray):
        evaluator.score(np.zeros((50, 50), np.float64))  # type: ignore[arg-type]


def test_an_unknown_profile_is_named_with_those_there_are(evaluator: Evaluator) -> None:
    with pytest.raises(UnknownProfile, match=r"'ebay'.*amazon"):
        Evaluator("ebay")
    with pytest.raises(UnknownProfile, match=r"'ebay'.*amazon"):
        evaluator.score(still_life(), profile="ebay")


@pytest.mark.parametrize("workers", [1, 2, 5, None])
def test_many_pictures_come_in_order_and_the_unreadable_as_failures(
    evaluator: Evaluator, folder: list[Path], workers: int | None
) -> None:
    results = list(evaluator.score_many(folder, workers=workers))
    assert [result.path for result in results] == [str(path) for path in folder]
    kinds = [result.type if isinstance(result, Failure) else "" for result in results]
    assert kinds == ["", "", "Truncated", "", "FileMissing", ""]
    for path, result in zip(folder, results, strict=True):
        if isinstance(result, Report):
            assert result.evidence is None
            assert to_json(result) == to_json(evaluator.score(path))
        else:
            assert path.name in result.message
            assert path.name in result.message_zh
            assert result.message_zh != result.message


def test_many_pictures_are_taken_one_by_one_from_any_iterator(evaluator: Evaluator, folder: list[Path]) -> None:
    taken = []

    def paths() -> Iterator[str]:
        for path in folder:
            taken.append(path)
            yield str(path)

    results = evaluator.score_many(paths(), workers=1)
    assert taken == []
    next(results)
    assert len(taken) < len(folder)
    assert len(list(results)) == len(folder) - 1
    assert list(evaluator.score_many([])) == []


def test_many_pictures_follow_the_profile_named(evaluator: Evaluator, folder: list[Path]) -> None:
    (report,) = evaluator.score_many(folder[:1], profile="google")
    assert isinstance(report, Report)
    assert report.stamp.profile == "google"
    with pytest.raises(UnknownProfile, match="ebay"):
        evaluator.score_many(folder[:1], profile="ebay")


class Slow(Evaluator):
    """Waits for its gate before every picture but the first, and counts those it began."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []
        self.gate = threading.Event()

    def examine(self, photo: Any, path: str = "", **options: Any) -> Report:
        self.begun.append(path)
        if not path.endswith("0.png"):
            self.gate.wait(20)
        return super().examine(photo, path, **options)


def test_a_run_closed_early_drops_what_waits_and_restores_opencv(folder: list[Path]) -> None:
    before = cv2.getNumThreads()
    slow = Slow()
    results = slow.score_many([folder[0], *[folder[1]] * 39], workers=4)
    next(results)
    assert cv2.getNumThreads() == 1
    threading.Timer(0.3, slow.gate.set).start()
    results.close()  # type: ignore[attr-defined]
    assert cv2.getNumThreads() == before
    assert 1 < len(slow.begun) <= 6
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("score")]


class Faulty(Evaluator):
    """Fails in a way that nobody foresaw on every picture but the first."""

    def examine(self, photo: Any, path: str = "", **options: Any) -> Report:
        if not path.endswith("0.png"):
            raise ZeroDivisionError("division by zero")
        return super().examine(photo, path, **options)


def test_an_unforeseen_fault_becomes_a_failure_and_the_run_goes_on(folder: list[Path]) -> None:
    results = list(Faulty().score_many(folder[:3]))
    assert isinstance(results[0], Report)
    assert isinstance(results[1], Failure)
    assert results[1].type == "Internal"
    assert "ZeroDivisionError: division by zero" in results[1].message
    assert "ZeroDivisionError: division by zero" in results[1].message_zh
    assert isinstance(results[2], Failure)
    assert results[2].type == "Truncated"


def test_one_evaluator_serves_many_threads(evaluator: Evaluator) -> None:
    pictures = [still_life(120, 150, seed=seed) for seed in range(4)]
    alone = [to_json(evaluator.score(picture)) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = [to_json(report) for report in pool.map(evaluator.score, pictures * 3)]
    assert together == alone * 3


def test_a_photo_that_was_decoded_before_is_judged_as_it_is(evaluator: Evaluator) -> None:
    picture = still_life()
    copy = picture.copy()
    report = evaluator.examine(as_photo(picture), "shop/jar.png")
    assert report.path == "shop/jar.png"
    assert report.criteria == evaluator.score(picture).criteria
    assert (picture == copy).all()


@pytest.fixture(scope="module")
def seeing() -> Evaluator:
    return Evaluator(eyes=FakeEyes(scene=True))


def test_with_eyes_every_criterion_that_applies_is_judged_and_says_by_whom(
    evaluator: Evaluator, seeing: Evaluator
) -> None:
    picture = scene(400, (0, 0, 0, 0))
    blind, seen = evaluator.score(picture), seeing.score(picture)
    for id in ("shape_fidelity", "scene_fit"):
        assert blind.criteria[id].score is None
        assert set(seen.criteria[id].sources) == ({"network"} if seeing.calibration.heads[id].trust else set())
    assert seeing.calibration.heads["scene_fit"].trust > 0
    assert set(seen.criteria["artefact_cleanliness"].sources) == {"measure", "network"}
    assert seen.criteria["artefact_cleanliness"].sources["measure"] == blind.criteria["artefact_cleanliness"].score
    assert seen.criteria["hand_face_integrity"].reason == "no hand and no face is seen"
    assert seen.criteria["body_plausibility"].reason == "no person is seen"
    assert "impression" in [part.id for part in seen.parts]
    assert round(sum(part.adds for part in seen.parts), 2) == seen.score
    assert (blind.stamp.weights, blind.stamp.calibration) == (None, None)
    assert seen.stamp.weights == "abababababab"
    assert seen.stamp.calibration == seeing.calibration.digest


def test_what_is_too_blurred_to_tell_has_no_tags(seeing: Evaluator) -> None:
    picture = scene(600, (300, 180, 390, 270), fault=30)
    sharp, blurred = (seeing.score(each) for each in (picture, cv2.GaussianBlur(picture, (0, 0), 6)))
    assert sharp.tags["hand"].flag is True
    assert blurred.tags["hand"].flag is None
    assert blurred.tags["hand"].reason == "the picture is too blurred to tell"


def test_a_flagged_hand_caps_the_total_and_shows_where(seeing: Evaluator) -> None:
    faulty = seeing.score(scene(1600, (1000, 600, 1240, 840), fault=60))
    sound = seeing.score(scene(1600, (1000, 600, 1240, 840)))
    assert sound.tags["hand"].flag is False
    assert faulty.tags["hand"].flag is True
    assert faulty.score <= 2.5 < sound.score
    assert faulty.verdict == "reject"
    assert faulty.tags["hand"].boxes
    assert faulty.tags["hand"].boxes[0] in faulty.criteria["hand_face_integrity"].boxes
    assert faulty.evidence is not None and sound.evidence is not None
    assert faulty.evidence.maps["hand"].max() > 0.5
    assert set(sound.evidence.maps) == {"fusion", "hand", "artefact"}
    (advice,) = [each for each in faulty.advice if each.criterion == "hand_face_integrity"]
    assert advice.action == "inpaint"
    assert "fingers" in advice.en and "手指" in advice.zh
    data = to_dict(faulty)
    assert data["tags"]["hand"]["flag"] is True
    assert data["tags"]["hand"]["boxes"][0]["label"] == "hand"
    assert data["tags"]["face"]["probability"] is None
    assert data["criteria"]["hand_face_integrity"]["sources"] == {
        "network": pytest.approx(faulty.criteria["hand_face_integrity"].score, abs=1e-4)
    }


@pytest.mark.parametrize("name", ["white", "black", "grey", "red", "faint noise"])
def test_on_an_empty_picture_the_network_is_not_asked_for_its_opinion(seeing: Evaluator, name: str) -> None:
    report = seeing.score(odd_pictures()[name])
    assert report.score <= 2
    assert "impression" not in [part.id for part in report.parts]
    assert report.tags["fusion"].reason == seeing.standard.absences["blank"].en


@pytest.mark.parametrize("name", odd_pictures())
def test_with_eyes_an_odd_picture_gets_finite_numbers(seeing: Evaluator, name: str) -> None:
    report = seeing.score(odd_pictures()[name])
    assert 1 <= report.score <= 5
    assert round(sum(part.adds for part in report.parts), 2) == report.score
    to_json(report)


def test_eyes_without_weights_say_so_at_the_first_look_and_end_no_run(folder: list[Path], tmp_path: Path) -> None:
    judge = Evaluator(eyes=Eyes(tmp_path / "nowhere"))
    with pytest.raises(WeightsMissing, match="nowhere"):
        judge.score(still_life(120, 150))
    (failure,) = judge.score_many(folder[:1])
    assert isinstance(failure, Failure)
    assert failure.type == "WeightsMissing"


def test_what_the_network_doubts_in_a_dark_picture_is_made_up_for() -> None:
    judge = Evaluator()
    rule = judge.calibration.attributes["fusion"].model_copy(update={"wear": {"exposure": 2.0}})
    plain = judge.calibration.attributes["fusion"].model_copy(update={"wear": {}})
    told = {}
    for name, picture in {"light": still_life(), "dark": (still_life() * 0.25).astype(np.uint8)}.items():
        for kind, each in {"worn": rule, "plain": plain}.items():
            attributes = {**judge.calibration.attributes, "fusion": each}
            judge.calibration = judge.calibration.model_copy(update={"attributes": attributes})
            told[name, kind] = judge.examine(as_photo(picture)).tags["fusion"].probability or 0.0
    assert told["dark", "worn"] < told["dark", "plain"]
    assert told["light", "worn"] == pytest.approx(told["light", "plain"], abs=0.02)
