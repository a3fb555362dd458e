"""Fits what the zones add to each attribute, on a trained network's own view of faults and their sound twins.

The network is left as it is. Small networks learn on what was read of each training sample once, so that minutes do
for thousands of samples; of two twins the worse must come out higher, and both on their side of even odds. So must
what is sound among the pictures of other families, which else would all be told a little faulty.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.inference import Session
from evaluator.network.eyes import shown
from evaluator.network.heads import ATTRIBUTES
from evaluator.network.model import Network
from evaluator.network.weights import load
from evaluator.network.zones import HIDDEN, MEMBERS, ZONES
from evaluator.table import progress
from evaluator.training.derived import derive
from evaluator.training.framing import badly_worn
from evaluator.training.handed import handed
from evaluator.training.precision import area
from evaluator.training.sample import Sample, paired, read
from evaluator.training.truth import FAINT, PLAIN, truths

READ = ("read", "odds")
"""What is taken of each look: what the zones read of an attribute (B×width), and its log-odds without them (B)."""
THREADS = 2
PAIRS, EPOCHS = 32, 30
RATE, DECAY = 5e-4, 0.05
UNSEEN, DROPPED = 0.5, 0.5
"""Shares of what was read, and of hidden units, that a step leaves out."""
APART = ("hand", "face", "body", "masks")
"""Families whose pictures serve as sound ones of other attributes, and OTHERS that each is asked for."""
OTHERS = 800
ALONE = 0.5
"""Weight of even odds beside the order of twins."""
LIT, DISTURBED = 0.7, 0.3
"""Odds that twins, looked at once more, are lit badly, and that another light, lens, sensor or file disturbs them."""
NARROWEST = 1e-3
"""Least spread of what was read."""

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Twins:
    """What was read of faults and of their sound twins (n×F each), and the log-odds of both (n×2) without zones.

    `others` (m×F) was read of sound pictures of other families, with `other_odds` (m).
    """

    worse: Rows
    better: Rows
    odds: Rows
    others: Rows
    other_odds: Rows


def run(options: argparse.Namespace) -> int:
    """Fit the zones of all attributes on training samples; write the weights with them."""
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    network, card = load(options.weights)
    for name in options.attributes:
        found = twins(network, name, options.samples)
        fill(network, name, found)
        before, after = (area_of(each) for each in (found.odds, found.odds + said(network, name, found)))
        print(f"{name}: {len(found.odds)} pairs, on which it was trained {before:.3f} → {after:.3f}")
    derive(network, card, options.weights, options.out, "zones")
    return 0


def twins(network: Network, attribute: str, samples: Path) -> Twins:
    """Return what is read of each training fault of an attribute and of its sound twin."""
    pairs = [pair for pair in paired(samples / "train" / attribute) if len(pair) == 2]
    if not pairs:
        raise FileNotFoundError(f"there are no twins of {attribute} under {samples / 'train'}; `make` some")
    column = ATTRIBUTES.index(attribute) - len(ATTRIBUTES)  # the log-odds are the last that is read
    session = handed(network, network.zones, READ, lambda zones: (zones[attribute], zones[attribute][:, column]))
    with ThreadPoolExecutor(THREADS) as pool:
        looked = pool.map(lambda at: _looked(session, attribute, pairs[at], at), range(len(pairs)))
        rows = [row for found in progress(looked, len(pairs), attribute) for row in found]
        apart = list(pool.map(lambda file: _alone(session, attribute, file), _others(attribute, samples)))
    if not rows:
        raise FileNotFoundError(f"no twins of {attribute} under {samples / 'train'} are plainly apart; `make` more")
    worse, better, odds = (np.stack(each) for each in zip(*rows, strict=True))
    sound = [row for row in apart if row]
    others = np.stack([row for row, _ in sound]) if sound else worse[:0]
    return Twins(worse, better, odds, others, np.array([each for _, each in sound], np.float32))


def _others(attribute: str, samples: Path) -> list[Path]:
    """Return training samples of the other families whose pictures may show what the attribute is about."""
    found = []
    for family in APART:
        if family != attribute:
            files = sorted((samples / "train" / family).glob("[0-9]*.npz"))
            found += files[:: max(1, len(files) // OTHERS)]
    return found


def _alone(session: Session, attribute: str, file: Path) -> tuple[Rows, float] | None:
    """Return what is read of a sample, and its log-odds, where it is known to be sound."""
    sample = read(file)
    if truths(file.parent.name, sample).get(attribute, 1.0):
        return None
    seen, odds = session.run(READ, shown(sample.picture))
    return seen[0], float(odds[0])


def _looked(session: Session, attribute: str, pair: Sequence[Path], number: int) -> list[tuple[Rows, Rows, Rows]]:
    """Return what is read of twins as they are and once more, worn alike; nothing where they are not plainly apart."""
    first, second = (read(file) for file in pair)
    severities = [sample.tags.get(attribute, float("nan")) for sample in (first, second)]
    if not (min(severities) <= FAINT and max(severities) >= PLAIN):
        return []
    order: tuple[Sample, Sample] = (first, second) if severities[0] > severities[1] else (second, first)
    found = []
    as_they_are = [each.picture for each in order]
    worn = [badly_worn(each, LIT, DISTURBED, np.random.default_rng(number)) for each in as_they_are]
    for pictures in (as_they_are, worn):
        seen = [session.run(READ, shown(each)) for each in pictures]
        found.append((seen[0][0][0], seen[1][0][0], np.concatenate([each[1] for each in seen])))
    return found


def fill(network: Network, attribute: str, found: Twins) -> None:
    """Give an attribute's zones what the pairs teach."""
    rows = np.concatenate([found.worse, found.better])
    zones = network.zones
    getattr(zones, f"mean_{attribute}").copy_(torch.from_numpy(rows.mean(0)))
    getattr(zones, f"scale_{attribute}").copy_(torch.from_numpy(1 / (rows.std(0) + NARROWEST)))
    steps = [zones.scaled(attribute, torch.from_numpy(each)) for each in (found.worse, found.better)]
    others = zones.scaled(attribute, torch.from_numpy(found.others)), torch.from_numpy(found.other_odds)
    members = [learnt(steps[0], steps[1], torch.from_numpy(found.odds), others, seed) for seed in range(MEMBERS)]
    layers = {
        "first": (torch.cat([first.weight for first, _ in members]), torch.cat([first.bias for first, _ in members])),
        "last": (
            torch.cat([last.weight for _, last in members], 1) / MEMBERS,
            torch.stack([last.bias for _, last in members]).mean(0),
        ),
    }
    for layer, (weight, bias) in layers.items():
        getattr(zones, layer)[attribute].load_state_dict({"weight": weight, "bias": bias})


def learnt(
    worse: Tensor, better: Tensor, odds: Tensor, others: tuple[Tensor, Tensor], seed: int
) -> tuple[nn.Linear, nn.Linear]:
    """Return the two layers of a member, trained on scaled readings of twins (n×F each) beside their odds (n×2).

    `others` are readings and odds of sound pictures by themselves.
    """
    torch.manual_seed(seed)
    first, last = nn.Linear(worse.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
    learner = torch.optim.AdamW([*first.parameters(), *last.parameters()], RATE, weight_decay=DECAY)
    both = torch.stack([worse, better], 1)

    def added(rows: Tensor) -> Tensor:
        hidden = functional.relu(first(functional.dropout(rows, UNSEEN)))
        return torch.as_tensor(last(functional.dropout(hidden, DROPPED))[..., 0])

    for _ in range(EPOCHS):
        for picks in torch.split(torch.randperm(len(both)), PAIRS):
            reward = added(both[picks]) + odds[picks]
            apart = functional.softplus(-(reward[:, 0] - reward[:, 1]))
            alone = functional.softplus(-reward[:, 0]) + functional.softplus(reward[:, 1])
            learner.zero_grad(set_to_none=True)
            loss: Tensor = (apart + ALONE * alone).mean()
            if len(others[1]):
                drawn = torch.randint(len(others[1]), (PAIRS,))
                loss = loss + ALONE * functional.softplus(added(others[0][drawn]) + others[1][drawn]).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            learner.step()
    return first, last


def said(network: Network, attribute: str, found: Twins) -> Rows:
    """Return what an attribute's zones add to the odds of twins, n×2."""
    with torch.inference_mode():
        added = [network.zones.said(attribute, torch.from_numpy(each)).numpy() for each in (found.worse, found.better)]
    return np.concatenate(added, 1)


def area_of(odds: Rows) -> float:
    """Return the area under the curve of log-odds of faults (first column) and sound twins (second)."""
    return area(odds.T.ravel().astype(float), np.repeat([True, False], len(odds)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="weights of ours")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--attributes", nargs="+", choices=tuple(ZONES), default=tuple(ZONES), metavar="NAME")
    parser.add_argument("--threads", type=int, default=2)
