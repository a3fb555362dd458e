"""Opens a network: its graph, kept beside this file, filled with the embedded weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluator.inference import Session, compiled
from evaluator.network.weights import CARD, FOLDER, Card, WeightsMissing, WeightsWrong, read_checked

GRAPHS = Path(__file__).parent
"""Where the networks' operations lie without their weights; `python -m evaluator.training graph` writes them."""
INPUT = "picture"

Tensors = dict[str, npt.NDArray[Any]]


def open_session(folder: Path = FOLDER, name: str = CARD) -> tuple[Session, Card]:
    """Return a session with the weights that a card of a folder names, and the card.

    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    from safetensors.numpy import load

    data, card, path = read_checked(folder, name)
    file = (GRAPHS / name).with_suffix(".onnx")
    try:
        graph = file.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=file, why=error.strerror) from None
    try:
        return _filled(graph, load(data)), card
    except Exception as error:  # the runtime has several kinds of its own for a graph that does not fit
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[-200:]) from None


def _filled(graph: bytes, tensors: Tensors) -> Session:
    """Return a session of a graph that takes each of its tensors from a file of the tensor's name."""
    with TemporaryDirectory(prefix="vitrine-", ignore_cleanup_errors=True) as place:
        for name, tensor in tensors.items():
            if Path(name).name != name:
                raise ValueError(f"{name!r} is no name of a tensor, but leads to another folder")
            Path(place, name).write_bytes(tensor.astype(np.float32).tobytes())
        file = Path(place, "graph.onnx")
        file.write_bytes(graph)
        return compiled(file, partial(_fit, tensors))


def _fit(tensors: Tensors, model: Any) -> None:
    """Raise ValueError where a tensor has not the graph's shape for it: the runtime takes whatever is there."""
    constants = (each for each in model.get_ops() if each.get_type_name() == "Constant")
    wanted = {each.friendly_name: tuple(each.output(0).shape) for each in constants}
    for name, tensor in tensors.items():
        if wanted.get(name) != tensor.shape:
            expected = wanted.get(name, "no such tensor")
            raise ValueError(f"{name} has the dimensions {tensor.shape}, expected {expected}")
