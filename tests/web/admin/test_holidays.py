"""The page of days off: preview, import, what it changes, undo."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.usecases.cases.case_file import get_case
from formsvc.usecases.cases.due_list import due_list
from tests.support.issued_acts import CASES, ORDER, before_the_order, order
from tests.support.memory_office import Office
from tests.support.page_client import Visitor
from tests.usecases.administration.test_holiday_tables import NOTICE, TABLE, workbook

Visit = Callable[[str], Visitor]


def test_a_notice_is_pasted_previewed_imported_and_undone(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    page = chen.open("/admin")
    assert "还没有2027年的放假安排" in page.text
    page = chen.open("/admin/calendar")
    assert page.value("f-year") == "2027" and "随系统提供" in page.text
    page = chen.press("预览", {"lines": NOTICE, "source": "国办发明电〔2026〕虚构号"})
    assert page.h1 == "核对2027年的放假安排" and "2月20日" in page.text
    assert "还没有2027年的放假安排" in visit("admin").open("/admin/calendar").text
    page = chen.press("导入")
    assert "已导入2027年的放假安排" in page.text and "国办发明电〔2026〕虚构号" in page.text
    assert "还没有2027年" not in chen.open("/admin").text
    assert "导入2027年放假安排" in chen.open("/admin/journal").text
    chen.open("/admin/calendar")
    page = chen.press("撤销导入的2027年放假安排")
    assert "还没有2027年的放假安排" in page.text


def test_what_cannot_be_read_is_named_and_nothing_typed_is_lost(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    chen.open("/admin/calendar")
    text = NOTICE.replace("六、中秋节：9月15日（周三）放假，共1天。\n", "").replace("10月9日", "10月39日")
    page = chen.press("预览", {"lines": text, "source": "通知"})
    assert page.status == 422 and "没有“10月39日”这一天" in page.text
    assert page.value("f-lines").strip() == text.strip() and page.value("f-source") == "通知"
    page = chen.press("预览", {"lines": text.replace("10月39日", "10月9日")})
    assert page.status == 422 and "缺少中秋节" in page.text


def test_a_filled_template_is_uploaded(office: Office, visit: Visit) -> None:
    chen = visit("admin")
    assert chen.client.get("/admin/calendar/template.xlsx").data[:2] == b"PK"
    chen.open("/admin/calendar")
    rows = [("放假", s["name"], s["from"], s["to"]) for s in TABLE["off"]]
    rows += [("上班", "", day, "") for day in TABLE["work"]]
    page = chen.press("预览", {"book": (io.BytesIO(workbook(rows)), "2027.xlsx")})
    assert page.h1 == "核对2027年的放假安排"
    # the days as in the forms, and as Excel counts them
    typed = [(date.fromisoformat(first), last) for _kind, _name, first, last in rows]
    days = [(f"{first.year}年{first.month}月{first.day}号", (date.fromisoformat(last) - date(1899, 12, 30)).days if last else "")
            for first, last in typed]  # fmt: skip
    again: Any = [
        (kind, name, first, last) for (kind, name, *_), (first, last) in zip(rows, days, strict=True)
    ]
    chen.open("/admin/calendar")
    page = chen.press("预览", {"book": (io.BytesIO(workbook(again)), "2027.xlsx")})
    assert page.h1 == "核对2027年的放假安排"


@pytest.mark.parametrize("name", ["staff", "approver"])
def test_the_page_is_for_administrators(visit: Visit, name: str) -> None:
    assert visit(name).open("/admin/calendar").status == 403


def test_deadlines_and_due_lists_are_provisional_until_the_table_comes(office: Office, visit: Visit) -> None:
    before_the_order(office)
    rows = [{**row, "deadline": "2027-02-04"} for row in CASES[ORDER]["fields"]["hazards"]]
    act = order(office, hazards=rows, recheck_by=None, deadline_reason="改正工程量大（虚构）")
    officer = sample_actor(office.ports, "officer")

    def recheck_days() -> set[tuple[str, bool]]:
        links = get_case(office.ports, officer, act.id).links
        return {
            (found.due.isoformat(), found.is_certain)
            for link in links
            for found in link.deadlines
            if "复查" in found.name and found.due.year == 2027
        }

    def listed() -> set[str]:
        dues = due_list(office.ports, officer, date(2027, 3, 1)).dues
        return {due.day.isoformat() for due in dues if due.day and due.day.year == 2027}

    assert recheck_days() == {("2027-02-11", False)}
    before = listed()
    assert "2027-02-11" in before
    chen = visit("admin")
    chen.open("/admin/calendar")
    chen.press("预览", {"lines": NOTICE})
    chen.press("导入")
    assert recheck_days() == {("2027-02-16", True)}
    assert listed() == {day.replace("2027-02-11", "2027-02-16") for day in before}
    chen.open("/admin/calendar")
    chen.press("撤销导入的2027年放假安排")
    assert recheck_days() == {("2027-02-11", False)} and listed() == before
