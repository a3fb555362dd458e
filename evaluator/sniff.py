"""Reads what a file's first bytes say: its format, and a size where the decoder would allocate before we
could refuse.

Knows nothing of pixels, limits or errors.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

FORMATS = ("JPEG", "PNG", "WebP", "AVIF", "GIF", "TIFF", "BMP", "HEIC")

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"8BPS", "a Photoshop document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\0\0\x01\0", "an icon"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"RIFF", "audio or video"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def sniff(data: bytes) -> str | None:
    """Return which of `FORMATS` the bytes claim to be, or None; a file's name plays no part."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        length = min(max(int.from_bytes(data[:4], "big"), 16), 256)
        brands = {data[8:12]} | {data[at : at + 4] for at in range(16, length, 4)}
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIC_BRANDS:
            return "HEIC"
    return None


def describe(data: bytes) -> str:
    """Return in a few words what bytes that are no picture seem to be."""
    if not data:
        return "it is empty"
    for magic, words in _OTHERS:
        if data.startswith(magic):
            return f"it looks like {words}"
    if data[4:8] == b"ftyp":
        return "it looks like video"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml")) and b"<svg" in head:
        return "it looks like an SVG drawing"
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "it looks like a web page"
    if all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in data[:512]):
        return "it looks like text"
    return f"it begins with the bytes {data[:4].hex(' ')}"


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Return a WebP's width and height from its first chunk, or None where that is no picture chunk.

    Layout: RFC 9649, sections 2.5 to 2.7.
    """
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """A GIF cut down to its first frame: the bytes, the size that frame needs, and how many frames there
    were.
    """

    data: bytes
    size: tuple[int, int]
    frames: int


_MAX_BLOCKS = 1_000_000
"""Sub-blocks followed before the rest of a GIF is left uncounted; real files of 32 MB have some 130,000."""


def first_gif_frame(data: bytes) -> FirstFrame:
    """Cut a GIF down to its first frame, without its comments and application data.

    A frame may reach beyond the canvas, which then grows to hold it. Raises ValueError where no frame is
    found. Layout: GIF89a specification, sections 17 to 27.
    """
    if len(data) < 13:
        raise ValueError("the GIF header is cut short")
    width, height = struct.unpack("<HH", data[6:10])
    start = at = 13 + _table_size(data[10])
    blocks, frames, control, kept = _MAX_BLOCKS, 0, b"", b""
    while at < len(data) and blocks > 0:
        if data[at] == 0x21:
            end, blocks = _skip_blocks(data, at + 2, blocks)
            if not frames and data[at + 1 : at + 2] == b"\xf9":
                control = data[at:end]
        elif data[at] == 0x2C and at + 10 <= len(data):
            left, top, across, down = struct.unpack("<HHHH", data[at + 1 : at + 9])
            end, blocks = _skip_blocks(data, at + 11 + _table_size(data[at + 9]), blocks)
            if not frames:
                width, height = max(width, left + across), max(height, top + down)
                kept = data[at:end]
            frames += 1
        else:
            break
        at = end
    if not frames:
        raise ValueError("the GIF holds no frame")
    return FirstFrame(data[:start] + control + kept + b";", (width, height), frames)


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int, blocks: int) -> tuple[int, int]:
    """Return where a chain of sub-blocks ends and how many more may be followed."""
    while at < len(data) and blocks > 0:
        length = data[at]
        at += 1 + length
        blocks -= 1
        if not length:
            break
    return min(at, len(data)), blocks
