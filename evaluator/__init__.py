"""Vitrine's judge: scores product pictures by a published standard, and says what is wrong and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluator.pipeline import Evaluator as Evaluator

__version__ = "0.1.0"
__all__ = ["Evaluator", "__version__"]


def __getattr__(name: str) -> object:
    if name == "Evaluator":
        from evaluator.pipeline import Evaluator

        return Evaluator
    raise AttributeError(f"module 'evaluator' has no attribute {name!r}")
