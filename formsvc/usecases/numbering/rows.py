"""Typed rows of the number register, and the counters of its series.

Rows stay dictionaries with their stored keys: which keys a row has is its history, and the stored form is part of
the hash chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict, cast

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import next_serial, row_key
from formsvc.usecases.ports import Condition, Transaction


class NumberRow(TypedDict):
    """A number with what became of it; key: ``series/year/n``."""

    id: str
    series: str
    year: int
    n: int
    text: str
    state: str
    act_id: str
    title: str
    party: str
    dated: str
    at: str
    by: str
    reason: str
    sub: NotRequired[int]
    # reserved (预编号): for whom, why, and by when it is accounted for
    reserved_for: NotRequired[str]
    reserved_cert: NotRequired[str]
    reserve_reason: NotRequired[str]
    reserved_at: NotRequired[str]
    due: NotRequired[str]
    # accounted for (核销)
    outcome: NotRequired[str]
    account_note: NotRequired[str]
    accounted_at: NotRequired[str]
    accounted_by: NotRequired[str]
    related: NotRequired[str]
    # entered by hand (补登, 手写号)
    entry: NotRequired[str]
    entered_at: NotRequired[str]
    entered_by: NotRequired[str]
    entry_reason: NotRequired[str]
    # explained gap (空号)
    skip_reason: NotRequired[str]
    skipped_at: NotRequired[str]
    skipped_by: NotRequired[str]
    # void (作废): who approved it, how far the document had come
    approver: NotRequired[str]
    stage: NotRequired[str]
    collected: NotRequired[bool]
    replaced_by: NotRequired[str]
    voided_by: NotRequired[str]
    voided_at: NotRequired[str]
    backfill_reason: NotRequired[str]


def empty_row(series: NumberSeries, year: int, n: int, sub: int = 0) -> NumberRow:
    row: NumberRow = {
        "id": row_key(series.id, year, n, sub),
        "series": series.id,
        "year": year,
        "n": n,
        "text": series.number(year, n, sub).text,
        "state": "",
        "act_id": "",
        "title": "",
        "party": "",
        "dated": "",
        "at": "",
        "by": "",
        "reason": "",
    }
    # most numbers have no sub-number, and their rows no such key
    return with_changes(row, {"sub": sub}) if sub else row


def with_changes(row: NumberRow, changes: Mapping[str, object]) -> NumberRow:
    return cast(NumberRow, {**row, **changes})


def get_row(tx: Transaction, key: str) -> NumberRow | None:
    return cast(NumberRow | None, tx.numbers.get(key))


def existing_row(tx: Transaction, key: str) -> NumberRow:
    """Return a row that is known to exist: rows are never removed."""
    return cast(NumberRow, tx.numbers.get(key) or {})


def find_rows(tx: Transaction, *conditions: Condition, order: str = "") -> list[NumberRow]:
    return cast(list[NumberRow], tx.numbers.find(*conditions, order=order))


def rows_of_year(tx: Transaction, series: str, year: int) -> list[NumberRow]:
    return find_rows(tx, Condition("series", "==", series), Condition("year", "==", year), order="n")


@dataclass(frozen=True)
class Counter:
    """Last number of a series and year, and the latest date of its documents.

    ``last`` is None before the first number; the date is ISO 8601.
    """

    key: str
    last: int | None = None
    last_dated: str = ""

    @classmethod
    def load(cls, tx: Transaction, series: str, year: int) -> Counter:
        key = f"{series}/{year}"
        record = tx.counters.get(key) or {}
        last = record.get("last")
        return cls(key, None if last is None else int(last), record.get("last_dated", ""))

    def next_serial(self, series: NumberSeries, year: int) -> int:
        return next_serial({} if self.last is None else {"last": self.last}, series, year)

    def advance(self, tx: Transaction, last: int, dated: str = "") -> None:
        """Raise the counter to this number and day, if it is not there yet."""
        if self.last is not None and last <= self.last:
            return
        record = {"id": self.key, "last": last, "last_dated": max(dated, self.last_dated)}
        if self.last is None:
            tx.counters.insert(self.key, record)
        else:
            tx.counters.replace(self.key, record)
