"""Runs a network's graph on this processor, as quickly as the processor can; knows nothing of what it says."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

SINGLE = "f32"
"""Single precision on every processor, so that the same picture is told the same everywhere: where a processor has
half precision the runtime would take that, which moves log-odds by up to 0.3, or bfloat16, by more."""

Answer = npt.NDArray[np.float32]


class Session:
    """A graph with one input that is ready to run, one thread a run; threads may share it.

    It keeps at most one compiled copy a core, each made when it is first needed and lent to one thread at a time: two
    threads in one copy wait for each other and for Python's own lock, at times for ever. `gives` are the names of what
    the graph gives, in its order.
    """

    def __init__(self, compile: Callable[[], Any]) -> None:
        self._compile = compile
        self._spare: LifoQueue[Any] = LifoQueue()
        self._lock = Lock()
        self._left = os.cpu_count() or 1
        first = self._made()
        self.gives = tuple(output.get_any_name() for output in first.model_outputs)
        self._spare.put(first)

    def run(self, names: Sequence[str], picture: Answer) -> list[Answer]:
        """Return what the graph gives under each name for B×3×H×W pictures."""
        request = self._borrowed()
        try:
            request.infer({0: picture})
            return [request.get_tensor(name).data.copy() for name in names]
        finally:
            self._spare.put(request)

    def _borrowed(self) -> Any:
        try:
            return self._spare.get_nowait()
        except Empty:
            with self._lock:
                if self._left > 0:
                    return self._made()
            return self._spare.get()

    def _made(self) -> Any:
        self._left -= 1
        return self._compile().create_infer_request()


def compiled(graph: Path, check: Callable[[Any], None] | None = None) -> Session:
    """Return a session of an ONNX file by OpenVINO; `check` sees the model first, and may raise."""
    import openvino

    core = openvino.Core()
    model = core.read_model(graph)
    if check:
        check(model)
    settings = {"NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": "1", "ENABLE_CPU_PINNING": False}
    settings["INFERENCE_PRECISION_HINT"] = SINGLE
    return Session(lambda: core.compile_model(model, "CPU", settings))
