"""Turns a file, bytes or an array into a Photo, or into the error that says why not.

Every guard stands here, in the order in which it costs least: the file's length before it is read, the
format from its first bytes, the size from its header before a pixel is decoded. Knows nothing of measures
or scores.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import stat
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from evaluator import colour, errors, sniff
from evaluator.provenance import declared_source
from evaluator.types import Metadata, Photo

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | npt.NDArray[np.uint8]

MAX_BYTES = 32 * 1024 * 1024
"""Larger files are refused unread."""
MAX_PIXELS = 64_000_000
"""Larger pictures are refused from their header: 64 megapixels are 192 MB as RGB."""
MIN_SIDE = 32
"""Under this no criterion can be judged."""
MAX_ASPECT = 20.0
"""Longer strips are refused: at the working size their short side would hold too few pixels."""
_MAX_SCAN_PIXELS = 5_000_000_000
"""Scans × pixels of a progressive JPEG: real ones stay under 10⁹, this many take some 4 seconds."""

_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(source: Source, name: str = "") -> Photo:
    """Return the picture in `source`, upright, in sRGB and flattened on white.

    `source` is a path, the bytes of a file, or a uint8 array: H×W, H×W×3 (RGB) or H×W×4 (RGBA). `name` is
    what errors call the picture; a path's own name serves where none is given. Of an animation the first
    frame is taken. The arrays of the result are read-only. Safe to call from several threads. Raises a
    `DecodeError` of its own type for each thing that can be wrong with the picture, and TypeError for any
    other kind of source.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, name or "The array")
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), name or "The picture"
        _check_length(len(data), name)
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        data, name = _read(path, name or path.name), name or path.name
    else:
        raise TypeError(f"a picture is a path, bytes or an array, not {type(source).__name__}")
    kind = sniff.sniff(data)
    if kind is None:
        known = ", ".join(sniff.FORMATS)
        raise errors.NotAnImage(name=name, found=sniff.describe(data), formats=known)
    try:
        with _quiet:
            return _from_bytes(data, kind, name)
    except errors.DecodeError:
        raise
    except Exception as error:  # a damaged file can raise anything from a decoder
        raise errors.Truncated(name=name, why=_why(error)) from error


def _read(path: Path, name: str) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            why = "it is a folder" if stat.S_ISDIR(found.st_mode) else "it is no regular file"
            raise errors.FileUnreadable(path=path, why=why)
        _check_length(found.st_size, name)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise errors.FileMissing(path=path) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise errors.FileUnreadable(path=path, why=why) from error
    _check_length(len(data), name)
    return data


def _check_length(length: int, name: str) -> None:
    if length > MAX_BYTES:
        megabytes = _up(length / (1 << 20))
        raise errors.TooManyBytes(name=name, megabytes=megabytes, limit=MAX_BYTES >> 20)


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        megapixels, limit = _up(width * height / 1e6), MAX_PIXELS // 1_000_000
        raise errors.TooManyPixels(name=name, width=width, height=height, megapixels=megapixels, limit=limit)
    if min(width, height) < MIN_SIDE:
        raise errors.TooSmall(name=name, width=width, height=height, minimum=MIN_SIDE)
    ratio = max(width, height) / min(width, height)
    if ratio > MAX_ASPECT:
        raise errors.ExtremeAspect(name=name, width=width, height=height, ratio=_up(ratio), limit=int(MAX_ASPECT))


def _up(value: float) -> float:
    """Round up to one decimal, so that a value over a limit never reads as the limit."""
    return math.ceil(value * 10) / 10


def _why(error: Exception) -> str:
    """Return a decoder's complaint in one line, without the addresses that differ from run to run."""
    text = re.sub(r" at 0x[0-9a-f]+", "", str(error)).strip() or type(error).__name__
    return text.splitlines()[0][:120].rstrip(".")


def _from_bytes(data: bytes, kind: str, name: str) -> Photo:
    image, frames = _open(data, kind, name)
    declared = _orientation(image) if kind != "HEIC" else image.info.get("original_orientation") or 1
    image.load()
    _check_size(*image.size, name)
    term, generated = declared_source(data, image.info)
    mode, icc = image.mode, image.info.get("icc_profile")
    turn = _orientation(image)  # what is left to do: some decoders turn the picture themselves
    upright: Image.Image = image.transpose(_UPRIGHT[turn]) if turn in _UPRIGHT else image
    converter = colour.Converter(upright, icc)
    del image
    rgb, alpha = _pixels(upright, converter)
    metadata = Metadata(
        format=kind,
        mode=mode,
        width=upright.width,
        height=upright.height,
        bytes=len(data),
        orientation=turn if turn != 1 else declared,
        profile=converter.profile,
        frames=frames,
        digital_source_type=term,
        made_with_ai=generated,
    )
    return Photo(rgb, alpha, metadata, hashlib.sha256(data).hexdigest())


def _open(data: bytes, kind: str, name: str) -> tuple[ImageFile.ImageFile, int]:
    """Read the header alone, refuse what is too large or too small, and count the frames.

    The openers are called directly: `Image.open` would try other formats and warn about sizes that are
    judged here. Frames are counted where the header tells; a TIFF with more than one counts as 2.
    """
    frames = 0
    if kind == "WebP" and (size := sniff.webp_size(data)):
        _check_size(*size, name)
    if kind == "GIF":
        first = sniff.first_gif_frame(data)
        _check_size(*first.size, name)
        data, frames = first.data, first.frames
    image = _opener(kind)(io.BytesIO(data), "")
    _check_size(*image.size, name)
    if kind == "JPEG" and image.info.get("progressive"):
        scans = data.count(b"\xff\xda")
        if scans * image.width * image.height > _MAX_SCAN_PIXELS:
            raise errors.Truncated(name=name, why=f"{scans} progressive scans")
    if kind == "TIFF":
        frames = 2 if getattr(image, "is_animated", False) else 1
    return image, frames or int(getattr(image, "n_frames", 1))


def _opener(kind: str) -> type[ImageFile.ImageFile]:
    if kind == "HEIC":
        from pillow_heif import HeifImageFile

        return HeifImageFile
    return _OPENERS[kind]


def _orientation(image: ImageFile.ImageFile) -> int:
    """Return the EXIF orientation (1–8), 1 where there is none or the block is damaged."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a damaged EXIF block can raise anything and spoils nothing but itself
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


_STRIP_PIXELS = 4_000_000
"""Pictures are converted in strips of about this many pixels, so that a large one is not held three times
over.
"""


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    rows = max(1, _STRIP_PIXELS // image.width)
    if rows >= image.height:
        yield 0, image
        return
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _pixels(
    image: Image.Image, converter: colour.Converter
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    """Return the picture as sRGB flattened on white (H×W×3) and its alpha (H×W), None where all is opaque."""
    shape = (image.height, image.width)
    rgb = np.empty((*shape, 3), np.uint8)
    alpha = np.empty(shape, np.uint8) if converter.has_alpha else None
    for top, strip in _strips(image):
        flat, cover = converter.convert(strip)
        rgb[top : top + strip.height] = np.asarray(flat)
        if alpha is not None and cover is not None:
            alpha[top : top + strip.height] = np.asarray(cover)
    if alpha is not None and alpha.min() == 255:
        alpha = None
    return _frozen(rgb), None if alpha is None else _frozen(alpha)


def _from_array(array: npt.NDArray[np.uint8], name: str) -> Photo:
    channels = {2: 1, 3: array.shape[-1] if array.ndim == 3 else 0}.get(array.ndim, 0)
    if array.dtype != np.uint8 or channels not in ((1,) if array.ndim == 2 else (3, 4)):
        raise errors.BadArray(shape=array.shape, dtype=array.dtype)
    height, width = array.shape[:2]
    if not width or not height:
        raise errors.BadArray(shape=array.shape, dtype=array.dtype)
    _check_size(width, height, name)
    array = np.ascontiguousarray(array)
    digest = hashlib.sha256(repr(array.shape).encode())
    digest.update(array.data)
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    image = Image.fromarray(array)
    rgb, alpha = _pixels(image, colour.Converter(image, None))
    metadata = Metadata("array", mode, width, height, array.nbytes)
    return Photo(rgb, alpha, metadata, digest.hexdigest())


def _frozen(array: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    array.flags.writeable = False
    return array


class _Quiet:
    """Silences the decoders' warnings while any thread decodes.

    Python's warning filters belong to the whole process; the first thread in sets them and the last one out
    restores them, which `warnings.catch_warnings` alone does not do when threads overlap.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"(PIL|pillow_heif)(\.|$)")
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._saved.__exit__(kind, error, trace)


_quiet = _Quiet()
