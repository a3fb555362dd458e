"""The pictures of styles as data URIs: no file of the server is ever served.

The library's thumbnails travel once, as rules of a style sheet, so that every later gallery is a few kilobytes.
"""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from styles.types import Style

SIDE = 320
"""The side of a thumbnail in pixels."""
_QUALITY = 76
_log = logging.getLogger(__name__)


def thumbnail(style: Style) -> str | None:
    """Return a style's first hero as a small square WebP data URI, None where it cannot be read."""
    return _small(style.heroes[0], style.version, SIDE)


@lru_cache(maxsize=1024)
def _small(file: Path, version: str, side: int) -> str | None:
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            small = ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be shown: %s", file.name, error)
        return None
    stream = io.BytesIO()
    small.save(stream, "WEBP", quality=_QUALITY, method=2)
    return data_uri(stream.getvalue(), "image/webp")


def small(file: Path, side: int = 96) -> str | None:
    """Return any picture file as a small square WebP data URI, None where it cannot be read."""
    try:
        version = str(file.stat().st_mtime_ns)
    except OSError:
        return None
    return _small(file, version, side)


def large(file: Path) -> str | None:
    """Return a WebP of a style as it is, as a data URI; None where it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        _log.warning("%s cannot be shown: %s", file.name, error)
        return None
    return data_uri(data, "image/webp")


def data_uri(data: bytes, kind: str) -> str:
    """Return bytes as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def sheet(styles: Iterable[Style]) -> str:
    """Return the library's thumbnails as a style sheet in HTML; a merchant's own are not in it."""
    rules = []
    for style in styles:
        uri = None if style.own else thumbnail(style)
        if uri:
            rules.append(f".s-pic-{style.id}{{background-image:url({uri})}}")
    return f"<style>{''.join(rules)}</style>"
