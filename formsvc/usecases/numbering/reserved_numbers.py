"""Reserved numbers taken by the act that is entered afterwards."""

from __future__ import annotations

from datetime import date

from formsvc.domain.acts.act import Act
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import ROW_STATE_NAMES, RowState, day_text, row_sort_key, row_state
from formsvc.domain.numbering.series import check_not_in_future, series_for
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.numbering.register import all_series
from formsvc.usecases.numbering.reservations import parse_day
from formsvc.usecases.numbering.rows import NumberRow, find_rows, get_row, with_changes
from formsvc.usecases.ports import Condition, Transaction

PICK_ANOTHER = msg("请另选一个已领用的文号，或者用下一个号。")


def list_reserved(ports: Ports, series: NumberSeries, year: int) -> list[NumberRow]:
    reserved = Condition("state", "==", RowState.RESERVED.value)
    with ports.store.read() as tx:
        found = find_rows(tx, Condition("series", "==", series.id), Condition("year", "==", year), reserved)
    return sorted(found, key=row_sort_key)


def list_reserved_for_act(ports: Ports, act: Act) -> list[NumberRow]:
    day = parse_day(act.dated)
    try:
        series = series_for(all_series(ports), act.form, act.authority, act.agent, act.genre)
    except FormsvcError:
        return []
    return list_reserved(ports, series, day.year) if day else []


def reserved_row(tx: Transaction, series: NumberSeries, dated: date, today: date, number: str) -> NumberRow:
    """Return the row of the reserved number that an act asks for.

    Raise FormsvcError. The order of days is not checked: the number was given on the day it was reserved.
    """
    row = _row_of(tx, series, dated.year, number)
    if row is None:
        raise FormsvcError(
            msg("本系列{year}年的号簿中没有“{number}”，没有编号。", year=dated.year, number=number),
            PICK_ANOTHER,
        )
    require_reserved(row)
    handed_out = row["reserved_at"][:10]
    check_not_in_future(dated, today)
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


def _row_of(tx: Transaction, series: NumberSeries, year: int, number: str) -> NumberRow | None:
    """Return a row by its key or by its printed number."""
    by_key = get_row(tx, number)
    if by_key and (by_key["series"], by_key["year"]) == (series.id, year):
        return by_key
    own = Condition("series", "==", series.id), Condition("year", "==", year)
    found = find_rows(tx, *own, Condition("text", "==", number))
    return found[0] if found else None


def require_reserved(row: NumberRow) -> None:
    """Raise FormsvcError if the number was used or accounted for meanwhile."""
    if row_state(row) is not RowState.RESERVED:
        raise FormsvcError(
            msg(
                "{number}现在是“{state}”，不能再用，本件没有编号。",
                number=row["text"],
                state=ROW_STATE_NAMES[row_state(row)],
            ),
            PICK_ANOTHER,
        )


def mark_used(row: NumberRow, written: NumberRow, actor: Actor, at: str) -> NumberRow:
    """Return the row of a number that an act bears; its reservation stays."""
    accounted = {
        "outcome": RowState.ISSUED.value,
        "accounted_at": at,
        "accounted_by": actor.account.display_name,
    }
    # what was recorded when the number was reserved stays
    return with_changes(row, {**written, **accounted, "account_note": row.get("account_note", "")})


def reservation_note(row: NumberRow) -> str:
    """Return the note of the act's history about its reserved number."""
    day = day_text(row["reserved_at"])
    return msg("用{person}{day}领用的文号", person=row["reserved_for"], day=day)
