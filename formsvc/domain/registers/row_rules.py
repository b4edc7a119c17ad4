"""Rules of a register's definition about its rows."""

from __future__ import annotations

from typing import Literal, Self

import pydantic

from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

Scalar = str | int | bool
RoleName = Literal["staff", "reviewer", "approver", "officer", "admin"]


class DuplicateRule(StrictModel):
    """Columns whose equal contents make two rows doubtful duplicates."""

    columns: list[str] = pydantic.Field(
        min_length=1, max_length=4, description="这些列都填了而且相同，就是疑似重复"
    )
    unless: str = pydantic.Field(
        "", description="这一列填了就不按本条比较，如有统一社会信用代码的不比名称地址"
    )


class RowView(StrictModel):
    """A named selection of rows, shown as a tab."""

    title: str = pydantic.Field(min_length=2, max_length=20, description="名称")
    column: str = pydantic.Field(description="按哪一列挑选：filters 或者 sorted 里的列")
    values: list[Scalar] = pydantic.Field([], description="这一列是其中之一")
    empty: bool = pydantic.Field(False, description="这一列没有填")
    before_this_year: bool = pydantic.Field(False, description="这一列（日期）没有填，或者早于本年一月一日")
    within_days: int | None = pydantic.Field(
        None, ge=0, le=3660, description="这一列（日期）自今天起多少日之内，已经过了的也算"
    )

    @pydantic.model_validator(mode="after")
    def _require_one_condition(self) -> Self:
        if sum((bool(self.values), self.empty, self.before_this_year, self.within_days is not None)) != 1:
            raise ValueError(msg("写 values、empty、before_this_year、within_days 中的一个"))
        return self


class NumberPart(StrictModel):
    """A part of a number before its serial digits."""

    text: str = pydantic.Field("", max_length=20, description="固定的文字")
    column: str = pydantic.Field("", description="取自这一列")
    codes: dict[str, str] = pydantic.Field({}, description="这一列的内容各写作什么；不写则照写")
    width: int | None = pydantic.Field(None, ge=1, le=20, description="取几位，不足的后面补零")


class KeyNumber(StrictModel):
    """A number that the system gives to a row without one."""

    column: str = pydantic.Field(description="编号写入哪一列")
    parts: list[NumberPart] = pydantic.Field([], max_length=6, description="流水号以前的各段")
    digits: int = pydantic.Field(ge=1, le=9, description="流水号的位数")

    def prefix_of(self, row: dict[str, JSON]) -> str:
        """Return what stands before the serial digits of a row's number."""
        return "".join(_part_text(part, row) for part in self.parts)

    def next_after(self, prefix: str, last: str) -> str:
        """Return the number after ``last`` of the same prefix, "" for none."""
        tail = last.removeprefix(prefix)
        number = int(tail) + 1 if tail.isascii() and tail.isdigit() else 1
        return f"{prefix}{number:0{self.digits}d}"


def _part_text(part: NumberPart, row: dict[str, JSON]) -> str:
    if not part.column:
        return part.text
    value = row.get(part.column)
    text = "" if value is None else str(value)
    text = part.codes.get(text, part.text if part.codes else text or part.text)
    return text[: part.width].ljust(part.width, "0") if part.width else text


class OpenMatter(StrictModel):
    """Rows of another register that keep a row from being ended."""

    register_name: str = pydantic.Field(alias="register", description="哪一本登记簿")
    columns: dict[str, str] = pydantic.Field(min_length=1, description="那一本的列 → 本簿的列，任一相同的")
    closed: dict[str, list[Scalar]] = pydantic.Field(description="那一本的列和已经了结的内容")
    message: str = pydantic.Field(min_length=4, max_length=100, description="不能停用的理由")

    model_config = pydantic.ConfigDict(populate_by_name=True, serialize_by_alias=True)


class RelatedRows(StrictModel):
    """Rows of another register about a row, counted on its page."""

    register_name: str = pydantic.Field(alias="register", description="哪一本登记簿")
    columns: dict[str, str] = pydantic.Field(
        min_length=1, max_length=3, description="那一本的列 → 本簿的列，全部相同的才是；须是可以筛选的列"
    )
    by: str = pydantic.Field(description="按那一本的哪一列分开计数，如状态")
    closed: list[Scalar] = pydantic.Field([], description="其中哪些内容是已经了结的")

    model_config = pydantic.ConfigDict(populate_by_name=True, serialize_by_alias=True)


class Ending(StrictModel):
    """Ending of a row by a person; it stays in the history."""

    word: str = pydantic.Field("停用", min_length=2, max_length=6, description="怎样称呼，如 停用、离岗")
    reasons: list[str] = pydantic.Field([], description="常用的原因")
    values: dict[str, Scalar] = pydantic.Field({}, description="同时写入的列")
    day_column: str = pydantic.Field("", description="终止日期写入哪一列")
    refused_while: list[OpenMatter] = pydantic.Field([], description="有这些情况不能终止")
