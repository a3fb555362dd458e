"""The data folder and its database: where a merchant's styles and brands are kept, safely with two processes.

Files are staged in a folder of their own, which is renamed into place under the database's write lock and
then committed; whatever a killed process left behind is an orphan that the next opening clears away.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from styles.errors import DiskFull, StoreError

DATABASE = "styles.sqlite3"
STAGING = "staging"
_WAIT_SECONDS = 30.0
_STALE_SECONDS = 3600
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""The second is what a file shared by connections gives that cannot grow."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS style (
    id TEXT PRIMARY KEY, card TEXT NOT NULL, version TEXT NOT NULL, created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS brand (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, data TEXT NOT NULL, version TEXT NOT NULL, created TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO state VALUES ('revision', 0);
"""

Writer = Callable[[Path, bytes], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A style to be added: the id it wants, its files by name, and what gives its card (JSON) for an id."""

    wanted: str
    files: Mapping[str, bytes]
    card: Callable[[str], str]


def data_folder() -> Path:
    """Return where to keep a merchant's data: VITRINE_DATA, /data on a Space, else the user's data folder."""
    import platformdirs

    chosen = os.environ.get("VITRINE_DATA")
    if chosen:
        return Path(chosen).expanduser()
    space = Path("/data")
    if os.environ.get("SPACE_ID") and os.access(space, os.W_OK):
        return space / "vitrine"
    return Path(platformdirs.user_data_dir("vitrine", appauthor=False))


def write_file(path: Path, data: bytes) -> None:
    """Write a file and wait until it lies on the disk."""
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


class Store:
    """A data folder: `style` and `brand` rows in SQLite (WAL), and for each row a folder of files."""

    def __init__(self, folder: Path, write: Writer = write_file) -> None:
        """Open the folder, make it where it is missing, and clear away orphans.

        Raises: StoreError, DiskFull.
        """
        self.folder = folder
        self._write = write
        with self._guard():
            for name in ("style", "brand", STAGING):
                (folder / name).mkdir(parents=True, exist_ok=True)
            with self._connect() as connection:
                _write_ahead(connection)
                connection.executescript(_SCHEMA)
            self._clear_orphans()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn what the disk and the database object to into errors of this package."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) in _NO_ROOM:
                raise DiskFull(folder=self.folder) from error
            raise StoreError(folder=self.folder, why=str(error)) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(folder=self.folder) from error
            raise StoreError(folder=self.folder, why=error.strerror or str(error)) from error

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.folder / DATABASE, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock; it commits and counts the revision up, or undoes all."""
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE state SET value = value + 1 WHERE name = 'revision'")
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def path(self, table: str, version: str) -> Path:
        """The folder of a row's files."""
        return self.folder / table / version

    @property
    def revision(self) -> int:
        """A number that grows with every change, by whichever process."""
        with self._guard(), self._connect() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = 'revision'").fetchone()
            return int(row[0])

    def styles(self) -> list[tuple[str, str, str]]:
        """Return id, card (JSON) and version of each style, oldest first."""
        with self._guard(), self._connect() as connection:
            return connection.execute("SELECT id, card, version FROM style ORDER BY rowid").fetchall()

    def brands(self) -> list[tuple[str, str, str, str]]:
        """Return id, name, data (JSON) and version of each brand, oldest first."""
        with self._guard(), self._connect() as connection:
            return connection.execute("SELECT id, name, data, version FROM brand ORDER BY rowid").fetchall()

    @contextmanager
    def _staged(self, files: Mapping[str, bytes]) -> Iterator[Path]:
        """Write files into a fresh folder, which vanishes at the end unless it was renamed away."""
        staging = self.folder / STAGING / f"{_owner()}-{uuid.uuid4().hex}"
        try:
            staging.mkdir()
            for name, data in files.items():
                self._write(staging / name, data)
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def insert_styles(self, drafts: Sequence[Draft], reserved: Collection[str] = ()) -> list[str]:
        """Add styles with their files, all of them or none, and return their ids.

        Each has the id that it wants, or the first free one after it; an id in `reserved` is not free.
        Raises: DiskFull, StoreError.
        """
        versions = [uuid.uuid4().hex for _ in drafts]
        with self._guard(), ExitStack() as stack:
            places = [stack.enter_context(self._staged(draft.files)) for draft in drafts]
            for version in versions:
                stack.enter_context(self._moved("style", version))
            with self._change() as connection:
                taken = {row[0] for row in connection.execute("SELECT id FROM style")}.union(reserved)
                ids = []
                for draft, staging, version in zip(drafts, places, versions, strict=True):
                    free = next(name for name in _candidates(draft.wanted) if name not in taken)
                    taken.add(free)
                    ids.append(free)
                    os.replace(staging, self.path("style", version))
                    row = (free, draft.card(free), version)
                    connection.execute("INSERT INTO style VALUES (?, ?, ?, datetime('now'))", row)
            return ids

    def put_brand(self, id: str, name: str, data: str, files: Mapping[str, bytes]) -> None:
        """Add a brand with its files, or replace it. Raises: DiskFull, StoreError."""
        version = uuid.uuid4().hex
        with self._guard(), self._staged(files) as staging, self._moved("brand", version):
            with self._change() as connection:
                old = connection.execute("SELECT version FROM brand WHERE id = ?", (id,)).fetchone()
                os.replace(staging, self.path("brand", version))
                connection.execute(
                    "INSERT INTO brand VALUES (?, ?, ?, ?, datetime('now')) ON CONFLICT (id) DO UPDATE "
                    "SET name = excluded.name, data = excluded.data, version = excluded.version",
                    (id, name, data, version),
                )
            if old:
                shutil.rmtree(self.path("brand", old[0]), ignore_errors=True)

    @contextmanager
    def _moved(self, table: str, version: str) -> Iterator[None]:
        """Take the renamed folder away again where the row was not committed."""
        try:
            yield
        except BaseException:
            shutil.rmtree(self.path(table, version), ignore_errors=True)
            raise

    def update_card(self, id: str, card: str) -> bool:
        """Replace the card of a style; False where there is none. Raises: DiskFull, StoreError."""
        with self._guard(), self._change() as connection:
            return connection.execute("UPDATE style SET card = ? WHERE id = ?", (card, id)).rowcount > 0

    def delete(self, table: str, id: str) -> bool:
        """Delete a style or a brand with its files; False where there is none."""
        query = {"style": "style", "brand": "brand"}[table]
        with self._guard():
            with self._change() as connection:
                row = connection.execute(f"DELETE FROM {query} WHERE id = ? RETURNING version", (id,)).fetchone()
            if row:
                # A process killed here leaves an orphan, which the next opening clears away.
                shutil.rmtree(self.path(table, row[0]), ignore_errors=True)
            return row is not None

    def _clear_orphans(self) -> None:
        """Remove the folders of no row, under the write lock, and the stagings of no living process."""
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in ("style", "brand"):
                known = {row[0] for row in connection.execute(f"SELECT version FROM {table}")}
                for found in (self.folder / table).iterdir():
                    if found.name not in known:
                        shutil.rmtree(found, ignore_errors=True)
            connection.execute("ROLLBACK")
        for staging in (self.folder / STAGING).iterdir():
            if _abandoned(staging):
                shutil.rmtree(staging, ignore_errors=True)


def _owner() -> str:
    host = "".join(c for c in socket.gethostname() if c.isalnum())[:40]
    return f"{host}-{os.getpid()}"


def _abandoned(staging: Path) -> bool:
    """Whether the process that staged here is gone; on another machine or without such a look, by age."""
    host, _, rest = staging.name.partition("-")
    pid = rest.partition("-")[0]
    if os.name == "posix" and pid.isdigit() and host == _owner().partition("-")[0]:
        if int(pid) == os.getpid():
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    try:
        return time.time() - staging.stat().st_mtime > _STALE_SECONDS
    except OSError:
        return False


def _candidates(wanted: str) -> Iterator[str]:
    yield wanted
    number = 2
    while True:
        yield f"{wanted}-{number}"
        number += 1


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a log of writes ahead; where another process is about to do the same, wait, for SQLite itself does not."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
