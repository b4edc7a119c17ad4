"""Effects of a document when it is issued, served, voided or revoked.

Nine verbs carry all of them. What a document did is undone as a whole when it is voided or revoked, and what its
service did when the service is withdrawn; a definition need not say how.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import pydantic

from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.limits import limit_ranges


class Verb(StrEnum):
    """Things that an effect can do; the values stand in definitions."""

    WRITE_ROWS = "write_rows"
    CHANGE_ROWS = "change_rows"
    END_ROWS = "end_rows"
    MOVE_DEADLINES = "move_deadlines"
    CLOSE_CASE = "close_case"
    LOCK_CASE = "lock_case"
    MARK_DOCUMENT = "mark_document"
    VOID_DOCUMENT = "void_document"
    REVOKE_DOCUMENT = "revoke_document"


REGISTER_VERBS = frozenset({Verb.WRITE_ROWS, Verb.CHANGE_ROWS, Verb.END_ROWS})
# These do something to another document, so that they must name it.
DOCUMENT_VERBS = frozenset(
    {Verb.MOVE_DEADLINES, Verb.MARK_DOCUMENT, Verb.VOID_DOCUMENT, Verb.REVOKE_DOCUMENT}
)
# of one event; the most that is shipped are three
# Columns of ``set`` that moving a deadline needs: which item, and its new last day.
MOVED_ITEM, MOVED_DAY = "no", "deadline"
# Columns of ``set`` that voiding another document reads.
VOIDING_KEYS = ("reason", "approver", "stage", "collected", "replaced_by")
EVENTS = ("issued", "served", "voided", "revoked")


class Effect(StrictModel):
    """One effect: a verb, when it applies, and what it changes."""

    do: Literal[
        "write_rows",
        "change_rows",
        "end_rows",
        "move_deadlines",
        "close_case",
        "lock_case",
        "mark_document",
        "void_document",
        "revoke_document",
    ] = pydantic.Field(
        description="做什么：write_rows 写入登记簿，change_rows 改其中的行，end_rows 终止其中的行，"
        "move_deadlines 改另一件文书各项的期限，close_case 结案，lock_case 锁定案卷，"
        "mark_document 在另一件文书上记一笔，void_document 作废另一件文书，revoke_document 撤销另一件文书"
    )
    when: str = pydantic.Field("", description="何时：一条表达式（有 rows 的逐行判断）；不写则总是")
    of: str = pydantic.Field(
        "",
        description="对哪一件文书：引用字段；改（终止）登记簿的行时，指由那件文书写入或者改过的行",
    )
    register_name: str = pydantic.Field("", alias="register", max_length=60, description="写入哪一本登记簿")
    rows: str = pydantic.Field("", description="逐行：哪一个明细")
    match: dict[str, str] = pydantic.Field({}, description="改（终止）哪些行：列 → 表达式，全部相等的才是")
    set: dict[str, str] = pydantic.Field(
        {},
        description="写入的内容：列 → 表达式；列本身是明细的，另写“列.其中一列”→ 表达式（row 为一行）。"
        "move_deadlines 写 no（项号）和 deadline（新期限）",
    )
    row_of: str = pydantic.Field(
        "",
        description="字段：从登记簿选的当事人；它在那本登记簿里的一行（代码相同，或者名称、地址相同的），供 row_match、row_set 取用",
    )
    row_match: dict[str, str] = pydantic.Field(
        {}, description="改哪些行，另按当事人的一行：列 → 那一行的列；名录里没有的，按没有可改的行（missing）"
    )
    row_set: dict[str, str] = pydantic.Field(
        {}, description="另写入当事人那一行的内容：列 → 那一行的列；名录里没有的不写"
    )
    first_only: bool = pydantic.Field(
        False, description="符合的有几行时，只改按登记簿平时的次序排在最前的一行"
    )
    missing: Literal["refuse", "add", "skip"] = pydantic.Field(
        "refuse", description="没有可改的行时：refuse 不能编号（办理），add 新增一行，skip 不改"
    )
    added: dict[str, str] = pydantic.Field({}, description="因没有而新增一行时另写的内容：列 → 表达式")
    date: str = pydantic.Field("", description="何日起：一条得出日期的表达式；不写则制作（送达）之日")

    @property
    def verb(self) -> Verb:
        return Verb(self.do)

    @property
    def matched_columns(self) -> frozenset[str]:
        """The columns that say which rows are changed."""
        return frozenset(self.match) | frozenset(self.row_match)


class Effects(StrictModel):
    """Effects by what happens to the document."""

    issued: list[Effect] = pydantic.Field(
        [], max_length=limit_ranges()["life_rules"][1], description="编号签发（记录）后；作废、撤销时自动恢复"
    )
    served: list[Effect] = pydantic.Field(
        [],
        max_length=limit_ranges()["life_rules"][1],
        description="送达后；更正、撤回送达和作废、撤销时自动恢复",
    )
    voided: list[Effect] = pydantic.Field(
        [], max_length=limit_ranges()["life_rules"][1], description="作废后另有的"
    )
    revoked: list[Effect] = pydantic.Field(
        [], max_length=limit_ranges()["life_rules"][1], description="被撤销后另有的"
    )

    def located(self, event: str) -> Iterator[tuple[str, Effect]]:
        """Yield the effects of an event, each with its path in the life."""
        for number, effect in enumerate(getattr(self, event)):
            yield f"effects.{event}.{number}", effect

    def registers(self) -> frozenset[str]:
        """Return the registers that any of the effects changes."""
        return frozenset(effect.register_name for effect in self._all() if effect.register_name)

    def parties(self) -> frozenset[str]:
        """Return the fields whose rows in a register any of the effects reads."""
        return frozenset(effect.row_of for effect in self._all() if effect.row_of)

    def written_registers(self) -> frozenset[str]:
        """Return the registers that get new rows."""
        written = (effect for effect in self._all() if effect.verb is Verb.WRITE_ROWS)
        return frozenset(effect.register_name for effect in written)

    def _all(self) -> Iterator[Effect]:
        for event in EVENTS:
            yield from getattr(self, event)
