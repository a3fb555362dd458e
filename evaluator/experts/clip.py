"""Any open_clip model as an encoder of pictures and words, and LAION's aesthetic heads on top of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluator.errors import ExpertBroken, ExpertMissing, ExpertUnknown, HeadBroken
from evaluator.experts.loading import REPOSITORY, open_device
from evaluator.operators import ensure_torchvision
from evaluator.types import Rgb

if TYPE_CHECKING:
    import torch

Vectors = npt.NDArray[np.float32]
"""n×d, one unit vector a row."""

_SCHEMES = ("hf-hub:", "local-dir:")
_BATCH = 16


class ClipEncoder:
    """An open_clip model: turns pictures and English words into unit vectors of one space.

    It has the shape of the style library's encoders. `aesthetic` judges looks where a head was given.
    """

    def __init__(
        self,
        name: str,
        model: torch.nn.Module,
        prepare: Callable[[Any], torch.Tensor],
        tokenizer: Callable[[Sequence[str]], torch.Tensor],
        head: Head | None = None,
        device: str = "cpu",
    ) -> None:
        """Take a model with what prepares its pictures (PIL) and texts, and a head that fits its embeddings.

        The model lies on the device already.
        """
        self.name = name
        self._model: Any = model.eval()
        self._prepare, self._tokenizer, self._head, self._device = prepare, tokenizer, head, device

    @cached_property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.encode_words(["a"]).shape[1])

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of the model's tensors and of how its pictures are prepared."""
        prepared = getattr(self._model.visual, "preprocess_cfg", {})
        found = hashlib.sha256(repr(sorted(prepared.items())).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            found.update(name.encode())
            found.update(np.ascontiguousarray(tensor.float().cpu().numpy()).data)
        return found.hexdigest()

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        """Return a unit vector a picture (H×W×3 uint8), n×d."""
        import torch
        from PIL import Image

        parts = []
        for at in range(0, len(pictures), _BATCH):
            seen = torch.stack([self._prepare(Image.fromarray(each)) for each in pictures[at : at + _BATCH]])
            with torch.inference_mode():
                parts.append(self._model.encode_image(seen.to(self._device), normalize=True).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    def encode_words(self, texts: Sequence[str]) -> Vectors:
        """Return a unit vector a text in the pictures' space, n×d; most of these models know English alone."""
        import torch

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        with torch.inference_mode():
            read = self._model.encode_text(self._tokenizer(list(texts)).to(self._device), normalize=True)
        return np.asarray(read.float().cpu().numpy(), np.float32)

    def judged_by(self, head: Head) -> ClipEncoder:
        """Return the same model with an aesthetic head. Raises HeadBroken where that takes other embeddings."""
        head.judge(np.zeros((1, self.dimension), np.float32))
        return ClipEncoder(self.name, self._model, self._prepare, self._tokenizer, head, self._device)

    def aesthetic(self, pictures: Sequence[Rgb]) -> npt.NDArray[np.float64]:
        """Return LAION's judgement of each picture's looks, about 1–10.

        Raises HeadBroken where no head was given or it was made for embeddings of another length.
        """
        if self._head is None:
            raise HeadBroken(path="none", why="no aesthetic head was given", size=self.dimension)
        return self._head.judge(self.encode_pictures(pictures))


class Head:
    """An aesthetic head of LAION's: one linear layer (v1), or several without activations between them (v2)."""

    def __init__(self, path: Path, layers: Sequence[tuple[Vectors, Vectors]]) -> None:
        """Take weights (out×in) and biases, the first layer first."""
        self.path, self._layers = path, layers

    def judge(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return a number for each unit vector (n×d). Raises HeadBroken where d is not the head's."""
        size = self._layers[0][0].shape[1]
        if vectors.shape[1] != size:
            raise HeadBroken(path=self.path, why=f"it takes embeddings of {size}", size=vectors.shape[1])
        found = vectors.astype(np.float64)
        for weight, bias in self._layers:
            found = found @ weight.T + bias
        return found[:, 0]


def load_head(path: Path) -> Head:
    """Return the head of a `.pth` file, which is read as plain tensors. Raises HeadBroken."""
    import pickle

    import torch

    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        names = sorted(
            (name for name in kept if name.endswith("weight")), key=lambda name: [*map(int, name.split(".")[1:-1])]
        )
        pairs = [(kept[name], kept[f"{name.removesuffix('weight')}bias"]) for name in names]
        layers = [(weight.float().numpy(), bias.float().numpy()) for weight, bias in pairs]
        fits = layers[-1][0].shape[0] == 1 and all(one[0].shape[0] == two[0].shape[1] for one, two in pairwise(layers))
    except OSError as error:
        raise HeadBroken(path=path, why=error.strerror or error, size="any") from None
    except (pickle.UnpicklingError, RuntimeError, KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        why = f"it holds no plain linear layers: {type(error).__name__}"
        raise HeadBroken(path=path, why=why, size="any") from None
    if not fits:
        raise HeadBroken(path=path, why="its layers do not lead to one number", size="any")
    return Head(path, layers)


def load_encoder(name: str, head: Path | None = None, device: str = "cpu") -> ClipEncoder:
    """Return the open_clip model of a name, with an aesthetic head where one is given.

    A name is MODEL:PRETRAINED (a tag of open_clip's or a file of weights), a hub's ORGANISATION/REPOSITORY
    (`hf-hub:` before it may be left out), or a folder that holds open_clip_config.json and weights. Files are read as
    safetensors or as plain tensors, never as programs.
    Raises ExpertUnknown, ExpertMissing, ExpertBroken, HeadBroken, DeviceMissing.
    """
    place = open_device(device)
    judged = load_head(head) if head else None
    ensure_torchvision()
    import open_clip

    model_name, pretrained = _source(name)
    try:
        model, prepare = open_clip.create_model_from_pretrained(model_name, pretrained=pretrained)
        tokenizer = open_clip.get_tokenizer(model_name)
    except Exception as error:  # open_clip and the hub raise many kinds, and wrap some in others
        raise _fault(name, model_name, pretrained, error) from error
    encoder = ClipEncoder(name, model.to(place), prepare, tokenizer, device=place.type)
    return encoder.judged_by(judged) if judged else encoder


def _source(name: str) -> tuple[str, str | None]:
    """Return a name as open_clip takes it: a model, and its tag or file. Raises ExpertUnknown."""
    import open_clip

    if name.startswith(_SCHEMES):
        return name, None
    if Path(name).is_dir():
        return f"local-dir:{name}", None
    model, _, pretrained = name.partition(":")
    if model not in open_clip.list_models():
        if REPOSITORY.fullmatch(model) and not pretrained:
            return f"hf-hub:{model}", None
        raise ExpertUnknown(name=name, why="there is neither a model nor a folder of that name")
    tags = open_clip.list_pretrained_tags_by_model(model)
    if pretrained in tags or Path(pretrained).is_file():
        return model, pretrained
    known = ", ".join(tags) or "none"
    raise ExpertUnknown(name=name, why=f"its weights may be a file, or a tag of {model}: {known}")


def _fault(name: str, model: str, pretrained: str | None, error: Exception) -> ExpertMissing | ExpertBroken:
    """Return what to say of a model that did not load: weights that lie here are broken, others are missing."""
    why = " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
    folder = Path(model.removeprefix("local-dir:"))
    if model.startswith("local-dir:"):
        if not (folder / "open_clip_config.json").is_file():
            return ExpertMissing(name=name, why=f"there is no {folder / 'open_clip_config.json'}")
        if "could not be loaded" in why:
            return ExpertMissing(name=name, why=f"there are no weights in {folder}")
        return ExpertBroken(name=name, path=folder, why=why)
    if pretrained and Path(pretrained).is_file():
        return ExpertBroken(name=name, path=pretrained, why=why)
    return ExpertMissing(name=name, why=why)
