"""Reading of a table of an uploaded workbook, in a limited child process.

The headings are read as they are: which column each of them means is decided later, by people where it is not clear.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from formsvc.documents.workers.process import (
    WorkerFailed,
    WorkerProcess,
)
from formsvc.documents.workers.workbook_columns import NOTES_SHEET, name_of
from formsvc.documents.workers.workbook_reader import (
    CellReader,
    require_small,
    serve_workbook,
    too_costly,
)
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import format_list, from_json, msg
from formsvc.limits import Limits
from formsvc.usecases.registers.excel.workbooks import WorkbookTable

# rows from the top in which the headings are looked for
_HEAD_ROWS = 30
# rows without a text after which a sheet is taken to end
_EMPTY_TO_THE_END = 1000
_WIDEST_TABLE = 200
# headings that must be known for a row to be the head of a table
_KNOWN_HEADINGS = 2


def read_table(content: bytes, names: Sequence[str], limits: Limits) -> WorkbookTable:
    """Return the table whose headings have most of these names.

    Raise FormsvcError.
    """
    seconds = limits.register_seconds
    arguments = {"cells": str(limits.register_cells), "seconds": str(seconds)}
    reader = WorkerProcess(__name__, arguments)
    try:
        response = reader.request(
            {"names": list(names), "most": limits.register_rows}, [content], seconds + 5
        )
    except WorkerFailed as error:
        raise too_costly(seconds) from error
    finally:
        reader.close()
    header = response.header
    if header.get("failed"):
        raise FormsvcError(from_json(header["failed"]), from_json(header["remedy"]))
    rows = tuple((int(number), tuple(map(str, cells))) for number, cells in header["rows"])
    return WorkbookTable(header["sheet"], tuple(header["headings"]), rows)


# In the child ----------------------------------------------------------------------------------------


def main() -> None:
    serve_workbook(_answer)


def _answer(content: bytes, asked: Mapping[str, Any], cells: int) -> dict[str, Any]:
    table = table_of(content, asked["names"], asked["most"], cells=cells)
    rows = [[number, list(texts)] for number, texts in table.rows]
    return {"sheet": table.sheet, "headings": list(table.headings), "rows": rows}


def table_of(content: bytes, names: Sequence[str], most: int, *, cells: int) -> WorkbookTable:
    """Return the table; no more than ``cells`` cells are looked at."""
    from openpyxl import load_workbook

    try:
        require_small(content, cells)
        with closing(
            load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        ) as book:
            read = CellReader(frozenset(), book.epoch)
            heads = list(_heads(book, frozenset(map(name_of, names))))
            tables = [table for head in heads if (table := _table(head, read, most)).rows]
            return _only_one(tables, heads)
    except (FormsvcError, MemoryError):
        raise
    # openpyxl raises errors of every kind for a file that is not what it says
    except Exception as error:
        raise FormsvcError(
            msg("这个文件不是能够读取的 Excel 工作簿（.xlsx）。"),
            msg("请用 Excel 或者 WPS 另存为 .xlsx 再上传。"),
        ) from error


@dataclass(frozen=True)
class _Head:
    """A row of headings: its sheet, its number and the names in it."""

    sheet: Any
    row: int
    names: tuple[str, ...]


def _heads(book: Any, names: frozenset[str]) -> Iterator[_Head]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible" or sheet.title == NOTES_SHEET:
            continue
        best, known = None, 0
        rows = sheet.iter_rows(max_col=_WIDEST_TABLE, values_only=True)
        for number, values in enumerate(islice(rows, _HEAD_ROWS), 1):
            count = len({name_of(value) for value in values} & names)
            if count > known:
                texts = ("" if value is None else str(value).strip() for value in values)
                best, known = _Head(sheet, number, tuple(texts)), count
        if best is not None and known >= min(_KNOWN_HEADINGS, len(names)):
            yield best


def _table(head: _Head, read: CellReader, most: int) -> WorkbookTable:
    used = [place for place, name in enumerate(head.names) if name]
    headings = tuple(head.names[place] for place in used)
    doubled = [name for name in headings if headings.count(name) > 1]
    if doubled:
        raise FormsvcError(
            msg("工作表“{sheet}”有两列都叫“{name}”。", sheet=head.sheet.title[:40], name=doubled[0][:40]),
            msg("请改掉或者删去其中一列，再上传。"),
        )
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, texts in _filled_rows(head, used, read):
        if texts == headings:
            continue  # the headings again, at the top of a printed page
        if len(rows) == most:
            raise FormsvcError(msg("一次最多导入 {most} 行。", most=most), msg("请分几个文件导入。"))
        rows.append((number, texts))
    return WorkbookTable(head.sheet.title[:40], headings, tuple(rows))


def _filled_rows(head: _Head, used: Sequence[int], read: CellReader) -> Iterator[tuple[int, tuple[str, ...]]]:
    empty = 0
    sheet_rows: Iterable[Any] = head.sheet.iter_rows(
        min_row=head.row + 1, max_col=max(used) + 1, values_only=True
    )
    for number, values in enumerate(sheet_rows, head.row + 1):
        texts = tuple(read.text("", values[place]) if place < len(values) else "" for place in used)
        empty = 0 if any(texts) else empty + 1
        if empty > _EMPTY_TO_THE_END:
            return
        if not empty:
            yield number, texts


def _only_one(tables: Sequence[WorkbookTable], heads: Sequence[_Head]) -> WorkbookTable:
    if len(tables) > 1:
        sheets = format_list([f"“{table.sheet}”" for table in tables])
        raise FormsvcError(
            msg("工作表{sheets}都有这些列，也都填了，不知道读哪一个。", sheets=sheets),
            msg("请只留一个工作表，再上传。"),
        )
    if tables:
        return tables[0]
    if heads:
        raise FormsvcError(msg("这个工作簿里没有填任何一行。"), msg("请从列名的下一行填起。"))
    raise FormsvcError(
        msg("没有找到写着列名的一行。"), msg("请把列名写在同一行，用本页列出的名称；可以下载空表来填。")
    )


if __name__ == "__main__":
    main()
