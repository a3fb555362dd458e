"""Reads what a file itself says of its making: IPTC's digital source type, and the notes that generators
leave.

A declaration is reported, not verified; signatures (C2PA) are not checked. Nothing else of the metadata is
kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PREFIX = b"cv.iptc.org/newscodes/digitalsourcetype/"
_MAX_DECLARATIONS = 32
_XMP_LIMIT = 1 << 20
_TERM = re.compile(rb"[A-Za-z]{1,64}")
# The property as an attribute, as an element, or as an element that points with rdf:resource.
_PROPERTY = re.compile(
    rb"DigitalSourceType(?:\s{0,8}=\s{0,8}[\"']|\s{1,8}rdf:resource\s{0,8}=\s{0,8}[\"']|>\s{0,64})"
    rb"(?:[\w.:/-]{0,100}/)?([A-Za-z]{1,64})\s{0,64}[\"'<]"
)

# Terms: IPTC NewsCodes, scheme "digitalsourcetype". A plain `composite` may or may not hold generated parts.
_GENERATED = frozenset({"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"})
_NOT_GENERATED = frozenset(
    {
        "algorithmicMedia",
        "algorithmicallyEnhanced",
        "compositeCapture",
        "computationalCapture",
        "dataDrivenMedia",
        "digitalArt",
        "digitalCapture",
        "digitalCreation",
        "humanEdits",
        "minorHumanEdits",
        "negativeFilm",
        "positiveFilm",
        "print",
        "screenCapture",
        "softwareImage",
        "virtualRecording",
    }
)


def declared_source(data: bytes, info: Mapping[Any, object]) -> tuple[str | None, bool | None]:
    """Return the digital source type's term and whether it means a generative model; None where nothing is
    said.

    `data` is the whole file, `info` what the decoder found in it (XMP packet, PNG text). Where several
    declarations differ, as in a composite, the one that admits generated parts counts.
    """
    terms = _terms(data, info.get("xmp"))
    for term in terms:
        if term in _GENERATED:
            return term, True
    generated = True if _generator_notes(info) else None
    if not terms:
        return None, generated
    return terms[0], generated if terms[0] not in _NOT_GENERATED else bool(generated)


def _terms(data: bytes, packet: object) -> list[str]:
    terms: list[str] = []
    at = data.find(_PREFIX)
    while at >= 0 and len(terms) < _MAX_DECLARATIONS:
        start = at + len(_PREFIX)
        if found := _TERM.match(data, start, start + 64):
            terms.append(found[0].decode())
        at = data.find(_PREFIX, start)
    if isinstance(packet, str):
        packet = packet.encode()
    if isinstance(packet, bytes):
        for found in _PROPERTY.finditer(packet[:_XMP_LIMIT]):
            terms.append(found[1].decode())
            if len(terms) >= _MAX_DECLARATIONS:
                break
    return terms


def _generator_notes(info: Mapping[Any, object]) -> bool:
    """Say whether PNG text chunks hold the settings that common generators write."""

    def text(key: str) -> str:
        value = info.get(key)
        return value[:_XMP_LIMIT] if isinstance(value, str) else ""

    return (
        ("Steps: " in text("parameters") and "Sampler: " in text("parameters"))
        or '"class_type"' in text("prompt")
        or any(text(key) for key in ("invokeai_metadata", "sd-metadata", "Dream"))
        or text("Software") == "NovelAI"
    )
