from pathlib import Path

import pytest
import torch

from evaluator.network.model import Network
from evaluator.network.weights import load, save
from evaluator.training.__main__ import main


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
    command = ["blend", "--weights", str(newer), "--since", str(older), "--share", str(share)]
    assert main([*command, "--out", str(tmp_path / "blent")]) == 0
    (made, card), (one, _), (other, _) = (load(folder) for folder in (tmp_path / "blent", newer, older))
    assert card.made_by.endswith(f"blend --share {share:g}")
    for got, new, old in zip(made.parameters(), one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(got, share * new + (1 - share) * old, atol=2e-3, rtol=2e-3)


def test_a_share_outside_is_refused(
    ends: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["blend", "--weights", str(ends[0]), "--since", str(ends[1]), "--share", "60", "--out", str(tmp_path)])
    assert "60 is no share; expected 0" in capsys.readouterr().err
