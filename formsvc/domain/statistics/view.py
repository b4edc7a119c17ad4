"""Definition of a view: what is counted, by what, of which kinds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import pydantic

from formsvc.domain.definitions.source import FaultCollector, SourceLocation
from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.json_types import JSON
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

Source = Literal["due", "acts"]
Group = Literal["form", "month", "drafter"]


class OfficeView(StrictModel):
    """One table with its chart, as a file of the views holds it."""

    schema_address: str = pydantic.Field(
        "", alias="$schema", description="本格式的 JSON Schema，供编辑器补全和提示"
    )
    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="编号，与文件名相同")
    title: str = pydantic.Field(min_length=2, max_length=40, description="标题")
    source: Source = pydantic.Field(description="数什么：due 未办的事，acts 本年签发的文书")
    group: Group = pydantic.Field(description="按什么分：form 文书种类，month 月份，drafter 承办人")
    forms: list[str] = pydantic.Field([], description="只数这些种类的文书；不写则全部")
    place: int = pydantic.Field(100, ge=0, le=1000, description="在页面上的次序，小的在前")


def read_view(
    content: JSON, name: str, known_forms: Collection[str]
) -> tuple[OfficeView | None, tuple[Fault, ...]]:
    """Return a view with its faults, None if it cannot be used.

    ``name`` is the name of its file, without the ending.
    """
    top, faults = SourceLocation(f"views/{name}.json"), FaultCollector()
    view = faults.parse_model(OfficeView, content, top)
    if view is not None:
        _check(view, name, known_forms, top, faults)
    return (None if faults.has_errors else view), tuple(faults.faults)


def _check(
    view: OfficeView, name: str, known_forms: Collection[str], top: SourceLocation, faults: FaultCollector
) -> None:
    if view.id != name:
        sentence = msg("编号“{id}”与文件名“{name}”不同，请改成一样。", id=view.id, name=name)
        faults.add(top.child("id"), sentence)
    for index, form in enumerate(view.forms):
        if form in view.forms[:index]:
            faults.add(top.child("forms", index), msg("“{form}”写了两次，请删去一个。", form=form))
        if form not in known_forms:
            near = did_you_mean(form, known_forms)
            faults.add(
                top.child("forms", index), msg("没有编号为“{form}”的文书{near}。", form=form, near=near)
            )


def view_schema() -> dict[str, Any]:
    """Return the JSON Schema of a view, for editors."""
    schema: dict[str, Any] = OfficeView.model_json_schema(by_alias=True)
    # pydantic takes these from the English class and field names
    schema.pop("description", None)
    for described in schema["properties"].values():
        described.pop("title", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "统计视图"
    return schema
