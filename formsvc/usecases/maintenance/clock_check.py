"""Check of the computer's clock before a number is given.

A number bears a date, and the next one may not be earlier: one day of a wrong clock would
stop a series until that day has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from formsvc.domain.accounts.account import Right
from formsvc.domain.numbering.clock_rule import ClockRule
from formsvc.domain.numbering.series import series_from_record
from formsvc.errors import ClockWrong, InputRefused, NotFound, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.numbering.rows import Counter, rows_of_year
from formsvc.usecases.ports import Condition, Transaction

# key of the settings: when the clock was last found right, and the last event before it was accepted
KEY = "clock"
# seldom enough not to lengthen the history chain, often enough for a limit in days
NOTED_EVERY = timedelta(hours=12)


@dataclass(frozen=True)
class ClockState:
    """The clock's time, and the latest time that the store knows of."""

    now: datetime
    last: datetime | None = None
    is_behind: bool = False
    is_ahead: bool = False

    @property
    def is_right(self) -> bool:
        return not (self.is_behind or self.is_ahead)

    @property
    def sentence(self) -> str:
        """Return what is wrong, with both times; "" if nothing is."""
        if self.is_right or self.last is None:
            return ""
        now, last = _written(self.now), _written(self.last)
        if self.is_behind:
            return msg("电脑的时钟（{now}）早于最近一次保存的时间（{last}），暂停编号。", now=now, last=last)
        days = (self.now - self.last).days
        return msg(
            "电脑的时钟（{now}）比上次使用（{last}）晚了 {days} 天，可能走错了，暂停编号。",
            now=now,
            last=last,
            days=days,
        )


REMEDY = msg(
    "请校准电脑的时钟；时钟没有错的，请管理员在“系统管理”的“时钟”页确认，或者在服务器上运行 formsvc clock accept。"
)


@dataclass(frozen=True)
class LateSeries:
    """A series whose last number bears a date that has not come yet."""

    id: str
    year: int
    name: str
    last_dated: str
    # the latest date of its numbers that has come; "" for none
    corrected: str


def clock_state(ports: Ports) -> ClockState:
    with ports.store.read() as tx:
        return state_in(tx, ports.clock.now(), ports.policy.clock)


def state_in(tx: Transaction, now: datetime, rule: ClockRule | None) -> ClockState:
    """Compare the clock with what a store knows; without a rule it is right."""
    if rule is None:
        return ClockState(now)
    record = tx.settings.get(KEY) or {}
    since = [Condition("id", ">", str(record.get("after", "")))]
    if rule.by_day:
        # a set date concerns documents; people who sign in, and the office itself, may have had another
        last = _latest_event(tx, now, *since, Condition("act_id", "!=", ""))
        return ClockState(now, last, is_behind=last is not None and rule.is_behind(now, last))
    seen, committed = _parsed(str(record.get("seen", "")), now), _latest_event(tx, now, *since)
    known = [moment for moment in (seen, committed) if moment]
    if not known:
        return ClockState(now)
    if rule.is_behind(now, max(known)):
        return ClockState(now, max(known), is_behind=True)
    # what was written by a clock far ahead must not make that clock right
    trusted = seen or max(known)
    return ClockState(now, trusted, is_ahead=rule.is_ahead(now, trusted))


def _latest_event(tx: Transaction, now: datetime, *conditions: Condition) -> datetime | None:
    events = tx.events.find(*conditions, order="at", descending=True, limit=1)
    return _parsed(str(events[0]["at"]), now) if events else None


def require_right_clock(ports: Ports) -> None:
    """Raise ClockWrong if no number may be given by this clock."""
    state = clock_state(ports)
    if not state.is_right:
        raise ClockWrong(state.sentence, REMEDY)


def note_time(ports: Ports) -> None:
    """Store that the clock is right now, unless that is known or not so."""
    now, rule = ports.clock.now(), ports.policy.clock
    if rule is None or rule.by_day:
        return
    with ports.store.read() as tx:
        state, record = state_in(tx, now, rule), tx.settings.get(KEY) or {}
    seen = _parsed(str(record.get("seen", "")), now)
    if not state.is_right or (seen and abs(now - seen) < NOTED_EVERY):
        return
    with ports.store.write() as tx:
        _save(tx, now, str((tx.settings.get(KEY) or {}).get("after", "")))


def accept_clock(ports: Ports, actor: Actor, *, reason: str) -> None:
    """Take the clock as right although the store knows another time.

    It enters the history. Raise RightMissing, InputRefused.
    """
    _require_administrator(actor)
    why = _reason(reason)
    now = ports.clock.now()
    with ports.store.write() as tx:
        state = state_in(tx, now, ports.policy.clock)
        last = _written(state.last) if state.last else "-"
        note = msg("确认时钟 {now}（此前最晚的时间 {last}）：{why}", now=_written(now), last=last, why=why)
        record_event(tx, ports.clock, actor, "", "ClockAccepted", note=note)
        # events up to this one count no more
        newest = tx.events.find(order="id", descending=True, limit=1)[0]["id"]
        _save(tx, now, newest)


def late_series(ports: Ports) -> list[LateSeries]:
    """Return the series that give no number until a day to come."""
    today = ports.clock.today().isoformat()
    with ports.store.read() as tx:
        return [
            late
            for record in tx.counters.find(Condition("last_dated", ">", today), order="id")
            if (late := _late_series(tx, record["id"], today))
        ]


def _late_series(tx: Transaction, key: str, today: str) -> LateSeries | None:
    series_id, _, year = key.rpartition("/")
    record, counter = tx.series.get(series_id), Counter.load(tx, series_id, int(year))
    if record is None or counter.last_dated <= today:
        return None
    days = [row["dated"] for row in rows_of_year(tx, series_id, int(year)) if row["dated"] <= today]
    series = series_from_record(record)
    return LateSeries(series_id, int(year), series.prefix, counter.last_dated, max(days, default=""))


def correct_last_date(ports: Ports, actor: Actor, series_id: str, year: int, *, reason: str) -> LateSeries:
    """Take back the last date of a series to the latest that has come.

    It enters the history. Raise RightMissing, InputRefused, NotFound, ClockWrong.
    """
    _require_administrator(actor)
    why = _reason(reason)
    # a clock that is wrong would make a right date look late
    require_right_clock(ports)
    with ports.store.write() as tx:
        late = _late_series(tx, f"{series_id}/{year}", ports.clock.today().isoformat())
        if late is None:
            raise NotFound(msg("这个系列的最后日期没有晚于今天，不必更正。"), msg("请刷新“时钟”页。"))
        counter = tx.counters.get(f"{series_id}/{year}") or {}
        tx.counters.replace(f"{series_id}/{year}", {**counter, "last_dated": late.corrected})
        note = msg(
            "“{series}”{year}年的最后日期由 {before} 更正为 {after}：{why}",
            series=late.name, year=year, before=late.last_dated, after=late.corrected or "-", why=why,
        )  # fmt: skip
        record_event(tx, ports.clock, actor, "", "LastDateCorrected", note=note)
    return late


def _require_administrator(actor: Actor) -> None:
    if actor.account != CONSOLE:
        actor.account.require(Right.ADMINISTER, "")


def _reason(typed: str) -> str:
    if not typed.strip():
        raise InputRefused([Problem("reason", msg("请写明理由，它写入系统日志。"))])
    return typed.strip()


def _save(tx: Transaction, now: datetime, after: str) -> None:
    record = {"id": KEY, "seen": now.isoformat(timespec="seconds"), "after": after}
    if tx.settings.get(KEY) is None:
        tx.settings.insert(KEY, record)
    else:
        tx.settings.replace(KEY, record)


def _parsed(text: str, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
