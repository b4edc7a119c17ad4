"""One more register is one more JSON file: page, history, Excel in and out, command, all without Python."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from formsvc.demo.sample_rows import create_sample_rows
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.registers.excel.import_plan import matched_columns, plan_import, read_file
from formsvc.usecases.registers.excel.import_writing import write_import
from formsvc.usecases.registers.excel.row_export import export_sheets
from formsvc.usecases.registers.excel.workbooks import TypedSheet
from formsvc.usecases.registers.row_changes import RowChange, end_row, keep_row
from formsvc.usecases.registers.row_history import row_history
from formsvc.usecases.registers.row_search import RowFilters, find_rows, list_page, read_row

STOVES: dict[str, Any] = {
    "id": "stoves",
    "title": "取暖炉具登记",
    "key": ["stove_no"],
    "columns": [
        {"key": "stove_no", "label": "编号", "kind": "text", "max": 20},
        {"key": "owner", "label": "户主", "kind": "text", "max": 40, "required": True},
        {"key": "village", "label": "村", "kind": "text", "max": 40},
        {"key": "made", "label": "安装日期", "kind": "date"},
        {"key": "parts", "label": "部件", "kind": "rows", "columns": [{"key": "what", "label": "名称", "kind": "text"}]},
    ],
    "unit": "台",
    "name_column": "owner",
    "filters": ["village"],
    "sorted": ["owner", "made"],
    "headings": {"owner": ["炉主"]},
    "key_number": {"column": "stove_no", "parts": [{"text": "LJ"}], "digits": 3},
    "ending": {"word": "拆除"},
    "edited_by": ["staff"],
}  # fmt: skip


def test_a_register_that_no_program_knows_is_kept_like_the_others(
    ports: Ports, clerk: Actor, tmp_path: Path
) -> None:
    file = tmp_path / "definitions" / "registers" / "stoves.json"
    file.write_text(json.dumps(STOVES, ensure_ascii=False), encoding="utf-8")
    stove = keep_row(
        ports, clerk, "stoves", RowChange({"owner": "赵铁柱", "village": "永兴村", "made": "2026-09-01"})
    )
    assert stove.key == "LJ001" and [row.row for row in find_rows(ports, clerk, "stoves", "ztz")] == [
        stove.row
    ]
    sheet = TypedSheet("炉具", ["炉主", "村"], [["孙大娘", "新立村"], ["赵铁柱", "永兴村"]])
    table = read_file(ports, clerk, "stoves", ports.register_documents.sheets([sheet]))
    columns = matched_columns(ports.definitions.registers()["stoves"], table)
    receipt = write_import(ports, clerk, plan_import(ports, clerk, "stoves", table, columns), "炉具.xlsx")
    assert receipt.added == 2, "without a rule nobody is taken for somebody else"
    assert list_page(ports, clerk, "stoves", RowFilters(columns={"village": "永兴村"})).total == 2
    (exported,) = export_sheets(ports, clerk, "stoves")
    assert exported.head[:2] == ["编号", "炉主"] and len(exported.rows) == 3
    end_row(ports, clerk, "stoves", stove.row, reason="改用电暖")
    lines = row_history(
        ports, clerk, ports.definitions.registers()["stoves"], read_row(ports, clerk, "stoves", stove.row)
    )
    assert [line.kind for line in lines] == ["ended", "begun"] and lines[0].note == "改用电暖"


def test_a_column_that_leaves_the_definition_stays_in_the_rows_and_in_the_export(
    ports: Ports, clerk: Actor, tmp_path: Path
) -> None:
    file = tmp_path / "definitions" / "registers" / "stoves.json"
    file.write_text(json.dumps(STOVES, ensure_ascii=False), encoding="utf-8")
    keep_row(ports, clerk, "stoves", RowChange({"owner": "赵铁柱", "village": "永兴村"}))
    fewer = {**STOVES, "columns": [c for c in STOVES["columns"] if c["key"] != "village"], "filters": []}
    file.write_text(json.dumps(fewer, ensure_ascii=False), encoding="utf-8")
    ports.definitions.refresh()
    (sheet,) = export_sheets(ports, clerk, "stoves")
    assert "village（以前的列）" in sheet.head and "永兴村" in sheet.rows[0]
    assert list_page(ports, clerk, "stoves", RowFilters(sort="made")).total == 1


def test_the_sample_office_has_shops_people_and_hydrants_that_pass_all_rules(
    ports: Ports, clerk: Actor
) -> None:
    began = time.process_time()
    create_sample_rows(ports)
    assert time.process_time() - began < 10, "make demo writes them when it first starts"
    assert list_page(ports, clerk, "objects", RowFilters()).total > 24
    assert list_page(ports, clerk, "objects", RowFilters(view="duplicates")).total == 0
    assert find_rows(ports, clerk, "people", "gz")[0].values["name"] == "高执"


def test_some_hundred_shops_come_in_at_once(ports: Ports, clerk: Actor) -> None:
    """The short form of ``make register-rows``."""
    from tests.proofs import register_rows

    content = ports.register_documents.sheets([register_rows.shops(1, 300)])
    table = read_file(ports, clerk, "objects", content)
    columns = matched_columns(ports.definitions.registers()["objects"], table)
    told: list[tuple[int, int]] = []
    plan = plan_import(ports, clerk, "objects", table, columns)
    write_import(ports, clerk, plan, "店铺.xlsx", lambda done, total: told.append((done, total)))
    assert told == [(200, 300), (300, 300)]
    assert list_page(ports, clerk, "objects", RowFilters(text="商店1-299")).total == 1
