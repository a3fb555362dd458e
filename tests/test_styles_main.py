from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from styles.__main__ import encoder, main
from styles.encode import DESCRIPTOR_SHARE
from styles.types import Rgb, Vectors

ENCODERS = ("descriptor", "network", "descriptor+network")

ROOT = Path(__file__).parent.parent


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, wall in enumerate(("#E3D0B4", "#E0CCB0", "#E6D4BA")):
        image = Image.new("RGB", (120, 120), wall)
        image.paste("#7A4B2A", (50, 40, 60 + number * 5, 90))
        image.save(folder / f"{number}.png")
    return folder


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command on a data folder of the test's own; return exit code, output, errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        given = ["--data", str(tmp_path / "data"), "--library", str(tmp_path / "none"), *map(str, arguments)]
        if "--encoder" not in given:
            given = ["--encoder", "descriptor", *given]
        code = main(given)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_style_is_added_found_renamed_and_removed(call, pictures: Path) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("add", pictures, "--name", "Warm beige", "--words", "nude，米色", "--no-score")
    assert (code, out, err) == (0, "added warm-beige (3 pictures)\n", "")
    code, out, _ = call("search", "--text", "米色", "--json")
    (hit,) = json.loads(out)
    assert code == 0
    assert list(hit)[:7] == ["id", "name", "family", "fit", "aesthetic", "score", "why"]
    assert (hit["id"], hit["aesthetic"]) == ("warm-beige", None)
    assert call("rename", "warm-beige", "--name", "Sand")[0] == 0
    assert "Sand" in call("list")[1]
    assert call("remove", "warm-beige")[0] == 0
    assert call("list", "--json")[1] == "[]\n"


def test_pictures_and_colours_are_searched_by(call, pictures: Path) -> None:  # type: ignore[no-untyped-def]
    call("add", pictures, "--name", "Warm beige", "--no-score")
    code, out, _ = call("search", "--image", pictures / "0.png", "--colour", "#E3D0B4", "-k", 1, "--json")
    (hit,) = json.loads(out)
    assert code == 0
    assert set(hit["parts"]) == {"pictures", "colours"}
    assert hit["fit"] > 0.8
    assert "beige" in call("search", "--colour", "E3D0B4")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["search"], 2, "query is empty"),
        (["search", "--text", ""], 2, "query is empty"),
        (["search", "--colour", "beige"], 2, "#RRGGBB"),
        (["search", "--brand", "nobody"], 1, "no brand 'nobody'"),
        (["search", "--like", "nothing"], 1, "no style 'nothing'"),
        (["search", "--image", "missing.png"], 1, "missing.png"),
        (["search", "--text", "a", "--aesthetic", "3"], 2, "expected a number from 0 to 1"),
        (["add", "missing", "--name", "x"], 2, "no picture at missing"),
        (["remove", "nothing"], 1, "no style 'nothing'"),
        (["brand", "fit", "nobody", "x.png"], 1, "no brand"),
        (["brand", "save", "Nova"], 2, "empty"),
        (["import", "missing.zip"], 1, "cannot be imported"),
        (["export", "out.zip"], 1, "no styles of your own"),
        (["--encoder", "no-such-model", "list"], 1, "'no-such-model' cannot be used"),
        (["--encoder", "descriptor+no-such-model", "list"], 1, "'no-such-model' cannot be used"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(  # type: ignore[no-untyped-def]
    call, arguments: list[str], code: int, said: str
) -> None:
    found, out, err = call(*arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["fly"], ["search", "-k", "0"], ["add", "x"], ["brand"]])
def test_bad_usage_exits_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_brand_is_saved_and_judged_by(call, pictures: Path) -> None:  # type: ignore[no-untyped-def]
    assert call("brand", "save", "Nova", pictures, "--colour", "#7A4B2A", "--words", "warm")[0] == 0
    assert "Nova" in call("brand", "list")[1]
    code, out, _ = call("brand", "fit", "Nova", pictures, "--json")
    rows = json.loads(out)
    assert code == 0
    assert [row["on_brand"] for row in rows] == [True] * 3
    assert call("brand", "fit", "nova", pictures / "0.png")[0] == 0
    assert call("brand", "save", "Nova", pictures)[0] == 1
    assert call("brand", "remove", "Nova")[0] == 0


def test_styles_go_out_and_in(call, pictures: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    call("add", pictures, "--name", "Warm beige", "--no-score")
    assert call("export", tmp_path / "own.zip")[0] == 0
    assert call("import", tmp_path / "own.zip")[1] == "added warm-beige-2\n"


def test_the_evaluation_has_figures(call, pictures: Path) -> None:  # type: ignore[no-untyped-def]
    call("add", pictures, "--name", "Warm beige", "--no-score")
    code, out, _ = call("eval", "--json")
    assert code == 0
    assert json.loads(out)["leave_one_out"] == 1.0
    assert "leave-one-out" in call("eval")[1]


class Mean:
    """An encoder of the mean colour."""

    name, dimension, checksum = "network", 3, "mean-1"

    def encode_pictures(self, pictures: list[Rgb]) -> Vectors:
        means = np.array([each.reshape(-1, 3).mean(0) + 1 for each in pictures], np.float32).reshape(-1, 3)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def encode_words(self, texts: list[str]) -> Vectors | None:
        return None


def test_the_evaluation_takes_two_encoders(  # type: ignore[no-untyped-def]
    call, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = SimpleNamespace(load_encoder=lambda name: {"network": Mean()}[name])
    monkeypatch.setitem(sys.modules, "evaluator.network.encoder", module)  # type: ignore[misc]
    call("add", pictures, "--name", "Warm beige", "--no-score")
    names = [json.loads(call("--encoder", name, "eval", "--json")[1])["encoder"] for name in ENCODERS]
    both = f"{DESCRIPTOR_SHARE:.2g} descriptor + {1 - DESCRIPTOR_SHARE:.2g} network"
    assert names == ["descriptor", "network", both]


def test_without_a_name_both_encoders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(load_encoder=lambda name: {"network": Mean()}[name])
    monkeypatch.setitem(sys.modules, "evaluator.network.encoder", module)  # type: ignore[misc]
    found = encoder(None)
    assert found is not None and found.dimension > Mean.dimension
    assert encoder("descriptor") is None


def test_missing_weights_are_said_and_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load_encoder(name: str) -> None:
        raise FileNotFoundError("the weights are not there")

    module = SimpleNamespace(load_encoder=load_encoder)
    monkeypatch.setitem(sys.modules, "evaluator.network.encoder", module)  # type: ignore[misc]
    default = ["--data", str(tmp_path / "data"), "--library", str(tmp_path / "none"), "list"]
    assert main(default) == 0
    said = capsys.readouterr().err
    assert "the weights are not there" in said and "with that alone" in said
    assert main(["--encoder", "network", *default]) == 1


def test_the_benchmark_prints_its_figures(call) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call("bench", "--count", 500, "--dimension", 32)
    assert code == 0
    assert json.loads(out)["vectors"] == 500


def test_the_evaluator_judges_a_new_style(call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(5)
    small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
    small.resize((256, 256), Image.Resampling.BICUBIC).save(tmp_path / "a.png")
    _, out, _ = call("add", tmp_path / "a.png", "--name", "Blobs")
    assert "aesthetic" in out


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "styles", "--help"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("search", "add", "remove", "list", "brand", "eval"))
