"""Blank numbers handed to an officer and written on paper on the spot, taken by the act that is entered afterwards."""

from __future__ import annotations

from datetime import date

from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ROW_STATE_NAMES, RowState, day_text, row_sort_key, row_state
from formsvc.domain.numbering.series import series_for
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.numbering.register import all_series
from formsvc.usecases.numbering.reservations import read_day
from formsvc.usecases.ports import Condition, Record, Transaction

PICK_ANOTHER = msg("请另选一个已领用的文号，或者用下一个号。")


def blanks_for(ports: Ports, series: NumberSeries, year: int) -> list[Record]:
    """Numbers of a series and year that were handed out and not accounted for, in their order."""
    reserved = Condition("state", "==", RowState.RESERVED.value)
    with ports.store.read() as tx:
        found = tx.numbers.find(Condition("series", "==", series.id), Condition("year", "==", year), reserved)
    return sorted(found, key=row_sort_key)


def blanks_of_act(ports: Ports, form: str, authority: str, agent: str, dated: str) -> list[Record]:
    """Handed-out numbers that an act of this kind and day may take; none where it has no series."""
    day = read_day(dated)
    try:
        series = series_for(all_series(ports), form, authority, agent)
    except FormsvcError:
        return []
    return blanks_for(ports, series, day.year) if day else []


def blank_taken(tx: Transaction, series: NumberSeries, dated: date, today: date, number: str) -> Record:
    """The row of a handed-out number an act of this day asks for. Raises FormsvcError with what is wrong with it.

    The order of days (domain/series.py) is not asked about: the number was given on the day it was handed out.
    """
    row = _row_of(tx, series, dated.year, number)
    if row is None:
        raise FormsvcError(
            msg("本系列{year}年的号簿中没有“{number}”，没有编号。", year=dated.year, number=number),
            PICK_ANOTHER,
        )
    check_still_blank(row)
    handed_out = row["reserved_at"][:10]
    if dated > today:
        raise FormsvcError(
            msg("制作日期{dated}晚于今天（{today}）。", dated=dated.isoformat(), today=today.isoformat()),
            msg("请改为今天或者实际的制作日期。"),
        )
    if dated.isoformat() < handed_out:
        raise FormsvcError(
            msg(
                "成文日期（{dated}）早于{number}的领用日期（{day}），没有编号。",
                dated=day_text(dated.isoformat()),
                number=row["text"],
                day=day_text(handed_out),
            ),
            msg("请核对成文日期和文号。"),
        )
    return row


def _row_of(tx: Transaction, series: NumberSeries, year: int, number: str) -> Record | None:
    """A row of a register by its key or by its number as it is written."""
    by_key = tx.numbers.get(number)
    if by_key and (by_key["series"], by_key["year"]) == (series.id, year):
        return by_key
    own = Condition("series", "==", series.id), Condition("year", "==", year)
    found = tx.numbers.find(*own, Condition("text", "==", number), limit=1)
    return found[0] if found else None


def check_still_blank(row: Record) -> None:
    """Raises FormsvcError where the number was used or accounted for meanwhile."""
    if row_state(row) is not RowState.RESERVED:
        raise FormsvcError(
            msg(
                "{number}现在是“{state}”，不能再用，本件没有编号。",
                number=row["text"],
                state=ROW_STATE_NAMES[row_state(row)],
            ),
            PICK_ANOTHER,
        )


def used_by_act(row: Record, written: Record, who: Actor, at: str) -> Record:
    """The row once an act made here bears the number: what was said when it was handed out stays."""
    accounted = {
        "outcome": RowState.ISSUED.value,
        "accounted_at": at,
        "accounted_by": who.account.display_name,
    }
    return {**row, **written, **accounted, "account_note": row.get("account_note", "")}


def story(row: Record) -> str:
    """What the act's history says of a number that had been handed out."""
    day = day_text(row["reserved_at"])
    return msg("用{person}{day}领用的文号", person=row["reserved_for"], day=day)
