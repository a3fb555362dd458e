"""Fetches pictures from public addresses into a folder, at a steady pace, and goes on where it was stopped.

Files are named by the SHA-256 of what is in them; `manifest.jsonl` says which address gave which, a line each, the
last of an address being the one that holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpcore
import httpx

from evaluator.decode import decode
from evaluator.errors import DecodeError
from evaluator.sniff import sniff
from evaluator.training.addresses import AddressRefused, Gate, GuardedBackend

MANIFEST = "manifest.jsonl"
FILES = "files"
MOST_REDIRECTS = 5
LONGEST_WAIT = 60.0
"""Most seconds that a server may make us wait before we ask again."""
AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Answers of a server that may be another one later."""
_HEADERS = ((b"User-Agent", b"vitrine-hfpc/1"), (b"Accept", b"image/*"), (b"Accept-Encoding", b"identity"))


@dataclass(frozen=True, slots=True)
class Pace:
    """How gently to ask: requests a second, tries of an address, seconds before the second try (then twice as long).

    `most_bytes` is the largest file, `timeout` the seconds to wait for a connection or the next bytes, `longest` those
    that one file may take.
    """

    per_second: float = 4.0
    tries: int = 4
    wait: float = 1.0
    most_bytes: int = 20_000_000
    timeout: float = 20.0
    longest: float = 120.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of an address: a file of the folder, or an error; a `final` one is not tried again."""

    address: str
    file: str = ""
    error: str = ""
    final: bool = True


class _Later(Exception):
    """An attempt failed that may succeed later, after at least `wait` seconds."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class _Refused(Exception):
    """What an address gives is not wanted."""


class Store:
    """A folder of fetched pictures with its manifest."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which is made where there is none; what it holds is known at once. Raises OSError."""
        self.folder, self.manifest = folder, folder / MANIFEST
        (folder / FILES).mkdir(parents=True, exist_ok=True)
        self.known = {each.address: each for each in self._read()}

    def done(self, address: str) -> bool:
        """Return whether an address needs no more asking."""
        found = self.known.get(address)
        return found is not None and found.final and (bool(found.error) or (self.folder / found.file).is_file())

    def file(self, address: str) -> Path | None:
        """Return the file that an address gave, if it did."""
        found = self.known.get(address)
        path = self.folder / found.file if found and found.file else None
        return path if path and path.is_file() else None

    def keep(self, address: str, data: bytes, ending: str) -> Fetched:
        """Write what an address gave; return what the manifest now says of it."""
        name = hashlib.sha256(data).hexdigest()
        file = f"{FILES}/{name[:2]}/{name}.{ending}"
        path = self.folder / file
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(data)
            os.replace(part, path)
        return self.note(Fetched(address, file))

    def note(self, found: Fetched) -> Fetched:
        """Write down what became of an address."""
        self.known[found.address] = found
        with self.manifest.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(found)) + "\n")
        return found

    def _read(self) -> Iterator[Fetched]:
        """Yield the manifest's lines; one that broke off when the machine stopped is cut away."""
        if not self.manifest.is_file():
            return
        whole, end = self.manifest.read_bytes(), 0
        for line in whole.splitlines(keepends=True):
            try:
                if not line.endswith(b"\n"):
                    break
                yield Fetched(**json.loads(line))
            except (ValueError, TypeError):
                raise ValueError(
                    f"{self.manifest} is damaged after {end} bytes; delete what follows, or the whole file."
                ) from None
            end += len(line)
        if end < len(whole):
            os.truncate(self.manifest, end)


class Downloader:
    """Asks addresses one after the other; a context, which closes its connections."""

    def __init__(self, store: Store, pace: Pace = Pace(), gate: Gate = Gate()) -> None:  # noqa: B008 - both are frozen
        """Take where files go, how gently to ask, and what may be asked."""
        self._store, self._pace, self._gate = store, pace, gate
        context = ssl.create_default_context()
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=GuardedBackend(gate), retries=0)
        self._next = 0.0

    def __enter__(self) -> Downloader:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._pool.close()

    def run(self, addresses: Iterable[str]) -> Iterator[Fetched]:
        """Yield what became of each address that is not done, in order; all is written down before it is yielded."""
        for address in addresses:
            if not self._store.done(address):
                yield self.fetch(address)

    def fetch(self, address: str) -> Fetched:
        """Fetch one address, with retries; return what became of it."""
        why = "it was not asked"
        for turn in range(self._pace.tries):
            try:
                data = self._ask(address)
                return self._store.keep(address, data, _ending(data))
            except (AddressRefused, _Refused, DecodeError) as error:
                return self._store.note(Fetched(address, error=str(error)))
            except (_Later, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                why = str(error) or type(error).__name__
                if turn + 1 < self._pace.tries:
                    asked = error.wait if isinstance(error, _Later) else 0.0
                    time.sleep(min(LONGEST_WAIT, max(asked, self._pace.wait * 2**turn)))
        return self._store.note(Fetched(address, error=f"{why}, {self._pace.tries} times", final=False))

    def _ask(self, address: str) -> bytes:
        """Return the bytes at an address, redirects followed. Raises AddressRefused, _Refused, _Later, httpcore's."""
        url = self._gate.url(address)
        for _ in range(MOST_REDIRECTS + 1):
            self._hold()
            place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            limits = dict.fromkeys(("connect", "read", "write", "pool"), self._pace.timeout)
            with self._pool.stream(
                "GET", place, headers=[(b"Host", url.netloc), *_HEADERS], extensions={"timeout": limits}
            ) as answer:
                headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
                if answer.status not in (301, 302, 303, 307, 308):
                    return self._body(answer, headers)
            if b"location" not in headers:
                raise _Refused(f"it answers {answer.status} without saying where to go")
            url = self._gate.url(_joined(url, headers[b"location"]))
        raise _Refused(f"it redirects more than {MOST_REDIRECTS} times")

    def _body(self, answer: httpcore.Response, headers: Mapping[bytes, str]) -> bytes:
        """Return the bytes of an answer, read only as far as they are wanted. Raises _Refused, _Later."""
        if answer.status in AGAIN:
            asked = headers.get(b"retry-after", "")
            raise _Later(f"it answers {answer.status}", float(asked) if asked.isdecimal() else 0.0)
        if answer.status != 200:
            raise _Refused(f"it answers {answer.status}")
        if headers.get(b"content-encoding", "identity") != "identity":
            raise _Refused(f"it sends {headers[b'content-encoding']}, expected a picture as it is")
        most, promised = self._pace.most_bytes, headers.get(b"content-length", "")
        if promised.isdecimal() and int(promised) > most:
            raise _Refused(f"it is {int(promised) / 1e6:.1f} MB, over the limit of {most / 1e6:.0f} MB")
        found, end = bytearray(), time.monotonic() + self._pace.longest
        for part in answer.iter_stream():
            found += part
            if len(found) > most:
                raise _Refused(f"it is over the limit of {most / 1e6:.0f} MB")
            if time.monotonic() > end:
                raise _Later(f"it takes longer than {self._pace.longest:.0f} seconds")
        return bytes(found)

    def _hold(self) -> None:
        """Wait until the next request is due."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self._pace.per_second


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except httpx.InvalidURL as error:
        raise _Refused(f"it redirects to {location!r}, which is no address ({error})") from None


def _ending(data: bytes) -> str:
    """Return the ending of a picture's file. Raises DecodeError where the bytes are no picture that can be judged."""
    decode(data)
    kind = sniff(data)
    assert kind is not None, "it was decoded"
    return kind.lower()
