"""Days and times as people write them, on Monday 2026-11-30."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from formsvc.domain.chinese import parse_date, parse_datetime, parse_time

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("12月15日", date(2026, 12, 15)), ("12.15", date(2026, 12, 15)), ("12/15", date(2026, 12, 15)),
        ("12-15", date(2026, 12, 15)), ("１２月１５日", date(2026, 12, 15)), ("１２．１５", date(2026, 12, 15)),
        ("12月15号", date(2026, 12, 15)), ("十二月十五日", date(2026, 12, 15)), ("12月15日（周二）", date(2026, 12, 15)),
        # near the end of a year the next one is meant, and after its beginning the last
        ("1月5日", date(2027, 1, 5)), ("9月30日", date(2026, 9, 30)),
        ("今天", TODAY), ("明天", date(2026, 12, 1)), ("后天", date(2026, 12, 2)), ("大后天", date(2026, 12, 3)),
        ("昨天", date(2026, 11, 29)), ("前天", date(2026, 11, 28)), ("昨日", date(2026, 11, 29)),
        ("下周三", date(2026, 12, 9)), ("下个星期三", date(2026, 12, 9)), ("本周三", date(2026, 12, 2)),
        ("这周五", date(2026, 12, 4)), ("上周五", date(2026, 11, 27)), ("下下周一", date(2026, 12, 14)),
        ("下周日", date(2026, 12, 13)), ("礼拜三", None), ("本月15日", date(2026, 11, 15)),
        ("下月15日", date(2026, 12, 15)), ("上个月3号", date(2026, 10, 3)), ("下个月十五日", date(2026, 12, 15)),
        ("明年3月1日", date(2027, 3, 1)), ("去年12月31日", date(2025, 12, 31)), ("今年六月一日", date(2026, 6, 1)),
        ("26年12月15日", date(2026, 12, 15)),
        # whole dates are what they were
        ("2026-12-15", date(2026, 12, 15)), ("2025年3月1日", date(2025, 3, 1)),
    ],
)  # fmt: skip
def test_days_are_understood_as_people_write_them(typed: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(ValueError, match="可以是"):
            parse_date(typed, TODAY)
    else:
        assert parse_date(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        # half a year away in both directions
        ("6月1日", "“6月1日”可以是2026年6月1日，也可以是2027年6月1日，请写明年份。"),
        ("周三", "“周三”可以是2026年11月25日，也可以是2026年12月2日，请写日期。"),
        ("周一", "“周一”可以是2026年11月23日，也可以是2026年11月30日，请写日期。"),
        ("15号", "“15号”可以是2026年11月15日，也可以是2026年12月15日，请写明月份。"),
        ("26.12.15", "“26.12.15”的年份只写了两位，请写成“2026年12月15日”。"),
        ("99年12月15日", "两位"),
        ("2月29日", "“2月29日”没有写年份，请写明年份。"),
        ("2月30日", "2月没有30日"), ("13月1日", "没有13月"), ("下月31号", None), ("下月32号", "12月没有32日"),
        ("15/12", "没有15月"), ("12/15/2026", "不是日期"), ("12月15日（周三）", "12月15日是周二"),
        ("明天下午", "不是日期"), ("月底", "不是日期"), ("尽快", "不是日期"), ("12月", "不是日期"), ("2026-11", "不是日期"),
    ],
)  # fmt: skip
def test_what_may_be_either_of_two_days_is_refused_with_both(typed: str, reason: str | None) -> None:
    if reason is None:
        assert parse_date(typed, TODAY) == date(2026, 12, 31)
        return
    with pytest.raises(ValueError, match=reason):
        parse_date(typed, TODAY)


def test_on_a_sunday_the_week_is_asked_for() -> None:
    sunday = date(2026, 11, 29)
    with pytest.raises(ValueError, match="2026年12月2日，也可以是2026年12月9日"):
        parse_date("下周三", sunday)
    assert parse_date("明天", sunday) == TODAY


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("12月17日 9:00", datetime(2026, 12, 17, 9)), ("１２月１７日　９：００", datetime(2026, 12, 17, 9)),
        ("10点半", datetime(2026, 11, 30, 10, 30)), ("上午9点", datetime(2026, 11, 30, 9)),
        ("明天下午3点半", datetime(2026, 12, 1, 15, 30)), ("下周三上午九点", datetime(2026, 12, 9, 9)),
        ("12.17 14:05", datetime(2026, 12, 17, 14, 5)), ("昨天 8:05", datetime(2026, 11, 29, 8, 5)),
        ("12月17日（周四）9时", datetime(2026, 12, 17, 9)), ("明天十点一刻", datetime(2026, 12, 1, 10, 15)),
    ],
)  # fmt: skip
def test_moments_are_understood_as_people_write_them(typed: str, moment: datetime) -> None:
    assert parse_datetime(typed, TODAY) == moment


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("明天", "缺少时刻"), ("12月17日", "缺少时刻"), ("明天3点半", "03:30，也可以是15:30"), ("周三 9:00", "请写日期"),
        ("明天25:00", "时刻不存在"), ("尽快", "不是日期和时刻"), ("", "缺少时刻|不是日期和时刻"),
    ],
)  # fmt: skip
def test_moments_that_may_be_two_are_refused(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_datetime(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("9:05", time(9, 5)), ("09：05", time(9, 5)), ("上午9点半", time(9, 30)), ("下午3时", time(15)), ("3时05分", time(3, 5)),
        ("十点一刻", time(10, 15)), ("上午十点二十分", time(10, 20)), ("23:59:30", time(23, 59)), ("下午两点", time(14)),
    ],
)  # fmt: skip
def test_times_are_understood_as_people_write_them(typed: str, clock: time) -> None:
    assert parse_time(typed) == clock


@pytest.mark.parametrize("typed", ["24:00", "9点61分", "2点", "明天", "9", "", "9.05"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="时刻|可以是"):
        parse_time(typed)


def test_every_day_of_a_year_is_one_day_or_two_named_ones() -> None:
    for month in range(1, 13):
        for day in range(1, 29):
            try:
                found = parse_date(f"{month}月{day}日", TODAY)
            except ValueError as refusal:
                assert f"2026年{month}月{day}日" in str(refusal)  # noqa: PT017 - which of two ways it went
            else:
                assert (found.month, found.day) == (month, day)
                assert abs(found - TODAY).days <= 92
