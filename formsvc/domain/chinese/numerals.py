"""Chinese numerals and amounts, and typed text in one form.

formsvc.docxpdf writes numerals of its own (ECMA-376 17.18.59): that package must not import the domain.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from formsvc.i18n.messages import msg

_STOPS = "。；;，,、. 　"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_PLACES = ("", "拾", "佰", "仟")
_NUMERALS = "零一二三四五六七八九"
_NUMERAL_PLACES = ("", "十", "百", "千")
# 万亿 is the largest unit of four sections.
_LIMIT = 10**16
# The numeral of an article, as a regular expression.
NUMERAL = r"(?:[〇零一二三四五六七八九十百]+|\d+)"
_PLACE_VALUES = {"十": 10, "百": 100}
DIGIT_VALUES = {digit: value for value, digit in enumerate(_NUMERALS)} | {"〇": 0}

_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", re.ASCII)
# Dashes and the full stop of Chinese keyboards, typed between the parts of a date.
_DASHES = str.maketrans(dict.fromkeys("‐‒–—―−⁃", "-") | {"。": ".", "○": "〇", "零": "〇"})


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
    amount = normalise(x).removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
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
            digit = DIGIT_VALUES[mark]
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


def clause_of(text: str) -> str:
    """Return a text as part of a sentence: on one line, without final stop."""
    return "，".join(line.rstrip(_STOPS) for line in text.splitlines() if line.strip(_STOPS))


def normalise(s: str) -> str:
    """Return typed text with half-width letters, digits and dashes."""
    return unicodedata.normalize("NFKC", s).translate(_DASHES).strip()


def quotable(s: str) -> str:
    """Return typed text short enough to be quoted in a sentence."""
    text = " ".join(s.split())
    return text if len(text) <= 30 else f"{text[:30]}…"
