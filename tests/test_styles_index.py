from __future__ import annotations

import json
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest

from styles.bench import Cloud, run
from styles.index import MANIFEST, VectorIndex, threads_for
from styles.types import Vectors


def filled(count: int, exact_limit: int = 10_000) -> tuple[VectorIndex, Vectors]:
    vectors = Cloud(count, 32, seed=3).draw(count)
    index = VectorIndex(32, "eyes-1", exact_limit)
    index.add(np.arange(count) * 7, vectors)
    return index, vectors


def nearest(vectors: Vectors, query: Vectors, k: int) -> list[int]:
    return [int(i) * 7 for i in np.argsort(-(vectors @ query))[:k]]


@pytest.mark.parametrize("limit", [10_000, 50])
def test_search_agrees_with_comparing_every_vector(limit: int) -> None:
    index, vectors = filled(400, limit)
    assert index.exact is (limit == 10_000)
    for query in Cloud(400, 32, seed=4).draw(10):
        likeness, numbers = index.search(query[None], 5)
        assert numbers[0].tolist() == nearest(vectors, query, 5)
        assert likeness[0] == pytest.approx(np.sort(vectors @ query)[::-1][:5], abs=1e-4)


@pytest.mark.parametrize("limit", [10_000, 50])
def test_what_was_removed_is_never_found(limit: int) -> None:
    index, vectors = filled(300, limit)
    gone = nearest(vectors, vectors[0], 20)
    index.remove(gone)
    _, numbers = index.search(vectors[:1], 30)
    assert not set(gone) & set(numbers[0].tolist())
    assert len(index) == 280
    assert numbers[0].tolist() == nearest(vectors, vectors[0], 50)[20:]


def test_a_graph_with_many_tombstones_is_built_anew() -> None:
    index, vectors = filled(300, 50)
    index.remove(range(0, 140 * 7, 7))
    _, numbers = index.search(vectors[200:201], 1)
    assert numbers.tolist() == [[200 * 7]]
    assert len(index) == 160
    index.remove(range(140 * 7, 280 * 7, 7))
    assert index.exact


def test_a_removed_vector_comes_back() -> None:
    index, vectors = filled(300, 50)
    index.remove([7])
    assert 7 not in index
    index.add([7], vectors[1:2])
    _, numbers = index.search(vectors[1:2], 1)
    assert (numbers.tolist(), len(index)) == ([[7]], 300)


@pytest.mark.parametrize("limit", [10_000, 50])
def test_adding_a_number_again_replaces_its_vector(limit: int) -> None:
    index, vectors = filled(120, limit)
    index.add([0], vectors[5:6] * -1)
    likeness, numbers = index.search(vectors[5:6] * -1, 1)
    assert (numbers.tolist(), len(index)) == ([[0]], 120)
    assert likeness[0, 0] == pytest.approx(1, abs=1e-4)
    assert index.vectors([0])[0] == pytest.approx(vectors[5] * -1, abs=1e-5)


@pytest.mark.parametrize("limit", [10_000, 50])
def test_replaced_and_removed_vectors_do_not_cloud_the_search(limit: int) -> None:
    rng = np.random.default_rng(8)
    index, vectors = filled(600, limit)
    fresh = Cloud(400, 32, seed=9).draw(400)
    rows = rng.permutation(600)
    for at in range(0, 400, 40):
        change, gone = rows[at : at + 40], rows[400 + at // 4 : 410 + at // 4]
        index.add(change * 7, fresh[at : at + 40])
        index.remove((gone * 7).tolist())
        vectors[change], vectors[gone] = fresh[at : at + 40], 0
    queries = Cloud(400, 32, seed=10).draw(100)
    likeness, numbers = index.search(queries, 10)
    expected = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    hits = sum(len(set(a.tolist()) & set((b * 7).tolist())) for a, b in zip(numbers, expected, strict=True))
    assert len(index) == 500
    assert hits / 1000 >= (1.0 if limit == 10_000 else 0.97)
    assert likeness[:, 0] == pytest.approx((queries * vectors[numbers[:, 0] // 7]).sum(1), abs=1e-4)


@pytest.mark.parametrize("limit", [10_000, 50])
def test_a_replaced_vector_does_not_build_the_index_anew(tmp_path: Path, limit: int) -> None:
    index, vectors = filled(300, limit)
    index.add([7], vectors[5:6] * -1)
    index.save(tmp_path)
    kept = json.loads((tmp_path / MANIFEST).read_text())["numbers"]
    assert (kept[1], kept[300], len(kept)) == (-1, 7, 301)
    again = VectorIndex.load(tmp_path, 32, "eyes-1", limit)
    assert again is not None
    assert again.numbers == index.numbers
    _, numbers = again.search(np.stack([vectors[1], vectors[5] * -1]), 300)
    assert numbers[1, 0] == 7
    assert sorted(numbers[0].tolist()) == sorted(index.numbers)


def test_few_queries_keep_to_one_thread_and_leave_others_theirs() -> None:
    inside, outside = threading.Event(), threading.Event()
    seen: list[int] = []

    def small() -> None:
        faiss.omp_set_num_threads(3)
        with threads_for(1):
            seen.append(faiss.omp_get_max_threads())
            inside.set()
            outside.wait(10)
        seen.append(faiss.omp_get_max_threads())
        with threads_for(100_000):
            seen.append(faiss.omp_get_max_threads())

    before = faiss.omp_get_max_threads()
    thread = threading.Thread(target=small)
    thread.start()
    assert inside.wait(10)
    assert faiss.omp_get_max_threads() == before
    outside.set()
    thread.join()
    assert seen == [1, 3, 3]


def test_a_search_that_fails_gives_the_threads_back() -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        index, _ = filled(20)
        with pytest.raises(AssertionError):
            index.search(np.ones((1, 5), np.float32), 3)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_an_empty_index_finds_nothing() -> None:
    _, numbers = VectorIndex(32, "eyes-1").search(np.ones((2, 32), np.float32), 3)
    assert numbers.tolist() == [[-1, -1, -1]] * 2


def test_fewer_vectors_than_asked_for_leave_blanks() -> None:
    index, vectors = filled(2)
    _, numbers = index.search(vectors[:1], 4)
    assert sorted(numbers[0].tolist()) == [-1, -1, 0, 7]


@pytest.mark.parametrize("limit", [10_000, 50])
def test_a_saved_index_is_read_back(tmp_path: Path, limit: int) -> None:
    index, vectors = filled(200, limit)
    index.remove([7])
    index.save(tmp_path)
    again = VectorIndex.load(tmp_path, 32, "eyes-1", limit)
    assert again is not None
    assert again.numbers == index.numbers
    assert again.exact == index.exact
    assert again.search(vectors[3:4], 5)[1].tolist() == index.search(vectors[3:4], 5)[1].tolist()
    again.add([10_001], vectors[:1])
    assert len(again) == 200


def test_an_index_of_another_encoder_is_not_read(tmp_path: Path) -> None:
    filled(20)[0].save(tmp_path)
    assert VectorIndex.load(tmp_path, 32, "eyes-2") is None
    assert VectorIndex.load(tmp_path, 64, "eyes-1") is None
    assert VectorIndex.load(tmp_path / "nowhere", 32, "eyes-1") is None


def test_a_half_written_index_is_not_read(tmp_path: Path) -> None:
    filled(20)[0].save(tmp_path)
    file = next(tmp_path.glob("*.faiss"))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert VectorIndex.load(tmp_path, 32, "eyes-1") is None
    file.write_bytes(whole[:-4] + b"\x00\x01\x02\x03")
    assert VectorIndex.load(tmp_path, 32, "eyes-1") is None
    file.unlink()
    assert VectorIndex.load(tmp_path, 32, "eyes-1") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"encoder": "eyes-1", "dimension": 32}'])
def test_a_broken_manifest_is_not_read(tmp_path: Path, text: str) -> None:
    filled(20)[0].save(tmp_path)
    (tmp_path / MANIFEST).write_text(text)
    assert VectorIndex.load(tmp_path, 32, "eyes-1") is None


def test_a_manifest_that_names_other_vectors_is_not_read(tmp_path: Path) -> None:
    filled(20)[0].save(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    manifest["numbers"].append(5)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    assert VectorIndex.load(tmp_path, 32, "eyes-1") is None


def test_a_save_that_breaks_off_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, vectors = filled(20)
    index.save(tmp_path)
    index.add([999], vectors[:1] * -1)

    def broken(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("styles.index.os.replace", broken)
    with pytest.raises(OSError, match="No space"):
        index.save(tmp_path)
    monkeypatch.undo()
    again = VectorIndex.load(tmp_path, 32, "eyes-1")
    assert again is not None
    assert 999 not in again
    assert not list(tmp_path.glob("*.part"))


def test_the_benchmark_reports_what_it_measured() -> None:
    figures = run(3_000, 64, queries=20)
    assert (figures["vectors"], figures["kind"], figures["recall_at_10"]) == (3_000, "exact", 1.0)
    assert all(float(figures[name]) > 0 for name in ("search_p50_ms", "rss_peak_gb"))
    assert float(figures["add_1000_s"]) < 60
