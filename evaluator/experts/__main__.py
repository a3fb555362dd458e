"""The command line: `python -m evaluator.experts time` says what the pretrained models cost on this machine."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from evaluator.errors import EvaluatorError
from evaluator.experts.blip import BASE
from evaluator.experts.grounding import TINY
from evaluator.experts.loading import Card, open_device
from evaluator.operators import ensure_torchvision
from evaluator.types import Box

Step = Callable[[], object]
"""One look at a picture."""
Maker = Callable[[str], tuple[Any, Step]]
"""Makes a model with random weights on a device, and its step."""

TIMES = 3
WORDS = 16
"""Length of a text in tokens."""


def _sam(size: str, device: str) -> tuple[Any, Step]:
    """Make Segment Anything; a step is a mask from one box in a picture of 1,024 pixels."""
    from segment_anything import sam_model_registry

    from evaluator.experts.sam import Segmenter

    model = sam_model_registry[size]().to(device)
    segmenter = Segmenter(model, Card(size, "random weights", None, 0, 0, ""))
    picture = np.random.default_rng(0).integers(0, 256, (768, 1024, 3), np.uint8)
    return model, partial(segmenter.mask, picture, [Box(0.25, 0.25, 0.5, 0.5)])


def _grounding(device: str) -> tuple[Any, Step]:
    """Make Grounding DINO with its smaller backbone; a step finds one word in a picture of 800 × 1,066 pixels."""
    import torch

    library: Any = import_module("transformers")
    model = library.GroundingDinoForObjectDetection(library.GroundingDinoConfig()).eval().to(device)
    # What BERT's tokenizer makes of "shoe.": the numbers matter, since the end of a phrase is looked for.
    read = torch.tensor([[101, 10818, 1012, 102]], device=device)
    return model, partial(model, pixel_values=torch.rand(1, 3, 800, 1066, device=device), input_ids=read)


def _blip(device: str) -> tuple[Any, Step]:
    """Make BLIP at its published size; a step reads a picture of 384 pixels with a text."""
    import torch

    library: Any = import_module("transformers")
    words = {"encoder_hidden_size": 768, "num_attention_heads": 12}
    settings = library.BlipConfig(vision_config={"image_size": 384}, text_config=words)
    model = library.BlipForImageTextRetrieval(settings).eval().to(device)
    picture = torch.rand(1, 3, 384, 384, device=device)
    read = torch.randint(1000, 2000, (1, WORDS), device=device)

    def step() -> object:
        seen = model.vision_model(pixel_values=picture).last_hidden_state
        return model.text_encoder(input_ids=read, encoder_hidden_states=seen).last_hidden_state

    return model, step


MODELS: Mapping[str, Maker] = {
    "sam-vit_b": partial(_sam, "vit_b"),
    "sam-vit_l": partial(_sam, "vit_l"),
    "sam-vit_h": partial(_sam, "vit_h"),
    TINY: _grounding,
    BASE: _blip,
}
USUAL = ("sam-vit_b", TINY, BASE)


def main(arguments: Sequence[str] | None = None, models: Mapping[str, Maker] = MODELS) -> int:
    """Run the command and return its exit code: 0 done, 2 bad usage."""
    parser = argparse.ArgumentParser("python -m evaluator.experts", description="Pretrained models, beside the judge.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    timing = commands.add_parser(
        "time",
        help="time the models' architectures on this machine",
        description="Time the models' architectures with random weights: nothing is fetched, and nothing judged.",
    )
    timing.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(models)} (default: one of each)")
    timing.add_argument("--device", default="cpu", metavar="NAME", help="cpu or cuda (default: cpu)")
    options = parser.parse_args(arguments)
    wanted = options.models or [name for name in models if name in USUAL] or list(models)
    if unknown := [name for name in wanted if name not in models]:
        timing.error(f"unknown: {', '.join(unknown)}; the models are {', '.join(models)}")
    try:
        place = open_device(options.device)
    except EvaluatorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    _time({name: models[name] for name in wanted}, place)
    return 0


def _time(models: Mapping[str, Maker], place: Any) -> None:
    """Print how long a step of each model takes."""
    ensure_torchvision()
    import torch

    print(f"Timing only: random weights, no judgement. {place.type}, {torch.get_num_threads()} threads.")
    print(f"{'model':<34}{'parameters':>12}{'first':>10}{'median of ' + str(TIMES):>14}")
    for name, make in models.items():
        model, step = make(place.type)
        count = sum(each.numel() for each in model.parameters())
        first, *rest = (_clock(step, place) for _ in range(1 + TIMES))
        print(f"{name:<34}{count / 1e6:>10.1f} M{first:>8.2f} s{statistics.median(rest):>12.3f} s", flush=True)


def _clock(step: Step, place: Any) -> float:
    """Return the seconds that a step takes, with all the work that it left to the device."""
    import torch

    start = time.perf_counter()
    with torch.inference_mode():
        step()
    if place.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
