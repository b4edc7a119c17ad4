"""Excel workbooks whose cells all hold text.

Imported where a workbook is written: openpyxl takes a tenth of the time in which a command starts.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from formsvc.documents.generated.xml_text import xml_text

# letters of a sheet's name; Excel opens no longer one
_LONGEST_TITLE = 31


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


def set_widths(sheet: Any, widths: Sequence[int]) -> None:
    """Set the widths of the first columns, in characters."""
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def workbook_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
