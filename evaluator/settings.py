"""What a user may switch on from outside: pretrained models, each by a variable of its own, off where it is not set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.errors import SettingsError

PREFIX = "VITRINE_"

Device = Literal["auto", "cpu", "cuda"]


class Settings(BaseModel):
    """Which pretrained models to use, each named as its loader takes it; an empty name is off."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    clip: str = Field("", description="an open_clip model, MODEL:PRETRAINED or a folder, to compare styles with")
    aesthetic: str = Field("", description="a file of LAION's aesthetic head, made for the CLIP model")
    sam: str = Field("", description="Segment Anything: vit_b, vit_l, vit_h, a file, or ORGANISATION/REPOSITORY:FILE")
    grounding: str = Field("", description="Grounding DINO, a name on the hub or a folder, to tell SAM where to look")
    blip: str = Field("", description="BLIP, a name on the hub or a folder, to judge the pair's background with")
    device: Device = Field("auto", description="where they run: auto, cpu or cuda")


def load_settings(changes: Mapping[str, str | None] | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the environment (VITRINE_CLIP and so on); `changes` that are not None go first.

    Raises SettingsError for a value that cannot be one.
    """
    given = {name: environ[key] for name in Settings.model_fields if environ.get(key := PREFIX + name.upper())}
    given |= {name: value for name, value in (changes or {}).items() if value is not None}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        expected = Settings.model_fields[name].description
        raise SettingsError(name=PREFIX + name.upper(), value=given[name], expected=f"expected {expected}") from None
