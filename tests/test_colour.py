from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from conftest import Pixels
from PIL import Image, ImageCms

from evaluator import colour, decode
from evaluator.decode import decode as read

Encode = Callable[..., bytes]

# Columns red, green, blue of the matrix to XYZ (D50), of the spaces' own ICC profiles.
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))


def fixed(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(columns: tuple[tuple[float, ...], ...], name: str, space: bytes = b"RGB ", gamma: float = 2.2) -> bytes:
    """Build a matrix profile (ICC.1:2001-04, version 2) with one gamma."""
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {b"desc": description, b"wtpt": fixed((0.9642, 1.0, 0.8249)), b"cprt": b"text\0\0\0\0none\0"}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        for letter, column in zip((b"r", b"g", b"b"), columns, strict=True):
            tags[letter + b"XYZ"] = fixed(column)
            tags[letter + b"TRC"] = curve
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        padded = value + bytes(-len(value) % 4)
        table += tag + struct.pack(">II", at + len(body), len(value))
        body += padded
    header = struct.pack(">I4xI4s4s4s12x4s", at + len(body), 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    header = header.ljust(68, b"\0") + fixed((0.9642, 1.0, 0.8249))[8:]
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def linear_srgb(columns: tuple[tuple[float, ...], ...], value: tuple[int, int, int], gamma: float) -> list[float]:
    """Convert by the matrices alone: an answer that owes nothing to the colour engine."""
    xyz = np.array(columns).T @ (np.array(value) / 255) ** gamma
    light = np.clip(np.linalg.inv(np.array(SRGB).T) @ xyz, 0, 1)
    return list(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("value", [(180, 100, 90), (90, 140, 100), (60, 70, 120), (128, 128, 128)])
def test_a_wide_gamut_is_brought_to_srgb(encode: Encode, value: tuple[int, int, int]) -> None:
    icc = profile(DISPLAY_P3, "Display P3")
    photo = read(encode(Image.new("RGB", (40, 40), value), icc_profile=icc))
    assert photo.rgb[7, 9].tolist() == pytest.approx(linear_srgb(DISPLAY_P3, value, 2.2), abs=1.5)
    assert photo.metadata.profile == "Display P3"


def test_exchanged_primaries_are_exchanged_back(encode: Encode) -> None:
    icc = profile((SRGB[2], SRGB[1], SRGB[0]), "Backwards")
    image = Image.new("RGB", (40, 40), (250, 10, 10))
    for format in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF"):
        photo = read(encode(image, format, icc_profile=icc))
        red, _, blue = photo.rgb[20, 20].tolist()
        assert blue > 235 and red < 40, format
        assert photo.metadata.profile == "other", format


def test_srgb_is_left_alone(picture: Pixels, encode: Encode) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read(encode(picture, icc_profile=icc))
    assert photo.metadata.profile == "sRGB"
    assert np.array_equal(photo.rgb, picture)


def test_a_grey_profile_is_applied(encode: Encode) -> None:
    icc = profile((), "Linear grey", space=b"GRAY", gamma=1.0)
    photo = read(encode(Image.new("L", (40, 40), 55), icc_profile=icc))
    expected = 255 * (1.055 * (55 / 255) ** (1 / 2.4) - 0.055)
    assert photo.rgb[0, 0].tolist() == pytest.approx([expected] * 3, abs=1.5)


@pytest.mark.parametrize(
    ("mode", "icc", "reason"),
    [
        ("RGB", b"no profile at all", "ignored: damaged"),
        ("RGB", profile(SRGB, "x")[:200], "ignored: damaged"),
        ("L", profile(SRGB, "x"), "ignored: made for RGB colours, the picture is L"),
        ("RGB", profile((), "x", space=b"GRAY"), "ignored: made for L colours, the picture is RGB"),
        ("RGB", bytes(5 << 20), "ignored: 5 MB long"),
    ],
)
def test_a_profile_that_does_not_fit_is_ignored_and_reported(
    encode: Encode, mode: str, icc: bytes, reason: str
) -> None:
    image = Image.new(mode, (40, 40), "red" if mode == "RGB" else 90)
    photo = read(encode(image, "JPEG" if len(icc) < 60_000 else "TIFF", icc_profile=icc))
    assert photo.metadata.profile == reason
    assert photo.rgb[0, 0].tolist() == pytest.approx([254, 0, 0] if mode == "RGB" else [90] * 3, abs=2)


def test_the_name_of_a_device_is_not_kept(encode: Encode) -> None:
    icc = profile(DISPLAY_P3, "Jane's own monitor")
    assert "Jane" not in repr(read(encode(Image.new("RGB", (40, 40)), icc_profile=icc)).metadata)


def test_colour_is_converted_before_it_is_flattened(encode: Encode) -> None:
    icc = profile(DISPLAY_P3, "Display P3")
    image = Image.new("RGBA", (40, 40), (180, 100, 90, 128))
    opaque = linear_srgb(DISPLAY_P3, (180, 100, 90), 2.2)
    expected = [value * 128 / 255 + 127 for value in opaque]
    photo = read(encode(image, icc_profile=icc))
    assert photo.rgb[0, 0].tolist() == pytest.approx(expected, abs=1.5)


def test_strips_join_without_a_seam(picture: Pixels, encode: Encode, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.fromarray(picture)
    image.putalpha(Image.fromarray(picture[:, :, 0]))
    for data in (encode(image), encode(image.convert("P")), encode(image.convert("CMYK"), "TIFF")):
        whole = read(data)
        with monkeypatch.context() as patch:
            patch.setattr(decode, "_STRIP_PIXELS", 48 * 5)
            parts = read(data)
        assert np.array_equal(whole.rgb, parts.rgb)
        assert (whole.alpha is None) == (parts.alpha is None)
        assert whole.alpha is None or np.array_equal(whole.alpha, parts.alpha)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "PA", "La", "RGBa", "RGBX"])
def test_rarer_modes_become_rgb(picture: Pixels, mode: str) -> None:
    way = {"PA": "RGBA", "La": "LA", "RGBa": "RGBA"}.get(mode, "RGB")
    image = Image.fromarray(picture).convert(way).convert(mode)
    flat, alpha = colour.Converter(image, None).convert(image)
    expected = Image.fromarray(picture).convert("L" if mode == "La" else "RGB").convert("RGB")
    assert flat.mode == "RGB"
    assert np.abs(np.asarray(flat).astype(int) - np.asarray(expected)).mean() < (40 if mode == "PA" else 4)
    assert (alpha is not None) == (way != "RGB")
