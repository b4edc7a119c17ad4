"""Tables of days off (放假安排) that administrators import, see and undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from formsvc.domain.calendar import OFFICIAL_TABLES, Calendar, calendar_of, is_national_holiday
from formsvc.errors import InputRefused, NotFound, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.access import require_admin
from formsvc.usecases.circumstances import CALENDAR_KEY, office_tables
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_administration
from formsvc.usecases.ports import Record, Transaction

Table = Mapping[str, Any]

# every yearly notice names them; two that meet share one span
HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_EARLIEST, _LATEST = 2020, 2099
_LONGEST_SPAN = 31


@dataclass(frozen=True)
class HolidayTable:
    """The table of one year in use, and where it comes from."""

    year: int
    off: tuple[tuple[str, date, date], ...]
    work: tuple[date, ...]
    source: str = ""
    imported_at: str = ""
    imported_by: str = ""

    @property
    def is_shipped(self) -> bool:
        return not self.imported_at


def list_tables(ports: Ports) -> list[HolidayTable]:
    """Return the table in use of each year, newest year first."""
    with ports.store.read() as tx:
        stored = office_tables(tx)
    tables = {**OFFICIAL_TABLES, **stored}
    return [_shown(tables[year]) for year in sorted(tables, reverse=True)]


def _shown(table: Table) -> HolidayTable:
    source = table.get("source") or {}
    return HolidayTable(
        int(table["year"]),
        tuple(
            (str(span.get("name") or ""), date.fromisoformat(span["from"]), date.fromisoformat(span["to"]))
            for span in table["off"]
        ),
        tuple(date.fromisoformat(day) for day in table["work"]),
        " ".join(str(source[key]) for key in ("title", "number", "date") if source.get(key)),
        str(table.get("imported_at") or ""),
        str(table.get("imported_by") or ""),
    )


def check_table(table: Table, source: str = "") -> tuple[dict[str, Any], HolidayTable]:
    """Return the table as it would be stored, and as shown.

    Raise InputRefused with every reason why it cannot be the year's table.
    """
    try:
        calendar = calendar_of([table])
        year = int(table["year"])
        problems = list(_table_problems(table, year, calendar)) if year else []
    except (ValueError, TypeError, KeyError) as wrong:
        raise InputRefused([Problem("", str(wrong))]) from None
    if problems:
        raise InputRefused(problems)
    spans = [
        {"name": str(span.get("name") or ""), "from": span["from"], "to": span["to"]} for span in table["off"]
    ]
    named: Mapping[str, Any] = {"title": source} if source else (table.get("source") or {})
    stored = {"year": year, "source": dict(named), "off": spans, "work": sorted(table["work"])}
    return stored, _shown(stored)


def _table_problems(table: Table, year: int, calendar: Calendar) -> Iterator[Problem]:
    if not _EARLIEST <= year <= _LATEST:
        yield Problem("year", msg("年份应当在 {first} 到 {last} 之间。", first=_EARLIEST, last=_LATEST))
        return
    for span in table["off"]:
        length = (date.fromisoformat(span["to"]) - date.fromisoformat(span["from"])).days + 1
        if length > _LONGEST_SPAN:
            yield Problem(
                "", msg("“{name}”放假 {n} 天，请核对起止日。", name=str(span.get("name") or ""), n=length)
            )
    names = "".join(str(span.get("name") or "") for span in table["off"])
    absent = [name for name in HOLIDAYS if name not in names]
    if absent:
        yield Problem("", msg("缺少{names}，请照通知补齐。", names=format_list(absent)))
    weekdays = [day for day in table["work"] if date.fromisoformat(day).weekday() < 5]
    if weekdays:
        yield Problem("", msg("{days}不是周末，不会是调休上班的日子，请核对。", days=format_list(weekdays)))
    worked = [day.isoformat() for day in _national_holidays(year) if day not in calendar.off]
    if worked and not absent:
        yield Problem("", msg("{days}是法定节日，没有列在放假里，请核对。", days=format_list(worked)))


def _national_holidays(year: int) -> Sequence[date]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [day for day in days if day.year == year and is_national_holiday(day)]


def import_table(ports: Ports, actor: Actor | None, table: Table, source: str = "") -> HolidayTable:
    """Store a year's table; the one before it is kept. Raise InputRefused."""
    require_admin(actor)
    stored, _ = check_table(table, source)
    stored["imported_at"] = ports.clock.now().isoformat(timespec="seconds")
    stored["imported_by"] = actor.account.display_name if actor else "控制台"
    with ports.store.write() as tx:
        history = _histories(tx)
        history.setdefault(str(stored["year"]), []).append(stored)
        _save(tx, history)
        record_administration(tx, ports.clock, actor, f"导入{stored['year']}年放假安排")
    return _shown(stored)


def undo_import(ports: Ports, actor: Actor | None, year: int) -> None:
    """Take back the last import of a year. Raise NotFound if there is none."""
    require_admin(actor)
    with ports.store.write() as tx:
        history = _histories(tx)
        tables = history.get(str(year), [])
        if not tables:
            raise NotFound(
                msg("没有导入过{year}年的放假安排。", year=year), msg("随系统提供的放假安排不能撤销。")
            )
        tables.pop()
        _save(tx, {key: value for key, value in history.items() if value})
        record_administration(tx, ports.clock, actor, f"撤销导入的{year}年放假安排")


def _histories(tx: Transaction) -> dict[str, list[Record]]:
    """Return all imports of each year, the last one in use."""
    record = tx.settings.get(CALENDAR_KEY)
    return {year: list(tables) for year, tables in (record or {}).get("tables", {}).items()}


def _save(tx: Transaction, history: Mapping[str, Sequence[Record]]) -> None:
    record = {"id": CALENDAR_KEY, "tables": history}
    if tx.settings.get(CALENDAR_KEY):
        tx.settings.replace(CALENDAR_KEY, record)
    else:
        tx.settings.insert(CALENDAR_KEY, record)
