"""Manual entries from a workbook: columns, rows, and faults by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.domain.chinese import tidy_day
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ENTRIES, ROW_STATE_NAMES, RowState
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering.manual_entries import EntryReport, ManualEntry

COLUMNS = {
    "number": msg("文号"),
    "kind": msg("类别"),
    "title": msg("文书名称"),
    "party": msg("当事人"),
    "dated": msg("制作日期"),
    "reason": msg("登记理由"),
}
NOTES = (
    msg("一行登记一个号，从“登记”表的第2行填起；上面可以另有标题，列名要在同一行。"),
    msg("文号：写序号（5）或者整个文号；分号写 5-1 或者“第0005号之一”。"),
    msg("类别：启用系统以后漏登的写“补登”，纸质号簿上的写“手写号”。"),
    msg("制作日期：写 2026-03-05、2026/3/5 或者 2026年3月5日，Excel 的日期也可以，以文书上的日期为准。"),
    msg("当事人可以不填，其余各列都要填。有一处不对，整个文件都不登记。"),
)
_KINDS = {str(ROW_STATE_NAMES[kind]): kind.value for kind in ENTRIES}


@dataclass(frozen=True)
class CellFault:
    """A fault with the row and column of its cell."""

    row: int
    column: str
    message: str


def sample_row(series: NumberSeries, year: int) -> list[str]:
    return [
        series.number(year, 5).text,
        str(ROW_STATE_NAMES[RowState.HANDWRITTEN]),
        "责令限期改正通知书",
        "顺达货栈",
        f"{year}-03-05",
        "启用系统前的纸质号簿第2页",
    ]


def read_entries(ports: Ports, content: bytes) -> list[tuple[int, ManualEntry]]:
    """Return each entry with its row number.

    Raise FormsvcError if the file is no such workbook.
    """
    names = {str(name): key for key, name in COLUMNS.items()}
    rows = ports.register_documents.paper_rows(
        content, list(names), ports.limits.entered_numbers, [str(COLUMNS["dated"])]
    )
    return [(row.row, _paper({names[column]: text for column, text in row.cells.items()})) for row in rows]


def _paper(typed: dict[str, str]) -> ManualEntry:
    kind = _KINDS.get(typed["kind"], typed["kind"])
    return ManualEntry(**{**typed, "kind": kind, "dated": tidy_day(typed["dated"])})


def cell_faults(rows: Sequence[int], examined: EntryReport) -> list[CellFault]:
    return [
        CellFault(row, str(COLUMNS.get(problem.field, "")), problem.sentence())
        for row, finding in zip(rows, examined.checks, strict=True)
        for problem in finding.problems
    ]
