"""The embedded encoder: pictures become unit vectors, with nothing to download; others are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from styles.descriptor import Descriptor, load_settings
from styles.types import Rgb, Vectors


class EmbeddedEncoder:
    """The descriptor as an Encoder; it knows no words, so that search matches the cards' own text instead."""

    name = "descriptor"

    @cached_property
    def descriptor(self) -> Descriptor:
        """The descriptor with its packaged settings."""
        return Descriptor(load_settings())

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.descriptor.dimension

    @property
    def checksum(self) -> str:
        """The hash of the settings."""
        return self.descriptor.settings.checksum

    @property
    def unrelated(self) -> float:
        """The middle likeness of two pictures of different styles."""
        return self.descriptor.settings.unrelated

    @property
    def duplicate(self) -> float:
        """The likeness over which two pictures count as the same style."""
        return self.descriptor.settings.duplicate

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        """Return a unit vector a picture, n×d."""
        rows = [self.descriptor.describe(each) for each in pictures]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def encode_words(self, texts: Sequence[str]) -> Vectors | None:
        """Return None: words are matched through the cards."""
        return None
