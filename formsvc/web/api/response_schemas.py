"""Response bodies of the API: acts, forms, numbers, events."""

from __future__ import annotations

import pydantic
from pydantic import Field

from formsvc.domain.json_types import JSON
from formsvc.web.api.schemas import ResponseModel, States
from formsvc.web.problem_details import FieldError


class NoticeItem(ResponseModel, title="Notice"):
    """提示"""

    field: str
    message: str


class ActSummary(ResponseModel, title="ActTold"):
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


class CopyItem(ResponseModel):
    """一联"""

    title: str = Field(description="这一联的名称，如 附卷")
    count: int = Field(description="应当打印几份")
    pdf: str = Field(description="PDF 的 SHA-256")
    docx: str = Field(description="Word 的 SHA-256")


class ActDetail(ActSummary, title="ActWhole"):
    """一件文书和它的内容"""

    data: dict[str, JSON] = Field(
        description="填报内容；个人信息的原文只在查看（GET）和自己的草稿中，令牌还须有 personal 范围，否则只显示一部分"
    )
    documents: dict[str, str] = Field(description="正式文件的 SHA-256：pdf、docx")
    copies: list[CopyItem] = Field(
        description="各联内容不同的（如附卷的一份带签收栏），逐联的文件；没有不同的为空"
    )
    errors: list[FieldError] = Field(description="草稿还有哪些地方需要更正；提交之后为空")
    notices: list[NoticeItem] = Field(description="提示，不妨碍提交")


class ActList(ResponseModel):
    """一页文书"""

    items: list[ActSummary]
    total: int
    page: int
    pages: int


class TrialResult(ResponseModel, title="TrialTold"):
    """试填的结果"""

    sound: bool = Field(description="能否提交")
    data: dict[str, JSON] = Field(description="规范后的内容，包括算出的字段")
    visible: list[str] = Field(description="现在要填的字段")
    required: list[str] = Field(description="现在必填的字段")
    errors: list[FieldError]
    notices: list[NoticeItem]


class FormSummary(ResponseModel, title="FormTold"):
    """一种文书"""

    id: str
    title: str
    family: str
    summary: str
    revision: str = Field(description="表单版本")
    legal_review: bool = Field(description="是否先经法制审核")
    numbered: bool = Field(description="是否编号")


class FormDetail(FormSummary, title="FormWhole"):
    """一种文书和它的字段"""

    schema_: dict[str, JSON] = Field(
        serialization_alias="schema", description="填报内容的 JSON Schema（2020-12）"
    )
    definition: dict[str, JSON] = Field(description="表单定义全文")
    example: dict[str, JSON] = Field(description="填写示例")


class FormList(ResponseModel):
    """文书目录"""

    items: list[FormSummary]


class EventItem(ResponseModel, title="EventTold"):
    """经过中的一件事"""

    id: str
    kind: str
    name: str = Field(description="中文名称")
    at: str
    by: str
    by_name: str
    via: str = Field(description="web 网页，api 接口，console 控制台")
    note: str


class EventList(ResponseModel, title="History"):
    """经过"""

    items: list[EventItem]


class PrintItem(ResponseModel, title="PrintTold"):
    """一次打印"""

    at: str
    by: str
    by_name: str
    copies: int


class PrintList(ResponseModel):
    """打印记录"""

    items: list[PrintItem]
    copies: int = Field(description="共打印份数")


class NumberItem(ResponseModel, title="NumberTold"):
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


class SeriesItem(ResponseModel, title="SeriesTold"):
    """一个文号系列在一年中"""

    id: str
    prefix: str
    authority: str
    year: int
    next: str = Field(description="下一个文号")
    unexplained: list[str] = Field(description="没有解释的空号")


class NumberList(ResponseModel):
    """号簿"""

    items: list[NumberItem]
    series: list[SeriesItem]
    total: int
    page: int
    pages: int


class TaskList(ResponseModel, title="TaskTold"):
    """待办"""

    waiting: list[ActSummary] = Field(description="等您审核、签发、编号的")
    drafts: list[ActSummary] = Field(description="您的草稿")
    due: list[ActSummary] = Field(description="三十日内到期的")


class TokenDetail(ResponseModel, title="MeTold"):
    """令牌和它的主人"""

    account: str
    display_name: str
    office: str
    roles: dict[str, list[str]]
    token: str = Field(description="令牌的名称")
    scopes: list[str]
    expires_at: str
    limit: int = Field(description="每分钟请求数")


class SessionToken(ResponseModel):
    """短期令牌"""

    token: str = Field(description="令牌，写在以后各个请求的 Authorization 里；只给出这一次")
    scopes: list[str]
    expires_at: str


class AttachmentDetail(ResponseModel, title="FileTold"):
    """附件"""

    name: str
    sha256: str
    size: int
    mime: str
    act: ActDetail


class OpenAPIDocument(pydantic.RootModel[dict[str, JSON]], title="Described"):
    """OpenAPI 3.1"""
