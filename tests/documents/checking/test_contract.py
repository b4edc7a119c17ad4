"""Template against definition: every fault at once, each with its place and what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.documents.checking.contract import check_contract, example_context, minimal_context
from formsvc.errors import Fault
from tests.support.docx_samples.simple import definition, template

FORM = definition("T22")
REQUIRED_OF_ALL = "{{ issuer_name }}{{ doc_no }}{{ issue_date }}"
PLAIN: dict[str, Any] = {
    "subject": "", "due": "", "modes": [], "certified_officers": None, "act_type": "other", "dates": {"acts_on": []},
    "life": {},
}  # fmt: skip
# what a template of this form must print
REQUIRED = "{{ issuer_name }}{{ doc_no }}{{ check_date }}{{ issue_date }}{{ basis_line }}"


def errors(*texts: str, rows: list[list[str]] | None = None) -> list[Fault]:
    return [
        f for f in check_contract(template(*texts, REQUIRED, rows=rows or ()), FORM) if f.level == "error"
    ]


def test_a_sound_template_has_no_errors() -> None:
    rows = [["{%tr for r in hazards %}"], ["{{ loop.index }} {{ r.no }} {{ r.desc }}"], ["{%tr endfor %}"]]
    assert errors("{{ party_name }}：", "{%p if remedy %}", "{{ remedy }}", "{%p endif %}", rows=rows) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ partyname }}", "“partyname”不是这个表单的字段。是否想写“party_name”？"),
        ("{{ nothing_like_it }}", "请改正，或在表单定义里补上这个字段"),
        ("{% for h in hazards %}{{ h.descr }}{% endfor %}", "“descr”不是这张表的列。是否想写“desc”？"),
        ("{{ hazards|pluck('wher')|joined }}", "“wher”不是这张表的列"),
        (
            "{% for h in hazards if h.fixx == '限期' %}{{ h.desc }}{% endfor %}",
            "“fixx”不是这张表的列。是否想写“fix”？",
        ),
        ("{{ hazards }}", "不能当作文字打印"),
        ("{{ hazards|joined }}", "pluck"),
        ("{{ hazards|sum_of('noo') }}", "“noo”不是这张表的列。是否想写“no”？"),
        ("{{ hazards|distinct('fixx')|joined }}", "“fixx”不是这张表的列"),
        ("{% set r = hazards|row_of('no', '1') %}{{ r.descr }}", "“descr”不是这张表的列"),
        ("{{ hazards.desc }}", "请先用“for”取出一行"),
        ("{{ party_name.name }}", "没有下一级"),
        ("{% for c in party_name %}{{ c }}{% endfor %}", "不是多行的表"),
        ("{{ party_name|jioned }}", "是否想写“joined”？"),
        ("{{ party_name.upper() }}", "不能调用程序"),
        ("{{ lipsum() }}", "不能调用“lipsum(…)”"),
        ("{% for h in hazards %}{{ loop.idx }}{% endfor %}", "循环没有“idx”"),
        ("{% include 'x' %}", "不能引用别的模板"),
        ("{{ party_name + }}", "写法不对"),
        ("{%p if remedy %}", "没有对应的结束标签“{%p endif %}”"),
        ("{%p endif %}", "前面没有对应的“if”"),
    ],
)
def test_a_fault_names_the_tag_what_is_meant_and_the_place(text: str, said: str) -> None:
    faults = errors("甲", text)
    assert any(said in fault.message for fault in faults), faults
    assert all(fault.where.startswith("第2段") for fault in faults)
    assert all(fault.file == "T22.docx" for fault in faults)


def test_the_place_in_a_table_and_all_faults_at_once() -> None:
    faults = errors("{{ partyname }}", rows=[["甲", "{{ r1 }}"], ["{{ docno }}", "丙"]])
    assert [fault.where for fault in faults] == ["第1段“…”", "表1 第1行第2格", "表1 第2行第1格"]


def test_the_second_of_two_equal_tags_has_its_own_place() -> None:
    faults = errors("{{ partyname }}", "甲", "{{ partyname }}")
    assert [fault.where[:3] for fault in faults] == ["第1段", "第3段"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["{%p if remedy %}", "甲", "{% endif %}"], "写法不一致"),
        (["{%p for h in hazards %}", "{%p if h.law %}", "{%p endfor %}", "{%p endif %}"], "不成对"),
    ],
)
def test_pairs_must_be_of_one_level(texts: list[str], said: str) -> None:
    assert any(said in fault.message for fault in errors(*texts))


def test_rows_must_be_steered_within_one_table() -> None:
    faults = errors("{%p if remedy %}", rows=[["{%p endif %}"]])
    assert "单元格" in faults[0].message


def test_fields_that_are_never_printed_are_a_notice() -> None:
    copies = "{%p if copy_title == '附卷' %}", "签收：____", "{%p endif %}"
    found = check_contract(template("{{ party_name }}", REQUIRED, *copies), FORM)
    (notice,) = [f for f in found if f.level == "notice"]
    assert "住所（经营场所）（party_addr）" in notice.message
    assert "party_name" not in notice.message


def test_copies_that_the_template_does_not_tell_apart_are_a_notice() -> None:
    said = [f.message for f in check_contract(template(REQUIRED), FORM) if f.level == "notice"]
    assert any("各联印得一样" in message and "copy_title == '附卷'" in message for message in said)


def test_a_copy_that_the_definition_does_not_name_is_a_fault() -> None:
    text = "{% if copy_title == '存根' %}签收：____{% endif %}"
    assert ["“copy_title”没有“存根”这个选项。" in fault.message for fault in errors(text)] == [True]


def test_a_template_is_tried_with_the_example_and_with_nothing_optional() -> None:
    text = "{% if not (hazards|first).deadline %}{{ party_name|chinese_date }}{% endif %}"
    assert ["选填项都不填" in fault.message for fault in errors(text)] == [True]


def test_the_contexts_bind_every_field() -> None:
    assert set(example_context(FORM)) == set(minimal_context(FORM))
    assert minimal_context(FORM)["remedy"] == ""
    assert example_context(FORM)["hazards"][0]["deadline"] == "2026年10月30日"


def test_a_column_marked_printed_must_be_printed() -> None:
    table = {"key": "items", "label": "明细", "kind": "rows", "columns": [
        {"key": "what", "label": "事项", "kind": "text", "required": True, "printed": True},
        {"key": "note", "label": "说明", "kind": "text"},
    ]}  # fmt: skip
    form = definition(
        "T22", sections=[{"title": "明细", "fields": ["@ISS", table]}], rules=[], example={}, **PLAIN
    )
    loop = "{% for r in items %}{{ r.KEY }}{% endfor %}"
    told = {
        key: [
            f.message
            for f in check_contract(template(REQUIRED_OF_ALL, loop.replace("KEY", key)), form)
            if f.level == "error"
        ]
        for key in ("what", "note")
    }
    assert told["what"] == []
    assert told["note"][0].startswith("模板里没有印出“事项”。请在该印的地方写“{{ items.what }}”")


def test_a_choice_may_be_shown_by_ticked_boxes() -> None:
    way = {"key": "way", "label": "方式", "kind": "choice", "required": True, "choices": ["直接", "邮寄"]}
    form = definition(
        "T22", sections=[{"title": "送达", "fields": ["@ISS", way]}], rules=[], example={}, **PLAIN
    )
    boxes = "{% if way == '直接' %}☑{% else %}□{% endif %}直接　{{ '☑' if way == '邮寄' else '□' }}邮寄"
    assert [f for f in check_contract(template(REQUIRED_OF_ALL, boxes), form) if f.level == "error"] == []
    without = [f.message for f in check_contract(template(REQUIRED_OF_ALL), form) if f.level == "error"]
    assert without[0].startswith("模板里没有印出“方式”")
