"""Opens a network: its graph, kept beside this file, filled with the embedded weights."""

from __future__ import annotations

from pathlib import Path

from evaluator.inference import Session, filled
from evaluator.network.weights import CARD, FOLDER, Card, WeightsMissing, WeightsWrong, read_checked, unpacked

GRAPHS = Path(__file__).parent
"""Where the networks' operations lie without their weights; `python -m evaluator.training graph` writes them."""
INPUT = "picture"


def open_session(folder: Path = FOLDER, name: str = CARD) -> tuple[Session, Card]:
    """Return a session with the weights that a card of a folder names, and the card.

    Raises WeightsMissing where a file is not there and WeightsWrong where its checksum or its tensors differ.
    """
    data, card, path = read_checked(folder, name)
    file = (GRAPHS / name).with_suffix(".onnx")
    try:
        graph = file.read_bytes()
    except OSError as error:
        raise WeightsMissing(path=file, why=error.strerror) from None
    try:
        return filled(graph, unpacked(data)), card
    except Exception as error:  # the runtime has several kinds of its own for a graph that does not fit
        raise WeightsWrong(path=path, why=" ".join(str(error).split())[-200:]) from None
