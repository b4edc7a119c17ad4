"""Automatic numbers: 一、（一）1. ① and how they count."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from formsvc.documents.ooxml.names import Element, attribute, child, find_all, value_at, whole
from formsvc.documents.ooxml.package import Package
from formsvc.documents.ooxml.properties import Properties, layered

_DIGITS = "零一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BULLETS = {
    "\uf06c": "●",
    "\uf0b7": "•",
    "\uf06e": "■",
    "\uf0d8": "➢",
    "\uf0fc": "✓",
    "\uf075": "◆",
    "\uf0a7": "▪",
    "o": "○",
}


def chinese_number(n: int) -> str:
    """1 → 一, 12 → 十二, 120 → 一百二十."""
    return (
        _counted(n, _DIGITS, "", "十", "百", "千").removeprefix("一")
        if 10 <= n < 20
        else _counted(n, _DIGITS, "", "十", "百", "千")
    )


def _counted(n: int, digits: str, *units: str) -> str:
    if not 0 < n < 10_000:
        return digits[0] if n == 0 else str(n)
    text, pending = "", False
    for unit in range(3, -1, -1):
        digit = n // 10**unit % 10
        if digit:
            text += (digits[0] if pending and text else "") + digits[digit] + units[unit]
        pending = not digit
    return text


def _roman(n: int) -> str:
    text = ""
    for amount, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += mark * (n // amount)
        n %= amount
    return text


def _letters(n: int, first: str) -> str:
    return chr(ord(first) + (n - 1) % 26) * ((n - 1) // 26 + 1)


def _circled(n: int) -> str:
    return chr(0x245F + n) if 1 <= n <= 20 else chr(0x323C + n) if 21 <= n <= 35 else str(n)


def _legal(n: int) -> str:
    return _counted(n, _CAPITALS, "", "拾", "佰", "仟")


FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "chineseCountingThousand": chinese_number,
    "chineseCounting": chinese_number,
    "japaneseCounting": chinese_number,
    "taiwaneseCountingThousand": chinese_number,
    "taiwaneseCounting": chinese_number,
    "ideographDigital": lambda n: "".join("〇一二三四五六七八九"[int(c)] for c in str(n)),
    "chineseLegalSimplified": _legal,
    "ideographTraditional": lambda n: _STEMS[(n - 1) % 10],
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": lambda n: chr(0x2473 + n) if 1 <= n <= 20 else f"({n})",
    "decimalEnclosedFullstop": lambda n: chr(0x2487 + n) if 1 <= n <= 20 else f"{n}.",
    "decimalFullWidth": lambda n: str(n).translate({ord("0") + i: 0xFF10 + i for i in range(10)}),
    "upperLetter": lambda n: _letters(n, "A"),
    "lowerLetter": lambda n: _letters(n, "a"),
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "none": lambda _: "",
}


@dataclass(frozen=True)
class Label:
    """A list number: its text, what follows it (``tab``, ``space``, ``nothing``), its run and paragraph properties."""

    text: str
    suffix: str
    run: Element | None
    paragraph: Properties


class Numbering:
    """The numbering part of a document; counts as paragraphs ask, in document order."""

    def __init__(self, package: Package) -> None:
        root = package.related(package.document, "numbering")
        self._abstract = {attribute(a, "abstractNumId"): a for a in find_all(root, "w:abstractNum")}
        self._instances = {attribute(n, "numId"): n for n in find_all(root, "w:num")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(self, number: str, level: int) -> Label | None:
        """The next number of a list at a level; None where there is no such list."""
        levels = self._levels_of(number)
        if level not in levels:
            return None
        counts = self._advance(number, level, levels)
        own = levels[level]
        return Label(
            text=self._text(levels, counts, level),
            suffix=value_at(own, "w:suff", default="tab"),
            run=child(own, "w:rPr"),
            paragraph=layered({}, child(own, "w:pPr")),
        )

    def _levels_of(self, number: str) -> dict[int, Element]:
        if number not in self._levels:
            instance = self._instances.get(number)
            abstract = self._abstract.get(value_at(instance, "w:abstractNumId"))
            levels = {whole(attribute(e, "ilvl")): e for e in find_all(abstract, "w:lvl")}
            for override in find_all(instance, "w:lvlOverride"):
                replaced = child(override, "w:lvl")
                if replaced is not None:
                    levels[whole(attribute(override, "ilvl"))] = replaced
            self._levels[number] = levels
        return self._levels[number]

    def _advance(self, number: str, level: int, levels: dict[int, Element]) -> dict[int, int]:
        instance = self._instances[number]
        counts = self._counts.setdefault(value_at(instance, "w:abstractNumId"), {})
        restart = self._restart(number, level)
        if restart is not None:
            counts[level] = restart
        elif level in counts:
            counts[level] += 1
        else:
            counts[level] = _start(levels[level])
        for deeper in [k for k in counts if k > level]:
            del counts[deeper]
        return counts

    def _restart(self, number: str, level: int) -> int | None:
        """An instance with its own start begins there when it is first used."""
        if (number, level) in self._started:
            return None
        self._started.add((number, level))
        for override in find_all(self._instances[number], "w:lvlOverride"):
            if whole(attribute(override, "ilvl")) == level and child(override, "w:startOverride") is not None:
                return whole(value_at(override, "w:startOverride"), 1)
        return None

    @staticmethod
    def _text(levels: dict[int, Element], counts: dict[int, int], level: int) -> str:
        own = levels[level]
        pattern = value_at(own, "w:lvlText")
        if value_at(own, "w:numFmt") == "bullet":
            return "".join(_BULLETS.get(c, "•" if 0xE000 <= ord(c) < 0xF900 else c) for c in pattern)
        legal = child(own, "w:isLgl") is not None

        def counted(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            if place not in levels:
                return ""
            shape = "decimal" if legal else value_at(levels[place], "w:numFmt", default="decimal")
            return FORMATS.get(shape, str)(counts.get(place, _start(levels[place])))

        return re.sub(r"%([1-9])", counted, pattern)


def _start(level: Element) -> int:
    return whole(value_at(level, "w:start"), 1)
