from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from styles.catalog import Catalog
from styles.errors import DiskFull, StoreError
from styles.store import DATABASE, STAGING, Draft, Store, data_folder, write_file

ROOT = Path(__file__).parent.parent
PICTURE = np.full((60, 80, 3), (230, 210, 180), np.uint8)


def folders(data: Path) -> dict[str, int]:
    return {name: len(list((data / name).iterdir())) for name in ("style", "brand", STAGING)}


def full_after(files: int) -> object:
    """A writer for whom the disk is full after so many files."""
    written = []

    def write(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) > files:
            path.write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write_file(path, data)

    return write


@pytest.mark.parametrize("files", [0, 1])
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path, files: int) -> None:
    Catalog(Store(tmp_path)).add("First", [PICTURE])
    catalog = Catalog(Store(tmp_path, full_after(files)))  # type: ignore[arg-type]
    with pytest.raises(DiskFull, match="no room left"):
        catalog.add("Second", [PICTURE, PICTURE])
    assert [style.id for style in catalog.own()] == ["first"]
    assert folders(tmp_path) == {"style": 1, "brand": 0, STAGING: 0}


def test_a_full_database_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    store = Store(tmp_path)
    catalog = Catalog(store)
    catalog.add("First", [PICTURE])

    def card(id: str) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull):
        store.insert_styles([Draft("second", {"hero-1.webp": b"x"}, card)])
    assert folders(tmp_path) == {"style": 1, "brand": 0, STAGING: 0}
    assert store.revision == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="VITRINE_DATA"):
        Store(tmp_path / "file" / "data")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    Store(tmp_path)
    for file in tmp_path.glob("styles.sqlite3*"):
        file.unlink()
    (tmp_path / "styles.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError):
        Store(tmp_path)


def add_several(folder: str, worker: int, count: int) -> None:
    catalog = Catalog(Store(Path(folder)))
    for _ in range(count):
        catalog.add("Same name", [np.full((40, 40, 3), 40 * worker + 20, np.uint8)])


def test_two_processes_add_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=add_several, args=(str(tmp_path), i, 5)) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    own = Catalog(Store(tmp_path)).own()
    assert sorted(style.id for style in own) == sorted(["same-name", *(f"same-name-{n}" for n in range(2, 11))])
    assert all(path.is_file() for style in own for path in style.heroes)
    assert folders(tmp_path)["style"] == 10


def test_a_database_that_another_is_opening_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    Timer(0.3, lambda: other.execute("COMMIT")).start()
    assert Catalog(Store(tmp_path)).own() == []
    other.close()


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
import styles.store as store
from styles.catalog import Catalog

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

point, folder = sys.argv[1], Path(sys.argv[2])
def write(path, data):
    store.write_file(path, data)
    if point == "first file" or (point == "all files" and path.name == "hero-2.webp"):
        die()
replace = os.replace
def moved(source, target):
    replace(source, target)
    if point == "renamed":
        die()
store.os.replace = moved
catalog = Catalog(store.Store(folder, write))
catalog.add("Second", [np.full((40, 40, 3), 9, np.uint8)] * 2)
die()
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
@pytest.mark.parametrize(
    ("point", "after"),
    [
        ("first file", ["first"]),
        ("all files", ["first"]),
        ("renamed", ["first"]),
        ("done", ["first", "second"]),
    ],
)
def test_a_killed_add_leaves_the_catalogue_before_or_after(tmp_path: Path, point: str, after: list[str]) -> None:
    Catalog(Store(tmp_path)).add("First", [PICTURE])
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, point, str(tmp_path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    catalog = Catalog(Store(tmp_path))
    assert [style.id for style in catalog.own()] == after
    assert folders(tmp_path) == {"style": len(after), "brand": 0, STAGING: 0}
    assert catalog.add("Third", [PICTURE]).id == "third"


def test_the_staging_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def opened_meanwhile(path: Path, data: bytes) -> None:
        Store(tmp_path)
        write_file(path, data)

    Catalog(Store(tmp_path, opened_meanwhile)).add("First", [PICTURE])
    assert [row[0] for row in store.styles()] == ["first"]


def test_an_old_staging_of_another_machine_is_cleared(tmp_path: Path) -> None:
    Store(tmp_path)
    old, young = tmp_path / STAGING / "elsewhere-1-aa", tmp_path / STAGING / "elsewhere-1-bb"
    old.mkdir()
    young.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    Store(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_deleted_style_takes_its_files_along(tmp_path: Path) -> None:
    store = Store(tmp_path)
    catalog = Catalog(store)
    catalog.add("First", [PICTURE])
    before = store.revision
    assert store.delete("style", "first")
    assert not store.delete("style", "first")
    assert folders(tmp_path)["style"] == 0
    assert store.revision > before


def test_a_replaced_brand_keeps_only_its_new_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_brand("nova", "Nova", "{}", {"a": b"1"})
    store.put_brand("nova", "NOVA", '{"x": 1}', {"b": b"2"})
    ((id, name, data, version),) = store.brands()
    assert (id, name, data) == ("nova", "NOVA", '{"x": 1}')
    assert [path.name for path in store.path("brand", version).iterdir()] == ["b"]
    assert folders(tmp_path)["brand"] == 1


def test_the_data_folder_is_where_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_DATA", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"
    monkeypatch.delenv("VITRINE_DATA")
    monkeypatch.setenv("SPACE_ID", "someone/vitrine")
    monkeypatch.setattr("styles.store.os.access", lambda path, mode: True)
    assert data_folder() == Path("/data/vitrine")
    monkeypatch.setattr("styles.store.os.access", lambda path, mode: False)
    assert "vitrine" in data_folder().name
