"""Lets torchvision be imported beside a torch it was not compiled against, such as the CPU build.

torchvision's compiled operators then do not load, and its import dies because it registers shapes for two
of them that nobody declared. Declaring the two is enough: the libraries here use torchvision for transforms
and layers only.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

_SCHEMAS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


@cache
def ensure_torchvision() -> ModuleType:
    """Import torchvision and return it, declaring the operators it needs where the compiled ones are missing.

    Call it before the first import of torchvision, open_clip, segment_anything or timm. The declared
    operators have no code: calling `torchvision.ops.nms` still fails, in torchvision's own words. Raises
    ModuleNotFoundError where torchvision is not installed.
    """
    import torch

    if not _load_compiled():
        for name, schema in _SCHEMAS.items():
            if not _declared(name):
                torch.library.define(name, schema)
    import torchvision

    module: ModuleType = torchvision
    return module


def _load_compiled() -> bool:
    """Load torchvision's compiled operators as its own import would, and say whether that succeeded."""
    import torch

    found = importlib.util.find_spec("torchvision")
    folders = found.submodule_search_locations if found else None
    for library in (file for folder in folders or () for file in Path(folder).glob("_C.*")):
        try:
            torch.ops.load_library(library)  # type: ignore[no-untyped-call]
        except (ImportError, OSError):  # built for another torch: a symbol or a library is missing
            return False
        return True
    return False


def _declared(name: str) -> bool:
    import torch

    namespace, operator = name.split("::")
    return hasattr(getattr(torch.ops, namespace), operator)
