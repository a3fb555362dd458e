"""The standard: its ids, its wording in two languages, its curves, and what is said of a broken file."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from test_pipeline import still_life

from evaluator import measure
from evaluator.decode import decode
from evaluator.errors import StandardError, UnknownProfile
from evaluator.mask import find_subject
from evaluator.score import derive
from evaluator.standard import ADVICE_FILE, CURVES_FILE, STANDARD_FILE, Curve, Standard, Wording, load
from evaluator.view import view

GROUPS = {
    "form": "completeness shape_fidelity body_plausibility hand_face_integrity",
    "environment": "scene_fit subject_fusion grounding scale background_order",
    "composition": "prominence frame_fill balance overlay_freedom",
    "light": "exposure light_coherence colour_harmony",
    "texture": "sharpness artefact_cleanliness material_realism",
}
FILES = (STANDARD_FILE, CURVES_FILE, ADVICE_FILE)
TAGS = {"fusion": 3.0, "hand": 2.5, "face": 2.5, "body": 2.5, "product_changed": 2.5}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
UNITS = re.compile(r"JPEG|WebP|ISO|[xy] |ΔE|L\*|C\*|[ab]\*|\{[^}]*\}")

STANDARD = load()
CURVES = [pytest.param(curve, id=f"{curve.criterion}-{curve.measure}") for curve in STANDARD.curves]


def test_the_criteria_and_groups_are_those_published() -> None:
    ids = [(rule.group, rule.id) for rule in STANDARD.criteria]
    assert ids == [(group, id) for group, members in GROUPS.items() for id in members.split()]
    assert len(ids) == 19
    assert [group.id for group in STANDARD.groups] == list(GROUPS)


def test_the_tags_and_their_caps_are_those_published() -> None:
    assert {tag.id: tag.cap for tag in STANDARD.tags} == TAGS
    assert [tag.id for tag in STANDARD.tags if tag.needs_original] == ["product_changed"]


def test_the_thresholds_are_those_published() -> None:
    assert STANDARD.verdicts.good == 3.5
    assert STANDARD.total.impression == 0.6
    assert STANDARD.profile("amazon").fill[0] == 0.85
    assert STANDARD.profile("amazon").white
    assert STANDARD.profile("google").fill == (0.75, 0.90)


def test_every_criterion_has_its_measuring_function() -> None:
    assert set(measure.CRITERIA) == {rule.id for rule in STANDARD.criteria}


def wordings(standard: Standard) -> Iterator[tuple[str, Wording]]:
    for group in standard.groups:
        yield f"groups.{group.id}", group.name
    for rule in standard.criteria:
        yield from ((f"{rule.id}.name", rule.name), (f"{rule.id}.asks", rule.asks))
        levels = rule.levels
        yield from (
            (f"{rule.id}.levels.{n}", w) for n, w in zip("135", (levels.one, levels.three, levels.five), strict=True)
        )
    yield from ((f"tags.{tag.id}", tag.name) for tag in standard.tags)
    yield from ((f"profiles.{profile.id}", profile.name) for profile in standard.profiles)
    yield from ((f"absences.{id}", wording) for id, wording in standard.absences.items())
    yield from ((f"curves.{curve.measure}", curve.label) for curve in standard.curves)
    yield from ((f"sources.{id}", wording) for id, wording in standard.sources.items())
    yield from ((f"findings.{id}", wording) for id, wording in standard.findings.items())
    yield from ((f"advice.{key}", wording) for key, wording in standard.advice.items())


def test_every_wording_is_english_and_really_chinese() -> None:
    wrong = []
    for key, wording in wordings(STANDARD):
        chinese = UNITS.sub("", wording.zh)
        if not CHINESE.search(chinese) or re.search("[A-Za-z]", chinese) or wording.zh != wording.get("zh"):
            wrong.append(f"{key} zh")
        if CHINESE.search(wording.en) or not re.search("[A-Za-z]", wording.en) or wording.en != wording.get("en"):
            wrong.append(f"{key} en")
    assert wrong == []


def test_the_three_levels_of_a_criterion_differ() -> None:
    for rule in STANDARD.criteria:
        texts = [rule.levels.nearest(score).get(language) for language in ("en", "zh") for score in (1, 3, 5)]
        assert len(set(texts)) == 6, rule.id


@pytest.mark.parametrize(
    ("score", "level"), [(1.0, "one"), (1.99, "one"), (2.0, "three"), (4.29, "three"), (4.3, "five"), (5.0, "five")]
)
def test_a_score_is_worded_by_the_nearest_level(score: float, level: str) -> None:
    levels = STANDARD.criterion("exposure").levels
    assert levels.nearest(score) is getattr(levels, level)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_is_monotone_and_between_1_and_5(curve: Curve) -> None:
    xs, ys = np.array(curve.points).T
    assert (np.diff(xs) > 0).all()
    assert len(np.unique(np.sign(np.diff(ys))[np.diff(ys) != 0])) == 1
    assert ys.min() >= 1
    assert ys.max() <= 5


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    """The measures of a still life in a scene, as a channel that asks for white sees them."""
    photo = decode(still_life())
    seen = view(photo)
    return derive(measure.read(seen, find_subject(photo, seen)), STANDARD.profile("amazon"))


@pytest.mark.parametrize("curve", CURVES)
def test_the_criterion_of_a_curve_reads_its_measure_and_can_word_it(
    curve: Curve, measured: dict[str, dict[str, float]]
) -> None:
    values = measured[curve.criterion]
    assert np.isfinite(values[curve.measure])
    for text in (curve.label.en, curve.label.zh):
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field]
        assert fields
        assert "{" not in text.format(value=values[curve.measure], **values)


def test_every_reason_for_an_absent_measure_is_worded() -> None:
    named = set()
    for path in (STANDARD_FILE.parent / "measure").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "absent":
                named |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    assert {"network", "subject"} < named <= set(STANDARD.absences)
    assert {"person", "hand", "face", "hand_face", "flat_lay", "no_reference", "blank"} <= set(STANDARD.absences)


def test_no_code_repeats_a_weight() -> None:
    ids = {rule.id for rule in STANDARD.criteria} | {curve.measure for curve in STANDARD.curves} | set(TAGS)
    repeated = []
    # What makes the training pictures labels them by the same ids: those numbers are labels, no weights.
    judging = [path for path in STANDARD_FILE.parent.rglob("*.py") if "training" not in path.parts]
    for path in judging:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = {each.value for each in node.keys if isinstance(each, ast.Constant)}
                numbers = [
                    each for each in node.values if isinstance(each, ast.Constant) and isinstance(each.value, float)
                ]
                if len(keys & ids) > 1 and numbers:
                    repeated.append(f"{path.name}:{node.lineno}")
    assert repeated == []


def test_looking_up_rules() -> None:
    assert STANDARD.criterion("scale").group == "environment"
    assert [curve.measure for curve in STANDARD.curves_of("prominence")] == ["saliency_gain", "subject_contrast"]
    assert STANDARD.curves_of("material_realism") == ()
    with pytest.raises(KeyError):
        STANDARD.criterion("charm")
    with pytest.raises(UnknownProfile, match=r"'ebay'.*general, amazon, google, lifestyle"):
        STANDARD.profile("ebay")


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., StandardError]:
    """Load the standard with one text replaced by another in its file, and return what is said of it."""

    def load_with(old: str, new: str, file: Path = STANDARD_FILE) -> StandardError:
        paths = []
        for source in FILES:
            text = source.read_text(encoding="utf-8")
            if source == file:
                assert old in text
                text = text.replace(old, new, 1)
            paths.append(tmp_path / source.name)
            paths[-1].write_text(text, encoding="utf-8")
        with pytest.raises(StandardError) as caught:
            load(*paths)
        return caught.value

    return load_with


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('group = "form"', 'group = "shape"', "criteria.completeness.group", "'shape' is none of"),
        ('id = "scale"', 'id = "grounding"', "criteria", "'grounding' stands twice"),
        ('id = "google"', 'id = "amazon"', "profiles", "'amazon' stands twice"),
        ('criterion = "subject_fusion"\ncap', 'criterion = "glue"\ncap', "tags.fusion.criterion", "'glue'"),
        ("cap = 3.0", "cap = 5.5", "tags.0.cap", "less than or equal to 5"),
        ("good = 3.5", "good = 0.5", "verdicts.good", "greater than or equal to 1"),
        ("severity = 0.85", "severity = 1.2", "total.severity", "less than or equal to 1"),
        ("weight = 6", "weight = 0", "criteria.0.weight", "greater than 0"),
        ("weight = 6", 'weight = "6"', "criteria.0.weight", "valid number"),
        ("weight = 6", "weight = 6\nwieght = 7", "criteria.0.wieght", "not permitted"),
        ('name = { en = "Form", zh = "形体" }', 'name = { en = "Form" }', "groups.0.name.zh", "required"),
        ('name = { en = "Form", zh = "形体" }', 'name = { en = "", zh = "形体" }', "groups.0.name.en", "1 character"),
        ("fill = [0.45, 0.96]", "fill = [0.45]", "profiles.0.fill", "required"),
        ("fill = [0.45, 0.96]", "fill = 0.45", "profiles.0.fill", "tuple"),
        ('version = "1"', "", "version", "required"),
        ('version = "1"', 'version = "1', "(syntax)", "line"),
    ],
)  # fmt: skip
def test_a_broken_standard_is_named_by_its_key(
    broken: Callable[..., StandardError], old: str, new: str, key: str, why: str
) -> None:
    error = broken(old, new)
    assert error.values["file"] == STANDARD_FILE.name
    assert str(error.values["key"]).startswith(key)
    assert why in str(error.values["why"])
    for language in ("en", "zh"):
        assert STANDARD_FILE.name in error.sentence(language)
        assert key in error.sentence(language)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ("[[0, 5], [0.35, 4.2]", "[[0, 5], [0.35, 2.2]", "curves.0", "only rise or only fall"),
        ("[[0, 5], [0.35, 4.2]", "[[0, 5], [0, 4.2]", "curves.0", "must rise from point to point"),
        ("[[0, 5], [0.35, 4.2]", "[[0, 5.5], [0.35, 4.2]", "curves.0", "between 1 and 5"),
        ("[[0, 5], [0.35, 4.2]", '[["none", 5], [0.35, 4.2]', "curves.0.points.0.0", "valid number"),
        ("[[0, 5], [0.35, 4.2]", "[5, [0.35, 4.2]", "curves.0.points.0", "tuple"),
        ("[[0, 5], [0.35, 4.2]", "[[0, 5, 1], [0.35, 4.2]", "curves.0.points.0", "at most 2"),
        ("[[0.2, 5], [0.8, 4.6]", "[[0, 5], [0.8, 4.6]", "curves.", "over 0"),
        ('criterion = "completeness"', 'criterion = "wholeness"', "curves.cut.criterion", "'wholeness'"),
        ('scale = "linear"', 'scale = "cubic"', "curves.0.scale", "'linear' or 'log'"),
        ("exponent = -5.0", "exponent = 1.0", "exponent", "less than 0"),
        ("exponent = -5.0", "", "exponent", "required"),
        ("exponent = -5.0", "exponent = ", "(syntax)", "line 4"),
    ],
)  # fmt: skip
def test_broken_curves_are_named_by_their_key(
    broken: Callable[..., StandardError], old: str, new: str, key: str, why: str
) -> None:
    error = broken(old, new, CURVES_FILE)
    assert error.values["file"] == CURVES_FILE.name
    assert str(error.values["key"]).startswith(key)
    assert why in str(error.values["why"])


@pytest.mark.parametrize("noun", ["groups", "criteria", "tags", "profiles", "curves"])
@pytest.mark.parametrize("rows", ["3", "[3]", '"none"'])
def test_a_table_of_another_kind_is_named(tmp_path: Path, noun: str, rows: str) -> None:
    paths = {}
    for file in (STANDARD_FILE, CURVES_FILE):
        blocks = re.split(r"\n(?=\[|# )", file.read_text(encoding="utf-8"))
        kept = [block for block in blocks if not block.startswith(f"[[{noun}]]")]
        paths[file] = tmp_path / file.name
        first = f"{noun} = {rows}\n" if len(kept) < len(blocks) else ""
        paths[file].write_text(first + "\n".join(kept), encoding="utf-8")
    with pytest.raises(StandardError) as caught:
        load(*paths.values())
    assert caught.value.values["file"] == (CURVES_FILE.name if noun == "curves" else STANDARD_FILE.name)
    assert str(caught.value.values["key"]).startswith(noun)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('left = { en = "to the left", zh = "左" }', 'left = { en = "to the left" }', "advice.left.zh", "required"),
        ('left = { en = "to the left", zh = "左" }', 'left = "left"', "advice.left", "dictionary"),
        ("left = { en", "left = ( en", "(syntax)", "line"),
    ],
)
def test_broken_advice_is_named_by_its_key(
    broken: Callable[..., StandardError], old: str, new: str, key: str, why: str
) -> None:
    error = broken(old, new, ADVICE_FILE)
    assert error.values["file"] == ADVICE_FILE.name
    assert error.values["key"] == key
    assert why in str(error.values["why"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match=r"rules\.toml.*No such file.*restore the file"):
        load(tmp_path / "rules.toml")
    with pytest.raises(StandardError, match=r"lines\.toml.*No such file"):
        load(curves=tmp_path / "lines.toml")
    with pytest.raises(StandardError, match=r"words\.toml.*No such file"):
        load(advice=tmp_path / "words.toml")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(b'version = "\xff"')
    with pytest.raises(StandardError, match=r"rules\.toml.*\(syntax\).*utf-8"):
        load(path)


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    digests = {STANDARD.digest}
    for spaced in (None, *FILES):
        paths = [tmp_path / f"{spaced and spaced.stem}-{file.name}" for file in FILES]
        for path, file in zip(paths, FILES, strict=True):
            path.write_bytes(file.read_bytes() + (b"\n" if file == spaced else b""))
        standard = load(*paths)
        assert (standard.digest == STANDARD.digest) == (spaced is None)
        assert (standard == STANDARD) == (spaced is None)
        digests.add(standard.digest)
    assert len(digests) == 4
    assert all(re.fullmatch("[0-9a-f]{12}", digest) for digest in digests)
