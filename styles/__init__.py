"""Vitrine's style library: finds the look that fits a brand, by words, pictures, colours or example."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from styles.finder import StyleFinder as StyleFinder

__all__ = ["StyleFinder"]


def __getattr__(name: str) -> object:
    if name == "StyleFinder":
        from styles.finder import StyleFinder

        return StyleFinder
    raise AttributeError(f"module 'styles' has no attribute {name!r}")
