"""Workbooks made to cost: refused within seconds, in a process of their own."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from formsvc.documents.workers.workbook_reader import read_workbook
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
