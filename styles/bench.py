"""Measures the vector index at scale on synthetic vectors: speed of search and add, recall, memory.

The vectors are drawn as embeddings of pictures lie: around cluster centres, one for about a hundred vectors.
Centres and members spread in 24 dimensions only, turned at random, with a little noise in all of them.
Unclustered Gaussian vectors of full dimension would have no near neighbours to find.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator

import numpy as np

from styles.index import Ids, VectorIndex
from styles.types import Vectors

DIMENSION = 256
INTRINSIC = 24
_PER_CLUSTER = 100
_SPREAD = 0.45
_NOISE = 0.02
_BATCH = 20_000
_QUERIES = 200
_ADDED = 1_000
_K = 10


class Cloud:
    """A seeded source of synthetic unit vectors."""

    def __init__(self, count: int, dimension: int = DIMENSION, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self._centres = self._rng.standard_normal((max(1, count // _PER_CLUSTER), INTRINSIC))
        turned, _ = np.linalg.qr(self._rng.standard_normal((dimension, INTRINSIC)))
        self._basis = turned.T

    def draw(self, count: int) -> Vectors:
        """Return `count` unit vectors."""
        rng, size = self._rng, self._basis.shape[1]
        centres = self._centres[rng.integers(len(self._centres), size=count)]
        inner = centres + _SPREAD * rng.standard_normal((count, INTRINSIC))
        vectors = inner @ self._basis + _NOISE * rng.standard_normal((count, size))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors, np.float32)


def run(count: int, dimension: int = DIMENSION, queries: int = _QUERIES) -> dict[str, float | int | str]:
    """Build an index of `count` synthetic vectors and return its figures."""
    cloud = Cloud(count, dimension)
    probes = cloud.draw(queries)
    index = VectorIndex(dimension, "bench")
    best = np.full((queries, _K), -2.0, np.float32)
    ids = np.full((queries, _K), -1, np.int64)
    build = 0.0
    for start, vectors in _batches(cloud, count):
        best, ids = _merge(probes, vectors, start, best, ids)
        began = time.perf_counter()
        index.add(np.arange(start, start + len(vectors)), vectors)
        build += time.perf_counter() - began
    took, hits = [], 0
    for row in range(queries):
        began = time.perf_counter()
        _, found = index.search(probes[row : row + 1], _K)
        took.append((time.perf_counter() - began) * 1000)
        hits += len(set(found[0].tolist()) & set(ids[row].tolist()))
    extra = cloud.draw(_ADDED)
    began = time.perf_counter()
    index.add(np.arange(count, count + _ADDED), extra)
    added = time.perf_counter() - began
    return {
        "vectors": count,
        "dimension": dimension,
        "kind": "exact" if index.exact else "HNSW",
        "build_s": round(build, 1),
        "search_p50_ms": round(float(np.percentile(took, 50)), 3),
        "search_p95_ms": round(float(np.percentile(took, 95)), 3),
        "recall_at_10": round(hits / (queries * min(_K, count)), 4),
        "add_1000_s": round(added, 4),
        "rss_peak_gb": round(_peak(), 2),
    }


def _batches(cloud: Cloud, count: int) -> Iterator[tuple[int, Vectors]]:
    for start in range(0, count, _BATCH):
        yield start, cloud.draw(min(_BATCH, count - start))


def _merge(probes: Vectors, vectors: Vectors, start: int, best: Vectors, ids: Ids) -> tuple[Vectors, Ids]:
    """Keep the exact nearest of what was seen so far, which needs no second copy of all vectors."""
    likeness = np.concatenate([best, probes @ vectors.T], axis=1)
    fresh = np.tile(np.arange(start, start + len(vectors)), (len(probes), 1))
    numbers = np.concatenate([ids, fresh], axis=1)
    keep = np.argsort(-likeness, axis=1, kind="stable")[:, :_K]
    return np.take_along_axis(likeness, keep, 1), np.take_along_axis(numbers, keep, 1)


def _peak() -> float:
    """The most memory that this process has held, in GB."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e9
