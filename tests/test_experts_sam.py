"""Segment Anything: a tiny model with random weights is saved here, and loaded as any other would be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import Pixels, as_photo

from evaluator.errors import ExpertBroken, ExpertMissing
from evaluator.experts.loading import DeviceMissing, ExpertUnfetched
from evaluator.experts.sam import PUBLISHED, Cutter, SamUnknown, Segmenter, build, load_segmenter
from evaluator.operators import ensure_torchvision
from evaluator.types import Box, Rgb
from evaluator.view import view

BOX = Box(0.2, 0.25, 0.5, 0.5)


def make_tiny() -> Any:
    """Make a Segment Anything of 128 pixels with two blocks, the first of which sees through windows."""
    ensure_torchvision()
    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(4)
    norm = partial(torch.nn.LayerNorm, eps=1e-6)
    encoder = ImageEncoderViT(128, 16, 3, 32, 2, 2, 2.0, 256, True, norm, torch.nn.GELU, True, True, True, 3, (1,))
    way = TwoWayTransformer(depth=2, embedding_dim=256, num_heads=8, mlp_dim=2048)
    sam = Sam(encoder, PromptEncoder(256, (8, 8), (128, 128), 16), MaskDecoder(transformer_dim=256, transformer=way))
    with torch.no_grad():  # these begin as zeros, which would hide whether they were loaded
        for name, each in sam.named_parameters():
            if "pos" in name:
                each.normal_(std=0.5)
        # A model that has learnt nothing is of no opinion; this one has some.
        for part in sam.mask_decoder.output_hypernetworks_mlps:
            part.layers[-1].weight.mul_(30)
        sam.mask_decoder.iou_prediction_head.layers[-1].bias.fill_(0.6)
    return sam.eval()


@pytest.fixture(scope="module")
def model() -> Any:
    return make_tiny()


@pytest.fixture(scope="module")
def file(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    path = tmp_path_factory.mktemp("weights") / "tiny.pth"
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def segmenter(file: Path) -> Segmenter:
    return load_segmenter(str(file))


@pytest.fixture(scope="module")
def scene() -> Rgb:
    random = np.random.default_rng(8)
    small = random.integers(0, 256, (6, 9, 3), np.uint8)
    return np.asarray(cv2.resize(small, (90, 60), interpolation=cv2.INTER_CUBIC))


def predicted(model: Any, scene: Rgb, **prompt: Any) -> tuple[Any, Any]:
    """Return what segment_anything's own predictor says of a prompt: probabilities and qualities."""
    from segment_anything import SamPredictor

    predictor = SamPredictor(model)
    predictor.set_image(scene)
    logits, worth, _ = predictor.predict(return_logits=True, **prompt)
    return 1 / (1 + np.exp(-logits.astype(np.float64))), worth


def test_boxes_give_the_mask_of_the_authors_predictor(model: Any, segmenter: Segmenter, scene: Rgb) -> None:
    corners = np.array([0.2 * 90, 0.25 * 60, 0.7 * 90, 0.75 * 60])
    expected, worth = predicted(model, scene, box=corners, multimask_output=False)
    mask, quality = segmenter.mask(scene, [BOX])
    assert mask.shape == (60, 90) and mask.dtype == np.float32
    assert float(mask.std()) > 0.02 and mask.min() >= 0 and mask.max() <= 1
    np.testing.assert_allclose(mask, expected[0], atol=1e-4)
    assert 0.1 < quality < 1 and quality == pytest.approx(float(worth[0]), abs=1e-4)


def test_without_boxes_the_centre_is_pointed_at(model: Any, segmenter: Segmenter, scene: Rgb) -> None:
    centre = {"point_coords": np.array([[45.0, 30.0]]), "point_labels": np.array([1])}
    expected, worth = predicted(model, scene, **centre)
    np.testing.assert_allclose(segmenter.mask(scene)[0], expected[worth.argmax()], atol=1e-4)


def test_several_boxes_give_one_mask(segmenter: Segmenter, scene: Rgb) -> None:
    other = Box(0.6, 0.0, 0.4, 0.4)
    single = [segmenter.mask(scene, [box])[0] for box in (BOX, other)]
    assert float(np.abs(single[0] - single[1]).max()) > 0.01
    np.testing.assert_allclose(segmenter.mask(scene, [BOX, other])[0], np.maximum(*single), atol=1e-4)


def test_its_size_is_read_off_the_tensors() -> None:
    ensure_torchvision()
    import torch
    from segment_anything import sam_model_registry

    for name in PUBLISHED:
        with torch.device("meta"):
            published = sam_model_registry[name]()
        found = build(published.state_dict())
        shapes = [{key: each.shape for key, each in model.state_dict().items()} for model in (found, published)]
        assert shapes[0] == shapes[1]
        blocks: list[Any] = [model.image_encoder.blocks for model in (found, published)]
        sizes = [[(each.window_size, each.attn.num_heads) for each in block] for block in blocks]
        assert sizes[0] == sizes[1]
        assert found.image_encoder.img_size == published.image_encoder.img_size  # type: ignore[union-attr]
        assert found.pixel_mean.device.type == "cpu"


def test_the_card_says_what_it_is(file: Path, segmenter: Segmenter, model: Any) -> None:
    card = segmenter.card
    assert card.sha256 == hashlib.sha256(file.read_bytes()).hexdigest() and card.bytes == file.stat().st_size
    assert card.parameters == sum(each.numel() for each in model.parameters())
    assert (card.name, card.source, card.licence) == ("Segment Anything", str(file), None)
    with pytest.raises(FrozenInstanceError):
        card.name = "other"  # type: ignore[misc]


def test_safetensors_give_the_same(model: Any, segmenter: Segmenter, scene: Rgb, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file(model.state_dict(), tmp_path / "tiny.safetensors")
    found = load_segmenter(str(tmp_path / "tiny.safetensors"))
    # Sums over threads may differ in their last digits.
    np.testing.assert_allclose(found.mask(scene, [BOX])[0], segmenter.mask(scene, [BOX])[0], atol=1e-5)


def test_weights_that_do_not_fit_are_refused(model: Any, tmp_path: Path) -> None:
    import torch

    whole = model.state_dict()
    spoilt: dict[str, Any] = {
        "short.pth": {name: each for name, each in whole.items() if name != "mask_decoder.iou_token.weight"},
        "other.pth": {"weight": torch.zeros(3)},
        "long.pth": {**whole, "more": torch.zeros(3)},
        "code.pth": Path("x"),
        "list.pth": [1, 2],
        PUBLISHED["vit_b"].file: whole,
    }
    for name, content in spoilt.items():
        torch.save(content, tmp_path / name)
        with pytest.raises(ExpertBroken) as caught:
            load_segmenter(str(tmp_path / name))
        assert name in caught.value.sentence("zh") and "\n" not in str(caught.value)
    (tmp_path / "bad.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ExpertBroken, match=r"bad\.safetensors"):
        load_segmenter(str(tmp_path / "bad.safetensors"))


def test_names_that_lead_nowhere_are_told_apart(file: Path, tmp_path: Path) -> None:
    with pytest.raises(SamUnknown, match=r"'vit_g'.*vit_b, vit_l or vit_h"):
        load_segmenter("vit_g")
    with pytest.raises(ExpertMissing, match=r"nowhere\.pth"):
        load_segmenter(str(tmp_path / "nowhere.pth"))
    with pytest.raises(DeviceMissing, match=r"'abacus'.*cpu"):
        load_segmenter(str(file), "abacus")


@pytest.mark.parametrize("name", ["vit_b", "nobody/nothing:sam.pth"])
def test_weights_that_cannot_be_fetched_are_a_plain_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    # The hub's own switch: nothing is asked of the network.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ExpertUnfetched, match=r"not in the cache.*go online once.*\.pth from https://") as caught:
        load_segmenter(name)
    assert name in caught.value.sentence("zh") and "\n" not in str(caught.value)


class Pointer:
    """Finds what it is told to, and remembers what it was asked."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.found, self.asked = boxes, ""

    def boxes(self, rgb: Rgb, category: str) -> Sequence[Box]:
        self.asked = category
        return self.found


def test_the_subject_is_what_the_finder_points_at(segmenter: Segmenter, scene: Rgb) -> None:
    photo = as_photo(scene)
    pointer = Pointer([BOX])
    subject = Cutter(segmenter, pointer, "shoe").find_subject(photo, view(photo))
    mask, quality = segmenter.mask(scene, [BOX])
    assert (subject.source, pointer.asked) == ("sam", "shoe")
    assert subject.confidence == quality
    np.testing.assert_allclose(subject.mask, mask, atol=1e-6)
    centred = Cutter(segmenter).find_subject(photo, view(photo))
    np.testing.assert_allclose(centred.mask, segmenter.mask(scene)[0], atol=1e-6)


def test_a_finder_that_finds_nothing_leaves_no_subject(segmenter: Segmenter, scene: Rgb) -> None:
    photo = as_photo(scene)
    subject = Cutter(segmenter, Pointer([])).find_subject(photo, view(photo))
    assert (subject.source, subject.confidence, float(subject.mask.max())) == ("none", 0.0, 0.0)
    assert subject.mask.shape == (60, 90)


def test_an_empty_mask_is_no_subject(model: Any, segmenter: Segmenter, scene: Rgb) -> None:
    import copy

    import torch

    blind = copy.deepcopy(model)
    with torch.no_grad():  # the last layer's weights times what the picture shows are all there is to a logit
        for part in blind.mask_decoder.output_hypernetworks_mlps:
            part.layers[-1].weight.zero_()
            part.layers[-1].bias.zero_()
    photo = as_photo(scene)
    subject = Cutter(Segmenter(blind, segmenter.card)).find_subject(photo, view(photo))
    assert (subject.source, subject.confidence, float(subject.mask.max())) == ("none", 0.0, 0.0)


def test_a_files_own_outline_goes_first(segmenter: Segmenter, picture: Pixels) -> None:
    alpha = np.zeros(picture.shape[:2], np.uint8)
    alpha[10:30, 10:30] = 255
    photo = as_photo(picture, alpha)
    subject = Cutter(segmenter, Pointer([BOX])).find_subject(photo, view(photo))
    assert subject.source == "alpha"
    np.testing.assert_array_equal(subject.mask > 0.5, alpha > 0)
