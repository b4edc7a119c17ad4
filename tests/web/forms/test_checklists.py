"""The checklist of an inspection record, filled in a browser without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import DefinitionFaulty
from formsvc.usecases.drafting import drafts
from formsvc.usecases.event_log import events_of_act
from tests.support.issued_acts import before_the_order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor
from tests.support.paths import ROOT

SHOP = {"place_nature": "九小场所"}
FORMS = ROOT / "form_definitions"


def stored(office: Office, visitor: Visitor) -> dict[str, Any]:
    assert visitor.page is not None
    act_id = visitor.page.path.partition("/drafts/")[2].partition("?")[0].partition("#")[0]
    return dict(drafts.load_draft(office.ports, sample_actor(office.ports, "staff"), act_id).act.answers)


def act_id_of(visitor: Visitor) -> str:
    assert visitor.page is not None
    return visitor.page.path.partition("/drafts/")[2]


def results(office: Office, visitor: Visitor) -> dict[str, str]:
    return {row["code"]: row["result"] for row in stored(office, visitor)["items"]}


@pytest.fixture
def record(li_ming: Visitor) -> Visitor:
    """A new record of a small shop."""
    li_ming.open("/forms/T15/new")
    li_ming.press("保存", SHOP)
    return li_ming


def test_nothing_is_chosen_beforehand_and_only_what_concerns_the_place_is_counted(
    office: Office, record: Visitor
) -> None:
    page = record.page
    assert page is not None
    assert "已定 0 / 25" in page.text and "其他项目，共 10 项" in page.text
    chosen = [e for e in page.tree.iter("input") if "items-" in str(e.get("name")) and e.get("checked")]
    assert chosen == []
    assert "items" not in stored(office, record) or stored(office, record)["items"] == []


def test_the_rest_passes_by_one_press_that_names_what_it_writes_who_and_when(
    office: Office, record: Visitor
) -> None:
    page = record.press("保存", {"items-0-result": "已备案", "items-9-result": "不涉及"})
    assert "其余 23 项全部合格？" in page.text
    assert "会记下：李明 9月21日 周一 14:03" in page.text
    page = record.press("其余 23 项全部合格")
    found = results(office, record)
    assert len(found) == 25 and list(found) == sorted(found), "in the order of the paper"
    assert (found["C01"], found["C10"], found["C12"], found["C18"]) == ("已备案", "不涉及", "畅通", "否")
    assert "已按合格记下其余各项" in page.text
    (event,) = [e for e in events_of_act(office.ports, act_id_of(record)) if e.kind == "ItemsConfirmed"]
    assert event.by_name == "李明" and "消防车通道 畅通" in event.note and event.note.startswith("23 项")
    record.press("撤销这一步")
    assert results(office, record) == {"C01": "已备案", "C10": "不涉及"}
    kinds = [e.kind for e in events_of_act(office.ports, act_id_of(record))]
    assert kinds[-2:] == ["ItemsConfirmed", "ItemsReopened"]


def test_an_item_with_several_passing_results_stays_open_and_is_asked(
    office: Office, record: Visitor
) -> None:
    page = record.press("其余 24 项全部合格")
    assert "须逐项点选：消防验收、竣工验收备案" in page.text
    assert "C01" not in results(office, record)


def test_an_exception_opens_a_row_with_the_suggested_violation(office: Office, record: Visitor) -> None:
    page = record.press("保存", {"items-16-result": "缺少"})
    (hazard,) = stored(office, record)["hazards"]
    assert (hazard["item"], hazard["v_code"], hazard["fix"]) == ("C17", "V01", "限期")
    assert page.value("f-hazards-0-law") == "《中华人民共和国消防法》第十六条第一款第二项"
    assert "C17 应急照明：在检查表里填写。" in page.text
    # another result suggests another violation as long as nobody wrote there
    record.press("保存", {"items-16-result": "损坏"})
    assert stored(office, record)["hazards"][0]["v_code"] == "V02"
    # what was typed stays, also when the item passes after all
    record.press("保存", {"hazards-0-desc": "二层应急灯不亮"})
    record.press("保存", {"items-16-result": "完好"})
    assert stored(office, record)["hazards"][0]["desc"] == "二层应急灯不亮"
    record.press("保存", {"items-13-result": "堵塞"})
    record.press("保存", {"items-13-result": "畅通"})
    assert [row["item"] for row in stored(office, record)["hazards"]] == ["C17"]


def test_a_violation_chosen_by_hand_stays(office: Office, record: Visitor) -> None:
    record.press("保存", {"items-16-result": "缺少"})
    record.press("保存", {"hazards-0-v_code": "V02"})
    record.press("保存", {"items-0-result": "已验收"})
    assert stored(office, record)["hazards"][0]["v_code"] == "V02"


def test_what_failed_last_time_stands_beside_the_items_and_last_result_is_taken_over(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    former = before_the_order(office)
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T15")
    party = {k: former.answers[k] for k in ("party_name", "party_type", "party_code", "issuer_name")}
    drafts.save_answers(office.ports, staff, draft.id, {**party, **SHOP}, version=draft.version)
    visitor = visit("staff")
    page = visitor.open(f"/drafts/{draft.id}")
    assert f"{former.number}）有 " in page.text and "项不合格，请着重看：" in page.text
    failed = {row["code"]: row["result"] for row in former.answers["items"]}
    assert failed["C14"] in page.text
    visitor.open(f"/drafts/{draft.id}")
    assert any(text == "安全出口" for text in page.links())


def test_a_draft_of_before_opens_with_its_order_its_typed_results_and_what_the_catalogue_lacks(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    staff = sample_actor(office.ports, "staff")
    draft = drafts.open_form(office.ports, staff, "T15")
    rows = [
        {"code": "C22", "result": "失效", "note": "二层"},
        {"code": "C05", "result": "合格"},
        {"code": "C22", "result": "缺少"},
    ]
    drafts.save_answers(office.ports, staff, draft.id, {**SHOP, "items": rows}, version=draft.version)
    visitor = visit("staff")
    page = visitor.open(f"/drafts/{draft.id}")
    assert "目录以外的一行" in page.text
    assert "“员工消防培训”的结果只能是：组织、未组织。" in page.element("f-items-4-result-error").text
    page = visitor.press("保存")
    kept = stored(office, visitor)["items"]
    assert [(row["code"], row["result"]) for row in kept] == [
        ("C05", "合格"),
        ("C22", "失效"),
        ("C22", "缺少"),
    ]
    assert kept[1]["note"] == "二层"
    page = visitor.press("提交")
    link = next(href for text, href in page.links().items() if "员工消防培训" in text)
    assert link == "#f-items-4-result"


def faults_of(**changes: Any) -> str:
    definition = json.loads((FORMS / "T15.json").read_text(encoding="utf-8"))
    groups = {f.stem: f.read_text(encoding="utf-8") for f in (FORMS / "groups").glob("*.json")}
    lookups = {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in (FORMS / "lookups").glob("*.json")}
    items = next(
        f
        for s in definition["sections"]
        for f in s["fields"]
        if isinstance(f, dict) and f.get("key") == "items"
    )
    items["checklist"] = {**items["checklist"], **changes}
    try:
        load_definition(definition, groups, lookups)
    except DefinitionFaulty as faulty:
        return "\n".join(f"{fault.place} {fault.message}" for fault in faulty.faults)
    return ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, ""),
        ({"item": "group"}, "“group”应是本表中取自代码表（lookup）的单选列。"),
        ({"result": "resutl"}, "没有列“resutl”，是否想写“result”"),
        ({"results": "answers"}, "代码表“inspection_items”的“C01”应在“answers”里列出可以填的结果。"),
        ({"applies": {"field": "place_natur"}}, "没有字段“place_natur”，是否想写“place_nature”"),
        ({"exceptions": {"rows": "hazard", "item": "item", "code": "v_code"}}, "“hazard”不是明细表，是否想写“hazards”"),
        ({"exceptions": {"rows": "hazards", "item": "desc", "code": "v_code"}}, "“desc”应是“隐患（违法行为）明细”中取自同一代码表的单选列。"),
    ],
)  # fmt: skip
def test_a_checklist_that_does_not_fit_its_table_is_refused_with_its_place(
    changes: dict[str, Any], sentence: str
) -> None:
    said = faults_of(**changes)
    assert sentence in said and bool(said) is bool(sentence)
