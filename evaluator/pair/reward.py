"""Is the generated background right? By a reward fitted on ranked pairs, else by the picture's own criteria.

A fitted reward belongs to the weights of one network; with any other it is not used, and the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
from scipy.special import expit

from evaluator.look import Looker
from evaluator.pair.company import NAME, NO_COMPANY, Company
from evaluator.pair.emptied import emptied
from evaluator.pair.seam import seam
from evaluator.pair.tile import turned
from evaluator.pair.trees import KEPT, NO_TREES, Trees, packed, unpacked
from evaluator.pair.types import Background, Matrix, Registration, Tile
from evaluator.pair.wording import Rules, log_odds
from evaluator.types import Criterion, Glance, Plane, Report, Rgb, Tag

FITTED = Path(__file__).with_name("reward.safetensors")
ATTRIBUTES = ("fusion", "artefact")
"""Attributes whose maps are read inside the product's outline and about it."""
CRITERIA = ("scene_fit", "subject_fusion", "grounding", "scale", "light_coherence", "material_realism", "sharpness")
"""Heads that speak of a composite."""
PLACE = ("vacant", "scene", "plain_backdrop", "flat_lay", "person", "hand", "face")
"""What is asked of the place without the product."""
CLIP = 5.0
"""Furthest that a trait may lie from the mean, in standard deviations."""
ARRAYS = ("mean", "spread", "direct", "first", "bias", "last")
"""What a file of a reward holds, beside its axes."""
EMBEDDINGS = ("original", "generated", "place")
"""The embeddings among a pair's traits."""
KINDS = ("sold", "meant")
"""The readings of its company."""
SURE = 6.0
"""Log-odds from which on the siamese network counts no further."""
ROOM = 0.35
"""Room about the product in a closer look, as a share of its longer side."""
SMALLEST = 24
"""Least side in pixels of a closer look."""
SHARE = 0.02
"""Least share of the picture's width and height about the outline in which a map is read."""

Numbers = npt.NDArray[np.float64]
Embedding = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a reward is told of a pair: `numbers` by name, and embeddings (256, unit length).

    These are of the original, of the generated picture, and of its `place` with the product gone.
    """

    numbers: Mapping[str, float]
    original: Embedding
    generated: Embedding
    place: Embedding


class Reward(Protocol):
    """What knows a good background from a bad one, fitted on ranked pictures of the same original."""

    @property
    def network(self) -> str:
        """The SHA-256 of the weights whose looks it was fitted on."""
        ...

    def probability(self, traits: Traits) -> float:
        """Return the probability (0–1) that the background is good."""
        ...


@dataclass(frozen=True, slots=True)
class Learned:
    """A small head fitted on pairs: a few networks of one hidden layer over scaled traits, their mean calibrated.

    `names` are the traits' numbers with their `mean` and `spread` (N); `axes` (256×K and 256×L) bring the generated
    picture's embedding, and the product of both, to a few numbers, also scaled. `first` (M×D×H), `bias` (M×H) and
    `last` (M×H) are the layers of M members, beside a `direct` one (M×D); `trees` over the named numbers are added to
    their mean, and log-odds = `scale` × the sum + `offset`. `company` gives the number NAME.
    """

    names: tuple[str, ...]
    mean: Numbers
    spread: Numbers
    axes: tuple[Numbers, Numbers]
    direct: Numbers
    first: Numbers
    bias: Numbers
    last: Numbers
    scale: float
    offset: float
    network: str
    made_by: str = ""
    trees: Trees = NO_TREES
    company: Company = NO_COMPANY

    def probability(self, traits: Traits) -> float:
        """Return the probability (0–1) that the background is good."""
        return float(expit(self.logit(traits)))

    def logit(self, traits: Traits) -> float:
        """Return the calibrated log-odds that the background is good."""
        return float(self.logits([traits])[0])

    def logits(self, many: list[Traits]) -> Numbers:
        """Return the calibrated log-odds of several pairs."""
        return self.scale * self.raw(many) + self.offset

    def raw(self, many: list[Traits]) -> Numbers:
        """Return the reward itself, before calibration."""
        values = columns(many, self.names, self.axes, self.company)
        steps = np.clip((values - self.mean) / self.spread, -CLIP, CLIP)
        hidden = np.tanh(np.einsum("nd,mdh->mnh", steps, self.first) + self.bias[:, None])
        ranked = np.einsum("mnh,mh->n", hidden, self.last) / len(self.last) + steps @ self.direct.mean(0)
        return np.asarray(ranked + self.trees.logits(values))


def columns(
    many: list[Traits], names: tuple[str, ...], axes: tuple[Numbers, Numbers], company: Company = NO_COMPANY
) -> Numbers:
    """Return what a head takes, N×D, unscaled: the named numbers, then both embeddings along the axes."""
    original, generated, place = (np.array([getattr(each, side) for each in many]) for side in EMBEDDINGS)
    told = [
        {NAME: suits} | dict(each.numbers) for each, suits in zip(many, company.suits(original, place), strict=True)
    ]
    numbers = np.array([[each[name] for name in names] for each in told], np.float64).reshape(len(many), -1)
    return np.hstack([numbers, generated @ axes[0], 16 * (original * generated) @ axes[1]])


def traits_of(product: Tile, found: Registration, generated: Rgb, looks: tuple[Glance, Glance], eyes: Looker) -> Traits:
    """Return the traits of a pair: its product's tile, where that lies in the generated picture, looks at both.

    `eyes` look closer at the product in its place.
    """
    tile = turned(product) if found.mirrored else product
    seen, place = looked(tile.mask, found.matrix, generated, looks, eyes)
    return Traits({**seam(product, found, generated), **seen}, looks[0].embedding, looks[1].embedding, place)


def looked(
    mask: Plane, matrix: Matrix, generated: Rgb, looks: tuple[Glance, Glance], eyes: Looker
) -> tuple[dict[str, float], Embedding]:
    """Return what the network says of a pair, as numbers, and the embedding of the place without the product.

    `mask` is the product's in the tile and `matrix` leads from there to the generated picture (H×W×3); `looks` are
    those at the original and at the generated picture. `eyes` look twice more: at the product with room about it, and
    at the picture without it.
    """
    top, bottom, left, right = _about(mask, matrix, generated.shape)
    closer = eyes.glance(np.ascontiguousarray(generated[top:bottom, left:right]), near=True)
    moved = matrix - np.array([[0, 0, left], [0, 0, top]])
    found = {
        "alike": float(looks[0].embedding @ looks[1].embedding),
        "alike_near": float(looks[0].embedding @ closer.embedding),
    }
    found |= said(looks[1], mask, matrix, generated.shape)
    near = said(closer, mask, moved, (bottom - top, right - left))
    found |= {f"near_{name}": value for name, value in near.items()}
    place = eyes.glance(emptied(generated, mask, matrix))
    # It was fitted on the heads, of which the place is asked as well.
    heads = {**place.presence, "vacant": place.sees("vacant")}
    return found | {f"place_{name}": heads.get(name, 0.0) for name in PLACE}, place.embedding


def _about(mask: Plane, matrix: Matrix, size: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of the product with room about it, within the picture."""
    rows, columns = np.nonzero(mask > 0.5)
    points = matrix @ np.stack([columns, rows, np.ones_like(rows)]).astype(float)
    room = ROOM * float(np.ptp(points, axis=1).max())
    low, high = points.min(1) - room, points.max(1) + room
    left, top = (min(max(0, int(low[axis])), size[1 - axis] - SMALLEST) for axis in (0, 1))
    right, bottom = (min(max(at + SMALLEST, int(high[axis])), size[1 - axis]) for axis, at in ((0, left), (1, top)))
    return max(0, top), bottom, max(0, left), right


def said(glance: Glance, mask: Plane, matrix: Matrix, size: tuple[int, ...]) -> dict[str, float]:
    """Return what one look says of a product in its place; `size` is the looked-at picture's height and width."""
    found = {f"says_{name}": glance.logits[name] for name in ATTRIBUTES}
    found |= {f"head_{name}": glance.criteria[name] for name in CRITERIA}
    found |= {f"seen_{name}": glance.presence[name] for name in ("plain_backdrop", "scene", "person", "flat_lay")}
    found |= {"impression": (glance.technical + glance.appeal) / 2}  # without what it says of how pleasing it is
    found |= {"technical": glance.technical, "appeal": glance.appeal}
    for name in ATTRIBUTES:
        plane = glance.maps[name]
        rows, columns = plane.shape
        to_map = np.diag([columns / size[1], rows / size[0]]) @ matrix
        inside = cv2.warpAffine(mask, to_map, (columns, rows), flags=cv2.INTER_AREA) > 0.5
        reach = max(3, 2 * round(SHARE * max(rows, columns)) + 1)
        about = cv2.dilate(inside.astype(np.uint8), np.ones((reach + 2, reach + 2), np.uint8)) > 0
        rim = about & (cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
        for part, at in (("in", inside), ("rim", rim), ("out", ~about)):
            values = plane[at]
            found[f"{name}_{part}"] = float(values.mean()) if values.size else 0.0
            found[f"{name}_{part}_most"] = float(np.quantile(values, 0.95)) if values.size else 0.0
    return found


def save(learned: Learned, path: Path = FITTED) -> None:
    """Write a reward as a file of tensors."""
    from safetensors.numpy import save_file

    tensors: dict[str, npt.NDArray[np.generic]]
    tensors = {name: np.ascontiguousarray(getattr(learned, name), np.float32) for name in ARRAYS}
    tensors |= {f"trees_{name}": array for name, array in packed(learned.trees).items()}
    tensors |= {f"company_{name}": np.ascontiguousarray(getattr(learned.company, name), np.float32) for name in KINDS}
    tensors |= {f"axes_{number}": np.ascontiguousarray(axes, np.float32) for number, axes in enumerate(learned.axes)}
    facts = {"names": list(learned.names), "scale": learned.scale, "offset": learned.offset}
    facts |= {"network": learned.network, "made_by": learned.made_by, "base": learned.trees.base}
    save_file(tensors, path, {"reward": json.dumps(facts)})


@lru_cache(maxsize=2)
def load_reward(path: Path = FITTED) -> Learned | None:
    """Return the reward that was fitted; None where there is no such file."""
    from safetensors import safe_open

    if not path.is_file():
        return None
    with safe_open(path, "numpy") as file:
        facts = json.loads(file.metadata()["reward"])
        tensors = {name: np.asarray(file.get_tensor(name), np.float64) for name in (*ARRAYS, "axes_0", "axes_1")}
        trees = {name: file.get_tensor(f"trees_{name}") for name in KEPT}
        company = Company(*(np.asarray(file.get_tensor(f"company_{name}"), np.float64) for name in KINDS))
    axes = tensors["axes_0"], tensors["axes_1"]
    arrays = {name: tensors[name] for name in ARRAYS}
    return Learned(
        tuple(facts["names"]),
        arrays["mean"],
        arrays["spread"],
        axes,
        arrays["direct"],
        arrays["first"],
        arrays["bias"],
        arrays["last"],
        facts["scale"],
        facts["offset"],
        facts["network"],
        facts["made_by"],
        unpacked(trees, facts["base"]),
        company,
    )


def judged(
    traits: Traits | None,
    report: Report | None,
    rules: Rules,
    reward: Reward | None,
    *,
    network: str,
    plain: bool,
    wrong: float = 0.0,
) -> Background:
    """Return the judgement of the background from a pair's traits and the generated picture's own report.

    Score and probability are None on a backdrop that is `plain`, where nothing of a scene applies. `network` is the
    checksum of the weights that looked: a reward fitted on others is not asked, and `stale` says so. `wrong` are the
    siamese network's log-odds that the background is not right, which join the reward's.
    """
    parts = _parts(report.criteria, rules) if report else {}
    if plain or (report is not None and not parts):
        return Background(None, None, why="plain")
    stale = reward is not None and reward.network != network
    if reward is not None and not stale and traits is not None:
        says = {"reward": log_odds(reward.probability(traits)), "network": -float(np.clip(wrong, -SURE, SURE))}
        chance = float(expit(rules.scene.logit(says)))
        return Background(100 * chance, chance, True, parts, says=says)
    if report is None:
        return Background(None, None, why="report", stale=stale)
    chance = _from_criteria(parts, report.tags.get("fusion"), rules)
    return Background(100 * chance, chance, False, parts, stale=stale)


def _parts(criteria: Mapping[str, Criterion], rules: Rules) -> dict[str, float]:
    """Return the scores (1–5) of the criteria that speak of the background and apply here."""
    scores = {id: criteria[id].score for id in rules.weights if id in criteria}
    return {id: float(score) for id, score in scores.items() if score is not None}


def _from_criteria(parts: Mapping[str, float], fusion: Tag | None, rules: Rules) -> float:
    whole = sum(rules.weights.values())
    share = sum(rules.weights[id] for id in parts)
    logit = sum(rules.weights[id] * (score - rules.middle) for id, score in parts.items()) * whole / share
    if fusion is not None and fusion.probability is not None:
        logit += rules.fusion * fusion.probability
    return float(expit(logit + rules.offset))
