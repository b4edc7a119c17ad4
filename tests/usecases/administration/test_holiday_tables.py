"""Days off: what is off by law, what a table adds, and what is provisional until it comes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from formsvc.domain.calendar import add_working_days, is_working_day
from formsvc.domain.cases.deadlines import in_days, in_working_days
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.errors import FormsvcError, InputRefused, NotFound
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.administration import holiday_sources, holiday_tables
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting import drafts
from tests.support.issued_acts import CASES, ORDER
from tests.support.memory_office import SetClock

People = Callable[[str], Actor]
day = date.fromisoformat

# fictitious: the notice for 2027 was not published when this was written
NOTICE = """
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（农历正月初六、周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）放假，共1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""
TABLE: dict[str, Any] = {
    "year": 2027,
    "off": [
        {"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"},
        {"name": "春节", "from": "2027-02-05", "to": "2027-02-11"},
        {"name": "清明节", "from": "2027-04-03", "to": "2027-04-05"},
        {"name": "劳动节", "from": "2027-05-01", "to": "2027-05-05"},
        {"name": "端午节", "from": "2027-06-09", "to": "2027-06-09"},
        {"name": "中秋节", "from": "2027-09-15", "to": "2027-09-15"},
        {"name": "国庆节", "from": "2027-10-01", "to": "2027-10-07"},
    ],
    "work": ["2027-01-31", "2027-02-20", "2027-05-08", "2027-09-26", "2027-10-09"],
}


def workbook(rows: Sequence[tuple[str, ...]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [("类别", "名称", "起", "止"), *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def order(ports: Ports, actor: Actor, checked: str, issued: str, deadline: str, **more: str) -> Evaluation:
    """The evaluation of an order to correct (T22) with these days."""
    draft = drafts.open_form(ports, actor, "T22")
    fields = {
        **CASES[ORDER]["fields"],
        "check_date": checked,
        "issue_date": issued,
        "recheck_by": None,
        **more,
    }
    fields["hazards"] = [{**row, "deadline": deadline} for row in fields["hazards"]]
    return drafts.save_answers(
        ports, actor, draft.id, fields, version=draft.version, strict_keys=False
    ).evaluation


def said(evaluation: Evaluation, field: str, level: str) -> str:
    return " ".join(str(p.sentence()) for p in getattr(evaluation, level) if p.field == field)


# The fixed holidays ----------------------------------------------------------------------------------


def test_the_national_holidays_are_off_in_a_year_without_a_table(ports: Ports) -> None:
    calendar = get_calendar(ports)
    assert calendar.missing_years([2027, 2028]) == (2027, 2028)
    for off in ("2027-01-01", "2027-02-05", "2027-02-08", "2027-04-05", "2027-06-09", "2027-09-15"):
        assert not is_working_day(day(off), calendar), off
    for year in (2027, 2028, 2031):
        for off in ("01-01", "05-01", "05-02", "10-01", "10-02", "10-03"):
            assert not is_working_day(day(f"{year}-{off}"), calendar)
    # the neighbours: days that only a table could take off
    for worked in ("2027-01-04", "2027-02-04", "2027-02-09", "2027-05-03", "2027-10-04", "2027-04-06"):
        assert is_working_day(day(worked), calendar), worked
    # 2 May is a holiday since 2025 only
    assert is_working_day(date(2022, 5, 2), calendar)


@pytest.mark.parametrize(
    ("begins", "due"),
    [("2026-12-29", "2027-01-04"), ("2026-12-30", "2027-01-05"), ("2026-12-31", "2027-01-06")],
)
def test_three_working_days_over_new_year_leave_out_its_holiday(ports: Ports, begins: str, due: str) -> None:
    calendar = get_calendar(ports)
    assert add_working_days(day(begins), 3, calendar) == day(due)
    found = in_working_days("期限", "某日", day(begins), 3, calendar)
    assert found.due == day(due) and not found.is_certain
    assert "暂定" in found.sentence
    # ended before the year without a table
    assert in_working_days("期限", "某日", date(2026, 12, 25), 3, calendar).is_certain


def test_a_period_that_ends_on_a_holiday_runs_on_and_is_provisional(ports: Ports) -> None:
    calendar = get_calendar(ports)
    found = in_days("期限", "某日", date(2026, 12, 2), 30, calendar)
    assert found.due == date(2027, 1, 4) and not found.is_certain
    straight = in_days("期限", "某日", date(2026, 12, 6), 30, calendar)
    assert straight.due == date(2027, 1, 5) and not straight.is_certain and "暂定" in straight.sentence


# Rules of forms --------------------------------------------------------------------------------------


def test_an_order_after_new_year_is_in_time_until_the_third_working_day(
    ports: Ports, actor: People, clock: SetClock
) -> None:
    clock.moment = datetime(2027, 1, 5, 9, 0, tzinfo=clock.moment.tzinfo)
    staff = actor("staff")
    for checked, issued in (
        ("2026-12-30", "2027-01-05"),
        ("2026-12-29", "2027-01-04"),
        ("2026-12-31", "2027-01-05"),
    ):
        found = order(ports, staff, checked, issued, "2027-02-01")
        assert "工作日" not in said(found, "issue_date", "problems"), (checked, issued)
        assert "最迟" not in said(found, "issue_date", "notices")


def test_a_late_order_is_a_notice_without_the_table_and_what_the_rule_says_with_it(
    ports: Ports, actor: People, clock: SetClock
) -> None:
    clock.moment = datetime(2027, 1, 5, 9, 0, tzinfo=clock.moment.tzinfo)
    staff = actor("staff")
    reason = {"late_reason": "被检查单位元旦停业，无法当面核对"}
    late = order(ports, staff, "2026-12-29", "2027-01-05", "2027-02-01", **reason)
    assert "最迟2027-01-04" in said(late, "issue_date", "notices")
    assert "2027年的放假安排尚未导入" in said(late, "issue_date", "notices")
    assert "最迟" not in said(late, "issue_date", "problems")
    holiday_tables.import_table(ports, actor("admin"), TABLE)
    known = order(ports, staff, "2026-12-29", "2027-01-05", "2027-02-01", **reason)
    assert "尚未导入" not in said(known, "issue_date", "notices")
    assert "最迟2027-01-04" in said(known, "issue_date", "notices") + said(known, "issue_date", "problems")


def test_a_deadline_on_new_years_day_is_pointed_out_and_the_recheck_is_counted_from_it(
    ports: Ports, actor: People
) -> None:
    staff = actor("staff")
    assert "不是工作日" in said(
        order(ports, staff, "2026-09-18", "2026-09-21", "2027-01-01"), "hazards.0.deadline", "notices"
    )
    before = order(ports, staff, "2026-09-18", "2026-09-21", "2026-12-31")
    assert "不是工作日" not in said(before, "hazards.0.deadline", "notices")
    assert before.values["recheck_by"] == "2027-01-06"
    assert "暂定" in said(before, "recheck_by", "notices")


# Import ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["notice", "lines", "json", "workbook"])
def test_a_table_is_read_from_notice_lines_json_and_workbook(ports: Ports, source: str) -> None:
    rows = [("放假", s["name"], s["from"], s["to"]) for s in TABLE["off"]]
    rows += [("上班", "", each, "") for each in TABLE["work"]]
    lines = [
        f"{name} {first} 至 {last}" if kind == "放假" else f"上班 {first}" for kind, name, first, last in rows
    ]
    name, content = {
        "notice": ("a.txt", NOTICE.encode()),
        "lines": ("b.txt", "\n".join(lines).encode()),
        "json": ("c.json", json.dumps(TABLE).encode()),
        "workbook": ("d.xlsx", workbook(rows)),
    }[source]
    table, shown = holiday_tables.check_table(holiday_sources.read_file(ports, name, content, 2027))
    assert {key: table[key] for key in ("year", "off", "work")} == TABLE
    assert shown.year == 2027 and len(shown.off) == 7


def changed(**parts: Any) -> dict[str, Any]:
    return {**TABLE, **parts}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (changed(off=[s for s in TABLE["off"] if s["name"] != "端午节"]), "缺少端午节"),
        (changed(work=["2027-01-04"]), "2027-01-04不是周末"),
        (changed(off=[{**s, "to": "2027-12-07"} if s["name"] == "国庆节" else s for s in TABLE["off"]], work=[]), "请核对起止日"),
        (changed(off=[{**s, "to": "2027-10-01"} if s["name"] == "国庆节" else s for s in TABLE["off"]]), "2027-10-02"),
        (changed(year=1900), "年前后"),
        (changed(off=[{"name": "元旦"}]), "格式不对"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_right_is_refused_and_nothing_is_stored(
    ports: Ports, actor: People, table: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        holiday_tables.import_table(ports, actor("admin"), table)
    assert reason in str(refused.value)
    assert get_calendar(ports).missing_years([2027]) == (2027,)
    # the neighbours: the table as it is, with a longer holiday, and with a weekend not worked
    spring = [{**s, "to": "2027-02-12"} if s["name"] == "春节" else s for s in TABLE["off"]]
    for lawful in (TABLE, changed(off=spring), changed(work=TABLE["work"][1:])):
        holiday_tables.import_table(ports, actor("admin"), lawful)
        assert get_calendar(ports).missing_years([2027]) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("元旦：13月1日放假", "没有“13月1日”这一天"),
        ("1月1日放假", "看不出"),
        ("元旦放假", "没有放假或者上班的日期"),
        ("", "没有填写放假的日期"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, reason: str) -> None:
    with pytest.raises(InputRefused) as refused:
        holiday_sources.read_text(text, 2027)
    assert reason in str(refused.value)
    for readable in (
        "元旦：1月1日放假。",
        "元旦：1月1日（周五）至3日（周日）放假，共3天。",
        "元旦 2027-01-01 至 2027-01-03",
    ):
        (holiday,) = holiday_sources.read_text(readable, 2027)["off"]
        assert (holiday["name"], holiday["from"]) == ("元旦", "2027-01-01")


def test_an_import_counts_at_once_for_every_process_and_is_undone(
    ports: Ports, actor: People, tmp_path: Path
) -> None:
    other = replace(ports, store=TinyStore(tmp_path / "store.db"))
    begins = date(2027, 2, 4)
    assert add_working_days(begins, 3, get_calendar(other)) == date(2027, 2, 11)
    holiday_tables.import_table(ports, actor("admin"), TABLE, "国办发明电〔2026〕虚构号")
    for each in (ports, other):
        found = in_working_days("期限", "某日", begins, 3, get_calendar(each))
        assert found.due == date(2027, 2, 16) and found.is_certain
    assert holiday_tables.list_tables(ports)[0].source == "国办发明电〔2026〕虚构号"
    # a corrected table outranks it, and is undone alone
    later = changed(off=[{**s, "to": "2027-02-12"} if s["name"] == "春节" else s for s in TABLE["off"]])
    holiday_tables.import_table(ports, actor("admin"), later)
    assert not is_working_day(date(2027, 2, 12), get_calendar(other))
    holiday_tables.undo_import(ports, actor("admin"), 2027)
    assert is_working_day(date(2027, 2, 12), get_calendar(other))
    holiday_tables.undo_import(ports, actor("admin"), 2027)
    assert add_working_days(begins, 3, get_calendar(other)) == date(2027, 2, 11)
    with pytest.raises(NotFound, match="没有导入过2027年"):
        holiday_tables.undo_import(ports, actor("admin"), 2027)
    with ports.store.read() as tx:
        notes = [event["note"] for event in tx.events.find()]
    assert notes.count("导入2027年放假安排") == 2 and notes.count("撤销导入的2027年放假安排") == 2
    assert ports.store.verify() == []


def test_a_corrected_table_of_a_shipped_year_replaces_it(ports: Ports, actor: People) -> None:
    shipped = next(table for table in holiday_tables.list_tables(ports) if table.year == 2026)
    spans = [{"name": n, "from": a.isoformat(), "to": b.isoformat()} for n, a, b in shipped.off]
    shorter = [{**s, "to": "2026-02-22"} if s["name"] == "春节" else s for s in spans]
    table = {"year": 2026, "off": shorter, "work": [d.isoformat() for d in shipped.work]}
    assert not is_working_day(date(2026, 2, 23), get_calendar(ports))
    holiday_tables.import_table(ports, actor("admin"), table)
    assert is_working_day(date(2026, 2, 23), get_calendar(ports))
    assert not is_working_day(date(2026, 10, 1), get_calendar(ports))
    assert not is_working_day(date(2025, 10, 8), get_calendar(ports))


def test_only_an_administrator_imports(ports: Ports, actor: People) -> None:
    for name in ("staff", "approver"):
        with pytest.raises(FormsvcError, match="权限"):
            holiday_tables.import_table(ports, actor(name), TABLE)
