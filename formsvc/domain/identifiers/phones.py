"""Telephone numbers as people write them."""

from __future__ import annotations

import re
import unicodedata

from formsvc.domain.masking import PHONE_JOINT
from formsvc.i18n.messages import msg

_SEPARATOR = re.compile(r"[、,，;；/／\n]+|(?<=\d{5})\s+(?=1[3-9]\d{9}|0\d{2,3}-?[2-8]\d{6})")
# 110, 119, 120, 12345, 12350, 10086; 95533, 96119: numbers that have no area code
_SHORT = re.compile(r"11\d|12[0-2]|1[02]\d{3}|9[56]\d{3,6}", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_EXTENSION = r"(?:-(?P<extension>\d{1,6}))?"
_SWITCHBOARD = re.compile(r"(?P<number>[48]00\d{7})" + _EXTENSION, re.ASCII)
# Area codes: 010, 02x, and 03xx to 09xx.
_LANDLINE = re.compile(r"(?P<area>010|02\d|0[3-9]\d{2})-?(?P<number>[2-8]\d{6,7})" + _EXTENSION, re.ASCII)
# Hongkong, Macao, Taiwan and abroad: E.164
_ABROAD = re.compile(
    r"(?:\+|00)(?P<country>852|853|886|(?!86)[1-9]\d{0,2}(?=-))-?(?P<number>\d{4,12})", re.ASCII
)
_LENGTHS = {"852": range(8, 9), "853": range(8, 9), "886": range(8, 10)}
_HOME = re.compile(r"(?:\+|00)86-?|86-(?=\d)|86(?=1[3-9]\d{9}$)", re.ASCII)
_EXTENSION_MARK = re.compile(r"转|分机号?|内线|ext\.?|[x#*]", re.IGNORECASE)


def check_phone(s: str) -> str:
    """Return one or several telephone numbers in normal form.

    Several are joined by 、. Raise ValueError with the Chinese reason.
    """
    typed = [part for part in _SEPARATOR.split(s.strip()) if part.strip()]
    return PHONE_JOINT.join(dict.fromkeys(_check_one(part) for part in typed or [s]))


def _check_one(typed: str) -> str:
    text = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", typed))
    text = re.sub("[‐‑‒–—―−]+", "-", text)
    text = re.sub("-+", "-", _EXTENSION_MARK.sub("-", text))
    abroad = _ABROAD.fullmatch(text) or _ABROAD.fullmatch(f"+{text}" if text[:4] in ("852-", "853-") else "")
    if abroad and len(abroad["number"]) in _LENGTHS.get(abroad["country"], range(4, 13)):
        return f"+{abroad['country']}-{abroad['number']}"
    number = _HOME.sub("", text, count=1) if _HOME.match(text) else text
    if number != text and not number.startswith("0") and not _is_without_area(number):
        # the 0 of an area code is left out after the code of the country
        number = f"0{number}"
    digits = number.replace("-", "")
    if _SHORT.fullmatch(digits) or _MOBILE.fullmatch(digits):
        return digits
    found = _SWITCHBOARD.fullmatch(_joined(number)) or _LANDLINE.fullmatch(number)
    if found is None:
        raise ValueError(_reason(typed.strip(), digits))
    return "-".join(part for part in found.groups() if part)


def _is_without_area(number: str) -> bool:
    digits = number.replace("-", "")
    return bool(_MOBILE.fullmatch(digits) or _SHORT.fullmatch(digits) or _SWITCHBOARD.match(digits))


def _joined(number: str) -> str:
    """Return 400-810-0080-1 as 4008100080-1; other numbers unchanged."""
    parts = re.fullmatch(
        r"([48]00)-?(\d{3})-?(\d{4})(-\d{1,6})?|([48]00)-?(\d{4})-?(\d{3})(-\d{1,6})?", number, re.ASCII
    )
    return "".join(part for part in parts.groups() if part) if parts else number


def _reason(typed: str, digits: str) -> str:
    if not re.fullmatch("[0-9]+", digits):
        return msg(
            "“{typed}”不是电话号码，只填数字，固定电话写成“0455-8990002”，分机写成“0455-8990002转801”，几个号码用“、”隔开。",
            typed=typed,
        )
    if digits.startswith("1") and len(digits) == 11:
        return msg("没有以“{head}”开头的手机号，请核对“{typed}”。", head=digits[:2], typed=typed)
    if digits.startswith("1"):
        return msg("手机号应为11位数字，现在是{count}位，请核对“{typed}”。", count=len(digits), typed=typed)
    if digits[:3] in ("400", "800"):
        return msg(
            "400、800电话应为10位数字，现在是{count}位，请核对“{typed}”。", count=len(digits), typed=typed
        )
    if not digits.startswith("0") and len(digits) in (7, 8):
        return msg("固定电话“{typed}”缺少区号，请写成“0455-8990002”。", typed=typed)
    if not digits.startswith("0"):
        return msg("“{typed}”不是电话号码：手机号11位，固定电话写成“区号-号码”，请核对。", typed=typed)
    return msg("固定电话“{typed}”的位数不对，请按“区号-号码”填写，例如“0455-8990002”。", typed=typed)
