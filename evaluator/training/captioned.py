"""Captioned pictures as the network sees them: training samples, and the styles' heroes and plates."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from evaluator.decode import decode
from evaluator.network.eyes import SIDE, at_side
from evaluator.network.weights import load
from evaluator.table import progress
from evaluator.training.makers.naming import card_captions
from evaluator.training.sample import read
from evaluator.training.sources import held
from evaluator.types import Rgb

Vectors = npt.NDArray[np.float32]
FAMILIES = ("masks", "fusion")
"""Families of training pictures that have captions."""
TRAINED_SIDE = 320
"""Most training pictures are shown smaller than the others: it is quicker, and sizes should not matter."""
_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures as the network sees them (n×256 unit vectors), and what is said of each."""

    vectors: Vectors
    captions: tuple[tuple[str, ...], ...]


class Looker:
    """The network's embeddings of pictures, kept by name in a file of the weights' own."""

    def __init__(self, weights: Path, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._network, self.card = load(weights)
        self._file = cache / f"seen-{self.card.sha256[:12]}.npz"
        self._known: dict[str, Vectors] = {}
        if self._file.exists():
            with np.load(self._file, allow_pickle=False) as kept:
                self._known = dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))

    @torch.inference_mode()
    def see(self, name: str, picture: Rgb, side: int) -> Vectors:
        """Return the embedding of a picture shown at about side², looked at unless one of that name is known."""
        key = f"{name} {side}"
        if key not in self._known:
            self._known[key] = self._network(torch.from_numpy(at_side(picture, side))).embedding[0].numpy()
        return self._known[key]

    def keep(self) -> None:
        """Write what was seen."""
        np.savez(self._file, names=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))


def samples(folder: Path, looker: Looker, side: int) -> Seen:
    """Return the captioned pictures of a folder of samples; of those alike in all that is said, the first."""
    vectors: list[Vectors] = []
    said: list[tuple[str, ...]] = []
    known = set()
    for family in FAMILIES:
        files = sorted((folder / family).glob("[0-9]*.npz"))
        for file in progress(files, len(files), f"{folder.name} {family}"):
            sample = read(file)
            if not sample.captions or (sample.object, sample.captions) in known:
                continue
            known.add((sample.object, sample.captions))
            vectors.append(looker.see(f"{folder.name}/{family}/{file.stem}", sample.picture, side))
            said.append(sample.captions)
    looker.keep()
    return Seen(np.stack(vectors), tuple(said))


def heroes(library: Path, looker: Looker, kept: bool) -> Seen:
    """Return the styles' heroes held out for judging, as they are, or the others and the plates, in several cuts."""
    vectors: list[Vectors] = []
    said: list[tuple[str, ...]] = []
    for file in sorted(library.glob("*/card.json")):
        card = json.loads(file.read_text("utf-8"))
        # A plate is the style without a product: its captions name none.
        shots = [*card["heroes"], *([card["plate"]] if card.get("plate") else [])]
        for shot in shots:
            object = f"style/{card['id']}/{shot['file']}"
            if held(object) is not kept or (kept and "product" not in shot):
                continue
            picture = decode(file.parent / shot["file"]).rgb
            captions = _captions(card, shot, zlib.crc32(object.encode()))
            for number, (view, side) in enumerate([(picture, SIDE)] if kept else _views(picture)):
                vectors.append(looker.see(f"{object}/{number}", view, side))
                said.append(captions)
    looker.keep()
    return Seen(np.stack(vectors), tuple(said))


def shelves(library: Path, looker: Looker) -> list[Vectors]:
    """Return the embeddings of every style's heroes, as they are."""
    found = []
    for file in sorted(library.glob("*/card.json")):
        card = json.loads(file.read_text("utf-8"))
        names = [hero["file"] for hero in card["heroes"]]
        rows = [looker.see(f"style/{card['id']}/{name}/0", decode(file.parent / name).rgb, SIDE) for name in names]
        found.append(np.stack(rows))
    looker.keep()
    return found


def _captions(card: Mapping[str, Any], shot: Mapping[str, Any], seed: int) -> tuple[str, ...]:
    if "product" in shot:
        found = [card_captions(card, shot, np.random.default_rng([seed, each])) for each in range(_DRAWS)]
    else:
        moods = ", ".join(card["moods"])
        found = [(f"{card['name']['en']}, {moods}", card["name"]["zh"], ", ".join(card["words"]["en"][:4]))]
        found += [("，".join(card["words"]["zh"][:4]), card["prompt"].removeprefix("product on "))]
    return tuple(dict.fromkeys(caption for drawn in found for caption in drawn))


def _views(picture: Rgb) -> Iterator[tuple[Rgb, int]]:
    """Yield a picture as it is, then a turned cut of it at the smaller side."""
    yield picture, SIDE
    height, width = picture.shape[:2]
    yield np.ascontiguousarray(picture[height // 12 :, width // 12 :][:, ::-1]), TRAINED_SIDE


def join(one: Seen, two: Seen) -> Seen:
    """Return the pictures of both."""
    return Seen(np.concatenate([one.vectors, two.vectors]), one.captions + two.captions)
