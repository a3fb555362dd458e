"""What a run of training leaves behind so that it can go on: the state of its parts, and the step it had reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch


class Stateful(Protocol):
    """A network or an optimiser."""

    def state_dict(self) -> Any:
        """Return everything that it has learnt."""
        ...

    def load_state_dict(self, state_dict: Any) -> Any:
        """Take that up again."""
        ...


def keep(file: Path, step: int, parts: Mapping[str, Stateful]) -> None:
    """Write a checkpoint, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    torch.save({"step": step} | {name: each.state_dict() for name, each in parts.items()}, part)
    part.replace(file)


def resume(file: Path, parts: Mapping[str, Stateful]) -> int:
    """Give parts what a checkpoint kept of them; return the step to go on from."""
    kept = torch.load(file, weights_only=True)
    for name, each in parts.items():
        each.load_state_dict(kept[name])
    return int(kept["step"])
