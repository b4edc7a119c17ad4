"""Days of the calendar that were typed, with the reasons of a refusal."""

from __future__ import annotations

import re
from datetime import date

from formsvc.domain.chinese.numerals import quotable
from formsvc.i18n.messages import msg

MONTH_NAMES = (
    *(msg("1月"), msg("2月"), msg("3月"), msg("4月"), msg("5月"), msg("6月")),
    *(msg("7月"), msg("8月"), msg("9月"), msg("10月"), msg("11月"), msg("12月")),
)
WEEKDAY_NAMES = (msg("周一"), msg("周二"), msg("周三"), msg("周四"), msg("周五"), msg("周六"), msg("周日"))
_WEEKDAY = re.compile(r"\s*[,(]?\s*(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])\s*\)?")


def existing_day(year: int, month: int, day: int, typed: str) -> date:
    """Return a day. Raise ValueError naming what of it does not exist."""
    if not 1900 <= year <= 2100:
        raise ValueError(msg("“{given}”的年份应在1900至2100之间，请核对。", given=quotable(typed)))
    try:
        return date(year, month, day)
    except ValueError:
        reason = (
            msg("{year}年{month}月没有{day}日", year=year, month=month, day=day)
            if 1 <= month <= 12
            else msg("没有{month}月", month=month)
        )
        raise ValueError(
            msg("“{given}”不是真实存在的日期（{reason}），请核对。", given=quotable(typed), reason=reason)
        ) from None


def day_in_words(day: date) -> str:
    """Return a day as official documents print it: 2026年11月23日."""
    return msg("{year}年{month}{day}日", year=day.year, month=MONTH_NAMES[day.month - 1], day=day.day)


def weekday_number(name: str) -> int:
    """Return 0 for 一 to 6 for 日 and 天."""
    return "一二三四五六日".index(name.replace("天", "日"))


def refuse_other_weekday(day: date, rest: str, typed: str) -> str:
    """Return what follows a day without its weekday.

    Raise ValueError if the weekday written there is that of another day.
    """
    found = _WEEKDAY.match(rest)
    if found is None:
        return rest
    if weekday_number(found["weekday"]) != day.weekday():
        raise ValueError(
            msg(
                "“{given}”的星期与日期不符（{day}是{weekday}），请核对。",
                given=quotable(typed),
                day=msg("{month}{day}日", month=MONTH_NAMES[day.month - 1], day=day.day),
                weekday=WEEKDAY_NAMES[day.weekday()],
            )
        )
    return rest[found.end() :]
