"""Effects of a document when it is issued, served, voided or revoked."""

from __future__ import annotations

import pydantic

from formsvc.domain.definitions.strict_model import StrictModel


class Effect(StrictModel):
    """One effect: a verb, when it applies, and what it changes."""

    do: str = pydantic.Field(min_length=1, max_length=40, description="做什么")
    when: str = pydantic.Field("", description="何时：一条表达式；不写则总是")
    of: str = pydantic.Field("", description="对哪一件文书：引用字段；不写则本件")
    register_name: str = pydantic.Field("", alias="register", description="写入哪一本台账（名册）")
    rows: str = pydantic.Field("", description="逐行：哪一个明细")
    set: dict[str, str] = pydantic.Field({}, description="写入的内容：列 → 表达式")
    date: str = pydantic.Field("", description="何日起：一条得出日期的表达式；不写则制作日期")


class Effects(StrictModel):
    """Effects by what happens to the document."""

    issued: list[Effect] = pydantic.Field([], description="编号签发（记录）后")
    served: list[Effect] = pydantic.Field([], description="送达后")
    voided: list[Effect] = pydantic.Field([], description="作废后")
    revoked: list[Effect] = pydantic.Field([], description="被撤销后")
