from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from styles.palette import delta_e, distances, extract, likeness, oklab, to_hex, to_rgb
from styles.types import Swatch


def halves(left: str, right: str, share: float = 0.5) -> npt.NDArray[np.uint8]:
    picture = np.zeros((120, 200, 3), np.uint8)
    cut = int(200 * share)
    picture[:, :cut], picture[:, cut:] = to_rgb([left])[0], to_rgb([right])[0]
    return picture


@pytest.mark.parametrize(
    ("hex", "lab"),
    [
        # From the table of the article that defines OKLab.
        ("#FFFFFF", (1.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#FF0000", (0.628, 0.225, 0.126)),
        ("#0000FF", (0.452, -0.032, -0.312)),
    ],
)
def test_oklab_agrees_with_its_definition(hex: str, lab: tuple[float, float, float]) -> None:
    assert oklab(to_rgb([hex]))[0] == pytest.approx(lab, abs=2e-3)


def test_hex_goes_there_and_back() -> None:
    assert to_hex(to_rgb(["#0A1BFF"])[0]) == "#0A1BFF"


def test_two_colours_are_found_with_their_shares() -> None:
    palette = extract([halves("#E8D5B7", "#1F3464", 0.75)])
    assert [swatch.hex for swatch in palette] == ["#E8D5B7", "#1F3464"]
    assert palette[0].share == pytest.approx(0.75, abs=0.02)
    assert sum(swatch.share for swatch in palette) == pytest.approx(1, abs=1e-6)


def test_a_small_vivid_colour_is_not_lost() -> None:
    picture = halves("#F4F4F2", "#D9D6D0", 0.5)
    picture[40:60, 90:110] = to_rgb(["#D0202C"])
    assert any(delta_e([swatch.hex], ["#D0202C"])[0, 0] < 6 for swatch in extract([picture]))


def test_the_same_picture_gives_the_same_palette(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (50, 70, 3), np.uint8)
    first = extract([picture])
    assert first == extract([picture.copy()])
    assert 1 <= len(first) <= 5


def test_one_colour_makes_one_swatch() -> None:
    assert extract([np.full((9, 9, 3), 128, np.uint8)]) == (Swatch(hex="#808080", share=1.0),)


def test_delta_e_agrees_with_the_published_pairs() -> None:
    # Black to white is 100 by the definition of L*.
    assert delta_e(["#000000"], ["#FFFFFF", "#000000"])[0] == pytest.approx([100, 0], abs=0.1)


def test_the_nearer_palette_is_the_fitter() -> None:
    warm = extract([halves("#E8D5B7", "#C9A982")])
    cold = extract([halves("#BCD8F2", "#2F62C8")])
    nearest, full = distances(["#E6D2B4", "#C8A880"], [warm, cold])
    assert nearest[0] < 3 < 20 < nearest[1]
    fits = likeness(full)
    assert fits[0] > 0.8 > 0.2 > fits[1]


def test_a_swatch_that_is_hardly_there_counts_less() -> None:
    speck = (Swatch(hex="#808080", share=0.99), Swatch(hex="#D0202C", share=0.01))
    much = (Swatch(hex="#808080", share=0.5), Swatch(hex="#D0202C", share=0.5))
    nearest, full = distances(["#D0202C"], [speck, much])
    assert nearest == pytest.approx([0, 0], abs=1e-9)  # not every processor rounds alike
    assert full[0] > full[1]


def test_no_palettes_have_no_distances() -> None:
    assert [len(each) for each in distances(["#FFFFFF"], [])] == [0, 0]
