"""BLIP: a tiny model with random weights is saved here, and loaded as any other would be."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluator.errors import ExpertBroken
from evaluator.experts.blip import BlipReader, load_reader
from evaluator.experts.loading import ExpertUnfetched, FolderUnknown
from evaluator.operators import ensure_torchvision
from evaluator.types import Rgb

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "shoe", "red", "bag", "a")
SIZE, MOST = 16, 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a tiny model with random weights as the hub would keep it."""
    ensure_torchvision()
    import torch
    import transformers as t

    path = tmp_path_factory.mktemp("models") / "tiny"
    path.mkdir()
    (path / "vocab.txt").write_text("\n".join(WORDS))
    layers = {"hidden_size": SIZE, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    words = {"vocab_size": len(WORDS), "encoder_hidden_size": SIZE, "max_position_embeddings": MOST}
    ends = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    settings = t.BlipConfig(
        text_config={**layers, **words, **ends, "initializer_range": 0.5},
        vision_config={**layers, "image_size": 32, "patch_size": 16, "initializer_range": 0.5},
        image_text_hidden_size=8,
        initializer_range=0.5,
    )
    torch.manual_seed(6)
    t.BlipForImageTextRetrieval(settings).save_pretrained(path)
    shapes = t.BlipImageProcessor(size={"height": 32, "width": 32})
    t.BlipProcessor(shapes, t.BertTokenizer(str(path / "vocab.txt"))).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def reader(folder: Path) -> BlipReader:
    return load_reader(str(folder))


def scene(seed: int) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)


def test_the_vector_is_what_transformers_matches_by(folder: Path, reader: BlipReader) -> None:
    import torch
    import transformers as t

    model = t.BlipForImageTextRetrieval.from_pretrained(folder).eval()
    ready = t.AutoProcessor.from_pretrained(folder)(images=scene(1), text="a red bag", return_tensors="pt")
    with torch.inference_mode():
        expected = model(**ready)
        found = torch.from_numpy(reader.features(scene(1), "a red bag"))
        matched = model.itm_head(found)
    np.testing.assert_allclose(found, expected.question_embeds[0, 0], atol=1e-5)
    np.testing.assert_allclose(matched, expected.itm_score[0], atol=1e-5)


def test_both_the_picture_and_the_text_matter(reader: BlipReader) -> None:
    base = reader.features(scene(1), "a red bag")
    assert base.shape == (reader.dimension,) == (SIZE,) and base.dtype == np.float32
    assert float(np.abs(base - reader.features(scene(2), "a red bag")).max()) > 1e-4
    assert float(np.abs(base - reader.features(scene(1), "a shoe")).max()) > 1e-4
    np.testing.assert_array_equal(base, reader.features(scene(1), "a red bag"))


def test_a_text_may_be_empty_or_too_long(reader: BlipReader) -> None:
    assert np.isfinite(reader.features(scene(1), "")).all()
    long = reader.features(scene(1), "shoe " * 40)
    np.testing.assert_array_equal(long, reader.features(scene(1), "shoe " * (MOST - 2)))


def test_the_card_says_what_it_is(folder: Path, reader: BlipReader) -> None:
    weights = folder / "model.safetensors"
    card = reader.card
    assert (card.sha256, card.bytes) == (hashlib.sha256(weights.read_bytes()).hexdigest(), weights.stat().st_size)
    assert (card.name, card.source, card.licence) == ("BlipForImageTextRetrieval", str(folder), None)


def test_weights_of_another_kind_of_blip_are_refused(folder: Path, tmp_path: Path) -> None:
    import transformers as t

    other = shutil.copytree(folder, tmp_path / "other")
    captions = t.BlipForConditionalGeneration(t.BlipConfig.from_pretrained(folder))
    captions.save_pretrained(other)
    with pytest.raises(ExpertBroken, match="parameters are missing"):
        load_reader(str(other))
    (other / "config.json").write_text("{")
    with pytest.raises(ExpertBroken, match="other"):
        load_reader(str(other))


def test_a_model_that_cannot_be_had_is_a_plain_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ExpertUnfetched, match="Salesforce/blip-itm-base-coco is not on this machine"):
        load_reader()
    with pytest.raises(FolderUnknown, match="Salesforce/blip-itm-base-coco"):
        load_reader("blip")
