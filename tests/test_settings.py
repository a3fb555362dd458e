"""Settings from the environment, and the pretrained models that they switch on: tiny ones with random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from conftest import as_photo
from test_app import in_loop
from test_experts_clip import SIZE
from test_experts_clip import save_tiny as save_clip
from test_experts_grounding import save_tiny as save_grounding
from test_experts_sam import make_tiny
from test_pair import bottle, laid, on_white, scene

import app
from evaluator.__main__ import main
from evaluator.errors import ExpertBroken, Language, SettingsError
from evaluator.experts.sam import load_segmenter
from evaluator.experts.switched import APP, COMPARE, SCORE, ExpertOff, Experts, switch_on
from evaluator.mask import find_subject
from evaluator.pipeline import Evaluator
from evaluator.report import to_dict, to_markdown
from evaluator.settings import Settings, load_settings
from evaluator.standard import load as load_standard
from evaluator.types import Box
from evaluator.ui import cards, tables
from evaluator.ui.page import assemble
from evaluator.ui.voice import Voice
from evaluator.ui.words import load as load_words
from evaluator.view import view


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save tiny models of each kind with random weights."""
    import torch

    folder = tmp_path_factory.mktemp("models")
    torch.save(make_tiny().state_dict(), folder / "sam.pth")
    save_grounding(folder / "grounding")
    save_clip(folder / "clip")
    torch.save({"weight": torch.ones(1, SIZE), "bias": torch.full((1,), 5.0)}, folder / "head.pth")
    torch.save({"weight": torch.ones(1, SIZE + 1), "bias": torch.zeros(1)}, folder / "other.pth")
    return folder


@pytest.fixture
def pair(tmp_path: Path, encode: Callable[..., bytes]) -> tuple[str, str]:
    """Write a bottle on white, and in a scene."""
    paths = tmp_path / "original.png", tmp_path / "generated.png"
    paths[0].write_bytes(encode(on_white(bottle())))
    paths[1].write_bytes(encode(laid(bottle(), scene(), 1.2, (40, 50))))
    return str(paths[0]), str(paths[1])


def said(experts: Experts) -> str:
    return "\n".join(str(notice) for notice in experts.notices)


def test_everything_is_off_until_it_is_named() -> None:
    settings = load_settings(environ={"VITRINE_DATA": "somewhere", "VITRINE_SAM": ""})
    assert settings == Settings(clip="", aesthetic="", sam="", grounding="", blip="", device="auto")
    assert switch_on(settings) == Experts()


def test_a_flag_goes_before_the_environment() -> None:
    environ = {"VITRINE_SAM": " vit_b ", "VITRINE_CLIP": "ViT-B-32:openai", "VITRINE_DEVICE": "cpu"}
    settings = load_settings({"sam": "vit_h", "clip": None, "blip": ""}, environ)
    assert (settings.sam, settings.clip, settings.blip, settings.device) == ("vit_h", "ViT-B-32:openai", "", "cpu")
    assert load_settings(environ=environ).sam == "vit_b"


def test_a_device_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], pair: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"VITRINE_DEVICE is 'abacus'; expected .*auto, cpu or cuda") as caught:
        load_settings(environ={"VITRINE_DEVICE": "abacus"})
    assert "'abacus'" in caught.value.sentence("zh")
    assert main(["compare", *pair, "--device", "abacus"]) == 2
    assert "VITRINE_DEVICE is 'abacus'" in capsys.readouterr().err


def test_a_pair_is_compared_by_what_the_settings_name(
    models: Path, pair: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRINE_SAM", str(models / "sam.pth"))
    monkeypatch.setenv("VITRINE_GROUNDING", str(models / "grounding"))
    monkeypatch.setenv("VITRINE_DEVICE", "cpu")
    assert main(["compare", *pair]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    names = [each.split()[0] for each in found["stamp"]["experts"]]
    assert names == ["Segment", "GroundingDinoForObjectDetection"] and err == ""
    assert all(len(each.split()[-1]) == 12 for each in found["stamp"]["experts"])
    assert main(["compare", *pair, "--sam", "", "--grounding", ""]) == 0
    embedded = json.loads(capsys.readouterr().out)
    assert embedded["stamp"]["experts"] == [] and embedded["consistency"] != found["consistency"]


def test_an_expert_that_cannot_be_had_is_said_and_the_embedded_eyes_go_on(
    models: Path, pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *pair, "--sam", str(tmp_path / "none.pth"), "--grounding", str(models / "grounding")]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["stamp"]["experts"] == [] and json.loads(out)["verdict"] is not None
    (line,) = err.splitlines()
    assert line.startswith(f"warning: VITRINE_SAM={tmp_path}/none.pth stays off. ")
    assert f"there is no file {tmp_path}/none.pth" in line and line.endswith("Going on with the embedded network.")


@pytest.mark.parametrize(
    ("settings", "uses", "sentences"),
    [
        ({"grounding": "grounding"}, COMPARE, ("VITRINE_GROUNDING=", "name one with VITRINE_SAM", "embedded network")),
        ({"sam": "sam.pth", "grounding": "gone"}, COMPARE, ("VITRINE_GROUNDING=", "pointed by the embedded network")),
        ({"blip": "blip"}, COMPARE, ("VITRINE_BLIP=", "No reward was fitted on", "Going on with the embedded reward")),
        ({"aesthetic": "head.pth"}, SCORE, ("VITRINE_AESTHETIC=", "with VITRINE_CLIP", "embedded network")),
        ({"clip": "clip"}, SCORE, ("VITRINE_CLIP=", "name one with VITRINE_AESTHETIC", "embedded network")),
        ({"clip": "clip", "aesthetic": "other.pth"}, APP, ("made for embeddings of 16", "without an aesthetic head")),
        ({"clip": "gone", "aesthetic": "head.pth"}, APP, ("VITRINE_CLIP=", "unknown", "embedded network")),
    ],
)
def test_what_stays_off_says_why_and_what_goes_on(
    models: Path, settings: dict[str, str], uses: frozenset[str], sentences: tuple[str, ...]
) -> None:
    found = switch_on(Settings(**{name: str(models / value) for name, value in settings.items()}), uses)
    assert len(found.notices) == 1
    assert all(sentence in said(found) for sentence in sentences), said(found)
    assert "\n" not in said(found) and "未启用" in found.notices[0].sentence("zh")


def test_a_device_that_is_not_here_leaves_the_embedded_eyes(models: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    found = switch_on(Settings(sam=str(models / "sam.pth"), device="cuda"), COMPARE)
    assert found.masker is None and "no device 'cuda'" in said(found)


def test_nothing_is_loaded_that_has_no_work(models: Path) -> None:
    every = Settings(sam=str(models / "sam.pth"), clip=str(models / "clip"), aesthetic=str(models / "head.pth"))
    assert [each.split()[0] for each in switch_on(every, frozenset(("sam",))).used] == ["Segment"]
    assert [each.split()[0] for each in switch_on(every, frozenset(("aesthetic",))).used] == ["clip", "head.pth"]


def test_a_size_before_the_file_must_be_its_own(models: Path) -> None:
    with pytest.raises(ExpertBroken, match=r"do not load as vit_b \(it has 2 blocks, vit_b has 12\)"):
        load_segmenter(f"vit_b={models / 'sam.pth'}")


def test_the_head_speaks_beside_the_score(models: Path) -> None:
    experts = switch_on(Settings(clip=str(models / "clip"), aesthetic=str(models / "head.pth"), device="cpu"), SCORE)
    assert experts.clip is not None and experts.notices == ()
    picture = on_white(bottle())
    plain, judged = Evaluator(eyes=None).score(picture), Evaluator(eyes=None, experts=experts).score(picture)
    assert plain.aesthetic is None and plain.score == judged.score
    vector = experts.clip.encode_pictures([picture])[0]
    assert judged.aesthetic == pytest.approx(5 + float(np.sum(vector)), abs=1e-5)
    data = to_dict(judged)
    assert data["aesthetic"] == round(judged.aesthetic, 4) and data["stamp"]["experts"] == list(experts.used)


def test_sam_alone_is_pointed_where_the_embedded_eyes_see_the_product(models: Path) -> None:
    experts = switch_on(Settings(sam=str(models / "sam.pth"), device="cpu"), SCORE)
    assert experts.masker is not None
    photo = as_photo(on_white(bottle()))
    seen = view(photo)
    known = find_subject(photo, seen).mask > 0.5
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    height, width = known.shape
    box = Box(columns[0] / width, rows[0] / height, len(columns) / width, len(rows) / height)
    expected, quality = experts.masker.segmenter.mask(seen.detail, [box])
    subject = experts.masker.mask(photo, seen, None)
    assert subject.confidence == pytest.approx(quality, abs=1e-4)
    np.testing.assert_allclose(subject.mask, expected, atol=1e-3)
    assert float(np.abs(expected - experts.masker.segmenter.mask(seen.detail)[0]).max()) > 0.01


def voice(language: Language = "en") -> Voice:
    return Voice(load_standard(), load_words(), language)


def test_the_page_and_the_table_show_what_the_head_says_beside_the_score(models: Path) -> None:
    report = Evaluator(eyes=None).score(on_white(bottle()))
    stamp = replace(report.stamp, experts=("Segment Anything ec2df6273261",))
    judged = replace(report, aesthetic=5.43, stamp=stamp)
    assert "LAION" not in cards.score(report, voice()) and "Segment" not in tables.file(report, voice())
    assert "5.4 of about 10" in cards.score(judged, voice()) and "5.4" in cards.score(judged, voice("zh"))
    assert "with Segment Anything ec2df6273261" in tables.file(judged, voice())
    assert "LAION aesthetic head, beside the score: 5.4" in to_markdown(judged)
    assert "LAION" not in to_markdown(report)


def test_the_page_says_above_its_tabs_what_stays_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VITRINE_SAM", "/nowhere/<sam>.pth")
    found = app.experts()
    assert "VITRINE_SAM=/nowhere/<sam>.pth stays off" in capsys.readouterr().out
    public = [notice.public() for notice in found.notices]
    page, _ = in_loop(lambda: assemble([], load_standard(), load_words(), public))
    shown = next(str(block.value) for block in page.blocks.values() if isinstance(block, gr.HTML))
    assert "VITRINE_SAM=&lt;sam&gt;.pth stays off" in shown and "nowhere" not in shown
    assert "Going on with the embedded network" in shown
    monkeypatch.setenv("VITRINE_DEVICE", "abacus")
    with pytest.raises(SystemExit, match="error: The setting VITRINE_DEVICE is 'abacus'"):
        app.experts()


def test_a_page_shows_no_folders_of_this_machine() -> None:
    why = "there is no /a/b/c.pth (at ~/d/e.pth or M:/f/g.pt); fetch it from https://host.test/o/r as o/r:h.pth."
    off = ExpertOff(setting="VITRINE_SAM=/a/c.pth", why=why, why_zh=why, instead="x", instead_zh="x")
    expected = "there is no c.pth (at e.pth or M:g.pt); fetch it from https://host.test/o/r as o/r:h.pth."
    assert expected in str(off.public()) and expected in off.public().sentence("zh") and why in str(off)


def test_styles_are_encoded_by_clip_where_it_is_on(models: Path) -> None:
    clip = switch_on(Settings(clip=str(models / "clip"), device="cpu"), APP).clip
    encoder = app.encoder(None, clip)
    assert encoder is not None and encoder.dimension > SIZE and str(models / "clip") in encoder.name
    assert app.encoder(None) is None
