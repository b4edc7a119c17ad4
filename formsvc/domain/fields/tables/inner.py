"""Rows within rows: one level, of plain cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

ROWS = "rows"
# what is masked, kept as a file or follows from other answers has its place in a row, not in a row within it
_PLAIN_KINDS = frozenset(
    {
        *("text", "long_text", "integer", "decimal", "money", "yes_no", "choice", "choices"),
        *("date", "datetime", "time", "partial_date", "person", "region"),
    }
)
_UNFIT = (
    *("shown", "readonly", "computed", "typed_when", "default", "formerly", "personal", "personal_when"),
    *("carry", "pick", "option_source", "role"),
)
_UNFIT_TABLE = ("each_of", "checklist", "total", "default", "computed")


def inner_cells(field: Field, path: str, row: Mapping[str, JSON]) -> Iterator[tuple[str, Field, JSON]]:
    """Yield path, column and value of each cell of the rows within a row."""
    for table in field.columns or ():
        rows = row.get(table.key) if table.kind == ROWS else None
        for index, inner in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(inner, Mapping):
                for column in table.columns or ():
                    yield f"{path}.{table.key}.{index}.{column.key}", column, inner.get(column.key)


def count_inner_rows(field: Field, rows: list[Mapping[str, JSON]]) -> int:
    """Return how many rows the rows of a table hold altogether."""
    tables = [column.key for column in field.columns or () if column.kind == ROWS]
    return sum(len(held) for row in rows for key in tables if isinstance(held := row.get(key), list))


def too_many_inner_rows(label: str, path: str) -> Problem:
    sentence = msg(
        "{label}：各行里的小行合起来超过 {limit} 行，请分成几件办理。",
        label=label,
        limit=process_limits().inner_rows,
    )
    return Problem(path, sentence)


def with_place(problem: Problem) -> Problem:
    """Return the problem of a cell in an inner row with its place in words."""
    match problem.field.split("."):
        case [_, row, _, inner, _] if row.isdecimal() and inner.isdecimal():
            sentence = msg(
                "第 {n} 行 › 第 {m} 小行 › {told}", n=int(row) + 1, m=int(inner) + 1, told=problem.message
            )
            return replace(problem, message=sentence)
    return problem


def inner_faults(table: Field) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield faults of rows within rows, with their place in the column."""
    for name in _UNFIT_TABLE:
        if getattr(table, name):
            yield (name,), msg("明细里的小行不能写“{name}”。", name=name)
    for index, column in enumerate(table.columns or ()):
        for name, sentence in _column_faults(column):
            yield ("columns", index, name), sentence


def _column_faults(column: Field) -> Iterator[tuple[str, str]]:
    if column.kind == ROWS:
        yield "kind", msg("明细里的小行不能再有小行，只能有一层。")
    elif column.kind not in _PLAIN_KINDS:
        yield "kind", msg("小行的列只能是文字、数值、是否、选项、日期、人员、区域。")
    for name in _UNFIT:
        if getattr(column, name):
            written = Field.model_fields[name].alias or name
            yield written, msg("小行的列不能写“{name}”，条件、计算请写在外面的列上。", name=written)
    if isinstance(column.required, str):
        yield "required", msg("小行的列是否必填，只能写 true 或者 false。")
