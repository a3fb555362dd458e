"""Measures the judge itself: on pictures made for it, on rated ones, on ladders of faults; how steady, how quick."""

from evaluator.training.benchmark.command import run

__all__ = ["run"]
