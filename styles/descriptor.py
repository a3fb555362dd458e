"""The embedded visual descriptor: what a scene looks like, told so that the product in it matters little.

A picture becomes blocks, each a unit vector: colours by place, the palette, tone, texture, edge orientation
and the fall of light. Joined with the square roots of their weights, the inner product of two pictures is the
weighted mean of their blocks' likenesses. Histograms enter by their square roots, so their product is the
Bhattacharyya coefficient (1943).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np
import numpy.typing as npt

from styles.errors import DataFileError
from styles.palette import oklab, shrink
from styles.types import Rgb

Floats = npt.NDArray[np.float64]

FILE = "descriptor.toml"
BLOCKS = ("layout", "palette", "tone", "texture", "edges", "light")
_TONES = 12
_CHROMAS = 6
_LEVELS = 8
_SCALES = 3
_ORIENTATIONS = 8
_LIGHT_GRID = 4


@dataclass(frozen=True)
class Settings:
    """The numbers of descriptor.toml, with a hash of the file."""

    side: int
    weights: Mapping[str, float]
    windows: Floats
    width: float
    anchors: Floats
    reach: float
    unrelated: float
    duplicate: float
    checksum: str


def load_settings() -> Settings:
    """Return the packaged settings.

    Raises: DataFileError.
    """
    text = resources.files("styles").joinpath(FILE).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        colours = data["colours"]
        weights = {name: float(data["weights"][name]) for name in BLOCKS}
        total = sum(weights.values())
        return Settings(
            side=int(data["side"]),
            weights={name: weight / total for name, weight in weights.items()},
            windows=np.array(data["place"]["windows"], float),
            width=float(data["place"]["width"]),
            anchors=_anchors(colours["lightness"], colours["rings"], colours["hues"]),
            reach=float(colours["reach"]),
            unrelated=float(data["likeness"]["unrelated"]),
            duplicate=float(data["likeness"]["duplicate"]),
            checksum=hashlib.sha256(text.encode()).hexdigest(),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataFileError(file=FILE, key=str(error), why="it is missing or no number") from None


def _anchors(lightness: list[float], rings: list[float], hues: int) -> Floats:
    """Return n×3 anchor colours: a grey axis, and rings of hues at the lightnesses where they exist."""
    found = [(level, 0.0, 0.0) for level in lightness]
    for ring in rings:
        for level in lightness[1:-1]:
            for hue in np.arange(hues) * 2 * np.pi / hues:
                found.append((level, ring * np.cos(hue), ring * np.sin(hue)))
    return np.array(found)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))


def _histogram(values: Floats, weights: Floats, low: float, high: float, bins: int) -> Floats:
    """Return the square roots of a histogram in which a value is shared between its two nearest bins."""
    at = np.clip((values - low) / (high - low), 0, 1) * (bins - 1)
    left = np.minimum(at.astype(np.intp), bins - 2)
    part = at - left
    counts = np.bincount(left, weights * (1 - part), bins) + np.bincount(left + 1, weights * part, bins)
    return _unit(np.sqrt(counts))


class Descriptor:
    """Describes pictures by `settings`; `slices` says where each block lies in the vector."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        count = len(settings.anchors)
        sizes = {
            "layout": settings.windows.size * count,
            "palette": count,
            "tone": _TONES + _CHROMAS,
            "texture": _SCALES * _LEVELS,
            "edges": 4 * _ORIENTATIONS,
            "light": _LIGHT_GRID * _LIGHT_GRID + 1,
        }
        ends = np.cumsum([sizes[name] for name in BLOCKS])
        self.slices = {n: slice(int(e) - sizes[n], int(e)) for n, e in zip(BLOCKS, ends, strict=True)}
        self.dimension = int(ends[-1])

    @cached_property
    def _windows(self) -> Floats:
        """Return r×p, how far each pixel belongs to each window; a column of windows per place."""
        settings = self.settings
        middle = (np.arange(settings.side) + 0.5) / settings.side
        rows, columns = settings.windows.shape
        down = np.exp(-(((middle - ((np.arange(rows) + 0.5) / rows)[:, None]) / settings.width) ** 2))
        across = np.exp(-(((middle - ((np.arange(columns) + 0.5) / columns)[:, None]) / settings.width) ** 2))
        return np.asarray(np.einsum("ry,cx->rcyx", down, across).reshape(rows * columns, -1))

    @cached_property
    def _place(self) -> Floats:
        """Return p weights with mean 1, how far each pixel belongs to the scene, not to the product."""
        windows = self._windows / self._windows.sum(0)
        place = self.settings.windows.ravel() @ windows
        return np.asarray(place / place.mean())

    def describe(self, picture: Rgb) -> npt.NDArray[np.float32]:
        """Return the unit vector (float32) of a picture (H×W×3 uint8, any size)."""
        settings = self.settings
        small = oklab(shrink(picture, settings.side))
        blocks = self._colours(small.reshape(-1, 3))
        blocks["tone"] = self._tone(small.reshape(-1, 3))
        blocks["texture"] = self._texture(oklab(shrink(picture, settings.side * 2))[..., 0])
        blocks["edges"] = self._edges(small[..., 0])
        blocks["light"] = self._light(small[..., 0])
        joined = [np.sqrt(settings.weights[name]) * _unit(blocks[name]) for name in BLOCKS]
        return np.concatenate(joined).astype(np.float32)

    def _colours(self, pixels: Floats) -> dict[str, Floats]:
        settings = self.settings
        # Hue tells scenes apart better than lightness does, which the light changes.
        scale = np.array([0.6, 1.0, 1.0]) / settings.reach
        one, two = (pixels * scale).astype(np.float32), (settings.anchors * scale).astype(np.float32)
        apart = sum((one[:, c, None] - two[:, c]) ** 2 for c in range(3))
        belongs = np.exp(-0.5 * (apart - np.min(apart, axis=1, keepdims=True)))
        belongs /= belongs.sum(1, keepdims=True)
        # Not by BLAS, whose threads would wait for each other over so little.
        windows = np.einsum("rp,pa->ra", self._windows, belongs)
        windows /= windows.sum(1, keepdims=True)
        weight = settings.windows.ravel() / settings.windows.sum()
        return {
            "layout": np.sqrt(windows * weight[:, None]).ravel(),
            "palette": np.sqrt(np.einsum("p,pa->a", self._place, belongs)),
        }

    def _tone(self, pixels: Floats) -> Floats:
        chroma = np.hypot(pixels[:, 1], pixels[:, 2])
        levels = _histogram(pixels[:, 0], self._place, 0, 1, _TONES)
        return np.concatenate([levels, _histogram(np.sqrt(chroma), self._place, 0, 0.5, _CHROMAS)])

    def _texture(self, light: Floats) -> Floats:
        """Band energies at three scales: log of the local contrast, as a histogram over the scene."""
        from scipy.ndimage import gaussian_filter

        place = self._place.reshape(self.settings.side, -1).repeat(2, 0).repeat(2, 1).ravel()
        found, fine = [], light
        for scale in range(_SCALES):
            coarse = gaussian_filter(light, 0.8 * 2**scale)
            energy = gaussian_filter((fine - coarse) ** 2, 1.5 * 2**scale)
            found.append(_histogram(np.log10(energy + 1e-7).ravel(), place, -7, -2, _LEVELS))
            fine = coarse
        return np.concatenate(found)

    def _edges(self, light: Floats) -> Floats:
        """Edge orientation by quadrant, with a little of everything so that a bare scene has none."""
        down, across = np.gradient(light)
        strength = np.hypot(down, across) * self._place.reshape(light.shape)
        angle = np.mod(np.arctan2(down, across), np.pi) / np.pi * _ORIENTATIONS
        bins = np.minimum(angle.astype(np.intp), _ORIENTATIONS - 1)
        half = light.shape[0] // 2
        found = []
        for y in (slice(0, half), slice(half, None)):
            for x in (slice(0, half), slice(half, None)):
                found.append(np.bincount(bins[y, x].ravel(), strength[y, x].ravel(), _ORIENTATIONS))
        return np.asarray(np.sqrt(np.concatenate(found) + 0.02 * light.size / 100))

    def _light(self, light: Floats) -> Floats:
        """The fall of light over a coarse grid, against a constant that stands for no fall at all."""
        side = light.shape[0] // _LIGHT_GRID
        coarse = (light * self._place.reshape(light.shape)).reshape(_LIGHT_GRID, side, _LIGHT_GRID, side)
        fall = coarse.mean((1, 3)).ravel() / self._place.reshape(coarse.shape).mean((1, 3)).ravel()
        return np.append((fall - fall.mean()) * 4, 1.0)

    def blocks(self, vector: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the unit vector of each block of a described picture."""
        return {
            name: vector[where] / np.float32(np.sqrt(self.settings.weights[name]))
            for name, where in self.slices.items()
        }
