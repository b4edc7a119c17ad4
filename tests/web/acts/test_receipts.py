"""送达回证: printed blank, signed, then entered in words of its own by the clerk alone."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.demo.office import sample_actor
from formsvc.usecases import access
from formsvc.usecases.drafting import drafts
from tests.support.issued_acts import ENTRUSTMENT, NOTICE, issued
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

SIGNED = {
    "method": "直接",
    "received_at": "2026-09-18T08:30",
    "receiver": "褚安",
    "relation": "负责收件人",
}


def test_a_receipt_is_printed_blank_and_entered_by_the_clerk(
    office: Office, visit: Callable[[str], Visitor]
) -> None:
    ports, staff = office.ports, sample_actor(office.ports, "staff")
    issued(office, ENTRUSTMENT)
    notice = issued(office, NOTICE)
    draft = drafts.open_form(ports, staff, "T34", source_act=notice.id)
    visitor = visit("staff")
    page = visitor.open(f"/drafts/{draft.id}")
    assert "打印空白回证" in page.text and "待编号" not in page.text and "提交审核" not in page.text
    drafts.save_answers(
        ports, staff, draft.id, {**draft.answers, **SIGNED}, version=draft.version, strict_keys=False
    )
    visitor.open(f"/drafts/{draft.id}")
    page = visitor.press("登记送达")
    assert "已记录" in page.text and "待编号" not in page.text
    assert access.get_act(ports, staff, notice.id).state == "served"
    listed = visitor.open("/acts")
    assert "不编号" in listed.text
