"""Dates and moments: as documents print them, and as people type them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from formsvc.domain.chinese.calendar_days import (
    MONTH_NAMES,
    WEEKDAY_NAMES,
    day_in_words,
    existing_day,
    refuse_other_weekday,
)
from formsvc.domain.chinese.clock_times import NO_TIME, find_time
from formsvc.domain.chinese.numerals import (
    DIGIT_VALUES,
    chinese_number,
    normalise,
    parse_chinese_number,
    quotable,
)
from formsvc.domain.chinese.relative_days import RelativeDay, find_relative_day, with_year_of
from formsvc.i18n.messages import msg

_YEAR_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_DATE = re.compile(
    r"(?P<year>\d{4})\s*(?:(?P<mark>[-/.])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})"
    r"|年\s*(?P<cn_month>\d{1,2})\s*月\s*(?P<cn_day>\d{1,2})\s*[日号]"
    r"|(?P<bare_month>\d{2})(?P<bare_day>\d{2}))",
    re.ASCII,
)
# 二〇二六年九月一日, as official documents date themselves
_NUMERAL_DATE = re.compile(
    r"(?P<year>[〇一二三四五六七八九]{4})\s*年\s*(?P<month>十[一二]?|[一二三四五六七八九])\s*月"
    r"\s*(?P<day>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s*(?P<end>[日号])"
)
_PERIOD = re.compile(
    r"(?P<year>\d{4})\s*(?:年?|(?:年|[-/.])\s*(?P<month>\d{1,2})\s*月?|(?P<bare_month>\d{2}))", re.ASCII
)
_NUMERAL_YEAR = re.compile("^[〇一二三四五六七八九]{4}(?=年)")
_NUMERAL_MONTH = re.compile("(?<=年)(?:十[一二]?|[一二三四五六七八九])(?=月)")
# a spreadsheet or a program writes a day as the moment at which it begins
_MIDNIGHT = re.compile(r"(?:T|\s+)0?0:00(?::00(?:\.0+)?)?", re.ASCII)
# A day that lost its format in a spreadsheet: the days since 1899-12-30, of 2000 to 2099. Five digits are no other
# date; 20261, a mistyped 2026-1-…, is before.
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SERIALS = range(36_526, 73_051)
# Excel counts from 1900-01-01 as 1 and takes 1900 for a leap year, so day 0 is two days earlier
SPREADSHEET_EPOCH = datetime(1899, 12, 30)


def chinese_date(d: date | str) -> str:
    """Return a date in Chinese numerals: 二〇二六年十一月二十三日."""
    day = _to_date(d)
    year = f"{day.year:04d}".translate(_YEAR_DIGITS)
    return f"{year}年{chinese_number(day.month)}月{chinese_number(day.day)}日"


def long_date(d: date | str) -> str:
    """Return a date as official documents print it: 2026年11月23日."""
    return day_in_words(_to_date(d))


def day_of_year(d: date | str) -> str:
    """Return a date without its year: 10月7日."""
    day = _to_date(d)
    return msg("{month}{day}日", month=MONTH_NAMES[day.month - 1], day=day.day)


def long_datetime(dt: datetime | str) -> str:
    """Return a moment as inspection records print it: 2026年9月18日9时05分."""
    moment = parse_datetime(dt) if isinstance(dt, str) else dt
    return f"{long_date(moment)}{moment.hour}时{moment.minute:02d}分"


def long_time(clock: time) -> str:
    """Return a time as documents print it: 9时05分."""
    return msg("{hour}时{minute}分", hour=clock.hour, minute=f"{clock.minute:02d}")


def long_period(period: str) -> str:
    """Return 2026, 2026-11 or 2026-11-23 as 2026年, 2026年11月, 2026年11月23日.

    Raise ValueError for any other text.
    """
    year, _, rest = period.partition("-")
    if not rest:
        return msg("{year}年", year=int(year))
    if "-" not in rest:
        return msg("{year}年{month}", year=int(year), month=MONTH_NAMES[int(rest) - 1])
    return long_date(date.fromisoformat(period))


def parse_period(s: str, today: date | None = None) -> str | None:
    """Return a typed year or month as 2026 or 2026-11, None for other text.

    ``today`` is that of ``parse_date``. Raise ValueError for a month or year that cannot be.
    """
    text = normalise(s)
    if today:
        text = with_year_of(text, today)
    text = _NUMERAL_YEAR.sub(lambda found: "".join(str(DIGIT_VALUES[digit]) for digit in found[0]), text)
    text = _NUMERAL_MONTH.sub(lambda found: str(parse_chinese_number(found[0])), text)
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    month = match["month"] or match["bare_month"]
    first = existing_day(int(match["year"]), int(month or 1), 1, s)
    return f"{first:%Y-%m}" if month else f"{first:%Y}"


def period_bounds(period: str) -> tuple[date, date]:
    """Return the first and the last day of 2026, 2026-11 or 2026-11-23.

    Raise ValueError for any other text.
    """
    year, _, rest = period.partition("-")
    if "-" in rest:
        return date.fromisoformat(period), date.fromisoformat(period)
    first = date(int(year), int(rest or 1), 1)
    last = int(rest or 12)
    return first, first.replace(month=last, day=monthrange(first.year, last)[1])


def weekday_name(d: date | str) -> str:
    """Return 周一 to 周日."""
    return WEEKDAY_NAMES[_to_date(d).weekday()]


def _to_date(d: date | str) -> date:
    return parse_date(d) if isinstance(d, str) else d


def parse_date(s: str, today: date | None = None) -> date:
    """Return the date typed in any usual way. Raise ValueError otherwise.

    With ``today``, also words such as 明天 and a day without its year; what may be either of two days is refused with both.
    """
    text = _with_digits(normalise(s))
    serial = _from_serial(text)
    if serial and serial.time() == time():
        return serial.date()
    found = _find_day(text, s, today)
    if found is None or (found.rest and not _MIDNIGHT.fullmatch(found.rest)):
        raise ValueError(msg("“{given}”不是日期，请按“2026-09-01”或“2026年9月1日”填写。", given=quotable(s)))
    return found.day


def _find_day(text: str, typed: str, today: date | None) -> RelativeDay | None:
    """Return the day at the beginning of a text, and what follows it."""
    match = _DATE.match(text)
    if match:
        found: RelativeDay | None = RelativeDay(_date_from_match(match, typed), text[match.end() :])
    else:
        found = find_relative_day(text, today, typed) if today else None
    return found and RelativeDay(found.day, refuse_other_weekday(found.day, found.rest, typed))


def tidy_day(text: str, today: date | None = None) -> str:
    """Return a typed day as ISO date, any other text unchanged."""
    try:
        return parse_date(text, today).isoformat()
    except ValueError:
        return text


def spreadsheet_moment(days: float) -> datetime:
    """Return the moment of a spreadsheet's number of days, to the minute."""
    # the fraction of a day is a float: half a minute rounds it to the minute meant
    return (SPREADSHEET_EPOCH + timedelta(days=days, seconds=30)).replace(second=0, microsecond=0)


def _from_serial(text: str) -> datetime | None:
    if not _SERIAL.fullmatch(text) or not _SERIALS.start <= float(text) < _SERIALS.stop:
        return None
    return spreadsheet_moment(float(text))


def _with_digits(text: str) -> str:
    """Return a text that begins with a date in numerals with it in digits."""
    found = _NUMERAL_DATE.match(text)
    if found is None:
        return text
    year = "".join(str(DIGIT_VALUES[digit]) for digit in found["year"])
    month, day = (parse_chinese_number(found[part]) for part in ("month", "day"))
    return f"{year}年{month}月{day}{found['end']}{text[found.end() :]}"


def parse_datetime(s: str, today: date | None = None) -> datetime:
    """Return the moment typed, to the minute. Raise ValueError otherwise.

    ``today`` is that of ``parse_date``; with it a time alone is a time of that day.
    """
    text = _with_digits(normalise(s))
    serial = _from_serial(text)
    if serial and "." in text:
        return serial
    found = _find_day(text, s, today) or (RelativeDay(today, text) if today else None)
    clock = find_time(found.rest.removeprefix("T"), s) if found else NO_TIME
    if found is None or clock is NO_TIME:
        missing = msg("缺少时刻，请补上") if found and not found.rest else msg("不是日期和时刻，请写明")
        raise ValueError(
            msg(
                "“{given}”{missing}，例如“2026-09-18 09:05”或“2026年9月18日9时05分”。",
                given=quotable(s),
                missing=missing,
            )
        )
    return datetime.combine(found.day, clock)


def _date_from_match(match: re.Match[str], s: str) -> date:
    year, month, day = (
        int(match["year"]),
        int(match["month"] or match["cn_month"] or match["bare_month"]),
        int(match["day"] or match["cn_day"] or match["bare_day"]),
    )
    return existing_day(year, month, day, s)
