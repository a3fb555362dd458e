import argparse
from pathlib import Path

import pytest
import torch

from evaluator.network.model import Network
from evaluator.network.weights import load, save
from evaluator.training import blend


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    blend.add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def ends(tmp_path: Path) -> tuple[Path, Path]:
    """Two networks' weights, which differ."""
    folders = tmp_path / "newer", tmp_path / "older"
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        save(Network(), folder, "test", 1 + seed)
    return folders


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_every_number_lies_between_both_ends(ends: tuple[Path, Path], tmp_path: Path, share: float) -> None:
    newer, older = ends
    made_in = str(tmp_path / "blent")
    options = asked("--weights", str(newer), "--since", str(older), "--share", str(share), "--out", made_in)
    assert blend.run(options) == 0
    (made, card), (one, _), (other, _) = (load(folder) for folder in (tmp_path / "blent", newer, older))
    assert card.made_by.endswith(f"blend --share {share:g}")
    for got, new, old in zip(made.parameters(), one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(got, share * new + (1 - share) * old, atol=2e-3, rtol=2e-3)


def test_a_share_outside_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked("--weights", "new", "--since", "old", "--share", "60", "--out", "out")
    assert "60 is no share; expected 0" in capsys.readouterr().err
