"""WTForms classes of the administration pages; forms to records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, Optional, ValidationError

from formsvc.domain.authorities import AUTHORITY_KIND_NAMES
from formsvc.domain.json_types import Record
from formsvc.domain.numbering.document_number import NumberStyle
from formsvc.errors import Problem

STYLE_NAMES = {
    NumberStyle.ENFORCEMENT.value: _l("执法文书：绥北（东）消限字〔2026〕第0001号"),
    NumberStyle.OFFICIAL.value: _l("公文：北消安办〔2026〕1号"),
    NumberStyle.SERIAL.value: _l("流水号：东消巡〔2026〕00001"),
    NumberStyle.SERIAL_NUMBER.value: _l("流水号，带“号”：东网聘〔2026〕001号"),
}
ACT_TYPE_NAMES = {"inspect": _l("行政检查"), "order": _l("责令改正"), "penalty": _l("行政处罚")}
# codes are stored, and compared with what an entrustment made here says
AGAINST_NAMES = {"": _l("没有写明"), "单位": _l("单位"), "个人": _l("个人"), "单位和个人": _l("单位和个人")}
SPARE_ROWS = 2
_SEPARATORS = re.compile(r"[、，,；;\s]+")


class WordListField(Field):  # type: ignore[misc]
    """A list of words in one line, separated by 、 or other punctuation."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [word for word in _SEPARATORS.split("".join(valuelist)) if word]

    @property
    def text(self) -> str:
        return "、".join(self.data or ())


def _text(label: Any, hint: Any = "", **options: Any) -> Any:
    return StringField(label, description=hint, filters=[lambda text: (text or "").strip()], **options)


def _day(label: Any, hint: Any = "", *, optional: bool = False) -> Any:
    keys = {"type": "date"} | ({"optional": True} if optional else {})
    return _text(label, hint, render_kw=keys)


def as_choices(pairs: Iterable[tuple[str, Any]]) -> list[Any]:
    return [SelectChoice(code, name) for code, name in pairs]


# validate_choice=False: WTForms' message would be English, and the use case refuses unknown values itself
def _choice(label: Any, hint: Any = "", pairs: Iterable[tuple[str, Any]] = (), **options: Any) -> Any:
    return SelectField(label, description=hint, validate_choice=False, choices=as_choices(pairs), **options)


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Checkboxes with a Chinese message for values that are not offered."""

    def pre_validate(self, form: Any) -> None:
        offered = {value for value, *_rest in self.iter_choices()}
        if not offered.issuperset(self.data or ()):
            raise ValidationError(_("所选的不在可选之列，请重新选择。"))


def _checkboxes(label: Any, hint: Any = "") -> Any:
    return CheckboxesField(label, description=hint, choices=[])


def _rows(label: Any, hint: Any = "", **columns: Any) -> Any:
    return FieldList(FormField(_class_of("Row", Form, columns), separator="-"), label, description=hint)


def _class_of(name: str, base: type, fields: Mapping[str, Any]) -> Any:
    return type(name, (base,), dict(fields))


# For the template, which marks the field as optional
OPTIONAL: dict[str, Any] = {"render_kw": {"optional": True}}

OfficeForm = _class_of("OfficeForm", FlaskForm, {"name": _text(_l("单位名称"), _l("与印章一致的全称"))})

AuthorityForm = _class_of(
    "AuthorityForm",
    FlaskForm,
    {
        "name": _text(_l("机关全称"), _l("与印章一致，印在文书上")),
        "kind": _choice(
            _l("机关类别"), pairs=[(kind.value, name) for kind, name in AUTHORITY_KIND_NAMES.items()]
        ),
        "short": _text(_l("简称"), **OPTIONAL),
        "code": _text(_l("机关代字"), _l("如：北消安办"), **OPTIONAL),
        "credit_code": _text(_l("统一社会信用代码"), **OPTIONAL),
        "region": _text(_l("区划代码"), _l("六位或者九位数字"), **OPTIONAL),
        "head": _text(_l("主要负责人"), **OPTIONAL),
        "head_title": _text(_l("主要负责人职务"), **OPTIONAL),
        "review_organ": _text(_l("复议机关"), _l("写入救济告知"), **OPTIONAL),
        "court": _text(_l("管辖法院"), _l("写入救济告知"), **OPTIONAL),
        "assign_doc": _text(_l("赋权决定文号"), _l("省级决定的文号，没有赋权的不填"), **OPTIONAL),
        "people": _rows(
            _l("承办人和签发人"),
            _l("可以作为承办人、签发人印在本机关文书上的人"),
            name=_text(_l("姓名")),
            title=_text(_l("职务")),
        ),
    },
)

OfficerForm = _class_of(
    "OfficerForm",
    FlaskForm,
    {
        "name": _text(_l("姓名")),
        "cert_no": _text(_l("执法证号")),
        "org": _text(_l("所在单位")),
        "valid_from": _day(_l("证件起始日")),
        "valid_to": _day(_l("证件截止日")),
        "active": BooleanField(_l("在岗，可以列为执法人员"), default=True),
    },
)

SeriesForm = _class_of(
    "SeriesForm",
    FlaskForm,
    {
        "authority": _choice(_l("发文机关"), _l("以谁的名义；委托的选委托机关")),
        "agent": _choice(_l("受委托组织"), _l("只有委托（M2）的系列才选"), **OPTIONAL),
        "forms": _checkboxes(_l("用于哪些文书")),
        "prefix": _text(_l("字样"), _l("年份前面的部分，如：绥北（东）消限字；北消安办")),
        "genre": _text(
            _l("文种"), _l("一种文书的几种样式分系列编号时才写，与表单定义的 genre 相同，如：复"), **OPTIONAL
        ),
        "style": _choice(_l("样式"), pairs=STYLE_NAMES.items()),
        "width": IntegerField(
            _l("序号位数"),
            description=_l("执法文书补零到几位，一般是 4；流水号按文书的规定，如 3、5"),
            default=4,
            validators=[Optional(), AnyOf(range(1, 10), _l("序号位数应当是 1 到 9 的整数。"))],
        ),
        "starts": _rows(
            _l("起始号"),
            _l("启用本系统前已经用过号的年份，从几号接着编；没有就不填"),
            year=_text(_l("年份")),
            first=_text(_l("从第几号开始")),
        ),
        "reason": _text(_l("理由"), _l("修改系列，或者设定起始号，必须写明理由"), **OPTIONAL),
    },
)

EntrustmentForm = _class_of(
    "EntrustmentForm",
    FlaskForm,
    {
        "number": _text(_l("委托书文号")),
        "principal_name": _text(_l("委托机关")),
        "agent_name": _text(_l("受委托组织")),
        "start_date": _day(_l("起始日")),
        "end_date": _day(_l("截止日")),
        "ended_on": _day(_l("提前终止日"), _l("没有提前终止的不填"), optional=True),
        "area": _text(_l("地域范围"), _l("照委托书填写")),
        "area_codes": WordListField(
            _l("地域代码"), description=_l("乡镇 9 位、村 12 位，几个用顿号隔开"), **OPTIONAL
        ),
        "powers": TextAreaField(_l("委托权限")),
        "exclude": _text(_l("除外对象"), _l("照委托书填写，如：消防安全重点单位"), **OPTIONAL),
        "excluded_places": WordListField(_l("除外场所类别"), description=_l("几个用顿号隔开"), **OPTIONAL),
        "matters": _rows(
            _l("委托事项"),
            _l("违法行为代码如 V04、V12；行为种类决定能制作哪些文书"),
            code=_text(_l("事项编码")),
            name=_text(_l("事项名称")),
            law=_text(_l("依据")),
            v_codes=WordListField(_l("违法行为代码")),
            act_types=CheckboxesField(_l("行为种类"), choices=as_choices(ACT_TYPE_NAMES.items())),
            against=_choice(_l("适用对象"), pairs=list(AGAINST_NAMES.items()), **OPTIONAL),
        ),
        "agent_officers": _rows(
            _l("受托方执法人员"), "", name=_text(_l("姓名")), cert_no=_text(_l("执法证号"))
        ),
    },
)

PersonForm = _class_of(
    "PersonForm",
    FlaskForm,
    {
        "id": _text(_l("登录名"), _l("小写字母开头，可以有数字，如 liming")),
        "display_name": _text(_l("姓名")),
        "office": _choice(_l("所在单位")),
        "roles": _checkboxes(_l("角色")),
        "active": BooleanField(_l("可以登录"), default=True),
        "password": _text(_l("初始密码"), _l("不填则由系统生成，只显示一次"), **OPTIONAL),
    },
)


def add_spare_rows(form: Any) -> Any:
    """Append a few empty rows to each list of rows, and return the form."""
    for field in form:
        if field.type == "FieldList":
            for _row in range(SPARE_ROWS if field.entries else SPARE_ROWS + 1):
                field.append_entry()
    return form


def record_from_form(form: Any) -> Record:
    """Return the form's data without CSRF token and empty rows."""
    return {name: _without_empty_rows(value) for name, value in form.data.items() if name != "csrf_token"}


def _without_empty_rows(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return [dict(row) for row in value if any(row.values())]
    return value


def validate(form: Any) -> list[Problem]:
    """Return the form's own problems: malformed numbers, unknown choices."""
    form.validate()
    return [problem for field in form for problem in _problems(field, field.name)]


def _problems(field: Any, path: str) -> list[Problem]:
    if field.type in ("FieldList", "FormField"):
        inner = [_problems(entry, entry.name.replace("-", ".")) for entry in field]
        return [problem for problems in inner for problem in problems]
    return [Problem(path, str(message)) for message in field.errors]
