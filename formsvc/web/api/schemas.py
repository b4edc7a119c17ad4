"""Base classes and field types of the request and response models.

The docstrings of the models are the descriptions in the OpenAPI document, and their titles
(``title=``) its component names; both are public and independent of the class names.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import pydantic
from pydantic import ConfigDict, Field

from formsvc.domain.acts.act import State
from formsvc.domain.json_types import JSON

Answers = Annotated[
    dict[str, JSON],
    Field(
        description='填报内容：{"字段": 值}；字段见 GET /forms/{form} 的 schema，日期写 2026-11-23，时间写 2026-11-23T09:30'
    ),
]
FormId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$", description="文书种类，如 T22")]
ActId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="文书的编号（id）")]
Comment = Annotated[str, Field(max_length=1000, description="意见；退回时必须写明理由")]
# an empty query parameter, as a form in a browser sends it
Empty = Literal[""]
# spelt out, since a Literal of an enum's values is not understood by mypy
States = Literal["draft", "submitted", "reviewed", "approved", "issued", "served", "void"]
assert set(get_args(States)) == {state.value for state in State}


def integral_float_to_int(value: Any) -> Any:
    """Return 2 for 2.0: JSON has one type of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class RequestModel(pydantic.BaseModel):
    """Body of a request; unknown items are refused by name."""

    # strict: "1" is no number and 0 is no false, for JSON has types
    model_config = ConfigDict(extra="forbid", strict=True)


class QueryModel(pydantic.BaseModel):
    """Query parameters of a request; an empty one counts as not given."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class ResponseModel(pydantic.BaseModel):
    """Body of a response."""

    model_config = ConfigDict(extra="forbid")
