"""A merchant's styles as one zip file, out and in; what comes in is trusted in nothing."""

from __future__ import annotations

import io
import os
import re
import stat
import uuid
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from styles.catalog import CARD, Catalog, parse_card
from styles.errors import BadArchive, PictureError, StyleError
from styles.pictures import plain_decode, to_webp
from styles.types import Card, Decoder, Style

MOST_FILES = 2_000
MOST_BYTES = 512_000_000
MOST_FILE_BYTES = 32_000_000
MOST_RATIO = 200
_MEMBER = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/([A-Za-z0-9][A-Za-z0-9._-]*)")
_CHUNK = 1 << 16


def export(styles: Sequence[Style], target: Path) -> int:
    """Write styles to a zip file, one folder each, and return how many; it appears whole or not at all.

    Raises: OSError.
    """
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for style in styles:
                archive.writestr(f"{style.id}/{CARD}", style.card.model_dump_json(indent=2))
                for path in style.heroes:
                    archive.write(path, f"{style.id}/{path.name}")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return len(styles)


def import_styles(source: Path | bytes, catalog: Catalog, decode: Decoder = plain_decode) -> list[Style]:
    """Add the styles of a zip file to the catalogue, under new ids where the old are taken, and return them.

    Everything is checked before anything is added: names, sizes, what each picture decodes to. Then all are
    added or, whatever happens, none. Pictures are written anew, so that nothing but pixels gets in.
    Raises: BadArchive, DiskFull, StoreError.
    """
    name = "the uploaded file" if isinstance(source, bytes) else source.name
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            folders = _members(archive, name)
            checked = [_style(archive, name, members, decode) for members in folders.values()]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, RuntimeError) as error:
        raise BadArchive(name=name, why=f"it is no sound zip file: {error}") from None
    except OSError as error:
        raise BadArchive(name=name, why=error.strerror or "it cannot be read") from None
    return catalog.insert(checked)


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Return the entries by folder and file name, having looked at the directory of the zip alone."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if not entries:
        raise BadArchive(name=name, why="it holds no styles")
    if len(entries) > MOST_FILES:
        raise BadArchive(name=name, why=f"it holds {len(entries)} files, over the limit of {MOST_FILES}")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise BadArchive(name=name, why=f"it unpacks to more than {MOST_BYTES // 1_000_000} MB")
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in entries:
        match = _MEMBER.fullmatch(entry.filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if not match or kind not in (0, stat.S_IFREG):
            raise BadArchive(name=name, why=f"the entry {entry.filename[:80]!r} is no plain style/file")
        if entry.file_size > MOST_FILE_BYTES or entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise BadArchive(name=name, why=f"the entry {entry.filename[:80]!r} unpacks to too much")
        inside = folders.setdefault(match[1], {})
        if match[2] in inside:
            raise BadArchive(name=name, why=f"the entry {entry.filename[:80]!r} is there twice")
        inside[match[2]] = entry
    return folders


def _style(
    archive: zipfile.ZipFile, name: str, members: dict[str, zipfile.ZipInfo], decode: Decoder
) -> tuple[str, dict[str, object], dict[str, bytes]]:
    """Return id, card fields and files of one style; its pictures are decoded and written anew."""
    if CARD not in members:
        raise BadArchive(name=name, why=f"a style has no {CARD}")
    try:
        card = parse_card(_read(archive, name, members[CARD]), members[CARD].filename)
        files, heroes = {}, []
        for number, hero in enumerate(card.heroes, 1):
            if hero.file not in members:
                raise BadArchive(name=name, why=f"the picture {hero.file!r} of {card.id!r} is missing")
            file = f"hero-{number}.webp"
            files[file] = to_webp(decode(_read(archive, name, members[hero.file])))
            heroes.append(hero.model_copy(update={"file": file}))
    except BadArchive:
        raise
    except StyleError as error:
        why = "an entry is no picture" if isinstance(error, PictureError) else str(error).rstrip(".")
        raise BadArchive(name=name, why=why) from error
    except Exception as error:
        # A decoder that was handed in raises errors of its own kind.
        raise BadArchive(name=name, why=f"an entry is no picture: {str(error).rstrip('.')}") from error
    values = {field: getattr(card, field) for field in Card.model_fields if field != "id"}
    return card.id, {**values, "heroes": tuple(heroes), "plate": None}, files


def _read(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry, and stop at its limit whatever the zip's directory said of its size."""
    parts, size = [], 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > min(MOST_FILE_BYTES, entry.file_size):
                raise BadArchive(name=name, why=f"the entry {entry.filename[:80]!r} unpacks to too much")
            parts.append(chunk)
    return b"".join(parts)
