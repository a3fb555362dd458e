"""Writes the networks' graphs, without weights, as ONNX; needed only when the shape of one changes."""

from __future__ import annotations

import argparse
import copy
import io
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from evaluator.network.backbone import before_and_after
from evaluator.network.close import Close, Closeness
from evaluator.network.eyes import SIDE
from evaluator.network.model import Network, Sight
from evaluator.network.session import GRAPHS, INPUT
from evaluator.network.siamese import PLANES, Pairing, Siamese
from evaluator.network.taste import Liking, Taste

OPSET = 17


def run(options: argparse.Namespace) -> int:
    """Write the graphs of the networks that the code describes; weights are filled in when one is opened."""
    (options.out / "network.onnx").write_bytes(graph(Network(), Sight._fields))
    (options.out / "taste.onnx").write_bytes(graph(Taste(), Liking._fields))
    (options.out / "close.onnx").write_bytes(graph(Close(), Closeness._fields))
    (options.out / "siamese.onnx").write_bytes(graph(Siamese(), Pairing._fields, PLANES))
    return 0


def graph(network: nn.Module, gives: tuple[str, ...], planes: int = 3) -> bytes:
    """Return a network as an ONNX model whose weights lie outside, each in a file of its name in the weights."""
    import onnx

    network = copy.deepcopy(network)
    with torch.no_grad():
        for each in network.state_dict().values():
            each.uniform_()  # tensors that are alike would be written once, under one name
    model = onnx.load_from_string(traced(network.eval(), gives, planes))
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", tensor.name), ("offset", "0"), ("length", str(size))):
            tensor.external_data.add(key=key, value=value)
    return bytes(model.SerializeToString())


def traced(network: nn.Module, gives: tuple[str, ...], planes: int = 3) -> bytes:
    """Return a network that `gives` some tensors as an ONNX model, its padding joined to its convolutions.

    For pictures of so many `planes`, of any size from about 128×128 on: the least number of cells that speak for a
    picture is not traced.
    """
    import onnx

    kept = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The older exporter needs nothing but `onnx`; what it warns of are sizes that are known to be any.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, planes, SIDE, SIDE),),
            kept,  # type: ignore[arg-type]  # its annotation forgets that it writes to buffers too
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=list(gives),
            dynamic_axes={INPUT: {0: "pictures", 2: "height", 3: "width"}},
        )
    model = onnx.load_from_string(kept.getvalue())
    _join_padding(model.graph)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _join_padding(graph: Any) -> None:
    """Let convolutions pad for themselves: a step of its own for it costs a quarter of the whole pass."""
    made = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        before = made.get(node.input[0]) if node.op_type == "Conv" else None
        if before is not None and before.op_type == "Pad":
            (pads,) = (attribute for attribute in node.attribute if attribute.name == "pads")
            (filters,) = (attribute for attribute in node.attribute if attribute.name == "kernel_shape")
            befores, afters = zip(*map(before_and_after, filters.ints), strict=True)
            pads.ints[:] = [*befores, *afters]
            node.input[0] = before.input[0]
    while True:
        used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
        unused = [node for node in graph.node if used.isdisjoint(node.output)]
        if not unused:
            return
        for node in unused:
            graph.node.remove(node)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--out", type=Path, default=GRAPHS, metavar="DIR")
