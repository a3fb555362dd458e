"""The index of vectors: exact inner product while small, HNSW when large; a broken save is seen.

It knows nothing of styles: a vector has a number (int64), and that is all. Exact search is FAISS's flat
index; HNSW is Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search", 2018.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from styles.types import Vectors

Ids = npt.NDArray[np.int64]

EXACT_LIMIT = 50_000
"""Up to this many vectors every one is compared; above, a graph is walked."""
MANIFEST = "manifest.json"
_LINKS = 16
_BUILD_EFFORT = 80
_SEARCH_EFFORT = 96
_COMPACT_SHARE = 0.2
_KEEP_SECONDS = 600
_SLICE = 20_000
_FEW = 64
"""Up to this many queries, or vectors to add, one thread is quicker."""
_DEAD = -1


class VectorIndex:
    """Unit vectors by number, searched by inner product.

    A vector lies in FAISS under its place, 0 upwards. One that was removed or replaced stays there as a tombstone
    that no search returns, until over a fifth are dead and the index is built anew. Searches may run side by side,
    but not beside a change.
    """

    def __init__(self, dimension: int, checksum: str, exact_limit: int = EXACT_LIMIT) -> None:
        self.dimension = dimension
        self.checksum = checksum
        self.exact_limit = exact_limit
        self._graph = False
        self._index = self._empty(graph=False)
        self._hold(np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, number: int) -> bool:
        return number in self._places

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the vectors that searches return."""
        return frozenset(self._places)

    @property
    def exact(self) -> bool:
        """Whether every vector is compared."""
        return not self._graph

    def _empty(self, *, graph: bool) -> Any:
        faiss = _faiss()

        if not graph:
            return faiss.IndexFlatIP(self.dimension)
        # On unit vectors L2 orders as the inner product does, and makes a better graph.
        inner = faiss.IndexHNSWFlat(self.dimension, _LINKS)
        inner.hnsw.efConstruction = _BUILD_EFFORT
        inner.hnsw.efSearch = _SEARCH_EFFORT
        return inner

    def _hold(self, numbers: Ids) -> None:
        """Take the numbers by place, `_DEAD` at a tombstone, and draw the bitmap of the living."""
        self._numbers = numbers
        self._places = {number: place for place, number in enumerate(numbers.tolist()) if number != _DEAD}
        self._mark()

    def _mark(self) -> None:
        self._alive = np.packbits(self._numbers != _DEAD, bitorder="little")

    def add(self, numbers: npt.ArrayLike, vectors: Vectors) -> None:
        """Add vectors (n×d, unit rows) under their numbers (≥ 0, each once); one that is there is replaced."""
        ids = np.asarray(numbers, np.int64)
        self.remove(ids.tolist())
        if not self._graph and len(self) + len(ids) > self.exact_limit:
            self._rebuild(graph=True)
        first = len(self._numbers)
        with threads_for(len(ids)):
            self._index.add(np.ascontiguousarray(vectors, np.float32))
        self._numbers = np.concatenate([self._numbers, ids])
        self._places.update(zip(ids.tolist(), range(first, first + len(ids)), strict=True))
        self._mark()

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove vectors by number; a number that is not there is passed over."""
        gone = [place for number in numbers if (place := self._places.pop(number, None)) is not None]
        if not gone:
            return
        self._numbers[gone] = _DEAD
        self._mark()
        if len(self._numbers) - len(self) > _COMPACT_SHARE * len(self._numbers):
            self._rebuild(graph=self._graph and len(self) > self.exact_limit)

    def search(self, vectors: Vectors, k: int) -> tuple[npt.NDArray[np.float32], Ids]:
        """Return likenesses and numbers (n×k, best first) of the nearest; -1 where there are fewer."""
        wanted = min(k, len(self))
        likeness = np.full((len(vectors), k), -1.0, np.float32)
        numbers = np.full((len(vectors), k), -1, np.int64)
        if not wanted:
            return likeness, numbers
        near, places = self._nearest(np.ascontiguousarray(vectors, np.float32), wanted)
        found = places >= 0
        likeness[:, :wanted][found] = near[found]
        numbers[:, :wanted][found] = self._numbers[places[found]]
        return likeness, numbers

    def _nearest(self, queries: Vectors, k: int) -> tuple[npt.NDArray[np.float32], Ids]:
        """Return likenesses and places (n×k) of the nearest living vectors."""
        faiss = _faiss()

        options: dict[str, Any] = {"efSearch": max(_SEARCH_EFFORT, 2 * k)} if self._graph else {}
        if len(self) < len(self._numbers):
            options["sel"] = faiss.IDSelectorBitmap(self._alive)
        parameters = (faiss.SearchParametersHNSW if self._graph else faiss.SearchParameters)(**options)
        with threads_for(len(queries)):
            near, places = self._index.search(queries, k, params=parameters)
        return (1 - near / 2 if self._graph else near), places

    def vectors(self, numbers: Iterable[int]) -> Vectors:
        """Return the stored vectors of numbers that are there, n×d."""
        return self._stored(np.array([self._places[int(number)] for number in numbers], np.int64))

    def _stored(self, places: Ids) -> Vectors:
        if not len(places):
            return np.zeros((0, self.dimension), np.float32)
        with threads_for(len(places)):
            return np.asarray(self._index.reconstruct_batch(places), np.float32)

    def _rebuild(self, *, graph: bool) -> None:
        """Build anew from the living vectors, a slice at a time to spare memory."""
        fresh = self._empty(graph=graph)
        kept = np.flatnonzero(self._numbers != _DEAD)
        for start in range(0, len(kept), _SLICE):
            fresh.add(self._stored(kept[start : start + _SLICE]))
        self._index, self._graph = fresh, graph
        self._hold(self._numbers[kept])

    def save(self, folder: Path) -> None:
        """Write the index, then its manifest, so that a half-written save is the old one.

        Raises: OSError.
        """
        faiss = _faiss()

        folder.mkdir(parents=True, exist_ok=True)
        data = memoryview(faiss.serialize_index(self._index))  # large: it is not copied
        digest = _digest(data, self._numbers)
        file = folder / f"vectors-{digest[:16]}.faiss"
        _write(file, data)
        manifest = {
            "encoder": self.checksum,
            "dimension": self.dimension,
            "graph": self._graph,
            "file": file.name,
            "sha256": digest,
            "numbers": self._numbers.tolist(),
        }
        _write(folder / MANIFEST, json.dumps(manifest).encode())
        for stale in folder.glob("vectors-*.faiss"):
            # Another process may be about to name a fresh one in its manifest.
            if stale != file and time.time() - stale.stat().st_mtime > _KEEP_SECONDS:
                stale.unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path, dimension: int, checksum: str, exact_limit: int = EXACT_LIMIT) -> VectorIndex | None:
        """Return the saved index, or None where there is none that is whole and made by the same encoder."""
        faiss = _faiss()

        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
            if (manifest["encoder"], manifest["dimension"]) != (checksum, dimension):
                return None
            data = (folder / Path(str(manifest["file"])).name).read_bytes()
            numbers = np.array(manifest["numbers"], np.int64)
            if _digest(data, numbers) != manifest["sha256"]:
                return None
            loaded = faiss.deserialize_index(np.frombuffer(data, np.uint8))
            if (loaded.d, loaded.ntotal) != (dimension, len(numbers)):
                return None
            index = cls(dimension, checksum, exact_limit)
            index._index, index._graph = loaded, bool(manifest["graph"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RuntimeError):
            return None
        index._hold(numbers)
        return index


@contextmanager
def threads_for(count: int) -> Iterator[None]:
    """Keep FAISS to one thread while it works on few vectors; many may have them all.

    To wake and await a second thread costs a small search more than it spares, on a busy machine fifty times its
    work. OpenMP keeps the setting for each calling thread, so that others are not touched.
    """
    faiss = _faiss()

    usual = faiss.omp_get_max_threads()
    if count > _FEW or usual == 1:
        yield
        return
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(usual)


def _digest(data: bytes | memoryview, numbers: Ids) -> str:
    digest = hashlib.sha256(data)
    digest.update(numbers.astype("<i8").tobytes())
    return digest.hexdigest()


def _faiss() -> Any:
    import faiss

    return faiss


def _write(path: Path, data: bytes | memoryview) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
