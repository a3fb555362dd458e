"""Runs graphs on this processor, as quickly as the processor can; knows nothing of what they say.

Both runtimes reckon in single precision on every processor, so that the same picture is told the same everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

SINGLE = "f32"
"""Where a processor has half precision OpenVINO would take that, which moves log-odds by up to 0.3, or bfloat16, by
more."""

Answer = npt.NDArray[np.float32]
Tensors = Mapping[str, npt.NDArray[Any]]


class Session(Protocol):
    """A graph with one input that is ready to run, one thread a run; threads may share it."""

    gives: tuple[str, ...]
    """The names of what the graph gives, in its order."""

    def run(self, names: Sequence[str], picture: Answer) -> list[Answer]:
        """Return what the graph gives under each name for B×3×H×W pictures."""
        ...


class _Shared:
    """A session of ONNX Runtime, which any number of threads may run at once.

    The runtime's tensors lie where NumPy keeps them: `tensors` stay as long as the session, whatever it copies.
    """

    def __init__(self, session: Any, tensors: Sequence[Any]) -> None:
        self._session, self._tensors = session, tensors
        (self._takes,) = (each.name for each in session.get_inputs())
        self.gives = tuple(each.name for each in session.get_outputs())

    def run(self, names: Sequence[str], picture: Answer) -> list[Answer]:
        found: list[Answer] = self._session.run(list(names), {self._takes: picture})
        return found


def filled(graph: bytes, tensors: Tensors) -> Session:
    """Return a session by ONNX Runtime of an ONNX graph whose tensors, where they lie outside, are given by name.

    Raises an error of the runtime's where the tensors are not the graph's.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    given = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in given.values()]
    if values:
        settings.add_external_initializers(list(given), values)
    return _Shared(onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"]), values)


class _Lent:
    """A graph compiled by OpenVINO.

    It keeps at most one compiled copy a core, each made when it is first needed and lent to one thread at a time: two
    threads in one copy wait for each other and for Python's own lock, at times for ever.
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


def compiled(graph: Path) -> Session:
    """Return a session by OpenVINO of a whole ONNX file: a third of the time of ONNX Runtime's for a text detector."""
    import openvino

    core = openvino.Core()
    model = core.read_model(graph)
    settings = {"NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": "1", "ENABLE_CPU_PINNING": False}
    settings["INFERENCE_PRECISION_HINT"] = SINGLE
    return _Lent(lambda: core.compile_model(model, "CPU", settings))
