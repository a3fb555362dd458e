from __future__ import annotations

from statistics import fmean, pstdev

import numpy as np
import numpy.typing as npt
import pytest
from conftest import Pixels, as_photo, as_subject, drawn, painted
from skimage.color import rgb2lab

from evaluator.measure import light
from evaluator.types import Plane
from evaluator.view import View, view

Lab = npt.NDArray[np.float32]

# Matsuda's sectors, as the paper's figure 3 gives them: width at the centre, width opposite or at a right angle.
SECTORS: dict[str, list[tuple[float, float]]] = {
    "i": [(0, 18)],
    "V": [(0, 93.6)],
    "L": [(0, 18), (90, 79.2)],
    "I": [(0, 18), (180, 18)],
    "Y": [(0, 93.6), (180, 18)],
    "X": [(0, 93.6), (180, 93.6)],
}


def flat(*colour: int, size: int = 8) -> Pixels:
    return np.full((size, size, 3), colour, np.uint8)


def hues(*degrees: float, chroma: float = 40, lightness: float = 60) -> Lab:
    """Return a strip of equal patches of the hues."""
    angle = np.radians(np.repeat(degrees, 20))
    row = np.stack([np.full(angle.size, lightness), chroma * np.cos(angle), chroma * np.sin(angle)], axis=1)
    return np.tile(row, (20, 1, 1)).astype(np.float32)


def of_lab(lab: Lab) -> View:
    """Return a view of a picture that is known by its L*a*b* alone."""
    nothing = np.zeros(lab.shape[:2], np.float32)
    blank = np.zeros(lab.shape, np.uint8)
    return View(blank, lab, lab, nothing, blank, nothing, nothing, max(lab.shape))


def test_clipping() -> None:
    rgb = np.array([[[255, 10, 10], [252, 252, 252], [4, 4, 4], [0, 0, 5], [253, 0, 0]]], np.uint8)
    assert light.clipped_lights(rgb).tolist() == [[True, False, False, False, True]]
    assert light.clipped_shadows(rgb).tolist() == [[False, False, True, False, False]]


@pytest.mark.parametrize("colour", [(200, 180, 150), (90, 90, 120), (255, 0, 0), (128, 128, 128)])
def test_the_illuminant_of_a_tinted_grey_is_its_tint(colour: tuple[int, int, int]) -> None:
    linear = ((np.array(colour) / 255 + 0.055) / 1.055) ** 2.4
    linear[np.array(colour) == 0] = 0
    across = np.linalg.norm(np.cross(linear, np.ones(3)))
    expected = np.degrees(np.arctan2(across, linear.sum()))
    assert light.illuminant_angle(flat(*colour)) == pytest.approx(expected, abs=0.01)


def test_the_illuminant_is_the_minkowski_mean() -> None:
    # Half red at full, half green at full: both channels have the same norm, blue none: arccos √(2/3).
    rgb = np.concatenate([flat(255, 0, 0, size=64), flat(0, 255, 0, size=64)])
    assert light.illuminant_angle(rgb) == pytest.approx(np.degrees(np.arccos(np.sqrt(2 / 3))))
    # With p = 1 a channel that shines in a quarter of the picture counts a quarter: (1, 1/3, 1/3).
    thirds = np.concatenate([flat(255, 255, 255, size=64)] + 2 * [flat(255, 0, 0, size=64)])
    expected = np.degrees(np.arccos((5 / 3) / np.sqrt(3) / np.sqrt(1 + 2 / 9)))
    assert light.illuminant_angle(thirds, power=1) == pytest.approx(expected, abs=0.6)


def test_black_has_no_illuminant() -> None:
    assert light.illuminant_angle(flat(0, 0, 0)) == 0


def test_the_cast_is_the_tint_of_the_greys(rng: np.random.Generator) -> None:
    lab = rng.uniform((40, 30, 30), (90, 60, 60), (40, 40, 3)).astype(np.float32)
    lab[10:30, 10:30, 1:] = (5, -7)
    assert light.neutral_cast(lab) == pytest.approx((5, -7))


@pytest.mark.parametrize(("lightness", "expected"), [(60, (6, 3)), (20, (6, 3)), (5, (0, 0))])
def test_the_cast_of_the_dark(lightness: float, expected: tuple[float, float]) -> None:
    lab = np.tile(np.array([lightness, 6, 3], np.float32), (20, 20, 1))
    lab[..., 0] += np.linspace(0, 1, 20, dtype=np.float32)
    assert light.neutral_cast(lab) == pytest.approx(expected)


def test_colourfulness_follows_the_paper(picture: Pixels) -> None:
    pixels = [tuple(map(float, pixel)) for pixel in picture.reshape(-1, 3).tolist()]
    rg = [r - g for r, g, _ in pixels]
    yb = [(r + g) / 2 - b for r, g, b in pixels]
    spread = (pstdev(rg) ** 2 + pstdev(yb) ** 2) ** 0.5
    expected = spread + 0.3 * (fmean(rg) ** 2 + fmean(yb) ** 2) ** 0.5
    assert light.colourfulness(picture) == pytest.approx(expected)
    assert light.colourfulness(flat(77, 77, 77)) == 0


@pytest.mark.parametrize("hue", [0, 45, 120, 300])
def test_one_hue_is_in_harmony_with_itself(hue: float) -> None:
    assert light.harmony_distance(hues(hue)) == 0


@pytest.mark.parametrize(
    "degrees", [(0, 120, 240), (10, 100, 190, 280), (0, 60, 130, 200, 310), (20, 200), (0, 90), (30, 60, 90)]
)
def test_harmony_is_the_least_distance_to_a_template(degrees: tuple[float, ...]) -> None:
    def cost(sectors: list[tuple[float, float]], turn: int) -> float:
        gaps = [
            min(max(0.0, abs((hue - centre - turn + 180) % 360 - 180) - width / 2) for centre, width in sectors)
            for hue in degrees
        ]
        return fmean(gaps)

    expected = min(cost(sectors, turn) for sectors in SECTORS.values() for turn in range(360))
    # Hues and turns are counted in steps of 5°, so that either may be off by half of one.
    assert light.harmony_distance(hues(*degrees)) == pytest.approx(expected, abs=2.5)


def test_a_clashing_triad_is_further_off_than_opposites() -> None:
    assert light.harmony_distance(hues(5, 185)) == 0
    assert light.harmony_distance(hues(5, 125, 245)) > 5


def test_pale_colours_clash_less_and_greys_not_at_all() -> None:
    strong, pale = hues(5, 125, 245), hues(5, 125, 245, chroma=9)
    assert light.harmony_distance(pale) == pytest.approx(0.75 * light.harmony_distance(strong))
    assert light.harmony_distance(hues(5, 125, 245, chroma=7)) == 0


def test_hues_are_counted() -> None:
    assert light.hue_count(hues(9, 81, 153, 225)) == 4
    assert light.hue_count(hues(*([9] * 30), 81)) == 1  # 1/30 of the strongest
    assert light.hue_count(hues(9, 81, chroma=10)) == 0
    assert light.hue_count(hues(9, 81, lightness=99)) == 0


def test_weighted_quantiles_agree_with_numpy(rng: np.random.Generator) -> None:
    values = rng.uniform(5, 95, (60, 80)).astype(np.float32)
    weight = rng.uniform(0, 1, values.shape) ** 3
    at = (0.02, 0.5, 0.98)
    expected = np.quantile(values, at, weights=weight, method="inverted_cdf")
    assert light._quantiles(values, weight, at) == pytest.approx(list(expected), abs=0.5)


def test_exposure_is_read_from_the_subject() -> None:
    mask = np.zeros((100, 100), np.float32)
    mask[:, :50] = 1
    rgb = painted((255, 255, 255), mask, (0, 0, 0))
    rgb[:50, :50] = 119  # L* 50
    known = light.exposure(view(as_photo(rgb)), as_subject(mask)).values
    unknown = light.exposure(view(as_photo(rgb)), as_subject(mask, confidence=0)).values
    assert known["middle"] < 51 < known["lightest"]
    assert known["clipped_lights"] == pytest.approx(0.2, abs=0.1)
    assert known["clipped_shadows"] == pytest.approx(50, abs=0.2)
    assert known["subject_lightest"] == pytest.approx(50, abs=1)
    assert known["range"] == pytest.approx(known["subject_lightest"] - known["darkest"])
    assert unknown["clipped_lights"] == pytest.approx(50)
    assert unknown["clipped_shadows"] == pytest.approx(25)
    assert known["pure_white"] == unknown["pure_white"] == pytest.approx(50)


def test_white_paper_counts_little_where_the_subject_is_unknown() -> None:
    rgb = painted((255, 255, 255), drawn((60, 80), (20, 10, 60, 50), "rectangle"), (119, 119, 119))
    nowhere = as_subject(np.zeros((60, 80)), confidence=0, plain=1, white=1)
    share = 0.1 * 2 / 3 / (1 / 3 + 0.1 * 2 / 3)
    assert light.exposure(view(as_photo(rgb)), nowhere).values["clipped_lights"] == pytest.approx(100 * share)


def test_colour_harmony_of_a_tinted_picture() -> None:
    tinted = flat(140, 120, 110, size=40)
    values = light.colour_harmony(view(as_photo(tinted)), as_subject(np.zeros((40, 40)))).values
    _, a, b = rgb2lab(tinted)[0, 0]
    assert (values["cast_a"], values["cast_b"]) == pytest.approx((a, b), abs=0.3)
    assert values["cast"] == pytest.approx(np.hypot(a, b), abs=0.3)
    assert values["illuminant"] == min(light.illuminant_angle(tinted), values["cast"])
    assert values["harmony"] == 0
    assert values["colourfulness"] == pytest.approx(0.3 * np.hypot(20, 20))


def test_a_coloured_product_beside_neutral_grey_is_no_cast() -> None:
    rgb = painted((150, 150, 150), drawn((60, 80), (20, 10, 60, 50)), (200, 40, 40))
    values = light.colour_harmony(view(as_photo(rgb)), as_subject(np.zeros((60, 80)))).values
    assert light.illuminant_angle(rgb) > 5
    assert values["cast"] == pytest.approx(0, abs=0.1)
    assert values["illuminant"] == values["cast"]


def lit(inside: float, outside: float, size: int = 100) -> tuple[Lab, Plane]:
    """Return a picture whose lightness climbs across by so much inside and outside a square, and the square."""
    mask = np.zeros((size, size), np.float32)
    mask[size // 4 : -size // 4, size // 4 : -size // 4] = 1
    across = np.linspace(-0.5, 0.5, size, endpoint=False)[None, :]
    lightness = 50 + np.where(mask > 0, inside, outside) * across
    return np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)], 2).astype(np.float32), mask


def test_light_from_two_sides_is_opposed() -> None:
    lab, mask = lit(30, -20)
    reading = light.light_coherence(of_lab(lab), as_subject(mask))
    assert reading.values["opposed_light"] == pytest.approx(30 * 20 / (30 * 20 + 40), rel=1e-3)
    assert reading.values["warmth_gap"] == 0
    assert reading.confidence == pytest.approx(0.35)


def test_light_from_one_side_is_not() -> None:
    lab, mask = lit(30, 20)
    assert light.light_coherence(of_lab(lab), as_subject(mask)).values["opposed_light"] == 0


def test_the_warmth_gap_is_that_of_the_greys() -> None:
    lab, mask = lit(0, 0)
    lab[..., 2] = np.where(mask > 0, 10, -5)
    assert light.light_coherence(of_lab(lab), as_subject(mask)).values["warmth_gap"] == pytest.approx(15)


def test_no_warmth_where_a_side_has_no_greys() -> None:
    lab, mask = lit(30, -20)
    lab[..., 2] = np.where(mask > 0, 40, -5)
    values = light.light_coherence(of_lab(lab), as_subject(mask)).values
    assert set(values) == {"opposed_light"}


def test_a_mirrored_picture_has_the_same_light() -> None:
    lab, mask = lit(30, -20)
    mirrored = light.light_coherence(of_lab(lab[:, ::-1].copy()), as_subject(mask[:, ::-1]))
    assert mirrored.values == pytest.approx(light.light_coherence(of_lab(lab), as_subject(mask)).values, abs=1e-3)


@pytest.mark.parametrize(
    ("reason", "confidence", "plain", "size"),
    [("plain_backdrop", 1.0, 1.0, 100), ("subject", 0.3, 0.0, 100), ("subject", 1.0, 0.0, 20)],
)
def test_light_cannot_be_compared(reason: str, confidence: float, plain: float, size: int) -> None:
    lab, mask = lit(30, -20, size)
    assert light.light_coherence(of_lab(lab), as_subject(mask, confidence, plain, 1.0)).absent == reason
