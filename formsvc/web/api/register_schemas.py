"""Queries, requests and response bodies of registers (登记簿)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from formsvc.web.api.request_schemas import BodyPage, PageQuery
from formsvc.web.api.schemas import RequestModel, ResponseModel


class RowQuery(PageQuery):
    """登记簿的行的条件"""

    view: str = Field(
        "all",
        max_length=20,
        description="all 在册的，ended 已停用的，planned 尚未生效的，duplicates 疑似重复的，lacking 缺项的",
    )
    q: str = Field("", max_length=80, description="名称、拼音、编号等中的文字；查找个人的用 POST …/search")


class RowSearch(RequestModel):
    """登记簿的行的条件，在请求内容里"""

    view: str = Field("all", max_length=20, description="同 GET /registers/{register}/rows")
    q: str = Field("", max_length=80, description="名称、拼音、编号、电话等中的文字")
    page: BodyPage = 1


class RowRequest(RequestModel, title="RegisterRowNew"):
    """新增的一行"""

    values: dict[Annotated[str, Field(max_length=40)], Any] = Field(
        description="列 → 内容；编号可以不写，由系统给"
    )
    reason: str = Field("", max_length=500, description="理由或者依据")
    day: str = Field("", max_length=10, description="自哪一天起；不写则今天")
    accepted: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=50, description="核对过不是同一个的行（id），它们疑似重复"
    )


class RowChangeRequest(RowRequest, title="RegisterRowChange"):
    """对一行的修改，只写要改的列"""

    seen: str = Field("", max_length=20, description="读到的 entry；这一行后来有人改过的，拒绝")


class RegisterItem(ResponseModel):
    """一本登记簿"""

    id: str
    title: str
    summary: str
    columns: list[dict[str, Any]] = Field(description="各列：key、label、kind、required")
    editable: bool = Field(description="您可以新增、修改")


class RegisterItems(ResponseModel, title="Registers"):
    """各本登记簿"""

    items: list[RegisterItem]


class RowItem(ResponseModel, title="RegisterRow"):
    """登记簿的一行"""

    id: str
    key: str = Field(description="编号")
    name: str
    state: str = Field(description="current 在册，ended 已停用，planned 尚未生效")
    since: str = Field(description="现在的内容自哪一天起")
    entry: str = Field(description="最近一次写入的编号，修改时作为 seen 送回")
    values: dict[str, Any] = Field(description="列 → 内容；没有 personal 权限的，个人信息已脱敏")


class RowList(ResponseModel, title="RegisterRows"):
    """登记簿的一页行"""

    items: list[RowItem]
    total: int
    page: int
    pages: int
