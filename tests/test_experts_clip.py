"""Pretrained encoders: tiny random models are saved here, and loaded as any other would be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluator.errors import EvaluatorError, ExpertBroken, ExpertMissing, ExpertUnknown, HeadBroken
from evaluator.experts.clip import ClipEncoder, load_encoder, load_head
from evaluator.operators import ensure_torchvision
from evaluator.types import Rgb

SIZE = 16
CONFIG = {
    "embed_dim": SIZE,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


def save_tiny(path: Path) -> Path:
    """Save a tiny model with random weights as the hub would keep it."""
    ensure_torchvision()
    import open_clip
    import torch
    from safetensors.torch import save_file

    path.mkdir()
    torch.manual_seed(1)
    model = open_clip.CLIP(**CONFIG)
    save_file(model.state_dict(), path / "open_clip_model.safetensors")
    settings = {"model_cfg": CONFIG, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3}}
    (path / "open_clip_config.json").write_text(json.dumps(settings))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClipEncoder:
    return load_encoder(str(folder))


def pictures(count: int) -> list[Rgb]:
    random = np.random.default_rng(3)
    return [random.integers(0, 256, (40, 60, 3), np.uint8) for _ in range(count)]


def test_pictures_and_words_become_unit_vectors_of_one_space(encoder: ClipEncoder) -> None:
    seen, read = encoder.encode_pictures(pictures(18)), encoder.encode_words(["a red bag", "a glass bottle"])
    assert (seen.shape, read.shape) == ((18, SIZE), (2, SIZE)) and seen.dtype == read.dtype == np.float32
    assert encoder.dimension == SIZE
    np.testing.assert_allclose(np.linalg.norm(np.vstack([seen, read]), axis=1), 1, atol=1e-5)
    assert abs(float(read[0] @ read[1])) < 0.9999
    np.testing.assert_allclose(encoder.encode_pictures(pictures(18)[16:]), seen[16:], atol=1e-5)


def test_the_vectors_are_those_of_open_clip_itself(folder: Path, encoder: ClipEncoder) -> None:
    import open_clip
    import torch
    from PIL import Image

    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    with torch.inference_mode():
        seen = model.eval().encode_image(prepare(Image.fromarray(pictures(1)[0])).unsqueeze(0))[0].numpy()
        read = model.encode_text(open_clip.tokenize(["a red bag"], context_length=16))[0].numpy()
    np.testing.assert_allclose(encoder.encode_pictures(pictures(1))[0], seen / np.linalg.norm(seen), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_words(["a red bag"])[0], read / np.linalg.norm(read), atol=1e-5)


def test_nothing_to_encode_gives_no_rows(encoder: ClipEncoder) -> None:
    assert encoder.encode_pictures([]).shape == encoder.encode_words([]).shape == (0, SIZE)


def test_the_checksum_follows_the_weights(folder: Path, encoder: ClipEncoder, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    assert load_encoder(f"local-dir:{folder}").checksum == encoder.checksum
    tensors = load_file(folder / "open_clip_model.safetensors")
    tensors["text_projection"] = tensors["text_projection"] + 0.01
    save_file(tensors, tmp_path / "open_clip_model.safetensors")
    (tmp_path / "open_clip_config.json").write_bytes((folder / "open_clip_config.json").read_bytes())
    assert load_encoder(str(tmp_path)).checksum != encoder.checksum


@pytest.fixture(scope="module")
def registered(folder: Path) -> str:
    """Make the tiny model one of those that open_clip knows by name."""
    import open_clip

    path = folder.parent / "tiny-for-test.json"
    path.write_text(json.dumps(CONFIG))
    open_clip.add_model_config(path)
    return path.stem


def test_a_known_model_takes_a_file_of_weights(
    folder: Path, registered: str, encoder: ClipEncoder, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    tensors = load_file(folder / "open_clip_model.safetensors")
    torch.save(tensors, tmp_path / "weights.pth")
    found = load_encoder(f"{registered}:{tmp_path / 'weights.pth'}")
    np.testing.assert_array_equal(found.encode_words(["a bag"]), encoder.encode_words(["a bag"]))
    del tensors["text_projection"]
    torch.save(tensors, tmp_path / "short.pth")
    with pytest.raises(ExpertBroken, match="text_projection"):
        load_encoder(f"{registered}:{tmp_path / 'short.pth'}")


def test_a_file_that_would_run_code_is_refused(registered: str, tmp_path: Path) -> None:
    import torch

    torch.save({"state_dict": Path("x")}, tmp_path / "bad.pth")
    with pytest.raises(ExpertBroken, match=r"bad\.pth"):
        load_encoder(f"{registered}:{tmp_path / 'bad.pth'}")


def test_a_folder_without_weights_or_settings_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExpertMissing, match=r"open_clip_config\.json"):
        load_encoder(str(tmp_path))
    (tmp_path / "open_clip_config.json").write_bytes((folder / "open_clip_config.json").read_bytes())
    with pytest.raises(ExpertMissing, match="there are no weights"):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize("name", ["no-such-model", "no-such-model:openai", "ViT-B-32", "ViT-B-32:no_such_tag"])
def test_an_unknown_name_is_told_apart(name: str) -> None:
    with pytest.raises(ExpertUnknown, match="MODEL:PRETRAINED") as caught:
        load_encoder(name)
    assert name in caught.value.sentence("zh")


@pytest.mark.parametrize("name", ["nobody/no-such-repository", "hf-hub:nobody/no-such", "ViT-B-32:laion2b_s34b_b79k"])
def test_weights_that_cannot_be_fetched_are_a_plain_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    # The hub's own switch: nothing is asked of the network.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", "nowhere")
    with pytest.raises(ExpertMissing, match="go online once") as caught:
        load_encoder(name)
    assert "\n" not in str(caught.value) and isinstance(caught.value, EvaluatorError)


def test_an_aesthetic_head_of_one_layer_is_linear(folder: Path, tmp_path: Path) -> None:
    import torch

    head = torch.nn.Linear(SIZE, 1)
    torch.save(head.state_dict(), tmp_path / "linear.pth")
    encoder = load_encoder(str(folder), tmp_path / "linear.pth")
    expected = encoder.encode_pictures(pictures(3)) @ head.weight.detach().numpy()[0] + head.bias.item()
    np.testing.assert_allclose(encoder.aesthetic(pictures(3)), expected, atol=1e-5)


def test_an_aesthetic_head_of_many_layers_is_as_laion_runs_it(tmp_path: Path) -> None:
    import torch
    from torch import nn

    torch.manual_seed(2)
    layers = nn.Sequential(nn.Linear(SIZE, 8), nn.Dropout(), nn.Linear(8, 4), nn.Linear(4, 1)).eval()
    torch.save({f"layers.{name}": each for name, each in layers.state_dict().items()}, tmp_path / "deep.pth")
    vectors = np.random.default_rng(0).normal(size=(5, SIZE)).astype(np.float32)
    expected = layers(torch.from_numpy(vectors)).detach().numpy()[:, 0]
    np.testing.assert_allclose(load_head(tmp_path / "deep.pth").judge(vectors), expected, atol=1e-5)


def test_a_head_that_does_not_fit_is_refused(folder: Path, encoder: ClipEncoder, tmp_path: Path) -> None:
    import torch

    torch.save(torch.nn.Linear(SIZE + 1, 1).state_dict(), tmp_path / "long.pth")
    with pytest.raises(HeadBroken, match=f"embeddings of {SIZE + 1}"):
        load_encoder(str(folder), tmp_path / "long.pth")
    torch.save(torch.nn.Linear(SIZE, 2).state_dict(), tmp_path / "wide.pth")
    (tmp_path / "text.pth").write_text("no tensors")
    for name in ("wide.pth", "text.pth", "missing.pth"):
        with pytest.raises(HeadBroken, match=name):
            load_head(tmp_path / name)
    with pytest.raises(HeadBroken, match="no aesthetic head"):
        encoder.aesthetic(pictures(1))
