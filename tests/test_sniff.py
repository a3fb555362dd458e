from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from evaluator import sniff

Encode = Callable[..., bytes]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "a PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"PK\x03\x04....", "a ZIP"),
        (b"\0\0\0\x18ftypmp42....", "video"),
        (b"<?xml version='1.0'?><svg xmlns=''/>", "an SVG"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "a web page"),
        (b"hello, world\n", "text"),
        (b"\xff\x0a\x01\x02", "JPEG XL"),
        (b"\x01\x02\x03\x04\x05", "01 02 03 04"),
    ],
)
def test_what_is_no_picture_is_described(data: bytes, words: str) -> None:
    assert sniff.sniff(data) is None
    assert words in sniff.describe(data)


@pytest.mark.parametrize(
    ("brand", "others", "expected"),
    [
        (b"avif", b"", "AVIF"),
        (b"mif1", b"avifmiaf", "AVIF"),
        (b"mif1", b"heic", "HEIC"),
        (b"heic", b"", "HEIC"),
        (b"isom", b"mp41", None),
    ],
)
def test_the_brands_tell_avif_from_heic(brand: bytes, others: bytes, expected: str | None) -> None:
    data = struct.pack(">I", 16 + len(others)) + b"ftyp" + brand + bytes(4) + others + b"\0\0\0\x08meta"
    assert sniff.sniff(data) == expected


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"quality": 80, "exif": b"Exif\0\0"}])
def test_the_size_of_a_webp_is_read_from_each_kind_of_first_chunk(encode: Encode, options: dict[str, object]) -> None:
    assert sniff.webp_size(encode(Image.new("RGB", (301, 77), "red"), "WEBP", **options)) == (301, 77)


def test_a_webp_cut_short_or_of_an_unknown_kind_has_no_size() -> None:
    assert sniff.webp_size(b"RIFF\0\0\0\0WEBPVP8X") is None
    assert sniff.webp_size(b"RIFF\0\0\0\0WEBPANMF" + bytes(40)) is None


def test_a_gif_is_cut_to_its_first_frame(encode: Encode) -> None:
    frames = [Image.fromarray(np.full((40, 50), value, np.uint8)) for value in (0, 90, 200)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"a note " * 100)
    first = sniff.first_gif_frame(data)
    assert first.frames == 3 and first.size == (50, 40)
    assert b"a note" not in first.data and len(first.data) < len(data)


@pytest.mark.parametrize("data", [b"GIF89a", b"GIF89a" + struct.pack("<HHBBB", 40, 40, 0, 0, 0) + b";"])
def test_a_gif_without_a_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="GIF"):
        sniff.first_gif_frame(data)


def test_counting_a_hostile_gif_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff, "_MAX_BLOCKS", 1000)
    screen = b"GIF89a" + struct.pack("<HHBBB", 40, 40, 0, 0, 0)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 40, 40, 0) + b"\x02" + b"\x01\x00" * 3 + b"\0"
    first = sniff.first_gif_frame(screen + frame + (b"!\xfe" + b"\x01x" * 200 + b"\0") * 1000)
    assert first.frames == 1
    assert len(first.data) < 100
