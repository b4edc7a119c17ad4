"""Days that follow from today: 明天, 下周三, 12月15日 without its year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from formsvc.domain.chinese.calendar_days import day_in_words, existing_day, weekday_number
from formsvc.domain.chinese.numerals import parse_chinese_number, quotable
from formsvc.i18n.messages import msg

_DAYS_FROM_TODAY = {
    "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3, "昨天": -1, "昨日": -1, "前天": -2, "大前天": -3,
}  # fmt: skip
_WEEKS = {"": 0, "本": 0, "这": 0, "下": 1, "下下": 2, "上": -1, "上上": -2}
_YEARS = {"今": 0, "本": 0, "明": 1, "后": 2, "去": -1, "前": -2}
_MONTHS = {"本": 0, "这个": 0, "下": 1, "下个": 1, "上": -1, "上个": -1}
# a year is understood only where the day is so near; the other years are then nine months away or more
_NEAREST = timedelta(days=92)
_YEARS_OF_TWO_DIGITS = 10
_DAY_WORD = re.compile("|".join(sorted(_DAYS_FROM_TODAY, key=len, reverse=True)))
_WEEKDAY = re.compile(r"(?P<week>上上|下下|上|下|本|这)?个?(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])")
_YEAR_WORD = re.compile(r"(?P<word>[今本明后去前])年\s*(?=\d)")
_YEAR_WORD_ALONE = re.compile(r"(?P<word>[今本明后去前])年")
_MONTH_DAY = re.compile(
    r"(?P<month>\d{1,2})\s*(?:月\s*(?P<cn_day>\d{1,2})\s*[日号]?|[-/.]\s*(?P<day>\d{1,2}))(?![-/.\d])",
    re.ASCII,
)
_DAY = re.compile(r"(?:(?P<which>本|这个|下个?|上个?)月)?\s*(?P<day>\d{1,2})\s*[日号]", re.ASCII)
_SHORT_YEAR = re.compile(
    r"(?P<year>\d{2})\s*(?:年\s*(?P<cn_month>\d{1,2})\s*月\s*(?P<cn_day>\d{1,2})\s*[日号]"
    r"|(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d))",
    re.ASCII,
)
_NUMERALS = re.compile(
    r"(?P<start>(?:[今本明后去前]年|(?:本|这个|下个?|上个?)月)?\s*)(?:(?P<month>十[一二]?|[一二三四五六七八九])\s*月\s*)?"
    r"(?P<day>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s*(?=[日号])"
)


class RelativeDay(NamedTuple):
    """A day at the beginning of a text, and what follows it."""

    day: date
    rest: str


def find_relative_day(text: str, today: date, typed: str) -> RelativeDay | None:
    """Return the day that a text begins with, None if with none.

    ``typed`` is quoted in refusals. Raise ValueError where it may be either of two days.
    """
    text = _with_digits(text)
    for pattern, read in (
        (_DAY_WORD, _from_word), (_WEEKDAY, _from_weekday), (_SHORT_YEAR, _from_short_year),
        (_MONTH_DAY, _from_month_day), (_DAY, _from_day_of_month),
    ):  # fmt: skip
        match = pattern.match(text)
        if match:
            return RelativeDay(read(match, today, typed), text[match.end() :])
    named = _YEAR_WORD.match(text)
    month_day = _MONTH_DAY.match(text, named.end()) if named else None
    if named is None or month_day is None:
        return None
    year = today.year + _YEARS[named["word"]]
    return RelativeDay(existing_day(year, *_month_and_day(month_day), typed), text[month_day.end() :])


def with_year_of(text: str, today: date) -> str:
    """Return a text with 今年, 去年 and the like as the year they are."""
    found = _YEAR_WORD_ALONE.match(text)
    return f"{today.year + _YEARS[found['word']]}年{text[found.end() :]}" if found else text


def _with_digits(text: str) -> str:
    """Return a text with the numerals of 十二月十五日 in digits."""
    found = _NUMERALS.match(text)
    if found is None:
        return text
    month = f"{parse_chinese_number(found['month'])}月" if found["month"] else ""
    return f"{found['start']}{month}{parse_chinese_number(found['day'])}{text[found.end() :]}"


def _from_word(match: re.Match[str], today: date, _typed: str) -> date:
    return today + timedelta(days=_DAYS_FROM_TODAY[match[0]])


def _from_weekday(match: re.Match[str], today: date, typed: str) -> date:
    monday = today - timedelta(days=today.weekday())
    named = monday + timedelta(days=weekday_number(match["weekday"]), weeks=_WEEKS[match["week"] or ""])
    if not match["week"]:
        # a visit of last week or of this: both are written so
        last = named if named < today else named - timedelta(weeks=1)
        raise ValueError(_either(typed, (last, last + timedelta(weeks=1)), msg("请写日期。")))
    if today.weekday() == weekday_number("日"):
        # on a Sunday the week is over for some and begins for others
        raise ValueError(_either(typed, (named, named + timedelta(weeks=1)), msg("请写日期。")))
    return named


def _from_short_year(match: re.Match[str], today: date, typed: str) -> date:
    year = today.year // 100 * 100 + int(match["year"])
    month, day = int(match["cn_month"] or match["month"]), int(match["cn_day"] or match["day"])
    meant = existing_day(year, month, day, typed)
    if match["mark"] or abs(year - today.year) > _YEARS_OF_TWO_DIGITS:
        sentence = msg(
            "“{given}”的年份只写了两位，请写成“{day}”。", given=quotable(typed), day=day_in_words(meant)
        )
        raise ValueError(sentence)
    return meant


def _month_and_day(match: re.Match[str]) -> tuple[int, int]:
    return int(match["month"]), int(match["cn_day"] or match["day"])


def _from_month_day(match: re.Match[str], today: date, typed: str) -> date:
    month, day = _month_and_day(match)
    # in a leap year, so that 2月29日 is refused for the year and not for itself
    existing_day(2024, month, day, typed)
    days = [_day_in(year, month, day) for year in range(today.year - 1, today.year + 2)]
    return _nearest([found for found in days if found], today, typed, msg("请写明年份。"))


def _day_in(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(days: Sequence[date], today: date, typed: str, remedy: str) -> date:
    """Return the day near today. Raise ValueError naming two if none is."""
    by_distance = sorted(days, key=lambda day: abs(day - today))
    if by_distance and abs(by_distance[0] - today) <= _NEAREST:
        return by_distance[0]
    if len(by_distance) < 2:
        raise ValueError(msg("“{given}”没有写年份，{remedy}", given=quotable(typed), remedy=remedy))
    raise ValueError(_either(typed, sorted(by_distance[:2]), remedy))


def _from_day_of_month(match: re.Match[str], today: date, typed: str) -> date:
    day = int(match["day"])
    if match["which"]:
        year, month = _month_after(today, _MONTHS[match["which"]])
        return existing_day(year, month, day, typed)
    existing_day(2024, 1, day, typed)
    days = [found for step in (-1, 0, 1, 2) if (found := _day_in(*_month_after(today, step), day))]
    after = next(found for found in days if found >= today)
    before = [found for found in days if found < today] or [after]
    raise ValueError(_either(typed, (before[-1], after), msg("请写明月份。")))


def _month_after(today: date, months: int) -> tuple[int, int]:
    count = today.year * 12 + today.month - 1 + months
    return count // 12, count % 12 + 1


def _either(typed: str, days: Sequence[date], remedy: str) -> str:
    first, second = map(day_in_words, days)
    return msg(
        "“{given}”可以是{first}，也可以是{second}，{remedy}",
        given=quotable(typed),
        first=first,
        second=second,
        remedy=remedy,
    )
