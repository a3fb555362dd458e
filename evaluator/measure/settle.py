"""Rids an ONNX file of weights that are all but zero: processors take a hundred times as long over them.

Numbers under 1e-38 (denormal) are worked out by microcode. Training drives unused weights there, and the text
detector then spends three quarters of its time on them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

LEAST = 1e-30
"""Weights under this add nothing to a sum of ordinary numbers, and give denormal products."""
FLOAT = 1
TENSORS = ((7, 5), (7, 1, 5, 5))
"""Fields from the model to its tensors: graph, initializer; and graph, node, attribute, value (onnx.proto3)."""
KIND, RAW = 2, 9
VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5


def settled(model: bytes) -> bytes:
    """Return an ONNX model with every single-precision weight under LEAST set to zero; its length stays.

    Walks protobuf's wire format. Raises ValueError where the bytes are no such message.
    """
    data = bytearray(model)
    for path in TENSORS:
        for start, end in _within(data, 0, len(data), path):
            found = {field: (first, last) for field, first, last in _fields(data, start, end)}
            if RAW not in found or KIND not in found or data[found[KIND][0]] != FLOAT:
                continue
            first, last = found[RAW]
            weights = np.frombuffer(data[first:last], "<f4")
            data[first:last] = np.where(np.abs(weights) < LEAST, np.float32(0), weights).astype("<f4").tobytes()
    return bytes(data)


def _within(data: bytearray, start: int, end: int, path: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield where the messages lie that a path of field numbers leads to."""
    if not path:
        yield start, end
        return
    for field, first, last in _fields(data, start, end):
        if field == path[0]:
            yield from _within(data, first, last, path[1:])


def _fields(data: bytearray, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each field of a message, and where its content lies."""
    at = start
    while at < end:
        key, at = _varint(data, at)
        first, wire = at, key & 7
        if wire == VARINT:
            _, at = _varint(data, at)
        elif wire == BYTES:
            length, first = _varint(data, at)
            at = first + length
        elif wire in (WIDE, NARROW):
            at += 8 if wire == WIDE else 4
        else:
            raise ValueError(f"byte {first} starts no field of a protobuf message (wire type {wire})")
        if at > end:
            raise ValueError(f"the field at byte {first} runs {at - end} bytes past its message")
        yield key >> 3, first, at


def _varint(data: bytearray, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("the message ends within a number")
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at
