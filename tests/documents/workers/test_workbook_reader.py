"""Workbooks made to cost: refused within seconds, in a process of their own."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from formsvc.documents.workers.workbook_reader import read_workbook, rows_of
from formsvc.errors import FormsvcError
from formsvc.limits import Limits

COLUMNS = ("文号", "日期")


def sound() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(list(COLUMNS))
    sheet.append(["5", "2026-03-05"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def altered(**parts: bytes) -> bytes:
    """Return the sound workbook with other content in some parts, packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return out.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
LAUGHING = (
    b'<worksheet %s><sheetData><row r="1"><c r="A1" t="str"><v>&a9;</v></c></row></sheetData></worksheet>'
    % (NAMESPACE)
)
COSTLY = {
    "cells": altered(**{SHEET: b"<worksheet %s><sheetData><row>" % NAMESPACE + b"<c/>" * 9_000_000}),
    "strings": altered(**{STRINGS: b"<sst %s>" % NAMESPACE + b"<si><t/></si>" * 2_700_000 + b"</sst>"}),
    "zeros": altered(**{SHEET: b"0" * 200_000_000}),
    "parts": altered(**{f"xl/media/{n}.xml": b"" for n in range(2000)}),
    "laughs": altered(**{SHEET: b'<!DOCTYPE worksheet [<!ENTITY a0 "ha">%s]>%s' % (LAUGHS, LAUGHING)}),
    "no end": altered(**{SHEET: b"<worksheet><sheetData>"}),
    "empty": b"PK\x05\x06" + b"\0" * 18,
}


@pytest.mark.parametrize("content", COSTLY.values(), ids=list(COSTLY))
def test_a_costly_workbook_is_refused_with_a_sentence(content: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(FormsvcError) as refused:
        read_workbook(content, COLUMNS, 500, Limits())
    assert time.monotonic() - began < 25
    assert str(refused.value).isprintable() and "请" in refused.value.remedy


def test_what_takes_too_long_or_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    many = b"".join(b'<row r="%d"><c t="str"><v>x</v></c></row>' % n for n in range(1, 700_000))
    content = altered(**{SHEET: b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (NAMESPACE, many)})
    with pytest.raises(FormsvcError, match="超过了 1 秒或者内存的限额"):
        read_workbook(content, ("x",), 10**9, Limits(workbook_seconds=1, workbook_cells=10**9))


def test_a_sound_workbook_is_read() -> None:
    rows = read_workbook(sound(), COLUMNS, 500, Limits())
    assert [(row.row, dict(row.cells)) for row in rows] == [(2, {"文号": "5", "日期": "2026-03-05"})]


Sheets = dict[str, list[list[Any]]]
ROW = [5, "2026-03-05"]


def book_of(sheets: Sheets, *, hidden: tuple[str, ...] = (), epoch: datetime | None = None) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    if epoch:
        book.epoch = epoch
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_in(
    content: bytes, columns: tuple[str, ...] = COLUMNS, most: int = 500
) -> list[tuple[int, list[str]]]:
    found = rows_of(content, columns, most, cells=10_000, dates=("日期",))
    return [(row.row, [row.cells[name] for name in columns]) for row in found]


@pytest.mark.parametrize(
    ("sheets", "row"),
    [
        ({"登记": [list(COLUMNS), ROW]}, 2),
        # a title above, an empty line, columns in another order among others, marks of what must be filled in
        ({"登记": [["纸质号簿"], [], ["序", "日期 *", "备注", "文号（必填）"], [1, ROW[1], "", ROW[0]]]}, 4),
        ({"封面": [["东河乡"], ["2026年"]], "号簿": [["文 号", "日期："], ROW]}, 2),
        # instructions of our own template repeat the columns
        ({"登记": [list(COLUMNS), [], ROW], "填写说明": [list(COLUMNS), [6, "2026-03-06"]]}, 3),
        ({"空": [list(COLUMNS)], "号簿": [["号簿"], list(COLUMNS), ROW]}, 3),
        # the columns once more, as printed pages repeat them
        ({"登记": [list(COLUMNS), list(COLUMNS), ROW]}, 3),
    ],
)
def test_the_columns_are_looked_for(sheets: Sheets, row: int) -> None:
    assert rows_in(book_of(sheets)) == [(row, ["5", "2026-03-05"])]


def test_a_hidden_sheet_is_not_read_and_does_not_stand_in_the_way() -> None:
    sheets: Sheets = {"旧": [list(COLUMNS), [9, "2025-01-01"]], "新": [list(COLUMNS), ROW]}
    assert rows_in(book_of(sheets, hidden=("旧",))) == [(2, ["5", "2026-03-05"])]
    with pytest.raises(FormsvcError, match="只有隐藏的工作表“旧”第1行有这些列"):
        rows_in(book_of({"旧": sheets["旧"], "空": [["无"]]}, hidden=("旧",)))


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        (
            {"一月": [list(COLUMNS), ROW], "二月": [["二月"], list(COLUMNS), ROW]},
            "工作表“一月”第1行、工作表“二月”第2行都有这些列",
        ),
        ({"登记": [["文号", "日期", "文号*"], [5, ROW[1], 6]]}, "工作表“登记”第1行有两列都叫“文号”"),
        ({"登记": [["号簿"], ["文号", "制作时间"], ROW]}, "工作表“登记”第2行缺少列：日期。"),
        ({"甲": [["无"]], "乙": [["也无"]]}, "没有找到写着列名（文号、日期）的一行，看了工作表“甲”、“乙”。"),
        ({"登记": [["号簿"], list(COLUMNS)]}, "没有填任何一行。"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_with_what_was_seen(sheets: Sheets, said: str) -> None:
    with pytest.raises(FormsvcError) as refused:
        rows_in(book_of(sheets))
    assert said in str(refused.value)
    assert "请从第3行起" in refused.value.remedy if "任何一行" in said else refused.value.remedy


def test_a_day_without_its_format_is_a_day_in_a_column_of_days() -> None:
    typed: list[Any] = [
        46086,
        46086.0,
        date(2026, 3, 5),
        datetime(2026, 3, 5, 0, 0),
        datetime(2026, 3, 5, 9, 30),
    ]
    rows: list[list[Any]] = [[n, day] for n, day in enumerate(typed, 1)]
    assert [day for _n, (_number, day) in rows_in(book_of({"登记": [list(COLUMNS), *rows]}))] == [
        "2026-03-05"
    ] * 5
    # what is no day stays as it was: the parser of dates judges it; and a number is a number in other columns
    others: list[list[Any]] = [[46086, 20260305], [7, "2026年3月5号"], [8, 5]]
    assert rows_in(book_of({"登记": [list(COLUMNS), *others]})) == [
        (2, ["46086", "20260305"]), (3, ["7", "2026年3月5号"]), (4, ["8", "5"]),
    ]  # fmt: skip
    # an old workbook of a Mac counts from 1904
    old = book_of({"登记": [list(COLUMNS), [5, 46086 - 1462]]}, epoch=CALENDAR_MAC_1904)
    assert rows_in(old) == [(2, ["5", "2026-03-05"])]
