"""Carries readings and the reward over to a network that differs from theirs in nothing that they are told."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from evaluator.network.reading import FRAMING, SEVERITIES, THERE, load_reading, save_reading
from evaluator.network.weights import FOLDER, load, read_card
from evaluator.network.zones import ZONES
from evaluator.pair.reward import ATTRIBUTES, FITTED, load_reward, save


def run(options: argparse.Namespace) -> int:
    """Sign readings, and the reward where it hears none of the zones that differ, with a network's new checksum."""
    told = differing(options.before, options.weights)
    since, card = read_card(options.before).sha256, read_card(options.weights)
    for name in (*THERE.values(), *SEVERITIES.values(), *FRAMING.values()):
        reading = load_reading(options.before, name)
        if reading and reading.network == since:
            made_by = read_card(options.before, name).made_by
            save_reading(replace(reading, network=card.sha256), options.weights, name, made_by)
            print(f"{name}: carried over")
    reward = load_reward(options.reward)
    if reward is None or reward.network != since:
        print("the reward is another network's: left as it is")
    elif told & set(ATTRIBUTES):
        print(f"the reward hears {', '.join(sorted(told))}: fit it anew")
    else:
        save(replace(reward, network=card.sha256), options.reward)
        load_reward.cache_clear()
        print("the reward: carried over")
    return 0


def differing(before: Path, after: Path) -> set[str]:
    """Return the attributes whose zones two folders' networks do not share.

    Raises ValueError where anything else differs: embeddings would too.
    """
    ours, theirs = (load(folder)[0].state_dict() for folder in (after, before))
    zones = set()
    for name, tensor in ours.items():
        if torch.equal(tensor, theirs[name]):
            continue
        own = [each for each in ZONES if name.startswith("zones.") and each in name]
        if not own:
            raise ValueError(f"{after} and {before} differ in {name}: fit the readings and the reward anew")
        zones.update(own)
    return zones


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--before", type=Path, required=True, metavar="DIR", help="weights that they were fitted on")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="weights that they shall serve")
    parser.add_argument("--reward", type=Path, default=FITTED, metavar="FILE")
