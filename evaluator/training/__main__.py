"""Commands of training: `make` pictures, `fit` the network, `judge` it on what it never saw, teach `words`, `tune`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

COMMANDS = {
    "make": "make",
    "fit": "fit",
    "blend": "blend",
    "polish": "polish",
    "outline": "fit_outline",
    "zones": "fit_zones",
    "carry": "carry",
    "heads": "fit_heads",
    "close": "fit_close",
    "siamese": "fit_siamese",
    "taste": "fit_taste",
    "presence": "fit_presence",
    "redrawn": "fit_redrawn",
    "framing": "fit_framing",
    "calibrate": "calibrate",
    "flags": "raise_flags",
    "judge": "judge",
    "drawn": "judge_redrawn",
    "runtime": "runtime",
    "graph": "graph",
    "pairs": "fit_pairs",
    "reward": "fit_reward",
    "pairbench": "pairbench",
    "hfpc": "hfpc",
    "stock": "stock",
    "generated": "generated",
    "words": "teach_words",
    "tune": "tune_words",
}
"""The module of each command."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m evaluator.training", description="Train the embedded network.")
    commands = parser.add_subparsers(dest="command", required=True)
    modules = {name: import_module(f"evaluator.training.{module}") for name, module in COMMANDS.items()}
    for name, module in modules.items():
        assert module.run.__doc__ is not None
        module.add_arguments(commands.add_parser(name, help=module.run.__doc__.split(";")[0].rstrip(".")))
    options = parser.parse_args(arguments)
    try:
        code: int = modules[options.command].run(options)
        return code
    except (FileNotFoundError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
