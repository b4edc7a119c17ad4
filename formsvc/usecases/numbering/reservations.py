"""Reserved numbers (预编号): handing out, accounting for (核销), voiding.

Each use case is one short write transaction with its event. A number being issued meanwhile is read again by
its own commit, so reserving, entering and issuing may meet in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from formsvc.domain.accounts.account import Right
from formsvc.domain.calendar import add_working_days
from formsvc.domain.chinese import parse_date, tidy_day
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import (
    DAYS_TO_ACCOUNT,
    ON_PAPER,
    ROW_STATE_NAMES,
    RowState,
    Voiding,
    check_voiding,
    row_state,
)
from formsvc.domain.numbering.series import series_from_record
from formsvc.errors import FormsvcError, InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.usecases.circumstances import get_calendar
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.maintenance.clock_check import require_right_clock
from formsvc.usecases.numbering.rows import Counter, NumberRow, empty_row, find_rows, with_changes
from formsvc.usecases.numbering.rows import get_row as load_row
from formsvc.usecases.ports import Condition, Record, Transaction

FEWEST_LETTERS = 2


@dataclass(frozen=True)
class Reservation:
    """A request for a block of blank numbers for documents made on the spot."""

    count: int
    officer: str
    reason: str
    due: str = ""


def may_edit_register(actor: Actor, series: NumberSeries) -> bool:
    return actor.account.may(Right.ISSUE, series.authority)


def get_series(ports: Ports, actor: Actor, series_id: str) -> NumberSeries:
    """Return a series whose register the person may edit.

    Raise NotFound, RightMissing.
    """
    with ports.store.read() as tx:
        return editable_series(tx, actor, series_id)


def editable_series(tx: Transaction, actor: Actor, series_id: str) -> NumberSeries:
    """Return a series whose register the person may edit.

    Raise NotFound, RightMissing.
    """
    record = tx.series.get(series_id)
    if record is None or not _sees(actor, record):
        raise NotFound(msg("没有这个文号系列。"), msg("请从号簿中选择。"))
    series = series_from_record(record)
    actor.account.require(Right.ISSUE, series.authority)
    return series


def _sees(actor: Actor, record: Record) -> bool:
    return actor.account.is_admin or actor.account.may(Right.VIEW, record["authority"])


def get_row(ports: Ports, actor: Actor, key: str) -> NumberRow:
    """Return a row of a register the person may edit.

    Raise NotFound, RightMissing.
    """
    with ports.store.read() as tx:
        return editable_row(tx, actor, key)


def editable_row(tx: Transaction, actor: Actor, key: str) -> NumberRow:
    editable_series(tx, actor, key.partition("/")[0])
    row = load_row(tx, key)
    if row is None:
        raise NotFound(msg("号簿中没有这个号。"), msg("请从号簿中选择。"))
    return row


# Reserve ---------------------------------------------------------------------------------------------


def certified_officers(ports: Ports) -> list[Record]:
    """Return the officers whose certificate is in force today."""
    today = ports.clock.today().isoformat()
    with ports.store.read() as tx:
        found = tx.officers.find(order="id")
    return [r for r in found if r.get("active", True) and r["valid_from"] <= today <= r["valid_to"]]


def default_due_date(ports: Ports) -> str:
    return add_working_days(ports.clock.today(), DAYS_TO_ACCOUNT, get_calendar(ports)).isoformat()


def reserve(ports: Ports, actor: Actor, series_id: str, request: Reservation) -> list[NumberRow]:
    """Hand the next numbers of this year to an officer; return their rows.

    Raise InputRefused.
    """
    require_right_clock(ports)
    today = ports.clock.today()
    officers = {record["id"]: record for record in certified_officers(ports)}
    request = Reservation(
        request.count,
        request.officer,
        request.reason.strip(),
        tidy_day(request.due, today) or default_due_date(ports),
    )
    problems = _reservation_problems(request, set(officers), today)
    with ports.store.write() as tx:
        series = editable_series(tx, actor, series_id)
        if problems:
            raise InputRefused(problems)
        counter = Counter.load(tx, series.id, today.year)
        first = counter.next_serial(series, today.year)
        officer = officers[request.officer]
        rows = [_reserved(ports, actor, series, first + k, request, officer) for k in range(request.count)]
        for row in rows:
            tx.numbers.insert(row["id"], row)
        counter.advance(tx, rows[-1]["n"])
        note = msg(
            "{person}领用{first}至{last}共{count}个号：{reason}",
            person=officer["name"], first=rows[0]["text"], last=rows[-1]["text"], count=request.count, reason=request.reason,
        )  # fmt: skip
        record_event(
            tx, ports.clock, actor, "", "NumbersReserved", note=note, numbers=[row["id"] for row in rows]
        )
    return rows


def _reservation_problems(request: Reservation, officers: set[str], today: date) -> list[Problem]:
    problems = []
    most = process_limits().reserved_numbers
    if not 1 <= request.count <= most:
        problems.append(Problem("count", msg("一次领用的个数应当在 1 到 {most} 之间。", most=most)))
    if request.officer not in officers:
        problems.append(
            Problem(
                "officer",
                msg("请选择领用的执法人员。"),
                msg("名单中只有证件在有效期内的人员；没有的，请管理员登记。"),
            )
        )
    if len(request.reason) < FEWEST_LETTERS:
        problems.append(Problem("reason", msg("请写明领用事由，例如：9月22日夜查沿街商铺。")))
    return problems + _due_problems(request.due, today)


def _due_problems(due: str, today: date) -> list[Problem]:
    day = parse_day(due)
    if day is None:
        return [Problem("due", msg("请填写核销期限，例如 2026-11-23。"))]
    if day < today:
        return [Problem("due", msg("核销期限不能早于今天。"))]
    # a mistyped year would hide the numbers from the overdue list
    if day.year > today.year + 1:
        return [Problem("due", msg("核销期限太远。"), msg("请在一年以内核销。"))]
    return []


def _reserved(
    ports: Ports, actor: Actor, series: NumberSeries, n: int, request: Reservation, officer: Record
) -> NumberRow:
    now = ports.clock.now().isoformat(timespec="seconds")
    row = empty_row(series, ports.clock.today().year, n)
    reserved = {
        "state": RowState.RESERVED.value,
        "at": now,
        "by": actor.account.display_name,
        "reserved_for": officer["name"],
        "reserved_cert": officer["cert_no"],
        "reserve_reason": request.reason,
        "reserved_at": now,
        "due": request.due,
    }
    return with_changes(row, reserved)


def parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def document_problems(title: str, dated: str, year: int, today: date) -> list[Problem]:
    """Return what is missing of title and date; the date is within the year."""
    problems = [] if title.strip() else [Problem("title", msg("请填写文书名称。"))]
    day = parse_day(dated)
    if day is None:
        problems.append(Problem("dated", msg("请填写制作日期，例如 2026-11-23。")))
    elif day > today:
        problems.append(Problem("dated", msg("制作日期晚于今天。"), msg("请填实际的制作日期。")))
    elif day.year != year:
        problems.append(Problem("dated", msg("制作日期不在{year}年，不能用这一年的号。", year=year)))
    return problems


def list_overdue(ports: Ports, actor: Actor) -> list[NumberRow]:
    today = ports.clock.today().isoformat()
    with ports.store.read() as tx:
        mine = {r["id"] for r in tx.series.find() if _sees(actor, r)}
        reserved = find_rows(
            tx, Condition("state", "==", RowState.RESERVED.value), Condition("due", "<", today)
        )
    return sorted((r for r in reserved if r["series"] in mine), key=lambda r: (r["due"], r["id"]))


# Void ------------------------------------------------------------------------------------------------


def void_number(ports: Ports, actor: Actor, key: str, voiding: Voiding) -> NumberRow:
    """Void the number of a document made outside the system.

    Raise InputRefused, FormsvcError.
    """
    check_voiding(voiding)
    problems = []
    if not voiding.stage:
        problems.append(Problem("stage", msg("请选择文书所处的阶段。")))
    if not voiding.approver.strip():
        problems.append(Problem("approver", msg("请填写批准人。")))
    if problems:
        raise InputRefused(problems)
    with ports.store.write() as tx:
        row = editable_row(tx, actor, key)
        series = editable_series(tx, actor, row["series"])
        actor.account.require(Right.VOID, series.authority)
        if row_state(row) not in ON_PAPER:
            state = ROW_STATE_NAMES[row_state(row)]
            raise FormsvcError(
                msg("{number}现在是“{state}”，不能在号簿中作废。", number=row["text"], state=state),
                msg("本系统制发的文书，请在文书页面上作废。"),
            )
        now = ports.clock.now().isoformat(timespec="seconds")
        void = with_changes(row, voiding.row_changes(actor.account.display_name, now))
        tx.numbers.replace(key, void)
        note = msg("{number}：{reason}", number=row["text"], reason=void["reason"])
        record_event(tx, ports.clock, actor, "", "NumberVoided", note=note, numbers=[key])
    return void
