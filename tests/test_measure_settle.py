from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rapidocr

from evaluator.measure.settle import settled
from evaluator.measure.text import _engine


def field(number: int, content: bytes) -> bytes:
    """A field of bytes; protobuf gives a length of 128 and more in two bytes."""
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + content


def tensor(values: bytes, kind: int) -> bytes:
    return field(8, b"name") + bytes([2 << 3, kind]) + field(9, values)


TINY = np.array([1e-40, -1e-35, 0.5, -2.0, 1e-20] * 9, np.float32)
KEPT = np.array([0, 0, 0.5, -2.0, 1e-20] * 9, np.float32)


def test_weights_that_are_all_but_zero_become_zero_wherever_they_lie() -> None:
    def model(values: np.ndarray) -> bytes:
        tensors = field(5, tensor(values.tobytes(), 1)), field(1, field(5, field(5, tensor(values.tobytes(), 1))))
        return bytes([1 << 3, 8]) + field(7, b"".join(tensors)) + field(2, b"maker")

    assert settled(model(TINY)) == model(KEPT)


def test_numbers_of_another_kind_are_left_alone() -> None:
    model = field(7, field(5, tensor(TINY.tobytes(), 7)))
    assert settled(model) == model


@pytest.mark.parametrize("model", [b"\x3a\x7f", b"\x3b", b"\xff"])
def test_what_is_no_message_is_refused(model: bytes) -> None:
    with pytest.raises(ValueError, match="message"):
        settled(model)


def test_the_detector_has_none_left() -> None:
    (path,) = (Path(rapidocr.__file__).parent / "models").glob("*_det_*.onnx")
    model = path.read_bytes()
    mended = settled(model)
    assert len(mended) == len(model)
    assert mended != model
    assert settled(mended) == mended
    assert _engine().session.session._model_path is None
