"""One field of a definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic
from pydantic import ConfigDict, PrivateAttr

from formsvc.domain.fields.checklist import Checklist
from formsvc.domain.fields.options.source import OptionSource

KEY_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
# roles.py says which key and which kinds belong to each
RoleName = Literal[
    "issuer",
    "date",
    "drafter",
    "approver",
    "copies",
    "mode",
    "entrustment",
    "empowerment",
    "authority",
    "agent",
    "matters",
    "party",
    "party_type",
    "party_address",
    "place",
    "place_nature",
    "remedy",
    "violation",
    "measure",
    "law",
    "basis",
    "name",
    "certificate",
    "certificate_until",
    "organization",
    "job_title",
    "document",
]


@dataclass(frozen=True)
class Option:
    """A choice: its stored code, its name on the page and in print."""

    code: str
    name: str
    printed: str


class CountedDocuments(pydantic.BaseModel):
    """Documents of a party in this year, counted where a row is offered."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    form: str = pydantic.Field(description="哪种文书，如 T15")
    text: str = pydantic.Field(max_length=40, description="怎样说，{n} 为件数，如 本年查过{n}次")


class OverdueRows(pydantic.BaseModel):
    """Rows of another register about the same party whose day is over."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    register_name: str = pydantic.Field(alias="register", description="哪本登记簿，如 hazards")
    columns: dict[str, str] = pydantic.Field(min_length=1, description="它的列 → 名录的列，须相同")
    day: str = pydantic.Field(description="它的期限列")
    closed: dict[str, list[str]] = pydantic.Field({}, description="它的列 → 哪些内容是已经办结")
    text: str = pydantic.Field(max_length=40, description="怎样说，{n} 为行数，如 {n}条隐患逾期")


class PickedContent(pydantic.BaseModel):
    """Content of a field that follows from the contents of a picked row."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    value: str = pydantic.Field(min_length=1, max_length=100, description="填入的内容")
    when: dict[str, list[str | bool]] = pydantic.Field(
        min_length=1, description="登记簿的列 → 内容，每一列都是其中之一时"
    )


class Pick(pydantic.BaseModel):
    """Register that a field is picked from; a row fills other fields too."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    register_name: str = pydantic.Field(alias="register", description="登记簿编号，如 objects")
    fields: dict[str, str] = pydantic.Field(min_length=1, description="表单字段 → 登记簿的列")
    contents: dict[str, list[PickedContent]] = pydantic.Field(
        {}, description="叫法与登记簿不同的字段 → 依次看哪一条符合，填入它的内容；都不符合的不填"
    )
    shown: list[str] = pydantic.Field([], max_length=4, description="名称以外还显示哪些列，如地址、负责人")
    kept: bool = pydantic.Field(False, description="新填的一家，提交以后提示存入登记簿")
    counted: CountedDocuments | None = pydantic.Field(None, description="本年的文书有几件")
    overdue: OverdueRows | None = pydantic.Field(None, description="逾期没有办结的有几行")


class Field(pydantic.BaseModel):
    """A field; ``required``, ``shown``, ``computed`` … hold expressions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    key: str = pydantic.Field(pattern=KEY_PATTERN, description="字段名：小写英文字母、数字、下划线")
    formerly: list[Annotated[str, pydantic.Field(pattern=KEY_PATTERN)]] = pydantic.Field(
        [],
        max_length=20,
        description="改名以前的字段名（列名）：较早的文书、草稿和外部程序用以前的名字写的，按这一项读取；文书原样不动",
    )
    label: str = pydantic.Field(min_length=1, max_length=60, description="页面上的中文名称")
    role: RoleName | None = pydantic.Field(
        None,
        description="这一项是什么（角色），系统据此核对；字段名是通用的（如 issuer_name）不用写，见 docs/field-kinds.md",
    )
    kind: str = pydantic.Field(description="字段类型，见 docs/field-kinds.md")
    required: bool | str = pydantic.Field(False, description="必填：true、false，或一条表达式")
    required_message: str = pydantic.Field(
        "", max_length=200, description="必填而未填时的提示；不写则用“请填写……”"
    )
    shown: str | None = pydantic.Field(None, description="何时出现：一条表达式；不写则总是出现")
    readonly: bool | str = pydantic.Field(
        False, description="不能改：true，或一条表达式（成立时不能改）；内容是初值、带出的内容或者以前填的"
    )
    computed: str | None = pydantic.Field(None, description="由系统计算：一条表达式")
    typed_when: str | None = pydantic.Field(
        None,
        description="由系统计算的项，何时改由人填写：一条表达式，如 is_outside(order_ref)（引用系统外的文书）",
    )
    default: str | None = pydantic.Field(None, description="新建时的初值：一条表达式")
    accept: list[Literal["jpg", "png", "webp", "pdf"]] | None = pydantic.Field(
        None, min_length=1, description="收哪些文件，按内容认，不看文件名；不写都收"
    )
    max_megabytes: float | None = pydantic.Field(
        None, gt=0, description="每个文件最多多少 MB；不写按系统的上限"
    )
    text: str = pydantic.Field("", max_length=2000, description="说明文字（note）的内容，空一行另起一段")
    help: str = pydantic.Field(
        "", max_length=40, description="填写说明：本定义 help 中的一条，输入框上面有链接"
    )
    hint: str = pydantic.Field("", max_length=300, description="填写提示")
    min: float | None = pydantic.Field(None, description="最少：字数、数值、行数、项数")
    max: float | None = pydantic.Field(None, description="最多：字数、数值、行数、项数")
    pattern: str | None = pydantic.Field(None, description="整段文字须符合的正则表达式")
    pattern_message: str = pydantic.Field("", max_length=200, description="不符合时的提示")
    choices: list[str] | None = pydantic.Field(None, min_length=1, description="可选项")
    lookup: str | None = pydantic.Field(None, description="可选项取自这份代码表")
    option_source: OptionSource | None = pydantic.Field(
        None, alias="options", description="可选项在填写时取自登记簿，或者由一条表达式得出"
    )
    columns: list[Field] | None = pydantic.Field(None, min_length=1, description="明细表的列")
    layout: Literal["table", "blocks"] | None = pydantic.Field(
        None, description="明细在页面上怎样排：table 一行一条，blocks 一条一块；不写的，列少而短的排成表"
    )
    total: list[str] | None = pydantic.Field(
        None,
        min_length=1,
        description="明细合计哪些列：数值相加，别的列数填了几项；表下显示，模板里是 字段名_total.列名",
    )
    each_of: str | None = pydantic.Field(
        None, description="明细逐行对应一列内容：一条得出数组的表达式；列的表达式里 item 为对应的一项"
    )
    checklist: Checklist | None = pydantic.Field(
        None, description="明细表在页面上按代码表的各项列成检查表：一项一行，结果点选"
    )
    refers_to: str | None = pydantic.Field(
        None,
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="引用哪一类文书，如 T15；几类写作 T21/T22",
    )
    carry: dict[str, str] | None = pydantic.Field(
        None, description="选定引用文书后带出：目标字段 → 表达式（source 为被引用文书的内容）"
    )
    pick: Pick | None = pydantic.Field(
        None, description="从登记簿选：输入几个字、拼音或者代码选一行，一行填好几项"
    )
    once: bool = pydantic.Field(False, description="一件被引用的文书只能据以制作一件本文书")
    law: str = pydantic.Field("", max_length=200, description="这一项的法律依据；未填或者不符时写在提示里")
    unit: str = pydantic.Field("", max_length=10, description="数值的单位")
    example: Any = pydantic.Field(None, description="填写示例")
    multiline: bool = pydantic.Field(False, description="页面上用多行输入框（内容仍为一段）")
    free: bool = pydantic.Field(False, description="人员可不在机关名册内")
    villages_only: bool = pydantic.Field(False, description="只列出本地的村、社区，名称前不带乡镇")
    keep_place: bool = pydantic.Field(False, description="留存照片自带的拍摄地点（经纬度）；不写的一律删去")
    personal: Literal["number", "phone", "address", "none"] | None = pydantic.Field(
        None,
        description="属于哪一类个人信息（证件号码、电话、住址）；身份证号、电话两类字段不用写；none 不是个人信息，如向社会公布的监督电话",
    )
    personal_when: str | None = pydantic.Field(None, description="何时属于个人信息：一条表达式；不写则总是")
    also: list[str] | None = pydantic.Field(None, description="除规定格式外也接受的词，如“无”")
    printed: bool | None = pydantic.Field(
        None,
        description="文书上是否必须印出：true 必须，false 不必；不写：本表自己的必填项必须，人员和引用除外",
    )

    # Not part of the definition's JSON: filled from the lookup on loading.
    _options: tuple[Option, ...] = PrivateAttr(default=())

    @property
    def options(self) -> tuple[Option, ...]:
        """The choices, from the field's own list or its lookup."""
        if self.choices is not None:
            return tuple(Option(word, word, word) for word in self.choices)
        return self._options

    @property
    def referable(self) -> tuple[str, ...]:
        """The forms a reference may point to: ``T21/T22`` names two."""
        return tuple((self.refers_to or "").split("/"))

    def set_options(self, options: tuple[Option, ...]) -> None:
        """Set the entries of the lookup; called once, on loading."""
        self._options = options

    def column(self, key: str) -> Field | None:
        return next((c for c in self.columns or () if c.key == key), None)
