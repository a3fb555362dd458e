"""Segment Anything as the eye for masks: prompted by boxes, or by the picture's centre where there are none.

Kirillov et al., "Segment Anything", ICCV 2023; run by its authors' own package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from evaluator.errors import ExpertBroken, ExpertMissing, ExpertUnknown
from evaluator.experts.loading import HUB, Card, describe, fetch_file, open_device, read_tensors, told
from evaluator.mask import find_subject
from evaluator.operators import ensure_torchvision
from evaluator.types import Box, Glance, Photo, Plane, Rgb, Subject
from evaluator.view import View

if TYPE_CHECKING:
    import torch

LICENCE = "apache-2.0"
MIRROR = "ybelkada/segment-anything"
"""The hub's repository that keeps the authors' files as they are."""
_IN_REPOSITORY = re.compile(r"(\w[\w.-]*/\w[\w.-]*):(.+)")
SURE = 0.3
"""Least confidence of the embedded eyes' subject that is pointed at."""
# What the three published sizes have in common, from segment_anything.build_sam.
_PROMPT, _HEADS, _MEAN, _SPREAD = 256, 8, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


@dataclass(frozen=True, slots=True)
class Published:
    """A file of the authors', and how many blocks its picture encoder has."""

    file: str
    sha256: str
    depth: int


PUBLISHED: Mapping[str, Published] = {
    "vit_b": Published("sam_vit_b_01ec64.pth", "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912", 12),
    "vit_l": Published("sam_vit_l_0b3195.pth", "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622", 24),
    "vit_h": Published("sam_vit_h_4b8939.pth", "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e", 32),
}
"""The three sizes by name: 375 MB, 1.2 GB, 2.6 GB."""


class SamUnknown(ExpertUnknown):
    """Weights of Segment Anything were named that cannot be made out."""

    en = (
        "There are no weights of Segment Anything called {name!r}; write vit_b, vit_l or vit_h, "
        "a file's path (also as SIZE=FILE), or ORGANISATION/REPOSITORY:FILE."
    )
    zh = (
        "没有名为 {name!r} 的 Segment Anything 权重；请填写 vit_b、vit_l、vit_h、"
        "文件路径（或 规格=文件）或 组织名/仓库名:文件名。"
    )


class Finder(Protocol):
    """What finds things of a category, as Grounding DINO does."""

    def boxes(self, rgb: Rgb, category: str) -> Sequence[Box]:
        """Return where things of the category are in the picture."""
        ...


class Segmenter:
    """Cuts out what prompts point at; safe to share between threads."""

    def __init__(self, model: torch.nn.Module, card: Card) -> None:
        """Take a model of segment_anything's with its weights in place."""
        self.card = card
        self._model = model.eval()

    def mask(self, rgb: Rgb, boxes: Sequence[Box] = ()) -> tuple[Plane, float]:
        """Return what lies in the boxes, all in one mask (H×W, 0–1), and how good the model holds it to be (0–1).

        Without boxes it is what lies at the picture's centre: of the model's three readings the one it holds best.
        """
        import torch
        from segment_anything import SamPredictor

        height, width = rgb.shape[:2]
        predictor = SamPredictor(self._model)
        predictor.set_image(rgb)
        if boxes:
            corners = np.array([(each.x, each.y, each.x + each.width, each.y + each.height) for each in boxes])
            scaled = torch.tensor(corners * (width, height, width, height), dtype=torch.float32)
            prompts = predictor.transform.apply_boxes_torch(scaled, (height, width)).to(predictor.device)
            logits, worth, _ = predictor.predict_torch(
                None, None, boxes=prompts, multimask_output=False, return_logits=True
            )
            logit, quality = logits[:, 0].amax(0), worth.mean()
        else:
            centre = torch.tensor([[[width / 2, height / 2]]])
            point = predictor.transform.apply_coords_torch(centre, (height, width)).to(predictor.device)
            labels = torch.ones((1, 1), dtype=torch.int, device=predictor.device)
            logits, worth, _ = predictor.predict_torch(point, labels, multimask_output=True, return_logits=True)
            best = int(worth[0].argmax())
            logit, quality = logits[0, best], worth[0, best]
        return np.asarray(logit.sigmoid().cpu().numpy(), np.float32), float(quality.clamp(0, 1))


class Cutter:
    """Finds a photo's subject as `evaluator.mask.find_subject` does, by Segment Anything.

    With a finder the subject is what that finds of a category. Without one it is cut out where the embedded eyes see
    it, and where they see nothing, at the centre.
    """

    def __init__(self, segmenter: Segmenter, finder: Finder | None = None, category: str = "product") -> None:
        """Take a segmenter, and what finds its boxes: one or a few English words name what is looked for."""
        self.segmenter, self._finder, self._category = segmenter, finder, category

    def find_subject(self, photo: Photo, view: View, seen: Plane | None = None) -> Subject:
        """Return the subject at working size with `sam` as its source; `none`, and empty, where nothing is found.

        The file's own alpha goes before all. `seen` is the embedded network's mask, of which only the backdrop is read.
        """
        known = find_subject(photo, view, seen)
        if known.source == "alpha":
            return known
        boxes = self._finder.boxes(view.detail, self._category) if self._finder else _around(known)
        height, width = view.shape
        if not boxes and self._finder:
            return Subject(np.zeros((height, width), np.float32), 0.0, "none", known.plain, known.white)
        mask, quality = self.segmenter.mask(view.detail, boxes)
        small = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        if not (small > 0.5).any():
            return Subject(np.zeros_like(small), 0.0, "none", known.plain, known.white)
        return Subject(small, quality, "sam", known.plain, known.white)

    def mask(self, photo: Photo, view: View, glance: Glance | None) -> Subject:
        """Return the subject from the embedded network's look, as whatever finds a pair's product does."""
        return self.find_subject(photo, view, None if glance is None else glance.mask)


def _around(subject: Subject) -> list[Box]:
    """Return the box about a subject that is known well enough to be pointed at, in shares of the picture."""
    rows, columns = (np.flatnonzero((subject.mask > 0.5).any(axis)) for axis in (1, 0))
    if subject.confidence < SURE or not rows.size:
        return []
    height, width = subject.mask.shape
    left, top = columns[0] / width, rows[0] / height
    return [Box(float(left), float(top), float((columns[-1] + 1) / width - left), float((rows[-1] + 1) / height - top))]


def load_segmenter(name: str = "vit_b", device: str = "cpu") -> Segmenter:
    """Return Segment Anything with its weights: `vit_b`, `vit_l`, `vit_h`, a file, or ORGANISATION/REPOSITORY:FILE.

    Its size is read off the tensors; where one of the three stands before a file, as in `vit_b=FILE`, it must be that.
    A file under one of the authors' names must be theirs.
    Raises SamUnknown, ExpertMissing, ExpertUnfetched, ExpertBroken, DeviceMissing.
    """
    place = open_device(device)
    size, _, rest = name.partition("=")
    size = size if rest and size in PUBLISHED else ""
    path, source = _find(rest if size else name)
    tensors = read_tensors(path, "Segment Anything")
    try:
        model = build(tensors)
    except (KeyError, IndexError, ValueError, RuntimeError, TypeError) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else told(error)
        raise ExpertBroken(name="Segment Anything", path=path, why=why) from error
    blocks = len(model.image_encoder.blocks)  # type: ignore[union-attr, arg-type]
    if size and blocks != PUBLISHED[size].depth:
        why = f"it has {blocks} blocks, {size} has {PUBLISHED[size].depth}"
        raise ExpertBroken(name=size, path=path, why=why)
    known = {each.file: each for each in PUBLISHED.values()}.get(path.name)
    card = describe("Segment Anything", source, [path], model, LICENCE if known else None)
    if known and card.sha256 != known.sha256:
        why = f"SHA-256 is {card.sha256[:12]}…, expected {known.sha256[:12]}…"
        raise ExpertBroken(name=path.name, path=path, why=why)
    return Segmenter(model.to(place), card)


def _find(name: str) -> tuple[Path, str]:
    """Return where the weights of a name lie, and where they came from."""
    path = Path(name).expanduser()
    if path.is_file():
        return path, str(path)
    if name in PUBLISHED:
        repository, file = MIRROR, f"checkpoints/{PUBLISHED[name].file}"
    elif within := _IN_REPOSITORY.fullmatch(name):
        repository, file = within[1], within[2]
    elif path.suffix or path.parent != Path():
        raise ExpertMissing(name="Segment Anything", why=f"there is no file {path}")
    else:
        raise SamUnknown(name=name)
    return fetch_file(f"Segment Anything ({name})", repository, file), f"{HUB}/{repository}"


def build(tensors: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """Return the model that the tensors belong to, holding them; none of it is initialised at random.

    Raises KeyError, ValueError or RuntimeError where they are not those of Segment Anything.
    """
    ensure_torchvision()
    import torch
    from segment_anything.modeling import MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    with torch.device("meta"):
        encoder, side, grid = _encoder(tensors)
        model = Sam(
            image_encoder=encoder,
            prompt_encoder=PromptEncoder(
                embed_dim=_PROMPT,
                image_embedding_size=(grid, grid),
                input_image_size=(side, side),
                mask_in_chans=16,
            ),
            mask_decoder=MaskDecoder(
                num_multimask_outputs=3,
                transformer=TwoWayTransformer(depth=2, embedding_dim=_PROMPT, mlp_dim=2048, num_heads=_HEADS),
                transformer_dim=_PROMPT,
                iou_head_depth=3,
                iou_head_hidden_dim=256,
            ),
        )
    model.load_state_dict(tensors, strict=True, assign=True)
    # These two are not kept with the weights.
    model.pixel_mean, model.pixel_std = (torch.tensor(each).view(-1, 1, 1) for each in (_MEAN, _SPREAD))
    return model.float().eval().requires_grad_(False)  # type: ignore[no-any-return]


def _encoder(tensors: Mapping[str, torch.Tensor]) -> tuple[Any, int, int]:
    """Return the picture encoder that the tensors' shapes tell of, the side of its input and of its grid."""
    import torch
    from segment_anything.modeling import ImageEncoderViT

    _, grid, _, width = tensors["image_encoder.pos_embed"].shape
    patch = tensors["image_encoder.patch_embed.proj.weight"].shape[-1]
    hidden = tensors["image_encoder.blocks.0.mlp.lin1.weight"].shape[0]
    places = [key for key in tensors if re.fullmatch(r"image_encoder\.blocks\.\d+\.attn\.rel_pos_h", key)]
    # A block has a row for every distance between two cells of what it attends over: the grid, or a window of it.
    rows = [tensors[f"image_encoder.blocks.{number}.attn.rel_pos_h"].shape for number in range(len(places))]
    spans = [(count + 1) // 2 for count, _ in rows]
    encoder = ImageEncoderViT(
        img_size=grid * patch,
        patch_size=patch,
        embed_dim=width,
        depth=len(rows),
        num_heads=width // rows[0][1],
        mlp_ratio=hidden / width,
        out_chans=_PROMPT,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=min(spans),
        global_attn_indexes=tuple(at for at, span in enumerate(spans) if span == grid),
    )
    return encoder, grid * patch, grid
