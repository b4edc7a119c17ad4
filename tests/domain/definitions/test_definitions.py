"""What an administrator is told about a form definition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.definitions.schema import format_schema
from formsvc.domain.evaluation.evaluation import evaluate
from formsvc.errors import DefinitionFaulty, Fault
from tests.support.circumstances import DEFINITIONS, answers, circumstances, definition, read_folder
from tests.support.json_places import changed, places
from tests.support.paths import ROOT

FORMS = ("T01", "T07", "T14", "T15", "T22")


def small(*fields: Any, rules: Any = (), **head: Any) -> dict[str, Any]:
    """A definition with these fields."""
    return {
        "id": "X01",
        "title": "试验文书",
        "template": "X01.docx",
        "numbering": {"style": "none"},
        "sections": [{"title": "内容", "fields": list(fields)}],
        "rules": list(rules),
        **head,
    }


def text(key: str, **more: Any) -> dict[str, Any]:
    """A text field."""
    return {"key": key, "label": key, "kind": "text", **more}


def faults(source: Any) -> list[Fault]:
    """Everything said against a definition."""
    with pytest.raises(DefinitionFaulty) as refused:
        load_definition(source, read_folder("groups"), read_folder("lookups"), "X01.json")
    return list(refused.value.faults)


def told(source: Any, where: str) -> str:
    """What is said at one place."""
    found = [f.message for f in faults(source) if f.where == where]
    assert found, [str(f) for f in faults(source)]
    return found[0]


@pytest.mark.parametrize("form", FORMS)
def test_the_shipped_definitions_load_and_their_examples_pass(form: str) -> None:
    assert definition(form).id == form
    assert definition(form).example


FIRST = "/sections/0/fields/0"


@pytest.mark.parametrize(
    ("source", "where", "said"),
    [
        (small(text("a", kind="txt")), f"{FIRST}/kind", "是否想写“text”"),
        (small(text("a", kind="fil")), f"{FIRST}/kind", "是否想写“files”"),
        (small(text("a", requird=True)), f"{FIRST}/requird", "是否想写“required”"),
        (small({"key": "a", "kind": "text"}), f"{FIRST}/label", "缺少“label”"),
        (small(text("名称")), f"{FIRST}/key", "写法不对"),
        (small(text("loop")), f"{FIRST}/key", "保留"),
        (small(text("doc_no")), f"{FIRST}/key", "保留"),
        (small(text("a", min=5, max=2)), f"{FIRST}/min", "大于最多"),
        (small(text("a", formerly="b")), f"{FIRST}/formerly", "方括号"),
        (small(text("a", formerly=["旧名"])), f"{FIRST}/formerly/0", "写法不对"),
        (small(text("a", formerly=["b", "b"])), f"{FIRST}/formerly/1", "已是“a”"),
        (small(text("a", formerly=["a"])), f"{FIRST}/formerly/0", "已是“a”"),
        (small(text("a", formerly=["c", "b"]), text("b")), f"{FIRST}/formerly/1", "已是“b”"),
        (
            small(text("a", formerly=["c"]), text("b", formerly=["c"])),
            "/sections/0/fields/1/formerly/0",
            "已是“a”",
        ),
        (
            small(
                {"key": "t", "label": "t", "kind": "rows", "columns": [text("a"), text("b", formerly=["a"])]}
            ),
            f"{FIRST}/columns/1/formerly/0",
            "已是“a”",
        ),
        (small(text("a", pattern="(?=x)")), f"{FIRST}/pattern", "不能使用"),
        (small(text("a", example="x", min=2)), f"{FIRST}/example", "不能少于2字"),
        (small(text("a", choices=["甲"])), f"{FIRST}/choices", "不起作用"),
        (small(text("a", kind="choice")), f"{FIRST}/choices", "只写一个"),
        (small(text("a", kind="choice", choices=["甲", "甲"])), f"{FIRST}/choices", "重复"),
        (small(text("a", kind="choice", lookup="violation")), f"{FIRST}/lookup", "是否想写“violations”"),
        (small(text("a", kind="reference")), f"{FIRST}/refers_to", "引用哪一类"),
        (small(text("a", kind="rows")), f"{FIRST}/columns", "各列"),
        (small(text("a", kind="rows", columns=[text("items")])), f"{FIRST}/columns/0/key", "保留"),
        (small(text("a", shown="bb == 1")), f"{FIRST}/shown", "不认识的字段“bb”"),
        (small(text("a", default='lookup("x", "1", "y")')), f"{FIRST}/default", "没有代码表“x”"),
        (small(text("a", kind="files", computed="[]")), f"{FIRST}/computed", "不能由系统计算"),
        ({**small(text("a")), "rules": {}}, "/rules", "数组"),
        (small(text("a"), example=[]), "/example", "字段名"),
        (small({"include": "@ISS", "with": ["a"]}), f"{FIRST}/with", "with"),
        (small(text("a"), text("a")), "/sections/0/fields/1/key", "已被"),
        (
            small(text("c", kind="choice", lookup="violations"), text("c_name")),
            "/sections/0/fields/1/key",
            "c_name",
        ),
        (small("@ISSX"), FIRST, "没有公共字段组"),
        (small("@ISS", "@ISS"), "/sections/0/fields/1", "两次"),
        (small({"include": "@ISS", "with": {"nobody": {}}}), f"{FIRST}/with/nobody", "没有字段"),
        (small(text("a"), due="a"), "/due", "不是日期字段"),
        (small(text("a"), subject="b"), "/subject", "不是字段"),
        (small(text("a"), modes=["M4"]), "/modes/0", "M0"),
        (small(text("a"), modes=["M0", "M1"]), "/modes", "@AUTH"),
        (small(text("a", kind="rows", columns=[text("b")], each_of="c")), f"{FIRST}/each_of", "“c”"),
        (small(text("item")), f"{FIRST}/key", "保留"),
        (small(text("a", once=True)), f"{FIRST}/once", "不起作用"),
        (small(text("a"), serves={"document": "a", "method": "a", "at": "b"}), "/serves/at", "没有字段“b”"),
        (
            small(text("a"), serves={"document": "a", "method": "a", "at": "a"}),
            "/serves/document",
            "引用文书",
        ),
        (small(text("a"), colour="red"), "/colour", "不认识的键"),
        (small(text("a"), dates={"acts_on": ["a"]}), "/dates/acts_on/0", "不是日期字段"),
        (small(text("a"), certified_officers={"field": "a"}), "/certified_officers/field", "明细表"),
        (small(text("a"), rules=[{"id": "r", "check": "b", "message": "x"}]), "/rules/0/check", "“b”"),
        (small(text("a"), rules=[{"id": "r", "check": "true", "message": "{b}"}]), "/rules/0/message", "“b”"),
        (
            small(text("a"), rules=[{"id": "r", "check": "true", "message": "x", "field": "b"}]),
            "/rules/0/field",
            "“b”",
        ),
        (small(text("a", required=True), example={"a": ""}, subject="a"), "/example/a", "请填写"),
        (small(text("a"), example={"b": "1"}), "/example/b", "没有“b”"),
        (small(text("a", computed="string(1/0)")), f"{FIRST}/computed", "除数是零"),
        (small(text("a", required="1 + 1")), f"{FIRST}/required", "得不出是或者否"),
        (small(text("a", shown="a")), f"{FIRST}/shown", "得不出是或者否"),
        ({}, "/", "定义是空的"),
        ('{"id": "X01", "id": "X02"}', "/", "写了两次"),
        ('{"id": ', "/", "语法错误"),
    ],
)
def test_each_fault_is_told_at_its_place(source: Any, where: str, said: str) -> None:
    assert said in told(source, where)


SOURCES = {form: json.loads((DEFINITIONS / f"{form}.json").read_text(encoding="utf-8")) for form in FORMS}


def test_an_example_of_what_another_act_gives_must_be_readable() -> None:
    source = json.loads((DEFINITIONS / "T02.json").read_text(encoding="utf-8"))
    source["example"]["start_date"] = "某日"
    assert "“某日”不是日期" in told(source, "/example/start_date")


@settings(max_examples=80, deadline=None)
@given(drawn=st.data())
def test_whatever_is_written_is_loaded_or_refused_with_places(drawn: st.DataObject) -> None:
    source = SOURCES[drawn.draw(st.sampled_from(FORMS))]
    path = drawn.draw(st.sampled_from(places(source)))
    into: Any = drawn.draw(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})
    )
    try:
        load_definition(changed(source, path, into), read_folder("groups"), read_folder("lookups"))
    except DefinitionFaulty as refused:
        assert all(f.where.startswith("/") and f.message.endswith(("。", "？")) for f in refused.faults)


def test_every_fault_is_told_at_once() -> None:
    found = faults(small(text("a", kind="txt"), text("b", min=3, max=1), colour="red"))
    assert {f.where for f in found} == {"/colour", f"{FIRST}/kind", "/sections/0/fields/1/min"}


def test_computed_fields_may_not_depend_on_each_other_in_a_circle() -> None:
    source = small(text("a", computed="b"), text("b", computed="c"), text("c", computed="a"))
    assert any("计算循环" in f.message for f in faults(source))


def test_columns_may_not_depend_on_each_other_in_a_circle() -> None:
    columns = [text("x", computed="row.y"), text("y", computed="row.x")]
    assert any("计算循环" in f.message for f in faults(small(text("a", kind="rows", columns=columns))))


def test_a_fault_in_a_group_names_the_group_file() -> None:
    groups = {**read_folder("groups"), "BAD": {"id": "BAD", "title": "坏", "fields": [text("a", kind="txt")]}}
    with pytest.raises(DefinitionFaulty) as refused:
        load_definition(small("@BAD"), groups, {}, "X01.json")
    assert [(f.file, f.where) for f in refused.value.faults] == [("groups/BAD.json", "/fields/0/kind")]


def test_an_included_group_takes_the_condition_of_the_entry() -> None:
    assert definition("T22").field("hazards").required is True  # type: ignore[union-attr]
    assert definition("T15").field("hazards").required == "no_hazard == false"  # type: ignore[union-attr]


@pytest.mark.parametrize("form", FORMS)
def test_a_revision_stands_alone_and_comes_back_the_same(form: str) -> None:
    resolved = json.loads(json.dumps(definition(form).to_resolved()))
    back = FormDefinition.from_resolved(resolved)
    assert back.to_resolved() == resolved
    filled = answers(form, issuer_name="绥化市北林区东河镇人民政府")
    here, there = (evaluate(d, filled, circumstances()) for d in (definition(form), back))
    assert (here.values, here.problems) == (there.values, there.problems)


def test_a_revision_keeps_only_the_lookups_it_uses() -> None:
    assert set(definition("T07").lookups) == {"laws", "settings"}
    assert {"violations", "remedies"} <= set(definition("T22").lookups)


def test_fields_are_found_by_path_with_or_without_the_row() -> None:
    t22 = definition("T22")
    assert t22.field("hazards.0.deadline") is t22.field("hazards.deadline")
    assert t22.field("hazards.0.nothing") is None and t22.field("nothing") is None


def test_the_schema_for_the_api_lists_what_must_be_given_and_nothing_the_service_computes() -> None:
    schema = definition("T22").json_schema()
    assert {"party_name", "record_ref", "hazards"} <= set(schema["required"])
    assert not {"recheck_by", "remedy", "authority_text", "issue_date"} & set(schema["required"])
    assert schema["additionalProperties"] is False
    assert schema["properties"]["hazards"]["items"]["properties"]["v_code"]["enum"][0] == "V01"
    json.dumps(schema)


def test_the_schema_for_editors_is_current() -> None:
    kept = (ROOT / "docs/form-definition.schema.json").read_text(encoding="utf-8")
    written = json.dumps(format_schema(), ensure_ascii=False, indent=2) + "\n"
    assert kept == written, "write the new schema to that file"
