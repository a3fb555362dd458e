"""The README's commands and header hold, since people and the Space take them at their word."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from evaluator import decode, sniff

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PINS = dict(
    line.split("==")
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def header() -> dict[str, str]:
    block = README.split("---\n")[1]
    return {key: value.strip().strip('"') for key, value in (line.split(":", 1) for line in block.splitlines())}


def test_the_header_agrees_with_the_pins_and_the_project() -> None:
    space = header()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert space["sdk"] == "gradio"
    assert space["sdk_version"] == PINS["gradio"]
    assert space["license"] == project["license"].lower()
    assert project["requires-python"] == f">={space['python_version']}"
    assert (ROOT / space["app_file"]).is_file()
    assert len(space["short_description"]) <= 60


def test_every_requirement_is_pinned_and_torch_with_its_pair() -> None:
    assert all(re.fullmatch(r"\d+(\.\d+)+", version) for version in PINS.values())
    assert (PINS["torch"], PINS["torchvision"]) == ("2.13.0", "0.28.0")


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first = README.split("## ")[0]
    assert "\npip install -r requirements.txt && python app.py\n" in first
    assert "\npip install -r requirements.txt && python -m pytest\n" in first


def test_the_same_test_command_runs_before_a_merge() -> None:
    assert "\npip install --quiet -r requirements.txt && python -m pytest\n" in (ROOT / ".ci/run").read_text()


@pytest.mark.parametrize("format", sniff.FORMATS)
def test_every_format_is_named(format: str) -> None:
    assert re.search(rf"\b{format}\b", README)


def test_the_limits_are_the_decoder_s() -> None:
    for text in (
        f"{decode.MAX_BYTES >> 20} MB |",
        f"{decode.MAX_PIXELS // 1_000_000} megapixels |",
        f"{decode.MIN_SIDE} pixels a side |",
        f"{decode.MAX_ASPECT:.0f} to 1 |",
    ):
        assert f"\n| {text}" in README


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links and [link for link in links if not (ROOT / link).exists()] == []
