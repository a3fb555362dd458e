"""Pictures as people rated them: photographs, thumbnails and pictures by generators; each number one picture."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np

from evaluator.training.makers.picture import generator, read, sources
from evaluator.training.makers.ratings import generated, photos, thumbnails
from evaluator.training.sample import Sample
from evaluator.training.sources import Source

LIKED = 4.0
"""Rating (1–5) from which on a picture by a generator is taken to be sound."""


def make(data: Path, scenes: Path, parts: Path, held: bool, number: int, seed: int) -> Sample | None:
    """Return the picture of that number, whole, with its rating on 1–5; None past the last.

    Photographs are rated by their technical quality, the others by their appeal; they come mixed. Thumbnails of 80
    pixels are enlarged three- to fourfold.
    """
    pool = _mixed(data, held)
    if number >= len(pool):
        return None
    source = pool[number]
    picture = read(source.path)
    if source.set == "rated_photos":
        mean, spread = photos(data)[source.path.name]
        return Sample(
            picture,
            source.object,
            ratings={"technical": (1 + 4 * mean / 100, 4 * spread / 100)},
        )
    if source.set == "rated_generated":
        return Sample(picture, source.object, ratings={"pleasing": generated(data)[source.path.name]})
    factor = float(generator("rated", held, number, seed).uniform(3, 4))
    large = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
    return Sample(
        large,
        source.object,
        ratings={"appeal": thumbnails(data)[source.path.name]},
    )


@cache
def _mixed(data: Path, held: bool) -> tuple[Source, ...]:
    known = [source for source in sources("rated_photos", data, held) if source.path.name in photos(data)]
    known += [source for source in sources("rated_thumbnails", data, held) if source.path.name in thumbnails(data)]
    known += [source for source in sources("rated_generated", data, held) if source.path.name in generated(data)]
    return tuple(sorted(known, key=lambda source: crc32(f"mixed {source.object}".encode())))


def liked(data: Path, held: bool) -> list[Path]:
    """Return pictures by generators, of one side of the split, that were rated well.

    Raises FileNotFoundError where there are none.
    """
    found = [
        source.path
        for source in sources("rated_generated", data, held)
        if generated(data)[source.path.name][0] >= LIKED
    ]
    if not found:
        raise FileNotFoundError(f"no picture in {data / 'rated_generated'} is rated {LIKED:g} or more; fetch the set")
    return found
