"""How numbers are written (ECMA-376 part 1, 17.18.59): 一、二 · 壹、贰 · ①② · 甲乙 · i, ii · 1st, 2nd.

A set that ends (circles, stems) goes on in plain figures, as Word does: its ①②③ of Chinese lists ends with ⑩.
"""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_UNITS = "千百十"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CHICAGO = "*†‡§"
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}  # fmt: skip


def chinese_number(n: int) -> str:
    """1 → 一, 12 → 十二, 120 → 一百二十, 10500 → 一万零五百."""
    text = _counted(n, _DIGITS, _UNITS, "万")
    return text.removeprefix("一") if text.startswith("一十") else text


def _counted(n: int, digits: str, units: str, myriad: str) -> str:
    """A number with its places named, one zero for each gap."""
    if not 0 < n < 10**8:
        return digits[0] if n == 0 else str(n)
    if n >= 10**4:
        rest = n % 10**4
        gap = digits[0] if 0 < rest < 1000 else ""
        head = _counted(n // 10**4, digits, units, myriad) + myriad
        return head + gap + (_counted(rest, digits, units, myriad) if rest else "")
    text, pending = "", False
    for place, unit in zip((1000, 100, 10, 1), (*units, ""), strict=True):
        digit = n // place % 10
        if digit:
            text += (digits[0] if pending and text else "") + digits[digit] + unit
        pending = not digit
    return text


def _placed(zero: str, digits: str = _DIGITS) -> Callable[[int], str]:
    """Digit by digit."""
    return lambda n: "".join((zero + digits[1:])[int(c)] if c.isdigit() else c for c in str(n))


def _to_99(n: int) -> str:
    """With tens up to ninety-nine, digit by digit beyond (``chineseCounting``)."""
    return chinese_number(n) if n < 100 else _placed("○")(n)


def _japanese(n: int) -> str:
    """Neither zeros nor a one before ten, hundred and thousand: 百二."""
    if not 0 < n < 10**4:
        return "〇" if n == 0 else str(n)
    text = ""
    for place, unit in zip((1000, 100, 10, 1), (*_UNITS, ""), strict=True):
        digit = n // place % 10
        if digit:
            text += ("" if digit == 1 and unit else _DIGITS[digit]) + unit
    return text


def _formal(digits: str, units: str, myriad: str) -> Callable[[int], str]:
    return lambda n: _counted(n, digits, units, myriad)


def _roman(n: int) -> str:
    if not 0 < n < 32768:
        return str(n)
    text = ""
    for amount, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += mark * (n // amount)
        n %= amount
    return text


def _letters(first: str) -> Callable[[int], str]:
    """a … z, aa, bb …"""
    return lambda n: chr(ord(first) + (n - 1) % 26) * ((n - 1) // 26 + 1) if 0 < n <= 780 else str(n)


def _from_set(members: str, beyond: Callable[[int], str] = str) -> Callable[[int], str]:
    return lambda n: members[n - 1] if 1 <= n <= len(members) else beyond(n)


def _range(first: int, count: int) -> str:
    return "".join(map(chr, range(first, first + count)))


def _sexagenary(n: int) -> str:
    return _STEMS[(n - 1) % 10] + _BRANCHES[(n - 1) % 12] if 1 <= n <= 60 else str(n)


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _words(n: int) -> str:
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_ONES[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{_ONES[n // 100]} hundred" + (f" {_words(n % 100)}" if n % 100 else "")
    return f"{_words(n // 1000)} thousand" + (f" {_words(n % 1000)}" if n % 1000 else "")


def _cardinal(n: int) -> str:
    return _words(n).capitalize() if 0 <= n < 10**6 else str(n)


def _ordinal_words(n: int) -> str:
    if not 0 <= n < 10**6:
        return str(n)
    text = _words(n)
    start = max(text.rfind(" "), text.rfind("-")) + 1
    last = text[start:]
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return (text[:start] + _IRREGULAR.get(last, regular)).capitalize()


_full_width = _placed("０", "０１２３４５６７８９")
_thousand = chinese_number
_SIMPLIFIED = _formal("零壹贰叁肆伍陆柒捌玖", "仟佰拾", "万")

FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalHalfWidth": str,
    "decimalEnclosedCircle": _from_set(_range(0x2460, 20)),
    "decimalEnclosedCircleChinese": _from_set(_range(0x2460, 10)),
    "decimalEnclosedParen": _from_set(_range(0x2474, 20)),
    "decimalEnclosedFullstop": _from_set(_range(0x2488, 20)),
    "numberInDash": lambda n: f"- {n} -",
    "hex": lambda n: f"{n:X}",
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_words,
    "chicago": lambda n: _CHICAGO[(n - 1) % 4] * ((n - 1) // 4 + 1) if n > 0 else str(n),
    "upperLetter": _letters("A"),
    "lowerLetter": _letters("a"),
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "chineseCounting": _to_99,
    "chineseCountingThousand": _thousand,
    "chineseLegalSimplified": _SIMPLIFIED,
    "taiwaneseCounting": _to_99,
    "taiwaneseCountingThousand": lambda n: _thousand(n).replace("万", "萬"),
    "taiwaneseDigital": _placed("○"),
    "ideographLegalTraditional": _formal("零壹貳參肆伍陸柒捌玖", "仟佰拾", "萬"),
    "ideographDigital": _placed("〇"),
    "ideographEnclosedCircle": _from_set(_range(0x3280, 10)),
    "ideographTraditional": _from_set(_STEMS),
    "ideographZodiac": _from_set(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "japaneseCounting": _japanese,
    "japaneseDigitalTenThousand": _placed("〇"),
    "japaneseLegal": _formal("零壱弐参四伍六七八九", "阡百拾", "萬"),
    "ganada": _from_set("가나다라마바사아자차카타파하"),
    "chosung": _from_set("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"),
    "aiueo": _from_set(_range(0xFF71, 44) + "ｦﾝ"),
    "aiueoFullWidth": _from_set("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"),
    "irohaFullWidth": _from_set("イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"),
    "none": lambda _: "",
}  # fmt: skip


def format_number(n: int, shape: str, pattern: str = "") -> str:
    """A number in a format; ``pattern`` is that of a ``custom`` one such as 001, 002, 003. Plain figures where it is not known."""
    if shape == "custom":
        first = pattern.partition(",")[0].strip()
        return f"{n:0{len(first)}d}" if first.isdigit() and set(first[:-1]) <= {"0"} else str(n)
    return FORMATS.get(shape, str)(n)


def is_supported(shape: str, pattern: str = "") -> bool:
    """Whether a format is written as it should be."""
    if shape == "custom":
        first = pattern.partition(",")[0].strip()
        return first.isdigit() and set(first[:-1]) <= {"0"}
    return shape in FORMATS
