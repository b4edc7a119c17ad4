"""Times of day as people type them."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

from formsvc.domain.chinese.numerals import normalise, parse_chinese_number, quotable
from formsvc.i18n.messages import msg

NO_TIME: Final = None
_TIME = re.compile(
    r"(?P<half>上午|下午|凌晨|早上|早晨|中午|傍晚|晚上)?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?"
    r"|(?P<spoken>[时点])(?:(?P<cn_minute>\d{1,2})分?|整|(?P<part>半|一刻|三刻))?)",
    re.ASCII,
)
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}
_NUMERAL = re.compile(
    r"(?:二?十[一二三]?|[〇一二两三四五六七八九])(?=[时点])|(?<=[时点])[二三四五]?十?[一二三四五六七八九]?(?=分)"
)
# said without 上午 or 下午 these may be either
_EITHER_HALF = range(1, 7)


def parse_time(s: str) -> time:
    """Return the time typed, to the minute. Raise ValueError otherwise."""
    clock = find_time(normalise(s), s)
    if clock is NO_TIME:
        raise ValueError(msg("“{given}”不是时刻，请按“09:05”或者“上午9点半”填写。", given=quotable(s)))
    return clock


def find_time(text: str, typed: str) -> time | None:
    """Return the time that a whole text says, None if it says none.

    Raise ValueError for a time that does not exist, or that may be either of two.
    """
    match = _TIME.fullmatch(_NUMERAL.sub(_digits, re.sub(r"\s+", "", text)))
    if match is None:
        return NO_TIME
    minute = _PARTS.get(match["part"]) or int(match["minute"] or match["cn_minute"] or 0)
    try:
        found = time(_hour_of_day(match), minute, int(match["second"] or 0)).replace(second=0)
    except ValueError:
        raise ValueError(
            msg("“{given}”的时刻不存在，时应在0至23之间，分应在0至59之间，请核对。", given=quotable(typed))
        ) from None
    if match["spoken"] == "点" and not match["half"] and found.hour in _EITHER_HALF:
        raise ValueError(
            msg(
                "“{given}”可以是{early}，也可以是{late}，请写明上午、下午或者凌晨。",
                given=quotable(typed),
                early=f"{found:%H:%M}",
                late=f"{found.replace(hour=found.hour + 12):%H:%M}",
            )
        )
    return found


def _digits(match: re.Match[str]) -> str:
    return str(parse_chinese_number(match[0].replace("两", "二"))) if match[0] else ""


def _hour_of_day(match: re.Match[str]) -> int:
    """Return the hour of 24. Raise ValueError for one the half has not."""
    hour, half = int(match["hour"]), match["half"]
    if half in ("下午", "傍晚", "晚上") and 1 <= hour < 12:
        return hour + 12
    if half == "中午" and hour in (1, 2):
        return hour + 12
    fits = {
        "上午": range(13), "凌晨": range(7), "早上": range(4, 12), "早晨": range(4, 12), "中午": range(11, 15),
        "下午": range(12, 19), "傍晚": range(16, 20), "晚上": range(17, 24),
    }  # fmt: skip
    if half and hour not in fits[half]:
        raise ValueError(half)
    return hour
