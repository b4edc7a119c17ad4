"""Document numbers (发文字号) and the series they belong to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from formsvc.domain.chinese import chinese_number
from formsvc.i18n.messages import msg


class NumberStyle(StrEnum):
    """Style of a number: 公文 without 第 and zeros, 执法文书 with both.

    流水号 has zeros and no 第; the second kind of it ends in 号.
    """

    OFFICIAL = "official"
    ENFORCEMENT = "enforcement"
    SERIAL = "serial"
    SERIAL_NUMBER = "serial_number"


SERIAL_STYLES = frozenset({NumberStyle.SERIAL, NumberStyle.SERIAL_NUMBER})
# Without 号 fewer digits may be half of another number.
_LEAST_SERIAL_DIGITS, _MOST_SERIAL_DIGITS = 3, 9


# GB/T 9704 7.2.5 wants 〔〕; people type the brackets their keyboard has.
_BRACKETS = str.maketrans(
    {"〔": "[", "﹝": "[", "【": "[", "［": "[", "〕": "]", "﹞": "]", "】": "]", "］": "]"}
)
# Han characters of all planes, 〇, and parentheses as in 绥北（东）消限字.
_PREFIX = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af〇（）]+")
_NUMBER = re.compile(
    r"(?P<prefix>[^\[\]]+?)(?:\[(?P<square>\d{4})\]|\((?P<round>\d{4})\))"
    r"(?P<ordinal>第?)(?P<n>\d{1,9})(?P<end>号?)(?:之(?P<sub>[一二三四五六七八九十]{1,3}))?",
    re.ASCII,
)
# 之一 to 之九十九.
SUB_NUMBERS = {chinese_number(n): n for n in range(1, 100)}


@dataclass(frozen=True)
class DocumentNumber:
    """One number: 北消安办〔2026〕1号, 绥北（东）消限字〔2026〕第0001号, 东消巡〔2026〕00001.

    ``sub`` 1 adds 之一.
    """

    prefix: str
    year: int
    n: int
    style: NumberStyle
    width: int = 4
    sub: int = 0

    @property
    def text(self) -> str:
        """The number as printed."""
        padded = f"{self.n:0{self.width}d}"
        ordinal = {
            NumberStyle.OFFICIAL: f"{self.n}号",
            NumberStyle.ENFORCEMENT: f"第{padded}号",
            NumberStyle.SERIAL: padded,
            NumberStyle.SERIAL_NUMBER: f"{padded}号",
        }[self.style]
        part = f"之{chinese_number(self.sub)}" if self.sub else ""
        return f"{self.prefix}〔{self.year}〕{ordinal}{part}"

    def __str__(self) -> str:
        return self.text


def parse_number(text: str, style: NumberStyle | None = None, width: int = 4) -> DocumentNumber:
    """Return the number typed with any brackets, blanks and zeros.

    Without ``style`` a prefix that ends in 字 makes it an enforcement number, and what lacks 号 is a serial one, of as
    many digits as were typed. Raise ValueError if it is none.
    """
    text_in_ascii_brackets = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text.translate(_BRACKETS)))
    match = _NUMBER.fullmatch(text_in_ascii_brackets)
    if match is None or not _is_whole(match, style):
        raise ValueError(
            msg(
                "“{given}”不是发文字号，请写成“北消安办〔2026〕1号”或“绥北（东）消限字〔2026〕第0001号”。",
                given=text.strip(),
            )
        )
    prefix, year, n = (
        _normalise_prefix(match["prefix"]),
        int(match["square"] or match["round"]),
        int(match["n"]),
    )
    sub = SUB_NUMBERS.get(match["sub"] or "", 0)
    if not 1900 <= year <= 2100 or n == 0 or bool(match["sub"]) != bool(sub):
        raise ValueError(
            msg("“{given}”的年份或序号不对，年份应为四位，序号从1开始，请核对。", given=text.strip())
        )
    inferred = NumberStyle.ENFORCEMENT if prefix.endswith("字") else NumberStyle.OFFICIAL
    if style is None and not match["end"]:
        return DocumentNumber(prefix, year, n, NumberStyle.SERIAL, len(match["n"]), sub)
    return DocumentNumber(prefix, year, n, style or inferred, width, sub)


def _is_whole(match: re.Match[str], style: NumberStyle | None) -> bool:
    """Return whether a number without 号 may be a serial one."""
    if match["end"] or style in SERIAL_STYLES:
        return True
    return style is None and not match["ordinal"] and len(match["n"]) >= _LEAST_SERIAL_DIGITS


def written_forms(text: str) -> list[str]:
    """Return the texts under which a typed number may be stored.

    001号 is 1号 in a series of 公文, and stays 001号 in one of 流水号.
    """
    try:
        number = parse_number(text)
    except ValueError:
        return [text]
    widths = range(_LEAST_SERIAL_DIGITS, _MOST_SERIAL_DIGITS + 1)
    serial = [replace(number, style=NumberStyle.SERIAL_NUMBER, width=width).text for width in widths]
    is_official = number.style is NumberStyle.OFFICIAL
    return list(dict.fromkeys([text, number.text, *(serial if is_official else ())]))


def normalise_number(text: str, style: NumberStyle | None = None, width: int = 4) -> str:
    """Return a typed number as printed. Raise ValueError if it is none."""
    return parse_number(text, style, width).text


def _normalise_prefix(typed: str) -> str:
    """Return 机关代字 with full-width parentheses. Raise ValueError if wrong."""
    # NFKC made the parentheses half-width.
    prefix = typed.replace("(", "（").replace(")", "）")
    if not _PREFIX.fullmatch(prefix) or prefix.count("（") != prefix.count("）"):
        raise ValueError(
            msg("机关代字“{typed}”只能用汉字和成对的圆括号，例如“绥北（东）消限字”，请更正。", typed=typed)
        )
    return prefix


@dataclass(frozen=True)
class NumberSeries:
    """文号系列: consecutive numbers of an authority within a year.

    ``starts`` gives the first number of a year (by its text) if it is not 1; ``agent`` acts in the authority's name under
    an entrustment, or is empty. With a ``genre`` it numbers the variants of that genre alone.
    """

    id: str
    authority: str
    forms: tuple[str, ...]
    prefix: str
    style: NumberStyle
    width: int = 4
    agent: str = ""
    starts: Mapping[str, int] = field(default_factory=dict, hash=False)
    genre: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", _normalise_prefix(self.prefix.strip()))
        if self.style is NumberStyle.ENFORCEMENT and not self.prefix.endswith("字"):
            raise ValueError(
                msg(
                    "执法文书的文号“{prefix}”应以“字”结尾，例如“绥北（东）消限字”，请更正。",
                    prefix=self.prefix,
                )
            )
        if not 1 <= self.width <= 9 or any(first < 1 for first in self.starts.values()):
            raise ValueError(msg("文号的位数应在1至9之间，起始号应从1开始，请更正。"))

    def first_in(self, year: int) -> int:
        return self.starts.get(str(year), 1)

    def number(self, year: int, n: int, sub: int = 0) -> DocumentNumber:
        """Return the ``n``-th number of the year; ``sub`` 1 is its 之一."""
        return DocumentNumber(self.prefix, year, n, self.style, self.width, sub)
