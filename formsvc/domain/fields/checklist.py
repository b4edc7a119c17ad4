"""Tables filled as checklists: entries of a lookup and their results."""

from __future__ import annotations

import pydantic
from pydantic import ConfigDict


class ChecklistScope(pydantic.BaseModel):
    """Entries listed first: those whose list has the answer of a field."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    field: str = pydantic.Field(description="看哪个字段填的内容")
    key: str = pydantic.Field(
        "applies_to", description="代码表各项中列出适用内容的键；没有写的项目总列出，不适用的收在“其他项目”里"
    )


class ChecklistExceptions(pydantic.BaseModel):
    """Table in which entries that do not pass are described, a row each."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rows: str = pydantic.Field(description="不合格的记到哪个明细表，一项一行")
    item: str = pydantic.Field(description="那个明细表中写明对应哪一项的列（同一代码表的单选）")
    code: str = pydantic.Field(description="那个明细表中的违法行为（或者问题种类）一列")
    offered: str = pydantic.Field("codes", description="代码表各项中列出可选代码的键；一个也没有的不另记一行")
    suggested: str = pydantic.Field("suggest", description="代码表各项中“结果 → 建议的代码”的键")


class Checklist(pydantic.BaseModel):
    """Checklist of the entries of a lookup, as which a table is filled."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    item: str = pydantic.Field(description="写明是哪一项的列：取自代码表的单选")
    result: str = pydantic.Field(description="写结果的列")
    group: str = pydantic.Field("group", description="代码表各项中写明组别的键")
    results: str = pydantic.Field("results", description="代码表各项中列出全部结果的键")
    passing: str = pydantic.Field("passing", description="代码表各项中列出合格结果的键")
    not_assumed: list[str] = pydantic.Field(
        [], description="“其余全部合格”不填的合格结果，如“不涉及”；上次就是它的除外"
    )
    applies: ChecklistScope | None = pydantic.Field(None, description="哪些项目先列出")
    exceptions: ChecklistExceptions | None = pydantic.Field(None, description="不合格的另记到哪个明细表")
