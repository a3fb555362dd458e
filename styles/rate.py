"""Fills the aesthetic score of the packaged cards: the mean over a style's heroes, with a stamp."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from styles.catalog import CARD, parse_card
from styles.errors import CardError
from styles.pictures import pixels, plain_decode
from styles.types import Aesthetic, Decoder, PackagedCard, Scorer, Style


def rate(
    styles: list[Style], scorer: Scorer, decode: Decoder = plain_decode
) -> Iterator[tuple[Style, Aesthetic | None]]:
    """Judge each style, write the score into its card.json, and yield it; None where no hero could be judged.

    Raises: CardError, PictureError, OSError.
    """
    for style in styles:
        found = [scorer.score(pixels(path, decode)) for path in style.heroes]
        known = [score for score in found if score is not None]
        judged = Aesthetic(score=round(float(np.mean(known)), 2), stamp=scorer.stamp) if known else None
        write(style.folder / CARD, judged)
        yield style, judged


def write(file: Path, aesthetic: Aesthetic | None) -> None:
    """Put a score into a card.json and leave everything else in it as it stands."""
    data = json.loads(file.read_text(encoding="utf-8"))
    data["aesthetic"] = aesthetic.model_dump() if aesthetic else None
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    if parse_card(text, str(file), PackagedCard).aesthetic != aesthetic:
        raise CardError(file=str(file), field="aesthetic", why="it does not read back as it was written")
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)
