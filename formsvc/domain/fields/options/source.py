"""Source of the options of a choice: a register or an expression."""

from __future__ import annotations

from collections.abc import Iterator

import pydantic
from pydantic import ConfigDict

from formsvc.i18n.messages import msg


class OptionSource(pydantic.BaseModel):
    """Rows of a register, or an expression, that options are computed from."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    register_name: str | None = pydantic.Field(None, alias="register", description="登记簿编号，如 people")
    value: str | None = pydantic.Field(None, description="登记簿的哪一列是选项的值，如 person_no")
    label: str | None = pydantic.Field(None, description="哪一列是选项的名称，如 name；不写的同 value")
    where: str | None = pydantic.Field(
        None, description='列出哪些行：一条表达式，option 为登记簿的一行，如 option.state == "在岗"'
    )
    expression: str | None = pydantic.Field(
        None, description="不取自登记簿：一条得出数组的表达式，每一项是文字，或者写明 value、label"
    )

    @property
    def label_column(self) -> str:
        return self.label or self.value or ""

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield the expressions with the property they stand in."""
        for name, source in (("options.where", self.where), ("options.expression", self.expression)):
            if source is not None:
                yield name, source


def source_faults(source: OptionSource) -> list[tuple[str, str]]:
    """Return what the parts of a source do not say or say twice."""
    if (source.register_name is None) == (source.expression is None):
        return [("options", msg("选项的来源应写且只写一个：register（登记簿）或者 expression（表达式）。"))]
    if source.register_name is not None and not source.value:
        return [("options", msg("选项取自登记簿的，须写明 value（哪一列是选项的值）。"))]
    if source.expression is not None and (source.value or source.label or source.where):
        return [("options", msg("选项由表达式得出的，不写 value、label、where。"))]
    return []
