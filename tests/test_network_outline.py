"""What mends the subject's mask: silent when new, and able to tell what is like the inside from what is not."""

from __future__ import annotations

import torch

from evaluator.network.model import Network
from evaluator.network.outline import Outline, _mean


def test_a_new_outline_changes_nothing() -> None:
    torch.manual_seed(0)
    outline = Outline(8, 4)
    added = outline(torch.rand(2, 8, 12, 16), torch.rand(2, 4, 24, 32), torch.randn(2, 1, 24, 32))
    assert added.shape == (2, 1, 24, 32) and bool((added == 0).all())


def test_the_mask_is_the_decoders_with_what_the_outline_adds() -> None:
    torch.manual_seed(0)
    network = Network().eval()
    picture = torch.rand(1, 3, 64, 96) * 2 - 1
    with torch.inference_mode():
        before = network(picture)
        torch.nn.init.constant_(torch.as_tensor(network.outline.last.bias), 1.5)
        after = network(picture)
    torch.testing.assert_close(after.mask, before.mask + 1.5)
    torch.testing.assert_close(after.maps, before.maps)


def test_means_are_of_what_lies_under_the_weight() -> None:
    x = torch.zeros(1, 2, 4, 4)
    x[0, 0, :2], x[0, 1, 2:] = 3.0, 5.0
    top = torch.zeros(1, 1, 4, 4)
    top[..., :2, :] = 1
    assert _mean(x, top).flatten().tolist() == [3.0, 0.0]
    assert _mean(x, 1 - top).flatten().tolist() == [0.0, 5.0]
    assert _mean(x, torch.zeros(1, 1, 4, 4)).flatten().tolist() == [0.0, 0.0]  # nothing there, and no division by it
