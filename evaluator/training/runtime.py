"""Compares ways of running the network on this machine, in one run and by turns; prints a table of ratios."""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from evaluator.inference import compiled
from evaluator.network.eyes import SIDE
from evaluator.network.model import Sight
from evaluator.network.session import open_session
from evaluator.network.weights import FOLDER, load
from evaluator.training.graph import traced

Runner = Callable[[Tensor], object]
ROUNDS = 30
"""Passes of each way, by turns, so that what else the machine does falls on all alike."""


def run(options: argparse.Namespace) -> int:
    """Time one look in every way that runs here, against eager single precision; the time of all threads is summed."""
    torch.set_num_threads(options.threads)
    network, _ = load(options.weights)
    picture = torch.rand(1, 3, SIDE, SIDE) * 2 - 1
    console, ways = Console(), {}
    with torch.inference_mode():
        for name, build in WAYS.items():
            try:
                way = build(network, options)
                for _ in range(3):
                    way(picture)
            except Exception as error:
                console.print(f"{name}: does not run here ({type(error).__name__}: {str(error).splitlines()[0][:80]})")
                continue
            ways[name] = way
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                begun = time.process_time()
                way(picture)
                times[name].append(time.process_time() - begun)
    base = float(np.median(times["eager"]))
    table = Table("way", "CPU ms, median", "against eager")
    rows = {name: float(np.median(values)) for name, values in times.items()}
    for name, seconds in sorted(rows.items(), key=lambda row: row[1]):
        table.add_row(name, f"{1000 * seconds:.1f}", f"{base / seconds:.2f}×")
    console.print(table)
    if options.out:
        options.out.write_text(json.dumps({name: 1000 * seconds for name, seconds in rows.items()}, indent=1), "utf-8")
    return 0


def _eager(network: nn.Module, options: argparse.Namespace) -> Runner:
    return network


def _last(network: nn.Module, options: argparse.Namespace) -> Runner:
    moved = copy.deepcopy(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return lambda picture: moved(picture.contiguous(memory_format=torch.channels_last))


def _half(network: nn.Module, options: argparse.Namespace) -> Runner:
    moved = copy.deepcopy(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def look(picture: Tensor) -> object:
        with torch.autocast("cpu", torch.bfloat16):
            return moved(picture.contiguous(memory_format=torch.channels_last))

    return look


def _compiled(network: nn.Module, options: argparse.Namespace) -> Runner:
    way: Runner = torch.compile(copy.deepcopy(network))
    return way


def _onnx(network: nn.Module, options: argparse.Namespace) -> Runner:
    session, _ = open_session(options.weights)
    return lambda picture: session.run(Sight._fields, picture.numpy())


def _openvino(network: nn.Module, options: argparse.Namespace) -> Runner:
    with TemporaryDirectory() as place:
        file = Path(place, "network.onnx")
        file.write_bytes(traced(network, Sight._fields))
        session = compiled(file)
    return lambda picture: session.run(Sight._fields, picture.numpy())


WAYS: dict[str, Callable[[nn.Module, argparse.Namespace], Runner]] = {
    "eager": _eager,
    "channels last": _last,
    "channels last, bf16": _half,
    "torch.compile": _compiled,
    "ONNX Runtime": _onnx,
    "OpenVINO": _openvino,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the times as JSON")
