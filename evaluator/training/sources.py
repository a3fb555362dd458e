"""The pictures that training starts from: the public data sets and rendered scenes, split by the object they show.

Knows where each set keeps its files and what its names mean; knows nothing of faults or of the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

HELD = 5
"""Every fifth object, by a hash of its name, never trains."""


@dataclass(frozen=True, slots=True)
class Source:
    """One picture: its set, file and the object (article, photograph, person, scene) by which it is split.

    `label` is the file that says more of it, where there is one: a map of labels, boxes, words or facts.
    """

    set: str
    path: Path
    object: str
    label: Path | None = None

    @property
    def held(self) -> bool:
        """Whether this object is kept for judging and must never train."""
        return held(self.object)

    @property
    def kind(self) -> str:
        """What an amateur's picture shows: `clothing`, `grocery` or `containers`; empty for other sets."""
        return self.object.split("/")[1] if self.set == "amateur_products" else ""


def held(object: str) -> bool:
    """Return whether an object is kept for judging: a fifth of all, by the CRC-32 of its name."""
    return crc32(object.encode()) % HELD == 0


def calibrates(object: str) -> bool:
    """Return whether a held object serves to calibrate; the other half of the held ones is judged, and only judged."""
    return crc32(f"part {object}".encode()) % 2 == 0


def _studio(data: Path) -> list[Source]:
    return [
        Source(
            "studio_products",
            file,
            f"studio/{re.split(r'[-_.]', file.stem)[0] if file.stem[:4] != 'luma' else file.stem}",
        )
        for file in sorted((data / "studio_products").glob("*.jpg"))
    ]


def _amateur(data: Path) -> list[Source]:
    folder = data / "amateur_products"
    files = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    return [Source("amateur_products", file, f"amateur/{file.relative_to(folder).as_posix()}") for file in files]


def _packshots(data: Path) -> list[Source]:
    files = sorted((data / "packshots").glob("*.jpg"))
    return [Source("packshots", file, f"packshot/{file.stem}", file.with_suffix(".txt")) for file in files]


def _people(data: Path) -> list[Source]:
    files = sorted((data / "people/photos").glob("*.jpg"))
    return [
        Source("people", file, f"people/{file.stem}", data / "people/labels" / f"{file.stem}.png") for file in files
    ]


def _hands(data: Path) -> list[Source]:
    files = sorted((data / "hands/photos").glob("*.jpg"))
    return [Source("hands", file, f"hands/{file.stem}", data / "hands/boxes" / f"{file.stem}.txt") for file in files]


def _digits(data: Path) -> list[Source]:
    # Each person's ten hands were photographed in a row: the number of the first names the person.
    files = sorted((data / "hands/digits").rglob("*.*"))
    return [
        Source("digits", file, f"digits/{int(file.stem.rpartition('_')[2]) - int(file.parent.name)}")
        for file in files
        if file.suffix.lower() in {".jpg", ".png"} and file.stem.rpartition("_")[2].isdigit()
    ]


def _photos(data: Path) -> list[Source]:
    folder = data / "rated_photos"
    return [Source("rated_photos", file, f"photo/{file.stem}") for file in sorted((folder / "images").iterdir())]


def _thumbnails(data: Path) -> list[Source]:
    folder = data / "rated_thumbnails"
    return [
        Source("rated_thumbnails", file, f"thumbnail/{file.stem}") for file in sorted((folder / "images").iterdir())
    ]


def _generated(data: Path) -> list[Source]:
    """Pictures that are much alike are one object."""
    import csv

    folder = data / "rated_generated"
    with (folder / "ratings.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    return [Source("rated_generated", folder / row["image"], f"generated/{row['group']}") for row in rows]


def _stock(data: Path) -> list[Source]:
    """Photographs of one house's pages are single ones; those of the `demos` of many recur, and are one object."""
    listed = []
    for file in sorted((data / "stock").glob("*/*.jpg")):
        group = file.parent.name
        listed.append(Source("stock", file, f"stock/{group}" if group == "demos" else f"stock/{group}/{file.stem}"))
    return listed


def _scenes(scenes: Path) -> list[Source]:
    """Scenes are split by their style's set and product together, so that a held pair was never seen as a pair."""
    import json

    listed = []
    for facts in sorted(scenes.glob("*.json")):
        read = json.loads(facts.read_text("utf-8"))
        listed.append(
            Source("scenes", scenes / read["files"]["picture"], f"scene/{read['style']}/{read['product']}", facts)
        )
    return listed


SETS: dict[str, Callable[[Path], list[Source]]] = {
    "studio_products": _studio,
    "amateur_products": _amateur,
    "packshots": _packshots,
    "people": _people,
    "hands": _hands,
    "digits": _digits,
    "rated_photos": _photos,
    "rated_thumbnails": _thumbnails,
    "rated_generated": _generated,
    "stock": _stock,
    "scenes": _scenes,
}
"""How each set is listed: from the data folder, or, for `scenes`, from the folder they were rendered to."""


def listing(set: str, data: Path, *, kept: bool | None = None) -> list[Source]:
    """Return a set's pictures in a fixed order; `kept` picks those held back (True) or free to train (False)."""
    return [source for source in SETS[set](data) if kept is None or source.held is kept]
