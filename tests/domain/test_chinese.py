"""Amounts, dates and numbers in Chinese."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formsvc.domain.chinese import (
    capital_amount,
    chinese_date,
    chinese_number,
    long_date,
    long_datetime,
    parse_date,
    parse_datetime,
    weekday_name,
)


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        (0, "零元整"),
        (200, "贰佰元整"),
        (500, "伍佰元整"),
        (3000, "叁仟元整"),
        (5000, "伍仟元整"),
        (10, "壹拾元整"),
        (10050, "壹万零伍拾元整"),
        (50000, "伍万元整"),
        (107000, "壹拾万柒仟元整"),
        (100000001, "壹亿零壹元整"),
        (100005000, "壹亿零伍仟元整"),
        (100000000, "壹亿元整"),
        (2000000005, "贰拾亿零伍元整"),
        (1010101, "壹佰零壹万零壹佰零壹元整"),
        (10**12, "壹万亿元整"),
        (10**12 + 10**8, "壹万零壹亿元整"),
        (10**12 + 1, "壹万亿零壹元整"),
        (10**12 + 10**4, "壹万亿零壹万元整"),
        (3000.5, "叁仟元伍角整"),
        (1680.32, "壹仟陆佰捌拾元叁角贰分"),
        (Decimal("1001.05"), "壹仟零壹元零伍分"),
        (0.05, "伍分"),
        (0.5, "伍角整"),
        ("0.55", "伍角伍分"),
        ("￥5,000.00", "伍仟元整"),
        ("１２３４元", "壹仟贰佰叁拾肆元整"),
    ],
)
def test_amounts_are_written_in_capitals(amount: int, capitals: str) -> None:
    assert capital_amount(amount) == capitals


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (-1, "负数"),
        ("-0.01", "负数"),
        (1.005, "两位小数"),
        (float("nan"), "不是有效的数"),
        (Decimal("Infinity"), "不是有效的数"),
        (True, "不是有效的数"),
        (10**16, "太大"),
        ("5,00", "不是金额"),
        ("1e3", "不是金额"),
        ("五百", "不是金额"),
        ("", "不是金额"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(amount: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        capital_amount(amount)  # type: ignore[arg-type]


_VALUES = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def _section_value(text: str) -> int:
    total = digit = 0
    for c in text:
        if c in _UNITS:
            total, digit = total + digit * _UNITS[c], 0
        else:
            digit = _VALUES[c]
    return total + digit


def _value(text: str) -> int:
    """Reads capitals back: the inverse of what is tested, written the other way round."""
    if "亿" in text:
        high, _, low = text.rpartition("亿")
        return _value(high) * 10**8 + _value(low)
    high, _, low = text.rpartition("万")
    return _section_value(high) * 10**4 + _section_value(low)


@given(st.integers(min_value=1, max_value=10**16 - 1))
def test_capitals_read_back_as_the_amount(yuan: int) -> None:
    capitals = capital_amount(yuan)

    assert _value(capitals.removesuffix("元整")) == yuan
    assert "零零" not in capitals
    assert not capitals.startswith("零")


@given(st.integers(min_value=1, max_value=10**12))
def test_cents_never_end_in_a_zero_and_say_whole_unless_there_are_fen(fen: int) -> None:
    capitals = capital_amount(Decimal(fen) / 100)

    assert capitals.endswith("分" if fen % 10 else "整")
    assert "零整" not in capitals


@pytest.mark.parametrize(
    ("n", "written"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (23, "二十三"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1010, "一千零一十"),
        (100000, "十万"),
        (210000, "二十一万"),
    ],
)
def test_whole_numbers_are_written_as_in_running_text(n: int, written: str) -> None:
    assert chinese_number(n) == written


def test_negative_numbers_are_not_spelt() -> None:
    with pytest.raises(ValueError, match="整数"):
        chinese_number(-1)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("2026-11-23", "二〇二六年十一月二十三日"),
        ("2026-10-20", "二〇二六年十月二十日"),
        ("2026-01-01", "二〇二六年一月一日"),
        ("2030-10-10", "二〇三〇年十月十日"),
    ],
)
def test_dates_are_written_in_chinese_numerals(day: str, written: str) -> None:
    assert chinese_date(date.fromisoformat(day)) == written
    assert chinese_date(day) == written


def test_dates_and_moments_are_printed_as_in_official_documents() -> None:
    assert long_date(date(2026, 3, 9)) == "2026年3月9日"
    assert long_datetime(datetime(2026, 9, 18, 9, 5)) == "2026年9月18日9时05分"
    assert long_datetime(datetime(2026, 9, 18, 9, 0)) == "2026年9月18日9时00分"
    assert weekday_name(date(2026, 9, 23)) == "周三"
    assert weekday_name("2026-09-27") == "周日"


@pytest.mark.parametrize(
    "typed",
    [
        "2026-9-1",
        "2026-09-01",
        "2026/9/1",
        "2026.9.1",
        "2026。9。1",
        "2026年9月1日",
        "2026 年 9 月 1 日",
        "2026年9月1号",
        "２０２６－９－１",
        "20260901",
        " 2026-9-1\n",
        # hyphens that do not break, dashes of every width
        "2026‑9‑1",
        "2026‒9‒1",
        "2026－9－1",
        # as spreadsheets and programs write a day
        "2026-09-01 00:00:00",
        "2026-09-01T00:00",
        "2026/9/1 0:00",
        "2026-09-01T00:00:00.000",
        "46266",
        "46266.0",
        # as documents date themselves
        "二〇二六年九月一日",
        "二零二六年九月一日",
        "二○二六 年 九 月 一 号",
        "2026年9月1日（星期二）",
        "2026年9月1日 周二",
    ],
)
def test_dates_are_understood_as_people_type_them(typed: str) -> None:
    assert parse_date(typed) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2026-02-30", "2026年2月没有30日"),
        ("2026-13-01", "没有13月"),
        ("26-9-1", "不是日期"),
        ("2026-9/1", "不是日期"),
        ("明天", "不是日期"),
        ("0226-9-1", "年份"),
        ("", "不是日期"),
        ("2026-9-1 9:00", "不是日期"),
        # a day typed without its month is none of 1955; a serial with a time is none either
        ("20261", "不是日期"),
        ("99999", "不是日期"),
        ("46266.5", "不是日期"),
        ("2026年9月1日（星期三）", "9月1日是周二"),
        ("二〇二六年二月三十日", "2026年2月没有30日"),
        ("二〇二六年十三月一日", "不是日期"),
        ("农历八月初一", "不是日期"),
        ("九月一日", "不是日期"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_date(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-09-18T09:05",
        "2026-9-18 9:05",
        "2026-9-18 9：05",
        "2026-09-18 09:05:59",
        "2026年9月18日9时05分",
        "2026年9月18日 9 时 5 分",
        "2026年9月18日9点5分",
        "20260918 9:05",
        "2026-09-18 09:05:00.000",
        "2026年9月18日上午9时5分",
        "2026-9-18 早上9:05",
        "二〇二六年九月十八日9时05分",
        "46283.3784722222",
    ],
)
def test_moments_are_understood_as_people_type_them(typed: str) -> None:
    assert parse_datetime(typed) == datetime(2026, 9, 18, 9, 5)


def test_a_whole_hour_needs_no_minutes() -> None:
    assert parse_datetime("2026年9月18日9时") == datetime(2026, 9, 18, 9, 0)
    assert parse_datetime("2026年9月18日9时整") == datetime(2026, 9, 18, 9, 0)


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("下午3时", 15, 0), ("下午3点半", 15, 30), ("晚上8:05", 20, 5), ("中午12点", 12, 0), ("中午1时", 13, 0), ("凌晨2时", 2, 0),
     ("下午15时", 15, 0), ("上午12时", 12, 0)],
)  # fmt: skip
def test_halves_of_the_day_are_understood(typed: str, hour: int, minute: int) -> None:
    assert parse_datetime(f"2026年9月18日{typed}") == datetime(2026, 9, 18, hour, minute)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2026-09-18", "缺少时刻"),
        ("2026-09-18 24:00", "时刻不存在"),
        ("2026-09-18 上午15:00", "时刻不存在"),
        ("2026-09-18 下午0:30", "时刻不存在"),
        ("46283", "日期和时刻"),
        ("2026-09-18 9:60", "时刻不存在"),
        ("2026-02-30 9:00", "2月没有30日"),
        ("9:00", "日期和时刻"),
        ("2026-09-18 上午", "日期和时刻"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_datetime(typed)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_printed_date_is_understood_again(day: date) -> None:
    assert parse_date(long_date(day)) == day
    assert parse_date(day.isoformat()) == day


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 12, 31)))
def test_a_printed_moment_is_understood_again(moment: datetime) -> None:
    assert parse_datetime(long_datetime(moment)) == moment.replace(second=0, microsecond=0)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(typed: str) -> None:
    for parse in (parse_date, parse_datetime):
        try:
            assert parse(typed).year >= 1900
        except ValueError as refusal:
            assert str(refusal).endswith("。")
