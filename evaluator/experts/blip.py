"""BLIP as the eye that reads a picture and words together, the backbone of the pair's reward when switched on.

Li et al., "BLIP: Bootstrapping Language-Image Pre-training", ICML 2022. The vector is the one that ImageReward
(Xu et al., NeurIPS 2023) puts its reward head on: the first place of the text encoder, which attends to the picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from evaluator.experts.loading import Card, load_parts
from evaluator.types import Rgb

BASE = "Salesforce/blip-itm-base-coco"
"""The published model that is meant where none is named."""

Vector = npt.NDArray[np.float32]


class BlipReader:
    """Turns a picture with its text into one vector; safe to share between threads."""

    def __init__(self, model: Any, processor: Any, card: Card) -> None:
        """Take a BlipForImageTextRetrieval and its processor."""
        self.card = card
        self._model, self._processor = model.eval(), processor

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.config.text_config.hidden_size)

    def features(self, picture: Rgb, text: str) -> Vector:
        """Return what a picture (H×W×3 uint8) and an English text are together, `dimension` numbers of any length.

        Of a text that is longer than the model reads, the beginning is read.
        """
        import torch

        most = self._model.config.text_config.max_position_embeddings
        # A copy: torch warns of pictures that are read-only, as decoded ones are.
        ready = self._processor(images=picture.copy(), text=text, return_tensors="pt", truncation=True, max_length=most)
        ready = ready.to(self._model.device)
        with torch.inference_mode():
            seen = self._model.vision_model(pixel_values=ready["pixel_values"]).last_hidden_state
            read = self._model.text_encoder(
                input_ids=ready["input_ids"],
                attention_mask=ready["attention_mask"],
                encoder_hidden_states=seen,
                encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long, device=seen.device),
            ).last_hidden_state
        return np.asarray(read[0, 0].cpu().numpy(), np.float32)


def load_reader(name: str = BASE, device: str = "cpu") -> BlipReader:
    """Return BLIP with its weights for matching pictures with texts: a model's name on the hub, or a folder.

    Raises FolderUnknown, ExpertMissing, ExpertUnfetched, ExpertBroken, DeviceMissing.
    """
    return BlipReader(*load_parts(name, BASE, "BlipForImageTextRetrieval", "BlipProcessor", device))
