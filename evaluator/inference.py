"""Runs a network's graph on this processor, as quickly as the processor can; knows nothing of what it says."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

PRECISION = "f16"
"""What is reckoned in where the processor can (AVX-512 FP16, AMX); elsewhere in single precision."""

Answer = npt.NDArray[np.float32]


class Session:
    """A graph with one input that is ready to run, one thread a run; threads may share it."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._own = threading.local()

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of what the graph gives, in its order."""
        return tuple(output.get_any_name() for output in self._compiled.outputs)

    def run(self, names: Sequence[str], picture: Answer) -> list[Answer]:
        """Return what the graph gives under each name for B×3×H×W pictures."""
        request = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._compiled.create_infer_request()
        request.infer({0: picture}, share_inputs=True)
        return [request.get_tensor(name).data.copy() for name in names]


def compiled(graph: Path, check: Callable[[Any], None] | None = None) -> Session:
    """Return a session of an ONNX file by OpenVINO; `check` sees the model first, and may raise."""
    import openvino

    core, threads = openvino.Core(), str(os.cpu_count() or 1)
    model = core.read_model(graph)
    if check:
        check(model)
    settings = {
        "NUM_STREAMS": threads,
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_HYPER_THREADING": True,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": PRECISION,
    }
    return Session(core.compile_model(model, "CPU", settings))
