"""Models of the life of a kind of document, as its definition holds it."""

from __future__ import annotations

from typing import Literal

import pydantic

from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.life.effects import Effects
from formsvc.limits import limit_ranges

ID_PATTERN = r"^[a-z][a-z0-9_]{0,59}$"
FORMS_PATTERN = r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$"
# of each list of a life; the longest that is shipped has nine
Unit = Literal["workdays", "days", "months", "on_day"]
Late = Literal["due", "remind", "record", "stop", "info"]
Awaited = Literal["answer", "result"]


class Items(StrictModel):
    """The table whose rows live one by one, and the roles of its columns."""

    rows: str = pydantic.Field(description="逐项办理的明细")
    number: str = pydantic.Field("", description="编号的列；不写则按行的次序")
    text: str = pydantic.Field(description="内容（问题）的列")
    place: str = pydantic.Field("", description="部位的列")
    code: str = pydantic.Field("", description="代码的列，用来与所据文书的各项对应")
    deadline: str = pydantic.Field("", description="期限的列")
    source: str = pydantic.Field("", description="所据文书中对应的项号的列；不写则按代码、内容、部位对应")
    awaits: Awaited = pydantic.Field(
        "result", description="answer 各项尚待另一件文书处理（如检查发现的），result 已有要求，等待复查结果"
    )


class Results(StrictModel):
    """The table with the result of each item of another document."""

    rows: str = pydantic.Field(description="逐项写明结果的明细，与所引文书的各项一一对应")
    of: str = pydantic.Field(description="各项所在的文书：引用字段")
    number: str = pydantic.Field("", description="项号的列；不写则按行的次序")
    result: str = pydantic.Field(description="结果的列")
    done: list[str] = pydantic.Field(min_length=1, description="哪些结果是已经办结")
    partly: list[str] = pydantic.Field([], description="哪些结果是部分办结")


class DeadlineRule(StrictModel):
    """A deadline that the document sets."""

    id: str = pydantic.Field(pattern=ID_PATTERN, description="编号，follow_ups、service 的 by 指向它")
    name: str = pydantic.Field(min_length=1, max_length=40, description="名称")
    event: str = pydantic.Field(min_length=1, max_length=60, description="自什么起算，用于说明")
    starts: str = pydantic.Field(
        alias="from",
        description="起算日期：一条表达式；可用 this.date、this.served_on；逐行的可用 row、index",
    )
    count: int | str = pydantic.Field(0, description="几个工作日、日或者月：整数，或者一条表达式")
    unit: Unit = pydantic.Field(description="workdays 工作日，days 日，months 月，on_day 起算日期当天")
    rolls: bool = pydantic.Field(True, description="days、months 的末日遇休息日是否顺延")
    each: str = pydantic.Field("", description="逐行计算：哪一个明细；日期相同的合为一项")
    when: str = pydantic.Field("", description="何时有这个期限：一条表达式；不写则总是")
    late: Late = pydantic.Field(
        "due",
        description="期限过了，说明里写什么：due 不另写，remind 提醒尽快办理，record 迟办的写明理由，stop 不得再办（可以制作的文书不再列出），info 已经届满",
    )
    law: str = pydantic.Field("", max_length=200, description="依据")


class FollowUp(StrictModel):
    """A document that must or may follow."""

    id: str = pydantic.Field(pattern=ID_PATTERN, description="编号；销项的记录写它，不要改")
    forms: str = pydantic.Field(
        "",
        max_length=200,
        pattern=rf"{FORMS_PATTERN}|^$",
        description="哪一种文书；几种之一即可的用“/”隔开；不写则为没有文书的事项，办结后销项",
    )
    title: str = pydantic.Field(
        min_length=1, max_length=60, description="这种文书（事项）的名称；本单位有这种文书的，显示其名称"
    )
    when: str = pydantic.Field("", description="何时需要：一条表达式；不写则总是")
    each: str = pydantic.Field("", description="逐行判断：哪一个明细；由 answered 逐行看是否已经办理")
    why: str = pydantic.Field(
        min_length=1, max_length=200, description="为什么；花括号里可写表达式，逐行的可用 {numbers}"
    )
    must: bool = pydantic.Field(True, description="true 应当，直到办结或者销项；false 可以，不列入待办")
    once: bool = pydantic.Field(True, description="已经制作一件就不再提示；false 可以多次")
    by: str = pydantic.Field("", description="最迟何时：deadlines 中的编号")
    answered: str = pydantic.Field(
        "",
        description="怎样的后续文书算已经办理：一条表达式，made 为后续文书（made.answers 为其内容），found 为其中对应本行的一行；不写则制作了就算",
    )
    settles: bool = pydantic.Field(
        False, description="这种文书没有逐项明细的，制作后本件各项（items）都有着落"
    )


class ServiceRule(StrictModel):
    """Duty to serve the document, its last day, and who may receive it."""

    required: bool | str = pydantic.Field(description="是否必须送达：true、false，或者一条表达式")
    forms: str = pydantic.Field(
        "", max_length=200, pattern=rf"{FORMS_PATTERN}|^$", description="用哪一种送达回证；几种用“/”隔开"
    )
    title: str = pydantic.Field("", max_length=60, description="送达回证的名称，本单位没有这种文书时显示")
    by: str = pydantic.Field("", description="最迟何时送达：deadlines 中的编号")
    to: str = pydantic.Field("", max_length=60, description="送达给谁，写在待办里")
    receivers: dict[str, dict[str, list[str]]] = pydantic.Field(
        {},
        description="谁可以签收：当事人类型 → 送达方式（如 直接送达）→ 签收人与当事人的关系；“*”为其余；登记送达时核对，没有列出的不核对",
    )

    def receivers_of(self, party: str, method: str) -> list[str]:
        """Return who may receive it for a kind of party; empty: anybody."""
        by_method = self.receivers.get(party) or self.receivers.get("*") or {}
        return by_method.get(method) or by_method.get("*") or []


class VoidRule(StrictModel):
    """Conditions of voiding."""

    blocked_by: str = pydantic.Field("", max_length=200, description="有哪些文书时不能作废，登在作废的页面上")


class RetentionRule(StrictModel):
    """Family and period of retention."""

    family: str = pydantic.Field("", max_length=40, description="归档类别")
    keep: str = pydantic.Field("", max_length=40, description="保管期限，如 30年、永久")


class Life(StrictModel):
    """Deadlines, follow-ups, service and effects of a kind of document."""

    items: Items | None = pydantic.Field(None, description="逐项办理的明细，例如发现的问题")
    results: Results | None = pydantic.Field(None, description="对另一件文书各项的结果，例如复查")
    deadlines: list[DeadlineRule] = pydantic.Field(
        [], max_length=limit_ranges()["life_rules"][1], description="期限"
    )
    follow_ups: list[FollowUp] = pydantic.Field(
        [], max_length=limit_ranges()["life_rules"][1], description="后续文书"
    )
    service: ServiceRule | None = pydantic.Field(None, description="送达")
    effects: Effects = pydantic.Field(
        default_factory=lambda: Effects(issued=[], served=[], voided=[], revoked=[]), description="效力"
    )
    void: VoidRule | None = pydantic.Field(None, description="作废")
    retention: RetentionRule | None = pydantic.Field(None, description="归档")
    begins_case: bool = pydantic.Field(False, description="没有所据文书时，是否为一个案件的第一件")
    separate_case: bool = pydantic.Field(
        False, description="据本件制作的文书自成案件；follow_ups 所列的仍属本件"
    )

    @property
    def asks_for_more(self) -> bool:
        """True if something may have to be done after a document is issued."""
        is_served = self.service is not None and self.service.required is not False
        return is_served or any(rule.must for rule in self.follow_ups)
