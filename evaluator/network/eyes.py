"""Shows a picture to the network and says what it saw, in plain numbers and arrays."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.inference import Session
from evaluator.network.heads import ATTRIBUTES, CRITERIA, PARTS, PRESENCE
from evaluator.network.reading import FRAMING, VACANCY, Reading, load_reading
from evaluator.network.session import open_session
from evaluator.network.weights import FOLDER, TASTE, Card
from evaluator.types import Glance, Rgb

ASKED = ("embedding", "mask", "maps", "parts", "tags", "presence", "criteria", "ratings", "spreads")
"""What is asked of the network at each look."""
SIDE = 384
"""The picture is resized to about SIDE × SIDE pixels, its aspect kept."""
NEAR_SIDE = 256
"""The same of a closer look, and of a small picture."""
TASTE_SIDE = 224
"""The same of what tells how much people like it."""
SMALL = 320.0
"""Root of the area in pixels up to which a picture is small."""
STRIDE = 32
LIMIT = 3.0
"""Aspects beyond this are squashed to it."""


class Opened(NamedTuple):
    """A network that is ready to look, and the card of its weights."""

    session: Session
    card: Card


class Ready(NamedTuple):
    """All that looks: the network, its taste, and the readings of embeddings that were fitted on this network."""

    network: Opened
    taste: Opened
    vacancy: Reading | None
    framing: Mapping[str, Reading]


class Eyes:
    """The embedded network and its taste, loaded once at the first look; safe to share between threads.

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
        """What the weights in use are called in a report: how the checksums of network and taste begin."""
        ready = self._ready()
        return "-".join(opened.card.sha256[:12] for opened in (ready.network, ready.taste))

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        """Look once at a picture (H×W×3 uint8) of any size; `near` says that it is cut from a larger one.

        What is cut from a picture is not asked how it pleases, whether its place is empty or how it is framed.
        """
        network, taste, vacancy, framing = self._ready()
        answers = network.session.run(ASKED, shown(rgb, near))
        sight = {name: answer[0] for name, answer in zip(ASKED, answers, strict=True)}
        if near:
            return glance_of(sight)
        sight["ratings"][1] = taste.session.run(("appeal",), at_side(rgb, TASTE_SIDE))[0][0]
        whole = glance_of(sight)
        presence, criteria = dict(whole.presence), dict(whole.criteria)
        if vacancy:
            presence["vacant"] = vacancy.probability(whole.embedding)
        for id, reading in framing.items():
            criteria[id] = min(max(reading.value(whole.embedding), 1.0), 5.0)
        return replace(whole, presence=presence, criteria=criteria)

    def _ready(self) -> Ready:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    network = Opened(*open_session(self._folder))
                    taste = Opened(*open_session(self._folder, TASTE))

                    def own(card: str) -> Reading | None:
                        reading = load_reading(self._folder, card)
                        return reading if reading and reading.network == network.card.sha256 else None

                    framing = {id: reading for id, card in FRAMING.items() if (reading := own(card))}
                    self._loaded = Ready(network, taste, own(VACANCY), framing)
        return self._loaded


def size_of(height: int, width: int, side: int = SIDE) -> tuple[int, int]:
    """Return the height and width at which a picture is shown: about side², multiples of 32, aspect at most 3."""
    aspect = min(max(width / height, 1 / LIMIT), LIMIT)
    rows = max(STRIDE, round(side / aspect**0.5 / STRIDE) * STRIDE)
    columns = max(STRIDE, round(side * aspect**0.5 / STRIDE) * STRIDE)
    return rows, columns


def shown(rgb: Rgb, near: bool = False) -> npt.NDArray[np.float32]:
    """Return a picture as the network takes it: 1×3×H×W float32 in −1…1; a cut or a small one at NEAR_SIDE."""
    small = near or rgb.shape[0] * rgb.shape[1] <= SMALL**2
    return at_side(rgb, NEAR_SIDE if small else SIDE)


def at_side(rgb: Rgb, side: int) -> npt.NDArray[np.float32]:
    """Return a picture at about side² pixels as a network takes it: 1×3×H×W float32 in −1…1."""
    rows, columns = size_of(rgb.shape[0], rgb.shape[1], side)
    shrinking = rows * columns < rgb.shape[0] * rgb.shape[1]
    sized = cv2.resize(rgb, (columns, rows), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    planes = sized.transpose(2, 0, 1)[None].astype(np.float32, order="C")
    planes -= 127
    planes /= 127.5
    return np.asarray(planes, np.float32)


def glance_of(sight: Mapping[str, npt.NDArray[np.float32]]) -> Glance:
    """Return what the network gave for a single picture, by the names of `Sight`, as probabilities and numbers."""

    def row(names: tuple[str, ...], values: npt.NDArray[np.float32]) -> dict[str, float]:
        return dict(zip(names, map(float, values), strict=True))

    ratings = np.clip(sight["ratings"], 1, 5)
    return Glance(
        embedding=sight["embedding"] / np.linalg.norm(sight["embedding"]),  # half precision leaves it a little off
        mask=_sigmoid(sight["mask"][0]),
        presence=row(PRESENCE, _sigmoid(sight["presence"])),
        criteria=row(CRITERIA, np.clip(sight["criteria"], 1, 5)),
        maps=dict(zip(ATTRIBUTES, _sigmoid(sight["maps"]), strict=True)),
        logits=row(ATTRIBUTES, sight["tags"]),
        impression=(float(ratings.mean()), float(sight["spreads"].mean())),
        technical=float(ratings[0]),
        appeal=float(ratings[1]),
        parts=dict(zip(PARTS, _sigmoid(sight["parts"]), strict=True)),
    )


def _sigmoid(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # By the hyperbolic tangent: it overflows nowhere.
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)
