"""Chinese amounts, dates and numerals, and dates as people type them.

formsvc.docxpdf writes numerals of its own (ECMA-376 17.18.59): that package must not import the domain.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from formsvc.i18n.messages import msg

_STOPS = "。；;，,、. 　"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_PLACES = ("", "拾", "佰", "仟")
_NUMERALS = "零一二三四五六七八九"
_NUMERAL_PLACES = ("", "十", "百", "千")
_YEAR_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_WEEKDAY_NAMES = (msg("周一"), msg("周二"), msg("周三"), msg("周四"), msg("周五"), msg("周六"), msg("周日"))
_MONTHS = (
    *(msg("1月"), msg("2月"), msg("3月"), msg("4月"), msg("5月"), msg("6月")),
    *(msg("7月"), msg("8月"), msg("9月"), msg("10月"), msg("11月"), msg("12月")),
)
# 万亿 is the largest unit of four sections.
_LIMIT = 10**16
# The numeral of an article, as a regular expression.
NUMERAL = r"(?:[〇零一二三四五六七八九十百]+|\d+)"
_PLACE_VALUES = {"十": 10, "百": 100}
_DIGIT_VALUES = {digit: value for value, digit in enumerate(_NUMERALS)} | {"〇": 0}

_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", re.ASCII)
# Dashes and the full stop of Chinese keyboards, typed between the parts of a date.
_DASHES = str.maketrans(dict.fromkeys("‐‒–—―−⁃", "-") | {"。": ".", "○": "〇", "零": "〇"})
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
_WEEKDAY = re.compile(r"\s*[,(]?\s*(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])\s*\)?")
# a spreadsheet or a program writes a day as the moment at which it begins
_MIDNIGHT = re.compile(r"(?:T|\s+)0?0:00(?::00(?:\.0+)?)?", re.ASCII)
# A day that lost its format in a spreadsheet: the days since 1899-12-30, of 2000 to 2099. Five digits are no other
# date; 20261, a mistyped 2026-1-…, is before.
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SERIALS = range(36_526, 73_051)
# Excel counts from 1900-01-01 as 1 and takes 1900 for a leap year, so day 0 is two days earlier
SPREADSHEET_EPOCH = datetime(1899, 12, 30)
_TIME = re.compile(
    r"(?P<half>上午|下午|凌晨|早上|中午|晚上)?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?|[时点](?:(?P<cn_minute>\d{1,2})分?|整|(?P<thirty>半))?)",
    re.ASCII,
)


def capital_amount(x: Decimal | int | float | str) -> str:
    """Return an amount in capital numerals: 10050 → 壹万零伍拾元整.

    Raise ValueError for negative amounts, fractions of a fen, or 10¹⁶ yuan and more.
    """
    yuan, cents = divmod(_to_fen(x), 100)
    if yuan == cents == 0:
        return "零元整"
    whole = _spell(yuan, _CAPITALS, _CAPITAL_PLACES) + "元" if yuan else ""
    return whole + _capital_cents(cents, after_yuan=bool(yuan))


def _capital_cents(cents: int, *, after_yuan: bool) -> str:
    jiao, fen = divmod(cents, 10)
    if cents == 0:
        return "整"
    tenths = f"{_CAPITALS[jiao]}角" if jiao else ("零" if after_yuan else "")
    return tenths + (f"{_CAPITALS[fen]}分" if fen else "整")


def _to_fen(x: Decimal | int | float | str) -> int:
    amount = _to_decimal(x)
    if not amount.is_finite():
        raise ValueError(msg("金额不是有效的数，请填写以元为单位的数字，例如 3000.50。"))
    if amount < 0:
        raise ValueError(msg("金额不能为负数，请填写零或正数。"))
    if amount >= _LIMIT:
        raise ValueError(msg("金额太大，最多到万亿位，请核对。"))
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError(msg("金额最多保留两位小数（到分），请核对。"))
    return int(fen)


def _to_decimal(x: Decimal | int | float | str) -> Decimal:
    if isinstance(x, Decimal):
        return x
    # bool is an int to Python and no amount of money.
    if isinstance(x, bool):
        raise ValueError(msg("金额不是有效的数，请填写以元为单位的数字，例如 3000.50。"))
    if not isinstance(x, str):
        return Decimal(str(x))
    amount = _normalise(x).removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    if not _AMOUNT.fullmatch(amount):
        raise ValueError(msg("“{given}”不是金额，请填写以元为单位的数字，例如 3000.50。", given=x))
    return Decimal(amount.replace(",", ""))


def chinese_number(n: int) -> str:
    """Return a number in numerals of running text: 105 → 一百零五.

    Raise ValueError outside 0 to 10¹⁶ − 1.
    """
    if n < 0 or n >= _LIMIT:
        raise ValueError(msg("只能把零到万亿位的整数写成汉字，请核对。"))
    if n == 0:
        return "零"
    return re.sub("^一十", "十", _spell(n, _NUMERALS, _NUMERAL_PLACES))


def parse_chinese_number(text: str) -> int:
    """Return the value of a numeral below one thousand: 一百零三 → 103.

    The text must match ``NUMERAL``; ASCII digits are read as they are.
    """
    if text.isdigit() and text.isascii():
        return int(text)
    total = digit = 0
    for mark in text:
        if mark in _PLACE_VALUES:
            # 十 and 百 without a digit in front count once: 十二 is 12
            total += (digit or 1) * _PLACE_VALUES[mark]
            digit = 0
        else:
            digit = _DIGIT_VALUES[mark]
    return total + digit


def _spell(n: int, digits: str, places: tuple[str, ...]) -> str:
    """Return ``n`` > 0 in sections of four digits, with one 零 for each gap."""
    sections = [n // 10**12, n // 10**8 % 10**4, n // 10**4 % 10**4, n % 10**4]
    units = ["万" if sections[1] else "万亿", "亿", "万", ""]
    text = ""
    gap = False
    for section, unit in zip(sections, units, strict=True):
        if section == 0:
            gap = bool(text)
            continue
        if text and (gap or section < 1000):
            text += digits[0]
        text += _spell_section(section, digits, places) + unit
        gap = False
    return text


def _spell_section(section: int, digits: str, places: tuple[str, ...]) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = section // 10**place % 10
        if digit:
            text += digits[digit] + places[place]
        elif text and not text.endswith(digits[0]):
            text += digits[0]
    return text.removesuffix(digits[0])


def chinese_date(d: date | str) -> str:
    """Return a date in Chinese numerals: 二〇二六年十一月二十三日."""
    day = _to_date(d)
    year = f"{day.year:04d}".translate(_YEAR_DIGITS)
    return f"{year}年{chinese_number(day.month)}月{chinese_number(day.day)}日"


def long_date(d: date | str) -> str:
    """Return a date as official documents print it: 2026年11月23日."""
    day = _to_date(d)
    return msg("{year}年{month}{day}日", year=day.year, month=_MONTHS[day.month - 1], day=day.day)


def day_of_year(d: date | str) -> str:
    """Return a date without its year: 10月7日."""
    day = _to_date(d)
    return msg("{month}{day}日", month=_MONTHS[day.month - 1], day=day.day)


def long_datetime(dt: datetime | str) -> str:
    """Return a moment as inspection records print it: 2026年9月18日9时05分."""
    moment = parse_datetime(dt) if isinstance(dt, str) else dt
    return f"{long_date(moment)}{moment.hour}时{moment.minute:02d}分"


def weekday_name(d: date | str) -> str:
    """Return 周一 to 周日."""
    return _WEEKDAY_NAMES[_to_date(d).weekday()]


def _to_date(d: date | str) -> date:
    return parse_date(d) if isinstance(d, str) else d


def parse_date(s: str) -> date:
    """Return the date typed in any usual way. Raise ValueError otherwise."""
    text = _with_digits(_normalise(s))
    serial = _from_serial(text)
    if serial and serial.time() == time():
        return serial.date()
    match = _DATE.match(text)
    rest = text[match.end() :] if match else ""
    weekday = _WEEKDAY.fullmatch(rest)
    if match is None or not (not rest or weekday or _MIDNIGHT.fullmatch(rest)):
        raise ValueError(msg("“{given}”不是日期，请按“2026-09-01”或“2026年9月1日”填写。", given=_quotable(s)))
    day = _date_from_match(match, s)
    if weekday and "一二三四五六日".index(weekday["weekday"].replace("天", "日")) != day.weekday():
        raise ValueError(
            msg(
                "“{given}”的星期与日期不符（{day}是{weekday}），请核对。",
                given=_quotable(s),
                day=day_of_year(day),
                weekday=weekday_name(day),
            )
        )
    return day


def tidy_day(text: str) -> str:
    """Return a typed day as ISO date, any other text unchanged."""
    try:
        return parse_date(text).isoformat()
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
    year = "".join(str(_DIGIT_VALUES[digit]) for digit in found["year"])
    month, day = (parse_chinese_number(found[part]) for part in ("month", "day"))
    return f"{year}年{month}月{day}{found['end']}{text[found.end() :]}"


def parse_datetime(s: str) -> datetime:
    """Return the moment typed, to the minute. Raise ValueError otherwise."""
    text = _with_digits(_normalise(s))
    serial = _from_serial(text)
    if serial and "." in text:
        return serial
    day = _DATE.match(text)
    clock = _TIME.fullmatch(re.sub(r"\s+", "", text[day.end() :]).removeprefix("T")) if day else None
    if day is None or clock is None:
        missing = (
            msg("不是日期和时刻，请写明")
            if day is None or text[day.end() :].strip()
            else msg("缺少时刻，请补上")
        )
        raise ValueError(
            msg(
                "“{given}”{missing}，例如“2026-09-18 09:05”或“2026年9月18日9时05分”。",
                given=_quotable(s),
                missing=missing,
            )
        )
    return datetime.combine(_date_from_match(day, s), _time_from_match(clock, s))


def _quotable(s: str) -> str:
    """Return typed text short enough to be quoted in a sentence."""
    text = " ".join(s.split())
    return text if len(text) <= 30 else f"{text[:30]}…"


def _normalise(s: str) -> str:
    return unicodedata.normalize("NFKC", s).translate(_DASHES).strip()


def _date_from_match(match: re.Match[str], s: str) -> date:
    year, month, day = (
        int(match["year"]),
        int(match["month"] or match["cn_month"] or match["bare_month"]),
        int(match["day"] or match["cn_day"] or match["bare_day"]),
    )
    if not 1900 <= year <= 2100:
        raise ValueError(msg("“{given}”的年份应在1900至2100之间，请核对。", given=_quotable(s)))
    try:
        return date(year, month, day)
    except ValueError:
        reason = (
            msg("{year}年{month}月没有{day}日", year=year, month=month, day=day)
            if 1 <= month <= 12
            else msg("没有{month}月", month=month)
        )
        raise ValueError(
            msg("“{given}”不是真实存在的日期（{reason}），请核对。", given=_quotable(s), reason=reason)
        ) from None


def _time_from_match(match: re.Match[str], s: str) -> time:
    minute = 30 if match["thirty"] else int(match["minute"] or match["cn_minute"] or 0)
    try:
        return time(_hour_of_day(match), minute, int(match["second"] or 0)).replace(second=0)
    except ValueError:
        raise ValueError(
            msg("“{given}”的时刻不存在，时应在0至23之间，分应在0至59之间，请核对。", given=_quotable(s))
        ) from None


def _hour_of_day(match: re.Match[str]) -> int:
    """Return the hour of 24. Raise ValueError for one the half has not."""
    hour, half = int(match["hour"]), match["half"]
    if half in ("下午", "晚上") and 1 <= hour < 12:
        return hour + 12
    if half == "中午" and hour in (1, 2):
        return hour + 12
    fits = {
        "上午": range(13), "凌晨": range(7), "早上": range(4, 12), "中午": range(11, 15), "下午": range(12, 19),
        "晚上": range(17, 24),
    }  # fmt: skip
    if half and hour not in fits[half]:
        raise ValueError(half)
    return hour


def clause_of(text: str) -> str:
    """Return a text as part of a sentence: on one line, without final stop."""
    return "，".join(line.rstrip(_STOPS) for line in text.splitlines() if line.strip(_STOPS))
