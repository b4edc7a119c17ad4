"""号簿: what a number's row may be, how it may change, what explains it, and which numbers are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from formsvc.domain.chinese import day_of_year, long_date
from formsvc.domain.masking import mask_in_text
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import join_messages, msg

Row = Mapping[str, Any]
LARGEST_BLOCK = 100
DAYS_TO_ACCOUNT = 3
"""Working days in which reserved numbers are accounted for where nobody sets another day."""


class RowState(StrEnum):
    """What became of a number."""

    ISSUED = "issued"
    VOID = "void"
    RESERVED = "reserved"
    USED = "used"
    SPOILT = "spoilt"
    LOST = "lost"
    BACKFILLED = "backfilled"
    HANDWRITTEN = "handwritten"
    SKIPPED = "skipped"


ROW_STATE_NAMES = {
    RowState.ISSUED: msg("已用"),
    RowState.VOID: msg("作废"),
    RowState.RESERVED: msg("已领未核销"),
    RowState.USED: msg("现场已用"),
    RowState.SPOILT: msg("空白损毁"),
    RowState.LOST: msg("空白遗失"),
    RowState.BACKFILLED: msg("补登"),
    RowState.HANDWRITTEN: msg("手写号"),
    RowState.SKIPPED: msg("空号"),
}
ON_PAPER = (RowState.USED, RowState.BACKFILLED, RowState.HANDWRITTEN)
"""Numbers of papers that were made outside the system; they may be voided as those made in it."""
OUTCOMES = (RowState.USED, RowState.SPOILT, RowState.LOST)
"""What may become of a reserved number."""
ENTRIES = (RowState.BACKFILLED, RowState.HANDWRITTEN)
"""How a number of a paper is entered afterwards."""

STAGES = (msg("未用印"), msg("已用印未送达"), msg("已送达"))
"""Where a paper stands when it is to be voided; what has been served can only be revoked by another act."""
SERVED_STAGE = STAGES[2]


def row_state(row: Row) -> RowState:
    """The row's state."""
    return RowState(row["state"])


def row_key(series: str, year: int, n: int, sub: int = 0) -> str:
    """Where a number's row is kept."""
    return f"{series}/{year}/{n:06d}" + (f"-{sub:02d}" if sub else "")


def row_sort_key(row: Row) -> tuple[int, int]:
    """Rows stand in the order of their numbers, sub-numbers after their number."""
    return int(row["n"]), int(row.get("sub") or 0)


def next_serial(counter: Row, series: NumberSeries, year: int) -> int:
    """The number that a series gives next: the one after the last, or the first where that was set higher since."""
    last = counter.get("last")
    first = series.first_in(year)
    return max(int(last) + 1, first) if last is not None else first


def gaps(rows: Iterable[Row], first: int, last: int | None = None) -> list[int]:
    """Numbers from the first to the last that have no row: nobody has said yet what became of them.

    ``last`` is the last number the series has given, where it is known: one given and not on record is a gap, too.
    """
    taken = {int(row["n"]) for row in rows}
    lowest = min([first, *taken])
    until = max([lowest - 1, *taken, *([] if last is None else [last])])
    return [n for n in range(lowest, until + 1) if n not in taken]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as runs: 3, 4, 5, 9 are 3–5 and 9."""
    found: list[tuple[int, int]] = []
    for n in sorted(numbers):
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


FREE_TEXTS = (
    "title", "party", "reason", "reserve_reason", "account_note", "entry_reason", "skip_reason", "replaced_by",
    "backfill_reason",
)  # fmt: skip
"""What people write into a row in their own words."""


def masked_row(row: Row) -> dict[str, Any]:
    """A row as it is shown and printed: identity and mobile numbers somebody wrote into a free text are masked."""
    return {**row, **{key: mask_in_text(str(row[key])) for key in FREE_TEXTS if row.get(key)}}


def is_overdue(row: Row, today: date) -> bool:
    """Whether a reserved number should have been accounted for before today."""
    return row["state"] == RowState.RESERVED and bool(row.get("due")) and row["due"] < today.isoformat()


@dataclass(frozen=True)
class Voiding:
    """作废审批: why a number is voided, who approved it, how far its paper had come, whether all copies are back."""

    reason: str
    approver: str = ""
    stage: str = ""
    collected: bool = False
    replaced_by: str = ""

    def row_changes(self, by: str, at: str) -> dict[str, Any]:
        """What is written into the row."""
        return {
            "state": RowState.VOID.value,
            "reason": self.reason.strip(),
            "approver": self.approver.strip() or by,
            "stage": self.stage,
            "collected": self.collected,
            "replaced_by": self.replaced_by.strip(),
            "voided_by": by,
            "voided_at": at,
        }


def check_voiding(voiding: Voiding) -> None:
    """A reason there must be, and a served paper is not voided (T48). Raises FormsvcError."""
    if len(voiding.reason.strip()) < 2:
        raise FormsvcError(msg("作废必须写明理由。"), msg("请在“作废理由”中写清原因。"))
    if voiding.stage == SERVED_STAGE:
        raise FormsvcError(
            msg("已送达的文书不能作废，文号也不能作废。"),
            msg("请另行制作撤销或者变更决定并送达，告知救济途径。"),
        )
    if voiding.stage and voiding.stage not in STAGES:
        raise FormsvcError(msg("没有“{stage}”这个阶段。", stage=voiding.stage), msg("请从列表中选择。"))


def day_text(value: str) -> str:
    """A day as papers write it: 2026年9月21日; empty stays empty."""
    return long_date(value[:10]) if value else ""


def _day(row: Row, field: str) -> str:
    """A day of the register's own year without the year, any other in full."""
    day = str(row[field])[:10]
    return day_of_year(day) if day[:4] == str(row["year"]) else long_date(day)


def explanation(row: Row) -> str:
    """What the register says of a number: why it is not simply in use, by whom and when."""
    parts = [*_reserved_part(row), *_entered_part(row)]
    state = row_state(row)
    if state is RowState.VOID:
        parts.append(_void_part(row))
    elif row.get("reason"):
        parts.append(msg("补录：{reason}", reason=row["reason"]))
    return join_messages(*parts, separator=msg("；"))


def _reserved_part(row: Row) -> list[str]:
    if not row.get("reserved_for"):
        return []
    person, day, why = row["reserved_for"], _day(row, "reserved_at"), row["reserve_reason"]
    parts: list[str] = [msg("{day}由{person}领用：{why}", day=day, person=person, why=why)]
    if row["state"] == RowState.RESERVED:
        parts.append(msg("应在{day}前核销", day=_day(row, "due")))
    if row.get("accounted_at"):
        parts.append(_accounted_part(row))
    return parts


def _accounted_part(row: Row) -> str:
    day, by = _day(row, "accounted_at"), row["accounted_by"]
    note = row.get("account_note") or ""
    what = ROW_STATE_NAMES[RowState(row["outcome"])]
    if note:
        return msg("{day}{by}核销为{what}：{note}", day=day, by=by, what=what, note=note)
    return msg("{day}{by}核销为{what}", day=day, by=by, what=what)


def _entered_part(row: Row) -> list[str]:
    """What was said when a paper's number, or why there is no paper, was entered; the earlier word stays."""
    parts: list[str] = []
    if row.get("skip_reason"):
        parts.append(
            msg(
                "空号，{day}{by}说明：{why}",
                day=_day(row, "skipped_at"),
                by=row["skipped_by"],
                why=row["skip_reason"],
            )
        )
    if row.get("entry"):
        what = ROW_STATE_NAMES[RowState(row["entry"])]
        day, by, why = _day(row, "entered_at"), row["entered_by"], row["entry_reason"]
        parts.append(msg("{what}，{day}{by}登记：{why}", what=what, day=day, by=by, why=why))
    return parts


def _void_part(row: Row) -> str:
    parts: list[str] = [row["reason"]]
    if row.get("stage"):
        parts.append(row["stage"])
    if row.get("approver"):
        parts.append(msg("{name}批准", name=row["approver"]))
    if row.get("voided_at"):
        parts.append(msg("{day}{name}登记", day=_day(row, "voided_at"), name=row["voided_by"]))
    if row.get("collected"):
        parts.append(msg("各联已收齐"))
    if row.get("replaced_by"):
        parts.append(msg("另制{number}", number=row["replaced_by"]))
    if row.get("backfill_reason"):
        parts.append(msg("原为补录：{reason}", reason=row["backfill_reason"]))
    return join_messages(*parts, separator=msg("，"))
