"""Runs a network on a processor: its graph, kept beside this file, filled with the embedded weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from evaluator.network.weights import CARD, FOLDER, Card, WeightsMissing, WeightsWrong, read_checked

GRAPHS = Path(__file__).parent
"""Where the networks' operations lie without their weights; `python -m evaluator.training graph` writes them."""
INPUT = "picture"


def open_session(folder: Path = FOLDER, name: str = CARD) -> tuple[Any, Card]:
    """Return an ONNX Runtime session of one thread with the weights that a card of a folder names, and the card.

    It takes `picture` (B×3×H×W float32) and gives what the network's pass names; threads may share it.
    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    import onnxruntime
    from safetensors.numpy import load

    data, card, path = read_checked(folder, name)
    file = (GRAPHS / name).with_suffix(".onnx")
    try:
        graph = file.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=file, why=error.strerror) from None
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    try:
        tensors = {name: tensor.astype(np.float32) for name, tensor in load(data).items()}
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
        settings.add_external_initializers(list(tensors), values)
        session = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has some ten kinds of its own for a graph that does not fit
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[:200]) from None
    return session, card
