from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from evaluator.__main__ import main
from evaluator.errors import FileMissing
from evaluator.pair.report import draw, good_rate, ranked, to_dict
from evaluator.pair.types import PairReport
from evaluator.pipeline import Evaluator
from tests.conftest import as_photo

Pixels = npt.NDArray[np.uint8]
JUDGE = Evaluator(eyes=None)


def bottle(colour: tuple[int, int, int] = (40, 110, 70), word: str = "OLIVA", cap: bool = True) -> Pixels:
    """Return a bottle with a label and a handle on one side, 300×300, with its alpha as a fourth channel."""
    canvas = np.zeros((300, 300, 4), np.uint8)
    solid = (*colour, 255)
    cv2.rectangle(canvas, (105, 100), (195, 270), solid, -1)
    cv2.ellipse(canvas, (150, 100), (45, 30), 0, 180, 360, solid, -1)
    cv2.rectangle(canvas, (138, 45), (162, 80), solid, -1)
    if cap:
        cv2.rectangle(canvas, (134, 30), (166, 52), (190, 40, 35, 255), -1)
    cv2.ellipse(canvas, (200, 160), (26, 40), 0, -90, 90, (90, 70, 40, 255), 10)
    cv2.rectangle(canvas, (110, 150), (190, 220), (235, 220, 180, 255), -1)
    cv2.putText(canvas, word, (113, 192), cv2.FONT_HERSHEY_DUPLEX, 0.75, (30, 30, 60, 255), 2, cv2.LINE_AA)
    shade = np.linspace(1.12, 0.8, 300)[None, :, None]
    canvas[..., :3] = np.clip(canvas[..., :3] * shade, 0, 255)
    return canvas


def on_white(product: Pixels) -> Pixels:
    return laid(product, np.full((300, 300, 3), 255, np.uint8))


def laid(product: Pixels, ground: Pixels, scale: float = 1.0, at: tuple[int, int] = (0, 0)) -> Pixels:
    """Return the product on a ground, scaled, its corner at a point (x, y)."""
    size = (ground.shape[1], ground.shape[0])
    move = np.array([[scale, 0, at[0]], [0, scale, at[1]]])
    moved = cv2.warpAffine(product.astype(np.float32), move, size, flags=cv2.INTER_AREA)
    alpha = moved[..., 3:] / 255
    colour = moved[..., :3] / np.maximum(alpha, 1e-3)
    return np.clip(ground * (1 - alpha) + colour * alpha + 0.5, 0, 255).astype(np.uint8)


def scene(side: int = 420) -> Pixels:
    """Return a wall in evening light over a table."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    wall = np.stack([200 - 50 * x, 180 - 60 * x, 170 - 50 * y], axis=-1)
    table = np.stack([140 - 20 * x, 95 + 0 * x, 60 + 0 * x], axis=-1)
    ground = np.where((y > 0.7)[..., None], table, wall)
    return np.clip(ground + rng.normal(0, 1.5, (side, side, 1)), 0, 255).astype(np.uint8)


REPORTS: dict[bytes, PairReport] = {}


def compare(generated: Pixels, original: Pixels | None = None) -> PairReport:
    """Return the report of a pair; one that several tests ask for is made once."""
    first = on_white(bottle()) if original is None else original
    key = first.tobytes() + generated.tobytes()
    if key not in REPORTS:
        REPORTS[key] = JUDGE.compare(first, generated)
    return REPORTS[key]


def test_identical_pictures_are_unchanged_at_99_or_more() -> None:
    same = compare(on_white(bottle())).consistency
    assert same.state == "unchanged" and same.changed is False
    assert same.score is not None and same.score >= 99
    assert same.iou is not None and same.iou > 0.98
    assert (same.expansion, same.loss) == (0.0, 0.0)


def relit() -> Pixels:
    picture = on_white(bottle()).astype(np.float32) / 255
    slope = np.linspace(0.9, 1.05, 300)[None, :, None]
    return np.clip(255 * picture**1.1 * np.array([0.97, 0.92, 0.86]) * slope, 0, 255).astype(np.uint8)


def compressed() -> Pixels:
    _, data = cv2.imencode(".jpg", on_white(bottle()), [cv2.IMWRITE_JPEG_QUALITY, 50])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


BENIGN: dict[str, Callable[[], Pixels]] = {
    "moved and smaller": lambda: laid(bottle(), np.full((300, 300, 3), 255, np.uint8), 0.7, (60, 70)),
    "in a scene": lambda: laid(bottle(), scene(), 1.2, (40, 50)),
    "new light": relit,
    "jpeg": compressed,
    "resized": lambda: cv2.resize(on_white(bottle()), (480, 480), interpolation=cv2.INTER_CUBIC),
}


@pytest.mark.parametrize("name", BENIGN)
def test_what_leaves_the_product_alone_is_no_change(name: str) -> None:
    same = compare(BENIGN[name]()).consistency
    assert same.state == "unchanged", (same.probability, dict(same.measures))
    assert same.mirrored is False


def erased() -> Pixels:
    product = bottle()
    product[235:, 105:150] = 0
    return product


CHANGED: dict[str, tuple[Callable[[], Pixels], tuple[float, float]]] = {
    "recoloured": (lambda: bottle((90, 50, 130)), (0.5, 0.6)),
    "relabelled": (lambda: bottle(word="XKRTW"), (0.5, 0.61)),
    "part erased": (erased, (0.42, 0.84)),
    "cap gone": (lambda: bottle(cap=False), (0.5, 0.13)),
    "mirrored": (lambda: np.ascontiguousarray(bottle()[:, ::-1]), (0.5, 0.55)),
}


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("ground", ["white", "scene"])
def test_a_changed_product_is_found(name: str, ground: str) -> None:
    product = CHANGED[name][0]()
    generated = on_white(product) if ground == "white" else laid(product, scene(), 1.2, (40, 50))
    same = compare(generated).consistency
    assert same.state in ("changed", "other") and same.changed is True, (same.probability, dict(same.measures))
    assert same.score is not None and same.score < 70
    assert same.mirrored is (name == "mirrored")


@pytest.mark.parametrize("name", ["relabelled", "part erased", "cap gone"])
def test_the_difference_map_peaks_where_the_change_is(name: str) -> None:
    make, (x, y) = CHANGED[name]
    evidence = compare(on_white(make())).evidence
    assert evidence is not None
    row, column = np.unravel_index(int(evidence.difference.argmax()), evidence.difference.shape)
    height, width = evidence.difference.shape
    assert abs(column / width - x) < 0.17 and abs(row / height - y) < 0.13


def ball() -> Pixels:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(picture, (150, 150), 100, (220, 120, 30), -1, cv2.LINE_AA)
    for k in range(6):
        cv2.line(picture, (60 + 30 * k, 80), (240 - 20 * k, 220), (60, 40, 20), 3, cv2.LINE_AA)
    return picture


def test_another_product_is_rejected_as_such() -> None:
    report = compare(ball())
    assert report.consistency.state == "other" and report.verdict == "reject"
    assert report.reasons[0].id == "other"


def test_nothing_is_guessed_where_a_picture_shows_no_product() -> None:
    blank = np.full((300, 300, 3), 128, np.uint8)
    for report, reason in ((compare(blank), "no_generated"), (compare(on_white(bottle()), blank), "no_original")):
        assert report.consistency.state == "unknown" and report.verdict is None
        assert report.consistency.score is None and report.consistency.changed is None
        assert [each.id for each in report.reasons] == [reason]


def test_without_the_network_nothing_is_said_of_the_background() -> None:
    report = compare(on_white(bottle()))
    assert (report.background.score, report.background.probability) == (None, None)
    assert report.verdict == "review"
    assert report.reasons[-1].id == "background_unknown"


def test_the_plain_data_hold_what_the_contract_names() -> None:
    data = to_dict(compare(on_white(bottle((90, 50, 130)))))
    assert {"background", "consistency", "verdict", "reasons"} <= set(data)
    assert {"score", "probability"} <= set(data["background"])
    names = {"score", "iou", "expansion", "loss", "colour_delta", "detail_delta", "changed"}
    assert names <= set(data["consistency"])
    assert all(reason["en"] and reason["zh"] for reason in data["reasons"])


def test_the_drawing_marks_the_change_and_leaves_the_rest() -> None:
    generated = on_white(bottle(word="XKRTW"))
    report = compare(generated)
    drawn = draw(as_photo(generated), report).astype(int)
    moved = np.abs(drawn - generated).max(axis=2)
    assert moved[150:220, 110:190].max() > 60
    assert moved[:20].max() == 0


def test_candidates_are_ranked_by_verdict_then_score() -> None:
    reports = [compare(ball()), compare(on_white(bottle()))]
    assert ranked(reports)[0] is reports[1]
    assert good_rate(reports) == 0.0
    assert good_rate([]) is None


def save(folder: Path, **pictures: Pixels) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{name}.png" for name in pictures}
    for name, path in paths.items():
        Image.fromarray(pictures[name]).save(path)
    return {name: str(path) for name, path in paths.items()}


def test_the_command_writes_one_pair_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = save(tmp_path, original=on_white(bottle()), generated=on_white(bottle()))
    assert main(["compare", paths["original"], paths["generated"]]) == 0
    shown = json.loads(capsys.readouterr().out)
    out = tmp_path / "pair.json"
    assert main(["compare", paths["original"], paths["generated"], "--out", str(out)]) == 0
    assert json.loads(out.read_text("utf-8")) == shown
    assert shown["consistency"]["changed"] is False and shown["generated"] == paths["generated"]


def test_the_command_ranks_a_folder_and_goes_on_past_a_broken_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = save(tmp_path, original=on_white(bottle()))["original"]
    save(tmp_path / "made", a_other=ball(), b_same=on_white(bottle()))
    (tmp_path / "made/c_broken.png").write_bytes(b"no picture")
    assert main(["compare", original, "--candidates", str(tmp_path / "made")]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert [Path(each["generated"]).stem for each in shown["candidates"]] == ["b_same", "a_other"]
    assert [each["error"]["type"] for each in shown["failures"]] == ["NotAnImage"]
    assert shown["good_image_rate"] == 0.0


def test_bad_usage_and_missing_pictures_have_their_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = save(tmp_path, original=on_white(bottle()))["original"]
    assert main(["compare", original]) == 2
    assert main(["compare", original, "--candidates", str(tmp_path / "none")]) == 2
    assert main(["compare", original, original, "--out", str(tmp_path / "no/where.json")]) == 2
    capsys.readouterr()
    assert main(["compare", original, str(tmp_path / "none.png")]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "FileMissing"


def test_a_picture_that_is_not_there_is_named() -> None:
    with pytest.raises(FileMissing, match="nowhere"):
        JUDGE.compare("nowhere.png", on_white(bottle()))


def test_a_product_as_thin_as_a_wire_is_compared(tmp_path: Path) -> None:
    wire = np.zeros((900, 900, 4), np.uint8)
    wire[20:880, 448:453] = (40, 40, 60, 255)
    file = tmp_path / "wire.png"
    Image.fromarray(wire).save(file)
    table = np.full((900, 900, 3), (170, 140, 110), np.uint8)
    table[20:880, 448:453] = (40, 40, 60)
    report = Evaluator().compare(file, table)
    assert report.consistency.state == "unchanged"
