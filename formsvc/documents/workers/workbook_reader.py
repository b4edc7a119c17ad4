"""Reading of an uploaded workbook, in a child process with limits.

A file of some ten kilobytes can hold millions of cells: openpyxl bounds nothing.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from formsvc.documents.workers.messages import detach_stdin, detach_stdout, read_message, write_message
from formsvc.documents.workers.process import (
    WorkerFailed,
    WorkerProcess,
    limit_cpu,
    limit_memory,
    lower_priority,
)
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.documents.workers.workbook_columns import ColumnHead, column_count, find_heads, name_of
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import Message, format_list, from_json, msg, to_json
from formsvc.limits import Limits, process_limits
from formsvc.usecases.ports import WorkbookRow

# of a cell with a text of its own: c, v, si and t, each opened and closed
_TAGS_PER_CELL = 8
_PIECE = 1 << 18
# rows without a text after which a sheet is taken to end
_EMPTY_TO_THE_END = 1000
# numbers in a column of days that are days of a spreadsheet, of 1954 to 2119; 20260305 is not
_SERIAL_DAYS = range(20_000, 80_000)


def read_workbook(
    content: bytes, columns: Sequence[str], most: int, limits: Limits, dates: Sequence[str] = ()
) -> list[WorkbookRow]:
    """Return the numbered rows of the sheet with these columns.

    `most` are the rows that are accepted, `dates` the columns of days: there a number is a day that lost its format.
    Raise FormsvcError.
    """
    arguments = {"cells": str(limits.workbook_cells), "seconds": str(limits.workbook_seconds)}
    reader = WorkerProcess(__name__, arguments)
    try:
        head = {"columns": list(columns), "most": most, "dates": list(dates)}
        response = reader.request(head, [content], limits.workbook_seconds + 5)
    except WorkerFailed as error:
        raise too_costly(limits.workbook_seconds) from error
    finally:
        reader.close()
    if response.header.get("failed"):
        raise FormsvcError(from_json(response.header["failed"]), from_json(response.header["remedy"]))
    return [WorkbookRow(row, dict(cells)) for row, cells in response.header["rows"]]


def too_costly(seconds: int) -> FormsvcError:
    """Return the refusal of a workbook that took too long or too much memory."""
    return FormsvcError(
        msg("读这个工作簿超过了 {n} 秒或者内存的限额，已停止。", n=seconds), _only_needed_rows()
    )


def _only_needed_rows() -> Message:
    return msg("请只保留要登记的行，另存为新的 .xlsx 再上传。")


# In the child ----------------------------------------------------------------------------------------


def main() -> None:
    serve_workbook(_answer)


def _answer(content: bytes, asked: Mapping[str, Any], cells: int) -> dict[str, Any]:
    rows = rows_of(content, asked["columns"], asked["most"], cells=cells, dates=asked["dates"])
    return {"rows": [[row.row, dict(row.cells)] for row in rows]}


def serve_workbook(answer: Callable[[bytes, Mapping[str, Any], int], dict[str, Any]]) -> None:
    """Answer the one request of this process, under its limits.

    ``answer`` takes the workbook, what was asked and the cells to look at; its FormsvcError is the response.
    """
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    for name in ("cells", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    options = arguments.parse_args()
    responses = detach_stdout()
    request = read_message(detach_stdin())
    if request is None:
        return
    limit_memory(process_limits().workbook_memory_megabytes)
    limit_cpu(options.seconds)
    lower_priority()
    try:
        response = answer(request.bodies[0], request.header, options.cells)
    except MemoryError:
        failure = too_costly(options.seconds)
    except FormsvcError as error:
        failure = error
    else:
        write_message(responses, response)
        return
    write_message(responses, {"failed": to_json(failure.message), "remedy": to_json(failure.remedy)})


def rows_of(
    content: bytes, columns: Sequence[str], most: int, *, cells: int, dates: Sequence[str] = ()
) -> list[WorkbookRow]:
    """Return the rows; no more than `cells` cells are looked at."""
    from openpyxl import load_workbook

    try:
        require_small(content, cells)
        with closing(
            load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        ) as book:
            heads = find_heads(book, columns)
            read = CellReader(frozenset(dates), book.epoch)
            found = [(head, rows) for head in heads if (rows := _read_rows(head, columns, most, read))]
            return _only_one(found, heads[0].row)
    except (FormsvcError, MemoryError):
        raise
    # openpyxl raises errors of every kind for a file that is not what it says
    except Exception as error:
        raise FormsvcError(
            msg("这个文件不是能够读取的 Excel 工作簿（.xlsx）。"),
            msg("请下载模板，填好后保存为 .xlsx 再上传。"),
        ) from error


def require_small(content: bytes, cells: int) -> None:
    """Raise FormsvcError for more parts, bytes or tags than a register has."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts, limits = packed.infolist(), process_limits()
        if len(parts) > limits.workbook_parts:
            raise FormsvcError(
                msg("这个工作簿有 {count} 个部件，超过 {n} 个。", count=len(parts), n=limits.workbook_parts),
                _only_needed_rows(),
            )
        if sum(part.file_size for part in parts) > limits.workbook_unpacked_megabytes * 2**20:
            raise FormsvcError(
                msg("这个工作簿太大：展开后超过 {n} MB。", n=limits.workbook_unpacked_megabytes),
                _only_needed_rows(),
            )
        tags = 0
        for part in parts:
            with packed.open(part) as stream:
                while piece := stream.read(_PIECE):
                    tags += piece.count(b"<")
                    if tags > _TAGS_PER_CELL * cells:
                        raise FormsvcError(
                            msg("这个工作簿里的单元格超过 {n} 个，空的也算。", n=cells), _only_needed_rows()
                        )


def _only_one(found: list[tuple[ColumnHead, list[WorkbookRow]]], first_row: int) -> list[WorkbookRow]:
    """Return the rows of the one sheet that has any. Raise FormsvcError."""
    if len(found) > 1:
        places = format_list([head.place for head, _rows in found])
        raise FormsvcError(
            msg("{places}都有这些列，也都填了，不知道读哪一个。", places=places),
            msg("请只留一个工作表，再上传。"),
        )
    if not found:
        raise FormsvcError(msg("这个工作簿里没有填任何一行。"), msg("请从第{n}行起填写。", n=first_row + 1))
    return found[0][1]


def _read_rows(head: ColumnHead, columns: Sequence[str], most: int, read: CellReader) -> list[WorkbookRow]:
    filled: list[WorkbookRow] = []
    empty = 0
    rows = head.sheet.iter_rows(min_row=head.row + 1, max_col=column_count(columns), values_only=True)
    for number, values in enumerate(rows, head.row + 1):
        cells = {
            name: read.text(name, values[c]) if c < len(values) else "" for c, name in head.positions.items()
        }
        empty = 0 if any(cells.values()) else empty + 1
        if empty > _EMPTY_TO_THE_END:
            break
        # the columns are named again at the top of a printed page
        if empty or all(name_of(text) == name_of(name) for name, text in cells.items()):
            continue
        if len(filled) == most:
            raise FormsvcError(msg("一次最多登记 {most} 行。", most=most), msg("请分几个文件上传。"))
        filled.append(WorkbookRow(number, cells))
    return filled


@dataclass(frozen=True)
class CellReader:
    """Columns of days, and the day from which a workbook counts."""

    dates: frozenset[str]
    epoch: datetime

    def text(self, column: str, value: Any) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if column in self.dates and is_number and int(value) in _SERIAL_DAYS:
            value = self.epoch + timedelta(days=int(value))
        if isinstance(value, datetime | date):
            return value.strftime("%Y-%m-%d")
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        # line breaks of Word, pasted along unseen
        return "" if value is None else str(value).replace("\x0b", "\n").strip()


if __name__ == "__main__":
    main()
