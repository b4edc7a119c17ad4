"""Request bodies and query parameters of the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pydantic
from pydantic import Field

from formsvc.domain.acts.service_checks import METHODS
from formsvc.web.api.schemas import (
    ActId,
    Answers,
    Comment,
    Empty,
    FormId,
    QueryModel,
    RequestModel,
    States,
    integral_float_to_int,
)
from formsvc.web.api.session_tokens import LONGEST_MINUTES, SHORTEST_MINUTES, USUAL_MINUTES

ScopeName = Literal["read", "draft", "decide", "issue", "serve", "personal"]


class NewAct(RequestModel):
    """新建文书"""

    form: FormId
    data: Answers
    submit: bool = Field(False, description="true：同时提交审核，有差错则什么也不保存；false：保存为草稿")
    source: ActId | None = Field(
        None, description="据哪一件文书制作；能带出的内容由它带出，data 中写明的为准"
    )
    prefill: bool = Field(
        False, description="true：data 中引用的文书和写明的执法人员能带出的内容，填入还空着的字段"
    )


class NewData(RequestModel):
    """草稿的新内容（全部）"""

    data: Answers


class TrialRequest(RequestModel, title="Trial"):
    """试填"""

    data: Answers
    source: ActId | None = Field(None, description="据哪一件文书制作")


class ReviewRequest(RequestModel, title="Review"):
    """审核"""

    decision: Literal["pass", "return"] = Field(description="pass 通过；return 退回修改")
    comment: Comment = ""


class ApprovalRequest(RequestModel, title="Approval"):
    """签发"""

    decision: Literal["approve", "return"] = Field(description="approve 签发；return 退回修改")
    comment: Comment = ""


class BackfillRequest(RequestModel, title="Issue"):
    """编号制发"""

    backfill_reason: str = Field("", max_length=500, description="补录的理由；当年当日编号的不写")


class ReservedNumberRequest(RequestModel, title="TakeBlank"):
    """用已领用的文号编号"""

    number: str = Field(min_length=1, max_length=80, description="领用而没有核销的文号，写全")


class VoidRequest(RequestModel, title="Void"):
    """作废"""

    reason: str = Field(max_length=500, description="作废的理由")
    approver: str = Field("", max_length=40, description="批准人；不写就是办理作废的人")
    stage: str = Field(
        "", max_length=20, description="文书所处的阶段：未用印、已用印未送达；已送达的不能作废"
    )
    collected: bool = Field(False, description="各联是否已经收齐")
    replaced_by: str = Field("", max_length=80, description="另制的文书的文号")


class PrintRequest(RequestModel, title="Prints"):
    """登记打印"""

    copies: Annotated[
        int, Field(ge=1, le=99, description="份数"), pydantic.BeforeValidator(integral_float_to_int)
    ]


class ServiceRequest(RequestModel, title="Service"):
    """登记送达"""

    method: str = Field(description="送达方式", json_schema_extra={"enum": list(METHODS)})
    served_at: str = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$", description="送达时间，2026-11-23T09:30"
    )
    receiver: str = Field("", max_length=100, description="签收人")
    relation: str = Field("", max_length=100, description="签收人与受送达人的关系")
    place: str = Field("", max_length=200, description="送达地点")
    servers: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=10, description="送达人"
    )
    note: str = Field("", max_length=1000, description="备注")


class ServiceCorrectionRequest(RequestModel, title="ServiceCorrection"):
    """更正送达"""

    reason: str = Field(min_length=1, max_length=500, description="更正的理由，记入办理经过")
    service: ServiceRequest | None = Field(None, description="实际的送达；不写：登记有误，还没有送达")


class ReopenRequest(RequestModel, title="Reopen"):
    """重新办理已结案件"""

    reason: str = Field(min_length=2, max_length=500, description="重新办理的理由")


class FollowUpRequest(RequestModel, title="Follow"):
    """据此制作"""

    form: FormId


class SessionTokenRequest(RequestModel):
    """短期令牌的范围和时间"""

    scopes: list[ScopeName] | None = Field(
        None, min_length=1, description="范围，不超过原来的令牌；不写则相同"
    )
    minutes: Annotated[
        int,
        Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES, description="有效几分钟"),
        pydantic.BeforeValidator(integral_float_to_int),
    ] = USUAL_MINUTES


# strict bodies take no text for a date, JSON has nothing else
BodyDate = Annotated[date, Field(strict=False)]
BodyPage = Annotated[
    int,
    Field(ge=1, le=100_000, description="第几页，从 1 起"),
    pydantic.BeforeValidator(integral_float_to_int),
]


class PageQuery(QueryModel):
    """翻页"""

    page: Annotated[int, Field(ge=1, le=100_000)] | Empty = Field(1, description="第几页，每页 50 项")

    @property
    def page_number(self) -> int:
        return self.page if isinstance(self.page, int) else 1


class ActQuery(PageQuery):
    """文书列表的条件"""

    form: FormId | Empty = Field("", description="文书种类")
    state: States | Empty = Field("", description="状态")
    q: str = Field(
        "", max_length=80, description="文号、标题、当事人中的文字；查找当事人的用 POST /acts/search"
    )
    since: date | Empty = Field("", alias="from", description="成文日期不早于")
    until: date | Empty = Field("", alias="to", description="成文日期不晚于")


class ActSearch(RequestModel):
    """文书列表的条件，在请求内容里"""

    form: FormId | Empty = Field("", description="文书种类")
    state: States | Empty = Field("", description="状态")
    q: str = Field("", max_length=80, description="文号、标题、当事人中的文字")
    since: BodyDate | Empty = Field("", alias="from", description="成文日期不早于")
    until: BodyDate | Empty = Field("", alias="to", description="成文日期不晚于")
    page: BodyPage = 1

    @property
    def page_number(self) -> int:
        return self.page


class NumberQuery(PageQuery):
    """号簿的条件"""

    series: str = Field("", max_length=64, description="文号系列；不写则全部")
    year: Annotated[int, Field(ge=1900, le=2200)] | Empty = Field("", description="年份；不写则今年")


class UploadQuery(QueryModel):
    """附件放在哪里"""

    field: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}(\.\d{1,3}\.[a-z][a-z0-9_]{0,39})?$",
        description="字段，如 photos 或者 items.0.photos",
    )
    name: str = Field(
        "",
        max_length=120,
        description="文件名；有个人信息的写在请求头 Content-Disposition 里（filename*=UTF-8''…），不写在这里",
    )
