"""The pretrained models that the settings switch on, loaded; one that cannot be had is said so and left out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from evaluator.errors import EvaluatorError
from evaluator.experts.clip import ClipEncoder, load_head
from evaluator.experts.clip import load_encoder as load_clip
from evaluator.experts.grounding import Grounder, load_grounder
from evaluator.experts.loading import Card
from evaluator.experts.sam import Cutter, load_segmenter
from evaluator.settings import PREFIX, Settings
from evaluator.types import Rgb

Model = TypeVar("Model")

SCORE = frozenset(("sam", "aesthetic"))
COMPARE = frozenset(("sam", "blip"))
APP = frozenset(("sam", "aesthetic", "clip", "blip"))
"""What each use of the judge has work for; Grounding DINO comes with Segment Anything."""
_FOLDERS = re.compile(r"(?<![\w/])~?/(?!/)(?:[^\s/]+/)+")
"""The folders of an absolute path, but for those of a page's address."""
DIGITS = 12
"""Digits of a checksum that name a model in a report."""


class ExpertOff(EvaluatorError):
    """A pretrained model was switched on that cannot be had or has nothing to do; the embedded eyes take its place."""

    en = "{setting} stays off. {why} Going on with {instead}."
    zh = "{setting} 未启用。{why_zh}将继续使用{instead_zh}。"

    def public(self) -> ExpertOff:
        """Return the same for a page that anyone may see: of this machine's paths only their last part."""
        return ExpertOff(**{name: _FOLDERS.sub("", str(value)) for name, value in self.values.items()})


@dataclass(frozen=True, slots=True)
class Experts:
    """What is switched on: `masker` cuts out subjects, `clip` encodes and, with a head, judges looks.

    `used` names those at work with the beginning of their checksums; `notices` says which stay off, and why.
    """

    masker: Cutter | None = None
    clip: ClipEncoder | None = None
    judges_looks: bool = False
    used: tuple[str, ...] = ()
    notices: tuple[ExpertOff, ...] = ()

    def aesthetic(self, picture: Rgb) -> float | None:
        """Return what LAION's head says of a picture (H×W×3 uint8), about 1–10; None where there is no head."""
        return float(self.clip.aesthetic([picture])[0]) if self.clip and self.judges_looks else None


@dataclass(slots=True)
class _Opening:
    """The settings as they are worked through."""

    settings: Settings
    device: str
    used: list[str] = field(default_factory=list)
    notices: list[ExpertOff] = field(default_factory=list)

    def attempt(self, name: str, load: Callable[[], Model], instead: tuple[str, str]) -> Model | None:
        """Return what is loaded, or None with a notice."""
        try:
            return load()
        except EvaluatorError as error:
            self.leave(name, (str(error), error.sentence("zh")), instead)
        except ImportError as error:  # the library itself is not installed
            why = f"{error}; install it with pip install -r requirements.txt."
            self.leave(name, (why, f"{error}；请用 pip install -r requirements.txt 安装。"), instead)
        return None

    def leave(self, name: str, why: tuple[str, str], instead: tuple[str, str]) -> None:
        setting = f"{PREFIX}{name.upper()}={getattr(self.settings, name)}"
        english, chinese = instead
        self.notices.append(ExpertOff(setting=setting, why=why[0], why_zh=why[1], instead=english, instead_zh=chinese))

    def note(self, card: Card) -> None:
        self.used.append(f"{card.name} {card.sha256[:DIGITS]}")


NETWORK = "the embedded network", "内置网络"
BOXES = "Segment Anything pointed by the embedded network", "由内置网络提示的 Segment Anything"
REWARD = "the embedded reward", "内置的背景评分"
NO_HEAD = "CLIP without an aesthetic head", "不带美学评分头的 CLIP"


def switch_on(settings: Settings, uses: Collection[str] = APP) -> Experts:
    """Load what the settings name, as far as `uses` has work for it; nothing is loaded where all are off."""
    opening = _Opening(settings, _device(settings) if any(_named(settings).values()) else "cpu")
    masker = _masker(opening) if "sam" in uses else None
    clip, judges = _clip(opening, uses)
    if settings.blip and "blip" in uses:
        _blip(opening)
    return Experts(masker, clip, judges, tuple(opening.used), tuple(opening.notices))


def _named(settings: Settings) -> dict[str, str]:
    return {name: value for name, value in settings.model_dump().items() if name != "device"}


def _device(settings: Settings) -> str:
    if settings.device != "auto":
        return settings.device
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _masker(opening: _Opening) -> Cutter | None:
    """Return Segment Anything, prompted by Grounding DINO where that is on."""
    settings, device = opening.settings, opening.device
    if not settings.sam:
        if settings.grounding:
            why = "It tells Segment Anything where to look, and that is off; name one with VITRINE_SAM."
            opening.leave(
                "grounding", (why, "它为 Segment Anything 提供位置提示，而后者未启用；请设置 VITRINE_SAM。"), NETWORK
            )
        return None
    segmenter = opening.attempt("sam", lambda: load_segmenter(settings.sam, device), NETWORK)
    if segmenter is None:
        return None
    opening.note(segmenter.card)
    finder: Grounder | None = None
    if settings.grounding:
        finder = opening.attempt("grounding", lambda: load_grounder(settings.grounding, device), BOXES)
        if finder:
            opening.note(finder.card)
    return Cutter(segmenter, finder)


def _clip(opening: _Opening, uses: Collection[str]) -> tuple[ClipEncoder | None, bool]:
    """Return CLIP and whether it judges looks."""
    settings, device = opening.settings, opening.device
    head = Path(settings.aesthetic).expanduser() if settings.aesthetic and "aesthetic" in uses else None
    if not settings.clip:
        if head:
            why = "It reads the embeddings of CLIP, and that is off; name the model it was made for with VITRINE_CLIP."
            opening.leave(
                "aesthetic", (why, "它读取 CLIP 的嵌入，而 CLIP 未启用；请用 VITRINE_CLIP 指定对应的模型。"), NETWORK
            )
        return None, False
    if not head and "clip" not in uses:
        if "aesthetic" in uses:
            why = "Pictures are scored without it unless a head judges its embeddings; name one with VITRINE_AESTHETIC."
            zh = "没有美学评分头时，评分不会用到它；请用 VITRINE_AESTHETIC 指定。"
            opening.leave("clip", (why, zh), NETWORK)
        return None, False
    found = opening.attempt("clip", lambda: load_clip(settings.clip, None, device), NETWORK)
    if found is None:
        return None, False
    judged = opening.attempt("aesthetic", lambda: found.judged_by(load_head(head)), NO_HEAD) if head else None
    if judged is None and "clip" not in uses:
        return None, False
    opening.used.append(f"{Path(settings.clip).name} {found.checksum[:DIGITS]}")
    if judged and head:
        opening.used.append(f"{head.name} {hashlib.sha256(head.read_bytes()).hexdigest()[:DIGITS]}")
    return judged or found, judged is not None


def _blip(opening: _Opening) -> None:
    """Say that no reward was fitted on BLIP's features, without which they mean nothing."""
    why = "No reward was fitted on its features, without which they say nothing of a background."
    opening.leave("blip", (why, "没有基于其特征训练的背景评分，单凭特征无法评判背景。"), REWARD)
