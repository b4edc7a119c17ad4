"""Deadlines with their reasons, on the calendar of 2026 with its days worked in exchange."""

from __future__ import annotations

from datetime import date

import pytest

from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.cases.deadlines import Deadline, in_days, in_months, in_working_days, on_the_day

CALENDAR = OFFICIAL.with_weekends_for_missing_years()
NINETEEN = "《消防监督检查规定》第十九条"


@pytest.mark.parametrize(
    ("begins", "count", "due"),
    [
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-11-23", 7, "2026-12-02"),
        ("2026-02-13", 5, "2026-02-27"),
    ],
)
def test_working_days_leave_out_days_off_and_count_those_worked_in_exchange(
    begins: str, count: int, due: str
) -> None:
    found = in_working_days("期限", "某日", date.fromisoformat(begins), count, CALENDAR)
    assert found.due.isoformat() == due


def test_the_sentence_names_the_day_it_begins_the_days_counted_and_the_article() -> None:
    found = in_working_days("作出期限", "检查之日", date(2026, 9, 18), 3, CALENDAR, NINETEEN)
    assert found.sentence == (
        "作出期限：检查之日（2026年9月18日）的次日起算3个工作日，到2026年9月22日（周二）止；"
        "其间9月19日为休息日，不计入；9月20日为调休上班日，计入（《消防监督检查规定》第十九条）。"
    )
    assert found.days_off == (date(2026, 9, 19),)
    assert found.worked == (date(2026, 9, 20),)


@pytest.mark.parametrize(
    ("begins", "count", "due"),
    [("2026-08-03", 60, "2026-10-08"), ("2026-11-23", 15, "2026-12-08"), ("2026-09-04", 30, "2026-10-08")],
)
def test_calendar_days_run_on_when_the_last_one_is_off(begins: str, count: int, due: str) -> None:
    found = in_days("期限", "收到之日", date.fromisoformat(begins), count, CALENDAR)
    assert found.due.isoformat() == due
    assert ("顺延至" in found.sentence) is bool(found.days_off)


def test_calendar_days_may_be_told_not_to_run_on() -> None:
    found = in_days("公告期", "发出公告之日", date(2026, 9, 4), 30, CALENDAR, rolls=False)
    assert found.due == date(2026, 10, 4)
    assert "顺延" not in found.sentence


def test_months_end_with_the_month_and_run_on() -> None:
    found = in_months("起诉期限", "收到之日", date(2026, 8, 31), 6, CALENDAR)
    assert found.due == date(2027, 3, 1)
    assert "到2027年2月28日（周日）止；该日放假，顺延至2027年3月1日（周一" in found.sentence


def test_a_year_without_a_table_is_told() -> None:
    found = in_working_days("期限", "某日", date(2026, 12, 30), 3, CALENDAR)
    assert not found.is_certain
    assert "2027年放假安排尚未导入" in found.sentence


def test_a_day_that_a_document_sets_is_told_as_it_is() -> None:
    found = on_the_day("整改期限", "通知书确定的期限，含当日", date(2026, 10, 30), CALENDAR)
    assert found == Deadline(
        "整改期限",
        date(2026, 10, 30),
        date(2026, 10, 30),
        "整改期限：通知书确定的期限，含当日，到2026年10月30日（周五）止。",
    )
    assert found.is_past(date(2026, 10, 31)) and not found.is_past(date(2026, 10, 30))
