"""The cure for torchvision's import, each time in a process of its own: an import cannot be undone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator import operators
from evaluator.operators import ensure_torchvision

ROOT = Path(__file__).parent.parent


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)


def test_every_library_that_needs_torchvision_imports_after_it() -> None:
    done = run(
        "from evaluator.operators import ensure_torchvision\n"
        "module = ensure_torchvision()\n"
        "import open_clip, segment_anything, timm\n"
        "import torchvision, torch\n"
        "assert module is torchvision and ensure_torchvision() is module\n"
        "print(torchvision.transforms.Resize(4)(torch.zeros(1, 8, 8)).shape)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "torch.Size([1, 4, 4])"


def test_it_declares_only_what_is_missing_even_after_a_failed_import() -> None:
    if operators._load_compiled():
        pytest.skip("torchvision's compiled operators load here, so none is missing")
    done = run(
        "import torch\n"
        "schema = '(Tensor dets, Tensor scores, float iou_threshold) -> Tensor'\n"
        "torch.library.define('torchvision::nms', schema)\n"
        "try:\n    import torchvision\nexcept RuntimeError:\n    pass\n"
        "from evaluator.operators import ensure_torchvision\n"
        "print(ensure_torchvision().__name__, torch.ops.torchvision.qnms.default._schema.name)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["torchvision", "torchvision::qnms"]


def test_importing_the_module_loads_no_torch() -> None:
    done = run("import sys, evaluator.operators\nprint('torch' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_it_gives_the_module_that_others_import() -> None:
    module = ensure_torchvision()
    assert module is sys.modules["torchvision"]
    assert hasattr(module.ops, "nms")


def test_compiled_operators_that_load_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    loaded: list[Path] = []
    monkeypatch.setattr(torch.ops, "load_library", loaded.append)
    assert operators._load_compiled()
    assert [path.name.split(".")[0] for path in loaded] == ["_C"]


def test_a_torchvision_without_compiled_operators_has_none_to_load(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    assert not operators._load_compiled()
