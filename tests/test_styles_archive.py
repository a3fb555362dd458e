from __future__ import annotations

import errno
import io
import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from styles.archive import MOST_FILES, export, import_styles
from styles.catalog import Catalog
from styles.errors import BadArchive, DiskFull
from styles.store import Store, write_file

PICTURE = np.full((60, 80, 3), (230, 210, 180), np.uint8)
CARD = {
    "id": "sea-mist",
    "name": {"en": "Sea mist", "zh": "海雾"},
    "palette": [{"hex": "#C9A982", "share": 1.0}],
    "heroes": [{"file": "a.png"}],
}


def png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(PICTURE).save(stream, "PNG")
    return stream.getvalue()


def packed(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def sound() -> dict[str, bytes]:
    return {"sea-mist/card.json": json.dumps(CARD).encode(), "sea-mist/a.png": png()}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(Store(tmp_path / "data"), tmp_path / "library")


def test_styles_go_out_and_come_in(tmp_path: Path, catalog: Catalog) -> None:
    catalog.add("Sea mist", [PICTURE, PICTURE // 2], name_zh="海雾", words=["sea"])
    assert export(catalog.own(), tmp_path / "out.zip") == 1
    other = Catalog(Store(tmp_path / "other"), tmp_path / "library")
    (style,) = import_styles(tmp_path / "out.zip", other)
    assert style.card == catalog.get("sea-mist").card
    assert import_styles(tmp_path / "out.zip", other)[0].id == "sea-mist-2"


def test_what_comes_in_is_written_anew(catalog: Catalog) -> None:
    picture = png() + b"<script>smuggled</script>"
    (style,) = import_styles(packed({**sound(), "sea-mist/a.png": picture}), catalog)
    assert [path.name for path in style.heroes] == ["hero-1.webp"]
    assert b"smuggled" not in style.heroes[0].read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../card.json",
        "sea-mist/../../x.png",
        "/etc/passwd",
        "C:\\x.png",
        "sea-mist\\a.png",
        "sea-mist/deep/a.png",
        "a.png",
        "sea-mist/.hidden",
        "sea-mist/" + "\u202e" + "gnp.exe",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(catalog: Catalog, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadArchive, match="no plain style/file"):
        import_styles(packed({**sound(), name: png()}), catalog)
    assert catalog.own() == []
    assert not (tmp_path / "card.json").exists()


def test_a_link_is_refused(catalog: Catalog) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in sound().items():
            archive.writestr(name, data)
        link = zipfile.ZipInfo("sea-mist/b.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadArchive, match="no plain"):
        import_styles(stream.getvalue(), catalog)


def test_a_bomb_is_refused_before_it_is_unpacked(catalog: Catalog) -> None:
    bomb = packed({**sound(), "sea-mist/b.png": bytes(20_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(BadArchive, match="unpacks to too much"):
        import_styles(bomb, catalog)


def test_a_size_that_lies_is_found_out(catalog: Catalog) -> None:
    data = packed({**sound(), "sea-mist/a.png": png() + bytes(400_000)}, zipfile.ZIP_STORED)
    true = (len(png()) + 400_000).to_bytes(4, "little")
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"PK\x01\x02") + 4)
    lying = data[: at + 24] + data[at + 24 :].replace(true, (1000).to_bytes(4, "little"), 1)
    with pytest.raises(BadArchive):
        import_styles(lying, catalog)


def test_too_many_files_are_refused(catalog: Catalog) -> None:
    entries = {f"s{i}/a.png": b"" for i in range(MOST_FILES + 1)}
    with pytest.raises(BadArchive, match="over the limit"):
        import_styles(packed(entries), catalog)


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({}, "no styles"),
        ({"sea-mist/a.png": b"x"}, "no card.json"),
        ({**sound(), "sea-mist/a.png": b"GIF89a not really"}, "no picture"),
        ({"sea-mist/card.json": b"{}", "sea-mist/a.png": b"x"}, "field"),
        ({"sea-mist/card.json": json.dumps(CARD).encode()}, "missing"),
    ],
)
def test_what_is_no_style_is_refused(catalog: Catalog, entries: dict[str, bytes], why: str) -> None:
    with pytest.raises(BadArchive, match=why):
        import_styles(packed(entries), catalog)
    assert catalog.own() == []


@pytest.mark.parametrize("data", [b"", b"no zip", packed(sound())[:-30], packed(sound())[:200]])
def test_what_is_no_zip_is_refused(catalog: Catalog, data: bytes) -> None:
    with pytest.raises(BadArchive):
        import_styles(data, catalog)


def test_a_damaged_entry_is_refused(catalog: Catalog) -> None:
    data = bytearray(packed(sound()))
    data[data.index(b"Sea mist")] ^= 1
    with pytest.raises(BadArchive):
        import_styles(bytes(data), catalog)


def test_a_missing_file_is_said(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="No such file"):
        import_styles(tmp_path / "none.zip", catalog)


def several() -> bytes:
    """Return a zip of three styles, the second of two pictures: four files to be written."""
    heroes = [{"file": "a.png"}, {"file": "b.png"}]
    entries = {f"{id}/card.json": json.dumps(CARD | {"id": id}).encode() for id in ("one", "three")}
    entries |= {"two/card.json": json.dumps(CARD | {"id": "two", "heroes": heroes}).encode()}
    return packed(entries | dict.fromkeys(("one/a.png", "two/a.png", "two/b.png", "three/a.png"), png()))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of the styles, and of what was staged, by path."""
    files = (path for kind in ("style", "staging") for path in (folder / kind).rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"" for path in files}


@pytest.mark.parametrize("last", range(4))
def test_a_disk_that_fills_midway_takes_all_of_an_import_back(tmp_path: Path, last: int) -> None:
    Catalog(Store(tmp_path / "data"), tmp_path / "library").add("Kept", [PICTURE])
    before = contents(tmp_path / "data")
    written: list[Path] = []

    def fills(path: Path, data: bytes) -> None:
        if len(written) == last:
            path.write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        write_file(path, data)

    catalog = Catalog(Store(tmp_path / "data", fills), tmp_path / "library")
    with pytest.raises(DiskFull, match="nothing was changed"):
        import_styles(several(), catalog)
    assert len(written) == last
    assert [style.id for style in catalog.own()] == ["kept"]
    assert contents(tmp_path / "data") == before
    room = Catalog(Store(tmp_path / "data"), tmp_path / "library")
    assert [style.id for style in import_styles(several(), room)] == ["one", "three", "two"]


@pytest.mark.parametrize("last", range(3))
def test_a_disk_that_fills_while_styles_are_put_in_place_takes_all_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    catalog = Catalog(Store(tmp_path / "data"), tmp_path / "library")
    catalog.add("Kept", [PICTURE])
    before, replace, moved = contents(tmp_path / "data"), os.replace, []

    def fills(source: Path, target: Path) -> None:
        if len(moved) == last:
            raise OSError(errno.ENOSPC, "No space left on device")
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr("styles.store.os.replace", fills)
    with pytest.raises(DiskFull):
        import_styles(several(), catalog)
    monkeypatch.undo()
    assert len(moved) == last
    assert [style.id for style in catalog.own()] == ["kept"]
    assert contents(tmp_path / "data") == before


def test_a_database_that_cannot_grow_takes_all_of_an_import_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    catalog = Catalog(store, tmp_path / "library")
    catalog.add("Kept", [PICTURE])
    before = contents(tmp_path / "data")
    long = json.dumps(CARD | {"prompt": "marble " * 5_000}).encode()
    archive = packed({**sound(), "long/card.json": long.replace(b"sea-mist", b"long"), "long/a.png": png()})
    real = store._connect

    @contextmanager
    def small() -> Iterator[sqlite3.Connection]:
        with real() as connection:
            connection.execute("PRAGMA max_page_count = 8")
            yield connection

    store._connect = small  # type: ignore[method-assign]
    with pytest.raises(DiskFull, match="nothing was changed"):
        import_styles(archive, catalog)
    assert [style.id for style in catalog.own()] == ["kept"]
    assert contents(tmp_path / "data") == before


def test_an_export_that_fails_leaves_no_half_file(tmp_path: Path, catalog: Catalog) -> None:
    catalog.add("Sea mist", [PICTURE])
    style = catalog.get("sea-mist")
    style.heroes[0].unlink()
    with pytest.raises(OSError, match="No such file"):
        export([style], tmp_path / "out.zip")
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".*.part"))
