"""Holds the house's shape: which module may import which, what lies where, and how long it may grow."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("evaluator", "styles")
TOP_LEVEL = {
    "app.py",
    "styles",
    "evaluator",
    "tests",
    "requirements.txt",
    "README.md",
    "pyproject.toml",
    "LICENSE",
    "packages.txt",
}
HEAVY = (
    "torch",
    "torchvision",
    "faiss",
    "gradio",
    "cv2",
    "rapidocr",
    "onnxruntime",
    "openvino",
    "transformers",
    "ray",
    "pandas",
)

FOUNDATION, STEP, JOINT, PAGE, COMMAND, APP = range(6)
LAYERS = {"types": FOUNDATION, "errors": FOUNDATION, "standard": FOUNDATION, "settings": FOUNDATION}
LAYERS |= {"pipeline": JOINT, "finder": JOINT, "batch": JOINT}
LAYERS |= {"ui": PAGE, "__main__": COMMAND}
LAYERS |= {"training": COMMAND, "studio": COMMAND}


@cache
def tracked() -> tuple[str, ...]:
    done = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        pytest.skip("not a git checkout")
    return tuple(name for name in done.stdout.splitlines() if (ROOT / name).exists())


def modules() -> dict[str, Path]:
    """Return every module of the app by its dotted name."""
    paths = [ROOT / "app.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]
    found = {}
    for path in paths:
        if path.exists():
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the dotted names of the app's modules that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".")[: None if path.name == "__init__.py" else -1]
                kept = parents[: len(parents) - node.level + 1]
                base = ".".join([*kept, base] if base else kept)
            wanted = [f"{base}.{alias.name}" for alias in node.names]
            wanted = [full if full in known else base for full in wanted]
        else:
            continue
        yield from (full for full in wanted if full.split(".")[0] in (*PACKAGES, "app"))


def layer(name: str) -> int:
    package, _, rest = name.partition(".")
    if package == "app":
        return APP
    return LAYERS.get(rest.split(".")[0], STEP) if rest else FOUNDATION


def edges() -> list[tuple[str, str]]:
    known = modules()
    return [(name, target) for name, path in known.items() for target in imports(name, path, known)]


def inside(name: str, part: str) -> bool:
    return name.split(".")[1:2] == [part]


def test_the_reader_of_imports_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    path.write_text("import evaluator.score\ndef f():\n    from evaluator import report\n    from . import c\n")
    known = {"evaluator.report": path, "evaluator.a.c": path}
    assert list(imports("evaluator.a.b", path, known)) == [
        "evaluator.score",
        "evaluator.report",
        "evaluator.a.c",
    ]
    assert [layer(name) for name in ("app", "styles.ui.tab", "evaluator.pipeline", "evaluator.score")] == [
        5,
        3,
        2,
        1,
    ]


def test_imports_point_one_way() -> None:
    # A package's own __init__ hands out the names of its public classes, on demand.
    wrong = [f"{a} imports {b}" for a, b in edges() if a not in PACKAGES and layer(a) < layer(b)]
    assert wrong == []


def test_the_two_packages_meet_only_in_the_app_and_the_commands() -> None:
    wrong = [
        f"{a} imports {b}"
        for a, b in edges()
        if a.split(".")[0] in PACKAGES and a.split(".")[0] != b.split(".")[0] and layer(a) < COMMAND
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ["training", "studio"])
def test_what_makes_the_weights_and_the_library_stays_out_of_the_app(part: str) -> None:
    wrong = [
        f"{a} imports {b}"
        for a, b in edges()
        if inside(b, part) and not inside(a, part) and not a.endswith(".__main__")
    ]
    assert wrong == []


def test_the_top_level_holds_nothing_else() -> None:
    top = {name.split("/")[0] for name in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_the_machine_it_was_written_on() -> None:
    # A letter of each stands in brackets, since this file is read too.
    pattern = re.compile(r"/wor[k]/|\.\./share[d]|/op[t]/|/roo[t]/|/hom[e]/|index-ur[l]")
    wrong = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or weights
        wrong += [f"{name}: {found[0]}" for found in pattern.finditer(text)]
    assert wrong == []


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_is_light(package: str) -> None:
    if not (ROOT / package / "__init__.py").exists():
        pytest.skip(f"there is no {package} yet")
    code = f"import sys, {package}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def python_files() -> list[str]:
    return [name for name in tracked() if name.endswith(".py")]


def test_files_are_short() -> None:
    lengths = {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in python_files()}
    assert {name: length for name, length in lengths.items() if length > 400 and not name.startswith("tests/")} == {}


def test_functions_fit_on_a_screen() -> None:
    wrong = []
    for name in python_files():
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > 60 and not name.startswith("tests/"):
                    wrong.append(f"{name}:{node.lineno} {node.name}: {length} lines")
    assert wrong == []


def test_every_data_file_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    data = [name for name in tracked() if name.startswith(PACKAGES) and not name.endswith(".py")]
    assert [name for name in data if not any(fnmatch(Path(name).name, each) for each in patterns)] == []


def test_tests_are_flat_and_named_for_what_they_test() -> None:
    tests = [name.removeprefix("tests/") for name in python_files() if name.startswith("tests/")]
    assert [name for name in tests if not re.fullmatch(r"conftest\.py|test_\w+\.py", name)] == []
