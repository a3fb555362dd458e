"""Shows a picture to the networks and says what they saw, in plain numbers and arrays."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.inference import Session
from evaluator.network.heads import ATTRIBUTES, BESIDE, CRITERIA, LIKED, LIMBS, NEARBY, PARTS, PRESENCE
from evaluator.network.reading import FRAMING, SEVERITIES, THERE, Reading, load_reading
from evaluator.network.session import open_session
from evaluator.network.weights import CLOSE, FOLDER, SIAMESE, TASTE, Card
from evaluator.types import Closeup, Glance, Plane, Rgb, Sameness

ASKED = ("embedding", "mask", "maps", "parts", "tags", "presence", "criteria", "ratings", "spreads")
"""What is asked of the network at each look."""
ASKED_CLOSE, ASKED_PAIR = ("tags", "maps", "presence"), ("tags", "maps")
"""The same of a look from nearby, and of one at two pictures."""
SIDE = 384
"""The picture is resized to about SIDE × SIDE pixels, its aspect kept."""
NEAR_SIDE = 256
"""The same of a cut from a picture, and of a small picture."""
TASTE_SIDE = 224
"""The same of what tells how much people like it."""
CLOSE_SIDE = 160
"""A hand or a face from nearby is shown at CLOSE_SIDE × CLOSE_SIDE pixels."""
SMALL = 320.0
"""Root of the area in pixels up to which a picture is small."""
LARGE = 4
"""A large picture has so many times the pixels that the network is shown."""
WEIGHED = (1.0, 1.0, 2.0)
"""What its quality as a photograph, its appeal and how pleasing it is weigh in the impression of a picture.

Of how pleasing pictures are the network is less sure, so that what it says of it lies closer together.
"""
STRIDE = 32
LIMIT = 3.0
"""Aspects beyond this are squashed to it."""


class Opened(NamedTuple):
    """A network that is ready to look, and the card of its weights."""

    session: Session
    card: Card


class Ready(NamedTuple):
    """All that looks: the network, its taste, what looks from nearby, what looks at two pictures, and readings."""

    network: Opened
    taste: Opened
    near: Opened
    pair: Opened
    there: Mapping[str, Reading]
    severe: Mapping[str, Reading]
    framing: Mapping[str, Reading]


class Eyes:
    """The embedded networks, loaded once at the first look; safe to share between threads.

    Raises WeightsMissing or WeightsWrong at the first look where the weights are not what they should be.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: Ready | None = None

    @property
    def card(self) -> Card:
        """The card of the network's weights."""
        return self._ready().network.card

    @property
    def weights(self) -> str:
        """What the weights in use are called in a report: how the checksums of the networks begin."""
        ready = self._ready()
        return "-".join(opened.card.sha256[:12] for opened in (ready.network, ready.taste, ready.near, ready.pair))

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        """Look once at a picture (H×W×3 uint8) of any size; `near` says that it is cut from a larger one.

        What is cut from a picture is not asked how it pleases, how it is framed, or what is read of it.
        """
        network, taste, _, _, there, severe, framing = self._ready()
        height, width = rgb.shape[0], rgb.shape[1]
        small = sized(rgb, *size_of(height, width, side_of(rgb, near)))
        answers = network.session.run(ASKED, planes(small))
        sight = {name: answer[0] for name, answer in zip(ASKED, answers, strict=True)}
        if near:
            return glance_of(sight)
        # A large picture is made small once: again from there takes a tenth of the time, and blurs nothing that shows.
        since = small if LARGE * small.size <= rgb.size else rgb
        tasted = planes(sized(since, *size_of(height, width, TASTE_SIDE)))
        appeal, pleasing = (float(each[0]) for each in taste.session.run(LIKED, tasted))
        sight["ratings"] = np.array([sight["ratings"][0], appeal, pleasing])
        whole = glance_of(sight)
        read = {thing: reading.probability(whole.embedding) for thing, reading in there.items()}
        read |= {thing: reading.severity(whole.embedding) for thing, reading in severe.items()}
        framed = {id: reading.score(whole.embedding) for id, reading in framing.items()}
        return replace(whole, read=read, criteria={**whole.criteria, **framed})

    def close(self, cuts: Sequence[Rgb], about: Sequence[str]) -> list[Closeup]:
        """Look at cuts (H×W×3 uint8) of a picture, each `about` a hand, a face, or a piece of a rim (`fusion`)."""
        if not cuts:
            return []
        # In one run, the weights are fetched once.
        given = self._ready().near.session.run(ASKED_CLOSE, np.concatenate([shown_close(cut) for cut in cuts]))
        asked = (LIMBS if each in LIMBS else (each,) for each in about)
        return [closeup_of(names, *answer) for names, *answer in zip(asked, *given, strict=True)]

    def beside(self, original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> Sameness:
        """Look at an original and a generated picture that lie over each other, S×S×3 uint8, S a multiple of 32.

        `mask` (S×S, 0–1) is the product's and `within` (the same) what lies in the generated picture.
        """
        tags, maps = self._ready().pair.session.run(ASKED_PAIR, shown_pair(original, generated, mask, within))
        changed, wrong = map(float, tags[0])
        return Sameness(changed, wrong, _sigmoid(maps[0, BESIDE.index("changed")]))

    def _ready(self) -> Ready:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    network = Opened(*open_session(self._folder))
                    taste, near, pair = (Opened(*open_session(self._folder, name)) for name in (TASTE, CLOSE, SIAMESE))

                    def own(cards: Mapping[str, str]) -> dict[str, Reading]:
                        read = {name: load_reading(self._folder, card) for name, card in cards.items()}
                        mine = network.card.sha256
                        return {name: each for name, each in read.items() if each and each.network == mine}

                    self._loaded = Ready(network, taste, near, pair, own(THERE), own(SEVERITIES), own(FRAMING))
        return self._loaded


def size_of(height: int, width: int, side: int = SIDE) -> tuple[int, int]:
    """Return the height and width at which a picture is shown: about side², multiples of 32, aspect at most 3."""
    aspect = min(max(width / height, 1 / LIMIT), LIMIT)
    rows = max(STRIDE, round(side / aspect**0.5 / STRIDE) * STRIDE)
    columns = max(STRIDE, round(side * aspect**0.5 / STRIDE) * STRIDE)
    return rows, columns


def side_of(rgb: Rgb, near: bool = False) -> int:
    """Return at what side the network is shown a picture; a cut or a small one at NEAR_SIDE."""
    small = near or rgb.shape[0] * rgb.shape[1] <= SMALL**2
    return NEAR_SIDE if small else SIDE


def shown(rgb: Rgb, near: bool = False) -> npt.NDArray[np.float32]:
    """Return a picture as the network takes it: 1×3×H×W float32 in −1…1."""
    return at_side(rgb, side_of(rgb, near))


def at_side(rgb: Rgb, side: int) -> npt.NDArray[np.float32]:
    """Return a picture at about side² pixels as a network takes it: 1×3×H×W float32 in −1…1."""
    return planes(sized(rgb, *size_of(rgb.shape[0], rgb.shape[1], side)))


def shown_close(rgb: Rgb) -> npt.NDArray[np.float32]:
    """Return a place from nearby as its network takes it: 1×3×CLOSE_SIDE×CLOSE_SIDE float32 in −1…1."""
    return planes(sized(rgb, CLOSE_SIDE, CLOSE_SIDE))


def sized(rgb: Rgb, rows: int, columns: int) -> Rgb:
    """Return a picture at rows × columns pixels, averaged where it shrinks."""
    shrinking = rows * columns < rgb.shape[0] * rgb.shape[1]
    how = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (columns, rows), interpolation=how), np.uint8)


def shown_pair(original: Rgb, generated: Rgb, mask: Plane, within: Plane) -> npt.NDArray[np.float32]:
    """Return two pictures and two planes as the network takes them: 1×8×S×S float32."""
    both = np.stack([mask, within])[None].astype(np.float32)
    return np.concatenate([planes(original), planes(generated), both], 1)


def planes(rgb: Rgb) -> npt.NDArray[np.float32]:
    """Return a picture's pixels as a network takes them: 1×3×H×W float32 in −1…1."""
    found = rgb.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    found -= 127
    found /= 127.5
    return np.asarray(found, np.float32)


def glance_of(sight: Mapping[str, npt.NDArray[np.float32]]) -> Glance:
    """Return what the network gave for a single picture, by the names of `Sight`, as probabilities and numbers."""

    def row(names: tuple[str, ...], values: npt.NDArray[np.float32]) -> dict[str, float]:
        return dict(zip(names, map(float, values), strict=True))

    ratings = np.clip(sight["ratings"], 1, 5)
    return Glance(
        embedding=sight["embedding"],
        mask=_sigmoid(sight["mask"][0]),
        presence=row(PRESENCE, _sigmoid(sight["presence"])),
        criteria=row(CRITERIA, np.clip(sight["criteria"], 1, 5)),
        maps=dict(zip(ATTRIBUTES, _sigmoid(sight["maps"]), strict=True)),
        logits=row(ATTRIBUTES, sight["tags"]),
        impression=(float(np.average(ratings, weights=WEIGHED[: len(ratings)])), float(sight["spreads"].mean())),
        technical=float(ratings[0]),
        appeal=float(ratings[1]),
        pleasing=float(ratings[2]) if len(ratings) > 2 else None,
        parts=dict(zip(PARTS, _sigmoid(sight["parts"]), strict=True)),
    )


def closeup_of(
    names: Sequence[str],
    tags: npt.NDArray[np.float32],
    maps: npt.NDArray[np.float32],
    presence: npt.NDArray[np.float32],
) -> Closeup:
    """Return what was given of `names` for a place, by the names of `Closeness`, as probabilities and numbers.

    A rim is there, where a piece of one was cut out.
    """
    there, where = dict(zip(LIMBS, map(float, _sigmoid(presence)), strict=True)), _sigmoid(maps)
    return Closeup(
        presence={name: there.get(name, 1.0) for name in names},
        logits={name: float(tags[NEARBY.index(name)]) for name in names},
        maps={name: where[NEARBY.index(name)] for name in names},
    )


def _sigmoid(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # By the hyperbolic tangent: it overflows nowhere.
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)
