from __future__ import annotations

import hashlib
import io
import os
import struct
import threading
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Pixels
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from evaluator import decode as module
from evaluator import errors
from evaluator.decode import decode
from evaluator.types import Photo

Encode = Callable[..., bytes]


def heic(picture: Pixels, **options: object) -> bytes:
    from pillow_heif import from_pillow

    stream = io.BytesIO()
    from_pillow(Image.fromarray(picture)).save(stream, quality=-1, **options)
    return stream.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, extra: bytes = b"") -> bytes:
    """A PNG of a few bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + body + png_chunk(b"IEND", b"")


def difference(photo: Photo, expected: Pixels) -> float:
    assert photo.rgb.shape == expected.shape
    return float(np.abs(photo.rgb.astype(int) - expected).mean())


# --- formats and modes


@pytest.mark.parametrize(
    ("format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate", "big_tiff": True}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 98, "subsampling": 0}, 1.0),
        ("JPEG", {"quality": 98, "subsampling": 0, "progressive": True}, 1.0),
        ("WEBP", {"quality": 95}, 4.0),
        ("AVIF", {"quality": 95}, 3.0),
    ],
)
def test_a_format_gives_back_its_pixels(
    picture: Pixels, encode: Encode, format: str, options: dict[str, object], tolerance: float
) -> None:
    data = encode(picture, format, **options)
    photo = decode(data)
    assert difference(photo, picture) <= tolerance
    assert photo.rgb.dtype == np.uint8 and photo.rgb.flags.c_contiguous
    assert photo.alpha is None
    assert photo.metadata.format.upper() == format
    assert (photo.metadata.width, photo.metadata.height, photo.metadata.bytes) == (48, 64, len(data))
    assert photo.sha256 == hashlib.sha256(data).hexdigest()


def test_heic_is_read(picture: Pixels) -> None:
    photo = decode(heic(picture))
    assert photo.metadata.format == "HEIC"
    assert difference(photo, picture) < 3


def test_gif_is_read(picture: Pixels, encode: Encode) -> None:
    palette = Image.fromarray(picture).quantize(64)
    assert difference(decode(encode(palette, "GIF")), np.asarray(palette.convert("RGB"))) == 0


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_mode_becomes_rgb(picture: Pixels, encode: Encode, mode: str) -> None:
    image = Image.fromarray(picture).convert(mode)
    photo = decode(encode(image))
    assert photo.metadata.mode == mode
    assert difference(photo, np.asarray(image.convert("RGB"))) == 0


@pytest.mark.parametrize(("mode", "format"), [("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "TIFF")])
def test_alpha_is_kept_and_flattened_on_white(picture: Pixels, encode: Encode, mode: str, format: str) -> None:
    alpha = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (64, 1))
    image = Image.fromarray(picture).convert(mode)
    image.putalpha(Image.fromarray(alpha))
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    photo = decode(encode(image, format, **options))
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, alpha)
    colour = np.asarray(image.convert("RGB")).astype(float)
    cover = alpha[..., None] / 255
    assert np.abs(photo.rgb - (colour * cover + 255 * (1 - cover))).max() <= 1


def test_alpha_that_hides_nothing_is_dropped(picture: Pixels, encode: Encode) -> None:
    image = Image.fromarray(picture)
    image.putalpha(255)
    photo = decode(encode(image))
    assert photo.alpha is None
    assert difference(photo, picture) == 0


@pytest.mark.parametrize("table", [b"\0", b"\0" + b"\xff" * 255])
def test_a_palette_with_transparency(encode: Encode, table: bytes) -> None:
    indices = np.ones((40, 40), np.uint8)
    indices[:20] = 0
    image = Image.fromarray(indices).convert("P")
    image.putpalette([200, 0, 0, 0, 0, 200] + [0] * 762)
    photo = decode(encode(image, transparency=table))
    assert photo.alpha is not None
    assert photo.alpha[0, 0] == 0 and photo.alpha[30, 0] == 255
    assert photo.rgb[0, 0].tolist() == [255, 255, 255]
    assert photo.rgb[30, 0].tolist() == [0, 0, 200]


@pytest.mark.parametrize(("mode", "colour"), [("RGB", (9, 9, 9)), ("L", 9)])
def test_a_single_transparent_colour(encode: Encode, mode: str, colour: object) -> None:
    image = Image.new(mode, (40, 40), colour)  # type: ignore[arg-type]
    image.putpixel((5, 5), 100 if mode == "L" else (100, 100, 100))
    photo = decode(encode(image, transparency=colour))
    assert photo.alpha is not None
    assert photo.alpha[0, 0] == 0 and photo.alpha[5, 5] == 255


def test_sixteen_bit_grey(encode: Encode) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (40, 1))
    expected = np.round(ramp[..., None].repeat(3, -1) / 257)
    for format in ("PNG", "TIFF"):
        photo = decode(encode(Image.fromarray(ramp), format))
        assert photo.metadata.mode == "I;16"
        assert np.abs(photo.rgb - expected).max() <= 1
        assert photo.rgb[0, -1, 0] == 255


def test_sixteen_bit_colour() -> None:
    rows = np.tile(np.linspace(0, 65535, 64).astype(">u2")[:, None], (40, 1, 3))
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 40, 16, 2, 0, 0, 0))
    transparent = png_chunk(b"tRNS", rows[0, 10].tobytes())
    body = png_chunk(b"IDAT", zlib.compress(raw)) + png_chunk(b"IEND", b"")
    photo = decode(b"\x89PNG\r\n\x1a\n" + header + body)
    assert np.abs(photo.rgb[0, :, 0] - np.linspace(0, 255, 64)).max() <= 1
    cut = decode(b"\x89PNG\r\n\x1a\n" + header + transparent + body)
    assert cut.alpha is not None and cut.alpha[0, 10] == 0 and cut.alpha[0, 30] == 255


@pytest.mark.parametrize("high", [1.0, 255.0, 65535.0, 1e6])
def test_float_tiff_is_brought_to_range(encode: Encode, high: float) -> None:
    ramp = np.tile(np.linspace(0, high, 64, dtype=np.float32), (40, 1))
    ramp[0, 0] = np.nan
    photo = decode(encode(Image.fromarray(ramp), "TIFF"))
    assert np.abs(photo.rgb[1, :, 0] - np.linspace(0, 255, 64)).max() <= 1
    assert photo.rgb[0, 0, 0] == 0


def test_deep_integer_tiff_is_brought_to_range(encode: Encode) -> None:
    ramp = np.tile(np.linspace(0, 2**31 - 1, 64).astype(np.int32), (40, 1))
    photo = decode(encode(Image.fromarray(ramp), "TIFF"))
    assert np.abs(photo.rgb[0, :, 0] - np.linspace(0, 255, 64)).max() <= 1


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_has_its_colours_the_right_way_round(encode: Encode, format: str) -> None:
    image = Image.new("CMYK", (40, 40), (0, 255, 255, 0))
    photo = decode(encode(image, format))
    assert photo.metadata.mode == "CMYK"
    red, green, blue = photo.rgb[20, 20].tolist()
    assert red > 230 and green < 30 and blue < 30


def test_lab_tiff(encode: Encode) -> None:
    lab = Image.merge("LAB", [Image.new("L", (40, 40), value) for value in (255, 128, 128)])
    assert decode(encode(lab, "TIFF")).rgb.min() > 250


# --- orientation


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_ends_upright(picture: Pixels, encode: Encode, orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}.get(format, {})
    data = encode(picture, format, exif=exif.tobytes(), **options)
    tagged = Image.fromarray(picture)
    tagged.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(tagged))
    photo = decode(data)
    assert difference(photo, expected) < 4
    assert photo.metadata.orientation == orientation
    assert (photo.metadata.height, photo.metadata.width) == expected.shape[:2]


def test_heic_orientation(picture: Pixels) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = decode(heic(picture, exif=exif.tobytes()))
    assert photo.metadata.orientation == 6
    assert difference(photo, np.rot90(picture, -1)) < 3


def test_alpha_is_turned_with_the_picture(picture: Pixels, encode: Encode) -> None:
    image = Image.fromarray(picture)
    alpha = np.zeros((64, 48), np.uint8)
    alpha[:5, :7] = 255
    image.putalpha(Image.fromarray(alpha))
    exif = Image.Exif()
    exif[0x0112] = 8
    photo = decode(encode(image, exif=exif.tobytes()))
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, np.rot90(alpha, 1))


def test_a_damaged_exif_block_spoils_only_itself(picture: Pixels, encode: Encode) -> None:
    data = encode(picture, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f\x01\x02\x03")
    assert decode(data).metadata.orientation == 1


# --- guards


def test_each_guard_on_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.FileMissing) as missing:
        decode(tmp_path / "none.jpg")
    assert "none.jpg" in missing.value.sentence("en") and "none.jpg" in missing.value.sentence("zh")
    with pytest.raises(errors.FileMissing):
        decode(tmp_path / "none.jpg" / "below.jpg")
    with pytest.raises(errors.FileUnreadable, match="folder"):
        decode(tmp_path)
    with pytest.raises(errors.FileUnreadable, match="null"):
        decode("a\0b.jpg")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.FileUnreadable, match="no regular file"):
        decode(tmp_path / "pipe")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "locked.png").write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(errors.FileUnreadable, match="Permission denied"):
        decode(tmp_path / "locked.png")


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(module.MAX_BYTES + 1)
    with pytest.raises(errors.TooManyBytes) as caught:
        decode(path)
    for language in ("en", "zh"):
        assert "32.1 MB" in caught.value.sentence(language)  # type: ignore[arg-type]
        assert "large.jpg" in caught.value.sentence(language)  # type: ignore[arg-type]
    with pytest.raises(errors.TooManyBytes):
        decode(bytes(module.MAX_BYTES + 1))


def test_the_name_of_a_file_plays_no_part(tmp_path: Path, picture: Pixels, encode: Encode) -> None:
    path = tmp_path / "photo.txt"
    path.write_bytes(encode(picture))
    assert decode(str(path)).metadata.format == "PNG"
    path.with_suffix(".png").write_text("hello")
    with pytest.raises(errors.NotAnImage, match=r"photo\.png is not .*text.*WebP"):
        decode(path.with_suffix(".png"))


def test_an_empty_file_is_no_picture() -> None:
    with pytest.raises(errors.NotAnImage, match="empty"):
        decode(b"")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_half_a_file_is_truncated(picture: Pixels, encode: Encode, format: str) -> None:
    data = encode(picture, format)
    with pytest.raises(errors.Truncated) as caught:
        decode(data[: len(data) // 2], "half.img")
    assert "half.img" in caught.value.sentence("en") and "half.img" in caught.value.sentence("zh")
    assert "0x" not in str(caught.value)


def test_half_a_heic_is_truncated(picture: Pixels) -> None:
    data = heic(picture)
    with pytest.raises(errors.Truncated):
        decode(data[: len(data) // 2])


def with_right_checksums(data: bytes) -> bytes:
    """Mend a damaged PNG's checksums, so that the damage reaches the code behind them."""
    at, parts = 8, [data[:8]]
    while at + 12 <= len(data):
        length = min(int.from_bytes(data[at : at + 4], "big"), len(data) - at - 12)
        parts.append(png_chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return b"".join(parts) + data[at:]


def gif_claiming(width: int, height: int, frame: tuple[int, int]) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\0;"


def bmp_claiming(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 154, 0, 0, 54) + header + bytes(100)


def webp_claiming(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_claiming(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def test_a_bomb_is_refused_from_its_header(picture: Pixels, encode: Encode) -> None:
    bombs = {
        "png": png_claiming(10_000, 10_000),
        "png, absurd": png_claiming(2**31 - 1, 2**31 - 1),
        "gif": gif_claiming(65_535, 65_535, (10, 10)),
        "gif frame over its canvas": gif_claiming(100, 100, (65_535, 65_535)),
        "bmp": bmp_claiming(20_000, 20_000),
        "webp": webp_claiming(2**16, 2**14),
        "jpeg": jpeg_claiming(encode(picture, "JPEG"), 65_000, 65_000),
    }
    decode(encode(picture))
    for name, data in bombs.items():
        tracemalloc.start()
        with pytest.raises(errors.TooManyPixels) as caught:
            decode(data, name)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2_000_000, name
        assert "megapixels, over the limit of 64" in caught.value.sentence("en")
        assert "64" in caught.value.sentence("zh")


def test_just_over_the_limit_never_reads_as_the_limit() -> None:
    with pytest.raises(errors.TooManyPixels, match=r"8000 × 8001 = 64\.1 megapixels"):
        decode(png_claiming(8000, 8001))
    with pytest.raises(errors.Truncated):  # the size passes, the pixels are missing
        decode(png_claiming(8000, 8000))


def test_a_text_bomb_in_a_png_is_refused() -> None:
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    tracemalloc.start()
    with pytest.raises(errors.Truncated, match="too large"):
        decode(png_claiming(64, 64, extra=text))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_progressive_jpeg_of_endless_scans_is_refused(picture: Pixels, encode: Encode) -> None:
    data = encode(picture, "JPEG", progressive=True)
    at = data.index(b"\xff\xc2")
    claim = data[: at + 5] + struct.pack(">HH", 8000, 8000) + data[at + 9 :]
    with pytest.raises(errors.Truncated, match="progressive scans"):
        decode(claim + b"\xff\xda" * 1000)


def test_too_small_and_too_long(encode: Encode) -> None:
    with pytest.raises(errors.TooSmall, match=r"31 × 200 pixels.*at least 32") as small:
        decode(encode(np.zeros((200, 31, 3), np.uint8)))
    assert "31 × 200" in small.value.sentence("zh")
    assert decode(encode(np.zeros((32, 640, 3), np.uint8))).rgb.shape == (32, 640, 3)
    with pytest.raises(errors.ExtremeAspect, match=r"641 × 32, a ratio of 20\.1 to 1; at most 20") as strip:
        decode(encode(np.zeros((32, 641, 3), np.uint8)))
    assert "20.1:1" in strip.value.sentence("zh")


def test_only_the_first_frame_is_decoded(encode: Encode) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    expected = {"GIF": 3, "WEBP": 3, "PNG": 3, "TIFF": 2, "AVIF": 3}
    for format, count in expected.items():
        data = encode(frames[0], format, save_all=True, append_images=frames[1:])
        photo = decode(data)
        assert photo.metadata.frames == count, format
        red, green, blue = photo.rgb.mean(axis=(0, 1))
        assert red > 200 and green < 60 and blue < 60, format


def test_a_gif_frame_over_its_canvas_grows_it() -> None:
    image = Image.new("P", (64, 50), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    stream = io.BytesIO()
    image.save(stream, "GIF")
    data = bytearray(stream.getvalue())
    data[6:10] = struct.pack("<HH", 40, 40)
    photo = decode(bytes(data))
    assert photo.rgb.shape == (50, 64, 3)
    assert photo.rgb[49, 63].tolist() == [255, 0, 0]


# --- arrays


def test_arrays_are_taken_as_they_are(picture: Pixels) -> None:
    photo = decode(picture)
    assert difference(photo, picture) == 0 and photo.metadata.format == "array"
    assert decode(picture[:, :, 0]).rgb[3, 4].tolist() == [picture[3, 4, 0]] * 3
    seen = np.dstack([picture, np.full((64, 48), 7, np.uint8)])
    alpha = decode(seen).alpha
    assert alpha is not None and int(alpha.max()) == 7
    assert decode(picture[::-1]).sha256 != photo.sha256 == decode(picture.copy()).sha256
    assert decode(np.zeros((64, 48), np.uint8)).sha256 != decode(np.zeros((48, 64), np.uint8)).sha256


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((40, 40, 3), np.float32),
        np.zeros((40, 40, 2), np.uint8),
        np.zeros((40, 40, 1), np.uint8),
        np.zeros((0, 40, 3), np.uint8),
        np.zeros(40, np.uint8),
        np.zeros((2, 40, 40, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_picture(array: Pixels) -> None:
    with pytest.raises(errors.BadArray) as caught:
        decode(array)
    assert str(array.shape) in caught.value.sentence("en")
    assert str(array.dtype) in caught.value.sentence("zh")


def test_arrays_meet_the_size_guards() -> None:
    with pytest.raises(errors.TooSmall):
        decode(np.zeros((31, 40, 3), np.uint8))
    with pytest.raises(errors.TooManyPixels):
        decode(np.broadcast_to(np.uint8(0), (10_000, 10_000, 3)))


def test_the_result_cannot_be_changed_and_the_source_is_not_held(picture: Pixels) -> None:
    source = picture.copy()
    photo = decode(source)
    source[:] = 0
    assert difference(photo, picture) == 0
    with pytest.raises(ValueError, match="read-only"):
        photo.rgb[0, 0, 0] = 1


def test_another_kind_of_source_is_a_mistake_in_the_program() -> None:
    with pytest.raises(TypeError, match="not int"):
        decode(3)  # type: ignore[arg-type]


# --- what must not leak


def test_place_and_person_are_not_kept(picture: Pixels, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x9C9D] = "SecretCamera", "SecretPerson", b"S\0e\0c\0r\0e\0t\0"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    data = encode(picture, "JPEG", exif=exif.tobytes(), comment=b"SecretPlace")
    assert b"Secret" in data
    metadata = repr(decode(data).metadata)
    assert "Secret" not in metadata and "48.0" not in metadata and "GPS" not in metadata


def test_the_declaration_of_making_is_read(picture: Pixels, encode: Encode) -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description Iptc4xmpExt:DigitalSourceType='
        b'"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></x:xmpmeta>'
    )
    for format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
        options = {"TIFF": {"tiffinfo": {700: xmp}}, "PNG": {"pnginfo": text}}.get(format, {"xmp": xmp})
        metadata = decode(encode(picture, format, **options)).metadata
        assert metadata.digital_source_type == "trainedAlgorithmicMedia", format
        assert metadata.made_with_ai is True, format
    assert decode(heic(picture, xmp=xmp)).metadata.made_with_ai is True
    silent = decode(encode(picture)).metadata
    assert silent.digital_source_type is None and silent.made_with_ai is None


def test_no_warning_escapes_and_the_filters_are_left_as_they_were(picture: Pixels, encode: Encode) -> None:
    data = encode(Image.fromarray(picture).convert("P"), transparency=bytes(range(256)))
    damaged = encode(picture, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\xff\xff\xff\x7f\x01")
    sources = [data, damaged, png_claiming(12_000, 9_000), encode(picture, "TIFF")[:-20]] * 4
    before = list(warnings.filters)
    caught: list[BaseException] = []

    def work(source: bytes) -> None:
        try:
            decode(source)
        except errors.DecodeError:
            pass
        except BaseException as error:
            caught.append(error)

    threads = [threading.Thread(target=work, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caught == []
    assert list(warnings.filters) == before


def test_threads_agree(picture: Pixels, encode: Encode) -> None:
    data = encode(picture, "JPEG")
    expected = decode(data).rgb
    results: list[Pixels] = []
    threads = [threading.Thread(target=lambda: results.append(decode(data).rgb)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and all(np.array_equal(result, expected) for result in results)


# --- fuzz


def samples(picture: Pixels, encode: Encode) -> dict[str, bytes]:
    image = Image.fromarray(picture)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [image.rotate(90).resize(image.size)]}
    return {
        "JPEG": encode(image, "JPEG", exif=exif.tobytes(), progressive=True),
        "PNG": encode(image.convert("P"), "PNG", transparency=b"\0", exif=exif.tobytes()),
        "WEBP": encode(image, "WEBP", exif=exif.tobytes(), **frames),
        "AVIF": encode(image, "AVIF", exif=exif.tobytes()),
        "GIF": encode(image, "GIF", **frames),
        "TIFF": encode(image, "TIFF", compression="tiff_lzw", exif=exif.tobytes()),
        "BMP": encode(image.quantize(16), "BMP"),
        "HEIC": heic(picture),
    }


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "HEIC"])
def test_damage_gives_a_photo_or_a_decode_error(
    picture: Pixels, encode: Encode, rng: np.random.Generator, format: str
) -> None:
    data = np.frombuffer(samples(picture, encode)[format], np.uint8)
    outcomes = set()
    for round_ in range(300):
        damaged = data.copy()
        head = len(damaged) if round_ % 2 else min(len(damaged), 120)
        places = rng.integers(0, head, rng.integers(1, 9))
        damaged[places] = rng.integers(0, 256, len(places))
        if round_ % 3 == 0:
            damaged = damaged[: rng.integers(0, len(damaged))]
        tried = damaged.tobytes()
        try:
            outcomes.add(type(decode(with_right_checksums(tried) if format == "PNG" else tried)))
        except errors.DecodeError as error:
            outcomes.add(type(error))
            assert error.sentence("zh")
    assert {errors.Truncated, Photo} <= outcomes
