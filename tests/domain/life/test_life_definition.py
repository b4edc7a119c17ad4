"""What an administrator is told about the life of a kind of document."""

from __future__ import annotations

from typing import Any

import pytest

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.errors import DefinitionFaulty, Fault
from tests.support.circumstances import read_folder

ROWS = {
    "key": "points",
    "label": "整治事项",
    "kind": "rows",
    "required": True,
    "columns": [
        {"key": "what", "label": "事项", "kind": "text", "required": True},
        {"key": "until", "label": "期限", "kind": "date"},
    ],
}
DAY = {"key": "seen_on", "label": "巡查日期", "kind": "date", "required": True}
EARLIER = {"key": "earlier", "label": "前一件", "kind": "reference", "refers_to": "X01"}


def kind(life: dict[str, Any], *fields: Any) -> dict[str, Any]:
    """A made-up kind of document with this life."""
    return {
        "id": "X01",
        "title": "试验文书",
        "template": "X01.docx",
        "numbering": {"style": "none"},
        "sections": [{"title": "内容", "fields": [DAY, ROWS, EARLIER, *fields]}],
        "life": life,
    }


def deadline(**changes: Any) -> dict[str, Any]:
    rule = {"id": "again", "name": "回访期限", "event": "巡查之日", "from": "seen_on", "count": 5}
    return {**rule, "unit": "workdays", **changes}


def follow_up(**changes: Any) -> dict[str, Any]:
    return {"id": "again", "forms": "X02", "title": "回访单", "why": "应当回访。", **changes}


def load(source: dict[str, Any]) -> FormDefinition:
    return load_definition(source, read_folder("groups"), read_folder("lookups"), "X01.json")


def faults(source: dict[str, Any]) -> list[Fault]:
    with pytest.raises(DefinitionFaulty) as refused:
        load(source)
    return list(refused.value.faults)


@pytest.mark.parametrize(
    ("life", "where", "said"),
    [
        ({"deadlines": [deadline(unit="weeks")]}, "/life/deadlines/0/unit", "不在可用的值里"),
        ({"deadlines": [deadline(**{"from": "sen_on"})]}, "/life/deadlines/0/from", "seen_on"),
        ({"deadlines": [deadline(**{"from": "size(points)"})]}, "/life/deadlines/0/from", "应是文字"),
        ({"deadlines": [deadline(count="seen_on")]}, "/life/deadlines/0/count", "应是"),
        ({"deadlines": [deadline(count='setting("recheck")')]}, "/life/deadlines/0/count", "没有“recheck”"),
        ({"deadlines": [deadline(each="seen_on")]}, "/life/deadlines/0/each", "不是明细表"),
        ({"deadlines": [deadline(**{"from": "row.until"})]}, "/life/deadlines/0/from", "row"),
        (
            {"deadlines": [deadline(each="points", **{"from": "row.till"})]},
            "/life/deadlines/0/from",
            "没有“till”",
        ),
        ({"deadlines": [deadline(), deadline()]}, "/life/deadlines/1/id", "写了两次"),
        ({"follow_ups": [follow_up(by="agan")]}, "/life/follow_ups/0/by", "没有编号“agan”"),
        ({"follow_ups": [follow_up(when="seen_on")]}, "/life/follow_ups/0/when", "应是是否"),
        ({"follow_ups": [follow_up(when="1 == 1")]}, "/life/follow_ups/0/when", "总是一样"),
        ({"follow_ups": [follow_up(why="{this.numbr}应当回访。")]}, "/life/follow_ups/0/why", "number"),
        ({"follow_ups": [follow_up(forms="T21，T22")]}, "/life/follow_ups/0/forms", "写法不对"),
        ({"service": {"required": True, "by": "serve"}}, "/life/service/by", "没有编号“serve”"),
        ({"items": {"rows": "points", "text": "whta"}}, "/life/items/text", "没有“whta”"),
        ({"items": {"rows": "points", "text": "what", "deadline": "what"}}, "/life/items/deadline", "日期"),
        (
            {"results": {"rows": "points", "of": "seen_on", "result": "what", "done": ["好"]}},
            "/life/results/of",
            "引用文书",
        ),
        (
            {"effects": {"issued": [{"do": "close_case", "when": "seen"}]}},
            "/life/effects/issued/0/when",
            "seen",
        ),
        ({"dedlines": []}, "/life/dedlines", "deadlines"),
    ],
)
def test_a_fault_in_a_life_is_named_with_its_place(life: dict[str, Any], where: str, said: str) -> None:
    found = [fault for fault in faults(kind(life)) if fault.where == where]
    assert found, faults(kind(life))
    assert said in found[0].message and "办理规则" in found[0].place


def test_a_life_may_use_fields_rows_settings_and_the_document_itself() -> None:
    life = {
        "items": {"rows": "points", "text": "what", "deadline": "until"},
        "deadlines": [
            deadline(id="a", count='setting("recheck_workdays")'),
            deadline(id="b", **{"from": "this.served_on"}, unit="months", count=6, late="info"),
            deadline(id="c", each="points", **{"from": "row.until"}, unit="on_day", when="size(points) > 0"),
        ],
        "follow_ups": [
            follow_up(
                id="c",
                forms="X02/X03",
                by="c",
                each="points",
                when="!is_empty(row.until)",
                answered='found.result == "好" || made.date > row.until',
                why="{this.number}第{numbers}项应当回访（{seen_on}）。",
            )
        ],
        "service": {"required": 'this.mode != "M1"', "by": "a", "forms": "T34"},
    }
    definition = load(kind(life))
    assert definition.life is not None and definition.life.deadlines[2].starts == "row.until"
    assert "recheck_workdays" in definition.compiled.setting_names()
    stored = FormDefinition.from_resolved(definition.to_resolved())
    assert stored.life == definition.life and stored.to_resolved() == definition.to_resolved()
    assert stored.compiled.life.expressions.keys() == definition.compiled.life.expressions.keys()


def test_a_definition_without_a_life_is_stored_as_before() -> None:
    source = {key: value for key, value in kind({}).items() if key != "life"}
    assert "life" not in load(source).to_resolved()


def said_of_due(source: dict[str, Any]) -> list[Fault]:
    return [notice for notice in load(source).notices if notice.where == "/due"]


def test_a_reminder_of_before_still_loads_and_is_told_what_to_write_instead() -> None:
    before = {key: value for key, value in kind({}).items() if key != "life"}
    (notice,) = said_of_due({**before, "due": "seen_on"})
    assert notice.level == "notice"
    assert '"from": "seen_on", "unit": "on_day"' in notice.message and "follow_ups" in notice.message
    # with a life, and without a reminder, there is nothing to say
    assert said_of_due({**kind({"deadlines": [deadline()]}), "due": "seen_on"}) == []
    assert said_of_due(before) == []
