"""Choice of an act's number series, and days on which to number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from formsvc.domain.json_types import Record
from formsvc.domain.numbering.document_number import NumberSeries, NumberStyle
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import format_list, msg


def series_from_record(record: Record) -> NumberSeries:
    return NumberSeries(
        id=record["id"],
        authority=record["authority"],
        forms=tuple(record["forms"]),
        prefix=record["prefix"],
        style=NumberStyle(record["style"]),
        width=record.get("width", 4),
        agent=record.get("agent", ""),
        starts=record.get("starts", {}),
        genre=record.get("genre", ""),
    )


def series_for(
    all_series: Iterable[NumberSeries], form: str, authority: str, agent: str, genre: str = ""
) -> NumberSeries:
    """Return the series of authority, form and (M2) agent.

    One for the genre of a variant comes before the one for all. Raise FormsvcError unless exactly one is configured.
    """
    known = [s for s in all_series if s.authority == authority and form in s.forms and s.agent == agent]
    fitting = [s for s in known if s.genre and s.genre == genre] or [s for s in known if not s.genre]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise FormsvcError(
            msg("这种文书还没有配置文号系列，不能编号。"),
            msg("请管理员在“文号系列”中为本机关和本文书增加系列。"),
        )
    names = format_list(s.prefix for s in fitting)
    raise FormsvcError(
        msg("这种文书配置了不止一个文号系列（{names}）。", names=names), msg("请管理员保留其中一个。")
    )


def check_not_in_future(dated: date, today: date) -> None:
    """Raise FormsvcError if a document's date lies after today."""
    # GB/T 9704: the date is the day of signing, which cannot lie ahead.
    if dated > today:
        raise FormsvcError(
            msg("制作日期{dated}晚于今天（{today}）。", dated=dated.isoformat(), today=today.isoformat()),
            msg("请改为今天或者实际的制作日期。"),
        )


_EARLIER_REMEDY = msg("请改用当前日期；确属补录的，请写明补录理由。")
# no date that has come would do
_LATER_REMEDY = msg(
    "上一个文号的日期还没有到，那时电脑的时钟多半走错了：请管理员在“系统管理”的“时钟”页更正本系列的最后日期；确属补录的，请写明补录理由。"
)


def check_number_day(dated: date, today: date, last_dated: str, *, backfill_reason: str = "") -> None:
    """Raise FormsvcError if no number may be taken for a document's date.

    Refused are dates in the future, of another year, and before the last number's: numbers and dates must not run against
    each other. Back-filling (补录) with a reason lifts all but the first.
    """
    check_not_in_future(dated, today)
    if backfill_reason.strip():
        return
    if dated.year != today.year:
        raise FormsvcError(
            msg(
                "制作日期{dated}不在今年（{year}年），不能取今年的号。",
                dated=dated.isoformat(),
                year=today.year,
            ),
            msg("确需补录往年文书的，请用“补录”并写明理由。"),
        )
    if last_dated and dated.isoformat() < last_dated:
        raise FormsvcError(
            msg(
                "制作日期{dated}早于本系列上一个文号的日期（{last_dated}），会造成号序与日期颠倒。",
                dated=dated.isoformat(),
                last_dated=last_dated,
            ),
            _LATER_REMEDY if last_dated > today.isoformat() else _EARLIER_REMEDY,
        )
