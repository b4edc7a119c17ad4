"""Number register (号簿): row states, explanations, gaps."""

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
# Working days until reserved numbers must be accounted for, unless another day is set.
DAYS_TO_ACCOUNT = 3


class RowState(StrEnum):
    """State of a number."""

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
# Numbers of papers made outside the system; they can be voided like those made in it.
ON_PAPER = (RowState.USED, RowState.BACKFILLED, RowState.HANDWRITTEN)
# Possible results of a reserved number.
OUTCOMES = (RowState.USED, RowState.SPOILT, RowState.LOST)
# States of numbers entered afterwards from paper.
ENTRIES = (RowState.BACKFILLED, RowState.HANDWRITTEN)

# Stages of a paper to be voided. A served one cannot be: only another act can revoke it.
STAGES = (msg("未用印"), msg("已用印未送达"), msg("已送达"))
SERVED_STAGE = STAGES[2]


def row_state(row: Row) -> RowState:
    return RowState(row["state"])


def row_key(series: str, year: int, n: int, sub: int = 0) -> str:
    """Return the key under which a number's row is stored."""
    return f"{series}/{year}/{n:06d}" + (f"-{sub:02d}" if sub else "")


def row_sort_key(row: Row) -> tuple[int, int]:
    """Return number and sub-number, by which rows are sorted."""
    return int(row["n"]), int(row.get("sub") or 0)


def next_serial(counter: Row, series: NumberSeries, year: int) -> int:
    """Return the next serial number of a series in a year.

    The first number of the year may have been raised since the last was taken.
    """
    last = counter.get("last")
    first = series.first_in(year)
    return max(int(last) + 1, first) if last is not None else first


def gaps(rows: Iterable[Row], first: int, last: int | None = None) -> list[int]:
    """Return numbers without a row, from the first of the year to the last.

    ``last`` is the last number taken, if known: one taken but not on record is a gap, too.
    """
    taken = {int(row["n"]) for row in rows}
    lowest = min([first, *taken])
    until = max([lowest - 1, *taken, *([] if last is None else [last])])
    return [n for n in range(lowest, until + 1) if n not in taken]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return numbers as runs: 3, 4, 5, 9 are (3, 5) and (9, 9)."""
    runs: list[tuple[int, int]] = []
    for n in sorted(numbers):
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs


# Columns that hold people's own words, and so perhaps personal data.
FREE_TEXTS = (
    "title", "party", "reason", "reserve_reason", "account_note", "entry_reason", "skip_reason", "replaced_by",
    "backfill_reason",
)  # fmt: skip


def masked_row(row: Row) -> dict[str, Any]:
    """Return a row with identity and mobile numbers in its texts masked."""
    return {**row, **{key: mask_in_text(str(row[key])) for key in FREE_TEXTS if row.get(key)}}


def is_overdue(row: Row, today: date) -> bool:
    """Return whether a reserved number is not accounted for in time."""
    return row["state"] == RowState.RESERVED and bool(row.get("due")) and row["due"] < today.isoformat()


@dataclass(frozen=True)
class Voiding:
    """作废审批: reason, approval, stage of the paper, copies collected."""

    reason: str
    approver: str = ""
    stage: str = ""
    collected: bool = False
    replaced_by: str = ""

    def row_changes(self, by: str, at: str) -> dict[str, Any]:
        """Return the columns that voiding writes into the row."""
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
    """Raise FormsvcError without a reason, or if the paper was served."""
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
    """Return a day as papers write it: 2026年9月21日; "" for ""."""
    return long_date(value[:10]) if value else ""


def _format_day(row: Row, field: str) -> str:
    """Return a day, without its year if that is the register's own."""
    day = str(row[field])[:10]
    return day_of_year(day) if day[:4] == str(row["year"]) else long_date(day)


def explanation(row: Row) -> str:
    """Return why a number is not simply in use, by whom and when."""
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
    person, day, why = row["reserved_for"], _format_day(row, "reserved_at"), row["reserve_reason"]
    parts: list[str] = [msg("{day}由{person}领用：{why}", day=day, person=person, why=why)]
    if row["state"] == RowState.RESERVED:
        parts.append(msg("应在{day}前核销", day=_format_day(row, "due")))
    if row.get("accounted_at"):
        parts.append(_accounted_part(row))
    return parts


def _accounted_part(row: Row) -> str:
    day, by = _format_day(row, "accounted_at"), row["accounted_by"]
    note = row.get("account_note") or ""
    what = ROW_STATE_NAMES[RowState(row["outcome"])]
    if note:
        return msg("{day}{by}核销为{what}：{note}", day=day, by=by, what=what, note=note)
    return msg("{day}{by}核销为{what}", day=day, by=by, what=what)


def _entered_part(row: Row) -> list[str]:
    """Return what was said about a paper's number or a skipped one."""
    parts: list[str] = []
    if row.get("skip_reason"):
        parts.append(
            msg(
                "空号，{day}{by}说明：{why}",
                day=_format_day(row, "skipped_at"),
                by=row["skipped_by"],
                why=row["skip_reason"],
            )
        )
    if row.get("entry"):
        what = ROW_STATE_NAMES[RowState(row["entry"])]
        day, by, why = _format_day(row, "entered_at"), row["entered_by"], row["entry_reason"]
        parts.append(msg("{what}，{day}{by}登记：{why}", what=what, day=day, by=by, why=why))
    return parts


def _void_part(row: Row) -> str:
    parts: list[str] = [row["reason"]]
    if row.get("stage"):
        parts.append(row["stage"])
    if row.get("approver"):
        parts.append(msg("{name}批准", name=row["approver"]))
    if row.get("voided_at"):
        parts.append(msg("{day}{name}登记", day=_format_day(row, "voided_at"), name=row["voided_by"]))
    if row.get("collected"):
        parts.append(msg("各联已收齐"))
    if row.get("replaced_by"):
        parts.append(msg("另制{number}", number=row["replaced_by"]))
    if row.get("backfill_reason"):
        parts.append(msg("原为补录：{reason}", reason=row["backfill_reason"]))
    return join_messages(*parts, separator=msg("，"))
