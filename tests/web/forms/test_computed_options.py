"""Options from a register or an expression: offered by right, checked by the server, kept with their name of that day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.errors import DefinitionFaulty, InputRefused
from formsvc.usecases.circumstances import get_circumstances
from formsvc.usecases.drafting import complete_submission, drafts
from formsvc.usecases.numbering.issue import issue_act
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.row_search import find_rows
from tests.support.circumstances import read_folder, shipped_registers
from tests.support.made_up_kinds import ISSUER, MadeUpKindsOnly, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

OPTIONS = {"register": "people", "value": "person_no", "label": "name", "where": "option.org == unit"}
GUARD = kind(
    "X63",
    "值守安排",
    {"key": "unit", "label": "单位", "kind": "text", "default": "'东河村'"},
    {"key": "guard", "label": "值守人", "kind": "choice", "required": True, "options": OPTIONS},
    {"key": "others", "label": "备勤", "kind": "choices", "options": {**OPTIONS, "where": "option.org != ''"}},
    {"key": "parts", "label": "部位", "kind": "text"},
    {"key": "part", "label": "重点部位", "kind": "choice", "options": {"expression": "parts == null ? [] : [parts, parts + '外侧']"}},
    {"key": "shifts", "label": "班次", "kind": "rows", "columns": [
        {"key": "day", "label": "日期", "kind": "date"},
        {"key": "who", "label": "何人", "kind": "choice", "options": OPTIONS},
    ]},
    {"key": "is_first", "label": "是否甲", "kind": "text", "computed": "guard == 'P1' ? '是' : '否'"},
    numbering={"style": "none"},
)  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_with(tmp_path, [GUARD], MadeUpKindsOnly())[0]


def person(office: Office, number: str, name: str, org: str = "东河村", row: str = "") -> None:
    values = {"person_no": number, "name": name, "phone": "0455-8123456", "kind": "网格员", "org": org}
    staff = sample_actor(office.ports, "staff")
    held = find_rows(office.ports, staff, "people", row)[0] if row else None
    change = RowChange(
        values, row=held.row if held else "", seen=held.entry if held else "", is_incomplete=True
    )
    keep_row(office.ports, staff, "people", change)


def opened(office: Office) -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    visitor.open("/forms/X63/new")
    return visitor


def listed(visitor: Visitor, id_: str) -> list[str]:
    assert visitor.page is not None
    return [str(option.text) for option in visitor.page.element(id_).iter("option")][1:]


def stored(office: Office, visitor: Visitor) -> Mapping[str, Any]:
    assert visitor.page is not None
    act_id = visitor.page.path.split("?")[0].rpartition("/")[2]
    return drafts.load_draft(office.ports, sample_actor(office.ports, "staff"), act_id).act.answers


def test_a_field_lists_the_rows_that_fit_and_says_why_there_are_none(office: Office) -> None:
    visitor = opened(office)
    assert visitor.page is not None
    assert listed(visitor, "f-guard") == [] and "人员名册为空，请先登记。" in visitor.page.text
    for number, name, org in (("P1", "张甲", "东河村"), ("P2", "李乙", "东河村"), ("P3", "王丙", "西河村")):
        person(office, number, name, org)
    visitor.open("/forms/X63/new")
    assert listed(visitor, "f-guard") == ["李乙", "张甲"]
    page = visitor.press("保存并刷新", unit="北河村")
    assert listed(visitor, "f-guard") == [] and "人员名册里没有符合的，请先登记。" in page.text
    visitor.press("保存并刷新", unit="西河村", parts="仓库")
    assert (listed(visitor, "f-guard"), listed(visitor, "f-part")) == (["王丙"], ["仓库", "仓库外侧"])
    # a script is told that the list is another now
    action, sent = visitor.page.form_with("保存并刷新")
    former = visitor.page.element("f-guard").get("data-options")
    answer = visitor.client.post(
        action, data={**dict(sent), "unit": "东河村"}, headers={"Accept": "application/json"}
    ).json
    assert answer is not None and answer["options"]["guard"] not in ("", former)


def test_what_was_chosen_keeps_its_name_of_that_day(office: Office) -> None:
    for number, name in (("P1", "张甲"), ("P2", "李乙")):
        person(office, number, name)
    visitor = opened(office)
    visitor.press("添一行")
    chosen = {"guard": "P1", "others": ["P2", "P1"], "parts": "仓库", "part": "仓库", "shifts-0-who": "P2"}
    visitor.press("保存并刷新", chosen)
    answers = stored(office, visitor)
    assert answers["guard"] == {"value": "P1", "label": "张甲"}
    assert answers["others"] == [{"value": "P2", "label": "李乙"}, {"value": "P1", "label": "张甲"}]
    assert answers["shifts"][0]["who"] == {"value": "P2", "label": "李乙"}
    # the register is corrected: an open draft takes the new name
    person(office, "P1", "张嘉", row="P1")
    visitor.press("保存并刷新")
    assert stored(office, visitor)["guard"] == {"value": "P1", "label": "张嘉"}
    # the person leaves the village: still shown as chosen, with a notice, and still accepted
    person(office, "P1", "张嘉", org="西河村", row="P1")
    page = visitor.press("保存并刷新")
    assert listed(visitor, "f-guard") == ["李乙", "张嘉"] and page.value("f-guard") == "P1"
    assert "值守人：“张嘉”是以前选的，人员名册里现在没有。" in page.text
    assert stored(office, visitor)["guard"] == {"value": "P1", "label": "张嘉"}


def test_a_kept_document_says_what_it_said(office: Office) -> None:
    person(office, "P1", "张甲")
    act = issue(office, "X63", unit="东河村", guard="张甲", others=["P1"])
    assert act.answers["guard"] == {"value": "P1", "label": "张甲"} and act.answers["is_first"] == "是"
    person(office, "P1", "张嘉", row="P1")
    definition = office.ports.definitions.revision(act.revision).definition
    known = get_circumstances(office.ports, definition, None)
    context = document_context(definition, act.answers, "", known)
    assert (context["guard"], context["guard_value"], context["others"]) == ("张甲", "P1", ["张甲"])
    # one that was handed in keeps the name it was reviewed with
    staff, approver = (sample_actor(office.ports, name) for name in ("staff", "approver"))
    handed_in = complete_submission.create_act(
        office.ports, staff, "X63", {**ISSUER, "guard": "P1"}, submit=True
    )
    person(office, "P1", "张佳", row="P1")
    if handed_in.act.state == "approved":
        assert issue_act(office.ports, approver, handed_in.act.id).answers["guard"]["label"] == "张嘉"


def test_a_program_can_choose_only_what_is_offered(office: Office) -> None:
    person(office, "P1", "张甲")
    staff = sample_actor(office.ports, "staff")

    def problems(**given: Any) -> dict[str, str]:
        evaluated = complete_submission.check_answers(office.ports, staff, "X63", {**ISSUER, **given})
        return {p.field: p.message for p in evaluated.problems}

    assert "guard" not in problems(guard="P1") and "guard" not in problems(guard={"value": "P1"})
    assert problems(guard="P9")["guard"] == "值守人：没有“P9”这一选项，请从列出的选。"
    # a name is never taken from outside
    invented = {"value": "P9", "label": "赵县长"}
    assert "没有“P9”" in problems(guard=invented)["guard"]
    draft = complete_submission.create_act(
        office.ports, staff, "X63", {**ISSUER, "guard": {"value": "P1", "label": "赵县长"}}, submit=False
    )
    assert draft.act.answers["guard"] == {"value": "P1", "label": "张甲"}
    assert (
        problems(guard={"value": "P1", "rank": 1})["guard"] == "值守人：选项不认识“rank”，只有 value、label。"
    )
    hostile: Any
    for hostile in ([], 7, True, {"value": []}, {"value": "x" * 9999}, [{"value": "P1"}]):
        assert "guard" in problems(guard=hostile)
    with pytest.raises(InputRefused, match="没有“P9”"):
        issue(office, "X63", unit="东河村", guard="P9")


@pytest.mark.parametrize(
    ("options", "place", "reason"),
    [
        ({**OPTIONS, "register": "peple"}, "/options/register", "没有登记簿“peple”，是否想写“people”"),
        ({**OPTIONS, "label": "nam"}, "/options/label", "登记簿“人员名册”没有列“nam”，是否想写“name”"),
        ({**OPTIONS, "where": "option.orgg == unit"}, "/options/where", "没有列“orgg”"),
        ({**OPTIONS, "where": "option.org == unitt"}, "/options/where", "unitt"),
        ({**OPTIONS, "where": "option.org + 'x'"}, "/options/where", "得不出是或者否"),
        ({**OPTIONS, "value": "idno"}, "/options/value", "“身份证号”是个人信息"),
        ({"register": "people"}, "/options", "须写明 value"),
        ({"expression": "unit", "value": "x"}, "/options", "不写 value、label、where"),
        ({"expression": "unit"}, "/options/expression", "选项应得出一列内容"),
        ({}, "/options", "应写且只写一个"),
        ({**OPTIONS, "table": "x"}, "/options/table", "table"),
    ],
)  # fmt: skip
def test_options_that_lead_nowhere_are_refused_with_their_place(
    options: Mapping[str, Any], place: str, reason: str
) -> None:
    source = kind(
        "X64",
        "值守安排",
        {"key": "unit", "label": "单位", "kind": "text"},
        {"key": "who", "label": "何人", "kind": "choice", "options": options},
    )
    with pytest.raises(DefinitionFaulty) as refused:
        load_definition(source, read_folder("groups"), read_folder("lookups"), registers=shipped_registers())
    assert any(f.where.endswith(place) and reason in str(f.message) for f in refused.value.faults), [
        str(f) for f in refused.value.faults
    ]
