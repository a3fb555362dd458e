"""What a network hands on to one of its parts, for fits of that part alone: looked at by the runtime, not by torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from evaluator.inference import Session, filled
from evaluator.network.model import Network
from evaluator.training.graph import traced


class _Handed(nn.Module):
    """A network that gives what one of its parts is given, or what `of` makes of that."""

    def __init__(self, network: Network, part: nn.Module, of: Callable[..., tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.network, self._of = network, of
        self._kept: list[tuple[Any, ...]] = []
        self.hook = part.register_forward_pre_hook(lambda _, given: self._kept.append(given))

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        self._kept.clear()
        self.network(picture)
        return self._of(*self._kept[0])


def handed(
    network: Network,
    part: nn.Module,
    gives: tuple[str, ...],
    of: Callable[..., tuple[Tensor, ...]] = lambda *given: given,
) -> Session:
    """Return a session that gives, by name, what a part of a network is given, or what `of` makes of it."""
    looking = _Handed(network, part, of)
    try:
        return filled(traced(looking, gives), {})
    finally:
        looking.hook.remove()
