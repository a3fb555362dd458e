"""Files as Gradio's page sends them, turned into what the finder takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from styles.errors import StyleError

Upload = Mapping[str, Any]
"""A file on this server: its `path`, and the name it had as `orig_name`."""


class Expired(StyleError):
    """A picture was swept from this server before it was used."""

    en = "A picture was deleted from this server after a while, as promised. Add it again."
    zh = "图片已按承诺从服务器删除，请重新添加。"


def paths(uploads: Sequence[Upload | str] | Upload | str | None) -> tuple[Path, ...]:
    """Return the files of an upload, of none, one or several. Raises: Expired."""
    if not uploads:
        return ()
    several = [uploads] if isinstance(uploads, str | Mapping) else list(uploads)
    found = tuple(Path(str(each if isinstance(each, str) else each["path"])) for each in several)
    if any(not file.is_file() for file in found):
        raise Expired()
    return found


def words(text: str) -> list[str]:
    """Return words that were written with commas, Western or Chinese, between them."""
    for comma in "，、;；\n":
        text = text.replace(comma, ",")
    return [word.strip() for word in text.split(",") if word.strip()]
