from __future__ import annotations

import pytest
import torch

from evaluator import standard
from evaluator.network.backbone import LITE, STAGES, Backbone, Row
from evaluator.network.heads import ATTRIBUTES, CRITERIA, PARTS, PRESENCE
from evaluator.network.model import EMBEDDING, Network


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    return Network().eval()


def test_every_result_has_its_shape(network: Network) -> None:
    with torch.inference_mode():
        sight = network(torch.zeros(2, 3, 64, 96))
    assert sight.embedding.shape == (2, EMBEDDING)
    assert sight.mask.shape == (2, 1, 16, 24)
    assert sight.maps.shape == (2, len(ATTRIBUTES), 8, 12)
    assert sight.parts.shape == (2, len(PARTS), 8, 12)
    assert sight.tags.shape == (2, len(ATTRIBUTES))
    assert sight.presence.shape == (2, len(PRESENCE))
    assert sight.criteria.shape == (2, 19)
    assert sight.ratings.shape == sight.spreads.shape == (2, 2)


def test_an_embedding_has_unit_length_and_spreads_are_positive(network: Network) -> None:
    with torch.inference_mode():
        sight = network(torch.rand(3, 3, 64, 64))
    torch.testing.assert_close(sight.embedding.norm(dim=1), torch.ones(3))
    assert bool((sight.spreads > 0).all())


def test_the_heads_are_the_criteria_of_the_standard() -> None:
    assert list(CRITERIA) == [rule.id for rule in standard.load().criteria]


def test_a_picture_is_seen_alike_alone_and_in_a_batch(network: Network) -> None:
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        alone, together = network(pictures[:1]), network(pictures)
    torch.testing.assert_close(alone.criteria[0], together.criteria[0], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(alone.maps[0], together.maps[0], rtol=1e-3, atol=1e-4)


def test_it_stays_small(network: Network) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) < 6_000_000


@pytest.mark.parametrize(("name", "rows"), [("mobilenetv2_100", STAGES), ("tf_efficientnet_lite0", LITE)])
def test_the_backbone_is_the_one_of_timm_with_its_norms_folded_in(name: str, rows: tuple[Row, ...]) -> None:
    from evaluator.operators import ensure_torchvision

    ensure_torchvision()
    import timm

    from evaluator.training.teacher import fold

    torch.manual_seed(1)
    source = timm.create_model(name, pretrained=False, pad_type="same").eval()
    for module in source.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    picture = torch.rand(1, 3, 64, 96) * 2 - 1
    with torch.inference_mode():
        theirs = source.global_pool(source.forward_features(picture))
        _, ours = fold(source, Backbone(rows)).eval()(picture)
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_a_filter_learns_with_its_strides_in_half_precision() -> None:
    backbone = Backbone()
    with torch.autocast("cpu", torch.bfloat16):
        taps, pooled = backbone(torch.rand(1, 3, 64, 64))
    (pooled.float().sum() + taps[0].float().sum()).backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in backbone.parameters())
