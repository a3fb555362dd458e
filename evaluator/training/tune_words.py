"""Teaches the text tower where the network sees what a text says: the pictures' side stays as it is.

Locked-image tuning (Zhai et al., 2022): embeddings of captioned pictures are computed once and kept; the tower, already
taught what sentences mean, and one linear map of the pictures' embeddings (the lens) are trained by the symmetric
contrastive loss of CLIP (Radford et al., 2021). Pictures that share a caption are each other's right answers. What the
tower knew of language is kept by the cosines among sentences of the field (relational distillation, Park et al., 2019).
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.encoder import Lens, save_lens
from evaluator.network.eyes import SIDE
from evaluator.network.text import DIMENSION, TextTower, load_tower, save_tower
from evaluator.network.weights import FOLDER
from evaluator.network.words import LONGEST, START, load_vocabulary, pack
from evaluator.training.captioned import TRAINED_SIDE, Looker, Seen, heroes, join, samples, shelves
from evaluator.training.captions import Caption, phrases
from evaluator.training.makers.naming import LIBRARY

Vectors = npt.NDArray[np.float32]
STEPS, BATCH, PHRASES = 240, 256, 4_000
_RATE, _LENS_RATE, _NOISE = 6e-4, 2e-3, 0.25
_RELATIONAL, _LANGUAGES, _RELATED, _STRANGE = 20.0, 1.0, 64, 500
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--samples", type=Path, required=True, metavar="DIR", help="pictures that `make` made")
    parser.add_argument("--library", type=Path, default=LIBRARY / "library", metavar="DIR", help="the styles' cards")
    parser.add_argument("--weights", type=Path, default=FOLDER, metavar="DIR", help="the network's weights")
    parser.add_argument(
        "--tower", type=Path, default=FOLDER, metavar="DIR", help="the text tower's weights to go on from"
    )
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="where what was seen is kept")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where the weights go")
    parser.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"how many batches (default: {STEPS})")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Tune the text tower to what the network sees; write weights, print recall on what was held out."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    looker = Looker(options.weights, options.cache)
    lessons = join(samples(options.samples / "train", looker, TRAINED_SIDE), heroes(options.library, looker, False))
    tests = samples(options.samples / "held", looker, SIDE), heroes(options.library, looker, True)
    before = load_tower(options.tower)
    tower, lens = tune(lessons, load_tower(options.tower), phrases(PHRASES, options.seed), options.steps, options.seed)
    lens = replace(lens, marks=marks(tower, lens, shelves(options.library, looker), tests[1], options.seed))
    command = f"python -m evaluator.training tune --steps {options.steps} --seed {options.seed}"
    # Words are tuned to one network: another's pictures lie elsewhere.
    command += f", for the network {looker.card.sha256[:12]}"
    card = save_tower(tower, options.out, command, options.steps)
    save_lens(lens, options.out, command, options.steps)
    figures = {
        "pictures": len(lessons.vectors),
        "bytes": card.bytes,
        "before": recalls(before, Lens(np.eye(DIMENSION, dtype=np.float32), np.zeros(DIMENSION, np.float32)), tests[0]),
        "held": recalls(tower, lens, tests[0]),
        "marks": [round(each, 3) for each in lens.marks],
        "held_styles": recalls(tower, lens, tests[1]),
    }
    print(json.dumps(figures, indent=1))
    return 0


def tune(
    lessons: Seen, before: TextTower, language: Sequence[Caption], steps: int, seed: int, lensed: bool = True
) -> tuple[TextTower, Lens]:
    """Return the tower tuned to the pictures, and the lens through which theirs are to be compared with it.

    `before` is the tower as it was taught; its cosines among sentences of `language` are kept.
    """
    torch.manual_seed(seed)
    random, noise, start = Random(seed), np.random.default_rng(seed), time.monotonic()
    tower = TextTower(dropout=0.1)
    tower.load_state_dict(before.state_dict())
    tower.train()
    centre = torch.from_numpy(lessons.vectors.mean(0))
    glass = nn.Linear(DIMENSION, DIMENSION)
    with torch.no_grad():
        glass.weight.copy_(torch.eye(DIMENSION))
        glass.bias.copy_(-centre)
    heat = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    learner = torch.optim.AdamW(
        [
            {"params": tower.parameters(), "most": _RATE},
            {"params": [*glass.parameters(), heat] if lensed else [heat], "most": _LENS_RATE},
        ],
        weight_decay=0.02,
    )
    pictures = torch.from_numpy(lessons.vectors)
    spread = float((pictures - centre).std())
    sets = [frozenset(each) for each in lessons.captions]
    with torch.no_grad():
        known = torch.cat(
            [read_texts(before, [each.en for each in language[at : at + 512]]) for at in range(0, len(language), 512)]
        )
    order: list[int] = []
    for step in range(steps):
        if len(order) < BATCH:
            order = random.sample(range(len(sets)), len(sets))
        chosen, order = order[:BATCH], order[BATCH:]
        for group in learner.param_groups:
            group["lr"] = group["most"] * min(1.0, (step + 1) / 40) * (0.51 + 0.49 * math.cos(math.pi * step / steps))
        texts = [random.choice(lessons.captions[each]) for each in chosen]
        blurred = pictures[chosen] + _NOISE * spread * torch.from_numpy(
            noise.standard_normal((len(chosen), DIMENSION), np.float32)
        )
        seen = functional.normalize(glass(blurred), dim=1)
        said = read_texts(tower, texts)
        contrast = contrastive(seen, said, right([sets[each] for each in chosen]), heat.exp().clamp(max=60))
        related = random.sample(range(len(language)), min(_RELATED, len(language)))
        kept = keeping(tower, [language[each] for each in related], known[related])
        loss = contrast + kept
        learner.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        learner.step()
        if step % 50 == 0:
            left = (time.monotonic() - start) / (step + 1) * (steps - step - 1)
            print(f"step {step} of {steps}, {contrast.item():.3f} + {kept.item():.3f}, {left:.0f} s left", flush=True)
    return tower.eval(), Lens(glass.weight.detach().numpy(), glass.bias.detach().numpy())


@cache
def _rows(text: str) -> list[list[int]]:
    vocabulary = load_vocabulary()
    return [[START], *map(vocabulary.parts, vocabulary.words(text)[: LONGEST - 1])]


def read_texts(tower: TextTower, texts: Sequence[str]) -> Tensor:
    """Return n×256 unit vectors of texts, read in four parts by length so that short ones are not padded."""
    read = [_rows(text) for text in texts]
    order = sorted(range(len(read)), key=lambda at: len(read[at]))
    size = max(1, -(-len(order) // 4))
    cuts = [[read[each] for each in order[at : at + size]] for at in range(0, len(order), size)]
    parts = [tower(torch.from_numpy(pack(cut))) for cut in cuts]
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


def right(sets: Sequence[frozenset[str]]) -> Tensor:
    """Return n×n, the shares of right answers: a picture's own text, and those of pictures that share a caption."""
    table = np.array([[bool(one & two) for two in sets] for one in sets], np.float32)
    return torch.from_numpy(table / table.sum(1, keepdims=True))


def contrastive(seen: Tensor, said: Tensor, answers: Tensor, heat: Tensor) -> Tensor:
    """Return CLIP's loss of n pictures and n texts (unit vectors), each row of `answers` (n×n) summing to 1."""
    logits = heat * seen @ said.T
    return (functional.cross_entropy(logits, answers) + functional.cross_entropy(logits.T, answers)) / 2


def keeping(tower: TextTower, captions: Sequence[Caption], known: Tensor) -> Tensor:
    """Return how far the tower is from what it knew (n×256): the English cosines, and each from its Chinese."""
    said = read_texts(tower, [*(each.en for each in captions), *(each.zh for each in captions)])
    english, chinese = said.chunk(2)
    moved = ((english @ english.T - known @ known.T) ** 2).mean()
    return _RELATIONAL * moved + _LANGUAGES * (1 - (english * chinese).sum(1).mean())


@torch.inference_mode()
def marks(
    tower: TextTower, lens: Lens, styles: Sequence[Vectors], said: Seen, seed: int
) -> tuple[float, float, float, float]:
    """Return the lens's marks (see there): `styles` are embeddings by style, `said` is captioned.

    Texts foreign to the field are three words at random: nine in ten must be below the third mark. Three in four of
    the captions are above the fourth.
    """
    through = [lens.through(each) for each in styles]
    apart, nearest = [], []
    for one, two in combinations(through, 2):
        table = one @ two.T
        apart.append(float((table.max(0).mean() + table.max(1).mean()) / 2))
        nearest.append(float(table.max()))
    random, words = Random(seed), sorted(load_vocabulary().rows)
    strange = [" ".join(random.sample(words, 3)) for _ in range(_STRANGE)]
    faint = float(np.percentile(_nearest(tower, strange, through), 90))
    sure = float(np.percentile(_nearest(tower, [text for each in said.captions for text in each], through), 25))
    return float(np.median(apart)), (1 + max(nearest)) / 2, faint, max(sure, faint + 0.05)


def _nearest(tower: TextTower, texts: Sequence[str], styles: Sequence[Vectors]) -> Vectors:
    """Return the likeness of each text to its nearest style, as the search of styles counts it."""
    read = read_texts(tower, texts).numpy()
    found = [0.7 * (read @ each.T).max(1) + 0.3 * (read @ each.T).mean(1) for each in styles]
    return np.asarray(np.max(found, axis=0), np.float32)


@torch.inference_mode()
def recalls(tower: TextTower, lens: Lens, tests: Seen) -> dict[str, dict[str, float]]:
    """Return recall at 1, 5 and 10 both ways, for each language, with that of chance.

    A picture is asked with its first caption of the language. What shares a caption is as right as the very one.
    """
    found: dict[str, dict[str, float]] = {}
    for language in ("en", "zh"):
        rows = [
            (at, own[0])
            for at, each in enumerate(tests.captions)
            if (own := [text for text in each if bool(_CHINESE.search(text)) is (language == "zh")])
        ]
        seen = lens.through(tests.vectors[[at for at, _ in rows]])
        said = read_texts(tower, [text for _, text in rows]).numpy()
        answers = right([frozenset(tests.captions[at]) for at, _ in rows]).numpy() > 0
        found[language] = {"pictures": len(rows)}
        for way, likeness, sure in (("to_text", seen @ said.T, answers), ("to_picture", said @ seen.T, answers.T)):
            ranked = np.take_along_axis(sure, np.argsort(-likeness, axis=1), 1)
            for most in (1, 5, 10):
                found[language][f"{way}_{most}"] = round(float(ranked[:, :most].any(1).mean()), 3)
                found[language][f"{way}_{most}_chance"] = round(chance(sure, most), 3)
    return found


def chance(sure: npt.NDArray[np.bool_], most: int) -> float:
    """Return the mean probability that `most` columns drawn at random hold a right one."""
    count = sure.shape[1]
    wrong = count - sure.sum(1)
    drawn = np.arange(min(most, count))
    return float(np.mean(1 - np.prod(np.clip(wrong[:, None] - drawn, 0, None) / (count - drawn), axis=1)))
