"""Pictures in and out: paths, bytes and arrays become pixels; pixels become small WebP files."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from styles.errors import NoPictures, PictureError, StyleError, TooManyPixels, Unreadable
from styles.types import Decoder, Picture, Rgb

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif"}
)
SIDE = 1024
"""The longer side of a stored picture, in pixels."""
_QUALITY = 88
_MAX_PIXELS = 64_000_000
_MAX_BYTES = 64_000_000
_OPENING = threading.Lock()


def plain_decode(source: str | Path | bytes) -> Rgb:
    """Return the upright sRGB pixels of a file or its bytes; the decoder used where none is handed in.

    Raises: PictureError.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = "the uploaded file" if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise PictureError(name=name, why=error.strerror or "it cannot be opened") from None
    if len(data) > _MAX_BYTES:
        raise PictureError(name=name, why=f"it is larger than {_MAX_BYTES // 1_000_000} MB")
    try:
        # Pillow only warns of pictures that are somewhat too large. The filters are the whole process's: one at a time.
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data))
        with opened as image:
            if image.width * image.height > _MAX_PIXELS:
                raise TooManyPixels(name=name, limit=_MAX_PIXELS // 1_000_000)
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                with_alpha = upright.convert("RGBA")
                upright = Image.new("RGB", with_alpha.size, "white")
                upright.paste(with_alpha, mask=with_alpha.getchannel("A"))
            return np.asarray(upright.convert("RGB"))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise TooManyPixels(name=name, limit=_MAX_PIXELS // 1_000_000) from None
    except UnidentifiedImageError:
        raise PictureError(name=name, why="it is no picture of a known format") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(name=name, why=str(error) or "it is damaged") from None


def pixels(picture: Picture, decode: Decoder = plain_decode) -> Rgb:
    """Return the pixels (H×W×3 uint8) of a path, bytes or array.

    Raises: PictureError, for whatever the decoder objects to.
    """
    if isinstance(picture, np.ndarray):
        if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype != np.uint8 or not picture.size:
            why = f"an array of shape {picture.shape} and type {picture.dtype} is not height × width × 3 uint8"
            raise PictureError(name="the array", why=why)
        return np.ascontiguousarray(picture[..., :3])
    try:
        return decode(picture)
    except StyleError:
        raise
    except Exception as error:
        # The decoder is handed in, and so are the kinds of its errors; one with sentences says what is wrong.
        sentence = getattr(error, "sentence", None)
        if callable(sentence):
            raise Unreadable(said=sentence("en"), said_zh=sentence("zh")) from error
        name = "the uploaded file" if isinstance(picture, bytes) else Path(picture).name
        raise PictureError(name=name, why=str(error).rstrip(".")) from error


def walk(paths: Sequence[str | Path]) -> list[Path]:
    """Return the files that are named and the pictures in the folders that are named, in order.

    Raises: NoPictures.
    """
    found: list[Path] = []
    for each in map(Path, paths):
        if each.is_dir():
            inside = sorted(p for p in each.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
            if not inside:
                raise NoPictures(path=each)
            found += inside
        elif each.exists():
            found.append(each)
        else:
            raise NoPictures(path=each)
    if not found:
        raise NoPictures(path="(nothing)")
    return found


def to_webp(picture: Rgb, side: int = SIDE) -> bytes:
    """Return the picture as a WebP file, made smaller where its longer side is over `side`."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=_QUALITY, method=4)
    return stream.getvalue()
