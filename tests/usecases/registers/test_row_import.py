"""Excel in, with a plan row by row, and out, with typed cells: all rows or none, and a week to take them back."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest

from formsvc.errors import Conflict, FormsvcError
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.registers.excel.import_plan import (
    Choice,
    ImportPlan,
    Outcome,
    RowDecision,
    matched_columns,
    plan_import,
    read_file,
)
from formsvc.usecases.registers.excel.import_writing import ImportReceipt, withdraw_import, write_import
from formsvc.usecases.registers.excel.row_export import export_sheets
from formsvc.usecases.registers.row_changes import RowChange, keep_row
from formsvc.usecases.registers.row_search import RowFilters, list_page
from tests.usecases.registers.test_row_changes import SHOP

HEAD = [
    "序号",
    "主体类型",
    "场所名称*",
    "信用代码",
    "类别",
    "经营者",
    "手机",
    "经营场所",
    "所属社区",
    "街道",
    "风险等级",
    "入库日期",
]
CODE = "91350100M000100Y43"


def line(name: str = "小木屋快餐", code: str = "无", addr: str = "中心街31号", **more: str) -> list[str]:
    cells = dict(
        zip(
            HEAD,
            [
                "1",
                "个体工商户",
                name,
                code,
                "九小场所",
                "木小屋",
                "19900000101",
                addr,
                "中心社区",
                "东河镇",
                "一般",
                "2026-09-01",
            ],
            strict=True,
        )
    )
    return list((cells | more).values())


def workbook(*rows: list[str]) -> bytes:
    """A workbook as a village sends it: a title, the names of columns, rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["站前社区九小场所排查表"])
    for row in (HEAD, *rows):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def planned(ports: Ports, clerk: Actor, *rows: list[str], **decided: RowDecision) -> ImportPlan:
    table = read_file(ports, clerk, "objects", workbook(*rows))
    columns = matched_columns(ports.definitions.registers()["objects"], table)
    decisions = {int(key[1:]): decision for key, decision in decided.items()}
    return plan_import(ports, clerk, "objects", table, columns, decisions)


def outcomes(plan: ImportPlan) -> list[str]:
    return [row.outcome.value for row in plan.rows]


def total(ports: Ports, clerk: Actor) -> int:
    return list_page(ports, clerk, "objects", RowFilters()).total


def test_columns_are_known_by_what_offices_call_them_and_a_strange_one_is_left(
    ports: Ports, clerk: Actor
) -> None:
    table = read_file(ports, clerk, "objects", workbook(line()))
    columns = matched_columns(ports.definitions.registers()["objects"], table)
    assert (
        columns["场所名称*"] == "name" and columns["经营场所"] == "addr" and columns["类别"] == "place_kind"
    )
    assert columns["序号"] == "" and "" not in [key for name, key in columns.items() if name != "序号"]


def test_new_changed_unchanged_refused_and_doubtful_rows_are_told_apart_with_reasons(
    ports: Ports, clerk: Actor
) -> None:
    keep_row(ports, clerk, "objects", RowChange({**SHOP, "name": "顺达货栈", "code": CODE}))
    first = planned(ports, clerk, line(), line("山泉豆腐坊", addr="靠山村2组"))
    assert outcomes(first) == ["new", "new"] and total(ports, clerk) == 1, "a plan writes nothing"
    write_import(ports, clerk, first, "排查表.xlsx")
    second = planned(
        ports, clerk,
        line(手机="19900000999"),
        line("山泉豆腐坊", addr="靠山村2组"),
        line("", addr="老街9号"),
        line("宏运汽配", "92231202MAFAKE11O9"),
        line("顺达货栈分店", CODE),
        line("山泉豆腐坊", addr="靠山村 2 组"),
    )  # fmt: skip
    assert outcomes(second) == ["changed", "unchanged", "refused", "refused", "doubtful", "doubtful"]
    assert second.rows[0].changes == {"phone": "19900000999"}
    assert second.rows[2].problems[0].field == "name" and second.rows[3].problems[0].field == "code"
    assert second.rows[4].before is not None and second.rows[4].before.values["name"] == "顺达货栈"


def test_an_undecided_row_keeps_all_others_out_until_it_is_left_out_or_decided(
    ports: Ports, clerk: Actor
) -> None:
    keep_row(ports, clerk, "objects", RowChange({**SHOP, "name": "顺达货栈", "code": CODE}))
    rows = (line(), line("", addr="老街9号"), line("顺达货栈分店", CODE))
    plan = planned(ports, clerk, *rows)
    with pytest.raises(FormsvcError, match="还有 2 行没有决定"):
        write_import(ports, clerk, plan, "排查表.xlsx")
    assert total(ports, clerk) == 1
    decided = planned(
        ports, clerk, *rows, _4=RowDecision(cells={"name": "老街旅店"}), _5=RowDecision(Choice.SAME.value)
    )
    assert outcomes(decided) == ["new", "new", "changed"]
    receipt = write_import(ports, clerk, decided, "排查表.xlsx")
    assert (receipt.added, receipt.changed, total(ports, clerk)) == (2, 1, 3)
    left = planned(ports, clerk, line("新店", addr="新街1号"), line("", addr="x")).without_undecided()
    assert write_import(ports, clerk, left, "排查表.xlsx").added == 1


def test_two_that_look_alike_and_are_two_stand_in_the_list_of_doubtful_ones(
    ports: Ports, clerk: Actor
) -> None:
    write_import(ports, clerk, planned(ports, clerk, line()), "a.xlsx")
    plan = planned(ports, clerk, line(addr="中心街 31 号"), _3=RowDecision(Choice.ANOTHER.value))
    assert outcomes(plan) == ["new"]
    write_import(ports, clerk, plan, "b.xlsx")
    assert list_page(ports, clerk, "objects", RowFilters(view="duplicates")).total == 2


def test_a_row_that_the_file_has_twice_is_refused_the_second_time(ports: Ports, clerk: Actor) -> None:
    plan = planned(ports, clerk, line(), line())
    assert outcomes(plan) == ["new", "refused"]
    assert "与第 3 行是同一家" in plan.rows[1].problems[0].message


def test_a_register_that_changed_after_the_check_is_checked_again(ports: Ports, clerk: Actor) -> None:
    plan = planned(ports, clerk, line())
    keep_row(
        ports,
        clerk,
        "people",
        RowChange(
            {
                "name": "李某",
                "phone": "19900000001",
                "kind": "网格员",
                "org": "站前社区",
                "from_date": "2026-01-01",
            }
        ),
    )
    write_import(ports, clerk, plan, "a.xlsx")
    stale = planned(ports, clerk, line("新店", addr="新街1号"))
    keep_row(ports, clerk, "objects", RowChange(SHOP))
    with pytest.raises(Conflict, match="核对以后"):
        write_import(ports, clerk, stale, "a.xlsx")


def test_an_import_is_taken_back_within_a_week_unless_a_row_was_changed_since(
    ports: Ports, clerk: Actor
) -> None:
    def imported(name: str) -> ImportReceipt:
        return write_import(ports, clerk, planned(ports, clerk, line(name)), "a.xlsx")

    first, second, third = imported("甲店"), imported("乙店"), imported("丙店")
    assert withdraw_import(ports, clerk, "objects", first.batch) == 1 and total(ports, clerk) == 2
    with pytest.raises(FormsvcError, match="已经撤回"):
        withdraw_import(ports, clerk, "objects", first.batch)
    row = list_page(ports, clerk, "objects", RowFilters(text="乙店")).rows[0]
    keep_row(ports, clerk, "objects", RowChange({"risk": "高"}, row.row))
    with pytest.raises(FormsvcError, match="乙店"):
        withdraw_import(ports, clerk, "objects", second.batch)

    class NextMonth:
        """A clock of eight days later."""

        def today(self) -> Any:
            return ports.clock.today() + timedelta(days=8)

        def now(self) -> Any:
            return ports.clock.now() + timedelta(days=8)

    with pytest.raises(FormsvcError, match="超过 7 天"):
        withdraw_import(replace(ports, clock=NextMonth()), clerk, "objects", third.batch)
    assert ports.store.verify() == []


def test_an_export_has_typed_cells_masks_persons_and_comes_back_in_unchanged(
    ports: Ports, clerk: Actor
) -> None:
    write_import(ports, clerk, planned(ports, clerk, line(), line("新店", addr="新街1号")), "a.xlsx")
    masked = openpyxl.load_workbook(
        io.BytesIO(ports.register_documents.sheets(export_sheets(ports, clerk, "objects")))
    )
    texts = [[cell.value for cell in row] for row in masked.worksheets[0].iter_rows(min_row=3)]
    assert "199******01" in texts[1] and any(
        isinstance(cell.value, datetime) for cell in masked.worksheets[0][4]
    )
    whole = ports.register_documents.sheets(export_sheets(ports, clerk, "objects", personal=True))
    table = read_file(ports, clerk, "objects", whole)
    columns = matched_columns(ports.definitions.registers()["objects"], table)
    again = plan_import(ports, clerk, "objects", table, columns)
    assert outcomes(again) == [Outcome.UNCHANGED.value] * 2
    with ports.store.read() as tx:
        assert [e["kind"] for e in tx.events.find() if "导出" in e["note"]] == ["Viewed"]


def test_rows_follow_from_the_entries_and_are_built_again_from_them(ports: Ports, clerk: Actor) -> None:
    from formsvc.usecases.registers.row_index import rebuild_rows

    write_import(ports, clerk, planned(ports, clerk, line(), line("新店", addr="新街1号")), "a.xlsx")
    with ports.store.write() as tx:
        before = {record["id"]: record for record in tx.register_rows.find()}
        for key in before:
            tx.register_rows.remove(key)
    rebuild_rows(ports, ports.definitions.registers()["objects"])
    with ports.store.read() as tx:
        assert {record["id"]: record for record in tx.register_rows.find()} == before
    assert json.dumps(before, ensure_ascii=False).count("新店") > 0
