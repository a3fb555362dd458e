"""Shows a picture to the network and says what it saw, in plain numbers and arrays."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from evaluator.network.heads import ATTRIBUTES, CRITERIA, PARTS, PRESENCE
from evaluator.network.weights import FOLDER, Card, load
from evaluator.types import Glance, Rgb

if TYPE_CHECKING:
    from evaluator.network.model import Network, Sight

SIDE = 384
"""The picture is resized to about SIDE × SIDE pixels, its aspect kept."""
NEAR_SIDE = 256
"""The same of a closer look, and of a small picture."""
SMALL = 320.0
"""Root of the area in pixels up to which a picture is small."""
STRIDE = 32
LIMIT = 3.0
"""Aspects beyond this are squashed to it."""


class Eyes:
    """The embedded network, loaded once at the first look; safe to share between threads.

    Raises WeightsMissing or WeightsWrong at the first look where the weights are not what they should be.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Network, Card] | None = None

    @property
    def card(self) -> Card:
        """The card of the weights in use."""
        return self._network()[1]

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        """Look once at a picture (H×W×3 uint8) of any size; `near` says that it is cut from a larger one."""
        import torch

        network, _ = self._network()
        with torch.inference_mode():
            tensor = torch.from_numpy(shown(rgb, near)).to(memory_format=torch.channels_last)
            return glance_of(network(tensor))

    def _network(self) -> tuple[Network, Card]:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    import torch

                    network, card = load(self._folder)
                    self._loaded = network.to(memory_format=torch.channels_last), card  # type: ignore[call-overload]
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
    rows, columns = size_of(rgb.shape[0], rgb.shape[1], NEAR_SIDE if small else SIDE)
    shrinking = rows * columns < rgb.shape[0] * rgb.shape[1]
    sized = cv2.resize(rgb, (columns, rows), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    return np.ascontiguousarray(((sized.astype(np.float32) - 127) / 127.5).transpose(2, 0, 1)[None])


def glance_of(sight: Sight) -> Glance:
    """Return what the network gave for a single picture, as arrays and numbers."""

    def plane(tensor: object) -> npt.NDArray[np.float32]:
        return np.asarray(tensor, np.float32)

    def row(names: tuple[str, ...], values: npt.NDArray[np.float32]) -> dict[str, float]:
        return dict(zip(names, map(float, values), strict=True))

    maps = plane(sight.maps[0].float().sigmoid())
    parts = plane(sight.parts[0].float().sigmoid())
    ratings = np.clip(plane(sight.ratings[0].float()), 1, 5)
    spreads = plane(sight.spreads[0].float())
    return Glance(
        embedding=plane(sight.embedding[0].float()),
        mask=plane(sight.mask[0, 0].float().sigmoid()),
        presence=row(PRESENCE, plane(sight.presence[0].float().sigmoid())),
        criteria=row(CRITERIA, np.clip(plane(sight.criteria[0].float()), 1, 5)),
        maps=dict(zip(ATTRIBUTES, maps, strict=True)),
        logits=row(ATTRIBUTES, plane(sight.tags[0].float())),
        impression=(float(ratings.mean()), float(spreads.mean())),
        technical=float(ratings[0]),
        appeal=float(ratings[1]),
        parts=dict(zip(PARTS, parts, strict=True)),
    )
