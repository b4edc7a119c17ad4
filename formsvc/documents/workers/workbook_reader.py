"""Reading of an uploaded workbook, in a child process with limits.

A file of some ten kilobytes can hold millions of cells: openpyxl bounds nothing.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date, datetime
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
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import Message, format_list, from_json, msg, to_json
from formsvc.limits import Limits, process_limits
from formsvc.usecases.ports import WorkbookRow

# of a cell with a text of its own: c, v, si and t, each opened and closed
_TAGS_PER_CELL = 8
_PIECE = 1 << 18
# rows without a text after which a sheet is taken to end
_EMPTY_TO_THE_END = 1000


def read_workbook(content: bytes, columns: Sequence[str], most: int, limits: Limits) -> list[WorkbookRow]:
    """Return the numbered rows of the first sheet. Raise FormsvcError.

    `columns` are the texts of the first row, `most` the rows that are accepted.
    """
    arguments = {"cells": str(limits.workbook_cells), "seconds": str(limits.workbook_seconds)}
    reader = WorkerProcess(__name__, arguments)
    try:
        head = {"columns": list(columns), "most": most}
        response = reader.request(head, [content], limits.workbook_seconds + 5)
    except WorkerFailed as error:
        raise _too_costly(limits.workbook_seconds) from error
    finally:
        reader.close()
    if response.header.get("failed"):
        raise FormsvcError(from_json(response.header["failed"]), from_json(response.header["remedy"]))
    return [WorkbookRow(row, dict(cells)) for row, cells in response.header["rows"]]


def _too_costly(seconds: int) -> FormsvcError:
    return FormsvcError(
        msg("读这个工作簿超过了 {n} 秒或者内存的限额，已停止。", n=seconds), _only_needed_rows()
    )


def _only_needed_rows() -> Message:
    return msg("请只保留要登记的行，另存为新的 .xlsx 再上传。")


# In the child ----------------------------------------------------------------------------------------


def main() -> None:
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
    columns, most = request.header["columns"], request.header["most"]
    try:
        rows = rows_of(request.bodies[0], columns, most, cells=options.cells)
    except MemoryError:
        failure = _too_costly(options.seconds)
    except FormsvcError as error:
        failure = error
    else:
        write_message(responses, {"rows": [[row.row, dict(row.cells)] for row in rows]})
        return
    write_message(responses, {"failed": to_json(failure.message), "remedy": to_json(failure.remedy)})


def rows_of(content: bytes, columns: Sequence[str], most: int, *, cells: int) -> list[WorkbookRow]:
    """Return the rows; no more than `cells` cells are looked at."""
    from openpyxl import load_workbook

    try:
        _require_small(content, cells)
        with closing(
            load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        ) as book:
            rows = book.worksheets[0].iter_rows(max_col=max(len(columns), 20), values_only=True)
            positions = _column_positions(next(rows, ()), columns)
            return _read_rows(rows, positions, most)
    except (FormsvcError, MemoryError):
        raise
    # openpyxl raises errors of every kind for a file that is not what it says
    except Exception as error:
        raise FormsvcError(
            msg("这个文件不是能够读取的 Excel 工作簿（.xlsx）。"),
            msg("请下载模板，填好后保存为 .xlsx 再上传。"),
        ) from error


def _require_small(content: bytes, cells: int) -> None:
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


def _column_positions(head: Iterable[Any], columns: Sequence[str]) -> dict[int, str]:
    """Return the name of each column by position. Raise FormsvcError."""
    names = [_cell_text(value) for value in head]
    missing = [name for name in columns if name not in names]
    if missing:
        raise FormsvcError(
            msg("第1行缺少列：{names}。", names=format_list(missing)), msg("请用下载的模板，不要改动第1行。")
        )
    return {names.index(name): name for name in columns}


def _read_rows(rows: Iterable[tuple[Any, ...]], columns: dict[int, str], most: int) -> list[WorkbookRow]:
    filled: list[WorkbookRow] = []
    empty = 0
    for number, values in enumerate(rows, 2):
        cells = {name: _cell_text(values[c]) if c < len(values) else "" for c, name in columns.items()}
        empty = 0 if any(cells.values()) else empty + 1
        if empty > _EMPTY_TO_THE_END:
            break
        if empty:
            continue
        if len(filled) == most:
            raise FormsvcError(msg("一次最多登记 {most} 行。", most=most), msg("请分几个文件上传。"))
        filled.append(WorkbookRow(number, cells))
    if not filled:
        raise FormsvcError(msg("这个工作簿里没有填任何一行。"), msg("请从第2行起填写。"))
    return filled


def _cell_text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


if __name__ == "__main__":
    main()
