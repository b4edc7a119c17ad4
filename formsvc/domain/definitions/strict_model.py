"""Base of the models that definitions are read with."""

from __future__ import annotations

import pydantic
from pydantic import ConfigDict


class StrictModel(pydantic.BaseModel):
    """Base of all models: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
