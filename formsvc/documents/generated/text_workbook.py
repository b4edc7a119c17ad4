"""Excel workbooks: texts that stay texts, numbers and days that are such.

Imported where a workbook is written: openpyxl takes a tenth of the time in which a command starts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from formsvc.documents.generated.xml_text import xml_text
from formsvc.domain.fields.base import CellValue

# letters of a sheet's name; Excel opens no longer one
_LONGEST_TITLE = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# the days before are counted wrongly: Excel takes 1900 for a leap year
_FIRST_DAY = date(1900, 3, 1)
# Excel shows ### for a longer text in a cell of the format of texts
_SHOWN_AS_TEXT = 255
# of a number with binary floating point
_EXACT_DIGITS = 15


def new_workbook(title: str) -> tuple[Workbook, Any]:
    """Return a workbook and its one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:_LONGEST_TITLE]
    return book, sheet


def write_text(target: Any, text: str, *, bold: bool = False, wrap: bool = True) -> None:
    assert isinstance(target, Cell)
    target.value = xml_text(str(text))
    # a text that begins with = would else become a formula
    target.data_type = "s"
    target.alignment = Alignment(wrap_text=wrap, vertical="top")
    if bold:
        target.font = Font(bold=True)


def write_value(target: Any, value: CellValue, *, bold: bool = False) -> None:
    """Write a number or day as one, if Excel keeps it exactly, else its text."""
    number_format = _number_format(value)
    if isinstance(value, str) or not number_format:
        text = shown_text(value)
        write_text(target, text, bold=bold)
        # typed into once more, it stays a text: document numbers, identity numbers, telephones
        target.number_format = "@" if len(text) <= _SHOWN_AS_TEXT else "General"
        return
    target.value = value
    target.number_format = number_format
    target.alignment = Alignment(vertical="top")


def _number_format(value: CellValue) -> str:
    """Return how Excel shows a value, "" for one that it does not keep."""
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm" if value.date() >= _FIRST_DAY else ""
    if isinstance(value, date):
        return "yyyy-mm-dd" if value >= _FIRST_DAY else ""
    if isinstance(value, str) or len(Decimal(value).as_tuple().digits) > _EXACT_DIGITS:
        return ""
    decimals = -int(Decimal(value).as_tuple().exponent)
    return "0." + "0" * decimals if decimals > 0 else "0"


def shown_text(value: CellValue) -> str:
    """Return a value as it is read, for widths and for cells of text."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Return names for sheets that Excel takes, each unlike the others."""
    names: list[str] = []
    for title in titles:
        plain = _NOT_IN_NAMES.sub(" ", title).strip("' ") or "表"
        name, n = plain[:_LONGEST_TITLE], 1
        while name.casefold() in map(str.casefold, names):
            n += 1
            mark = f"（{n}）"
            name = plain[: _LONGEST_TITLE - len(mark)] + mark
        names.append(name)
    return names


def set_widths(sheet: Any, widths: Sequence[int]) -> None:
    """Set the widths of the first columns, in characters."""
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def workbook_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
