"""What goes in and out of the API, as models: they check requests, write answers, and describe both."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pydantic
from pydantic import ConfigDict, Field

from formsvc.domain.acts.act import State
from formsvc.domain.json_types import JSON
from formsvc.usecases.acts.serving import METHODS
from formsvc.web.problem_details import FieldError

Answers = Annotated[
    dict[str, JSON],
    Field(
        description='填报内容：{"字段": 值}；字段见 GET /forms/{form} 的 schema，日期写 2026-11-23，时间写 2026-11-23T09:30'
    ),
]
FormId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$", description="文书种类，如 T22")]
ActId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="文书的编号（id）")]
Comment = Annotated[str, Field(max_length=1000, description="意见；退回时必须写明理由")]
Nothing = Literal[""]
States = Literal["draft", "submitted", "reviewed", "approved", "issued", "served", "void"]
assert set(States.__args__) == {state.value for state in State}  # type: ignore[attr-defined]


def _whole(given: Any) -> Any:
    """JSON has one kind of number: 2.0 is a whole one."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


class Sent(pydantic.BaseModel):
    """A request; unknown items are refused by name."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Asked(pydantic.BaseModel):
    """Parameters of an address; an empty one asks for nothing."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class Told(pydantic.BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")


# Requests ------------------------------------------------------------------------------------------------


class NewAct(Sent):
    """新建文书"""

    form: FormId
    data: Answers
    submit: bool = Field(False, description="true：同时提交审核，有差错则什么也不保存；false：保存为草稿")
    source: ActId | None = Field(
        None, description="据哪一件文书制作；能带出的内容由它带出，data 中写明的为准"
    )


class NewData(Sent):
    """草稿的新内容（全部）"""

    data: Answers


class Trial(Sent):
    """试填"""

    data: Answers
    source: ActId | None = Field(None, description="据哪一件文书制作")


class Review(Sent):
    """审核"""

    decision: Literal["pass", "return"] = Field(description="pass 通过；return 退回修改")
    comment: Comment = ""


class Approval(Sent):
    """签发"""

    decision: Literal["approve", "return"] = Field(description="approve 签发；return 退回修改")
    comment: Comment = ""


class Issue(Sent):
    """编号制发"""

    backfill_reason: str = Field("", max_length=500, description="补录的理由；当年当日编号的不写")


class TakeBlank(Sent):
    """用已领用的文号编号"""

    number: str = Field(min_length=1, max_length=80, description="领用而没有核销的文号，写全")


class Void(Sent):
    """作废"""

    reason: str = Field(max_length=500, description="作废的理由")
    approver: str = Field("", max_length=40, description="批准人；不写就是办理作废的人")
    stage: str = Field(
        "", max_length=20, description="文书所处的阶段：未用印、已用印未送达；已送达的不能作废"
    )
    collected: bool = Field(False, description="各联是否已经收齐")
    replaced_by: str = Field("", max_length=80, description="另制的文书的文号")


class Prints(Sent):
    """登记打印"""

    copies: Annotated[int, Field(ge=1, le=99, description="份数"), pydantic.BeforeValidator(_whole)]


class Service(Sent):
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


class Follow(Sent):
    """据此制作"""

    form: FormId


class PageAsked(Asked):
    """翻页"""

    page: Annotated[int, Field(ge=1, le=100_000)] | Nothing = Field(1, description="第几页，每页 50 项")

    @property
    def number(self) -> int:
        """The page asked for."""
        return self.page if isinstance(self.page, int) else 1


class ActsAsked(PageAsked):
    """文书列表的条件"""

    form: FormId | Nothing = Field("", description="文书种类")
    state: States | Nothing = Field("", description="状态")
    q: str = Field("", max_length=80, description="文号、标题、当事人中的文字")
    since: date | Nothing = Field("", alias="from", description="成文日期不早于")
    until: date | Nothing = Field("", alias="to", description="成文日期不晚于")


class NumbersAsked(PageAsked):
    """号簿的条件"""

    series: str = Field("", max_length=64, description="文号系列；不写则全部")
    year: Annotated[int, Field(ge=1900, le=2200)] | Nothing = Field("", description="年份；不写则今年")


class UploadAsked(Asked):
    """附件放在哪里"""

    field: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}(\.\d{1,3}\.[a-z][a-z0-9_]{0,39})?$",
        description="字段，如 photos 或者 items.0.photos",
    )
    name: str = Field("", max_length=120, description="文件名")


# Answers -------------------------------------------------------------------------------------------------


class Notice(Told):
    """提示"""

    field: str
    message: str


class ActTold(Told):
    """一件文书"""

    id: str = Field(description="编号（id）")
    form: str = Field(description="文书种类")
    title: str = Field(description="文书名称")
    state: States = Field(description="状态")
    state_name: str = Field(description="状态的中文名称")
    version: int = Field(description="版本，也是 ETag")
    number: str = Field(description="文号；没有编号的为空")
    authority: str = Field(description="发文机关的编号")
    party: str = Field(description="当事人")
    dated: str = Field(description="成文日期")
    due: str = Field(description="期限")
    drafter: str = Field(description="起草人的登录名")
    source: str = Field(description="据以制作的文书")
    created_at: str
    updated_at: str
    issued_at: str
    returned_note: str = Field(description="退回的理由")
    void_reason: str = Field(description="作废的理由")
    prints: int = Field(description="已打印份数")
    service: dict[str, JSON] = Field(description="送达情况")
    allowed: list[str] = Field(description="您现在可以办的事")


class ActWhole(ActTold):
    """一件文书和它的内容"""

    data: dict[str, JSON] = Field(
        description="填报内容；个人信息的原文只在查看（GET）和自己的草稿中，令牌还须有 personal 范围，否则只显示一部分"
    )
    documents: dict[str, str] = Field(description="正式文件的 SHA-256：pdf、docx")
    errors: list[FieldError] = Field(description="草稿还有哪些地方需要更正；提交之后为空")
    notices: list[Notice] = Field(description="提示，不妨碍提交")


class ActList(Told):
    """一页文书"""

    items: list[ActTold]
    total: int
    page: int
    pages: int


class TrialTold(Told):
    """试填的结果"""

    sound: bool = Field(description="能否提交")
    data: dict[str, JSON] = Field(description="规范后的内容，包括算出的字段")
    visible: list[str] = Field(description="现在要填的字段")
    required: list[str] = Field(description="现在必填的字段")
    errors: list[FieldError]
    notices: list[Notice]


class FormTold(Told):
    """一种文书"""

    id: str
    title: str
    family: str
    summary: str
    revision: str = Field(description="表单版本")
    legal_review: bool = Field(description="是否先经法制审核")
    numbered: bool = Field(description="是否编号")


class FormWhole(FormTold):
    """一种文书和它的字段"""

    schema_: dict[str, JSON] = Field(
        serialization_alias="schema", description="填报内容的 JSON Schema（2020-12）"
    )
    definition: dict[str, JSON] = Field(description="表单定义全文")
    example: dict[str, JSON] = Field(description="填写示例")


class FormList(Told):
    """文书目录"""

    items: list[FormTold]


class EventTold(Told):
    """经过中的一件事"""

    id: str
    kind: str
    name: str = Field(description="中文名称")
    at: str
    by: str
    by_name: str
    via: str = Field(description="web 网页，api 接口，console 控制台")
    note: str


class History(Told):
    """经过"""

    items: list[EventTold]


class PrintTold(Told):
    """一次打印"""

    at: str
    by: str
    by_name: str
    copies: int


class PrintList(Told):
    """打印记录"""

    items: list[PrintTold]
    copies: int = Field(description="共打印份数")


class NumberTold(Told):
    """一个文号"""

    number: str
    series: str
    year: int
    n: int
    state: str = Field(description="issued 已用，void 作废，reserved 预留……")
    act_id: str
    title: str
    party: str
    dated: str
    at: str
    by: str
    reason: str


class SeriesTold(Told):
    """一个文号系列在一年中"""

    id: str
    prefix: str
    authority: str
    year: int
    next: str = Field(description="下一个文号")
    unexplained: list[str] = Field(description="没有解释的空号")


class NumberList(Told):
    """号簿"""

    items: list[NumberTold]
    series: list[SeriesTold]
    total: int
    page: int
    pages: int


class TaskTold(Told):
    """待办"""

    waiting: list[ActTold] = Field(description="等您审核、签发、编号的")
    drafts: list[ActTold] = Field(description="您的草稿")
    due: list[ActTold] = Field(description="三十日内到期的")


class MeTold(Told):
    """令牌和它的主人"""

    account: str
    display_name: str
    office: str
    roles: dict[str, list[str]]
    token: str = Field(description="令牌的名称")
    scopes: list[str]
    expires_at: str
    limit: int = Field(description="每分钟请求数")


class FileTold(Told):
    """附件"""

    name: str
    sha256: str
    size: int
    mime: str
    act: ActWhole


class Described(pydantic.RootModel[dict[str, JSON]]):
    """OpenAPI 3.1"""
