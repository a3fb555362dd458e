"""Trains a small network from the first stages of the one that looks first; resumes where it was stopped."""

from __future__ import annotations

import copy
from collections.abc import Callable
from math import cos, pi
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from evaluator.network.backbone import Trunk
from evaluator.network.weights import fill, load, read_checked
from evaluator.table import progress
from evaluator.training import checkpoint

RATE, DECAY, WARM = 4e-4, 0.05, 100
BODY, HEADS = 0.5, 2.0
"""Shares of the rate for the backbone and for what is new."""
FROZEN = 2
"""First stages that stay as they are: they cost most to train, and see what any picture has."""
STEADY = 0.995
"""Share of the mean of the weights so far that a step leaves; that mean is what is kept."""
SAVED = 250
"""Steps between checkpoints."""


Learner = TypeVar("Learner", bound=Trunk)


def halved() -> torch.autocast:
    """Return what trains in bfloat16 where the processor reckons in it; elsewhere that takes half as long again."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def started(network: Learner, weights: Path) -> Learner:
    """Give a network the stem and stages of the one that looks first, some of which stay as they are; return it."""
    backbone = load(weights)[0].backbone
    network.stem.load_state_dict(backbone.stem.state_dict())
    for stage, theirs in zip(network.stages, backbone.stages, strict=False):
        known = theirs.state_dict()
        stage.load_state_dict({name: known[name] for name in stage.state_dict()})
    for part in (network.stem, *list(network.stages)[:FROZEN]):
        part.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # its annotation forgets this form
    return network


def gone_on(network: Learner, begin: Path | None, name: str, done: str) -> str:
    """Give a network the weights kept in the folder `begin` under the card `name`; return how it is made with `done`.

    Without a folder it stays as it is.
    """
    if begin is None:
        return done
    data, card, path = read_checked(begin, name)
    fill(network, data, path)
    return f"{card.made_by}; then {done}"


def learn(network: Learner, loss: Callable[[Learner, int], Tensor], steps: int, seed: int, folder: Path) -> Learner:
    """Train for some steps on what `loss` gives for each; return the mean of the weights, ready to look.

    Checkpoints go to a folder.
    """
    torch.manual_seed(seed)
    body = [each for each in (*network.stem.parameters(), *network.stages.parameters()) if each.requires_grad]
    known = {id(each) for each in body}
    heads = [each for each in network.parameters() if each.requires_grad and id(each) not in known]
    groups = [{"params": body, "lr": BODY * RATE}, {"params": heads, "lr": HEADS * RATE}]
    learner = torch.optim.AdamW(groups, weight_decay=DECAY)
    mean = copy.deepcopy(network)
    parts: dict[str, checkpoint.Stateful] = {"network": network, "mean": mean, "learner": learner}
    kept = folder / "checkpoint.pt"
    began = checkpoint.resume(kept, parts) if kept.exists() else 0
    network.train()
    for step in progress(range(began, steps), steps - began, "learning"):
        speed = min(1.0, (step + 1) / WARM) * (0.5 + 0.5 * cos(pi * step / steps))
        for group, share in zip(learner.param_groups, (BODY, HEADS), strict=True):
            group["lr"] = share * RATE * speed
        lost = loss(network, step)
        learner.zero_grad(set_to_none=True)
        lost.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*body, *heads], 2.0)
        learner.step()
        share = min(STEADY, (step + 1) / (step + 10))
        with torch.no_grad():
            for ours, theirs in zip(mean.parameters(), network.parameters(), strict=True):
                ours.lerp_(theirs, 1 - share)
        if (step + 1) % SAVED == 0:
            checkpoint.keep(kept, step + 1, parts)
    return mean.eval()
