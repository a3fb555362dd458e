"""Grounding DINO: a tiny model with random weights is saved here, and loaded as any other would be."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluator.errors import ExpertBroken, ExpertMissing
from evaluator.experts.grounding import CategoryUnfit, Grounder, load_grounder, prompt
from evaluator.experts.loading import DeviceMissing, ExpertUnfetched, FolderUnknown
from evaluator.operators import ensure_torchvision
from evaluator.types import Rgb

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "shoe", "red", "bag")


def save_tiny(path: Path) -> Path:
    """Save a tiny model with random weights as the hub would keep it."""
    ensure_torchvision()
    import torch
    import transformers as t

    path.mkdir()
    (path / "vocab.txt").write_text("\n".join(WORDS))
    (path / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    backbone = t.SwinConfig(
        image_size=32, embed_dim=8, depths=[1, 1, 1], num_heads=[1, 2, 2], window_size=2, out_indices=[1, 2, 3]
    )
    reader = t.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    settings = t.GroundingDinoConfig(
        backbone_config=backbone,
        text_config=reader,
        num_queries=9,
        encoder_layers=1,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_layers=2,
        decoder_ffn_dim=16,
        decoder_attention_heads=2,
        d_model=32,
        num_feature_levels=3,
        encoder_n_points=2,
        decoder_n_points=2,
        max_text_len=16,
    )
    torch.manual_seed(2)
    t.GroundingDinoForObjectDetection(settings).save_pretrained(path)
    shapes = t.GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    t.GroundingDinoProcessor(shapes, t.BertTokenizer(str(path / "vocab.txt"))).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def grounder(folder: Path) -> Grounder:
    return load_grounder(str(folder))


@pytest.fixture(scope="module")
def scene() -> Rgb:
    return np.random.default_rng(5).integers(0, 256, (40, 60, 3), np.uint8)


def test_boxes_and_scores_are_those_of_transformers_itself(folder: Path, grounder: Grounder, scene: Rgb) -> None:
    import torch
    import transformers as t

    model = t.AutoModelForZeroShotObjectDetection.from_pretrained(folder).eval()
    processor = t.AutoProcessor.from_pretrained(folder)
    ready = processor(images=scene, text="red shoe.", return_tensors="pt")
    with torch.inference_mode():
        seen = model(**ready)
    scores, order = seen.logits[0].sigmoid().amax(-1).sort(descending=True)
    expected = [[*seen.pred_boxes[0, at].tolist(), score] for at, score in zip(order, scores.tolist(), strict=True)]
    found = grounder.find(scene, " Red  SHOE ", least=0.0)
    assert len(found) == len(expected) == 9
    for one, (x, y, width, height, score) in zip(found, expected, strict=True):
        corners = np.clip([x - width / 2, y - height / 2, x + width / 2, y + height / 2], 0, 1)
        box = one.box
        np.testing.assert_allclose([box.x, box.y, box.x + box.width, box.y + box.height], corners, atol=1e-5)
        assert one.score == pytest.approx(score, abs=1e-5) and box.label == " Red  SHOE "


def test_only_what_is_sure_enough_is_found(grounder: Grounder, scene: Rgb) -> None:
    every = grounder.find(scene, "shoe", least=0.0)
    scores = [each.score for each in every]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
    middle = (scores[3] + scores[4]) / 2
    assert grounder.find(scene, "shoe", least=middle) == every[:4]
    assert grounder.find(scene, "shoe", least=1.0) == []
    assert grounder.boxes(scene, "shoe") == [each.box for each in grounder.find(scene, "shoe")]


def test_the_word_matters(grounder: Grounder, scene: Rgb) -> None:
    one, other = (grounder.find(scene, word, least=0.0) for word in ("shoe", "red bag"))
    assert [each.score for each in one] != [each.score for each in other]


@pytest.mark.parametrize(("category", "expected"), [("Shoes", "shoes."), ("a red\tbag. ", "a red bag.")])
def test_a_category_becomes_a_prompt(category: str, expected: str) -> None:
    assert prompt(category) == expected


@pytest.mark.parametrize("category", ["", " . ", "鞋", "café au lait", "3", "shoe " * 30])
def test_a_category_that_it_cannot_read_is_refused(category: str) -> None:
    with pytest.raises(CategoryUnfit, match="English") as caught:
        prompt(category)
    assert repr(category) in caught.value.sentence("zh")


def test_the_card_says_what_it_is(folder: Path, grounder: Grounder, tmp_path: Path) -> None:
    weights = folder / "model.safetensors"
    card = grounder.card
    assert (card.sha256, card.bytes) == (hashlib.sha256(weights.read_bytes()).hexdigest(), weights.stat().st_size)
    assert (card.source, card.licence) == (str(folder), "apache-2.0") and card.parameters > 50_000
    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "README.md").unlink()
    assert load_grounder(str(bare)).card.licence is None


def test_weights_that_torch_wrote_give_the_same(folder: Path, grounder: Grounder, scene: Rgb, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    twin = shutil.copytree(folder, tmp_path / "twin")
    torch.save(load_file(twin / "model.safetensors"), twin / "pytorch_model.bin")
    (twin / "model.safetensors").unlink()
    found = load_grounder(str(twin))
    assert found.find(scene, "shoe", least=0.0) == grounder.find(scene, "shoe", least=0.0)
    assert found.card.sha256 == hashlib.sha256((twin / "pytorch_model.bin").read_bytes()).hexdigest()
    torch.save(Path("x"), twin / "pytorch_model.bin")
    with pytest.raises(ExpertBroken, match="twin"):
        load_grounder(str(twin))


def spoil(folder: Path, how: str) -> None:
    """Leave one parameter out of a folder's weights, or give it another shape."""
    import torch
    from safetensors.torch import load_file, save_file

    tensors: dict[str, Any] = load_file(folder / "model.safetensors")
    name = next(name for name in sorted(tensors) if "encoder.layers.0" in name)
    if how == "missing":
        del tensors[name]
    else:
        tensors[name] = torch.zeros(7)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("how", ["missing", "reshaped"])
def test_a_parameter_is_never_made_up(folder: Path, tmp_path: Path, how: str) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    spoil(copied, how)
    with pytest.raises(ExpertBroken, match=r"1 of its \d+ parameters are missing or of another shape") as caught:
        load_grounder(str(copied))
    assert str(copied) in caught.value.sentence("zh")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_that_is_not_whole_says_so(folder: Path, tmp_path: Path, name: str) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    (copied / name).unlink()
    with pytest.raises(ExpertMissing, match=name.split(".")[0]):
        load_grounder(str(copied))


def test_names_that_lead_nowhere_are_told_apart(folder: Path) -> None:
    for name in ("grounding", "./models/grounding", "one/two/three"):
        with pytest.raises(FolderUnknown, match="IDEA-Research/grounding-dino-tiny") as caught:
            load_grounder(name)
        assert name in caught.value.sentence("zh")
    with pytest.raises(DeviceMissing, match=r"'abacus'.*cpu"):
        load_grounder(str(folder), "abacus")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn the hub's own switch: nothing is asked of the network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_a_model_that_cannot_be_fetched_is_a_plain_sentence(cache: Path) -> None:
    with pytest.raises(
        ExpertUnfetched,
        match=r"not in the cache.*go online once.*model\.safetensors.* from https://huggingface\.co/nobody/nothing",
    ) as caught:
        load_grounder("nobody/nothing")
    assert "nobody/nothing" in caught.value.sentence("zh") and "\n" not in str(caught.value)


def keep(cache: Path, folder: Path) -> Path:
    """Put a model into the cache as the hub's client keeps it."""
    place = cache / "models--somebody--tiny"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("0" * 40)
    return shutil.copytree(folder, place / "snapshots" / ("0" * 40))


def test_a_model_that_is_kept_here_needs_no_network(cache: Path, folder: Path, grounder: Grounder, scene: Rgb) -> None:
    kept = keep(cache, folder)
    found = load_grounder("somebody/tiny")
    assert found.find(scene, "shoe", least=0.0) == grounder.find(scene, "shoe", least=0.0)
    assert found.card.source == "https://huggingface.co/somebody/tiny"
    (kept / "model.safetensors").unlink()
    with pytest.raises(ExpertUnfetched, match="only a part"):
        load_grounder("somebody/tiny")
