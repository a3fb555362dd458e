"""A report as JSON, as Markdown, and drawn on its picture."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np

from evaluator.errors import Language
from evaluator.standard import load
from evaluator.types import Box, Criterion, Failure, Flags, Photo, Plane, Report, Rgb, Tag
from evaluator.view import WORK_SIDE, shrink

LAYERS = ("subject", "boxes", "thirds", "clipping")
HEAT = "heat_"
"""What the layer of an attribute's map begins with; its id follows."""
DIGITS = 4
_INK = {
    "subject": (0, 168, 132),
    "text": (222, 60, 75),
    "hand": (214, 40, 120),
    "face": (150, 60, 200),
    "body": (70, 90, 220),
    "other": (240, 150, 30),
}
_FAINT = 0.15
"""Least value of a map that is drawn."""


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data; every number is rounded to four decimals, the score to two."""
    return {
        "path": report.path,
        "score": report.score,
        "verdict": report.verdict,
        "confidence": _round(report.confidence),
        "criteria": {id: _criterion(c) for id, c in report.criteria.items()},
        "tags": {id: _tag(t) for id, t in report.tags.items()},
        "parts": [{k: _round(v) for k, v in dataclasses.asdict(part).items()} for part in report.parts],
        "advice": [
            {
                **dataclasses.asdict(a),
                "gain": _round(a.gain),
                "values": {k: _round(v) for k, v in a.values.items()},
            }
            for a in report.advice
        ],
        "metadata": dataclasses.asdict(report.metadata),
        "stamp": {**dataclasses.asdict(report.stamp), "experts": list(report.stamp.experts)},
        "aesthetic": _round(report.aesthetic),
    }


def failure_to_dict(failure: Failure) -> dict[str, Any]:
    """Return a failure as the contract's line."""
    return {"path": failure.path, "error": {"type": failure.type, "message": failure.message}}


def to_json(result: Report | Failure, indent: int | None = None) -> str:
    """Return one result as JSON; the same bytes always give the same text."""
    data = to_dict(result) if isinstance(result, Report) else failure_to_dict(result)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    # A file name that is no UTF-8 comes as lone surrogates: JSON's own escape for them can be written.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _criterion(c: Criterion) -> dict[str, Any]:
    return {
        "score": None if c.score is None else round(c.score, 2),
        "weight": _round(c.weight),
        "reason": c.reason,
        "reason_zh": c.reason_zh,
        "confidence": _round(c.confidence),
        "measures": {k: _round(v) for k, v in c.measures.items()},
        "subscores": {k: _round(v) for k, v in c.subscores.items()},
        "boxes": _boxes(c.boxes),
        "sources": {k: _round(v) for k, v in c.sources.items()},
    }


def _tag(tag: Tag) -> dict[str, Any]:
    return {
        "probability": _round(tag.probability),
        "flag": tag.flag,
        "doubt": tag.doubt,
        "confidence": _round(tag.confidence),
        "boxes": _boxes(tag.boxes),
        "reason": tag.reason,
        "reason_zh": tag.reason_zh,
    }


def _boxes(boxes: Iterable[Box]) -> list[dict[str, Any]]:
    return [{k: _round(v) for k, v in dataclasses.asdict(box).items()} for box in boxes]


def _round(value: Any) -> Any:
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value


_WORDS: Mapping[str, Mapping[Language, str]] = {
    "title": {"en": "Picture report", "zh": "图片报告"},
    "score": {"en": "Score", "zh": "总分"},
    "verdict": {"en": "Verdict", "zh": "结论"},
    "criterion": {"en": "Criterion", "zh": "指标"},
    "reason": {"en": "Why", "zh": "依据"},
    "advice": {"en": "What to do", "zh": "改进建议"},
    "parts": {"en": "How the total adds up", "zh": "总分构成"},
    "value": {"en": "Value", "zh": "分值"},
    "weight": {"en": "Weight", "zh": "权重"},
    "adds": {"en": "Adds", "zh": "贡献"},
    "na": {"en": "n/a", "zh": "不适用"},
    "good": {"en": "good", "zh": "合格"},
    "review": {"en": "review", "zh": "待复核"},
    "reject": {"en": "reject", "zh": "不合格"},
    "measure": {"en": "Measured", "zh": "测量"},
    "network": {"en": "Network", "zh": "网络"},
    "tags": {"en": "Abnormal attributes", "zh": "异常属性"},
    "probability": {"en": "Probability", "zh": "概率"},
    "found": {"en": "found", "zh": "检出"},
    "doubt": {"en": "uncertain", "zh": "存疑"},
    "clear": {"en": "not found", "zh": "未检出"},
    "aesthetic": {"en": "LAION aesthetic head, beside the score:", "zh": "LAION 美学评分头（不计入总分）："},
    "impression": {"en": "Impression of the whole (network)", "zh": "整体印象（网络）"},
    "severity": {"en": "Severity of the worst", "zh": "短板程度"},
    "cap": {"en": "Cap", "zh": "封顶"},
}


def word(key: str, language: Language) -> str:
    """Return a word of the report in a language; raises KeyError for an unknown one."""
    return _WORDS[key][language]


def to_markdown(report: Report, language: Language = "en") -> str:
    """Return the report as a Markdown document in English or Chinese."""
    names = {rule.id: rule.name.get(language) for rule in load().criteria}
    names |= {key: word(key, language) for key in ("severity", "impression", "cap")}
    lines = [
        f"# {word('title', language)}: {_cell(report.path)}",
        "",
        f"**{word('score', language)} {report.score:.2f} / 5** · "
        f"{word('verdict', language)}: {word(report.verdict, language)}",
        *([] if report.aesthetic is None else ["", f"{word('aesthetic', language)} {report.aesthetic:.1f}"]),
        "",
        *_head(("criterion", "score", "measure", "network", "reason"), language),
    ]
    for id, c in report.criteria.items():
        score = word("na", language) if c.score is None else f"{c.score:.2f}"
        told = [f"{c.sources[name]:.2f}" if name in c.sources else "" for name in ("measure", "network")]
        lines.append(_row(names[id], score, *told, c.reason_zh if language == "zh" else c.reason))
    lines += ["", f"## {word('tags', language)}", "", *_tag_rows(report, language)]
    lines += ["", f"## {word('advice', language)}", ""]
    lines += [f"{n}. {_cell(a.zh if language == 'zh' else a.en)}" for n, a in enumerate(report.advice, 1)] or ["—"]
    lines += ["", f"## {word('parts', language)}", "", *_head(("", "value", "weight", "adds"), language)]
    for part in report.parts:
        value = "" if part.value is None else f"{part.value:.2f}"
        weight = "" if part.weight is None else f"{part.weight:.3f}"
        lines.append(_row(names[part.id], value, weight, f"{part.adds:+z.3f}"))
    lines += [_row(f"**{word('score', language)}**", "", "", f"**{report.score:.2f}**"), ""]
    return "\n".join(lines)


def _tag_rows(report: Report, language: Language) -> list[str]:
    names = {rule.id: rule.name.get(language) for rule in load().tags}
    lines = _head(("tags", "probability", "verdict", "reason"), language)
    for id, tag in report.tags.items():
        state = "na" if tag.probability is None else "found" if tag.flag else "doubt" if tag.doubt else "clear"
        share = "" if tag.probability is None else f"{tag.probability:.2f}"
        lines.append(_row(names[id], share, word(state, language), tag.reason_zh if language == "zh" else tag.reason))
    return lines


_NUMBERS = frozenset(("score", "measure", "network", "value", "weight", "adds", "probability"))


def _head(keys: Iterable[str], language: Language) -> list[str]:
    keys = list(keys)
    rule = "|".join("---:" if key in _NUMBERS else "---" for key in keys)
    return [_row(*(key and word(key, language) for key in keys)), f"|{rule}|"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def draw(photo: Photo, report: Report, layers: Iterable[str] = LAYERS) -> Rgb:
    """Return the picture, its longer side at most 1024, with the evidence drawn on it.

    Layers: `subject` (outline of the mask), `boxes` (where criteria found something), `thirds`,
    `clipping` (lights red, shadows blue), and `heat_` with an attribute's id (where it is altered).
    """
    picture = shrink(photo.rgb, 2 * WORK_SIDE).copy()
    evidence, chosen = report.evidence, set(layers)
    if evidence is None:
        return picture
    height, width = picture.shape[:2]
    line = max(1, round(max(height, width) / 360))
    for id, plane in evidence.maps.items():
        if HEAT + id in chosen:
            _heat(picture, plane)
    if "clipping" in chosen:
        _tint(picture, evidence.clipped_lights & (evidence.subject.mask > 0.5), (235, 40, 60))
        _tint(picture, evidence.clipped_shadows & (evidence.subject.mask > 0.5), (40, 90, 235))
    if "thirds" in chosen:
        for share in (1 / 3, 2 / 3):
            x, y = round(share * width), round(share * height)
            for start, end in (((x, 0), (x, height)), ((0, y), (width, y))):
                _soft_line(picture, start, end, line)
    if "subject" in chosen and evidence.subject.confidence > 0.3:
        mask = cv2.resize(evidence.subject.mask, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
        outline, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1)
        cv2.polylines(picture, list(outline), True, (255, 255, 255), line + 2, cv2.LINE_AA)
        cv2.polylines(picture, list(outline), True, _INK["subject"], line, cv2.LINE_AA)
    if "boxes" in chosen:
        boxes = [box for c in report.criteria.values() for box in c.boxes]
        boxes += [box for tag in report.tags.values() for box in tag.boxes]
        for box in boxes:
            if box.label == "subject":
                continue
            corner = (round(box.x * width), round(box.y * height))
            opposite = (round((box.x + box.width) * width), round((box.y + box.height) * height))
            ink = _INK.get(box.label, _INK["other"])
            cv2.rectangle(picture, corner, opposite, (255, 255, 255), line + 2, cv2.LINE_AA)
            cv2.rectangle(picture, corner, opposite, ink, line, cv2.LINE_AA)
    return picture


def _tint(picture: Rgb, where: Flags, ink: tuple[int, int, int]) -> None:
    size = (picture.shape[1], picture.shape[0])
    flags = cv2.resize(where.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    picture[flags] = (0.35 * picture[flags] + 0.65 * np.array(ink)).astype(np.uint8)


def _heat(picture: Rgb, plane: Plane) -> None:
    """Lay a map over the picture, from clear over yellow to red; what is faint stays as it is."""
    size = (picture.shape[1], picture.shape[0])
    heat = np.clip(cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    inks = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.8 * np.clip((heat - _FAINT) / (0.5 - _FAINT), 0, 1))[..., None]
    picture[:] = (picture * (1 - cover) + inks * cover).astype(np.uint8)


def _soft_line(picture: Rgb, start: tuple[int, int], end: tuple[int, int], line: int) -> None:
    over = picture.copy()
    cv2.line(over, start, end, (0, 0, 0), line + 1, cv2.LINE_AA)
    cv2.line(over, start, end, (255, 255, 255), line, cv2.LINE_AA)
    cv2.addWeighted(over, 0.45, picture, 0.55, 0, dst=picture)
