"""Empty places: the library's empty sets are told from its pictures with something to sell, and nothing is cut out."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import as_photo, drawn, painted

from evaluator import Evaluator
from evaluator.decode import decode
from evaluator.experts.switched import Experts
from evaluator.mask import VACANT, find_subject
from evaluator.network.eyes import Eyes
from evaluator.network.reading import SEVERITIES, THERE, Reading, load_reading, save_reading
from evaluator.network.weights import FOLDER, WeightsWrong, keep
from evaluator.pair.tile import EmbeddedMasker
from evaluator.training.makers import empty
from evaluator.training.makers.cutout import Cutout
from evaluator.training.sample import Sample, write
from evaluator.training.sources import held
from evaluator.types import Glance, Photo, Subject
from evaluator.view import View, view

VACANCY = THERE["vacant"]
LIBRARY = Path(__file__).parents[1] / "styles/library"
BALL = drawn((240, 320), (110, 60, 210, 200))


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes()


def test_empty_sets_are_told_from_sets_with_a_product(eyes: Eyes) -> None:
    folders = [folder for folder in sorted(LIBRARY.iterdir()) if (folder / "plate.webp").is_file()][::4]
    assert len(folders) > 8

    def told(name: str) -> list[float]:
        return [eyes.glance(decode(folder / name).rgb).sees("vacant") for folder in folders]

    assert np.median(told("plate.webp")) > 0.8
    assert max(told("hero-1.webp")) < VACANT


def test_of_an_empty_set_the_report_says_that_there_is_no_subject() -> None:
    report = Evaluator().score(LIBRARY / "kraft-parcel/plate.webp")
    assert report.evidence is not None and report.evidence.subject.source == "none"
    assert report.criteria["completeness"].score is None
    assert "no subject" in report.criteria["completeness"].reason
    assert report.verdict != "good"


class Unsure(EmbeddedMasker):
    """Finds what there is, and does not trust it."""

    def mask(self, photo: Photo, view: View, glance: Glance | None) -> Subject:
        return replace(super().mask(photo, view, glance), confidence=0.2)


def test_a_subject_that_is_too_unsure_to_be_judged_is_none_for_the_verdict_either() -> None:
    product = LIBRARY / "pure-white/hero-1.webp"
    assert Evaluator().score(product).verdict == "good"
    report = Evaluator(experts=Experts(masker=Unsure())).score(product)
    assert report.criteria["completeness"].score is None
    assert report.score > 3.5 and report.verdict == "review"


def test_a_vacant_place_has_no_subject_but_a_file_s_alpha_is_believed() -> None:
    picture, cut = painted((90, 170, 110), BALL, (230, 220, 60)), (255 * BALL).astype(np.uint8)
    photo, own = as_photo(picture), as_photo(picture, cut)
    assert find_subject(photo, view(photo), BALL, VACANT - 0.01).confidence > 0.8
    nothing = find_subject(photo, view(photo), BALL, VACANT)
    assert (nothing.confidence, nothing.source, nothing.mask.max()) == (0.0, "none", 0.0)
    assert nothing.plain > 0.5 and nothing.mask.shape == view(photo).shape
    assert find_subject(own, view(own), BALL, 1.0).source == "alpha"


def test_what_is_small_in_a_place_that_looks_empty_is_a_subject_all_the_same() -> None:
    small = drawn((240, 320), (140, 100, 180, 140))
    photo = as_photo(painted((255, 255, 255), small, (40, 80, 160)))
    subject = find_subject(photo, view(photo), small, 1.0)
    assert subject.confidence > 0 and subject.source == "backdrop"
    assert Evaluator().score(photo.rgb).criteria["frame_fill"].score is not None


def test_a_reading_is_kept_and_read_back(tmp_path: Path, rng: np.random.Generator) -> None:
    weight = rng.normal(size=256).astype(np.float32)
    assert load_reading(tmp_path, VACANCY) is None
    card = save_reading(Reading(weight, -0.5, "ab" * 32), tmp_path, VACANCY, "a test")
    assert (card.parameters, card.made_by) == (257, "a test")
    found = load_reading(tmp_path, VACANCY)
    assert found is not None and (found.offset, found.network) == (-0.5, "ab" * 32)
    embedding = weight / np.linalg.norm(weight)
    assert found.probability(embedding) == pytest.approx(1 / (1 + np.exp(0.5 - np.linalg.norm(weight))), abs=1e-6)
    assert found.probability(-1e6 * embedding) == pytest.approx(0, abs=1e-12)
    (tmp_path / "vacancy.safetensors").write_bytes(b"something else")
    with pytest.raises(WeightsWrong, match="SHA-256"):
        load_reading(tmp_path, VACANCY)
    keep(b"no tensors at all", 257, tmp_path, VACANCY, "a test", 0)
    with pytest.raises(WeightsWrong, match=r"vacancy\.safetensors"):
        load_reading(tmp_path, VACANCY)


def test_a_reading_with_a_layer_is_kept_whole_and_bends(tmp_path: Path, rng: np.random.Generator) -> None:
    layer = np.zeros((2, 257), np.float32)
    layer[0, 0], layer[1, 0], layer[1, -1] = 1.0, 1.0, -0.5
    save_reading(Reading(np.array([1, -2], np.float32), 0.25, "ab" * 32, layer), tmp_path, VACANCY, "a test")
    found = load_reading(tmp_path, VACANCY)
    assert found is not None and found.parameters == 2 + 1 + 2 * 257
    along = np.eye(256, dtype=np.float32)[0]
    said = [found.value(np.float32(x) * along) for x in (-1.0, 0.25, 0.5, 1.0)]
    assert said == pytest.approx([0.25, 0.5, 0.75, 0.25])


def test_a_score_keeps_its_order_to_the_ends_and_stays_within_them() -> None:
    reading = Reading(np.eye(256, dtype=np.float32)[0], 0.0, "00")
    read = [reading.score(np.full(256, value, np.float32)) for value in (-1.0, 0.5, 1.0, 3.0, 5.0, 5.5, 7.0)]
    assert read == sorted(set(read)) and read[0] > 1 and read[-1] < 5
    assert read[3] == pytest.approx(3.0, abs=0.01)


def test_a_reading_of_another_network_is_not_asked(tmp_path: Path, rng: np.random.Generator) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).symlink_to(file)
    for name in (VACANCY, "vacancy.safetensors"):
        (tmp_path / name).unlink()
    save_reading(Reading(np.ones(256, np.float32), 9.0, "ab" * 32), tmp_path, VACANCY, "a test")
    assert "vacant" not in Eyes(tmp_path).glance(rng.integers(0, 256, (96, 96, 3), np.uint8)).read


def test_what_is_cut_from_a_picture_is_not_asked(eyes: Eyes) -> None:
    picture = decode(LIBRARY / "pure-white/plate.webp").rgb
    assert set(eyes.glance(picture).read) == set(THERE) | set(SEVERITIES)
    assert not eyes.glance(picture, near=True).read


@pytest.mark.parametrize("kept", [True, False])
def test_empty_places_have_an_empty_mask_and_keep_to_their_side(tmp_path: Path, kept: bool) -> None:
    made = [empty.make(tmp_path, tmp_path, tmp_path, kept, number, 0) for number in range(24)]
    samples = [sample for sample in made if sample]
    assert made[1::2] == [None] * 12, "there are no products"
    assert len(samples) == 12 and {sample.object == "room" for sample in samples} == {True, False}
    for sample in samples:
        assert sample.object == "room" or held(sample.object) is kept
        assert sample.mask is not None and sample.mask.shape == sample.picture.shape[:2] and not sample.mask.any()
        assert sample.presence["person"] == 0 and max(sample.picture.shape) <= 480
    again = empty.make(tmp_path, tmp_path, tmp_path, kept, 6, 0)
    assert again is not None and np.array_equal(again.picture, samples[3].picture)


def test_places_with_a_product_show_it_at_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = np.zeros((200, 120), np.float32)
    alpha[8:192, 8:112] = 1
    subject = Cutout(np.full((200, 120, 3), 0.4, np.float32), alpha, "jar", "home", False, (False, False), (0, 0))
    monkeypatch.setattr(empty, "subject_of", lambda *given: subject)
    made = [empty.make(tmp_path, tmp_path, tmp_path, False, number, 0) for number in range(1, 60, 2)]
    shares = [float(sample.mask.mean()) for sample in made if sample and sample.mask is not None]
    assert len(shares) > 12 and min(shares) < 0.01 < 0.05 < max(shares)
    assert {sample.object for sample in made if sample} == {"jar"}


def test_it_is_learnt_from_pictures(tmp_path: Path, rng: np.random.Generator) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is for training alone (evaluator/training/requirements.txt)")
    from evaluator.training import fit_presence

    for side in ("train", "held"):
        for family in ("empty", "masks"):
            (tmp_path / side / family).mkdir(parents=True)
        for number in range(8):
            wall = np.full((240, 320, 3), rng.integers(60, 200, 3), np.uint8)
            bare = np.clip(cv2.GaussianBlur(wall + rng.normal(0, 3, wall.shape), (0, 0), 2), 0, 255).astype(np.uint8)
            shown = painted(bare, BALL, rng.integers(0, 256, 3))
            write(Sample(bare, f"{number}", mask=0 * BALL), tmp_path / side / "empty" / f"{number:06d}.npz")
            write(Sample(shown, f"{number}", mask=BALL), tmp_path / side / "masks" / f"{number:06d}.npz")
    asked = Namespace(samples=tmp_path, weights=FOLDER, out=tmp_path / "out", of=["vacant"], most=20)
    assert fit_presence.run(asked) == 0
    found, network = load_reading(tmp_path / "out", VACANCY), Eyes()
    assert found is not None and found.network == network.card.sha256
    wall = np.full((240, 320, 3), (120, 140, 90), np.uint8)
    bare, shown = (network.glance(each).embedding for each in (wall, painted(wall, BALL, (220, 40, 60))))
    assert found.probability(bare) > found.probability(shown)
    with pytest.raises(FileNotFoundError, match=r"no samples of empty, .* show vacant"):
        fit_presence.run(Namespace(**{**vars(asked), "samples": tmp_path / "nowhere"}))
