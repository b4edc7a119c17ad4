"""Queries and response bodies of cases, due items and fire-safety duties."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from formsvc.web.api.request_schemas import BodyPage, PageQuery
from formsvc.web.api.response_schemas import ActSummary
from formsvc.web.api.schemas import Empty, RequestModel, ResponseModel

Which = Literal["waiting", "own", "late", "all"]


class CaseQuery(PageQuery):
    """案件列表的条件"""

    which: Which | Empty = Field(
        "waiting", description="waiting 还有事待办的，own 其中您起草的，late 其中已经逾期的，all 全部"
    )
    q: str = Field(
        "",
        max_length=80,
        description="第一件文书的文号、标题、当事人中的文字；写了就在全部案件中找；查找当事人的用 POST /cases/search",
    )


class CaseSearch(RequestModel):
    """案件列表的条件，在请求内容里"""

    which: Which = Field("waiting", description="同 GET /cases")
    q: str = Field(
        "", max_length=80, description="第一件文书的文号、标题、当事人中的文字；写了就在全部案件中找"
    )
    page: BodyPage = 1

    @property
    def page_number(self) -> int:
        return self.page


class DueQuery(PageQuery):
    """到期事项的条件"""

    until: date | Empty = Field("", description="哪一天（含）之前到期的；不写则三十日内")
    mine: bool = Field(False, description="true：只要自己有权办理的")


class StepChoice(RequestModel, title="StepChosen"):
    """案件中要销项的一步"""

    act: str = Field(max_length=40, description="据哪一件文书（id）")
    step: str = Field(max_length=60, description="这一步的编号")
    items: list[Annotated[str, Field(max_length=20)]] = Field(
        default_factory=list, max_length=200, description="只销其中几项的，写明项号"
    )


class StrikeOffRequest(RequestModel, title="StrikeOff"):
    """销项"""

    steps: list[StepChoice] = Field(max_length=200, description="哪几步")
    reason: str = Field(max_length=500, description="为什么不再办理")


class StruckOffList(ResponseModel):
    """已经销项的步骤所在的文书"""

    acts: list[ActSummary]


class ResponsibilityQuery(PageQuery):
    """责任人的条件"""

    on: date | Empty = Field("", description="哪一天的责任人；不写则今天")


class DeadlineItem(ResponseModel, title="DeadlineTold"):
    """一个期限和它的算法"""

    name: str = Field(description="期限的名称")
    due: date = Field(description="最后一天")
    begins: date = Field(description="从哪一天的次日起算")
    sentence: str = Field(description="怎样算出，逐日写明")
    law: str = Field(description="依据")
    days_off: list[date] = Field(description="期间内不计的休息日、放假日")
    worked: list[date] = Field(description="期间内调休上班的日子")
    certain: bool = Field(description="false：那一年的放假安排还没有公布，按周末推算")


class DeadlineList(ResponseModel):
    """一件文书引起的期限"""

    items: list[DeadlineItem]


class NextStepItem(ResponseModel, title="NextTold"):
    """案件中下一步要做的事"""

    form: str = Field(description="要制作的文书种类")
    title: str = Field(description="要制作的文书名称")
    offered: bool = Field(description="本系统是否提供这种文书（可用 follow 据此制作）")
    after: str = Field(description="据哪一件文书（id）")
    after_number: str
    party: str
    why: str = Field(description="为什么")
    deadline: DeadlineItem | None = Field(description="最迟哪一天；没有法定日期的为空")
    late: bool = Field(description="是否已经逾期")
    begun: str = Field(description="已经起草的那一件（id）；没有的为空")
    step: str = Field(description="这一步的编号，销项时写明")
    items: list[str] = Field(description="涉及第几项；不分项的为空")
    forms: list[str] = Field(description="哪几种文书之一即可；没有文书的事项为空")
    action: str = Field(
        description="现在要做什么：make 制作，continue 继续起草，review 审核，approve 签发，issue 编号，serve 送达，confirm 核对后销项"
    )


class LateCounts(ResponseModel):
    """逾期的项数"""

    week: int = Field(description="逾期七日以内")
    month: int = Field(description="八至三十日")
    quarter: int = Field(description="三十一至九十日")
    longer: int = Field(description="更久")


class DueList(ResponseModel):
    """到期事项，逾期最久的在前"""

    items: list[NextStepItem]
    total: int
    late: LateCounts
    page: int
    pages: int


class HazardItem(ResponseModel, title="HazardTold"):
    """一处隐患"""

    number: int = Field(description="在文书中的序号")
    text: str
    place: str
    act: str = Field(description="写明它的文书（id）")
    standing: str = Field(
        description="found 尚未责令整改，pending 整改中，overdue 期限已过尚未复查，remedied 已改正，partly 部分改正，unremedied 未改正"
    )
    standing_name: str
    deadline: date | None
    recheck: str = Field(description="复查它的文书（id）；没有的为空")


class CaseActItem(ResponseModel, title="LinkTold"):
    """案件中的一件文书"""

    depth: int = Field(description="层次：0 为案件的第一件，每据以制作一次加 1")
    act: ActSummary
    deadlines: list[DeadlineItem] = Field(description="它引起的期限")
    served: DeadlineItem | None = Field(description="哪一天视为送达（公告送达满 30 日）；没有送达的为空")


class CaseSummary(ResponseModel, title="CaseHead"):
    """列表中的一个案件"""

    id: str = Field(description="案件的编号：第一件文书的 id")
    title: str
    number: str
    party: str
    dated: str
    acts: int = Field(description="有几件文书")
    open_hazards: int = Field(description="还没有改正的隐患")
    next: NextStepItem | None = Field(description="最近要做的一件事")


class CaseList(ResponseModel):
    """一页案件"""

    items: list[CaseSummary]
    total: int
    page: int
    pages: int


class CaseDetail(ResponseModel, title="CaseTold"):
    """一个案件，从第一件文书到最后一件"""

    id: str = Field(description="案件的编号：第一件文书的 id")
    party: str
    acts: list[CaseActItem]
    hazards: list[HazardItem]
    next_steps: list[NextStepItem] = Field(description="还要做的事，先到期的在前")
    possible_steps: list[NextStepItem] = Field(description="可以做、不是必须做的事")
    notices: list[str] = Field(description="关于这个案件的期限和后续文书要知道的事")


class DutyHolderItem(ResponseModel, title="HolderTold"):
    """一项责任由谁担任"""

    duty: str
    standing: str = Field(description="在任、空缺、任期已满、已不在册")
    name: str
    title: str
    scope: str
    source: str = Field(description="依据的责任人通知（id）")
    number: str = Field(description="它的文号")


class PlaceDuties(ResponseModel, title="PlaceTold"):
    """一个乡镇、街道，或者村、社区"""

    name: str
    code: str
    holders: list[DutyHolderItem]
    troubles: list[str] = Field(description="空缺、任期已满等，逐条写明")


class TownDuties(PlaceDuties, title="TownTold"):
    """一个乡镇、街道和它的村、社区"""

    villages: list[PlaceDuties]


class ResponsibilityMatrix(ResponseModel, title="MatrixTold"):
    """某一天的消防安全责任人，有空缺的乡镇在前"""

    on: date
    troubles: int = Field(description="空缺、任期已满或者已不在册的共有几处")
    items: list[TownDuties] = Field(description="每页 50 个乡镇")
    total: int
    page: int
    pages: int
