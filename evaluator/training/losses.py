"""The losses of training: each looks only at what a batch knows and gives 0 where it knows nothing."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from evaluator.network.model import Sight
from evaluator.training.truth import FAINT, PLAIN

HALF = 3
"""Last step of a ladder (of six) up to which all but the criterion meant is held steady."""


def known_mean(losses: Tensor, known: Tensor) -> Tensor:
    """Return the mean of the losses that are known; 0 where none is."""
    return torch.where(known, losses, torch.zeros_like(losses)).sum() / known.sum().clamp(min=1)


def bounded(prediction: Tensor, target: Tensor) -> Tensor:
    """L1 where the target is known."""
    known = ~target.isnan()
    return known_mean((prediction.float() - target.nan_to_num()).abs(), known)


def binary(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy where the target (0–1) is known."""
    known = ~target.isnan()
    losses = functional.binary_cross_entropy_with_logits(logits.float(), target.nan_to_num(), reduction="none")
    return known_mean(losses, known)


def planes(logits: Tensor, target: Tensor, overlap: float) -> Tensor:
    """Cross-entropy over known planes (B×C×H×W), plus `overlap` × soft Dice over those with something in them."""
    known = ~target.isnan().flatten(2).any(2)
    if not bool(known.any()):
        return logits.sum() * 0
    chosen, truth = logits.float()[known], target[known]
    # Faults are small: their pixels together weigh as much as a quarter of the plane.
    area = truth.mean((1, 2), keepdim=True)
    weight = 1 + truth * (0.25 / area.clamp(min=0.02) - 1).clamp(min=0)
    loss = functional.binary_cross_entropy_with_logits(chosen, truth, weight=weight)
    filled = truth.flatten(1).amax(1) > 0.5
    if overlap and bool(filled.any()):
        guess, there = chosen[filled].sigmoid().flatten(1), truth[filled].flatten(1)
        dice = 1 - (2 * (guess * there).sum(1) + 1) / (guess.sum(1) + there.sum(1) + 1)
        loss = loss + overlap * dice.mean()
    return loss


def tagged(logits: Tensor, severity: Tensor) -> Tensor:
    """Cross-entropy of the attributes; plainer faults count more, barely visible ones not at all."""
    target = torch.where(severity <= FAINT, 0.0, torch.where(severity >= PLAIN, 1.0, float("nan")))
    known = ~target.isnan()
    losses = functional.binary_cross_entropy_with_logits(logits.float(), target.nan_to_num(), reduction="none")
    return known_mean(losses, known)


def ordered(prediction: Tensor, target: Tensor, least: float, sharpness: float) -> Tensor:
    """Pairwise logistic ranking loss (B each) over known pairs whose targets differ by more than `least`."""
    known = ~target.isnan()
    a, b = prediction.float()[known], target[known]
    gap = b[:, None] - b[None]
    pairs = gap > least
    if not bool(pairs.any()):
        return prediction.sum() * 0
    return functional.softplus(-sharpness * (a[:, None] - a[None])[pairs]).mean()


def laddered(criteria: Tensor, known: Tensor, ladder: Tensor, step: Tensor) -> Tensor:
    """Ranking within a ladder: of two steps the lower must score higher on the criteria that are known of both.

    `criteria` B×19, `known` B×19 targets with NaN, `ladder` and `step` B.
    """
    same = (ladder[:, None] == ladder[None]) & (ladder[:, None] >= 0) & (step[:, None] < step[None])
    told = ~known.isnan()
    pairs = same[:, :, None] & told[:, None] & told[None]
    if not bool(pairs.any()):
        return criteria.sum() * 0
    gap = criteria.float()[:, None] - criteria.float()[None]
    return functional.softplus(-4 * gap)[pairs].mean()


def steady(values: Tensor, meant: Tensor, ladder: Tensor, step: Tensor) -> Tensor:
    """L1 within a ladder, up to its half: what a fault is not meant for (`meant` B×C, false) must not move.

    `values` B×C, `ladder` and `step` B. The lower step sets what the higher one is held to.
    """
    same = (ladder[:, None] == ladder[None]) & (ladder[:, None] >= 0) & (step[:, None] < step[None])
    pairs = (same & (step[None] <= HALF))[:, :, None] & ~meant[:, None] & ~meant[None]
    moved = (values.float()[:, None].detach() - values.float()[None]).abs()
    return known_mean(moved, pairs)


def twinned(logits: Tensor, severity: Tensor, group: Tensor) -> Tensor:
    """Ranking between twins: of two samples of a group (B) the plainly worse must have the higher logit (B×5 both)."""
    apart = severity[:, None] - severity[None] >= PLAIN  # false where either is unknown
    pairs = apart & (group[:, None] == group[None])[:, :, None]
    if not bool(pairs.any()):
        return logits.sum() * 0
    gap = logits.float()[:, None] - logits.float()[None]
    return functional.softplus(-gap)[pairs].mean()


def relations(ours: Tensor, theirs: Tensor) -> Tensor:
    """Relational distillation: cosines between pictures, ours (B×D) against a teacher's centred ones (B×E)."""
    theirs = functional.normalize(theirs - theirs.mean(0), dim=1)
    ours = functional.normalize(ours.float() - ours.float().mean(0), dim=1)
    return (ours @ ours.T - theirs @ theirs.T).pow(2).mean()


def all_of(sight: Sight, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return every loss of a batch by its name in the plan, save those that need a teacher."""
    ladder, step = batch["ladder"], batch["step"]
    meant = ~batch["criteria"].isnan()
    nowhere = torch.zeros_like(sight.tags, dtype=torch.bool)
    return {
        "ratings": bounded(sight.ratings, batch["ratings"]) + 0.3 * bounded(sight.spreads, batch["spreads"]),
        "rank": sum(
            (ordered(sight.ratings[:, i], batch["ratings"][:, i], 0.15, 3.0) for i in range(batch["ratings"].shape[1])),
            start=torch.zeros(()),
        ),
        "criteria": bounded(sight.criteria, batch["criteria"]),
        "ladder": laddered(sight.criteria, batch["criteria"], ladder, step),
        # Whatever is done to a picture, people like it less.
        "spoilt": laddered(sight.ratings, torch.zeros_like(sight.ratings), ladder, step),
        "steady": steady(sight.criteria, meant, ladder, step) + steady(sight.tags.sigmoid(), nowhere, ladder, step),
        "mask": planes(sight.mask, batch["mask"], 1.0),
        "maps": planes(sight.maps, batch["maps"], 0.5),
        "parts": planes(sight.parts, batch["parts"], 0.5),
        "tags": tagged(sight.tags, batch["tags"]),
        "twins": twinned(sight.tags, batch["tags"], batch["group"]),
        "presence": binary(sight.presence, batch["presence"]),
    }
