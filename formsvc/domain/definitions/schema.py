"""Pydantic models and JSON Schema of a form definition."""

from __future__ import annotations

import json
from typing import Any, Literal

import pydantic
from pydantic import ConfigDict

from formsvc.domain import laws
from formsvc.domain.definitions.strict_model import StrictModel
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.life.schema import Life

Mode = Literal["M0", "M1", "M2", "M3"]
_SCHEMA_ADDRESS = "本格式的 JSON Schema，供编辑器补全和提示"
ActType = Literal["inspect", "order", "penalty", "entrust", "other"]
Style = Literal["enforcement", "official", "serial", "none"]
DocumentFormat = Literal["F-DOC", "F-LET", "F-PUB", "F-MIN", "F-ENF", "F-FORM", "F-AGR"]
IssuerKind = Literal[
    "fire_brigade",
    "township",
    "subdistrict",
    "enforcement_team",
    "county",
    "dev_zone",
    "county_dept",
    "coordination",
    "station",
    "police_station",
    "party_committee",
    "village",
]


class NumberingRules(StrictModel):
    """Numbering (编号) of a form's acts; the series is configured per authority."""

    style: Style = pydantic.Field(description="enforcement 执法文书编号，official 公文编号，none 不编号")
    genre: str = pydantic.Field("", max_length=20, description="默认文种字，如 消限")
    digits: int | None = pydantic.Field(
        None,
        ge=1,
        le=9,
        description="serial 流水号（如 东消巡〔2026〕00001）补零到几位，系列的位数须相同；不写则由系列决定",
    )

    @property
    def is_numbered(self) -> bool:
        return self.style != "none"


class CertifiedOfficers(StrictModel):
    """The table of certified officers (执法人员), and how many the law requires."""

    field: str = pydantic.Field(description="执法人员的明细，有 name、cert_no 两列")
    minimum: int = pydantic.Field(2, ge=1, le=20, description="至少几人")
    law: str = pydantic.Field(laws.OFFICERS_ARTICLE, description="依据哪一条")
    modes: list[Mode] = pydantic.Field([], description="哪些权限模式要求持证执法人员；空：都要求")


class Dates(StrictModel):
    """Days of the act other than its date."""

    acts_on: list[str] = pydantic.Field([], description="证件、委托必须覆盖这些日期字段（制作日期总在内）")


class ForbiddenWords(StrictModel):
    """Words that neither the answers nor the template may contain."""

    words: list[str] = pydantic.Field(min_length=1, description="不得出现的词")
    message: str = pydantic.Field(min_length=1, max_length=200, description="出现时的提示；{word} 为出现的词")
    remedy: str = pydantic.Field("", description="怎样改正")
    law: str = pydantic.Field("", description="依据哪一条")


class WordList(StrictModel):
    """A list of words of lookup ``wordlists``, and where it looks."""

    name: str = pydantic.Field(description="词表：代码表 wordlists 中的一项")
    fields: list[str] = pydantic.Field(
        description="查哪些填写的内容；明细的列写作 hazards.measure；空的只查模板的字句"
    )
    template: bool = pydantic.Field(True, description="模板固定的字句也查；书名号内、引用的条文总不查")


class ServiceFields(StrictModel):
    """Fields of a receipt (送达回证) that record the service."""

    document: str = pydantic.Field(description="被送达文书：引用字段")
    method: str = pydantic.Field(description="送达方式")
    at: str = pydantic.Field(description="送达时间")
    receiver: str = pydantic.Field("", description="签收人")
    relation: str = pydantic.Field("", description="签收人与受送达人的关系")
    place: str = pydantic.Field("", description="送达地点")
    servers: str = pydantic.Field("", description="送达人：有 name 列的明细")
    note: str = pydantic.Field("", description="拒收事由、见证人等说明")
    documents: str = pydantic.Field("", description="一并送达的文书：有 ref（文号）列的明细")
    outcome: str = pydantic.Field("", description="送达结果：单选")
    served: str = pydantic.Field("", description="送达结果中的哪一项是已送达；没有填的也是")


class PaperCopy(StrictModel):
    """A copy of the document that differs from the others."""

    title: str = pydantic.Field(min_length=1, max_length=20, description="这一联的名称，如 交当事人、附卷")
    count: int = pydantic.Field(1, ge=1, le=20, description="打印几份")


class JointIssue(StrictModel):
    """Further bodies that sign a document (联合行文) with the first."""

    field: str = pydantic.Field(description="联合行文的其他机关：明细，一行一个机关")
    name: str = pydantic.Field("name", description="机关全称所在的列：文字")
    kinds: list[str] = pydantic.Field([], description="可以联合行文的机关类别；空：与 issuer_kinds 相同")
    signed_first: list[str] = pydantic.Field([], description="署名排在主办机关前面的机关类别")


class Confidentiality(StrictModel):
    """Restricted visibility: readers besides those who decide."""

    readers: str = pydantic.Field(
        "", description="知悉人：写姓名的文字、人员字段，或者有 name 列的明细；空：没有"
    )


class VariantCase(StrictModel):
    """Differences of a kind where the field has one value."""

    when: str = pydantic.Field(min_length=1, description="字段的值（选项的代码）")
    title: str = pydantic.Field("", max_length=60, description="文书名称；不写则与定义的相同")
    template: str = pydantic.Field(
        "", pattern=r"^([^/\\]+\.docx)?$", description="Word 模板文件名；不写则与定义的相同"
    )
    format: DocumentFormat | None = pydantic.Field(
        None, description="版式，scaffold --variant 用它起草；不写则与定义的相同"
    )
    genre: str = pydantic.Field("", max_length=20, description="文种，编进写明这一文种的系列")


class Variants(StrictModel):
    """Variants of one kind, chosen by the value of a field."""

    field: str = pydantic.Field(description="按哪个单选字段区分")
    cases: list[VariantCase] = pydantic.Field(min_length=1, description="各种情形；没有列出的值按定义本身")


class Rule(StrictModel):
    """Check that must be true.

    With ``each`` it is made for every row, with ``row`` and ``index`` bound.
    """

    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="核对的编号，一份定义里不重复")
    check: str = pydantic.Field(description="表达式：结果为 true 即符合")
    message: str = pydantic.Field(min_length=1, description="不符合时的说明；花括号里可写表达式")
    remedy: str = pydantic.Field("", description="怎样改正")
    field: str = pydantic.Field("", description="提示落在哪个字段；明细的列写作 hazards.deadline")
    law: str = pydantic.Field("", description="依据哪一条，写在提示里")
    level: Literal["error", "notice"] = pydantic.Field(
        "error", description="error 不符合不能提交，notice 只提示"
    )
    each: str = pydantic.Field("", description="逐行检查哪一个明细")


class Include(StrictModel):
    """Inclusion of a field group, with changes to its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    include: str = pydantic.Field(pattern=r"^@[A-Z][A-Z0-9]{0,9}$", description="公共字段组，如 @PTY")
    required: bool | str | None = pydantic.Field(None, description="改写整组的必填条件")
    changes: dict[str, dict[str, Any]] = pydantic.Field(
        default_factory=dict, alias="with", description="改写组内某个字段的属性：字段名 → 属性"
    )


class SectionSource(StrictModel):
    """A section before its groups are filled in."""

    title: str = pydantic.Field(min_length=1, max_length=40, description="这一节的标题")
    hint: str = pydantic.Field("", description="这一节的填写提示")
    fields: list[str | Include | Field] = pydantic.Field(min_length=1, description="字段，或公共字段组“@PTY”")


class FieldGroup(StrictModel):
    """Fields and rules that several forms share (公共字段组)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    schema_address: str = pydantic.Field("", alias="$schema", description=_SCHEMA_ADDRESS)
    id: str = pydantic.Field(description="公共字段组的编号，与文件名相同，如 PTY，引入时写 @PTY")
    title: str = pydantic.Field(description="公共字段组的名称")
    fields: list[Field] = pydantic.Field(description="字段，引入时成为所在一节的字段")
    rules: list[Rule] = pydantic.Field([], description="随字段一起引入的核对")
    word_lists: list[WordList] = pydantic.Field([], description="随字段一起引入的词表")


class LookupEntry(pydantic.BaseModel):
    """One entry of a lookup; expressions read any of its keys by name."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    code: str = pydantic.Field(description="代码，保存在填写的内容里，启用以后不改")
    name: str = pydantic.Field("", description="名称，供选择")
    short: str = pydantic.Field("", description="简称，印在文书上；不写则印名称")
    status: str = pydantic.Field("", description="sure 已核，likely 业内通行，check 启用前须核定")
    source: str = pydantic.Field("", description="来源")
    law: str = pydantic.Field("", description="依据哪一条")
    sentence: Any = pydantic.Field(None, description="权限依据句，{…} 处填入机关、文号")
    text: Any = pydantic.Field(None, description="救济告知的文字，{…} 处填入机关")
    value: Any = pydantic.Field(None, description="口径的值")
    penalty: Any = pydantic.Field(None, description="罚则")
    provisions: Any = pydantic.Field(None, description="违反的条款：[条, 款, 项]")
    penalty_provisions: Any = pydantic.Field(None, description="罚则的条款：[条, 款, 项]")
    disposition: Any = pydantic.Field(None, description="通常怎样处置")
    fix: Any = pydantic.Field(None, description="通常怎样改正：立即、限期")
    note: Any = pydantic.Field(None, description="说明")
    group: Any = pydantic.Field(None, description="分组")
    results: Any = pydantic.Field(None, description="可以填的结果")
    passing: Any = pydantic.Field(None, description="哪些结果是符合")
    v_codes: Any = pydantic.Field(None, description="对应的违法行为代码")
    applies_to: Any = pydantic.Field(None, description="适用于哪些单位、场所；不写则都适用")
    transfer: Any = pydantic.Field(None, description="是否应移送")
    suggest: Any = pydantic.Field(None, description="各结果建议的处置")
    version: Any = pydantic.Field(None, description="版本或者施行日期")
    articles: Any = pydantic.Field(None, description="条号是否核定：check 尚未")
    level: Any = pydantic.Field(None, description="行政区划的级别")
    aliases: Any = pydantic.Field(None, description="别名")
    fictitious: Any = pydantic.Field(None, description="虚构的示例，启用前换掉")


class Lookup(StrictModel):
    """A lookup (代码表): entries that fields offer and expressions read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    schema_address: str = pydantic.Field("", alias="$schema", description=_SCHEMA_ADDRESS)
    id: str = pydantic.Field(description="代码表的编号，与文件名相同，字段的 lookup 和表达式用它")
    title: str = pydantic.Field("", description="代码表的名称")
    source: str = pydantic.Field("", description="来源、核对到哪一天")
    entries: list[LookupEntry] = pydantic.Field(description="各项；除下列以外，可以有表达式要用的其他内容")


class HelpTopic(StrictModel):
    """A text of the help page, which fields link to."""

    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="字段的 help 写它")
    title: str = pydantic.Field(min_length=1, max_length=60, description="标题")
    text: str = pydantic.Field(min_length=1, max_length=5000, description="内容，空一行另起一段")


class DefinitionHeader(StrictModel):
    """A definition without its sections, rules and example."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    schema_address: str = pydantic.Field("", alias="$schema", description=_SCHEMA_ADDRESS)
    id: str = pydantic.Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$", description="表单编号，如 T22")
    title: str = pydantic.Field(min_length=2, max_length=60, description="文书名称")
    family: str = pydantic.Field("", max_length=20, description="分组，如 D")
    format: DocumentFormat = pydantic.Field("F-ENF", description="版式")
    template: str = pydantic.Field(pattern=r"^[^/\\]+\.docx$", description="Word 模板文件名")
    summary: str = pydantic.Field("", max_length=200, description="一句话用途")
    help: list[HelpTopic] = pydantic.Field([], max_length=50, description="填写说明，字段用 help 链接到")
    subject: str = pydantic.Field("", description="列表中显示为当事人（对象）的字段")
    due: str = pydantic.Field("", description="作为期限提醒的日期字段")
    numbering: NumberingRules = pydantic.Field(description="怎样编号")
    modes: list[Mode] = pydantic.Field([], description="可用的权限模式；空：不分模式；只有一种的不必有 @AUTH")
    issuer_kinds: list[IssuerKind] = pydantic.Field([], description="哪些机关可以制发；空：不限")
    certified_officers: CertifiedOfficers | None = pydantic.Field(None, description="持证执法人员的明细")
    act_type: ActType = pydantic.Field(
        "other", description="inspect 检查，order 责令，penalty 处罚，entrust 委托，other 其他"
    )
    legal_review: bool = pydantic.Field(False, description="默认先经法制审核；本单位可在“审核和签发”中改")
    review_law: str = pydantic.Field(
        "", max_length=200, description="法律要求法制审核的条款；写了的，本单位不能取消审核"
    )
    approval: bool = pydantic.Field(True, description="须签发；false：提交后即可记录，如送达回证")
    forbidden_words: list[ForbiddenWords] = pydantic.Field([], description="填写内容和成文中不得出现的词")
    word_lists: list[WordList] = pydantic.Field([], description="哪些内容不得出现哪些词表中的词")
    serves: ServiceFields | None = pydantic.Field(
        None, description="送达回证：记录后，被送达的文书即为已送达"
    )
    variants: Variants | None = pydantic.Field(
        None, description="一种文书的几种样式：名称、模板、版式、文种由一个字段决定"
    )
    copies: list[PaperCopy] = pydantic.Field([], max_length=9, description="不同的各联，第一联是正本")
    joint_issue: JointIssue | None = pydantic.Field(
        None, description="联合行文：其他机关写在哪里；文号用主办机关的"
    )
    confidential: Confidentiality | None = pydantic.Field(
        None, description="限定知悉范围：只有起草人、本机关的审核人和签发人、写明的知悉人能看到"
    )
    dates: Dates = pydantic.Field(
        default_factory=lambda: Dates(acts_on=[]), description="制作日期以外的办理日期"
    )
    life: Life | None = pydantic.Field(None, description="此后怎样办：期限、后续文书、送达、效力")


class DefinitionSource(DefinitionHeader):
    """A whole definition as its file holds it."""

    sections: list[SectionSource] = pydantic.Field(min_length=1, description="各节和其中的字段")
    rules: list[Rule] = pydantic.Field([], description="跨字段的核对")
    example: dict[str, Any] = pydantic.Field(default_factory=dict, description="填写样例，check 用它试填")


# Names under ``$defs`` of the published schema: other people's editors and schemas may refer to them.
_PUBLISHED_NAMES = {"NumberingRules": "Numbering", "ForbiddenWords": "Words", "ServiceFields": "Service"}


def format_schema() -> dict[str, Any]:
    """Return the JSON Schema of a form definition, for editors."""
    text = json.dumps(DefinitionSource.model_json_schema(by_alias=True))
    for name, published in _PUBLISHED_NAMES.items():
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{published}"')
    schema: dict[str, Any] = json.loads(text)
    schema["$defs"] = {
        _PUBLISHED_NAMES.get(name, name): model
        for name, model in sorted(
            schema["$defs"].items(), key=lambda item: _PUBLISHED_NAMES.get(item[0], item[0])
        )
    }
    return _published(schema, "表单定义")


def group_schema() -> dict[str, Any]:
    """Return the JSON Schema of a field group, for editors."""
    return _published(FieldGroup.model_json_schema(by_alias=True), "公共字段组")


def lookup_schema() -> dict[str, Any]:
    """Return the JSON Schema of a lookup, for editors."""
    return _published(Lookup.model_json_schema(by_alias=True), "代码表")


def _published(schema: dict[str, Any], title: str) -> dict[str, Any]:
    for model in (schema, *schema["$defs"].values()):
        # pydantic takes these from the English class and field names
        model.pop("description", None)
        for described in (model, *model.get("properties", {}).values()):
            described.pop("title", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = title
    if "Field" in schema["$defs"]:
        schema["$defs"]["Field"]["properties"]["kind"]["enum"] = list(FIELD_TYPES)
    return schema
