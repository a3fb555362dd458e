"""Writes a network that was made from another's weights, with what stands beside those."""

from __future__ import annotations

import shutil
from pathlib import Path

from evaluator.network.model import Network
from evaluator.network.weights import Card, save

BESIDE = ("text.*", "lens.*", "taste.*", "close.*", "siamese.*")
"""Files that belong to a folder of weights beside the network's own."""


def derive(network: Network, card: Card, since: Path, out: Path, done: str) -> None:
    """Save a network under its card, with what was `done` to it; take along what stands in the folder `since`."""
    saved = save(network, out, f"{card.made_by}; then {done}", card.steps)
    for pattern in BESIDE:
        for file in since.glob(pattern) if out != since else ():
            shutil.copy(file, out)
    print(f"SHA-256 {saved.sha256}")
