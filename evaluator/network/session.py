"""Runs the network on a processor: its graph, kept beside this file, filled with the embedded weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from evaluator.network.weights import FOLDER, Card, WeightsMissing, WeightsWrong, read_checked

GRAPH = Path(__file__).with_name("graph.onnx")
"""The network's operations without its weights; `python -m evaluator.training graph` writes it."""
INPUT = "picture"


def open_session(folder: Path = FOLDER) -> tuple[Any, Card]:
    """Return an ONNX Runtime session of one thread with the weights of a folder, and their card.

    It takes `picture` (B×3×H×W float32) and gives what `Sight` names; threads may share it.
    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    import onnxruntime
    from safetensors.numpy import load

    data, card, path = read_checked(folder)
    try:
        graph = GRAPH.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=GRAPH, why=error.strerror) from None
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
