"""The plan of a training run, read from a TOML file and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Plan(BaseModel):
    """What a run trains on and how; every number that may change between runs.

    `families` are the shares of each family in a batch, `weights` those of each loss. `sides` are the sizes at which
    pictures are shown (about side²), `near` those at which small pictures and cuts of large ones are. `distil_every`
    counts the steps between two lessons of the ImageNet teacher, 0 for none; `clip` names a further teacher, an
    open_clip model by name:tag. Faults and their twins are shown from `zoom` of the side on, and disturbed alike
    (light, lens, grain, file) by the odds of `disturb` each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    steps: int = Field(gt=0)
    batch: int = Field(gt=1)
    sides: tuple[int, ...]
    near: tuple[int, ...]
    rate: float = Field(gt=0)
    backbone_rate: float = Field(gt=0)
    decay: float = Field(ge=0)
    warmup: int = Field(ge=0)
    average: float = Field(ge=0, lt=1, description="decay of the moving average of weights that is saved")
    bf16: bool = True
    distil_every: int = Field(ge=0)
    clip: str = ""
    zoom: float = Field(default=1.0, gt=0, le=1)
    disturb: float = Field(default=0.0, ge=0, le=1)
    families: dict[str, float]
    weights: dict[str, float]


class PlanError(ValueError):
    """A plan that does not hold together; the message names file, key, value and what was expected."""


def read(file: Path) -> Plan:
    """Read a plan. Raises PlanError."""
    try:
        return Plan.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise PlanError(f"{file}: {error.strerror}; name a plan such as evaluator/training/plans/base.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{file}: {error}; expected TOML") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise PlanError(f"{file}, key {key}: {first['msg']}, found {first.get('input')!r}") from None
