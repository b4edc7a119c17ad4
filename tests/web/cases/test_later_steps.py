"""What later documents do in a case: transfer, closing, revocation and change, registration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.errors import Conflict, FormsvcError, InputRefused
from formsvc.usecases.cases import due_list
from formsvc.usecases.drafting import drafts
from formsvc.usecases.effects import case_locks
from tests.support.case_steps import at, issue_case, made_from
from tests.support.issued_acts import before_the_order, issued
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

SIGNED = {"drafter": "赵正言", "approver": "周国栋"}


@pytest.fixture
def order(office: Office) -> Act:
    """The order of the worked case, served on 22 September."""
    record = before_the_order(office)
    at(office, "2026-09-21")
    made = made_from(office, record, "T22", **SIGNED, issue_date="2026-09-21")
    serve(office, made, "2026-09-22T10:00")
    return made


def serve(office: Office, act: Act, moment: str, **answers: Any) -> Act:
    """Record the receipt of a document handed over."""
    at(office, moment[:10])
    handed = {"method": "直接", "received_at": moment, "receiver": "褚安", "relation": "负责收件人"}
    return made_from(office, act, "T34", **(handed | answers))


def recheck(office: Office, order: Act, day: str, *results: str, **more: Any) -> Act:
    """A re-inspection of the order with one result for each item."""
    at(office, day)
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T24", source_act=order.id)
    rows = [{**row, "result": result} for row, result in zip(draft.answers["results"], results, strict=True)]
    given = {
        "trigger": "当事人申请",
        "apply_date": day,
        "recheck_date": day,
        "results": rows,
        "next": ["结案"],
    }
    return made_from(office, order, "T24", **SIGNED, **(given | more))


CLOSING = {
    "close_type": "改正完毕", "exec_desc": "全部问题已经复查改正", "volume_no": "2026-消-006", "keep": "30年", "keeper": "冯文书",
    "docs": [{"name": "检查记录", "pages": 3}, {"name": "责令限期改正通知书", "pages": 2}],
}  # fmt: skip


def reference(act: Act) -> dict[str, str]:
    return {"number": act.number, "title": str(act.title), "date": act.dated}


def test_a_case_is_closed_by_its_re_inspection_only_when_all_is_remedied(office: Office, order: Act) -> None:
    partly = recheck(office, order, "2026-10-12", "已改正", "未改正", next=["继续督促"])
    serve(office, partly, "2026-10-13T10:00")
    with pytest.raises(InputRefused, match="不能以“改正完毕”结案"):
        made_from(office, partly, "T36", **SIGNED, **CLOSING, evidence_ref=reference(partly))
    wholly = recheck(office, order, "2026-10-28", "已改正", "已改正")
    with pytest.raises(InputRefused, match="没有送达"):
        made_from(office, order, "T36", **SIGNED, **CLOSING, evidence_ref=reference(wholly))
    serve(office, wholly, "2026-10-28T15:00")
    closed = made_from(office, wholly, "T36", **SIGNED, **CLOSING, evidence_ref=reference(wholly))
    assert closed.number == "绥北（东）消结字〔2026〕第0001号"
    assert closed.answers["party_name"] == order.answers["party_name"]


def test_only_a_served_document_is_revoked_and_only_an_unserved_one_voided(office: Office) -> None:
    record = before_the_order(office)
    at(office, "2026-09-21")
    order = made_from(office, record, "T22", **SIGNED, issue_date="2026-09-21")
    change = {
        "kind": "变更",
        "found_by": "自查",
        "reason": "第1项期限不足以完成施工",
        "safety": "专人值守",
        "publish": "不涉及公示",
    }
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T50", source_act=order.id)
    saved = drafts.save_answers(
        office.ports, draft_actor := sample_actor(office.ports, "staff"), draft.id, {**draft.answers, **change},
        version=draft.version, strict_keys=False,
    )  # fmt: skip
    rows = [{**row, "new_deadline": "2026-11-30"} for row in saved.act.answers["deadlines"]]
    with pytest.raises(InputRefused, match="还没有送达"):
        made_from(office, order, "T50", **SIGNED, **change, deadlines=rows)
    serve(office, order, "2026-09-22T10:00")
    revoking = made_from(office, order, "T50", **SIGNED, **change, deadlines=rows)
    assert [(row["old_deadline"], row["new_deadline"]) for row in revoking.answers["moved"]] == [
        ("2026-10-30", "2026-11-30")
    ] * 2
    assert draft_actor.account.id == "staff"
    void = {
        "stage": "已用印未送达",
        "reason": "填写错误",
        "reason_desc": "期限写错",
        "collected": True,
        "collector": "孙起草",
    }
    with pytest.raises(InputRefused, match="已经送达"):
        made_from(office, order, "T48", drafter="孙起草", approver="周国栋", **void)


def recheck_due(office: Office) -> date | None:
    """The day by which the order must be inspected again, in the list of what is due."""
    dues = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date.max).dues
    return next((d.day for d in dues if (d.step.form, d.after.form) == ("T24", "T22")), None)


def draft_of(office: Office, order: Act, form: str = "T24") -> Act:
    return drafts.open_form(office.ports, sample_actor(office.ports, "staff"), form, source_act=order.id)


CHANGE = {
    "found_by": "自查",
    "reason": "第1项期限不足以完成施工",
    "safety": "专人值守",
    "publish": "不涉及公示",
}


def test_a_changed_deadline_holds_from_service_in_case_list_and_re_inspection(
    office: Office, order: Act
) -> None:
    assert recheck_due(office) == date(2026, 11, 4)
    at(office, "2026-10-22")
    kind = {"kind": "变更", **CHANGE}
    draft = draft_of(office, order, "T50")
    staff = sample_actor(office.ports, "staff")
    shown = drafts.save_answers(
        office.ports, staff, draft.id, {**draft.answers, **kind}, version=draft.version, strict_keys=False
    )
    rows = [{**row, "new_deadline": "2026-11-30"} for row in shown.act.answers["deadlines"]]
    change = made_from(office, order, "T50", **SIGNED, **kind, deadlines=rows)
    assert recheck_due(office) == date(2026, 11, 4), "nothing changes before the party has it"
    serve(office, change, "2026-10-23T10:00")
    assert recheck_due(office) == date(2026, 12, 3)
    assert {row["deadline"] for row in draft_of(office, order).answers["results"]} == {"2026-11-30"}


def test_a_revoked_order_asks_for_nothing_more(office: Office, order: Act) -> None:
    at(office, "2026-10-22")
    revocation = made_from(office, order, "T50", **SIGNED, kind="撤销", **CHANGE)
    assert recheck_due(office) is not None
    serve(office, revocation, "2026-10-23T10:00")
    assert recheck_due(office) is None
    with pytest.raises(FormsvcError, match="撤销"):
        recheck(office, order, "2026-10-28", "已改正", "已改正")


def test_a_closed_case_is_locked_until_it_is_opened_again(office: Office, order: Act) -> None:
    wholly = recheck(office, order, "2026-10-28", "已改正", "已改正")
    serve(office, wholly, "2026-10-28T15:00")
    closed = made_from(office, wholly, "T36", **SIGNED, **CLOSING, evidence_ref=reference(wholly))
    with pytest.raises(Conflict, match=closed.number):
        draft_of(office, order)
    approver = sample_actor(office.ports, "approver")
    case_locks.reopen_case(office.ports, approver, order.id, reason="当事人举报整改不实")
    assert draft_of(office, order).form == "T24"


def test_a_closed_case_is_opened_again_on_its_page_by_who_signs(
    office: Office, order: Act, visit: Callable[[str], Visitor]
) -> None:
    wholly = recheck(office, order, "2026-10-28", "已改正", "已改正")
    serve(office, wholly, "2026-10-28T15:00")
    closed = made_from(office, wholly, "T36", **SIGNED, **CLOSING, evidence_ref=reference(wholly))
    approver = visit("approver")
    page = approver.open(f"/acts/{order.id}/reopen")
    assert closed.number in page.text
    refused = approver.press("重新办理", {"reason": " "})
    assert refused.status == 422 and "请写明重新办理的理由" in refused.text
    assert "已重新办理" in approver.press("重新办理", {"reason": "当事人举报整改不实"}).text
    assert "没有锁定" in approver.open(f"/acts/{order.id}/reopen").text
    assert draft_of(office, order).form == "T24"


def test_the_end_of_a_sealing_stays_due_until_it_is_settled(office: Office) -> None:
    at(office, "2026-10-10")
    issue_case(office, "EX50")
    dues = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date.max).dues
    assert [(d.day, d.after.form) for d in dues] == [(date(2026, 11, 7), "T33")]


def test_a_case_of_own_duty_ends_with_a_transfer(office: Office) -> None:
    at(office, "2026-11-23")
    urging = issued(office, "EX11")
    at(office, "2026-12-15")
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T28", source_act=urging.id)
    assert draft.answers["facts"] and "第二十八条" in draft.answers["law"]
    more = {"dept": "绥化市北林区消防救援大队", "reason": "逾期未整改", "materials": [{"name": "检查记录", "pages": 2}],
            "facts": f"{draft.answers['facts']}；该店2025年曾受到消防救援大队行政处罚",
            "contact": "冯文书", "contact_phone": "0455-8990002"}  # fmt: skip
    transfer = made_from(office, urging, "T28", drafter="冯文书", approver="陈立新", **more)
    assert transfer.number == "东消移字〔2026〕第0003号"
    assert transfer.answers["reply_days"] == 15


def extension(office: Office, order: Act, *grants: str, asked: str = "2026-12-18", **more: Any) -> Act:
    """The approval of an extension of both items, as a person types it."""
    at(office, "2026-10-20")
    draft = drafts.open_form(office.ports, sample_actor(office.ports, "staff"), "T25", source_act=order.id)
    items = [{**row, "want_deadline": asked, "reason": "需要停水施工"} for row in draft.answers["items"]]
    decided = [
        {"grant": grant, "new_deadline": "2026-11-20"}
        if grant == "准予"
        else {"grant": grant, "note": "可以按期完成"}
        for grant in grants
    ]
    given = {"apply_date": "2026-10-19", "applicant": "魏东来", "items": items, "safe_measures": "专人值守",
            "risk_ok": False, "office_opinion": "确需延期", "decided": decided}  # fmt: skip
    return made_from(office, order, "T25", **SIGNED, **(given | more))


def test_an_extension_is_decided_item_by_item_and_told_in_the_same_words(office: Office, order: Act) -> None:
    approval = extension(office, order, "准予", "不予")
    assert approval.answers["decision"] == "部分准予"
    assert [row["desc"] for row in approval.answers["decided"]] == [
        r["desc"] for r in order.answers["hazards"]
    ]
    told = made_from(office, approval, "T25B", **SIGNED)
    assert told.answers["order_ref"]["number"] == order.number
    assert [(r["grant"], r["new_deadline"]) for r in told.answers["decided"]] == [
        ("准予", "2026-11-20"),
        ("不予", None),
    ]
    assert told.answers["decided"][0]["recheck_by"] == "2026-11-25"
    assert "可以按期完成" in told.answers["reason"]


def test_an_extension_asks_for_a_served_order_and_a_later_day(office: Office, order: Act) -> None:
    with pytest.raises(InputRefused, match="晚于原期限"):
        extension(office, order, "准予", "准予", asked="2026-10-30")
    assert extension(office, order, "准予", "准予").answers["times"] == 1
    again = extension(office, order, "不予", "不予", over_reason="施工队更换")
    assert again.answers["times"] == 2


def test_a_granted_extension_moves_the_deadline_when_it_is_served(office: Office, order: Act) -> None:
    told = made_from(office, extension(office, order, "准予", "不予"), "T25B", **SIGNED)
    assert recheck_due(office) == date(2026, 11, 4)
    serve(office, told, "2026-10-21T10:00", sender=[{"name": "赵正言"}, {"name": "钱守规"}])
    rows = draft_of(office, order).answers["results"]
    assert [row["deadline"] for row in rows] == ["2026-11-20", "2026-10-30"]
    dues = due_list.due_list(office.ports, sample_actor(office.ports, "staff"), date.max).dues
    assert sorted(d.day for d in dues if d.step.form == "T24" and d.day) == [
        date(2026, 11, 4),
        date(2026, 11, 25),
    ]
