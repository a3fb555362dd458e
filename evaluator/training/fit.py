"""Trains the network by a plan: every layer, all tasks at once; seeded, resumable, with its progress on TensorBoard."""

from __future__ import annotations

import argparse
import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from evaluator.network.model import Network, Sight
from evaluator.network.weights import load, save
from evaluator.training import checkpoint
from evaluator.training.feed import Batch, Feed
from evaluator.training.losses import all_of, relations
from evaluator.training.plan import Plan, read
from evaluator.training.teach import Teacher
from evaluator.training.teacher import folded

KEEP = 60.0
"""Seconds between two checkpoints."""
SAY = 20
"""Steps between two lines of progress."""


@dataclass(slots=True)
class State:
    """What a run carries from step to step, and over an interruption."""

    network: Network
    averaged: Network
    teacher: Teacher
    optimiser: torch.optim.Optimizer
    step: int = 0

    @property
    def parts(self) -> dict[str, checkpoint.Stateful]:
        """What a checkpoint keeps, by name."""
        return {"network": self.network, "averaged": self.averaged, "optimiser": self.optimiser}

    def keep(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        checkpoint.keep(file, self.step, self.parts)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint."""
        most = [group["most"] for group in self.optimiser.param_groups]
        self.step = checkpoint.resume(file, self.parts)
        for group, rate in zip(self.optimiser.param_groups, most, strict=True):
            group["most"] = rate  # the plan's, which may have changed since


def begin(plan: Plan, start: Path, device: torch.device, since: Path | None = None) -> State:
    """Return the state at step 0: the backbone from the ImageNet teacher and the heads from the seed.

    `since` is a folder of weights of our own that the run goes on from instead.
    """
    torch.manual_seed(plan.seed)
    network = Network()
    if since:
        network.load_state_dict(load(since)[0].state_dict())
    else:
        network.backbone.load_state_dict(folded(start).state_dict())
    for afterwards in (network.outline, network.zones):  # they are fitted on the network as it then is
        afterwards.requires_grad_(False)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    teacher = Teacher(start, plan).to(device)
    backbone = list(network.backbone.parameters())
    ours = {id(parameter) for parameter in backbone}
    heads = [each for each in network.parameters() if id(each) not in ours and each.requires_grad]
    groups = [
        {"params": backbone, "lr": plan.backbone_rate, "most": plan.backbone_rate},
        {"params": heads, "lr": plan.rate, "most": plan.rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=plan.decay)
    return State(network, copy.deepcopy(network).requires_grad_(False).eval(), teacher, optimiser)


def rate_at(step: int, plan: Plan) -> float:
    """Return the share of the full learning rate at a step: a linear warm-up, then a cosine to a fiftieth."""
    if step < plan.warmup:
        return (step + 1) / plan.warmup
    done = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def losses_of(state: State, batch: Batch, plan: Plan) -> dict[str, Tensor]:
    """Return the losses of a batch, those of the teachers among them where the step has a lesson."""
    tensors = {name: value for name, value in batch.items() if isinstance(value, Tensor)}
    picture = tensors["picture"].contiguous(memory_format=torch.channels_last)
    with torch.autocast(picture.device.type, torch.bfloat16, enabled=plan.bf16):
        sight: Sight = state.network(picture)
    found = all_of(sight, tensors)
    if plan.distil_every and state.step % plan.distil_every == 0:
        with torch.autocast(picture.device.type, torch.bfloat16, enabled=plan.bf16):
            taught = state.teacher.look(picture)
        for theirs in taught:
            found["distil"] = found.get("distil", torch.zeros(())) + relations(sight.embedding, theirs)
        found["distil"] = (
            found["distil"] + 2 * (1 - functional.cosine_similarity(sight.pooled.float(), taught[0])).mean()
        )
    return found


def step_once(state: State, batch: Batch, plan: Plan) -> dict[str, float]:
    """Learn from one batch; return the losses."""
    torch.manual_seed(plan.seed + state.step)  # what a step drops out is the same after an interruption
    share = rate_at(state.step, plan)
    for group in state.optimiser.param_groups:
        group["lr"] = group["most"] * share
    found = losses_of(state, batch, plan)
    loss = torch.stack([plan.weights[name] * value for name, value in found.items() if name in plan.weights]).sum()
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_([p for group in state.optimiser.param_groups for p in group["params"]], 5.0)
    state.optimiser.step()
    _average(state.averaged, state.network, min(plan.average, (1 + state.step) / (10 + state.step)))
    state.step += 1
    return {name: float(value.detach()) for name, value in found.items()} | {"loss": float(loss.detach())}


@torch.no_grad()
def _average(averaged: Network, network: Network, decay: float) -> None:
    for kept, new in zip(averaged.parameters(), network.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def run(options: argparse.Namespace) -> int:
    """Train to the plan's last step; a checkpoint in the run's folder is gone on from."""
    from torch.utils.tensorboard import SummaryWriter

    plan = read(options.plan)
    torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    options.out.mkdir(parents=True, exist_ok=True)
    state, file = begin(plan, options.start, device, options.since), options.out / "last.pt"
    if file.exists():
        state.resume(file)
    feed = Feed(options.samples / "train", plan, state.step)
    loader = DataLoader(feed, batch_size=None, num_workers=1, prefetch_factor=4)
    writer = SummaryWriter(options.out / "board")
    begun, first, kept = time.monotonic(), state.step, time.monotonic()
    state.network.train()
    running: dict[str, float] = {}
    for batch in loader:
        moved = {name: value.to(device) if isinstance(value, Tensor) else value for name, value in batch.items()}
        for name, value in step_once(state, moved, plan).items():
            running[name] = 0.95 * running.get(name, value) + 0.05 * value
        if state.step % SAY == 0:
            pace = (time.monotonic() - begun) / (state.step - first)
            shown = " ".join(f"{name} {value:.3f}" for name, value in running.items())
            print(
                f"{state.step}/{plan.steps} {(plan.steps - state.step) * pace / 60:.0f} min left: {shown}", flush=True
            )
            for name, value in running.items():
                writer.add_scalar(f"loss/{name}", value, state.step)
        if time.monotonic() - kept > KEEP:
            state.keep(file)
            kept = time.monotonic()
    state.keep(file)
    writer.close()
    made_by = f"python -m evaluator.training fit --plan {options.plan.name}"
    card = save(state.averaged.cpu(), options.out / "weights", made_by, state.step)
    print(f"{card.parameters} parameters, {card.bytes / 1e6:.1f} MB, SHA-256 {card.sha256}")
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--plan", type=Path, required=True, help="a plan such as evaluator/training/plans/base.toml")
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--start", type=Path, required=True, metavar="FILE", help="ImageNet weights, safetensors")
    parser.add_argument(
        "--since", type=Path, metavar="DIR", help="weights of ours to go on from, such as those embedded"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/base"), metavar="DIR", help="checkpoints and weights")
    parser.add_argument("--threads", type=int, default=2)
