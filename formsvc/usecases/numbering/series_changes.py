"""Rules for changing a series of numbers; every change needs a reason."""

from __future__ import annotations

from typing import Any

from formsvc.domain.numbering.register import RowState
from formsvc.domain.numbering.series import series_from_record
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering.rows import Counter, empty_row, with_changes
from formsvc.usecases.ports import Condition, Record, Transaction

FIXED = ("authority", "agent", "prefix", "style", "width")
REASONS = "start_reasons"


def updated_series(
    ports: Ports, tx: Transaction, by: str, before: Record | None, series_record: Record, reason: str
) -> Record:
    """Return the series to store; explain numbers that a new start skips.

    `by` is empty while the office is set up: a first number needs no reason then. Raise InputRefused.
    """
    if before:
        _check_wording(tx, before, series_record)
    starts, known = series_record.get("starts") or {}, (before or {}).get("starts") or {}
    moved = sorted(year for year in {*starts, *known} if starts.get(year) != known.get(year))
    why = reason.strip()
    if not why and moved and (before or by):
        raise InputRefused([Problem("reason", msg("设定或者改变起始号必须写明理由。"))])
    if not why and before and _differs(before, series_record):
        raise InputRefused([Problem("reason", msg("修改文号系列必须写明理由。"))])
    for year in moved if before else ():
        _leave_out(ports, tx, by, series_record, int(year), why)
    reasons = {**(before or {}).get(REASONS, {}), **{year: why for year in moved if why}}
    return {**series_record, REASONS: reasons} if reasons else series_record


def _differs(before: Record, series_record: Record) -> bool:
    return any(before.get(key) != series_record.get(key) for key in {*before, *series_record} - {REASONS})


def _check_wording(tx: Transaction, before: Record, series_record: Record) -> None:
    changed = [key for key in FIXED if before.get(key) != series_record.get(key)]
    # issued documents bear the wording: changing it would orphan their numbers
    if changed and tx.numbers.count(Condition("series", "==", before["id"])):
        message = msg("这个系列已经编过号，字样、样式和机关不能再改。")
        raise InputRefused([Problem(changed[0], message, msg("请另建一个系列。"))])


def _leave_out(ports: Ports, tx: Transaction, by: str, series_record: Record, year: int, why: str) -> None:
    """Enter the numbers that a new first number skips as 空号."""
    series = series_from_record(series_record)
    counter = Counter.load(tx, series.id, year)
    first = series.first_in(year)
    last = counter.last
    if last is None or first <= last + 1:
        return
    if first > last + ports.limits.number_leap:
        message = msg(
            "{year}年已经编到第{last}号，起始号{first}大得太多。", year=year, last=last, first=first
        )
        raise InputRefused([Problem("starts", message, msg("请核对起始号。"))])
    now = ports.clock.now().isoformat(timespec="seconds")
    skipped: dict[str, Any] = {
        "state": RowState.SKIPPED.value, "at": now, "by": by,
        "skip_reason": msg("起始号改为{first}：{why}", first=first, why=why), "skipped_at": now, "skipped_by": by,
    }  # fmt: skip
    for n in range(last + 1, first):
        row = with_changes(empty_row(series, year, n), skipped)
        tx.numbers.insert(row["id"], row)
    counter.advance(tx, first - 1)
