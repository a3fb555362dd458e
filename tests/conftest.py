"""What several tests share: seeded pictures and their files."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that gives the same numbers in every run."""
    return np.random.default_rng(20260101)


@pytest.fixture
def picture(rng: np.random.Generator) -> Pixels:
    """A smooth colourful picture, 64 high and 48 wide, unlike any of its mirrorings."""
    small = Image.fromarray(rng.integers(0, 256, (4, 3, 3), np.uint8))
    return np.asarray(small.resize((48, 64), Image.Resampling.BICUBIC))


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Return the bytes of a file that holds a picture (an array or a PIL image) in a Pillow format."""

    def save(picture: Pixels | Image.Image, format: str = "PNG", **options: object) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        stream = io.BytesIO()
        image.save(stream, format, **options)
        return stream.getvalue()

    return save
