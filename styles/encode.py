"""How pictures and words become unit vectors: the embedded descriptor, encoders handed in, and both at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from styles.descriptor import Descriptor, load_settings
from styles.types import Encoder, Rgb, Vectors

UNRELATED, DUPLICATE = 0.55, 0.97
"""Likenesses of strangers and of doubles, for an encoder that does not say its own."""
DESCRIPTOR_SHARE = 0.8
"""How much the descriptor counts beside another encoder: it sees colour, light and layout, the other what is shown."""


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


class Blend:
    """Several encoders as one, whose likeness is the weighted mean of theirs.

    A picture's vector joins the unit vectors of all, each times the root of its share: the inner product of two
    such vectors is the sum of share times likeness, so that one index serves all. A text's vector is made of
    those encoders that know words, and is zero in the others.
    """

    def __init__(self, parts: Sequence[tuple[Encoder, float]]) -> None:
        """Take encoders with their weights (over 0), which are brought to sum to 1."""
        assert parts and all(weight > 0 for _, weight in parts)
        total = sum(weight for _, weight in parts)
        self.encoders = tuple(encoder for encoder, _ in parts)
        self._weights = tuple(weight / total for _, weight in parts)

    @property
    def name(self) -> str:
        """The encoders' names with their shares."""
        return " + ".join(f"{weight:.2g} {each.name}" for each, weight in self._parts)

    @property
    def _parts(self) -> Sequence[tuple[Encoder, float]]:
        return list(zip(self.encoders, self._weights, strict=True))

    @property
    def shares(self) -> Mapping[str, float]:
        """What each encoder counts in the likeness of pictures, by its name."""
        return {each.name: round(weight, 4) for each, weight in self._parts}

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return sum(each.dimension for each in self.encoders)

    @property
    def checksum(self) -> str:
        """A hash of the encoders' own and their shares."""
        said = "\n".join(f"{each.checksum} {weight:.6f}" for each, weight in self._parts)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def unrelated(self) -> float:
        """The middle likeness of two pictures of different styles."""
        return sum(weight * unrelated(each) for each, weight in self._parts)

    @property
    def duplicate(self) -> float:
        """The likeness over which two pictures count as the same style."""
        return sum(weight * duplicate(each) for each, weight in self._parts)

    @property
    def heard(self) -> tuple[float, float] | None:
        """What those encoders that know words say of it themselves, as likenesses of this one's vectors."""
        said = [(weight, range) for each, weight in self._parts if (range := heard(each))]
        total = sum(weight for weight, _ in said) ** 0.5
        if not said:
            return None
        faint, sure = (sum(weight * range[end] for weight, range in said) / total for end in (0, 1))
        return faint, sure

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        """Return a unit vector a picture, n×d."""
        seen = [weight**0.5 * each.encode_pictures(pictures) for each, weight in self._parts]
        return np.asarray(np.concatenate(seen, axis=1), np.float32)

    def encode_words(self, texts: Sequence[str]) -> Vectors | None:
        """Return a unit vector a text in the pictures' space, or None where no encoder knows words."""
        known = [each.encode_words(texts) for each in self.encoders]
        total = sum(weight for weight, each in zip(self._weights, known, strict=True) if each is not None)
        if not total:
            return None
        read = [
            np.zeros((len(texts), encoder.dimension), np.float32) if each is None else (weight / total) ** 0.5 * each
            for (encoder, weight), each in zip(self._parts, known, strict=True)
        ]
        return np.asarray(np.concatenate(read, axis=1), np.float32)

    def part(self, vectors: Vectors, at: int) -> Vectors:
        """Return what encoder `at` saw in picture vectors of this one, as its own unit vectors."""
        start = sum(each.dimension for each in self.encoders[:at])
        inside = vectors[:, start : start + self.encoders[at].dimension]
        return np.asarray(inside / self._weights[at] ** 0.5, np.float32)


def beside_descriptor(encoder: Encoder) -> Blend:
    """Return an encoder with the embedded descriptor beside it."""
    return Blend([(EmbeddedEncoder(), DESCRIPTOR_SHARE), (encoder, 1 - DESCRIPTOR_SHARE)])


def described(encoder: Encoder, vectors: Vectors) -> Vectors | None:
    """Return the embedded descriptor's vectors out of an encoder's (n×d), or None where it has no part in them."""
    if isinstance(encoder, EmbeddedEncoder):
        return vectors
    if isinstance(encoder, Blend):
        for at, each in enumerate(encoder.encoders):
            if isinstance(each, EmbeddedEncoder):
                return encoder.part(vectors, at)
    return None


def unrelated(encoder: Encoder) -> float:
    """Return the middle likeness of two pictures of different styles, as far as the encoder says it."""
    return float(getattr(encoder, "unrelated", UNRELATED))


def duplicate(encoder: Encoder) -> float:
    """Return the likeness over which two pictures count as the same style, as far as the encoder says it."""
    return float(getattr(encoder, "duplicate", DUPLICATE))


def heard(encoder: Encoder) -> tuple[float, float] | None:
    """Return at which likeness of a text and the nearest style words say nothing, and at which they surely do.

    None where the encoder does not say: its words then always count.
    """
    found: tuple[float, float] | None = getattr(encoder, "heard", None)
    return found


def picture_shares(encoder: Encoder) -> Mapping[str, float]:
    """Return what each encoder counts in the likeness of pictures; empty where there is one alone."""
    return encoder.shares if isinstance(encoder, Blend) else {}
