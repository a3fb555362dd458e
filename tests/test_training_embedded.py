"""Embeddings of many pictures come in the order of the pictures, which are not all held at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluator.network.eyes import Eyes
from evaluator.training.embedded import AT_ONCE, embeddings
from evaluator.types import Glance, Rgb


class Counting(Eyes):
    """Eyes that see of a picture only its first level, and remember how many they have seen."""

    seen = 0

    def glance(self, rgb: Rgb, near: bool = False) -> Glance:
        self.seen += 1
        embedding = np.full(256, float(rgb[0, 0, 0]) + 256 * float(rgb[0, 0, 1]), np.float32)
        return Glance(embedding, np.zeros((8, 8), np.float32), {}, {}, {}, {}, (3.0, 0.5), 3.0, 3.0, {})


def test_they_come_in_order_and_a_few_are_held_at_a_time() -> None:
    eyes, ahead = Counting(), []

    def pictures(count: int) -> Iterator[Rgb]:
        for number in range(count):
            ahead.append(number - eyes.seen)
            yield np.full((32, 32, 3), (number % 256, number // 256, 0), np.uint8)

    found = embeddings(eyes, pictures(2 * AT_ONCE + 3))
    assert found[:, 0].tolist() == list(range(2 * AT_ONCE + 3))
    assert found.shape == (2 * AT_ONCE + 3, 256)
    assert max(ahead) == AT_ONCE - 1


def test_of_no_pictures_there_are_none() -> None:
    assert len(embeddings(Counting(), iter(()))) == 0
