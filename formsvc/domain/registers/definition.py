"""Definition of a register (登记簿): its columns and what makes a row one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pydantic
from pydantic import ConfigDict

from formsvc.domain.definitions.form_definition import options_of, translatable_field, with_columns
from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.registers.row_rules import (
    DuplicateRule,
    Ending,
    KeyNumber,
    RelatedRows,
    RoleName,
    RowView,
    Scalar,
)
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, msg

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
    unit: str = pydantic.Field("行", min_length=1, max_length=4, description="一行怎样称呼，如 家、人、条")
    name_column: str = pydantic.Field("", description="哪一列是一行的名称；不写则为 key 的第一列")
    subtitle_column: str = pydantic.Field("", description="列表里写在名称下面的列，如代码")
    listed: list[str] = pydantic.Field([], max_length=12, description="列表平时显示的列；不写则为前六列")
    filters: list[str] = pydantic.Field([], max_length=5, description="列表可以按哪些列筛选")
    sorted: list[str] = pydantic.Field(
        [], max_length=4, description="列表可以按哪些列排序，第一个是平时的次序；不写则按名称"
    )
    newest_first: bool = pydantic.Field(False, description="平时的次序从大到小，如日期新的在前")
    searched: list[str] = pydantic.Field(
        [], max_length=12, description="查找哪些列的文字；不写则为名称、key 和列表显示的列"
    )
    spelt: list[str] = pydantic.Field(
        [], max_length=4, description="其中哪些列也可以用拼音和首字母查找；不写则为名称"
    )
    views: list[RowView] = pydantic.Field([], max_length=6, description="常看的几种情况，列表上各有一页")
    expected: list[str] = pydantic.Field([], description="应当填写的列，没填的行列在“缺项”里")
    headings: dict[str, list[str]] = pydantic.Field(
        {}, description="Excel 表头：列 → 除名称以外也认的写法，第一个用于导出"
    )
    duplicates: list[DuplicateRule] = pydantic.Field([], max_length=2, description="怎样算疑似重复")
    key_number: KeyNumber | None = pydantic.Field(None, description="没有编号的行由系统编号")
    repeated: list[str] = pydantic.Field(
        [], max_length=6, description="新增一行而没填时，照最近登记的一行填写的列，如乡镇"
    )
    personal_when: dict[str, dict[str, list[Scalar]]] = pydantic.Field(
        {}, description="个人信息的列 → 只在这些列是这些内容时才算个人信息；不写则总是"
    )
    related: list[RelatedRows] = pydantic.Field(
        [], max_length=4, description="一行的页面上列出别的登记簿里有关的行有几行，如一家的隐患"
    )
    ending: Ending | None = pydantic.Field(None, description="一行怎样终止；不写则不能由人终止")
    edited_by: list[RoleName] = pydantic.Field(
        [], description="哪些角色可以由人新增、修改、导入；不写则只由文书写入"
    )


@dataclass(frozen=True)
class RegisterDefinition:
    """A register that passed its checks, with the lookups of its columns."""

    source: RegisterSource
    lookups: Mapping[str, JSON] = field(default_factory=dict)

    @classmethod
    def build(cls, source: RegisterSource, lookups: Mapping[str, JSON]) -> Self:
        """Give columns options and translatable texts; keep lookups in use."""
        entries = with_columns(source.columns)
        used = {entry.lookup for entry in entries if entry.lookup}
        own = {name: lookup for name, lookup in lookups.items() if name in used}
        for entry in entries:
            if entry.lookup:
                entry.set_options(options_of(own, entry.lookup))
        columns = [translatable_field(column, source.id) for column in source.columns]
        return cls(source.model_copy(update={"columns": columns}), own)

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
        return DefinitionText(self.id, self.source.title)

    @property
    def summary(self) -> str:
        return DefinitionText(self.id, self.source.summary)

    @property
    def unit(self) -> str:
        """Return what a row is called when rows are counted."""
        return DefinitionText(self.id, self.source.unit)

    @property
    def ending_word(self) -> str:
        """Return what ending a row is called, "" if people cannot end one."""
        return DefinitionText(self.id, self.source.ending.word) if self.source.ending else ""

    @property
    def columns(self) -> tuple[Field, ...]:
        return tuple(self.source.columns)

    @property
    def replaced_together(self) -> tuple[str, ...]:
        return tuple(self.source.replaced_together or self.source.key)

    @property
    def name_column(self) -> str:
        return self.source.name_column or self.source.key[0]

    @property
    def sorted_columns(self) -> tuple[str, ...]:
        return tuple(self.source.sorted or [self.name_column])

    @property
    def listed_columns(self) -> tuple[str, ...]:
        """The keys of the columns that a list shows besides name and subtitle."""
        shown = self.source.listed or [column.key for column in self.source.columns[:6]]
        apart = (self.name_column, self.source.subtitle_column)
        return tuple(key for key in shown if key not in apart)

    @property
    def searched_columns(self) -> tuple[str, ...]:
        usual = [self.name_column, *self.source.key, *self.listed_columns]
        return tuple(dict.fromkeys(self.source.searched or usual))

    @property
    def spelt_columns(self) -> tuple[str, ...]:
        return tuple(self.source.spelt or [self.name_column])

    def label_of(self, key: str) -> str:
        column = self.column(key)
        return column.label if column else key

    def heading_of(self, key: str) -> str:
        """Return the heading of a column in a workbook, in no other language."""
        return next(iter(self.source.headings.get(key, ())), str.__str__(self.label_of(key)))

    def name_of(self, row: Row) -> str:
        value, column = row.get(self.name_column), self.column(self.name_column)
        text = "" if value is None else str(value)
        return DefinitionText(self.id, text) if column and column.options else text

    def key_of(self, row: Row) -> tuple[JSON, ...]:
        return tuple(row.get(key) for key in self.source.key)

    def whole_row(self, values: Row) -> dict[str, JSON]:
        """Return the values with an empty one for each column that lacks one."""
        return {c.key: values.get(c.key, FIELD_TYPES[c.kind].empty()) for c in self.source.columns}

    def missing_columns(self, row: Row) -> tuple[str, ...]:
        """Return the columns that should be filled in and are not."""
        return tuple(key for key in self.source.expected if is_empty(row.get(key)))

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

    def read_row(self, values: Row) -> tuple[dict[str, JSON], list[Problem]]:
        """Return a row as a person or a workbook wrote it, and its problems.

        A number that the system gives may be missing.
        """
        numbered = self.source.key_number.column if self.source.key_number else ""
        read: dict[str, JSON] = {}
        problems: list[Problem] = []
        for column in self.source.columns:
            kind, given = FIELD_TYPES[column.kind], values.get(column.key)
            value: JSON = kind.empty()
            faults: list[Problem] = []
            if not is_empty(given):
                value, faults = kind.parse(column, given, column.key)
                problems += faults or kind.check(column, value, column.key)
            read[column.key] = value
            if not faults and is_empty(value) and column.required and column.key != numbered:
                sentence = column.required_message or msg("请填写{label}。", label=column.label)
                problems.append(Problem(column.key, sentence))
        return read, problems


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
