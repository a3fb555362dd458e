from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from styles.errors import PictureError, TooManyPixels
from styles.pictures import plain_decode


def claiming(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size, with next to nothing behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 4) + b"IDATabcd" + struct.pack(">I", zlib.crc32(b"IDATabcd"))
    )


@pytest.mark.parametrize(("width", "height"), [(8_000, 8_001), (10_000, 10_000), (14_000, 14_000), (60_000, 60_000)])
@pytest.mark.parametrize("action", ["error", "default"])
def test_a_picture_that_is_too_large_is_an_error(width: int, height: int, action: str) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter(action)  # type: ignore[arg-type]
        with pytest.raises(TooManyPixels, match="more than 64 million pixels; make it smaller") as caught:
            plain_decode(claiming(width, height))
    assert heard == []
    assert caught.value.sentence("zh") == "the uploaded file 超过 6400 万像素；请缩小后重新提供。"


def test_the_filters_of_warnings_are_left_as_they_were() -> None:
    before = list(warnings.filters)
    with pytest.raises(TooManyPixels):
        plain_decode(claiming(10_000, 10_000))
    assert list(warnings.filters) == before


def test_a_picture_with_glass_parts_lies_on_white() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.array([[[200, 0, 0, 0], [200, 0, 0, 255]]], np.uint8)).save(stream, "PNG")
    assert plain_decode(stream.getvalue()).tolist() == [[[255, 255, 255], [200, 0, 0]]]


def test_what_is_no_picture_is_said() -> None:
    with pytest.raises(PictureError, match="no picture of a known format"):
        plain_decode(b"words")
