"""The index of vectors: exact inner product while small, HNSW when large; a broken save is seen.

It knows nothing of styles: a vector has a number (int64), and that is all. Exact search is FAISS's flat
index; HNSW is Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search", 2018.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
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


class VectorIndex:
    """Unit vectors by number, searched by inner product.

    A deleted vector of the graph stays in it as a tombstone that no search returns, until a fifth are dead
    and the graph is built anew.
    """

    def __init__(self, dimension: int, checksum: str, exact_limit: int = EXACT_LIMIT) -> None:
        self.dimension = dimension
        self.checksum = checksum
        self.exact_limit = exact_limit
        self._dead: set[int] = set()
        self._live: set[int] = set()
        self._graph = False
        self._index = self._empty(graph=False)

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, number: int) -> bool:
        return number in self._live

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the vectors that searches return."""
        return frozenset(self._live)

    @property
    def exact(self) -> bool:
        """Whether every vector is compared."""
        return not self._graph

    def _empty(self, *, graph: bool) -> Any:
        faiss = _faiss()

        if not graph:
            return faiss.IndexIDMap2(faiss.IndexFlatIP(self.dimension))
        # On unit vectors L2 orders as the inner product does, and makes a better graph.
        inner = faiss.IndexHNSWFlat(self.dimension, _LINKS)
        inner.hnsw.efConstruction = _BUILD_EFFORT
        inner.hnsw.efSearch = _SEARCH_EFFORT
        return faiss.IndexIDMap2(inner)

    def add(self, numbers: npt.ArrayLike, vectors: Vectors) -> None:
        """Add vectors (n×d, unit rows) under their numbers; a number that is there is replaced."""
        ids, rows = self._revive(np.asarray(numbers, np.int64), np.asarray(vectors, np.float32))
        if not self._graph and len(self) + len(ids) > self.exact_limit:
            self._rebuild(graph=True)
        self._index.add_with_ids(np.ascontiguousarray(rows), np.ascontiguousarray(ids))
        self._live.update(int(i) for i in ids)

    def _revive(self, ids: Ids, vectors: Vectors) -> tuple[Ids, Vectors]:
        """Return what is left to add once tombstones with the same vector have been brought back to life."""
        self.remove(int(i) for i in ids if int(i) in self._live)
        left = np.ones(len(ids), np.bool_)
        for row, number in enumerate(ids):
            if int(number) in self._dead and np.array_equal(self._index.reconstruct(int(number)), vectors[row]):
                self._dead.discard(int(number))
                self._live.add(int(number))
                left[row] = False
        if any(int(i) in self._dead for i in ids[left]):
            self._compact()
        return ids[left], vectors[left]

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove vectors by number; a number that is not there is passed over."""
        gone = [n for n in numbers if n in self._live]
        if not gone:
            return
        self._live.difference_update(gone)
        if self._graph:
            self._dead.update(gone)
            if len(self._dead) > _COMPACT_SHARE * self._index.ntotal:
                self._compact()
        else:
            self._index.remove_ids(np.array(gone, np.int64))

    def search(self, vectors: Vectors, k: int) -> tuple[npt.NDArray[np.float32], Ids]:
        """Return likenesses and numbers (n×k, best first) of the nearest; -1 where there are fewer."""
        wanted = min(k, len(self))
        likeness = np.full((len(vectors), k), -1.0, np.float32)
        numbers = np.full((len(vectors), k), -1, np.int64)
        if not wanted:
            return likeness, numbers
        for row, (found, ids) in enumerate(self._candidates(vectors, wanted)):
            alive = [i for i, n in enumerate(ids) if n >= 0 and int(n) not in self._dead][:wanted]
            likeness[row, : len(alive)] = found[alive]
            numbers[row, : len(alive)] = ids[alive]
        return likeness, numbers

    def _candidates(self, vectors: Vectors, k: int) -> Iterable[tuple[npt.NDArray[np.float32], Ids]]:
        queries = np.ascontiguousarray(vectors, np.float32)
        if not self._graph:
            return list(zip(*self._index.search(queries, k), strict=True))
        faiss = _faiss()

        reach = k + len(self._dead) if len(self._dead) <= k else k
        options: dict[str, Any] = {"efSearch": max(_SEARCH_EFFORT, 2 * reach)}
        if reach == k and self._dead:
            dead = np.fromiter(self._dead, np.int64)
            options["sel"] = faiss.IDSelectorNot(faiss.IDSelectorBatch(dead))
        parameters = faiss.SearchParametersHNSW(**options)
        squared, ids = self._index.search(queries, min(reach, self._index.ntotal), params=parameters)
        return list(zip(1 - squared / 2, ids, strict=True))

    def vectors(self, numbers: Iterable[int]) -> Vectors:
        """Return the stored vectors of numbers that are there, n×d."""
        rows = [self._index.reconstruct(int(n)) for n in numbers]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def _compact(self) -> None:
        self._rebuild(graph=len(self) > self.exact_limit)

    def _rebuild(self, *, graph: bool) -> None:
        """Build anew from the living vectors, a slice at a time to spare memory."""
        faiss = _faiss()

        old, self._graph, self._dead = self._index, graph, set()
        self._index = self._empty(graph=graph)
        ids = faiss.vector_to_array(old.id_map)
        keep = np.flatnonzero(np.isin(ids, np.fromiter(self._live, np.int64, len(self._live))))
        inner = faiss.downcast_index(old.index)
        for start in range(0, len(keep), 20_000):
            part = keep[start : start + 20_000]
            self._index.add_with_ids(np.stack([inner.reconstruct(int(i)) for i in part]), ids[part])

    def save(self, folder: Path) -> None:
        """Write the index, then its manifest, so that a half-written save is the old one.

        Raises: OSError.
        """
        faiss = _faiss()

        folder.mkdir(parents=True, exist_ok=True)
        if self._dead:
            self._compact()
        data = memoryview(faiss.serialize_index(self._index))  # large: it is not copied
        digest = hashlib.sha256(data).hexdigest()
        file = folder / f"vectors-{digest[:16]}.faiss"
        _write(file, data)
        manifest = {
            "encoder": self.checksum,
            "dimension": self.dimension,
            "graph": self._graph,
            "file": file.name,
            "sha256": digest,
            "ids": sorted(self._live),
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
            if hashlib.sha256(data).hexdigest() != manifest["sha256"]:
                return None
            loaded = faiss.deserialize_index(np.frombuffer(data, np.uint8))
            ids = {int(i) for i in faiss.vector_to_array(loaded.id_map)}
            if ids != set(manifest["ids"]) or loaded.d != dimension:
                return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
            return None
        index = cls(dimension, checksum, exact_limit)
        index._index, index._live, index._graph = loaded, ids, bool(manifest["graph"])
        return index


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
