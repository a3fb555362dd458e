from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from evaluator.network.model import Network
from evaluator.training.feed import Feed, collate, shelve
from evaluator.training.framing import KEPT, Frame, badly_lit, disturbed, framed, show
from evaluator.training.losses import all_of, bounded, laddered, ordered, planes, steady, tagged, twinned
from evaluator.training.plan import PlanError, read
from evaluator.training.sample import Sample, write
from evaluator.training.sample import read as read_sample
from evaluator.training.sources import calibrates, held, listing

PLAN = """
seed = 1
steps = 4
batch = 4
sides = [96]
near = [64]
rate = 1e-3
backbone_rate = 1e-4
decay = 0.0
warmup = 1
average = 0.5
bf16 = false
distil_every = 2
families = { rated = 1.0, fusion = 1.0 }
weights = { ratings = 1.0, tags = 1.0, maps = 1.0, mask = 1.0, distil = 1.0 }
"""


def rated(rng: np.random.Generator, mean: float = 3.0) -> Sample:
    return Sample(rng.integers(0, 256, (80, 80, 3), np.uint8), "photo/1", ratings={"technical": (mean, 0.5)})


def spoilt(rng: np.random.Generator) -> Sample:
    plane = np.zeros((80, 64), np.float32)
    plane[20:40, 10:30] = 1
    return Sample(
        rng.integers(0, 256, (80, 64, 3), np.uint8),
        "studio/1",
        mask=plane,
        maps={"fusion": plane},
        tags={"fusion": 0.7},
        criteria={"subject_fusion": 2.2},
    )


@pytest.fixture
def samples(tmp_path: Path, rng: np.random.Generator) -> Path:
    for family in ("rated", "fusion"):
        folder = tmp_path / "samples/train" / family
        folder.mkdir(parents=True)
        for number in range(6):
            write(rated(rng, 1 + number / 2) if family == "rated" else spoilt(rng), folder / f"{number:06d}.npz")
    return tmp_path / "samples"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN)
    return file


def test_a_sample_is_read_as_it_was_written(tmp_path: Path, rng: np.random.Generator) -> None:
    sample = replace(spoilt(rng), picture=np.full((80, 64, 3), (200, 120, 40), np.uint8))
    write(sample, tmp_path / "0.npz", 98)
    back = read_sample(tmp_path / "0.npz")
    assert (back.object, back.tags, back.criteria, back.ladder) == (sample.object, sample.tags, sample.criteria, "")
    assert back.mask is not None
    np.testing.assert_allclose(back.mask, sample.mask, atol=1 / 255)
    np.testing.assert_allclose(back.maps["fusion"], sample.maps["fusion"], atol=1 / 255)
    assert np.abs(back.picture.astype(int) - sample.picture).mean() < 3
    assert not list(tmp_path.glob("*.part*"))


def test_objects_are_split_by_name_alone() -> None:
    names = [f"studio/{number}" for number in range(2000)]
    assert 0.16 < np.mean([held(name) for name in names]) < 0.24
    assert 0.45 < np.mean([calibrates(name) for name in names]) < 0.55


def test_views_of_one_article_stay_on_one_side(tmp_path: Path) -> None:
    folder = tmp_path / "studio_products"
    folder.mkdir()
    for name in ("wh12-gray_main.jpg", "wh12-green_back.jpg", "luma-yoga-strap.jpg", "luma-yoga-brick.jpg"):
        (folder / name).touch()
    objects = [source.object for source in listing("studio_products", tmp_path)]
    assert objects == ["studio/luma-yoga-brick", "studio/luma-yoga-strap", "studio/wh12", "studio/wh12"]


def test_a_batch_is_the_same_for_the_same_step_and_knows_what_it_does_not_know(samples: Path, plan: Path) -> None:
    feed = Feed(samples / "train", read(plan))
    one, other = (feed.batch(np.random.default_rng(5)) for _ in range(2))
    picture = one["picture"]
    assert isinstance(picture, torch.Tensor)
    assert picture.shape[:2] == (4, 3)
    torch.testing.assert_close(picture, other["picture"])
    ratings, tags = one["ratings"], one["tags"]
    assert isinstance(ratings, torch.Tensor) and isinstance(tags, torch.Tensor)
    assert bool((ratings[:, 0].isnan() ^ tags[:, 0].isnan()).all())


def test_a_fault_and_its_twin_stand_on_one_shelf(samples: Path) -> None:
    shelves = shelve(samples / "train", ("fusion",))["fusion"]
    pairs = [files for shelf in shelves.values() for files in shelf.ladders.values()]
    assert sorted(sorted(file.stem for file in files) for files in pairs) == [
        ["000000", "000001"],
        ["000002", "000003"],
        ["000004", "000005"],
    ]


def test_picture_mask_and_map_are_cut_alike(rng: np.random.Generator) -> None:
    picture = np.zeros((80, 64, 3), np.uint8)
    plane = np.zeros((80, 64), np.float32)
    picture[:, 40:], plane[:, 40:] = 255, 1
    sample = Sample(picture, "a", mask=plane, maps={"fusion": plane})
    for _ in range(8):
        shown = show(sample, framed([sample], (64, 64), 1.0, rng), (64, 64))
        bright = shown.picture[..., 0].astype(float).reshape(16, 4, 16, 4).mean((1, 3)) / 255
        assert np.abs(bright - shown.planes["mask"]).mean() < 0.1
        coarse = shown.planes["mask"].reshape(8, 2, 8, 2).mean((1, 3))
        assert np.abs(coarse - shown.planes["fusion"]).mean() < 0.1


def test_no_samples_is_an_error_that_says_what_to_do(tmp_path: Path, plan: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make"):
        Feed(tmp_path, read(plan))


@pytest.mark.parametrize(
    ("text", "said"),
    [("steps = 0", "steps"), ("colour = 1", "colour"), ("seed = [", "TOML")],
)
def test_a_wrong_plan_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "plan.toml"
    file.write_text("\n".join(line for line in PLAN.splitlines() if not line.startswith(text[:4])) + "\n" + text)
    with pytest.raises(PlanError, match=said) as caught:
        read(file)
    assert "plan.toml" in str(caught.value)


def test_what_is_unknown_costs_nothing() -> None:
    unknown = torch.full((3, 2), float("nan"))
    assert float(bounded(torch.rand(3, 2), unknown)) == 0
    assert float(tagged(torch.rand(3, 2), unknown)) == 0
    assert float(tagged(torch.rand(1, 1), torch.tensor([[0.1]]))) == 0  # barely visible
    assert float(planes(torch.rand(1, 1, 4, 4), torch.full((1, 1, 4, 4), float("nan")), 1.0)) == 0


def test_the_right_answer_costs_less() -> None:
    truth = torch.zeros(1, 1, 8, 8)
    truth[..., 2:5, 2:5] = 1
    assert float(planes(20 * truth - 10, truth, 1.0)) < 0.01 < 1 < float(planes(10 - 20 * truth, truth, 1.0))
    severity = torch.tensor([[0.0], [0.8]])
    assert (
        float(tagged(torch.tensor([[-9.0], [9.0]]), severity))
        < 0.01
        < float(tagged(torch.tensor([[9.0], [-9.0]]), severity))
    )
    target = torch.tensor([1.0, 2.0, 4.0])
    assert float(ordered(target, target, 0.1, 3.0)) < float(ordered(-target, target, 0.1, 3.0))


def test_a_ladder_is_ordered_within_itself_alone() -> None:
    known = torch.tensor([[5.0], [3.0], [4.0]])
    ladder, step = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 0])
    right, wrong = torch.tensor([[5.0], [3.0], [0.0]]), torch.tensor([[3.0], [5.0], [0.0]])
    assert float(laddered(right, known, ladder, step)) < float(laddered(wrong, known, ladder, step))
    assert float(laddered(right, known, torch.tensor([-1, -1, -1]), step)) == 0


def test_what_a_fault_is_not_meant_for_is_held_steady() -> None:
    ladder, step = torch.tensor([0, 0, 0, 1]), torch.tensor([0, 2, 5, 2])
    meant = torch.tensor([[True, False]]).repeat(4, 1)
    still, moved = torch.tensor([[5.0, 4], [3, 4], [1, 4], [1, 1]]), torch.tensor([[5.0, 4], [3, 3], [1, 4], [1, 1]])
    assert float(steady(still, meant, ladder, step)) == 0
    assert float(steady(moved, meant, ladder, step)) == 1
    beyond = torch.tensor([[5.0, 4], [3, 4], [1, 1], [1, 1]])
    assert float(steady(beyond, meant, ladder, step)) == 0, "strong faults may be felt elsewhere too"


def test_the_worse_twin_must_have_the_higher_logit() -> None:
    severity, group = torch.tensor([[0.0], [0.8], [0.8], [float("nan")]]), torch.tensor([0, 0, 1, 0])
    right, wrong = torch.tensor([[-2.0], [2.0], [-9.0], [9.0]]), torch.tensor([[2.0], [-2.0], [9.0], [-9.0]])
    assert float(twinned(right, severity, group)) < 0.1 < 1 < float(twinned(wrong, severity, group))
    assert float(twinned(wrong, severity, torch.tensor([0, 1, 2, 3]))) == 0


def test_a_frame_holds_the_fault(rng: np.random.Generator) -> None:
    plane = np.zeros((64, 64), np.float32)
    plane[2:10, 50:60] = 1
    sample = Sample(np.zeros((128, 128, 3), np.uint8), "a", maps={"hand": plane})
    frames = [framed([sample, sample], (64, 64), 0.6, rng) for _ in range(30)]
    assert min(frame.zoom for frame in frames) < 0.9
    for frame in frames:
        top, left, high, wide = (value // 2 for value in frame.box((128, 128), (64, 64)))
        assert plane[top : top + high, left : left + wide].sum() >= KEPT * plane.sum()


def test_a_rated_photograph_is_shown_at_its_own_size(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 255, (96, 128, 3), dtype=np.uint8)
    shown = show(Sample(picture, "a"), Frame(1.0, 0.25, 0.5, False), (64, 64), native=True)
    np.testing.assert_array_equal(shown.picture, picture[16:80, 16:80])


@pytest.mark.parametrize(("family", "changes"), [("hand", True), ("artefact", True), ("rated", False)])
def test_only_what_a_family_does_not_teach_is_disturbed(family: str, changes: bool) -> None:
    picture = np.full((32, 32, 3), 120, np.uint8)
    seen = [disturbed(picture, family, 1.0, np.random.default_rng(seed)) for seed in range(4)]
    assert all((one != picture).any() == changes for one in seen)
    np.testing.assert_array_equal(seen[2], disturbed(picture, family, 1.0, np.random.default_rng(2)))


def test_twins_are_lit_alike_and_only_by_the_odds() -> None:
    picture = np.full((40, 40, 3), (150, 120, 90), np.uint8)
    assert badly_lit(picture, 0.0, np.random.default_rng(1)) is picture
    lit = [badly_lit(picture, 1.0, np.random.default_rng(seed)) for seed in range(12)]
    assert any(each.mean() > 160 for each in lit) and any(each.mean() < 90 for each in lit)
    np.testing.assert_array_equal(lit[3], badly_lit(picture.copy(), 1.0, np.random.default_rng(3)))


def test_twins_are_cut_alike(tmp_path: Path, plan: Path, rng: np.random.Generator) -> None:
    folder = tmp_path / "samples/train/fusion"
    folder.mkdir(parents=True)
    for pair in range(3):
        sample = spoilt(rng)
        for twin in range(2):
            write(sample, folder / f"{2 * pair + twin:06d}.npz")
    batch = Feed(folder.parent, read(plan)).batch(np.random.default_rng(3))
    picture, group = batch["picture"], batch["group"]
    assert isinstance(picture, torch.Tensor) and isinstance(group, torch.Tensor)
    assert group.tolist() == [0, 0, 1, 1]
    torch.testing.assert_close(picture[0::2], picture[1::2], atol=0.02, rtol=0)


def test_every_loss_reaches_the_network(rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    network = Network()
    whole = Frame(1.0, 0.5, 0.5, False)
    shown = [show(sample, whole, (64, 64)) for sample in (rated(rng, 2.0), rated(rng, 4.0), spoilt(rng))]
    batch = {name: value for name, value in collate(shown, [0, 1, 2]).items() if isinstance(value, torch.Tensor)}
    losses = all_of(network(batch["picture"]), batch)
    for name in ("ratings", "rank", "criteria", "mask", "maps", "tags"):
        network.zero_grad()
        losses[name].backward(retain_graph=True)
        assert network.backbone.stem.conv.weight.grad is not None, name
        assert float(network.backbone.stem.conv.weight.grad.abs().sum()) > 0, name


@pytest.fixture
def start(tmp_path: Path) -> Path:
    from evaluator.operators import ensure_torchvision

    ensure_torchvision()
    import timm
    from safetensors.torch import save_file

    torch.manual_seed(0)
    file = tmp_path / "imagenet.safetensors"
    source = timm.create_model("mobilenetv2_100", pretrained=False, pad_type="same")
    save_file({name: tensor.contiguous() for name, tensor in source.state_dict().items()}, file)
    return file


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(
    samples: Path, plan: Path, start: Path, tmp_path: Path
) -> None:
    from evaluator.training.fit import begin, step_once

    settings, device = read(plan), torch.device("cpu")
    feed = Feed(samples / "train", settings)
    batches = [feed.batch(np.random.default_rng([1, step])) for step in range(3)]
    through = begin(settings, start, device)
    for batch in batches:
        step_once(through, batch, settings)
    first = begin(settings, start, device)
    first_batches, rest = batches[:2], batches[2:]
    for batch in first_batches:
        step_once(first, batch, settings)
    first.keep(tmp_path / "last.pt")
    resumed = begin(settings, start, device)
    resumed.resume(tmp_path / "last.pt")
    assert resumed.step == 2
    for batch in rest:
        step_once(resumed, batch, settings)
    for a, b in zip(through.averaged.parameters(), resumed.averaged.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_another_network_is_no_start(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from evaluator.training.teacher import folded

    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="mobilenetv2_100"):
        folded(tmp_path / "other.safetensors")
