"""Faults in the logic of a definition: each with its place and with what to write."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.definitions.cross_checks import check_between
from formsvc.errors import DefinitionFaulty, Fault
from tests.support.circumstances import definition, listed_kinds, read_folder
from tests.support.json_places import changed, places
from tests.support.paths import KINDS


def form(*fields: dict[str, Any], rules: list[dict[str, Any]] | None = None, **head: Any) -> dict[str, Any]:
    """A definition of these fields beside some usual ones."""
    usual = [
        {"key": "goals", "label": "事由", "kind": "choice", "choices": ["甲", "乙"]},
        {"key": "picked", "label": "措施", "kind": "choices", "choices": ["罚款", "警告"]},
        {"key": "urgent", "label": "紧急", "kind": "yes_no"},
        {"key": "n", "label": "数量", "kind": "integer"},
        {"key": "d", "label": "比例", "kind": "decimal"},
        {"key": "fee", "label": "费用", "kind": "money"},
        {"key": "day", "label": "日期", "kind": "date"},
        {"key": "talk_at", "label": "约谈时间", "kind": "datetime"},
        {"key": "note", "label": "说明", "kind": "text"},
        {"key": "code", "label": "违法行为", "kind": "choice", "lookup": "violations"},
        {
            "key": "items",
            "label": "明细",
            "kind": "rows",
            "columns": [
                {"key": "objects", "label": "户数", "kind": "integer"},
                {"key": "ratio", "label": "比例", "kind": "decimal"},
                {"key": "name", "label": "名称", "kind": "text"},
            ],
        },
    ]
    return {
        "id": "X01",
        "title": "试验文书",
        "template": "X01.docx",
        "numbering": {"style": "none"},
        "sections": [{"title": "内容", "fields": [*usual, *fields]}],
        "rules": rules or [],
        "example": {"goals": "甲"},
        **head,
    }


def extra(kind: str = "text", **more: Any) -> dict[str, Any]:
    """One further field."""
    return {"key": "x", "label": "公示网址", "kind": kind, **more}


def load(source: Any) -> FormDefinition:
    """The definition, or DefinitionFaulty."""
    return load_definition(source, read_folder("groups"), read_folder("lookups"), "X01.json")


def faults(source: Any) -> list[Fault]:
    """Every fault, its text written with line breaks as an editor has it."""
    with pytest.raises(DefinitionFaulty) as refused:
        load(json.dumps(source, ensure_ascii=False, indent=1))
    return list(refused.value.faults)


X = "/sections/0/fields/11"
A_RULE = {"id": "r", "message": "请核对。"}


@pytest.mark.parametrize(
    ("source", "where", "said"),
    [
        (form(extra(required='goals == "丙"')), f"{X}/required", "“丙”不是可选项（可选项：甲、乙）"),
        (form(extra(required='picked == "罚 款"')), f"{X}/required", "不能和文字比较"),
        (form(extra(required='"罚 款" in picked')), f"{X}/required", "是否想写“罚款”"),
        (form(extra(required='goals in ["甲", "丁"]')), f"{X}/required", "“丁”不是可选项"),
        (form(extra(required='code == "占用、堵塞、封闭疏散通道、安全出口"')), f"{X}/required", "“"),
        (form(extra(shown='urgent == "是"')), f"{X}/shown", "请写“urgent == true”"),
        (form(extra(shown='n > "3"')), f"{X}/shown", "请写“n > 3”"),
        (form(extra(shown='day > "2026-9-1"')), f"{X}/shown", "日期“2026-9-1”应写成“2026-09-01”"),
        (form(extra(shown="day > 2026-9-1")), f"{X}/shown", "日期应加英文引号"),
        (form(extra(shown="day == talk_at")), f"{X}/shown", "date_of(talk_at)"),
        (form(extra(shown='days_after("2026-9-1", 3) > day')), f"{X}/shown", "应写成“2026-09-01”"),
        (form(extra(shown="false")), f"{X}/shown", "不看任何字段"),
        (form(extra(required="true")), f"{X}/required", "不加引号的 true"),
        (form(extra(shown="note")), f"{X}/shown", "得不出是或者否"),
        (form(extra(shown="x == null")), f"{X}/shown", "互相决定"),
        (form(extra(shown="text_length(note) > 600")), f"{X}/shown", "都不成立"),
        (form(extra(shown="n == n")), f"{X}/shown", "都成立"),
        (form(extra("decimal", computed="note")), f"{X}/computed", "不能填入“公示网址”（小数）"),
        (form(extra("money", computed="capital_amount(fee)")), f"{X}/computed", "不能填入"),
        (form(extra("money", computed="[1]")), f"{X}/computed", "得出的是列表"),
        (form(extra("text", computed='{"a": 1}')), f"{X}/computed", "不能填入"),
        (form(extra("money", computed="1.0 / 0.0")), f"{X}/computed", "除数是零"),
        (form(extra("decimal", computed="n * d")), f"{X}/computed", "double(n)"),
        (form(extra("text", computed="note + n")), f"{X}/computed", "string(n)"),
        (form(extra("choice", choices=["甲"], computed='urgent ? "甲" : "乙"')), f"{X}/computed", "没有“乙”"),
        (form(extra("choice", choices=["甲", "乙"], default='"丙"')), f"{X}/default", "没有“丙”这一选项"),
        (form(extra("date", default='"明天"')), f"{X}/default", "“明天”不是日期"),
        (form(extra("text", default="[1]")), f"{X}/default", "不能填入"),
        (form(extra("text", default='{"a": "b"}')), f"{X}/default", "不能填入"),
        (form(extra(min=600)), f"{X}/min", "最多 500"),
        (form(extra("integer", min=0.2, max=0.8)), f"{X}/min", "之间没有整数"),
        (form(extra("money", max=-1)), f"{X}/max", "什么都不能填"),
        (form(extra(min=9, max=3)), f"{X}/min", "大于最多"),
        (form(extra("choices", choices=["甲", "乙"], min=3)), f"{X}/min", "最多 2"),
        (form(extra("date", min=1)), f"{X}/min", "写成 rules 里的一条核对"),
        (form(extra("date", min="2026-01-01")), f"{X}/min", "写成 rules 里的一条核对"),
        (form(extra("date", personal="address")), f"{X}/personal", "日期不能写 personal"),
        (form(extra("money", personal="number")), f"{X}/personal", "不能写 personal"),
        (form(due="talk_at"), "/due", "date_of(talk_at)"),
        (form(due="note"), "/due", "不是日期字段"),
        (form(subject="items"), "/subject", "“明细”是明细表"),
        (form(extra(computed='lookup("violations", code, "nam")')), f"{X}/computed", "是否想写“name”"),
        (form(extra("integer", computed='setting("recheck_workday")')), f"{X}/computed", "recheck_workdays"),
        (form(extra("text", computed="items.name")), f"{X}/computed", "没有“.name”"),
        (form(extra("多行文字")), f"{X}/kind", "是否想写“long_text”"),
        (form(rules=[{**A_RULE, "check": "items.size() >= 0"}]), "/rules/0/check", ""),
        (form(rules=[{**A_RULE, "check": "true"}]), "/rules/0/check", "不看任何字段"),
        (form(rules=[{**A_RULE, "check": 'urgent == "是"'}]), "/rules/0/check", "urgent == true"),
        (form(rules=[{**A_RULE, "check": "day in note"}]), "/rules/0/check", "note.contains(day)"),
    ],
)
def test_a_fault_of_logic_is_told_with_its_place_and_what_to_write(
    source: dict[str, Any], where: str, said: str
) -> None:
    if not said:
        load(source)
        return
    found = faults(source)
    assert [f.where for f in found] == [where] and said in found[0].message, [str(f) for f in found]
    assert re.search(r"（第\d+行）$", found[0].place)


def test_a_column_computed_from_unlike_numbers_is_told_at_the_column() -> None:
    column = {"key": "drawn", "label": "抽取户数", "kind": "integer", "required": True}
    source = form()
    source["sections"][0]["fields"][10]["columns"].append(
        {**column, "computed": "row.objects * row.ratio / 100"}
    )
    (found,) = faults(source)
    assert (
        found.where == "/sections/0/fields/10/columns/3/computed" and "double(row.objects)" in found.message
    )
    assert found.place.startswith("第1节“内容”的“明细”的“抽取户数”的 computed（第")


def test_fields_that_show_each_other_are_told_once() -> None:
    ring = [{**extra(shown="is_empty(y)")}, {**extra(shown="is_empty(x)"), "key": "y", "label": "备注"}]
    (found,) = faults(form(*ring))
    assert "公示网址 → 备注 → 公示网址" in found.message or "备注 → 公示网址 → 备注" in found.message


def test_places_name_section_label_and_line() -> None:
    source = form(extra(colour="red"))
    source["sections"].insert(0, {"title": "标题", "fields": [{"key": "t", "label": "题目", "kind": "text"}]})
    text = json.dumps(source, ensure_ascii=False, indent=1)
    line = text[: text.index('"colour"')].count("\n") + 1
    (found,) = faults(source)
    assert found.place == f"第2节“内容”的“公示网址”的 colour（第{line}行）"
    assert str(found).startswith("X01.json /sections/1/fields/11/colour 第2节“内容”的“公示网址”")


def test_a_form_without_example_is_tried_over_generated_answers_and_noted() -> None:
    loaded = load(form(example={}))
    assert [(n.level, n.where) for n in loaded.notices] == [("notice", "/example")]
    assert any("除数是零" in f.message for f in faults(form(extra(computed="string(1/0)"), example={})))


def test_a_limit_beyond_that_of_the_kind_is_noted() -> None:
    (noted,) = load(form(extra(max=600))).notices
    assert (noted.level, noted.where) == ("notice", f"{X}/max") and "最多 500" in noted.message


@pytest.mark.parametrize("name", KINDS)
def test_no_alarm_on_a_sound_definition(name: str) -> None:
    assert definition(name).notices == ()


@pytest.mark.parametrize(
    "condition",
    [
        "text_length(note) == 18",
        "size(items) == 3",
        'goals == "甲" && urgent == true && n == 7 && fee > 500 && note == "是" && "罚款" in picked',
        "day == days_after(date_of(talk_at), 30)",
        "n - int(d * 3.0) == 5",
        'note.startsWith("A") && note.endsWith("Z")',
        "int(note) > 3",
        "items.exists(i, i.objects > 3 && i.name != note)",
        'note != "无" || n in [1, 2]',
    ],
)
def test_no_alarm_on_a_condition_that_some_form_fulfils(condition: str) -> None:
    load(form(extra(required=condition), rules=[{**A_RULE, "check": condition}], example={}))


def test_no_alarm_between_sound_definitions() -> None:
    forms = {name: definition(name).to_resolved() for name in KINDS}
    assert check_between(forms, KINDS, listed_kinds()) == []
    # in an office without the list what is not offered is told, but is no error
    unlisted = check_between(forms, KINDS)
    assert {fault.level for fault in unlisted} == {"notice"}
    assert all("没有“T" in fault.message and fault.where.endswith("/forms") for fault in unlisted)


def test_what_another_form_does_not_have_is_told_with_its_place() -> None:
    forms = {name: definition(name).to_resolved() for name in KINDS}
    order = json.loads(json.dumps(forms["T22"]))
    reference = order["sections"][1]["fields"][0]
    reference["carry"]["party_name"] = "source.partyname"
    found = check_between({**forms, "T22": order}, KINDS, listed_kinds())
    assert [f.where for f in found] == ["/sections/1/fields/0/carry/party_name"]
    assert "是否想写“party_name”" in found[0].message and found[0].place.startswith("第2节")
    reference["refers_to"] = "T99"
    found = check_between({**forms, "T22": order}, KINDS, listed_kinds())
    assert ["没有“T99”这种文书" in f.message for f in found] == [True]


def test_a_form_that_is_faulty_for_now_gives_no_alarm_elsewhere() -> None:
    forms = {name: definition(name).to_resolved() for name in KINDS if name != "T15"}
    assert check_between(forms, KINDS, listed_kinds()) == []


@pytest.mark.parametrize(
    "source",
    [
        '["xxxxxxxx"]' + ".map(x, x + x)" * 60 + "[0]",
        "size(items.map(a, items).map(x, x.map(y, items)))",
        "size(items.map(a, items.map(b, a.name + b.name + note)))",
        " + ".join(["note"] * 120),
        "!" * 500 + "urgent ? 1 : 2",
        "[" * 40 + "1" + "]" * 40,
    ],
)
def test_an_expression_that_could_cost_too_much_is_refused_at_once(source: str) -> None:
    started = time.process_time()
    if "!" in source:
        load(form(extra("integer", computed=source)))
    else:
        assert {f.where for f in faults(form(extra("integer", computed=source)))} == {f"{X}/computed"}
    assert time.process_time() - started < 2


def test_a_form_of_500_fields_is_checked_in_seconds_and_one_of_2000_refused() -> None:
    def fields(count: int) -> list[dict[str, Any]]:
        kinds = ["text", "integer", "decimal", "money", "yes_no", "date", "long_text"]
        return [
            {
                "key": f"f{i}",
                "label": f"字段{i}",
                "kind": kinds[i % 7],
                "required": 'goals == "甲" && n > 3' if i % 3 else False,
                **({"shown": "urgent == true"} if i % 5 == 1 else {}),
            }
            for i in range(count)
        ]

    started = time.process_time()
    load(form(*fields(489)))
    assert time.process_time() - started < 5
    assert "最多 1000 个" in faults(form(*fields(2000)))[0].message


ODD: list[Any] = [None, 7.5, "x" * 400, [1], {"a": 1}]


def test_no_sentence_has_words_of_the_library_or_a_bare_pattern() -> None:
    entry = extra(
        required=True, hint="h", min=1, max=5, pattern="a+", multiline=True, law="l", example="aa", shown=None
    )
    source = {
        **form(modes=["M0"], issuer_kinds=["township"], approval=True, dates={"acts_on": []}),
        "sections": [{"title": "内容", "fields": [entry, {"include": "@RMD", "with": {}}]}],
        "rules": [
            {**A_RULE, "check": "x == 'a'", "field": "x", "level": "notice", "remedy": "r", "each": ""}
        ],
        "certified_officers": {"field": "x", "minimum": 2},
        "serves": {"document": "x", "method": "x", "at": "x"},
        "forbidden_words": [{"words": ["处罚"], "message": "不得出现“{word}”。"}],
        "example": {},
    }
    english = re.compile(r"\b(?:input|should|valid|string|value|must|expected|object|instance|type)\b", re.I)
    said: set[str] = set()
    for path in places(source):
        for into in ODD:
            try:
                load(changed(source, path, into))
            except DefinitionFaulty as refused:
                said |= {f.message for f in refused.faults}
    unquoted = {sentence: re.sub("“[^”]*”", "", sentence) for sentence in said}
    assert len(said) > 100
    assert [s for s in said if english.search(unquoted[s]) or "^[" in s or not s.endswith(("。", "？"))] == []
