"""Pretrained weights: where they lie, what they are, and reading them as plain tensors, never as programs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluator.errors import EvaluatorError, ExpertBroken, ExpertMissing, ExpertUnknown
from evaluator.operators import ensure_torchvision

if TYPE_CHECKING:
    import torch

HUB = "https://huggingface.co"
SETTINGS = "config.json"
REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_SMALL = ("*.json", "*.txt", "README.md")
_FILES = f"{SETTINGS}, model.safetensors (pytorch_model.bin), preprocessor*, tokenizer*, vocab.txt"
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
"""Files of weights, the kind that goes first first."""


class ExpertUnfetched(ExpertMissing):
    """A pretrained model is not on this machine; the sentence says which files to fetch, and from where."""

    en = (
        "{name} is not on this machine ({why}); go online once so that it is kept, "
        "or fetch {files} from {source} elsewhere and give the path to it here."
    )
    zh = "本机没有 {name}（{why_zh}）；请联网一次以便下载并缓存，或在别处从 {source} 下载 {files}，再在此填写路径。"


class FolderUnknown(ExpertUnknown):
    """A name is neither a folder's nor one of a hub's models."""

    en = "{name!r} is neither a folder nor a name on the hub; give a folder's path or a name such as {example}."
    zh = "{name!r} 既不是文件夹，也不是模型库中的名称；请填写文件夹路径，或 {example} 这样的名称。"


class DeviceMissing(EvaluatorError):
    """A device was named on which nothing can be computed here."""

    en = "There is no device {name!r} here; use {known}."
    zh = "本机没有设备 {name!r}；可用：{known}。"


@dataclass(frozen=True, slots=True)
class Card:
    """What an expert in use is, and where it came from.

    `name` is the architecture and `source` a page or a path; `licence` is as its publisher gives it, None where no
    licence lies with the weights. `bytes` and `sha256` are those of the files of weights, in order.
    """

    name: str
    source: str
    licence: str | None
    bytes: int
    parameters: int
    sha256: str


def open_device(name: str) -> torch.device:
    """Return the device of a name, `cpu` or `cuda`. Raises DeviceMissing."""
    import torch

    known = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    if name not in known:
        raise DeviceMissing(name=name, known=", ".join(known))
    return torch.device(name)


def fetch_file(name: str, repository: str, file: str) -> Path:
    """Return where a file of the hub is kept on this machine, fetched if need be. Raises ExpertUnfetched."""
    from huggingface_hub import hf_hub_download

    return Path(_fetched(name, repository, file, partial(hf_hub_download, repository, file)))


def find_folder(name: str, example: str) -> Path:
    """Return the folder of a model in the format of transformers: `name` is its path, or its name on the hub.

    Of a hub's model, safetensors are fetched, and only where it has none, its other weights.
    Raises FolderUnknown, ExpertMissing where a folder is not whole, ExpertUnfetched.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        for what, there in ((SETTINGS, (path / SETTINGS).is_file()), (" or ".join(_WEIGHTS), bool(weights_in(path)))):
            if not there:
                raise ExpertMissing(name=name, why=f"there is no {what} in {path}")
        return path
    if not REPOSITORY.fullmatch(name):
        raise FolderUnknown(name=name, example=example)
    from huggingface_hub import snapshot_download

    for kind in _WEIGHTS:
        fetch = partial(snapshot_download, name, allow_patterns=[*_SMALL, kind])
        path = Path(_fetched(name, name, _FILES, fetch))
        if weights_in(path) and (path / SETTINGS).is_file():
            return path
    raise _unfetched(name, name, _FILES, "only a part of it is kept here", "本机仅缓存了一部分")


def _fetched(name: str, repository: str, files: str, fetch: Callable[[], str]) -> str:
    """Return what a call of the hub's gives, with one error for the many kinds in which it can fail."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return fetch()
    except LocalEntryNotFoundError as error:
        why = "it is not in the cache, and the hub cannot be reached"
        raise _unfetched(name, repository, files, why, "缓存中没有，也无法连接模型库") from error
    except Exception as error:  # no such repository, no space, no permission …
        raise _unfetched(name, repository, files, told(error), told(error)) from error


def _unfetched(name: str, repository: str, files: str, why: str, why_zh: str) -> ExpertUnfetched:
    return ExpertUnfetched(name=name, why=why, why_zh=why_zh, files=files, source=f"{HUB}/{repository}")


def weights_in(folder: Path) -> list[Path]:
    """Return a folder's files of weights, safetensors if it has any."""
    return next((found for kind in _WEIGHTS if (found := sorted(folder.glob(kind)))), [])


def load_parts(name: str, example: str, model: str, processor: str, device: str) -> tuple[Any, Any, Card]:
    """Return a model of transformers, whole and ready to look, what prepares its input, and its card.

    `model` and `processor` name classes of transformers. Weights are read as safetensors or plain tensors, and a
    single parameter that the files do not hold makes them unfit. Raises as `find_folder`, ExpertBroken, DeviceMissing.
    """
    place, folder = open_device(device), find_folder(name, example)
    ensure_torchvision()
    import torch

    library: Any = import_module("transformers")  # by name: its types take mypy minutes
    library.utils.logging.disable_progress_bar()
    try:
        prepare = getattr(library, processor).from_pretrained(folder, local_files_only=True)
        found, report = getattr(library, model).from_pretrained(
            folder,
            local_files_only=True,
            weights_only=True,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except Exception as error:  # transformers raises many kinds for files that are damaged or of something else
        raise ExpertBroken(name=model, path=folder, why=told(error)) from error
    # What is computed, such as indices of positions, need not be in the files; what is learnt must be.
    learnt = {key for key, _ in found.named_parameters()}
    absent = sorted(learnt & {*report["missing_keys"], *(each[0] for each in report["mismatched_keys"])})
    if absent:
        why = f"{len(absent)} of its {len(learnt)} parameters are missing or of another shape, the first {absent[0]}"
        raise ExpertBroken(name=model, path=folder, why=why)
    return found.eval().to(place), prepare, describe(model, _page(name), weights_in(folder), found, _licence(folder))


def _page(name: str) -> str:
    return name if Path(name).expanduser().is_dir() else f"{HUB}/{name}"


def _licence(folder: Path) -> str | None:
    """Return the licence that the model's own page states, which lies with its weights as README.md."""
    from huggingface_hub import ModelCard

    path = folder / "README.md"
    found = ModelCard.load(path, ignore_metadata_errors=True).data.get("license") if path.is_file() else None
    return str(found) if found else None


def describe(name: str, source: str, files: Sequence[Path], model: torch.nn.Module, licence: str | None) -> Card:
    """Return the card of a model that was loaded from files; they are read once more for their checksum."""
    found, size = hashlib.sha256(), 0
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
                size += len(block)
    count = sum(each.numel() for each in model.parameters())
    return Card(name, source, licence, size, count, found.hexdigest())


def read_tensors(path: Path, name: str) -> dict[str, torch.Tensor]:
    """Return the tensors of a `.safetensors` file, or of another that torch wrote and that holds nothing but tensors.

    Raises ExpertBroken.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both libraries raise many kinds
        raise ExpertBroken(name=name, path=path, why=told(error)) from error
    if not isinstance(found, dict) or not all(isinstance(each, torch.Tensor) for each in found.values()):
        raise ExpertBroken(name=name, path=path, why="it holds something else than named tensors")
    return found


def told(error: Exception) -> str:
    """Return an error's words on one short line."""
    return " ".join(re.sub(r"\x1b\[\d*m", "", str(error)).split()).rstrip(".")[:200] or type(error).__name__
