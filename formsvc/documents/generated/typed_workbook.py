"""Workbooks of many rows with typed cells, written row by row."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from formsvc.documents.generated import text_workbook
from formsvc.usecases.registers.excel.workbooks import TypedSheet

# columns are as wide as the texts of the first rows, and no wider than this
_MEASURED_ROWS = 200
_WIDEST_COLUMN = 40


def write_sheets(sheets: Sequence[TypedSheet]) -> bytes:
    """Return the workbook; heads stay in sight and repeat on printed pages."""
    # rows are not kept: a hundred thousand of them would take a gigabyte
    book = Workbook(write_only=True)
    names = text_workbook.sheet_names([sheet.title for sheet in sheets])
    for sheet, name in zip(sheets, names, strict=True):
        _write_sheet(book.create_sheet(name), sheet)
    return text_workbook.workbook_bytes(book)


def _write_sheet(target: Any, sheet: TypedSheet) -> None:
    head = len(sheet.above) + 1
    target.freeze_panes = f"B{head + 1}"
    target.print_title_rows = f"{head}:{head}"
    for place, width in enumerate(_widths(sheet), 1):
        target.column_dimensions[get_column_letter(place)].width = width
    for text in sheet.above:
        cell = WriteOnlyCell(target)
        text_workbook.write_text(cell, text, wrap=False)
        target.append([cell])
    target.append([_cell(target, text, bold=True) for text in sheet.head])
    for row in sheet.rows:
        target.append([_cell(target, value) for value in row])


def _cell(target: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(target)
    if value not in ("", None):
        text_workbook.write_value(cell, value, bold=bold)
    return cell


def _widths(sheet: TypedSheet) -> list[int]:
    measured = [sheet.head, *sheet.rows[:_MEASURED_ROWS]]
    return [
        min(_WIDEST_COLUMN, 2 + max(_width(row[place]) for row in measured if place < len(row)))
        for place in range(len(sheet.head))
    ]


def _width(value: Any) -> int:
    if isinstance(value, date):
        return len("2026-12-01")
    text = "" if value is None else str(value)
    line = max(text.split("\n"), key=len, default="")
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in line)
