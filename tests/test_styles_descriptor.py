from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from styles.descriptor import BLOCKS, Descriptor, load_settings
from styles.encode import EmbeddedEncoder

Pixels = npt.NDArray[np.uint8]

WALLS = {"beige": "#E3D0B4", "navy": "#16264D", "pink": "#F5B6C4", "sage": "#A9B59A"}


def scene(wall: str, product: str, colour: str, side: int = 256) -> Pixels:
    """A wall, a floor, a plinth, and on it one of two products."""
    image = Image.new("RGB", (256, 256), WALLS[wall])
    draw = ImageDraw.Draw(image)
    floor = tuple(int(v * 0.85) for v in image.getpixel((0, 0)))  # type: ignore[union-attr]
    draw.rectangle((0, 180, 256, 256), fill=floor)
    draw.rectangle((70, 170, 186, 215), fill="#EFE9DF")
    if product == "bottle":
        draw.rectangle((112, 80, 144, 170), fill=colour)
    else:
        draw.ellipse((88, 110, 168, 172), fill=colour)
    return np.asarray(image.resize((side, side)))


@pytest.fixture(scope="module")
def encoder() -> EmbeddedEncoder:
    return EmbeddedEncoder()


def test_a_picture_becomes_a_unit_vector(encoder: EmbeddedEncoder) -> None:
    vectors = encoder.encode_pictures([scene("beige", "bottle", "#7A4B2A"), np.zeros((40, 300, 3), np.uint8)])
    assert vectors.shape == (2, encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_no_pictures_make_no_vectors(encoder: EmbeddedEncoder) -> None:
    assert encoder.encode_pictures([]).shape == (0, encoder.dimension)


def test_the_scene_tells_more_than_the_product(encoder: EmbeddedEncoder) -> None:
    asked, same_scene, same_product = encoder.encode_pictures(
        [
            scene("beige", "bottle", "#7A4B2A"),
            scene("beige", "ball", "#2F6B3C"),
            scene("sage", "bottle", "#7A4B2A"),
        ]
    )
    assert asked @ same_scene > asked @ same_product + 0.05


def test_the_same_scene_is_found_among_others(encoder: EmbeddedEncoder) -> None:
    first = encoder.encode_pictures([scene(wall, "bottle", "#7A4B2A") for wall in WALLS])
    second = encoder.encode_pictures([scene(wall, "ball", "#2F62C8", 384) for wall in WALLS])
    assert (first @ second.T).argmax(1).tolist() == list(range(len(WALLS)))


def test_size_hardly_matters(encoder: EmbeddedEncoder) -> None:
    small, large = encoder.encode_pictures(
        [scene("pink", "ball", "#D0202C", 200), scene("pink", "ball", "#D0202C", 700)]
    )
    assert small @ large > 0.97


def test_light_from_the_other_side_is_seen(encoder: EmbeddedEncoder) -> None:
    fall = np.linspace(90, 230, 256)[None, :, None]
    picture = np.broadcast_to(fall, (256, 256, 3)).astype(np.uint8)
    one, two = encoder.encode_pictures([picture, picture[:, ::-1]])
    blocks = [encoder.descriptor.blocks(each) for each in (one, two)]
    assert float(blocks[0]["light"] @ blocks[1]["light"]) < 0.7
    assert float(blocks[0]["tone"] @ blocks[1]["tone"]) > 0.99


def test_blocks_are_unit_vectors_and_cover_the_whole(encoder: EmbeddedEncoder) -> None:
    vector = encoder.encode_pictures([scene("navy", "ball", "#FFFFFF")])[0]
    blocks = encoder.descriptor.blocks(vector)
    assert tuple(blocks) == BLOCKS
    assert [float(np.linalg.norm(each)) for each in blocks.values()] == pytest.approx([1] * 6, abs=1e-4)
    assert sum(len(each) for each in blocks.values()) == encoder.dimension


def test_the_weights_are_a_mean_and_the_checksum_is_of_the_file() -> None:
    settings = load_settings()
    assert sum(settings.weights.values()) == pytest.approx(1)
    assert len(settings.checksum) == 64
    assert 0 < settings.unrelated < settings.duplicate < 1
    assert Descriptor(settings).dimension == EmbeddedEncoder().dimension


def test_it_knows_no_words(encoder: EmbeddedEncoder) -> None:
    assert encoder.encode_words(["red"]) is None
