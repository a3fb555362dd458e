"""Blends the weights of a run with those that it went on from.

Two ends of one path keep more between them than either: what the run learnt, and what it began to forget (Wortsman et
al., "Robust fine-tuning of zero-shot models", 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn

from evaluator.network.weights import load
from evaluator.training.derived import derive


def run(options: argparse.Namespace) -> int:
    """Blend two networks' weights, number by number; what stands beside the newer ones is taken along."""
    (newer, card), (older, _) = load(options.weights), load(options.since)
    go_back(newer, older, options.share)
    derive(newer, card, options.weights, options.out, f"blend --share {options.share:g}")
    return 0


def go_back(newer: nn.Module, older: nn.Module, share: float) -> None:
    """Leave a network a share (0–1) of its way from an older state of itself."""
    before = older.state_dict()
    newer.load_state_dict({name: torch.lerp(before[name], value, share) for name, value in newer.state_dict().items()})


def share(text: str) -> float:
    """Read the share of the newer weights. Raises ArgumentTypeError outside 0–1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; expected 0 (all older) to 1 (all newer)")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="the newer weights, of a run")
    parser.add_argument("--since", type=Path, required=True, metavar="DIR", help="the older ones, that it went on from")
    parser.add_argument("--share", type=share, default=0.5, help="share of the newer ones, 0–1 (default: 0.5)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
