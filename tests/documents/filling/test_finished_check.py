"""A finished document shows each answer it must show, and no placeholder of its template; else there is no number."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.documents.filling.fill import fill
from formsvc.errors import RenderingFailed
from tests.support.docx_samples.simple import TAGS, template, texts_of

LONG = "第一行，甲 & 乙 <丙>\n第二行\t制表"
AWKWARD = (
    "\"甲\"和'乙'", "A & B < C > D", "&amp; &#34; &lt;w:p/&gt;", "C:\\路径\\n", "{{ x }}{% if %}", "甲\x07乙\u2028丙\x85丁",
    "䶮㛃𠅤", "　全角　空格　", "]]>", "“引号”", "a\u00a0b\u200bc\ufeffd", "\v甲\r\n乙",
)  # fmt: skip


def made(*texts: str, answers: dict[str, list[Any]], **values: Any) -> list[str]:
    return texts_of(fill(template(*texts), values, TAGS, answers))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ x }}", "甲"),
        ("{{ x }}", LONG),
        *(("{{ x }}", value) for value in AWKWARD),
        *(("{% for r in x %}{{ r.a }}{% endfor %}", [{"a": value}]) for value in AWKWARD),
        ("{{ x }}", ["甲", "乙"]),
        ("{{ x|joined('，') }}", ["甲", "乙"]),
        ("{{ x|chinese_date }}", "2026年9月21日"),
        ("{{ x|replace('甲', '乙') }}", "甲方"),
        (
            "{% for r in x %}{{ r.name }}{% endfor %}",
            [{"no": "1", "name": "张三"}, {"no": "2", "name": "李四"}],
        ),
        ("{% if x %}甲{% endif %}", True),
        ("{{ x[0:4] }} {{ x[5:] }}", "2026年9月21日"),
        ("{% set d = x %}{{ d[0:4] }}", "2026年9月21日"),
        ("{{ x[0] ~ '某' }}", "张三"),
        ("乙", ""),
        ("乙", []),
    ],
)
def test_an_answer_that_is_shown_or_empty_passes(text: str, value: Any) -> None:
    assert made(text, answers={"名称": [value]}, x=value)


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("{% if y %}{{ x }}{% endif %}乙", "甲方有限公司", "文书上没有印出名称“甲方有限公司”，没有编号。"),
        ("{{ y }}乙", ["甲", "丙"], "文书上没有印出名称，没有编号。"),
        (
            "{% for r in x if r.no == '1' %}{{ r.name }}{% endfor %}",
            [{"no": "1", "name": "张三"}, {"no": "2", "name": "李四"}],
            "文书上没有印出名称",
        ),
    ],
)
def test_an_answer_that_is_missing_is_refused(text: str, value: Any, said: str) -> None:
    with pytest.raises(RenderingFailed) as refused:
        made(text, answers={"名称": [value]}, x=value, y="")
    assert refused.value.message.startswith(said)
    assert refused.value.remedy == "请管理员检查模板里印它的地方和那里的条件。"


def test_one_of_the_ways_to_print_an_answer_is_enough() -> None:
    assert made("{{ x_name }}", answers={"方式": ["M1", "赋权"]}, x="M1", x_name="赋权") == ["赋权"]


@pytest.mark.parametrize(
    "placeholder", ["${party_name}", "甲方：【甲方】", "«名称»", "{party_name}", "[party_name]"]
)
def test_a_placeholder_of_the_template_is_never_printed(placeholder: str) -> None:
    with pytest.raises(RenderingFailed, match="没有填上（第2段"):
        made("甲", placeholder, answers={})


@pytest.mark.parametrize(
    "typed", ["${party_name}", "【甲方】", "«名称»", "{{ x }}", "{% if %}", "[party_name]"]
)
def test_what_a_clerk_typed_is_printed_as_typed(typed: str) -> None:
    assert made("名称：{{ x }}", answers={"名称": [typed]}, x=typed) == [f"名称：{typed}"]


def test_a_placeholder_in_a_part_that_is_not_printed_does_no_harm() -> None:
    assert made("{% if x %}${a}{% endif %}甲", answers={}, x=False) == ["甲"]
