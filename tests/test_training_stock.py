"""Stock photographs: what is taken out of a package, and what is not."""

from __future__ import annotations

import io
import tarfile
from argparse import Namespace
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pytest

from evaluator.training import stock
from evaluator.training.sources import listing
from evaluator.training.stock import ALIKE, Package, difference_hash, fetched, listed, pictures
from evaluator.types import Rgb

PEOPLE = Package("@house/kit@1.0.0", "demos", ("img/faces", "img/photos"), ("logo",))


def picture(seed: int, side: int = 160) -> Rgb:
    """A picture of large soft spots, another for each seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def jpeg(rgb: Rgb) -> bytes:
    """The bytes of a picture as a JPEG."""
    return cv2.imencode(".jpg", rgb[..., ::-1])[1].tobytes()


def package(members: dict[str, bytes]) -> bytes:
    """A package with some files."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return kept.getvalue()


def test_photographs_of_the_folders_alone_are_taken() -> None:
    shown, tiny = jpeg(picture(1)), jpeg(picture(1, 60))
    found = dict(
        pictures(
            package(
                {
                    "package/img/faces/ann.jpg": shown,
                    "package/img/photos/deep/room.jpg": shown,
                    "package/img/faces/logo.jpg": shown,
                    "package/img/ann.jpg": shown,
                    "package/img/faces/tiny.jpg": tiny,
                    "package/img/faces/read.me": shown,
                    "package/img/faces/broken.jpg": b"\xff\xd8\xff not a picture",
                }
            ),
            PEOPLE,
        )
    )
    assert sorted(found) == ["house-kit-img-faces-ann.jpg", "house-kit-img-photos-deep-room.jpg"]
    assert found["house-kit-img-faces-ann.jpg"].shape == (160, 160, 3)


def test_no_name_in_a_package_leads_out_of_the_folder() -> None:
    names = ["package/img/faces/../../../../etc/ann.jpg", "/package/img/faces/ann.jpg", "../img/faces/ann.jpg"]
    for name in names:
        for found, _ in pictures(package({name: jpeg(picture(1))}), PEOPLE):
            assert Path(found).name == found


def test_links_in_a_package_are_not_followed() -> None:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/img/faces/ann.jpg")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(entry)
    assert not list(pictures(kept.getvalue(), PEOPLE))


def test_a_hash_stays_under_scaling_and_compression_and_tells_others_apart() -> None:
    shown = picture(1, 320)
    smaller = cv2.resize(shown, (200, 200), interpolation=cv2.INTER_AREA)
    worn = cv2.imdecode(cv2.imencode(".jpg", smaller, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    differ = int((difference_hash(np.asarray(worn, np.uint8)) != difference_hash(shown)).sum())
    assert differ <= ALIKE < int((difference_hash(picture(2, 320)) != difference_hash(shown)).sum())


def test_what_is_there_in_much_the_same_form_is_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    large = picture(1, 2000)
    same = np.asarray(cv2.resize(large, (300, 300), interpolation=cv2.INTER_AREA), np.uint8)
    members = {"a/img/faces/ann.jpg": large, "a/img/faces/same.jpg": same, "a/img/faces/bob.jpg": picture(3)}
    monkeypatch.setattr(stock, "listed", lambda: [PEOPLE])
    monkeypatch.setattr(stock, "fetched", lambda name: package({each: jpeg(rgb) for each, rgb in members.items()}))
    assert stock.run(Namespace(data=tmp_path)) == 0
    files = sorted((tmp_path / "stock/demos").iterdir())
    assert [file.name for file in files] == ["house-kit-img-faces-ann.jpg", "house-kit-img-faces-bob.jpg"]
    assert max(cv2.imread(str(files[0])).shape) == 1024
    assert "2 photographs" in capsys.readouterr().err


def test_demonstration_pages_are_one_object_that_never_trains_and_a_house_is_many(tmp_path: Path) -> None:
    for group, count in (("demos", 3), ("tabler", 60)):
        folder = tmp_path / "stock" / group
        folder.mkdir(parents=True)
        for number in range(count):
            (folder / f"{number}.jpg").touch()
    found = listing("stock", tmp_path)
    assert {each.object for each in found if each.path.parent.name == "demos"} == {"stock/demos"}
    assert all(each.held for each in found if each.object == "stock/demos")
    of_house = [each for each in found if each.path.parent.name == "tabler"]
    assert len({each.object for each in of_house}) == 60
    assert 0 < sum(each.held for each in of_house) < 30


def test_without_npm_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"npm cannot be run .*install Node\.js"):
        fetched("tabler-ui@0.0.32")


def test_what_npm_does_not_know_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'code E404' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(FileNotFoundError, match="npm has no package nothing@1: code E404"):
        fetched("nothing@1")


def test_the_list_names_versions_and_folders() -> None:
    for each in listed():
        assert each.name.rpartition("@")[2].count(".") == 2
        assert each.folders
        assert not any(PurePosixPath(folder).is_absolute() for folder in each.folders)
