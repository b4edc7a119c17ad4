"""Which sheet and row of a workbook names the columns.

People put a title above, a cover sheet in front, an asterisk after a column that must be filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import format_list, msg

# rows from the top in which the names of the columns are looked for
_ROWS_LOOKED_AT = 30
# instructions that our own templates carry, with the columns of a sample
NOTES_SHEET = msg("填写说明")
_ASIDE = re.compile(r"[（(][^（）()]*[）)]|[*＊:：\s]")


@dataclass(frozen=True)
class ColumnHead:
    """The row of a sheet that names the columns, with their positions."""

    sheet: Any
    row: int
    positions: Mapping[int, str]

    @property
    def place(self) -> str:
        return msg("工作表“{sheet}”第{row}行", sheet=self.sheet.title[:40], row=self.row)


def find_heads(book: Any, columns: Sequence[str]) -> list[ColumnHead]:
    """Return where visible sheets name all columns, at most one of each.

    Raise FormsvcError if none does, or names one twice.
    """
    sheets = [sheet for sheet in book.worksheets if sheet.title != NOTES_SHEET]
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    found = list(_heads_of(visible, columns))
    if found:
        return found
    hidden = [head.place for head in _heads_of([s for s in sheets if s not in visible], columns)]
    if hidden:
        raise FormsvcError(
            msg("只有隐藏的{places}有这些列。", places=format_list(hidden)),
            msg("请取消隐藏，核对里面的内容后再上传。"),
        )
    raise _not_found(visible, columns)


def _heads_of(sheets: Sequence[Any], columns: Sequence[str]) -> Iterator[ColumnHead]:
    for sheet in sheets:
        for number, names in _first_rows(sheet, columns):
            if {name_of(column) for column in columns} <= set(names):
                head = ColumnHead(sheet, number, {names.index(name_of(c)): c for c in columns})
                _require_once(head, names, columns)
                yield head
                break


def _require_once(head: ColumnHead, names: Sequence[str], columns: Sequence[str]) -> None:
    counts = Counter(names)
    doubled = [column for column in columns if counts[name_of(column)] > 1]
    if doubled:
        raise FormsvcError(
            msg("{place}有两列都叫“{name}”，不知道读哪一列。", place=head.place, name=doubled[0]),
            msg("请只留一列用这个名称，再上传。"),
        )


def _first_rows(sheet: Any, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    rows = sheet.iter_rows(max_col=column_count(columns), values_only=True)
    for number, values in enumerate(islice(rows, _ROWS_LOOKED_AT), 1):
        yield number, [name_of(value) for value in values]


def column_count(columns: Sequence[str]) -> int:
    """Return how many columns of a sheet are looked at."""
    return max(2 * len(columns), 20)


def name_of(value: Any) -> str:
    """Return the name of a column without blanks, marks and asides."""
    text = "" if value is None else str(value)
    return _ASIDE.sub("", text) or text.strip()


def _not_found(sheets: Sequence[Any], columns: Sequence[str]) -> FormsvcError:
    """Return the refusal, with the row that has most of the columns."""
    wanted = {name_of(column) for column in columns}
    best: tuple[int, str, list[str]] = (0, "", [])
    for sheet in sheets:
        for number, names in _first_rows(sheet, columns):
            missing = [column for column in columns if name_of(column) not in names]
            if len(wanted) - len(missing) > best[0]:
                best = (len(wanted) - len(missing), ColumnHead(sheet, number, {}).place, missing)
    if best[0]:
        return FormsvcError(
            msg("{place}缺少列：{names}。", place=best[1], names=format_list(best[2])),
            msg("请用下载的模板，或者在这一行补上缺少的列名。"),
        )
    seen = format_list([f"“{sheet.title[:40]}”" for sheet in sheets[:5]])
    return FormsvcError(
        msg(
            "没有找到写着列名（{names}）的一行，看了工作表{sheets}。", names=format_list(columns), sheets=seen
        ),
        msg("请用下载的模板，或者把列名写在同一行。"),
    )
