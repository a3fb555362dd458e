from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import Pixels
from PIL.PngImagePlugin import PngInfo

from evaluator.decode import decode
from evaluator.provenance import declared_source

URI = b"http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.mark.parametrize(
    ("term", "generated"),
    [
        ("trainedAlgorithmicMedia", True),
        ("compositeWithTrainedAlgorithmicMedia", True),
        ("digitalCapture", False),
        ("algorithmicMedia", False),
        ("composite", None),
        ("somethingNew", None),
    ],
)
@pytest.mark.parametrize(
    "packet",
    [
        b'<rdf:Description Iptc4xmpExt:DigitalSourceType="%s"/>',
        b"<rdf:Description Iptc4xmpExt:DigitalSourceType = '%s'/>",
        b"<Iptc4xmpExt:DigitalSourceType>\n  %s\n</Iptc4xmpExt:DigitalSourceType>",
        b'<Iptc4xmpExt:DigitalSourceType rdf:resource="%s"/>',
    ],
)
@pytest.mark.parametrize("prefix", [URI, b""])
def test_the_term_is_read_however_it_is_written(
    packet: bytes, prefix: bytes, term: str, generated: bool | None
) -> None:
    written = packet % (prefix + term.encode())
    assert declared_source(b"", {"xmp": written}) == (term, generated)
    assert declared_source(b"", {"xmp": written.decode()}) == (term, generated)


def test_a_declaration_outside_the_packet_is_found() -> None:
    assert declared_source(b"\0\1jumb" + URI + b"digitalCapture\0", {}) == ("digitalCapture", False)


def test_of_several_declarations_the_one_that_admits_generated_parts_counts() -> None:
    data = URI + b"digitalCapture\0" + URI + b"compositeSynthetic\0"
    assert declared_source(data, {}) == ("compositeSynthetic", True)


def test_the_scan_is_bounded() -> None:
    assert declared_source(URI + b"\0", {}) == (None, None)
    term, generated = declared_source(URI + b"a" * 10_000_000, {})
    assert term == "a" * 64 and generated is None
    many = (URI + b"print\0") * 100 + URI + b"trainedAlgorithmicMedia"
    assert declared_source(many, {}) == ("print", False)
    crowd = b'DigitalSourceType="print" ' * 100
    assert declared_source(b"", {"xmp": crowd}) == ("print", False)
    hostile = b"DigitalSourceType" + b" " * 1_000_000
    assert declared_source(b"", {"xmp": hostile}) == (None, None)


@pytest.mark.parametrize(
    ("key", "text", "generated"),
    [
        ("parameters", "a red shoe\nSteps: 20, Sampler: Euler a, CFG scale: 7", True),
        ("prompt", '{"3": {"class_type": "KSampler", "inputs": {}}}', True),
        ("invokeai_metadata", "{}", True),
        ("Software", "NovelAI", True),
        ("Software", "GIMP", None),
        ("parameters", "aperture f/8", None),
        ("prompt", "shoot the shoe from the left", None),
    ],
)
def test_the_notes_of_common_generators_are_known(
    picture: Pixels, encode: Callable[..., bytes], key: str, text: str, generated: bool | None
) -> None:
    chunk = PngInfo()
    chunk.add_text(key, text)
    metadata = decode(encode(picture, pnginfo=chunk)).metadata
    assert metadata.made_with_ai is generated
    assert metadata.digital_source_type is None


def test_a_generator_outweighs_a_harmless_term() -> None:
    info = {"parameters": "x\nSteps: 20, Sampler: Euler"}
    assert declared_source(URI + b"digitalCreation\0", info) == ("digitalCreation", True)
