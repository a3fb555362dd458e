"""Labelled pairs become rows that a reward is fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_pair import bottle, laid, on_white, scene
from test_reward import NETWORK, FakeEyes

from evaluator.pair.pair import Comparer
from evaluator.training.fit_reward import fit
from evaluator.training.labelled import LabelledPair, write_table
from evaluator.training.labelled_looks import rows
from evaluator.training.sources import held
from evaluator.types import Photo

TRAINING = [name for name in "abcdefgh" if not held(name)][:2]
"""Names of objects that train."""


@pytest.fixture
def table(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Write two originals with a good and a bad picture each, one that is none, and one without a product."""
    pairs = []
    for number, colour in enumerate(((40, 110, 70), (150, 60, 40))):
        original = tmp_path / f"{number}.png"
        original.write_bytes(encode(on_white(bottle(colour))))
        for label, at in ((1, (40, 50)), (0, (60, -40))):
            shown = tmp_path / f"{number}-{label}.png"
            shown.write_bytes(encode(laid(bottle(colour), scene(), 1.2, at)))
            pairs.append(LabelledPair(original.name, shown.name, label))
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "blank.png").write_bytes(encode(np.full((300, 300, 3), 255, np.uint8)))
    pairs += [LabelledPair("0.png", "text.png", 0), LabelledPair("blank.png", "0-1.png", 0)]
    write_table(pairs, tmp_path / "pairs.csv")
    return tmp_path / "pairs.csv"


def test_pairs_become_rows_that_a_reward_is_fitted_on(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = rows(table, FakeEyes())
    assert [(row.good, row.rank) for row in found] == [(True, 1), (False, 0)] * 2
    assert found[0].group == found[1].group != found[2].group and found[0].object == found[0].group
    told = capsys.readouterr().err
    assert "text.png is not a picture" in told and "2 of 6 pairs left out" in told

    looked: list[Photo] = []
    monkeypatch.setattr(Comparer, "traits", lambda self, *photos: looked.append(photos[0]))
    again = rows(table, FakeEyes())
    assert looked == [], "what was seen is kept"
    assert [row.traits.numbers for row in again] == [row.traits.numbers for row in found]
    kept = next(table.parent.glob("pairs-looks-*.jsonl"))
    kept.write_bytes(kept.read_bytes()[:-20])  # as a run that is stopped leaves it
    assert len(rows(table, FakeEyes())) == 4 and len(looked) == 1

    train = [replace(row, object=TRAINING[row.group == found[0].group]) for row in found]
    learned = fit(train, NETWORK, "test")
    said = [learned.logit(row.traits) for row in train]
    assert learned.network == NETWORK and said[0] > said[1] and said[2] > said[3]
