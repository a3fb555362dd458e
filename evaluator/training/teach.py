"""The teachers of a run: the ImageNet network, and any open_clip model that a plan names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluator.training.plan import Plan
from evaluator.training.teacher import folded

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_SPREAD = (0.26862954, 0.26130258, 0.27577711)


class Teacher(nn.Module):
    """Frozen networks that look at what ours looks at.

    The first of `look` is always the pooled ImageNet features; a CLIP model's picture embeddings follow.
    """

    def __init__(self, start: Path, plan: Plan) -> None:
        super().__init__()
        self.imagenet = folded(start).requires_grad_(False).eval()
        self.clip = _clip(plan.clip) if plan.clip else None

    @torch.no_grad()
    def look(self, picture: Tensor) -> list[Tensor]:
        """Return each teacher's B×D view of B×3×H×W pictures in −1…1."""
        views = [self.imagenet(picture)[1].float()]
        if self.clip is not None:
            views.append(self.clip.encode_image(_for_clip(picture, self.clip)).float())
        return views


def _clip(name: str) -> Any:
    from evaluator.operators import ensure_torchvision

    ensure_torchvision()
    import open_clip

    model, _, tag = name.partition(":")
    network = open_clip.create_model(model, pretrained=tag or None)
    return network.requires_grad_(False).eval()


def _for_clip(picture: Tensor, clip: Any) -> Tensor:
    side = clip.visual.image_size
    size = tuple(side) if isinstance(side, (tuple, list)) else (side, side)
    mean = picture.new_tensor(CLIP_MEAN).reshape(1, 3, 1, 1)
    spread = picture.new_tensor(CLIP_SPREAD).reshape(1, 3, 1, 1)
    sized = functional.interpolate((picture + 1) / 2, size, mode="bilinear", antialias=True)
    return (sized - mean) / spread
