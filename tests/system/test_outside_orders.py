"""Orders from before the system: registered with their items, they are due and re-inspected like those made here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.errors import Conflict, InputRefused
from formsvc.usecases import operator
from formsvc.usecases.acts.serving import record_service
from formsvc.usecases.cases import due_list
from formsvc.usecases.drafting import drafts
from formsvc.usecases.numbering import issue
from formsvc.usecases.ports import Condition
from formsvc.usecases.registers.rows import list_rows
from tests.support.case_steps import LATER_CASES, at, made_from
from tests.support.issued_acts import ENTRUSTMENT, issued
from tests.support.memory_office import Office, make_office

PARTY = {
    key: value for key, value in LATER_CASES["EX50"]["fields"].items() if key[:6] in ("party_", "legal_")
}
ITEMS = [
    {
        "no": 2,
        "desc": "二层缺少室内消火栓2处",
        "location": "二层走道",
        "v_code": "V01",
        "deadline": "2026-10-20",
    },
    {"no": 5, "desc": "应急照明灯3盏不亮", "location": "一层大厅", "v_code": "V02", "deadline": "2026-11-20"},
]
ORDER: dict[str, Any] = {
    **PARTY,
    "ext_kind": "责令限期改正通知书",
    "ext_no": "绥北（东）消限字〔2025〕第0031号",
    "ext_organ": "绥化市北林区消防救援大队",
    "ext_date": "2026-03-20",
    "ext_served_on": "2026-03-21",
    "ext_mode": "M2",
    "hazards": ITEMS,
    "issuer_name": "绥化市北林区东河镇人民政府",
    "issue_date": "2026-10-10",
    "drafter": "冯文书",
}


SIGNED = {"drafter": "赵正言", "approver": "周国栋", "entrust_ref": "绥北消委字〔2026〕第0001号"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The office in memory with its entrustment, on the day of the registration."""
    made = make_office(tmp_path)
    issued(made, ENTRUSTMENT)
    at(made, "2026-10-10")
    return made


def registered(office: Office, **changes: Any) -> Act:
    given = {key: value for key, value in {**ORDER, **changes}.items() if value is not None}
    staff, approver = (sample_actor(office.ports, who) for who in ("staff", "approver"))
    return operator.issue_at_once(office.ports, staff, approver, "T33", given)


def due_days(office: Office, order: Act) -> list[date | None]:
    """Days by which something must follow the order."""
    found = due_list.due_list(office.ports, sample_actor(office.ports, "officer"), date.max).dues
    return [due.day for due in found if due.after.id == order.id]


def test_each_item_is_due_and_re_inspected_as_in_an_order_made_here(office: Office) -> None:
    order = registered(office)
    assert order.title == "系统外文书登记表"
    assert due_days(office, order) == [date(2026, 10, 23), date(2026, 11, 25)]
    at(office, "2026-10-22")
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T24", source_act=order.id)
    assert draft.answers["issuer_name"] == ORDER["ext_organ"] and draft.answers["auth_mode"] == "M2"
    rows = [{"result": "已改正"}, {"result": "未改正"}]
    recheck = made_from(
        office, order, "T24", drafter="赵正言", approver="周国栋", entrust_ref="绥北消委字〔2026〕第0001号",
        trigger="期限届满", recheck_date="2026-10-22", results=rows, next=["期限内继续整改"],
        officers=[{"name": n, "cert_no": f"FAKE2312020000{i}", "org": ORDER["issuer_name"], "cert_valid_to": "2029-12-31"}
                  for i, n in ((1, "赵正言"), (2, "钱守规"))],
    )  # fmt: skip
    assert [(row["no"], row["desc"], row["due"]) for row in recheck.answers["results"]] == [
        (2, ITEMS[0]["desc"], "已到期"),
        (5, ITEMS[1]["desc"], "未到期"),
    ]
    assert recheck.answers["order_text"] == ORDER["ext_no"]
    assert due_days(office, order) == [date(2026, 11, 25)]
    with office.ports.store.read() as tx:
        entries = tx.register_entries.find(Condition("source_act", "==", order.id))
    assert [row["order_no"] for entry in entries for row in entry["given"]] == [ORDER["ext_no"]] * 2


def extension(office: Office, order: Act, **changes: Any) -> Act:
    """The approval of an extension of the first item of an order, as a person types it."""
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T25", source_act=order.id)
    assert [(row["no"], row["old_deadline"]) for row in draft.answers["items"]] == [
        (item["no"], item["deadline"]) for item in ITEMS
    ]
    items = [dict(row) for row in draft.answers["items"]]
    items[0] |= {"want_deadline": "2026-12-18", "reason": "需要停水施工"}
    given = {
        "apply_date": "2026-10-10", "applicant": "段清泉", "items": items, "safe_measures": "专人值守", "risk_ok": False,
        "office_opinion": "确需延期", "decided": [{"grant": "准予", "new_deadline": "2026-11-27"}], **SIGNED,
    }  # fmt: skip
    return made_from(office, order, "T25", **{**given, **changes})


def test_the_deadline_of_an_item_is_extended_as_in_an_order_made_here(office: Office) -> None:
    at_once = {"ext_kind": "责令立即改正通知书", "hazards": ITEMS}
    for changes, words in ((at_once, "不能延期"), ({"ext_served_on": None}, "还没有送达")):
        with pytest.raises(InputRefused, match=words):
            extension(office, registered(office, **changes))
    order = registered(office)
    with pytest.raises(InputRefused, match="同一机关"):
        extension(office, order, issuer_name=ORDER["issuer_name"], approver="李明远")
    approval = extension(office, order)
    assert (approval.answers["order_text"], approval.answers["issuer_name"]) == (
        ORDER["ext_no"],
        ORDER["ext_organ"],
    )
    told = made_from(office, approval, "T25B", **SIGNED)
    assert told.answers["order_text"] == ORDER["ext_no"]
    assert due_days(office, order) == [date(2026, 10, 23), date(2026, 11, 25)]
    record = ServiceRecord(
        "直接送达", "2026-10-10T09:30", "段清泉", "经营者", servers=("赵正言", "钱守规"), note="当面签收"
    )
    record_service(office.ports, sample_actor(office.ports, "officer"), told.id, record)
    assert due_days(office, order) == [date(2026, 11, 25), date(2026, 12, 2)]


def test_what_an_order_must_say_and_a_sealing_need_not(office: Office) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"hazards": None}, "hazards"),
        ({"ext_mode": "M0"}, "ext_mode"),
        ({"hazards": [{**ITEMS[0], "deadline": None}]}, "hazards.0.deadline"),
        ({"ext_date": "2026-10-11", "ext_served_on": None}, "ext_date"),
        ({"ext_served_on": "2026-03-19"}, "ext_served_on"),
    )
    for changes, field in wrong:
        with pytest.raises(InputRefused) as refused:
            registered(office, **changes)
        assert field in {p.field for p in refused.value.problems}, field
    at_once = {"ext_kind": "责令立即改正通知书", "hazards": [{**ITEMS[0], "deadline": None}]}
    urged = {"ext_kind": "火灾隐患督促整改通知书", "ext_mode": "M0", "ext_organ": ORDER["issuer_name"]}
    sealed = LATER_CASES["EX50"]["fields"]
    for changes in (at_once, urged, dict.fromkeys(ORDER) | sealed):
        assert registered(office, **changes).state == "issued"


def ledger(office: Office) -> set[tuple[Any, ...]]:
    """State, day of re-inspection and closing document of the hazards of the order."""
    rows = list_rows(office.ports, "hazards", date(2026, 10, 26))
    return {
        (r.values["state"], r.values["recheck_date"] or None, r.values["closed_by"] or None) for r in rows
    }


def closing(office: Office, order: Act, **changes: Any) -> Act:
    """The approval of closing a case, on the re-inspection that was written before the system."""
    given = {
        "close_type": "改正完毕",
        "evidence_ref": {"number": "绥北（东）消复字〔2026〕第0002号", "title": "复查意见书", "date": "2026-04-22"},
        "exec_desc": "全部问题已于2026年4月22日复查改正", "docs": [{"name": "责令限期改正通知书", "pages": 2}],
        "volume_no": "2026-消-001", "keep": "30年", "keeper": "冯文书", **SIGNED,
    }  # fmt: skip
    return made_from(office, order, "T36", **{**given, **changes})


def test_a_case_of_before_is_closed_on_what_was_written_before(office: Office) -> None:
    at(office, "2026-10-26")
    order = registered(office)
    assert len(due_days(office, order)) == 2
    for wrong, words in (
        ({"issuer_name": ORDER["issuer_name"], "approver": "李明远"}, "同一机关"),
        ({"auth_mode": "M3", "entrust_ref": None}, "权限模式应与"),
        ({"evidence_ref": {"number": "某字〔2026〕1号", "title": "检查记录", "date": "2026-04-22"}}, "应是复查意见书"),
    ):  # fmt: skip
        with pytest.raises(InputRefused, match=words):
            closing(office, order, **wrong)
    closed = closing(office, order)
    assert closed.answers["case_text"] == ORDER["ext_no"] and closed.number
    # nothing is due any more, and the ledger has no open item of the order
    assert due_days(office, order) == []
    assert ledger(office) == {("已销号", "2026-04-22", closed.number)}
    with pytest.raises(Conflict, match="结案"):
        drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T24", source_act=order.id)
    issue.void_act(office.ports, sample_actor(office.ports, "approver"), closed.id, reason="案卷号写错")
    assert len(due_days(office, order)) == 2 and ledger(office) == {("已责令（限期）", None, None)}
    # three neighbours that are right: the object is gone, the case was dropped, the case was transferred
    transfer = {
        "number": "绥北（东）消移字〔2026〕第0001号",
        "title": "案件（线索）移送函",
        "date": "2026-05-06",
    }
    for lawful in (
        {"close_type": "对象灭失", "evidence_ref": None},
        {"close_type": "终止调查", "evidence_ref": None},
        {"close_type": "移送", "evidence_ref": transfer},
    ):
        done = closing(office, order, **lawful)
        assert ledger(office) == {("已责令（限期）", None, None)}
        issue.void_act(office.ports, sample_actor(office.ports, "approver"), done.id, reason="案卷号写错")
