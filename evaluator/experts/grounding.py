"""Grounding DINO as the eye that finds things by their name.

Liu et al., "Grounding DINO: Marrying DINO with Grounded Pre-Training for Open-Set Object Detection", ECCV 2024.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from evaluator.errors import EvaluatorError
from evaluator.experts.loading import Card, load_parts
from evaluator.types import Box, Rgb

TINY = "IDEA-Research/grounding-dino-tiny"
"""The published model that is meant where none is named."""
LEAST = 0.35
"""Least score of a box; the model's authors use it."""
LONGEST = 80
"""Most letters of a category."""


class CategoryUnfit(EvaluatorError):
    """What is to be looked for is not said in words that Grounding DINO reads."""

    en = "{category!r} cannot be looked for in a picture; name the product in one or a few English words, such as shoe."
    zh = "无法在图片中查找 {category!r}；请用一个或几个英文单词说明商品，例如 shoe。"


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found: where, and with what score (0–1)."""

    box: Box
    score: float


class Grounder:
    """Finds the things of a category in a picture; safe to share between threads."""

    def __init__(self, model: Any, processor: Any, card: Card) -> None:
        """Take a GroundingDinoForObjectDetection and its processor."""
        self.card = card
        self._model, self._processor = model.eval(), processor

    def find(self, rgb: Rgb, category: str, least: float = LEAST) -> list[Found]:
        """Return what is found in a picture (H×W×3 uint8) with at least a score (0–1), the surest first.

        `category` is one or a few English words. Raises CategoryUnfit.
        """
        import torch

        # A copy: torch warns of pictures that are read-only, as decoded ones are.
        ready = self._processor(images=rgb.copy(), text=prompt(category), return_tensors="pt").to(self._model.device)
        with torch.inference_mode():
            seen = self._model(**ready)
        # Without sizes the corners come as shares of the picture, which is how a Box has them.
        told = self._processor.post_process_grounded_object_detection(
            seen, ready["input_ids"], threshold=least, text_threshold=least
        )[0]
        found = []
        for corners, score in zip(told["boxes"].clamp(0, 1).tolist(), told["scores"].tolist(), strict=True):
            left, top, right, bottom = corners
            if right > left and bottom > top:
                found.append(Found(Box(left, top, right - left, bottom - top, category), score))
        return sorted(found, key=lambda each: -each.score)

    def boxes(self, rgb: Rgb, category: str) -> list[Box]:
        """Return the boxes of what `find` finds, as prompts for a segmenter. Raises CategoryUnfit."""
        return [each.box for each in self.find(rgb, category)]


def prompt(category: str) -> str:
    """Return a category as the model reads it: lower case, with a full stop at its end. Raises CategoryUnfit."""
    words = " ".join(category.lower().split()).rstrip(". ")
    if not re.search("[a-z]", words) or not words.isascii() or len(words) > LONGEST:
        raise CategoryUnfit(category=category)
    return f"{words}."


def load_grounder(name: str = TINY, device: str = "cpu") -> Grounder:
    """Return Grounding DINO with its weights: a model's name on the hub, or a folder.

    Raises FolderUnknown, ExpertMissing, ExpertUnfetched, ExpertBroken, DeviceMissing.
    """
    return Grounder(*load_parts(name, TINY, "GroundingDinoForObjectDetection", "GroundingDinoProcessor", device))
