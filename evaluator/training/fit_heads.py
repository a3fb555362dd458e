"""Fits heads of criteria anew on the trained network's own view of composites and melted products, in closed form.

Most composites are sound, and a head that is trained by L1 comes to say 5 of everything: the median. Ridge regression
gives the mean of what a view goes with, and is exact. A head that says more already is left as it is.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch

from evaluator.inference import Session
from evaluator.network.eyes import shown
from evaluator.network.heads import CRITERIA
from evaluator.network.weights import load
from evaluator.table import progress
from evaluator.training.benchmark.statistics import rank_correlation
from evaluator.training.derived import derive
from evaluator.training.handed import handed
from evaluator.training.line import Rated, Rows, chosen, line, no_falls
from evaluator.training.sample import read

FAMILIES = {"fusion": 1, "artefact": 1, "body": 4}
"""What is looked at, and of which one sample in so many."""
HEADS = ("scene_fit", "subject_fusion", "grounding", "scale", "light_coherence", "shape_fidelity", "material_realism")
"""Criteria that these families know of."""
THREADS = 2


def run(options: argparse.Namespace) -> int:
    """Fit the heads on training samples; write the weights with those that got better."""
    cv2.setNumThreads(1)
    network, card = load(options.weights)
    looked = _looked(handed(network, network.criteria, ("view",)), options.samples)
    rows: dict[str, list[tuple[Rows, float, str]]] = defaultdict(list)
    for view, criteria, name in looked:
        for id, score in criteria.items():
            if id in HEADS:
                rows[id].append((view, score, name))
    for id, labels in rows.items():
        column = CRITERIA.index(id)
        views, scores, names = (np.array(each) for each in zip(*labels, strict=True))
        weights, bias = (each.detach().double().numpy()[column] for each in network.criteria.parameters())
        before = rank_correlation(scores.tolist(), np.clip(3 + views @ weights + bias, 1, 5).tolist())
        labelled = Rated(views, scores, np.unique(names, return_inverse=True)[1])
        none = no_falls(views.shape[1])
        ridge, after = chosen(labelled, none)
        print(f"{id}: {len(scores)} samples, SRCC {before:.3f}, {after:.3f} in cross-validation (ridge {ridge:g})")
        if after > before:
            found, middle = line(labelled, none, ridge)
            with torch.no_grad():
                network.criteria.weight[column] = torch.from_numpy(found).float()
                network.criteria.bias[column] = middle - 3
    derive(network, card, options.weights, options.out, "heads")
    return 0


def _looked(session: Session, samples: Path) -> Iterable[tuple[Rows, dict[str, float], str]]:
    """Yield what the heads read of each training sample, its criteria and its object."""
    files = [
        file
        for family, every in FAMILIES.items()
        for file in sorted((samples / "train" / family).glob("[0-9]*.npz"))[::every]
    ]

    if not files:
        raise FileNotFoundError(f"there are no samples of {', '.join(FAMILIES)} under {samples / 'train'}; `make` some")

    def look(file: Path) -> tuple[Rows, dict[str, float], str]:
        sample = read(file)
        (view,) = session.run(("view",), shown(sample.picture))
        return view[0].astype(np.float64), dict(sample.criteria), sample.object

    with ThreadPoolExecutor(THREADS) as pool:
        yield from progress(pool.map(look, files), len(files), "looking")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="what `make` made")
    parser.add_argument("--weights", type=Path, required=True, metavar="DIR", help="weights of ours")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
