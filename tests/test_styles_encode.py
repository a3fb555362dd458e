from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from styles.brand import aspect_vectors
from styles.encode import (
    DESCRIPTOR_SHARE,
    DUPLICATE,
    UNRELATED,
    Blend,
    EmbeddedEncoder,
    beside_descriptor,
    described,
    heard,
    picture_shares,
)
from styles.index import VectorIndex
from styles.types import Encoder, Rgb, Vectors


def unit(rows: np.ndarray) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Colour:
    """Sees the mean colour, and knows its names."""

    name, dimension, checksum = "colour", 3, "colour-1"
    unrelated, duplicate = 0.2, 0.9

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        return unit(np.array([each.reshape(-1, 3).mean(0) + 1 for each in pictures]).reshape(-1, 3))

    def encode_words(self, texts: Sequence[str]) -> Vectors | None:
        known = {"red": (1, 0, 0), "blue": (0, 0, 1)}
        return unit(np.array([known.get(text, (1, 1, 1)) for text in texts], float))


class Shape:
    """Sees where it is bright, and knows no words."""

    name, dimension, checksum = "shape", 4, "shape-1"

    def encode_pictures(self, pictures: Sequence[Rgb]) -> Vectors:
        halves = [[each[:4].mean(), each[4:].mean(), each[:, :4].mean(), each[:, 4:].mean()] for each in pictures]
        return unit(np.array(halves).reshape(-1, 4) + 1)

    def encode_words(self, texts: Sequence[str]) -> Vectors | None:
        return None


@pytest.fixture
def pictures() -> list[Rgb]:
    return list(np.random.default_rng(3).integers(0, 256, (12, 8, 8, 3), np.uint8) // np.array([1, 2, 4], np.uint8))


def test_the_inner_product_is_the_weighted_mean_of_the_likenesses(pictures: list[Rgb]) -> None:
    colour, shape = Colour(), Shape()
    vectors = Blend([(colour, 3.0), (shape, 1.0)]).encode_pictures(pictures)
    one, two = colour.encode_pictures(pictures), shape.encode_pictures(pictures)
    assert vectors @ vectors.T == pytest.approx(0.75 * (one @ one.T) + 0.25 * (two @ two.T), abs=1e-6)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_words_are_compared_with_the_encoders_that_know_them(pictures: list[Rgb]) -> None:
    blend = Blend([(Shape(), 0.5), (Colour(), 0.5)])
    words = blend.encode_words(["red", "blue"])
    assert words is not None
    assert np.linalg.norm(words, axis=1) == pytest.approx(1)
    assert not words[:, :4].any()
    asked = Colour().encode_words(["red", "blue"])
    expected = asked @ Colour().encode_pictures(pictures).T
    assert words @ blend.encode_pictures(pictures).T == pytest.approx(0.5**0.5 * expected, abs=1e-6)


def test_words_of_two_encoders_keep_their_weights(pictures: list[Rgb]) -> None:
    class Dim(Colour):
        def encode_words(self, texts: Sequence[str]) -> Vectors | None:
            return unit(np.array([(0, 1, 0)] * len(texts), float))

    words = Blend([(Colour(), 0.8), (Dim(), 0.2)]).encode_words(["red"])
    vectors = Blend([(Colour(), 0.8), (Dim(), 0.2)]).encode_pictures(pictures)
    seen = Colour().encode_pictures(pictures)
    assert words is not None
    assert (words @ vectors.T)[0] == pytest.approx(0.8 * seen[:, 0] + 0.2 * seen[:, 1], abs=1e-6)


def test_a_blend_without_words_knows_none() -> None:
    assert Blend([(Shape(), 1.0), (EmbeddedEncoder(), 1.0)]).encode_words(["red"]) is None


def test_one_index_serves_both(pictures: list[Rgb]) -> None:
    blend = Blend([(Shape(), 0.6), (Colour(), 0.4)])
    vectors = blend.encode_pictures(pictures)
    index = VectorIndex(blend.dimension, blend.checksum)
    index.add(np.arange(len(vectors)), vectors)
    words = blend.encode_words(["blue"])
    assert words is not None
    likeness, numbers = index.search(words, 1)
    blues = Colour().encode_pictures(pictures)[:, 2]
    assert numbers[0, 0] == blues.argmax()
    assert likeness[0, 0] == pytest.approx(0.4**0.5 * blues.max(), abs=1e-5)


def test_a_blend_says_what_it_is_made_of() -> None:
    blend = Blend([(Colour(), 1.0), (Shape(), 3.0)])
    assert (blend.dimension, blend.name) == (7, "0.25 colour + 0.75 shape")
    assert picture_shares(blend) == {"colour": 0.25, "shape": 0.75}
    assert blend.unrelated == pytest.approx(0.25 * 0.2 + 0.75 * UNRELATED)
    assert blend.duplicate == pytest.approx(0.25 * 0.9 + 0.75 * DUPLICATE)
    assert picture_shares(Colour()) == {}


def test_the_checksum_changes_with_encoders_and_shares() -> None:
    class Later(Shape):
        checksum = "shape-2"

    made: list[list[tuple[Encoder, float]]] = [
        [(Colour(), 1.0), (Shape(), 1.0)],
        [(Colour(), 1.0), (Shape(), 2.0)],
        [(Shape(), 1.0), (Colour(), 1.0)],
        [(Colour(), 1.0), (Later(), 1.0)],
    ]
    assert len({Blend(each).checksum for each in made}) == 4
    assert Blend([(Colour(), 2.0), (Shape(), 2.0)]).checksum == Blend(made[0]).checksum


def test_no_pictures_make_no_vectors() -> None:
    assert Blend([(Colour(), 1.0), (Shape(), 1.0)]).encode_pictures([]).shape == (0, 7)


def test_the_descriptor_beside_an_encoder_is_still_read(pictures: list[Rgb]) -> None:
    blend, alone = beside_descriptor(Colour()), EmbeddedEncoder()
    vectors, expected = blend.encode_pictures(pictures), alone.encode_pictures(pictures)
    found = described(blend, vectors)
    assert blend.shares["descriptor"] == DESCRIPTOR_SHARE
    assert found == pytest.approx(expected, abs=1e-6)
    assert described(alone, expected) is expected
    assert described(Colour(), vectors) is None
    assert found is not None
    aspects = aspect_vectors(alone.descriptor, found)
    assert aspects["light"] == pytest.approx(aspect_vectors(alone.descriptor, expected)["light"], abs=1e-5)


class Modest(Colour):
    """Says itself from which likeness on its words mean anything."""

    heard = 0.5, 0.9


def test_a_blend_says_when_words_mean_something_in_its_own_likenesses(pictures: list[Rgb]) -> None:
    assert heard(Colour()) is None
    assert heard(Blend([(Shape(), 0.6), (Colour(), 0.4)])) is None
    blend = Blend([(Shape(), 0.6), (Modest(), 0.4)])
    words, alone = blend.encode_words(["red"]), Modest().encode_words(["red"])
    assert words is not None and alone is not None
    scale = (words @ blend.encode_pictures(pictures).T) / (alone @ Modest().encode_pictures(pictures).T)
    assert heard(blend) == pytest.approx((0.5 * scale.mean(), 0.9 * scale.mean()), abs=1e-5)
