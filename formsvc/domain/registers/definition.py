"""Definition of a register (登记簿): its columns and what makes a row one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pydantic
from pydantic import ConfigDict

from formsvc.domain.definitions.form_definition import options_of, with_columns
from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem

Row = Mapping[str, JSON]


class RegisterSource(StrictModel):
    """A register as its file holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    schema_address: str = pydantic.Field(
        "", alias="$schema", description="本格式的 JSON Schema，供编辑器补全和提示"
    )
    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="登记簿编号，与文件名相同")
    title: str = pydantic.Field(min_length=2, max_length=60, description="登记簿名称")
    summary: str = pydantic.Field("", max_length=200, description="一句话用途")
    document: str = pydantic.Field(
        "", max_length=60, description="一行就是一件文书的，系统外的文书登记在册时怎样称呼"
    )
    key: list[str] = pydantic.Field(min_length=1, description="哪些列合起来认定一行，如 文号、序号")
    replaced_together: list[str] = pydantic.Field(
        [], description="这些列相同的各行由新的一批整体替换，如 层级、单位；不写则按 key 逐行替换"
    )
    columns: list[Field] = pydantic.Field(min_length=1, description="各列，字段类型与表单相同")


@dataclass(frozen=True)
class RegisterDefinition:
    """A register that passed its checks, with the lookups of its columns."""

    source: RegisterSource
    lookups: Mapping[str, JSON] = field(default_factory=dict)

    @classmethod
    def build(cls, source: RegisterSource, lookups: Mapping[str, JSON]) -> Self:
        """Give columns their options; keep the lookups in use."""
        entries = with_columns(source.columns)
        used = {entry.lookup for entry in entries if entry.lookup}
        own = {name: lookup for name, lookup in lookups.items() if name in used}
        for entry in entries:
            if entry.lookup:
                entry.set_options(options_of(own, entry.lookup))
        return cls(source, own)

    @classmethod
    def from_resolved(cls, resolved: Mapping[str, JSON]) -> Self:
        """Return the definition of ``to_resolved``; nothing is checked again."""
        source = RegisterSource.model_validate({k: v for k, v in resolved.items() if k != "lookups"})
        return cls.build(source, resolved["lookups"])

    def to_resolved(self) -> dict[str, JSON]:
        """Return self-contained JSON; equal registers give equal JSON."""
        content = self.source.model_dump(mode="json", exclude={"schema_address", "columns"})
        content["columns"] = [c.model_dump(mode="json", exclude_defaults=True) for c in self.source.columns]
        plain: dict[str, JSON] = json.loads(json.dumps({**content, "lookups": dict(self.lookups)}))
        return plain

    @property
    def id(self) -> str:
        return self.source.id

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def columns(self) -> tuple[Field, ...]:
        return tuple(self.source.columns)

    @property
    def replaced_together(self) -> tuple[str, ...]:
        return tuple(self.source.replaced_together or self.source.key)

    def column(self, key: str) -> Field | None:
        return next((column for column in self.source.columns if column.key == key), None)

    def group_of(self, row: Row) -> str:
        """Return what names the rows that are replaced together with it."""
        return json.dumps([row.get(key) for key in self.replaced_together], ensure_ascii=False)

    def parse_row(self, values: Row, columns: Iterable[str] = ()) -> tuple[dict[str, JSON], list[Problem]]:
        """Return the normal form of values, and what is wrong with them.

        With ``columns`` only these are parsed and returned; otherwise all, and required ones must be filled.
        """
        wanted = set(columns)
        parsed: dict[str, JSON] = {}
        problems: list[Problem] = []
        for column in self.source.columns:
            if wanted and column.key not in wanted:
                continue
            kind = FIELD_TYPES[column.kind]
            value, faults = kind.parse_computed(column, _with_known_columns(column, values), column.key)
            parsed[column.key] = value
            problems += faults or kind.check(column, value, column.key)
        return parsed, problems


def _with_known_columns(column: Field, values: Row) -> JSON:
    """Return a column's value; of a table only the columns it lists."""
    value = values.get(column.key)
    if not column.columns or not isinstance(value, list):
        return value
    known = {inner.key for inner in column.columns}
    return [
        {key: cell for key, cell in row.items() if key in known} for row in value if isinstance(row, Mapping)
    ]


def register_schema() -> dict[str, Any]:
    """Return the JSON Schema of a register, for editors."""
    schema: dict[str, Any] = RegisterSource.model_json_schema(by_alias=True)
    for model in (schema, *schema["$defs"].values()):
        # pydantic takes these from the English class and field names
        model.pop("description", None)
        for described in (model, *model["properties"].values()):
            described.pop("title", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "登记簿定义"
    schema["$defs"]["Field"]["properties"]["kind"]["enum"] = list(FIELD_TYPES)
    return schema
